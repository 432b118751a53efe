"""NumPy's functions on Tensors and Scalars: `np.exp(t)`, `np.stack([t, u])`, `array * t`.

NumPy asks its arguments before it computes (NEP 13 for ufuncs, NEP 18 for functions). The answer is

1. graddl's own function of that name, which has NumPy's meaning and NumPy's names of parameters;
   `ANSWERS` has what graddl's table has not, or not in NumPy's form;
2. else NumPy's, computed from plain arrays, as long as no gradient gets lost by it: none is wanted,
   or the result has no floating numbers;
3. else a DTypeError that says what to write.
"""

import inspect
from functools import cache
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from . import _core, _trees
from ._core import Scalar, Tensor
from .backend import tensor_namespace as xp
from .errors import ArgumentError, DTypeError, GradientError
from .modes import get_default_dtype
from .ops import FUNCTIONS


# ---------------------------------------------------------------------- arrays and Tensors
def _plain(tree):
    """Arrays and numbers in the place of the Tensors and Scalars in containers."""
    return _trees.mapped(_plain_leaf, tree)


def _plain_leaf(x):
    if isinstance(x, Tensor):
        return x.numpy()
    return x.item() if isinstance(x, Scalar) else x


def _found(tree):
    """The Tensors and Scalars in containers."""
    return [x for x in _trees.leaves(tree) if isinstance(x, Tensor | Scalar)]


def _wanted(tree):
    """Whether gradients are recorded, and something in the tree wants one."""
    return _core.current_mode().grad and any(x.requires_grad for x in _found(tree))


def _array(x):
    """A list of numbers as the array that NumPy would make of it; graddl's default is float32."""
    return np.asarray(x) if type(x) in (tuple, list) and not _found(x) else x


def _tensor(x):
    """Anything as a Tensor, with its gradient."""
    return x if isinstance(x, Tensor) else xp.clone(_array(x))


def _made(result):
    """Arrays as Tensors, alone or in a tuple."""
    if isinstance(result, tuple):
        return tuple(map(_made, result))
    return Tensor(result, copy=False) if isinstance(result, np.ndarray | np.generic) else result


def _floating(result):
    """Whether a result of NumPy has floating or complex numbers in it."""
    if isinstance(result, tuple | list):
        return any(map(_floating, result))
    if isinstance(result, np.ndarray | np.generic):
        return result.dtype.kind not in "biu"
    return isinstance(result, float | complex)


# ---------------------------------------------------------------------- errors
def _type(x):
    if isinstance(x, Tensor | np.ndarray):
        return f"{type(x).__name__} {x.shape}"
    return repr(x) if x is None or isinstance(x, bool | int | float | str) else type(x).__name__


def _refusal(
    name, message, args, options, fix, expected="a function or an argument that graddl has"
):
    got = [_type(x) for x in args] + [f"{k}={_type(v)}" for k, v in options.items()]
    return DTypeError(message, op=f"np.{name}", got=", ".join(got), expected=expected, fix=fix)


def _text(name, value):
    """An argument as one would type it: a short value itself, else its name."""
    if isinstance(value, type):
        return value.__name__ if value in (bool, int, float) else f"np.{value.__name__}"
    if isinstance(value, np.dtype):
        return repr(value.name)
    short = value is None or isinstance(value, bool | int | float | str)
    return repr(value) if short or (isinstance(value, tuple) and not _found(value)) else name


# ---------------------------------------------------------------------- ufuncs
REDUCTIONS = {
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min", "logical_and": "all",
    "logical_or": "any", "logaddexp": "logsumexp",
}  # fmt: skip
ACCUMULATIONS = {"add": "cumsum", "multiply": "cumprod"}
SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@",
    "floor_divide": "//", "remainder": "%",
}  # fmt: skip
USUAL = {  # options that change nothing
    "casting": "same_kind", "order": "K", "subok": True, "where": True, "dtype": None,
    "signature": None, "out": (None,), "keepdims": False,
}  # fmt: skip


def _function_of(ufunc):
    """graddl's function of a ufunc; of another library's where it works point by point."""
    f = FUNCTIONS.get(ufunc.__name__)
    if f is None or getattr(np, ufunc.__name__, None) is ufunc:
        return f
    return f if f.op.kind == "elementwise" and len(f.op.args) == ufunc.nin else None


