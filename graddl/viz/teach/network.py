"""A network as neurons and weights: a column of circles for each layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ... import nn
from ..._core import Tensor
from ...errors import ShapeError
from ...modes import no_grad
from ..drawing import Drawing
from ..modules import unchanged
from ..names import clean
from ..numbers import number
from ..options import complain
from ..words import bold, cell, font, quote, table, tr
from .picture import P, Picture

LABELLED = 12  # a network of so few weights has its numbers on the edges
UNITS = 16  # circles in a column that are still read
LESS, MORE = P.diverging[1], P.diverging[-2]  # negative, positive
MODEL = "gd.nn.Sequential(gd.nn.Linear(3, 4), gd.nn.Tanh(), gd.nn.Linear(4, 2))"
FIX = f"gd.viz.network({MODEL})"


@dataclass
class Column:
    """A layer: its size, weights (out, in) and bias where it has some, its values under x."""

    size: int
    name: str
    activation: str = ""
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    values: np.ndarray | None = None


def network(model_or_sizes: Any, x: Any = None, max_units: int = 8, theme: str = "auto") -> Drawing:
    """Draw neurons as circles and weights as lines.

    A line is wider the larger its weight; negative ones are blue and dashed, positive ones orange.
    In the circles stand the activations, where `x` is given, and under them the biases.

    Parameters
    ----------
    model_or_sizes : Module, or list of int
        Layers of type Linear, one after the other, with activations between them. Of sizes,
        [3, 4, 2], only the structure is drawn.
    x : array of shape (in,), optional
        An example. Of a batch (B, in) the first is taken.
    max_units : int
        Circles in a column; of more the middle is left out, and the picture says so.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    ArgumentError
        The model has no Linear layers, or others, too; sizes are none.
    ShapeError
        x does not fit.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.network([2, 3, 1])
    <Drawing of Network 2 → 3 → 1: 9 weights, 4 biases>
    """
    if not isinstance(max_units, int) or not 2 <= max_units <= UNITS:
        raise complain("network", "max_units is out of range", max_units, f"2 to {UNITS}",
                       "gd.viz.network([3, 4, 2], max_units=8)")  # fmt: skip
    if isinstance(model_or_sizes, nn.Module):
        columns = columns_of(model_or_sizes)
        if x is not None:
            run(model_or_sizes, x, columns)
    else:
        columns = plain(model_or_sizes)
        if x is not None:
            raise complain("network", "sizes alone compute nothing", "sizes and x",
                           "a Module and x", f"gd.viz.network({MODEL}, gd.zeros(3))")  # fmt: skip
    return drawn(columns, max_units).drawn(theme)


def plain(sizes: Any) -> list[Column]:
    try:
        found = [int(n) for n in sizes]
    except (TypeError, ValueError):
        found = []
    if len(found) < 2 or min(found) < 1:
        raise complain(
            "network", "these are no layers", repr(sizes)[:60],
            "a Module, or sizes of two layers or more", "gd.viz.network([3, 4, 2])",
        )  # fmt: skip
    return [Column(n, "") for n in found]


def columns_of(model: nn.Module) -> list[Column]:
    """The layers of a model in the order in which they were registered."""
    columns: list[Column] = []
    for path, m in model.named_modules():
        if isinstance(m, nn.Linear):
            w = m.weight.numpy(copy=True)
            b = None if m.bias is None else m.bias.numpy(copy=True)
            if not columns:
                columns.append(Column(w.shape[1], ""))
            if columns[-1].size != w.shape[1]:
                raise complain(
                    "network", "the layers do not follow one another",
                    f"{w.shape[1]} inputs after {columns[-1].size} units", "Linear layers in a row",
                    "gd.draw(model, x, detail='layers')",
                )  # fmt: skip
            columns.append(Column(w.shape[0], clean(path or "linear", 14), "", w, b))
        elif not list(m.children()) and any(True for _ in m.parameters()):
            raise complain("network", "a layer has no neurons in a column",
                           f"{path}: {type(m).__name__}", "Linear layers and activations",
                           "gd.viz.pipeline(model, x)")  # fmt: skip
        elif columns and type(m).__module__ == nn.ReLU.__module__:
            columns[-1].activation = type(m).__name__
    if not columns:
        raise complain("network", "the model has no Linear layer", type(model).__name__,
                       "Linear layers and activations", FIX)  # fmt: skip
    return columns


def run(model: nn.Module, x: Any, columns: list[Column]) -> None:
    """The values of all units on one example; the model stays as it was."""
    weight = columns[1].weight
    a = np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)
    a = a.astype(weight.dtype if weight is not None else float)
    if a.ndim not in (1, 2) or a.shape[-1] != columns[0].size or not a.size:
        n = columns[0].size
        raise complain("network", "x does not fit the first layer", f"shape {a.shape}",
                       f"shape ({n},)", f"gd.viz.network(model, gd.zeros({n}))",
                       ShapeError)  # fmt: skip
    a = a.reshape(-1, columns[0].size)[:1]
    columns[0].values = a[0]
    at = [0]

    def keep(module, args, y):
        at[0] += isinstance(module, nn.Linear)
        if 0 < at[0] < len(columns) and tuple(y.shape) == (1, columns[at[0]].size):
            columns[at[0]].values = y.detach().numpy()[0].copy()

    handles = [m.register_forward_hook(keep) for m in model.modules() if not list(m.children())]
    try:
        with unchanged(model), no_grad():
            model(Tensor(a))
    finally:
        for handle in handles:
            handle.remove()


def drawn(columns: list[Column], most: int) -> Picture:
    sizes = [c.size for c in columns]
    weights = sum(a * b for a, b in pairwise(sizes))
    biases = sum(c.size for c in columns[1:] if c.weight is None or c.bias is not None)
    title = f"Network {' → '.join(map(str, sizes))}: {weights} weight{'s' * (weights != 1)}"
    title += f", {biases} bias{'es' * (biases != 1)}"
    pic = Picture(title, f"{title}.", room=440)
    real = columns[1].weight is not None
    few = real and weights <= LABELLED
    pic.look = f"rankdir=LR; nodesep=0.18; ranksep={0.35 if few else 1.1};"
    pic.look += " splines=line; outputorder=edgesfirst;"
    if columns[0].values is not None:
        pic.sign("■ activation, forward →", P.data)
    if real:
        largest = max(float(np.abs(c.weight).max()) for c in columns[1:] if c.weight is not None)
        pic.sign("■ positive weight ——", MORE)
        pic.sign("■ negative weight − − −", LESS)
        pic.sign(f"wider = larger, up to {number(largest)}", P.quiet)
        if biases:
            pic.sign("+b bias: parameter", P.amber_text)
    else:
        largest = 1.0
        pic.sign("■ a line for each weight", P.quiet)
    before: list = []
    for k, column in enumerate(columns):
        units = places(column.size, most)
        names = [None if u is None else unit(pic, column, u, k) for u in units]
        order = [pic.node(header(columns, k), role(columns, k))]
        for name in names:
            order.append(name or rest(pic, column.size - len(units) + 1))
        pic.side_by_side(f"{' -> '.join(order)} [style=invis]")
        if before:
            lines(pic, before, list(zip(units, names, strict=True)), column, largest, few)
        before = list(zip(units, names, strict=True))
    return pic


def places(n: int, most: int) -> list[int | None]:
    return list(range(n)) if n <= most else [*range(most - 1), None, n - 1]


def role(columns: Sequence[Column], k: int) -> str:
    return "input" if k == 0 else "output" if k == len(columns) - 1 else "hidden"


def header(columns: Sequence[Column], k: int) -> str:
    """What stands above a column: its role, size and activation, its weights."""
    c = columns[k]
    rows = [bold(role(columns, k), 12), font(f"{c.size} unit{'s' * (c.size > 1)}", P.quiet, 10)]
    if k:
        n = columns[k - 1].size
        bias = f" + {c.size}" if c.weight is None or c.bias is not None else ""
        total = c.size * n + (c.size if bias else 0)
        rows.append(font(f"{c.size}×{n}{bias} = {total}", P.amber_text, 10))
    else:
        rows.append(font("no parameters", P.quiet, 10))
    rows.append(font(c.activation or ("linear" if k and c.weight is not None else " "), P.ink, 11))
    return table(tr(*[cell(row, "CENTER") for row in rows]), pad=1)


def rest(pic: Picture, n: int) -> str:
    """What stands in place of units that are not shown."""
    text = cell(font(f"⋮ {n} more", P.quiet, 11))
    return pic.node(table(tr(text), fill=P.paper), "units that are not shown")


def unit(pic: Picture, column: Column, u: int, k: int) -> str:
    """The circle of a unit, with its value and its bias."""
    v = None if column.values is None else float(column.values[u])
    b = None if column.bias is None else float(column.bias[u])
    rows = [] if v is None else [font(number(float(f"{v:.3g}")), P.data, 10)]
    if b is not None:
        sign = "−" if b < 0 else "+"
        rows.append(font(f"{sign}{number(abs(float(f'{b:.2g}')))}", P.amber_text, 9))
    border = P.data if k and v is not None and v > 0 else P.border
    tip = f"unit {u}" + ("" if v is None else f", value {number(v)}")
    tip += "" if b is None else f", bias {number(b)}"
    label = table(tr(*[cell(row, "CENTER") for row in rows or [font(" ", P.ink, 10)]]), pad=0)
    shape = f'shape=circle style=filled fixedsize=true width=0.6 fillcolor="{P.output_fill}"'
    return pic.node(label, tip, f'{shape} color="{border}"')


def lines(
    pic: Picture, before: list, after: list, column: Column, largest: float, few: bool
) -> None:
    """The weights from one column to the next."""
    for i, tail in before:
        for j, head in after:
            if tail is None or head is None:
                continue
            if column.weight is None:
                pic.edge(tail, head, f"weight {j}, {i}", f'color="{P.faint}" dir=none')
                continue
            w = float(column.weight[j, i])
            share = abs(w) / largest if largest else 0.0
            colour, style = (LESS, " style=dashed") if w < 0 else (MORE, "")
            look = f'color="{colour}" penwidth={0.4 + 3.2 * share:.2f} dir=none{style}'
            tip = f"{column.name}.weight[{j}, {i}] = {number(w)}"
            if not few:
                pic.edge(tail, head, tip, look)
                continue
            text = cell(font(number(float(f"{w:.3g}")), colour, 10))
            middle = pic.node(table(tr(text), fill=P.paper, pad=1), tip)
            pic.lines.append(f"  {tail} -> {middle} [{look} headport=w tooltip={quote(tip)}];")
            pic.lines.append(f"  {middle} -> {head} [{look} tailport=e tooltip={quote(tip)}];")
