"""The parts of a picture, as plain data: boxes for values, circles for ops, edges between them."""

from dataclasses import dataclass, field

from .numbers import Numbers


@dataclass
class Value:
    """A box: a leaf, a constant or what an op made.

    `role`: parameter, input, constant, output or value.
    """

    id: str
    name: str
    role: str
    shape: tuple | None
    dtype: str | None
    data: Numbers | None
    grad: Numbers | None
    wants: bool
    kept: bool = False  # grad is the .grad that an earlier backward() left, not this pass's
    uses: int = 0  # how many ops read it, where aliases stand for it
    bare: bool = False  # a number written into the expression
    named: bool = False  # by its user


@dataclass
class Op:
    """A circle, or at the level of ops a box. `result`: the Value that it then stands for."""

    id: str
    name: str
    symbol: str
    order: int | None
    source: tuple | None
    scope: str | None
    result: Value | None = None


@dataclass
class Alias:
    """A small pill for one more use of a shared tensor."""

    id: str
    name: str
    role: str


@dataclass
class Elided:
    """Stands for steps that are not shown."""

    id: str
    count: int


@dataclass
class Edge:
    """From an input (`tail`) to what uses it (`head`); the gradient runs the other way.

    `grad` is what the head passes back to the tail; of numbers it is upstream × local.
    """

    tail: str
    head: str
    wants: bool
    grad: Numbers | None = None
    upstream: Numbers | None = None
    local: float | None = None
    shape: tuple | None = None
    count: int = 1


@dataclass
class GraphView:
    """A picture before it is drawn. `nodes` are in forward order; `total` is of the whole graph."""

    title: str
    subject: str
    mode: str
    detail: str
    nodes: list = field(default_factory=list)
    edges: list = field(default_factory=list)
    total: int = 0
    shown: int = 0
    notes: list = field(default_factory=list)
