"""TC: a chain of 10^6 operations on tensors of shape (8,): forward, backward, free.

A turn is ``* a, + b, * (1 / a), - b / a`` with powers of two, so it is the identity without any
rounding; the chain stops half-way through a turn, which leaves the gradient `a`.
"""

from __future__ import annotations

import numpy as np

from . import Case, Workload


def data(shrink: int) -> dict:
    a = np.array([0.25, 0.5, 1, 2, -0.25, -0.5, -1, -2], dtype="float32")
    b = np.array([1, -0.5, 0.25, 2, -2, -1, 0.5, 4], dtype="float32")
    x = np.arange(1, 9, dtype="float32")
    return {"x": x, "a": a, "b": b, "c": 1 / a, "d": -b / a, "turns": 250_000 // shrink - 1}


def oracle(data: dict) -> dict[str, np.ndarray]:
    x, a, b = (data[name].astype("float64") for name in "xab")
    return {"x": a, "loss": np.sum(x * a + b)}


def chain(x, a, b, c, d, turns: int):
    """Run four operations a turn, two more and the sum."""
    h = x
    for _ in range(turns):
        h = h * a
        h = h + b
        h = h * c
        h = h + d
    return (h * a + b).sum()


def torch_(data: dict) -> Case:
    import torch

    x = torch.from_numpy(data["x"]).requires_grad_()
    constants = [torch.from_numpy(data[name]) for name in "abcd"]

    def step():
        x.grad = None
        loss = chain(x, *constants, data["turns"])
        loss.backward()
        return loss.detach()

    return Case(step, lambda: {"loss": step().numpy(), "x": x.grad.numpy()})


def mygrad_(data: dict) -> Case:
    import mygrad as mg

    x = mg.tensor(data["x"])
    constants = [mg.tensor(data[name], constant=True) for name in "abcd"]

    def step():
        loss = chain(x, *constants, data["turns"])
        loss.backward()
        return loss.data

    return Case(step, lambda: {"loss": step(), "x": x.grad})


def autograd_(data: dict) -> Case:
    from autograd import value_and_grad

    f = value_and_grad(lambda x: chain(x, *(data[name] for name in "abcd"), data["turns"]))

    def gradients():
        loss, gx = f(data["x"])
        return {"loss": np.asarray(loss), "x": gx}

    return Case(lambda: f(data["x"]), gradients)


def graddl_(data: dict) -> Case:
    import graddl as gd

    x = gd.tensor(data["x"], requires_grad=True)
    constants = [gd.tensor(data[name]) for name in "abcd"]

    def step():
        x.grad = None
        loss = chain(x, *constants, data["turns"])
        loss.backward()
        return loss.detach()

    return Case(step, lambda: {"loss": step().numpy(), "x": x.grad.numpy()})


WORKLOADS = (
    Workload(
        name="TC",
        about="chain of 1 000 000 operations on (8,), forward, backward, free (float32)",
        data=data,
        oracle=oracle,
        setups={"torch": torch_, "mygrad": mygrad_, "autograd": autograd_, "graddl": graddl_},
        shrink={"torch": 10, "mygrad": 10, "autograd": 10},
    ),
)
