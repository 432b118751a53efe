"""Functions that take axes away, and those that run along one."""

import math

import numpy as np

from ..errors import ArgumentError, IndexError_, ShapeError
from ._define import composed, general, linear

INF, MINUS_INF = math.inf, -math.inf


# ------------------------------------------------------------------------------------------------ axes
def one_axis(axis, ndim):
    """An axis counted from 0; it has to be there."""
    if not -ndim <= axis < ndim:
        raise IndexError_(f"axis {axis} is out of range for {ndim} axes")
    return axis % ndim


def axes_of(axis, ndim):
    """The reduced axes counted from 0; None stands for all."""
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(one_axis(a, ndim) for a in axes) if ndim else ()


def count(axis, shape):
    """How many elements of `shape` go into one of the result."""
    return math.prod(shape if axis is None else [shape[a] for a in axes_of(axis, len(shape))])


def spread(xp, g, axis, keepdims, shape):
    """Give a reduced array its axes back: what summing is the transpose of."""
    if not keepdims:
        gone = axes_of(axis, len(shape))
        g = xp.reshape(g, tuple(1 if a in gone else n for a, n in enumerate(shape)))
    return xp.broadcast_to(g, shape)


def cut(x, axis, start, stop):
    """x[start:stop] along an axis that is counted from 0."""
    return x[(slice(None),) * axis + (slice(start, stop), ...)]


def merged(xp, x, axis):
    """x with the reduced axes behind the others and merged into one, and the order that its axes then had."""
    gone = axes_of(axis, x.ndim)
    kept = tuple(a for a in range(x.ndim) if a not in gone)
    moved = xp.permute_dims(x, (*kept, *gone))
    return xp.reshape(moved, (*moved.shape[: len(kept)], count(axis, x.shape))), (*kept, *gone)


def floating(xp, x):
    """Integers in the default dtype."""
    return x if hasattr(x, "dtype") and x.dtype.kind == "f" else xp.multiply(x, 1.0)


def axes_samples(make):
    return [
        ((make(2, 3),), {}), ((make(2, 3),), {"axis": 0}), ((make(2, 3, 2),), {"axis": (0, -1), "keepdims": True}),
        ((make(3),), {"axis": -1}), ((make(),), {}), ((make(0, 3),), {"axis": 1}),
    ]


def axes_errors(make):
    return [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3),), {"axis": (0, 5)}, "IndexError_"),
            ((make.text(4),), {}, "DTypeError")]


def one_axis_errors(make):
    return [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(3),), {"axis": -2}, "IndexError_"),
            ((make.text(4),), {"axis": 0}, "DTypeError")]


# ------------------------------------------------------------------------------------------------ sums
def _mean(xp, x, axis, keepdims):
    """NumPy warns of the mean of nothing; here it is 0 / 0 and no more."""
    if getattr(x, "size", 1):
        return xp.mean(x, axis=axis, keepdims=keepdims)
    return xp.sum(x, axis=axis, keepdims=keepdims) / count(axis, x.shape)


sum = linear(
    "sum", lambda xp, x, *, axis=None, keepdims=False: xp.sum(x, axis=axis, keepdims=keepdims),
    transpose=lambda xp, g, *, axis, keepdims, shapes: spread(xp, g, axis, keepdims, shapes[0]),
    tex=r"\sum_i x_i", symbol="Σ", doc="The sum over the given axes, or over all.", errors=axes_errors,
    samples=lambda make: [*axes_samples(make), ((make(0, 3),), {"axis": 0}), ((make(0),), {})],
    torch="torch.sum(x, axis, keepdim=keepdims)",
)
mean = linear(
    "mean", lambda xp, x, *, axis=None, keepdims=False: _mean(xp, x, axis, keepdims),
    transpose=lambda xp, g, *, axis, keepdims, shapes: spread(xp, g / count(axis, shapes[0]), axis, keepdims, shapes[0]),
    tex=r"\frac{1}{n} \sum_i x_i", doc="The mean over the given axes, or over all; NaN of no elements.",
    samples=axes_samples, errors=axes_errors, torch="torch.mean(x, axis, keepdim=keepdims)",
)


def _before(xp, x, axis):
    """The product of all elements before each."""
    return cut(xp.cumulative_prod(x, axis=axis, include_initial=True), axis, None, -1)


