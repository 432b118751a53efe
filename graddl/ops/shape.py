"""Shapes, the order of axes, broadcasting: the same elements in another arrangement of axes."""

import math

import numpy as np

from ..errors import ArgumentError, IndexError_
from ._complaints import wrong
from ._define import composed, linear
from ._explain import shape_of


def axis_of(op, axis, n, fix):
    """The axis counted from the left; where there is none, an error of `op` with this fix."""
    if -n <= axis < n:
        return axis % n
    expected = "axes counted from 0, or from -1 backwards" if n else "an array with axes"
    raise wrong(IndexError_, op, "there is no such axis", f"axis {axis} of {n}", expected, fix)


def as_tuple(value):
    """A parameter that may be one number, as a tuple."""
    return (value,) if isinstance(value, int | np.integer) else tuple(value)


def at_axis(axis, index):
    """What one axis is to be indexed with, as an index of the array."""
    return (slice(None),) * axis + (index,)


def _refused(make, *before):
    """What even ops that take any shape refuse: text and objects."""
    return [((*before, x), {}, "DTypeError") for x in (make.text(4), make.text(), np.array([1.5, 2], dtype=object))]


# ------------------------------------------------------------------------------------------------ shapes
reshape = linear(
    "reshape", lambda xp, x, *, shape: xp.reshape(x, shape),
    transpose=lambda xp, g, *, shapes: xp.reshape(g, shapes[0]),
    tex=r"x_{[\mathrm{shape}]}", doc="The same elements in another shape; one size may be -1.", star="shape", aliases=("view",),
    torch="torch.reshape(x, shape)",
    samples=lambda make: [((make(2, 3),), {"shape": (3, 2)}), ((make(4),), {"shape": (2, -1)}), ((make(),), {"shape": (1, 1)}),
                          ((make(0, 3),), {"shape": (3, 0)})],
    errors=lambda make: [((make(2, 3),), {"shape": (4, 2)}, "ShapeError"), ((make(2, 3),), {"shape": (4, -1)}, "ShapeError"),
                         ((make.text(4),), {"shape": (4,)}, "DTypeError")],
    expects="a shape with as many elements", fix="gd.reshape(x, -1)",
)
reshape_as = composed(
    "reshape_as", lambda xp, x, other: xp.reshape(x, shape=shape_of(other)), nondiff=("other",),
    tex=r"x_{[\mathrm{shape}]}", doc="The same elements in the shape of another array.", aliases=("view_as",), torch="x.reshape_as(other)",
    samples=lambda make: [((make(2, 3), make(3, 2)), {}), ((make(1, 1), make()), {}), ((make(0), make(2, 0)), {})],
    errors=lambda make: [((make(2, 3), make(4, 2)), {}, "ShapeError"), ((make.text(4), make(4)), {}, "DTypeError"),
                         ((make(4), make.text(4)), {}, "DTypeError")],
    expects="an array with as many elements", fix="gd.reshape(x, -1)",
)
ravel = composed(
    "ravel", lambda xp, x: xp.reshape(x, shape=(-1,)), tex=r"\operatorname{vec} x", doc="All elements along one axis.",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0, 3),), {})], errors=_refused,
)


def _flattened(xp, x, start_dim, end_dim):
    shape = shape_of(x) or (1,)
    start, end = (axis_of("flatten", a, len(shape), "gd.flatten(x)") for a in (start_dim, end_dim))
    if start > end:
        got, fix = f"start_dim={start_dim}, end_dim={end_dim}", f"gd.flatten(x, {end_dim}, {start_dim})"
        raise wrong(ArgumentError, "flatten", "the end comes before the start", got, "the first axis, then the last", fix)
    return xp.reshape(x, shape=(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


flatten = composed(
    "flatten", lambda xp, x, *, start_dim=0, end_dim=-1: _flattened(xp, x, start_dim, end_dim),
    tex=r"\operatorname{vec} x", doc="The axes from start_dim to end_dim as one; all of them unless told otherwise.",
    torch="torch.flatten(x, start_dim, end_dim)",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 1, 3),), {"start_dim": 1}), ((make(2, 1, 3),), {"end_dim": -2}), ((make(),), {})],
    errors=lambda make: [((make(2, 3),), {"start_dim": 2}, "IndexError_"), ((make(2, 3),), {"start_dim": 1, "end_dim": 0}, "ArgumentError"),
                         ((make.text(4),), {}, "DTypeError")],
)


