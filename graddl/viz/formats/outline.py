"""What a DOT text says, without its looks: nodes as lines of words, edges with theirs."""

from dataclasses import dataclass, field

from ..layout.labels import Lines, Table, label
from ..layout.parse import Edge, Graph, parse


@dataclass
class Item:
    """A node: its words line by line, and the looks that Mermaid can take over."""

    id: str
    lines: list[str]
    shape: str
    cluster: tuple
    fill: str | None = None
    border: str | None = None


@dataclass
class Link:
    """An edge, with the words that stand on it."""

    tail: str
    head: str
    text: str
    colour: str
    dashed: bool
    back: bool  # drawn as an arrow to the tail


@dataclass
class Outline:
    """`heading`: title and legend; `clusters`: id -> title; `paths`: id -> its own path."""

    heading: list[str] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    clusters: dict[str, str] = field(default_factory=dict)
    paths: dict[str, tuple] = field(default_factory=dict)
    across: bool = True


def outline(dot: str) -> Outline:
    """Read a DOT text of ours. A label that stands between two halves of an edge becomes its text.

    Raises
    ------
    GraddlError
        The text is not DOT.
    """
    graph = parse(dot)
    out = Outline(across=graph.attributes.get("rankdir") == "LR")
    out.heading = words(graph.attributes.get("label", ""))
    between = halves(graph)
    for name, node in graph.nodes.items():
        if name in between or node.attributes.get("style") == "invis":
            continue
        get = node.attributes.get
        text = label(get("label", name), 10, "")
        fill, border = get("fillcolor"), get("color")
        if isinstance(text, Table):
            fill = text.look.get("BGCOLOR") or fill
            border = text.look.get("COLOR") or border
        out.items[name] = Item(
            name, rows(text), get("shape", "ellipse"), node.cluster, fill, border
        )
    for edge in graph.edges:
        if edge.head in between or edge.attributes.get("style") == "invis":
            continue
        first, on_it = edge, words(edge.attributes.get("label", ""))
        if edge.tail in between:
            first = between[edge.tail]
            on_it = words(graph.nodes[edge.tail].attributes.get("label", ""))
        get = first.attributes.get
        dashed = get("style") in ("dashed", "dotted")
        out.links.append(
            Link(first.tail, edge.head, ", ".join(on_it), get("color", ""), dashed,
                 get("dir") == "back")
        )  # fmt: skip
    for cluster, look in graph.clusters.items():
        out.clusters[cluster] = " ".join(words(look.get("label", "")))
    out.paths = graph.paths
    return out


def halves(graph: Graph) -> dict[str, Edge]:
    """Labels with one edge in and one out at their sides -> the edge in."""
    into: dict[str, list[Edge]] = {}
    out: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        into.setdefault(edge.head, []).append(edge)
        out.setdefault(edge.tail, []).append(edge)
    return {
        name: into[name][0]
        for name in graph.nodes
        if len(into.get(name, ())) == 1 and len(out.get(name, ())) == 1
        and into[name][0].head_port and out[name][0].tail_port
        and 'TABLE BORDER="0"' in graph.nodes[name].attributes.get("label", "")
    }  # fmt: skip


def words(value: str) -> list[str]:
    """The lines of a label."""
    return rows(label(value, 10, "")) if value else []


def rows(text: Lines | Table) -> list[str]:
    """Line by line, the cells of a row one after the other; rows of a table in a cell by ";"."""
    if isinstance(text, Lines):
        found = ["".join(run.text for run in runs) for runs, _ in text.lines]
    else:
        lines: dict[int, list[str]] = {}
        for cell in text.cells:
            inner = "; ".join(rows(cell.content)).strip()
            lines.setdefault(cell.row, []).extend([inner] if inner else [])
        found = [" ".join(line) for line in lines.values()]
    return [line.strip() for line in found if line.strip()]
