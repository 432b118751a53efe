"""NAdam against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w, weight_decay=0.0):
    return CURVATURE * (w - 1) + weight_decay * w


@pytest.mark.parametrize("decoupled", [False, True])
def test_algorithm_2_of_the_paper(decoupled):
    lr, beta1, beta2, eps, psi = 0.05, 0.8, 0.95, 1e-6, 0.01
    w, m, v = START.copy(), 0.0, 0.0
    options = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "momentum_decay": psi}
    options |= {"weight_decay": 0.1, "decoupled_weight_decay": decoupled}
    mu = beta1 * (1 - 0.5 * 0.96 ** (np.arange(23) * psi))  # mu[t], from 1
    for t, got in enumerate(train(gd.optim.NAdam, **options), 1):
        g = gradient(w, 0.0 if decoupled else 0.1)
        w = w * (1 - lr * 0.1) if decoupled else w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = mu[t + 1] * m / (1 - mu[1 : t + 2].prod())
        m_hat = m_hat + (1 - mu[t]) * g / (1 - mu[1 : t + 1].prod())
        w = w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps)
        np.testing.assert_allclose(got, w, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", cases("NAdam"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.NAdam, name)
