"""Grids of coloured cells and numbers, as tables, and the colours of numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..layout.font import width
from ..numbers import number
from ..words import bold, cell, font, swatches, table, tr
from .picture import P

MIDDLE = len(P.diverging) // 2
READABLE = 3  # shades from the middle on which ink is read; beyond, the colour of paper is


@dataclass(frozen=True)
class Cell:
    """A cell of a grid. `border` is a colour."""

    text: str = ""
    fill: str | None = None
    colour: str = P.ink
    bold: bool = False
    border: str | None = None


@dataclass(frozen=True)
class Shades:
    """Which number has which colour.

    Parameters
    ----------
    low, high : float
        The ends. Where `low` is below 0, blue is for negative numbers and orange for positive ones,
        as far from 0 on both sides; else the shades get darker from `low` to `high`.
    warm : bool
        Orange in place of blue, for gradients that are not negative.
    """

    low: float
    high: float
    warm: bool = False

    @property
    def diverging(self) -> bool:
        return self.low < 0

    def place(self, x: float) -> int:
        """The index in the palette."""
        end = max(abs(self.low), abs(self.high)) if self.diverging else self.high - self.low
        share = (x if self.diverging else x - self.low) / end if end > 0 else 0.0
        steps = min(math.ceil(min(abs(share), 1.0) * MIDDLE - 1e-9), MIDDLE)
        up = self.warm or (self.diverging and share > 0)
        return MIDDLE + (steps if up else -steps)

    def cell(self, x: float, text: str | None = None, **look: Any) -> Cell:
        """The cell of a number; NaN and infinities stand out."""
        if not math.isfinite(x):
            return Cell("✕" if text is None else number(x), P.warning, P.paper, True)
        k = self.place(x)
        colour = P.ink if abs(k - MIDDLE) <= READABLE else P.paper
        sign = "−" if self.diverging and k < MIDDLE else ""
        return Cell(sign if text is None else text, P.diverging[k], colour, **look)

    def legend(self, what: str) -> tuple[str, float]:
        """A sign: the ends with the shades between them, and what it is; with its width."""
        shades = P.diverging if self.diverging else P.diverging[MIDDLE:]
        if not self.diverging and not self.warm:
            shades = P.diverging[MIDDLE::-1]
        ends = [number(self.low), number(self.high)]
        low, high, after = (cell(font(text, P.quiet, 10)) for text in (*ends, what))
        long = 14 * len(shades) + width("".join(ends) + what, 10) + 24
        return table(tr(low + swatches(shades) + high + after), pad=2), long


def around_zero(*arrays: Any) -> Shades:
    """Shades for all the numbers of some arrays: about 0 if some are negative, else from 0."""
    every = np.concatenate([np.ravel(a) for a in arrays]) if arrays else np.zeros(0)
    every = every[np.isfinite(every)]
    high = float(np.abs(every).max()) if every.size else 1.0
    high = high or 1.0
    return Shades(-high if every.size and every.min() < 0 else 0.0, high)


def texts(array: np.ndarray) -> list[list[str]]:
    """The numbers of a matrix as they are shown."""
    return [[number(v) for v in row] for row in array.tolist()]


def cell_width(rows: Sequence[Sequence[Cell]], size: int = 11) -> int:
    """Points that the widest text of a grid needs, with some air."""
    widest = max((width(c.text, size, True) for row in rows for c in row), default=0.0)
    return max(math.ceil(widest) + 10, 24)


def grid(
    rows: Sequence[Sequence[Cell]],
    wide: int | None = None,
    high: int = 24,
    size: int = 11,
    gap: int = 1,
    left: Sequence[str] = (),
    top: Sequence[str] = (),
    frame: str | None = None,
) -> str:
    """Cells as a table, all of one size; Graphviz would stretch it, were its size not fixed.

    Parameters
    ----------
    rows : rows of Cell
    wide, high : int
        Of a cell, in points.
    left, top : texts beside the rows, and above the columns
    frame : colour, optional
    """
    wide = wide or cell_width(rows, size)
    beside = max((math.ceil(width(text, 10)) + 8 for text in left), default=0)
    out = []
    if top:
        out.append(still("", beside, 14) * bool(left)
                   + "".join(still(font(text, P.quiet, 10), wide, 14) for text in top))  # fmt: skip
    for k, row in enumerate(rows):
        label = still(font(left[k], P.quiet, 10), beside, high) if left else ""
        out.append(label + "".join(one(c, wide, high, size) for c in row))
    n, m, edge = len(rows[0]), len(rows), 4 if frame else 0
    across = n * wide + beside + gap * (n + 1 + bool(left)) + edge
    down = m * high + 14 * bool(top) + gap * (m + 1 + bool(top)) + edge
    look = f'BORDER="2" COLOR="{frame}"' if frame else 'BORDER="0"'
    look += f' CELLBORDER="0" CELLSPACING="{gap}" CELLPADDING="0"'
    return f'<TABLE {look} FIXEDSIZE="TRUE" WIDTH="{across}" HEIGHT="{down}">{tr(*out)}</TABLE>'


def still(text: str, wide: int, high: int) -> str:
    """A cell of a fixed size."""
    return f'<TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}">{text}</TD>'


def one(c: Cell, wide: int, high: int, size: int) -> str:
    look = f' BGCOLOR="{c.fill}"' if c.fill else ""
    look += f' BORDER="2" COLOR="{c.border}"' if c.border else ""
    text = bold(c.text, size, c.colour) if c.bold else font(c.text, c.colour, size)
    return still(text if c.text else "", wide, high).replace(">", f"{look}>", 1)


def heat(array: np.ndarray, shades: Shades, wide: int, high: int, **more: Any) -> str:
    """A matrix as a heat map. Negative cells have a minus where there is room for it."""
    room = min(wide, high) >= 11
    rows = []
    for line in array.tolist():
        cells = [shades.cell(v) for v in line]
        rows.append([c if room or c.text == "✕" else Cell("", c.fill) for c in cells])
    return grid(rows, wide, high, 10, **more)


def picked(size: int, most: int, focus: tuple[int, int] = (0, 0)) -> range:
    """At most so many of `size` places, with `focus` (first, last) among them, if it fits."""
    if size <= most:
        return range(size)
    start = min(max((focus[0] + focus[1] + 1 - most) // 2, 0), size - most)
    return range(start, start + most)


def shown(found: range, size: int, what: str) -> str:
    """`rows 3…10 of 28`, or nothing where all are shown."""
    return "" if len(found) == size else f"{what} {found[0]}…{found[-1]} of {size}"
