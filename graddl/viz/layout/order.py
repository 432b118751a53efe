"""From top to bottom in each column: few crossings, clusters together, inputs in their order."""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable

from .net import Net

SWEEPS = 16


def arrange(net: Net, check: Callable[[], None]) -> None:
    """Order all columns by the medians of their neighbours, there and back, and keep the best.

    `check` is called once in a while; it raises when the time is over.
    """
    order = input_order(net)
    flat = flat_order(net)
    for column in range(len(net.columns)):
        settle(net, column, {}, order, flat)
    best, fewest = [list(c) for c in net.columns], crossings(net)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        check()
        there = sweep % 2 == 1
        columns = range(len(net.columns))
        for c in columns[1:] if there else reversed(columns[:-1]):
            sides = net.before if there else net.behind
            near = net.columns[c - 1 if there else c + 1]
            place = {v: float(k) for k, v in enumerate(near)}
            settle(net, c, {v: middle(sides[v], place) for v in net.columns[c]}, order, flat)
        swap(net, order, flat)
        count = crossings(net)
        if count < fewest:
            best, fewest = [list(c) for c in net.columns], count
    net.columns = best
    align_clusters(net)
    for column in range(len(net.columns)):
        settle(net, column, {}, order, flat)


def middle(neighbours: list[int], place: dict) -> float | None:
    """The median of the neighbours' places; of two or an even number their mean."""
    at = sorted(place[u] for u in neighbours if u in place)
    if not at:
        return None
    n = len(at)
    return at[n // 2] if n % 2 else (at[n // 2 - 1] + at[n // 2]) / 2


def settle(net: Net, column: int, wish: dict, order: dict, flat: dict) -> None:
    """Sort a column by the wished places; clusters stay whole, and rules hold."""
    row = net.columns[column]
    place = {v: float(k) if wish.get(v) is None else wish[v] for k, v in enumerate(row)}
    now = {v: k for k, v in enumerate(row)}
    keys: dict[tuple, tuple] = {}
    for v in row:
        path = net.clusters[v]
        for depth in range(1, len(path) + 1):
            keys.setdefault(path[:depth], ([], []))
            keys[path[:depth]][0].append(place[v])
            keys[path[:depth]][1].append(now[v])
    mean = {p: (sum(a) / len(a), min(b)) for p, (a, b) in keys.items()}

    def key(v: int) -> list[tuple]:
        path = net.clusters[v]
        around = [(*mean[path[:d]], path[d - 1]) for d in range(1, len(path) + 1)]
        return [*around, (place[v], now[v], "")]

    row.sort(key=key)
    for rule in (*order.get(column, ()), *flat.get(column, ())):
        obey(net, row, rule)


def obey(net: Net, row: list[int], rule: list[int]) -> None:
    """Put the vertices of a rule into its order, on the places that they have together."""
    if len({net.clusters[v] for v in rule}) == 1:
        places = sorted(row.index(v) for v in rule)
        for at, v in zip(places, rule, strict=True):
            row[at] = v


def input_order(net: Net) -> dict[int, list[list[int]]]:
    """For nodes with ordering=in: their inputs in the column before, in the order of the edges."""
    rules: dict[int, list[list[int]]] = {}
    for v, name in enumerate(net.names):
        if name is None or net.graph.nodes[name].attributes.get("ordering") != "in":
            continue
        mine = [u for u in dict.fromkeys(net.before[v]) if len(set(net.behind[u])) == 1]
        if len(mine) > 1:
            rules.setdefault(net.column[v] - 1, []).append(mine)
    return rules


def flat_order(net: Net) -> dict[int, list[list[int]]]:
    """For edges within a column: the tail above the head."""
    place = {name: v for v, name in enumerate(net.names) if name is not None}
    rules: dict[int, list[list[int]]] = {}
    for edge in net.flat:
        pair = [place[edge.tail], place[edge.head]]
        if pair[0] != pair[1]:
            rules.setdefault(net.column[pair[0]], []).append(pair)
    return rules


def crossings(net: Net) -> int:
    """How many pairs of edges cross."""
    total = 0
    for column in net.columns[1:]:
        if column:
            near = net.columns[net.column[column[0]] - 1]
            place = {v: k for k, v in enumerate(near)}
            total += inversions(k for v in column for k in sorted(place[u] for u in net.before[v]))
    return total


def inversions(numbers: Iterable[int]) -> int:
    """Pairs that stand in the wrong order."""
    seen: list[int] = []
    total = 0
    for n in numbers:
        total += len(seen) - bisect_right(seen, n)
        insort(seen, n)
    return total


def swap(net: Net, order: dict, flat: dict) -> None:
    """Exchange neighbours in a column where that saves crossings and no rule speaks of both."""
    place = {v: k for column in net.columns for k, v in enumerate(column)}
    for c, row in enumerate(net.columns):
        ruled = {
            pair for rule in (*order.get(c, ()), *flat.get(c, ()))
            for pair in ((a, b) for a in rule for b in rule)
        }  # fmt: skip
        for k in range(len(row) - 1):
            a, b = row[k], row[k + 1]
            if net.clusters[a] != net.clusters[b] or (a, b) in ruled:
                continue
            sides = ((net.before[a], net.before[b]), (net.behind[a], net.behind[b]))
            now = sum(cross(p, q, place) for p, q in sides)
            if sum(cross(q, p, place) for p, q in sides) < now:
                row[k], row[k + 1] = b, a
                place[a], place[b] = k + 1, k


def cross(above: list[int], below: list[int], place: dict) -> int:
    """Crossings between the edges of a vertex and those of the one under it."""
    return sum(place[p] > place[q] for p in above for q in below)


def align_clusters(net: Net) -> None:
    """Sibling clusters stand in one order in all columns, or their frames would cross."""
    heights: dict[tuple, list[float]] = {}
    for row in net.columns:
        for k, v in enumerate(row):
            path = net.clusters[v]
            for depth in range(1, len(path) + 1):
                heights.setdefault(path[:depth], []).append(k - (len(row) - 1) / 2)
    mean = {path: sum(found) / len(found) for path, found in heights.items()}
    for row in net.columns:
        for depth in range(1, max((len(net.clusters[v]) for v in row), default=0) + 1):
            blocks: dict[tuple, dict[tuple, list[int]]] = {}
            for v in row:
                path = net.clusters[v]
                if len(path) >= depth:
                    blocks.setdefault(path[: depth - 1], {}).setdefault(path[:depth], []).append(v)
            for siblings in blocks.values():
                if len(siblings) > 1:
                    rearrange(row, siblings, sorted(siblings, key=lambda p: (mean[p], p)))


def rearrange(row: list[int], blocks: dict[tuple, list[int]], wanted: list[tuple]) -> None:
    """Put whole blocks of a row into another order; what stands between them stays between."""
    owner = {v: path for path, members in blocks.items() for v in members}
    items: list = []
    for v in row:
        if v not in owner:
            items.append(v)
        elif owner[v] not in items:
            items.append(owner[v])
    fresh = iter(wanted)
    row[:] = [
        v for item in items for v in (blocks[next(fresh)] if isinstance(item, tuple) else [item])
    ]
