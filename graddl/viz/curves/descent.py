"""Paths of optimizers on the contours of a function of two numbers."""

import textwrap
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..._core import Tensor
from ...modes import no_grad
from ..names import clean
from ..numbers import number
from ..options import complain
from ..style import Palette
from .chart import Chart, axes, header
from .contours import beside, contours
from .functions import Surface
from .paths import Path, run, value
from .style import LOOKS, say

GRID = 121  # points on a side
DOTS = 12  # markers on a path


def descent(
    f: str | Callable = "rosenbrock",
    start: Any = None,
    optimizers: Any = None,
    steps: int = 100,
    *,
    condition: float | None = None,
    window: Any = None,
    theme: str = "auto",
) -> Chart:
    """Draw the paths that optimizers take down a function of two numbers.

    Parameters
    ----------
    f : str or callable
        "quadratic", "rosenbrock", "beale", "saddle", or a function of two Tensors of one element
        that returns one.
    start : (x, y), optional
        A named function has one of its own.
    optimizers : dict of str to callable, optional
        What makes each from a list of parameters: ``{"Adam": lambda params: gd.optim.Adam(params,
        lr=0.1)}``. By default SGD with and without momentum, RMSprop and Adam; a list may name some
        of these.
    steps : int
    condition : float, optional
        Condition number of the quadratic, 20 by default.
    window : ((x low, x high), (y low, y high)), optional
        The part to show; else what is usual for a named function, or what the paths need.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Chart
        Its ``data[name]`` holds points of shape (steps + 1, 2) and losses of shape (steps + 1,).

    Raises
    ------
    ArgumentError
        An unknown function, or a start, steps or window that mean nothing.
    DTypeError
        The function gives no single number, or what is to make an optimizer does not.
    MissingDependency
        Without matplotlib.

    References
    ----------
    Of the functions: Goh (2017), Why momentum really works; Rosenbrock (1960), An automatic method
    for finding the greatest or least value of a function; Beale (1958), On an iterative method of
    finding a local minimum of a function of more than one variable; Dauphin et al. (2014),
    Identifying and attacking the saddle point problem.

    Examples
    --------
    >>> import graddl as gd
    >>> chart = gd.viz.descent("quadratic", optimizers=["SGD", "Adam"], steps=20)
    >>> chart.data["SGD"].points[-1].round(2).tolist()
    [-0.68, 0.02]
    """
    s, paths = run(f, start, optimizers, steps, condition, "descent")
    box = frame(window, s, paths)
    x, y = (np.linspace(low, high, GRID) for low, high in box)
    with no_grad(), np.errstate(all="ignore"):
        z = np.array([[float(value(s.f, (a, b), "descent").item()) for a in map(Tensor, x)]
                      for b in map(Tensor, y)])  # fmt: skip
    begin = paths[0].points[0]
    said = [f"{p.name}: {p.end()} after {p.steps} steps, at {point(p.points[-1])}" for p in paths]
    title = clean(s.title, 60)
    return Chart(
        partial(paint, s, paths, x, y, z),
        f"{title}: {len(paths)} optimizer{'s' * (len(paths) > 1)}",
        f"Contours of {title} with the path of each optimizer from {point(begin)}. "
        f"{'. '.join(said)}.",
        (10.2, 6.2), theme, {p.name: p for p in paths}, [*said, *source(s)],
    )  # fmt: skip


def point(q: Any) -> str:
    return f"({number(round(float(q[0]), 4))}, {number(round(float(q[1]), 4))})"


def source(s: Surface) -> list[str]:
    return [f"Function: {s.source}."] if s.source else []


def frame(window: Any, s: Surface, paths: list[Path]) -> tuple:
    """The part of the plane to show."""
    if window is not None:
        try:
            (a, b), (c, d) = ((float(low), float(high)) for low, high in window)
        except (TypeError, ValueError):
            a = b = c = d = 0.0
        if not (a < b and c < d and np.isfinite([a, b, c, d]).all()):
            raise complain("descent", "window is not two ranges", repr(window), "two pairs, the "
                           "smaller number first", "window=((-2, 2), (-1, 3))")  # fmt: skip
        return (a, b), (c, d)
    begin = paths[0].points[0]
    if s.window and all(low <= v <= high for v, (low, high) in zip(begin, s.window, strict=True)):
        return s.window
    calm = [p.points for p in paths if p.diverged is None] or [begin[None]]
    points = np.concatenate([*calm, *([list(q)] for q in s.minima)])
    low, high = points.min(0), points.max(0)
    room = 0.2 * np.maximum(high - low, max(float((high - low).max()) * 0.4, 0.5))
    return tuple((float(a), float(b)) for a, b in zip(low - room, high + room, strict=True))


