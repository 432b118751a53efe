"""Layers: the ops of one module, scope or time step become one part of the picture."""

import math
from typing import Any

from .graph import Step, written
from .sketch import Part, Sketch, each_step, root_of

SEPARATOR = "."
LAP = "↻"  # in place of a scope: parts of a loop without scopes and time steps
BESIDE = ("tanh", "add")  # more ops that are drawn with the layer before: x @ W + b
LAPS = 3  # a parameter that is used so often makes a loop


def depth(steps: list[Step]) -> int:
    """How deep scopes nest; 0 without any."""
    paths = {s.node.scope for s in steps if s.node.op is not None and s.node.scope}
    deep = max((path.count(SEPARATOR) + 1 for path in paths), default=0)
    return max(deep, any(s.node.op is not None and s.node.step is not None for s in steps))


def layers(steps: list[Step], deep: int, collapse: Any = True) -> Sketch:
    """One part for each scope, cut to `deep` names, and for each time step.

    A module that is called again is another part: its parameters are used a second time.
    `collapse` limits this to scopes by name, "encoder", with all that lies under them.
    """
    keys = keys_of(steps, deep, collapse)
    if not any(keys):
        return each_step(steps)
    parts, inside = [], set()
    for (key, _), members in calls(steps, keys).items():
        parts.append(Part("layer", [sorted(members)], key[0], key[1]))
        inside.update(members)
    loose = [Part("step", [[k]]) for k in range(len(steps)) if k not in inside]
    found = Sketch(steps, loose + parts)
    circular = found.on_cycles()
    if circular:  # a scope that was left and entered again is not drawn as one
        again = sorted(k for p in circular for k in found.parts[p].members())
        parts = [part for p, part in enumerate(found.parts) if p not in circular]
        found = Sketch(steps, parts + [Part("step", [[k]]) for k in again])
    return take_leaves(take_ops_in(take_activations(found)))


def keys_of(steps, deep, collapse):
    """For each op (scope, time step) of the layer that it belongs to, or None."""
    names = () if isinstance(collapse, bool) else tuple(collapse)
    found: list = []
    if not deep:
        found = laps(steps) or [None] * len(steps)
        return weighted(steps, found)
    for s in steps:
        path, time = (s.node.scope, s.node.step) if s.node.op is not None else (None, None)
        names_of_path = path.split(SEPARATOR) if path else []
        if not collapse or (path is None and time is None):
            found.append(None)
        elif names:
            hit = [n for n in names if path == n or (path or "").startswith(n + SEPARATOR)]
            found.append((hit[0], None) if hit else None)
        elif time is not None:  # a lane: whatever the step does, in one part of the model
            found.append((names_of_path[0] if names_of_path else None, time))
        else:
            found.append((SEPARATOR.join(names_of_path[:deep]), None))
    if names:
        return found
    outer: set[str] = set()  # ops that stand between the layers of a scope belong to none of these
    for key in {k[0] for k in found if k is not None and k[0] is not None and k[1] is None}:
        parts = key.split(SEPARATOR)
        outer.update(SEPARATOR.join(parts[:i]) for i in range(1, len(parts)))
    return weighted(
        steps, [None if k is not None and k[1] is None and k[0] in outer else k for k in found]
    )


def laps(steps):
    """Of a loop without scopes: each time that the parameters are used again is one lap.

    The last lap is as long as the one before it: what comes after the loop is not a part of it.
    """
    ops = sorted((k for k, s in enumerate(steps) if s.node.op is not None),
                 key=lambda k: steps[k].node.id)  # fmt: skip
    found: list[list[int]] = [[]]
    used: set = set()
    for k in ops:
        uses = parameters_of(steps, k)
        if uses & used:
            found.append([])
            used = set()
        used |= uses
        found[-1].append(k)
    if len(found) < LAPS:
        return None
    keys: list = [None] * len(steps)
    for t, lap in enumerate(found):
        for k in lap if t + 1 < len(found) else lap[: len(found[-2])]:
            keys[k] = (LAP, t + 1)
    return keys


def weighted(steps, keys):
    """An op without a scope that uses a parameter of more than one number is a layer, too."""
    return [
        (f"{LAP}{k}", None)
        if key is None
        and not steps[k].node.scope
        and any(math.prod(steps[j].node.shapes[0]) > 1 for _, j, _ in parameters_of(steps, k))
        else key
        for k, key in enumerate(keys)
    ]


def parameters_of(steps, k):
    """(op, parameter, argument) of each parameter that a step reads itself."""
    return {
        (steps[k].node.op.name, j, i)
        for j, _, i in steps[k].inputs
        if steps[j].node.op is None and steps[j].node.is_parameter
    }


