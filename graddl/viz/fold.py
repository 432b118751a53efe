"""Smaller pictures of large graphs: siblings fold, sums flatten, chains contract, the rest elides.

Two steps are siblings if they were made in the same way of siblings, and are used in the same way
by siblings. This is colour refinement in two sweeps: forward, f(n) = (op, shape, role, f(inputs));
backward, b(n) = (f(n), the b of what reads it). f fixes the depth: no folded picture has a cycle.
"""

from .graph import written
from .sketch import Part, Sketch, root_of

OFTEN = 3  # a leaf that more ops than this read is drawn once, and elsewhere as an alias
ENDS = 3  # of a chain that is contracted, so many links are shown at either end
LANES = 12  # more time steps than this are contracted
COMMUTE = ("add", "multiply", "stack", "concatenate")
UNLIKE = ("getitem", "take", "gather")  # ops whose parameters only say which element is taken


def drawn(sketch: Sketch) -> int:
    """How many parts there are, but for numbers written into an expression."""
    return sum(not number(sketch, p) for p in range(len(sketch.parts)))


def number(sketch, p):
    return not sketch.ops[p] and len(sketch.parts[p].items) == 1 and written(sketch.nodes[p])


def places(sketch: Sketch) -> int:
    """How many nodes the picture has: aliases take a place, too, unlike a number."""
    return drawn(sketch) + sum(
        len(users) - 1
        for p, users in enumerate(sketch.users)
        if len(users) > OFTEN and not sketch.ops[p]
    )


# ----------------------------------------------------------------------------------------- siblings
def flatten_sums(sketch: Sketch) -> Sketch:
    """a + b + c + ... becomes one part: nested additions that nothing else reads."""
    owner = list(range(len(sketch.parts)))
    for p in reversed(range(len(sketch.parts))):
        readers = sketch.users[p]
        if len(readers) == 1 and adds(sketch, p) and adds(sketch, readers[0]):
            once = sketch.inputs[readers[0]].count(p) == 1
            if once and shape(sketch, p) == shape(sketch, readers[0]):
                owner[p] = owner[readers[0]]
    return sketch.merged(owner, "sum")


def adds(sketch, p):
    return sketch.ops[p] == "add" and sketch.parts[p].kind in ("step", "sum")


def shape(sketch, p):
    return sketch.nodes[p].shapes


def fold(sketch: Sketch) -> Sketch:
    """Siblings become one part with an item for each."""
    names: dict = {}  # a colour is a small integer: tuples of tuples would grow with the depth

    def colour(*of):
        return names.setdefault(of, len(names))

    order = sketch.order()
    place = {p: i for i, p in enumerate(order)}
    commutes = [sketch.parts[p].kind != "layer" and sketch.ops[p] in COMMUTE for p in sorted(order)]
    forward, backward = [0] * len(order), [0] * len(order)
    for p in order:
        inputs = [forward[q] for q in sketch.inputs[p] if place[q] < place[p]]
        if commutes[p]:
            inputs.sort()
        forward[p] = colour("f", own_colour(sketch, p), *inputs)
    at_root = sketch.of[-1]
    for p in reversed(order):
        readers = {
            (backward[q], -1 if commutes[q] else sketch.inputs[q].index(p)) for q in sketch.users[p]
        }
        backward[p] = colour("b", forward[p], p == at_root, *sorted(readers))
    classes: dict[int, list[int]] = {}
    for p in order:
        alone = p == at_root or sketch.parts[p].kind in ("run", "elided")
        classes.setdefault(-p - 1 if alone else backward[p], []).append(p)
    parts = []
    for members in classes.values():
        part = sketch.parts[members[0]]
        items = [item for p in members for item in sketch.parts[p].items]
        parts.append(Part(part.kind, items, part.scope, part.time))
    return Sketch(sketch.steps, parts)


def own_colour(sketch, p):
    """What a part is, apart from what goes into it."""
    part = sketch.parts[p]
    if part.kind == "layer":
        return part.kind, part.scope, tuple(look(sketch.steps[k].node) for k in part.items[0])
    return part.kind, len(part.items), look(sketch.nodes[p])


def look(node):
    if node.op is None:  # a tensor with a name is shown by its name
        name = None if node.is_scalar else node.name
        return node.is_parameter, node.requires_grad, node.shapes, name
    params = node.params
    words = repr(sorted(params.items()))[:200] if params and node.op.name not in UNLIKE else ""
    return node.op.name, node.requires_grad, node.shapes, words


