"""Differences, integrals, polynomials, interpolation: NumPy's functions that are made of ops."""

import math
import operator

import numpy as np

from ..errors import ArgumentError, ShapeError
from ._complaints import wrong
from ._define import composed
from .shape import at_axis, axis_of


def _front(op, x, axis, name="x"):
    """The axis counted from the left; an error where x, an argument of the op, does not have it."""
    return axis_of(op, axis, x.ndim, f"gd.{op}({name})" if x.ndim else f"gd.{op}({name}.reshape(-1))")


def _part(x, axis, start, stop=None):
    """x[start:stop] along an axis that is counted from the left."""
    return x[at_axis(axis, slice(start, stop))]


def _steps(xp, x, axis):
    """Each element along an axis less the one before; of booleans, whether they differ."""
    later, earlier = _part(x, axis, 1), _part(x, axis, 0, -1)
    return xp.not_equal(later, earlier) if x.dtype.kind == "b" else later - earlier


def _filled(xp, value, shape, other):
    """A number or a Tensor without axes, in a shape, and with the dtype that it has beside `other`."""
    return xp.where(True, value, xp.zeros(shape, dtype=getattr(other, "dtype", None)))


def _vector(xp, x, other):
    """x as a vector, a number as one of length 1."""
    if isinstance(x, int | float) or not x.ndim:
        return _filled(xp, x, (1,), other)
    if x.ndim > 1:
        raise ShapeError(f"an array of {x.ndim} axes is no vector")
    return x


def _flat_fix(name, *args):
    """A fix: the call with its arrays of several axes as vectors, and empty ones as a 1."""
    def fix(shapes, params):
        texts = [a if len(s) == 1 and s[0] else f"{a}.reshape(-1)" if math.prod(s) else "[1.0]" for a, s in zip(args, shapes, strict=False)]
        return f"gd.{name}({', '.join(texts)})"

    return fix


# ------------------------------------------------------------------------------------------------ differences
def _rising(make, n):
    """Coordinates for samples: they rise by steps of 0.75 to 1.25."""
    return np.arange(n, dtype="f4") + make(n) / 8


def _diff(xp, x, prepend, append, n, axis):
    if n < 0:
        raise wrong(ArgumentError, "diff", "n is negative", f"n={n}", "n of 0 or more", "gd.diff(x)")
    axis = _front("diff", x, axis)
    width = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    ends = [e if getattr(e, "ndim", 0) else _filled(xp, e, width, x) for e in (prepend, append) if e is not None]
    if ends:
        before, after = ends[: prepend is not None], ends[prepend is not None :]
        x = xp.concat([*before, x, *after], axis=axis)
    for _ in range(n):
        x = _steps(xp, x, axis)
    return x


diff = composed(
    "diff", lambda xp, x, prepend=None, append=None, *, n=1, axis=-1: _diff(xp, x, prepend, append, n, axis),
    tex=r"x_{i+1} - x_i", symbol="Δ", doc="Each element less the one before it, n times; of booleans, whether they differ.",
    order=("x", "n", "axis", "prepend", "append"),
    torch="torch.diff(x, n=n, dim=axis, prepend=prepend, append=append)",
    samples=lambda make: [((make(2, 4),), {}), ((make(4, 2),), {"n": 2, "axis": 0}), ((make(3),), {"n": 0}), ((make(2, 2),), {"n": 2}),
                          ((make(2, 3), make(2, 1), make(2, 2)), {}), ((make(2, 3), None, make(1, 3)), {"axis": -2, "n": 3})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(3),), {"n": -1}, "ArgumentError"),
                         ((make(2, 3), make(3, 1)), {}, "ShapeError"), ((make.text(3),), {}, "DTypeError")],
    expects="prepend and append that fit on every other axis", fix="gd.diff(x)",
)
ediff1d = composed(
    "ediff1d", lambda xp, x, to_end=None, to_begin=None: xp.concat(
        [_vector(xp, xp.reshape(part, (-1,)) if getattr(part, "ndim", 0) else part, x)
         for part in (to_begin, _steps(xp, xp.reshape(x, (-1,)), 0), to_end) if part is not None]),
    tex=r"x_{i+1} - x_i", symbol="Δ", doc="Differences of all elements in a row, between to_begin and to_end.",
    torch="torch.cat([part.reshape(-1) for part in (to_begin, torch.diff(x.reshape(-1)), to_end) if part is not None])",
    samples=lambda make: [((make(4),), {}), ((make(2, 3),), {}), ((make(3), make(2), make(1)), {}), ((make(1),), {}),
                          ((make(3), None, make(2, 2)), {})],
    errors=lambda make: [((make.text(3),), {}, "DTypeError"), ((make(3), make.text(1)), {}, "DTypeError"),
                         ((make(3), None, make.text(1)), {}, "DTypeError")],
)


