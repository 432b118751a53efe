"""The line search: what it returns fulfils the conditions of Wolfe."""

import math

import numpy as np
import pytest

from graddl.optim.line_search import Point, lowest_of_cubic, strong_wolfe


def exp(t):
    """Infinite where math.exp raises."""
    return float(np.exp(t))


LINES = {  # f and f' along a line
    "bowl": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "steep": (lambda t: exp(t) - 20 * t, lambda t: exp(t) - 20),
    "waves": (
        lambda t: math.cos(t) + 0.01 * (t - 8) ** 2 - t,
        lambda t: -math.sin(t) + 0.02 * (t - 8) - 1,
    ),
    "root": (
        lambda t: math.sqrt(1 + (t - 5) ** 2),
        lambda t: (t - 5) / math.sqrt(1 + (t - 5) ** 2),
    ),
    "cliff": (lambda t: -t if t < 2 else math.nan, lambda t: -1.0 if t < 2 else math.nan),
    "wall": (
        lambda t: (t - 1) ** 2 if t < 2 else math.inf,
        lambda t: 2 * (t - 1) if t < 2 else math.inf,
    ),
}


def points(name):
    f, slope = LINES[name]
    return lambda t: Point(t, f(t), slope(t), None)


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 7.0, 1e3])
@pytest.mark.parametrize("name", ["bowl", "steep", "waves", "root", "wall"])
def test_both_conditions_hold(name, first):
    at, calls = points(name), []

    def counted(t):
        calls.append(t)
        return at(t)

    start = at(0.0)
    found, evaluations = strong_wolfe(counted, start, first, 1.0)
    assert found.f <= start.f + 1e-4 * found.t * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)
    assert found == at(found.t) and evaluations == len(calls) <= 26


def test_a_loss_that_becomes_nan_is_not_walked_into():
    start = points("cliff")(0.0)
    found, _ = strong_wolfe(points("cliff"), start, 1.0, 1.0)
    assert 0 < found.t < 2 and math.isfinite(found.f)


def test_where_nothing_is_lower_it_stays():
    at = lambda t: Point(t, 1.0 + abs(t), -1.0, None)  # noqa: E731
    start = Point(0.0, 1.0, -1.0, None)
    found, evaluations = strong_wolfe(at, start, 1.0, 1.0, most=5)
    assert found is start and evaluations == 6


def test_it_gives_up_when_the_bracket_is_small():
    at = lambda t: Point(t, 1.0 + t, -1.0, None)  # noqa: E731
    _, evaluations = strong_wolfe(at, Point(0.0, 1.0, -1.0, None), 1.0, 1.0, tolerance=0.4, most=50)
    assert evaluations < 10


def test_no_further_evaluation_is_allowed():
    at = points("bowl")
    found, evaluations = strong_wolfe(at, at(0.0), 0.1, 1.0, most=0)
    assert (found.t, evaluations) == (0.1, 1)


def test_lowest_of_cubic():
    def cubic(t):  # t^3 - 3 t: lowest at 1
        return Point(t, t**3 - 3 * t, 3 * t**2 - 3, None)

    assert lowest_of_cubic(cubic(0.0), cubic(3.0), 0.0, 3.0) == pytest.approx(1.0)
    assert lowest_of_cubic(cubic(0.0), cubic(3.0), 2.0, 3.0) == 2.0
    assert lowest_of_cubic(cubic(0.0), cubic(3.0), 0.0, 0.5) == 0.5
    line = [Point(t, -t, -1.0, None) for t in (0.0, 1.0)]
    assert lowest_of_cubic(*line, 0.0, 4.0) == 2.0  # it has no lowest point: the middle
