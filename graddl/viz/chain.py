"""The chain rule at one value, as plain data: its uses, the paths to it, and their sum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .flow import flow, local_derivative
from .graph import Step, collect
from .names import call_all
from .numbers import Numbers

MOST_PATHS = 12  # more are counted, not listed


@dataclass
class Use:
    """One place where the value is read, and what the gradient brings back from there.

    Attributes
    ----------
    name, op : str
        What the op made, and the op's symbol.
    upstream : Numbers or None
        The gradient of the root with respect to what the op made.
    local : float or None
        The op's own derivative by this input; None where it is not one number.
    share : Numbers or None
        What the op passes back: of numbers, upstream × local.
    source : (file, line) or None
    """

    name: str
    op: str
    upstream: Numbers | None
    local: float | None
    share: Numbers | None
    source: tuple | None


@dataclass
class Path:
    """One way from the root to the value: a local derivative at each op, and their product."""

    names: list[str]  # root first, the value last
    ops: list[str]
    factors: list[float]
    product: float


@dataclass
class Chain:
    """What `explain` has to say of one value.

    `count` is the number of paths, all of which count; `paths` holds them if they are few and each
    derivative on them is one number, and is empty otherwise. `kept` is the .grad of a leaf after
    earlier backward() calls, if it is another number than this pass's gradient.
    """

    name: str
    root: str
    grad: Numbers | None
    uses: list[Use] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    count: int = 0
    kept: Numbers | None = None
    notes: list[str] = field(default_factory=list)


class Graph:
    """The steps behind a root with their names and gradients, from one private pass."""

    def __init__(self, root: Any, names: dict | None = None):
        from .view import role_of

        self.root, self.steps = root, collect(root)
        last = len(self.steps) - 1
        everything = set(range(len(self.steps)))
        roles = [role_of(s, k == last) for k, s in enumerate(self.steps)]
        self.words, own, _ = call_all(self.steps, everything, names, roles)
        self.words[last] = own.get((last, getattr(root, "node_output", 0)), self.words[last])
        self.named = {k for k, _ in own}  # by their user
        self.flow = flow(root, self.steps, everything)
        self._locals: dict[tuple[int, int], float | None] = {}

    def place(self, x: Any) -> int | None:
        """The index of the step that made `x`, if it is in this graph."""
        node = getattr(x, "node", x)
        return next((k for k, s in enumerate(self.steps) if s.node is node), None)

    def leaves(self) -> list[int]:
        """Leaves that want gradient, parameters first."""
        found = [k for k, s in enumerate(self.steps) if s.node.op is None and s.node.requires_grad]
        return sorted(found, key=lambda k: not self.steps[k].node.is_parameter)

    def local(self, k: int, i: int) -> float | None:
        """The derivative of step k by its argument i, where it is one number."""
        if (k, i) not in self._locals:
            self._locals[k, i] = local_derivative(self.steps[k], self.steps, i)
        return self._locals[k, i]

    def chain(self, k: int, kept: Numbers | None = None) -> Chain:
        """The chain rule at step k."""
        last = len(self.steps) - 1
        out = Chain(self.words[k], self.words[last], self.flow.values.get((k, 0)), kept=kept)
        if self.flow.missing:
            out.notes.append(self.flow.missing)
        for c, i in self._uses(k):
            node: Any = self.steps[c].node
            out.uses.append(
                Use(
                    self.words[c], symbol(self.steps[c]), self.flow.values.get((c, 0)),
                    self.local(c, i), self.flow.edges.get((c, i)), node.source,
                )
            )  # fmt: skip
        ways = self._ways()
        out.count = ways[k]
        if 0 < out.count <= MOST_PATHS and k != last:
            out.paths = self._paths(k, ways)
        return out

    def _uses(self, k: int) -> list[tuple[int, int]]:
        """(step, argument) for each use of step k through which a gradient flows."""
        return [(c, i) for c, i in self.steps[k].consumers if self.steps[c].node.requires_grad]

    def _ways(self) -> list[int]:
        """For each step the number of paths from the root."""
        ways = [0] * len(self.steps)
        ways[-1] = 1
        for k in range(len(self.steps) - 2, -1, -1):
            ways[k] = sum(ways[c] for c, _ in self._uses(k))
        return ways

    def _paths(self, k: int, ways: list[int]) -> list[Path]:
        """Every path from the root to step k; none at all if some derivative is not a number."""
        last, found = len(self.steps) - 1, []
        stack: list[tuple[int, list[tuple[int, int]]]] = [(k, [])]
        while stack:
            at, trail = stack.pop()
            if at == last:
                factors = [self.local(c, i) for c, i in reversed(trail)]
                if any(f is None for f in factors):
                    return []
                product = 1.0
                for f in factors:
                    product *= f  # type: ignore[operator]
                made = [c for c, _ in reversed(trail)]
                names = [self.words[c] for c in made] + [self.words[k]]
                ops = [symbol(self.steps[c]) for c in made]
                found.append(Path(names, ops, factors, product))  # type: ignore[arg-type]
                continue
            onward = [(c, i) for c, i in self._uses(at) if ways[c]]
            stack.extend((c, [*trail, (c, i)]) for c, i in reversed(onward))
        return found


def symbol(step: Step) -> str:
    """The op's sign in pictures: `×`, `tanh`."""
    return str(step.node.op.info.get("symbol") or step.node.op.name)