def _slopes(xp, f, h, axis, edge_order):
    """Slopes along an axis. Inside those of the parabolas through three points, at the ends of lines or parabolas."""
    h = h if isinstance(h, int | float) or not h.ndim else xp.reshape(_steps(xp, h, 0), (-1, *[1] * (f.ndim - axis - 1)))
    secants = _steps(xp, f, axis) / h
    one, two = _part(secants, axis, 0, -1), _part(secants, axis, 1)  # left and right of each inner point
    a, b = (h, h) if isinstance(h, int | float) or not h.ndim else (h[:-1], h[1:])
    first, last = _part(secants, axis, 0, 1), _part(secants, axis, -1)
    if edge_order == 2:
        bend = (two - one) / (a + b)
        first = first - _part(a * bend, axis, 0, 1)
        last = last + _part(b * bend, axis, -1)
    return xp.concat([first, (b * one + a * two) / (a + b), last], axis=axis)


def _gradient(xp, f, spacing, axis, edge_order):
    if edge_order not in (1, 2):
        raise wrong(ArgumentError, "gradient", "no such order", f"edge_order={edge_order}", "1 or 2", "gd.gradient(f)")
    axes = range(f.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = [_front("gradient", f, a, "f") for a in axes]
    if len(spacing) == 1 and getattr(spacing[0], "ndim", 0) == 0:
        spacing = spacing * len(axes)
    for a, h in zip(axes, spacing or [1] * len(axes), strict=False):
        if f.shape[a] <= edge_order or (getattr(h, "ndim", 0) and h.shape != (f.shape[a],)):
            got = f"{f.shape[a]} elements along axis {a}, spacing of shape {getattr(h, 'shape', ())}"
            message = "too few elements" if f.shape[a] <= edge_order else "as many coordinates are needed as elements"
            expected = f"{edge_order + 1} elements or more, and a number or a coordinate for each"
            fix = "gd.zeros_like(f)" if f.shape[a] < 2 else f"gd.gradient(f, axis={a})"
            raise wrong(ShapeError, "gradient", message, got, expected, fix)
    if spacing and len(spacing) != len(axes):
        got, fix = f"{len(spacing)} for {len(axes)} axes", "gd.gradient(f)" if axis is None else f"gd.gradient(f, axis={axis})"
        raise wrong(ArgumentError, "gradient", "one spacing is needed, or one for each axis", got, f"1 or {len(axes)}", fix)
    found = tuple(_slopes(xp, f, h, a, edge_order) for a, h in zip(axes, spacing or [1] * len(axes), strict=True))
    return found[0] if len(found) == 1 else found


gradient = composed(
    "gradient", lambda xp, f, *spacing, axis=None, edge_order=1: _gradient(xp, f, spacing, axis, edge_order),
    tex=r"\frac{f_{i+1} - f_{i-1}}{2 h}", symbol="∇",
    doc="Slopes along each axis by central differences; the spacing is a number or coordinates, one or one for each axis.", method=False,
    torch="[s / (1 if not spacing or spacing[0].ndim else spacing[0]) for s in torch.gradient("
          "f, spacing=[h for h in spacing if h.ndim] or 1, dim=tuple(range(f.ndim)) if axis is None else axis, edge_order=edge_order)]",
    samples=lambda make: [((make(4),), {}), ((make(3, 4),), {"edge_order": 2}), ((make(2, 4),), {"axis": 1}),
                          ((make(2, 2), np.asarray(make() + 3)), {}), ((make(3, 4), _rising(make, 3), _rising(make, 4)), {}),
                          ((make(2, 5), _rising(make, 5)), {"axis": -1, "edge_order": 2})],
    errors=lambda make: [((make(1),), {}, "ShapeError"), ((make(3), make(2)), {}, "ShapeError"),
                         ((make(3, 3), make(3), make(3), make(3)), {}, "ArgumentError"), ((make(3),), {"edge_order": 3}, "ArgumentError"),
                         ((make(3),), {"axis": 1}, "IndexError_"), ((make(3), make.text(3)), {}, "DTypeError")],
)


# ------------------------------------------------------------------------------------------------ integrals, interpolation
def _trapezoid(xp, y, x, dx, axis):
    at = _front("trapezoid", y, axis, "y")
    if x is not None:
        along = 0 if x.ndim == 1 else axis_of("trapezoid", axis, x.ndim, "gd.trapezoid(y)")
        if x.shape[along] != y.shape[at]:
            raise ShapeError(f"{x.shape[along]} points for {y.shape[at]} elements")
        dx = _steps(xp, x, along)
        dx = xp.reshape(dx, (-1, *[1] * (y.ndim - at - 1))) if x.ndim == 1 else dx
    return xp.sum(dx * (_part(y, at, 1) + _part(y, at, 0, -1)) / 2, axis=at)


trapezoid = composed(
    "trapezoid", lambda xp, y, x=None, *, dx=1.0, axis=-1: _trapezoid(xp, y, x, dx, axis),
    tex=r"\sum_i \frac{y_i + y_{i+1}}{2} (x_{i+1} - x_i)", symbol="∫",
    doc="The integral by the trapezoidal rule, over points x or at steps of dx.",
    torch="torch.trapezoid(y, dx=dx, dim=axis) if x is None else torch.trapezoid(y, x, dim=axis)",
    samples=lambda make: [((make(4),), {}), ((make(2, 3),), {"dx": 0.5, "axis": 0}), ((make(4), make(4)), {}), ((make(2, 3), make(3)), {}),
                          ((make(2, 3), make(2, 3)), {"axis": 0}), ((make(1),), {})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3), make(4)), {}, "ShapeError"),
                         ((make.text(3),), {}, "DTypeError")],
    expects="as many points x as elements along the axis", fix="gd.trapezoid(y)",
)


