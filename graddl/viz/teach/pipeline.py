"""A model as a row of layers, each with its output drawn to scale."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ... import _trees, nn
from ..._core import Tensor
from ...errors import DTypeError
from ...modes import enable_grad
from ...nn._summary import _as_if_trained, _nodes
from ..drawing import Drawing
from ..modules import unchanged
from ..names import clean
from ..numbers import dimensions
from ..options import complain
from ..words import bold, cell, font, table, tr
from .grids import still
from .picture import P, Picture

MOST = 40
FIX = "gd.viz.pipeline(gd.models.LeNet(), (1, 1, 28, 28))"
ROW = 10  # layers that fit beside one another
SHORT = {
    "BatchNorm1d": "BN", "BatchNorm2d": "BN", "LayerNorm": "LN", "Linear": "Dense",
    "MaxPool2d": "MaxPool", "AvgPool2d": "AvgPool", "Conv2d": "Conv", "Conv1d": "Conv",
    "relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid",
}  # fmt: skip
ACTIVATIONS = frozenset(  # ops, where they are called as functions
    "relu tanh sigmoid leaky_relu elu gelu silu softplus softmax log_softmax".split()
)
MODULES = (nn.ReLU.__module__, nn.BatchNorm2d.__module__)  # what joins the layer before
FREE = ("reshape", "module_hook", "astype", "flatten")


@dataclass
class Stage:
    """A box: what it does, what it has, what comes out; `into`: the places of those it reads."""

    path: str
    words: list[str]
    shape: tuple
    detail: str = ""
    parameters: int = 0
    into: list[int] = field(default_factory=list)


def pipeline(model: nn.Module, x: Any, theme: str = "auto") -> Drawing:
    """Draw the layers of a model with kernels, shapes of outputs, and numbers of parameters.

    Feature maps are drawn as stacked sheets in proportion to their sizes, vectors as a column of
    units. An activation and a normalization join the layer before them. The model runs once, as in
    `eval()`, on a copy of the input, and stays as it was.

    Parameters
    ----------
    model : Module
    x : array, or the shape of one
        What its forward takes, (1, 1, 28, 28).
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    DTypeError
        Not a Module, or x is neither array nor shape.
    ArgumentError
        Too many layers to be read.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (1998), figure 2: the kind of picture.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.pipeline(gd.models.LeNet(), (1, 1, 28, 28))
    <Drawing of LeNet: 61,706 parameters in 5 of 7 layers>
    """
    if not isinstance(model, nn.Module):
        raise complain("pipeline", "draws a Module", type(model).__name__,
                       "a Module and an input", FIX, DTypeError)  # fmt: skip
    start, stages = stages_of(model, x)
    if len(stages) > MOST:
        raise complain("pipeline", "too many layers to be read", len(stages), f"at most {MOST}",
                       "gd.draw(model, x, detail='layers')")  # fmt: skip
    return drawn(type(model).__name__, model.num_parameters(), start, stages).drawn(theme)


def stages_of(model: nn.Module, x: Any) -> tuple[tuple, list[Stage]]:
    """The shape of the input, and the layers in the order in which they ran."""
    if isinstance(x, tuple | list) and x and all(isinstance(n, int) for n in x):
        dtype = next((p.dtype for p in model.parameters()), np.dtype("float32"))
        x = np.zeros(x, dtype)
    if not hasattr(x, "dtype"):
        raise complain("pipeline", "x is neither an array nor a shape", repr(x)[:40],
                       "what forward takes", "gd.viz.pipeline(model, (1, 1, 28, 28))",
                       DTypeError)  # fmt: skip
    leaf = Tensor(np.array(x.detach().numpy() if isinstance(x, Tensor) else x))
    leaf.requires_grad_(leaf.dtype.kind == "f")
    with unchanged(model), _as_if_trained(model), enable_grad():
        outs = [y for y in _trees.leaves(model(leaf)) if isinstance(y, Tensor)]
    if not outs:
        raise complain("pipeline", "the model gives no Tensor", type(model).__name__,
                       "a Tensor from forward", FIX, DTypeError)  # fmt: skip
    stages = grouped(model, leaf, outs[0])
    if not stages:
        raise complain("pipeline", "nothing is computed from x", type(model).__name__,
                       "layers that read x", FIX)  # fmt: skip
    return tuple(leaf.shape), stages


def grouped(model: nn.Module, x: Tensor, y: Tensor) -> list[Stage]:
    """Ops of one module become a layer; what only passes on has no box."""
    leaves = boxes_of(model)
    stages: list[Stage] = []
    of: dict[int, int] = {getattr(x.node, "id", 0): -1}  # node -> its stage; -1 is the input
    last = ""  # the module that the op before was in
    for node in _nodes(y):
        into = sorted({of[n.id] for n in node.inputs if getattr(n, "id", None) in of})
        path = owner(node.scope or "", leaves)
        module = leaves.get(path)
        if not into and isinstance(module, nn.Embedding):
            into = [-1]  # its input is integers, which are no operand
        if not into:
            continue  # of parameters alone
        if module is not None and path == last and stages:
            of[node.id] = len(stages) - 1
            stages[-1].shape = tuple(node.shapes[0])
            continue
        last = path if module is not None else ""
        word = type(module).__name__ if module is not None else node.op.name
        joins = type(module).__module__ in MODULES or (module is None and word in ACTIVATIONS)
        if len(into) == 1 and node.op.name in FREE and isinstance(module, nn.Flatten | None):
            of[node.id], last = into[0], ""
        elif joins and into == [len(stages) - 1]:
            stages[-1].words.append(SHORT.get(word, word))
            stages[-1].parameters += size(module)
            of[node.id] = into[0]
        else:
            words, shape = [SHORT.get(word, word)], tuple(node.shapes[0])
            stages.append(Stage(path, words, shape, kernel(module), size(module), into))
            of[node.id] = len(stages) - 1
    return stages


def boxes_of(model: nn.Module) -> dict[str, nn.Module]:
    """Modules that have a box, by path: without children, or with parameters of their own."""
    found: dict[str, nn.Module] = {}
    for path, m in model.named_modules():
        own = any("." not in name for name, _ in m.named_parameters())
        inside = any(path.startswith(f"{outer}.") for outer in found)
        if not inside and (not list(m.children()) or (own and path)):
            found[path] = m
    return found


def owner(path: str, leaves: dict) -> str:
    """The module that a scope lies in: a layer may have scopes of its own."""
    while path and path not in leaves:
        path = path.rpartition(".")[0]
    return path


def size(module: Any) -> int:
    return 0 if module is None else sum(math.prod(p.shape) for p in module.parameters())


def kernel(module: Any) -> str:
    """`5×5, stride 2, padding 1`: what differs from the usual."""
    k = getattr(module, "kernel_size", None)
    if k is None:
        return ""
    text = [pair(k)]
    usual = k if "Pool" in type(module).__name__ else 1
    for name, common in (("stride", usual), ("padding", 0), ("dilation", 1)):
        n = getattr(module, name, None)
        if n is not None and pair(n) != pair(common):
            sizes = pair(n).split("×")
            text.append(f"{name} {sizes[0] if len(set(sizes)) == 1 else pair(n)}")
    return ", ".join(text)


def pair(k: Any) -> str:
    return dimensions(tuple(k) if isinstance(k, tuple | list) else (k, k))


# ---------------------------------------------------------------------------------- drawing
def drawn(title: str, total: int, start: tuple, stages: list[Stage]) -> Picture:
    some = sum(s.parameters > 0 for s in stages)
    names = ", ".join(" + ".join(s.words) for s in stages)
    pic = Picture(
        f"{title}: {total:,} parameters in {some} of {len(stages)} layers",
        f"{title} maps {dimensions(start)} through {names}; {total} parameters.",
    )
    if len(stages) > ROW:
        pic.look = "rankdir=TB; nodesep=0.25; ranksep=0.2;"
    pic.sign("■ data, forward →", P.data)
    pic.sign("■ layer with parameters: amber frame", P.amber_text)
    if any(len(s.shape) == 4 for s in stages):
        pic.sign("sheets: feature maps, to scale", P.quiet)
    if any(len(s.shape) == 2 for s in stages):
        pic.sign("cells: units", P.quiet)
    shapes = [start, *(s.shape for s in stages)]
    widest = max([n for shape in shapes if len(shape) == 4 for n in shape[2:]] or [1])
    flat = len(stages) > ROW
    first = [bold("input", 12), picture(start, widest, flat), font(maps(start), P.data, 10)]
    where = {-1: pic.node(card(first, P.border, P.paper, flat), "input")}
    for k, s in enumerate(stages):
        words = [bold(s.words[0], 12)]
        if s.words[1:]:
            words.append(font("+ " + " + ".join(s.words[1:]), P.ink, 11))
        if s.detail:
            words.append(font(s.detail, P.quiet, 10))
        rows = [*words, picture(s.shape, widest, flat), font(maps(s.shape), P.data, 10)]
        rows.append(font(f"{s.parameters:,} param." if s.parameters else "no param.", P.amber_text
                         if s.parameters else P.quiet, 10))  # fmt: skip
        look = (P.amber, P.amber_fill) if s.parameters else (P.border, P.paper)
        if k == len(stages) - 1:
            look = (look[0] if s.parameters else P.data, P.output_fill)
        tip = f"{clean(s.path)}: output {dimensions(s.shape)}, {s.parameters} parameters"
        where[k] = pic.node(card(rows, *look, flat), tip)
        for tail in s.into:
            pic.edge(where[tail], where[k], dimensions(stages[tail].shape if tail >= 0 else start))
    return pic


def card(rows: list[str], border: str, fill: str, flat: bool) -> str:
    """A box with one thing under the other, in a downward picture beside the other."""
    cells = [cell(row, "CENTER") for row in rows]
    width = 2 if border == P.amber else 1
    return table(tr("".join(cells)) if flat else tr(*cells), border, fill, width, "ROUNDED", 4)


def maps(shape: tuple) -> str:
    """`6 @ 28×28` for feature maps; else the shape without the batch."""
    if len(shape) == 4:
        return f"{shape[1]} @ {dimensions(shape[2:])}"
    return dimensions(shape[1:]) or "1"


def picture(shape: tuple, widest: int, flat: bool) -> str:
    """Sheets for feature maps, cells for units."""
    if len(shape) == 4:
        scale = 56 / widest
        return sheets(min(shape[1], 4), max(scale * shape[3], 5), max(scale * shape[2], 5))
    total = math.prod(shape[1:])
    n, wide, high = min(total, 7), 7 if flat else 10, 10 if flat else 7
    cells = [still("", wide, high).replace(">", f' BGCOLOR="{P.diverging[3]}">', 1)] * n
    if total > n:
        cells[5] = still(font("⋯" if flat else "⋮", P.quiet, 10), 14 if flat else 10, 14)
    long, thick = 8 * n + 1 + 7 * (total > n), 16 if flat else 12
    size = f'WIDTH="{long if flat else thick}" HEIGHT="{thick if flat else long}"'
    look = 'BORDER="0" CELLSPACING="1" CELLPADDING="0" FIXEDSIZE="TRUE"'
    return f"<TABLE {look} {size}>{tr(''.join(cells)) if flat else tr(*cells)}</TABLE>"


def sheets(n: int, wide: float, high: float) -> str:
    """n rectangles, each a step behind and above the next, as strips of a table."""
    d = n - 1
    step = 4 if min(wide, high) >= 28 else 3 if min(wide, high) >= 14 else 2
    w, h = (max(round(size), step * d + 2) for size in (wide, high))
    tones = (P.diverging[3], P.diverging[2])  # by turns, so that each sheet is seen

    def td(wide: int, high: int, j: int | None, rows: int = 1, columns: int = 1) -> str:
        look = f' ROWSPAN="{rows}"' * (rows > 1) + f' COLSPAN="{columns}"' * (columns > 1)
        look += "" if j is None else f' BGCOLOR="{tones[j % 2]}"'
        return f'<TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}"{look}></TD>'

    rows = []
    for j in range(d, 0, -1):  # the tops, of the sheet at the back first; at their right, sides
        line = [td(step, step, None)] * j + [td(w, step, j, 1, d + 1)]
        rows.append("".join(line + [td(step, step, k) for k in range(j + 1, d + 1)]))
    sides = [td(step, h - step * d, k) for k in range(1, d + 1)]
    rows.append(td(w, h, 0, d + 1, d + 1) + "".join(sides))
    for i in range(1, d + 1):
        line = [td(step, step, k) for k in range(1, d - i + 1)]
        rows.append("".join(line + [td(step, step, None)] * i))
    widths = [step] * d + [w - step * d] + [step] * d  # or Graphviz shares the width of spans out
    rows.append("".join(td(wide, 1, None) for wide in widths))
    look = 'BORDER="0" CELLSPACING="0" CELLPADDING="0" FIXEDSIZE="TRUE"'
    return f'<TABLE {look} WIDTH="{w + step * d}" HEIGHT="{h + step * d + 1}">{tr(*rows)}</TABLE>'
