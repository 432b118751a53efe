"""Joining and cutting arrays, in NumPy's and PyTorch's words."""

import math

import numpy as np

from ..errors import ArgumentError, IndexError_, ShapeError
from ._complaints import wrong
from ._define import composed, linear
from ._explain import shape_of
from .shape import at_axis, axis_of


# ------------------------------------------------------------------------------------------------ one after the other
def _piece(xp, g, i, axis, shapes):
    """The piece of g that came from the i-th input of a concatenation."""
    flat = [math.prod(s) if axis is None else s[axis] for s in shapes]
    axis = 0 if axis is None else axis % len(shapes[0])
    start = sum(flat[:i])
    return xp.reshape(xp.getitem(g, index=at_axis(axis, slice(start, start + flat[i]))), shapes[i])


def _join_fix(shapes, params):
    """Along the axis in which alone the shapes differ; if there is none, all elements in one row."""
    n = len(shapes[0]) if shapes else 0
    for axis in range(n if all(len(s) == n for s in shapes) else 0):
        if len({s[:axis] + s[axis + 1 :] for s in shapes}) == 1:
            return f"gd.concatenate(xs, axis={axis})"
    return "gd.concatenate(xs, axis=None)" if shapes else "gd.zeros(0)"


concatenate = linear(
    "concatenate", lambda xp, *xs, axis=0: xp.concat(xs, axis=axis),
    transpose=lambda xp, g, i, *, axis, shapes: _piece(xp, g, i, axis, shapes),
    tex=r"[x_1; x_2; \dots]", doc="One after the other along an axis; all elements in one row if it is None.", sequence=True,
    aliases=("concat", "cat"), torch="torch.cat([x.reshape(-1) for x in xs]) if axis is None else torch.cat(xs, axis)",
    samples=lambda make: [((make(2, 3), make(1, 3)), {}), ((make(2, 3), make(2, 1), make(2, 2)), {"axis": -1}),
                          ((make(2, 1), make(), make(2)), {"axis": None}), ((make(0, 2), make(1, 2)), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2), make(3)), {"axis": 1}, "IndexError_"),
                         ((make(2, 3), make(3)), {}, "ShapeError"), ((), {}, "ShapeError"), ((make(2), make.text(2)), {}, "DTypeError")],
    expects="equal sizes on every other axis", fix=_join_fix,
)


def _stack_fix(shapes, params):
    """Repeated to one shape, where that can be; else joined."""
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return _join_fix(shapes, params)
    return "gd.stack(gd.broadcast_arrays(*xs))" if shapes else "gd.zeros(0)"


stack = linear(
    "stack", lambda xp, *xs, axis=0: xp.stack(xs, axis=axis),
    transpose=lambda xp, g, i, *, axis: g[(*at_axis(axis % g.ndim, i), ...)],
    tex=r"[x_1, x_2, \dots]", doc="Side by side along a new axis.", sequence=True, torch="torch.stack(xs, axis)",
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(2, 3)), {"axis": -1}), ((make(), make()), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2), make(2)), {"axis": 3}, "IndexError_"),
                         ((make(2, 3), make(3)), {}, "ShapeError"), ((), {}, "ShapeError"), ((make(2), make.text(2)), {}, "DTypeError")],
    expects="equal shapes", fix=_stack_fix,
)


def _split(xp, x, sections, axis):
    cuts = np.asarray(sections).tolist()
    axis_of("split", axis, len(shape_of(x)), f"gd.array_split(x, {cuts}, -1)")
    if isinstance(cuts, int) and cuts < 1:
        raise wrong(ArgumentError, "split", "no such number of pieces", f"sections={cuts}", "at least one", f"gd.split(x, 1, {axis})")
    return xp.split(x, sections=cuts, axis=axis)


def _split_fix(shapes, params):
    """PyTorch's split by size, as positions."""
    axis, size = params.get("axis", 0), params["sections"]
    return f"gd.split(x, range({size}, {shapes[0][axis]}, {size}), {axis})"


