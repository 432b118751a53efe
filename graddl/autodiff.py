"""Derivatives of functions, in JAX's words: grad, vjp, jvp, hvp, jacobian, hessian.

Each runs the function once on aliases of its arguments, so that the recorded graph ends there, and
walks that graph in a private pass: `.grad` is neither read nor written. Tensors that the function
closes over are constants, except where an enclosing transform differentiates by them. So transforms
nest to any order. An argument is a Tensor, a Scalar, an array or a float; or tuples, lists, dicts
and named tuples of them: its gradient comes in the same containers, with None where None was. What
the result does not depend on gives zeros.
"""

from contextvars import ContextVar
from functools import wraps

import numpy as np

from . import _backward, _core, _trees, errors, modes
from ._core import READ_G, READ_I, READ_NEEDS, READ_RESIDUAL, READ_Y, Scalar, Tensor, TensorNode
from .backend import scalar_namespace
from .backend import tensor_namespace as xp

_inside = ContextVar("graddl.inside_transform", default=False)
# Whether a rule runs only to be differentiated by what arrives, not by what it saved: see _step.
linear_only = ContextVar("graddl.linear_only", default=False)


# ---------------------------------------------------------------------- what all share
def _wants(x):
    return isinstance(x, Tensor | Scalar) and x.requires_grad


def _is_floating(x):
    return isinstance(x, float) or getattr(getattr(x, "dtype", None), "kind", "") == "f"


def _recorded(values):
    """Whether results stay in the graph: an argument or a transform around this one wants it."""
    return _core.current_mode().grad and (_inside.get() or any(map(_wants, values)))


def _alias(x):
    """What to differentiate by: a step of the caller's graph, else a leaf on x's memory."""
    x = x if isinstance(x, Tensor | Scalar) else Tensor(x)
    if _wants(x) and _core.current_mode().grad:
        return _core.call1(_core.operators.identity, x)
    return Scalar(x.item()) if isinstance(x, Scalar) else x.detach().requires_grad_()


def _run(f, args, kwargs=None):
    token = _inside.set(True)
    try:
        with modes.enable_grad():
            return f(*args, **(kwargs or {}))
    finally:
        _inside.reset(token)


def _leave(tree, recorded):
    """Results as the caller gets them: outside of any graph unless he records one."""
    if recorded:
        return tree
    return _trees.mapped(lambda x: x.detach() if isinstance(x, Tensor | Scalar) else x, tree)


def _outputs(value, who):
    """The outputs of a function, as a list; a plain number is an error, not a silent zero."""
    outs = _trees.leaves(value)
    for k, y in enumerate(outs or [None]):
        if not isinstance(y, Tensor | Scalar):
            path = "".join(_trees.paths(value)[k : k + 1])
            place = f", at {path} of what it returns" if path else ""
            raise errors.DTypeError(
                f"the function has to return Tensors or Scalars{place}",
                op=who, got=type(y).__name__, expected="Tensors, or containers of them",
                fix="leave out .item(), .numpy() and float()",
            )  # fmt: skip
    return outs


def _zeros(x):
    return (
        Scalar(0.0, requires_grad=False)
        if isinstance(x, Scalar)
        else Tensor(np.zeros(x.shape, x.dtype), copy=False)
    )


def _pull(outs, leaves, seeds, recorded):
    """Gradients of `leaves`, with `seeds` arriving at `outs`."""
    pairs = [(y, g) for y, g in zip(outs, seeds, strict=True) if _wants(y)]
    if not pairs:
        return tuple(_zeros(x) for x in leaves)
    found = _backward.gradients(
        [y for y, _ in pairs], leaves, [g for _, g in pairs], create_graph=recorded
    )
    found = [Scalar(g, requires_grad=False) if isinstance(g, float | int) else g for g in found]
    return tuple(_zeros(x) if g is None else g for g, x in zip(found, leaves, strict=True))


