"""Fused ops taken apart: an op that ran as one node is shown as the ops of its composition.

The composition is run again in private, on Tensors of its own, and its steps take the place of the
one node. Recurrent ops run one cell after another there, each in its time step.
"""

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import _backward, _core
from .._core import Tensor
from ..backend import tensor_namespace
from ..errors import GradientError
from .flow import Flow, flow, why
from .graph import Step, collect
from .numbers import summary
from .values import array_of

RELEASED = "– values released: draw before backward(), or compute under gd.record()"


def recurrent(node: Any) -> bool:
    """Whether a node is the op of a whole sequence, which stands for many time steps."""
    return node.op is not None and node.op.name in ("rnn_states", "lstm_states", "gru_states")


@dataclass
class Fused:
    """One node that was taken apart.

    Attributes
    ----------
    node : the node
    at : int
        Its place in the graph as it was run.
    own : list of Tensors, its inputs once more; None for those left out
    outputs : list of Tensors, what the composition gave
    steps : the graph of `outputs`
    given : dict from the name of an argument to (step, output) in the whole list
    members : range of the steps in the whole list
    """

    node: Any
    at: int
    own: list
    outputs: list
    steps: list[Step]
    given: dict = field(default_factory=dict)
    place: dict = field(default_factory=dict)  # step here -> (step, output) in the whole list
    members: range = range(0)


@dataclass
class Unfolded:
    """A graph in which fused nodes are replaced by their parts.

    Attributes
    ----------
    root : Tensor or Scalar
    steps : list of Step, inputs before ops; the root is last, unless it was an output of a stack
    whole : list of Step, the graph as it was run
    place : dict from a step there to (step, output) here
    fused : list of Fused
    blind : set of steps without numbers, since the inputs of their op were released
    """

    root: Any
    steps: list[Step]
    whole: list[Step]
    place: dict
    fused: list[Fused]
    blind: set


def unfold(root: Any, which: Callable[[Any], bool] = recurrent) -> Unfolded:
    """Take apart the fused nodes that `which` picks, of those that have a composition.

    Nothing of the graph changes: no .grad, hook, version or random number.
    """
    whole = collect(root)
    out = Unfolded(root, [], whole, {}, [], set())
    for k, step in enumerate(whole):
        if step.node.op is not None and step.node.op.composition is not None and which(step.node):
            splice(out, k)
        else:
            inputs = [(*inner(out, j, o), i) for j, o, i in step.inputs]
            out.place[k] = add(out.steps, step.node, inputs), None
    return out


def inner(out: Unfolded, j: int, o: int) -> tuple[int, int]:
    """Where an output of the whole graph is in the unfolded one."""
    place, outputs = out.place[j]
    return (place, o) if outputs is None else outputs[o]


def add(steps: list[Step], node: Any, inputs: list) -> int:
    """Append a step; its number."""
    step = Step(node)
    step.inputs = inputs
    for j, _, i in inputs:
        steps[j].consumers.append((len(steps), i))
    steps.append(step)
    return len(steps) - 1


def splice(out: Unfolded, k: int) -> None:
    """Append the parts of the k-th step of the whole graph."""
    step, first = out.whole[k], len(out.steps)
    arrays, known = inputs_of(out.whole, k)
    wants = [getattr(x, "requires_grad", False) for x in step.node.inputs]
    part = run(step.node, k, arrays, wants)
    given = {i: inner(out, j, o) for j, o, i in step.inputs}
    own = {id(x.node): given[i] for i, x in enumerate(part.own) if getattr(x, "node", None)}
    for s, sub in enumerate(part.steps):
        if id(sub.node) in own:
            part.place[s] = own[id(sub.node)]
        else:
            inputs = []
            for j, o, i in sub.inputs:
                at, output = part.place[j]
                inputs.append((at, o if output is None else output, i))
            part.place[s] = add(out.steps, sub.node, inputs), None
    index = {id(sub.node): s for s, sub in enumerate(part.steps)}
    outputs = [(part.place[index[id(y.node)]][0], y.node_output) for y in part.outputs]
    out.place[k] = first, outputs
    part.given = {part.node.op.args[i]: place for i, place in given.items()}
    part.members = range(first, len(out.steps))
    out.fused.append(part)
    if not known:
        out.blind.update(part.members)