def _outer(f, a, b):
    """f of all pairs."""
    a, b = _array(a), _array(b)
    if np.ndim(a) and np.ndim(b):
        a = xp.reshape(a, (*np.shape(a), *[1] * np.ndim(b)))
    return f(a, b)


def answer_ufunc(ufunc, method, args, options):
    """What `ufunc(*args, **options)` or `ufunc.reduce(*args, **options)` gives on Tensors."""
    tensors = any([isinstance(x, Tensor) for x in args])
    f = _function_of(ufunc) if method in ("__call__", "outer") else None
    if tensors and f is not None and method == "__call__" and not options:  # nearly always
        return f(*map(_array, args))
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    given = {k: v for k, v in options.items() if k not in USUAL or not _same(v, USUAL[k])}
    if "out" in given or method == "at":
        return _into_memory(ufunc, method, name, args, given)
    if not tensors:  # np.float64(2) < s comes as an array
        args = tuple(x[()] if isinstance(x, np.ndarray) else x for x in args)
    if method in ("__call__", "outer"):
        known = {"axis", "keepdims"}.intersection(f.op.params if f else ())
    else:
        table = {"reduce": REDUCTIONS, "accumulate": ACCUMULATIONS}.get(method, {})
        f, known = FUNCTIONS.get(table.get(ufunc.__name__, "")), {"axis", "keepdims"}
        given.setdefault("axis", 0)
    for k, v in given.items() if f is not None else ():
        if k not in known:
            raise _refusal(name, f"graddl has no {k}= here", args, given, _without(f, args, k, v))
    if f is None:
        result = _on_arrays(getattr(ufunc, method), name, args, options, _names(args))
    elif method == "outer":
        result = _outer(f, *args)
    else:
        result = f(*map(_array, args), **given)
    return _made(result) if tensors else result


def _same(a, b):
    """Whether a is the default b; arrays are not compared."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return a is b or (isinstance(a, int | float | str) and a == b)


def _names(args):
    """What NumPy calls the arguments of a ufunc."""
    return ["x"] if len(args) == 1 else [f"x{i + 1}" for i in range(len(args))]


def _spelled(f, args):
    """The call of graddl's function, as text."""
    return f"gd.{f.__name__}({', '.join(_names(args))})"


def _without(f, args, option, value):
    """What to write in the place of an option of a ufunc."""
    call = _spelled(f, args)
    if option == "where":
        return f"gd.where(where, {call}, 0)"
    return f"{call}.astype({_text('dtype', value)})" if option == "dtype" else call


def _into_memory(ufunc, method, name, args, options):
    """`array += t`, `np.add(a, b, out=array)`, `np.add.at(array, i, t)`."""
    memory = options.get("out", args[:1])
    held = any(isinstance(x, Tensor | Scalar) for x in memory)
    if not held and not _wanted(args):
        return getattr(ufunc, method)(*_plain(args), **_plain(options))
    f = _function_of(ufunc)
    fix = f"gd.{ufunc.__name__}(x1, x2)" if f is None else _spelled(f, args)
    message = "a Tensor is no memory for NumPy" if held else "an array cannot hold a gradient"
    if method == "at":
        fix = (
            "x1 + gd.add_at(x3, index=x2, shape=x1.shape)"
            if name == "add.at"
            else f"gd.{ufunc.__name__}(x1[x2], x3)"
        )
    elif memory[0] is args[0] and ufunc.__name__ in SIGNS:
        message += f": write arr = arr {SIGNS[ufunc.__name__]} t"
    raise _refusal(name, message, args, options, fix, "a result of its own")


