"""Ops that repeat, turn, pad and pick elements; all linear: transposes put gradients back."""

import math

import numpy as np

from ..errors import ArgumentError, ShapeError
from ._complaints import wrong
from ._define import composed, linear
from ._explain import shape_of
from .shape import _inverse, _refused, as_tuple, at_axis, axis_of


# ------------------------------------------------------------------------------------------------ copies
def _repeat_fix(shapes, params):
    """PyTorch's repeat(2, 3) is tile."""
    repeats, axis = params["repeats"], params.get("axis")
    if axis is None:
        reps = as_tuple(np.asarray(repeats).tolist())
    else:
        reps = (repeats, axis) if isinstance(repeats, int) else (-1,)
    return f"gd.tile(x, {reps})" if min(reps, default=0) >= 0 else "gd.repeat(x, 2)"


def _repeated(xp, x, repeats, axis):
    shape = shape_of(x)
    if axis is not None:
        axis_of("repeat", axis, len(shape), _repeat_fix([shape], {"repeats": repeats, "axis": axis}))
    if isinstance(repeats, int):
        return xp.repeat(x, repeats, axis=axis)
    x = xp.reshape(x, (-1,)) if axis is None else x
    return xp.getitem(x, index=_copied(shape_of(x), repeats, axis or 0))


def _copied(shape, repeats, axis):
    """The index that copies each element along an axis as often as `repeats` says."""
    return at_axis(axis % len(shape), np.repeat(np.arange(shape[axis]), np.asarray(repeats)))


def _copies_added(xp, g, repeats, axis, shape):
    """The gradient of repeat: that of an element is the sum over its copies."""
    flat = (math.prod(shape),) if axis is None else shape
    axis = (axis or 0) % len(flat)
    if isinstance(repeats, int):
        g = xp.sum(xp.reshape(g, (*flat[: axis + 1], repeats, *flat[axis + 1 :])), axis=axis + 1)
    else:
        g = xp.add_at(g, index=_copied(flat, repeats, axis), shape=flat)
    return xp.reshape(g, shape)


repeat = linear(
    "repeat", lambda xp, x, *, repeats, axis=None: _repeated(xp, x, repeats, axis),
    transpose=lambda xp, g, *, repeats, axis, shapes: _copies_added(xp, g, repeats, axis, shapes[0]),
    tex=r"(x_1, x_1, \dots, x_2, x_2, \dots)",
    doc="Each element several times, one after the other; all of them in one row unless an axis is given.",
    aliases=("repeat_interleave",), torch="torch.repeat_interleave(x, torch.as_tensor(repeats), axis)",
    samples=lambda make: [((make(2, 3),), {"repeats": 2}), ((make(2, 3),), {"repeats": 3, "axis": 0}),
                          ((make(2, 2, 2),), {"repeats": 2, "axis": -2}),
                          ((make(2, 3),), {"repeats": (1, 0, 2), "axis": 1}), ((make(2, 2),), {"repeats": np.array([2, 1, 0, 1])}),
                          ((make(3),), {"repeats": (2,), "axis": 0}), ((make(),), {"repeats": 2}), ((make(2),), {"repeats": 0})],
    errors=lambda make: [((make(2, 3),), {"repeats": 2, "axis": 3}, "IndexError_"), ((make(2, 3),), {"repeats": (2, 3)}, "ShapeError"),
                         ((make(2, 3),), {"repeats": -1}, "ShapeError"), ((make.text(4),), {"repeats": 2}, "DTypeError")],
    expects="one count, or one for each element of the axis", fix=_repeat_fix,
)


def _tiles_added(xp, g, reps, shape):
    """The gradient of tile: the sum over all copies of the array."""
    n = max(len(reps), len(shape))
    reps, sizes = ((1,) * (n - len(s)) + s for s in (reps, shape))
    g = xp.reshape(g, tuple(k for pair in zip(reps, sizes, strict=True) for k in pair))
    return xp.reshape(xp.sum(g, axis=tuple(range(0, 2 * n, 2))), shape)


