"""The parts of a picture, as plain data: boxes for values, circles for ops, edges between them.

A picture of a large graph also has a Layer for each module, scope or time step, things that stand
for many siblings (`times` > 1; their numbers are over all of them), and Elided for what was left
out. Whatever stands for steps with something to warn of has Flags.
"""

from dataclasses import dataclass, field

from .numbers import Numbers


@dataclass(frozen=True)
class Flag:
    """A warning in words, with its sign in front: `▲ 3 of 16 ReLU units are dead`.

    `kind`: dead, saturated, vanishing, exploding, nan, accumulated or nothing. `ring`: what it is
    about is ringed, too.
    """

    kind: str
    text: str
    ring: bool = False


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
    times: int = 1
    strip: tuple | None = None  # of siblings: the size of the gradient of each, see Layer
    flags: tuple = ()


@dataclass
class Op:
    """A circle, or at the level of ops a box. `result`: the Value that it then stands for.

    `terms`: of nested additions drawn as one, how many terms they have.
    """

    id: str
    name: str
    symbol: str
    order: int | None
    source: tuple | None
    scope: str | None
    result: Value | None = None
    times: int = 1
    terms: int = 0
    flags: tuple = ()


@dataclass(frozen=True)
class Weight:
    """A parameter within the box of its layer.

    `uses`: how many layers read it. `again`: another of them shows its gradient, the whole of it.
    """

    name: str
    shape: tuple
    grad: Numbers | None
    wants: bool
    uses: int = 1
    again: bool = False


@dataclass
class Layer:
    """A box for a module, a scope or a time step, with what it computes and how it fares.

    Attributes
    ----------
    name, kind, formula : str
        `fc1`, `Linear + ReLU`, `relu(x @ weightᵀ + bias)`; the last two may be empty.
    weights : list of Weight
    parameters : int
        How many numbers these have.
    shape : tuple or None
        Of its output; `data` and `grad` are the output's, too.
    strip : tuple of float or None
        For each unit (or for each of 32 bins of units) the root mean square of its gradient over
        the batch, 0 where it is exactly 0. Taken before an activation, where it shows dead units.
    """

    id: str
    name: str
    kind: str
    formula: str
    weights: list
    parameters: int
    shape: tuple | None
    dtype: str | None
    data: Numbers | None
    grad: Numbers | None
    wants: bool
    strip: tuple | None = None
    units: int = 0  # that the strip stands for
    ops: int = 0  # how many it is made of
    times: int = 1
    flags: tuple = ()


@dataclass
class Alias:
    """A small pill for one more use of a shared tensor. `of`: the id of its box."""

    id: str
    name: str
    role: str
    of: str


@dataclass
class Elided:
    """Stands for steps that are not shown.

    Of a chain, `text` says what follows one another there, and `first` and `last` are the gradient
    at its near end (by the loss) and at its far end.
    """

    id: str
    count: int
    text: str = ""
    first: Numbers | None = None
    last: Numbers | None = None
    flags: tuple = ()


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
    """A picture before it is drawn. `nodes` are in forward order.

    `total` is the number of nodes of the whole graph, `shown` of those that are drawn; something
    that stands for several counts as one.
    """

    title: str
    subject: str
    mode: str
    detail: str
    nodes: list = field(default_factory=list)
    edges: list = field(default_factory=list)
    total: int = 0
    shown: int = 0
    notes: list = field(default_factory=list)
    flags: list = field(default_factory=list)  # of what has no box; the others are on their boxes
    range: tuple | None = None  # the ramp's ends, where they were given
    direction: str = "auto"
