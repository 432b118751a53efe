"""Picture: what the drawings of this folder have in common, a title, a legend and boxes."""

import re
from typing import Any

import numpy as np

from ..._core import Tensor
from ...errors import DTypeError
from ..drawing import Drawing
from ..layout.font import width
from ..options import complain
from ..style import LIGHT, THEMES, pairs
from ..words import bold, cell, font, html, quote, table, tr

P = LIGHT  # all is written in its colours; to_dot() maps them
FONT = 'fontname="Helvetica,Arial,sans-serif"'
_COLOUR = re.compile('"(#[0-9a-f]{6})"')  # in an attribute: in names, quotes are escaped
FORWARD = f'color="{P.data}" penwidth=1.5'
BACKWARD = f'color="{P.gradient}" penwidth=2 dir=back'


class Picture:
    """A view of its own for `Drawing`: boxes made of tables, with arrows between them.

    Parameters
    ----------
    title : str
    words : str
        The picture in a sentence, for those who hear it.
    room : int
        Points after which the legend goes on in the next line.
    """

    def __init__(self, title: str, words: str, room: int = 560):
        self.title, self.words, self.room = title, words, room
        self.notes: list[tuple[str, str]] = []  # lines under the title
        self.signs: list[tuple[str, float]] = []  # of the legend, with their widths
        self.lines: list[str] = []
        self.look = "rankdir=LR; nodesep=0.25; ranksep=0.3;"
        self.count = 0

    def note(self, text: str, colour: str = P.quiet) -> None:
        """A line under the title; a warning has a sign and comes in magenta."""
        self.notes.append((text, P.warning if text[:1] in "▲▼✕" else colour))

    def sign(self, text: str, colour: str) -> None:
        self.signs.append((font(text, colour, 10), width(text, 10) + 16))

    def node(self, label: str, tip: str = "", more: str = "") -> str:
        """Add a box of HTML; returns its id."""
        name = f"n{self.count}"
        self.count += 1
        look = f"label={html(label)} tooltip={quote(tip or self.title)} {more}".rstrip()
        self.lines.append(f"  {name} [{look}];")
        return name

    def circle(self, symbol: str, tip: str, size: float = 0.42, fill: str = P.op_fill) -> str:
        """Add the small circle of an op."""
        shape = f'shape=circle style=filled fixedsize=true width={size} fillcolor="{fill}"'
        label = table(tr(cell(font(symbol, P.ink, 14 if len(symbol) < 3 else 11), "CENTER")), pad=0)
        return self.node(label, tip, f'{shape} color="{P.border}"')

    def side_by_side(self, *names: str) -> None:
        """Put boxes in one column."""
        self.lines.append(f"  {{rank=same; {'; '.join(names)}}}")

    def edge(self, tail: str, head: str, tip: str = "", look: str = FORWARD) -> None:
        self.lines.append(f"  {tail} -> {head} [{look} tooltip={quote(tip or self.title)}];")

    def heading(self) -> str:
        """Title, notes and legend; the legend wraps."""
        rows = [cell(bold(self.title, 16))]
        rows += [cell(font(text, colour, 11)) for text, colour in self.notes]
        lines: list[list[tuple[str, float]]] = [[]]
        for sign in self.signs:
            if lines[-1] and sum(length for _, length in lines[-1]) + sign[1] > self.room:
                lines.append([])
            lines[-1].append(sign)
        used = [sum(length for _, length in line) for line in lines]
        widest = max([width(self.title, 16, True), *(width(t, 11) for t, _ in self.notes), *used])
        for line, length in zip(lines, used, strict=True):
            air = f'<TD WIDTH="{widest - length:.0f}"></TD>'  # or Graphviz spreads the line
            inner = "".join(cell(text) for text, _ in line) + air * (widest > length + 1)
            rows.append(cell(table(tr(inner), pad=3)))
        return table(tr(*rows), pad=1)

    def to_dot(self, theme: str = "light") -> str:
        """The picture as DOT text."""
        lines = [
            "digraph graddl {",
            f'  {self.look} bgcolor="{P.paper}"; pad=0.2; {FONT}; fontcolor="{P.ink}";',
            f"  labelloc=t; labeljust=l; label={html(self.heading())};",
            f'  node [shape=plain {FONT} fontsize=11 fontcolor="{P.ink}"];',
            f"  edge [{FONT} fontsize=10 arrowsize=0.7];",
            *self.lines,
            "}",
        ]
        text = "\n".join(lines) + "\n"
        if THEMES[theme] is LIGHT:
            return text
        dark = pairs()
        return _COLOUR.sub(lambda found: f'"{dark[found[1]]}"', text)

    def sentence(self) -> str:
        return self.words

    def drawn(self, theme: str) -> Drawing:
        return Drawing(self, theme)


def array_of(op: str, name: str, x: Any, fix: str) -> np.ndarray:
    """The numbers of a Tensor, an array or a list; DTypeError of what has none."""
    try:
        a = np.asarray(x.detach().numpy() if isinstance(x, Tensor) else x)
    except ValueError:  # rows of unlike lengths
        a = np.empty(0, object)
    if a.dtype.kind not in "biufc":
        got = f"{type(x).__name__}, {a.dtype}"
        expected = "numbers in rows of one length"
        raise complain(op, f"{name} is of numbers", got, expected, fix, DTypeError)
    return a


def box(title: str, role: str, content: list[str], parameter: bool = False, pad: int = 5) -> str:
    """A rounded box with a name at the left, its role at the right, and rows of content."""
    tint = P.amber_text if parameter else P.quiet
    head = cell(bold(title, 12)) + cell(font(role, tint, 10), "RIGHT")
    rows = tr(head) + tr(*[cell(c, "CENTER", columns=2) for c in content])
    border, fill = (P.amber, P.amber_fill) if parameter else (P.border, P.paper)
    return table(rows, border, fill, 2 if parameter else 1, "ROUNDED", pad)