tile = linear(
    "tile", lambda xp, x, *, reps: xp.tile(x, as_tuple(reps)),
    transpose=lambda xp, g, *, reps, shapes: _tiles_added(xp, g, as_tuple(reps), shapes[0]), star="reps",
    tex=r"(x, x, \dots)", doc="The whole array several times side by side, along each axis.",
    torch="torch.tile(x, reps if isinstance(reps, tuple) else (reps,))",
    samples=lambda make: [((make(2, 3),), {"reps": 2}), ((make(3),), {"reps": (2, 2)}), ((make(2, 1, 2),), {"reps": (3, 2)}),
                          ((make(),), {"reps": 3}), ((make(2),), {"reps": (0,)}), ((make(2),), {"reps": ()})],
    errors=lambda make: [((make(2, 3),), {"reps": (2, -1)}, "ShapeError"), ((make(2, 3),), {"reps": "2"}, "DTypeError"),
                         ((make.text(4),), {"reps": 2}, "DTypeError")],
    expects="how often along each axis", fix="gd.tile(x, 2)",
)


def _resized(xp, x, new_shape):
    shape = as_tuple(new_shape)
    if min(shape, default=0) < 0:
        raise wrong(ArgumentError, "resize", "a size is negative", f"new_shape={new_shape}", "sizes of 0 or more", "gd.reshape(x, -1)")
    wanted, there = math.prod(shape), math.prod(shape_of(x))
    if not there:
        return xp.zeros(shape, dtype=x.dtype)
    x = xp.reshape(x, shape=(-1,))
    if wanted > there:
        x = xp.tile(x, reps=-(-wanted // there))
    return xp.reshape(xp.getitem(x, index=slice(wanted)), shape=shape)


resize = composed(
    "resize", lambda xp, x, *, new_shape: _resized(xp, x, new_shape), method=False,
    tex=r"x_{[\mathrm{shape}]}", doc="As many elements as another shape takes: the first ones, or all of them over and over.",
    torch="x.reshape(-1).repeat(math.prod(new_shape) // x.numel() + 1)[:math.prod(new_shape)].reshape(new_shape)",
    samples=lambda make: [((make(2, 3),), {"new_shape": (4, 2)}), ((make(2, 3),), {"new_shape": (2, 2)}),
                          ((make(2),), {"new_shape": (0, 3)}), ((make(),), {"new_shape": (3,)})],
    errors=lambda make: [((make(2, 3),), {"new_shape": (2, -1)}, "ArgumentError"), ((make(2, 3),), {"new_shape": -6}, "ArgumentError"),
                         ((make.text(4),), {"new_shape": (2, 2)}, "DTypeError")],
)

# ------------------------------------------------------------------------------------------------ the order of elements
flip = linear(
    "flip", lambda xp, x, *, axis=None: xp.flip(x, axis=axis), transpose=lambda xp, g, *, axis: xp.flip(g, axis=axis), star="axis",
    tex=r"(x_n, \dots, x_1)", doc="Backwards along the given axes, or along all.",
    torch="x.flip(tuple(range(x.ndim)) if axis is None else axis)",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3),), {"axis": 1}), ((make(2, 3, 2),), {"axis": (0, -1)}), ((make(),), {}),
                          ((make(0),), {})],
    errors=lambda make: [((make(2, 3),), {"axis": 2}, "IndexError_"), ((make(2, 3),), {"axis": (0, 0)}, "ShapeError"),
                         ((make.text(4),), {}, "DTypeError")],
    expects="different axes", fix="gd.flip(x)",
)
fliplr = composed(
    "fliplr", lambda xp, x: xp.flip(x, axis=1), tex=r"(x_{\cdot n}, \dots, x_{\cdot 1})",
    doc="The second axis backwards: left and right exchanged.",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3, 2),), {}), ((make(2, 0),), {})],
    errors=lambda make: [((make(3),), {}, "IndexError_"), ((make(),), {}, "IndexError_"), ((make.text(2, 2),), {}, "DTypeError")],
    expects="at least two axes", fix="gd.flip(x)",
)
flipud = composed(
    "flipud", lambda xp, x: xp.flip(x, axis=0), tex=r"(x_n, \dots, x_1)", doc="The first axis backwards: up and down exchanged.",
    samples=lambda make: [((make(2, 3),), {}), ((make(3),), {}), ((make(0, 2),), {})],
    errors=lambda make: [((make(),), {}, "IndexError_"), ((make.text(4),), {}, "DTypeError"), ((make.text(2, 2),), {}, "DTypeError")],
    expects="at least one axis", fix="gd.flip(x)",
)


