"""Tensors made from nothing: zeros, ones, ranges, random numbers."""

from collections.abc import Sequence

import numpy as np

from ._core import Scalar, Tensor, from_dlpack, from_numpy
from .backend import tensor_namespace
from .errors import DTypeError, ShapeError
from .modes import get_default_dtype

Like = Tensor | Scalar | np.ndarray | np.generic | Sequence | float  # what becomes a Tensor
DType = str | type | np.dtype
Shape = int | Sequence[int]


def tensor(
    data: Like,
    dtype: DType | None = None,
    requires_grad: bool = False,
    device: str | None = None,
    name: str | None = None,
) -> Tensor:
    """A Tensor with a copy of `data`; see :class:`Tensor`."""
    return Tensor(data, dtype, requires_grad, device, name)


def _made(array, requires_grad, name):
    return Tensor(array, requires_grad=requires_grad, name=name, copy=False)


def zeros(
    *shape: Shape,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Zeros of a shape, `zeros(2, 3)` or `zeros((2, 3))`; default dtype float32."""
    return _made(sized("zeros", np.zeros, shape, dtype), requires_grad, name)


def ones(
    *shape: Shape,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Ones of a shape; default dtype float32."""
    return _made(sized("ones", np.ones, shape, dtype), requires_grad, name)


def empty(
    *shape: Shape,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """A tensor whose elements are whatever lay in its memory; default dtype float32."""
    return _made(sized("empty", np.empty, shape, dtype), requires_grad, name)


def full(
    shape: Shape,
    fill_value: float,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """One value everywhere; a float takes the default dtype."""
    if dtype is None and isinstance(fill_value, float):
        dtype = get_default_dtype()
    return _made(np.full(shape, fill_value, dtype), requires_grad, name)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Numbers at equal steps, as `numpy.arange`: from 0 to `start` if that is all, without the end;
    floats take the default dtype."""
    start, stop = (0, start) if stop is None else (start, stop)
    array = np.arange(start, stop, step, dtype=dtype)
    if dtype is None and array.dtype.kind == "f":
        array = array.astype(get_default_dtype())
    return _made(array, requires_grad, name)


def linspace(
    start: float,
    stop: float,
    num: int = 50,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """`num` numbers from start to stop, both included."""
    array = np.linspace(start, stop, num, dtype=dtype or get_default_dtype())
    return _made(array, requires_grad, name)


def eye(
    n: int,
    m: int | None = None,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix."""
    return _made(np.eye(n, m, dtype=dtype or get_default_dtype()), requires_grad, name)


def zeros_like(
    x: Tensor | np.ndarray,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Zeros of x's shape and dtype."""
    return _made(np.zeros(*_shape_and_dtype(x, dtype)), requires_grad, name)


def ones_like(
    x: Tensor | np.ndarray,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Ones of x's shape and dtype."""
    return _made(np.ones(*_shape_and_dtype(x, dtype)), requires_grad, name)


def empty_like(
    x: Tensor | np.ndarray,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """A tensor of x's shape and dtype whose elements are whatever lay in its memory."""
    return _made(np.empty(*_shape_and_dtype(x, dtype)), requires_grad, name)


def full_like(
    x: Tensor | np.ndarray,
    fill_value: float,
    dtype: DType | None = None,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """One value everywhere, in x's shape and dtype."""
    shape, dtype = _shape_and_dtype(x, dtype)
    return _made(np.full(shape, fill_value, dtype), requires_grad, name)


def asarray(x: Like, dtype: DType | None = None, copy: bool | None = None) -> Tensor:
    """x as a Tensor: the same one if it is one, else an alias of the array."""
    if isinstance(x, Scalar):
        return tensor_namespace.from_scalar(x, dtype=dtype)
    if isinstance(x, Tensor) and (dtype is None or dtype == x.dtype) and not copy:
        return x
    if isinstance(x, Tensor) and dtype:
        return tensor_namespace.astype(x, dtype=dtype)
    return Tensor(x, dtype, copy=bool(copy))


def sized(op, make, shape, dtype):
    """The array that ``make(shape, dtype)`` gives for a shape given as `(2, 3)` or as `2, 3`."""
    one = len(shape) == 1 and not isinstance(shape[0], int | np.integer)
    try:
        return make(shape[0] if one else shape, dtype or get_default_dtype())
    except (TypeError, ValueError) as error:
        kind = DTypeError if isinstance(error, TypeError) else ShapeError
        sizes = shape[0] if len(shape) == 2 and isinstance(shape[0], tuple | list) else (2, 3)
        raise kind(
            str(error),
            op=op,
            got=(shape, dtype),
            expected="sizes of 0 or more, as integers; a dtype by its name",
            fix=f"gd.{op}({tuple(sizes)}, dtype=gd.float64)",
        ) from None


def _shape_and_dtype(x, dtype):
    """Those of x; its own dtype if there is none."""
    x = x if hasattr(x, "dtype") else asarray(x)
    return x.shape, dtype or x.dtype


for _make in (
    arange,
    asarray,
    empty,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
):
    setattr(tensor_namespace, _make.__name__, _make)

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]
