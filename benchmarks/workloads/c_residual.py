"""C2: a residual block, ``relu(x + bn(conv(relu(bn(conv(x))))))``, forward and backward.

Two 3x3 convolutions from 64 channels to 64 and batch norm with the batch's own statistics. The
loss is a weighted sum of the output; the gradient of x is asked for, too, as in a network. The
gradients are compared with PyTorch's in float64.
"""

from __future__ import annotations

import numpy as np

from .. import cases
from ..autograd_conv import correlate
from . import Case, Workload

SHAPE = (16, 64, 32, 32)
EPS = 1e-5
SEED = 918  # leaves no input of a ReLU so near to zero that rounding decides which side it is on


def data(shrink: int) -> dict:
    rng = np.random.default_rng(SEED)
    channels = SHAPE[1]
    bound = 1 / np.sqrt(9 * channels)
    parameters = {}
    for i in "12":
        kernel = (channels, channels, 3, 3)
        parameters[f"conv{i}.weight"] = rng.uniform(-bound, bound, kernel).astype("float32")
        parameters[f"bn{i}.weight"] = rng.uniform(0.5, 1.5, channels).astype("float32")
        parameters[f"bn{i}.bias"] = rng.uniform(-0.5, 0.5, channels).astype("float32")
    x, y = rng.standard_normal((2, *SHAPE)).astype("float32")
    return {"x": x, "y": y, "parameters": parameters}


def block(nn, relu):
    """Return the block, of torch.nn or of gd.nn."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(64, eps=EPS)
            self.conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(64, eps=EPS)

        def forward(self, x):
            h = relu(self.bn1(self.conv1(x)))
            return relu(x + self.bn2(self.conv2(h)))

    return Block()


def weighted(model, x, y):
    return (model(x) * y).sum()


def torch_(data: dict) -> Case:
    import torch

    return cases.with_modules(torch, data, block(torch.nn, torch.relu), weighted, wants_x=True)


def graddl_(data: dict) -> Case:
    import graddl as gd

    return cases.with_modules(gd, data, block(gd.nn, gd.relu), weighted, wants_x=True)


def run(p: dict, x, convolve, batch_norm, relu):
    """Run the block in any library's operators."""
    h = relu(batch_norm(convolve(x, p["conv1.weight"]), p["bn1.weight"], p["bn1.bias"]))
    return relu(x + batch_norm(convolve(h, p["conv2.weight"]), p["bn2.weight"], p["bn2.bias"]))


def batch_norm(np, x, scale, shift):
    """Normalize each channel in the operators of jax.numpy or autograd.numpy."""
    mean = np.mean(x, axis=(0, 2, 3), keepdims=True)
    var = np.mean((x - mean) ** 2, axis=(0, 2, 3), keepdims=True)
    y = (x - mean) / np.sqrt(var + EPS)
    return y * scale.reshape(1, -1, 1, 1) + shift.reshape(1, -1, 1, 1)


def jax_(data: dict) -> Case:
    import jax
    from jax import lax

    def convolve(x, w):
        return lax.conv_general_dilated(x, w, (1, 1), "SAME")

    def norm(x, scale, shift):
        return batch_norm(jax.numpy, x, scale, shift)

    def loss(p, x, y):
        return (run(p, x, convolve, norm, jax.nn.relu) * y).sum()

    return cases.with_jax(data, loss, wants_x=True)


def mygrad_(data: dict) -> Case:
    from mygrad.nnet import batchnorm, conv_nd, relu

    def convolve(x, w):
        return conv_nd(x, w, stride=1, padding=1)

    def norm(x, scale, shift):
        return batchnorm(x, gamma=scale, beta=shift, eps=EPS)

    def loss(p, x, y):
        return (run(p, x, convolve, norm, relu) * y).sum()

    return cases.with_mygrad(data, loss, wants_x=True)


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp

    def convolve(x, w):
        return correlate(x, w, padding=1)

    def norm(x, scale, shift):
        return batch_norm(anp, x, scale, shift)

    def loss(p, x, y):
        return anp.sum(run(p, x, convolve, norm, lambda a: anp.maximum(a, 0)) * y)

    return cases.with_autograd(data, loss, wants_x=True)


WORKLOADS = (
    Workload(
        name="C2",
        about="residual block, two 3x3 64->64 convolutions, (16, 64, 32, 32) (float32)",
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