def _interp(xp, x, points, values, left, right, period):
    x = _filled(xp, x, (), points) if isinstance(x, int | float) else x
    if points.ndim != 1 or points.shape != values.shape or not points.shape[0]:
        raise ShapeError("points and values have to be vectors of the same length")
    if period is not None:
        if not period:
            raise wrong(ArgumentError, "interp", "no such period", "period=0", "another period", "gd.interp(x, points, values)")
        period = abs(period)
        x, points = x % period, points % period
        order = xp.argsort(points)
        points, values = points[order], values[order]
        points = xp.concat([points[-1:] - period, points, points[:1] + period])
        values = xp.concat([values[-1:], values, values[:1]])
    if points.shape[0] == 1:
        points, values = xp.concat([points, points + 1]), xp.concat([values, values])
    k = xp.clip(xp.searchsorted(points, x, side="right") - 1, 0, points.shape[0] - 2)
    inside = xp.clip(x, points[0], points[-1])
    y = values[k] + (values[k + 1] - values[k]) / (points[k + 1] - points[k]) * (inside - points[k])
    y = y if left is None or period is not None else xp.where(x < points[0], left, y)
    return y if right is None or period is not None else xp.where(x > points[-1], right, y)


interp = composed(
    "interp", lambda xp, x, points, values, left=None, right=None, *, period=None: _interp(xp, x, points, values, left, right, period),
    tex=r"y_k + \frac{y_{k+1} - y_k}{p_{k+1} - p_k} (x - p_k)", method=False, torch="",
    doc="The lines through rising points and values, at x; outside, left and right, else the values at the ends. NumPy says xp and fp.",
    samples=lambda make: [((make(2, 3), _rising(make, 4) - 1.6, make(4)), {}),
                          ((make(4) * 2, _rising(make, 3) - 1, make(3), make(), make()), {}),
                          ((make(3) * 3, make(4), make(4)), {"period": 1.5}), ((make(), make(1), make(1)), {}),
                          ((make(0), _rising(make, 2), make(2)), {})],
    errors=lambda make: [((make(3), make(3), make(4)), {}, "ShapeError"), ((make(3), make(2, 2), make(2, 2)), {}, "ShapeError"),
                         ((make(3), make(3), make(3)), {"period": 0}, "ArgumentError"),
                         ((make(3), make.text(3), make(3)), {}, "DTypeError")],
    expects="points and values of shape (N,), points in rising order",
    fix=lambda shapes, params: "gd.interp(x, points.reshape(-1)[:{0}], values.reshape(-1)[:{0}])".format(min(map(math.prod, shapes[1:3]))),
)


