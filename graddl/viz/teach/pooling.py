"""Pooling: which windows there are, what each gives, and where the gradient goes back to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..._core import Tensor
from ...errors import ShapeError
from ...functional import avg_pool2d, max_pool2d
from ...modes import enable_grad
from ..drawing import Drawing
from ..numbers import dimensions, number
from ..options import complain, pair
from ..words import font
from .grids import Cell, Shades, around_zero, cell_width, grid
from .picture import BACKWARD, FORWARD, P, Picture, array_of, box

KINDS: dict[str, Callable] = {"max": max_pool2d, "avg": avg_pool2d}
Pair = tuple[int, int]
LARGEST = 12  # rows and columns that are still read


def pooling(
    x: Any,
    kind: str = "max",
    size: int = 2,
    at: tuple[int, int] | None = None,
    grad: Any = None,
    stride: int | None = None,
    theme: str = "auto",
) -> Drawing:
    r"""Draw a pooling with its windows, and the way of the gradient back through it.

    The largest element of a window gets all of its gradient; under "avg" each gets its share,
    :math:`1 / K^2`. All numbers are those of `gd.max_pool2d` and `gd.avg_pool2d`.

    Parameters
    ----------
    x : array of shape (H, W)
    kind : "max" or "avg"
    size : int
        K, of a window.
    at : (i, j), optional
        A window to mark; all of them if not given.
    grad : array of the output's shape, or a number; optional
        The gradient that arrives at the output. With it the backward pass is drawn.
    stride : int, optional
        From one window to the next; `size` if not given.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    ShapeError
        x is no matrix, is too large to be read, or `grad` has another shape.
    ArgumentError
        An unknown kind, or no such window.

    Examples
    --------
    >>> import graddl as gd
    >>> x = gd.tensor([[1.0, 3.0], [2.0, 0.0]])
    >>> gd.viz.pooling(x, "max", grad=1.0)
    <Drawing of Max pooling 2×2: forward, and the gradient backward>
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise complain("pooling", "unknown kind", repr(kind), "'max' or 'avg'",
                       "gd.viz.pooling(x, 'max')")  # fmt: skip
    a = array_of("pooling", "x", x, "gd.viz.pooling(gd.rand(4, 4))")
    a = a if a.dtype.kind == "f" else a.astype(float)
    if a.ndim != 2 or max(a.shape) > LARGEST:
        raise complain(
            "pooling", "x is one small matrix", f"shape {a.shape}",
            f"shape (H, W), at most {LARGEST} each",
            f"gd.viz.pooling(x[{', '.join(['0'] * (a.ndim - 2) + [':8', ':8'])}])"
            if a.ndim > 1 else "gd.viz.pooling(x.reshape((1, -1))[:, :8], size=1)", ShapeError,
        )  # fmt: skip
    with enable_grad():
        leaf = Tensor(a[None, None], requires_grad=True)
        y = KINDS[kind](leaf, size, stride=stride)
        where = y.detach().numpy()[0, 0]
        one = np.ones(y.shape, a.dtype)
        taken = gradient(y, leaf, one) != 0
        came = None if grad is None else arriving(grad, where)
        back = None if came is None else gradient(y, leaf, came)
    step = stride or size
    if at is not None:
        at = checked(at, where.shape)
    return drawn(a, where, taken, kind, (size, step), at, came, back).drawn(theme)


def gradient(y: Tensor, leaf: Tensor, came: np.ndarray) -> np.ndarray:
    """What the engine passes back to the leaf."""
    leaf.grad = None
    y.backward(Tensor(came.reshape(y.shape)), retain_graph=True)
    found: Any = leaf.grad
    return found.numpy(copy=True)[0, 0]


def arriving(grad: Any, y: np.ndarray) -> np.ndarray:
    g = np.asarray(grad.detach().numpy() if isinstance(grad, Tensor) else grad, y.dtype)
    if g.shape not in ((), y.shape):
        raise complain("pooling", "the gradient has another shape than the output", g.shape,
                       f"a number, or shape {y.shape}", f"gd.viz.pooling(x, grad=gd.ones{y.shape})",
                       ShapeError)  # fmt: skip
    return np.broadcast_to(g, y.shape).copy()


def checked(at: Any, shape: tuple) -> tuple[int, int]:
    i, j = pair(at, int, -1)
    if not (0 <= i < shape[0] and 0 <= j < shape[1]):
        raise complain("pooling", "there is no such window", f"at={at!r}",
                       f"at=(i, j) with i below {shape[0]} and j below {shape[1]}",
                       f"gd.viz.pooling(x, at={(0, 0)})")  # fmt: skip
    return i, j


