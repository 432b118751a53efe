"""DOT text of a GraphView: the one grammar of all pictures. Nothing is rendered here."""

from typing import Any

from . import words
from .layers import layer_box, strip_row
from .layout.run import length
from .numbers import GRID, Numbers, brief, dimensions, grid, number, order_sign, rms, span
from .parts import Alias, Edge, Elided, GraphView, Layer, Op, Value
from .style import THEMES, Palette, Scale, scale_of
from .words import bold, cell, font, html, quote, table, tr

PAGE = 800 - 30  # points: on a page of 800 pixels, text of 9 points is 9 pixels high
LEGEND = 520  # points: a legend is not narrower
FEW_NUMBERS = 4  # in coarse pictures, tensors of up to so many elements are spelled out
FONT = 'fontname="Helvetica,Arial,sans-serif"'


def to_dot(view: GraphView, theme: str = "light") -> str:
    """The picture as DOT text. The theme "auto" is light here: it turns dark by CSS, in SVG.

    It runs to the right, or, where that would be too long to be legible, down; or as it is told.
    """
    wide = length(written(view, theme, "LR", PAGE))
    if view.direction == "right" or (view.direction == "auto" and wide <= PAGE):
        return written(view, theme, "LR", max(wide, LEGEND))
    return written(view, theme, "TB", LEGEND)


def written(view: GraphView, theme: str, rank: str, room: float) -> str:
    """The DOT text of a picture that runs from left to right, "LR", or from top to bottom, "TB".

    `room`: how wide the legend may be, in points.
    """
    p = THEMES[theme]
    scale = scale_of(gradients(view), view.range)
    lines = [
        "digraph graddl {",
        f'  rankdir={rank}; bgcolor="{p.paper}"; nodesep=0.25; ranksep=0.28; pad=0.2;',
        f'  {FONT}; fontcolor="{p.ink}";',
        f"  labelloc=t; labeljust=l; label={html(words.heading(view, scale, p, rank, room))};",
        f'  node [shape=plain {FONT} fontsize=11 fontcolor="{p.ink}"];',
        f'  edge [{FONT} fontsize=10 arrowsize=0.7 color="{p.border}"];',
    ]
    for node in view.nodes:
        lines.append(f"  {node.id} [{' '.join(drawn(node, view, scale, p))}];")
    made = {n.id for n in view.nodes if isinstance(n, Op | Layer | Elided)}
    for k, edge in enumerate(view.edges):
        weight = main_weight(edge, view, made)
        drawn_edge = edge_lines(k, edge, view, scale, p, weight, rank)
        lines.extend(f"  {line};" for line in drawn_edge)
    return "\n".join([*lines, "}"]) + "\n"


def gradients(view: GraphView) -> list[Numbers | None]:
    """All gradients that are drawn as strength: arrows, and the cells of layers and siblings."""
    found = [e.grad for e in view.edges]
    for n in view.nodes:
        if isinstance(n, Layer):
            found += [w.grad for w in n.weights]
        if isinstance(n, Layer | Value) and n.strip:
            found += [Numbers((), None, size) for size in n.strip]
    return found


def drawn(node: Any, view: GraphView, scale: Scale, p: Palette) -> list[str]:
    """The attributes of one node."""
    if isinstance(node, Value):
        label = bare(node, p) if node.bare else value_box(node, view, scale, p)
        return [f"label={html(label)}", f"tooltip={quote(words.tooltip(node, view))}"]
    if isinstance(node, Layer):
        tip = quote(words.layer_tooltip(node, view))
        return [f"ordering=in label={html(layer_box(node, view, scale, p))}", f"tooltip={tip}"]
    if isinstance(node, Alias):
        again = quote(f"{node.name}: the same tensor again")
        return [f"label={html(pill(node, p))}", f"tooltip={again}"]
    if isinstance(node, Elided):
        return [f"label={html(rest(node, view, p))}"]
    return op_circle(node, view, p) if view.detail == "values" else op_box(node, view, p)


# -------------------------------------------------------------------------------------------- boxes
DASHED = "ROUNDED,DASHED"
LOOKS = {  # role: (fill, border, width of the border, style)
    "parameter": ("amber_fill", "amber", 2, "ROUNDED"),
    "input": ("paper", "border", 1, "ROUNDED"),
    "constant": ("paper", "border", 1, DASHED),
    "output": ("output_fill", "data", 2, "ROUNDED"),
    "value": ("paper", "faint", 1, "ROUNDED"),
}
ROLE_COLOURS = {"parameter": "amber_text", "output": "data"}


