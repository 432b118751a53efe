"""Names of dtypes, constants, and NumPy's questions about dtypes, for Tensors and arrays alike."""

import numpy as np
from numpy import can_cast as can_cast
from numpy import e as e
from numpy import inf as inf
from numpy import isdtype as isdtype
from numpy import nan as nan
from numpy import newaxis as newaxis
from numpy import pi as pi

from ._core import Scalar, Tensor

float16, float32, float64 = "float16", "float32", "float64"
int8, int16, int32, int64 = "int8", "int16", "int32", "int64"
uint8, uint16, uint32, uint64 = "uint8", "uint16", "uint32", "uint64"
bool_ = "bool"


def _dtype(x):
    return x.dtype if isinstance(x, Tensor | Scalar) else x


def finfo(dtype):
    """The limits of a floating dtype, or of that of a Tensor: `numpy.finfo`."""
    return np.finfo(_dtype(dtype))


def iinfo(dtype):
    """The limits of an integer dtype, or of that of a Tensor: `numpy.iinfo`."""
    return np.iinfo(_dtype(dtype))


def result_type(*values):
    """The dtype in which Tensors, arrays, numbers and dtypes meet, by NumPy 2's promotion.

    Python and NumPy scalars are weak: they take part by their kind alone.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.result_type(gd.ones(2), 1.5)
    dtype('float32')
    """
    plain = [v.item() if isinstance(v, np.generic) else _dtype(v) for v in values]
    return np.result_type(*plain)


__all__ = [
    "bool_",
    "can_cast",
    "e",
    "finfo",
    "float16",
    "float32",
    "float64",
    "iinfo",
    "inf",
    "int8",
    "int16",
    "int32",
    "int64",
    "isdtype",
    "nan",
    "newaxis",
    "pi",
    "result_type",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]
