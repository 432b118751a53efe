"""The public function of an op, made from its entry: signature, docstring, ways to the core."""

import inspect
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from .. import _core, errors
from ..backend import tensor_namespace
from ._explain import explain_error, told

REQUIRED = inspect.Parameter.empty
DIMS = {"axis": "dim", "keepdims": "keepdim"}  # PyTorch's words; no other argument has two


def make_function(op):
    """The function that users call, with the entry's own signature."""
    needed = len(op.args) - op.info["optional"]
    kinds = {a: "array" if i < needed else "optional" for i, a in enumerate(op.args)}
    if op.variadic and not op.info["sequence"]:
        kinds[op.args[-1]] = "star"
    kinds |= {k: "required" if v is REQUIRED else "default" for k, v in op.params.items()}
    order = op.info["order"] or (*op.args, *op.params)
    dims = tuple((k, DIMS[k]) for k in op.params if k in DIMS and op.info["dims"])
    arrays = tuple("*" + a if op.variadic and a == op.args[-1] else a for a in op.args)
    code, wanted = _compiled(
        tuple((k, kinds[k]) for k in order), arrays, tuple(op.params), dims, op.kind
    )
    scope = {"_op": op, "_call": _core.call, "_call1": _core.call1, "_call2": _core.call2}
    scope |= {"_run": run_composed, "_one_of": one_of, "_need": need, "_missing": REQUIRED}
    scope |= {"_" + k: v for k, v in op.params.items()}
    function: Any = FunctionType(
        code.replace(co_name=op.name, co_qualname=op.name), scope, op.name,
        tuple(None if kinds[k] == "optional" else op.params.get(k, REQUIRED) for k in wanted),
    )  # fmt: skip
    by_name = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    only = {k: v for k, v in op.params.items() if k in by_name}
    function.__kwdefaults__ = {**only, **{v: None for _, v in dims}} or None
    function.__module__, function.__doc__, function.op = "graddl", op_doc(op), op
    return function


@cache
def _compiled(order, arrays, params, dims, kind):
    """(code, names of those with a default) of a function with this signature. Compiling costs
    100 us and many ops share a signature, so the code does not hold the op's name."""
    signature: list[str] = []
    wanted: list[str] = []
    late: list[str] = []
    renamed, keyword_only = dict(dims), False
    for name, how in order:
        if how == "star":
            signature.append("*" + name)
            keyword_only = True
        elif keyword_only:
            signature.append(f"{name}=None")
        elif how in ("array", "required") and not wanted and name not in renamed:
            signature.append(name)
        else:
            signature.append(f"{name}=None")
            wanted.append(name)
            late += [name] if how in ("array", "required") else []
    if renamed:
        signature += [] if keyword_only else ["*"]
        signature += [f"{v}=None" for v in renamed.values()]
    passed = ", ".join(arrays)
    fixed = all(how in ("array", "default") for _, how in order) and not late and kind != "composed"
    call = "_run" if kind == "composed" else "_call"
    quick = f"_call{len(arrays)}" if fixed and len(arrays) <= 2 and passed[0] != "*" else call
    lines = [f"    if {k} is _missing: {k} = _need(_op, {k!r})" for k in late if k not in renamed]
    if params and not late:
        plain = [f"{k} is _{k}" for k in params] + [f"{v} is None" for v in renamed.values()]
        lines.append(f"    if {' and '.join(plain)}: return {quick}(_op, {passed})")
    for k, v in renamed.items():
        lines.append(f"    if {v} is not None: {k} = _one_of(_op, {k!r}, {k}, _{k}, {v!r}, {v})")
        lines += [f"    if {k} is _missing: {k} = _need(_op, {k!r})"] if k in late else []
    keywords = "".join(f", {k}={k}" for k in params)
    lines.append(f"    return {call if params else quick}(_op, {passed}{keywords})")
    scope: dict = {}
    exec(
        compile("\n".join([f"def f({', '.join(signature)}):", *lines]), "<graddl op>", "exec"),
        scope,
    )
    return scope["f"].__code__, wanted


def need(op, name):
    """Called where an argument was left out that has to be there."""
    raise TypeError(f"{op.name}() missing a required argument: {name!r}")


def one_of(op, name, value, default, other, given):
    """The value of a parameter that came under PyTorch's name."""
    if value is not default:
        raise errors.ArgumentError(
            f"{name}= and {other}= are two names of one argument", op=op.name,
            got=f"{name}={value!r}, {other}={given!r}", expected="one of them",
            fix=f"{name}={given!r}",
        )  # fmt: skip
    return given


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


def _operand(x, nested=False):
    """Arrays and lists as Tensors, so that a composition may use operators; numbers as they are."""
    if nested and isinstance(x, list):
        return [_operand(part, True) for part in x]
    if x is None or isinstance(x, _core.Tensor | _core.Scalar | int | float):
        return x
    return x.item() if isinstance(x, np.generic) else _core.call1(_core.operators.identity, x)
