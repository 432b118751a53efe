"""The filters of a convolution before and after training, as small heat maps."""

from typing import Any

import numpy as np

from ..._core import Tensor
from ...errors import ShapeError
from ...nn import Module
from ..drawing import Drawing
from ..numbers import dimensions, number
from ..options import complain, pair
from ..words import cell, font, table, tr
from .grids import around_zero, heat
from .picture import FORWARD, P, Picture, box

MOST, CHANNELS = 16, 4  # filters and channels that are shown
ALONE = "weight"  # the name of a box that stands alone
FIX = "gd.viz.filters(gd.nn.Conv2d(1, 4, 3))"


def filters(
    before: Any, after: Any = None, range: tuple[float, float] | None = None, theme: str = "auto"
) -> Drawing:
    """Draw filters, before and after training side by side, in one range of colours.

    Parameters
    ----------
    before : Conv2d, or array of shape (N, C, K, L) or (N, K, L)
        What training changes in place has to be copied before: `conv.weight.numpy(copy=True)`.
    after : the same, optional
    range : (low, high), optional
        The ends of the colours, so that two pictures can be compared; from the weights themselves
        if not given.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    ShapeError
        Not filters, or before and after have unlike shapes.
    ArgumentError
        `range` is not two numbers.

    Examples
    --------
    >>> import graddl as gd
    >>> conv = gd.nn.Conv2d(1, 4, 3)
    >>> before = conv.weight.numpy(copy=True)
    >>> gd.viz.filters(before, conv)
    <Drawing of 4 filters 3×3, before and after training>
    """
    a = weights(before)
    b = None if after is None else weights(after)
    if b is not None and a.shape != b.shape:
        raise complain("filters", "before and after have unlike shapes", f"{a.shape}, {b.shape}",
                       "two states of one layer", "gd.viz.filters(conv)", ShapeError)  # fmt: skip
    shades = around_zero(*([a] if b is None else [a, b]))
    if range is not None:
        shades = type(shades)(*ends(range))
    n, c = a.shape[:2]
    what = f"{n} filter{'s' * (n > 1)} {dimensions(a.shape[2:])}"
    title = what if b is None else f"{what}, before and after training"
    change = "" if b is None else f"; the change has rms {number(rms(b - a))}"
    pic = Picture(title, f"{title}: weights from {number(float(a.min()))} to "
                  f"{number(float(a.max()))}{change}.")  # fmt: skip
    if n > MOST or c > CHANNELS:
        pic.note(f"filters 0…{min(n, MOST) - 1} of {n}, channels 0…{min(c, CHANNELS) - 1} of {c}")
    pic.sign("■ parameter", P.amber_text)
    pic.signs.append(shades.legend("weight, − is negative" if shades.diverging else "weight"))
    if b is not None:
        pic.sign("Δ root mean square of the change", P.quiet)
    first = pic.node(maps("before" if b is not None else ALONE, a, None, shades))
    if b is not None:
        then = pic.node(maps("after", b, a, shades))
        pic.edge(first, then, "training", FORWARD)
    return pic.drawn(theme)


def weights(w: Any) -> np.ndarray:
    """An array of shape (N, C, K, L)."""
    found = getattr(w, "weight", None) if isinstance(w, Module) else w
    a = np.asarray(found.detach().numpy() if isinstance(found, Tensor) else found)
    if a.ndim == 3:
        a = a[:, None]
    if a.dtype.kind != "f" or a.ndim != 4 or not a.size:
        got = f"a {type(w).__name__}" if isinstance(w, Module) else f"shape {a.shape}"
        raise complain("filters", "these are no filters", got,
                       "a Conv2d, or an array of shape (N, C, K, L)", FIX, ShapeError)  # fmt: skip
    return a.copy()


def ends(given: Any) -> tuple[float, float]:
    low, high = pair(given)
    if not low < high:
        raise complain("filters", "range is not two numbers, the smaller one first", repr(given),
                       "(low, high)", "gd.viz.filters(conv, range=(-1, 1))")  # fmt: skip
    return low, high


def rms(a: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(a.astype(float)))))


def maps(name: str, a: np.ndarray, old: np.ndarray | None, shades: Any) -> str:
    """A box with the filters: a row for each where there are channels, else four in a row."""
    n, c = min(len(a), MOST), min(a.shape[1], CHANNELS)
    side = 14 if max(a.shape[2:]) <= 5 else max(70 // max(a.shape[2:]), 3)
    cells = []
    for k in range(n):
        pictures = "".join(cell(heat(a[k, j], shades, side, side), "CENTER") for j in range(c))
        text = f"{k}" if old is None else f"{k}  Δ {number(rms(a[k] - old[k]))}"
        under = f'<TD COLSPAN="{c}">{font(text, P.quiet, 10)}</TD>'
        cells.append(cell(table(tr(pictures, under), pad=2), "CENTER"))
    per = max(4 // c, 1) if n > 4 or c > 1 else 2
    per *= 1 + (old is None and name == ALONE and c > 1)
    lines = ["".join(cells[k : k + per]) for k in range(0, n, per)]
    return box(name, dimensions(a.shape), [table(tr(*lines), pad=2)], parameter=True)
