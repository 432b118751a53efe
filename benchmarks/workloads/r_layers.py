"""R1, R3: an LSTM and a GRU over 100 steps, 64 inputs to 128 units, forward and backward.

The loss is a weighted sum of the states; the gradient of x is asked for, too, as in a network. The
gradients are compared with PyTorch's in float64. JAX's users scan, MyGrad's and autograd's write
the loop over time; these two get x as a list of steps, because slices of one array would each
cost them a gradient of the whole array.
"""

from __future__ import annotations

import numpy as np

from .. import cases
from . import Case, Workload

STEPS, BATCH, INPUTS, UNITS = 100, 32, 64, 128


def data_of(gates: int):
    """Return the ``data`` function of a layer with so many gates."""

    def data(shrink: int) -> dict:
        rng = np.random.default_rng(0)
        bound, rows = 1 / np.sqrt(UNITS), gates * UNITS
        shapes = {
            "weight_ih_l0": (rows, INPUTS),
            "weight_hh_l0": (rows, UNITS),
            "bias_ih_l0": (rows,),
            "bias_hh_l0": (rows,),
        }
        parameters = {
            name: rng.uniform(-bound, bound, shape).astype("float32")
            for name, shape in shapes.items()
        }
        x = rng.standard_normal((STEPS, BATCH, INPUTS)).astype("float32")
        y = rng.standard_normal((STEPS, BATCH, UNITS)).astype("float32")
        return {"x": x, "y": y, "parameters": parameters}

    return data


def weighted(model, x, y):
    states, _ = model(x)
    return (states * y).sum()


def of_torch(layer: str):
    def setup(data: dict) -> Case:
        import torch

        model = getattr(torch.nn, layer)(INPUTS, UNITS)
        return cases.with_modules(torch, data, model, weighted, wants_x=True)

    return setup


def of_graddl(layer: str):
    def setup(data: dict) -> Case:
        import graddl as gd

        model = getattr(gd.nn, layer)(INPUTS, UNITS)
        return cases.with_modules(gd, data, model, weighted, wants_x=True)

    return setup


def blocks(z, n: int):
    """Return the n gates of z (B, n UNITS)."""
    return [z[:, k * UNITS : (k + 1) * UNITS] for k in range(n)]


def lstm(p: dict, zx, state, sigmoid, tanh):
    """Return the next state from W_ih x + b_ih and the state before, in any library's operators."""
    h, c = state
    i, f, g, o = blocks(zx + h @ p["weight_hh_l0"].T + p["bias_hh_l0"], 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(c), c


def gru(p: dict, zx, state, sigmoid, tanh):
    """As `lstm`."""
    (h,) = state
    xr, xz, xn = blocks(zx, 3)
    hr, hz, hn = blocks(h @ p["weight_hh_l0"].T + p["bias_hh_l0"], 3)
    z = sigmoid(xz + hz)
    n = tanh(xn + sigmoid(xr + hr) * hn)
    return (n + z * (h - n),)


def start(parts: int):
    return (np.zeros((BATCH, UNITS), "float32"),) * parts


def unrolled(cell, parts: int, p: dict, x: list, sigmoid, tanh) -> list:
    """Return the output after each step, by a loop in Python."""
    state, found = start(parts), []
    for a in x:
        zx = a @ p["weight_ih_l0"].T + p["bias_ih_l0"]
        state = cell(p, zx, state, sigmoid, tanh)
        found.append(state[0])
    return found


def of_jax(cell, parts: int):
    def setup(data: dict) -> Case:
        import jax

        def loss(p, x, y):
            def step(state, zx):
                state = cell(p, zx, state, jax.nn.sigmoid, jax.numpy.tanh)
                return state, state[0]

            zx = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]  # of all steps at once
            return (jax.lax.scan(step, start(parts), zx)[1] * y).sum()

        return cases.with_jax(data, loss, wants_x=True)

    return setup


def of_mygrad(cell, parts: int):
    def setup(data: dict) -> Case:
        import mygrad as mg
        from mygrad.nnet import sigmoid

        def loss(p, x, y):
            return (mg.stack(unrolled(cell, parts, p, x, sigmoid, mg.tanh)) * y).sum()

        return cases.with_mygrad({**data, "x": list(data["x"])}, loss, wants_x=True)

    return setup


def of_autograd(cell, parts: int):
    def setup(data: dict) -> Case:
        import autograd.numpy as anp

        def sigmoid(z):
            return 0.5 * (anp.tanh(0.5 * z) + 1)

        def loss(p, x, y):
            return anp.sum(anp.stack(unrolled(cell, parts, p, x, sigmoid, anp.tanh)) * y)

        return cases.with_autograd({**data, "x": list(data["x"])}, loss, wants_x=True)

    return setup


LAYERS = {"R1": ("LSTM", lstm, 2, 4), "R3": ("GRU", gru, 1, 3)}

WORKLOADS = tuple(
    Workload(
        name=name,
        about=f"{layer}, 100 steps, batch 32, 64 -> 128, forward and backward (float32)",
        data=data_of(gates),
        oracle="torch",
        setups={
            "torch": of_torch(layer),
            "jax": of_jax(cell, parts),
            "mygrad": of_mygrad(cell, parts),
            "autograd": of_autograd(cell, parts),
            "graddl": of_graddl(layer),
        },
    )
    for name, (layer, cell, parts, gates) in LAYERS.items()
)