def paint(s: Surface, paths: list[Path], x: Any, y: Any, z: Any, figure: Any, p: Palette) -> None:
    begin = paths[0].points[0]
    top = header(figure, p, clean(s.title, 60), [
        f"{paths[0].steps} steps from {point(begin)}" if len(paths) == 1 else
        f"up to {max(q.steps for q in paths)} steps from {point(begin)}; "
        "bluer is lower, lines are labelled with the loss"])  # fmt: skip
    ax = axes(figure, 44, top + 18, 236, 34)
    contours(ax, x, y, z, p)
    for k, (path, look) in enumerate(zip(paths, LOOKS, strict=False)):
        every = max(path.steps // DOTS, 1)
        colour = getattr(p, look.colour)
        ax.plot(*path.points.T, color=colour, linestyle=look.dash, linewidth=1.8,
                marker=look.marker, markersize=4.5, markevery=(every, every),
                markeredgecolor=p.paper,
                markeredgewidth=0.5, zorder=3 + 0.1 * k)  # fmt: skip
        if path.diverged is None:
            ax.plot(*path.points[-1], look.marker, color=colour, markersize=9,
                    markeredgecolor=p.ink, markeredgewidth=1.2, zorder=4.5)  # fmt: skip
    for q in s.minima:
        ax.plot(*q, "*", color=p.paper, markersize=14, markeredgecolor=p.ink, zorder=4)
    ax.plot(*begin, "o", color=p.paper, markersize=9, markeredgecolor=p.ink, zorder=5)
    box = ax.get_xlim(), ax.get_ylim()
    taken = [
        (np.array(q) - [a for a, _ in box]) / [b - a for a, b in box] for q in (begin, *s.minima)
    ]
    places = beside([q.points for q in paths], box, taken)
    for path, look, at in zip(paths, LOOKS, places, strict=False):
        if at is not None:
            colour = getattr(p, look.colour)
            ax.plot(
                *np.array(at).T, color=colour, linewidth=0.8, transform=ax.transAxes, zorder=5.5
            )
            say(ax, at[1][0], at[1][1], path.name, colour, transform=ax.transAxes, ha="center",
                va="center", fontweight="bold")  # fmt: skip
    key(figure, s, paths, p, top + 30)


def key(figure: Any, s: Surface, paths: list[Path], p: Palette, top: float) -> None:
    """At the right: each line with the optimizer's name, its loss and where it ended."""
    from matplotlib.lines import Line2D

    width, height = (72 * v for v in figure.get_size_inches())
    left = width - 220

    def write(text, down, colour, **more):
        figure.text((left + 44) / width, 1 - down / height, text, color=colour, va="center",
                    **({"fontsize": 9.5} | more))  # fmt: skip

    def mark(xs, down, **more):
        figure.add_artist(
            Line2D([(left + v) / width for v in xs], [1 - down / height] * len(xs), **more)
        )

    for k, (path, look) in enumerate(zip(paths, LOOKS, strict=False)):
        down, colour = top + 54 * k, getattr(p, look.colour)
        mark((0, 17, 34), down, color=colour, linestyle=look.dash, linewidth=2, marker=look.marker,
             markevery=[1], markersize=7)  # fmt: skip
        write(path.name, down, colour, fontweight="bold", fontsize=10.5)
        failed = path.diverged is not None
        write(path.end(), down + 15, p.warning if failed else p.ink)
        write("" if failed else f"at {point(path.points[-1])}", down + 29, p.quiet)
    down = top + 54 * len(paths) + 8
    rows = [("o", "start")] + [("*", "minimum")] * bool(s.minima)
    for marker, text in (*rows, (None, "large: the end")):
        if marker:
            mark((17,), down, color=p.paper, marker=marker, markersize=9 if marker == "o" else 13,
                 markeredgecolor=p.ink, linestyle="none")  # fmt: skip
        else:
            mark((17,), down, color=p.quiet, marker="s", markersize=9, markeredgecolor=p.ink,
                 linestyle="none")  # fmt: skip
        write(text, down, p.quiet)
        down += 18
    for line in textwrap.wrap(s.source, 34):
        down += 13
        figure.text(left / width, 1 - down / height, line, fontsize=8.5, color=p.quiet)