def _unflattened(xp, x, axis, sizes):
    shape = shape_of(x)
    axis = axis_of("unflatten", axis, len(shape), "gd.unflatten(x, -1, (-1,))")
    return xp.reshape(x, shape=(*shape[:axis], *sizes, *shape[axis + 1 :]))


unflatten = composed(
    "unflatten", lambda xp, x, *, axis, sizes: _unflattened(xp, x, axis, sizes),
    tex=r"x_{[\mathrm{shape}]}", doc="One axis as several; one of their sizes may be -1.", torch="torch.unflatten(x, axis, sizes)",
    samples=lambda make: [((make(2, 6),), {"axis": 1, "sizes": (3, 2)}), ((make(4, 3),), {"axis": -2, "sizes": (2, -1)})],
    errors=lambda make: [((make(2, 6),), {"axis": 1, "sizes": (4, 2)}, "ShapeError"),
                         ((make(4),), {"axis": 1, "sizes": (2, 2)}, "IndexError_"),
                         ((make.text(4),), {"axis": 0, "sizes": (2, 2)}, "DTypeError")],
    expects="sizes whose product is the size of the axis", fix=lambda shapes, params: f"gd.unflatten(x, {params['axis']}, (-1, 1))",
)


def _squeeze_fix(shapes, params):
    """Squeezing those of the axes that can be squeezed."""
    shape, n = shapes[0], len(shapes[0])
    ones = tuple(a for a in as_tuple(params["axis"]) if -n <= a < n and shape[a] == 1)
    return f"gd.squeeze(x, {ones})" if ones else "gd.squeeze(x)"


def _squeezed(xp, x, axis):
    shape = shape_of(x)
    if axis is None:
        return xp.reshape(x, tuple(n for n in shape if n != 1))
    for a in as_tuple(axis):
        axis_of("squeeze", a, len(shape), _squeeze_fix([shape], {"axis": axis}))
    return xp.squeeze(x, axis=as_tuple(axis))


squeeze = linear(
    "squeeze", lambda xp, x, *, axis=None: _squeezed(xp, x, axis), transpose=lambda xp, g, *, shapes: xp.reshape(g, shapes[0]),
    tex=r"x_{[\mathrm{shape}]}", doc="Without axes of size 1: the given ones, or all.",
    torch="torch.squeeze(x) if axis is None else torch.squeeze(x, axis)",
    samples=lambda make: [((make(2, 1, 3),), {}), ((make(2, 1),), {"axis": 1}), ((make(1, 2, 1),), {"axis": (0, -1)}), ((make(1, 1),), {})],
    errors=lambda make: [((make(2, 3),), {"axis": 0}, "ShapeError"), ((make(2, 1),), {"axis": (1, 4)}, "IndexError_"),
                         ((make(2, 1),), {"axis": (0, 1)}, "ShapeError"), ((make.text(4),), {}, "DTypeError")],
    expects="axes of size 1", fix=_squeeze_fix,
)


def _with_axes(shape, axis):
    """A shape with new axes of size 1 at these places of the result."""
    n = len(shape) + len(as_tuple(axis))
    new = {axis_of("expand_dims", a, n, "gd.expand_dims(x, -1)") for a in as_tuple(axis)}
    if len(new) < len(as_tuple(axis)):
        raise ValueError("an axis is named twice")
    old = iter(shape)
    return tuple(1 if k in new else next(old) for k in range(n))


expand_dims = linear(
    "expand_dims", lambda xp, x, *, axis: xp.reshape(x, _with_axes(shape_of(x), axis)),
    transpose=lambda xp, g, *, shapes: xp.reshape(g, shapes[0]),
    tex=r"x_{[\mathrm{shape}]}", doc="New axes of size 1, at these places of the result.", aliases=("unsqueeze",),
    torch="torch.unsqueeze(x, axis) if isinstance(axis, int) else x.unsqueeze(axis[0]).unsqueeze(axis[1])",
    samples=lambda make: [((make(2, 3),), {"axis": 1}), ((make(3),), {"axis": -1}), ((make(2, 3),), {"axis": (0, 3)}),
                          ((make(),), {"axis": 0})],
    errors=lambda make: [((make(2, 3),), {"axis": 4}, "IndexError_"), ((make(2, 3),), {"axis": (0, -5)}, "IndexError_"),
                         ((make(2, 3),), {"axis": (1, -3)}, "ShapeError"), ((make.text(4),), {"axis": 0}, "DTypeError")],
    expects="different axes of the result", fix="gd.expand_dims(x, -1)",
)


