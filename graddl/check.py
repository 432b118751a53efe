"""Gradients against finite differences, and a guess at what is wrong with those that differ."""

import numpy as np

from . import _backward, errors, modes
from ._core import Tensor
from .errors import GradientError


def gradcheck(f, inputs, *, order=1, eps=1e-3, rtol=1e-6, atol=1e-8, raise_exception=True):
    """Compare the gradients of f with central differences, in float64.

    The differences are extrapolated from steps eps and eps / 2, times max(1, abs x), so their error
    is of order eps**4. What is compared is the gradient of a randomly weighted sum of all outputs.

    Parameters
    ----------
    f : callable of the inputs that returns a Tensor or a tuple of Tensors; it must not be random.
    inputs : sequence of Tensors, arrays, numbers or None. Floating Tensors and arrays are checked,
        as float64 copies; the rest is passed as it is.
    order : 1, or 2 to check also the gradients of the gradients (of the squared outputs, so that
        linear functions have some).
    eps : float. The step. rtol, atol : floats. Allowed differences; rounding in f comes on top.
    raise_exception : bool. Otherwise False is returned in case of a difference.

    Returns
    -------
    bool: whether all gradients agree.

    Raises
    ------
    GradientError: a gradient differs; it says where, and which kind of mistake it looks like.

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
    values = list(inputs)
    at = [
        i
        for i, x in enumerate(values)
        if isinstance(x, Tensor | np.ndarray) and x.dtype.kind == "f"
    ]
    for i in at:
        values[i] = np.asarray(
            values[i].numpy() if isinstance(values[i], Tensor) else values[i], dtype=np.float64
        )
    if not at:
        raise errors.DTypeError(
            "nothing to check", op="gradcheck", got=inputs, fix="a floating array"
        )
    checks = [(f, "")] if order == 1 else [(f, ""), (_slope(f, at), "second-order ")]
    for function, kind in checks:
        with modes.enable_grad():
            wrong = _compare(function, values, at, eps, rtol, atol)
        if wrong:
            if not raise_exception:
                return False
            i, index, numeric, analytic, guess = wrong
            raise GradientError(
                f"{kind}gradient of input {i} differs at {index}: {analytic:.10g}, "
                f"by finite differences {numeric:.10g}",
                op="gradcheck", got=analytic, expected=numeric, fix=f"it looks like {guess}",
            )  # fmt: skip
    return True


def _outputs(f, xs):
    y = f(*xs)
    return list(y) if isinstance(y, tuple | list) else [y]


def _weights(shapes):
    """Random numbers of every output's shape, away from 0 and from each other's negatives; the same
    at each call."""
    rng = np.random.default_rng(7)
    return [rng.uniform(0.5, 1.5, s) * rng.choice([-1.0, 1.0], s) for s in shapes]


def _pull(outs, xs, weights, create_graph):
    """Gradients of the weighted sum of the outputs; zeros where they do not depend on an input."""
    pairs = [(y, w) for y, w in zip(outs, weights, strict=True) if y.requires_grad]
    found = [None] * len(xs)
    if pairs:
        found = _backward.gradients(
            [y for y, _ in pairs], xs, [w for _, w in pairs], create_graph=create_graph
        )
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


def _compare(f, values, at, eps, rtol, atol):
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
            guess = _guess(numeric.reshape(shape), found.reshape(shape), jacobian, outs, flat)
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
    steps = eps * np.maximum(1, np.abs(x.ravel()))
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
def _guess(numeric, found, jacobian, outs, weights):
    """A name for the difference between a right gradient and the one that was found."""

    def same(a, b):
        return (
            a.size > 0
            and a.size == b.size
            and np.allclose(a.ravel(), b.ravel(), rtol=1e-4, atol=1e-7)
        )

    if not np.isfinite(found).all():
        return (
            "NaN or infinity in a rule: a division by 0, or a branch of where() that is not taken"
        )
    if not found.any():
        return "no gradient at all: a value left the graph, or a rule gives 0"
    if same(found, -numeric):
        return "a sign: the gradient has to be negated"
    if same(found, np.sum(jacobian, axis=0)):
        return "the incoming gradient g forgotten: the rule returns the derivative alone"
    if found.ndim > 1 and same(found, np.swapaxes(numeric, -1, -2)):
        return "a transpose: the last two axes have to be exchanged"
    for axis in range(outs[0].ndim if len(outs) == 1 and outs[0].size > found.size else 0):
        n = outs[0].shape[axis]
        for k in range(n):
            part = np.zeros(n)
            part[k] = 1
            mask = np.broadcast_to(
                part.reshape((-1,) + (1,) * (outs[0].ndim - axis - 1)), outs[0].shape
            )
            if n > 1 and same(found, (weights * mask.ravel()) @ jacobian):
                return f"a gradient not summed over the broadcast axis {axis}: element {k} alone"
    ratio = np.vdot(numeric, found) / max(np.vdot(numeric, numeric), 1e-300)
    if ratio and same(found / ratio, numeric):
        return f"a constant factor: {ratio:.6g} times the right gradient"
    return "another formula"