def drawn(
    a: np.ndarray,
    y: np.ndarray,
    taken: np.ndarray,
    kind: str,
    window: Pair,
    at: Pair | None,
    came: np.ndarray | None,
    back: np.ndarray | None,
) -> Picture:
    size, step = window
    name = f"{'Max' if kind == 'max' else 'Average'} pooling {size}×{size}"
    title = f"{name}: forward, and the gradient backward" if came is not None else name
    words = f"{name} of {dimensions(a.shape)} numbers gives {dimensions(y.shape)}"
    words += ", with the way of the gradient back" if back is not None else ""
    pic = Picture(title, f"{words}.")
    i, j = at or (0, 0)
    part = a[i * step : i * step + size, j * step : j * step + size]
    terms = [number(v) for v in part.ravel().tolist()]
    if size * size > 9:
        terms = [*terms[:8], "…"]
    inner = ", ".join(terms) if kind == "max" else " + ".join(
        f"({t})" if t.startswith("−") else t for t in terms)  # fmt: skip
    text = f"max({inner})" if kind == "max" else f"({inner}) / {size * size}"
    pic.note(f"y[{i}, {j}] = {text} = {number(float(y[i, j]))}", P.ink)
    pic.sign("■ data, forward →", P.data)
    if came is not None:
        pic.sign("■ gradient, backward ←", P.gradient)
        rule = "goes to the largest element of its window, the others get 0"
        share = f"is shared: each element gets 1/{size * size}"
        pic.sign(f"each gradient {rule if kind == 'max' else share}", P.quiet)
    if kind == "max":
        pic.sign("thick border: the largest of a window", P.data)
    if at is not None:
        pic.sign("shaded: the window of the line above", P.quiet)
    elif step >= size:
        pic.sign("shaded and not, by turns: the windows", P.quiet)
    marks = [[shaded(r, q, window, at, y.shape) for q in range(a.shape[1])]
             for r in range(a.shape[0])]  # fmt: skip
    wide = max(cell_width([[Cell(number(v)) for v in b.ravel().tolist()]])
               for b in (a, y, came, back) if b is not None)  # fmt: skip
    chosen = taken if kind == "max" else np.zeros_like(taken)
    left = [numbers(a, marks, chosen, wide, P.data)]
    tint = [[(at == (r, q)) if at else (r + q) % 2 == 0 for q in range(y.shape[1])]
            for r in range(y.shape[0])]  # fmt: skip
    right = [numbers(y, tint, np.zeros(y.shape, bool), wide, P.data)]
    if back is not None and came is not None:
        left += [font("gradient", P.gradient, 10), gradients(back, wide, came)]
        right += [font("gradient that arrives", P.gradient, 10), gradients(came, wide, came)]
    x = pic.node(box("x", f"input {dimensions(a.shape)}", left))
    op = pic.circle(kind, name, 0.5)
    out = pic.node(box("y", f"output {dimensions(y.shape)}", right))
    for tail, head in ((x, op), (op, out)):
        pic.edge(tail, head, "forward", FORWARD if back is None else BACKWARD)
    return pic


def shaded(r: int, q: int, window: Pair, at: Pair | None, shape: tuple) -> bool:
    """Whether an element lies in the marked window, or in every second of all windows."""
    size, step = window
    if at is not None:
        i, j = at
        return i * step <= r < i * step + size and j * step <= q < j * step + size
    inside = r // step < shape[0] and q // step < shape[1]
    return step >= size and inside and (r // step + q // step) % 2 == 0


def numbers(a: np.ndarray, marks: list, chosen: np.ndarray, wide: int, colour: str) -> str:
    rows = []
    for r, line in enumerate(a.tolist()):
        rows.append(
            [
                Cell(number(v), P.output_fill if marks[r][q] else P.op_fill,
                     colour if marks[r][q] or chosen[r, q] else P.ink, bool(chosen[r, q]),
                     P.data if chosen[r, q] else None)
                for q, v in enumerate(line)
            ]
        )  # fmt: skip
    return grid(rows, wide)


def gradients(a: np.ndarray, wide: int, came: np.ndarray) -> str:
    shades = Shades(0.0, around_zero(a, came).high, warm=True)
    rows = [
        [
            Cell("0", P.paper, P.quiet) if v == 0
            else replace(shades.cell(abs(v), number(v)), bold=True)
            for v in line
        ]
        for line in a.tolist()
    ]  # fmt: skip
    return grid(rows, wide)