# ------------------------------------------------------------------------------------------------ angles
DEGREES = 180 / math.pi
angle = composed(
    "angle", lambda xp, x, *, deg=False: xp.arctan2(0.0, x) * (DEGREES if deg else 1), kinks=(0,),
    tex=r"0 \text{ if } x > 0 \text{ else } \pi", doc="The angle of a real number as a complex one: 0, or half a turn where it is negative.",
    torch="torch.angle(x) * (180 / math.pi if deg else 1)",
    samples=lambda make: [((make(2, 3),), {}), ((make(4),), {"deg": True}), ((make(),), {}), ((make(0),), {})],
    errors=lambda make: [((make.text(3),), {}, "DTypeError"), ((make.text(),), {}, "DTypeError"), ((make.text(2, 1),), {"deg": True}, "DTypeError")],
)


def _unwrap(xp, x, discont, axis, period):
    """Whole periods have no slope, and neither has `//`: the gradient is that of x."""
    axis = _front("unwrap", x, axis)
    step = _steps(xp, x, axis)
    low = -(period // 2) if isinstance(period, int) and step.dtype.kind in "iu" else -period / 2
    back = -period * ((step - low) // period)
    if 2 * low == -period:  # half a period up stays up
        back = back + xp.where(xp.logical_and(step + back == low, step > 0), period, 0)
    back = xp.where(xp.abs(step) < (period / 2 if discont is None else discont), 0, back)
    return xp.concat([_part(x, axis, 0, 1), _part(x, axis, 1) + xp.cumsum(back, axis=axis)], axis=axis)


unwrap = composed(
    "unwrap", lambda xp, x, *, discont=None, axis=-1, period=2 * math.pi: _unwrap(xp, x, discont, axis, period),
    tex=r"x_i + 2 \pi k_i", torch="", doc="Angles with the jumps of more than half a period taken out, by adding whole periods.",
    samples=lambda make: [((make(5) * 4,), {}), ((make(2, 4) * 2,), {"period": 1.5, "axis": 0}), ((make(4) * 3,), {"discont": 4.0}),
                          ((make(1),), {})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3),), {"axis": -3}, "IndexError_"),
                         ((make.text(3),), {}, "DTypeError")],
)