def _fitting(given, like, values, who):
    """Tangents or cotangents as Tensors (Scalars) of the shapes and dtypes of `values`, which are
    the leaves of `like`."""
    name = "g" if who == "vjp" else "tangents"
    try:
        found = _trees.matched(given, like, name)
    except LookupError as error:
        raise errors.ShapeError(
            f"one for each value: {error}", op=who, got=type(given).__name__,
            expected=f"{len(values)} in the containers of the values", fix="the same containers",
        ) from None  # fmt: skip
    fitted = [_fitted(t, x) for t, x in zip(found, values, strict=True)]
    for k, (t, x) in enumerate(zip(fitted, values, strict=True)):
        if t.shape != x.shape:
            raise errors.ShapeError(
                f"{_trees.paths(like, name)[k]} has not the shape of its value",
                op=who, got=t.shape, expected=x.shape, fix=".reshape(...)",
            )  # fmt: skip
    return fitted


def _fitted(t, x):
    if isinstance(x, Scalar):
        return t if isinstance(t, Scalar) else Scalar(t, requires_grad=False)
    if isinstance(t, Scalar):
        t = xp.from_scalar(t)
    elif not isinstance(t, Tensor):
        t = Tensor(t, x.dtype)
    return t if t.dtype == x.dtype else xp.astype(t, dtype=x.dtype)


def _picked(args, argnums, who):
    """Positions to differentiate by, as a tuple of non-negative ints."""
    numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
    found = tuple(i % len(args) for i in numbers if -len(args) <= i < len(args))
    if len(set(found)) < len(numbers):
        got = f"argnums={argnums}, {len(args)} arguments"
        raise errors.IndexError_("each one argument", op=who, got=got, fix="argnums=0")
    return found


def _open(f, args, kwargs, argnums, who):
    """Run f with aliases in the arguments at `argnums`.

    Returns
    -------
    its value; the list of aliases; whether to record; and a function that puts a list with one
    thing for each alias into the containers of the arguments.
    """
    at = _picked(args, argnums, who)
    chosen = tuple(args[i] for i in at)
    given = _trees.leaves(chosen)
    for k, x in enumerate(given):
        if not _is_floating(x):
            path = [p for i in at for p in _trees.paths(args[i], f"argument {i}")][k]
            kind = getattr(x, "dtype", type(x).__name__)
            raise errors.DTypeError(
                f"{path} is {kind}", op=who, got=str(kind), expected="floating numbers",
                fix=".astype(float), or leave it out of argnums",
            )  # fmt: skip
    recorded, leaves = _recorded(given), [_alias(x) for x in given]
    inside = dict(zip(at, _trees.filled(chosen, leaves), strict=True))

    def packed(things):
        out = _trees.filled(chosen, things)
        return out if isinstance(argnums, tuple | list) else out[0]

    value = _run(f, [inside.get(i, a) for i, a in enumerate(args)], kwargs)
    return value, leaves, recorded, packed


def _halved(value, has_aux, who):
    """(value, aux) of what a function returned that has aux beside its value, or has none."""
    if not has_aux:
        return value, None
    if not isinstance(value, tuple) or len(value) != 2:
        got = f"{len(value)} things" if isinstance(value, tuple) else type(value).__name__
        raise errors.ArgumentError(
            "with has_aux=True the function returns two things", op=who, got=got,
            expected="a pair (value, aux)", fix="return y, aux",
        )  # fmt: skip
    return value


# ---------------------------------------------------------------------- reverse mode
def value_and_grad(f, argnums=0, has_aux=False):
    """A function that gives (f(*args), gradient).

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element or a Scalar; with `has_aux` a pair of it and anything else.
    argnums : int or tuple of int
        By which arguments; a tuple gives a tuple of gradients. An argument is a Tensor of any
        shape, an array, a number, or containers of them.
    has_aux : bool
        The value is then f's pair.

    Returns
    -------
    callable
        Takes the arguments of f. A gradient has its argument's shape, or its containers and shapes.

    Raises
    ------
    ShapeError
        f returned more than one element.
    DTypeError
        f returned no Tensor, or an argument is not floating.
    IndexError
        No such argument.
    ArgumentError
        `has_aux`, and f returned no pair.

    Examples
    --------
    >>> import graddl as gd
    >>> y, g = gd.value_and_grad(lambda x: (x * x).sum())(gd.tensor([1.0, 2.0]))
    >>> y.item(), g.tolist()
    (5.0, [2.0, 4.0])
    >>> model = {"w": gd.tensor([1.0, 2.0]), "b": 0.5}
    >>> g = gd.grad(lambda p, x: (p["w"] * x + p["b"]).sum())(model, gd.tensor([3.0, 4.0]))
    >>> g["w"].tolist(), g["b"].item()
    ([3.0, 4.0], 2.0)
    """

    @wraps(f)
    def value_and_gradient(*args, **kwargs):
        value, leaves, recorded, packed = _open(f, args, kwargs, argnums, "grad")
        y, aux = _halved(value, has_aux, "grad")
        outs = _outputs(y, "grad")
        if outs[0] is not y or y.size != 1:
            got = f"{len(outs)} outputs" if outs[0] is not y else f"shape {y.shape}"
            raise errors.ShapeError(
                "a gradient is that of one number", op="grad", got=got, fix=".sum(), or gd.jacobian"
            )
        found = packed(_pull(outs, leaves, [None], recorded))
        y, aux = _leave((y, aux), recorded)
        return ((y, aux) if has_aux else y), found

    return value_and_gradient


