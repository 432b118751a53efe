"""Losses by epoch, with the verdict in words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from ..names import clean
from ..numbers import number
from ..options import complain
from ..style import Palette
from .chart import Chart, axes, header
from .history import TRAIN, VALIDATION, columns, epochs_of, key
from .style import LOOKS, logarithmic, plain, say, spread
from .verdict import Verdict, limits_of, verdict

SIGNS = {"good fit": "✓", "overfit": "▲", "underfit": "▼", "diverged": "✕"}


def learning_curves(
    history: Mapping | Sequence[Mapping],
    *,
    train: str | None = None,
    validation: str | None = None,
    metric: str | None = None,
    limits: dict | None = None,
    baseline: float | None = None,
    floor: float = 0.0,
    log: bool = False,
    theme: str = "auto",
) -> Chart:
    """Draw losses by epoch, and say whether they show a good fit, an underfit or an overfit.

    The rules are those of ``graddl.viz.curves.verdict``; the chart prints the limits.

    Parameters
    ----------
    history : dict of lists, or list of dicts
        A number for each epoch; None where nothing was measured.
    train, validation : str, optional
        The keys of the losses; else "loss" or "train_loss", and "val_loss" or "validation_loss".
    metric : str, optional
        The key of another number, such as "accuracy"; with "val_accuracy" beside it, if that is
        there.
    limits : dict of str to float, optional
        Other limits: "epochs", "diverged", "rise", "gap", "falling", "left", "small".
    baseline : float, optional
        The loss of a model that learned nothing; else the first training loss.
    floor : float
        The lowest loss possible.
    log : bool
        A logarithmic scale of losses.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Chart
        Its ``data["verdict"]`` holds the word, the reason and the measures.

    Raises
    ------
    ArgumentError
        A key that is not there, no training losses, or limits that mean nothing.
    ShapeError
        Lists of different lengths.
    DTypeError
        Something that is no number.
    MissingDependency
        Without matplotlib.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), Deep learning, sections 5.2 and 7.8; Prechelt (1998),
    Early stopping - but when?

    Examples
    --------
    >>> import graddl as gd
    >>> losses, validation = [1.0, 0.5, 0.3, 0.2, 0.1, 0.05], [1.1, 0.7, 0.6, 0.62, 0.7, 0.9]
    >>> chart = gd.viz.learning_curves({"loss": losses, "val_loss": validation})
    >>> chart
    <Chart of Learning curves: overfit>
    >>> chart.data["verdict"].reason
    'the validation loss ends 50 % above its lowest (limit 10 %)'
    """
    table = columns(history)
    names = [key(table, train, TRAIN, "train"), key(table, validation, VALIDATION, "validation")]
    if names[0] is None:
        raise complain("learning_curves", "no training losses", f"keys {list(table)}",
                       " or ".join(TRAIN), f"train={next(iter(table), 'loss')!r}")  # fmt: skip
    losses = {name: table[name] for name in names if name is not None}
    used = limits_of(limits)
    found = verdict(table[names[0]], table.get(names[1] or ""), used, baseline, floor)
    panels = [losses]
    if metric is not None:
        if metric not in table:
            raise complain("learning_curves", "no such metric", repr(metric),
                           f"one of {list(table)}", f"metric={list(table)[-1]!r}")  # fmt: skip
        other = next((k for k in (f"val_{metric}", f"validation_{metric}", f"valid_{metric}")
                      if k in table), None)  # fmt: skip
        panels.append({k: table[k] for k in (metric, other) if k is not None})
    epochs = epochs_of(table, len(table[names[0]]))
    lowest = "" if found.lowest is None else (
        f"the validation loss is lowest at epoch {number(epochs[found.lowest])}")  # fmt: skip
    rules = used.words()
    said = [f"{found.word}: {found.reason}", *([lowest] if lowest else []), *rules]
    data = {"verdict": found, "epochs": epochs, "limits": asdict(used),
            **{k: floats(v) for part in panels for k, v in part.items()}}  # fmt: skip
    return Chart(
        partial(paint, panels, epochs, found, rules, log),
        f"Learning curves: {found.word}",
        f"Losses of {len(epochs)} epochs. Verdict: {found.word}, since {found.reason}. {lowest}",
        (9.2 if len(panels) == 1 else 10.6, 5.0), theme, data, said,
    )  # fmt: skip


def floats(values: list) -> np.ndarray:
    return np.array([math.nan if v is None else v for v in values])


def paint(
    panels: list[dict],
    epochs: list[float],
    found: Verdict,
    rules: list[str],
    log: bool,
    figure: Any,
    p: Palette,
) -> None:
    sign = SIGNS.get(found.word, "")
    notes = [f"{sign} {found.reason}".strip(), *rules]
    top = header(figure, p, f"Learning curves: {found.word}", notes)
    width = 72 * figure.get_size_inches()[0]
    each = width / len(panels)
    for k, panel in enumerate(panels):
        ax = axes(figure, 50 + k * each, top + 32, width - (k + 1) * each + 122, 36)
        plain(ax, p)
        curves(ax, panel, epochs, found if k == 0 else None, log and k == 0, p)
        ax.set_title("loss" if k == 0 else clean(next(iter(panel)), 24), loc="left", fontsize=9.5,
                     color=p.quiet, pad=6)  # fmt: skip
        ax.set_xlabel("epoch", fontsize=9, color=p.quiet, loc="right", labelpad=2)


def curves(
    ax: Any, panel: dict, epochs: list[float], found: Verdict | None, log: bool, p: Palette
) -> None:
    """The lines of one panel with their names, and where validation is lowest."""
    lines = [floats(v) for v in panel.values()]
    known = np.concatenate([v[np.isfinite(v)] for v in lines])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if high > 20 * abs(lines[0][0]) > 0:  # a loss that blew up must not flatten all others
        high = 20 * abs(float(lines[0][0]))
    if log and low > 0:
        ax.set_ylim(low / 1.3, high * 1.3)
        logarithmic(ax)
    else:
        room = 0.08 * (high - low or abs(high) or 1.0)
        ax.set_ylim(min(low - room, 0.0) if low < 0 else max(low - room, 0.0), high + room)
    first, end = epochs[0], epochs[-1]
    wide = (end - first) or 1.0
    ax.set_xlim(first - 0.02 * wide, end + 0.02 * wide)
    if all(float(e).is_integer() for e in epochs):
        from matplotlib.ticker import MaxNLocator

        ax.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    x = np.array(epochs)
    for v, look in zip(lines, LOOKS, strict=False):
        at = np.isfinite(v)
        ax.plot(x[at], v[at], color=getattr(p, look.colour), linestyle=look.dash, linewidth=2.2,
                marker=look.marker, markersize=5.5, zorder=3,
                markevery=max(-(-len(x) // 14), 1), markeredgecolor=p.paper, markeredgewidth=0.6
    )  # fmt: skip
    if found is not None and found.lowest is not None and len(lines) > 1:
        mark(ax, epochs[found.lowest], float(lines[1][found.lowest]), found.turned, p)
    for v in lines if found is not None else []:
        bad = np.flatnonzero(~np.isfinite(v))
        if found is not None and found.word == "diverged" and bad.size and bad[-1] == len(v) - 1:
            good = np.flatnonzero(np.isfinite(v))
            k = int(good[-1]) + 1 if good.size else 0
            ax.axvline(x[k], color=p.warning, linewidth=1.2, zorder=2)
            ax.set_xlim(right=max(ax.get_xlim()[1], float(x[k]) + 0.3 * wide))
            say(ax, x[k], 0.96, f" ✕ {number(float(v[k]))} from here", p.warning, va="top",
                fontweight="bold", transform=ax.get_xaxis_transform())  # fmt: skip
    tags(ax, ("training", "validation") if found is not None else panel, lines, p)


def mark(ax: Any, x: float, y: float, turned: bool, p: Palette) -> None:
    """The lowest validation loss, and whether it has turned up since."""
    colour = p.warning if turned else p.quiet
    ax.axvline(x, color=colour, linewidth=1.1, linestyle=(0, (3, 2)), zorder=1.5)
    ax.plot([x], [y], "D", color="none", markeredgecolor=colour, markeredgewidth=1.6, markersize=11,
            zorder=4)  # fmt: skip
    text = (
        f"▲ turns up after epoch {number(x)}" if turned else f"lowest validation: epoch {number(x)}"
    )
    wide = ax.figure.get_size_inches()[0] * 72 * ax.get_position().width
    low, high = ax.get_xlim()
    place = min(max((x - low) / (high - low), 105 / wide), 1 - 70 / wide)  # "loss" is at the left
    ax.annotate(text, (place, 1), xycoords="axes fraction", xytext=(0, 6), ha="center",
                textcoords="offset points", fontsize=9.5, color=colour)  # fmt: skip


def tags(ax: Any, names: Any, lines: list[np.ndarray], p: Palette) -> None:
    """The names of the lines at their ends, with their last values."""
    tall = ax.figure.get_size_inches()[1] * 72 * ax.get_position().height
    low, high = ax.get_ylim()
    ends = []
    for v in lines:
        good = v[np.isfinite(v)]
        at = min(max(float(good[-1]), low), high) if good.size else low
        up = ax.transAxes.inverted().transform(ax.transData.transform((0.0, at)))[1]
        ends.append(float(up) * tall)
    for name, v, look, place in zip(
        names, lines, LOOKS, spread(ends, 28, 10, tall - 8), strict=False
    ):
        colour = getattr(p, look.colour)
        ax.plot([1.03], [place / tall], look.marker, color=colour, markersize=6,
                transform=ax.transAxes, clip_on=False)  # fmt: skip
        known = [a for a in v if not math.isnan(a)]
        value = number(float(v[-1] if math.isfinite(v[-1]) else known[-1] if known else v[-1]))
        for text, up, more in (
            (clean(name, 14), 6, {"color": colour, "fontweight": "bold", "fontsize": 10}),
            (value, -6, {"color": p.quiet, "fontsize": 9}),
        ):
            ax.annotate(text, (1.03, place / tall), xytext=(9, up), xycoords="axes fraction",
                        textcoords="offset points", va="center", **more)  # fmt: skip
