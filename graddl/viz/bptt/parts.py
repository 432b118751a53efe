"""The parts of a picture of time, as plain data."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..numbers import Numbers

ROOMY = 4  # lanes with room for all numbers of a gate


@dataclass
class State:
    """One state of a cell after a time step."""

    name: str
    data: Numbers | None
    grad: Numbers | None


@dataclass
class Gate:
    """The activations of one gate over the batch and its units."""

    name: str
    mean: float
    low: float
    high: float


@dataclass
class Box:
    """A box of the picture.

    `kind`: cell, output, input, pill, start, loss, gap; within a cell op, value (an op with its
    value) and state.
    `states`: of a cell; others have `data` and `grad`. `note`: what stands beside the name.
    """

    id: str
    kind: str
    name: str
    note: str = ""
    lane: int | None = None  # its place among the lanes
    states: list[State] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    data: Numbers | None = None
    grad: Numbers | None = None
    wants: bool = True
    shape: tuple | None = None
    role: str = "value"
    back: bool = False  # of the direction that reads the future
    rows: list[str] = field(default_factory=list)  # more lines of words
    tip: str = ""
    spot: tuple = (0, 0)  # of an op in a cell: its column and row
    bare: bool = False  # without numbers


@dataclass
class Arrow:
    """From what was read (`tail`) to what read it (`head`); the gradient runs the other way.

    `kind`: state (from step to step), weight, input, up (between layers, to outputs and the loss),
    inner (within a cell), loop (to the next step, in a picture rolled up). `slot`: which state of
    the tail, and of the head.
    """

    tail: str
    head: str
    kind: str
    grad: Numbers | None
    wants: bool = True
    cut: bool = False
    slot: tuple = (0, 0)


@dataclass
class Lane:
    """One time step."""

    label: str
    cells: list[Box] = field(default_factory=list)
    inputs: list[Box] = field(default_factory=list)
    pills: dict[str, list[Box]] = field(default_factory=dict)  # id of a cell or output -> weights
    outputs: list[Box] = field(default_factory=list)
    inner: dict[str, list[Box]] = field(default_factory=dict)  # id of a cell -> its ops


@dataclass
class Gap:
    """Time steps that are not shown. `strip`: the gradient of the first state in each of them."""

    box: Box
    count: int
    strip: list[Numbers] = field(default_factory=list)


@dataclass
class Entry:
    """What one time step adds to the gradient of a shared parameter.

    `value`: of a single number the number itself, else the norm of the contribution.
    """

    label: str
    value: float | None
    size: Numbers | None
    count: int = 1


@dataclass
class Ledger:
    """The gradient of a shared parameter, or of several, as the sum over time steps."""

    names: list[str]
    full: list[str]
    shape: tuple
    parameter: bool
    uses: int
    entries: list[Entry]
    total: float | None
    signed: bool  # a single number: values and total are signed and add up


@dataclass
class BpttView:
    """A picture of backpropagation through time, before it is drawn.

    `lanes`: a Lane or a Gap each, from left to right. `total`: steps of the unfolded graph,
    `shown`: boxes.
    """

    title: str
    subject: str
    lanes: list[Lane | Gap] = field(default_factory=list)
    starts: list[Box] = field(default_factory=list)
    ends: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    ledgers: list[Ledger] = field(default_factory=list)
    total: int = 0
    detail: str = "layers"
    mode: str = "bptt"
    notes: list[str] = field(default_factory=list)
    range: tuple | None = None
    rolled: bool = False

    @property
    def nodes(self) -> list[Box]:
        return list(boxes(self))

    @property
    def shown(self) -> int:
        return len(self.nodes)

    def to_dot(self, theme: str = "light") -> str:
        """DOT text, with all coordinates in it."""
        from .dot import to_dot

        return to_dot(self, theme)

    def sentence(self) -> str:
        """The picture in one sentence, for those who hear it."""
        from .words import sentence

        return sentence(self)


def boxes(view: BpttView) -> Iterator[Box]:
    """All boxes from left to right; within a lane from the bottom up."""
    yield from view.starts
    for lane in view.lanes:
        yield from [lane.box] if isinstance(lane, Gap) else inside(lane)
    yield from view.ends


def inside(lane: Lane) -> Iterator[Box]:
    """The boxes of a lane; the ops of a cell stand for it."""
    yield from lane.inputs
    for cell in (*lane.cells, *lane.outputs):
        yield from lane.pills.get(cell.id, ())
        yield from lane.inner.get(cell.id, [cell])