def _turned(xp, x, k, axes):
    n = len(shape_of(x))
    first, second = (axis_of("rot90", a, n, "gd.rot90(gd.atleast_2d(x))") for a in axes)
    if first == second:
        raise wrong(ArgumentError, "rot90", "a plane has two axes", f"axes={axes}", "two different axes", "gd.rot90(x, 1, (0, 1))")
    if k % 2:
        x = xp.swapaxes(x, axis1=first, axis2=second)
    return xp.flip(x, axis=((), first, (first, second), second)[k % 4])


rot90 = composed(
    "rot90", lambda xp, x, *, k=1, axes=(0, 1): _turned(xp, x, k, axes),
    tex=r"y_{ij} = x_{j,\,n-i}", doc="k quarter turns from the first towards the second of two axes.", torch="torch.rot90(x, k, axes)",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3),), {"k": 2}), ((make(2, 3),), {"k": -1}), ((make(2, 3),), {"k": 4}),
                          ((make(2, 3, 2),), {"axes": (2, 1)})],
    errors=lambda make: [((make(2, 3),), {"axes": (0, 2)}, "IndexError_"), ((make(2, 3),), {"axes": (0, -2)}, "ArgumentError"),
                         ((make(3),), {}, "IndexError_"), ((make.text(2, 2),), {}, "DTypeError")],
)


def _back(shift):
    """The shift that undoes another."""
    return tuple(-s for s in shift) if isinstance(shift, tuple | list) else -shift


roll = linear(
    "roll", lambda xp, x, *, shift, axis=None: xp.roll(x, shift, axis=axis),
    transpose=lambda xp, g, *, shift, axis: xp.roll(g, _back(shift), axis=axis),
    tex=r"y_i = x_{i - s}",
    doc="Moved along an axis; what falls off the end comes in at the beginning. All elements as one row unless an axis is given.",
    torch="torch.roll(x, shift, axis)",
    samples=lambda make: [((make(2, 3),), {"shift": 1}), ((make(2, 3),), {"shift": 1, "axis": 1}),
                          ((make(3, 3),), {"shift": (1, -1), "axis": (0, 1)}), ((make(0),), {"shift": 1})],
    errors=lambda make: [((make(2, 3),), {"shift": 1, "axis": 2}, "IndexError_"),
                         ((make(2, 3),), {"shift": (1, 2, 3), "axis": (0, 1)}, "ShapeError"),
                         ((make.text(4),), {"shift": 1}, "DTypeError")],
    expects="a shift for each axis", fix="gd.roll(x, 1, 0)",
)

# ------------------------------------------------------------------------------------------------ borders
def _pairs(name, given, n, kinds, fix):
    """NumPy's ways to say a pair for each of n axes: one number, one pair, a pair for each, a dict by axis."""
    if isinstance(given, dict):
        given = [np.broadcast_to(given.get(axis) or given.get(axis - n) or 0, 2) for axis in range(n)]
    try:
        pairs = np.broadcast_to(np.asarray(given), (n, 2))
    except ValueError:
        pairs = None
    if pairs is None or pairs.dtype.kind not in kinds:
        expected = "(before, after), or such a pair for each axis"
        raise wrong(ArgumentError, "pad", f"{name} does not fit {n} axes", f"{name}={given}", expected, fix)
    return pairs.tolist()


def _pad_fix(n, given):
    """PyTorch's pad lists the pairs in one row, last axis first."""
    row = isinstance(given, tuple | list) and len(given) in range(2, 2 * n + 1, 2) and all(isinstance(w, int) and w >= 0 for w in given)
    if not row:
        return "gd.pad(x, 1)"
    pairs = tuple(zip(given[::2], given[1::2], strict=True))[::-1]
    return f"gd.pad(x, {((0, 0),) * (n - len(pairs)) + pairs})"


def _source(mode, n, before, after):
    """For each element of a padded axis, the element that it is a copy of."""
    at = np.arange(-before, n + after)
    if mode == "edge":
        return np.clip(at, 0, n - 1)
    if mode == "wrap":
        return at % n
    last = 2 * n - 1 if mode == "symmetric" else max(2 * n - 2, 1)  # there and back again: element k mirrors last - k
    at = at % (2 * n if mode == "symmetric" else last)
    return np.minimum(at, last - at)


