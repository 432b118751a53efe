"""Paths are those of real optimizers on real gradients."""

import doctest
import importlib

import numpy as np
import pytest

import graddl as gd
from graddl.errors import ArgumentError, DTypeError, GraddlError
from graddl.viz.curves.contours import levels
from graddl.viz.curves.functions import SURFACES
from graddl.viz.curves.paths import run


def test_path_of_gradient_descent_in_closed_form():
    """On the bowl each step shrinks x by 1 − η and y by 1 − ηκ."""
    chart = gd.viz.descent(
        "quadratic", (2.0, 1.0), {"SGD": lambda p: gd.optim.SGD(p, lr=0.05)}, 30, condition=10
    )
    k = np.arange(31)
    path = chart.data["SGD"]
    np.testing.assert_allclose(path.points[:, 0], 2 * 0.95**k, rtol=1e-12)
    np.testing.assert_allclose(path.points[:, 1], 0.5**k, rtol=1e-12)
    np.testing.assert_allclose(path.losses, 0.5 * (path.points**2 @ [1.0, 10.0]), rtol=1e-12)


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "momentum"])
def test_path_is_that_of_the_optimizer(name):
    make = {
        "Adam": lambda p: gd.optim.Adam(p, lr=0.05),
        "RMSprop": lambda p: gd.optim.RMSprop(p, lr=0.05),
        "momentum": lambda p: gd.optim.SGD(p, lr=0.001, momentum=0.9),
    }[name]
    path = gd.viz.descent("rosenbrock", (-1.0, 1.5), {name: make}, 20).data[name]
    w = gd.tensor([-1.0, 1.5], dtype="float64", requires_grad=True)
    optimizer = make([w])
    for k in range(20):
        a, b = w.tolist()
        w.grad = gd.tensor(
            [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)], dtype="float64"
        )
        optimizer.step()
        np.testing.assert_allclose(path.points[k + 1], w.numpy(), rtol=1e-7)


@pytest.mark.parametrize("name", SURFACES)
def test_minima_are_minima(name):
    """The gradient is 0 there, the Hessian is positive, and the value is the one that is known."""
    s = SURFACES[name]

    def g(w):
        return s.f(w[0], w[1])

    for q in s.minima:
        w = gd.tensor(q, dtype="float64")
        assert abs(g(w).item() - s.lowest) < 1e-12
        assert np.abs(gd.grad(g)(w).numpy()).max() < 1e-9
        assert np.linalg.eigvalsh(gd.hessian(g)(w).numpy()).min() > 0
    assert s.source and all(a < v < b for v, (a, b) in zip(s.start, s.window, strict=True))


@pytest.mark.parametrize("condition", [1, 20, 500])
def test_condition_number(condition):
    s, paths = run("quadratic", None, None, 10, condition, "descent")
    h = gd.hessian(lambda w: s.f(w[0], w[1]))(gd.tensor([0.3, 0.2], dtype="float64"))
    assert np.linalg.cond(h.numpy()) == pytest.approx(condition)
    assert all(p.losses[-1] < p.losses[0] for p in paths)


def test_divergence_is_told():
    chart = gd.viz.descent("quadratic", optimizers={"fast": lambda p: gd.optim.SGD(p, lr=0.2)})
    path = chart.data["fast"]
    assert path.diverged is not None and len(path.losses) == path.diverged + 1 < 101
    assert f"✕ diverged at step {path.diverged}" in chart.svg()


def test_functions_of_ones_own_and_lbfgs():
    def bowl(x, y):
        return (x - 3) ** 2 + (y + 1) ** 2

    chart = gd.viz.descent(bowl, (0.0, 0.0), {"LBFGS": gd.optim.LBFGS}, 2)
    np.testing.assert_allclose(chart.data["LBFGS"].points[-1], [3, -1], atol=1e-6)
    assert "bowl" in chart.svg()
    assert "<svg" in gd.viz.descent(lambda x, y: x.log() + y, (1.0, 1.0), ["SGD"], 3).svg()
    assert "<svg" in gd.viz.descent(lambda x, y: 0 * x + 2, (1.0, 1.0), ["SGD"], 3).svg()


def test_windows():
    chart = gd.viz.descent("rosenbrock", steps=3, window=((-3, 3), (0, 2)))
    assert chart.figure.axes[0].get_xlim() == (-3, 3)
    far = gd.viz.descent("rosenbrock", (5.0, 5.0), ["Adam"], 3)
    a, b = far.figure.axes[0].get_xlim()
    assert a < 1 < 5 < b  # the start and the minimum are in sight


def test_levels():
    z = np.geomspace(1e-6, 1e6, 1000)
    at = levels(z)
    assert at == sorted(set(at)) and len(at) == 7
    assert levels(np.full((3, 3), 2.0)) == [] and levels(np.full(3, np.nan)) == []
    near = levels(1000 + np.linspace(0, 1e-3, 50))
    assert len(near) == 7 and 1000 < near[0] < near[-1] < 1000.001


@pytest.mark.parametrize(("call", "kind"), [
    (lambda: gd.viz.descent("rosenbroc"), ArgumentError),
    (lambda: gd.viz.descent(3.0), ArgumentError),
    (lambda: gd.viz.descent("rosenbrock", condition=3), ArgumentError),
    (lambda: gd.viz.descent("quadratic", condition=0.5), ArgumentError),
    (lambda: gd.viz.descent(lambda x, y: x), ArgumentError),
    (lambda: gd.viz.descent("rosenbrock", (1.0,)), ArgumentError),
    (lambda: gd.viz.descent("rosenbrock", (1.0, float("nan"))), ArgumentError),
    (lambda: gd.viz.descent(steps=0), ArgumentError),
    (lambda: gd.viz.descent(steps=2.5), ArgumentError),
    (lambda: gd.viz.descent(window=(1, 2)), ArgumentError),
    (lambda: gd.viz.descent(optimizers={}), ArgumentError),
    (lambda: gd.viz.descent(optimizers=["SDG"]), DTypeError),
    (lambda: gd.viz.descent(optimizers={"a": 3}), DTypeError),
    (lambda: gd.viz.descent(optimizers={"a": lambda p: None}), DTypeError),
    (lambda: gd.viz.descent(lambda x, y: 1.0, (0.0, 0.0)), DTypeError),
    (lambda: gd.viz.descent(lambda x, y: gd.stack([x, y]), (0.0, 0.0)), DTypeError),
])  # fmt: skip
def test_errors(call, kind):
    with pytest.raises(kind) as error:
        call()
    assert isinstance(error.value, GraddlError) and error.value.op == "viz.descent"
    assert error.value.got is not None and error.value.expected and error.value.fix


def test_the_fix_for_optimizers_runs():
    w = gd.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(DTypeError) as error:
        gd.viz.descent(optimizers=[gd.optim.SGD([w])])
    fixed = eval(f"dict({error.value.fix})", {"gd": gd})
    assert list(gd.viz.descent(steps=2, **fixed).data) == ["Adam"]


@pytest.mark.parametrize("module", ["descent", "functions", "paths", "contours"])
def test_examples(module):
    assert doctest.testmod(importlib.import_module(f"graddl.viz.curves.{module}")).failed == 0
