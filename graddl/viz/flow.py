"""Gradients for a picture: one private backward pass, no hook is run, no .grad changed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import _backward
from .._core import READ_G, READ_RESIDUAL, READ_Y
from ..backend import numpy_namespace, scalar_namespace
from ..errors import GradientError
from .graph import Step
from .numbers import Numbers, summary


@dataclass
class Flow:
    """What a backward pass from the root brought to light; keys are indices of steps.

    Attributes
    ----------
    values : dict (step, output) -> Numbers
        The gradient of the root with respect to a value.
    edges : dict (step, argument) -> Numbers
        What an op passed back to one of its inputs.
    order : dict step -> int
        1 for the op that backward() visits first.
    missing : str or None
        Why the pass could not be finished: values were released or changed since.
    """

    values: dict = field(default_factory=dict)
    edges: dict = field(default_factory=dict)
    order: dict = field(default_factory=dict)
    missing: str | None = None


def flow(root: Any, steps: list[Step], shown: set[int] | None = None, watch: Any = None) -> Flow:
    """Walk backward from `root`; keep numbers for all steps, or for those in `shown` only.

    `watch(k, node, g, gs)` is called at each step, while the arrays are there.
    """
    out = Flow()
    shown = set(range(len(steps))) if shown is None else shown
    index = {id(s.node): k for k, s in enumerate(steps)}
    leaves: dict = {}  # a Scalar leaf that was assigned to is visited too early: add it up here

    def visit(node, g, gs):
        k = index[id(node)]
        if watch is not None:
            watch(k, node, g, gs)
        for j, _, i in steps[k].inputs:
            if gs[i] is not None and (k in shown or j in shown):
                out.edges[k, i] = summary(gs[i])
            if type(gs[i]) is float and steps[j].node.op is None:
                leaves[j] = leaves.get(j, 0.0) + gs[i]
        if k in shown:
            for o, part in enumerate(g if type(g) is tuple else (g,)):
                out.values[k, o] = summary(part)

    ops = [index[id(n)] for n in _backward.backward_order(root) if n.op is not None]
    out.order = {k: i for i, k in enumerate(ops, 1) if k in shown}
    seed = None if root.size == 1 else np.ones(root.shape, root.dtype)
    try:
        _backward.trace(root, visit, seed)
    except GradientError as error:
        out.missing = why(error)
    else:
        out.values.update({(j, 0): summary(g) for j, g in leaves.items() if j in shown})
    return out


def why(error: Exception) -> str:
    """What kept a pass from being finished, in the words of a legend."""
    if "in place" in str(error) or "assigned to" in str(error):
        return "▲ a value was changed since it was used: draw before the update"
    return "gradients – released: draw before backward(), or under gd.record()"


def local_derivative(step: Step, steps: list[Step], i: int) -> float | None:
    """d op / d argument i, by the op's own rule with g = 1; None where it is not one number.

    It is never a quotient of two gradients: that would fail where the upstream gradient is 0.
    """
    node = step.node
    rule = node.op.rules[min(i, len(node.op.rules) - 1)] if node.op.rules else None
    if node.op.kind != "elementwise" or rule is None or not single(step, steps):
        return None
    if not callable(rule.fn):
        return float(rule.fn)
    xp: Any = scalar_namespace if node.is_scalar else numpy_namespace
    one: Any
    if node.is_scalar:  # as NumPy's numbers, of which 1/0 is ∞ and no exception
        inputs = [np.float64(steps[j].node.value) for j, _, _ in step.inputs]
        y, one = np.float64(node.data), np.float64(1)
    else:
        (inputs, y, _), one = node.saved, np.ones(node.shape, node.dtype)
    reads = []
    for code in rule.reads:
        if code <= READ_RESIDUAL or (code < 0 and code not in (READ_G, READ_Y)):
            return None
        reads.append(one if code == READ_G else y if code == READ_Y else inputs[code])
        if reads[-1] is None:
            return None
    params = {**node.op.params, **(node.params or {})}
    with np.errstate(all="ignore"):
        d = rule.fn(xp, *reads, **{name: params[name] for name in rule.keywords})
    return float(np.asarray(d).ravel()[0])


def single(step: Step, steps: list[Step]) -> bool:
    """Whether an op takes and gives one number each."""
    shapes = [steps[j].node.shapes[o] for j, o, _ in step.inputs] + list(step.node.shapes)
    return all(s is not None and all(n == 1 for n in s) for s in shapes)


def product(upstream: Numbers | None, local: float | None) -> bool:
    """Whether an edge can read `upstream × local`."""
    return (
        upstream is not None
        and local is not None
        and upstream.values is not None
        and len(upstream.values) == 1
    )
