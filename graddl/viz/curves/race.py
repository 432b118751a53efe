"""A race of optimizers: the loss against the step, and who won in words."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..names import clean
from ..numbers import number
from ..style import Palette
from .chart import Chart, axes, header
from .descent import point, source
from .functions import Surface
from .paths import Path, run
from .style import LOOKS, logarithmic, plain, spread

TIE = 1e-3  # losses that are no farther apart, relative to the larger one, are equal


def race(
    f: str | Callable = "rosenbrock",
    start: Any = None,
    optimizers: Any = None,
    steps: int = 100,
    *,
    condition: float | None = None,
    theme: str = "auto",
) -> Chart:
    """Draw the loss of several optimizers against the step, and say who is lowest at the end.

    Where the lowest value of the function is known, its distance from that is drawn; on a
    logarithmic scale unless a loss is 0 or less.

    Parameters
    ----------
    f, start, optimizers, steps, condition, theme
        As of :func:`descent`.

    Returns
    -------
    Chart
        Its ``data[name]`` holds points of shape (steps + 1, 2) and losses of shape (steps + 1,).

    Raises
    ------
    ArgumentError, DTypeError, MissingDependency
        As `descent` does.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.race("quadratic", optimizers=["SGD", "Adam"], steps=60)
    <Chart of Quadratic bowl, condition number 20: SGD is lowest after 60 steps>
    """
    s, paths = run(f, start, optimizers, steps, condition, "race")
    won = winner(paths)
    title = clean(s.title, 60)
    said = [f"{q.name}: {q.end()}" for q in paths]
    return Chart(
        partial(paint, s, paths, won),
        f"{title}: {won}",
        f"Loss against step on {title}, from {point(paths[0].points[0])}. {won}. "
        f"{'. '.join(said)}.",
        (9.0, 5.0), theme, {q.name: q for q in paths}, [won, *said, *source(s)],
    )  # fmt: skip


def winner(paths: list[Path]) -> str:
    """Who has the lowest loss at the end; honest about ties and about those that diverged."""
    ended = sorted((q for q in paths if q.diverged is None), key=lambda q: q.losses[-1])
    if not ended:
        return "all diverged" if len(paths) > 1 else f"{paths[0].name} diverged"
    best = ended[0].losses[-1]
    near = [q.name for q in ended
            if q.losses[-1] - best <= TIE * max(abs(best), abs(q.losses[-1]))]  # fmt: skip
    steps = ended[0].steps
    if len(paths) == 1:
        return f"{ended[0].name} reaches {number(best)} after {steps} steps"
    if len(near) > 1:
        return f"a tie of {' and '.join(near)} after {steps} steps"
    return f"{near[0]} is lowest after {steps} steps"


def paint(s: Surface, paths: list[Path], won: str, figure: Any, p: Palette) -> None:
    floor = s.lowest or 0.0
    lines = [q.losses - floor for q in paths]
    values = np.concatenate(lines)
    values = values[np.isfinite(values)]
    positive = bool(values.size and (values > 0).all())
    if not positive and s.lowest is not None and values.min() > -1e-9:
        positive = True  # exactly at the minimum: the line ends where the scale does
    what = "loss" if not floor else f"loss − lowest possible ({number(floor)})"
    scale = "logarithmic scale" if positive else "linear scale, as not all losses are above 0"
    sign = "✕ " if "diverged" in won else ""
    top = header(figure, p, f"{clean(s.title, 44)}: {sign}{won}", [f"{what} against step; {scale}"])
    ax = axes(figure, 52, top + 16, 186, 34)
    plain(ax, p)
    start, last = max(v[0] for v in lines), max(q.steps for q in paths)
    if positive:
        low = values[values > 0].min() if (values > 0).any() else 1e-12
        ax.set_ylim(max(low, start * 1e-16) / 1.5, start * 3)
        logarithmic(ax)
    else:
        room = 0.05 * max(start - values.min(), 1e-9)
        ax.set_ylim(values.min() - room, start + room)
    ax.set_xlim(0, last)
    low, high = ax.get_ylim()
    for k, (q, v, look) in enumerate(zip(paths, lines, LOOKS, strict=False)):
        v = np.where(np.isfinite(v), v, np.nan)
        every = max(last // 10, 1)
        ax.plot(np.clip(v, low, None) if positive else v, color=getattr(p, look.colour),
                zorder=3 + 0.1 * k, linestyle=look.dash, linewidth=2, marker=look.marker,
                markersize=5,
                markevery=(k * every // len(paths), every), markeredgecolor=p.paper,
                markeredgewidth=0.5)  # fmt: skip
        if q.diverged is not None:
            kept = [i for i in range(len(v)) if low <= v[i] <= high]
            ax.plot(kept[-1:], v[kept[-1:]], "X", color=p.warning, markersize=10, zorder=6,
                    clip_on=False)  # fmt: skip
    names(ax, paths, lines, p, last)
    ax.set_xlabel("step", fontsize=9, color=p.quiet, loc="right", labelpad=2)


def names(ax: Any, paths: list[Path], lines: list[np.ndarray], p: Palette, last: int) -> None:
    """The optimizers' names at the ends of their lines, in the order of the losses."""
    tall = ax.figure.get_size_inches()[1] * 72 * ax.get_position().height
    ends = [np.nan_to_num(v[-1], nan=np.inf, posinf=np.inf) for v in lines]
    low, high = ax.get_ylim()
    at = ax.transAxes.inverted().transform(
        ax.transData.transform([(last, min(max(v, low), high)) for v in ends])
    )[:, 1] * tall  # fmt: skip
    order = sorted(range(len(paths)), key=lambda k: (at[k], ends[k]))
    nudged = [float(at[k]) + 1e-6 * i for i, k in enumerate(order)]  # equal ones: in order
    for place, k in zip(spread(nudged, 27, 12, tall - 8), order, strict=True):
        q, colour = paths[k], getattr(p, LOOKS[k].colour)
        if q.diverged is None:
            ax.plot([1.0, 1.03], [at[k] / tall, place / tall], color=colour, linewidth=0.8,
                    transform=ax.transAxes, clip_on=False)  # fmt: skip
        ax.plot([1.045], [place / tall], LOOKS[k].marker, color=colour, markersize=6,
                transform=ax.transAxes, clip_on=False)  # fmt: skip
        warn = q.diverged is not None
        for text, up, more in (
            (q.name, 6, {"color": colour, "fontweight": "bold", "fontsize": 10}),
            (q.end(), -6, {"color": p.warning if warn else p.quiet, "fontsize": 9}),
        ):
            ax.annotate(text, (1.06, place / tall), xytext=(2, up), xycoords="axes fraction",
                        textcoords="offset points", va="center", **more)  # fmt: skip
