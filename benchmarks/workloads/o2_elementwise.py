"""O2: 1000 elementwise operations on (1000,): 250 turns of ``h = tanh(h * a + b) + x``, then sum.

`a` is just below one and `b`, `x` are small, so the gradient neither explodes nor falls into
denormal numbers (which would measure the processor's slow path, and XLA flushes them to zero).
"""

from __future__ import annotations

import numpy as np

from . import Case, Workload

NAMES = ("x", "a", "b")
TURNS = 250


def data(shrink: int) -> dict:
    rng = np.random.default_rng(0)
    a = rng.uniform(0.98, 1.0, 1000)
    b, x = 0.005 * rng.standard_normal((2, 1000))
    return {"x": x.astype("float32"), "a": a.astype("float32"), "b": b.astype("float32")}


def oracle(data: dict) -> dict[str, np.ndarray]:
    x, a, b = (data[name].astype("float64") for name in NAMES)
    hs, ts = [x], []
    for _ in range(TURNS):
        ts.append(np.tanh(hs[-1] * a + b))
        hs.append(ts[-1] + x)
    g = np.ones_like(x)
    gx, ga, gb = np.zeros((3, 1000))
    for h, t in zip(hs[-2::-1], ts[::-1], strict=True):
        gx += g
        gz = g * (1 - t * t)
        ga += gz * h
        gb += gz
        g = gz * a
    return {"x": gx + g, "a": ga, "b": gb}


def program(x, a, b, tanh):
    """Run the turns in any library's operators."""
    h = x
    for _ in range(TURNS):
        h = tanh(h * a + b) + x
    return h.sum()


def torch_(data: dict) -> Case:
    import torch

    x, a, b = (torch.from_numpy(data[name]).requires_grad_() for name in NAMES)

    def step():
        x.grad = a.grad = b.grad = None
        program(x, a, b, torch.tanh).backward()

    def gradients():
        step()
        return {"x": x.grad.numpy(), "a": a.grad.numpy(), "b": b.grad.numpy()}

    return Case(step, gradients)


def jax_(data: dict) -> Case:
    import jax
    import jax.numpy as jnp

    f = jax.jit(jax.value_and_grad(lambda x, a, b: program(x, a, b, jnp.tanh), (0, 1, 2)))
    args = [jnp.asarray(data[name]) for name in NAMES]

    def gradients():
        return {n: np.asarray(g) for n, g in zip(NAMES, f(*args)[1], strict=True)}

    return Case(lambda: jax.block_until_ready(f(*args)), gradients)


def mygrad_(data: dict) -> Case:
    import mygrad as mg

    x, a, b = (mg.tensor(data[name]) for name in NAMES)

    def step():
        program(x, a, b, mg.tanh).backward()  # the next forward pass clears the gradients itself

    def gradients():
        step()
        return {"x": x.grad, "a": a.grad, "b": b.grad}

    return Case(step, gradients)


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp
    from autograd import value_and_grad

    f = value_and_grad(lambda x, a, b: program(x, a, b, anp.tanh), argnum=(0, 1, 2))
    args = [data[name] for name in NAMES]

    def gradients():
        return dict(zip(NAMES, f(*args)[1], strict=True))

    return Case(lambda: f(*args), gradients)


def graddl_(data: dict) -> Case:
    import graddl as gd

    x, a, b = (gd.tensor(data[name], requires_grad=True) for name in NAMES)

    def step():
        x.grad = a.grad = b.grad = None
        program(x, a, b, gd.tanh).backward()

    def gradients():
        step()
        return {"x": x.grad.numpy(), "a": a.grad.numpy(), "b": b.grad.numpy()}

    return Case(step, gradients)


WORKLOADS = (
    Workload(
        name="O2",
        about="1000 elementwise operations on (1000,), forward and backward (float32)",
        data=data,
        oracle=oracle,
        setups={
            "torch": torch_,
            "jax": jax_,
            "mygrad": mygrad_,
            "autograd": autograd_,
            "graddl": graddl_,
        },
    ),
)
