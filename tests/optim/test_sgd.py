"""SGD against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w):
    return CURVATURE * (w - 1)


def test_plain():
    w = START.copy()
    for got in train(gd.optim.SGD, lr=0.1):
        w = w - 0.1 * gradient(w)
        np.testing.assert_allclose(got, w, rtol=1e-13, atol=1e-15)


def test_weight_decay():
    w = START.copy()
    for got in train(gd.optim.SGD, lr=0.1, weight_decay=0.3):
        w = w - 0.1 * (gradient(w) + 0.3 * w)
        np.testing.assert_allclose(got, w, rtol=1e-13, atol=1e-15)


def test_momentum_with_dampening():
    w, v = START.copy(), None
    for got in train(gd.optim.SGD, lr=0.1, momentum=0.9, dampening=0.2):
        g = gradient(w)
        v = g if v is None else 0.9 * v + 0.8 * g
        w = w - 0.1 * v
        np.testing.assert_allclose(got, w, rtol=1e-12, atol=1e-14)


def test_nesterov_with_weight_decay():
    w, v = START.copy(), np.zeros_like(START)
    options = {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}
    for got in train(gd.optim.SGD, **options):
        g = gradient(w) + 0.1 * w
        v = 0.8 * v + g
        w = w - 0.05 * (g + 0.8 * v)
        np.testing.assert_allclose(got, w, rtol=1e-12, atol=1e-14)


def test_momentum_sums_a_constant_gradient_to_its_geometric_series():
    w = gd.tensor([0.0], dtype="float64", requires_grad=True)
    optimizer = gd.optim.SGD([w], lr=1.0, momentum=0.5)
    for n in range(1, 6):
        optimizer.zero_grad()
        w.sum().backward()
        before = w.item()
        optimizer.step()
        assert before - w.item() == pytest.approx((1 - 0.5**n) / (1 - 0.5))


@pytest.mark.parametrize("name", cases("SGD"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.SGD, name)