def grad(f, argnums=0, has_aux=False):
    """A function that gives the gradient of f; with has_aux the pair (gradient, aux).

    Parameters and errors are those of :func:`value_and_grad`.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.grad(gd.grad(lambda x: x**3.0))(gd.tensor(2.0)).item()
    12.0
    """
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f)
    def gradient(*args, **kwargs):
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(f, *primals, has_aux=False):
    """(f(*primals), pull), where pull(g) gives the products of g with the Jacobians, as a tuple.

    Parameters
    ----------
    f : callable
        Returns a Tensor, a Scalar, or containers of them; with `has_aux` a pair of its value and
        anything else.
    *primals : Tensors of any shape, arrays, numbers, or containers of them
        The arguments of f.
    has_aux : bool
        Return three things, the third of them aux.

    Returns
    -------
    value : Tensor, Scalar or containers of them
    pull : callable
        Takes g, in the containers and shapes of the value; returns a tuple in those of the primals.
        It may be called again.

    Raises
    ------
    DTypeError
        f returned no Tensor, or an argument is not floating.
    ShapeError
        g does not fit.

    Examples
    --------
    >>> import graddl as gd
    >>> y, pull = gd.vjp(gd.sin, gd.tensor([0.0]))
    >>> pull([3.0])[0].tolist()
    [3.0]
    """
    everyone = tuple(range(len(primals)))
    value, leaves, recorded, packed = _open(f, primals, None, everyone, "vjp")
    value, aux = _halved(value, has_aux, "vjp")
    outs = _outputs(value, "vjp")

    def pull(g):
        seeds = _fitting(g, value, outs, "vjp")
        return packed(_pull(outs, leaves, seeds, recorded or _recorded(_trees.leaves(g))))

    shown = _leave(value, recorded)
    return (shown, pull, _leave(aux, recorded)) if has_aux else (shown, pull)


def hvp(f, primals, tangents):
    """The product of the Hessian of f at `primals` with `tangents`, by two reverse passes.

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element or a Scalar.
    primals, tangents : Tensors of any shape, arrays, numbers, or containers of them
        An argument of f, or a tuple of all; in equal containers, of equal shapes.

    Returns
    -------
    Tensor, Scalar or containers of them
        In the containers and shapes of the primals.

    Raises
    ------
    ShapeError
        A tangent does not fit, or f returned more than one element.
    DTypeError
        f returned no Tensor, or an argument is not floating.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.hvp(lambda x: (x**3.0).sum(), gd.tensor([1.0, 2.0]), gd.tensor([1.0, 0.0])).tolist()
    [6.0, 0.0]
    """
    (primals, tangents), several = _arguments(primals, tangents)
    recorded = _recorded(_trees.leaves((primals, tangents)))
    slope = grad(f, tuple(range(len(primals))))
    value, leaves, _, packed = _open(slope, primals, None, tuple(range(len(primals))), "hvp")
    found = packed(
        _pull(_trees.leaves(value), leaves, _fitting(tangents, primals, leaves, "hvp"), recorded)
    )
    return found if several else found[0]