def _others(xp, x, axis):
    """For each element the product of all others of its slice: no division, so zeros are exact."""
    flat, order = merged(xp, x, axis)
    last = flat.ndim - 1
    after = xp.flip(_before(xp, xp.flip(flat, axis=last), last), axis=last)
    moved = xp.reshape(_before(xp, flat, last) * after, tuple(x.shape[a] for a in order))
    return xp.permute_dims(moved, tuple(order.index(a) for a in range(x.ndim)))


def _with_zeros(x):
    """Rows without zeros, with one, with two."""
    x[1, 1] = x[2, 1] = x[2, -1] = 0
    return x


prod = general(
    "prod", lambda xp, x, *, axis=None, keepdims=False: xp.prod(x, axis=axis, keepdims=keepdims),
    vjp={"x": lambda xp, g, x, *, axis, keepdims: spread(xp, g, axis, keepdims, x.shape) * _others(xp, x, axis)},
    jvp={"x": lambda xp, t, x, *, axis, keepdims: xp.sum(t * _others(xp, x, axis), axis=axis, keepdims=keepdims)},
    tex=r"\prod_i x_i", symbol="Π", doc="The product over the given axes, or over all; its gradient is exact where elements are 0.",
    samples=lambda make: [*axes_samples(make), ((_with_zeros(make(3, 4)),), {"axis": 1}), ((make(0, 2),), {"axis": 0})], errors=axes_errors,
    torch="torch.prod(x) if axis is None else torch.prod(x, axis) if isinstance(axis, int) else x.prod(axis[0], True).prod(axis[1], True)",
)


def _weights_like(xp, x, weights, axis):
    """The weights with an axis for each of x: one for each element, or one for each place along the axis."""
    shape, given = x.shape, getattr(weights, "shape", None)
    if given == shape:
        return weights
    gone = axes_of(axis, x.ndim)
    if axis is not None and given == tuple(shape[a] for a in gone):
        in_order = xp.permute_dims(weights, tuple(sorted(range(len(gone)), key=gone.__getitem__)))
        return xp.reshape(in_order, tuple(n if a in gone else 1 for a, n in enumerate(shape)))
    fits = given is not None and len(given) == 1 and given[0] in shape
    raise ShapeError(
        "the weights do not fit", op="average", got=f"x {shape}, weights {weights if given is None else given}, axis={axis}",
        expected="weights of the shape of x, or one for each place along axis=",
        fix=f"gd.average(x, weights=weights, axis={shape.index((given or shape)[0])})" if fits else "gd.average(x, weights=gd.ones_like(x))",
    )


def _average(xp, x, weights, axis, keepdims):
    if weights is None:
        return xp.mean(x, axis=axis, keepdims=keepdims)
    weights = _weights_like(xp, x, weights, axis)
    total = xp.sum(x * weights, axis=axis, keepdims=keepdims)
    return total / xp.sum(weights, axis=axis, keepdims=keepdims)


def _positive(x):
    return np.asarray(np.abs(x) + 0.5, x.dtype)


average = composed(
    "average", lambda xp, x, weights=None, *, axis=None, keepdims=False: _average(xp, x, weights, axis, keepdims),
    order=("x", "axis", "weights", "keepdims"), tex=r"\frac{\sum_i w_i x_i}{\sum_i w_i}", doc="The mean with weights.",
    samples=lambda make: [
        ((make(2, 3), _positive(make(2, 3))), {}), ((make(2, 3), _positive(make(2))), {"axis": 0}),
        ((make(2, 3), _positive(make(3))), {"axis": -1, "keepdims": True}), ((make(2, 3),), {"axis": 1}),
        ((make(2, 3, 2), _positive(make(2, 3))), {"axis": (2, 1)}), ((make(), _positive(make())), {}),
    ],
    errors=lambda make: [
        ((make(2, 3), _positive(make(3))), {}, "ShapeError"), ((make(2, 3), 2.0), {"axis": 0}, "ShapeError"),
        ((make(2, 3), _positive(make(4))), {"axis": 1}, "ShapeError"),
        ((make(2, 3),), {"axis": 2}, "IndexError_"), ((make.text(4),), {}, "DTypeError"),
    ],
    torch="torch.mean(x, axis, keepdim=keepdims) if weights is None else torch.sum(weights) ** -1 * torch.tensordot(x, weights, "
          "(list(range(x.ndim)) if axis is None else [axis] if isinstance(axis, int) else axis, list(range(weights.ndim))))",
)

