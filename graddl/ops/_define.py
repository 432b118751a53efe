"""How an op is defined: one entry, from which everything else about the op derives.

**Three constructors.** `elementwise` (works point by point, broadcasts), `linear` (linear in its
arrays), `general`.

**A rule's parameter names say what it gets, and so what the graph saves.** After `xp`, the array
namespace: the names of the op's inputs (their values), `y` (the output), `g` (the incoming
gradient), names of `residuals`, `i` (the position in `*xs`); after `*`: the op's keyword
parameters, and `shapes` (of all inputs). A value that no rule names is not kept. A rule may be a
number: a constant derivative.

    elementwise  d={"x": lambda xp, y: 1 - y * y}        the derivative; the engine multiplies by g
                 d={"x": lambda xp, g, x: ...}           names g: the product itself, linear in g
    linear       transpose=lambda xp, g, *, shapes: ...  the transposed map, or a dict of them
    general      vjp={"x": lambda xp, g, y: ...}         the gradient of one input
                 joint=lambda xp, g, needs, ...: (...)   all at once; needs[i] says which are wanted
                 jvp={"x": lambda xp, t, y: ...}         forward mode, where it can be had for less

**Rules never un-broadcast**: the engine sums a gradient over the axes that broadcasting added,
casts it to its tensor's dtype and accumulates. Rules write `xp.where(x > 0, g, 0)`, not
`(x > 0) * g`.

**Subgradients** are PyTorch's: abs 0 at 0, relu 0 at 0, a tie of maximum half each, max over an
axis shared evenly. **Promotion** is NumPy 2's; Python and NumPy scalars are weak; integers that
become floating take the default dtype.

**Derived**: the public function, the methods of Tensor and Scalar, jvp, the shape error, the label
in pictures, formula and page in the docs, gradcheck of order 1 and 2, parity with kernels and with
other namespaces, stubs.
"""

import builtins
import inspect
import sys
from typing import Any

import numpy as np

from .. import _core, errors
from .._core import READ_G, READ_I, READ_NEEDS, READ_RESIDUAL, READ_Y, Op, Rule
from ..backend import ARRAY_ATTRIBUTES, PRIMITIVES, STANDARD, kernels_of, tensor_namespace

TABLE: dict[str, Op] = {}  # every op by its canonical name, NumPy's where NumPy has it
ALIASES: dict[str, str] = {}  # other spellings: the array API's, PyTorch's
FUNCTIONS: dict[str, Any] = {}  # what users call: op or alias name -> function


def elementwise(name, forward, d, **more):
    """An op that works point by point. `d`: for each input its derivative, see above."""
    return _define(name, "elementwise", forward, d, **more)


def linear(name, forward, transpose, **more):
    """An op linear in its arrays. `transpose`: the transposed map, or a dict of them by input."""
    args, variadic, _ = _signature(forward)
    if not isinstance(transpose, dict):
        transpose = {("*" if variadic and a == args[-1] else "") + a: transpose for a in args}
    return _define(name, "linear", forward, transpose, **more)


def general(name, forward, vjp=None, **more):
    """Any other op. `vjp`: for each input its gradient; or `joint=` for all of them at once."""
    return _define(name, "general", forward, vjp or {}, **more)


