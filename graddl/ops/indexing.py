"""Ops that read and write elements by index, and what NumPy and PyTorch make of them."""

import math

import numpy as np

from .._core import Tensor
from ..errors import ArgumentError, DTypeError, IndexError_, ShapeError
from ._define import COMPOSED, composed, linear
from ._explain import broadcast_error, call_text, shape_of


# ------------------------------------------------------------------------------------------------ reading and writing
# An index comes without Tensors: `call` of the core puts arrays in their place.
def _fitting(index, shape, word="index"):
    """An index like this one that fits a shape, as one writes it in brackets; its arrays go by their name."""
    several = isinstance(index, tuple)
    parts = [p if p is None or p is Ellipsis or isinstance(p, slice) else np.asarray(p) for p in (index if several else (index,))]
    taken = [0 if p is None or p is Ellipsis else 1 if isinstance(p, slice) or p.dtype.kind != "b" else p.ndim for p in parts]
    found, axis = [], 0
    for k, part in enumerate(parts):
        if part is Ellipsis:
            axis = max(axis, len(shape) - sum(taken[k + 1 :]))
        if axis + taken[k] <= len(shape):  # one too many is left out
            found.append(_part(part, f"{word}[{k}]" if several else word, tuple(shape[axis : axis + taken[k]])))
            axis += taken[k]
    return ", ".join(found) or "..."


def _part(part, word, sizes):
    """One part of an index as text: numbers inside the size, `:` in place of what cannot be mended."""
    if part is None or part is Ellipsis:
        return "None" if part is None else "..."
    if isinstance(part, slice):
        return ":".join(str(int(end)) if hasattr(end, "__index__") else "" for end in (part.start, part.stop, part.step))
    if part.dtype.kind == "b":
        return word if part.shape == sizes else ":"
    if part.dtype.kind not in "iuf" or not sizes[0]:
        return ":"
    inside = np.clip(part, -sizes[0], sizes[0] - 1)
    if not part.ndim:
        return str(int(inside))
    whole = f"np.asarray({word}{', int' if part.dtype.kind == 'f' else ''})"
    return f"{whole}.clip({-sizes[0]}, {sizes[0] - 1})" if (part != inside).any() else word if part.dtype.kind != "f" else whole


def _brought(word, shape, wanted):
    """An array brought to a shape, as text: reshaped, repeated, or zeros in its place."""
    if math.prod(shape) == math.prod(wanted):
        return f"gd.reshape({word}, {wanted})"
    fits = len(shape) <= len(wanted) and all(n in (1, m) for n, m in zip(shape[::-1], wanted[::-1], strict=False))
    return f"gd.broadcast_to({word}, {wanted})" if fits else f"gd.zeros({wanted})"


def _write_fix(call, shape, index, given, value="value", word="index"):
    """The call with an index that fits, or with a value of the indexed shape."""
    try:
        wanted = np.broadcast_to(0, shape)[index].shape
        value = value if given == wanted else _brought(value, given, wanted)
    except (IndexError, TypeError):
        pass  # the index is what is wrong
    return call.format(value, _fitting(index, shape, word))


def _index_error(name, error, index, fix):
    """NumPy's IndexError; of an index that is no integer an error of its dtype."""
    if "integer" not in str(error):
        return error
    kinds = [str(getattr(p, "dtype", type(p).__name__)) for p in (index if isinstance(index, tuple) else (index,))]
    return DTypeError(f"{error}; got {', '.join(kinds)}", op=name, got=", ".join(kinds),
                      expected="integers, slices, None, ... and booleans", fix=fix)


_WITHIN = "integers within the sizes, slices, None, ..., or booleans of the same sizes"
_ADD_AT = "gd.add_at({}, index=np.s_[{}], shape=shape)"
_SETITEM = "gd.setitem(x, {}, index=np.s_[{}])"


def _getitem(xp, x, index):
    try:
        return xp.getitem(x, index=index)
    except IndexError as error:
        raise _index_error("getitem", error, index, f"x[{_fitting(index, x.shape)}]") from None


getitem = linear(
    "getitem", lambda xp, x, *, index: _getitem(xp, x, index),
    transpose=lambda xp, g, *, index, shapes: xp.add_at(g, index=index, shape=shapes[0]),
    tex=r"x_{i}", symbol="[ ]", doc="Indexing as in NumPy: integers, slices, None, ..., integer and boolean arrays.", method=False,
    samples=lambda make: [((make(4, 3),), {"index": -1}), ((make(4, 3),), {"index": (slice(None, None, -2), None, 2)}),
                          ((make(4, 3),), {"index": np.array([0, 2, 2])}), ((make(4, 3),), {"index": np.eye(4, 3) > 0}),
                          ((make(4, 3),), {"index": (Ellipsis, [0, 0])}),
                          ((make(2, 3, 2),), {"index": (np.array([[0], [1]]), slice(1, None), np.array([0, 1, 1]))}),
                          ((make(2, 4),), {"index": (slice(None), np.array([True, False, True, True]))}),
                          ((make(3),), {"index": (True, Tensor([2]))}), ((make(3),), {"index": False}),
                          ((make(3),), {"index": np.array([], int)}), ((make(3),), {"index": Tensor([2, 0])})],
    errors=lambda make: [((make(2, 3),), {"index": 2}, "IndexError_"), ((make(2, 3),), {"index": (0, 0, 0)}, "IndexError_"),
                         ((make(2, 3),), {"index": (Ellipsis, np.array([0, 3]))}, "IndexError_"),
                         ((make(2, 3),), {"index": (slice(None, 1), np.array([0, 3]), None)}, "IndexError_"),
                         ((make(2, 3),), {"index": np.array([True, False, True])}, "IndexError_"),
                         ((make(2, 3),), {"index": np.array([0.0, 1.0])}, "DTypeError"),
                         ((make(2, 3),), {"index": "text"}, "DTypeError")],
    expects=_WITHIN, fix=lambda shapes, params: f"x[{_fitting(params['index'], shapes[0])}]",
    torch="x.flatten()[torch.arange(x.numel()).reshape(x.shape).numpy()[index].copy()]",  # x[index], but that has no negative steps
)


def _add_at(xp, x, index, shape):
    try:
        return xp.add_at(x, index=index, shape=shape)
    except IndexError as error:
        raise _index_error("add_at", error, index, _write_fix(_ADD_AT, shape, index, x.shape, "x")) from None


