"""O1: ``relu(x * w + b).sum()`` with three gradients, from overhead-bound to memory-bound."""

from __future__ import annotations

import numpy as np

from . import Case, Workload

NAMES = ("x", "w", "b")


def data_of(shape: tuple[int, ...]):
    """Return the ``data`` function for float32 x, w and b of `shape`."""

    def data(shrink: int) -> dict:
        rng = np.random.default_rng(0)
        x, w, b = (rng.standard_normal(shape).astype("float32") for _ in NAMES)
        # Away from the kink: rounding must not decide which side of zero a number is on.
        b += np.float32(0.1) * np.sign(x * w + b)
        return {"x": x, "w": w, "b": b}

    return data


def oracle(data: dict) -> dict[str, np.ndarray]:
    x, w, b = (data[name].astype("float64") for name in NAMES)
    on = (x * w + b > 0).astype("float64")
    return {"x": on * w, "w": on * x, "b": on}


def torch_(data: dict) -> Case:
    import torch

    x, w, b = (torch.from_numpy(data[name]).requires_grad_() for name in NAMES)

    def step():
        x.grad = w.grad = b.grad = None
        torch.relu(x * w + b).sum().backward()

    def gradients():
        step()
        return {"x": x.grad.numpy(), "w": w.grad.numpy(), "b": b.grad.numpy()}

    return Case(step, gradients)


def jax_(data: dict) -> Case:
    import jax

    f = jax.jit(jax.value_and_grad(lambda x, w, b: jax.nn.relu(x * w + b).sum(), (0, 1, 2)))
    args = [jax.numpy.asarray(data[name]) for name in NAMES]

    def gradients():
        return {n: np.asarray(g) for n, g in zip(NAMES, f(*args)[1], strict=True)}

    return Case(lambda: jax.block_until_ready(f(*args)), gradients)


def mygrad_(data: dict) -> Case:
    import mygrad as mg
    from mygrad.nnet import relu

    x, w, b = (mg.tensor(data[name]) for name in NAMES)

    def step():
        relu(x * w + b).sum().backward()  # the next forward pass clears the gradients itself

    def gradients():
        step()
        return {"x": x.grad, "w": w.grad, "b": b.grad}

    return Case(step, gradients)


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp
    from autograd import value_and_grad

    f = value_and_grad(lambda x, w, b: anp.sum(anp.maximum(x * w + b, 0)), argnum=(0, 1, 2))
    args = [data[name] for name in NAMES]

    def gradients():
        return dict(zip(NAMES, f(*args)[1], strict=True))

    return Case(lambda: f(*args), gradients)


def graddl_(data: dict) -> Case:
    import graddl as gd

    x, w, b = (gd.tensor(data[name], requires_grad=True) for name in NAMES)

    def step():
        x.grad = w.grad = b.grad = None
        gd.relu(x * w + b).sum().backward()

    def gradients():
        step()
        return {"x": x.grad.numpy(), "w": w.grad.numpy(), "b": b.grad.numpy()}

    return Case(step, gradients)


SHAPES = {"O1a": (8,), "O1b": (64, 64), "O1c": (1024, 1024)}

WORKLOADS = tuple(
    Workload(
        name=name,
        about=f"relu(x * w + b).sum() on {shape}, forward and backward (float32)",
        data=data_of(shape),
        oracle=oracle,
        setups={
            "torch": torch_,
            "jax": jax_,
            "mygrad": mygrad_,
            "autograd": autograd_,
            "graddl": graddl_,
        },
    )
    for name, shape in SHAPES.items()
)