def _define(
    name,
    kind,
    forward,
    rules,
    *,
    tex,
    doc,
    symbol=None,
    nondiff=(),
    joint=None,
    jvp=None,
    residuals=(),
    composition=None,
    several=False,
    domain=(-2.0, 2.0),
    kinks=(),
    samples=None,
    errors=None,
    expects=None,
    fix=None,
    aliases=(),
    method=True,
    sequence=False,
    star=None,
    spread=None,
    boolean=False,
    passes_nan=True,
    hidden=False,
):
    """Build the Op, check the entry, publish it. The keywords are the entry's fields:

    tex, symbol, doc : formula, label in pictures, one sentence.
    nondiff : arrays that carry no gradient.
    domain : where its inputs live, (low, high) or a dict by input.
    kinks : points that finite differences must avoid.
    samples : function of a maker of arrays, gives [(arrays, params), ...].
    errors : the same for what it refuses, [(arrays, params, error class), ...].
    expects, fix : words for its error messages.
    aliases : other names.
    method : whether Tensor gets it.
    sequence : called with a list of arrays, `stack([a, b])`.
    star : the parameter for which its method takes several arguments.
    boolean : gives booleans or integers.
    passes_nan : whether NaN in gives NaN out.
    hidden : not public: a bridge, a primitive of rules.
    """
    args, variadic, params = _signature(forward)
    names = {
        **{a: i for i, a in enumerate(args)},
        "y": READ_Y,
        "g": READ_G,
        "t": READ_G,
        "i": READ_I,
        "needs": READ_NEEDS,
    }
    names.update({r: READ_RESIDUAL - k for k, r in enumerate(residuals)})
    allowed = {*params, "shapes"}

    def wrong(what):
        return TypeError(f"op {name!r}: {what}")

    def rule(f, arg):
        if not callable(f):
            return Rule(f, True, (), ())
        reads, keywords = _parameters(f)
        for n in reads:
            if n not in names:
                raise wrong(f"the rule for {arg!r} names {n!r}; known: {', '.join(names)}")
        for n in keywords:
            if n not in allowed:
                raise wrong(
                    f"the rule for {arg!r} takes {n!r}; known: {', '.join(sorted(allowed))}"
                )
        _check_names(f, name)
        codes = tuple(names[n] for n in reads)
        return Rule(f, kind == "elementwise" and READ_G not in codes, codes, keywords)

    marked = [("*" if variadic and a == args[-1] else "") + a for a in args]
    missing = [a for a in marked if a not in rules and a.lstrip("*") not in nondiff]
    if joint is None and missing and not boolean:
        raise wrong(f"no rule for {', '.join(missing)}; give one, or declare it nondiff=")
    unknown = [a for a in rules if a not in marked]
    if unknown:
        inputs = f"the inputs are {', '.join(marked)}"
        raise wrong(f"rules for {', '.join(unknown)}, which are no inputs; {inputs}")
    _check_names(forward, name)
    if residuals and composition is None:
        raise wrong(
            "residuals need composition=, the op in simpler ones: second derivatives run it"
        )
    shared = rule(joint, "joint") if joint is not None else None
    table_rules = tuple(
        None if a.lstrip("*") in nondiff else shared or rule(rules.get(a, 0), a) for a in marked
    )
    jvp_rules = {a: rule(f, a) for a, f in (jvp or {}).items()}
    info = dict(
        tex=tex, doc=doc, symbol=symbol or name, nondiff=tuple(nondiff), domain=domain,
        kinks=tuple(kinks), samples=samples, errors=errors, expects=expects, fix=fix,
        aliases=tuple(aliases), method=method, sequence=sequence, star=star, boolean=boolean,
        passes_nan=passes_nan, hidden=hidden, jvp=jvp_rules, rules=dict(rules), spread=spread,
        family=forward.__module__.rpartition(".")[2], optional=len(forward.__defaults__ or ()),
    )  # fmt: skip
    op = Op(
        name, kind, forward, args, variadic, params, table_rules, shared, tuple(residuals),
        composition, several, info,
    )  # fmt: skip
    for door, capsule in kernels_of(name).items():
        op.bind(door, capsule)
    TABLE[name] = op
    _publish(op)
    return op


def _parameters(f):
    """Names after `xp`, positional and keyword-only. `inspect.signature` costs 10 us a rule."""
    code = f.__code__
    n, k = code.co_argcount, code.co_kwonlyargcount
    if code.co_varnames[:1] != ("xp",):
        raise TypeError(f"{f.__code__.co_filename}:{code.co_firstlineno}: a rule takes xp first")
    return code.co_varnames[1:n], code.co_varnames[n : n + k]


def _signature(forward):
    """Names of inputs, whether the last stands for any number, and parameters with defaults."""
    code = forward.__code__
    args, keywords = _parameters(forward)
    variadic = bool(code.co_flags & inspect.CO_VARARGS)
    if variadic:
        args += (code.co_varnames[code.co_argcount + code.co_kwonlyargcount],)
    defaults = forward.__kwdefaults__ or {}
    return args, variadic, {k: defaults.get(k, inspect.Parameter.empty) for k in keywords}


def _check_names(f, op):
    """A rule may use what every namespace has: a misspelt function shows here, not on some GPU."""
    known = STANDARD | PRIMITIVES | ARRAY_ATTRIBUTES
    for n in f.__code__.co_names:
        if n not in known and n not in f.__globals__ and not hasattr(builtins, n):
            raise TypeError(
                f"op {op!r}: {n!r} is neither in the array API nor among graddl's primitives"
            )


# ---------------------------------------------------------------------- what users call
def _publish(op):
    """Make the public function and put it where users look, and into what rules get as xp."""
    function = _make_function(op)
    for name in (op.name, *op.info["aliases"]):
        if name != op.name:
            ALIASES[name] = op.name
        FUNCTIONS[name] = function
        setattr(tensor_namespace, name, function)
        if op.info["hidden"]:
            continue
        for module in ("graddl", "graddl.functional"):
            if module in sys.modules:
                setattr(sys.modules[module], name, function)
        if op.info["method"] and not op.info["sequence"]:
            method = _make_star_method(op, function) if op.info["star"] else function
            kinds = (_core.Tensor, _core.Scalar) if op.kind == "elementwise" else (_core.Tensor,)
            for kind in kinds:
                if not hasattr(kind, name):
                    _core.install(kind, sys.intern(name), method)
    if hasattr(_core.operators, op.name):
        setattr(_core.operators, op.name, op)