add_at = linear(
    "add_at", lambda xp, x, *, index, shape: _add_at(xp, x, index, shape),
    transpose=lambda xp, g, *, index: xp.getitem(g, index=index),
    tex=r"y_{i} \mathrel{+}= x", doc="Zeros of a shape, with x added at an index; elements named twice add up.", method=False,
    samples=lambda make: [((make(3, 3),), {"index": np.array([0, 2, 2]), "shape": (4, 3)}), ((make(3),), {"index": 1, "shape": (4, 3)}),
                          ((make(2),), {"index": (slice(None, None, -2), 0), "shape": (3, 2)}),
                          ((make(3),), {"index": np.array([[True, False], [True, True]]), "shape": (2, 2)}),
                          ((make(2, 2),), {"index": (np.array([[0], [1]]), np.array([1, 1])), "shape": (2, 3)})],
    errors=lambda make: [((make(3),), {"index": 4, "shape": (4, 3)}, "IndexError_"),
                         ((make(2),), {"index": 1, "shape": (4, 3)}, "ShapeError"),
                         ((make(2),), {"index": np.array([0.0, 9.0]), "shape": (4,)}, "DTypeError"),
                         ((make.text(3),), {"index": 1, "shape": (4, 3)}, "DTypeError")],
    expects=_WITHIN + ", and x of the indexed shape",
    fix=lambda shapes, params: _write_fix(_ADD_AT, params["shape"], params["index"], shapes[0], "x"),
    torch="x.new_zeros(math.prod(shape)).index_add(0, torch.as_tensor(torch.arange(math.prod(shape)).reshape(shape).numpy()[index].copy())"
          ".flatten(), x.flatten()).reshape(shape)",
)


def _last_writes(shape, index):
    """For each value that is written at an index the number of the one that stays there, the last one; None: no two meet."""
    if all(p is None or p is Ellipsis or isinstance(p, int | slice) or getattr(p, "dtype", None) == "bool"
           for p in (index if isinstance(index, tuple) else (index,))):
        return None
    target, last = np.arange(math.prod(shape)).reshape(shape)[index], np.empty(math.prod(shape), int)
    last[np.reshape(target, -1)] = np.arange(target.size)
    return last[target]


def _setitem(xp, x, value, index):
    held, dtype = str(x.dtype), str(getattr(value, "dtype", type(value).__name__))
    if ("complex" in dtype and "complex" not in held) or ("float" in dtype and ("int" in held or "bool" in held)):
        raise DTypeError(f"{held} cannot hold {dtype}", op="setitem", got=f"{dtype} into {held}", expected="an x of the value's kind",
                         fix=f"gd.setitem(gd.astype(x, dtype={'complex' if 'complex' in dtype else 'float'}), value, index=index)")
    value = xp.asarray(value, dtype=x.dtype)
    try:
        last = _last_writes(x.shape, index)
        if last is not None:  # all that meet write the same, so that their order does not matter
            value = xp.reshape(value, tuple(value.shape)[max(value.ndim - last.ndim, 0) :])  # axes of size 1 in front do not count
            value = xp.getitem(xp.reshape(xp.broadcast_to(value, last.shape), (-1,)), index=last)
        return xp.setitem(x, value, index=index)
    except IndexError as error:
        raise _index_error("setitem", error, index, _write_fix(_SETITEM, x.shape, index, shape_of(value))) from None


def _outlived(xp, g, index, shape):
    """The gradient of the values written at an index: none for one that a later one overwrote."""
    g, last = xp.getitem(g, index=index), _last_writes(shape, index)
    return g if last is None else xp.where(xp.asarray(last == np.arange(last.size).reshape(last.shape)), g, 0)


setitem = linear(
    "setitem", lambda xp, x, value, *, index: _setitem(xp, x, value, index),
    transpose={"x": lambda xp, g, *, index: xp.setitem(g, xp.zeros((), dtype=g.dtype), index=index),
               "value": lambda xp, g, *, index, shapes: _outlived(xp, g, index, shapes[0])},
    tex=r"x_{i} \leftarrow v", symbol="[ ] =", method=False,
    doc="A copy of x with a value written at an index; an element that is named twice keeps the last.",
    samples=lambda make: [((make(4, 3), make(3)), {"index": 1}), ((make(4, 3), make(3, 3)), {"index": np.array([0, 2, 2])}),
                          ((make(4, 3), make(1, 2, 1)), {"index": (slice(None, None, -2), None, 2)}),
                          ((make(4, 3), make()), {"index": np.eye(4, 3) > 0}),
                          ((make(3), make(2, 2)), {"index": np.array([[0, 1], [1, 0]])}), ((make(4), 2.0), {"index": slice(1, 3)}),
                          ((make(3), make()), {"index": np.array([], int)}), ((make(), make()), {"index": ()})],
    errors=lambda make: [((make(2, 3), make()), {"index": 2}, "IndexError_"), ((make(2, 3), make(2)), {"index": 0}, "ShapeError"),
                         ((make(2, 3), make(6)), {"index": Ellipsis}, "ShapeError"),
                         ((make(2, 3), make()), {"index": np.array([0.0, 1.0])}, "DTypeError"),
                         ((np.arange(3), 0.5), {"index": 0}, "DTypeError"), ((make(2, 3), make.text(3)), {"index": 0}, "DTypeError")],
    expects=_WITHIN + ", and a value of the indexed shape",
    fix=lambda shapes, params: _write_fix(_SETITEM, shapes[0], params["index"], shapes[1]),
    torch="[k := torch.arange(x.numel()).reshape(x.shape).numpy()[index].copy(), y := x.flatten(), *[y := torch.where("
          "torch.arange(x.numel()) == j, v, y) for j, v in zip(k.flatten(), torch.as_tensor(value).broadcast_to((1, *k.shape)).flatten())]]"
          "[-1].reshape(x.shape)",
)


# ------------------------------------------------------------------------------------------------ checks
# `call` is the name, the arrays and the parameters of what was called: a fix is the same call with a change.
def _changed(call, **changed):
    name, values, params = call
    return call_text(COMPOSED[name], values, params, changed)


def _front(call, x, axis):
    """The axis counted from the front; x has to have it."""
    n = len(shape_of(x))
    if not -n <= axis < n:
        raise IndexError_(f"axis {axis} is out of bounds for an array of {n} axes", op=call[0], got=f"axis {axis}",
                          expected=f"an axis from {-n} to {n - 1}", fix=_changed(call, axis="-1"))
    return axis % n


