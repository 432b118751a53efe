"""Sizes before the layout, and coordinates after it: boxes of nodes, frames of clusters.

Everything is in points, along the columns (`a`) and across them (`c`); `Plan.xy` makes x and y of
it, by `rankdir`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from .labels import Lines, Table, label
from .net import Net
from .parse import Edge, Graph, Html, Node
from .place import MARGIN, heights

INCH = 72.0
STEEP = 48.0  # the widest gap that a steep edge gets


@dataclass
class Box:
    """A node: its label, its shape and size, its middle."""

    node: Node
    label: Lines | Table
    shape: str
    w: float
    h: float
    a: float = 0.0
    c: float = 0.0


@dataclass
class Frame:
    """A cluster: its title, and its ends along and across."""

    label: Lines | Table
    look: dict
    low: tuple[float, float] = (0.0, 0.0)
    high: tuple[float, float] = (0.0, 0.0)


@dataclass
class Plan:
    """`edges`: from `starts` to `ends` of a column; `at`: the heights of all vertices."""

    net: Net
    boxes: dict[str, Box]
    down: bool  # rankdir=TB
    at: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    frames: dict[str, Frame] = field(default_factory=dict)

    def xy(self, a: float, c: float) -> tuple[float, float]:
        return (c, a) if self.down else (a, c)


def measure(node: Node) -> Box:
    """The size of a node, as its label and its shape want it."""
    get = node.attributes.get
    size, colour = float(get("fontsize", 14)), get("fontcolor", "#000000")
    text = label(get("label", node.id), size, colour)
    shape = get("shape", "ellipse")
    w, h = text.w, text.h
    if shape not in ("plain", "point"):
        w, h = w + 16, h + 8
    if shape == "point":
        w = h = 4.0
    least_w, least_h = float(get("width", 0)) * INCH, float(get("height", 0)) * INCH
    fixed = get("fixedsize") == "true" and least_w > 0
    w, h = (least_w, least_h or least_w) if fixed else (max(w, least_w), max(h, least_h))
    if shape == "circle":
        w = h = max(w, h)
    return Box(node, text, shape, w, h)


def labels_apart(graph: Graph) -> None:
    """Edges with a label become two halves with the label between them, so that it has room."""
    edges: list[Edge] = []
    for k, e in enumerate(graph.edges):
        text = e.attributes.pop("label", "")
        if not text or e.attributes.get("style") == "invis":
            edges.append(e)
            continue
        name = f"label of edge {k}"
        look = {key: e.attributes[key] for key in ("fontsize", "fontcolor") if key in e.attributes}
        tail, head = graph.nodes[e.tail].cluster, graph.nodes[e.head].cluster
        same = tail if tail == head else ()
        graph.nodes[name] = Node(name, {"label": text, "shape": "plain", **look}, same)
        way = e.attributes.get("dir", "forward")
        first = {**e.attributes, "dir": "back" if way in ("back", "both") else "none"}
        second = {**e.attributes, "dir": "forward" if way in ("forward", "both") else "none"}
        into, out = ("w", "e") if graph.attributes.get("rankdir") == "LR" else ("n", "s")
        edges.append(Edge(e.tail, name, e.tail_port, into, first))
        edges.append(Edge(name, e.head, out, e.head_port, second))
    graph.edges = edges


def separation(graph: Graph, key: str, default: float) -> float:
    """nodesep or ranksep, in points."""
    found = re.match(r"[\d.]+", graph.attributes.get(key, ""))
    return (float(found[0]) if found else default) * INCH


def place(net: Net, boxes: dict[str, Box], check: Callable[[], None]) -> Plan:
    """Coordinates for everything, of a net in its final order with its borders."""
    graph = net.graph
    plan = Plan(net, boxes, graph.attributes.get("rankdir", "TB") != "LR")
    titles(plan)
    plan.at = heights(net, distances(plan), check)
    along(plan)
    for name, box in boxes.items():
        v = net.names.index(name)
        box.a = (plan.starts[net.column[v]] + plan.ends[net.column[v]]) / 2
        box.c = plan.at[v]
    frames(plan)
    return plan


def titles(plan: Plan) -> None:
    for cluster, look in plan.net.graph.clusters.items():
        if cluster in plan.net.borders:
            size, colour = float(look.get("fontsize", 14)), look.get("fontcolor", "#000000")
            text = look.get("label", "")
            if isinstance(text, Html) and "<TABLE" not in text.upper():
                text = Html(text.replace("\n", ""))
            plan.frames[cluster] = Frame(label(text, size, colour), look)


def distances(plan: Plan) -> Callable[[int, int], float]:
    """How far apart two neighbours in a column have to be, middle to middle."""
    net, graph = plan.net, plan.net.graph
    gap = separation(graph, "nodesep", 0.25)
    arrows = {frozenset((e.tail, e.head)) for e in net.flat}
    tops = {v: name for name, (above, _) in net.borders.items() for v in above}
    bottoms = {v: name for name, (_, under) in net.borders.items() for v in under}

    def half(v: int) -> float:
        box = plan.boxes.get(net.names[v] or "")
        return 0.0 if box is None else (box.w if plan.down else box.h) / 2

    def distance(a: int, b: int) -> float:
        size = half(a) + half(b)
        if a in tops:  # b is inside
            text = plan.frames[tops[a]].label.h
            return size + MARGIN + (0.0 if plan.down else text)
        if b in bottoms:
            return size + MARGIN
        if a in bottoms or b in tops:
            return size + gap / 2
        if net.names[a] is None or net.names[b] is None:
            return size + gap / 2
        return size + (max(gap, 26) if {net.names[a], net.names[b]} in arrows else gap)

    return distance


def along(plan: Plan) -> None:
    """Where each column begins and ends; room for frames that begin or end between two."""
    net, columns = plan.net, len(plan.net.columns)
    widths = [0.0] * columns
    for v, name in enumerate(net.names):
        if name is not None:
            box = plan.boxes[name]
            widths[net.column[v]] = max(widths[net.column[v]], box.h if plan.down else box.w)
    for cluster, frame in plan.frames.items() if not plan.down else ():
        first, last = span(net, cluster)
        n = last - first + 1
        gaps = separation(net.graph, "ranksep", 0.5) * (n - 1)
        short = frame.label.w + 4 - sum(widths[first : last + 1]) - gaps
        for c in range(first, last + 1):
            widths[c] += max(short, 0) / n
    before, after = [0.0] * columns, [0.0] * columns
    for cluster in plan.frames:
        first, last = span(net, cluster)
        before[first] = max(before[first], inset(plan, cluster, 0))
        after[last] = max(after[last], inset(plan, cluster, 1))
    at, gap, steep = 0.0, separation(net.graph, "ranksep", 0.5), steepest(plan)
    for c in range(columns):
        at += before[c]
        plan.starts.append(at)
        plan.ends.append(at + widths[c])
        at += widths[c] + after[c] + max(gap, min(steep[c] / 3, STEEP))


def steepest(plan: Plan) -> list[float]:
    """For each column how far up or down an edge to the next one goes: those want more room."""
    net, found = plan.net, [0.0] * len(plan.net.columns)
    for _, chain in net.chains:
        for a, b in pairwise(chain):
            c = min(net.column[a], net.column[b])
            found[c] = max(found[c], abs(plan.at[a] - plan.at[b]))
    return found


def span(net: Net, cluster: str) -> tuple[int, int]:
    """The first and the last column of a cluster."""
    columns = [net.column[v] for v in net.borders[cluster][0]]
    return min(columns), max(columns)


def inset(plan: Plan, cluster: str, side: int) -> float:
    """How far a frame reaches beyond its column: further than those inside that end there too."""
    paths, column = plan.net.graph.paths, span(plan.net, cluster)[side]
    total, path = 0.0, paths[cluster]
    inner = [
        c for c in plan.frames
        if paths[c][: len(path)] == path and span(plan.net, c)[side] == column
    ]  # fmt: skip
    deepest = max(len(paths[c]) for c in inner)
    total = MARGIN * (deepest - len(path) + 1)
    if plan.down and side == 0:
        total += sum(plan.frames[c].label.h for c in inner if len(paths[c]) <= deepest)
    return total


def frames(plan: Plan) -> None:
    net = plan.net
    for cluster, frame in plan.frames.items():
        first, last = span(net, cluster)
        tops, bottoms = net.borders[cluster]
        frame.low = (plan.starts[first] - inset(plan, cluster, 0), plan.at[tops[0]])
        frame.high = (plan.ends[last] + inset(plan, cluster, 1), plan.at[bottoms[0]])
