"""Labels of the boxes, with the size of each: the layout has to know it before Graphviz does."""

from collections.abc import Callable
from dataclasses import dataclass

from ..dot import DASHED
from ..layout.font import width
from ..numbers import UNKNOWN, Numbers, number
from ..style import Palette, Scale
from ..words import bold, font, table, tr
from .parts import Box, Gap, State

NAME, TEXT, SMALL = 13, 11, 11  # sizes of fonts
HEAD, ROW, LINE = 22, 20, 19  # heights of rows
SLACK = 1.05  # fonts differ from Helvetica
PAD, GAP = 3, 6
MOST = 15  # cells in the strip of a gap


@dataclass
class Label:
    """`build`: HTML of a given width. `rows`: how far below the top the states are, in order."""

    build: Callable[[int], str]
    w: int
    h: int
    rows: tuple = ()

    @property
    def html(self) -> str:
        return self.build(self.w)


def text_of(n: Numbers | None) -> str:
    """A number itself; of an array its root mean square."""
    if n is None:
        return UNKNOWN
    if n.values is not None and len(n.values) == 1:
        return number(n.values[0])
    return number(n.size)


def w(text: str, size: float, heavy: bool = False) -> float:
    return SLACK * width(text, size, heavy)


def td(text: str, align: str = "LEFT", high: int = ROW, wide: float = 0, span: int = 0) -> str:
    size = f' HEIGHT="{high}"' + (f' WIDTH="{round(wide)}"' if wide else "")
    size += f' COLSPAN="{span}"' if span else ""
    return f'<TD ALIGN="{align}"{size}>{text}</TD>'


def label_of(box: Box, p: Palette, spans: bool = True) -> Label:
    if box.kind == "cell" and (box.gates or len(box.states) > 1):
        return gated(box, p, spans)
    if box.kind == "pill":
        return pill(box, p)
    if box.kind in ("op", "value"):
        return circle(box, p)
    return plain(box, p)


def look(box: Box, p: Palette) -> tuple:
    """(border, fill, width of the border, style)."""
    if box.role == "output" or box.kind == "loss":
        return p.data, p.output_fill, 2, "ROUNDED"
    if not box.wants:
        return p.border, p.paper, 1, DASHED
    return p.border, p.paper, 1, "ROUNDED"


def plain(box: Box, p: Palette) -> Label:
    """Name and note, more words, then data and gradient."""
    state = box.states[0] if box.states else State(box.name, box.data, box.grad)
    note = " ".join(x for x in (box.name if box.states else "", box.note) if x)
    more = [words for words in box.rows if words]
    lines = [] if box.bare else [("data", state.data, p.data)]
    if box.wants and not box.bare:
        lines.append(("grad", state.grad, p.gradient))
    colour = p.warning if box.note == "✂" else p.quiet
    first = max([w(state.name, NAME, True), *(w(word, SMALL) for word, _, _ in lines)]) + 8
    second = max([w(note, SMALL), *(w(text_of(n), TEXT) for _, n, _ in lines)]) + 8
    wide = max([first + second, *(w(words, SMALL) + 8 for words in more)])

    def rows(inside):
        rest = inside - first
        out = [td(bold(state.name, NAME), high=HEAD, wide=first)
               + td(font(note or " ", colour, SMALL), "RIGHT", HEAD, rest)]  # fmt: skip
        out += [td(font(words, p.quiet, SMALL), high=LINE, span=2) for words in more]
        return out + [
            td(font(word, p.quiet, SMALL), wide=first)
            + td(font(text_of(n), tint, TEXT), "RIGHT", wide=rest)
            for word, n, tint in lines
        ]

    high = HEAD + LINE * len(more) + ROW * len(lines)
    return finish(rows, wide, high, look(box, p), (high / 2,))


def gated(box: Box, p: Palette, spans: bool) -> Label:
    """A row for each state and each gate; where there is room, with smallest and largest."""
    note = box.note or " "
    data = [text_of(s.data) for s in box.states]
    grads = [text_of(s.grad) for s in box.states]
    gates = [(g.name, short(g.mean), f"{short(g.low)} … {short(g.high)}" if spans else " ")
             for g in box.gates]  # fmt: skip
    first = max([w(s.name, TEXT, True) for s in box.states] + [w(g[0], TEXT, True) for g in gates])
    second = max([w(t, TEXT) for t in data] + [w(g[1], TEXT) for g in gates])
    third = max([w(t, TEXT) for t in grads] + [w(g[2], SMALL) for g in gates])

    def rows(inside):
        one, two = first + GAP, second + GAP
        rest = inside - one - two
        out = [td(bold(box.name, NAME), high=HEAD, span=2)
               + td(font(note, p.quiet, SMALL), "RIGHT", HEAD)]  # fmt: skip
        for state, a, b in zip(box.states, data, grads, strict=True):
            out.append(td(bold(state.name, TEXT), wide=one)
                       + td(font(a, p.data, TEXT), "RIGHT", wide=two)
                       + td(font(b, p.gradient, TEXT), "RIGHT", wide=rest))  # fmt: skip
        for k, (name, mean, span) in enumerate(gates):
            out.append(("<HR/>" if not k else "") + td(bold(name, TEXT), high=LINE)
                       + td(font(mean, p.data, TEXT), "RIGHT", LINE)
                       + td(font(span, p.quiet, SMALL), "RIGHT", LINE))  # fmt: skip
        return out

    wide = max(first + second + third + 3 * GAP, w(box.name, NAME, True) + w(note, SMALL) + 16)
    high = HEAD + ROW * len(box.states) + LINE * len(gates)
    spots = tuple(HEAD + ROW * (k + 0.5) for k in range(len(box.states)))
    return finish(rows, wide, high, look(box, p), spots)


