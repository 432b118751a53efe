"""Adam against its formula written out in NumPy, and against PyTorch."""

import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "optim.json").read_text())
CURVATURE = np.array([[1.0, 2.0, 0.5], [0.1, 3.0, 1.5]])
START = np.array([[1.0, -2.0, 3.0], [0.5, -0.1, 0.0]])


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_algorithm_1_of_the_paper(weight_decay):
    lr, beta1, beta2, eps = 0.05, 0.8, 0.95, 1e-6
    w = gd.tensor(START, requires_grad=True)
    options = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "weight_decay": weight_decay}
    optimizer = gd.optim.Adam([w], **options)
    theta, m, v = START.copy(), 0.0, 0.0
    for t in range(1, 21):
        optimizer.zero_grad()
        (CURVATURE * (w - 1) ** 2 / 2).sum().backward()
        optimizer.step()

        g = CURVATURE * (theta - 1) + weight_decay * theta
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        np.testing.assert_allclose(w.numpy(), theta, rtol=1e-10, atol=1e-13)


def test_the_first_step_has_the_size_of_lr_whatever_the_gradient():
    w = gd.tensor([1.0, 1.0, 1.0], dtype="float64", requires_grad=True)
    optimizer = gd.optim.Adam([w], lr=0.25)
    (w * np.array([1e-3, -1.0, 1e6])).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(w.numpy(), [0.75, 1.25, 0.75], rtol=1e-4)


def test_a_zero_gradient_changes_nothing():
    w = gd.tensor([1.0], requires_grad=True)
    optimizer = gd.optim.Adam([w], lr=0.25)
    (0 * w).sum().backward()
    optimizer.step()
    assert w.item() == 1


@pytest.mark.parametrize("name", [name for name in ORACLE if ORACLE[name]["class"] == "Adam"])
def test_is_pytorchs(name):
    case = ORACLE[name]
    a = gd.tensor(np.sin(np.arange(6) + 1.0).reshape(2, 3), requires_grad=True)
    b = gd.tensor(np.sin(np.arange(3) + 2.0), requires_grad=True)
    optimizer = gd.optim.Adam([a, b], **case["options"])
    stiffness = np.arange(1.0, 7.0).reshape(2, 3) / 6
    for t in range(1, 21):
        optimizer.zero_grad()
        y = a * b - 1
        (y * y * stiffness).sum().backward()
        optimizer.step()
        if str(t) in case["steps"]:
            np.testing.assert_allclose(a.numpy(), case["steps"][str(t)]["a"], rtol=1e-10)
            np.testing.assert_allclose(b.numpy(), case["steps"][str(t)]["b"], rtol=1e-10)