# ---------------------------------------------------------------------- functions
# Parameters that say nothing about values.
IDLE = {"subok", "optimize", "kind", "stable", "overwrite_input", "copy", "device"}
# NumPy's name of a parameter, and graddl's; the others agree, or stand at the same place.
RENAMED = {
    ("clip", "a_min"): "min", ("clip", "a_max"): "max", ("pinv", "rtol"): "rcond",
}  # fmt: skip
NAMED = {"linalg.eigh", "linalg.qr", "linalg.slogdet"}  # and named tuples
LISTS = {"split", "array_split", "hsplit", "vsplit", "dsplit"}  # NumPy gives lists
NEUTRAL = {"sum": "0", "prod": "1", "max": "-np.inf", "min": "np.inf"}  # what adds nothing
JOINED = {"sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}
SIGNATURES: dict[str, Any] = {  # of functions written in C, unknown to older versions of NumPy
    "bincount": lambda x, weights=None, minlength=0: ...,
    "concatenate": lambda arrays, axis=0, out=None, dtype=None, casting="same_kind": ...,
    "dot": lambda a, b, out=None: ...,
    "inner": lambda a, b: ...,
    "vdot": lambda a, b: ...,
}
IN_PLACE = {  # what changes its first argument: a result of its own
    "copyto": "gd.where(where, src, dst)",
    "fill_diagonal": "gd.where(np.eye(*a.shape, dtype=bool), val, a)",
    "place": "gd.where(mask, vals, arr)",
    "put": "gd.where(np.isin(np.arange(a.size).reshape(a.shape), ind), v, a)",
    "put_along_axis": "gd.scatter(arr, axis, indices, values)",
    "putmask": "gd.where(mask, values, a)",
}
FILES = {"save", "savez", "savez_compressed", "savetxt"}
FACTS = {"histogram2d", "histogramdd"}  # which tell where elements lie, so in plain arrays
REAL = {f"lib.scimath.{f}": f"gd.{f}(x)" for f in ("sqrt", "log", "log2", "log10", "arcsin")}
COMPLEX = REAL | {  # whose results may be complex: what to write where they are real
    "lib.scimath.arccos": "gd.arccos(x)",
    "lib.scimath.arctanh": "gd.arctanh(x)",
    "lib.scimath.logn": "gd.log(x) / gd.log(n)",
    "lib.scimath.power": "gd.power(x, p)",
    "linalg.eig": "gd.eigh(a)",
    "linalg.eigvals": "gd.eigvalsh(a)",
    "sort_complex": "gd.sort(a)",
    "roots": "np.roots(p.numpy())",
}
KINDS = {  # modules of what has no gradient
    "fft": "complex numbers have no gradient",
    "strings": "text has no gradient",
    "char": "text has no gradient",
    "lib.recfunctions": "records have no gradient",
}
OTHERS = {  # what graddl offers for what it has not
    "union1d": "gd.unique(gd.concatenate([ar1.reshape(-1), ar2.reshape(-1)]))",
    "setdiff1d": "gd.unique(ar1[~np.isin(ar1, ar2)])",
    "intersect1d": "gd.unique(ar1[np.isin(ar1, ar2)])",
}


def _name(function):
    """'sum', 'linalg.norm', 'fft.fft', 'lib.scimath.sqrt'."""
    return f"{function.__module__}.{function.__name__}".removeprefix("numpy.")


@cache
def _signature(function):
    """Of NumPy's function: names of the arguments by position, that of `*args`, defaults."""
    known = SIGNATURES.get(_name(function))
    try:
        parameters = inspect.signature(known or function).parameters.values()
    except ValueError:
        return (), "args", {}
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None)
    return names, rest, {p.name: p.default for p in parameters if p.default is not p.empty}


def _bound(function, args, options):
    """The arguments of a call by their names; NumPy has seen to it that they fit."""
    names, rest, _ = _signature(function)
    given = dict(zip(names, args, strict=False))
    if len(args) > len(names):
        given[rest] = args[len(names) :]
    return given | options


@cache
def _places(function, op):
    """{NumPy's name of a parameter: graddl's}. Where they differ, arrays and what is required stand
    at the same place."""
    theirs, _, defaults = _signature(function)
    ours, found = op.info["order"] or (*op.args, *op.params), {}
    for name in (*theirs, *defaults):
        same = RENAMED.get((op.name, name), name)
        if same in ours:
            found[name] = same
    for k, (name, own) in enumerate(zip(theirs, ours, strict=False)):
        if name not in found and own not in (*theirs, *defaults):
            if k < len(op.args) or name not in defaults:
                found[name] = own
    return found