def _arguments(primals, tangents):
    """Both as tuples with one thing for each argument, and whether they were that."""
    several = isinstance(primals, list) or type(primals) is tuple
    if not several:
        return ((primals,), (tangents,)), False
    return (tuple(primals), tuple(tangents) if isinstance(tangents, list) else tangents), True


# ---------------------------------------------------------------------- forward mode
def jvp(f, primals, tangents, has_aux=False):
    """(f(*primals), the product of its Jacobian with `tangents`), by forward mode.

    Parameters
    ----------
    f : callable
        Returns a Tensor, a Scalar, or containers of them; with `has_aux` a pair of its value and
        anything else.
    primals, tangents : tuple of Tensors of any shape, arrays, numbers, or containers of them
        One thing for each argument of f; in equal containers, of equal shapes.
    has_aux : bool
        Return three things, the third of them aux.

    Returns
    -------
    value, tangent : Tensor, Scalar or containers of them
        The tangent has the containers and shapes of the value.

    Raises
    ------
    ShapeError
        A tangent does not fit.
    DTypeError
        f returned no Tensor, or an argument is not floating.

    Examples
    --------
    >>> import graddl as gd
    >>> y, t = gd.jvp(gd.sin, (gd.tensor([0.0]),), (gd.tensor([2.0]),))
    >>> t.tolist()
    [2.0]
    """
    (primals, tangents), _ = _arguments(primals, tangents)
    recorded = _recorded(_trees.leaves((primals, tangents)))
    value, leaves, _, _ = _open(f, primals, None, tuple(range(len(primals))), "jvp")
    value, aux = _halved(value, has_aux, "jvp")
    ts = _fitting(tangents, primals, leaves, "jvp")
    pushed = _push(_outputs(value, "jvp"), leaves, ts, recorded)
    shown, out, aux = _leave((value, _trees.filled(value, pushed), aux), recorded)
    return (shown, out, aux) if has_aux else (shown, out)


def _push(outs, leaves, tangents, recorded):
    """Tangents of `outs`: those of `leaves` pushed along the recorded graph, oldest node first."""
    first = min([(x if isinstance(x, Scalar) else x.node).id for x in leaves], default=0)
    reached = [n for y in outs if _wants(y) for n in _backward.backward_order(y)]
    nodes = {n.id: n for n in reached if n.id >= first}
    pushed = {}  # id of a node -> the tangents of its outputs
    for x, t in zip(leaves, tangents, strict=True):
        pushed[(x if isinstance(x, Scalar) else x.node).id] = (t,)
    with modes.enable_grad() if recorded else modes.no_grad():
        for i in sorted(nodes):
            node = nodes[i]
            if i in pushed or node.op is None:
                continue
            ts = [pushed[p.id][k] if isinstance(p, Scalar | TensorNode) and p.id in pushed else None
                  for p, k in zip(node.inputs, node.input_outs, strict=True)]  # fmt: skip
            if any(t is not None for t in ts):
                pushed[i] = _step(node, ts)
        found = []
        for y in outs:
            node, k = (y, 0) if isinstance(y, Scalar) else (y.node, y.node_output)
            found.append(
                pushed[node.id][k] if node is not None and node.id in pushed else _zeros(y)
            )
    return found


def _step(node, ts):
    """The tangents of a node's outputs, from those of its inputs (None where an input has none)."""
    op = node.op
    there = [i for i, t in enumerate(ts) if t is not None]
    if node.is_scalar:
        ts = [Scalar(t) if isinstance(t, Tensor) else t for t in ts]
        return (_sum([_partial(node, _rule(op, i), i, ts[i]) for i in there]),)
    if op is _core.operators.from_scalar:
        out = xp.from_scalar(ts[0], dtype=node.dtype)
    elif op.kind == "elementwise":
        out = _sum([_partial(node, _rule(op, i), i, ts[i]) for i in there])
    elif op.kind == "linear":
        pairs = zip(ts, _shapes(node), strict=True)
        full = [xp.zeros(s, dtype=node.dtype) if t is None else t for t, s in pairs]
        out = _core.call(op, *full, **(node.params or {}))
    elif op.composition is not None:  # residuals are plain arrays: their own derivatives would be 0
        pairs = zip(node.recall()[0], ts, strict=True)
        xs = [x if t is None else _alias(x) for x, t in pairs]
        with modes.enable_grad():
            ys = op.composition(xp, *xs, **(node.params or {}))
        recorded = _core.current_mode().grad
        out = _push(_outputs(ys, op.name), [xs[i] for i in there], [ts[i] for i in there], recorded)
        out = out if op.several else out[0]
    elif not op.variadic and all(op.args[i] in op.info["jvp"] for i in there):
        out = _sum([_partial(node, op.info["jvp"][op.args[i]], i, ts[i]) for i in there])
    else:
        out = _twice_backward(node, ts, there)
    outs = out if op.several else (out,)
    return tuple(_fit(t, s, node.dtype) for t, s in zip(outs, node.shapes, strict=True))


