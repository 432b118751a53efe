"""Activation functions and their derivatives, side by side."""

import difflib
import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...errors import DTypeError
from ...nn import Module
from ...ops import FUNCTIONS
from ..names import clean
from ..numbers import number
from ..options import complain, pair
from ..style import Palette
from .chart import Chart, axes, header
from .slopes import FIX, POINTS, Curve, curve
from .style import plain, shades

TITLE = "Activations and their derivatives"
WIDE, HIGH = 186, 130  # of a panel in points
MOST = 12  # functions in one chart


def activation(
    *names: str | Callable,
    range: tuple[float, float] = (-4.0, 4.0),
    theme: str = "auto",
    **parameters: Any,
) -> Chart:
    r"""Draw activation functions with their derivatives, which the engine computes.

    Grey, with the word "flat", is where :math:`|f'(x)| < 0.05` out to an end of the range: a unit
    there hardly learns. A kink is where f' jumps.

    Parameters
    ----------
    *names : str or callable
        Functions of the table, such as "relu", "tanh", "gelu", or functions of one Tensor that
        work point by point, such as `gd.nn.LeakyReLU(0.2)`.
    range : (low, high)
        Of x.
    theme : "auto", "light" or "dark"
    **parameters
        Parameters of the named functions, such as ``negative_slope=0.2``.

    Returns
    -------
    Chart
        Its ``data[name]`` holds x, y and slope, each of shape (401,).

    Raises
    ------
    ArgumentError
        An unknown name, a parameter that none of them has, or not two ends of a range.
    DTypeError
        A function that gives no Tensor of x's shape, or mixes its points.
    MissingDependency
        Without matplotlib.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural
    networks: why flat ends slow learning.

    Examples
    --------
    >>> import graddl as gd
    >>> chart = gd.viz.activation("sigmoid", "relu")
    >>> chart
    <Chart of Activations and their derivatives: sigmoid, relu>
    >>> float(chart.data["sigmoid"].slope.max())
    0.25
    """
    low, high = ends(range)
    if not 0 < len(names) <= MOST:
        raise complain("activation", "not a number of functions that fits a chart", len(names),
                       f"1 to {MOST} of them", FIX)  # fmt: skip
    used: set[str] = set()
    functions = [named(f, parameters, used) for f in names]
    for name in parameters.keys() - used:
        raise complain("activation", f"none of the functions has a parameter {name!r}", name,
                       "a parameter of a function named here",
                       "gd.viz.activation('leaky_relu', negative_slope=0.2)")  # fmt: skip
    x = np.linspace(low, high, POINTS)
    curves: dict[str, Curve] = {}
    for name, more, f in functions:
        key, k = name, 2
        while key in curves:
            key, k = f"{name} ({k})", k + 1
        curves[key] = curve(key, more, f, x)
    said = [f"{c.name}: {'; '.join(c.words())}" for c in curves.values()]
    columns = min(len(curves), 4 if len(curves) not in (5, 6, 9) else 3)
    rows = math.ceil(len(curves) / columns)
    many = list(curves.values())
    high_points = 74 + rows * (HIGH + under(many)) - 24
    return Chart(
        partial(paint, many, columns),
        f"{TITLE}: {', '.join(curves)}",
        f"{TITLE}, for x from {number(low)} to {number(high)}. {'. '.join(said)}.",
        (max(columns * WIDE + 28, 420) / 72, high_points / 72),
        theme, dict(curves), said,
    )  # fmt: skip


def ends(given: Any) -> tuple[float, float]:
    low, high = pair(given)
    if not -math.inf < low < high < math.inf:
        raise complain("activation", "range is not two ends", repr(given), "two numbers, the "
                       "smaller one first", "range=(-4, 4)")  # fmt: skip
    return low, high


