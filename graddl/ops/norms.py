"""Norms of vectors and matrices, and distances."""

import math

from ..errors import ArgumentError, ShapeError
from ._define import composed, general
from ._matrices import _apart, _axes, _broadcasts, _last, _matrix, _matrix_fix, _row, _shape
from .elementwise import _per
from .linalg import _floating, _near_identity
from .reduction import spread


# ------------------------------------------------------------------------------------------------ norms
def _extreme_or_zero(xp, x, ord, along):
    """The largest or smallest size; 0 is the largest of nothing."""
    return (xp.max if ord > 0 else xp.min)(x, **along) if x.size or ord < 0 else xp.sum(x, **along)


def _vector_norm(xp, x, ord, axis, keepdims):
    if isinstance(ord, str) or ord is None:
        raise ArgumentError("unknown norm of vectors", op="vector_norm", got=f"ord={ord!r}", expected="a number", fix="gd.vector_norm(x)")
    x = xp.abs(x)
    x = x if _floating(x) else 1.0 * x  # squares of small integers would overflow
    along = {"axis": axis, "keepdims": keepdims}
    if ord == 2:
        return xp.sqrt(xp.sum(xp.square(x), **along))
    if abs(ord) == math.inf:
        return _extreme_or_zero(xp, x, ord, along)
    if ord == 0:
        return xp.sum(xp.astype(x != 0, x.dtype), **along)
    return xp.sum(x, **along) if ord == 1 else xp.pow(xp.sum(xp.pow(x, ord), **along), 1 / ord)


def _norm_slope(xp, x, y, ord, axis, keepdims):
    """The derivative of a p-norm, sign(x) (|x| / y)^(p−1); 0 where x is 0, as |x| has it. Ties of the largest share."""
    y = spread(xp, y, axis, keepdims, x.shape)
    if ord == 2:
        return _per(xp, x, y)
    if abs(ord) == math.inf:
        hit = xp.astype(xp.abs(x) == y, y.dtype)
        return xp.sign(x) * hit / spread(xp, xp.sum(hit, axis=axis, keepdims=keepdims), axis, keepdims, x.shape)
    if ord in (0, 1):
        return ord * xp.sign(x)
    there = x != 0
    ratio = xp.where(there, xp.abs(x), 1) / xp.where(there, y, 1)
    return xp.where(there, xp.sign(x) * xp.pow(ratio, ord - 1), 0)


def _norm_gradient(xp, g, x, y, ord, axis, keepdims):
    return spread(xp, g, axis, keepdims, x.shape) * _norm_slope(xp, x, y, ord, axis, keepdims)


vector_norm = general(
    "vector_norm", lambda xp, x, *, axis=None, keepdims=False, ord=2: _vector_norm(xp, x, ord, axis, keepdims),
    vjp={"x": lambda xp, g, x, y, *, axis, keepdims, ord: _norm_gradient(xp, g, x, y, ord, axis, keepdims)},
    jvp={"x": lambda xp, t, x, y, *, axis, keepdims, ord:
         xp.sum(t * _norm_slope(xp, x, y, ord, axis, keepdims), axis=axis, keepdims=keepdims)},
    tex=r"\left(\sum_i |x_i|^p\right)^{1/p}", symbol="‖x‖", kinks=(0,),
    doc="The p-norm of vectors, p = ord: along the given axes, or of all elements; derivative 0 at 0.",
    samples=lambda make: [((make(3),), {}), ((make(2, 3),), {"axis": 0, "ord": 3}), ((make(2, 3),), {"axis": 1, "ord": math.inf}),
                          ((make(2, 3),), {"axis": -1, "ord": 1, "keepdims": True}), ((make(3),), {"ord": -math.inf}),
                          ((make(2, 2, 2),), {"axis": (0, -1), "ord": 0.5}), ((make(3),), {"ord": 0}), ((make(),), {"ord": -1.5})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(3),), {"ord": "fro"}, "ArgumentError"),
                         ((make(2, 0),), {"ord": -math.inf}, "ShapeError"), ((make.text(3),), {}, "DTypeError")],
    expects="at least one element", fix="gd.vector_norm(x)", torch="torch.linalg.vector_norm(x, ord, axis, keepdims)",
)