def _padded(xp, x, pad_width, mode, constant_values):
    shape = shape_of(x)
    widths = _pairs("pad_width", pad_width, len(shape), "iu", _pad_fix(len(shape), pad_width))
    if np.min(widths, initial=0) < 0:
        fix = f"gd.pad(x, {np.maximum(widths, 0).tolist()})"
        raise wrong(ArgumentError, "pad", "a border cannot be negative", f"pad_width={pad_width}", "0 or more; x[1:-1] takes away", fix)
    if mode == "constant":
        return _framed(xp, x, widths, constant_values)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        ours = {"replicate": "edge", "circular": "wrap"}.get(mode, "constant")
        modes = "'constant', 'edge', 'reflect', 'symmetric' or 'wrap'"
        raise wrong(ArgumentError, "pad", "no such mode", f"mode={mode!r}", modes, f"gd.pad(x, {widths}, {ours!r})")
    for axis, (before, after) in enumerate(widths):
        if before + after and not shape[axis]:
            got, fix = f"shape {shape}, mode={mode!r}", f"gd.pad(x, {widths})"
            raise wrong(ShapeError, "pad", "there is nothing to copy", got, "at least one element", fix)
        if before + after:
            x = xp.getitem(x, index=at_axis(axis, _source(mode, shape[axis], before, after)))
    return x


def _framed(xp, x, widths, constant_values):
    """x in the middle of constants."""
    shape = shape_of(x)
    middle = tuple(slice(before, before + n) for (before, _), n in zip(widths, shape, strict=True))
    y = xp.add_at(x, index=middle, shape=tuple(before + n + after for (before, after), n in zip(widths, shape, strict=True)))
    if isinstance(constant_values, int | float) and constant_values == 0:
        return y
    constants = _pairs("constant_values", constant_values, len(shape), "biuf", f"gd.pad(x, {widths})")
    outside = np.pad(np.zeros(shape, bool), widths, constant_values=True)
    return xp.where(outside, np.pad(np.zeros(shape, x.dtype), widths, constant_values=constants), y)


pad = composed(
    "pad", lambda xp, x, *, pad_width, mode="constant", constant_values=0: _padded(xp, x, pad_width, mode, constant_values),
    tex=r"(c, c, x_1, \dots, x_n, c)",
    doc="With a border on each axis: a constant, the edge, reflections without and with the edge, or the other end.",
    torch="F.pad(x, sum(pad_width[::-1], ()), value=constant_values) if mode == 'constant' else "
          "F.pad(x[None, None], sum(pad_width[::-1], ()), dict(edge='replicate', reflect='reflect', wrap='circular')[mode])[0, 0] "
          "if mode != 'symmetric' else "
          "torch.cat((x.flip(1), x, x.flip(1)), 1)[:, x.shape[1] - pad_width[1][0]:2 * x.shape[1] + pad_width[1][1]]",
    samples=lambda make: [((make(2, 3),), {"pad_width": ((1, 0), (0, 2))}), ((make(3),), {"pad_width": ((2, 1),), "constant_values": -1.5}),
                          ((make(2, 3),), {"pad_width": ((1, 1), (0, 2)), "mode": "edge"}),
                          ((make(2, 3),), {"pad_width": ((1, 0), (2, 2)), "mode": "reflect"}),
                          ((make(2, 3),), {"pad_width": ((0, 1), (3, 2)), "mode": "wrap"}),
                          ((make(2, 3),), {"pad_width": ((0, 0), (3, 2)), "mode": "symmetric"})],
    errors=lambda make: [((make(2, 3),), {"pad_width": (1, 1, 2, 2)}, "ArgumentError"), ((make(2, 3),), {"pad_width": -1}, "ArgumentError"),
                         ((make(2, 3),), {"pad_width": {-1: (1, 2)}, "mode": "replicate"}, "ArgumentError"),
                         ((make(2, 3),), {"pad_width": 1, "constant_values": (1, 2, 3)}, "ArgumentError"),
                         ((make(0, 3),), {"pad_width": 1, "mode": "edge"}, "ShapeError"),
                         ((make.text(4),), {"pad_width": 1}, "DTypeError")],
)