def answer_function(function, args, options):
    """What `function(*args, **options)` of NumPy gives on Tensors."""
    name = _name(function)
    if name in ANSWERS:
        return ANSWERS[name](*args, **options)
    own = _own(name)
    if own is None:
        return _on_arrays(function, name, args, options)
    return _translated(function, name, own, args, options)


def _own(name):
    """graddl's function for one of NumPy, or None."""
    own = FUNCTIONS.get(name.removeprefix("linalg.").removeprefix("lib.stride_tricks."))
    return None if own is None or own.op.info["hidden"] else own


def _translated(function, name, own, args, options):
    """Call graddl's function with NumPy's arguments."""
    op, (_, rest, defaults) = own.op, _signature(function)
    places, arrays = _places(function, op), []
    named: dict = {}
    refused: dict = {}
    for key, value in _bound(function, args, options).items():
        if key == rest:
            arrays, named = [*named.values(), *map(_array, value)], {}
        elif key in places:
            if value is not defaults.get(key, places):
                named[places[key]] = _as_given(op, places[key], value)
        elif key in op.params:  # one of NumPy's **options
            named[key] = value
        elif not _idle(op, key, value, defaults.get(key, places)):
            refused[key] = value
    if refused:
        if _lost_by(op, refused, args, options):
            key, value = next(iter(refused.items()))
            fix = _instead(function, name, op, args, options, key, value)
            raise _refusal(name, f"graddl's {op.name} has no {key}=", args, options, fix)
        return _on_arrays(function, name, args, options)
    if arrays and not op.variadic:  # np.atleast_1d(a, b)
        results = tuple(own(x, **named) for x in arrays)
        return results if len(results) > 1 else results[0]
    result = own(*arrays, **named)
    if name in LISTS:
        return list(result)
    named_tuple = isinstance(result, tuple) and name in NAMED
    return _results(function)(*result) if named_tuple else result


def _lost_by(op, refused, args, options):
    """Whether NumPy's own answer may not stand in, where graddl does not have an argument."""
    if op.info["boolean"]:
        return False
    plain = {"out", "weights"} if op.name == "histogram" else {"out"}
    return not refused.keys() <= plain or _wanted((args, options))


def _idle(op, key, value, default):
    """Whether an argument that graddl's function does not have makes no difference."""
    if key == "order":
        return value in ("C", "K", "A", None)
    if (op.name, key) == ("nan_to_num", "copy"):
        return bool(value)  # else x itself is to be changed
    return key in IDLE or _same(value, default)


@cache
def _results(function):
    """The named tuple that a function of numpy.linalg gives."""
    return type(function(np.eye(1)))


def _as_given(op, name, value):
    """A list of numbers in the place of an array as NumPy's array; of what is no array as it is."""
    if name not in op.args:
        return value
    if op.info["sequence"] and name == op.args[-1]:
        return [_array(x) for x in value]
    return _array(value)


def _instead(function, name, op, args, options, refused, value):
    """What to write where graddl's function does not have a parameter."""
    texts, given = [], _bound(function, args, options)
    if refused == "weights":
        return _as_plain(name, given, options)
    for i, (k, v) in enumerate(given.items()):
        if k != refused and k not in IDLE:
            text = f"*{k}" if k == _signature(function)[1] else _text(k, v)
            texts.append(text if i < len(op.args) else f"{k}={text}")
    if refused == "where" and texts:
        texts[0] = f"gd.where(where, {texts[0]}, {NEUTRAL.get(op.name, 'np.nan')})"
    call = f"gd.{op.name}({', '.join(texts)})"
    if refused == "dtype":
        return f"{call}.astype({_text('dtype', value)})"
    if refused == "initial":
        return f"gd.{JOINED.get(op.name, 'add')}({call}, {_text('initial', value)})"
    return call


