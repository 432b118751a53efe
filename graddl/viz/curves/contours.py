"""Contours of a function of two numbers: bands of one colour, the bluer the lower."""

import math
from typing import Any

import numpy as np

from ..numbers import number
from ..style import Palette
from .style import plain, shades

SHARES = (0.02, 0.06, 0.13, 0.22, 0.34, 0.5, 0.7)  # of the points, below each line


def levels(z: np.ndarray) -> list[float]:
    """Levels with a share of the points below each, of few digits; in order, none twice."""
    known = z[np.isfinite(z)]
    if not known.size:
        return []
    low, high = float(known.min()), float(known.max())
    out: list[float] = []
    for v in np.quantile(known, SHARES):
        above = float(f"{v - low:.1e}")  # two digits over the lowest, however near 0 that is
        level = low + above
        for digits in (2, 3):
            short = float(f"{level:.{digits - 1}e}")
            if abs(short - level) <= 0.1 * above:
                level = short
                break
        if low < level < high and (not out or level > out[-1]):
            out.append(level)
    return out


def named(at: list[float]) -> list[str]:
    """The levels as text, with as many digits as tell them apart.

    >>> named([0.5, 12.0]), named([1000.0001, 1000.0002])
    (['0.5', '12'], ['1000.0001', '1000.0002'])
    """
    for digits in range(4, 17):
        texts = [number(v) if digits == 4 else f"{v:.{digits}g}".replace("-", "−") for v in at]
        if len(set(texts)) == len(at):
            break
    return texts


def contours(ax: Any, x: np.ndarray, y: np.ndarray, z: np.ndarray, p: Palette) -> list[float]:
    """Bands and labelled lines; where z is not finite the paper stays. Returns the levels."""
    plain(ax, p)
    ax.grid(False)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    known = np.ma.masked_invalid(z)
    at = levels(z)
    if not at:
        return []
    tints = shades(p, "data", len(at) + 1)[::-1]
    ends = [float(known.min()) - 1.0, *at, float(known.max()) + 1.0]
    ax.contourf(x, y, known, levels=ends, colors=tints, antialiased=False, zorder=0.5)
    lines = ax.contour(x, y, known, levels=at, colors=[p.paper], linewidths=0.9, zorder=1,
                       linestyles="solid")  # fmt: skip
    texts = ax.clabel(
        lines,
        fmt=dict(zip(at, named(at), strict=True)),
        fontsize=8.5,
        colors=[p.quiet],
        inline=True,
    )
    wide, high = x[-1] - x[0], y[-1] - y[0]
    for text in texts:  # half out of the picture is worse than none
        a, b = text.get_position()
        margin = 0.05
        if not (x[0] + margin * wide < a < x[-1] - margin * wide
                and y[0] + margin * high < b < y[-1] - margin * high):  # fmt: skip
            text.set_visible(False)
    return at


def beside(lines: list[np.ndarray], box: tuple, taken: list) -> list[tuple | None]:
    """For each line (a point on it, a place beside it for its label), in shares of the box: far
    from other lines, edges, labels and `taken`. None where it never comes into sight."""
    (x0, x1), (y0, y1) = box
    scaled = [(line - (x0, y0)) / (x1 - x0, y1 - y0) for line in lines]
    full = [*map(dense, scaled), *(np.atleast_2d(t) for t in taken)]
    turns = np.linspace(0, 2 * math.pi, 16, endpoint=False)
    around = np.stack([0.11 * np.cos(turns), 0.065 * np.sin(turns)], 1)  # words are wide
    placed: list[tuple | None] = []
    for k, line in enumerate(scaled):
        inside = line[((line > 0.02) & (line < 0.98)).all(1)]
        if taken and len(inside):
            clear = nearest(inside, np.array(taken)) > 0.04
            inside = inside[clear] if clear.any() else inside
        inside = inside[:: max(len(inside) // 40, 1)]
        if not len(inside):
            placed.append(None)
            continue
        others = [o for i, o in enumerate(full) if i != k]
        labels = [np.atleast_2d(q[1]) for q in placed if q]
        free = nearest(inside, np.concatenate(others)) if others else np.full(len(inside), 1.0)
        places = inside[:, None] + around
        space = nearest(places.reshape(-1, 2), np.concatenate([*full, *labels]), 0.55)
        space = np.minimum(space.reshape(len(inside), -1), 0.06)
        edges = np.minimum(places, 1 - places) - (0.08, 0.04)
        score = space + 0.2 * np.minimum(free, 0.15)[:, None] + np.minimum(edges.min(2), 0) * 10
        i, j = np.unravel_index(int(score.argmax()), score.shape)
        placed.append((inside[i], places[i, j]))
    return placed


def dense(line: np.ndarray) -> np.ndarray:
    """The points of a line with some between them, that are in sight or near."""
    near = line[((line > -0.3) & (line < 1.3)).all(1)]
    steps = np.linspace(0, 1, 6)[:, None, None]
    return np.concatenate([near, ((1 - steps) * near[:-1] + steps * near[1:]).reshape(-1, 2)])


def nearest(points: np.ndarray, others: np.ndarray, across: float = 1.0) -> np.ndarray:
    """The distance of each point to the nearest of the others; sideways counts `across`."""
    out = np.full(len(points), np.inf)
    for part in np.array_split(others, max(len(others) // 500, 1)):
        d = points[:, None] - part
        out = np.minimum(out, np.hypot(across * d[..., 0], d[..., 1]).min(1))
    return out