def _at_least(xp, xs, n):
    """np.atleast_nd: new axes come first, the third comes last; one array gives one, several a tuple."""

    def grown(x):
        shape = shape_of(x)
        if len(shape) >= n:
            return x
        shape = (1,) * (min(n, 2) - len(shape)) + shape
        return xp.reshape(x, shape=shape + (1,) * (n - len(shape)))

    return grown(xs[0]) if len(xs) == 1 else tuple(map(grown, xs))


def _atleast(name, forward, doc):
    return composed(
        name, forward, tex=r"x_{[\mathrm{shape}]}", doc=doc, torch=f"torch.{name}(*xs)",
        samples=lambda make: [((make(3),), {}), ((make(),), {}), ((make(2, 3), make(), make(3)), {}), ((make(2, 1, 3),), {})],
        errors=lambda make: _refused(make, make(2)),
    )


atleast_1d = _atleast("atleast_1d", lambda xp, *xs: _at_least(xp, xs, 1), "A number with an axis; several arrays give a tuple.")
atleast_2d = _atleast("atleast_2d", lambda xp, *xs: _at_least(xp, xs, 2), "A vector as a row; several arrays give a tuple.")
atleast_3d = _atleast("atleast_3d", lambda xp, *xs: _at_least(xp, xs, 3), "Two axes with a third behind; several arrays give a tuple.")

# ------------------------------------------------------------------------------------------------ the order of axes
def _inverse(axes, ndim):
    """The permutation that undoes `axes`; None reverses all axes."""
    if axes is None:
        return tuple(range(ndim))[::-1]
    axes = [a % ndim for a in axes]
    return tuple(axes.index(i) for i in range(ndim))


def _transpose_fix(shapes, params):
    """PyTorch's transpose(0, 1) is swapaxes."""
    axes, n = params.get("axes"), len(shapes[0])
    pair = isinstance(axes, tuple | list) and len(axes) == 2 and all(-n <= a < n for a in axes)
    return f"gd.swapaxes(x, {axes[0]}, {axes[1]})" if pair else "gd.transpose(x)"


transpose = linear(
    "transpose", lambda xp, x, *, axes=None: xp.permute_dims(x, _inverse(None, len(shape_of(x))) if axes is None else tuple(axes)),
    transpose=lambda xp, g, *, axes: xp.permute_dims(g, _inverse(axes, g.ndim)),
    tex=r"x^\top", symbol="ᵀ", doc="The axes in another order; reversed if none is given.", star="axes",
    aliases=("permute_dims", "permute"), torch="x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes)",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3, 4),), {"axes": (1, 2, 0)}), ((make(2, 3, 4),), {"axes": (-1, 0, 1)}),
                          ((make(),), {})],
    errors=lambda make: [((make(2, 3),), {"axes": (0, 2)}, "IndexError_"), ((make(2, 3),), {"axes": (0,)}, "ShapeError"),
                         ((make(2, 3, 4),), {"axes": (0, 1)}, "ShapeError"), ((make.text(4),), {}, "DTypeError")],
    expects="each axis once", fix=_transpose_fix,
)


def _swapped(ndim, axis1, axis2):
    """The permutation that exchanges two axes."""
    order = list(range(ndim))
    a, b = (axis_of("swapaxes", a, ndim, "gd.transpose(x)") for a in (axis1, axis2))
    order[a], order[b] = b, a
    return tuple(order)


