"""M: a ReLU network 784-256-128-10 with cross-entropy, one step of training with Adam."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .. import cases
from ..adam import Adam
from . import Case, Workload

SIZES = (784, 256, 128, 10)
LR = 1e-3
# These leave no input of a ReLU so near to zero that rounding decides which side it is on.
SEEDS = {64: 17, 1024: 63}


def data_of(batch: int):
    """Return the ``data`` function: x (batch, 784), classes y (batch,), weights and biases."""

    def data(shrink: int) -> dict:
        rng = np.random.default_rng(SEEDS[batch])
        parameters = {}
        for layer, (n, m) in enumerate(pairwise(SIZES)):
            bound = 1 / np.sqrt(n)
            parameters[f"{2 * layer}.weight"] = rng.uniform(-bound, bound, (m, n)).astype("float32")
            parameters[f"{2 * layer}.bias"] = rng.uniform(-bound, bound, m).astype("float32")
        x = rng.standard_normal((batch, SIZES[0])).astype("float32")
        return {"x": x, "y": rng.integers(SIZES[-1], size=batch), "parameters": parameters}

    return data


def backpropagate(parameters: dict, x, y):
    """Return the loss and the gradients, by hand."""
    inputs, h = [], x
    for layer in range(3):
        inputs.append(h)
        z = h @ parameters[f"{2 * layer}.weight"].T + parameters[f"{2 * layer}.bias"]
        h = np.maximum(z, 0)
    shifted = z - z.max(axis=1, keepdims=True)  # (N, 10)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    g = np.exp(log_p)
    g[rows, y] -= 1
    g /= len(y)
    grads = {}
    for layer in (2, 1, 0):
        grads[f"{2 * layer}.weight"] = g.T @ inputs[layer]
        grads[f"{2 * layer}.bias"] = g.sum(axis=0)
        g = (g @ parameters[f"{2 * layer}.weight"]) * (inputs[layer] > 0)
    return -log_p[rows, y].mean(), grads


def oracle(data: dict) -> dict[str, np.ndarray]:
    parameters = {name: a.astype("float64") for name, a in data["parameters"].items()}
    x, y = data["x"].astype("float64"), data["y"]
    first = backpropagate(parameters, x, y)[1]
    adam, losses = Adam(parameters, LR), []
    for _ in range(cases.STEPS):
        loss, grads = backpropagate(parameters, x, y)
        adam.step(grads)
        losses.append(loss)
    return {**first, "losses": np.array(losses)}


def network(nn):
    """Return the layers, of torch.nn or of gd.nn."""
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def torch_(data: dict) -> Case:
    import torch

    criterion = torch.nn.CrossEntropyLoss()
    model = network(torch.nn)
    return cases.with_modules(torch, data, model, lambda m, x, y: criterion(m(x), y), lr=LR)


def graddl_(data: dict) -> Case:
    import graddl as gd

    criterion = gd.nn.CrossEntropyLoss()
    model = network(gd.nn)
    return cases.with_modules(gd, data, model, lambda m, x, y: criterion(m(x), y), lr=LR)


def logits(p: dict, x, relu):
    """Run the layers in any library's operators."""
    h = relu(x @ p["0.weight"].T + p["0.bias"])
    h = relu(h @ p["2.weight"].T + p["2.bias"])
    return h @ p["4.weight"].T + p["4.bias"]


def jax_(data: dict) -> Case:
    import jax

    def loss(p, x, y):
        log_p = jax.nn.log_softmax(logits(p, x, jax.nn.relu))
        return -jax.numpy.take_along_axis(log_p, y[:, None], axis=1).mean()

    return cases.with_jax(data, loss, lr=LR)


def mygrad_(data: dict) -> Case:
    from mygrad.nnet import relu, softmax_crossentropy

    return cases.with_mygrad(
        data, lambda p, x, y: softmax_crossentropy(logits(p, x, relu), y), lr=LR
    )


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    def loss(p, x, y):
        z = logits(p, x, lambda h: anp.maximum(h, 0))
        return anp.mean(logsumexp(z, axis=1) - z[anp.arange(len(y)), y])

    return cases.with_autograd(data, loss, lr=LR)


WORKLOADS = tuple(
    Workload(
        name=name,
        about=f"MLP 784-256-128-10, batch {batch}, cross-entropy, Adam step (float32)",
        data=data_of(batch),
        oracle=oracle,
        setups={
            "torch": torch_,
            "jax": jax_,
            "mygrad": mygrad_,
            "autograd": autograd_,
            "graddl": graddl_,
        },
    )
    for name, batch in {"M1": 64, "M2": 1024}.items()
)
