"""Cases of workloads that have a model: its loss and gradients, or a step of training with Adam.

``data`` has the input "x", what the loss compares or multiplies with it, "y", and the "parameters"
by name. Each library computes ``loss(...)``, a scalar, as its users write it; around that the
cases are alike. Their options:

- `wants_x`: whether the gradient of x is asked for too, as inside of a larger network.
- `lr`: given, the case is a step of training, and losses of its first steps are checked, too.
- `max_norm`: to which the gradients are scaled down together before a step.
"""

from __future__ import annotations

from itertools import repeat

import numpy as np

from .adam import BETAS, EPS, TINY, Adam, clipped
from .workloads import Case

STEPS = 5  # whose losses are checked


def checked(read, step, lr):
    """Return `gradients` of a case: those that `read` returns, and the losses if it trains."""

    def gradients():
        found = {name: np.array(g) for name, g in read().items()}
        if lr is not None:
            dtype = next(iter(found.values())).dtype
            found["losses"] = np.array([float(step()) for _ in repeat(None, STEPS)], dtype)
        return found

    return gradients


def with_modules(lib, data, model, loss, *, wants_x=False, lr=None, max_norm=None) -> Case:
    """Make the case of torch or graddl, which run the very same Python.

    Parameters
    ----------
    lib : module
        torch or graddl.
    data : dict
    model : Module of lib.nn
        Takes over the parameters by their names.
    loss : callable
        ``loss(model, x, y)``.
    """
    x, y = lib.asarray(data["x"]), lib.asarray(data["y"])
    arrays = data["parameters"]
    if next(iter(arrays.values())).dtype == "float64":
        model.double()
    model.load_state_dict({n: lib.asarray(a) for n, a in arrays.items()}, strict=False)
    parameters = list(model.parameters())
    if wants_x:
        x.requires_grad_()
    optimizer = None if lr is None else lib.optim.Adam(parameters, lr=lr)
    # The function stands at another place in each of the two.
    clip = getattr(lib.optim, "clip_grad_norm_", None) or lib.nn.utils.clip_grad_norm_

    def backward():
        (optimizer or model).zero_grad()
        x.grad = None
        value = loss(model, x, y)
        value.backward()
        if max_norm is not None:
            clip(parameters, max_norm)
        return value

    def train():
        value = backward()
        optimizer.step()
        return value.detach()

    def read():
        backward()
        found = {n: p.grad.numpy() for n, p in model.named_parameters()}
        return {**found, "x": x.grad.numpy()} if wants_x else found

    step = backward if lr is None else train
    return Case(step, checked(read, step, lr))


def with_jax(data, loss, *, wants_x=False, lr=None, max_norm=None) -> Case:
    """Make the case of JAX, all of an iteration under one jit; ``loss(parameters, x, y)``."""
    import jax
    import jax.numpy as jnp

    state = jax.tree.map(jnp.asarray, data["parameters"])
    x, y = jnp.asarray(data["x"]), jnp.asarray(data["y"])

    def gradients(state, x, y):
        value, grads = jax.value_and_grad(loss, argnums=(0, 1) if wants_x else 0)(state, x, y)
        if max_norm is not None:
            norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in grads.values()))
            factor = jnp.minimum(1.0, max_norm / (norm + TINY))
            grads = jax.tree.map(lambda g: g * factor, grads)
        return value, grads

    backward = jax.jit(gradients)

    def adam(moments, state, x, y):
        (b1, b2), (t, m, v) = BETAS, moments
        value, grads = gradients(state, x, y)
        t = t + 1
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, grads)
        rate, root = lr / (1 - b1**t), jnp.sqrt(1 - b2**t)
        state = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + EPS), state, m, v)
        return (t, m, v), state, value

    update = jax.jit(adam, donate_argnums=(0, 1))
    zeros = [jax.tree.map(jnp.zeros_like, state) for _ in "mv"]
    moments = (jnp.zeros((), "int32"), *zeros)

    def train():
        nonlocal moments, state
        moments, state, value = update(moments, state, x, y)
        return jax.block_until_ready(value)

    def read():
        grads = backward(state, x, y)[1]
        return {**grads[0], "x": grads[1]} if wants_x else grads

    step = train if lr is not None else lambda: jax.block_until_ready(backward(state, x, y))
    return Case(step, checked(read, step, lr))


def with_mygrad(data, loss, *, wants_x=False, lr=None, max_norm=None) -> Case:
    """Make the case of MyGrad; ``loss(parameters, x, y)`` of tensors, x a list if data has one."""
    import mygrad as mg

    tensors = {n: mg.tensor(a) for n, a in data["parameters"].items()}
    x, y = data["x"], data["y"]
    if wants_x:
        x = [mg.tensor(a) for a in x] if isinstance(x, list) else mg.tensor(x)
    adam = Adam({n: t.data for n, t in tensors.items()}, lr)

    def backward():
        value = loss(tensors, x, y)
        value.backward()  # the next forward pass clears the gradients itself
        return value.data

    def grads():
        return clipped({n: t.grad for n, t in tensors.items()}, max_norm)

    def train():
        value = backward()
        adam.step(grads())
        return value

    def read():
        backward()
        found = grads()
        if wants_x:
            found["x"] = [a.grad for a in x] if isinstance(x, list) else x.grad
        return found

    step = backward if lr is None else train
    return Case(step, checked(read, step, lr))


def with_autograd(data, loss, *, wants_x=False, lr=None, max_norm=None) -> Case:
    """Make the case of autograd; ``loss(parameters, x, y)``, x a list if data has one."""
    from autograd import value_and_grad

    state, x, y = data["parameters"], data["x"], data["y"]
    backward = value_and_grad(loss, argnum=(0, 1) if wants_x else 0)
    adam = Adam(state, lr)

    def train():
        value, grads = backward(state, x, y)
        adam.step(clipped(grads, max_norm))
        return value

    def read():
        grads = backward(state, x, y)[1]
        return {**grads[0], "x": grads[1]} if wants_x else clipped(grads, max_norm)

    step = train if lr is not None else lambda: backward(state, x, y)
    return Case(step, checked(read, step, lr))
