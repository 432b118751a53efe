"""A graph in columns: long edges become chains of bends, one in each column that they cross."""

from dataclasses import dataclass, field
from itertools import pairwise

from .parse import Edge, Graph


@dataclass
class Net:
    """Vertices are numbers; those of nodes come first, then bends, then borders of clusters.

    Attributes
    ----------
    columns : list of list of int
        The vertices of each column, from top to bottom.
    names : list of str or None
        Of a node its id; None of a bend and of a border.
    clusters : list of tuple
        The clusters around each vertex, the outermost first.
    before, behind : list of list of int
        Neighbours in the columns before and behind, in the order of the edges.
    chains : list of (Edge, list of int)
        Each edge between columns with its vertices from tail to head.
    flat : list of Edge
        Edges within one column.
    """

    graph: Graph
    columns: list[list[int]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    clusters: list[tuple] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)
    behind: list[list[int]] = field(default_factory=list)
    chains: list[tuple[Edge, list[int]]] = field(default_factory=list)
    flat: list[Edge] = field(default_factory=list)
    borders: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def add(self, name: str | None, cluster: tuple, column: int) -> int:
        """A new vertex, not in its column yet."""
        self.names.append(name)
        self.clusters.append(cluster)
        self.column.append(column)
        self.before.append([])
        self.behind.append([])
        return len(self.names) - 1


def common(a: tuple, b: tuple) -> tuple:
    """The clusters that two paths share."""
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return a[:n]


def expand(graph: Graph, rank: dict[str, int]) -> Net:
    """The net of a graph whose nodes have their columns."""
    net = Net(graph)
    place = {}
    for name, node in graph.nodes.items():
        place[name] = net.add(name, node.cluster, rank[name])
    for edge in graph.edges:
        tail, head = place[edge.tail], place[edge.head]
        if net.column[tail] == net.column[head]:
            net.flat.append(edge)
            continue
        if edge.attributes.get("constraint") == "false":
            net.chains.append((edge, [tail, head]))
            continue
        step = 1 if net.column[tail] < net.column[head] else -1
        path = common(net.clusters[tail], net.clusters[head])
        chain = [tail]
        for column in range(net.column[tail] + step, net.column[head], step):
            chain.append(net.add(None, path, column))
        chain.append(head)
        for a, b in pairwise(chain):
            first, second = (a, b) if step > 0 else (b, a)
            net.behind[first].append(second)
            net.before[second].append(first)
        net.chains.append((edge, chain))
    net.columns = [[] for _ in range(max(net.column, default=-1) + 1)]
    for v in seen_order(net):
        net.columns[net.column[v]].append(v)
    return net


def seen_order(net: Net) -> list[int]:
    """Vertices as a walk from the results back to the leaves meets them, inputs in their order.

    Of a tree this gives columns without crossings.
    """
    seen: list[int] = []
    known = [False] * len(net.names)
    ends = [v for v in range(len(net.names)) if not net.behind[v]]
    for start in [*ends, *range(len(net.names))]:
        stack = [start]
        while stack:
            v = stack.pop()
            if known[v]:
                continue
            known[v] = True
            seen.append(v)
            stack.extend(reversed(net.before[v]))
    return seen


def frame(net: Net) -> None:
    """Put a border above and below each cluster, in each column between its first and its last."""
    for cluster, path in sorted(net.graph.paths.items(), key=lambda item: -len(item[1])):
        depth = len(path)
        inside = [v for v, c in enumerate(net.clusters) if c[:depth] == path]
        if not inside:
            continue
        tops, bottoms = [], []
        for column in range(
            min(net.column[v] for v in inside), max(net.column[v] for v in inside) + 1
        ):
            row = net.columns[column]
            members = [k for k, v in enumerate(row) if net.clusters[v][:depth] == path]
            if not members:
                continue
            top, bottom = (net.add(None, path[:-1], column) for _ in range(2))
            net.columns[column] = [
                *row[: members[0]], top, *row[members[0] : members[-1] + 1], bottom,
                *row[members[-1] + 1 :],
            ]  # fmt: skip
            # Borders belong to the cluster, so that one around it takes them in.
            net.clusters[top] = net.clusters[bottom] = path
            tops.append(top)
            bottoms.append(bottom)
        net.borders[cluster] = (tops, bottoms)
