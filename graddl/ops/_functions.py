"""The public function of an op, made from its entry: signature, docstring, ways to the core."""

import builtins
import inspect
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from .. import _core, errors
from ..backend import tensor_namespace
from ._explain import call_text, explain_error, told

REQUIRED = inspect.Parameter.empty
DIMS = {"axis": "dim", "keepdims": "keepdim"}  # PyTorch's words; no other argument has two


def make_function(op):
    """The function that users call. It gets its code when it is first called or looked at, for
    compiling takes 50 us, and an import has hundreds of these to make."""
    # NumPy may import a part of itself under this frame, for which C looks up __builtins__ here.
    scope = {"_op": op, "_finished": finished, "__builtins__": builtins}
    function: Any = FunctionType(_first.__code__, scope, op.name)
    function.__qualname__, function.__module__, function.__doc__ = op.name, "graddl", op_doc(op)
    function.op, function.__wrapped__ = op, _Signature(function)
    scope["_self"] = function
    return function


def _first(*args, **kwargs):  # runs with the scope that make_function gave it
    return _finished(_self)(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


class _Signature:
    """Stands where `inspect` looks for the signature of a function that was not called yet."""

    def __init__(self, function):
        self.function = function

    @property
    def __signature__(self):
        return inspect.signature(finished(self.function))


def finished(function):
    """The function with its code, which has the entry's own signature."""
    op = function.op
    if "__wrapped__" not in vars(function):  # another thread was quicker
        return function
    star = op.args[-1] if op.variadic and not op.info["sequence"] else None
    order = op.info["order"] or (*op.args, *op.params)
    n = order.index(star) if star else len(order)  # what stands behind *xs is given by name
    dims = tuple((k, DIMS[k]) for k in op.params if k in DIMS and op.info["dims"])
    defaults, late = _defaults(op, order[:n], dict(dims))
    by_name = {k: op.params[k] for k in order[n + 1 :]} | {d: None for _, d in dims}
    arrays = tuple("*" + a if op.variadic and a == op.args[-1] else a for a in op.args)
    code = _compiled(
        op.name, order[:n], star, tuple(by_name), arrays, tuple(op.params), dims, late,
        op.kind == "composed", bool(op.info["optional"]),
    )  # fmt: skip
    scope = {"_call": _core.call, "_call1": _core.call1, "_call2": _core.call2}
    scope |= {"_run": run_composed, "_slow": slowly}
    scope |= {"_" + k: v for k, v in op.params.items()}
    function.__globals__.update(scope)
    function.__defaults__, function.__kwdefaults__ = defaults, by_name or None
    function.__code__ = code
    vars(function).pop("__wrapped__", None)
    return function


def _defaults(op, names, aliases):
    """(the defaults of these arguments, whether one of them stands for "not given"): such is what
    has to be given, but comes behind one that need not be, or may come under PyTorch's name."""
    needed = set(op.args[: len(op.args) - op.info["optional"]])
    late = False
    defaults: list = []
    for name in names:
        required = name in needed or op.params.get(name) is REQUIRED
        if required and not defaults and name not in aliases:
            continue
        defaults.append(REQUIRED if required else op.params.get(name))
        late = late or required
    return tuple(defaults), late


def _compiled(
    name, positional, star, by_name, arrays, params, dims, late, composed, optional
):  # fmt: skip
    """The code of a function with this signature."""
    stars = ["*" + star] if star else ["*"] if by_name else []
    passed, keywords = ", ".join(arrays), ", ".join(f"{k}={k}" for k in params)
    call = quick = "_run" if composed else "_call"
    if not (composed or optional or late) and len(arrays) <= 2 and passed[0] != "*":
        quick = f"_call{len(arrays)}"
    lines = [f"def {name}({', '.join((*positional, *stars, *by_name))}):"]
    if params and not late:
        plain = [f"{k} is _{k}" for k in params] + [f"{d} is None" for _, d in dims]
        lines.append(f"    if {' and '.join(plain)}: return {quick}(_op, {passed})")
    if dims or late:
        others = ", ".join(f"{k}={d}" for k, d in dims)
        lines.append(f"    return _slow(_op, ({passed},), dict({others}), {keywords})")
    else:
        lines.append(f"    return {call if params else quick}(_op, {passed}, {keywords})")
    consts = compile("\n".join(lines), "<graddl op>", "exec").co_consts
    return next(c for c in consts if isinstance(c, CodeType))


def slowly(op, arrays, others, **params):
    """A call in which an argument may be missing, or have come under PyTorch's name: `others`."""
    for name, given in others.items():
        if given is None:
            continue
        if params[name] is not op.params[name]:
            raise errors.ArgumentError(
                f"{name}= and {DIMS[name]}= are two names of one argument", op=op.name,
                got=f"{name}={params[name]!r}, {DIMS[name]}={given!r}", expected="one of them",
                fix=call_text(op, arrays, {**params, name: given}),
            )  # fmt: skip
        params[name] = given
    for name, value in (*zip(op.args, arrays, strict=False), *params.items()):
        if value is REQUIRED:
            raise TypeError(f"{op.name}() missing a required argument: {name!r}")
    return (run_composed if op.kind == "composed" else _core.call)(op, *arrays, **params)


def call_on(function, arrays, params):
    """Call a public function with arrays and parameters apart, whatever its order is."""
    op = function.op
    n = len(op.args) - op.variadic
    named = {**dict(zip(op.args[:n], arrays, strict=False)), **params}
    if op.info["sequence"]:
        return function(**named, **{op.args[-1]: list(arrays[n:])})
    if not op.variadic:
        return function(**named)
    order = op.info["order"] or op.args  # what stands before *xs goes by position
    first = [named.pop(k) for k in order[: order.index(op.args[-1])]]
    return function(*first, *arrays[n:], **named)


def make_star_method(op, function):
    """`x.reshape(2, 3)` beside `x.reshape((2, 3))`."""

    def method(self, *values, **keywords):
        if keywords or not values:
            return function(self, *values, **keywords)
        one = len(values) == 1 and not isinstance(values[0], int)
        return function(self, **{op.info["star"]: values[0] if one else values})

    method.__name__, method.__doc__ = op.name, function.__doc__
    return method


def op_doc(op):
    """The docstring of an op, made from its entry."""
    info = op.info
    lines = [info["doc"], "", f".. math:: {info['tex']}", ""]
    if info["aliases"]:
        lines += ["Also known as " + ", ".join(f"``{a}``" for a in info["aliases"]) + ".", ""]
    lines += ["Parameters", "----------"]
    for a in op.args:
        note = "any shape, broadcast" if op.kind == "elementwise" else "array_like"
        if a in info["nondiff"]:
            note = "no gradient"
        lines.append(f"{a} : Tensor, array or number ({note})")
    for k, v in op.params.items():
        also = f"; ``{DIMS[k]}`` means the same" if k in DIMS and info["dims"] else ""
        lines.append(f"{k} : " + ("required" if v is REQUIRED else f"default {v!r}") + also)
    # A trailing underscore would be a link, so the name stands in backquotes.
    lines += [
        "",
        "Raises",
        "------",
        "ShapeError, DTypeError, ``IndexError_``",
        f"    {info['expects'] or 'inputs that do not fit'}",
    ]
    return "\n".join(lines)


# ---------------------------------------------------------------------- functions made of others
def run_composed(op, *values, **params):
    """Run a composed function on Tensors; an error of one of its parts is told as its own."""
    if op.kernel is not None:
        y = _core.run_kernel(op.kernel, values, {**op.params, **params})
        if y is not NotImplemented:
            return y
    try:
        given = [_operand(x, op.info["nested"]) for x in values]
        return op.forward(tensor_namespace, *given, **{**op.params, **params})
    except errors.GraddlError as error:
        if error.op == op.name:
            raise
        message = f"{error.op}: {error.message}" if error.op else error.message
        raise told(op, type(error), message, values, params) from error
    except (TypeError, ValueError, IndexError) as error:
        raise explain_error(op, values, params, error) from error


def run_into(op, out, *values, **params):
    """Write the results of a composed function into Tensors, which may be among the values: by a
    kernel in one pass over memory. For where nothing is recorded."""
    done = NotImplemented
    if op.kernel is not None:
        done = _core.run_kernel(op.kernel, values, {**op.params, **params}, out)
    if done is NotImplemented:
        for t, new in zip(out, run_composed(op, *values, **params), strict=True):
            t[...] = new


def _operand(x, nested=False):
    """Arrays and lists as Tensors, so that a composition may use operators; numbers as they are."""
    if nested and isinstance(x, list):
        return [_operand(part, True) for part in x]
    if x is None or isinstance(x, _core.Tensor | _core.Scalar | int | float):
        return x
    return x.item() if isinstance(x, np.generic) else _core.call1(_core.operators.identity, x)
