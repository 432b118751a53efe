"""How an op is defined: one entry, from which everything else about the op derives.

**Four constructors.** `elementwise` (works point by point, broadcasts), `linear` (linear in its
arrays), `general`; and `composed`, a function made of other entries, which needs no rules.

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

**A fix is code.** Where an error of an op says what to write instead, it is an expression in `gd`,
`np` and the op's own arguments that runs: the tests execute it. Axes, dtypes and broadcasting are
explained by themselves; for the rest an entry gives `fix=`.

**A kernel may stand behind any entry**: a compiled function, kept by the op's name in a KERNELS of
`graddl/_kernels`, that gets what the entry gets, without xp. It runs on NumPy arrays only, returns
NotImplemented where dtype, layout or parameters are not simple, and then the entry itself runs.

    "forward"            forward(*arrays, **params), every parameter by its name; with residuals
    "joint", or "x"      the joint rule, or that of the input x: what the rule names, in its order

Of a `composed` entry a kernel does the forward, where nothing is to be recorded: a gradient takes
the graph of its parts. With `out=`, arrays of its results' shapes, it writes there; they may be
arguments, as for a step of an optimizer. `op.unbind()` takes kernels out: the NumPy entry says what
is right, and the tests hold each kernel to it.

**Derived**: the public function, the methods of Tensor and Scalar, jvp, the shape error, the label
in pictures, formula and page in the docs, gradcheck of order 1 and 2, parity with kernels and with
other namespaces, parity with PyTorch, stubs.
"""

import builtins
import inspect
import sys
from typing import Any

from .. import _core
from .._core import READ_G, READ_I, READ_NEEDS, READ_RESIDUAL, READ_Y, Op, Rule
from ..backend import ARRAY_ATTRIBUTES, PRIMITIVES, STANDARD, kernels_of, tensor_namespace
from ._explain import explain_error, refuse
from ._functions import make_function, make_star_method

TABLE: dict[str, Op] = {}  # every op by its canonical name, NumPy's where NumPy has it
KNOWN = STANDARD | PRIMITIVES | ARRAY_ATTRIBUTES
COMPOSED: dict[str, "Composed"] = {}  # functions made of ops
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


class Composed:
    """A function of the table that is made of other entries: `forward(xp, *tensors, **params)`,
    where xp offers every function of the table. Its graph is that of its parts."""

    kind, rules, joint, residuals, composition, kernel = "composed", (), None, (), None, None

    def __init__(self, name, forward, args, variadic, params, several, info):
        self.name, self.forward, self.args, self.variadic = name, forward, args, variadic
        self.params, self.several, self.info = params, several, info

    @property
    def kernels(self):
        return ("forward",) if self.kernel else ()

    def bind(self, door, kernel):
        if door != "forward":
            raise ValueError(door)
        self.kernel = kernel

    def unbind(self):
        self.kernel = None

    def __repr__(self):
        return f"<Composed {self.name}>"


def composed(name, forward, **fields):
    """A function made of other entries. The fields are those of an op; there are no rules."""
    args, variadic, params = _signature(forward)
    _check_names(forward, name, FUNCTIONS)
    several = fields.pop("several", False)
    info = _fields(name, forward, rules={}, jvp={}, **fields)
    COMPOSED[name] = op = Composed(name, forward, args, variadic, params, several, info)
    _bind(op)
    _publish(op)
    return op


def _define(name, kind, forward, rules, *, joint=None, jvp=None, residuals=(), composition=None,
            several=False, nondiff=(), boolean=False, **fields):  # fmt: skip
    """Build the Op, check the entry, publish it."""
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
    info = _fields(
        name, forward, jvp=jvp_rules, rules=dict(rules), nondiff=nondiff, boolean=boolean, **fields
    )
    op = Op(
        name, kind, forward, args, variadic, params, table_rules, shared, tuple(residuals),
        composition, several, info,
    )  # fmt: skip
    _bind(op)
    TABLE[name] = op
    _publish(op)
    return op


def _bind(op):
    for door, kernel in kernels_of(op.name).items():
        op.bind(door, kernel)


def _fields(
    name, forward, *, tex, doc, rules, jvp, symbol=None, nondiff=(), domain=(-2.0, 2.0), kinks=(),
    samples=None, errors=None, expects=None, fix=None, aliases=(), method=True, sequence=False,
    star=None, spread=None, boolean=False, passes_nan=True, hidden=False, dims=True, order=None,
    torch=None, differs=None, nested=False,
):  # fmt: skip
    """What an entry says of itself:

    tex, symbol, doc : formula, label in pictures, one sentence.
    nondiff : arrays that carry no gradient.
    domain : where its inputs live, (low, high) or a dict by input.
    kinks : points that finite differences must avoid.
    samples : function of a maker of arrays, gives [(arrays, params), ...].
    errors : the same for what it refuses, [(arrays, params, error class), ...].
    expects, fix : words, and code, for its error messages; see `_explain`.
    aliases : other names.
    method : whether Tensor gets it.
    sequence : called with a list of arrays, `stack([a, b])`.
    nested : called with lists of lists of arrays, `block([[a, b], [c, d]])`.
    star : the parameter for which its method takes several arguments.
    boolean : gives booleans or integers.
    passes_nan : whether NaN in gives NaN out.
    hidden : not public: a bridge, a primitive of rules.
    dims : whether axis= and keepdims= may be called dim= and keepdim=.
    order : names of arrays and parameters as they stand in a call; arrays come first otherwise.
    torch : PyTorch's spelling, an expression in `torch`, `F` and the entry's own arguments; None
        stands for torch.<name>(inputs) where there is such a function; "" for nothing alike.
    differs : where values or gradients are not PyTorch's on purpose, and why.
    """
    return dict(
        tex=tex, doc=doc, symbol=symbol or name, nondiff=tuple(nondiff), domain=domain,
        kinks=tuple(kinks), samples=samples, errors=errors, expects=expects, fix=fix,
        aliases=tuple(aliases), method=method, sequence=sequence, star=star, boolean=boolean,
        passes_nan=passes_nan, hidden=hidden, jvp=jvp, rules=rules, spread=spread, dims=dims,
        order=order, torch=torch, differs=differs,
        nested=nested,
        family=forward.__module__.rpartition(".")[2], optional=len(forward.__defaults__ or ()),
    )  # fmt: skip


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


def _check_names(f, op, more=()):
    """A rule may use what every namespace has: a misspelt function shows here, not on some GPU."""
    for n in f.__code__.co_names:
        known = n in KNOWN or n in more or n in f.__globals__ or hasattr(builtins, n)
        if not known:
            raise TypeError(
                f"op {op!r}: {n!r} is neither in the array API nor among graddl's primitives"
            )


# ---------------------------------------------------------------------- what users call
def _publish(op):
    """Make the public function and put it where users look, and into what rules get as xp."""
    function = make_function(op)
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
            method = make_star_method(op, function) if op.info["star"] else function
            kinds = (_core.Tensor, _core.Scalar) if op.kind == "elementwise" else (_core.Tensor,)
            for kind in kinds:
                if not hasattr(kind, name):
                    _core.install(kind, sys.intern(name), method)
    if hasattr(_core.operators, op.name):
        setattr(_core.operators, op.name, op)


_core.configure(explain_error=explain_error, refuse=refuse)
