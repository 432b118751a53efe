"""Array namespaces: what `xp` is inside a rule, for NumPy, CuPy, Tensors and floats; and kernels.

A namespace offers functions only: the names of the array API standard (2024.12), those of its
extension for linear algebra, and a closed list of primitives that the standard lacks. NumPy 2.1 and
CuPy 14 have the standard's names themselves, so a namespace is the module plus primitives.
"""

import math
from functools import wraps
from types import SimpleNamespace

import numpy as np

from . import _convolution, _core
from ._kernels import batch, convolution, elementwise, gates, rows, scatter, steps, windows
from ._kernels.elementwise import KERNELS

STANDARD = frozenset(
    """abs acos acosh add asin asinh atan atan2 atanh ceil clip cos cosh divide equal exp expm1
    floor floor_divide greater greater_equal hypot isfinite isinf isnan less less_equal log
    log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor maximum minimum
    multiply negative not_equal positive pow reciprocal remainder round sign sin sinh sqrt
    square subtract tan tanh trunc all any argmax argmin argsort sort count_nonzero nonzero
    searchsorted max min mean prod std sum var cumulative_sum cumulative_prod concat stack
    expand_dims flip matmul matrix_transpose moveaxis permute_dims repeat reshape roll squeeze
    tile unstack broadcast_to broadcast_arrays take take_along_axis tensordot vecdot where
    arange asarray astype empty eye full full_like linspace meshgrid ones ones_like zeros
    zeros_like tril triu copysign nextafter signbit""".split()
)
LINALG = frozenset("cholesky det eigh inv qr slogdet solve svd".split())  # the standard's extension
WINDOWS = frozenset("windows add_windows conv conv_input conv_weight".split())
REASONS = {  # why a rule may leave the standard: primitive -> reason
    "cbrt": "the standard has no cube root, and a power of a third is not exact",
    "erf": "the standard has no error function",
    "erfc": "the standard has no error function; one minus it loses all digits for large x",
    "getitem": "the standard's indexing lacks integer arrays beside slices, and masks of some axes",
    "setitem": "the standard's arrays are changed in place, and not by arrays of integers",
    "add_at": "the standard cannot add at an index that names an element twice",
    "split": "the standard has no split",
    "einsum": "the standard has no einsum",
    **dict.fromkeys(LINALG, "an extension of the standard, which a backend may leave out"),
    **dict.fromkeys(
        WINDOWS, "the standard has no windows; the matrix of a whole batch is too large"
    ),
}
PRIMITIVES = frozenset(REASONS)
ARRAY_ATTRIBUTES = frozenset("shape ndim dtype size mT T".split())


DOORS = ("k1", "k2", "kv", "scalar", "scalar_d")
# Of whole entries, see ops/_define.py.
WHOLE = rows.KERNELS | windows.KERNELS | batch.KERNELS | gates.KERNELS | steps.KERNELS


def kernels_of(name):
    """The CPU kernels that accelerate an op: door -> capsule, or function."""
    if name == "sum":
        return {"k1": KERNELS["sum"]["sum"], "spread": KERNELS["fill_view"]["fill_view"]}
    own = {door: capsule for door, capsule in KERNELS.get(name, {}).items() if door in DOORS}
    return own | WHOLE.get(name, {})


# ---------------------------------------------------------------------- primitives in NumPy
def _pointwise(function, doc):
    """A function of math for arrays of any floating dtype."""
    each = np.frompyfunc(function, 1, 1)

    def pointwise(x):
        x = np.asarray(x)
        y = np.asarray(each(x.astype(float)), dtype=float)
        return y.astype(x.dtype) if x.dtype.kind == "f" else y

    pointwise.__name__, pointwise.__doc__ = function.__name__, doc
    return pointwise


_exact_erf = _pointwise(math.erf, "The error function, point by point.")


def erf(x):
    """The error function: exact for few elements; for more by the kernel, 7 times quicker."""
    if getattr(x, "size", 1) > 64 and type(x) is np.ndarray:
        y = elementwise.forward("erf", x)
        if y is not NotImplemented:
            return y
    return _exact_erf(x)


erfc = _pointwise(math.erfc, "One minus the error function, without its rounding for large x.")


def getitem(x, *, index):
    """x[index] with all that NumPy allows, of which the standard has a part."""
    if type(index) is np.ndarray and index.dtype.kind == "i" and x.ndim > 1:
        return np.take(x, index, axis=0)  # of rows: 2.6 times quicker than x[index]
    return x[index]


