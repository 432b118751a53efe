"""What a tensor is: its axes, its values, and how they lie in memory."""

import math
from typing import Any

import numpy as np

from ..._core import Scalar
from ...errors import ShapeError
from ..drawing import Drawing
from ..names import clean
from ..numbers import number
from ..options import complain
from ..words import bold, cell, font, table, tr
from .grids import Cell, cell_width, grid
from .picture import P, Picture, array_of

WORDS = ("scalar", "vector", "matrix", "stack of matrices", "stack of stacks", "tensor")
MOST = (8, 8, 8, 6, 4, 3)  # places of an axis that are shown, by rank
STRIP = 24  # elements of the strip of memory


def tensor(t: Any, theme: str = "auto") -> Drawing:
    """Draw a tensor: rank, shape, dtype, strides, and its values along labelled axes.

    The last two axes make a grid; those before stand around it, from the outside in. Of a long
    axis the first places are shown. A strip shows the order in memory, where a step along an axis
    passes over as many elements as its stride says.

    Parameters
    ----------
    t : Tensor or array
        Of rank 0 to 5.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    ShapeError
        More than 5 axes.
    DTypeError
        Not an array of numbers.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.tensor(gd.arange(6.0).reshape((2, 3)))
    <Drawing of Matrix: rank 2, shape (2, 3)>
    """
    a = values_of(t)
    if a.ndim > 5:
        index = ", ".join(["0"] * (a.ndim - 5))
        raise complain("tensor", "more axes than a page has", f"rank {a.ndim}", "rank 0 to 5",
                       f"gd.viz.tensor(t[{index}])", ShapeError)  # fmt: skip
    word, step = WORDS[a.ndim], strides(a)
    pic = Picture(
        f"{word.capitalize()}: rank {a.ndim}, shape {a.shape}",
        f"A {word} of shape {a.shape}, {a.size} elements of {a.dtype}, strides {step}.",
        room=460,
    )
    name = getattr(t, "name", None)
    size = f"{a.size} element{'s' * (a.size != 1)} of {a.itemsize} bytes"
    pic.note(f"dtype {a.dtype} · {size} · strides {step} in elements, {a.strides} in bytes")
    pic.sign("■ values", P.data)
    for k, n in enumerate(a.shape):
        pic.sign(f"axis {k}: {n}", P.quiet)
    most = MOST[a.ndim]
    if any(n > most for n in a.shape):
        pic.sign(f"⋯ of a long axis, the first {most - 1} and the last are shown", P.quiet)
    whole = level(a, 0, cell_width([[Cell(number(v)) for v in seen(a, most)]]), most)
    rows = [whole]
    if 0 < a.size <= STRIP and a.ndim:
        rows += [font("in memory", P.quiet, 10), memory(a)]
    wants = "parameter" if getattr(getattr(t, "node", None), "is_parameter", False) else "tensor"
    head = cell(bold(clean(name) if name else "t", 12) + font(f"  {wants}", P.quiet, 10), "CENTER")
    look = (P.amber, P.amber_fill, 2) if wants == "parameter" else (P.border, P.paper, 1)
    inner = tr(head, *[cell(row, "CENTER") for row in rows])
    pic.node(table(inner, *look, "ROUNDED", 6), f"shape {a.shape}")
    return pic.drawn(theme)


def values_of(t: Any) -> np.ndarray:
    if isinstance(t, Scalar):
        t = t.data
    return array_of("tensor", "a tensor", t, "gd.viz.tensor([[1.0, 2.0], [3.0, 4.0]])")


def strides(a: np.ndarray) -> tuple[int, ...]:
    """How many elements a step along each axis passes over."""
    return tuple(s // a.itemsize for s in a.strides)


def places(n: int, most: int) -> list[int | None]:
    """The places of an axis that are shown; None where some are left out."""
    return list(range(n)) if n <= most else [*range(most - 1), None, n - 1]


def seen(a: np.ndarray, most: int) -> list:
    """The values that are shown."""
    part = a
    for axis, n in enumerate(a.shape):
        part = part.take([k for k in places(n, most) if k is not None], axis)
    return part.ravel().tolist()


def level(a: np.ndarray, axis: int, wide: int, most: int) -> str:
    """The table of an array whose first axis is `axis`: grids, and grids of grids."""
    if a.ndim == 0:
        return grid([[Cell(number(a.item()), P.output_fill, P.data)]], wide)
    if not a.size:
        return font("no elements", P.quiet, 11)
    if a.ndim <= 2:
        return matrix(a, axis, wide, most)
    across = a.ndim % 2 == 1  # axes stand side by side and one under the other, by turns
    parts = []
    for k in places(len(a), most):
        if k is None:
            parts.append(font("⋯", P.quiet, 14))
            continue
        head = cell(font(f"axis {axis} = {k}", P.quiet, 10), "CENTER")
        inner = tr(head, cell(level(a[k], axis + 1, wide, most), "CENTER"))
        border = P.faint if a.ndim > 3 else None
        parts.append(table(inner, border, None, 1, "ROUNDED" if border else None, 3))
    if across:
        return table(tr("".join(cell(part, "CENTER") for part in parts)), pad=4)
    return table(tr(*[cell(part, "CENTER") for part in parts]), pad=4)


def matrix(a: np.ndarray, axis: int, wide: int, most: int) -> str:
    """A grid with its axes labelled; a vector is one row."""
    two = a.ndim == 2
    high, across = places(len(a), most) if two else [0], places(a.shape[-1], most)
    cells = []
    for r in high:
        line = a[r] if two and r is not None else a
        cells.append(
            [Cell("⋯", None, P.quiet) if r is None or q is None
             else Cell(number(line[q].item()), P.output_fill, P.data) for q in across]
        )  # fmt: skip
    top = ["⋯" if q is None else str(q) for q in across]
    left = ["⋯" if r is None else str(r) for r in high] if two else ()
    made = grid(cells, wide, left=left, top=top)
    axes = f"axis {axis + two} → {a.shape[-1]}"
    if two:
        axes = f"axis {axis} ↓ {len(a)}, {axes}"
    return table(tr(cell(font(axes, P.quiet, 10), "CENTER"), cell(made, "CENTER")), pad=1)


def memory(a: np.ndarray) -> str:
    """The elements in the order of their addresses."""
    low = sum(s * (n - 1) for s, n in zip(a.strides, a.shape, strict=True) if s < 0)
    found: dict[int, Any] = {}
    for index in np.ndindex(a.shape):
        at = sum(s * i for s, i in zip(a.strides, index, strict=True)) - low
        found.setdefault(at // a.itemsize, a[index].item())
    ends = max(found) + 1
    if ends > 2 * STRIP:
        return font("far apart", P.quiet, 10)
    line = [Cell(number(found[k]), P.op_fill) if k in found else Cell() for k in range(ends)]
    per = math.ceil(ends / math.ceil(ends / 12))
    lines = [line[k : k + per] for k in range(0, ends, per)]
    lines[-1] += [Cell()] * (per - len(lines[-1]))
    wide = max(cell_width(lines, 10) - 4, 22)
    rows = []
    for k, row in enumerate(lines):
        top = [str(n) if n < ends else "" for n in range(k * per, (k + 1) * per)]
        rows.append(cell(grid([row], wide, 18, 10, top=top)))
    return table(tr(*rows), pad=0)
