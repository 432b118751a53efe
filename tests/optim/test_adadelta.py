"""Adadelta against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w, weight_decay=0.0):
    return CURVATURE * (w - 1) + weight_decay * w


def test_algorithm_1_of_the_paper():
    lr, rho, eps = 1.5, 0.8, 1e-3
    w, v, u = START.copy(), 0.0, 0.0
    for got in train(gd.optim.Adadelta, lr=lr, rho=rho, eps=eps, weight_decay=0.1):
        g = gradient(w, 0.1)
        v = rho * v + (1 - rho) * g**2
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u = rho * u + (1 - rho) * delta**2
        w = w - lr * delta
        np.testing.assert_allclose(got, w, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", cases("Adadelta"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.Adadelta, name)