split = linear(
    "split", lambda xp, x, *, sections, axis=0: _split(xp, x, sections, axis),
    transpose=lambda xp, g, *, axis: xp.concat(g, axis=axis), dims=False,
    tex=r"x = [y_1; y_2; \dots]", doc="Pieces along an axis: so many equal ones, or cut at the given positions.", several=True,
    torch="torch.tensor_split(x, sections, axis)",
    samples=lambda make: [((make(4, 3),), {"sections": 2}), ((make(2, 5),), {"sections": (1, 3), "axis": 1}),
                          ((make(3),), {"sections": (2, 2), "axis": -1})],
    errors=lambda make: [((make(5, 3),), {"sections": 2}, "ShapeError"), ((make(4, 3),), {"sections": 2, "axis": 2}, "IndexError_"),
                         ((make(4, 3),), {"sections": 0}, "ArgumentError"), ((make.text(4),), {"sections": 2}, "DTypeError")],
    expects="positions, or a number of pieces that divides the size (array_split: any number; chunk, split_with_sizes: as PyTorch)",
    fix=_split_fix,
)
unstack = linear(
    "unstack", lambda xp, x, *, axis=0: tuple(xp.unstack(x, axis=axis)), transpose=lambda xp, g, *, axis: xp.stack(g, axis=axis),
    several=True,
    tex=r"x = [y_1, y_2, \dots]", doc="The slices along an axis, which is gone; the reverse of stack.", aliases=("unbind",),
    torch="torch.unbind(x, axis)",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3),), {"axis": -1}), ((make(3),), {})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(),), {}, "ShapeError"), ((make.text(4),), {}, "DTypeError")],
    expects="at least one axis", fix="gd.unstack(gd.reshape(x, -1))",
)
# ------------------------------------------------------------------------------------------------ joining
def _stacked(name, forward, tex, doc, aliases=()):
    return composed(
        name, forward, tex=tex, doc=doc, sequence=True, aliases=aliases, torch=f"torch.{name}(xs)",
        samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(2, 3)), {}), ((make(), make()), {}), ((make(2, 3, 2),), {})],
        errors=lambda make: [((make(2, 3), make(4, 2)), {}, "ShapeError"), ((), {}, "ShapeError"),
                             ((make(2, 3), make.text(2, 3)), {}, "DTypeError")],
        expects="equal sizes on every other axis", fix=lambda shapes, params: "gd.concatenate(xs, axis=None)" if shapes else "gd.zeros(0)",
    )


vstack = _stacked(
    "vstack", lambda xp, *xs: xp.concatenate([xp.atleast_2d(x) for x in xs]), r"[x_1; x_2; \dots]",
    "One below the other: along the first axis; vectors are rows.", aliases=("row_stack",),
)


def _side_by_side(xp, xs):
    xs = [xp.atleast_1d(x) for x in xs]
    return xp.concatenate(xs, axis=0 if len(shape_of(xs[0] if xs else 0)) <= 1 else 1)


hstack = _stacked(
    "hstack", lambda xp, *xs: _side_by_side(xp, xs), r"[x_1, x_2, \dots]",
    "Side by side: along the second axis, vectors along their only one.",
)
dstack = _stacked(
    "dstack", lambda xp, *xs: xp.concatenate([xp.atleast_3d(x) for x in xs], axis=2), r"[x_1, x_2, \dots]",
    "One behind the other: along the third axis.",
)


def _as_columns(xp, xs):
    return [x if len(shape_of(x)) > 1 else xp.reshape(x, shape=(-1, 1)) for x in xs]


column_stack = _stacked(
    "column_stack", lambda xp, *xs: xp.concatenate(_as_columns(xp, xs), axis=1), r"[x_1, x_2, \dots]",
    "Vectors as the columns of a matrix; matrices side by side.",
)


def _depth(part):
    """How deep lists are nested; -1 where not all are equally deep."""
    if not isinstance(part, list):
        return 0
    found = {_depth(p) for p in part}
    return found.pop() + 1 if len(found) == 1 and -1 not in found else -1


def _most_axes(part):
    return max(map(_most_axes, part)) if isinstance(part, list) else len(shape_of(part))


def _blocks(xp, part, axis, n):
    """The innermost lists side by side along the last axis, those around them along the one before."""
    if isinstance(part, list):
        return xp.concatenate([_blocks(xp, p, axis + 1, n) for p in part], axis=axis)
    shape = shape_of(part)
    return xp.reshape(part, shape=(1,) * (n - len(shape)) + shape)


def _block(xp, rows):
    depth = _depth(rows)
    if depth < 1:
        got, expected = f"{len(rows)} parts", "lists of equal depth, none of them empty"
        raise wrong(ArgumentError, "block", "lists are not equally deep", got, expected, "gd.zeros(0)")
    return _blocks(xp, rows, -depth, max(depth, _most_axes(rows)))


