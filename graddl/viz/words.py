"""Escaping, the small pieces of Graphviz's HTML labels, and the words: title, legend, tooltips."""

from collections.abc import Iterable

from .numbers import brief, dimensions, number
from .parts import Edge, Elided, GraphView, Layer, Op, Value
from .style import Palette, Scale

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escape(text: object) -> str:
    """For an HTML label, where Graphviz also replaces `\\N`, `\\G` and the like."""
    return str(text).translate(_HTML).replace("\\", "\\\\")


def quote(text: object) -> str:
    """For a tooltip: a quoted string, in which Graphviz replaces backslash escapes twice over."""
    return '"' + escape(text).replace("\\", "\\\\").replace("\n", " ") + '"'


def html(label: str) -> str:
    return f"<{label}>"


def font(text: str, colour: str, size: int | None = None) -> str:
    """Coloured text, escaped. Graphviz takes no empty run."""
    points = f' POINT-SIZE="{size}"' if size else ""
    return f'<FONT COLOR="{colour}"{points}>{escape(text) or " "}</FONT>'


def bold(text: str, size: int, colour: str | None = None) -> str:
    tint = f' COLOR="{colour}"' if colour else ""
    return f'<FONT{tint} POINT-SIZE="{size}"><B>{escape(text) or " "}</B></FONT>'


def cell(
    text: str, align: str = "LEFT", width: int | None = None, columns: int | None = None
) -> str:
    more = (f' WIDTH="{width}"' if width else "") + (f' COLSPAN="{columns}"' if columns else "")
    return f'<TD ALIGN="{align}"{more}>{text}</TD>'


def tr(*rows: str) -> str:
    return "".join(f"<TR>{row}</TR>" for row in rows)


def table(
    rows: str,
    border_colour: str | None = None,
    fill: str | None = None,
    border: int = 1,
    style: str | None = None,
    pad: int = 4,
) -> str:
    look = f'BORDER="{border}" COLOR="{border_colour}"' if border_colour else 'BORDER="0"'
    look += f' BGCOLOR="{fill}"' if fill else ""
    look += f' STYLE="{style}"' if style else ""
    return f'<TABLE {look} CELLBORDER="0" CELLSPACING="0" CELLPADDING="{pad}">{rows}</TABLE>'


# --------------------------------------------------------------------------------- title and legend
def heading(view: GraphView, scale: Scale, p: Palette, rank: str, room: float) -> str:
    """Title and legend, as rows of a table; the legend is about as wide as `room`, in points."""
    rows = [cell(bold(view.title, 16))]
    line: list[str] = []
    used, title = 0, 11 * len(view.title)
    for text, length in [*legend(view, scale, p, rank), ("", 0)]:
        if line and (not text or used + length > room):
            if title > used:  # Graphviz would spread the line over the width of the title
                line.append(f'<TD WIDTH="{title - used}"></TD>')
            rows.append(cell(table(tr("".join(line)))))
            line, used = [], 0
        line.append(cell(text))
        used += length
    return table(tr(*rows), pad=1)


def legend(view: GraphView, scale: Scale, p: Palette, rank: str) -> list[tuple[str, int]]:
    """The signs that this picture uses, each with about its width in points."""
    backward = view.mode != "data"
    forth, back = "→←" if rank == "LR" else "↓↑"
    signs = [("■ data" + (f", forward {forth}" if backward else ""), p.data)]
    grads = [e.grad for e in view.edges if e.wants and e.grad is not None]
    if backward:
        zero = ", dashed grey = 0" if any(n.size == 0 for n in grads) else ""
        words = f"■ gradient of {view.subject}, backward {back} (thicker = larger{zero})"
        signs.append((words, p.gradient))
    if any(e.local is not None for e in view.edges):
        signs.append(("■ × local derivative", p.local))
    if backward and view.detail != "values":
        signs.append(("∂ its root mean square", p.gradient))
    if backward and any(getattr(n, "strip", None) for n in view.nodes):
        signs.append(("▪▪▪ a cell for each unit, grey = zero gradient", p.gradient))
    if any(getattr(n, "times", 1) > 1 for n in view.nodes):
        signs.append(("×N siblings drawn as one", p.quiet))
    if view.mode == "chain":
        signs.append(("①②③ order of the backward pass", p.gradient))
    layers = [n for n in view.nodes if isinstance(n, Layer)]
    if any(isinstance(n, Value) and n.role == "parameter" for n in view.nodes) or any(
        n.weights for n in layers
    ):
        signs.append(("■ parameter", p.amber_text))
    if any(getattr(n, "uses", 0) for n in view.nodes) or any(
        w.uses > 1 for n in layers for w in n.weights
    ):
        signs.append(("↻ the same tensor again", p.amber_text))
    signs += [(flag.text, p.warning) for flag in view.flags]
    signs += [(note, p.warning if note.startswith("▲") else p.quiet) for note in view.notes]
    out = [(font(text, colour, 10), 6 * len(text) + 14) for text, colour in signs]
    if view.mode == "grad" and grads:
        out.insert(2, (ramp(scale, p), 190))
    return out