# ------------------------------------------------------------------------------------------- chains
def contract(sketch: Sketch) -> Sketch:
    """Of a long chain, and of many time steps, the links in the middle become one part."""
    return shortened(sketch, [*lanes(sketch), *chains(sketch)])


def contract_lanes(sketch: Sketch) -> Sketch:
    """Of many time steps alone: beside others they say little."""
    return shortened(sketch, lanes(sketch))


def shortened(sketch, chains):
    owner = list(range(len(sketch.parts)))
    for chain in chains:
        middle = chain[ENDS:-ENDS]
        for p in middle:
            owner[p] = middle[0]
    return take_leaves(sketch.merged(owner, "run"))


def lanes(sketch):
    """Time steps of one scope, in order, where there are many."""
    found: dict = {}
    for p, part in enumerate(sketch.parts):
        if part.kind == "layer" and part.time is not None:
            found.setdefault(part.scope, []).append(p)
    return [
        sorted(lane, key=lambda p: (sketch.parts[p].time, p))
        for lane in found.values()
        if len(lane) > LANES
    ]


def chains(sketch):
    """Parts that follow one another, each made of the one before alone and read by the next."""
    before: list = [None] * len(sketch.parts)
    after: list = [None] * len(sketch.parts)
    for p, part in enumerate(sketch.parts):
        makers: set[int] = sketch.makers(p) if part.time is None else set()
        if len(makers) == 1:
            (q,) = makers
            alike = part.kind == sketch.parts[q].kind and not sketch.is_leaf(p)
            if alike and sketch.users[q] == [p]:
                before[p], after[q] = q, p
    found = []
    for p in range(len(sketch.parts)):
        if before[p] is None and after[p] is not None:
            chain = [p]
            while after[chain[-1]] is not None:
                chain.append(after[chain[-1]])
            if sketch.of[-1] == chain[-1]:
                chain.pop()
            if len(chain) > 2 * ENDS + 1:
                found.append(chain)
    return found


def take_leaves(sketch):
    """What only a contracted chain reads goes into it."""
    owner = list(range(len(sketch.parts)))
    for p in range(len(sketch.parts)):
        readers = sketch.users[p]
        if sketch.is_leaf(p) and len(readers) == 1 and sketch.parts[readers[0]].kind == "run":
            owner[p] = readers[0]
    return sketch.merged(owner)


# ------------------------------------------------------------------------------------- what is left
def elide(sketch: Sketch, limit: int) -> Sketch:
    """Keep what is nearest to the root and to the leaves; the others become parts without detail.

    Two thirds of the places go to what is nearest to the root, the others to leaves (parameters
    first, then inputs) and to what is nearest to them. Numbers written into a shown expression are
    shown, too. What is left out is grouped by what hangs together or feeds the same part.
    """
    if drawn(sketch) <= limit:
        return sketch
    n, root = len(sketch.parts), sketch.of[-1]
    near_root = limit - limit // 3
    shown = set(nearest([root], lambda p: sketch.inputs[p], near_root))
    leaves = [p for p in range(n) if sketch.is_leaf(p) and not number(sketch, p)]
    node = sketch.nodes
    leaves.sort(key=lambda p: (not node[p].is_parameter, not node[p].requires_grad, p))
    leaves = leaves[: limit // 6]
    shown.update(leaves)
    shown.update(nearest(leaves, lambda p: sketch.users[p], limit - len(shown), shown))
    shown.update([q for p in shown for q in sketch.inputs[p] if number(sketch, q)])
    group = list(range(n))

    for p in range(n):
        hidden = [q for q in sketch.inputs[p] if q not in shown]
        first = p if p not in shown else hidden[0] if hidden else p
        for q in hidden:
            group[root_of(group, q)] = root_of(group, first)
    owner = [p if p in shown else root_of(group, p) for p in range(n)]
    found = sketch.merged(owner, "elided")
    return Sketch(  # a part alone was not merged, and is not shown either
        sketch.steps,
        [p if sketch.of[p.last] in shown else Part("elided", p.items) for p in found.parts],
    )


def nearest(starts, neighbours, limit, seen=()):
    """Up to `limit` parts in the order of their distance from the starts, without those seen."""
    found: list[int] = []
    queue, known = list(starts), set(starts)
    for p in queue:  # grows while it is walked
        if len(found) >= limit:
            break
        if p not in seen:
            found.append(p)
        for q in neighbours(p):
            if q not in known:
                known.add(q)
                queue.append(q)
    return found