block = composed(
    "block", lambda xp, *xs: _block(xp, list(xs)), sequence=True, nested=True,
    tex=r"\begin{pmatrix} A & B \\ C & D \end{pmatrix}", doc="An array made of blocks: inner lists side by side, outer ones one below the other.",
    torch="torch.cat(xs, -1)",
    samples=lambda make: [((make(2), make(3)), {}), ((make(2, 1), make(2, 2)), {}), ((make(1, 2), make(1, 1), make(1, 0)), {})],
    errors=lambda make: [((make(2, 3), make(4, 2)), {}, "ShapeError"), ((), {}, "ArgumentError"), ((make(2), make.text(2)), {}, "DTypeError")],
    expects="blocks whose sizes fit", fix="gd.concatenate([gd.ravel(x) for x in xs])",
)


def _array(xp, values, x):
    """A number as an array that leaves the dtype of x as it is."""
    if hasattr(values, "shape") or not hasattr(x, "dtype"):
        return values
    return xp.asarray(values, dtype=np.result_type(x.dtype, values))


append = composed(
    "append", lambda xp, x, values, *, axis=None: xp.concatenate([x, _array(xp, values, x)], axis=axis), method=False,
    tex=r"[x; v]", doc="Values behind the end of an axis; all elements in one row unless one is given.",
    torch="torch.cat((x.reshape(-1), values.reshape(-1))) if axis is None else torch.cat((x, values), axis)",
    samples=lambda make: [((make(2, 3), make(2)), {}), ((make(2, 3), make(1, 3)), {"axis": 0}),
                          ((make(2, 3), make(2, 2)), {"axis": -1}), ((make(), make()), {})],
    errors=lambda make: [((make(2, 3), make(3)), {"axis": 0}, "ShapeError"), ((make(2, 3), make(2, 4)), {"axis": 0}, "ShapeError"),
                         ((make(2), make(2)), {"axis": 1}, "IndexError_"), ((make(2), make.text(2)), {}, "DTypeError")],
    expects="equal sizes on every other axis", fix="gd.append(x, values)",
)


def _along(xp, op, x, axis, fix):
    """The array and the axis to work along: all elements in one row if it is None."""
    if axis is None:
        return xp.reshape(x, shape=(-1,)), 0
    return x, axis_of(op, axis, len(shape_of(x)), fix)


def _edited(op, edit, n, obj, *more):
    """np.insert or np.delete on the numbers of the elements of an axis: which of them come out, in order."""
    try:
        return edit(np.arange(n), obj, *more)
    except (IndexError, ValueError, TypeError) as error:
        fix = "gd.append(x, values)" if more else "gd.delete(x, [])"
        raise wrong(IndexError_, op, str(error), f"obj={obj}", f"an int, ints, a slice or a mask for an axis of {n}", fix) from None


def _inserted(xp, x, values, obj, axis):
    x, axis = _along(xp, "insert", x, axis, "gd.append(x, values)")
    shape = shape_of(x)
    n, values = shape[axis], _array(xp, values, x)
    values = xp.reshape(values, shape=(1,) * (len(shape) - len(shape_of(values))) + shape_of(values))
    at = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    at = np.flatnonzero(at) if at.dtype == bool else at if at.size else at.astype(int)
    if not at.ndim:  # as in x[:, at, :] = values, where the first axis of values is the one that grows
        values = xp.moveaxis(values, source=0, destination=axis)
    m = shape_of(values)[axis] if at.size == 1 else at.size
    order = _edited("insert", np.insert, n, at, np.arange(n, n + m))
    values = xp.broadcast_to(values, shape=(*shape[:axis], m, *shape[axis + 1 :]))
    return xp.getitem(xp.concatenate([x, values], axis=axis), index=at_axis(axis, order))


insert = composed(
    "insert", lambda xp, x, values, *, obj, axis=None: _inserted(xp, x, values, obj, axis), method=False,
    order=("x", "obj", "values", "axis"),
    tex=r"[x_1, \dots, v, x_i, \dots]", doc="Values before the given indices of an axis; all elements in one row unless one is given.",
    torch="",
    samples=lambda make: [((make(4), make()), {"obj": 1}), ((make(2, 2), make(2)), {"obj": (1, -1)}),
                          ((make(2, 3), make(2)), {"obj": 3, "axis": 1}),
                          ((make(2, 3), make(2, 3)), {"obj": -1, "axis": 0}), ((make(2, 3), make(2, 1)), {"obj": slice(0, 2), "axis": -1}),
                          ((make(3, 2), make(1, 2)), {"obj": [1], "axis": 0}), ((make(3), make()), {"obj": np.array([True, False, True])})],
    errors=lambda make: [((make(2, 3), make(3)), {"obj": 3, "axis": 0}, "IndexError_"),
                         ((make(2, 3), make(4)), {"obj": 0, "axis": 0}, "ShapeError"),
                         ((make(4), make()), {"obj": 1, "axis": 1}, "IndexError_"), ((make(4), make.text()), {"obj": 1}, "DTypeError")],
    expects="values that broadcast to what is inserted", fix="gd.append(x, values)",
)