def _on_arrays(function, name, args, options, names=None):
    """NumPy's own answer, from plain arrays, unless a gradient would get lost."""
    if names is None:
        names, rest, _ = _signature(function)
        names = [*names, *[f"{rest}[{i}]" for i in range(len(args) - len(names))]][: len(args)]
    given = dict(zip(names, args, strict=True)) | options
    wanted, why = _wanted(given), None
    fix, expected = (COMPLEX | OTHERS).get(name) or _as_plain(name, given, options), "plain arrays"
    if name in IN_PLACE and (wanted or isinstance(next(iter(given.values())), Tensor)):
        why = "changes an array in place, which cannot hold a gradient"
        fix, expected = IN_PLACE[name], "a result of its own"
    elif wanted and name in FACTS and _wanted(given.get("weights")):
        why = "the gradient of the weights would be lost"
    elif wanted:
        why = "a file holds no gradient" if name in FILES else KINDS.get(name.rpartition(".")[0])
    if why is None:
        try:
            result = function(*_plain(args), **_plain(options))
        except TypeError as error:
            raise _refusal(name, str(error), args, options, fix, "other types") from error
        if not wanted or name in FACTS or not _floating(result):
            return result
        parts = result if isinstance(result, tuple | list) else [result]
        if name in COMPLEX or any(map(np.iscomplexobj, parts)):
            why = KINDS["fft"]
    why = why or "graddl has no such function, and a gradient would be lost"
    raise _refusal(name, why, args, options, fix, expected)


def _as_plain(name, given, options):
    """The same call with `.numpy()` behind Tensors."""
    texts = []
    for k, x in given.items():
        text = f"{k}.numpy()" if isinstance(x, Tensor) else f"{k}.item()"
        text = text if isinstance(x, Tensor | Scalar) else _text(k, x)
        texts.append(f"{k}={text}" if k in options else text)
    return f"np.{name}({', '.join(texts)})"


# ---------------------------------------------------------------------- Tensors made like others
def _made_like(name):
    """Zeros, ranges, what a file holds: numbers of NumPy's, as a Tensor."""
    function = getattr(np, name)

    def make(*args, **options):
        return _made(function(*_plain(args), **_plain(options)))

    return make


def _same_values(x, dtype=None, *options, ndmin=0, **more):
    """`np.asarray(x, like=t)`: x itself where it is a Tensor."""
    x = x if isinstance(x, Tensor) else Tensor(_array(x), dtype)
    x = x if x.ndim >= ndmin else x.reshape((1,) * (ndmin - x.ndim) + x.shape)
    return x if dtype is None or x.dtype == dtype else xp.astype(x, dtype=dtype)


def _full(shape, fill_value, dtype=None, *options, **more):
    value = _tensor(fill_value)
    value = value if dtype is None else xp.astype(value, dtype=dtype)
    return xp.broadcast_to(value, shape)


def _full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, **more):
    return _full(np.shape(a) if shape is None else shape, fill_value, dtype or _plain(a).dtype)


# ---------------------------------------------------------------------- ranges
def _weights(start, stop, num, endpoint):
    """From 0 to 1 in equal steps, along a new axis in front of those of the ends."""
    dtype = np.result_type(start, stop)
    dtype = dtype if dtype.kind == "f" else get_default_dtype()
    w = np.arange(num, dtype=dtype) / max(num - endpoint, 1)
    return w.reshape(-1, *[1] * max(np.ndim(start), np.ndim(stop)))


def _linspace(
    start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None
):
    start, stop = _array(start), _array(stop)
    w = _weights(start, stop, num, endpoint)
    y = _ready(start * (1 - w) + stop * w, axis, dtype)
    return (y, (stop - start) / max(num - endpoint, 1)) if retstep else y


def _logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    powers = _linspace(start, stop, num, endpoint, axis=axis)
    base = xp.expand_dims(_array(base), axis) if np.ndim(base) else base
    return _ready(xp.power(base, powers), 0, dtype)


def _geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    start, stop = _array(start), _array(stop)
    w = _weights(start, stop, num, endpoint)
    return _ready(start * xp.power(stop / start, w), axis, dtype)


def _ready(y, axis, dtype):
    y = xp.moveaxis(y, 0, axis) if axis else y
    return y if dtype is None else xp.astype(y, dtype=dtype)


# ---------------------------------------------------------------------- functions of functions
def _apply_along_axis(func1d, axis, arr, *args, **options):
    x = xp.moveaxis(_tensor(arr), axis, -1)
    lead, at = x.shape[:-1], axis % x.ndim
    rows = [func1d(x[index], *args, **options) for index in np.ndindex(lead)]
    y = xp.stack(rows)
    y = xp.reshape(y, (*lead, *y.shape[1:]))
    new = range(len(lead), y.ndim)
    return xp.moveaxis(y, tuple(new), tuple(at + i for i in range(len(new))))


