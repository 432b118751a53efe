"""C1: LeNet, two 5x5 convolutions and three linear layers on 28x28 images, a step with Adam.

Convolutions, ReLU, 2x2 maxima; 6 and 16 kernels; 400-120-84-10. The gradients are compared with
PyTorch's in float64.
"""

from __future__ import annotations

import numpy as np

from .. import cases
from ..autograd_conv import correlate
from . import Case, Workload

BATCH, LR = 64, 1e-3
SHAPES = {
    "0.weight": (6, 1, 5, 5),
    "3.weight": (16, 6, 5, 5),
    "7.weight": (120, 400),
    "9.weight": (84, 120),
    "11.weight": (10, 84),
}
SEED = 96  # leaves no input of a ReLU so near to zero that rounding decides which side it is on


def data(shrink: int) -> dict:
    rng = np.random.default_rng(SEED)
    parameters = {}
    for name, shape in SHAPES.items():
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        parameters[name] = rng.uniform(-bound, bound, shape).astype("float32")
        bias = rng.uniform(-bound, bound, shape[0]).astype("float32")
        parameters[name.replace("weight", "bias")] = bias
    x = rng.standard_normal((BATCH, 1, 28, 28)).astype("float32")
    return {"x": x, "y": rng.integers(10, size=BATCH), "parameters": parameters}


def network(nn):
    """Return the layers, of torch.nn or of gd.nn."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )  # fmt: skip


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


def logits(p: dict, x, convolve, pool, relu):
    """Run the layers in any library's operators; ``convolve(x, weight, padding)``."""
    for i, padding in (("0", 2), ("3", 0)):
        z = convolve(x, p[f"{i}.weight"], padding) + p[f"{i}.bias"].reshape(1, -1, 1, 1)
        x = pool(relu(z))
    h = x.reshape(BATCH, 400)
    h = relu(h @ p["7.weight"].T + p["7.bias"])
    h = relu(h @ p["9.weight"].T + p["9.bias"])
    return h @ p["11.weight"].T + p["11.bias"]


def jax_(data: dict) -> Case:
    import jax
    from jax import lax

    def convolve(x, w, padding):
        return lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2)

    def pool(x):
        return lax.reduce_window(x, -np.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss(p, x, y):
        log_p = jax.nn.log_softmax(logits(p, x, convolve, pool, jax.nn.relu))
        return -jax.numpy.take_along_axis(log_p, y[:, None], axis=1).mean()

    return cases.with_jax(data, loss, lr=LR)


def mygrad_(data: dict) -> Case:
    from mygrad.nnet import conv_nd, max_pool, relu, softmax_crossentropy

    def convolve(x, w, padding):
        return conv_nd(x, w, stride=1, padding=padding)

    def loss(p, x, y):
        z = logits(p, x, convolve, lambda a: max_pool(a, (2, 2), 2), relu)
        return softmax_crossentropy(z, y)

    return cases.with_mygrad(data, loss, lr=LR)


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    def pool(x):
        n, c, h, w = x.shape
        return anp.max(x.reshape(n, c, h // 2, 2, w // 2, 2), axis=(3, 5))

    def loss(p, x, y):
        z = logits(p, x, correlate, pool, lambda a: anp.maximum(a, 0))
        return anp.mean(logsumexp(z, axis=1) - z[anp.arange(len(y)), y])

    return cases.with_autograd(data, loss, lr=LR)


WORKLOADS = (
    Workload(
        name="C1",
        about="LeNet, 6 and 16 5x5 kernels, batch 64 of 28x28, Adam step (float32)",
        data=data,
        oracle="torch",
        setups={
            "torch": torch_,
            "jax": jax_,
            "mygrad": mygrad_,
            "autograd": autograd_,
            "graddl": graddl_,
        },
    ),
)