def named(f: Any, parameters: dict, used: set[str]) -> tuple[str, str, Callable]:
    """(what to call it, its parameters, the function with those that it takes)."""
    if isinstance(f, str):
        if f not in FUNCTIONS:
            near = difflib.get_close_matches(f, list(FUNCTIONS), 1) or ["relu"]
            raise complain("activation", "no function of this name in the table", repr(f),
                           "a name such as 'relu' or 'tanh'",
                           f"gd.viz.activation({near[0]!r})")  # fmt: skip
        name, function = f, FUNCTIONS[f]
        own = {k: v for k, v in parameters.items() if k in inspect.signature(function).parameters}
        used.update(own)
        more = ", ".join(f"{k}={number(v) if isinstance(v, float) else v}" for k, v in own.items())
        return name, clean(more), partial(function, **own)
    if not callable(f):
        raise complain("activation", "neither a name nor a function", type(f).__name__,
                       "functions of one Tensor", FIX, DTypeError)  # fmt: skip
    name = type(f).__name__ if isinstance(f, Module) else getattr(f, "__name__", "f")
    more = f.extra_repr() if isinstance(f, Module) else ""
    return clean("f" if name == "<lambda>" else name, 22), clean(more.replace("=-", "=−")), f


def paint(curves: list[Curve], columns: int, figure: Any, p: Palette) -> None:
    key = "f solid, f′ dashed, computed by the engine; ◆ kink or jump; grey: flat"
    top = header(figure, p, TITLE, [key]) + 34
    width, height = (72 * s for s in figure.get_size_inches())
    below = under(curves)
    for k, c in enumerate(curves):
        i, j = divmod(k, columns)
        left, above = 40 + j * WIDE, top + i * (HIGH + below)
        ax = axes(figure, left, above, width - left - WIDE + 30, height - above - HIGH)
        panel(ax, c, p)


def under(curves: list[Curve]) -> int:
    """Points under a panel, for its numbers, its words, and the next panel's name."""
    return 56 + 12 * max(len(c.words()) for c in curves)


def panel(ax: Any, c: Curve, p: Palette) -> None:
    plain(ax, p)
    values = np.concatenate([c.y, c.slope])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    room = 0.1 * (high - low or 1.0)  # and above, for a label
    ax.set_xlim(c.x[0], c.x[-1])
    ax.set_ylim(low - room, high + 1.6 * room)
    for a, b in c.flat:
        ax.axvspan(a, b, facecolor=shades(p, "quiet")[1], edgecolor="none", zorder=0.5)
    ax.axhline(0.0, color=p.border, linewidth=0.8, zorder=1)
    ax.axvline(0.0, color=p.border, linewidth=0.8, zorder=1)
    for v, colour, dash, at in (
        (c.y, p.data, "-", c.jumps),
        (c.slope, p.gradient, (0, (5, 2)), (*c.kinks, *c.jumps)),
    ):
        ax.plot(*cut(c.x, v, at), color=colour, linestyle=dash, linewidth=2.2, zorder=3)
    for k in (*c.kinks, *c.jumps):
        ax.plot([k], [np.interp(k, c.x, c.y)], "D", color=p.ink, markersize=5, zorder=5)
    label(ax, c, p)
    ax.set_title(c.name, loc="left", fontsize=11, fontweight="bold", color=p.ink, pad=6)
    for n, line in enumerate(c.words()):
        colour = p.warning if line[:1] == "▲" else p.quiet
        ax.annotate(line, (0, 0), xytext=(0, -29 - 12 * n), xycoords="axes fraction",
                    textcoords="offset points", fontsize=9, color=colour)  # fmt: skip


def cut(x: np.ndarray, v: np.ndarray, at: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A line with a gap where v jumps, each side drawn up to it."""
    for k in at:
        left, right = np.flatnonzero(x < k - 1e-9), np.flatnonzero(x > k + 1e-9)
        if left.size and right.size:
            a, b = left[-1], right[0]
            x = np.concatenate([x[: a + 1], [k, np.nan, k], x[b:]])
            v = np.concatenate([v[: a + 1], [v[a], np.nan, v[b]], v[b:]])
    return x, v


def label(ax: Any, c: Curve, p: Palette) -> None:
    """f and f′ above their lines, where these are farthest from each other."""
    edge = POINTS // 10
    gap = np.nan_to_num(np.abs(c.y - c.slope)[edge:-edge], nan=-1.0, posinf=-1.0)
    k = int(np.argmax(gap)) + edge
    for v, colour, text in ((c.y, p.data, "f"), (c.slope, p.gradient, "f′")):
        if math.isfinite(v[k]):
            lean = float(v[k + 1] - v[k - 1]) / (c.x[k + 1] - c.x[k - 1])
            ax.annotate(text, (c.x[k], v[k]), xytext=(-8 * np.clip(lean, -1, 1), 5),
                        textcoords="offset points", ha="center", color=colour, fontsize=11,
                        fontweight="bold", zorder=6)  # fmt: skip
