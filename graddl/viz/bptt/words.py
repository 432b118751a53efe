"""Title, legend, ledgers and the sentence of a picture of time."""

import math

from ..dot import DASHED
from ..layout.font import width
from ..numbers import UNKNOWN, dimensions, number
from ..style import Palette, Scale
from ..words import bold, cell, font, ramp, table, tr
from .labels import HEAD, LINE, NAME, ROW, SLACK, SMALL, TEXT, Label, finish, td, text_of, w
from .parts import ROOMY, BpttView, Entry, Gap, Ledger

BAR = 52.0  # the longest bar


def heading(view: BpttView, scale: Scale, p: Palette, room: float) -> str:
    """Title and legend, as rows of a table; the legend wraps to the width of the picture."""
    rows, used = [cell(bold(view.title, 16))], 0.0
    line: list[str] = []
    for text, length in [*legend(view, scale, p), ("", 0.0)]:
        if line and (not text or used + length > room):
            rest = max(room - used, 0.0)
            line.append(f'<TD WIDTH="{round(rest)}"></TD>')
            rows.append(cell(table(tr("".join(line)), pad=2)))
            line, used = [], 0.0
        line.append(cell(text, width=round(length)))
        used += length
    return table(tr(*rows), pad=1)


def legend(view: BpttView, scale: Scale, p: Palette) -> list[tuple[str, float]]:
    """The signs that this picture uses, each with about its width in points."""
    grads = [a.grad for a in view.arrows if a.wants and a.grad is not None]
    zero = ", dashed grey = 0" if any(n.size == 0 for n in grads) else ""
    back = f"■ gradient of {view.subject}, backward ← (thicker = larger{zero})"
    signs = [("■ data, forward →", p.data), (back, p.gradient)]
    if any(b.shape or any(s.data and s.data.shape for s in b.states) for b in view.nodes):
        signs.append(("of arrays: root mean square", p.quiet))
    if any(b.gates for b in view.nodes):
        spans = ", smallest … largest" if len(view.lanes) <= ROOMY else ""
        signs.append((f"gates: mean{spans}", p.quiet))
    if any(b.kind == "pill" and b.role == "parameter" for b in view.nodes):
        signs.append(("■ parameter", p.amber_text))
    if any(b.kind == "pill" and b.note != "once" for b in view.nodes):
        signs.append(("↻ the same tensor at every step", p.amber_text))
    if any(not b.wants for b in view.nodes):
        signs.append(("dashed box: wants no gradient", p.quiet))
    if any(a.cut for a in view.arrows):
        signs.append(("✂ detached: no gradient goes further back", p.warning))
    signs += [(note, p.warning if note.startswith("▲") else p.quiet) for note in view.notes]
    out = [(font(text, colour, SMALL), SLACK * width(text, SMALL) + 14) for text, colour in signs]
    if grads:
        out.insert(2, (ramp(scale, p, SMALL), 200.0))
    return out


# ----------------------------------------------------------------------------------------- ledgers
def ledger_label(ledger: Ledger, view: BpttView, scale: Scale, p: Palette) -> Label:
    """The contributions of the steps as bars and numbers, then their sum."""
    what = "contribution" if ledger.signed else "|contribution|"
    final = "sum" if ledger.signed else "|sum|"
    kind = "parameter" if ledger.parameter else "input"
    about = f"{dimensions(ledger.shape) or kind}, used {ledger.uses}×"
    name, full = ", ".join(ledger.names), ", ".join(ledger.full)
    full = full if full != name else ""
    slopes = ", ".join(f"∂{view.subject}/∂{each}" for each in ledger.names)
    under = f"{slopes} = Σ over steps"
    values = [text(e.value) for e in ledger.entries] + [text(ledger.total)]
    one = max([w(e.label, SMALL) for e in ledger.entries] + [w(name, NAME, True) - BAR - 8]) + 8
    three = max([w(v, TEXT, True) for v in values] + [w(what, SMALL), w(about, SMALL)]) + 6
    wide = max(one + BAR + 8 + three, w(under, SMALL) + 8, w(full, SMALL) + 8)
    most = max(map(size_of, ledger.entries), default=0.0)
    tint = p.amber_text if ledger.parameter else p.quiet

    def rows(inside):
        out = [td(bold(name, NAME), high=HEAD, span=2)
               + td(font(about, tint, SMALL), "RIGHT", HEAD)]  # fmt: skip
        for words in filter(None, (full, under)):
            out.append(td(font(words, p.quiet, SMALL), high=LINE, span=3))
        out.append("<HR/>" + td(font("step", p.quiet, SMALL), high=LINE)
                   + td(font(what, p.quiet, SMALL), "RIGHT", LINE, span=2))  # fmt: skip
        for e in ledger.entries:
            out.append(td(font(e.label, p.quiet, SMALL), wide=one)
                       + td(bar(e, most, scale, p), wide=BAR + 8)
                       + td(font(text(e.value), p.gradient, TEXT), "RIGHT",
                            wide=inside - one - BAR - 8))  # fmt: skip
        out.append("<HR/>" + td(font(final, p.ink, TEXT))
                   + td(bold(text(ledger.total), TEXT, p.gradient), "RIGHT", span=2))  # fmt: skip
        return out

    high = HEAD + LINE * (3 if full else 2) + ROW * (len(ledger.entries) + 1) + 4
    border = p.amber if ledger.parameter else p.border
    return finish(rows, wide, high, (border, p.paper, 2, "ROUNDED"), ())


def size_of(entry: Entry) -> float:
    """How long its bar is; 0 of what is not known or not finite."""
    return abs(entry.value) if entry.value is not None and math.isfinite(entry.value) else 0.0


def text(x: float | None) -> str:
    return UNKNOWN if x is None else number(x)


def bar(entry: Entry, most: float, scale: Scale, p: Palette) -> str:
    """As long as the contribution is large; its shade is that of its root mean square."""
    value = size_of(entry)
    long = max(1, round(BAR * value / most)) if most else 1
    colour = scale.shade(entry.size, p.ramp) if value and entry.size else p.zero
    swatch = f'<TD WIDTH="{long}" HEIGHT="9" FIXEDSIZE="TRUE" BGCOLOR="{colour}"></TD>'
    rest = f'<TD WIDTH="{round(BAR) - long + 1}"></TD>'
    return table(tr(swatch + rest), pad=0)


# ------------------------------------------------------------------------- what is read out
def sentence(view: BpttView) -> str:
    """The picture in one sentence, for those who hear it."""
    lanes = [lane.label for lane in view.lanes if not isinstance(lane, Gap)]
    gaps = [lane for lane in view.lanes if isinstance(lane, Gap)]
    parts = [f"{view.title}; lanes {', '.join(lanes)}"]
    if gaps:
        parts.append(f"{gaps[0].count} steps between them not shown")
    for ledger in view.ledgers[:6]:
        sizes = ", ".join(f"{e.label} {text(e.value)}" for e in ledger.entries)
        names = " and ".join(ledger.names)
        parts.append(f"gradient of {names} by step: {sizes}; sum {text(ledger.total)}")
    if any(a.cut for a in view.arrows):
        parts.append("the gradient is cut where a state is detached")
    return "; ".join(parts) + "."


__all__ = ["DASHED", "heading", "ledger_label", "legend", "sentence", "text_of"]
