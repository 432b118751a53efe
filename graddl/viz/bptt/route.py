"""The ways of arrows: straight along rows, combs down to weights, around boxes at the side."""

from dataclasses import dataclass
from typing import Any

from .parts import Arrow, Lane

STEP = 7.0
TIP = 7.0  # length of an arrow's head
ROUND = 5.0
LOOP = 22.0  # how far a loop leads around a cell


@dataclass
class Route:
    """`points`: from the tip of the gradient's arrow (at the tail) to the head."""

    arrow: Arrow
    points: list[tuple[float, float]]


def routes(plan: Any) -> list[Route]:
    """A way for each arrow."""
    found = []
    lanes = [lane for lane in plan.view.lanes if isinstance(lane, Lane)]
    where = {b.id: lane for lane in lanes for b in (*lane.cells, *lane.outputs, *lane.inputs)}
    where |= {b.id: lane for lane in lanes for group in lane.inner.values() for b in group}
    frames = {id(lane): f for lane, f in zip(plan.view.lanes, plan.frames, strict=True)}
    ends = {b.id for b in plan.view.ends}
    tracks: dict[int, int] = {}
    bus = [a for a in plan.view.arrows if a.kind == "up" and a.head in ends]
    for a in plan.view.arrows:
        tail, head = plan.spots.get(a.tail), plan.spots.get(a.head)
        if tail is None or head is None:
            continue
        if a.kind == "state":
            points = along(a, tail, head)
        elif a.kind == "weight":
            points = comb(plan, a, tail, head)
        elif a.kind == "loop":
            points = loop(a, tail)
        elif a.kind == "inner":
            points = direct(tail, head)
        elif a in bus:
            lane = where.get(a.tail)
            lane = None if lane is not None and lane.inner else lane
            points = to_loss(plan, a, bus, tail, head, lane, frames, tracks)
        elif where[a.tail].inner:
            points = into_op(plan, a, tail, head)
        else:
            points = upward(plan, a, tail, head, where[a.tail], frames, tracks)
        found.append(Route(a, points))
    return found


def along(a: Arrow, tail: Any, head: Any) -> list:
    """From lane to lane; a gap is met at the height of the other end."""
    ys, ye = tail.row(a.slot[0]), head.row(a.slot[1])
    ys = ye if not tail.label.rows else ys
    ye = ys if not head.label.rows else ye
    if tail.x < head.x:
        return [(tail.right, ys), (head.left, ye)]
    return [(tail.left, ys), (head.right, ye)]


def loop(a: Arrow, cell: Any) -> list:
    """From the right of a cell over it to its left: what one step hands to the next."""
    y, out = cell.row(a.slot[0]), LOOP - STEP * a.slot[0]
    right, left, over = cell.right + out, cell.left - out, cell.top + out - 4
    return [(cell.right, y), (right, y), (right, over), (left, over), (left, y), (cell.left, y)]


def comb(plan: Any, a: Arrow, tail: Any, head: Any) -> list:
    """From the bottom of a cell down, then right to the weight; the lowest is farthest left."""
    near = [b for b in plan.view.arrows if b.kind == "weight"]
    group = [b for b in near if abs(plan.spots[b.tail].left - tail.left) < 1]
    group = sorted((b for b in group if beside(plan, a, b)), key=lambda b: -plan.spots[b.tail].y)
    x = tail.left - 4 - STEP * (group.index(a) + 1)
    return [(tail.left, tail.y), (x, tail.y), (x, head.bottom)]


def beside(plan: Any, a: Arrow, b: Arrow) -> bool:
    """Whether two weights hang under one cell, or under ops of one column of a cell."""
    one, two = plan.spots[a.head], plan.spots[b.head]
    return a.head == b.head or (abs(one.x - two.x) < 1 and one.label.w < 60)


def upward(
    plan: Any, a: Arrow, tail: Any, head: Any, lane: Lane, frames: dict, tracks: dict
) -> list:
    """Within a lane: straight up to a neighbour, past the weights under it; else at the side."""
    order = [b.id for b in (*lane.inputs[::-1], *lane.cells, *lane.outputs)]
    if order.index(a.head) - order.index(a.tail) == 1:
        x = head.x if not lane.pills.get(a.head) else max(tail.left, head.left) + 5
        return [(x, tail.top), (x, head.bottom)]
    x = side(lane, frames, tracks)
    return [(tail.left, tail.y), (x, tail.y), (x, head.bottom + 10), (head.left, head.bottom + 10)]


def into_op(plan: Any, a: Arrow, tail: Any, head: Any) -> list:
    """From an input up to an op, past the weights under it; from a state up to an output."""
    x = tail.x
    if a.kind == "input":
        x = head.x - STEP / 2 * (1 + sum(b.kind == "weight" and b.head == a.head
                                         for b in plan.view.arrows))  # fmt: skip
    return [(min(max(x, tail.left + 6), tail.right - 6), tail.top), (x, head.bottom)]


def side(lane: Lane, frames: dict, tracks: dict) -> float:
    """A free track at the left of a lane."""
    tracks[id(lane)] = tracks.get(id(lane), 0) + 1
    return frames[id(lane)][0] + 1 + STEP * tracks[id(lane)]


def to_loss(
    plan: Any, a: Arrow, bus: list, tail: Any, head: Any, lane: Any, frames: dict, tracks: dict
) -> list:
    """To a loss beside the lanes straight; to one above them up, then right, side by side."""
    if head.bottom < plan.top:
        y = tail.row(a.slot[0])
        return [(tail.right, y), (head.left, y)]
    sources = sorted(bus, key=lambda b: (plan.spots[b.tail].x, plan.spots[b.tail].y))
    k = len(sources) - 1 - sources.index(a)
    x, start = tail.x, [(tail.x, tail.top)]
    if lane is not None:
        order = [b.id for b in (*lane.cells, *lane.outputs)]
        if order[-1] != a.tail:
            x = side(lane, frames, tracks)
            start = [(tail.left, tail.top - 10), (x, tail.top - 10)]
    if head.left < x < head.right and not any(b.kind == "pill" for b in plan.view.ends):
        return [*start, (x, head.bottom)]
    y = head.bottom + 6 + (head.label.h - 12) * (k + 0.5) / len(bus)
    return [*start, (x, y), (head.left, y)]


def direct(tail: Any, head: Any) -> list:
    """Between ops of a cell: from side to side, or up and down in one column."""
    if abs(tail.x - head.x) < 1:
        if tail.y < head.y:
            return [(tail.x, tail.top), (head.x, head.bottom)]
        return [(tail.x, tail.bottom), (head.x, head.top)]
    return [(tail.right, tail.y), (head.left, head.y)]


def spline(points: list, arrow: bool = True) -> str:
    """DOT's `pos` of an edge, with its arrow at its start: cubic curves, round at corners."""
    (x0, y0), (x1, y1) = points[0], points[1]
    far = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
    tip = min(TIP, far / 2) if arrow else 0.0
    base = x0 + (x1 - x0) * tip / far, y0 + (y1 - y0) * tip / far
    path = [base]
    for k in range(1, len(points) - 1):
        before, corner, after = points[k - 1] if k > 1 else base, points[k], points[k + 1]
        a, b = towards(corner, before), towards(corner, after)
        path += [path[-1], a, a, corner, corner, b]
    path += [path[-1], points[-1], points[-1]]
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in path)
    return f"s,{x0:.1f},{y0:.1f} {text}" if arrow else text


def towards(a: tuple, b: tuple) -> tuple:
    """A point near a on the way to b, where the corner begins to be round."""
    far = max(((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5, 1e-9)
    part = min(ROUND, far / 2) / far
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
