"""Adamax against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w, weight_decay=0.0):
    return CURVATURE * (w - 1) + weight_decay * w


def test_algorithm_2_of_the_paper():
    lr, beta1, beta2, eps = 0.05, 0.8, 0.9, 1e-6
    w, m, u = START.copy(), 0.0, 0.0
    options = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "weight_decay": 0.1}
    for t, got in enumerate(train(gd.optim.Adamax, **options), 1):
        g = gradient(w, 0.1)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + eps)
        w = w - lr / (1 - beta1**t) * m / u
        np.testing.assert_allclose(got, w, rtol=1e-11, atol=1e-13)


def test_a_zero_gradient_changes_nothing():
    w = gd.tensor([1.0], requires_grad=True)
    optimizer = gd.optim.Adamax([w], lr=0.25)
    (0 * w).sum().backward()
    optimizer.step()
    assert w.item() == 1


@pytest.mark.parametrize("name", cases("Adamax"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.Adamax, name)
