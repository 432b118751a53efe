"""Determinants, inverses and factorizations of matrices.

Matrices are the last two axes; all axes before them are a stack. A matrix that cannot be inverted or
factored is an error that says what to write instead.
"""

import math

import numpy as np

from ..errors import ArgumentError, GradientError, ShapeError
from ._define import composed, general
from ._matrices import (
    _apart,
    _broadcasts,
    _cut,
    _finite,
    _gram,
    _last,
    _matrix,
    _matrix_fix,
    _row,
    _shape,
    _square,
    _t,
)
from .elementwise import _per


# ------------------------------------------------------------------------------------------------ determinants, inverses
def _solved(name, expected, fix, f, a, *more, **options):
    """f(a, ...); what LAPACK cannot do is an error of the op."""
    try:
        return f(a, *more, **options)
    except np.linalg.LinAlgError as error:
        raise ArgumentError(f"{error}".lower(), op=name, got=f"a {_shape(a)} {a.dtype}", expected=expected, fix=fix) from error


def _differentiable(name, f, *xs):
    """f(*xs) in a rule; a singular matrix has a value, but no gradient."""
    try:
        return f(*xs)
    except ValueError as error:
        raise GradientError("a singular matrix has no gradient here", op=name, got=str(error), expected="a regular matrix",
                            fix=f"gd.{name}(a + 1e-6 * gd.eye(a.shape[-1]))") from error


def _near_identity(make, *shape):
    """Matrices that are far from singular."""
    return np.asarray(make(*shape) / 2 + 2 * np.eye(shape[-1]), make().dtype)


def _rank_one(make, n):
    return np.ones((n, n), make().dtype)


def _square_samples(make):
    return [((_near_identity(make, 3, 3),), {}), ((_near_identity(make, 2, 2, 2),), {}), ((make(1, 1) + 3,), {}), ((make(0, 2, 2),), {})]


