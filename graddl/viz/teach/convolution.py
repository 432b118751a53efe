"""One step of a convolution: the window, the kernel, their products, and where the sum goes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._core import Tensor
from ...errors import ShapeError
from ...functional import conv2d
from ...modes import no_grad
from ..drawing import Drawing
from ..numbers import dimensions, number
from ..options import complain, pair
from ..words import bold, cell, font, table, tr
from .grids import Cell, cell_width, grid, picked, shown, texts
from .picture import P, Picture, array_of, box

MOST = 9  # rows and columns of a grid; of a larger one the part around the window is shown
CHANNELS = 4
FIX = "gd.viz.convolution(gd.rand(5, 5), gd.rand(3, 3))"


def convolution(
    x: Any,
    kernel: Any,
    at: tuple[int, int] = (0, 0),
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    bias: float | None = None,
    theme: str = "auto",
) -> Drawing:
    r"""Draw how one number of a convolution is computed.

    .. math:: y_{ij} = b + \sum_{c, u, v} k_{c u v} \, x_{c, \, s i + d u - p, \, s j + d v - p}

    The window of x is marked, its products with the kernel are written out, and their sum is marked
    in the output. All numbers are those of `gd.conv2d`.

    Parameters
    ----------
    x : array of shape (H, W) or (C, H, W)
    kernel : array of shape (K, L) or (C, K, L)
        One filter.
    at : (i, j)
        The output that is explained.
    stride, padding, dilation : int
        s, p and d, the same along both axes.
    bias : float, optional
        b.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    ShapeError
        x and kernel have other axes, or unlike channels.
    ArgumentError
        There is no such output.

    Examples
    --------
    >>> import graddl as gd
    >>> x, kernel = gd.arange(16.0).reshape((4, 4)), gd.ones(2, 2)
    >>> gd.viz.convolution(x, kernel, at=(1, 2))
    <Drawing of Convolution of 4×4 with a 2×2 kernel>
    """
    a, k = planes(x, "x"), planes(kernel, "kernel")
    if len(a) != len(k):
        raise complain(
            "convolution", "x and kernel have unlike channels", f"{len(a)} and {len(k)}",
            f"a kernel of shape {(len(a), *k.shape[1:])}",
            f"gd.viz.convolution(x, gd.rand{(len(a), *k.shape[1:])})", ShapeError,
        )  # fmt: skip
    with no_grad():
        given = None if bias is None else Tensor(np.array([bias], a.dtype))
        found = conv2d(
            Tensor(a[None]), Tensor(k[None].astype(a.dtype)), given,
            stride=stride, padding=padding, dilation=dilation,
        )  # fmt: skip
    y = found.numpy()[0, 0]
    i, j = checked(at, y.shape)
    padded = np.pad(a, ((0, 0), (padding, padding), (padding, padding)))
    rows = [stride * i + dilation * u for u in range(k.shape[1])]
    columns = [stride * j + dilation * v for v in range(k.shape[2])]
    products = padded[:, rows][:, :, columns] * k
    step = Step(padded, k, products, y, (i, j), (rows, columns), padding, bias)
    return drawn(step).drawn(theme)


def planes(x: Any, name: str) -> np.ndarray:
    """An array of shape (C, H, W); a matrix has one channel."""
    a = array_of("convolution", name, x, FIX)
    a = a if a.dtype.kind == "f" else a.astype(float)
    if a.ndim not in (2, 3) or not a.size:
        raise complain(
            "convolution", f"{name} is one image", f"shape {a.shape}",
            "an array of shape (H, W) or (C, H, W)", FIX, ShapeError,
        )  # fmt: skip
    return a[None] if a.ndim == 2 else a


def checked(at: Any, shape: tuple) -> tuple[int, int]:
    """The two places of an output."""
    i, j = pair(at, int, -1)
    if not (0 <= i < shape[0] and 0 <= j < shape[1]):
        raise complain(
            "convolution", "there is no such output", f"at={at!r}",
            f"at=(i, j) with i below {shape[0]} and j below {shape[1]}",
            f"dict(at={(shape[0] - 1, shape[1] - 1)})",
        )  # fmt: skip
    return i, j


@dataclass
class Step:
    """All numbers of the picture. `window`: rows and columns of x with its padding."""

    padded: np.ndarray
    kernel: np.ndarray
    products: np.ndarray
    y: np.ndarray
    at: tuple[int, int]
    window: tuple[list[int], list[int]]
    padding: int
    bias: float | None


def drawn(step: Step) -> Picture:
    padded, k, products, y = step.padded, step.kernel, step.products, step.y
    at, padding, bias = step.at, step.padding, step.bias
    size = tuple(n - 2 * padding for n in padded.shape[1:])
    total = float(y[at])
    words = f"Output ({at[0]}, {at[1]}) of a convolution of {dimensions(size)} numbers"
    words += f" in {len(padded)} channels" if len(padded) > 1 else ""
    words += f" is the sum of {products.size} products"
    words += f" and the bias {number(bias)}" if bias is not None else ""
    pic = Picture(
        f"Convolution of {dimensions(size)} with a {dimensions(k.shape[1:])} kernel",
        f"{words}: {number(total)}.",
    )
    pic.note(f"y[{at[0]}, {at[1]}] = {spelled(products, bias)} = {number(total)}", P.ink)
    if len(padded) > CHANNELS:
        pic.note(f"channels 0…{CHANNELS - 1} of {len(padded)}; the sum is over all of them")
    pic.sign("■ data, forward →", P.data)
    pic.sign("■ window, and the output that it gives: thick border", P.data)
    pic.sign("■ kernel: parameter", P.amber_text)
    if padding:
        pic.sign("0 in grey: padding", P.quiet)
    steps = []
    for c in range(min(len(padded), CHANNELS)):
        steps += window_rows(step, c)
    left = pic.node(table(tr(*steps), fill=P.paper, pad=3), "window ⊙ kernel = products")
    sigma = pic.circle("Σ", f"the sum of {products.size} products")
    pic.edge(left, sigma, "products")
    if bias is not None:
        inner = font(number(bias), P.data, 12)
        b = pic.node(box("b", "bias", [inner], parameter=True))
        pic.side_by_side(sigma, b)
        pic.edge(b, sigma, "bias")
    pic.edge(sigma, pic.node(output(y, at)), number(total))
    return pic


def spelled(products: np.ndarray, bias: float | None) -> str:
    """`0·1 + 2·3`: the products added up, as long as they fit a line."""
    terms = [number(v) for v in products.ravel().tolist()]
    terms += [] if bias is None else [f"{number(bias)} (bias)"]
    if len(terms) > 13:
        return f"Σ of {products.size} products" + ("" if bias is None else f" + {terms[-1]}")
    return " + ".join(f"({t})" if t.startswith("−") else t for t in terms)


def window_rows(step: Step, c: int) -> list[str]:
    """One channel, as names above grids: x with its window, the kernel, their products."""
    name = f" [{c}]" if len(step.padded) > 1 else ""
    names = [
        bold(f"x{name}", 12) + font("  input", P.quiet, 10),
        "",
        bold(f"kernel{name}", 12) + font("  parameter", P.amber_text, 10),
        "",
        bold("products", 12),
    ]
    parts = [
        inputs(step.padded[c], *step.window, step.padding),
        font("⊙", P.quiet, 18),
        numbers(step.kernel[c], P.data, P.amber),
        font("=", P.quiet, 18),
        numbers(step.products[c], P.data),
    ]
    return ["".join(cell(part, "CENTER") for part in line) for line in (names, parts)]


def numbers(a: np.ndarray, colour: str, frame: str | None = None) -> str:
    rows, columns = picked(a.shape[0], MOST), picked(a.shape[1], MOST)
    part = a[rows.start : rows.stop, columns.start : columns.stop]
    fill = P.amber_fill if frame else P.op_fill
    return grid([[Cell(t, fill, colour) for t in row] for row in texts(part)], frame=frame)


def inputs(a: np.ndarray, rows: list[int], columns: list[int], padding: int) -> str:
    """The numbers of x about the window, with the places beside them."""
    size = a.shape[0] - 2 * padding, a.shape[1] - 2 * padding
    high = picked(a.shape[0], MOST, (rows[0], rows[-1]))
    wide = picked(a.shape[1], MOST, (columns[0], columns[-1]))
    cells = []
    for r in high:
        line = []
        for q in wide:
            inside = r in rows and q in columns
            real = padding <= r < size[0] + padding and padding <= q < size[1] + padding
            colour = P.data if inside and real else P.ink if real else P.quiet
            fill = P.output_fill if inside else P.op_fill if real else P.paper
            border = P.data if inside else None
            line.append(Cell(number(float(a[r, q])), fill, colour, inside, border))
        cells.append(line)
    under = [shown(high, a.shape[0], "rows"), shown(wide, a.shape[1], "columns")]
    text = ", ".join(filter(None, under))
    made = grid(cells, cell_width(cells))
    return table(tr(cell(made), cell(font(text, P.quiet, 9))), pad=0) if text else made


def output(y: np.ndarray, at: tuple[int, int]) -> str:
    """All outputs, the one that was computed with a thick border."""
    high, wide = picked(y.shape[0], MOST, (at[0],) * 2), picked(y.shape[1], MOST, (at[1],) * 2)
    cells = []
    for r in high:
        line = []
        for q in wide:
            hit = (r, q) == at
            look = (P.output_fill, P.data, True, P.data) if hit else (P.op_fill, P.ink)
            line.append(Cell(number(float(y[r, q])), *look))
        cells.append(line)
    under = [shown(high, y.shape[0], "rows"), shown(wide, y.shape[1], "columns")]
    text = ", ".join(filter(None, under))
    rows = [grid(cells)] + ([font(text, P.quiet, 9)] if text else [])
    return box("y", f"output {dimensions(y.shape)}", rows)
