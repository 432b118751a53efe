"""How much a picture shows: which level fits; one box per op; aliases for what is used often."""

from typing import Any

from . import fold
from .fold import OFTEN
from .graph import Step
from .parts import Alias, Op, Value
from .scopes import depth, layers
from .sketch import Sketch, each_step

FEW = 40  # up to so many steps "auto" shows every value, and for Scalars the chain rule


def choose(steps: list[Step], detail: str, limit: int, collapse: Any) -> tuple[str, Sketch]:
    """The level, and which steps are drawn as one so that the picture has up to `limit` nodes.

    As asked if that fits; else siblings fold, then scopes collapse from the deepest up, then chains
    contract, and at last the middle is left out.
    """
    fine = each_step(steps)
    deep = depth(steps)
    if detail == "auto" and not collapse:
        detail = "values" if len(steps) <= min(FEW, limit) else ""
    sketch = fine
    if detail in ("values", "ops", ""):
        if fold.places(sketch) > limit:
            sketch = folded(sketch)
        if detail or fold.places(sketch) <= limit or collapse is False:
            return detail or "ops", fitting(sketch, limit)
    coarse = [layers(steps, d, collapse or True) for d in range(deep, 0, -1)] or [layers(steps, 0)]
    if all(part.kind == "step" for part in coarse[0].parts):
        large = sketch is fine and fold.places(fine) > limit
        return "ops", fitting(folded(fine) if large else sketch, limit)
    for smaller in (fold.contract_lanes, folded, fold.contract, fold.fold):
        for k, sketch in enumerate(coarse):
            coarse[k] = smaller(sketch)
            if fold.places(coarse[k]) <= limit:
                return "layers", coarse[k]
    return "layers", fitting(coarse[-1], limit)


def folded(sketch: Sketch) -> Sketch:
    return fold.fold(fold.flatten_sums(sketch))


def fitting(sketch: Sketch, limit: int) -> Sketch:
    """If it is too large, the Sketch with its chains contracted, and then without its middle.

    Aliases take places, too.
    """
    if fold.places(sketch) > limit:
        sketch = fold.contract(sketch)
    most, found = limit, sketch
    while fold.places(found) > limit and most > 4:
        found = fold.elide(sketch, most)
        most = most * 3 // 4
    return found


def to_ops(out):
    """Let every op stand for its result: values on the way become edges. The root keeps its box."""
    values = {n.id: n for n in out.nodes if isinstance(n, Value)}
    ops = {n.id: n for n in out.nodes if isinstance(n, Op)}
    maker = {}
    for edge in out.edges:
        if edge.tail in ops and values[edge.head].role == "value":
            maker[edge.head] = edge.tail
            ops[edge.tail].result = values[edge.head]
            ops[edge.tail].flags += values[edge.head].flags
    out.nodes = [n for n in out.nodes if n.id not in maker]
    out.edges = [e for e in out.edges if e.head not in maker]
    for edge in out.edges:
        edge.tail = maker.get(edge.tail, edge.tail)


def alias(out):
    """Give a leaf with more than 3 uses an alias for each use after the first.

    One box with edges to everywhere makes layouts slow and pictures unreadable. Uses in one scope
    share an alias.
    """
    leaves = {
        n.id: n
        for n in out.nodes
        if isinstance(n, Value) and n.role in ("parameter", "input", "constant")
    }
    scopes = {n.id: n.scope for n in out.nodes if isinstance(n, Op)}
    uses: dict[str, dict] = {}
    for edge in out.edges:
        if edge.tail in leaves:
            uses.setdefault(edge.tail, {}).setdefault(
                scopes.get(edge.head) or edge.head, []
            ).append(edge)
    place = {node.id: k for k, node in enumerate(out.nodes)}
    extra = []
    for tail, places in uses.items():
        if len(places) <= OFTEN:
            continue
        leaf = leaves[tail]
        leaf.uses = sum(map(len, places.values()))
        for n, edges in enumerate(list(places.values())[1:]):
            pill = Alias(f"a{n}_{tail}", leaf.name, leaf.role, tail)
            extra.append((min(place[e.head] for e in edges), pill))
            for edge in edges:
                edge.tail = pill.id
    for at, pill in sorted(extra, key=lambda pair: -pair[0]):
        out.nodes.insert(at, pill)