def _indices(xp, call, word, n=None, low=0):
    """The array of positions that the call has under a name; where n is given, they go from low to n - 1."""
    index = xp.asarray(dict(zip(COMPOSED[call[0]].args, call[1], strict=False))[word])
    if index.dtype.kind not in "iu":
        raise DTypeError(f"{word} is of {index.dtype}, not of integers", op=call[0], got=index.dtype.name, expected="integers",
                         fix=_changed(call, **{word: f"gd.astype({word}, dtype=int)"}))
    least, most = (int(xp.min(index)), int(xp.max(index))) if index.size and n is not None else (low, low)
    if index.size and n is not None and (least < low or most >= n):
        raise IndexError_(f"{word} {least if least < low else most} is out of range for {n} elements", op=call[0],
                          got=f"{least} to {most}", expected=f"{low} to {n - 1}",
                          fix=_changed(call, **{word: f"gd.clip({word}, {low}, {n - 1})"}))
    return index


def _wrapped(xp, call, word, n, low, mode):
    """Positions among n elements, in NumPy's three ways to treat those out of range."""
    if mode not in ("raise", "wrap", "clip"):
        raise ArgumentError(f"unknown mode {mode!r}", op=call[0], got=repr(mode), expected="'raise', 'wrap' or 'clip'",
                            fix=_changed(call, mode="'clip'"))
    if mode == "raise":
        return _indices(xp, call, word, n, low)
    index = _indices(xp, call, word)
    return xp.remainder(index, n) if mode == "wrap" else xp.clip(index, 0, n - 1)


def _check_sizes(call, word, shape, limits, expected):
    """Check that an array has as many axes as there are limits, and on none is larger."""
    if len(shape) == len(limits) and all(n <= m for n, m in zip(shape, limits, strict=True)):
        return
    text, more = word, len(limits) - len(shape)
    if more > 0:
        text, sizes = f"gd.reshape({word}, {(1,) * more + shape})", (1,) * more + shape
    else:
        text, sizes = f"{word}[{', '.join(['0'] * -more)}]" if more else word, shape[-more:]
    if any(n > m for n, m in zip(sizes, limits, strict=True)):
        text += f"[{', '.join(':' if n <= m else f':{m}' for n, m in zip(sizes, limits, strict=True))}]"
    raise ShapeError(f"{word} of shape {shape} does not fit", op=call[0], got=shape, expected=expected,
                     fix=_changed(call, **{word: text}))


def _along(xp, sizes, index, axis):
    """The index that takes `index` along one axis and every position on the others, which have these sizes."""
    grid = [xp.reshape(xp.arange(n), (n,) + (1,) * (len(sizes) - d - 1)) for d, n in enumerate(sizes)]
    grid[axis] = index
    return tuple(grid)


# ------------------------------------------------------------------------------------------------ NumPy's words
def _take(xp, x, indices, axis, mode):
    call = "take", (x, indices), {"axis": axis, "mode": mode}
    x, axis = (xp.reshape(x, (-1,)), 0) if axis is None else (x, _front(call, x, axis))
    n = x.shape[axis]
    return x[(slice(None),) * axis + (_wrapped(xp, call, "indices", n, -n, mode),)]


take = composed(
    "take", lambda xp, x, indices, *, axis=None, mode="raise": _take(xp, x, indices, axis, mode),
    nondiff=("indices",), tex=r"x_{i}", doc="The elements at positions along an axis; without one, of the array as a vector.",
    samples=lambda make: [((make(2, 3), np.array([4, 0, 4])), {}), ((make(2, 3), np.array([[2, 0], [1, -1]])), {"axis": 1}),
                          ((make(2, 3), 1), {"axis": 0}), ((make(3), np.array([-1, 4])), {"axis": 0, "mode": "wrap"}),
                          ((make(2, 3), np.array([], int)), {"axis": -1})],
    errors=lambda make: [((make(2, 3), np.array([3])), {"axis": 1}, "IndexError_"),
                         ((make(2, 3), np.array([0])), {"axis": 2}, "IndexError_"),
                         ((make(4), np.array([0.0, 1.0])), {}, "DTypeError"), ((make(4), np.array([0])), {"mode": "wild"}, "ArgumentError"),
                         ((make.text(4), np.array([0])), {}, "DTypeError")],
    torch="x.flatten()[indices] if axis is None else x[(slice(None),) * (axis % x.ndim) + (indices % x.shape[axis],)]",
)


def _take_along_axis(xp, x, indices, axis):
    call = "take_along_axis", (x, indices), {"axis": axis}
    x, axis = (xp.reshape(x, (-1,)), 0) if axis is None else (x, _front(call, x, axis))
    index = _indices(xp, call, "indices", x.shape[axis], -x.shape[axis])
    sizes = (*index.shape, *[1] * (x.ndim - index.ndim))
    limits = [math.inf if d == axis or m == 1 or n == m else 1 for d, (m, n) in enumerate(zip(x.shape, sizes, strict=False))]
    _check_sizes(call, "indices", index.shape, limits, f"the sizes of {x.shape} or 1, except on axis {axis}")
    return x[_along(xp, x.shape, index, axis)]


take_along_axis = composed(
    "take_along_axis", lambda xp, x, indices, *, axis=-1: _take_along_axis(xp, x, indices, axis),
    nondiff=("indices",), tex=r"x_{\dots i_{\dots k \dots} \dots}", doc="Along an axis, for each row the elements at its own positions.",
    samples=lambda make: [((make(2, 3), np.array([[2, 0], [1, 1]])), {}), ((make(2, 3), np.array([[1, 0, -1]])), {"axis": 0}),
                          ((make(1, 3), np.array([[1], [2]])), {"axis": 1}), ((make(2, 2), np.array([3, 3])), {"axis": None})],
    errors=lambda make: [((make(2, 3), np.array([[3], [0]])), {"axis": 1}, "IndexError_"),
                         ((make(2, 3), np.array([[0]])), {"axis": 2}, "IndexError_"), ((make(2, 3), np.array([0, 1])), {}, "ShapeError"),
                         ((make(2, 3), np.array([[0], [0], [0]])), {}, "ShapeError"), ((make(2, 3), np.array([[[0]]])), {}, "ShapeError"),
                         ((make(2, 3), np.array([[0.0], [1.0]])), {"axis": 1}, "DTypeError")],
    torch="torch.take_along_dim(x, indices % (x.numel() if axis is None else x.shape[axis]), axis)",
)


