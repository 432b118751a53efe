"""E1: means of 50 rows of a table 20 000 x 64, 128 of them, forward and backward.

The loss is a weighted sum of the means, and the gradient is an array as large as the table.
"""

from __future__ import annotations

import numpy as np

from .. import cases
from . import Case, Workload

ROWS, FEATURES, BATCH, LENGTH = 20_000, 64, 128, 50


def data(shrink: int) -> dict:
    rng = np.random.default_rng(0)
    table = rng.standard_normal((ROWS, FEATURES)).astype("float32")
    y = rng.standard_normal((BATCH, FEATURES)).astype("float32")
    x = rng.integers(ROWS, size=(BATCH, LENGTH))
    return {"x": x, "y": y, "parameters": {"weight": table}}


def oracle(data: dict) -> dict[str, np.ndarray]:
    g = np.zeros((ROWS, FEATURES))
    np.add.at(g, data["x"], data["y"][:, None, :].astype("float64") / LENGTH)
    return {"weight": g}


def torch_(data: dict) -> Case:
    import torch

    model = torch.nn.EmbeddingBag(ROWS, FEATURES, mode="mean")
    return cases.with_modules(torch, data, model, lambda m, x, y: (m(x) * y).sum())


def graddl_(data: dict) -> Case:
    import graddl as gd

    model = gd.nn.Embedding(ROWS, FEATURES)
    return cases.with_modules(gd, data, model, lambda m, x, y: (m(x).mean(axis=1) * y).sum())


def weighted(p: dict, x, y):
    """Return the loss in any library's operators."""
    return (p["weight"][x].mean(axis=1) * y).sum()


def jax_(data: dict) -> Case:
    return cases.with_jax(data, weighted)


def mygrad_(data: dict) -> Case:
    return cases.with_mygrad(data, weighted)


def autograd_(data: dict) -> Case:
    return cases.with_autograd(data, weighted)


WORKLOADS = (
    Workload(
        name="E1",
        about="means of 50 rows of a table 20k x 64, batch 128, dense gradient (float32)",
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
