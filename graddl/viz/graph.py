"""The graph of a value as a list: what is reachable, inputs first. No recursion: any depth."""

from types import SimpleNamespace
from typing import Any

from .. import _core


class Step:
    """One node of the graph, or one constant among an op's inputs.

    Attributes
    ----------
    node : a node of the core; or, for a constant, an object that answers to the same names
    inputs : list of (step, output, argument)
        Index of the step that made each input, which of its outputs it is, and which argument.
    consumers : list of (step, argument)
    """

    __slots__ = ("consumers", "inputs", "node")

    def __init__(self, node: Any):
        self.node = node
        self.inputs: list[tuple[int, int, int]] = []
        self.consumers: list[tuple[int, int]] = []


def collect(root: Any) -> list[Step]:
    """Every step that `root` was computed from, each once, inputs before ops; the root is last.

    The order follows the expression as it was written, not the ids of nodes: the same graph gives
    the same list.
    """
    start = root if isinstance(root, _core.Scalar) else root.node
    if start is None:  # a Tensor that takes no part in any graph
        return [Step(constant(root.numpy(), root.name))]
    steps: list[Step] = []
    index: dict[int, int] = {}
    stack = [(start, False)]
    while stack:
        node, done = stack.pop()
        if id(node) in index:
            continue
        if not done:
            stack.append((node, True))
            stack.extend(
                (p, False)
                for p in reversed(node.inputs)
                if isinstance(p, _core.Node) and id(p) not in index
            )
            continue
        step = Step(node)
        for i, (p, out) in enumerate(zip(node.inputs, node.input_outs, strict=True)):
            if isinstance(p, _core.Node):
                step.inputs.append((index[id(p)], out, i))
            elif p is not None or not optional(node.op, i):
                steps.append(Step(constant(p)))
                step.inputs.append((len(steps) - 1, 0, i))
        index[id(node)] = len(steps)
        for k, _, i in step.inputs:
            steps[k].consumers.append((len(steps), i))
        steps.append(step)
    return steps


def constant(value, name=None):
    """A leaf for what is no node: a number, or None for what the core did not keep."""
    shape = None if value is None else tuple(getattr(value, "shape", ()))
    return SimpleNamespace(
        op=None,
        name=name,
        value=value,
        grad=None,
        shapes=(shape,),
        dtype=getattr(value, "dtype", None),
        requires_grad=False,
        is_parameter=False,
        is_scalar=isinstance(value, float),
        source=None,
        scope=None,
        step=None,
        plain=True,
    )


def optional(op: Any, i: int) -> bool:
    """Whether the op may be called without its i-th argument."""
    return not op.variadic and i >= len(op.args) - op.info.get("optional", 0)


def written(node: Any) -> bool:
    """Whether a leaf is a number that was written into the expression."""
    return getattr(node, "plain", False) and isinstance(node.value, int | float)
