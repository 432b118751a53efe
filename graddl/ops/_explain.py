"""What an op says of inputs that it cannot take: its name, what came, what fits, code that runs.

The fix of an error is an expression in `gd`, `np` and the op's own arguments. An entry gives its
own as `fix=`: text, or a function of the inputs' shapes and the parameters that returns text.
"""

import inspect
import operator

import numpy as np

from .. import errors


def explain_error(op, values, params, error):
    """An error of NumPy, told in terms of the op."""
    kind: type[errors.GraddlError]
    if isinstance(error, errors.GraddlError):
        return told(op, type(error), error.message, values, params)
    if isinstance(error, IndexError):  # NumPy's AxisError too
        kind = errors.IndexError_
    elif op.kind == "elementwise" and isinstance(error, ValueError):
        shapes = [shape_of(v) for v in values if v is not None]
        if not _broadcast(shapes):
            return broadcast_error(op, values, params)
        kind = errors.ArgumentError
    else:
        kind = errors.DTypeError if isinstance(error, TypeError) else errors.ShapeError
    return told(op, kind, error, values, params)


def told(op, kind, error, values, params, expected=None, fix=None):
    """An error of class `kind` with the op's name, what it got, what it expects and a fix."""
    for i, value in enumerate(values):
        try:
            shape_of(value)
        except ValueError as ragged:  # a list with rows of different lengths
            return refuse(op, i, len(values), value, ragged)
    shapes, params = [shape_of(v) for v in values], {**op.params, **(params or {})}
    expected = expected or op.info["expects"]
    n = len(shapes[0]) if "axis" in params and shapes else 0
    if n and (kind is errors.IndexError_ or not _are_axes(params["axis"], n)):
        expected, fix = f"an axis from {-n} to {n - 1}", fix or _axis_fix(op, values, params, n)
    elif kind is errors.DTypeError:
        expected, fix = expected or "floating numbers", fix or _float_fix(op, values, params)
    own = op.info["fix"]
    own = own(shapes, params) if callable(own) else own
    got = described(op, values, params)
    error = str(error).removeprefix(f"{op.name}: ")  # NumPy says its name, too
    return kind(
        error if "; got " in error else f"{error}; got {got}", op=op.name, got=got,
        expected=expected or "arrays that fit", fix=fix or own or call_text(op, values, params),
    )  # fmt: skip


def refuse(op, i, n, x, error=None):
    """The i-th of n inputs is no array of numbers."""
    names = _names(op, [x] * n)
    if x is None:
        return errors.DTypeError(
            f"{names[i]} is None", op=op.name, got="None",
            expected="a Tensor, a Scalar, an array or a number",
            fix=f"return y, in the function that made {names[i]}",
        )  # fmt: skip
    kind = type(x).__name__
    got = f"{kind} of {x.dtype}" if isinstance(x, np.ndarray) else kind
    if isinstance(x, np.ma.MaskedArray):
        message, fix = "a masked array would lose its mask", f"{names[i]}.filled(0)"
    elif isinstance(x, list | tuple):
        message = f"cannot make an array of this list: {error or 'it holds no numbers'}"
        fix = f"gd.stack({names[i]})"
    else:
        message = f"cannot use {got!r} as an array of numbers"
        fix = f"{names[i]}.astype(float)" if isinstance(x, np.ndarray) else f"float({names[i]})"
    changed = _all_floats(op) if op.variadic and i >= len(op.args) - 1 else {names[i]: fix}
    changed |= {k: k for k, v in op.params.items() if v is inspect.Parameter.empty}
    needed = max(len(op.args) - op.info["optional"], i + 1)
    fix = call_text(op, [x if k < needed else None for k in range(n)], None, changed)
    return errors.DTypeError(
        message, op=op.name, got=got, expected="a Tensor, a Scalar, an array or a number", fix=fix
    )