def _matrix_norm(xp, x, ord, axes, keepdims):
    """The norm of the matrices in two axes."""
    m = _last(xp, x, *axes)
    if ord in ("fro", "f", None):
        y = xp.vector_norm(m, axis=(-2, -1))
    elif ord == "nuc":
        y = xp.sum(xp.svdvals(m), axis=-1)
    elif isinstance(ord, str) or abs(ord) not in (1, 2, math.inf):
        raise ArgumentError("unknown norm of matrices")
    else:
        sizes = xp.svdvals(m) if abs(ord) == 2 else xp.sum(xp.abs(m), axis=-2 if abs(ord) == 1 else -1)
        y = xp.vector_norm(sizes, ord=math.copysign(math.inf, ord), axis=-1)
    return xp.reshape(y, shape=[1 if k in _axes(x, *axes) else n for k, n in enumerate(x.shape)]) if keepdims else y


matrix_norm = composed(
    "matrix_norm",
    lambda xp, x, *, keepdims=False, ord="fro": _matrix_norm(xp, _matrix(x, False, ShapeError), ord, (-2, -1), keepdims),
    tex=r"\|X\|", symbol="‖X‖",
    doc="A norm of matrices: 'fro' as of a vector, 'nuc' the sum of singular values, 2 and -2 their largest and smallest, "
    "1 and inf the largest sum of a column and of a row, -1 and -inf the smallest.",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 2, 3),), {"ord": "nuc"}), ((make(3, 2),), {"ord": 2, "keepdims": True}),
                          ((make(2, 2),), {"ord": -2}), ((make(2, 2, 3),), {"ord": 1}), ((make(2, 3),), {"ord": -1}),
                          ((make(2, 3),), {"ord": math.inf, "keepdims": True}), ((make(2, 3),), {"ord": -math.inf})],
    errors=lambda make: [((make(3),), {}, "ShapeError"), ((make(2, 2),), {"ord": 3}, "ArgumentError"),
                         ((make(2, 2),), {"ord": "max"}, "ArgumentError"), ((make.text(2, 2),), {}, "DTypeError")],
    expects="matrices (..., m, n), and ord 'fro', 'nuc', 1, 2, inf, -1, -2 or -inf",
    torch="torch.linalg.matrix_norm(x, ord, (-2, -1), keepdims)",
    fix=lambda shapes, params: "gd.matrix_norm(x)" if len(shapes[0]) > 1 else "gd.vector_norm(x)",
)


def _norm(xp, x, ord, axis, keepdims):
    n = len(_shape(x))
    if axis is None and (ord is None or (ord == 2 and n == 1)):
        return xp.vector_norm(x, keepdims=keepdims)
    axes = tuple(range(n)) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    if len(axes) == 1:
        return xp.vector_norm(x, axis=axes[0], keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2 or len(set(_axes(x, *axes))) == 1:
        raise ArgumentError("a norm is that of vectors, along one axis, or of matrices, along two")
    return _matrix_norm(xp, x, ord, axes, keepdims)


norm = composed(
    "norm", lambda xp, x, *, ord=None, axis=None, keepdims=False: _norm(xp, x, ord, axis, keepdims), tex=r"\|x\|", symbol="‖x‖",
    doc="The norm of vectors, along one axis, or of matrices, along two: see vector_norm and matrix_norm; of all elements if neither "
    "ord nor axis is given. Derivative 0 at 0.", kinks=(0,),
    samples=lambda make: [((make(2, 3, 2),), {}), ((make(3),), {"ord": 1, "keepdims": True}), ((make(2, 3),), {"axis": 0}),
                          ((make(2, 3),), {"axis": 1, "ord": 3, "keepdims": True}), ((make(2, 3),), {"ord": 1}),
                          ((make(2, 3, 2),), {"axis": (2, 0), "ord": math.inf, "keepdims": True}), ((make(2, 3),), {"ord": "nuc"}),
                          ((make(2, 3, 2),), {"axis": (0, 1), "ord": "fro"})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3),), {"axis": (0, 5)}, "IndexError_"),
                         ((make(2, 3, 2),), {"ord": 2}, "ArgumentError"), ((make(3),), {"ord": "fro"}, "ArgumentError"),
                         ((make(2, 3),), {"ord": "big"}, "ArgumentError"), ((make.text(3),), {}, "DTypeError")],
    expects="one axis or two, and a norm that there is for so many", fix="gd.norm(x)", torch="torch.linalg.norm(x, ord, axis, keepdims)",
)


