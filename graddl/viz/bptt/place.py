"""Where everything stands: lanes from left to right, within them rows that are straight.

Coordinates are in points, y upward, as DOT has them. Nothing is left to Graphviz's own layout:
rows of states are straight, and the same at every renderer.
"""

from ..style import LIGHT, Palette, Scale
from .block import block
from .labels import Label, gap_label, label_of, widened
from .parts import ROOMY, Box, BpttView, Gap, Lane
from .plan import Plan, Spot
from .route import LOOP, routes
from .stacks import PILL_GAP, ROW_GAP, TITLE, heights, passing, place_lane

PAD, BETWEEN, TRUNK = 7, 20, 7  # inside of a lane, from lane to lane, from one line to the next
CLOSE, TIGHT = 11, 4  # the same where there are many lanes
NARROW = 84.0  # the width of boxes above and below ops
ABOVE = 26  # from the lanes to a loss above them
PAGE, LEAST = 950.0, 680.0  # wider, and text becomes too small; narrower, and the title is too long
LEDGER_GAP = 14


def plan(view: BpttView, p: Palette, scale: Scale, ledgers: list[Label]) -> Plan:
    """Place all boxes; where the picture would be wide, the loss is above the last lane."""
    out = arranged(view, p, scale, aside=True)
    if out.width > PAGE or view.rolled:
        out = arranged(view, p, scale, aside=False)
    out.routes = routes(out)
    out.width = max(out.width, LEAST)
    place_ledgers(out, ledgers)
    return out


def width(view: BpttView) -> float:
    """How wide the lanes are; it is the same in all themes."""
    return arranged(view, LIGHT, Scale(-1, 1), aside=False).width


def arranged(view: BpttView, p: Palette, scale: Scale, aside: bool) -> Plan:
    out = Plan(view)
    lanes = [lane for lane in view.lanes if isinstance(lane, Lane)]
    spans = len(view.lanes) <= ROOMY
    labels = {b.id: label_of(b, p, spans) for b in view.nodes if b.kind != "gap"}
    for one in lanes:
        for cell in one.inner:
            box = next(b for b in one.cells if b.id == cell)
            out.blocks[cell] = block(view, one, box, labels)
            labels[cell] = Label(str, round(out.blocks[cell].w), round(out.blocks[cell].h))
    out.labels = labels
    between, pad = (BETWEEN, PAD) if spans else (CLOSE, TIGHT)
    inner, side = widths(view, lanes, labels)
    out.side = side
    rows = heights(view, lanes, labels)
    high = sum(h + ROW_GAP for h in rows if h) + ROW_GAP + TITLE
    out.top = high
    x = 0.0
    first = [b for b in view.starts if not b.back]
    if first:
        x = max(labels[b.id].w for b in first)
        starts(out, first, labels, x)
        x += between
    for lane in view.lanes:
        if isinstance(lane, Gap):
            label = gap_label(lane, p, scale, high - 2 * pad - 4)
            out.spots[lane.box.id] = Spot(x + label.w / 2, high / 2, label)
            out.frames.append((x, pad, x + label.w, high - pad))
            x += label.w + between
        else:
            left = x + pad + side
            place_lane(out, lane, labels, rows, (left, left + inner), high)
            right = left + inner + pad + (LOOP if view.rolled else 0.0)
            out.frames.append((x, 0.0, right, high))
            x = right + between
    last = [b for b in view.starts if b.back]
    if last:
        starts(out, last, labels, x + max(labels[b.id].w for b in last))
        x += max(labels[b.id].w for b in last) + between
    x = place_ends(out, labels, x - between, aside)
    align_starts(out)
    out.width = x
    return out