def ramp(scale: Scale, p: Palette, size: int = 10) -> str:
    """The shades from the smallest to the largest power of ten."""
    least = ("≤ " if scale.clipped else "") + number(10.0**scale.low)
    low, high = (font(text, p.gradient, size) for text in (least, number(10.0**scale.high)))
    return table(tr(cell(low) + swatches(p.ramp) + cell(high)), pad=2)


def swatches(shades: Iterable[str]) -> str:
    """A cell of each shade."""
    return "".join(f'<TD WIDTH="14" HEIGHT="8" BGCOLOR="{c}"></TD>' for c in shades)


def hidden(count: int) -> str:
    return f"⋯ {count} more node{'s' if count > 1 else ''}"


def flag_rows(flags: tuple, p: Palette, columns: int | None = None) -> list[str]:
    """A row in magenta for each warning."""
    return [tr(cell(font(flag.text, p.warning, 9), columns=columns)) for flag in flags]


def kind(v: Value) -> str:
    """Shape and dtype of a tensor; nothing for a Scalar."""
    if v.dtype is None:
        return "" if v.shape is not None else "an array that was not kept"
    return f"{dimensions(v.shape or ())} {v.dtype}".strip()


# ----------------------------------------------------------------------------------------- tooltips
def tooltip(v: Value, view: GraphView) -> str:
    text = f"{v.name}: {kind(v) + ', ' if kind(v) else ''}data = {brief(v.data)}"
    return text + (f", grad = {brief(v.grad)}" if v.wants and view.mode != "data" else "")


def op_tooltip(op: Op) -> str:
    where = f", {op.source[0].rpartition('/')[2]}:{op.source[1]}" if op.source else ""
    return f"{op.name}{' in ' + op.scope if op.scope else ''}{where}"


def layer_tooltip(layer: Layer, view: GraphView) -> str:
    text = f"{layer.name}: {layer.formula or layer.kind}, {layer.ops} ops, data = "
    text += brief(layer.data)
    return text + (f", grad = {brief(layer.grad)}" if view.mode != "data" else "")


def edge_tooltip(e: Edge, view: GraphView) -> str:
    if not e.wants or view.mode == "data":
        return "forward" if e.wants else "no gradient flows here"
    if e.local is not None:
        return f"upstream {brief(e.upstream)} × local {number(e.local)} = {brief(e.grad)}"
    return f"gradient {brief(e.grad)}"


def sentence(view: GraphView) -> str:
    """The picture in one sentence, for those who hear it."""

    def some(names):
        return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")

    ops = [n.name for n in view.nodes if isinstance(n, Op)]
    many = f"{len(ops)} operation{'s' if len(ops) > 1 else ''} ({some(ops)})"
    parts = [f"{view.subject} is computed in {many}" if ops else f"{view.subject} is a leaf"]
    for role in ("input", "parameter", "constant"):
        names = [n.name for n in view.nodes if isinstance(n, Value) and n.role == role]
        if names:
            parts.append(f"{role}{'s' if len(names) > 1 else ''} {some(names)}")
    boxes = [n.name for n in view.nodes if isinstance(n, Layer)]
    if boxes:
        parts.append(f"{len(boxes)} layer{'s' if len(boxes) > 1 else ''} {some(boxes)}")
    flags = [f.text for n in view.nodes for f in getattr(n, "flags", ())]
    parts += [flag.text for flag in view.flags] + list(dict.fromkeys(flags))
    left_out = sum(n.count for n in view.nodes if isinstance(n, Elided))
    if left_out:
        parts.append(f"{left_out} nodes not shown")
    return "; ".join(parts) + "."
