"""What is in force around a computation: recording or not, scopes, the default dtype.

All of it is one immutable `Mode` in one context variable, so a mode belongs to its thread and
asyncio task.
"""

import numpy as np

from ._core import MODE, Setting, current_mode
from .errors import DTypeError


def no_grad():
    """Within this block nothing is recorded: results want no gradient."""
    return Setting(grad=False)


def enable_grad():
    """Within this block operations are recorded, also inside of `no_grad()`."""
    return Setting(grad=True)


def record():
    """Within this block the graph keeps every value, gradient and source line, for study."""
    return Setting(record=True)


def detect_anomaly():
    """Within this block the op that makes the first NaN raises NumericalError, with its caller."""
    return Setting(anomaly=True, record=True)


def scope(name):
    """Within this block nodes belong to `name`; scopes nest and become dotted paths in pictures."""
    return Setting(where=(name, None))


def timestep(t):
    """Within this block nodes belong to time step `t`."""
    return Setting(where=(None, t))


def set_default_dtype(dtype):
    """Set the dtype of Tensors made of Python floats, and of integers that become floating."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise DTypeError(
            "the default dtype must be floating",
            op="set_default_dtype",
            got=dtype.name,
            expected="float32 or float64",
            fix="set_default_dtype('float32')",
        )
    MODE.set(current_mode().but(dtype=dtype))


def get_default_dtype():
    """The dtype of Tensors made of Python floats."""
    return current_mode().dtype


__all__ = [
    "detect_anomaly",
    "enable_grad",
    "get_default_dtype",
    "no_grad",
    "record",
    "scope",
    "set_default_dtype",
    "timestep",
]