# ---------------------------------------------------------------------- a call as text
def shape_of(x):
    """The shape of an array, Tensor, number or list."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def _names(op, values):
    return [
        f"{op.args[-1]}[{i - len(op.args) + 1}]" if op.variadic and i >= len(op.args) - 1 else a
        for i, a in enumerate(_padded(op.args, len(values)))
    ]


def _padded(args, n):
    return [args[min(i, len(args) - 1)] for i in range(n)]


def described(op, values, params):
    """The inputs of a call: names, shapes, dtypes, and the parameters."""
    parts = []
    for name, v in zip(_names(op, values), values, strict=True):
        if v is not None:
            dtype = getattr(v, "dtype", type(v).__name__)
            parts.append(f"{name} {tuple(shape_of(v))} {dtype}")
    return ", ".join(parts + [f"{k}={v}" for k, v in _given(op, params).items()])


def _given(op, params):
    """The parameters that are not at their defaults, as text."""
    params = params or {}
    return {
        k: k if isinstance(v, np.ndarray) and v.size > 20 else _text(v)
        for k, v in params.items()
        if v is not op.params.get(k)
    }


def call_text(op, values, params, changed=None):
    """The call as one would type it, with some arguments replaced by the texts in `changed`."""
    changed, given = changed or {}, _given(op, params)
    last = op.args[-1] if op.variadic else None
    arrays = {a: a for a, v in zip(op.args, values, strict=False) if v is not None or a in changed}
    if last is not None:
        arrays[last] = last if op.info["sequence"] else "*" + last
    texts = {**arrays, **given, **changed}
    order = op.info["order"] or (*op.args, *op.params)
    parts, plain = [], True  # by position as long as none is left out; parameters by name
    for name in order:
        if name not in texts:
            plain = False
        elif plain and (name in arrays or op.info["order"]):
            parts.append(texts[name])
        else:
            parts.append(f"{name}={texts[name]}")
    return f"gd.{op.name}({', '.join(parts)})"


def _text(value):
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_text, value)) + ("," if len(value) == 1 else "") + ")"
    return str(value) if isinstance(value, np.dtype) else repr(value)


# ---------------------------------------------------------------------- fixes that all ops share
def _axis_fix(op, values, params, n):
    """The same call with an axis that is there."""
    axis = params["axis"]
    if op.name in ("max", "min") and getattr(axis, "shape", None) == shape_of(values[0]):
        return f"gd.{op.name}imum({op.args[0]}, axis)"  # what PyTorch's max(a, b) is
    several = isinstance(axis, tuple | list | np.ndarray) and np.ndim(axis) == 1
    kept = {int(a) % n: int(a) for a in axis if _is_axis(a) and -n <= a < n} if several else {}
    found = tuple(kept.values())
    if isinstance(axis, tuple):
        text = repr(found or (n - 1,))
    elif len(found) > 1 and op.params["axis"] is None:
        text = repr(found)
    else:
        text = repr(found[0]) if len(found) == 1 else "-1"
    return call_text(op, values, params, {"axis": text})


def _are_axes(axis, n):
    """Whether it is one axis, different ones in a tuple, or None; they may be out of range."""
    if isinstance(axis, tuple):
        return all(map(_is_axis, axis)) and len({a % n for a in axis}) == len(axis)
    return axis is None or _is_axis(axis)


def _is_axis(a):
    try:
        operator.index(a)
    except TypeError:
        return False
    return True


def _all_floats(op):
    """For call_text: the arrays of a variadic op as floating ones."""
    star = "" if op.info["sequence"] else "*"
    return {op.args[-1]: f"{star}[np.asarray(x, float) for x in {op.args[-1]}]"}


def _float_fix(op, values, params):
    """The same call with floating inputs in place of integers, booleans and text."""
    dtypes = [getattr(v, "dtype", np.dtype("f4")) for v in values]
    if op.variadic and any(map(_unfit, dtypes)):
        return call_text(op, values, params, _all_floats(op))
    changed = {
        a: f"{a}.astype(float)"
        for a, dtype in zip(op.args, dtypes, strict=False)
        if dtype.kind in "OSU" or (_unfit(dtype) and a not in op.info["nondiff"])
    }
    return call_text(op, values, params, changed) if changed else None


def _unfit(dtype):
    """Whether some op cannot compute with it: LAPACK has no float16 either."""
    return dtype.kind in "biucOSU" or dtype.itemsize == 2


def _broadcast(shapes):
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def broadcast_error(op, values, params):
    """Which axis keeps shapes from broadcasting, and a call that works."""
    given = {a: shape_of(v) for a, v in zip(op.args, values, strict=False) if v is not None}
    shapes = list(given.values())
    text = " and ".join(map(str, shapes))
    axis, a, b = next(_clashes(given))
    return errors.ShapeError(
        f"shapes {text} do not broadcast: axis {axis} has {given[a][axis]} and {given[b][axis]}",
        op=op.name,
        got=shapes,
        expected="on each axis, counted from the right, equal sizes or 1",
        fix=_broadcast_fix(op, values, params, given, a, b),
    )


def _clashes(shapes):
    """(axis, two names) where sizes differ and neither is 1; axes from the right."""
    for axis in range(-1, -max(map(len, shapes.values())) - 1, -1):
        there = [a for a, s in shapes.items() if len(s) >= -axis and s[axis] != 1]
        for b in there[1:]:
            if shapes[b][axis] != shapes[there[0]][axis]:
                yield axis, there[0], b


def _broadcast_fix(op, values, params, shapes, a, b):
    """New axes behind the shorter array, else the transpose, else as much as both have."""
    a, b = (a, b) if len(shapes[a]) >= len(shapes[b]) else (b, a)
    sa, sb = shapes[a], shapes[b]

    def works(shape):
        return _broadcast([shape if k == b else s for k, s in shapes.items()])

    longer = (*sb, *[1] * (len(sa) - len(sb)))
    if works(longer):
        return call_text(op, values, params, {b: f"{b}.reshape({longer})"})
    if works(sb[::-1]):
        return call_text(op, values, params, {b: f"{b}.T"})
    smallest: dict[int, int] = {}  # by axis, counted from the right
    for shape in shapes.values():
        for axis, size in enumerate(reversed(shape)):
            if size != 1:
                smallest[axis] = min(size, smallest.get(axis, size))
    changed = {}
    for name, shape in shapes.items():
        ends = [smallest.get(len(shape) - 1 - k, 1) for k in range(len(shape))]
        cut = [
            ":" if size in (1, end) else f":{end}" for size, end in zip(shape, ends, strict=True)
        ]
        if any(c != ":" for c in cut):
            changed[name] = f"{name}[{', '.join(cut)}]"
    return call_text(op, values, params, changed)
