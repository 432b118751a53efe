"""Ops that take axes away."""

from ._define import general, linear


def spread(xp, g, axis, keepdims, shape):
    """Give a reduced array its axes back: what summing is the transpose of."""
    if not keepdims:
        axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
        gone = {a % len(shape) for a in axes} if shape else ()
        g = xp.reshape(g, tuple(1 if a in gone else n for a, n in enumerate(shape)))
    return xp.broadcast_to(g, shape)


def count(axis, shape):
    """How many elements of `shape` go into one of the result."""
    axes = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    n = 1
    for a in axes:
        n *= shape[a]
    return n


def _samples(make):
    return [
        ((make(2, 3),), {}), ((make(2, 3),), {"axis": 0}), ((make(2, 3, 2),), {"axis": (0, -1), "keepdims": True}),
        ((make(3),), {"axis": -1}), ((make(),), {}), ((make(0, 3),), {"axis": 1}),
    ]


def _errors(make):
    return [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3),), {"axis": (0, 5)}, "IndexError_"), (("text",), {}, "DTypeError")]


def _mean(xp, x, axis, keepdims):
    """NumPy warns of the mean of nothing; here it is 0 / 0 and no more."""
    if getattr(x, "size", 1):
        return xp.mean(x, axis=axis, keepdims=keepdims)
    return xp.sum(x, axis=axis, keepdims=keepdims) / count(axis, x.shape)


sum = linear(
    "sum", lambda xp, x, *, axis=None, keepdims=False: xp.sum(x, axis=axis, keepdims=keepdims),
    transpose=lambda xp, g, *, axis, keepdims, shapes: spread(xp, g, axis, keepdims, shapes[0]),
    tex=r"\sum_i x_i", symbol="Σ", doc="The sum over the given axes, or over all.", errors=_errors,
    samples=lambda make: [*_samples(make), ((make(0, 3),), {"axis": 0}), ((make(0),), {})],
)
mean = linear(
    "mean", lambda xp, x, *, axis=None, keepdims=False: _mean(xp, x, axis, keepdims),
    transpose=lambda xp, g, *, axis, keepdims, shapes: spread(xp, g / count(axis, shapes[0]), axis, keepdims, shapes[0]),
    tex=r"\frac{1}{n} \sum_i x_i", doc="The mean over the given axes, or over all; NaN of no elements.",
    samples=_samples, errors=_errors,
)


def _share(xp, g, x, y, axis, keepdims):
    """The gradient of an extreme value, shared evenly among the elements that reach it."""
    hit = xp.astype(x == spread(xp, y, axis, keepdims, x.shape), g.dtype)
    n = xp.sum(hit, axis=axis, keepdims=True)
    return hit * (spread(xp, g, axis, keepdims, x.shape) / n)


def _pick(xp, t, x, y, axis, keepdims):
    """The tangent of an extreme value: the mean of the tangents of the elements that reach it."""
    hit = xp.astype(x == spread(xp, y, axis, keepdims, x.shape), t.dtype)
    return xp.sum(hit * t, axis=axis, keepdims=keepdims) / xp.sum(hit, axis=axis, keepdims=keepdims)


def _extreme(name, forward, word):
    return general(
        name, forward,
        vjp={"x": lambda xp, g, x, y, *, axis, keepdims: _share(xp, g, x, y, axis, keepdims)},
        jvp={"x": lambda xp, t, x, y, *, axis, keepdims: _pick(xp, t, x, y, axis, keepdims)},
        tex=rf"\{name}_i x_i", doc=f"The {word} over the given axes, or over all; ties share the gradient evenly.",
        aliases=("a" + name,), samples=_samples, errors=_errors, expects="at least one element", fix="an axis that is not empty",
    )


max = _extreme("max", lambda xp, x, *, axis=None, keepdims=False: xp.max(x, axis=axis, keepdims=keepdims), "largest value")
min = _extreme("min", lambda xp, x, *, axis=None, keepdims=False: xp.min(x, axis=axis, keepdims=keepdims), "smallest value")

argmax = general(
    "argmax", lambda xp, x, *, axis=None, keepdims=False: xp.argmax(x, axis=axis, keepdims=keepdims), vjp={}, boolean=True,
    tex=r"\arg\max_i x_i", doc="The index of the largest value; it has no gradient.",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3),), {"axis": 1})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(0, 3),), {}, "ShapeError"), (("text",), {}, "DTypeError")],
    expects="at least one element", fix="an axis that is not empty",
)
all = general(
    "all", lambda xp, x, *, axis=None, keepdims=False: xp.all(x, axis=axis, keepdims=keepdims), vjp={}, boolean=True,
    tex=r"\bigwedge_i x_i", doc="Whether all hold.", samples=lambda make: [((make(2, 3) > 0,), {})], errors=_errors,
)
any = general(
    "any", lambda xp, x, *, axis=None, keepdims=False: xp.any(x, axis=axis, keepdims=keepdims), vjp={}, boolean=True,
    tex=r"\bigvee_i x_i", doc="Whether any holds.", samples=lambda make: [((make(2, 3) > 0,), {})], errors=_errors,
)