def setitem(x, value, *, index):
    """A copy of x with `value` written at an index."""
    y = np.array(x)
    y[index] = value
    return y


def add_at(g, *, index, shape):
    """Zeros of `shape` with `g` added at `index`: what indexing is the transpose of."""
    out = np.zeros(shape, g.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if all(map(_names_once, parts)):
        out[index] = g
    elif len(parts) == 1 and scatter.add_rows(out, np.asarray(parts[0]), np.asarray(g, order="C")):
        pass  # 6 times quicker than the rest for a batch of 128 x 50 rows of 64
    else:  # by the number of each element: 10 times quicker than add.at with the index itself
        place = _rows(parts[0], shape) if len(parts) == 1 else None
        if place is None:
            place = np.arange(out.size).reshape(shape)[index]
        np.add.at(out.reshape(-1), place.reshape(-1), np.broadcast_to(g, place.shape).reshape(-1))
    return out


def _rows(rows, shape):
    """The numbers of the elements of some rows, without those of others; None: not just rows."""
    rows, width = np.asarray(rows), math.prod(shape[1:])
    if rows.dtype.kind not in "iu" or not rows.size or not shape:
        return None
    if not -shape[0] <= rows.min() <= rows.max() < shape[0]:
        return None  # which is an error that NumPy tells
    place = (rows % shape[0])[..., None] * width + np.arange(width)
    return place.reshape((*rows.shape, *shape[1:]))


def _names_once(part):
    """Whether this part of an index names no element twice: all but arrays of integers do."""
    if isinstance(part, np.ndarray | list):
        return np.asarray(part).dtype == bool
    return isinstance(part, int | np.integer | slice) or part is None or part is Ellipsis


def _or_kernel(function):
    """A function of `_convolution`, behind its kernel, which is 1.3 to 10 times quicker."""
    kernel = getattr(convolution, function.__name__, None)
    if kernel is None:
        return function

    @wraps(function)
    def primitive(*arrays, **how):
        y = kernel(*arrays, **how)
        return function(*arrays, **how) if y is NotImplemented else y

    return primitive


def split(x, *, sections, axis):
    """np.split: equal parts, or at the given positions."""
    return tuple(np.split(x, sections, axis=axis))


def einsum(subscripts, *xs):
    """np.einsum, by matrix products where that is quicker than its loops: 7 times at 200 x 200."""
    many = len(xs) > 2 or max((x.size for x in xs), default=0) > 1000
    return np.einsum(subscripts, *xs, optimize=many)


def _sum(x, axis=None, keepdims=False):
    x = np.asarray(x)
    if x.dtype == np.float16:  # 2048 ones would add up to 2048 and stay there
        return np.add.reduce(x, axis=axis, keepdims=keepdims, dtype=np.float32).astype(np.float16)
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


numpy_namespace = SimpleNamespace(
    **{name: getattr(np, name) for name in STANDARD if hasattr(np, name)}
    | {name: getattr(np.linalg, name) for name in LINALG}
    | {name: _or_kernel(getattr(_convolution, name)) for name in WINDOWS}
    | dict(name="numpy", sum=_sum, erf=erf, erfc=erfc, cbrt=np.cbrt, getitem=getitem, add_at=add_at)
    | dict(setitem=setitem, split=split, einsum=einsum)
)
# Filled by the table: under create_graph rules see Tensors.
tensor_namespace = SimpleNamespace(name="graddl")


# ---------------------------------------------------------------------- plain floats
class _ScalarNamespace:
    """Rules of Scalars: floats in, floats out; where an input is a Scalar, the table's function."""

    name = "float"

    def __getattr__(self, name):
        number, tensor = getattr(numpy_namespace, name), getattr(tensor_namespace, name)

        def function(*args, **keywords):
            if any(isinstance(a, _core.Scalar) for a in args):
                return tensor(*args, **keywords)
            r = number(*[a if isinstance(a, bool) else np.float64(a) for a in args], **keywords)
            return bool(r) if isinstance(r, np.bool_) else float(r)

        setattr(self, name, function)
        return function


scalar_namespace = _ScalarNamespace()
_core.configure(
    numpy=numpy_namespace,
    tensors=tensor_namespace,
    scalars=scalar_namespace,
    accumulate=KERNELS["accumulate"]["acc"],
)