def _compress(xp, condition, x, axis):
    call, condition = ("compress", (condition, x), {"axis": axis}), xp.asarray(condition)
    if condition.ndim != 1:
        raise ShapeError("the condition is no vector", op="compress", got=condition.shape, expected="one axis",
                         fix=_changed(call, condition="gd.reshape(condition, (-1,))"))
    x, axis = (xp.reshape(x, (-1,)), 0) if axis is None else (x, _front(call, x, axis))
    keep, n = xp.arange(condition.size)[xp.not_equal(condition, 0)], x.shape[axis]
    if keep.size and int(keep[-1]) >= n:
        raise IndexError_(f"the condition holds at {int(keep[-1])}, there are {n} elements", op="compress",
                          got=f"position {int(keep[-1])}", expected=f"0 to {n - 1}", fix=_changed(call, condition=f"condition[:{n}]"))
    return x[(slice(None),) * axis + (keep,)]


compress = composed(
    "compress", lambda xp, condition, x, *, axis=None: _compress(xp, condition, x, axis), nondiff=("condition",), method=False,
    tex=r"(x_i)_{c_i}", doc="What stands along an axis where the condition holds; without an axis, in the array as a vector.",
    samples=lambda make: [((np.array([True, False, True]), make(3, 2)), {"axis": 0}), ((np.array([0, 1]), make(2, 3)), {"axis": -1}),
                          ((np.array([True, False, False, True, True]), make(2, 3)), {}), ((np.array([False]), make(2)), {})],
    errors=lambda make: [((np.array([True, False, True]), make(3, 2)), {"axis": 1}, "IndexError_"),
                         ((np.array([True, True]), make(3, 2)), {"axis": 2}, "IndexError_"),
                         ((np.array([[True], [True]]), make(3, 2)), {"axis": 0}, "ShapeError"),
                         ((np.array([True]), make.text(3)), {}, "DTypeError")],
    torch="(x.flatten() if axis is None else x).index_select(axis or 0, condition.nonzero().flatten())",
)
extract = composed(
    "extract", lambda xp, condition, x: xp.compress(xp.reshape(condition, (-1,)), xp.reshape(x, (-1,))),
    nondiff=("condition",), method=False, tex=r"(x_i)_{c_i}", doc="The elements for which the condition holds, in one row.",
    samples=lambda make: [((np.eye(2, 3) > 0, make(2, 3)), {}), ((np.array([1, 0, 2]), make(3)), {}), ((make(2, 2) > 9, make(2, 2)), {})],
    errors=lambda make: [((np.ones(4) > 0, make(3)), {}, "IndexError_"), ((np.ones((2, 2)) > 0, make(1, 3)), {}, "IndexError_"),
                         ((np.ones(3) > 0, make.text(3)), {}, "DTypeError")],
    expects="a condition of the shape of x",
    fix=lambda shapes, params: f"gd.extract(gd.reshape(condition, (-1,))[:{math.prod(shapes[1])}], x)",
    torch="x.flatten()[condition.flatten() != 0]",
)


def _choose(xp, a, choices, mode):
    k = _wrapped(xp, ("choose", (a, *choices), {"mode": mode}), "a", len(choices), 0, mode)
    y = xp.where(k == 0, choices[0], choices[-1])
    for i in range(1, len(choices) - 1):
        y = xp.where(k == i, choices[i], y)
    return y


choose = composed(
    "choose", lambda xp, a, *choices, mode="raise": _choose(xp, a, choices, mode), nondiff=("a",), sequence=True,
    tex=r"x^{(a_i)}_i", doc="For each element the one of several arrays that an index names.",
    samples=lambda make: [((np.array([0, 2, 1]), make(3), make(3), make(3)), {}), ((np.array([[1], [0]]), make(2, 3), make()), {}),
                          ((np.array([-1, 4, 0]), make(3), make(3), make(1)), {"mode": "clip"}),
                          ((np.array([-1, 4]), make(2), make(2), make(2)), {"mode": "wrap"}), ((np.array(0), make(2)), {})],
    errors=lambda make: [((np.array([0, 2]), make(2), make(2)), {}, "IndexError_"),
                         ((np.array([0, -1]), make(2), make(2)), {}, "IndexError_"),
                         ((np.array([0.0, 1.0]), make(2), make(2)), {}, "DTypeError"),
                         ((np.array([0, 1]), make(2), make(2)), {"mode": "wild"}, "ArgumentError")],
    torch="sum(torch.where((a % len(choices) if mode == 'wrap' else a.clip(0, len(choices) - 1)) == k, x, 0)"
          " for k, x in enumerate(choices))",
)


def _select(xp, condlist, choicelist, default):
    call, n = ("select", choicelist, {"condlist": condlist, "default": default}), min(len(condlist), len(choicelist))
    if len(condlist) != len(choicelist):
        raise ArgumentError(f"{len(condlist)} conditions for {len(choicelist)} choices", op="select", got=(len(condlist), len(choicelist)),
                            expected="one for each", fix=_changed(call, condlist=f"condlist[:{n}]", choicelist=f"choicelist[:{n}]"))
    y = default
    for condition, choice in zip(map(xp.asarray, condlist[::-1]), choicelist[::-1], strict=True):
        if condition.dtype.kind != "b":
            raise DTypeError(f"a condition is of {condition.dtype}, not of booleans", op="select", got=condition.dtype.name,
                             expected="booleans", fix=_changed(call, condlist="[np.asarray(c) != 0 for c in condlist]"))
        y = xp.where(condition, choice, y)
    return y


