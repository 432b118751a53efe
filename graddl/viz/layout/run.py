"""The steps of the layout, one after the other, within their time."""

import time

from ...errors import GraddlError
from .fixed import fixed
from .geometry import labels_apart, measure, place, separation
from .labels import label
from .net import expand, frame
from .order import arrange
from .paint import svg
from .parse import Graph, parse
from .rank import ranks
from .route import curves


class OutOfTime(GraddlError, TimeoutError):
    """The layout took longer than it was given."""


def layout(dot: str, timeout: float = 10.0) -> str:
    """SVG of a DOT text.

    The steps are those of [1]_: columns by the longest path, bends of long edges, few crossings,
    coordinates.

    Parameters
    ----------
    dot : str
    timeout : float, seconds

    Raises
    ------
    OutOfTime
        It took longer than `timeout`.
    GraddlError
        The text is not DOT as graddl writes it.

    References
    ----------
    .. [1] K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System
       Structures", IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981.

    Examples
    --------
    >>> from graddl.viz.layout import layout
    >>> layout("digraph { a -> b }").startswith("<svg")
    True
    """
    end = time.monotonic() + timeout

    def check() -> None:
        if time.monotonic() > end:
            raise OutOfTime(f"the layout took longer than {timeout:g} s", op="draw")

    graph = parse(dot)
    if graph.attributes.get("layout") == "nop2":
        plan, ways = fixed(graph)
    else:
        rank = ranked(graph)
        check()
        net = expand(graph, rank)
        arrange(net, check)
        frame(net)
        boxes = {name: measure(node) for name, node in graph.nodes.items()}
        plan = place(net, boxes, check)
        ways = curves(plan)
    look = graph.attributes
    title = label(
        look.get("label", ""), float(look.get("fontsize", 14)), look.get("fontcolor", "#000000")
    )
    return svg(plan, ways, title)


def ranked(graph: Graph) -> dict[str, int]:
    """The column of each node; labels of edges become nodes first."""
    labels_apart(graph)
    links = [
        (e.tail, e.head, int(e.attributes.get("minlen", 1)), float(e.attributes.get("weight", 1)))
        for e in graph.edges
        if e.attributes.get("constraint") != "false"
    ]
    return ranks(graph.nodes, links, graph.same)


def length(dot: str) -> float:
    """How long a picture that runs from left to right will be, in points, whoever lays it out."""
    graph = parse(dot)
    widest: dict[int, float] = {}
    for name, rank in ranked(graph).items():
        widest[rank] = max(widest.get(rank, 0.0), measure(graph.nodes[name]).w)
    gaps = separation(graph, "ranksep", 0.5) * (len(widest) - 1)
    return sum(widest.values()) + gaps