def _apply_over_axes(func, a, axes):
    x = _tensor(a)
    for axis in np.atleast_1d(axes):
        axis = normalize_axis_index(axis, x.ndim)
        y = func(x, axis)
        x = y if y.ndim == x.ndim else xp.expand_dims(y, axis)
    return x


def _piecewise(x, condlist, funclist, *args, **options):
    x, conditions = _tensor(x), _plain(condlist)
    if np.ndim(conditions) == x.ndim:
        conditions = [conditions]
    conditions = [np.broadcast_to(np.asarray(c, bool), x.shape) for c in conditions]
    n = len(conditions)
    if len(funclist) not in (n, n + 1):
        raise ArgumentError(
            f"{n} conditions need {n} functions, or {n + 1} with one for the rest",
            op="np.piecewise",
            got=f"{len(funclist)} functions",
            expected=f"{n} or {n + 1}",
            fix=f"np.piecewise(x, condlist[:{len(funclist)}], funclist[:{n}])",
        )
    y, rest = Tensor(np.zeros(x.shape, x.dtype)), ~np.any(conditions, axis=0)
    for where, f in zip([*conditions, rest], funclist, strict=False):
        if where.any():
            part = f(x[where], *args, **options) if callable(f) else f
            if np.ndim(part):
                part = xp.add_at(part, index=where, shape=x.shape)
            y = xp.where(where, part, y)
    return y


# ---------------------------------------------------------------------- what differs from the table
def _reshape(a, shape, order="C", *, copy=None):
    if order != "F":
        return xp.reshape(a, shape)
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    return xp.transpose(xp.reshape(xp.transpose(a), shape[::-1]))


def _einsum(*operands, **options):
    """Also in the form `np.einsum(a, [0, 1], b, [1, 2], [0, 2])`."""
    if not isinstance(operands[0], str):
        arrays, labels = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
        texts = [_letters(x) for x in labels]
        result = "->" + _letters(operands[-1]) if len(operands) % 2 else ""
        operands = (",".join(texts) + result, *arrays)
    return _translated(np.einsum, "einsum", FUNCTIONS["einsum"], operands, options)


def _letters(labels):
    return "".join("..." if k is Ellipsis else ascii_letters[k] for k in labels)


def _histogram_bin_edges(a, bins=10, range=None, weights=None):
    if isinstance(bins, str):
        args = (a, bins, range, weights)
        return _on_arrays(np.histogram_bin_edges, "histogram_bin_edges", args, {})
    return xp.histogram(a, bins, range)[1]


def _where(condition, *values):
    return xp.where(*map(_array, (condition, *values))) if values else xp.nonzero(condition)


def _pick(x, index, axis=None):
    return x.reshape(-1)[index] if axis is None else xp.take(x, index, axis)


def _unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, **more):
    _, index, *facts = np.unique(_plain(ar), True, return_inverse, return_counts, axis, **more)
    found = (_pick(ar, index, axis), *([index] if return_index else []), *facts)
    return found if len(found) > 1 else found[0]


def _unique_and_facts(name):
    def unique(x):
        facts, index = getattr(np, name)(_plain(x)), np.unique_all(_plain(x)).indices
        return facts._replace(values=_pick(x, index))

    return unique


def _lstsq(a, b, rcond=None):
    """gd.lstsq gives the first of NumPy's four results."""
    x = xp.lstsq(a, b, rcond=rcond)
    _, residuals, rank, _ = np.linalg.lstsq(_plain(a), _plain(b), rcond)
    if residuals.size:
        squares = xp.square(xp.matmul(a, x) - b)
        residuals = xp.sum(squares, 0).reshape(residuals.shape)
    return x, residuals, rank, xp.svdvals(a)


def _svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    if not compute_uv:
        return xp.svdvals(a)
    return _results(np.linalg.svd)(*xp.svd(a, full_matrices))


