"""T1: a transformer encoder layer, 8 sequences of 64, 128 features, 4 heads, forward and backward.

512 features between the two linear maps, ReLU, norm last, no dropout. The loss is a weighted sum of
the output; the gradient of x is asked for, too, as in a network. The gradients are compared with
PyTorch's in float64.
"""

from __future__ import annotations

import numpy as np

from .. import cases
from . import Case, Workload

BATCH, STEPS, FEATURES, HEADS, HIDDEN = 8, 64, 128, 4, 512
SEED = 136  # leaves no input of a ReLU so near to zero that rounding decides which side it is on


def data(shrink: int) -> dict:
    rng = np.random.default_rng(SEED)
    maps = {
        "self_attn.in_proj": (3 * FEATURES, FEATURES),
        "self_attn.out_proj": (FEATURES, FEATURES),
        "linear1": (HIDDEN, FEATURES),
        "linear2": (FEATURES, HIDDEN),
    }
    parameters = {}
    for name, (rows, columns) in maps.items():
        joint = "_" if name.endswith("in_proj") else "."
        bound = 1 / np.sqrt(columns)
        weight = rng.uniform(-bound, bound, (rows, columns))
        parameters[f"{name}{joint}weight"] = weight.astype("float32")
        parameters[f"{name}{joint}bias"] = rng.uniform(-bound, bound, rows).astype("float32")
    for name in ("norm1", "norm2"):
        parameters[f"{name}.weight"] = rng.uniform(0.5, 1.5, FEATURES).astype("float32")
        parameters[f"{name}.bias"] = rng.uniform(-0.5, 0.5, FEATURES).astype("float32")
    x, y = rng.standard_normal((2, BATCH, STEPS, FEATURES)).astype("float32")
    return {"x": x, "y": y, "parameters": parameters}


def layer(nn):
    """Return the layer, of torch.nn or of gd.nn."""
    return nn.TransformerEncoderLayer(FEATURES, HEADS, HIDDEN, dropout=0.0, batch_first=True)


def weighted(model, x, y):
    return (model(x) * y).sum()


def torch_(data: dict) -> Case:
    import torch

    return cases.with_modules(torch, data, layer(torch.nn), weighted, wants_x=True)


def graddl_(data: dict) -> Case:
    import graddl as gd

    return cases.with_modules(gd, data, layer(gd.nn), weighted, wants_x=True)


def run(np, p: dict, x, softmax, relu):
    """Run the layer in the operators of jax.numpy, autograd.numpy or mygrad."""

    def heads(part):  # (B, HEADS, T, FEATURES / HEADS)
        rows = slice(part * FEATURES, (part + 1) * FEATURES)
        z = x @ p["self_attn.in_proj_weight"][rows].T + p["self_attn.in_proj_bias"][rows]
        return np.swapaxes(z.reshape(BATCH, STEPS, HEADS, FEATURES // HEADS), 1, 2)

    def norm(z, name):
        z = z - np.mean(z, axis=-1, keepdims=True)
        z = z / np.sqrt(np.mean(z * z, axis=-1, keepdims=True) + 1e-5)
        return z * p[f"{name}.weight"] + p[f"{name}.bias"]

    def linear(z, name):
        return z @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    q, k, v = (heads(part) for part in range(3))
    weights = softmax(q @ np.swapaxes(k, 2, 3) / (FEATURES // HEADS) ** 0.5)  # (B, HEADS, T, T)
    attended = np.swapaxes(weights @ v, 1, 2).reshape(BATCH, STEPS, FEATURES)
    x = norm(x + linear(attended, "self_attn.out_proj"), "norm1")
    return norm(x + linear(relu(linear(x, "linear1")), "linear2"), "norm2")


def jax_(data: dict) -> Case:
    import jax

    def loss(p, x, y):
        return (run(jax.numpy, p, x, jax.nn.softmax, jax.nn.relu) * y).sum()

    return cases.with_jax(data, loss, wants_x=True)


def mygrad_(data: dict) -> Case:
    import mygrad as mg
    from mygrad.nnet import relu, softmax

    return cases.with_mygrad(
        data, lambda p, x, y: (run(mg, p, x, softmax, relu) * y).sum(), wants_x=True
    )


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp

    def softmax(z):
        e = anp.exp(z - anp.max(z, axis=-1, keepdims=True))
        return e / anp.sum(e, axis=-1, keepdims=True)

    def loss(p, x, y):
        return anp.sum(run(anp, p, x, softmax, lambda z: anp.maximum(z, 0)) * y)

    return cases.with_autograd(data, loss, wants_x=True)


WORKLOADS = (
    Workload(
        name="T1",
        about="transformer layer, (8, 64, 128), 4 heads, forward and backward (float32)",
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