def _trimmed(xp, x, trim, axis):
    if str(trim).lower() not in ("f", "b", "fb", "bf"):
        raise wrong(ArgumentError, "trim_zeros", "no such ends", f"trim={trim!r}", "'f' (front), 'b' (back) or 'fb'", "gd.trim_zeros(x)")
    n = len(shape_of(x))
    axes = range(n) if axis is None else [axis_of("trim_zeros", a, n, "gd.trim_zeros(x)") for a in as_tuple(axis)]
    there = np.argwhere(x.numpy())
    if not len(there):  # nothing stays, whichever end is trimmed
        return xp.getitem(x, index=tuple(slice(0 if a in axes else None) for a in range(n)))
    first, last = there.min(0).tolist(), there.max(0).tolist()
    ends = [(i if "f" in trim.lower() else None, k + 1 if "b" in trim.lower() else None) for i, k in zip(first, last, strict=True)]
    return xp.getitem(x, index=tuple(slice(*ends[a]) if a in axes else slice(None) for a in range(n)))


trim_zeros = composed(
    "trim_zeros", lambda xp, x, *, trim="fb", axis=None: _trimmed(xp, x, trim, axis),
    tex=r"(x_a, \dots, x_b)", doc="Without the zeros at the front and the back of the given axes, or of all.", torch="",
    samples=lambda make: [((make(3),), {}), ((make(2, 3),), {"trim": "f", "axis": 1}), ((make(3) * (np.arange(3) != 1),), {"trim": "b"})],
    errors=lambda make: [((make(3),), {"trim": "front"}, "ArgumentError"), ((make(2, 3),), {"axis": 2}, "IndexError_"),
                         ((make.text(4),), {}, "DTypeError")],
)

# ------------------------------------------------------------------------------------------------ diagonals
def _last_two(op, ndim, axis1, axis2):
    """The order of axes that puts these two last."""
    a, b = (axis_of(op, a, ndim, f"gd.{op}(gd.atleast_2d(x))") for a in (axis1, axis2))
    if a == b:
        raise wrong(ArgumentError, op, "a diagonal lies between two axes", f"axes {axis1} and {axis2}", "two different axes", f"gd.{op}(x)")
    return (*(k for k in range(ndim) if k not in (a, b)), a, b)


def _diagonal(xp, x, offset, axis1, axis2):
    """A view of the diagonal: the main one of a square that is cut out."""
    x = xp.permute_dims(x, _last_two("diagonal", len(shape_of(x)), axis1, axis2))
    x = xp.getitem(x, index=(..., slice(max(-offset, 0), None), slice(max(offset, 0), None)))
    n = slice(min(x.shape[-2:]))
    return xp.einsum("...ii->...i", xp.getitem(x, index=(..., n, n)))


def _on_diagonal(xp, x, op, shape, offset, axis1, axis2):
    """Zeros of a shape with x on a diagonal, whose elements are m + 1 apart in rows of length m."""
    order = _last_two(op, len(shape), axis1, axis2)
    ordered = tuple(shape[k] for k in order)
    row, column, m = max(-offset, 0), max(offset, 0), ordered[-1]
    start = row * m + column
    places = slice(start, start + max(m - column, 0) * (m + 1), m + 1)
    flat = xp.add_at(x, index=(..., places), shape=(*ordered[:-2], math.prod(ordered[-2:])))
    return xp.permute_dims(xp.reshape(flat, ordered), _inverse(order, len(shape)))


diagonal = linear(
    "diagonal", lambda xp, x, *, offset=0, axis1=0, axis2=1: _diagonal(xp, x, offset, axis1, axis2),
    transpose=lambda xp, g, *, offset, axis1, axis2, shapes: _on_diagonal(xp, g, "diagonal", shapes[0], offset, axis1, axis2),
    tex=r"y_i = x_{i, i+k}", doc="The diagonal of matrices, offset places to the right of the main one.",
    torch="torch.diagonal(x, offset, axis1, axis2)",
    samples=lambda make: [((make(3, 3),), {}), ((make(3, 3),), {"offset": 1}), ((make(3, 3),), {"offset": -1}),
                          ((make(3, 2),), {"offset": -1}),
                          ((make(2, 3, 3),), {"axis1": 2, "axis2": -2, "offset": 1}), ((make(2, 3),), {"offset": 3})],
    errors=lambda make: [((make(3),), {}, "IndexError_"), ((make(3, 3),), {"axis1": 1}, "ArgumentError"),
                         ((make.text(3, 3),), {}, "DTypeError")],
)