def _cond(xp, a, p):
    """The largest and smallest singular value for p = 2; else the norms of A and its inverse. Singular matrices: inf."""
    if p in (None, 2, -2):
        s = xp.svdvals(a)
        large, small = (s[..., 0], s[..., -1]) if p != -2 else (s[..., -1], s[..., 0])
        return xp.where(small == 0, math.inf, large / xp.where(small == 0, 1, small))
    regular = xp.slogdet(a)[0] != 0
    inverse = xp.inv(xp.where(regular[..., None, None], a, xp.eye(a.shape[-1], dtype=a.dtype)))
    return xp.where(regular, xp.matrix_norm(a, ord=p) * xp.matrix_norm(inverse, ord=p), math.inf)


cond = composed(
    "cond", lambda xp, a, *, p=None: _cond(xp, a, p), tex=r"\|A\| \|A^{-1}\|", symbol="κ",
    doc="How much a matrix can magnify relative errors, in the matrix norm p, 2 if none is given; inf for singular matrices.",
    samples=lambda make: [((make(2, 3),), {}), ((_near_identity(make, 2, 2, 2),), {"p": 1}), ((_near_identity(make, 2, 2),), {"p": -2}),
                          ((_near_identity(make, 3, 3),), {"p": "fro"}), ((_near_identity(make, 2, 2),), {"p": math.inf})],
    errors=lambda make: [((make(2, 3),), {"p": 1}, "ShapeError"), ((make(3),), {}, "ShapeError"),
                         ((make(2, 2),), {"p": 3}, "ArgumentError"), ((make.text(2, 2),), {}, "DTypeError")],
    expects="matrices, square ones for a p other than 2 and -2; p as ord of matrix_norm",
    torch="torch.linalg.cond(a, p) if p in (None, 2, -2) else torch.linalg.matrix_norm(a, p) * torch.linalg.matrix_norm(a.inverse(), p)",
    fix=lambda shapes, params: "gd.cond(a)" if "p" in params and len(shapes[0]) > 1 else _matrix_fix("cond", _row)(shapes, {}),
)


# ------------------------------------------------------------------------------------------------ distances
def _cdist(xp, a, b, p):
    if p < 0:
        raise ArgumentError("no distance")
    if len(_shape(a)) < 2 or len(_shape(b)) < 2 or a.shape[-1] != b.shape[-1]:
        raise ShapeError("points of as many coordinates, one in each row")
    return xp.vector_norm(xp.expand_dims(a, axis=-2) - xp.expand_dims(b, axis=-3), ord=p, axis=-1)


def _cdist_fix(shapes, params):
    """Points in rows, with as many coordinates as both have, and the usual distance."""
    n = min(s[-1] if s else 1 for s in shapes)
    texts = [x if len(s) > 1 else f"gd.reshape({x}, (1, -1))" for x, s in zip("ab", shapes, strict=True)]
    texts = [t if s[-1:] == (n,) else f"{t}[..., :{n}]" for t, s in zip(texts, shapes, strict=True)]
    if _broadcasts(shapes[0][:-2], shapes[1][:-2]) is None:
        texts[0] = _apart(texts[0], shapes[0][:-2], shapes[1][:-2])
    return f"gd.cdist({', '.join(texts)})"


cdist = composed(
    "cdist", lambda xp, a, b, *, p=2.0: _cdist(xp, a, b, p), tex=r"\|a_i - b_j\|_p", symbol="‖a−b‖", method=False,
    doc="The distance of each row of a from each row of b, in the p-norm; derivative 0 where it is 0.",
    samples=lambda make: [((make(3, 2), make(2, 2)), {}), ((make(2, 3, 2), make(2, 2)), {"p": 1.0}),
                          ((make(2, 1, 2, 3), make(3, 1, 3)), {"p": 3.0}), ((make(2, 2), make(3, 2)), {"p": math.inf}),
                          ((make(0, 2), make(2, 2)), {})],
    errors=lambda make: [((make(3, 2), make(2, 3)), {}, "ShapeError"), ((make(3), make(2, 3)), {}, "ShapeError"),
                         ((make(3, 2), make(2, 2)), {"p": -1.0}, "ArgumentError"), ((make(2, 3, 2), make(3, 2, 2)), {}, "ShapeError"),
                         ((make(3, 2), make.text(3, 2)), {}, "DTypeError")],
    expects="points of as many coordinates, one in each row, and p >= 0", fix=_cdist_fix, torch="torch.cdist(a, b, p)",
)