def _make_function(op):
    """The public function, with the entry's own signature: from source, so that calls are quick."""
    needed = len(op.args) - op.info["optional"]
    args = [a if i < needed else f"{a}=None" for i, a in enumerate(op.args)]
    if op.variadic:
        args[-1] = op.args[-1] if op.info["sequence"] else "*" + op.args[-1]
    passed = [*op.args[:-1], "*" + op.args[-1]] if op.variadic else list(op.args)
    scope = {"_op": op, "_call": _core.call, "_call1": _core.call1, "_call2": _core.call2}
    lines = []
    quick = "" if op.variadic or len(passed) > 2 or op.info["optional"] else str(len(passed))
    if op.params:
        for k, v in op.params.items():
            scope["_" + k] = v
            args.append(k if v is inspect.Parameter.empty else f"{k}=_{k}")
        plain = " and ".join(f"{k} is _{k}" for k in op.params)
        if inspect.Parameter.empty not in op.params.values():
            lines.append(f"    if {plain}: return _call{quick}(_op, {', '.join(passed)})")
        passed += [f"{k}={k}" for k in op.params]
        lines.append(f"    return _call(_op, {', '.join(passed)})")
    else:
        lines.append(f"    return _call{quick}(_op, {', '.join(passed)})")
    source = "\n".join([f"def {op.name}({', '.join(args)}):", *lines])
    exec(compile(source, f"<graddl op {op.name}>", "exec"), scope)
    function = scope[op.name]
    function.__module__, function.__doc__, function.op = "graddl", op_doc(op), op
    return function


def _make_star_method(op, function):
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
        lines.append(f"{k} : " + ("required" if v is inspect.Parameter.empty else f"default {v!r}"))
    # A trailing underscore would be a link, so the name stands in backquotes.
    lines += [
        "",
        "Raises",
        "------",
        "ShapeError, DTypeError, ``IndexError_``",
        f"    {info['expects'] or 'inputs that do not fit'}",
    ]
    return "\n".join(lines)


# ---------------------------------------------------------------------- errors
def explain_error(op, values, params, error):
    """An error of NumPy, told in terms of the op: its name, all shapes, a likely fix."""
    shapes = [np.shape(v) for v in values if v is not None]
    dtypes = [getattr(v, "dtype", type(v).__name__) for v in values if v is not None]
    got = ", ".join(f"{s} {d}" for s, d in zip(shapes, dtypes, strict=True))
    if params:
        got += "; " + ", ".join(f"{k}={v!r}" for k, v in params.items())
    kind: type[errors.GraddlError]
    if isinstance(error, IndexError):  # NumPy's AxisError too
        kind, fix = errors.IndexError_, "an axis or index within the shape"
    elif op.kind == "elementwise" and isinstance(error, ValueError):
        if not _broadcast(shapes):
            return broadcast_error(op.name, shapes)
        kind, fix = errors.ArgumentError, ".astype(gd.float32)"  # integers to negative powers
    elif isinstance(error, TypeError):
        kind, fix = errors.DTypeError, ".astype(gd.float32)"
    else:
        kind, fix = errors.ShapeError, ".reshape(...)"
    expected, fix = op.info["expects"], op.info["fix"] or fix
    return kind(f"{error}; got {got}", op=op.name, got=got, expected=expected, fix=fix)


def _broadcast(shapes):
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def broadcast_error(name, shapes):
    """Which axis keeps shapes from broadcasting, and what to write."""
    text = " and ".join(map(str, shapes))
    for axis in range(-1, -max(map(len, shapes)) - 1, -1):
        there = [s for s in shapes if len(s) >= -axis and s[axis] != 1]
        a = there[0] if there else ()
        b = next((s for s in there if s[axis] != a[axis]), None)
        if b is None:
            continue
        fix = "make the sizes equal, or one of them 1"
        if len(b) < len(a):
            fix = f".reshape({(*b, *[1] * (len(a) - len(b)))})"
        return errors.ShapeError(
            f"shapes {text} do not broadcast: axis {axis} has {a[axis]} and {b[axis]}",
            op=name,
            got=shapes,
            expected="on each axis, counted from the right, equal sizes or 1",
            fix=fix,
        )
    return errors.ShapeError(f"shapes {text} do not fit", op=name, got=shapes, fix=".reshape(...)")


_core.configure(explain_error=explain_error)