def value_box(v: Value, view: GraphView, scale: Scale, p: Palette) -> str:
    """Header with name and role, then shape, data and grad, and warnings."""
    fill, border, width, style = LOOKS[v.role]
    role = {"value": " ", "constant": "no grad"}.get(v.role, v.role)
    role += f", used {v.uses}×" if v.uses else ""
    if v.times > 1:
        role = f"×{v.times}" if v.named else "no grad" if v.role == "constant" else " "
    colour = getattr(p, ROLE_COLOURS.get(v.role, "quiet"))
    if any(flag.ring for flag in v.flags):
        border, width = "warning", 4
    rows = [tr(cell(bold(v.name, 13)) + cell(font(role, colour, 9), "RIGHT")) + "<HR/>"]
    kind = words.kind(v)
    if kind:
        rows.append(tr(cell(font(kind, p.quiet, 9), columns=2)))
    most = GRID if view.detail == "values" else FEW_NUMBERS
    rows.append(row("data", v.data, p.data, p, most))
    if v.wants and view.mode != "data":
        rows.append(row(".grad" if v.kept else "grad", v.grad, p.gradient, p, most))
        if v.strip:
            rows.append(strip_row(v.strip, scale, p, columns=2))
    rows += words.flag_rows(v.flags, p, columns=2)
    return table("".join(rows), getattr(p, border), getattr(p, fill), width, style)


def row(word: str, n: Numbers | None, colour: str, p: Palette, most: int = GRID) -> str:
    """One line of a box: a word and a number, a grid of up to `most`, or the root mean square."""
    left = cell(font(word, p.quiet, 9))
    if n is not None and n.low is None and n.size != n.size:  # NaN somewhere
        colour = p.warning
    if n is not None and n.span is not None:
        lines = [cell(font(t, colour, size), "RIGHT") for t, size in ((brief(n), 11), (span(n), 9))]
        return tr(left + cell(table(tr(*lines), pad=1), "RIGHT"))
    if n is None or n.values is None or len(n.values) == 1 or len(n.values) > most:
        text = brief(n) if n is None or len(n.values or ()) == 1 else rms(n)
        return tr(left + cell(font(text, colour), "RIGHT", width=52))
    small = 10 if len(n.values) <= 4 else 9
    lines = ["".join(cell(font(t, colour, small), "RIGHT") for t in line) for line in grid(n)]
    return tr(left + cell(table(tr(*lines), pad=2), "RIGHT"))


def bare(v: Value, p: Palette) -> str:
    """A number that is written into the expression."""
    return table(
        tr(cell(font(brief(v.data), p.data), "CENTER", width=20)),
        p.border,
        p.paper,
        style=DASHED,
    )


def pill(a: Alias, p: Palette) -> str:
    text, border, fill = p.quiet, p.border, p.paper
    if a.role == "parameter":
        text, border, fill = p.amber_text, p.amber, p.amber_fill
    return table(tr(cell(font(f"{a.name} ↻", text, 10))), border, fill, style=DASHED)


def rest(e: Elided, view: GraphView, p: Palette) -> str:
    """What is not shown: how many nodes, and how the gradient changes on the way through them."""
    rows = [cell(font(words.hidden(e.count) if not e.text else f"⋯ {e.text}", p.quiet, 10))]
    if e.text:
        rows.append(cell(font(f"{e.count} nodes", p.quiet, 9)))
    if e.first is not None and e.last is not None and view.mode != "data":
        change = f"∂ {number(e.last.size)} ← {number(e.first.size)}"
        rows.append(cell(font(change, p.gradient, 10)))
    return table(tr(*rows) + "".join(words.flag_rows(e.flags, p)), p.zero, style=DASHED, pad=4)


# ---------------------------------------------------------------------------------------------- ops
def op_circle(op: Op, view: GraphView, p: Palette) -> list[str]:
    """A circle with the symbol, above it the order of the backward pass."""
    order = order_sign(op.order) if op.order and view.mode == "chain" else ""
    size = {1: 15, 2: 13, 3: 11, 4: 11, 5: 9, 6: 9}.get(len(op.symbol))
    shape = f"shape=circle style=filled width={0.58 if order else 0.46} fixedsize=true"
    if size is None:  # too long for a circle
        shape, size = 'shape=box style="filled,rounded" height=0.4', 11
    rows = [cell(font(order, p.gradient, 11), "CENTER")] if order else []
    rows.append(cell(font(op.symbol, p.ink, size), "CENTER"))
    if op.times > 1:
        shape = 'shape=box style="filled,rounded" height=0.4'
        rows.append(cell(font(f"×{op.times}", p.quiet, 9), "CENTER"))
    look = f'{shape} fillcolor="{p.op_fill}" color="{p.border}" ordering=in'
    label = f"label={html(table(tr(*rows), pad=0))}"
    return [look, label, f"tooltip={quote(words.op_tooltip(op))}"]


