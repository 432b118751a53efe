"""HTML-table labels: read into a tree of tables, cells and lines, and measured."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...errors import GraddlError
from .font import width
from .parse import Html, plain

LINE = 1.2  # height of a line, in sizes of its font


@dataclass
class Run:
    """A piece of text in one style."""

    text: str
    size: float
    colour: str
    bold: bool = False
    italic: bool = False

    @property
    def width(self) -> float:
        return width(self.text, self.size, self.bold)


@dataclass
class Lines:
    """Lines of runs, each with its alignment."""

    lines: list[tuple[list[Run], str]]
    w: float = 0.0
    h: float = 0.0

    def measure(self) -> None:
        self.w = max((sum(r.width for r in runs) for runs, _ in self.lines), default=0.0)
        self.h = sum(height(runs) for runs, _ in self.lines)


@dataclass
class Cell:
    """A cell; `column`, `columns`, `row`, `rows` say where it stands in its table."""

    content: "Lines | Table"
    look: dict
    pad: float
    row: int
    column: int
    columns: int = 1
    rows: int = 1
    w: float = 0.0
    h: float = 0.0


@dataclass
class Table:
    """`rules`: rows above which a line is drawn."""

    look: dict
    cells: list[Cell] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    w: float = 0.0
    h: float = 0.0

    @property
    def border(self) -> float:
        return float(self.look.get("BORDER", 1))

    @property
    def spacing(self) -> float:
        return float(self.look.get("CELLSPACING", 2))

    def measure(self) -> None:
        """Columns and rows as large as their cells want; the rest of WIDTH and HEIGHT is shared."""
        for cell in self.cells:
            cell.content.measure()
            cell.w = extent(cell.look, "WIDTH", cell.content.w + 2 * cell.pad)
            cell.h = extent(cell.look, "HEIGHT", cell.content.h + 2 * cell.pad)
        cols = [(c.column, c.columns, c.w) for c in self.cells]
        rows = [(c.row, c.rows, c.h) for c in self.cells]
        edge = 2 * self.border + self.spacing
        self.widths = shares(cols, self.spacing, float(self.look.get("WIDTH", 0)) - edge)
        self.heights = shares(rows, self.spacing, float(self.look.get("HEIGHT", 0)) - edge)
        self.w = sum(self.widths) + self.spacing * len(self.widths) + edge
        self.h = sum(self.heights) + self.spacing * len(self.heights) + edge


def height(runs: list[Run]) -> float:
    return LINE * max((r.size for r in runs), default=0.0)


def extent(look: dict, key: str, wanted: float) -> float:
    """What a cell takes: WIDTH and HEIGHT are the least, or all of it where FIXEDSIZE."""
    given = float(look.get(key, 0))
    return given if given and look.get("FIXEDSIZE", "").upper() == "TRUE" else max(given, wanted)


def shares(wants: list[tuple[int, int, float]], gap: float, least: float) -> list[float]:
    """Sizes of columns (or rows) in which all cells (first, count, size) have room."""
    sizes = [0.0] * max((at + n for at, n, _ in wants), default=0)
    for at, n, size in sorted(wants, key=lambda want: want[1]):
        short = size - sum(sizes[at : at + n]) - gap * (n - 1)
        if short > 0:
            sizes[at : at + n] = [s + short / n for s in sizes[at : at + n]]
    short = least - sum(sizes) - gap * len(sizes)
    return [s + short / len(sizes) for s in sizes] if short > 0 else sizes


def label(value: object, size: float, colour: str) -> Lines | Table:
    """A label, read and measured. A plain string becomes lines in the middle."""
    if isinstance(value, Html):
        try:
            root = ET.fromstring(f"<L>{value}</L>")
        except ET.ParseError as error:
            raise GraddlError(
                f"cannot read an HTML label: {error}", op="draw", got=str(value)[:60],
                expected="a table as graddl writes it", fix="d = gd.draw(loss); d.dot",
            ) from None  # fmt: skip
        out = content(root, Run("", size, colour))
    else:
        rows = plain(value).split("\n") if value else []
        out = Lines([([Run(row, size, colour)], "CENTER") for row in rows])
    out.measure()
    return out


def content(parent: ET.Element, style: Run) -> Lines | Table:
    """What a cell holds: a table, or text with <FONT>, <B>, <I> and <BR>."""
    found = next((e for e in parent.iter() if e.tag.upper() == "TABLE" and e is not parent), None)
    if found is not None:
        return table_of(found, style_at(parent, found, style))
    lines: list[tuple[list[Run], str]] = [([], parent.get("ALIGN", "CENTER"))]
    for text, run, align in pieces(parent, style):
        if align is not None:
            lines[-1] = (lines[-1][0], align or lines[-1][1])
            lines.append(([], parent.get("ALIGN", "CENTER")))
        else:
            text = re.sub(r"\\(.)", r"\1", text.replace("\n", ""))
            lines[-1][0].append(Run(text, run.size, run.colour, run.bold, run.italic))
    if not lines[-1][0]:
        lines.pop()
    return Lines([line for line in lines if line[0]])


def pieces(parent: ET.Element, style: Run) -> Iterator[tuple[str, Run, str | None]]:
    """Runs of text in order; a <BR> comes with its alignment, a run with None."""
    if parent.text:
        yield parent.text, style, None
    for child in parent:
        if child.tag.upper() == "BR":
            yield "", style, child.get("ALIGN", "")
        else:
            yield from pieces(child, styled(child, style))
        if child.tail:
            yield child.tail, style, None


def styled(element: ET.Element, style: Run) -> Run:
    tag = element.tag.upper()
    size = float(element.get("POINT-SIZE", style.size)) if tag == "FONT" else style.size
    colour = element.get("COLOR", style.colour) if tag == "FONT" else style.colour
    return Run("", size, colour, style.bold or tag == "B", style.italic or tag == "I")


def style_at(parent: ET.Element, found: ET.Element, style: Run) -> Run:
    """The style in force where a table begins: of the <FONT>s around it."""
    for element in parent.iter("FONT"):
        if any(inner is found for inner in element.iter()):
            style = styled(element, style)
    return style


def table_of(element: ET.Element, style: Run) -> Table:
    """The table of a <TABLE> element, its cells placed in rows and columns."""
    table = Table({key.upper(): value for key, value in element.attrib.items()})
    taken: set[tuple[int, int]] = set()
    row = 0
    for line in element:
        if line.tag.upper() == "HR":
            table.rules.append(row)
        if line.tag.upper() != "TR":
            continue
        column = 0
        for cell in line:
            if cell.tag.upper() != "TD":
                continue
            while (row, column) in taken:
                column += 1
            look = {key.upper(): value for key, value in cell.attrib.items()}
            n, m = int(look.get("COLSPAN", 1)), int(look.get("ROWSPAN", 1))
            taken |= {(row + i, column + j) for i in range(m) for j in range(n)}
            pad = float(look.get("CELLPADDING", table.look.get("CELLPADDING", 2)))
            table.cells.append(Cell(content(cell, style), look, pad, row, column, n, m))
        row += 1
    return table