def _rule(op, i):
    """The rule of the i-th input; the last one is that of all inputs of a variadic op."""
    return op.rules[min(i, len(op.rules) - 1)]


def _sum(parts):
    total = parts[0]
    for p in parts[1:]:
        total = total + p
    return total


def _fit(t, shape, dtype):
    """A tangent in its node's shape (a factor may have been constant along an axis) and dtype."""
    t = t if t.shape == shape else xp.broadcast_to(t, shape=shape)
    return t if t.dtype == dtype else xp.astype(t, dtype=dtype)


def _partial(node, rule, i, t):
    """What the tangent of the i-th input adds to that of the output."""
    if not callable(rule.fn):
        return t if rule.fn == 1 else t * rule.fn
    d = _call_rule(node, rule, i, t)
    return t * d if rule.times_g else d


def _shapes(node):
    """The shape of each input of a node."""
    places = zip(node.inputs, node.input_outs, strict=True)
    return tuple(p.shapes[k] if isinstance(p, Scalar | TensorNode) else () for p, k in places)


def _call_rule(node, rule, i, g):
    """A rule of the table on what a node saved, attached to the graph; g: what arrives."""
    op = node.op
    inputs, output, residuals = (node.inputs, node, ()) if node.is_scalar else node.recall()
    special = {READ_G: g, READ_Y: output, READ_I: i}
    values = []
    for code in rule.reads:
        if code <= READ_RESIDUAL:
            values.append(residuals[READ_RESIDUAL - code])
        elif code == READ_NEEDS:
            values.append(
                tuple(isinstance(p, Scalar | TensorNode) and p.requires_grad for p in node.inputs)
            )
        elif op.variadic and code == len(op.args) - 1:
            values.append(tuple(inputs[code:]))
        else:
            values.append(inputs[code] if code >= 0 else special[code])
    params = {**op.params, **(node.params or {})}
    keywords = {k: _shapes(node) if k == "shapes" else params[k] for k in rule.keywords}
    return rule.fn(scalar_namespace if node.is_scalar else xp, *values, **keywords)


def _twice_backward(node, ts, there):
    """The tangent by two reverse steps: u -> vjp(u) is linear, and its own vjp is the jvp."""
    op, recorded = node.op, _core.current_mode().grad
    us = [Tensor(np.zeros(s, node.dtype), requires_grad=True, copy=False) for s in node.shapes]
    u = tuple(us) if op.several else us[0]
    slopes, seeds = [], []
    token = linear_only.set(not recorded)
    with modes.enable_grad():
        try:
            found = _call_rule(node, op.joint, -1, u) if op.joint is not None else None
        finally:
            linear_only.reset(token)
        for i in there:
            gx = found[i] if found is not None else _partial(node, _rule(op, i), i, u)
            shape = np.broadcast_shapes(gx.shape, ts[i].shape)
            slopes.append(xp.broadcast_to(gx, shape=shape))
            seeds.append(xp.broadcast_to(ts[i], shape=shape))
    outs = _pull(slopes, us, seeds, recorded)
    return outs if op.several else outs[0]


