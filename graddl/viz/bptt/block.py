"""The ops of a cell in their places: columns and rows, with the weights under their columns."""

from dataclasses import dataclass, field

from .labels import Label
from .parts import Box, BpttView, Lane

COLUMN, ROW, TRUNK, GAP = 15.0, 14.0, 7.0, 4.0  # between columns, rows, lines, weights


@dataclass
class Block:
    """`spots`: id -> (x, y) from the left, and from the top downward; `w`, `h`: its size."""

    spots: dict = field(default_factory=dict)
    w: float = 0.0
    h: float = 0.0


def block(view: BpttView, lane: Lane, cell: Box, labels: dict[str, Label]) -> Block:
    """Place the ops, the states and the weights of one cell."""
    out, boxes = Block(), lane.inner[cell.id]
    pills = lane.pills.get(cell.id, [])
    inside = {b.id: b for b in boxes}
    reader = {a.tail: a.head for a in view.arrows if a.kind == "weight" and a.head in inside}
    columns: dict[int, list[Box]] = {}
    for b in boxes:
        columns.setdefault(b.spot[0], []).append(b)
    stacks: dict[int, list[Box]] = {}
    for pill in pills:
        stacks.setdefault(inside[reader[pill.id]].spot[0], []).append(pill)
    rows = {b.spot[1] for b in boxes}
    high = {r: max(labels[b.id].h for b in boxes if b.spot[1] == r) for r in rows}
    y: dict[int, float] = {}
    at = 0.0
    for r in sorted(rows):
        y[r] = at + high[r] / 2
        at += high[r] + ROW
    x, free, bottom = 0.0, 0.0, at - ROW
    for c in sorted(columns):
        wide = max(labels[b.id].w for b in columns[c])
        comb = TRUNK * (len(stacks.get(c, ())) + 1)
        middle = x + wide / 2
        if c in stacks:
            middle = max(middle, free + comb / 2 + 4)
        for b in columns[c]:
            out.spots[b.id] = middle, y[b.spot[1]]
        down = at - ROW + GAP + 6
        for pill in stacks.get(c, ()):
            label = labels[pill.id]
            out.spots[pill.id] = middle + comb / 2 + label.w / 2, down + label.h / 2
            free = middle + comb / 2 + label.w + 6
            down += label.h + GAP
            bottom = max(bottom, down - GAP)
            out.w = max(out.w, free)
        x = middle + wide / 2 + COLUMN
        out.w = max(out.w, x - COLUMN)
    out.h = bottom
    return out