# ------------------------------------------------------------------------------------------------ extremes
def _share(xp, g, x, y, axis, keepdims):
    """The gradient of an extreme value, shared evenly among the elements that reach it."""
    hit = x == spread(xp, y, axis, keepdims, x.shape)
    n = xp.sum(xp.astype(hit, g.dtype), axis=axis, keepdims=True)
    return xp.where(hit, spread(xp, g, axis, keepdims, x.shape), 0) / n


def _pick(xp, t, x, y, axis, keepdims):
    """The tangent of an extreme value: the mean of the tangents of the elements that reach it."""
    hit = x == spread(xp, y, axis, keepdims, x.shape)
    n = xp.sum(xp.astype(hit, t.dtype), axis=axis, keepdims=keepdims)
    return xp.sum(xp.where(hit, t, 0), axis=axis, keepdims=keepdims) / n


def _extreme_errors(make):
    return [*axes_errors(make), ((make(0, 3),), {}, "ShapeError")]


def _extreme(name, forward, word, nothing):
    return general(
        name, forward,
        vjp={"x": lambda xp, g, x, y, *, axis, keepdims: _share(xp, g, x, y, axis, keepdims)},
        jvp={"x": lambda xp, t, x, y, *, axis, keepdims: _pick(xp, t, x, y, axis, keepdims)},
        tex=rf"\{name}_i x_i", doc=f"The {word} over the given axes, or over all; ties share the gradient evenly.",
        aliases=("a" + name,), samples=axes_samples, errors=_extreme_errors,
        expects="at least one element", fix=f"gd.{name}(x) if x.size else gd.tensor({nothing})",
        torch=f"torch.a{name}(x, () if axis is None else axis, keepdim=keepdims)",
    )


max = _extreme("max", lambda xp, x, *, axis=None, keepdims=False: xp.max(x, axis=axis, keepdims=keepdims), "largest value", "-np.inf")
min = _extreme("min", lambda xp, x, *, axis=None, keepdims=False: xp.min(x, axis=axis, keepdims=keepdims), "smallest value", "np.inf")
ptp = composed(
    "ptp", lambda xp, x, *, axis=None, keepdims=False: xp.max(x, axis=axis, keepdims=keepdims) - xp.min(x, axis=axis, keepdims=keepdims),
    tex=r"\max_i x_i - \min_i x_i", doc="From peak to peak: the largest value minus the smallest.",
    samples=axes_samples, errors=_extreme_errors,
    expects="at least one element", fix="gd.ptp(x) if x.size else gd.tensor(0.0)",
    torch="torch.amax(x, () if axis is None else axis) - torch.amin(x, () if axis is None else axis)",
)


def _arg_errors(make):
    return [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(0, 3),), {}, "ShapeError"), ((make.text(4),), {}, "DTypeError")]


def _arg(name, forward, word):
    return general(
        name, forward, boolean=True,
        tex=rf"\arg\{name[3:]}_i x_i", doc=f"The index of the {word} value, the first of equal ones; it has no gradient.",
        samples=lambda make: [((make(2, 3),), {}), ((make(2, 3),), {"axis": 1}), ((make(2, 3),), {"axis": -2, "keepdims": True}),
                              ((make(),), {})],
        errors=_arg_errors, expects="at least one element", fix=f"gd.{name}(x) if x.size else gd.tensor(-1)",
        torch=f"torch.{name}(x, axis, keepdim=keepdims)",
    )


argmax = _arg("argmax", lambda xp, x, *, axis=None, keepdims=False: xp.argmax(x, axis=axis, keepdims=keepdims), "largest")
argmin = _arg("argmin", lambda xp, x, *, axis=None, keepdims=False: xp.argmin(x, axis=axis, keepdims=keepdims), "smallest")


# ------------------------------------------------------------------------------------------------ spread
def freedom(axis, ddof, shape):
    """What the squares are divided by: the number of elements less ddof, and not below 0."""
    n = count(axis, shape) - ddof
    return n if n > 0 else 0


def _var(xp, x, axis, ddof, keepdims):
    c = x - _mean(xp, x, axis, True)
    return xp.sum(c * c, axis=axis, keepdims=keepdims) / freedom(axis, ddof, c.shape)


def _centered(xp, x, axis):
    return x - xp.mean(x, axis=axis, keepdims=True)


def _std_slope(xp, g, y):
    """g / y, and 0 where nothing spreads."""
    flat = y == 0
    return xp.where(flat, 0, g) / xp.where(flat, 1, y)


