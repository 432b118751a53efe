"""Places of boxes, in points: x to the right, y upward, as DOT has them."""

from dataclasses import dataclass, field

from .block import Block
from .labels import Label
from .parts import BpttView
from .route import Route


@dataclass
class Spot:
    """A box in its place: its middle, its label."""

    x: float
    y: float
    label: Label

    @property
    def left(self) -> float:
        return self.x - self.label.w / 2

    @property
    def right(self) -> float:
        return self.x + self.label.w / 2

    @property
    def top(self) -> float:
        return self.y + self.label.h / 2

    @property
    def bottom(self) -> float:
        return self.y - self.label.h / 2

    def row(self, k: int) -> float:
        """The height of the k-th state."""
        rows = self.label.rows
        return self.top - rows[min(k, len(rows) - 1)] if rows else self.y


@dataclass
class Plan:
    """`spots`: by id of a box; `frames`: of lanes, left, bottom, right, top; `channel`: x of each
    lane's left edge inside, where lines pass by boxes."""

    view: BpttView
    spots: dict[str, Spot] = field(default_factory=dict)
    frames: list[tuple] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    ledgers: list[tuple] = field(default_factory=list)  # x, y, label
    blocks: dict[str, Block] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    width: float = 0.0
    top: float = 0.0  # of the lanes
    side: float = 0.0  # width of the free tracks at the left of a lane
