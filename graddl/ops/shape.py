"""Ops that move elements without changing them; all linear: transposes put gradients back."""

from ._define import linear


def _inverse(axes, ndim):
    """The permutation that undoes `axes`; None reverses all axes."""
    if axes is None:
        return tuple(range(ndim))[::-1]
    axes = [a % ndim for a in axes]
    return tuple(axes.index(i) for i in range(ndim))


reshape = linear(
    "reshape", lambda xp, x, *, shape: xp.reshape(x, shape),
    transpose=lambda xp, g, *, shapes: xp.reshape(g, shapes[0]),
    tex=r"x_{[\mathrm{shape}]}", doc="The same elements in another shape; one size may be -1.", star="shape",
    samples=lambda make: [((make(2, 3),), {"shape": (3, 2)}), ((make(4),), {"shape": (2, -1)}), ((make(),), {"shape": (1, 1)})],
    errors=lambda make: [((make(2, 3),), {"shape": (4, 2)}, "ShapeError"), ((make(2, 3),), {"shape": (4, -1)}, "ShapeError"),
                         (("text",), {"shape": (4,)}, "DTypeError")],
    expects="a shape with as many elements", fix=".reshape(-1)",
)
transpose = linear(
    "transpose", lambda xp, x, *, axes=None: xp.permute_dims(x, _inverse(None, x.ndim) if axes is None else tuple(axes)),
    transpose=lambda xp, g, *, axes: xp.permute_dims(g, _inverse(axes, g.ndim)),
    tex=r"x^\top", symbol="ᵀ", doc="The axes in another order; reversed if none is given.", star="axes", aliases=("permute_dims",),
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3, 4),), {"axes": (1, 2, 0)}), ((make(2, 3, 4),), {"axes": (-1, 0, 1)})],
    errors=lambda make: [((make(2, 3),), {"axes": (0, 2)}, "IndexError_"), ((make(2, 3),), {"axes": (0,)}, "ShapeError"),
                         (("text",), {}, "DTypeError")],
    expects="each axis once",
)
broadcast_to = linear(
    "broadcast_to", lambda xp, x, *, shape: xp.broadcast_to(x, shape), transpose=1,
    tex=r"x_{[\mathrm{shape}]}", doc="Repeated along new axes and axes of size 1, without a copy.",
    samples=lambda make: [((make(3),), {"shape": (2, 3)}), ((make(2, 1),), {"shape": (2, 3)}), ((make(),), {"shape": (2,)})],
    errors=lambda make: [((make(2, 3),), {"shape": (2, 4)}, "ShapeError"), ((make(2, 3),), {"shape": (3,)}, "ShapeError"),
                         (("text",), {"shape": (4,)}, "DTypeError")],
    expects="each axis, counted from the right, equal or 1",
)
expand_dims = linear(
    "expand_dims", lambda xp, x, *, axis: xp.expand_dims(x, axis=axis), transpose=lambda xp, g, *, shapes: xp.reshape(g, shapes[0]),
    tex=r"x_{[\mathrm{shape}]}", doc="A new axis of size 1.", aliases=("unsqueeze",),
    samples=lambda make: [((make(2, 3),), {"axis": 1}), ((make(3),), {"axis": -1})],
    errors=lambda make: [((make(2, 3),), {"axis": 4}, "IndexError_"), ((make(2, 3),), {"axis": -5}, "IndexError_"),
                         (("text",), {"axis": 0}, "DTypeError")],
)
squeeze = linear(
    "squeeze", lambda xp, x, *, axis=None: xp.reshape(x, tuple(n for n in x.shape if n != 1)) if axis is None else xp.squeeze(x, axis=axis),
    transpose=lambda xp, g, *, shapes: xp.reshape(g, shapes[0]),
    tex=r"x_{[\mathrm{shape}]}", doc="Without axes of size 1: the given ones, or all.",
    samples=lambda make: [((make(2, 1, 3),), {}), ((make(2, 1),), {"axis": 1})],
    errors=lambda make: [((make(2, 3),), {"axis": 0}, "ShapeError"), ((make(2, 3),), {"axis": 4}, "IndexError_"),
                         (("text",), {}, "DTypeError")],
    expects="an axis of size 1", fix="an axis whose size is 1",
)


def _part(g, i, axis, shapes):
    """The piece of g that came from the i-th input of a concatenation."""
    axis %= len(shapes[0])
    start = sum(s[axis] for s in shapes[:i])
    return g[(slice(None),) * axis + (slice(start, start + shapes[i][axis]), ...)]


concatenate = linear(
    "concatenate", lambda xp, *xs, axis=0: xp.concat(xs, axis=axis),
    transpose=lambda xp, g, i, *, axis, shapes: _part(g, i, axis, shapes),
    tex=r"[x_1; x_2; \dots]", doc="One after the other along an axis.", sequence=True, aliases=("concat", "cat"),
    samples=lambda make: [((make(2, 3), make(1, 3)), {}), ((make(2, 3), make(2, 1), make(2, 2)), {"axis": -1})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2), make(3)), {"axis": 1}, "IndexError_"),
                         ((make(2), "text"), {}, "DTypeError")],
    expects="equal sizes on every other axis",
)
stack = linear(
    "stack", lambda xp, *xs, axis=0: xp.stack(xs, axis=axis),
    transpose=lambda xp, g, i, *, axis: g[(slice(None),) * (axis % g.ndim) + (i, ...)],
    tex=r"[x_1, x_2, \dots]", doc="Side by side along a new axis.", sequence=True,
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(2, 3)), {"axis": -1}), ((make(), make()), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2), make(2)), {"axis": 3}, "IndexError_"),
                         ((make(2), "text"), {}, "DTypeError")],
    expects="equal shapes",
)
split = linear(
    "split", lambda xp, x, *, sections, axis=0: xp.split(x, sections=sections, axis=axis),
    transpose=lambda xp, g, *, axis: xp.concat(g, axis=axis),
    tex=r"x = [y_1; y_2; \dots]", doc="Pieces along an axis: so many equal ones, or cut at the given positions.", several=True,
    samples=lambda make: [((make(4, 3),), {"sections": 2}), ((make(2, 5),), {"sections": (1, 3), "axis": 1})],
    errors=lambda make: [((make(5, 3),), {"sections": 2}, "ShapeError"), ((make(4, 3),), {"sections": 2, "axis": 2}, "IndexError_"),
                         (("text",), {"sections": 2}, "DTypeError")],
    expects="a size that the number of pieces divides", fix="positions to cut at: split(x, (2, 4))",
)
