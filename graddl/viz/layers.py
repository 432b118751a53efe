"""The box of a layer: what it computes, its weights, a cell for each unit, and warnings."""

from . import words
from .numbers import Numbers, brief, dimensions, number
from .parts import GraphView, Layer, Weight
from .style import Palette, Scale
from .words import bold, cell, font, table, tr

COLUMNS = 4  # name of a weight, shape, size of the gradient, swatch
FEWEST = 12  # a strip is so wide, at least
PILLS = 2  # shared weights side by side
ROW = 16  # cells of a strip side by side; more go into a second row
SWATCH = 'WIDTH="10" HEIGHT="10" FIXEDSIZE="TRUE"'


def layer_box(layer: Layer, view: GraphView, scale: Scale, p: Palette) -> str:
    """Header; formula; output; a row for each weight; the strip of units; flags."""
    backward = view.mode != "data" and layer.wants
    times = f" ×{layer.times}" if layer.times > 1 else ""
    title = bold(layer.name + times, 13)
    title += font(f"  {layer.kind}", p.quiet, 10) if layer.kind != layer.name else ""
    count = font(f"{layer.parameters:,} params", p.amber_text, 9) if layer.parameters else ""
    head = [cell(title, columns=2), cell(count, "RIGHT", columns=2)]
    rows = [tr("".join(head) if count else cell(title, columns=COLUMNS))]
    if layer.formula:
        rows.append(tr(cell(font(layer.formula, p.data, 9), columns=COLUMNS)))
    rows[-1] += "<HR/>"
    rows.append(output_row(layer, backward, p))
    rows += [weight_row(w, backward, scale, p) for w in layer.weights if not w.again]
    again = [w.name for w in layer.weights if w.again]
    for i in range(0, len(again), PILLS):
        rows.append(
            tr(cell(font("↻ " + ", ".join(again[i : i + PILLS]), p.amber_text, 9), columns=4))
        )
    if backward and layer.strip:
        rows.append(strip_row(layer.strip, scale, p, COLUMNS))
    rows += words.flag_rows(layer.flags, p, COLUMNS)
    border, width = (p.amber, 2) if layer.weights else (p.border, 1)
    if any(flag.ring for flag in layer.flags):
        border, width = p.warning, 4
    fill = p.paper if layer.weights else p.op_fill
    return table("".join(rows), border, fill, width, "ROUNDED", pad=3)


def output_row(layer: Layer, backward: bool, p: Palette) -> str:
    """Shape of the output, and the root mean square of its data; the head of the columns below."""
    shape = f"out {dimensions(layer.shape)}" if layer.shape else "out"
    value = (
        brief(layer.data)
        if layer.data is not None and len(layer.data.values or ()) < 2
        else (f"rms {number(layer.data.size)}" if layer.data is not None else brief(None))
    )
    left = cell(font(f"{shape}  ", p.quiet, 9) + font(value, p.data, 9), columns=2)
    label = "rms grad" if backward and any(not w.again for w in layer.weights) else ""
    return tr(left + cell(font(label, p.quiet, 9), "RIGHT", columns=2))


def weight_row(w: Weight, backward: bool, scale: Scale, p: Palette) -> str:
    """Name, shape and the size of the gradient of a parameter, as number and as colour."""
    again = " ↻" if w.uses > 1 else ""
    row = cell(font(w.name + again, p.amber_text, 10))
    row += cell(font(dimensions(w.shape) or "1", p.quiet, 10))
    if not backward:
        return tr(row + cell(" ", columns=2))
    if not w.wants:
        return tr(row + cell(font("frozen", p.quiet, 9), "RIGHT", columns=2))
    size = number(w.grad.size) if w.grad is not None else number(None)
    return tr(row + cell(font(size, p.gradient, 10), "RIGHT") + cell(cells([[w.grad]], scale, p)))


def swatch(n: Numbers | None, scale: Scale, p: Palette) -> str:
    """A cell in the colour of a gradient: grey of zero, none where it is not known."""
    if n is None:
        return f"<TD {SWATCH}></TD>"
    colour = p.zero if n.size == 0 else p.warning if n.size != n.size else scale.shade(n, p.ramp)
    return f'<TD {SWATCH} BGCOLOR="{colour}"></TD>'


def strip_row(sizes: tuple, scale: Scale, p: Palette, columns: int) -> str:
    """One small cell for each unit."""
    numbers = [Numbers((), None, size) for size in sizes]
    rows: list = [numbers[i : i + ROW] for i in range(0, len(numbers), ROW)]
    rows[-1] += [None] * ((ROW if len(rows) > 1 else FEWEST) - len(rows[-1]))
    return tr(cell(cells(rows, scale, p), columns=columns))


def cells(rows: list, scale: Scale, p: Palette) -> str:
    """Rows of swatches; a last empty cell takes the room, so that they keep their size."""
    texts = ["".join(swatch(n, scale, p) for n in row) + "<TD></TD>" for row in rows]
    inner = tr(*texts)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="0">{inner}</TABLE>'