def short(x: float) -> str:
    """A gate's activation, in two digits."""
    return number(float(f"{x:.2g}"))


def pill(box: Box, p: Palette) -> Label:
    once = box.note == "once"
    text, border, fill = p.quiet, p.border, p.paper
    if box.role == "parameter":
        text, border, fill = p.amber_text, p.amber, p.amber_fill
    words = box.name if once else f"{box.name} ↻"
    style = "ROUNDED" if once else DASHED

    def rows(inside):
        return [td(font(words, text, TEXT), "CENTER", ROW - 2, inside)]

    return finish(rows, w(words, TEXT) + 10, ROW - 2, (border, fill, 1, style), (ROW / 2,))


def circle(box: Box, p: Palette) -> Label:
    """An op, by its sign and the name of its gate; in detail with its value and gradient."""
    wide = max(w(box.name, TEXT), 18.0)
    head = font(box.name, p.ink, TEXT if len(box.name) > 1 else NAME)
    if box.note:
        head = bold(box.note, TEXT) + font(f" {box.name}", p.quiet, TEXT)
        wide = w(f"{box.note} {box.name}", TEXT, True)
    lines = [(head, ROW)]
    if box.kind == "value":
        for n, tint in ((box.data, p.data), (box.grad, p.gradient)):
            lines.append((font(text_of(n), tint, SMALL), LINE))
            wide = max(wide, w(text_of(n), SMALL))

    def rows(inside):
        return [td(line, "CENTER", high, inside) for line, high in lines]

    high = sum(line[1] for line in lines)
    return finish(rows, wide + 6, high, (p.border, p.op_fill, 1, "ROUNDED"), (high / 2,))


def gap_label(gap: Gap, p: Palette, scale: Scale, least: float) -> Label:
    """How many steps are left out, and how the gradient changes over them."""
    lines = [(font(gap.box.name, p.ink, TEXT), HEAD)]
    wide, high = w(gap.box.name, TEXT), HEAD
    if gap.strip:
        ends = brief(gap.strip[0]), f"← {brief(gap.strip[-1])}"
        step = max(1, -(-len(gap.strip) // MOST))
        cells = "".join(swatch(n, p, scale) for n in gap.strip[::step])
        strip = table(tr(cells), pad=0)
        for words, colour in (("gradient", p.quiet), *((x, p.gradient) for x in ends)):
            lines.append((font(words, colour, SMALL), LINE))
            wide = max(wide, w(words, SMALL))
        lines.append((strip, 18))
        wide, high = max(wide, 4.0 * len(gap.strip[::step])), high + 3 * LINE + 18
    border = (p.zero, p.paper, 1, DASHED)

    def rows(inside):
        return [td(text, "CENTER", tall, inside) for text, tall in lines]

    return finish(rows, wide + 12, max(high, least), border, ())


def widened(label: Label, wide: float) -> Label:
    """The same label in a wider box."""
    label.w = max(round(wide), label.w)
    return label


def brief(n: Numbers) -> str:
    return number(float(f"{n.size:.2g}"))


def swatch(n: Numbers, p: Palette, scale: Scale) -> str:
    colour = scale.shade(n, p.ramp) if n.size else p.zero
    return f'<TD WIDTH="4" HEIGHT="12" BGCOLOR="{colour}"></TD>'


def finish(rows: Callable, wide: float, high: float, how: tuple, spots: tuple) -> Label:
    """A table of just this size: its rows are told how much room is within the border."""
    border, fill, thick, style = how
    tall = round(high) + 4

    def build(size):
        html = table(tr(*rows(size - 4)), border, fill, thick, style, pad=PAD)
        html = html.replace("<TR><HR/>", "<HR/><TR>")  # a rule stands between rows
        return html.replace("<TABLE ", f'<TABLE WIDTH="{size}" HEIGHT="{tall}" ', 1)

    return Label(build, round(wide) + 4, tall, tuple(s + 2 for s in spots))


__all__ = ["Label", "gap_label", "label_of", "text_of", "widened"]
