"""Edges as curves: where they leave and enter nodes, and how they pass the columns between."""

import math
from dataclasses import dataclass
from itertools import pairwise

from .geometry import Box, Plan
from .parse import Edge

Point = tuple[float, float]
# The sides of a box, along and across the columns. Compass points name them, by rankdir.
OUT, IN, UP, DOWN = (1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0)
ACROSS = {"e": OUT, "w": IN, "n": UP, "s": DOWN}
DOWNWARD = {"s": OUT, "n": IN, "w": UP, "e": DOWN}


@dataclass
class End:
    """One end of an edge: at which box, on which side, how far from its middle."""

    box: Box
    side: Point
    fixed: bool  # by a port
    wish: float = 0.0  # the height that it would like
    offset: float = 0.0


@dataclass
class Curve:
    """Points of a path of cubic curves; the directions at its ends point out of the boxes."""

    edge: Edge
    points: list[Point]
    start: Point
    end: Point


def curves(plan: Plan) -> list[Curve]:
    """All visible edges, in the order of the text."""
    net = plan.net
    ends: list[tuple[Edge, list[int], End, End]] = []
    place = {name: v for v, name in enumerate(net.names) if name is not None}
    flat = [(e, [place[e.tail], place[e.head]]) for e in net.flat]
    for edge, chain in [*net.chains, *flat]:
        if edge.attributes.get("style") == "invis":
            continue
        tail, head = plan.boxes[edge.tail], plan.boxes[edge.head]
        ends.append((edge, chain, *sides(plan, edge, chain, tail, head)))
    for _, chain, first, last in ends:
        near_first, near_last = plan.at[chain[1]], plan.at[chain[-2]]
        if len(chain) == 2 and not (first.fixed or last.fixed):
            near_first = near_last = (first.box.c + last.box.c) / 2
        first.wish, last.wish = near_first, near_last
    spread([end for *_, first, last in ends for end in (first, last)], plan.down)
    found = [Curve(e, path(plan, chain, a, b), a.side, b.side) for e, chain, a, b in ends]
    order = {id(e): k for k, e in enumerate(net.graph.edges)}  # a place in a list, not in a text
    return sorted(found, key=lambda curve: order[id(curve.edge)])


def sides(plan: Plan, edge: Edge, chain: list[int], tail: Box, head: Box) -> tuple[End, End]:
    """On which sides an edge begins and ends."""
    compass = DOWNWARD if plan.down else ACROSS
    net = plan.net
    step = net.column[chain[-1]] - net.column[chain[0]]
    if step:
        normal = (OUT, IN) if step > 0 else (IN, OUT)
    else:
        row = net.columns[net.column[chain[0]]]
        at, to = row.index(chain[0]), row.index(chain[-1])
        between = any(net.names[v] is not None for v in row[min(at, to) + 1 : max(at, to)])
        normal = (OUT, OUT) if between or at == to else (DOWN, UP) if at < to else (UP, DOWN)
    first, last = (compass.get((port or "")[:1]) for port in (edge.tail_port, edge.head_port))
    return (
        End(tail, first or normal[0], first is not None),
        End(head, last or normal[1], last is not None),
    )


def spread(ends: list[End], down: bool) -> None:
    """Share the side of a box among the edges that meet there, each near to its wish."""
    groups: dict[tuple, list[End]] = {}
    for end in ends:
        if not end.fixed and end.side[0]:
            groups.setdefault((end.box.node.id, end.side), []).append(end)
    for group in groups.values():
        box = group[0].box
        size = box.w if down else box.h
        limit = 0.3 * size if box.shape == "circle" else max(0.3 * size, 0.5 * size - 9)
        group.sort(key=lambda end: end.wish)
        gap = min(11.0, limit / max(len(group) - 1, 1))
        last = -limit - gap
        for end in group:
            last = end.offset = max(min(end.wish - box.c, limit), last + gap)
        room = limit
        for end in reversed(group):
            end.offset = min(end.offset, room)
            room = end.offset - gap


def touch(end: End, down: bool) -> Point:
    """The point on the outline of a box where an edge ends."""
    box, (a, c) = end.box, end.side
    long, wide = (box.h, box.w) if down else (box.w, box.h)
    if c:
        return box.a, box.c + c * wide / 2
    reach = long / 2
    if box.shape in ("circle", "ellipse"):
        reach *= math.sqrt(max(0.0, 1 - (2 * end.offset / wide) ** 2))
    return box.a + a * reach, box.c + end.offset


def path(plan: Plan, chain: list[int], first: End, last: End) -> list[Point]:
    """Points of cubic curves: start, two controls, end, two controls, end, ..."""
    begin, end = touch(first, plan.down), touch(last, plan.down)
    stops = [(begin, first.side), *leave(plan, chain[0], begin, first.side)]
    for v in chain[1:-1]:
        k, c = plan.net.column[v], plan.at[v]
        sides = ((plan.starts[k], c), (plan.ends[k], c))
        forward = plan.net.column[chain[-1]] > plan.net.column[chain[0]]
        stops += [(p, OUT if forward else IN) for p in (sides if forward else sides[::-1])]
    back = (-last.side[0], -last.side[1])
    stops += [(p, back) for p, _ in leave(plan, chain[-1], end, last.side)] + [(end, back)]
    points = [stops[0][0]]
    for (p, d), (q, e) in pairwise(stops):
        reach = max(abs(q[0] - p[0]), 0.0 if d[0] and e[0] and d == e else 24.0) / 2
        if d[1] or e[1]:
            reach = max(reach, abs(q[1] - p[1]) / 2)
        points += [
            (p[0] + d[0] * reach, p[1] + d[1] * reach), (q[0] - e[0] * reach, q[1] - e[1] * reach),
            q,
        ]  # fmt: skip
    return points


def leave(plan: Plan, v: int, at: Point, side: Point) -> list[tuple[Point, Point]]:
    """From a box narrower than its column go straight on to the end of the column: what stands
    above and below in it may be wider."""
    k = plan.net.column[v]
    edge = plan.ends[k] if side == OUT else plan.starts[k]
    return [((edge, at[1]), side)] if side[0] and abs(edge - at[0]) > 1 else []