select = composed(
    "select", lambda xp, *choicelist, condlist, default=0: _select(xp, condlist, choicelist, default),
    order=("condlist", "choicelist", "default"), sequence=True,
    tex=r"x^{(k)}_i,\ k = \min \{k : c^{(k)}_i\}",
    doc="For each element the first of several arrays whose condition holds there, else a default.",
    samples=lambda make: [((make(3), make(3)), {"condlist": (np.array([True, False, False]), np.array([True, True, False]))}),
                          ((make(2, 3), make(3)), {"condlist": (np.eye(2, 3) > 0, np.array([[True], [False]])), "default": 1.5}),
                          ((make(), make(2)), {"condlist": (np.array([True, False]), np.array(True))})],
    errors=lambda make: [((make(3),), {"condlist": (np.ones(3) > 0, np.ones(3) > 0)}, "ArgumentError"),
                         ((make(3), make(3)), {"condlist": (np.ones(3) > 0,)}, "ArgumentError"),
                         ((make(2), make(2)), {"condlist": (np.array([0, 1]), np.array([1, 0]))}, "DTypeError")],
    torch="torch.where(condlist[0], choicelist[0], torch.where(condlist[1], choicelist[1], default))",
)


# ------------------------------------------------------------------------------------------------ PyTorch's words: single elements
def _gather(xp, x, index, axis):
    call = "gather", (x, index), {"axis": axis}
    axis = _front(call, x, axis)
    index = _indices(xp, call, "index", x.shape[axis])
    limits = [math.inf if d == axis else n for d, n in enumerate(x.shape)]
    _check_sizes(call, "index", index.shape, limits, f"sizes within {x.shape}, except on axis {axis}")
    return x[_along(xp, index.shape, index, axis)]


gather = composed(
    "gather", lambda xp, x, index, *, axis: _gather(xp, x, index, axis), order=("x", "axis", "index"), nondiff=("index",),
    tex=r"x_{\dots i_{\dots k \dots} \dots}",
    doc="Along an axis, for each row the elements at its own positions; there may be fewer rows than in x.",
    samples=lambda make: [((make(2, 3), np.array([[2, 0], [1, 1]])), {"axis": 1}), ((make(3, 2), np.array([[2], [0]])), {"axis": 0}),
                          ((make(3), np.array([0, 0, 2, 1])), {"axis": -1}), ((make(2, 2, 2), np.array([[[1, 0]]])), {"axis": 1})],
    errors=lambda make: [((make(2, 3), np.array([[3]])), {"axis": 1}, "IndexError_"),
                         ((make(2, 3), np.array([[-1]])), {"axis": 1}, "IndexError_"),
                         ((make(2, 3), np.array([[0]])), {"axis": 2}, "IndexError_"),
                         ((make(2, 3), np.array([0, 1])), {"axis": 1}, "ShapeError"),
                         ((make(2, 3), np.array([[0], [0], [0]])), {"axis": 1}, "ShapeError"),
                         ((make(2, 3), np.array([[0.0]])), {"axis": 1}, "DTypeError")],
    torch="torch.gather(x, axis, index)",
)


def _places(xp, call, axis):
    """The index of the elements of x that a scatter writes to, and the part of src that goes there."""
    x, _, src = call[1]
    axis = _front(call, x, axis)
    index = _indices(xp, call, "index", x.shape[axis])
    limits = [math.inf if d == axis else n for d, n in enumerate(x.shape)]
    if isinstance(src, Tensor) or call[0] != "scatter":  # which takes a number
        if len(shape_of(src)) != x.ndim:
            raise ShapeError(f"src of shape {shape_of(src)} does not fit", op=call[0], got=shape_of(src), expected=f"{x.ndim} axes",
                             fix=_changed(call, src=_brought("src", shape_of(src), index.shape)))
        limits = [min(m, n) for m, n in zip(limits, src.shape, strict=True)]
    _check_sizes(call, "index", index.shape, limits, f"sizes within those of src, and of x except on axis {axis}")
    whole = not isinstance(src, Tensor) or src.shape == index.shape
    return _along(xp, index.shape, index, axis), src if whole else src[tuple(map(slice, index.shape))]


def _scatter(xp, x, index, src, axis):
    at, src = _places(xp, ("scatter", (x, index, src), {"axis": axis}), axis)
    return xp.setitem(x, src, index=at)


def _scatter_samples(make):
    return [((make(2, 3), np.array([[2, 0], [1, 2]]), make(2, 2)), {"axis": 1}),
            ((make(3, 2), np.array([[2], [0]]), make(3, 2)), {"axis": 0}), ((make(4), np.array([0, 3, 1]), make(3)), {"axis": -1})]


def _scatter_errors(make):
    x, src = make(2, 3), make(1, 1)
    return [((x, np.array([[3]]), src), {"axis": 1}, "IndexError_"), ((x, np.array([[-1]]), src), {"axis": 1}, "IndexError_"),
            ((x, np.array([[0]]), src), {"axis": 2}, "IndexError_"), ((x, np.array([[0, 1]]), src), {"axis": 1}, "ShapeError"),
            ((x, np.array([[0]]), make(1)), {"axis": 1}, "ShapeError"), ((x, np.array([0]), make(2, 3)), {"axis": 1}, "ShapeError"),
            ((x, np.array([[0.0]]), src), {"axis": 1}, "DTypeError")]


_PART = "src[tuple(map(slice, index.shape))]"  # PyTorch has no gradient for a src that is larger than the index

scatter = composed(
    "scatter", lambda xp, x, index, src, *, axis: _scatter(xp, x, index, src, axis),
    order=("x", "axis", "index", "src"), nondiff=("index",), tex=r"x_{\dots i_{\dots k \dots} \dots} \leftarrow s_{\dots k \dots}",
    doc="A copy of x with the elements of src, or a number, at positions along an axis; of several for one position the last stays.",
    samples=lambda make: [*_scatter_samples(make), ((make(2, 3), np.array([[1], [0]]), 1.5), {"axis": 1})], errors=_scatter_errors,
    torch=f"torch.scatter(x, axis, index, src if isinstance(src, float) else {_PART})",
)


def _scatter_add(xp, x, index, src, axis):
    at, src = _places(xp, ("scatter_add", (x, index, src), {"axis": axis}), axis)
    return x + xp.add_at(src, index=at, shape=x.shape)


scatter_add = composed(
    "scatter_add", lambda xp, x, index, src, *, axis: _scatter_add(xp, x, index, src, axis),
    order=("x", "axis", "index", "src"), nondiff=("index",), tex=r"x_{\dots i_{\dots k \dots} \dots} \mathrel{+}= s_{\dots k \dots}",
    doc="A copy of x with the elements of src added at positions along an axis.",
    samples=lambda make: [*_scatter_samples(make), ((make(2, 2), np.array([[1, 1, 1], [0, 1, 0]]), make(2, 3)), {"axis": 1})],
    errors=_scatter_errors, torch=f"torch.scatter_add(x, axis, index, {_PART})",
)


