"""SGD against its formula written out in NumPy, and against PyTorch."""

import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "optim.json").read_text())
CURVATURE = np.array([[1.0, 2.0, 0.5], [0.1, 3.0, 1.5]])
START = np.array([[1.0, -2.0, 3.0], [0.5, -0.1, 0.0]])


def train(options):
    """20 steps on sum(c (w - 1)^2) / 2, whose gradient is c (w - 1); yields w after each."""
    w = gd.tensor(START, requires_grad=True)
    optimizer = gd.optim.SGD([w], **options)
    for _ in range(20):
        optimizer.zero_grad()
        (CURVATURE * (w - 1) ** 2 / 2).sum().backward()
        optimizer.step()
        yield w.numpy(copy=True)


def gradient(w):
    return CURVATURE * (w - 1)


def test_plain():
    w = START.copy()
    for got in train({"lr": 0.1}):
        w = w - 0.1 * gradient(w)
        np.testing.assert_allclose(got, w, rtol=1e-13, atol=1e-15)


def test_weight_decay():
    w = START.copy()
    for got in train({"lr": 0.1, "weight_decay": 0.3}):
        w = w - 0.1 * (gradient(w) + 0.3 * w)
        np.testing.assert_allclose(got, w, rtol=1e-13, atol=1e-15)


def test_momentum_with_dampening():
    w, v = START.copy(), None
    for got in train({"lr": 0.1, "momentum": 0.9, "dampening": 0.2}):
        g = gradient(w)
        v = g if v is None else 0.9 * v + 0.8 * g
        w = w - 0.1 * v
        np.testing.assert_allclose(got, w, rtol=1e-12, atol=1e-14)


def test_nesterov_with_weight_decay():
    w, v = START.copy(), np.zeros_like(START)
    options = {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1}
    for got in train(options):
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


@pytest.mark.parametrize("name", [name for name in ORACLE if ORACLE[name]["class"] == "SGD"])
def test_is_pytorchs(name):
    case = ORACLE[name]
    a = gd.tensor(np.sin(np.arange(6) + 1.0).reshape(2, 3), requires_grad=True)
    b = gd.tensor(np.sin(np.arange(3) + 2.0), requires_grad=True)
    optimizer = gd.optim.SGD([a, b], **case["options"])
    stiffness = np.arange(1.0, 7.0).reshape(2, 3) / 6
    for t in range(1, 21):
        optimizer.zero_grad()
        y = a * b - 1
        (y * y * stiffness).sum().backward()
        optimizer.step()
        if str(t) in case["steps"]:
            np.testing.assert_allclose(a.numpy(), case["steps"][str(t)]["a"], rtol=1e-10)
            np.testing.assert_allclose(b.numpy(), case["steps"][str(t)]["b"], rtol=1e-10)
