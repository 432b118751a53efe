"""Finite differences, forward and reverse mode side by side."""

import doctest
import importlib

import numpy as np
import pytest

import graddl as gd

compare_module = importlib.import_module("graddl.compare")  # gd.compare is the function
X = np.array([0.5, -1.25, 2.0])


def test_a_loss():
    """n inputs, one output: the number that makes reverse mode the way to train."""
    x = np.linspace(-1, 1, 20)
    found = gd.compare(lambda x: (gd.sin(x) * x).sum(), x)
    assert (found.inputs, found.outputs) == (20, 1)
    assert [w.name for w in found] == ["finite differences", "forward mode", "reverse mode"]
    assert [w.evaluations for w in found] == [40, 1, 1]
    assert [w.passes for w in found] == [0, 20, 1]
    for way in found:
        assert way.derivative.shape == (1, 20)
        np.testing.assert_allclose(way.derivative[0], np.cos(x) * x + np.sin(x), atol=1e-9)
        assert way.seconds > 0
    assert found.reverse.error == 0.0
    assert found.forward.error < 1e-14 < found.finite_differences.error < 1e-8


def test_the_counts_are_of_calls_that_were_made():
    calls = []

    def f(x):
        calls.append(x)
        return gd.tanh(x[:2])

    found = gd.compare(f, X)
    extra = 2  # the measure of errors, and the sizes
    assert len(calls) - extra == sum(w.evaluations for w in found) == 2 * 3 + 1 + 1
    assert [w.passes for w in found] == [0, 3, 2]


def test_a_jacobian():
    found = gd.compare(lambda x: gd.stack([x * x, gd.exp(x)]), X)
    want = np.concatenate([np.diag(2 * X), np.diag(np.exp(X))])
    for way in found:
        np.testing.assert_allclose(way.derivative, want, atol=1e-8)
    assert found.finite_differences.relative_error == pytest.approx(
        found.finite_differences.error / np.exp(2)
    )


def test_float32_shows_in_every_way():
    found = gd.compare(lambda x: gd.exp(x).sum(), X.astype("f4"))
    assert 1e-5 < found.finite_differences.error < 1e-2
    assert 0 < found.forward.error < 1e-6 and 0 < found.reverse.error < 1e-6


def test_the_step():
    coarse = gd.compare(lambda x: (x**3.0).sum(), X, eps=0.1)
    step = 0.1 * np.maximum(1, np.abs(X))  # the error of central differences of x³ is h²
    assert coarse.finite_differences.error == pytest.approx(np.max(step**2), rel=1e-9)


def test_what_goes_in_and_comes_out():
    def f(p):
        return {"y": p["x"] * p["s"], "s": p["s"] ** 2.0}

    found = gd.compare(f, {"x": gd.Tensor(X), "s": gd.Scalar(3.0), "n": None})
    want = np.concatenate([np.c_[3 * np.eye(3), X], [[0, 0, 0, 6]]])
    for way in found:
        np.testing.assert_allclose(way.derivative, want, atol=1e-8)
    assert gd.compare(lambda x: x * x, gd.Scalar(3.0)).forward.derivative.tolist() == [[6.0]]
    assert gd.compare(lambda x: x * x, 3.0).reverse.derivative.tolist() == [[6.0]]
    assert gd.compare(lambda x: x.sum(), np.zeros((0, 2))).finite_differences.derivative.size == 0
    with pytest.raises(gd.DTypeError):
        gd.compare(lambda x: x.sum(), np.array([1, 2]))
    with pytest.raises(gd.DTypeError):
        gd.compare(lambda x: x.sum().item(), X)


def test_nothing_is_left_behind():
    x = gd.Tensor(X, requires_grad=True)
    gd.compare(lambda x: (x * x).sum(), x)
    assert x.grad is None
    with gd.no_grad():
        assert gd.compare(lambda x: (x * x).sum(), x).forward.error == 0.0


def test_the_table():
    way = compare_module.Way("reverse mode", np.zeros((1, 2)), 0.0, 0.0, 1.5e-3, 1, 1)
    slow = compare_module.Way("finite differences", np.zeros((1, 2)), 2e-9, 1e-9, 2.0, 4, 0)
    fast = compare_module.Way("forward mode", np.zeros((1, 2)), 0.0, 0.0, 2e-6, 1, 2)
    text = """derivative of 1 output by 2 inputs
                      error  relative    time  calls of f  passes
finite differences  2.0e-09   1.0e-09     2 s           4       0
forward mode        0.0e+00   0.0e+00    2 µs           1       2
reverse mode        0.0e+00   0.0e+00  1.5 ms           1       1"""
    comparison = compare_module.Comparison(2, 1, slow, fast, way)
    assert repr(comparison) == str(comparison) == text


def test_example():
    assert doctest.testmod(compare_module).failed == 0