def _scatter_reduce(xp, x, index, src, axis, reduce, include_self):
    call = "scatter_reduce", (x, index, src), {"axis": axis, "reduce": reduce, "include_self": include_self}
    if reduce not in ("sum", "mean"):
        raise ArgumentError(f"unknown reduction {reduce!r}", op="scatter_reduce", got=repr(reduce), expected="'sum' or 'mean'",
                            fix=_changed(call, reduce="'sum'"))
    at, src = _places(xp, call, axis)
    n = xp.add_at(xp.ones_like(src), index=at, shape=x.shape)
    total = (x if include_self else xp.where(n == 0, x, 0)) + xp.add_at(src, index=at, shape=x.shape)
    return total if reduce == "sum" else total / (n + 1 if include_self else xp.maximum(n, 1))


scatter_reduce = composed(
    "scatter_reduce", lambda xp, x, index, src, *, axis, reduce, include_self=True:
        _scatter_reduce(xp, x, index, src, axis, reduce, include_self),
    order=("x", "axis", "index", "src", "reduce", "include_self"), nondiff=("index",),
    tex=r"x_i \leftarrow \operatorname{reduce} \{x_i\} \cup \{s_k : i_k = i\}",
    doc="A copy of x with, at positions along an axis, the sum or the mean of what is there and of the elements of src that go there.",
    samples=lambda make: [((make(2, 3), np.array([[2, 0], [1, 2]]), make(2, 2)), {"axis": 1, "reduce": "sum"}),
                          ((make(2, 2), np.array([[1, 1, 1], [0, 1, 0]]), make(2, 3)), {"axis": 1, "reduce": "mean"}),
                          ((make(3, 2), np.array([[1, 0], [1, 2]]), make(2, 2)), {"axis": 0, "reduce": "mean", "include_self": False}),
                          ((make(3), np.array([2, 2]), make(3)), {"axis": -1, "reduce": "sum", "include_self": False})],
    errors=lambda make: [*[(arrays, {**params, "reduce": "sum"}, error) for arrays, params, error in _scatter_errors(make)],
                         ((make(2), np.array([1, 1]), make(2)), {"axis": 0, "reduce": "max"}, "ArgumentError")],
    torch=f"torch.scatter_reduce(x, axis, index, {_PART}, reduce, include_self=include_self)",
)


def _index_put(xp, x, values, indices, accumulate):
    if not isinstance(indices, tuple | list):
        raise ArgumentError("indices is no tuple of arrays", op="index_put", got=type(indices).__name__, expected="an array for each axis",
                            fix="gd.index_put(x, (indices,), values, accumulate)")
    if not accumulate:
        return xp.setitem(x, values, index=tuple(indices))
    values = xp.asarray(values, dtype=x.dtype) if isinstance(values, int | float) else values
    return x + xp.add_at(values, index=tuple(indices), shape=x.shape)


_INDEX_PUT = "gd.index_put(x, np.s_[{1},], {0}, accumulate)"

index_put = composed(
    "index_put", lambda xp, x, values, *, indices, accumulate=False: _index_put(xp, x, values, indices, accumulate),
    order=("x", "indices", "values", "accumulate"), tex=r"x_{i} \leftarrow v",
    doc="A copy of x with values written, or added, at the positions in a tuple of arrays, one for each axis.",
    samples=lambda make: [((make(2, 3), make(2)), {"indices": (np.array([0, 1]), np.array([2, 0]))}),
                          ((make(3, 2), make(2)), {"indices": (np.array([2, 0]),)}), ((make(2, 2), 0.5), {"indices": (np.eye(2) > 0,)}),
                          ((make(2, 3), make(3)), {"indices": (np.array([1, 1]),), "accumulate": True}),
                          ((make(2, 3), 0.1), {"indices": (np.array([1, -1]), np.array([0, 0])), "accumulate": True})],
    errors=lambda make: [((make(2, 3), make()), {"indices": (np.array([2]),)}, "IndexError_"),
                         ((make(2, 3), make(2)), {"indices": (np.array([0, 1]),)}, "ShapeError"),
                         ((make(2, 3), make(2)), {"indices": (np.array([0, 1]),), "accumulate": True}, "ShapeError"),
                         ((make(2, 3), make()), {"indices": np.array([0, 1])}, "ArgumentError"),
                         ((make(2, 3), make()), {"indices": (np.array([0.0, 5.0]),)}, "DTypeError")],
    expects="for each axis integers within its size, or booleans; and values of the indexed shape",
    fix=lambda shapes, params: _write_fix(_INDEX_PUT, shapes[0], tuple(params["indices"]), shapes[1], "values", "indices"),
    torch="torch.index_put(x, indices, torch.as_tensor(values, dtype=x.dtype), accumulate)",
)


# ------------------------------------------------------------------------------------------------ PyTorch's words: whole slices
def _slices(xp, call, axis, low=0):
    """The index of slices of x along an axis; low counts the sizes that positions may go below 0."""
    x = call[1][0]
    axis = _front(call, x, axis)
    index = _indices(xp, call, "index", x.shape[axis], low * x.shape[axis])
    if index.ndim > 1:
        raise ShapeError(f"index of shape {index.shape} is no vector", op=call[0], got=index.shape, expected="one axis",
                         fix=_changed(call, index="gd.reshape(index, (-1,))"))
    return (slice(None),) * axis + (xp.reshape(index, (-1,)),)


def _slices_for(xp, call, axis):
    """The same where a source goes, which has to fit."""
    x, _, source = call[1]
    at = _slices(xp, call, axis)
    wanted = (*x.shape[: len(at) - 1], at[-1].size, *x.shape[len(at) :])
    if shape_of(source) != wanted:
        raise ShapeError(f"source of shape {shape_of(source)} does not fit", op=call[0], got=shape_of(source),
                         expected=f"shape {wanted}", fix=_changed(call, source=_brought("source", shape_of(source), wanted)))
    return at


def _slice_errors(make, *more):
    """Errors of an index; more: what else the call takes."""
    x = make(2, 3)
    return [((x, np.array([3]), *more), {"axis": 1}, "IndexError_"), ((x, np.array([0]), *more), {"axis": 2}, "IndexError_"),
            ((x, np.array([0.0]), *more), {"axis": 1}, "DTypeError"), ((x, np.array([[0]]), *more), {"axis": 1}, "ShapeError")]


