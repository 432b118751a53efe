"""Adagrad against its formula written out in NumPy, and against PyTorch."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import CURVATURE, START, cases, check_against_pytorch, train


def gradient(w, weight_decay=0.0):
    return CURVATURE * (w - 1) + weight_decay * w


def test_figure_1_of_the_paper():
    lr, lr_decay, v0, eps = 0.2, 0.1, 0.3, 1e-4
    w, v = START.copy(), v0
    options = {"lr": lr, "lr_decay": lr_decay, "initial_accumulator_value": v0, "eps": eps}
    for t, got in enumerate(train(gd.optim.Adagrad, **options, weight_decay=0.1), 1):
        g = gradient(w, 0.1)
        v = v + g**2
        w = w - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(v) + eps)
        np.testing.assert_allclose(got, w, rtol=1e-12, atol=1e-14)


def test_steps_of_a_constant_gradient_fall_like_one_over_the_root_of_t():
    w = gd.tensor([0.0], dtype="float64", requires_grad=True)
    optimizer = gd.optim.Adagrad([w], lr=1.0)
    for t in range(1, 6):
        optimizer.zero_grad()
        (1000 * w).sum().backward()
        before = w.item()
        optimizer.step()
        assert before - w.item() == pytest.approx(t**-0.5)


@pytest.mark.parametrize("name", cases("Adagrad"))
def test_is_pytorchs(name):
    check_against_pytorch(gd.optim.Adagrad, name)
