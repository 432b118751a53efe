"""Lanes from the bottom up: inputs, layers of cells with their weights, outputs."""

from .labels import Label
from .parts import Box, BpttView, Lane
from .plan import Plan, Spot
from .route import LOOP

TITLE, ROW_GAP, PILL_GAP = 20, 14, 4
ASIDE = 3.5  # of a line beside a comb


def heights(view: BpttView, lanes: list[Lane], labels: dict[str, Label]) -> list[float]:
    """From the bottom up: of the inputs, of each layer of cells with its weights, of outputs."""

    def highest(groups):
        return max((sum(h) + PILL_GAP * (len(h) - 1) for h in groups if h), default=0.0)

    found = [highest([[labels[b.id].h for b in lane.inputs] for lane in lanes])]
    most = max((len(lane.cells) for lane in lanes), default=0)
    for r in range(most):
        found.append(highest([stack(view, lane, lane.cells[r], labels) for lane in lanes
                              if r < len(lane.cells)]))  # fmt: skip
    tops = [[h for b in lane.outputs for h in stack(view, lane, b, labels)] for lane in lanes]
    found.append(highest(tops))
    return found


def stack(view: BpttView, lane: Lane, box: Box, labels: dict[str, Label]) -> list[float]:
    """Heights of a cell and of the weights under it; of a cell with its ops the weights' too."""
    if box.id in lane.inner:
        return [labels[box.id].h]
    loop = [LOOP] if any(a.kind == "loop" and a.head == box.id for a in view.arrows) else []
    pills = [labels[b.id].h for b in lane.pills.get(box.id, ())]
    return [*loop, labels[box.id].h, *([4.0] if pills else []), *pills]


def place_lane(out: Plan, lane: Lane, labels: dict, rows: list, ends: tuple, high: float) -> None:
    """Stack the boxes of a lane: inputs, layers of cells, outputs."""
    y = float(ROW_GAP)
    for box in reversed(lane.inputs):
        label = labels[box.id]
        out.spots[box.id] = Spot(sum(ends) / 2, y + label.h / 2, label)
        y += label.h + PILL_GAP
    y = ROW_GAP + (rows[0] + ROW_GAP if rows[0] else 0.0)
    for row, box in zip(rows[1:], lane.cells, strict=False):
        loop = LOOP if out.view.rolled else 0.0
        tower(out, lane, [box], labels, ends, y + row - loop)
        y += row + ROW_GAP
    tower(out, lane, lane.outputs, labels, ends, high - TITLE - ROW_GAP)
    if lane.inner:
        align(out, lane, ends)


def align(out: Plan, lane: Lane, ends: tuple) -> None:
    """Inputs under the ops that read them, outputs above the states that they are made of."""
    made = {b.id: out.spots[b.id] for group in lane.inner.values() for b in group}
    for box in (*lane.inputs, *lane.outputs):
        spot = out.spots[box.id]
        for a in out.view.arrows:
            wish = None
            if a.tail == box.id and a.head in made:
                wish = made[a.head].x - ASIDE * (1 + weights(out.view, a.head))
            elif a.head == box.id and a.tail in made:
                wish = made[a.tail].x
            if wish is not None:
                half = spot.label.w / 2
                spot.x = min(max(wish, ends[0] + half), ends[1] - half)
                break


def weights(view: BpttView, op: str) -> int:
    return sum(a.kind == "weight" and a.head == op for a in view.arrows)


def tower(out: Plan, lane: Lane, boxes: list[Box], labels: dict, ends: tuple, top: float) -> None:
    """Cells and their weights from the top down."""
    left, right = ends
    for box in boxes:
        label = labels[box.id]
        if box.id in out.blocks:
            found = out.blocks[box.id]
            for b in (*lane.inner[box.id], *lane.pills.get(box.id, ())):
                x, y = found.spots[b.id]
                out.spots[b.id] = Spot(left + x, top - y, out.labels[b.id])
            continue
        out.spots[box.id] = Spot((left + right) / 2, top - label.h / 2, label)
        top -= label.h + PILL_GAP + 4
        for pill in lane.pills.get(box.id, ()):
            label = labels[pill.id]
            out.spots[pill.id] = Spot(right - label.w / 2, top - label.h / 2, label)
            top -= label.h + PILL_GAP


def passing(view: BpttView, lane: Lane) -> int:
    """How many lines pass by boxes of a lane: those that do not end at a neighbour."""
    order = [b.id for b in (*lane.inputs[::-1], *lane.cells, *lane.outputs)]
    place = {b: k for k, b in enumerate(order)}
    ends = {b.id for b in view.ends}
    found = 0
    for a in view.arrows:
        if a.kind not in ("up", "input") or a.tail not in place:
            continue
        head = len(order) if a.head in ends else place.get(a.head)
        found += head is not None and head - place[a.tail] > 1
    return found
