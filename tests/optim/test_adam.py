"""Adam against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, ORACLE, START, cases, check_against_pytorch, train


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_algorithm_1_of_the_paper(weight_decay):
    lr, beta1, beta2, eps = 0.05, 0.8, 0.95, 1e-6
    options = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "weight_decay": weight_decay}
    theta, m, v = START.copy(), 0.0, 0.0
    for t, w in enumerate(train(gd.optim.Adam, **options), 1):
        g = CURVATURE * (theta - 1) + weight_decay * theta
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        np.testing.assert_allclose(w, theta, rtol=1e-10, atol=1e-13)


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


def test_amsgrad_never_forgets_a_large_gradient():
    lr, beta1, beta2, eps = 0.05, 0.8, 0.5, 1e-6
    theta, m, v, v_max = START.copy(), 0.0, 0.0, 0.0
    options = {"lr": lr, "betas": (beta1, beta2), "eps": eps, "amsgrad": True}
    for t, w in enumerate(train(gd.optim.Adam, **options), 1):
        g = CURVATURE * (theta - 1)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_max = np.maximum(v_max, v)
        m_hat, v_hat = m / (1 - beta1**t), v_max / (1 - beta2**t)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        np.testing.assert_allclose(w, theta, rtol=1e-10, atol=1e-13)
    assert np.any(v_max > v)


def test_amsgrad_may_be_switched_on_later():
    w = gd.tensor([1.0], requires_grad=True)
    optimizer = gd.optim.Adam([w])
    for amsgrad in False, True, False, True:
        optimizer.param_groups[0]["amsgrad"] = amsgrad
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert optimizer.state[w].keys() == {"t", "m", "v", "v_max"}


def test_decoupled_decay_is_the_same_for_all_parameters():
    w = gd.tensor([1.0, 1.0], dtype="float64", requires_grad=True)
    optimizer = gd.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (w * np.array([0.0, 1e3]))[:1].sum().backward()  # no gradient: only decay is left
        optimizer.step()
    np.testing.assert_allclose(w.numpy(), 0.95**3, rtol=1e-14)
    assert gd.optim.AdamW([w]).param_groups[0]["weight_decay"] == 0.01


@pytest.mark.parametrize("name", cases("Adam") + cases("AdamW"))
def test_is_pytorchs(name):
    check_against_pytorch(getattr(gd.optim, ORACLE[name]["class"]), name)