def _embedded(xp, x, offset, dim1, dim2):
    *rest, n = shape_of(x)
    size, ndim = n + abs(offset), len(rest) + 2
    dims, old = {dim1 % ndim, dim2 % ndim}, iter(rest)
    shape = tuple(size if k in dims else next(old, size) for k in range(ndim))
    return _on_diagonal(xp, x, "diag_embed", shape, offset, dim1, dim2)


diag_embed = linear(
    "diag_embed", lambda xp, x, *, offset=0, dim1=-2, dim2=-1: _embedded(xp, x, offset, dim1, dim2),
    transpose=lambda xp, g, *, offset, dim1, dim2: _diagonal(xp, g, offset, dim1, dim2),
    tex=r"Y_{i, i+k} = x_i", doc="Matrices of zeros with the last axis of x on a diagonal.",
    torch="torch.diag_embed(x, offset, dim1, dim2)",
    samples=lambda make: [((make(3),), {}), ((make(2, 2),), {"offset": 1}), ((make(2, 2),), {"offset": -1, "dim1": 0, "dim2": 2}),
                          ((make(0),), {})],
    errors=lambda make: [((make(3),), {"dim1": 2}, "IndexError_"), ((make(3),), {"dim1": 1}, "ArgumentError"),
                         ((make(),), {}, "ShapeError"), ((make.text(3),), {}, "DTypeError")],
    expects="at least one axis", fix="gd.diagflat(x)",
)


def _diag(xp, x, k):
    n = len(shape_of(x))
    if n not in (1, 2):
        fix = "gd.diagonal(x, 0, -2, -1)" if n else "gd.diagflat(x)"
        raise wrong(ShapeError, "diag", "neither a vector nor a matrix", f"shape {shape_of(x)}", "one or two axes", fix)
    return xp.diag_embed(x, offset=k) if n == 1 else xp.diagonal(x, offset=k)


diag = composed(
    "diag", lambda xp, x, *, k=0: _diag(xp, x, k), tex=r"\operatorname{diag} x",
    doc="A matrix with a vector on its diagonal, or the diagonal of a matrix; k counts to the right of the main one.",
    torch="torch.diag(x, k)",
    samples=lambda make: [((make(3),), {}), ((make(2),), {"k": -1}), ((make(3, 2),), {}), ((make(2, 3),), {"k": 1})],
    errors=lambda make: [((make(),), {}, "ShapeError"), ((make(2, 3, 3),), {}, "ShapeError"), ((make.text(3),), {}, "DTypeError")],
)
diagflat = composed(
    "diagflat", lambda xp, x, *, k=0: xp.diag_embed(xp.reshape(x, shape=(-1,)), offset=k), tex=r"\operatorname{diag}(\operatorname{vec} x)",
    doc="A matrix with all elements of x on its diagonal, k places to the right of the main one.", torch="torch.diagflat(x, k)",
    samples=lambda make: [((make(2, 2),), {}), ((make(2),), {"k": 1}), ((make(),), {"k": -1})], errors=_refused,
)


