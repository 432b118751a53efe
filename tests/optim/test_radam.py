"""RAdam against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w, weight_decay=0.0):
    return CURVATURE * (w - 1) + weight_decay * w


def test_algorithm_2_of_the_paper():
    lr, beta1, beta2, eps = 0.05, 0.8, 0.9, 1e-6
    w, m, v = START.copy(), 0.0, 0.0
    last = 2 / (1 - beta2) - 1
    rectified = []
    options = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "weight_decay": 0.1}
    for t, got in enumerate(train(gd.optim.RAdam, **options), 1):
        g = gradient(w, 0.1)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        step = m / (1 - beta1**t)
        rho = last - 2 * t * beta2**t / (1 - beta2**t)
        rectified.append(rho > 5)
        if rho > 5:
            r = ((rho - 4) * (rho - 2) * last / ((last - 4) * (last - 2) * rho)) ** 0.5
            step = r * step * np.sqrt(1 - beta2**t) / (np.sqrt(v) + eps)
        w = w - lr * step
        np.testing.assert_allclose(got, w, rtol=1e-10, atol=1e-13)
    assert rectified == sorted(rectified) and set(rectified) == {False, True}


@pytest.mark.parametrize("name", cases("RAdam"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.RAdam, name)