def _spread_samples(make):
    return [*axes_samples(make), ((make(2, 3),), {"axis": 1, "ddof": 1}), ((make(4),), {"ddof": 0.5, "keepdims": True})]


var = general(
    "var", lambda xp, x, *, axis=None, ddof=0, keepdims=False: _var(xp, x, axis, ddof, keepdims),
    vjp={"x": lambda xp, g, x, *, axis, ddof, keepdims:
         spread(xp, 2 * g / freedom(axis, ddof, x.shape), axis, keepdims, x.shape) * _centered(xp, x, axis)},
    jvp={"x": lambda xp, t, x, *, axis, ddof, keepdims:
         2 * xp.sum(t * _centered(xp, x, axis), axis=axis, keepdims=keepdims) / freedom(axis, ddof, x.shape)},
    tex=r"\frac{1}{n - \mathrm{ddof}} \sum_i (x_i - \bar x)^2", doc="The variance over the given axes, or over all; ddof=1 for a sample.",
    samples=_spread_samples, errors=axes_errors, torch="torch.var(x, axis, correction=ddof, keepdim=keepdims)",
)
std = general(
    "std", lambda xp, x, *, axis=None, ddof=0, keepdims=False: xp.sqrt(_var(xp, x, axis, ddof, keepdims)),
    vjp={"x": lambda xp, g, x, y, *, axis, ddof, keepdims:
         spread(xp, _std_slope(xp, g, y) / freedom(axis, ddof, x.shape), axis, keepdims, x.shape) * _centered(xp, x, axis)},
    jvp={"x": lambda xp, t, x, y, *, axis, ddof, keepdims:
         _std_slope(xp, xp.sum(t * _centered(xp, x, axis), axis=axis, keepdims=keepdims), y) / freedom(axis, ddof, x.shape)},
    tex=r"\sqrt{\frac{1}{n - \mathrm{ddof}} \sum_i (x_i - \bar x)^2}",
    doc="The standard deviation over the given axes, or over all; ddof=1 for a sample; derivative 0 where it is 0.",
    samples=_spread_samples, errors=axes_errors, torch="torch.std(x, axis, correction=ddof, keepdim=keepdims)",
)