def _triangle(name, forward, transpose, sign, doc):
    return linear(
        name, forward, transpose=transpose, tex=rf"y_{{ij}} = x_{{ij}} \, [j - i {sign} k]", doc=doc, torch=f"torch.{name}(x, k)",
        samples=lambda make: [((make(3, 3),), {}), ((make(2, 3),), {"k": 1}), ((make(2, 3, 2),), {"k": -1}), ((make(0, 2),), {})],
        errors=lambda make: [((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"), ((make.text(3, 3),), {}, "DTypeError")],
        expects="at least two axes", fix=f"gd.{name}(gd.diagflat(x))",
    )


def _matrices(x):
    """x if it has two axes; np.tril would make a matrix of a vector."""
    if len(shape_of(x)) < 2:
        raise ValueError("a triangle is part of a matrix")
    return x


tril = _triangle(
    "tril", lambda xp, x, *, k=0: xp.tril(_matrices(x), k=k), lambda xp, g, *, k: xp.tril(g, k=k), r"\le",
    "The lower triangle of matrices up to the k-th diagonal, zeros elsewhere.",
)
triu = _triangle(
    "triu", lambda xp, x, *, k=0: xp.triu(_matrices(x), k=k), lambda xp, g, *, k: xp.triu(g, k=k), r"\ge",
    "The upper triangle of matrices from the k-th diagonal on, zeros elsewhere.",
)

# ------------------------------------------------------------------------------------------------ windows
def _unfolded(xp, x, dimension, size, step):
    shape = shape_of(x)
    axis = axis_of("unfold", dimension, len(shape), "gd.unfold(x, -1, 1, 1)")
    if not 0 <= size <= shape[axis] or step < 1:
        got, fix = f"size={size}, step={step}", f"gd.unfold(x, {dimension}, {min(abs(size), shape[axis])}, {max(step, 1)})"
        raise wrong(ArgumentError, "unfold", "no such windows", got, f"a size up to {shape[axis]} and a step of 1 or more", fix)
    at = np.arange(0, shape[axis] - size + 1, step)[:, None] + np.arange(size)
    return xp.moveaxis(xp.getitem(x, index=at_axis(axis, at)), source=axis + 1, destination=-1)


unfold = composed(
    "unfold", lambda xp, x, *, dimension, size, step: _unfolded(xp, x, dimension, size, step),
    tex=r"y_{ij} = x_{s i + j}", doc="Windows of a size along an axis, step apart: the axis counts them, a new last one runs along each.",
    torch="x.unfold(dimension, size, step)",
    samples=lambda make: [((make(5),), {"dimension": 0, "size": 3, "step": 1}), ((make(5, 2),), {"dimension": -2, "size": 2, "step": 2}),
                          ((make(2, 3),), {"dimension": 1, "size": 3, "step": 4})],
    errors=lambda make: [((make(5),), {"dimension": 1, "size": 2, "step": 1}, "IndexError_"),
                         ((make(5),), {"dimension": 0, "size": 6, "step": 1}, "ArgumentError"),
                         ((make(5),), {"dimension": 0, "size": 2, "step": 0}, "ArgumentError"),
                         ((make.text(4),), {"dimension": 0, "size": 2, "step": 1}, "DTypeError")],
)


def _windows(xp, x, window_shape, axis):
    shape, sizes = shape_of(x), as_tuple(window_shape)
    fix = f"gd.sliding_window_view(x, {tuple(max(min(n, s), 1) for n, s in zip(shape, sizes + shape, strict=False))})"
    axes = tuple(range(len(shape))) if axis is None else as_tuple(axis)
    axes = [axis_of("sliding_window_view", a, len(shape), fix) for a in axes]
    if len(axes) != len(sizes) or any(not 0 <= s <= shape[a] for s, a in zip(sizes, axes, strict=True)):
        got = f"window_shape={window_shape}, axis={axis}, shape {shape}"
        raise wrong(ShapeError, "sliding_window_view", "the windows do not fit", got, "a size for each axis, at most its own", fix)
    for a, n in zip(axes, sizes, strict=True):
        x = xp.unfold(x, dimension=a, size=n, step=1)
    return x


sliding_window_view = composed(
    "sliding_window_view", lambda xp, x, *, window_shape, axis=None: _windows(xp, x, window_shape, axis), method=False,
    tex=r"y_{ij} = x_{i + j}", doc="All windows of a shape: the axes count them, new last ones run along each. The elements are copied.",
    torch="x.unfold(axis, window_shape, 1) if isinstance(axis, int) else x.unfold(0, window_shape[0], 1).unfold(1, window_shape[1], 1)",
    samples=lambda make: [((make(5),), {"window_shape": 3, "axis": -1}), ((make(3, 4),), {"window_shape": (2, 3)}),
                          ((make(3, 4),), {"window_shape": 2, "axis": 0})],
    errors=lambda make: [((make(3, 4),), {"window_shape": 2}, "ShapeError"), ((make(3, 4),), {"window_shape": (4, 1)}, "ShapeError"),
                         ((make(5),), {"window_shape": 2, "axis": 1}, "IndexError_"), ((make.text(4),), {"window_shape": 2}, "DTypeError")],
)
