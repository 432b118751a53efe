"""DOT text to plain data: the part of the language that our own writers use.

Nodes, edges with ports, default attributes, clusters, `rank=same`, quoted and HTML strings.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise

from ...errors import GraddlError


class Html(str):
    """An HTML label: the text between its outer angle brackets."""


@dataclass
class Node:
    """`cluster`: ids of the clusters around it, the outermost first."""

    id: str
    attributes: dict = field(default_factory=dict)
    cluster: tuple = ()


@dataclass
class Edge:
    """A port is a compass point: n, e, s, w, or None."""

    tail: str
    head: str
    tail_port: str | None = None
    head_port: str | None = None
    attributes: dict = field(default_factory=dict)


@dataclass
class Graph:
    """`clusters`: id -> attributes; `paths`: id -> its own path; `same`: nodes of one rank."""

    attributes: dict = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    clusters: dict[str, dict] = field(default_factory=dict)
    paths: dict[str, tuple] = field(default_factory=dict)
    same: list[list[str]] = field(default_factory=list)


@dataclass
class Block:
    """What stands between braces: its cluster, its defaults, its own attributes, its nodes."""

    cluster: tuple
    node: dict
    edge: dict
    attributes: dict
    members: list


TOKEN = re.compile(
    r"""\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/
    |(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<html><)
    |(?P<word>[A-Za-z_0-9.\u0080-\uffff]+|-(?:\.\d+|\d+(?:\.\d*)?))
    |(?P<sign>->|[{}\[\];,=:])""",
    re.X | re.S,
)
ANGLE = re.compile(r"[<>]")


def bad(dot: str, at: int) -> GraddlError:
    """The error about text that is not DOT."""
    line = dot.count("\n", 0, at) + 1
    return GraddlError(
        f"cannot read the DOT text in line {line}", op="draw", got=repr(dot[at : at + 30]),
        expected="DOT as graddl writes it", fix="d = gd.draw(loss); d.dot",
    )  # fmt: skip


def tokens(dot: str) -> list[tuple]:
    """(kind, text, place) of all words, strings and signs."""
    out: list[tuple] = []
    at = 0
    while at < len(dot):
        match = TOKEN.match(dot, at)
        if match is None:
            raise bad(dot, at)
        start, at = at, match.end()
        kind = match.lastgroup
        if kind == "html":
            depth = 1
            while depth:
                angle = ANGLE.search(dot, at)
                if angle is None:
                    raise bad(dot, start)
                depth += 1 if angle[0] == "<" else -1
                at = angle.end()
            out.append(("value", Html(dot[start + 1 : at - 1]), start))
        elif kind == "quoted":
            text = match[0][1:-1].replace('\\"', '"').replace("\\\n", "")
            out.append(("value", text, start))
        elif kind:
            out.append(("value" if kind == "word" else "sign", match[0], start))
    return [*out, ("end", "", len(dot))]


def parse(dot: str) -> Graph:
    """The graph that a DOT text describes.

    Raises
    ------
    GraddlError
        The text is not DOT, or uses more of the language than we do.
    """
    words = tokens(dot)
    start = next((k for k, word in enumerate(words) if word[1] == "{"), None)
    if start is None:
        raise bad(dot, 0)
    graph = Graph()
    blocks = [Block((), {}, {}, graph.attributes, [])]
    at = start + 1
    while blocks:
        kind, text, place = words[at]
        if kind == "end":
            raise bad(dot, place)
        if text == "}" and kind == "sign":
            done = blocks.pop()
            if done.attributes.get("rank") == "same":
                graph.same.append(list(dict.fromkeys(done.members)))
            if blocks:
                blocks[-1].members.extend(done.members)
            at += 1
        elif kind == "sign" and text in ";,":
            at += 1
        elif text == "{" and kind == "sign":
            blocks.append(inner(blocks[-1], graph, ""))
            at += 1
        elif text == "subgraph":
            name = words[at + 1][1] if words[at + 1][0] == "value" else ""
            at += 3 if name else 2
            blocks.append(inner(blocks[-1], graph, name))
        elif kind == "value":
            at = statement(dot, words, at, graph, blocks[-1])
        else:
            raise bad(dot, place)
    return graph


def inner(outer: Block, graph: Graph, name: str) -> Block:
    """A block inside of another takes over its defaults; one called cluster… is drawn."""
    block = Block(outer.cluster, dict(outer.node), dict(outer.edge), {}, [])
    if name.startswith("cluster"):
        block.cluster = (*outer.cluster, name)
        graph.paths[name] = block.cluster
        graph.clusters[name] = block.attributes
    return block


def statement(dot: str, words: list, at: int, graph: Graph, block: Block) -> int:
    """Read one statement; returns where the next begins."""
    name = words[at][1]
    if words[at + 1][1] == "=" and words[at + 1][0] == "sign":
        block.attributes[name] = words[at + 2][1]
        return at + 3
    if name in ("graph", "node", "edge") and words[at + 1][1] == "[":
        found, at = attributes(dot, words, at + 1)
        getattr(block, "attributes" if name == "graph" else name).update(found)
        return at
    ends = []
    while True:
        kind, name, place = words[at]
        if kind != "value":
            raise bad(dot, place)
        at, port = at + 1, None
        while words[at][1] == ":" and words[at][0] == "sign":
            port, at = words[at + 1][1], at + 2
        ends.append((name, port))
        if name not in graph.nodes:
            graph.nodes[name] = Node(name, dict(block.node), block.cluster)
        elif len(block.cluster) > len(graph.nodes[name].cluster):
            graph.nodes[name].cluster = block.cluster
        block.members.append(name)
        if words[at][1] != "->":
            break
        at += 1
    found, at = attributes(dot, words, at)
    if len(ends) == 1:
        graph.nodes[ends[0][0]].attributes.update(found)
    for (tail, out), (head, into) in pairwise(ends):
        given = block.edge | found
        out, into = given.get("tailport", out), given.get("headport", into)
        graph.edges.append(Edge(tail, head, out, into, given))
    return at


def attributes(dot: str, words: list, at: int) -> tuple[dict, int]:
    """The attributes in square brackets, if any."""
    found: dict = {}
    while words[at][1] == "[" and words[at][0] == "sign":
        at += 1
        while words[at][1] != "]" or words[at][0] != "sign":
            if words[at][0] == "sign" and words[at][1] in ",;":
                at += 1
            elif words[at][0] == "value" and words[at + 1][1] == "=":
                found[words[at][1]], at = words[at + 2][1], at + 3
            else:
                raise bad(dot, words[at][2])
        at += 1
    return found, at


def plain(text: object) -> str:
    """A quoted string or tooltip as readers see it: escapes and entities resolved."""
    once = re.sub(r"\\([nlr])", "\n", str(text))
    twice = re.sub(r"\\(.)", r"\1", once)
    return unescape(re.sub(r"\\(.)", r"\1", twice))