def calls(steps, keys):
    """(key, which call of it) -> its steps. A new call begins where a parameter is used again."""
    found: dict = {}
    number: dict = {}
    used: dict = {}
    for k in sorted((k for k, key in enumerate(keys) if key), key=lambda k: steps[k].node.id):
        key = keys[k]
        uses = parameters_of(steps, k)
        if key[1] is None and uses & used.get(key, set()):
            number[key] = number.get(key, 0) + 1
            used[key] = set()
        used.setdefault(key, set()).update(uses)
        found.setdefault((key, number.get(key, 0)), []).append(k)
    return {
        (key, (n, c)): members
        for (key, n), whole in found.items()
        for c, members in enumerate(
            connected(steps, whole) if key[1] is None and key not in number else [whole]
        )
    }


def connected(steps, members):
    """The members in groups that hang together: two calls of a module without parameters do not."""
    above = {k: k for k in members}
    for k in members:
        for j, _, _ in steps[k].inputs:
            if j in above:
                above[root_of(above, k)] = root_of(above, j)
    groups: dict[int, list[int]] = {}
    for k in members:
        groups.setdefault(root_of(above, k), []).append(k)
    return list(groups.values())


def take_activations(sketch: Sketch) -> Sketch:
    """A layer takes what alone reads it, op by op: Linear + ReLU is drawn as one.

    Activations always; other ops on one array, such as pooling, on the way to another layer.
    """
    owner = list(range(len(sketch.parts)))
    readers = list(sketch.users)
    order = sketch.order()
    between: set[int] = set()
    for p in reversed(order):
        if len(sketch.users[p]) == 1:
            (u,) = sketch.users[p]
            if on_one_array(sketch, p) and (sketch.parts[u].kind == "layer" or u in between):
                between.add(p)
    for p in order:
        makers = {owner[q] for q in sketch.makers(p)}
        if len(makers) != 1 or not on_one_array(sketch, p):
            continue
        (layer,) = makers
        if sketch.parts[layer].kind == "layer" and [owner[u] for u in readers[layer]] == [p]:
            op = sketch.nodes[p].op
            dropped = any(map(noise, inputs_of(sketch, p)))
            beside = op.name in BESIDE and not dropped
            if p in between or op.info["family"] == "activation" or beside:
                owner[p] = layer
                readers[layer] = sketch.users[p]
    return sketch.merged(owner)


def on_one_array(sketch, p):
    """Whether a part is one op on one array that was computed, and not the root."""
    part = sketch.parts[p]
    if len(part.items[0]) != 1 or not sketch.ops[p] or part.time is not None or p == sketch.of[-1]:
        return False
    nodes = inputs_of(sketch, p)
    single = sketch.nodes[p].op.kind == "elementwise"  # x @ W + b: the sum belongs to the product
    return sum(n.op is not None for n in nodes) == 1 and all(
        n.op is not None or written(n) or (single and n.is_parameter) or noise(n) for n in nodes
    )


def inputs_of(sketch, p):
    return [sketch.steps[j].node for j, _, _ in sketch.steps[sketch.parts[p].last].inputs]


def noise(node):
    """Whether a leaf is an array without a name that wants no gradient, such as dropout's mask."""
    return node.op is None and not (node.requires_grad or node.is_parameter or node.name)


def take_ops_in(sketch: Sketch) -> Sketch:
    """A layer takes the loose ops that only it reads, such as a reshape or a slice.

    Not one that joins two ways: a residual connection ends in its sum.
    """
    owner = list(range(len(sketch.parts)))
    for p in reversed(sketch.order()):
        readers = {owner[u] for u in sketch.users[p]}
        loose = sketch.parts[p].kind == "step" and not sketch.is_leaf(p)
        if loose and len(readers) == 1 and not joins(sketch, p):
            (layer,) = readers
            if sketch.parts[layer].kind == "layer":
                owner[p] = layer
    return sketch.merged(owner)


def joins(sketch, p):
    """Whether a part is an elementwise op, such as a sum, on what several parts computed."""
    return sketch.nodes[p].op.kind == "elementwise" and len(sketch.makers(p)) > 1


def take_leaves(sketch: Sketch) -> Sketch:
    """A layer takes its parameters, and numbers. One that several layers share goes to the first.

    A time step takes its part of the input, too, unless that has a name; a layer behind others a
    mask.
    """
    owner = list(range(len(sketch.parts)))
    for p in range(len(sketch.parts)):
        node, readers = sketch.nodes[p], sketch.users[p]
        if not sketch.is_leaf(p) or any(sketch.parts[u].kind != "layer" for u in readers):
            continue
        behind = len(readers) == 1 and (
            sketch.parts[readers[0]].time is not None or sketch.makers(readers[0])
        )
        if node.is_parameter or written(node) or (behind and noise(node)):
            owner[p] = min(readers, key=lambda u: (sketch.parts[u].time or 0, u), default=p)
    return sketch.merged(owner)