def widths(view: BpttView, lanes: list[Lane], labels: dict[str, Label]) -> tuple[float, float]:
    """All lanes are alike: the width of their boxes, and of the free tracks at their left."""
    pills = [b.id for lane in lanes for group in lane.pills.values() for b in group]
    pill = max((labels[b].w for b in pills), default=0.0)
    for b in pills:
        widened(labels[b], pill)
    within = {cell for lane in lanes for cell in lane.inner}
    teeth = max(
        (len(g) for lane in lanes for c, g in lane.pills.items() if c not in within), default=0
    )
    large = [b.id for lane in lanes for b in (*lane.cells, *lane.outputs, *lane.inputs)]
    inner = max([labels[b].w for b in large] + [pill + TRUNK * (teeth + 1) + 4 if teeth else 0.0])
    for b in large:
        if b not in within:
            widened(labels[b], inner if not within else min(inner, NARROW))
    tracks = TRUNK * max(passing(view, lane) for lane in lanes)
    return inner, tracks + (LOOP if view.rolled else 0.0)


def starts(out: Plan, boxes: list[Box], labels: dict[str, Label], right: float) -> None:
    """States to begin with; their heights come later, from what reads them."""
    for box in boxes:
        label = labels[box.id]
        out.spots[box.id] = Spot(right - label.w / 2, 0.0, label)


def align_starts(out: Plan) -> None:
    taken: list[Spot] = []
    boxes = {b.id for b in out.view.starts}
    for a in sorted(out.view.arrows, key=lambda a: a.slot[1]):
        if a.kind == "state" and a.tail in boxes:
            boxes.discard(a.tail)
            spot = out.spots[a.tail]
            spot.y = out.spots[a.head].row(a.slot[1])
            spot.label.rows = (spot.label.h / 2,)
            for other in taken:
                if abs(other.y - spot.y) < (other.label.h + spot.label.h) / 2 + 4:
                    spot.y = other.y - (other.label.h + spot.label.h) / 2 - 4
            taken.append(spot)


def place_ends(out: Plan, labels: dict[str, Label], x: float, aside: bool) -> float:
    """The loss: beside the one state that it reads, else above the last lane. The right end."""
    view = out.view
    boxes = [b for b in view.ends if b.kind == "loss"]
    if not boxes:
        return x
    loss, label = boxes[0], labels[boxes[0].id]
    reads = [a for a in view.arrows if a.head == loss.id and a.kind == "up"]
    pills = [b for b in view.ends if b.kind == "pill"]
    shift = TRUNK * (len(pills) + 1) + 4 if pills else 0.0
    wide = max([label.w] + [labels[b.id].w + shift for b in pills])
    below = sum(labels[b.id].h + PILL_GAP for b in pills) + (4 if pills else 0)
    if len(reads) == 1 and aside and reads[0].tail in out.spots:
        y = out.spots[reads[0].tail].row(reads[0].slot[0])
        middle, right = x + BETWEEN + wide / 2, x + BETWEEN + wide
    else:
        y = out.top + ABOVE + below + label.h / 2
        right = x
        middle = right - wide / 2
        if reads:
            last = max(out.spots[a.tail].x for a in reads)  # with weights below it, it makes way
            middle = last if not pills else max(middle, last + BETWEEN + wide / 2)
        right = max(right, middle + wide / 2)
    out.spots[loss.id] = Spot(middle, y, label)
    top = y - label.h / 2 - PILL_GAP - 4
    for pill in pills:
        small = labels[pill.id]
        out.spots[pill.id] = Spot(middle + wide / 2 - small.w / 2, top - small.h / 2, small)
        top -= small.h + PILL_GAP
    return right


def place_ledgers(out: Plan, ledgers: list[Label]) -> None:
    """In rows under the lanes."""
    x, y, high = 0.0, -24.0, 0.0
    wide = max((label.w for label in ledgers), default=0.0)
    for label in ledgers:
        widened(label, wide)
        if x and x + label.w > out.width:
            x, y, high = 0.0, y - high - LEDGER_GAP, 0.0
        out.ledgers.append((x + label.w / 2, y - label.h / 2, label))
        x += label.w + LEDGER_GAP
        high = max(high, label.h)
        out.width = max(out.width, x - LEDGER_GAP)