def op_box(op: Op, view: GraphView, p: Palette) -> list[str]:
    """A box with the symbol, the name of the result if it has one of its own, and the order."""
    order = f" {order_sign(op.order)}" if op.order and view.mode == "chain" else ""
    rows = [cell(font(op.symbol, p.ink, 12), "CENTER")]
    under = [op.result.name] if op.result is not None and op.result.named else []
    if op.terms:
        under.insert(0, f"{op.terms} terms")
    if op.scope and op.times == 1:
        under.insert(0, op.scope)
    if op.times > 1:
        under.insert(0, f"×{op.times}")
    if under or order:
        rows.append(cell(font(" · ".join(under) + order, p.quiet, 9), "CENTER"))
    ring = any(flag.ring for flag in op.flags)
    border, width = (p.warning, 4) if ring else (p.border, 1)
    rows = [tr(*rows), *words.flag_rows(op.flags, p)]
    label = table("".join(rows), border, p.op_fill, width, style="ROUNDED", pad=3)
    return [f"ordering=in label={html(label)}", f"tooltip={quote(words.op_tooltip(op))}"]


# -------------------------------------------------------------------------------------------- edges
def main_weight(e: Edge, view: GraphView, made: set[str]) -> str:
    """What keeps the row of a network straight: edges between what was computed pull hardest."""
    if view.detail == "values":
        return ""
    return " weight=20" if e.tail in made and e.wants else " weight=2" if e.wants else " weight=1"


def edge_lines(
    k: int, e: Edge, view: GraphView, scale: Scale, p: Palette, weight: str, rank: str
) -> list[str]:
    """One edge; with a label it is drawn as two halves with the label between them."""
    back = e.wants and view.mode != "data"
    look = arrow(e, view, scale, p) if back else "style=solid" if e.wants else "style=dashed"
    look += f" tooltip={quote(words.edge_tooltip(e, view))}"
    start, end = ("back", "none") if back else ("none", "forward")
    text = edge_text(e, view, p, back)
    if not text:
        weight = weight or " weight=5"
        return [f"{e.tail} -> {e.head} [dir={start if back else end} {look}{weight}]"]
    middle = f"l{k}"
    near, far = ("n", "s") if rank == "TB" else ("w", "e")
    return [
        f"{middle} [label={html(table(text, fill=p.paper, pad=1))}]",
        f"{e.tail} -> {middle} [dir={start} {look} headport={near}{weight}]",
        f"{middle} -> {e.head} [dir={end} {look} tailport={far}{weight}]",
    ]


def arrow(e: Edge, view: GraphView, scale: Scale, p: Palette) -> str:
    """Width and shade of a gradient arrow; zero is grey and dashed."""
    n = e.grad
    if n is None:
        return f'color="{p.gradient}" style=dotted' if e.count == 1 else f'color="{p.gradient}"'
    if n.size == 0:
        return f'color="{p.zero}" style=dashed penwidth=1'
    if n.size != n.size:
        return f'color="{p.warning}" penwidth=3'
    colour = p.gradient if view.mode == "chain" else scale.shade(n, p.ramp)
    return f'color="{colour}" penwidth={scale.width(n):.2f}'


def edge_text(e: Edge, view: GraphView, p: Palette, back: bool) -> str:
    """Rows of the label: `upstream × local`, or the shape and the size of the gradient."""
    if e.local is not None and back:
        product = font(brief(e.upstream), p.gradient, 10) + font(" × ", p.quiet, 10)
        product += bold(number(e.local), 10, p.local)
        return tr(cell(product))  # one cell: bold type in a cell of its own has another baseline
    rows = []
    if view.detail != "values" and e.count == 1 and e.shape:
        rows.append(font(dimensions(e.shape), p.data, 10))
    if view.detail != "values" and back and e.grad is not None:
        one = e.grad.values is not None and len(e.grad.values) == 1
        size = brief(e.grad) if one else number(e.grad.size)
        rows.append(font(f"∂ {size}", p.gradient, 10))
    if e.count > 1:
        rows.append(font(f"{e.count} edges", p.quiet, 9))
    return tr(*[cell(t, "CENTER") for t in rows])
