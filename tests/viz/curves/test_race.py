"""The race: the winner is the one with the lowest loss, and words are honest."""

import doctest
import importlib
from functools import partial

import numpy as np
import pytest

import graddl as gd
from graddl.errors import ArgumentError
from graddl.viz.curves.paths import Path
from graddl.viz.curves.race import winner

SGD = gd.optim.SGD


def path(name, end, diverged=None):
    return Path(name, np.zeros((11, 2)), np.array([1.0] * 10 + [end]), diverged)


@pytest.mark.parametrize(("paths", "words"), [
    ([path("a", 0.1), path("b", 0.2)], "a is lowest after 10 steps"),
    ([path("a", -0.1), path("b", -0.2)], "b is lowest after 10 steps"),
    ([path("a", 0.1), path("b", 0.10001)], "a tie of a and b after 10 steps"),
    ([path("a", 0.0), path("b", 0.0)], "a tie of a and b after 10 steps"),
    ([path("a", 0.1, 10), path("b", 0.2)], "b is lowest after 10 steps"),
    ([path("a", 0.1, 10), path("b", 0.2, 3)], "all diverged"),
    ([path("a", 0.1)], "a reaches 0.1 after 10 steps"),
    ([path("a", 0.1, 5)], "a diverged"),
])  # fmt: skip
def test_winner(paths, words):
    assert winner(paths) == words


def test_losses_are_those_of_descent():
    a, b = (f("beale", steps=15).data for f in (gd.viz.race, gd.viz.descent))
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name].losses, b[name].losses)


def test_lines_are_the_losses_over_the_lowest():
    chart = gd.viz.race("saddle", steps=10)
    lines = chart.figure.axes[0].get_lines()[:4]
    assert chart.figure.axes[0].get_yscale() == "log"
    for line, p in zip(lines, chart.data.values(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), p.losses + 0.5)
    assert "loss − lowest possible (−0.5)" in chart.svg()


@pytest.mark.parametrize("f", [lambda x, y: x * y, lambda x, y: x * 0 + y * 0])
def test_a_linear_scale_where_losses_are_not_positive(f):
    chart = gd.viz.race(f, (1.0, -1.0), {"SGD": partial(SGD, lr=0.1)}, 5)
    assert chart.figure.axes[0].get_yscale() == "linear" and "linear scale" in chart.svg()


def test_exactly_at_the_minimum_and_diverged():
    makers = {"exact": partial(SGD, lr=1.0), "wild": partial(SGD, lr=2.5)}
    chart = gd.viz.race("quadratic", (1.0, 1.0), makers, 60, condition=1)
    assert chart.data["exact"].losses[-1] == 0.0 and chart.data["wild"].diverged
    assert "exact is lowest after 60 steps" in chart.title and "✕ diverged" in chart.svg()


def test_errors_name_the_race():
    with pytest.raises(ArgumentError) as error:
        gd.viz.race("rosenbroc")
    assert error.value.op == "viz.race" and "<svg" in eval(error.value.fix, {"gd": gd}).svg()


def test_examples():
    assert doctest.testmod(importlib.import_module("graddl.viz.curves.race")).failed == 0
