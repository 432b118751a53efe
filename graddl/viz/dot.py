"""DOT text of a GraphView: the one grammar of all pictures. Nothing is rendered here."""

from . import words
from .numbers import Numbers, brief, dimensions, grid, number, order_sign
from .parts import Alias, Edge, Elided, GraphView, Op, Value
from .style import THEMES, Palette, Scale, scale_of
from .words import bold, cell, font, html, quote, table, tr

FONT = 'fontname="Helvetica,Arial,sans-serif"'


def to_dot(view: GraphView, theme: str = "light") -> str:
    """The picture as DOT text. The theme "auto" is light here: it turns dark by CSS, in SVG."""
    p = THEMES[theme]
    scale = scale_of([e.grad for e in view.edges])
    lines = [
        "digraph graddl {",
        f'  rankdir=LR; bgcolor="{p.paper}"; nodesep=0.25; ranksep=0.28; pad=0.2;',
        f'  {FONT}; fontcolor="{p.ink}";',
        f"  labelloc=t; labeljust=l; label={html(words.heading(view, scale, p))};",
        f'  node [shape=plain {FONT} fontsize=11 fontcolor="{p.ink}"];',
        f'  edge [{FONT} fontsize=10 arrowsize=0.7 color="{p.border}"];',
    ]
    for node in view.nodes:
        lines.append(f"  {node.id} [{' '.join(drawn(node, view, p))}];")
    for k, edge in enumerate(view.edges):
        lines.extend(f"  {line};" for line in edge_lines(k, edge, view, scale, p))
    return "\n".join([*lines, "}"]) + "\n"


def drawn(node: Value | Op | Alias | Elided, view: GraphView, p: Palette) -> list[str]:
    """The attributes of one node."""
    if isinstance(node, Value):
        label = bare(node, p) if node.bare else value_box(node, view, p)
        return [f"label={html(label)}", f"tooltip={quote(words.tooltip(node, view))}"]
    if isinstance(node, Alias):
        again = quote(f"{node.name}: the same tensor again")
        return [f"label={html(pill(node, p))}", f"tooltip={again}"]
    if isinstance(node, Elided):
        text = cell(font(words.hidden(node.count), p.quiet, 10))
        return [f"label={html(table(tr(text), p.zero, style=DASHED, pad=5))}"]
    return op_box(node, view, p) if view.detail == "ops" else op_circle(node, view, p)


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


def value_box(v: Value, view: GraphView, p: Palette) -> str:
    """Header with name and role, then shape, data and grad."""
    fill, border, width, style = LOOKS[v.role]
    role = {"value": " ", "constant": "no grad"}.get(v.role, v.role)
    role += f", used {v.uses}×" if v.uses else ""
    colour = getattr(p, ROLE_COLOURS.get(v.role, "quiet"))
    rows = [tr(cell(bold(v.name, 13)) + cell(font(role, colour, 8), "RIGHT")) + "<HR/>"]
    kind = words.kind(v)
    if kind:
        rows.append(tr(cell(font(kind, p.quiet, 9), columns=2)))
    rows.append(row("data", v.data, p.data, p))
    if v.wants and view.mode != "data":
        rows.append(row(".grad" if v.kept else "grad", v.grad, p.gradient, p))
    return table("".join(rows), getattr(p, border), getattr(p, fill), width, style)


def row(word: str, n: Numbers | None, colour: str, p: Palette) -> str:
    """One line of a box: a word and a number, a small grid of numbers, or the root mean square."""
    left = cell(font(word, p.quiet, 9))
    if n is not None and n.low is None and n.size != n.size:  # NaN somewhere
        colour = p.warning
    if n is None or n.values is None or len(n.values) == 1:
        return tr(left + cell(font(brief(n), colour), "RIGHT", width=52))
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
    look = f'{shape} fillcolor="{p.op_fill}" color="{p.border}" ordering=in'
    label = f"label={html(table(tr(*rows), pad=0))}"
    return [look, label, f"tooltip={quote(words.op_tooltip(op))}"]


def op_box(op: Op, view: GraphView, p: Palette) -> list[str]:
    """A box with the symbol, the name of the result if it has one of its own, and the order."""
    order = f" {order_sign(op.order)}" if op.order and view.mode == "chain" else ""
    rows = [cell(font(op.symbol, p.ink, 12), "CENTER")]
    under = [op.result.name] if op.result is not None and op.result.named else []
    if op.scope:
        under.insert(0, op.scope)
    if under or order:
        rows.append(cell(font(" · ".join(under) + order, p.quiet, 9), "CENTER"))
    label = table(tr(*rows), p.border, p.op_fill, style="ROUNDED", pad=3)
    return [f"ordering=in label={html(label)}", f"tooltip={quote(words.op_tooltip(op))}"]


# -------------------------------------------------------------------------------------------- edges
def edge_lines(k: int, e: Edge, view: GraphView, scale: Scale, p: Palette) -> list[str]:
    """One edge; with a label it is drawn as two halves with the label between them."""
    back = e.wants and view.mode != "data"
    look = arrow(e, view, scale, p) if back else "style=solid" if e.wants else "style=dashed"
    look += f" tooltip={quote(words.edge_tooltip(e, view))}"
    start, end = ("back", "none") if back else ("none", "forward")
    text = edge_text(e, view, p, back)
    if not text:
        weight = " weight=5" if view.detail == "values" else ""
        return [f"{e.tail} -> {e.head} [dir={start if back else end} {look}{weight}]"]
    middle = f"l{k}"
    return [
        f"{middle} [label={html(table(text, fill=p.paper, pad=1))}]",
        f"{e.tail} -> {middle} [dir={start} {look} headport=w]",
        f"{middle} -> {e.head} [dir={end} {look} tailport=e]",
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
    if view.detail == "ops" and e.count == 1 and e.shape:
        rows.append(font(dimensions(e.shape), p.data, 10))
    if view.detail == "ops" and back and e.grad is not None:
        one = e.grad.values is not None and len(e.grad.values) == 1
        size = brief(e.grad) if one else number(e.grad.size)
        rows.append(font(f"∂ {size}", p.gradient, 10))
    if e.count > 1:
        rows.append(font(f"{e.count} edges", p.quiet, 9))
    return tr(*[cell(t, "CENTER") for t in rows])