def _source_errors(make):
    x = make(2, 3)
    return [*_slice_errors(make, make(2, 1)), ((x, np.array([-1]), make(2, 1)), {"axis": 1}, "IndexError_"),
            ((x, np.array([0, 1]), make(2, 1)), {"axis": 1}, "ShapeError"), ((x, np.array([0, 1]), make(3, 2)), {"axis": 1}, "ShapeError"),
            ((x, np.array([0, 1]), 1.0), {"axis": 1}, "ShapeError")]


index_select = composed(
    "index_select", lambda xp, x, index, *, axis: x[_slices(xp, ("index_select", (x, index), {"axis": axis}), axis)],
    order=("x", "axis", "index"), nondiff=("index",), tex=r"x_{\dots i_k \dots}", doc="The slices at positions along an axis.",
    samples=lambda make: [((make(2, 3), np.array([2, 0, 2])), {"axis": 1}), ((make(3, 2), np.array([1])), {"axis": 0}),
                          ((make(2, 3), np.array(1)), {"axis": -1})],
    errors=lambda make: [*_slice_errors(make), ((make(2, 3), np.array([-1])), {"axis": 1}, "IndexError_")],
    torch="torch.index_select(x, axis, index)",
)


def _index_add(xp, x, index, source, axis, alpha):
    at = _slices_for(xp, ("index_add", (x, index, source), {"axis": axis, "alpha": alpha}), axis)
    return x + xp.add_at(source if alpha == 1 else alpha * source, index=at, shape=x.shape)


index_add = composed(
    "index_add", lambda xp, x, index, source, *, axis, alpha=1: _index_add(xp, x, index, source, axis, alpha),
    order=("x", "axis", "index", "source", "alpha"), nondiff=("index",), tex=r"x_{\dots i_k \dots} \mathrel{+}= \alpha\, s_{\dots k \dots}",
    doc="A copy of x with the slices of source, times alpha, added at positions along an axis.",
    samples=lambda make: [((make(2, 3), np.array([2, 0, 2]), make(2, 3)), {"axis": 1}),
                          ((make(3), np.array([0, 0]), make(2)), {"axis": -1}),
                          ((make(3, 2), np.array([1]), make(1, 2)), {"axis": 0, "alpha": -0.5})],
    errors=_source_errors, torch="torch.index_add(x, axis, index, source, alpha=alpha)",
)
index_copy = composed(
    "index_copy", lambda xp, x, index, source, *, axis:
        xp.setitem(x, source, index=_slices_for(xp, ("index_copy", (x, index, source), {"axis": axis}), axis)),
    order=("x", "axis", "index", "source"), nondiff=("index",), tex=r"x_{\dots i_k \dots} \leftarrow s_{\dots k \dots}",
    doc="A copy of x with the slices of source in place of those at positions along an axis.",
    samples=lambda make: [((make(2, 3), np.array([2, 0]), make(2, 2)), {"axis": 1}), ((make(3, 2), np.array([1]), make(1, 2)), {"axis": 0}),
                          ((make(3), np.array([2, 0, 1]), make(3)), {"axis": -1})],
    errors=_source_errors, torch="torch.index_copy(x, axis, index, source)",
)


def _check_number(call, value, otherwise):
    """Check that a value is one number."""
    if shape_of(value) != ():
        raise ShapeError(f"value of shape {shape_of(value)} is not one number", op=call[0], got=shape_of(value),
                         expected="shape ()", fix=otherwise)


def _index_fill(xp, x, index, value, axis):
    call = "index_fill", (x, index, value), {"axis": axis}
    _check_number(call, value, "gd.index_copy(x, axis, index, value)")
    return xp.setitem(x, value, index=_slices(xp, call, axis, low=-1))


index_fill = composed(
    "index_fill", lambda xp, x, index, value, *, axis: _index_fill(xp, x, index, value, axis),
    order=("x", "axis", "index", "value"), nondiff=("index",), tex=r"x_{\dots i_k \dots} \leftarrow v",
    doc="A copy of x with one number in the slices at positions along an axis.",
    samples=lambda make: [((make(2, 3), np.array([2, 0]), make()), {"axis": 1}), ((make(3, 2), np.array([-1, 1]), 0.5), {"axis": 0}),
                          ((make(3), np.array([1, 1]), make()), {"axis": -1})],
    errors=lambda make: [*_slice_errors(make, 0.5), ((make(2, 3), np.array([0]), make(2, 1)), {"axis": 1}, "ShapeError")],
    torch="torch.index_fill(x, axis, index, value)",
)


# ------------------------------------------------------------------------------------------------ masks
def _masked(xp, call):
    """The mask, which is of booleans, and the shape that it and x have together."""
    x, mask = call[1][0], xp.asarray(call[1][1])
    if mask.dtype.kind != "b":
        raise DTypeError(f"the mask is of {mask.dtype}, not of booleans", op=call[0], got=mask.dtype.name, expected="booleans",
                         fix=_changed(call, mask="gd.not_equal(mask, 0)"))
    try:
        return mask, np.broadcast_shapes(shape_of(x), mask.shape)
    except ValueError:
        raise broadcast_error(COMPOSED[call[0]], call[1], call[2]) from None


def _widened(xp, x, shape):
    return x if shape_of(x) == shape else xp.broadcast_to(x, shape)


def _mask_errors(make, *more):
    return [((make(2, 3), np.array([1, 0, 1]), *more), {}, "DTypeError"), ((make(2, 3), np.array([True, False]), *more), {}, "ShapeError"),
            ((make.text(3), np.array([True, False, True]), *more), {}, "DTypeError")]


def _masked_fill(xp, x, mask, value):
    call: tuple = ("masked_fill", (x, mask, value), {})
    _check_number(call, value, "gd.where(mask, value, x)")
    if isinstance(value, Tensor) and isinstance(x, Tensor) and x.dtype.kind == "f":
        value = xp.astype(value, dtype=x.dtype)  # one number has no say in the dtype
    return xp.where(_masked(xp, call)[0], value, x)


