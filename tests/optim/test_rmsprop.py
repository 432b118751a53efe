"""RMSprop against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w, weight_decay=0.0):
    return CURVATURE * (w - 1) + weight_decay * w


@pytest.mark.parametrize("momentum", [0.0, 0.7])
@pytest.mark.parametrize("centered", [False, True])
def test_its_formula(momentum, centered):
    lr, alpha, eps = 0.02, 0.8, 1e-4
    w, v, mean, b = START.copy(), 0.0, 0.0, 0.0
    options = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": 0.1}
    for got in train(gd.optim.RMSprop, **options, momentum=momentum, centered=centered):
        g = gradient(w, 0.1)
        v = alpha * v + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        b = momentum * b + g / (np.sqrt(v - mean**2 if centered else v) + eps)
        w = w - lr * b
        np.testing.assert_allclose(got, w, rtol=1e-10, atol=1e-12)


def test_options_may_be_switched_on_later():
    w = gd.tensor([1.0], requires_grad=True)
    optimizer = gd.optim.RMSprop([w])
    for change in {}, {"centered": True}, {"momentum": 0.5}:
        optimizer.param_groups[0].update(change)
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert optimizer.state[w].keys() == {"v", "mean", "b"}


def test_centered_with_a_gradient_that_never_changes_makes_no_nan():
    w = gd.tensor([1.0], dtype="float64", requires_grad=True)
    optimizer = gd.optim.RMSprop([w], lr=1e-12, alpha=0.5, centered=True)
    for _ in range(200):
        optimizer.zero_grad()
        (0.1 * w).sum().backward()
        optimizer.step()
        assert np.isfinite(w.item())


@pytest.mark.parametrize("name", cases("RMSprop"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.RMSprop, name)