def inputs_of(steps: list[Step], k: int) -> tuple[list, bool]:
    """What the k-th step was computed from, and whether all of it is known.

    What was released is asked of its maker; if that has nothing either, zeros serve: the structure
    is the same, and no number of it is shown.
    """
    step, known = steps[k], True
    saved = step.node.saved[0]
    arrays: list = [None] * len(step.node.inputs)
    for j, o, i in step.inputs:
        array = saved[i] if saved[i] is not None else array_of(steps, j, o)
        if array is None:
            known, array = False, np.zeros(steps[j].node.shapes[o] or (), step.node.dtype)
        arrays[i] = array
    return arrays, known


def run(node: Any, at: int, arrays: list, wants: list) -> Fused:
    """Run the composition of a node on arrays, every value of it kept."""
    own = [
        None if a is None else Tensor(a, requires_grad=w)
        for a, w in zip(arrays, wants, strict=True)
    ]

    def compose():
        mode = _core.current_mode()
        _core.MODE.set(mode.but(grad=True, record=True, anomaly=False, where=node.where))
        return node.op.composition(tensor_namespace, *own, **(node.params or {}))

    y = contextvars.copy_context().run(compose)
    outputs = list(y) if isinstance(y, tuple | list) else [y]
    steps: list[Step] = []
    index: dict[int, int] = {}
    for one in outputs:
        found, moved = collect(one), dict[int, int]()
        for s, step in enumerate(found):
            if id(step.node) in index:
                moved[s] = index[id(step.node)]
                continue
            inputs = [(moved[j], o, i) for j, o, i in step.inputs]
            moved[s] = index[id(step.node)] = add(steps, step.node, inputs)
    return Fused(node, at, own, outputs, steps)


def flow_through(out: Unfolded, watch: Callable[[int, int, Any], None] | None = None) -> Flow:
    """Gradients of the unfolded graph: each part's from what reached the fused node.

    `watch(step, argument, gradient)` is called with each array that an op passes back.
    """
    found, seeds = Flow(), dict[int, Any]()
    inside = {part.at for part in out.fused}

    def visit(k, node, g, gs):
        if k in inside:
            seeds[k] = g
        elif watch is not None:
            for i, part in enumerate(gs):
                if part is not None:
                    watch(out.place[k][0], i, part)

    whole = flow(out.root, out.whole, None, visit)
    found.missing = whole.missing
    for (k, o), n in whole.values.items():
        found.values[inner(out, k, o)] = n
    for (k, i), n in whole.edges.items():
        if k not in inside:
            found.edges[out.place[k][0], i] = n
    for part in reversed(out.fused):
        if part.at in seeds and not out.blind & set(part.members):
            through(part, seeds[part.at], found, watch)
    return found


def through(part: Fused, seed: Any, found: Flow, watch: Any) -> None:
    """Pass back what reached a fused node through its parts."""
    index = {id(s.node): k for k, s in enumerate(part.steps)}
    own = {id(x.node) for x in part.own if x is not None}

    def visit(node, g, gs):
        s = index[id(node)]
        if id(node) in own:
            return
        k = part.place[s][0]
        for o, one in enumerate(g if type(g) is tuple else (g,)):
            found.values[k, o] = summary(one)
        for i, one in enumerate(gs):
            if one is not None:
                found.edges[k, i] = summary(one)
                if watch is not None:
                    watch(k, i, one)

    roots = [(y, g) for y, g in zip(part.outputs, seed if type(seed) is tuple else (seed,),
                                    strict=True) if g is not None and y.requires_grad]  # fmt: skip
    wanted = [x for x in part.own if x is not None and x.requires_grad]
    try:
        if roots and wanted:
            _backward.gradients([y for y, _ in roots], wanted, [Tensor(g) for _, g in roots],
                                on_visit=visit)  # fmt: skip
    except GradientError as error:
        found.missing = why(error)
