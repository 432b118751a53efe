"""Lion against its formula written out in NumPy."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, train


def gradient(w):
    return CURVATURE * (w - 1)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_algorithm_2_of_the_paper(weight_decay):
    lr, beta1, beta2 = 0.05, 0.8, 0.95
    w, m = START.copy(), 0.0
    options = {"lr": lr, "betas": (beta1, beta2), "weight_decay": weight_decay}
    for got in train(gd.optim.Lion, **options):
        g = gradient(w)
        c = beta1 * m + (1 - beta1) * g
        w = w - lr * (np.sign(c) + weight_decay * w)
        m = beta2 * m + (1 - beta2) * g
        np.testing.assert_allclose(got, w, rtol=1e-12, atol=1e-14)


def test_every_step_has_the_size_of_lr():
    w = gd.tensor([1.0, 1.0, 1.0], dtype="float64", requires_grad=True)
    optimizer = gd.optim.Lion([w], lr=0.25)
    (w * np.array([1e-3, -1e6, 0.0])).sum().backward()
    optimizer.step()
    assert w.tolist() == [0.75, 1.25, 1.0]


def test_its_defaults():
    group = gd.optim.Lion([gd.ones(1, requires_grad=True)]).param_groups[0]
    assert (group["lr"], group["betas"], group["weight_decay"]) == (1e-4, (0.9, 0.99), 0.0)
