"""Activations: the curves are the engine's, and what is said of them is true."""

import doctest
import importlib

import numpy as np
import pytest

import graddl as gd
from graddl.errors import ArgumentError, DTypeError, GraddlError
from graddl.viz.curves.slopes import SATURATED

SMOOTH = ["tanh", "sigmoid", "gelu", "silu", "softplus", "mish", "selu", "elu"]


@pytest.mark.parametrize("name", SMOOTH)
def test_slope_is_that_of_finite_differences(name):
    c = gd.viz.activation(name).data[name]
    h = 1e-5
    f = getattr(gd, name)
    up, down = (f(gd.tensor(c.x + s)).numpy() for s in (h, -h))
    away = np.abs(c.x) > 1e-3  # selu bends at 0
    np.testing.assert_allclose(c.slope[away], ((up - down) / (2 * h))[away], atol=1e-8)
    np.testing.assert_array_equal(c.y, f(gd.tensor(c.x)).numpy())


def test_closed_forms():
    data = gd.viz.activation("sigmoid", "tanh").data
    s = 1 / (1 + np.exp(-data["sigmoid"].x))
    np.testing.assert_allclose(data["sigmoid"].slope, s * (1 - s), atol=1e-14)
    np.testing.assert_allclose(data["tanh"].slope, 1 - np.tanh(data["tanh"].x) ** 2, atol=1e-14)


@pytest.mark.parametrize(("name", "kinks", "jumps"), [
    ("relu", (0,), ()), ("relu6", (0, 6), ()), ("leaky_relu", (0,), ()), ("tanh", (), ()),
    ("hardtanh", (-1, 1), ()), ("hardsigmoid", (-3, 3), ()), ("hardshrink", (), (-0.5, 0.5)),
    ("softshrink", (-0.5, 0.5), ()), ("gelu", (), ()), ("sign", (), (0,)), ("selu", (0,), ()),
])  # fmt: skip
def test_kinks_and_jumps(name, kinks, jumps):
    c = gd.viz.activation(name, range=(-4.03, 8.0)).data[name]
    np.testing.assert_allclose(c.kinks, kinks, atol=1e-6)
    np.testing.assert_allclose(c.jumps, jumps, atol=1e-6)


def test_parameters_move_kinks_and_are_shown():
    chart = gd.viz.activation("threshold", "leaky_relu", threshold=0.7, negative_slope=0.2)
    t, leaky = chart.data.values()
    assert t.jumps == (0.7,) and t.parameters == "threshold=0.7"
    assert leaky.slope.min() == 0.2 and "negative_slope=0.2" in chart.svg()


def test_saturation_in_words():
    data = gd.viz.activation("relu", "sigmoid", "leaky_relu", "sign", negative_slope=0.1).data
    assert data["relu"].saturation() == "flat, f′ = 0: x < 0"
    assert data["leaky_relu"].saturation() == "not flat here"
    assert data["sign"].saturation().startswith("▲ f′ = 0 everywhere")
    (a, b), (c, d) = data["sigmoid"].flat
    edge = np.log((1 - 2 * SATURATED + np.sqrt(1 - 4 * SATURATED)) / (2 * SATURATED))
    assert (
        (a, d) == (-4, 4)
        and b == pytest.approx(-edge, abs=0.03)
        and c == pytest.approx(edge, abs=0.03)
    )


def test_modules_functions_and_names_twice():
    chart = gd.viz.activation(gd.nn.LeakyReLU(0.3), lambda x: x * x, "relu", "relu")
    assert list(chart.data) == ["LeakyReLU", "f", "relu", "relu (2)"]
    np.testing.assert_allclose(chart.data["f"].slope, 2 * chart.data["f"].x)


def test_poles_are_drawn():
    chart = gd.viz.activation(lambda x: 1 / x, "exp", range=(-4, 4))
    assert "<svg" in chart.svg()


@pytest.mark.parametrize(("call", "kind", "fix"), [
    (lambda: gd.viz.activation("relux"), ArgumentError, "gd.viz.activation('relu')"),
    (lambda: gd.viz.activation("tanh", slope=2), ArgumentError,
     "gd.viz.activation('leaky_relu', negative_slope=0.2)"),
    (lambda: gd.viz.activation(), ArgumentError, "gd.viz.activation('relu', 'tanh')"),
    (lambda: gd.viz.activation(gd.softmax), DTypeError, "gd.viz.activation('relu', 'tanh')"),
    (lambda: gd.viz.activation("sum"), DTypeError, "gd.viz.activation('relu', 'tanh')"),
    (lambda: gd.viz.activation("matmul"), DTypeError, "gd.viz.activation('relu', 'tanh')"),
    (lambda: gd.viz.activation("glu"), DTypeError, "gd.viz.activation('relu', 'tanh')"),
    (lambda: gd.viz.activation(3), DTypeError, "gd.viz.activation('relu', 'tanh')"),
])  # fmt: skip
def test_errors_have_fixes_that_run(call, kind, fix):
    with pytest.raises(kind) as error:
        call()
    assert error.value.op == "viz.activation" and error.value.fix == fix
    assert "<svg" in eval(fix, {"gd": gd}).svg()


@pytest.mark.parametrize("ends", [(4, -4), (1, 1), (0,), "ab", (0, float("inf"))])
def test_ranges_that_are_none(ends):
    with pytest.raises(GraddlError, match="range is not two ends"):
        gd.viz.activation("relu", range=ends)


@pytest.mark.parametrize("module", ["activation", "slopes"])
def test_examples(module):
    found = importlib.import_module(f"graddl.viz.curves.{module}")
    assert doctest.testmod(found).failed == 0