def _shift(sign):
    """`np.fft.fftshift` moves zero to the middle, `ifftshift` back."""

    def shift(x, axes=None):
        axes = range(x.ndim) if axes is None else np.atleast_1d(axes).tolist()
        steps = tuple(x.shape[a] // 2 if sign > 0 else -(x.shape[a] // 2) for a in axes)
        return xp.roll(x, steps, tuple(axes))

    return shift


def _outer_vectors(x1, x2):
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise _refusal(
            "linalg.outer", "is of vectors", (x1, x2), {}, "gd.outer(x1, x2)", "two vectors"
        )
    return xp.outer(x1, x2)


LIKE = """arange empty empty_like eye frombuffer fromfile fromfunction fromiter fromstring
    genfromtxt identity loadtxt ones ones_like tri zeros zeros_like""".split()
ANSWERS = {name: _made_like(name) for name in LIKE} | {
    "array": lambda *args, **options: xp.clone(_same_values(*args, **options)),
    "full": _full,
    "full_like": _full_like,
    "linspace": _linspace,
    "logspace": _logspace,
    "geomspace": _geomspace,
    "apply_along_axis": _apply_along_axis,
    "apply_over_axes": _apply_over_axes,
    "piecewise": _piecewise,
    "block": lambda arrays: xp.block(arrays if isinstance(arrays, list) else [arrays]),
    "ravel": lambda a, order="C": xp.ravel(xp.transpose(a) if order == "F" else a),
    "reshape": _reshape,
    "einsum": _einsum,
    "histogram_bin_edges": _histogram_bin_edges,
    "where": _where,
    "unique": _unique,
    **{name: _unique_and_facts(name) for name in ("unique_all", "unique_counts", "unique_inverse")},
    "real_if_close": lambda a, tol=100: a,
    "fft.fftshift": _shift(1),
    "fft.ifftshift": _shift(-1),
    "linalg.lstsq": _lstsq,
    "linalg.svd": _svd,
    "linalg.outer": _outer_vectors,
    "linalg.diagonal": lambda x, offset=0: xp.diagonal(x, offset, -2, -1),
    "linalg.trace": lambda x, offset=0, dtype=None: _ready(xp.trace(x, offset, -2, -1), 0, dtype),
    "linalg.cross": lambda x1, x2, axis=-1: xp.cross(x1, x2, axis=axis),
}
ANSWERS |= dict.fromkeys(
    ("asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "require"), _same_values
)


# ---------------------------------------------------------------------- what there is
def coverage():
    """{what comes of Tensors: names}, for all functions of NumPy that they can be given to."""
    import numpy.fft  # noqa: F401 - its functions are known once it is imported
    from numpy.testing import overrides  # imports much

    kinds = [
        "carry gradients",
        "give integers or booleans",
        "make Tensors",
        "work on plain arrays, where no gradient gets lost",
        "refused",
    ]
    found: dict = {kind: [] for kind in kinds}
    for ufunc in overrides.get_overridable_numpy_ufuncs():
        if ufunc.types:  # the others are for text
            found[kinds[_kind(ufunc.__name__, _function_of(ufunc))]].append(ufunc.__name__)
    for name in {_name(f) for f in overrides.get_overridable_numpy_array_functions()}:
        if name in ANSWERS or name.rpartition(".")[0] not in KINDS:
            found[kinds[_kind(name, _own(name))]].append(name)
    found["refused"] += [f"{module}.*" for module in KINDS]
    return {kind: sorted(names) for kind, names in found.items()}


def _kind(name, own):
    """Which of the kinds a function is of."""
    if name in LIKE:
        return 2
    if name in ANSWERS:
        return 0
    if name in IN_PLACE or name in FILES or name in COMPLEX:
        return 4
    if own is None:
        return 3
    return 1 if own.op.info["boolean"] else 0


def _array_of_scalar(self, dtype=None, copy=None):
    """np.array([s, t]) would be an array of objects."""
    if _wanted(self):
        raise GradientError(
            "turning this Scalar into an array would lose its gradient silently",
            op="__array__",
            got="a Scalar that wants gradient",
            expected="a detached one",
            fix="gd.stack([...]) for a list of Scalars, or .item()",
        )
    return np.array(self.item(), dtype)


_core.install(Scalar, "__array__", _array_of_scalar)
_core.configure(ufunc=answer_ufunc, function=answer_function)