def _deleted(xp, x, obj, axis):
    x, axis = _along(xp, "delete", x, axis, "gd.delete(x, 0)")
    kept = _edited("delete", np.delete, shape_of(x)[axis], np.asarray(obj) if hasattr(obj, "shape") else obj)
    return xp.getitem(x, index=at_axis(axis, kept))


delete = composed(
    "delete", lambda xp, x, *, obj, axis=None: _deleted(xp, x, obj, axis), method=False,
    tex=r"[x_1, \dots, x_{i-1}, x_{i+1}, \dots]", doc="Without the given indices of an axis; all elements in one row unless one is given.",
    torch="",
    samples=lambda make: [((make(4),), {"obj": 1}), ((make(2, 3),), {"obj": [0, -1], "axis": 1}),
                          ((make(2, 3),), {"obj": slice(None, None, 2)}),
                          ((make(3, 2),), {"obj": np.array([True, False, True]), "axis": -2})],
    errors=lambda make: [((make(4),), {"obj": 4}, "IndexError_"), ((make(2, 3),), {"obj": 0, "axis": 2}, "IndexError_"),
                         ((make(3),), {"obj": np.array([True, False])}, "IndexError_"), ((make.text(4),), {"obj": 0}, "DTypeError")],
)

# ------------------------------------------------------------------------------------------------ cutting
def _cut(xp, x, sections, axis):
    """Pieces whose sizes differ by one at most, or cut at the given positions."""
    cuts = np.asarray(sections).tolist()
    n = shape_of(x)[axis_of("array_split", axis, len(shape_of(x)), f"gd.array_split(x, {cuts}, -1)")]
    if isinstance(cuts, int):
        if cuts < 1:
            fix = f"gd.array_split(x, 1, {axis})"
            raise wrong(ArgumentError, "array_split", "no such number of pieces", f"sections={cuts}", "at least one", fix)
        size, longer = divmod(n, cuts)
        cuts = [k * size + min(k, longer) for k in range(1, cuts)]
    return xp.split(x, sections=cuts, axis=axis)


array_split = composed(
    "array_split", lambda xp, x, *, sections, axis=0: _cut(xp, x, sections, axis), several=True, aliases=("tensor_split",),
    tex=r"x = [y_1; y_2; \dots]",
    doc="Pieces along an axis: so many, the first ones longer by one where needed, or cut at the given positions.",
    torch="torch.tensor_split(x, sections, axis)",
    samples=lambda make: [((make(5, 2),), {"sections": 3}), ((make(2, 4),), {"sections": 2, "axis": -1}), ((make(2),), {"sections": 3}),
                          ((make(5),), {"sections": (1, 3)})],
    errors=lambda make: [((make(5),), {"sections": 0}, "ArgumentError"), ((make(5),), {"sections": 2, "axis": 1}, "IndexError_"),
                         ((make.text(4),), {"sections": 2}, "DTypeError")],
)


def _split_along(xp, op, x, sections, axis):
    n, least = len(shape_of(x)), {"hsplit": 1, "vsplit": 2, "dsplit": 3}[op]
    if n < least:
        fix = f"gd.{op}(gd.atleast_{least}d(x), 1)"
        raise wrong(ShapeError, op, "there is no such axis to cut", f"shape {shape_of(x)}", f"{least} axes or more", fix)
    return xp.split(x, sections=sections, axis=min(axis, n - 1))