swapaxes = linear(
    "swapaxes", lambda xp, x, *, axis1, axis2: xp.permute_dims(x, _swapped(len(shape_of(x)), axis1, axis2)),
    transpose=lambda xp, g, *, axis1, axis2: xp.permute_dims(g, _swapped(g.ndim, axis1, axis2)),
    tex=r"x^\top", symbol="ᵀ", doc="Two axes exchanged.", aliases=("swapdims",), torch="torch.swapaxes(x, axis1, axis2)",
    samples=lambda make: [((make(2, 3, 4),), {"axis1": 0, "axis2": -1}), ((make(2, 3),), {"axis1": -1, "axis2": 0}),
                          ((make(2, 3),), {"axis1": 1, "axis2": 1})],
    errors=lambda make: [((make(2, 3),), {"axis1": 0, "axis2": 2}, "IndexError_"),
                         ((make(2, 3),), {"axis1": -3, "axis2": 1}, "IndexError_"),
                         ((make.text(4),), {"axis1": 0, "axis2": 0}, "DTypeError")],
)
moveaxis = linear(
    "moveaxis", lambda xp, x, *, source, destination: xp.moveaxis(x, source, destination),
    transpose=lambda xp, g, *, source, destination: xp.moveaxis(g, destination, source),
    tex=r"x^\top", symbol="ᵀ", doc="Some axes at other places; the rest stays in order.", aliases=("movedim",),
    torch="torch.moveaxis(x, source, destination)",
    samples=lambda make: [((make(2, 3, 4),), {"source": 0, "destination": -1}),
                          ((make(2, 3, 4),), {"source": (0, 1), "destination": (2, 0)})],
    errors=lambda make: [((make(2, 3),), {"source": 2, "destination": 0}, "IndexError_"),
                         ((make.text(4),), {"source": 0, "destination": 0}, "DTypeError"),
                         ((make(2, 3),), {"source": (0, 1), "destination": 0}, "ShapeError")],
    expects="axes, and as many places", fix="gd.moveaxis(x, 0, -1)",
)


def _rolled_axis(xp, x, axis, start):
    n = len(shape_of(x))
    axis = axis_of("rollaxis", axis, n, "gd.rollaxis(x, -1)")
    start = axis_of("rollaxis", start, n + (start >= 0), "gd.rollaxis(x, -1)")  # n: behind the last one
    return xp.moveaxis(x, source=axis, destination=start - (axis < start))


rollaxis = composed(
    "rollaxis", lambda xp, x, *, axis, start=0: _rolled_axis(xp, x, axis, start),
    tex=r"x^\top", doc="One axis moved to stand before another; moveaxis is easier to read.",
    torch="torch.movedim(x, axis, start - (axis < start))",
    samples=lambda make: [((make(2, 3, 4),), {"axis": 2}), ((make(2, 3, 4),), {"axis": 0, "start": 2}),
                          ((make(2, 3, 4),), {"axis": 1, "start": 3})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3),), {"axis": 0, "start": 3}, "IndexError_"),
                         ((make.text(4),), {"axis": 0}, "DTypeError")],
)

# ------------------------------------------------------------------------------------------------ broadcasting
def _broadcast_fix(shapes, params):
    """New axes behind, if that does it; else the shape with the sizes that x insists on."""
    shape, wanted = shapes[0], as_tuple(params["shape"])
    behind = shape + (1,) * (len(wanted) - len(shape))
    if len(behind) == len(wanted) and all(n in (1, w) for n, w in zip(behind, wanted, strict=True)):
        return f"gd.broadcast_to(x.reshape({behind}), {wanted})"
    wanted = (1,) * (len(shape) - len(wanted)) + wanted
    sizes = (1,) * (len(wanted) - len(shape)) + shape
    return f"gd.broadcast_to(x, {tuple(w if n == 1 and w >= 0 else n for n, w in zip(sizes, wanted, strict=True))})"


broadcast_to = linear(
    "broadcast_to", lambda xp, x, *, shape: xp.broadcast_to(x, as_tuple(shape)), transpose=1,
    tex=r"x_{[\mathrm{shape}]}", doc="Repeated along new axes and axes of size 1, without a copy.", torch="torch.broadcast_to(x, shape)",
    samples=lambda make: [((make(3),), {"shape": (2, 3)}), ((make(2, 1),), {"shape": (2, 3)}), ((make(),), {"shape": (2,)}),
                          ((make(1, 3),), {"shape": (0, 3)})],
    errors=lambda make: [((make(2, 3),), {"shape": (2, 4)}, "ShapeError"), ((make(2, 3),), {"shape": (3,)}, "ShapeError"),
                         ((make(2),), {"shape": (2, 3)}, "ShapeError"), ((make.text(4),), {"shape": (4,)}, "DTypeError")],
    expects="each axis, counted from the right, equal or 1", fix=_broadcast_fix,
)