# ------------------------------------------------------------------------------------------------ convolution
def _correlate(xp, a, v, mode, name):
    """Sums of a[k + n] v[n] over n: windows of the longer one times the shorter one."""
    a, v = _vector(xp, a, v), _vector(xp, v, a)
    if mode not in ("full", "same", "valid"):
        raise wrong(ArgumentError, name, "no such mode", f"mode={mode!r}", "'full', 'same' or 'valid'", f"gd.{name}(a, v)")
    if not a.shape[0] or not v.shape[0]:
        raise ShapeError("an empty array")
    if a.shape[0] < v.shape[0]:
        return xp.flip(_correlate(xp, v, a, mode, name))
    m = v.shape[0]
    before, after = {"full": (m - 1, m - 1), "same": (m // 2, m - 1 - m // 2), "valid": (0, 0)}[mode]
    a = xp.concat([xp.zeros(before, dtype=a.dtype), a, xp.zeros(after, dtype=a.dtype)])
    return xp.unfold(a, dimension=0, size=m, step=1) @ v


def _convolve(xp, a, v, mode):
    a, v = _vector(xp, a, v), _vector(xp, v, a)
    longer, shorter = (a, v) if a.shape[0] >= v.shape[0] else (v, a)
    return _correlate(xp, longer, xp.flip(shorter), mode, "convolve")


def _torch_modes(kernel):
    """PyTorch's spelling: all sums, and what the mode cuts out of them."""
    m, n = (f"{f}(a.numel(), v.numel())" for f in ("min", "max"))
    return (
        f"F.conv1d(a.reshape(1, 1, -1), {kernel}.reshape(1, 1, -1), padding=v.numel() - 1)[0, 0]"
        f"[dict(full=0, same=({m} - 1) // 2, valid={m} - 1)[mode]:][:dict(full=None, same={n}, valid={n} - {m} + 1)[mode]]"
    )


def _vectors(make):
    return [
        ((make(5), make(3)), {"mode": "full"}), ((make(5), make(3)), {"mode": "same"}), ((make(6), make(2)), {"mode": "same"}),
        ((make(5), make(3)), {"mode": "valid"}), ((make(2), make(4)), {}), ((make(3), make(3)), {}), ((make(), make(1)), {}),
    ]  # fmt: skip


def _no_vectors(make):
    return [((make(2, 3), make(3)), {}, "ShapeError"), ((make(3), make(0)), {}, "ShapeError"),
            ((make(3), make(2)), {"mode": "all"}, "ArgumentError"), ((make(3), make.text(2)), {}, "DTypeError")]  # fmt: skip


correlate = composed(
    "correlate", lambda xp, a, v, *, mode="valid": _correlate(xp, a, v, mode, "correlate"),
    tex=r"\sum_n a_{k+n} v_n", symbol="⋆", method=False,
    doc="The cross-correlation of two vectors, at all shifts or where they overlap fully.",
    samples=_vectors, errors=_no_vectors, expects="two vectors", fix=_flat_fix("correlate", "a", "v"), torch=_torch_modes("v"),
)
convolve = composed(
    "convolve", lambda xp, a, v, *, mode="full": _convolve(xp, a, v, mode),
    tex=r"\sum_n a_{k-n} v_n", symbol="∗", method=False,
    doc="The convolution of two vectors, at all shifts or where they overlap fully.",
    samples=_vectors, errors=_no_vectors, expects="two vectors", fix=_flat_fix("convolve", "a", "v"), torch=_torch_modes("v.flip(-1)"),
)


# ------------------------------------------------------------------------------------------------ polynomials
def _aligned(xp, a, b):
    """Two polynomials, highest powers first, as vectors of the same length."""
    a, b = _vector(xp, a, b), _vector(xp, b, a)
    n = max(a.shape[0], b.shape[0])
    return [xp.concat([xp.zeros(n - p.shape[0], dtype=p.dtype), p]) if p.shape[0] < n else p for p in (a, b)]


def _polyval(xp, p, x):
    """Horner's scheme."""
    p = _vector(xp, p, x)
    y = x * xp.zeros((), dtype=p.dtype)
    for k in range(p.shape[0]):
        y = y * x + p[k]
    return y


def _times(m, name):
    """How often to differentiate or integrate."""
    if m < 0:
        raise wrong(ArgumentError, name, "m is negative", f"m={m}", "m of 0 or more", f"gd.{name}(p)")
    return range(m)


def _polyder(xp, p, m):
    p = _vector(xp, p, p)
    for _ in _times(m, "polyder"):
        p = p[:-1] * xp.arange(p.shape[0] - 1, 0, -1, dtype=p.dtype)
    return p


def _polyint(xp, p, k, m):
    p = _vector(xp, p, p)
    k = _vector(xp, 0 if k is None else k, p)
    if k.shape[0] not in (1, m):
        raise ShapeError("one constant is needed, or one for each time")
    for i in _times(m, "polyint"):
        at = i if k.shape[0] > 1 else 0
        p = xp.concat([p / xp.arange(p.shape[0], 0, -1, dtype=p.dtype), k[at : at + 1]])
    return p


def _polydiv(xp, u, v):
    """Long division: the first coefficient of what remains, over that of v, is the next of the quotient."""
    u, v = _vector(xp, u, v) * 1.0, _vector(xp, v, u)
    if not u.shape[0] or not v.shape[0]:
        raise ShapeError("a polynomial without coefficients")
    n, found = v.shape[0], []
    while u.shape[0] >= n:
        found.append(u[:1] / v[:1])
        u = xp.concat([u[1:n] - found[-1] * v[1:], u[n:]])
    rest = u if u.shape[0] else xp.zeros(1, dtype=u.dtype)
    while rest.shape[0] > 1 and abs(rest[0].item()) <= 1e-8:  # as NumPy's allclose to 0
        rest = rest[1:]
    return xp.concat(found) if found else xp.zeros(1, dtype=u.dtype), rest


def _poly(xp, zeros):
    """The product of all x - z."""
    zeros = _vector(xp, zeros, None)
    p = xp.ones(1, dtype=zeros.dtype)
    for i in range(zeros.shape[0]):
        none = xp.zeros(1, dtype=p.dtype)
        p = xp.concat([p, none]) - zeros[i] * xp.concat([none, p])
    return p


def _vander(xp, x, N, increasing):
    if x.ndim != 1:
        raise ShapeError("the matrix is made of a vector")
    powers = xp.arange(x.shape[0] if N is None else N)
    powers = xp.astype(powers if increasing else xp.flip(powers), x.dtype)
    return x[:, None] ** powers


def _polyfit(xp, x, y, w, deg, rcond):
    """Least squares on the powers of x, scaled to columns of length 1."""
    if deg < 0:
        raise wrong(ArgumentError, "polyfit", "deg is negative", f"deg={deg}", "deg of 0 or more", "gd.polyfit(x, y, 0)")
    if x.ndim != 1 or y.ndim not in (1, 2) or x.shape != y.shape[:1] or not x.shape[0] or (w is not None and w.shape != x.shape):
        raise ShapeError("as many points are needed as values")
    powers = _vander(xp, x, deg + 1, False)
    if w is not None:
        powers, y = powers * w[:, None], y * (w if y.ndim == 1 else w[:, None])
    scale = xp.sqrt(xp.sum(powers * powers, axis=0))
    found = xp.lstsq(powers / scale, y, rcond=x.shape[0] * np.finfo(powers.dtype).eps if rcond is None else rcond)
    return found / (scale if y.ndim == 1 else scale[:, None])


def _polyfit_fix(shapes, params):
    n = min([s[0] for s in shapes if s], default=1)
    return f"gd.polyfit(x.reshape(-1)[:{n}], y.reshape(-1)[:{n}], {params['deg']})" if n else "gd.polyfit([0.0], [0.0], 0)"


polyval = composed(
    "polyval", lambda xp, p, x: _polyval(xp, p, x), tex=r"\sum_i p_i x^{n-1-i}", method=False, torch="",
    doc="The polynomial with these coefficients, highest power first, at x.",
    samples=lambda make: [((make(3), make(2, 2)), {}), ((make(4), make()), {}), ((make(1), make(2)), {}), ((make(2), 0.5), {})],
    errors=lambda make: [((make(2, 3), make(3)), {}, "ShapeError"), ((make(2), make.text(3)), {}, "DTypeError"),
                         ((make.text(2), make(3)), {}, "DTypeError")],
    expects="a vector of coefficients", fix=lambda shapes, params: "gd.polyval(p.reshape(-1), x)",
)
_two = dict(
    method=False, torch="", expects="two vectors of coefficients",
    samples=lambda make: [((make(3), make(2)), {}), ((make(2), make(3)), {}), ((make(2), make()), {}), ((make(1), make(1)), {})],
    errors=lambda make: [((make(2, 3), make(3)), {}, "ShapeError"), ((make(3), make.text(3)), {}, "DTypeError"),
                         ((make.text(2), make(3)), {}, "DTypeError")],
)  # fmt: skip
polyadd = composed(
    "polyadd", lambda xp, a, b: operator.add(*_aligned(xp, a, b)), tex="a + b", symbol="+",
    doc="The sum of two polynomials, highest powers first.", fix=_flat_fix("polyadd", "a", "b"), **_two,
)
polysub = composed(
    "polysub", lambda xp, a, b: operator.sub(*_aligned(xp, a, b)), tex="a - b", symbol="−",
    doc="The difference of two polynomials, highest powers first.", fix=_flat_fix("polysub", "a", "b"), **_two,
)
polymul = composed(
    "polymul", lambda xp, a, b: _convolve(xp, a, b, "full"), tex=r"a \cdot b", symbol="×",
    doc="The product of two polynomials, highest powers first.", fix=_flat_fix("polymul", "a", "b"), **_two,
)
polydiv = composed(
    "polydiv", lambda xp, u, v: _polydiv(xp, u, v), tex=r"u = q v + r", symbol="÷", method=False, torch="",
    doc="Quotient and remainder of two polynomials, highest powers first.", domain={"u": (1, 2), "v": (1, 2)},
    samples=lambda make: [((make(4, arg="u"), make(2, arg="v")), {}), ((make(3, arg="u"), make(3, arg="v")), {}),
                          ((make(2, arg="u"), make(1, arg="v")), {})],
    errors=lambda make: [((make(2, 3, arg="u"), make(3, arg="v")), {}, "ShapeError"),
                         ((make(3, arg="u"), make(0, arg="v")), {}, "ShapeError"), ((make(3, arg="u"), make.text(3)), {}, "DTypeError")],
    expects="two vectors of coefficients", fix=_flat_fix("polydiv", "u", "v"),
)
polyder = composed(
    "polyder", lambda xp, p, *, m=1: _polyder(xp, p, m), tex="p'", method=False, torch="",
    doc="The derivative of a polynomial, highest power first; m times.",
    samples=lambda make: [((make(4),), {}), ((make(4),), {"m": 2}), ((make(3),), {"m": 0})],
    errors=lambda make: [((make(2, 3),), {}, "ShapeError"), ((make(3),), {"m": -1}, "ArgumentError"), ((make.text(3),), {}, "DTypeError")],
    expects="a vector of coefficients", fix=_flat_fix("polyder", "p"),
)
polyint = composed(
    "polyint", lambda xp, p, k=None, *, m=1: _polyint(xp, p, k, m), tex=r"\int p", order=("p", "m", "k"), method=False, torch="",
    doc="The integral of a polynomial, highest power first; m times, with the constants k.",
    samples=lambda make: [((make(3),), {}), ((make(3),), {"m": 2}), ((make(2), make(2)), {"m": 2}), ((make(2), make(1)), {"m": 3}),
                          ((make(2), make()), {})],
    errors=lambda make: [((make(2, 3),), {}, "ShapeError"), ((make(3), make(2)), {}, "ShapeError"),
                         ((make(3),), {"m": -1}, "ArgumentError"), ((make.text(3),), {}, "DTypeError")],
    expects="a vector of coefficients, and one constant or m of them", fix=_flat_fix("polyint", "p"),
)
polyfit = composed(
    "polyfit", lambda xp, x, y, w=None, *, deg, rcond=None: _polyfit(xp, x, y, w, deg, rcond), order=("x", "y", "deg", "rcond", "w"),
    tex=r"\arg\min_p \sum_i w_i^2 (p(x_i) - y_i)^2", method=False, torch="",
    doc="The polynomial of degree deg that is closest to the points, highest power first; w weighs the distances.",
    samples=lambda make: [((_rising(make, 4), make(4)), {"deg": 1}), ((_rising(make, 4), make(4, 2)), {"deg": 2}),
                          ((make(3), make(3)), {"deg": 0}), ((_rising(make, 4), make(4), _rising(make, 4) + 1), {"deg": 1}),
                          ((_rising(make, 3), make(3, 2), _rising(make, 3) + 1), {"deg": 1})],
    errors=lambda make: [((make(3), make(4)), {"deg": 1}, "ShapeError"), ((make(2, 2), make(2)), {"deg": 0}, "ShapeError"),
                         ((make(3), make(3)), {"deg": -1}, "ArgumentError"), ((make(3), make.text(3)), {"deg": 1}, "DTypeError")],
    expects="x (n,), y (n,) or (n, k), w (n,)", fix=_polyfit_fix,
)
poly = composed(
    "poly", lambda xp, zeros: _poly(xp, zeros), tex=r"\prod_i (x - z_i)", symbol="Π", method=False, torch="",
    doc="The polynomial with these zeros, highest power first.",
    samples=lambda make: [((make(3),), {}), ((make(1),), {}), ((make(0),), {})],
    errors=lambda make: [((make(2, 2),), {}, "ShapeError"), ((make(1, 3),), {}, "ShapeError"), ((make.text(3),), {}, "DTypeError")],
    expects="a vector; the characteristic polynomial of a matrix is that of its eigenvalues", fix=_flat_fix("poly", "zeros"),
)
vander = composed(
    "vander", lambda xp, x, *, N=None, increasing=False: _vander(xp, x, N, increasing), tex=r"x_i^{n-1-j}",
    doc="The powers of the elements of a vector, highest first or last, N columns or as many as elements.",
    torch="torch.stack([x ** k for k in range(len(x) if N is None else N)][::1 if increasing else -1], 1)",
    samples=lambda make: [((make(3),), {}), ((make(2),), {"N": 4}), ((make(3),), {"N": 2, "increasing": True}),
                          ((0 * make(2) - np.array([0, 1], "f4"),), {"N": 4})],
    errors=lambda make: [((make(2, 3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"), ((make.text(3),), {}, "DTypeError")],
    expects="a vector", fix="gd.vander(x.reshape(-1))",
)
