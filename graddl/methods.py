"""Methods of Tensor in PyTorch's words that are no entries of the table: casts, writes in place."""

import numpy as np

from . import _core, errors
from ._core import Tensor
from .ops import FUNCTIONS

DEVICES = ("cpu", "cuda")


def to(self, *where, dtype=None, device=None):
    """The tensor in another dtype or on another device: itself where nothing changes.

    Parameters
    ----------
    *where : dtype, device or Tensor whose dtype and device are taken, in any order
    dtype, device : the same by name

    Examples
    --------
    >>> import graddl as gd
    >>> gd.ones(2).to("float64").dtype
    dtype('float64')
    """
    for x in where:
        if isinstance(x, Tensor):
            dtype, device = x.dtype, x.device
        elif isinstance(x, str) and x.startswith(DEVICES):
            device = x
        else:
            dtype = x
    if device is not None and device != self.device:
        raise errors.DeviceError(
            "no such device",
            op="to",
            got=device,
            expected=f"{self.device!r}",
            fix=f".to({self.device!r})",
        )
    try:
        same = dtype is None or np.dtype(dtype) == self.dtype
    except TypeError:  # astype says what is wrong with it
        same = False
    return self if same else FUNCTIONS["astype"](self, dtype=dtype)


def _cast(name, dtype):
    def method(self):
        return to(self, dtype=dtype)

    method.__name__ = name
    method.__doc__ = f"The tensor as {dtype}; the gradient comes back in the old dtype."
    return method


def cpu(self):
    """The tensor in the memory of the CPU: itself where it is there."""
    return to(self, device="cpu")


def type_as(self, other):
    """The tensor in the dtype of another."""
    return to(self, dtype=other.dtype)


def numel(self):
    """The number of elements: `size`."""
    return self.size


def dim(self):
    """The number of axes: `ndim`."""
    return self.ndim


def t(self):
    """The transpose of a matrix; of a vector itself."""
    return self.T


def contiguous(self):
    """The tensor with its elements in order: itself where they are."""
    if self.numpy().flags.c_contiguous:
        return self
    return FUNCTIONS["reshape"](FUNCTIONS["reshape"](self, -1), self.shape)  # -1 copies, in order


# ---------------------------------------------------------------------- in place
def _in_place(name, operator):
    def method(self, other):
        return operator(self, other)

    method.__name__ = name + "_"
    method.__doc__ = f"`{name}` in place: the tensor keeps its identity; see ``+=``."
    return method


def copy_(self, other):
    """Take over the values of another tensor, array or number, cast and broadcast."""
    self[...] = other if isinstance(other, Tensor) else np.asarray(other, dtype=self.dtype)
    return self


def fill_(self, value):
    """Put one value everywhere."""
    self[...] = value
    return self


def zero_(self):
    """Put zeros everywhere."""
    return fill_(self, 0)


CASTS = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32",
    "bool": "bool",
}  # fmt: skip
METHODS = {
    f.__name__: f for f in (to, cpu, type_as, numel, dim, t, contiguous, copy_, fill_, zero_)
}
METHODS |= {name: _cast(name, dtype) for name, dtype in CASTS.items()}
METHODS |= {
    f"{name}_": _in_place(name, getattr(Tensor, f"__i{operator}__"))
    for name, operator in dict(add="add", sub="sub", mul="mul", div="truediv").items()
}
for _name, _method in METHODS.items():
    _core.install(Tensor, _name, _method)
