"""Coordinates: rows as straight as the columns allow, nothing on top of anything else.

Vertices that should stand in one straight row are one *row* here: the bends of an edge, a chain of
steps, the hidden state of a recurrent network (`group=`), the border of a cluster. Each row wants
to be where its neighbours are on average; neighbours in a column keep their distance.
"""

from collections.abc import Callable
from itertools import pairwise

from .net import Net

ROUNDS = 60
MARGIN = 8.0  # between the frame of a cluster and what is in it


class Rows:
    """Which vertices share a row; a union can be taken back for all of a row at once."""

    def __init__(self, n: int):
        self.chief = list(range(n))
        self.members = {v: [v] for v in range(n)}

    def join(self, a: int, b: int) -> None:
        a, b = self.chief[a], self.chief[b]
        if a != b:
            for v in self.members[b]:
                self.chief[v] = a
            self.members[a] += self.members.pop(b)

    def split(self, row: int) -> None:
        for v in self.members.pop(row):
            self.chief[v] = v
            self.members[v] = [v]


def rows_of(net: Net) -> tuple[Rows, set[int]]:
    """The rows that we would like, and which of them are borders."""
    rows = Rows(len(net.names))
    depth = depths(net)
    for edge, chain in net.chains:
        for a, b in pairwise(chain[1:-1]):
            rows.join(a, b)
        groups = [net.graph.nodes[end].attributes.get("group") for end in (edge.tail, edge.head)]
        if groups[0] is not None and groups[0] == groups[1]:
            for a, b in pairwise(chain):
                if abs(net.column[a] - net.column[b]) == 1:
                    rows.join(a, b)
    grouped = {v for m in rows.members.values() if len(m) > 1 for v in m if net.names[v]}
    for v in range(len(net.names)):
        main = only_way(net, v, depth)
        if main is not None and not (grouped & {v, main}):
            rows.join(main, v)
    borders = set()
    for sides in net.borders.values():
        for side in sides:
            for a, b in pairwise(side):
                rows.join(a, b)
            borders.add(rows.chief[side[0]])
    return rows, borders


def only_way(net: Net, v: int, depth: list[int]) -> int | None:
    """The neighbour before `v` whose row goes on in `v`: its only one, or the one in the middle of
    the computation where all others are leaves."""
    before = list(dict.fromkeys(net.before[v]))
    main = [u for u in before if depth[u] > 2] if len(before) > 1 else before
    if len(main) != 1 or set(net.behind[main[0]]) != {v}:
        return None
    return main[0]


def depths(net: Net) -> list[int]:
    """How many vertices lie on the longest way to each; a leaf has 1."""
    depth = [1] * len(net.names)
    for column in net.columns:
        for v in column:
            depth[v] = 1 + max((depth[u] for u in net.before[v]), default=0)
    return depth


def constraints(net: Net, rows: Rows, distance: Callable[[int, int], float]) -> dict:
    """(row above, row below) -> the least distance between them."""
    found: dict[tuple[int, int], float] = {}
    for column in net.columns:
        for a, b in pairwise(column):
            pair = (rows.chief[a], rows.chief[b])
            found[pair] = max(found.get(pair, 0.0), distance(a, b))
    return found


def sorted_rows(rows: Rows, below: dict) -> tuple[list[int], set[int]]:
    """Rows from top to bottom, and those that are above themselves: rows that cross."""
    out: dict[int, list[int]] = {r: [] for r in rows.members}
    into: dict[int, list[int]] = {r: [] for r in rows.members}
    for a, b in below:
        out[a].append(b)
        into[b].append(a)
    stuck = set(rows.members)
    order: list[int] = []
    for forth, back in ((into, out), (out, into)):  # from the top, then from the bottom
        missing = {r: sum(q in stuck for q in forth[r]) for r in stuck}
        ready = [r for r in rows.members if r in stuck and not missing[r]]
        for r in ready:
            stuck.discard(r)
            for q in back[r]:
                if q in missing:
                    missing[q] -= 1
                    if not missing[q]:
                        ready.append(q)
        order = order or ready
    return order, stuck


def heights(
    net: Net, distance: Callable[[int, int], float], check: Callable[[], None]
) -> list[float]:
    """Where each vertex stands across the columns, its middle.

    Raises
    ------
    GraddlError
        `check` does, when the time is over.
    """
    rows, borders = rows_of(net)
    while True:
        check()
        below = constraints(net, rows, distance)
        order, stuck = sorted_rows(rows, below)
        if not stuck:
            break
        tangled = [r for r in stuck if r not in borders and len(rows.members[r]) > 1]
        nodes = {r: sum(net.names[v] is not None for v in rows.members[r]) for r in tangled}
        rows.split(min(tangled, key=lambda r: (nodes[r], r)))  # rather bends than nodes
    pulls: dict[int, list[tuple[int, float]]] = {r: [] for r in rows.members}
    for edge, chain in net.chains:
        weight = float(edge.attributes.get("weight", 1))
        for a, b in pairwise(chain):
            stiff = weight * (1 + (net.names[a] is None) + (net.names[b] is None))
            pull(pulls, rows.chief[a], rows.chief[b], stiff)
    ends = {name: v for v, name in enumerate(net.names) if name is not None}
    for edge in net.flat:
        pull(pulls, rows.chief[ends[edge.tail]], rows.chief[ends[edge.head]], 1.0)
    for (a, b), _ in below.items():  # what hangs on nothing stays near its neighbours
        if not pulls[a] or not pulls[b]:
            pull(pulls, a, b, 0.1)
    for tops, bottoms in net.borders.values():
        pull(pulls, rows.chief[tops[0]], rows.chief[bottoms[0]], 0.5)
    gaps: dict[int, list[tuple[int, float]]] = {r: [] for r in rows.members}
    lifts: dict[int, list[tuple[int, float]]] = {r: [] for r in rows.members}
    for (a, b), gap in below.items():
        gaps[b].append((a, gap))
        lifts[a].append((b, gap))
    at = dict.fromkeys(order, 0.0)
    at = spaced(order, at, gaps, lifts)
    for _ in range(ROUNDS):
        check()
        wish = {
            r: 0.3 * at[r] + 0.7 * sum(w * at[q] for q, w in pulls[r]) / sum(w for _, w in pulls[r])
            if pulls[r] else at[r]
            for r in order
        }  # fmt: skip
        at = spaced(order, wish, gaps, lifts)
    return [at[rows.chief[v]] for v in range(len(net.names))]


def pull(pulls: dict, a: int, b: int, weight: float) -> None:
    if a != b and weight > 0:
        pulls[a].append((b, weight))
        pulls[b].append((a, weight))


def spaced(order: list[int], wish: dict, gaps: dict, lifts: dict) -> dict:
    """Near the wishes, with all distances kept.

    Pushing everything down keeps them, pushing everything up does, and so does the mean of both.
    """
    down: dict[int, float] = {}
    for r in order:
        down[r] = max([wish[r], *(down[q] + gap for q, gap in gaps[r])])
    up: dict[int, float] = {}
    for r in reversed(order):
        up[r] = min([wish[r], *(up[q] - gap for q, gap in lifts[r])])
    return {r: (down[r] + up[r]) / 2 for r in order}