masked_fill = composed(
    "masked_fill", lambda xp, x, mask, value: _masked_fill(xp, x, mask, value), nondiff=("mask",),
    tex=r"v \text{ if } m \text{ else } x", doc="One number where the mask holds, x elsewhere.",
    samples=lambda make: [((make(2, 3), np.eye(2, 3) > 0, make()), {}), ((make(2, 3), np.array([[True], [False]]), 0.5), {}),
                          ((make(3), np.eye(2, 3) > 0, -1.0), {}), ((make(), np.array(True), make()), {})],
    errors=lambda make: [*_mask_errors(make, 0.5), ((make(3), np.array([True, False, True]), make(3)), {}, "ShapeError")],
    torch="torch.masked_fill(x, mask, value)",
)


def _masked_select(xp, x, mask):
    mask, shape = _masked(xp, ("masked_select", (x, mask), {}))
    return _widened(xp, x, shape)[_widened(xp, mask, shape)]


masked_select = composed(
    "masked_select", lambda xp, x, mask: _masked_select(xp, x, mask), nondiff=("mask",),
    tex=r"(x_i)_{m_i}", doc="The elements where the mask holds, in one row.",
    samples=lambda make: [((make(2, 3), np.eye(2, 3) > 0), {}), ((make(2, 3), np.array([True, False, True])), {}),
                          ((make(3), np.array([[True], [True]])), {}), ((make(2), np.array(False)), {})],
    errors=_mask_errors, torch="torch.masked_select(x, mask)",
)


def _masked_scatter(xp, x, mask, source):
    call: tuple = ("masked_scatter", (x, mask, source), {})
    mask, shape = _masked(xp, call)
    mask, size = _widened(xp, mask, shape), math.prod(shape_of(source))
    n = int(xp.sum(mask))
    if size < n:
        raise ShapeError(f"source has {size} elements for {n} places", op="masked_scatter", got=size, expected=f"{n} or more",
                         fix=_changed(call, source=f"gd.zeros({n})"))
    return xp.setitem(_widened(xp, x, shape), xp.reshape(source, (-1,))[:n], index=mask)


masked_scatter = composed(
    "masked_scatter", lambda xp, x, mask, source: _masked_scatter(xp, x, mask, source), nondiff=("mask",),
    tex=r"x_{m} \leftarrow s", doc="A copy of x in which the elements of source, one after the other, stand where the mask holds.",
    samples=lambda make: [((make(2, 3), np.eye(2, 3) > 0, make(2)), {}), ((make(3), np.array([[True, False, True]] * 2), make(5)), {}),
                          ((make(2), np.array(False), make(0)), {})],
    errors=lambda make: [*_mask_errors(make, make(6)), ((make(3), np.array([True, False, True]), make(1)), {}, "ShapeError")],
    torch="torch.masked_scatter(x, mask, source)",
)


# ------------------------------------------------------------------------------------------------ tables
def _embedding(xp, x, weight, padding_idx):
    call, shape = ("embedding", (x, weight), {"padding_idx": padding_idx}), shape_of(weight)
    if len(shape) != 2:
        raise ShapeError(f"weight of shape {shape} is no matrix", op="embedding", got=shape, expected="shape (rows, features)",
                         fix=_changed(call, weight=f"gd.reshape(weight, {(shape[0] if shape else 1, -1)})"))
    x = _indices(xp, call, "x", shape[0])
    y = weight[x]
    if padding_idx is None:
        return y
    if not -shape[0] <= padding_idx < shape[0]:
        raise IndexError_(f"padding_idx {padding_idx} is out of range", op="embedding", got=padding_idx,
                          expected=f"{-shape[0]} to {shape[0] - 1}", fix="gd.embedding(x, weight)")
    return xp.where(xp.expand_dims(x == padding_idx % shape[0], -1), y.detach(), y)  # the row of padding does not learn


embedding = composed(
    "embedding", lambda xp, x, weight, *, padding_idx=None: _embedding(xp, x, weight, padding_idx), nondiff=("x",), method=False,
    tex=r"W_{x}", doc="For each index its row of a table; the row of padding, if there is one, gets no gradient.",
    samples=lambda make: [((np.array([[0, 2], [2, 1]]), make(4, 3)), {}), ((np.array([0, 1]), make(3, 2)), {"padding_idx": -1}),
                          ((np.array(1), make(2, 3)), {}), ((np.zeros((0, 2), int), make(2, 1)), {})],
    errors=lambda make: [((np.array([0, 4]), make(4, 3)), {}, "IndexError_"), ((np.array([0, -1]), make(4, 3)), {}, "IndexError_"),
                         ((np.array([0.0]), make(4, 3)), {}, "DTypeError"), ((np.array([0]), make(4)), {}, "ShapeError"),
                         ((np.array([0]), make(4, 3)), {"padding_idx": 4}, "IndexError_"),
                         ((np.array([0]), make.text(4, 3)), {}, "DTypeError")],
    torch="F.embedding(x, weight, padding_idx)",
)


def _one_hot(xp, x, num_classes, dtype):
    call = "one_hot", (x,), {"num_classes": num_classes, "dtype": dtype}
    x = _indices(xp, call, "x")
    needed = max(int(xp.max(x)) + 1, 1) if x.size else 0
    _indices(xp, call, "x", needed)
    n = needed if num_classes == -1 else num_classes
    if n < needed:
        raise IndexError_(f"class {needed - 1} is out of range for {n} classes", op="one_hot", got=needed - 1, expected=f"0 to {n - 1}",
                          fix=_changed(call, num_classes=str(needed)))
    return xp.astype(xp.expand_dims(x, -1) == xp.arange(n), dtype=dtype)


one_hot = composed(
    "one_hot", lambda xp, x, *, num_classes=-1, dtype="int64": _one_hot(xp, x, num_classes, dtype), boolean=True, method=False,
    tex=r"y_{ik} = [x_i = k]",
    doc="For each class index a row of zeros with a one; as many classes as given, or as the largest index needs.",
    samples=lambda make: [((np.array([0, 2, 1]),), {}), ((np.array([[0, 1]]),), {"num_classes": 4}), ((np.array(1),), {}),
                          ((np.array([1, 0]),), {"dtype": "bool"}), ((np.zeros(0, int),), {"num_classes": 2})],
    errors=lambda make: [((np.array([0, 3]),), {"num_classes": 3}, "IndexError_"), ((np.array([-1]),), {}, "IndexError_"),
                         ((np.array([0.0]),), {}, "DTypeError")],
    torch="F.one_hot(x, num_classes)",
)