def _expanded(shape, wanted):
    """The wanted shape, with the sizes of `shape` where it says -1."""
    kept = (-1,) * (len(wanted) - len(shape)) + shape
    return tuple(n if w == -1 else w for n, w in zip(kept[-len(wanted) :], wanted, strict=True))


expand = linear(
    "expand", lambda xp, x, *, shape: xp.broadcast_to(x, _expanded(shape_of(x), as_tuple(shape))), transpose=1, star="shape",
    tex=r"x_{[\mathrm{shape}]}", doc="Repeated along new axes and axes of size 1, without a copy; -1 keeps a size.",
    torch="x.expand(shape)",
    samples=lambda make: [((make(2, 1),), {"shape": (-1, 3)}), ((make(3),), {"shape": (2, -1)}), ((make(1, 3),), {"shape": (2, 2, 3)})],
    errors=lambda make: [((make(2, 3),), {"shape": (2, 4)}, "ShapeError"), ((make(3),), {"shape": (-1, 3)}, "ShapeError"),
                         ((make(2, 3),), {"shape": (3,)}, "ShapeError"), ((make.text(4),), {"shape": (-1,)}, "DTypeError")],
    expects="each axis, counted from the right, equal, 1 or -1", fix=_broadcast_fix,
)
expand_as = composed(
    "expand_as", lambda xp, x, other: xp.broadcast_to(x, shape=shape_of(other)), nondiff=("other",),
    tex=r"x_{[\mathrm{shape}]}", doc="Repeated to the shape of another array, without a copy.", torch="x.expand_as(other)",
    samples=lambda make: [((make(2, 1), make(2, 3)), {}), ((make(3), make(2, 3)), {}), ((make(), make()), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2, 3), make(3)), {}, "ShapeError"),
                         ((make.text(4), make(4)), {}, "DTypeError")],
    expects="each axis, counted from the right, equal or 1",
    fix=lambda shapes, params: _broadcast_fix(shapes, {"shape": shapes[1]}),
)
broadcast_arrays = linear(
    "broadcast_arrays", lambda xp, *xs: tuple(xp.broadcast_arrays(*xs)), transpose=lambda xp, g, i: g[i], several=True, method=False,
    tex=r"x_1, x_2, \dots", doc="Several arrays, each repeated to the shape that they have together, without a copy.",
    aliases=("broadcast_tensors",), torch="torch.broadcast_tensors(*xs)",
    samples=lambda make: [((make(2, 1), make(3)), {}), ((make(3),), {}), ((make(), make(2), make(1, 1)), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2), make(2), make(3)), {}, "ShapeError"),
                         ((make(2), make.text(2)), {}, "DTypeError")],
    expects="each axis, counted from the right, equal or 1", fix="gd.meshgrid(*xs, indexing='ij')",
)


def _grids(xp, xs, indexing):
    """Each vector along its own axis, repeated along the others."""
    if indexing not in ("xy", "ij"):
        expected = "'xy' (columns first) or 'ij' (rows first)"
        raise wrong(ArgumentError, "meshgrid", "no such indexing", f"indexing={indexing!r}", expected, "gd.meshgrid(*xs, indexing='ij')")
    order = list(range(len(xs)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    shape = tuple(math.prod(shape_of(xs[i])) for i in order)
    alone = [tuple(n if k == i else 1 for k, n in zip(order, shape, strict=True)) for i in range(len(xs))]
    return tuple(xp.broadcast_to(xp.reshape(x, shape=s), shape=shape) for x, s in zip(xs, alone, strict=True))


meshgrid = composed(
    "meshgrid", lambda xp, *xs, indexing="xy": _grids(xp, xs, indexing), several=True, method=False,
    tex=r"y_{1,ij} = x_{1,j}, \; y_{2,ij} = x_{2,i}", doc="The coordinates of a grid: an array for each vector, repeated along the others.",
    torch="torch.meshgrid(*xs, indexing=indexing)",
    samples=lambda make: [((make(2), make(3)), {}), ((make(2), make(3), make(1)), {"indexing": "ij"}),
                          ((make(2), make(3), make(2)), {}), ((make(2),), {})],
    errors=lambda make: [((make(2), make(3)), {"indexing": "yx"}, "ArgumentError"), ((make(2),), {"indexing": None}, "ArgumentError"),
                         ((make(2), make.text(2)), {}, "DTypeError")],
)