# ------------------------------------------------------------------------------------------------ logarithm of a sum
def _logsumexp(xp, x, axis, keepdims):
    """ln Σ e^(x - m) + m, with the largest x as m, so that nothing overflows; infinite values need no shift."""
    x = xp.asarray(x)
    m = (xp.sum if 0 in x.shape else xp.max)(x, axis=axis, keepdims=True)
    m = xp.where(xp.isfinite(m), m, 0.0)
    y = xp.log(xp.sum(xp.exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else xp.reshape(y, tuple(n for a, n in enumerate(x.shape) if a not in axes_of(axis, x.ndim)))


def _weights_of(xp, x, y, axis, keepdims):
    """e^(x - y), the share of each element in the sum; 0 where all are -inf."""
    return xp.exp(x - spread(xp, xp.where(y == MINUS_INF, 0, y), axis, keepdims, x.shape))


logsumexp = general(
    "logsumexp", lambda xp, x, *, axis=None, keepdims=False: _logsumexp(xp, x, axis, keepdims),
    vjp={"x": lambda xp, g, x, y, *, axis, keepdims: spread(xp, g, axis, keepdims, x.shape) * _weights_of(xp, x, y, axis, keepdims)},
    jvp={"x": lambda xp, t, x, y, *, axis, keepdims:
         xp.sum(t * _weights_of(xp, x, y, axis, keepdims), axis=axis, keepdims=keepdims)},
    tex=r"\ln \sum_i e^{x_i}", doc="The logarithm of the sum of exponentials, without their overflow; -inf of no elements.",
    samples=axes_samples, errors=axes_errors, torch="torch.logsumexp(x, tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims)",
)


# ------------------------------------------------------------------------------------------------ running sums and products
def _scan(xp, parts, axis, combine):
    """combine(a, b), which is associative, from the first element of an axis up to each: in log n steps."""
    step, n = 1, parts[0].shape[axis]
    while step < n:
        both = combine([cut(p, axis, None, -step) for p in parts], [cut(p, axis, step, None) for p in parts])
        parts = [xp.concat([cut(p, axis, None, step), q], axis=axis) for p, q in zip(parts, both, strict=True)]
        step *= 2
    return parts


def _line_of(axis, ndim):
    """The axis that a cumulative function of the array API runs along: None stands for the only one."""
    return 0 if axis is None else one_axis(axis, ndim)


def _check_line(xp, x, axis, name):
    """NumPy takes a number for an array of one element; the standard and the gradient do not."""
    x = xp.asarray(x)
    if x.ndim == 0 or (axis is None and x.ndim > 1):
        raise ShapeError(
            f"which of {x.ndim} axes?", op=name, got=f"x {tuple(x.shape)}, axis={axis}", expected="axis=, unless there is just one",
            fix=f"gd.{name}(x, axis=-1)" if x.ndim else f"gd.{name}(gd.reshape(x, -1))",
        )
    return x


def _sum_from_the_end(xp, g, axis, include_initial, shape):
    axis = _line_of(axis, len(shape))
    g = cut(g, axis, 1, None) if include_initial else g
    return xp.flip(xp.cumulative_sum(xp.flip(g, axis=axis), axis=axis), axis=axis)


def _chain(first, then):
    """Two maps s -> factor * s + term, one after the other."""
    (a, b), (c, d) = first, then
    return a * c, c * b + d


def _cumulative_prod_slope(xp, g, x, axis, include_initial):
    """(the product before x) * s, where s = g + (the next x) * (the next s): no division, so zeros are exact."""
    axis = _line_of(axis, x.ndim)
    g = xp.flip(cut(g, axis, 1, None) if include_initial else g, axis=axis)
    following = xp.roll(xp.flip(x, axis=axis), shift=1, axis=axis)  # the factor at the end, which has no next, meets no term
    return _before(xp, x, axis) * xp.flip(_scan(xp, (following, g), axis, _chain)[1], axis=axis)


def _line_samples(make):
    return [((make(4),), {}), ((make(2, 3),), {"axis": 1}), ((make(2, 3),), {"axis": -2, "include_initial": True}),
            ((make(0, 2),), {"axis": 0})]


def _line_errors(make):
    return [*one_axis_errors(make), ((make(2, 3),), {}, "ShapeError"), ((make(),), {}, "ShapeError")]


cumulative_sum = linear(
    "cumulative_sum", lambda xp, x, *, axis=None, include_initial=False:
        xp.cumulative_sum(_check_line(xp, x, axis, "cumulative_sum"), axis=axis, include_initial=include_initial),
    transpose=lambda xp, g, *, axis, include_initial, shapes: _sum_from_the_end(xp, g, axis, include_initial, shapes[0]),
    tex=r"y_k = \sum_{i \le k} x_i", doc="The sums of the first elements along an axis, from 0 if the initial one is included.",
    samples=_line_samples, errors=_line_errors,
    torch="F.pad(torch.cumsum(x, axis or 0), (0, 0, 1, 0)) if include_initial else torch.cumsum(x, axis or 0)",
)
cumulative_prod = general(
    "cumulative_prod", lambda xp, x, *, axis=None, include_initial=False:
        xp.cumulative_prod(_check_line(xp, x, axis, "cumulative_prod"), axis=axis, include_initial=include_initial),
    vjp={"x": lambda xp, g, x, *, axis, include_initial: _cumulative_prod_slope(xp, g, x, axis, include_initial)},
    tex=r"y_k = \prod_{i \le k} x_i", doc="The products of the first elements along an axis, from 1 if the initial one is included.",
    samples=lambda make: [*_line_samples(make), ((_with_zeros(make(3, 5)),), {"axis": 1})], errors=_line_errors,
    torch="F.pad(torch.cumprod(x, axis or 0), (0, 0, 1, 0), value=1.0) if include_initial else torch.cumprod(x, axis or 0)",
)


def _flat_samples(make):
    return [((make(2, 3),), {}), ((make(2, 3),), {"axis": 0}), ((make(2, 3, 2),), {"axis": -2}), ((make(),), {}),
            ((make(3, 0),), {"axis": 1})]


def _flat(xp, x, axis):
    """NumPy's cumulative functions run along one axis, or by default along the flattened array."""
    return xp.reshape(x, (-1,)) if axis is None else x


def _running(name, forward, torch, **fields):
    return composed(
        name, forward, samples=_flat_samples, errors=one_axis_errors,
        torch=f"torch.{torch}(torch.flatten(x) if axis is None else x, axis or 0)", **fields,
    )


cumsum = _running(
    "cumsum", lambda xp, x, *, axis=None: xp.cumulative_sum(_flat(xp, x, axis), axis=axis or 0), "cumsum",
    tex=r"y_k = \sum_{i \le k} x_i", doc="The sums of the first elements along an axis, or of the flattened array.",
)
cumprod = _running(
    "cumprod", lambda xp, x, *, axis=None: xp.cumulative_prod(_flat(xp, x, axis), axis=axis or 0), "cumprod",
    tex=r"y_k = \prod_{i \le k} x_i", doc="The products of the first elements along an axis, or of the flattened array.",
)


def _cumulative_extreme(xp, x, axis, reaches):
    """(The extreme so far, where it stands): the last of equal ones; NaN stays."""
    axis = one_axis(axis, x.ndim)
    place = xp.reshape(xp.arange(x.shape[axis]), tuple(n if a == axis else 1 for a, n in enumerate(x.shape)))

    def better(a, b):
        later = xp.logical_or(reaches(b[0], a[0]), xp.isnan(b[0]))
        return [xp.where(later, q, p) for p, q in zip(a, b, strict=True)]

    return tuple(_scan(xp, [x, xp.broadcast_to(place, x.shape)], axis, better))


def _one_axis_samples(make):
    return [((make(5),), {"axis": 0}), ((make(2, 3),), {"axis": 1}), ((make(3, 2, 2),), {"axis": -3}), ((make(1),), {"axis": -1}),
            ((make(0, 2),), {"axis": 0})]


cummax = composed(
    "cummax", lambda xp, x, *, axis: _cumulative_extreme(xp, x, axis, xp.greater_equal), several=True,
    tex=r"y_k = \max_{i \le k} x_i", doc="The largest value so far along an axis, and its index.",
    samples=_one_axis_samples, errors=one_axis_errors, torch="torch.cummax(x, axis)",
)
cummin = composed(
    "cummin", lambda xp, x, *, axis: _cumulative_extreme(xp, x, axis, xp.less_equal), several=True,
    tex=r"y_k = \min_{i \le k} x_i", doc="The smallest value so far along an axis, and its index.",
    samples=_one_axis_samples, errors=one_axis_errors, torch="torch.cummin(x, axis)",
)


def _logcumsumexp(xp, x, axis):
    x = floating(xp, x)
    return _scan(xp, [x], one_axis(axis, x.ndim), lambda a, b: [xp.logaddexp(a[0], b[0])])[0]


logcumsumexp = composed(
    "logcumsumexp", lambda xp, x, *, axis: _logcumsumexp(xp, x, axis),
    tex=r"y_k = \ln \sum_{i \le k} e^{x_i}", doc="The logarithm of the running sum of exponentials, without their overflow.",
    samples=_one_axis_samples, errors=one_axis_errors, torch="torch.logcumsumexp(x, axis)",
)

# ------------------------------------------------------------------------------------------------ questions
def _truth_samples(make):
    return [((make(2, 3) > 0,), {}), ((make(2, 3) > 0,), {"axis": 1, "keepdims": True}), ((make(2, 3, 2) > 0,), {"axis": (0, -1)}),
            ((np.array([[0.0, 2.0], [0.0, 0.0]]),), {"axis": 0}), ((make(0),), {})]


all = general(
    "all", lambda xp, x, *, axis=None, keepdims=False: xp.all(x, axis=axis, keepdims=keepdims), boolean=True,
    tex=r"\bigwedge_i x_i", doc="Whether all hold.", samples=_truth_samples, errors=axes_errors,
    torch="torch.all(x, axis, keepdim=keepdims)",
)
any = general(
    "any", lambda xp, x, *, axis=None, keepdims=False: xp.any(x, axis=axis, keepdims=keepdims), boolean=True,
    tex=r"\bigvee_i x_i", doc="Whether any holds.", samples=_truth_samples, errors=axes_errors,
    torch="torch.any(x, axis, keepdim=keepdims)",
)
count_nonzero = general(
    "count_nonzero", lambda xp, x, *, axis=None, keepdims=False: xp.count_nonzero(x, axis=axis, keepdims=keepdims), boolean=True,
    tex=r"\#\{i : x_i \ne 0\}", doc="How many elements are not 0.", samples=_truth_samples, errors=axes_errors,
    torch="torch.sum(x != 0, axis, keepdim=keepdims)",
)


# ------------------------------------------------------------------------------------------------ without NaN
def _without_nan(xp, x, value):
    """x with a number in place of NaN; integers, which have none, as they are."""
    return x if hasattr(x, "dtype") and x.dtype.kind in "biu" else xp.where(xp.isnan(x), value, x)


def _nan_count(xp, x, axis, keepdims, dtype):
    """How many elements are numbers, in the dtype of what it divides."""
    return xp.astype(xp.count_nonzero(xp.logical_not(xp.isnan(x)), axis=axis, keepdims=keepdims), dtype)


def _nanmean(xp, x, axis, keepdims):
    total = xp.sum(_without_nan(xp, x, 0), axis=axis, keepdims=keepdims)
    return total / _nan_count(xp, x, axis, keepdims, total.dtype)


def _nanvar(xp, x, axis, ddof, keepdims):
    """NumPy's: NaN where there are not more than ddof numbers."""
    c = xp.where(xp.isnan(x), 0, x - _nanmean(xp, x, axis, True))
    total = xp.sum(c * c, axis=axis, keepdims=keepdims)
    n = _nan_count(xp, x, axis, keepdims, total.dtype) - ddof
    return total / xp.where(n > 0, n, math.nan)


def _root(xp, v):
    """The square root, with derivative 0 at 0 as that of std."""
    return xp.where(v == 0, 0, xp.sqrt(xp.where(v == 0, 1, v)))


def _nan_extreme(xp, x, axis, keepdims, extreme, nothing):
    """NaN only where there is nothing else."""
    y = extreme(_without_nan(xp, x, nothing), axis=axis, keepdims=keepdims)
    if y.dtype.kind != "f":
        return y
    return xp.where(xp.all(xp.isnan(x), axis=axis, keepdims=keepdims), math.nan, y)


def _nan_place(xp, x, axis, keepdims, name, nothing):
    place = getattr(xp, name)(_without_nan(xp, x, nothing), axis=axis, keepdims=keepdims)
    if bool(xp.any(xp.all(xp.isnan(x), axis=axis))):
        raise ArgumentError(
            "there is nothing but NaN", op="nan" + name, got=f"x {x.shape}, axis={axis}", expected="a number in each slice",
            fix=f"gd.{name}(gd.where(gd.isnan(x), {nothing}, x), axis=axis)".replace("inf", "np.inf"),
        )
    return place


def nan_samples(make):
    """With a NaN, where the dtype has one, and without."""
    def hole(*shape):
        x = make(*shape)
        x[(1, *(0,) * (len(shape) - 1))] = math.nan if x.dtype.kind == "f" else 0
        return x

    return [((hole(2, 3),), {}), ((hole(2, 3),), {"axis": -1}), ((hole(3, 3, 2),), {"axis": (0, 2), "keepdims": True}),
            ((hole(4),), {"axis": 0}), ((make(3),), {}), ((make(),), {})]


def _nan_line_samples(make):
    return [s for s in nan_samples(make) if not isinstance(s[1].get("axis"), tuple)]


nansum = composed(
    "nansum", lambda xp, x, *, axis=None, keepdims=False: xp.sum(_without_nan(xp, x, 0), axis=axis, keepdims=keepdims),
    tex=r"\sum_{x_i \in \mathbb{R}} x_i", doc="The sum of all that are numbers.", passes_nan=False,
    samples=nan_samples, errors=axes_errors, torch="torch.nansum(x, axis, keepdim=keepdims)",
)
nanprod = composed(
    "nanprod", lambda xp, x, *, axis=None, keepdims=False: xp.prod(_without_nan(xp, x, 1), axis=axis, keepdims=keepdims),
    tex=r"\prod_{x_i \in \mathbb{R}} x_i", doc="The product of all that are numbers.", passes_nan=False,
    samples=_nan_line_samples, errors=axes_errors,
    torch="torch.prod(x.nan_to_num(1)) if axis is None else torch.prod(x.nan_to_num(1), axis)",
)
nanmean = composed(
    "nanmean", lambda xp, x, *, axis=None, keepdims=False: _nanmean(xp, x, axis, keepdims),
    tex=r"\frac{1}{n} \sum_{x_i \in \mathbb{R}} x_i", doc="The mean of all that are numbers; NaN of none.", passes_nan=False,
    samples=nan_samples, errors=axes_errors, torch="torch.nanmean(x, () if axis is None else axis, keepdim=keepdims)",
)
_NAN_VAR = (
    "torch.sum((x - torch.nanmean(x, () if axis is None else axis, True)).nan_to_num(0) ** 2, axis, keepdim=keepdims) "
    "/ (torch.sum(~x.isnan(), axis, keepdim=keepdims) - ddof)"
)
nanvar = composed(
    "nanvar", lambda xp, x, *, axis=None, ddof=0, keepdims=False: _nanvar(xp, x, axis, ddof, keepdims),
    tex=r"\frac{1}{n - \mathrm{ddof}} \sum_{x_i \in \mathbb{R}} (x_i - \bar x)^2", doc="The variance of all that are numbers.",
    samples=lambda make: [*nan_samples(make), (nan_samples(make)[0][0], {"axis": 1, "ddof": 1})], errors=axes_errors, passes_nan=False,
    torch=_NAN_VAR,
)
nanstd = composed(
    "nanstd", lambda xp, x, *, axis=None, ddof=0, keepdims=False: _root(xp, _nanvar(xp, x, axis, ddof, keepdims)),
    tex=r"\sqrt{\frac{1}{n - \mathrm{ddof}} \sum_{x_i \in \mathbb{R}} (x_i - \bar x)^2}",
    doc="The standard deviation of all that are numbers; derivative 0 where it is 0.", passes_nan=False,
    samples=lambda make: [*nan_samples(make)[:-1], (nan_samples(make)[0][0], {"axis": 1, "ddof": 1})], errors=axes_errors,
    torch=f"torch.sqrt({_NAN_VAR})",
)


def _nan_extreme_entry(name, forward, word, nothing):
    return composed(
        name, forward, tex=rf"\{name[3:]}_{{x_i \in \mathbb{{R}}}} x_i", passes_nan=False,
        doc=f"The {word} of all that are numbers; NaN of none; ties share the gradient evenly.",
        samples=nan_samples, errors=_extreme_errors,
        expects="at least one element", fix=f"gd.{name}(x) if x.size else gd.tensor(np.nan)",
        torch=f"torch.a{name[3:]}(x.nan_to_num({nothing}math.inf), () if axis is None else axis, keepdim=keepdims)",
    )


nanmax = _nan_extreme_entry(
    "nanmax", lambda xp, x, *, axis=None, keepdims=False: _nan_extreme(xp, x, axis, keepdims, xp.max, MINUS_INF), "largest value", "-"
)
nanmin = _nan_extreme_entry(
    "nanmin", lambda xp, x, *, axis=None, keepdims=False: _nan_extreme(xp, x, axis, keepdims, xp.min, INF), "smallest value", ""
)


def _nan_arg(name, forward, word, nothing):
    return composed(
        name, forward, boolean=True, tex=rf"\arg\{name[6:]}_{{x_i \in \mathbb{{R}}}} x_i",
        doc=f"The index of the {word} of all that are numbers; it has no gradient.", samples=_nan_line_samples,
        errors=lambda make: [*_arg_errors(make), ((make(2, 3) * math.nan,), {"axis": 1}, "ArgumentError")],
        expects="at least one element", fix=f"gd.{name}(x) if x.size else gd.tensor(-1)",
        torch=f"torch.{name[3:]}(x.nan_to_num({nothing}math.inf), axis, keepdim=keepdims)",
    )


nanargmax = _nan_arg(
    "nanargmax", lambda xp, x, *, axis=None, keepdims=False: _nan_place(xp, x, axis, keepdims, "argmax", MINUS_INF), "largest", "-"
)
nanargmin = _nan_arg(
    "nanargmin", lambda xp, x, *, axis=None, keepdims=False: _nan_place(xp, x, axis, keepdims, "argmin", INF), "smallest", ""
)
nancumsum = composed(
    "nancumsum", lambda xp, x, *, axis=None: xp.cumsum(_without_nan(xp, x, 0), axis=axis),
    tex=r"y_k = \sum_{i \le k,\, x_i \in \mathbb{R}} x_i", doc="The running sum of all that are numbers.", passes_nan=False,
    samples=_nan_line_samples, errors=one_axis_errors,
    torch="torch.cumsum((torch.flatten(x) if axis is None else x).nan_to_num(0), axis or 0)",
)
nancumprod = composed(
    "nancumprod", lambda xp, x, *, axis=None: xp.cumprod(_without_nan(xp, x, 1), axis=axis),
    tex=r"y_k = \prod_{i \le k,\, x_i \in \mathbb{R}} x_i", doc="The running product of all that are numbers.", passes_nan=False,
    samples=_nan_line_samples, errors=one_axis_errors,
    torch="torch.cumprod((torch.flatten(x) if axis is None else x).nan_to_num(1), axis or 0)",
)