def _square_errors(make):
    return [((make(2, 3),), {}, "ShapeError"), ((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"),
            ((make.text(1, 1),), {}, "DTypeError")]


def _cofactors(xp, a, y):
    """The gradient of the determinant, det(A) A⁻ᵀ. Where a matrix is singular, and not just its determinant too
    small for a number: the determinants of minors, which have derivatives of any order there."""
    if bool(xp.all(y != 0)) or bool(xp.all(xp.slogdet(a)[0] != 0)):
        return y[..., None, None] * _t(xp, xp.inv(a))
    n = a.shape[-1]
    others = np.array([[k for k in range(n) if k != i] for i in range(n)], dtype=int).reshape(n, 1, n - 1)
    rows = [xp.det(xp.getitem(a, index=(..., others[i].T, others))) for i in range(n)]
    minors, odd = xp.stack(rows, axis=-2), xp.arange(n) % 2
    return xp.where(xp.expand_dims(odd, axis=1) == odd, minors, -minors)


det = general(
    "det", lambda xp, a: xp.det(_matrix(a)), vjp={"a": lambda xp, g, a, y: g[..., None, None] * _cofactors(xp, a, y)},
    jvp={"a": lambda xp, t, a, y: xp.sum(t * _cofactors(xp, a, y), axis=(-2, -1))},
    tex=r"\det A", symbol="det", doc="The determinant; its derivatives are right for singular matrices, too.",
    samples=lambda make: [*_square_samples(make), ((make(3, 3)[[0, 0, 1]],), {}), ((np.stack([0 * make(2, 2), make(2, 2)]),), {})],
    errors=_square_errors, expects="square matrices (..., n, n)", fix=_matrix_fix("det"),
    torch="torch.linalg.det(a) if torch.linalg.det(a).all() else torch.linalg.eigvals(a).prod(-1).real",  # det's gradient is 0 there
)
slogdet = general(
    "slogdet", lambda xp, a: xp.slogdet(_matrix(a)), several=True,
    vjp={"a": lambda xp, g, a: g[1][..., None, None] * _t(xp, _differentiable("slogdet", xp.inv, a))},
    tex=r"\operatorname{sign} \det A,\ \ln |\det A|", symbol="slogdet",
    doc="Sign and logarithm of the determinant, for those too large or too small for a number; the sign has gradient 0.",
    samples=lambda make: [*_square_samples(make), ((_near_identity(make, 3, 3)[[1, 0, 2]],), {})],
    errors=_square_errors, expects="square matrices (..., n, n)", fix=_matrix_fix("slogdet"), torch="torch.linalg.slogdet(a)",
)


def _logdet(xp, a):
    sign, log = xp.slogdet(a)
    return xp.where(sign < 0, math.nan, log)


logdet = composed(
    "logdet", lambda xp, a: _logdet(xp, a), tex=r"\ln \det A", symbol="ln det",
    doc="The logarithm of the determinant; NaN where that is negative.", samples=_square_samples, errors=_square_errors,
    expects="square matrices (..., n, n)", fix=_matrix_fix("logdet"), torch="torch.logdet(a)",
)
inv = general(
    "inv", lambda xp, a: _solved("inv", "a regular matrix", "gd.pinv(a)", xp.inv, _matrix(a)),
    vjp={"a": lambda xp, g, y: -(_t(xp, y) @ g @ _t(xp, y))}, jvp={"a": lambda xp, t, y: -(y @ t @ y)},
    tex=r"A^{-1}", symbol="⁻¹", doc="The inverse matrix.", aliases=("inverse",), samples=_square_samples,
    errors=lambda make: [*_square_errors(make), ((_rank_one(make, 2),), {}, "ArgumentError")],
    expects="square matrices (..., n, n)", fix=_matrix_fix("inv"), torch="torch.linalg.inv(a)",
)


def _solve_gradients(xp, g, needs, a, y, shapes):
    """gb = A⁻ᵀ g, ga = −gb xᵀ; a vector b is a column."""
    vector = len(shapes[1]) == 1
    g, y = (g[..., None], y[..., None]) if vector else (g, y)
    gb = xp.solve(_t(xp, a), g)
    return -(gb @ _t(xp, y)) if needs[0] else None, gb[..., 0] if vector else gb


def _solve_tangent(xp, t, a, y, shapes):
    """−A⁻¹ t x."""
    return -xp.solve(a, t @ y) if len(shapes[1]) > 1 else -xp.solve(a, t @ y[..., None])[..., 0]


def _solve_fix(least=False):
    """A fix: least squares for other than square matrices, else b transposed, else as many rows as both have, else
    stacks that broadcast; if all that fits, finite numbers."""

    def fix(shapes, params):
        (sa, sb), a, b = shapes, "a", "b"
        if len(sa) < 2:
            a, sa = _square(a, sa), 2 * (sa or (1,))
        if not sb:
            b, sb = "gd.reshape(b, (1,))", (1,)
        rows, name = sb[-2:][0], "solve" if sa[-2] == sa[-1] and not least else "lstsq"
        if sa[-2] != rows and len(sb) > 1 and sb[-1] == sa[-2]:
            b, sb = "b.mT", (*sb[:-2], sb[-1], sb[-2])
        elif sa[-2] != rows:
            n = min(sa[-2], rows)
            a, b = _cut(a, sa, {-2: n, -1: n} if name == "solve" else {-2: n}), _cut(b, sb, {max(-2, -len(sb)): n})
        if _broadcasts(sa[:-2], sb[:-2]) is None:
            a = _apart(a, sa[:-2], sb[:-2])
        elif least and (a, b) == ("a", "b"):
            a = "gd.where(gd.isfinite(a), a, 0)"
        return f"gd.{name}({a}, {b})"

    return fix


def _solve_samples(make):
    return [((_near_identity(make, 3, 3), make(3)), {}), ((_near_identity(make, 2, 2), make(2, 3)), {}),
            ((_near_identity(make, 2, 2, 2), make(2)), {}), ((_near_identity(make, 2, 1, 2, 2), make(3, 2, 1)), {})]


solve = general(
    "solve", lambda xp, a, b: _solved("solve", "a regular matrix", "gd.lstsq(a, b)", xp.solve, _matrix(a), b),
    joint=lambda xp, g, needs, a, y, *, shapes: _solve_gradients(xp, g, needs, a, y, shapes),
    jvp={"a": lambda xp, t, a, y, *, shapes: _solve_tangent(xp, t, a, y, shapes),
         "b": lambda xp, t, a: xp.solve(a, t)},
    tex=r"A^{-1} b", symbol="A⁻¹b", doc="The solution x of A x = b; a b with one axis is a vector, otherwise it is matrices.",
    samples=_solve_samples,
    errors=lambda make: [((_rank_one(make, 2), make(2)), {}, "ArgumentError"), ((make(3, 2), make(3)), {}, "ShapeError"),
                         ((_near_identity(make, 3, 3), make(2)), {}, "ShapeError"),
                         ((_near_identity(make, 3, 3), make(2, 3)), {}, "ShapeError"), ((make(3), make(3)), {}, "ShapeError"),
                         ((_near_identity(make, 2, 3, 3), make(4, 3, 1)), {}, "ShapeError"),
                         ((make.text(1, 1), make(1)), {}, "DTypeError")],
    expects="a (..., n, n) and b (n,) or (..., n, k)", fix=_solve_fix(),
    torch="torch.linalg.solve(a, b) if b.ndim > 1 else torch.linalg.solve(a, b[:, None])[..., 0]",
)


def _tensorinv(xp, a, ind):
    if not 0 < ind < len(_shape(a)):
        raise ArgumentError(f"ind={ind} does not split {len(_shape(a))} axes in two")
    shape = (*a.shape[ind:], *a.shape[:ind])
    return xp.reshape(xp.inv(xp.reshape(a, shape=(math.prod(a.shape[:ind]), -1))), shape=shape)


tensorinv = composed(
    "tensorinv", lambda xp, a, *, ind=2: _tensorinv(xp, a, ind), tex=r"A^{-1}", symbol="⁻¹",
    doc="The inverse of an array as a map from its last axes to its first ind.",
    samples=lambda make: [((np.reshape(_near_identity(make, 4, 4), (2, 2, 4)),), {}), ((_near_identity(make, 2, 2),), {"ind": 1}),
                          ((np.reshape(_near_identity(make, 4, 4), (4, 2, 2)),), {"ind": 1})],
    errors=lambda make: [((make(2, 3, 4),), {}, "ShapeError"), ((make(2, 2),), {"ind": 0}, "ArgumentError"),
                         ((_rank_one(make, 2),), {"ind": 1}, "ArgumentError"), ((make.text(1, 1),), {"ind": 1}, "DTypeError")],
    expects="as many elements along the first ind axes as along the others",
    fix=lambda shapes, params: f"gd.pinv(gd.reshape(a, ({math.prod(shapes[0][: max(params.get('ind', 2), 1)])}, -1)))",
    torch="torch.linalg.tensorinv(a, ind)",
)


def _tensorsolve(xp, a, b, axes):
    a = a if axes is None else _last(xp, a, *axes)
    shape, n = _shape(a)[len(_shape(b)) :], math.prod(_shape(b))
    if math.prod(_shape(a)) != n * n or math.prod(shape) != n:
        raise ShapeError(f"{math.prod(_shape(a))} elements make no square matrix for {n} numbers")
    return xp.reshape(xp.solve(xp.reshape(a, shape=(n, n)), xp.reshape(b, shape=(n,))), shape=shape)


def _tensorsolve_fix(shapes, params):
    """Least squares, with as many rows as a and b can both have."""
    n = math.gcd(*map(math.prod, shapes))
    return f"gd.lstsq(gd.reshape(a, ({n}, -1)), gd.reshape(b, -1)[:{n}])"


tensorsolve = composed(
    "tensorsolve", lambda xp, a, b, *, axes=None: _tensorsolve(xp, a, b, axes), tex=r"A^{-1} b", symbol="A⁻¹b",
    doc="The array x of which tensordot(a, x, x.ndim) is b; axes of a may be moved to its end first.",
    samples=lambda make: [((np.reshape(_near_identity(make, 4, 4), (2, 2, 4)), make(2, 2)), {}),
                          ((np.reshape(_near_identity(make, 4, 4), (4, 2, 2)), make(4)), {}),
                          ((np.moveaxis(np.reshape(_near_identity(make, 4, 4), (2, 2, 4)), 2, 0), make(2, 2)), {"axes": (0,)})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), ((_rank_one(make, 2), make(2)), {}, "ArgumentError"),
                         ((_near_identity(make, 2, 2), make(2)), {"axes": (2,)}, "IndexError_"),
                         ((make.text(1, 1), make(1)), {}, "DTypeError")],
    expects="a of shape b.shape + x.shape, with as many elements in b as in x", fix=_tensorsolve_fix,
    torch="torch.linalg.tensorsolve(a, b, axes)",
)


def _matrix_power(xp, a, n):
    if not isinstance(n, int | np.integer):
        raise ArgumentError("an exponent is a whole number")
    if n < 0:
        a, n = xp.inv(a), -n
    y = None
    while n:  # the squares that n is made of in binary
        if n & 1:
            y = a if y is None else xp.matmul(y, a)
        n >>= 1
        a = xp.matmul(a, a) if n else a
    return xp.where(False, a, xp.eye(a.shape[-1], dtype=a.dtype)) if y is None else y


def _matrix_power_fix(shapes, params):
    """A square matrix and a whole exponent; for a singular matrix its pseudoinverse."""
    n, square = params.get("n", 1), len(shapes[0]) > 1 and shapes[0][-1] == shapes[0][-2]
    if square and isinstance(n, int) and n < 0:
        return f"gd.matrix_power(gd.pinv(a), {-n})"
    return f"gd.matrix_power({'a' if square else _square('a', shapes[0])}, {int(n)})"


matrix_power = composed(
    "matrix_power", lambda xp, a, *, n: _matrix_power(xp, _matrix(a, error=ShapeError), n), tex=r"A^n", symbol="Aⁿ",
    doc="A whole power of a matrix: repeated squares, of the inverse if n is negative; 0 gives the identity.",
    samples=lambda make: [((make(2, 2),), {"n": 3}), ((make(2, 2, 2),), {"n": 2}), ((_near_identity(make, 3, 3),), {"n": -2}),
                          ((make(2, 2),), {"n": 0}), ((make(2, 2),), {"n": 1}), ((make(2, 2) / 2,), {"n": 6})],
    errors=lambda make: [((make(2, 3),), {"n": 2}, "ShapeError"), ((make(2, 2),), {"n": 1.5}, "ArgumentError"),
                         ((_rank_one(make, 2),), {"n": -2}, "ArgumentError"), ((make.text(1, 1),), {"n": 2}, "DTypeError")],
    expects="square matrices (..., n, n) and a whole exponent", fix=_matrix_power_fix, torch="torch.linalg.matrix_power(a, n)",
)


def _matrix_exp(xp, a):
    """Scaling and squaring with the Padé approximant of degree 13 (Higham, 2005, SIAM J. Matrix Anal. 26, 1179)."""
    norm = xp.max(xp.sum(xp.abs(a), axis=-2)).item() if a.size else 0.0
    squarings = max(0, math.ceil(math.log2(norm / 5.37))) if 0 < norm < math.inf else 0
    a = a / 2**squarings
    c = [1.0]
    for k in range(13):
        c.append(c[-1] * (13 - k) / ((26 - k) * (k + 1)))
    one, a2 = xp.eye(a.shape[-1], dtype=a.dtype), a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    odd = a @ (a6 @ (c[13] * a6 + c[11] * a4 + c[9] * a2) + c[7] * a6 + c[5] * a4 + c[3] * a2 + c[1] * one)
    even = a6 @ (c[12] * a6 + c[10] * a4 + c[8] * a2) + c[6] * a6 + c[4] * a4 + c[2] * a2 + c[0] * one
    y = xp.solve(even - odd, even + odd)
    for _ in range(squarings):
        y = y @ y
    return y


matrix_exp = composed(
    "matrix_exp", lambda xp, a: _matrix_exp(xp, _matrix(a, error=ShapeError)), tex=r"\sum_k \frac{A^k}{k!}", symbol="e^A",
    doc="The exponential of a matrix.",
    samples=lambda make: [((make(2, 2),), {}), ((make(2, 3, 3) / 4,), {}), ((0 * make(2, 2),), {}), ((5 * make(3, 3),), {}),
                          ((make(0, 2, 2),), {})],
    errors=_square_errors, expects="square matrices (..., n, n)", fix=_matrix_fix("matrix_exp"), torch="torch.linalg.matrix_exp(a)",
)


# ------------------------------------------------------------------------------------------------ factorizations
def _symmetric(xp, a):
    """The symmetric part: factorizations of symmetric matrices read that, so that both triangles get gradient."""
    return 0.5 * a + 0.5 * _t(xp, a)


def _cholesky_gradient(xp, g, y):
    """L⁻ᵀ Φ(Lᵀ g) L⁻¹, symmetrized; Φ takes the lower triangle and halves the diagonal (Murray, 2016, arXiv:1602.07527)."""
    p, lt = _half_lower(xp, _t(xp, y) @ g), _t(xp, y)
    return _symmetric(xp, xp.solve(lt, _t(xp, xp.solve(lt, _t(xp, p)))))


def _half_lower(xp, m):
    return 0.5 * xp.tril(m) + 0.5 * xp.tril(m, k=-1)


def _cholesky_tangent(xp, t, y):
    """L Φ(L⁻¹ t L⁻ᵀ)."""
    return y @ _half_lower(xp, xp.solve(y, _t(xp, xp.solve(y, _symmetric(xp, t)))))


def _definite(make, *shape):
    """Symmetric matrices whose eigenvalues are positive, and far apart."""
    m = make(*shape) / 4
    return np.asarray(m + np.swapaxes(m, -1, -2) + np.diag(np.arange(2, 2 + 2 * shape[-1], 2)), make().dtype)


def _symmetric_samples(make):
    return [((_definite(make, 3, 3),), {}), ((_definite(make, 2, 2, 2),), {}), ((np.triu(_definite(make, 3, 3)),), {}),
            ((make(1, 1) + 3,), {}), ((make(0, 2, 2),), {})]


def _cholesky_fix(shapes, params):
    """What makes the smallest eigenvalue positive."""
    shape = shapes[0]
    if len(shape) < 2 or shape[-1] != shape[-2]:
        return f"gd.cholesky({_gram('a', shape)})"
    return f"gd.cholesky(a + (1e-5 * (1 + gd.norm(a)) - gd.min(gd.eigvalsh(a))) * gd.eye({shape[-1]}))"


def _cholesky(xp, a):
    return _solved("cholesky", "a positive definite matrix", _cholesky_fix([_shape(a)], {}), xp.cholesky, _symmetric(xp, a))


cholesky = general(
    "cholesky", lambda xp, a: _cholesky(xp, _matrix(a)),
    vjp={"a": lambda xp, g, y: _cholesky_gradient(xp, g, y)}, jvp={"a": lambda xp, t, y: _cholesky_tangent(xp, t, y)},
    tex=r"A = L L^\top", symbol="L", doc="The lower triangular factor of a positive definite matrix, of which the symmetric part is read.",
    samples=_symmetric_samples, errors=lambda make: [*_square_errors(make), ((np.array([[1.0, 2.0], [2.0, 1.0]]),), {}, "ArgumentError")],
    expects="positive definite matrices (..., n, n)", fix=_cholesky_fix, torch="torch.linalg.cholesky((a + a.mT) / 2)",
)


def _tall(name, shape):
    """Text: not more columns than rows."""
    return _cut(name, shape, {-1: shape[-2]}) if len(shape) > 1 else f"gd.reshape({name}, (-1, 1))"


def _qr(xp, a):
    if a.shape[-2] < a.shape[-1]:
        raise ValueError(f"{a.shape[-1]} columns of {a.shape[-2]} elements are not independent")
    return xp.qr(a)


def _qr_gradient(xp, g, y):
    """(gQ + Q S) R⁻ᵀ, S the symmetric matrix with the lower triangle of R gRᵀ − gQᵀ Q (Seeger et al., 2017,
    arXiv:1710.08717)."""
    (gq, gr), (q, r) = g, y
    m = r @ _t(xp, gr) - _t(xp, gq) @ q
    z = gq + q @ (xp.tril(m) + _t(xp, xp.tril(m, k=-1)))
    return _t(xp, _differentiable("qr", xp.solve, r, _t(xp, z)))


qr = general(
    "qr", lambda xp, a: _qr(xp, _matrix(a, square=False)), vjp={"a": lambda xp, g, y: _qr_gradient(xp, g, y)}, several=True,
    tex=r"A = Q R", symbol="QR",
    doc="Orthonormal columns Q and an upper triangular R, with LAPACK's signs; at least as many rows as columns.",
    samples=lambda make: [((make(3, 3),), {}), ((make(4, 2),), {}), ((make(2, 3, 2),), {}), ((make(2, 1),), {}), ((make(0, 2, 2),), {})],
    errors=lambda make: [((make(2, 3),), {}, "ShapeError"), ((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"),
                         ((make.text(2, 1),), {}, "DTypeError")],
    expects="matrices (..., m, n) with m >= n", torch="torch.linalg.qr(a)",
    fix=lambda shapes, params: f"gd.qr({_tall('a', shapes[0])})",
)


def _over_gaps(xp, x, w):
    """x_ij / (w_j − w_i), and 0 on the diagonal. Vectors of equal values have no gradient: NaN, unless none is asked for."""
    gap, one = w[..., None, :] - w[..., :, None], xp.eye(w.shape[-1], dtype=w.dtype)
    same = gap == 0
    unasked = xp.logical_or(x == 0, one == 1)
    return xp.where(same, xp.where(unasked, 0, xp.full_like(x, math.nan)), x / xp.where(same, 1, gap))


def _diagonal(xp, w):
    return w[..., None, :] * xp.eye(w.shape[-1], dtype=w.dtype)


def _eigh_gradient(xp, g, y):
    """V (diag gw + F ∘ Vᵀ gV) Vᵀ, symmetrized, F the inverse gaps of the eigenvalues (Giles, 2008, "Collected matrix
    derivative results")."""
    (gw, gv), (w, v) = g, y
    return _symmetric(xp, v @ (_diagonal(xp, gw) + _over_gaps(xp, _t(xp, v) @ gv, w)) @ _t(xp, v))


eigh = general(
    "eigh", lambda xp, a: _solved("eigh", "finite numbers", _finite("eigh"), xp.eigh, _symmetric(xp, _matrix(a))),
    vjp={"a": lambda xp, g, y: _eigh_gradient(xp, g, y)}, several=True,
    tex=r"A = V \operatorname{diag}(w) V^\top", symbol="VΛVᵀ",
    doc="Eigenvalues, ascending, and eigenvectors, as columns with LAPACK's signs, of a symmetric matrix, of which the symmetric part "
    "is read; eigenvectors of equal eigenvalues have no gradient: NaN.",
    samples=_symmetric_samples, errors=_square_errors, expects="symmetric matrices (..., n, n)", fix=_matrix_fix("eigh", _gram),
    torch="torch.linalg.eigh((a + a.mT) / 2)",
)
eigvalsh = composed(
    "eigvalsh", lambda xp, a: xp.eigh(a)[0], tex=r"w : A v = w v", symbol="λ",
    doc="The eigenvalues, ascending, of a symmetric matrix, of which the symmetric part is read.",
    samples=_symmetric_samples, errors=_square_errors, expects="symmetric matrices (..., n, n)", fix=_matrix_fix("eigvalsh", _gram),
    torch="torch.linalg.eigvalsh((a + a.mT) / 2)",
)


def _svd(xp, a, full_matrices, name):
    return _solved(name, "finite numbers", _finite(name), xp.svd, a, full_matrices=full_matrices)


def _svd_gradient(xp, g, y):
    """U ((F ∘ skew Uᵀ gU) S + S (F ∘ skew Vᵀ gV) + diag gs) Vᵀ, F the inverse gaps of squares; and what moves U or V out
    of the space that they span (Townsend, 2016, "Differentiating the singular value decomposition")."""
    (gu, gs, gvt), (u, s, vt) = g, y
    k = s.shape[-1]
    if u.shape[-1] > k or vt.shape[-2] > k:
        if bool(xp.any(gu[..., k:] != 0)) or bool(xp.any(gvt[..., k:, :] != 0)):
            raise GradientError("columns that complete a basis have no gradient", op="svd", got="full_matrices=True",
                                expected="full_matrices=False", fix="gd.svd(a, full_matrices=False)")
        u, gu, vt, gvt = u[..., :k], gu[..., :k], vt[..., :k, :], gvt[..., :k, :]
    pu, pv = _t(xp, u) @ gu, gvt @ _t(xp, vt)
    left, right = (_over_gaps(xp, x, s * s) for x in (pu - _t(xp, pu), _t(xp, pv) - pv))
    inner = left * s[..., None, :] + s[..., :, None] * right + _diagonal(xp, gs)
    inverse = _per(xp, 1, s)
    ga = u @ inner @ vt
    if u.shape[-2] > k:
        ga = ga + (gu - u @ pu) * inverse[..., None, :] @ vt
    return ga if vt.shape[-1] == k else ga + u * inverse[..., None, :] @ (gvt - pv @ vt)


svd = general(
    "svd", lambda xp, a, *, full_matrices=True: _svd(xp, _matrix(a, square=False), full_matrices, "svd"),
    vjp={"a": lambda xp, g, y: _svd_gradient(xp, g, y)}, several=True, tex=r"A = U \operatorname{diag}(s) V^\top", symbol="USVᵀ",
    doc="The singular value decomposition: U, s, descending, and V transposed, with LAPACK's signs; vectors of equal singular values, "
    "and those that only complete a basis, have no gradient.",
    samples=lambda make: [((make(2, 2),), {}), ((make(3, 2),), {"full_matrices": False}), ((make(3, 4),), {"full_matrices": False}),
                          ((make(2, 3, 2),), {"full_matrices": False}), ((make(1, 1),), {}), ((make(0, 2, 2),), {})],
    errors=lambda make: [((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"), ((np.full((2, 2), np.nan),), {}, "ArgumentError"),
                         ((make.text(2, 2),), {}, "DTypeError")],
    expects="matrices (..., m, n)", fix=_matrix_fix("svd", _row), torch="torch.linalg.svd(a, full_matrices=full_matrices)",
)


def _rectangular_samples(make):
    return [((make(2, 2),), {}), ((make(3, 2),), {}), ((make(2, 2, 3),), {}), ((make(1, 3),), {}), ((make(0, 2, 2),), {})]


def _rectangular_errors(make):
    return [((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"), ((make.text(2, 2),), {}, "DTypeError")]


svdvals = composed(
    "svdvals", lambda xp, a: xp.svd(a, full_matrices=False)[1], tex=r"\sqrt{\lambda_i(A^\top A)}", symbol="σ",
    doc="The singular values, descending.", samples=_rectangular_samples, errors=_rectangular_errors, expects="matrices (..., m, n)",
    fix=_matrix_fix("svdvals", _row), torch="torch.linalg.svdvals(a)",
)


def _eps(x):
    """The spacing of numbers at 1 in the dtype of x; namespaces put their names before that of the dtype."""
    return float(np.finfo(str(x.dtype).rpartition(".")[2]).eps)


def _pinv(xp, a, rcond):
    u, s, vt = _svd(xp, a, False, "pinv")
    rcond = max(a.shape[-2:]) * _eps(s) if rcond is None else rcond
    large = s > rcond * s[..., :1]
    inverse = xp.where(large, 1 / xp.where(large, s, 1), 0)
    return (_t(xp, vt) * inverse[..., None, :]) @ _t(xp, u)


def _pinv_gradient(xp, g, a, y):
    """−Yᵀ g Yᵀ + (1 − A Y) gᵀ Y Yᵀ + Yᵀ Y gᵀ (1 − Y A) (Golub and Pereyra, 1973, SIAM J. Numer. Anal. 10, 413)."""
    gt, yt = _t(xp, g), _t(xp, y)
    left, right = gt @ y @ yt, yt @ y @ gt
    return left - a @ (y @ left) + right - (right @ y) @ a - yt @ g @ yt


pinv = general(
    "pinv", lambda xp, a, *, rcond=None: _pinv(xp, _matrix(a, square=False), rcond),
    vjp={"a": lambda xp, g, a, y: _pinv_gradient(xp, g, a, y)}, tex=r"A^+", symbol="⁺",
    doc="The pseudoinverse; singular values below rcond times the largest count as 0. Its gradient is right where the rank stays as it is.",
    samples=lambda make: [*_rectangular_samples(make), ((_rank_one(make, 3),), {"rcond": 0.1}), ((np.eye(2, dtype=make().dtype),), {})],
    errors=lambda make: [*_rectangular_errors(make), ((np.full((2, 2), np.nan),), {}, "ArgumentError")],
    expects="matrices (..., m, n)", fix=_matrix_fix("pinv", _row), torch="torch.linalg.pinv(a, rtol=rcond)",
)


def _floating(x):
    return "float" in str(getattr(x, "dtype", "float"))


def _lstsq(xp, a, b, rcond):
    inverse = xp.pinv(a, rcond=rcond)
    return xp.matmul(inverse, b if _floating(a) or _floating(b) else xp.astype(b, dtype=inverse.dtype))


lstsq = composed(
    "lstsq", lambda xp, a, b, *, rcond=None: _lstsq(xp, a, b, rcond), tex=r"\arg\min_x |A x - b|", symbol="A⁺b",
    doc="The x for which A x is closest to b, the shortest if there are several: the first of the four results of NumPy.",
    samples=lambda make: [((make(4, 2), make(4)), {}), ((make(3, 2), make(3, 2)), {}), ((make(2, 3), make(2, 1)), {}),
                          ((make(2, 3, 2), make(2, 3, 1)), {})],
    errors=lambda make: [((make(3, 2), make(2)), {}, "ShapeError"), ((make(3, 2), make(2, 3)), {}, "ShapeError"),
                         ((make(3), make(3)), {}, "ShapeError"), ((make.text(2, 2), make(2)), {}, "DTypeError")],
    expects="a (..., m, n) and b (m,) or (..., m, k)", fix=_solve_fix(least=True), torch="torch.linalg.pinv(a, rtol=rcond) @ b",
)


def _matrix_rank(xp, a, tol, rtol):
    if tol is not None and rtol is not None:
        raise ArgumentError("tol= and rtol= are two limits for one thing")
    if len(_shape(a)) < 2:
        return xp.astype(xp.any(a != 0), dtype="int64")
    s = xp.svdvals(a)
    rtol = max(a.shape[-2:]) * _eps(s) if rtol is None else rtol
    return xp.sum(s > (rtol * s[..., :1] if tol is None else tol), axis=-1)


matrix_rank = composed(
    "matrix_rank", lambda xp, a, *, tol=None, rtol=None: _matrix_rank(xp, a, tol, rtol), boolean=True,
    tex=r"\operatorname{rank} A", symbol="rank",
    doc="The number of independent rows: of singular values above tol, or above rtol times the largest.",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3, 1) + make(3),), {}), ((make(3),), {}), ((np.diag([1.0, 0.1]),), {"tol": 0.5}),
                          ((np.diag([1.0, 0.1]),), {"rtol": 0.2})],
    errors=lambda make: [((make(2, 2),), {"tol": 0.1, "rtol": 0.1}, "ArgumentError"), ((np.full((2, 2), np.nan),), {}, "ArgumentError"),
                         ((make.text(2, 2),), {}, "DTypeError")],
    expects="finite numbers, and one of tol and rtol", fix=_finite("matrix_rank"),
    torch="torch.linalg.matrix_rank(a, atol=tol, rtol=rtol) if a.ndim > 1 else (a != 0).any().long()",
)
