"""Gradients against finite differences, and a guess at what is wrong with those that differ."""

import numpy as np

from . import _backward, _trees, errors, modes
from ._core import Tensor
from .autodiff import _outputs as checked
from .errors import GradientError


def gradcheck(f, inputs, *, order=1, eps=1e-3, rtol=1e-6, atol=1e-8, raise_exception=True):
    """Compare the gradients of f with central differences, in float64.

    The differences are extrapolated from steps eps and eps / 2, times max(1, abs x), so their error
    is of order eps**4. What is compared is the gradient of a randomly weighted sum of all outputs.

    Parameters
    ----------
    f : callable
        Takes the inputs, returns a Tensor or containers of Tensors of any shapes. It must not be
        random.
    inputs : Tensor, array, or sequence of these, of numbers or None, or of containers of them
        Floating Tensors and arrays of any shape are checked, as float64 copies; the rest is passed
        as it is.
    order : int
        1, or 2 to check also the gradients of the gradients (of the squared outputs, so that linear
        functions have some).
    eps : float
        The step.
    rtol, atol : float
        Allowed differences; rounding in f comes on top.
    raise_exception : bool
        Otherwise False is returned in case of a difference.

    Returns
    -------
    bool
        Whether all gradients agree.

    Raises
    ------
    GradientError
        A gradient differs. The error says where, with `got` and `expected` as numbers, and `fix`
        says which kind of mistake it looks like: a sign, a constant factor, a transpose, the
        incoming gradient forgotten, a sum over a broadcast axis left out, shares overwritten in
        place of added up, the share of one use lost, NaN, nothing at all.
    DTypeError
        No input is floating, or f returned something else than Tensors.
    ArgumentError
        No such order.

    Examples
    --------
    >>> import graddl as gd
    >>> x, y = gd.tensor([1.0, 2.0]), gd.tensor([0.5])
    >>> gd.gradcheck(lambda x, y: x * gd.tanh(y), [x, y], order=2)
    True
    """
    if order not in (1, 2):
        raise errors.ArgumentError(
            "no such order", op="gradcheck", got=order, expected="1 or 2", fix="order=1"
        )
    inputs = [inputs] if isinstance(inputs, Tensor | np.ndarray) else list(inputs)
    values = [_array(x) for x in _trees.leaves(inputs)]
    at = [i for i, x in enumerate(values) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    if not at:
        raise errors.DTypeError(
            "nothing to check", op="gradcheck", got=inputs, fix="a floating array"
        )

    def flat(*xs):
        return f(*_trees.filled(inputs, xs))

    checks = [(flat, "")] if order == 1 else [(flat, ""), (_slope(flat, at), "second-order ")]
    for function, kind in checks:
        with modes.enable_grad():
            wrong = _compare(function, values, at, eps, rtol, atol, bool(kind))
        if wrong:
            if not raise_exception:
                return False
            i, index, numeric, analytic, guess = wrong
            paths = [p for k, tree in enumerate(inputs) for p in _trees.paths(tree, str(k))]
            raise GradientError(
                f"{kind}gradient of input {paths[i]} differs at {index}: {analytic:.10g}, "
                f"by finite differences {numeric:.10g}",
                op="gradcheck", got=analytic, expected=numeric, fix=f"it looks like {guess}",
            )  # fmt: skip
    return True


def _array(x):
    """A floating Tensor or array as a float64 array; anything else as it is."""
    if not isinstance(x, Tensor | np.ndarray) or x.dtype.kind != "f":
        return x
    return np.asarray(x.numpy() if isinstance(x, Tensor) else x, dtype=np.float64)


def _outputs(f, xs):
    return checked(f(*xs), "gradcheck")


def _weights(shapes):
    """Random numbers of every output's shape, away from 0 and from each other's negatives; the same
    at each call."""
    rng = np.random.default_rng(7)
    return [rng.uniform(0.5, 1.5, s) * rng.choice([-1.0, 1.0], s) for s in shapes]


def _pull(outs, xs, weights, create_graph, on_visit=None):
    """Gradients of the weighted sum of the outputs; zeros where they do not depend on an input."""
    pairs = [(y, w) for y, w in zip(outs, weights, strict=True) if y.requires_grad]
    found = [None] * len(xs)
    if pairs:
        ys, ws = zip(*pairs, strict=True)
        found = _backward.gradients(ys, xs, ws, create_graph=create_graph, on_visit=on_visit)
    return [Tensor(np.zeros(x.shape)) if g is None else g for g, x in zip(found, xs, strict=True)]


def _slope(f, at):
    """The function whose gradients are f's second derivatives: the gradients of f's squared
    outputs."""

    def slope(*xs):
        full = list(xs)
        for i in at:
            full[i] = xs[i] if xs[i].requires_grad else xs[i].detach().requires_grad_()
        ts = [full[i] for i in at]
        squares = [y * y for y in _outputs(f, full)]
        return tuple(_pull(squares, ts, _weights([y.shape for y in squares]), True))

    return slope


def _compare(f, values, at, eps, rtol, atol, second):
    """The first difference as (input, index, numeric, analytic, guess), or None."""
    xs = [Tensor(x, requires_grad=True) if i in at else x for i, x in enumerate(values)]
    outs = _outputs(f, xs)
    weights = _weights([y.shape for y in outs])
    analytic = _pull(outs, [xs[i] for i in at], weights, False)
    flat = np.concatenate([w.ravel() for w in weights])
    size = max([np.max(np.abs(y.numpy()), initial=0.0) for y in outs], default=0.0)
    for i, g in zip(at, analytic, strict=True):
        jacobian, steps = _differences(f, xs, values[i], i, eps, flat.size)
        numeric, found = flat @ jacobian, g.numpy().ravel()
        rounding = 64 * np.finfo(float).eps * size * max(1, flat.size) / steps
        allowed = atol + rtol * np.maximum(np.abs(numeric), np.abs(found)) + rounding
        bad = ~(np.abs(numeric - found) <= allowed)  # a NaN is bad
        if bad.any():
            k = int(np.argmax(bad))
            shape = values[i].shape
            uses = [] if second else _uses(outs, xs[i], weights)
            guess = _guess(numeric.reshape(shape), found.reshape(shape), jacobian, outs, flat, uses)
            return (
                i,
                tuple(map(int, np.unravel_index(k, shape))),
                float(numeric[k]),
                float(found[k]),
                guess,
            )
    return None


def _differences(f, xs, x, i, eps, outputs):
    """The Jacobian of all outputs by elements of input i, (outputs, elements), and the steps that
    were taken."""
    rest = [t.detach() if isinstance(t, Tensor) else t for t in xs]
    steps = eps * np.fmax(1, np.abs(x.ravel()))
    jacobian = np.empty((outputs, x.size))

    def at(k, step):
        moved = x.copy()
        moved.reshape(-1)[k] += step
        ys = _outputs(f, [*rest[:i], Tensor(moved), *rest[i + 1 :]])
        return np.concatenate([y.numpy().ravel() for y in ys])

    for k, h in enumerate(steps):
        wide, narrow = ((at(k, s) - at(k, -s)) / (2 * s) for s in (h, h / 2))
        jacobian[:, k] = (4 * narrow - wide) / 3  # the errors of order h**2 cancel
    return jacobian, steps


# ---------------------------------------------------------------------- what it looks like
def _same(a, b):
    """Whether two gradients agree, as far as finite differences tell."""
    return 0 < a.size == b.size and np.allclose(a.ravel(), b.ravel(), rtol=1e-4, atol=1e-7)


def _guess(numeric, found, jacobian, outs, weights, uses):
    """A name for the difference between a right gradient and the one that was found.

    numeric, found : the gradients. jacobian : of all outputs by this input, (outputs, elements).
    weights : what the outputs were weighted with, (outputs,). uses : see `_uses`.
    """
    if not np.isfinite(found).all():
        return (
            "NaN or infinity in a rule: a division by 0, or a branch of where() that is not taken"
        )
    if not found.any():
        return "no gradient at all: a value left the graph, or a rule gives 0"
    if _same(found, -numeric):
        return "a sign: the gradient has to be negated"
    if _same(found, np.sum(jacobian, axis=0)):
        return "the incoming gradient g forgotten: the rule returns the derivative alone"
    if found.ndim > 1 and _same(found, np.swapaxes(numeric, -1, -2)):
        return "a transpose: the last two axes have to be exchanged"
    lost = [place for place, some in uses if not some]
    if lost and len(lost) < len(uses):
        return (
            f"a gradient overwritten instead of accumulated: of {len(uses)} uses of this input, "
            f"that as {lost[0]} gets nothing"
        )
    shares = weights[:, None] * jacobian  # of each output element in each element of the gradient
    guess = _left_out(shares, found, outs) or _overwritten(shares, found)
    if guess is not None:
        return guess
    ratio = np.vdot(numeric, found) / max(np.vdot(numeric, numeric), 1e-300)
    if ratio and _same(found / ratio, numeric):
        return f"a constant factor: {ratio:.6g} times the right gradient"
    return "another formula"


def _uses(outs, x, weights):
    """[(which input of which op, whether it gets a gradient), ...] for every use of an input."""
    found = []

    def visit(node, g, gs):
        for i, (p, gx) in enumerate(zip(node.inputs, gs or (), strict=False)):
            if p is x.node:
                word = node.op.args[min(i, len(node.op.args) - 1)]
                found.append((f"{word!r} of {node.op.name}", np.any(gx)))

    _pull(outs, [x], weights, False, visit)
    return found


def _left_out(shares, found, outs):
    """A sum over an axis of the output is missing: the gradient is what one index there gives."""
    if len(outs) > 1 or outs[0].size <= found.size:
        return None
    shape = outs[0].shape
    for axis, n in enumerate(shape):
        along = np.moveaxis(shares.reshape(*shape, -1), axis, 0)
        for k in range(n):
            if n > 1 and _same(found, along[k].reshape(-1, found.size).sum(axis=0)):
                return f"a gradient not summed over the broadcast axis {axis}: element {k} alone"
    return None


def _overwritten(shares, found):
    """Elements of the gradient hold one share where several have to be added.

    That is the trace of `out[index] = g` where the index names an element twice: each element is
    right, or it is exactly what one of the output elements that it went into gives.
    """
    shape, found, total = found.shape, found.ravel(), shares.sum(axis=0)
    wrong = np.flatnonzero(~np.isclose(found, total, rtol=1e-4, atol=1e-7))
    there = np.abs(shares) > 1e-6 * np.max(np.abs(shares), initial=0.0)  # more than rounding
    parts = [shares[there[:, k], k] for k in wrong]
    one = [any(_same(found[k], p) for p in part) for k, part in zip(wrong, parts, strict=True)]
    if not one or not all(one) or min(map(len, parts)) < 2:
        return None
    index = tuple(map(int, np.unravel_index(wrong[0], shape)))
    return (
        f"a gradient overwritten instead of accumulated: element {index} holds one of its "
        f"{len(parts[0])} shares (add them up, as np.add.at does)"
    )