# ---------------------------------------------------------------------- whole matrices
def jacobian(f, argnums=0, mode="auto", has_aux=False):
    """A function that gives the Jacobian of f, of shape (*output shape, *input shape).

    Parameters
    ----------
    f : callable
        Returns a Tensor, a Scalar, or containers of them; with `has_aux` a pair of its value and
        anything else.
    argnums : int or tuple of int
        By which arguments; a tuple gives, for each output, a tuple of Jacobians.
    mode : {"auto", "forward", "reverse"}
        "reverse" takes one pass for each output element, "forward" one for each input element,
        "auto" the fewer.
    has_aux : bool
        The result is then the pair (Jacobian, aux).

    Returns
    -------
    callable
        Takes the arguments of f. Gives the containers of f's value, and in the place of each output
        the containers of the arguments.

    Raises
    ------
    ArgumentError
        No such mode; or `has_aux`, and f returned no pair.
    DTypeError
        f returned no Tensor, or an argument is not floating.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.jacobian(lambda x: x * x)(gd.tensor([1.0, 2.0])).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    if mode not in ("auto", "forward", "reverse"):
        known = "'auto', 'forward' or 'reverse'"
        raise errors.ArgumentError(
            "unknown mode", op="jacobian", got=mode, expected=known, fix="'auto'"
        )

    @wraps(f)
    def matrix(*args, **kwargs):
        value, leaves, recorded, packed = _open(f, args, kwargs, argnums, "jacobian")
        value, aux = _halved(value, has_aux, "jacobian")
        outs = _outputs(value, "jacobian")
        forward = mode == "forward" or (
            mode == "auto" and sum(x.size for x in leaves) < sum(y.size for y in outs)
        )
        rows = (_columns if forward else _rows)(outs, leaves, recorded)
        found = _trees.filled(value, map(packed, rows))
        found, aux = _leave((found, aux), recorded)
        return (found, aux) if has_aux else found

    return matrix


def _basis(x):
    """The unit vectors of the shape of x."""
    for k in range(x.size):
        e = np.zeros(x.size, x.dtype)
        e[k] = 1
        yield (
            Scalar(1.0, requires_grad=False)
            if isinstance(x, Scalar)
            else Tensor(e.reshape(x.shape), copy=False)
        )


def _rows(outs, leaves, recorded):
    """Jacobians by reverse mode: for each output a tuple over the inputs."""
    found = []
    for y in outs:
        pulled = [_pull([y], leaves, [e], recorded) for e in _basis(y)]
        found.append(
            tuple(
                _assembled([p[j] for p in pulled], y.shape, x.shape, x)
                for j, x in enumerate(leaves)
            )
        )
    return found


def _columns(outs, leaves, recorded):
    """Jacobians by forward mode."""
    found: list[list] = [[] for _ in outs]
    for x in leaves:
        pushed = [_push(outs, [x], [e], recorded) for e in _basis(x)]
        for k, y in enumerate(outs):
            part = _assembled([p[k] for p in pushed], x.shape, y.shape, y)
            if part.ndim:
                nx, ny = len(x.shape), len(y.shape)
                part = xp.transpose(part, axes=(*range(nx, nx + ny), *range(nx)))
            found[k].append(part)
    return [tuple(row) for row in found]


def _assembled(parts, front, back, like):
    """Pieces of shape `back`, one for each element of `front`, as one; two Scalars: a Scalar."""
    if isinstance(like, Scalar) and front == () and isinstance(parts[0], Scalar):
        return parts[0]
    parts = [xp.from_scalar(p) if isinstance(p, Scalar) else p for p in parts]
    return (
        xp.reshape(xp.stack(parts), shape=(*front, *back))
        if parts
        else Tensor(np.zeros((*front, *back), like.dtype))
    )


def hessian(f, argnums=0, has_aux=False):
    """A function that gives the second derivatives of f, of shape (*input shape, *input shape).

    Parameters
    ----------
    f : callable
        Returns a Tensor of one element or a Scalar; with `has_aux` a pair of it and anything else.
    argnums : int or tuple of int
        By which arguments; a tuple gives a tuple of tuples.
    has_aux : bool
        The result is then the pair (Hessian, aux).

    Returns
    -------
    callable
        Takes the arguments of f. Gives the containers of the arguments, and in each place of them
        the containers of the arguments again.

    Raises
    ------
    ShapeError
        f returned more than one element.
    DTypeError
        f returned no Tensor, or an argument is not floating.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.hessian(lambda x: (x**3.0).sum())(gd.tensor([1.0, 2.0])).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    return jacobian(grad(f, argnums, has_aux), argnums, has_aux=has_aux)