def _named_split(name, forward, axis, doc, some, more):
    def fix(shapes, params):
        cuts = np.asarray(params["sections"]).tolist()
        return f"gd.array_split(x, {max(cuts, 1) if isinstance(cuts, int) else cuts}, {min(axis, len(shapes[0]) - 1)})"

    return composed(
        name, forward, several=True, tex=r"x = [y_1, y_2, \dots]", doc=doc, torch=f"torch.{name}(x, sections)",
        samples=lambda make: [((make(*some),), {"sections": 2}), ((make(*more),), {"sections": (1, 3)})],
        errors=lambda make: [((make(*some),), {"sections": 3}, "ShapeError"), ((make(*more),), {"sections": 0}, "ArgumentError"),
                             ((make(),), {"sections": 2}, "ShapeError"), ((make.text(4, 4, 4),), {"sections": 2}, "DTypeError")],
        expects="a number of pieces that divides the size, or positions", fix=fix,
    )


hsplit = _named_split(
    "hsplit", lambda xp, x, *, sections: _split_along(xp, "hsplit", x, sections, 1), 1,
    "Pieces along the second axis, of vectors along their only one: so many equal ones, or cut at the given positions.", (4,), (2, 4),
)
vsplit = _named_split(
    "vsplit", lambda xp, x, *, sections: _split_along(xp, "vsplit", x, sections, 0), 0,
    "Pieces along the first axis of matrices: so many equal ones, or cut at the given positions.", (4, 2), (4, 1, 2),
)
dsplit = _named_split(
    "dsplit", lambda xp, x, *, sections: _split_along(xp, "dsplit", x, sections, 2), 2,
    "Pieces along the third axis: so many equal ones, or cut at the given positions.", (1, 2, 4), (1, 2, 4, 1),
)


def _chunked(xp, x, chunks, axis):
    axis = axis_of("chunk", axis, len(shape_of(x)), f"gd.chunk(x, {chunks}, -1)")
    if chunks < 1:
        raise wrong(ArgumentError, "chunk", "no such number of pieces", f"chunks={chunks}", "at least one", f"gd.chunk(x, 1, {axis})")
    n = shape_of(x)[axis]
    size = -(-n // chunks)
    return xp.split(x, sections=list(range(size, n, size)) if n else [0] * (chunks - 1), axis=axis)


chunk = composed(
    "chunk", lambda xp, x, *, chunks, axis=0: _chunked(xp, x, chunks, axis), several=True,
    tex=r"x = [y_1; y_2; \dots]", doc="At most so many pieces along an axis, of equal size up to the last; array_split gives just as many.",
    torch="torch.chunk(x, chunks, axis)",
    samples=lambda make: [((make(5, 2),), {"chunks": 3}), ((make(2, 6),), {"chunks": 4, "axis": -1}), ((make(2),), {"chunks": 3}),
                          ((make(0),), {"chunks": 2})],
    errors=lambda make: [((make(5),), {"chunks": 0}, "ArgumentError"), ((make(5),), {"chunks": 2, "axis": 1}, "IndexError_"),
                         ((make.text(4),), {"chunks": 2}, "DTypeError")],
)


def _sized(xp, x, sizes, axis):
    axis = axis_of("split_with_sizes", axis, len(shape_of(x)), "gd.split_with_sizes(x, [x.shape[-1]], -1)")
    n, ends = shape_of(x)[axis], np.cumsum(sizes, dtype=int).tolist()
    if min(sizes, default=0) < 0 or ends[-1:] != [n]:
        starts = [min(max(end, 0), n) for end in (0, *ends[:-1])]
        message, fix = "the sizes do not add up to that of the axis", f"gd.split(x, {starts[1:]}, {axis})"
        raise wrong(ShapeError, "split_with_sizes", message, f"split_sizes={sizes}", f"sizes whose sum is {n}", fix)
    return xp.split(x, sections=ends[:-1], axis=axis)


split_with_sizes = composed(
    "split_with_sizes", lambda xp, x, *, split_sizes, axis=0: _sized(xp, x, split_sizes, axis), several=True,
    tex=r"x = [y_1; y_2; \dots]", doc="Pieces of the given sizes along an axis.", torch="torch.split(x, list(split_sizes), axis)",
    samples=lambda make: [((make(5, 2),), {"split_sizes": (1, 4)}), ((make(2, 4),), {"split_sizes": (2, 0, 2), "axis": -1}),
                          ((make(3),), {"split_sizes": (3,)})],
    errors=lambda make: [((make(5),), {"split_sizes": (2, 2)}, "ShapeError"), ((make(5),), {"split_sizes": (6, -1)}, "ShapeError"),
                         ((make(5),), {"split_sizes": (5,), "axis": 1}, "IndexError_"),
                         ((make.text(4),), {"split_sizes": (4,)}, "DTypeError")],
)
