"""What happens, one step after the other: each op forward, then each share of a gradient."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from ..numbers import Numbers, brief, number, summary
from ..parts import Alias, Edge, GraphView, Op, Value

INFIX = ("+", "−", "×", "÷", "@", "^", "//")
_PLACE = re.compile("(?<![A-Za-z])x(?![A-Za-z])")  # of the argument in a sign: x², |x|


@dataclass
class Step:
    """One step.

    Attributes
    ----------
    phase : "forward" or "backward"
    words, line : str
        A sentence, and what is computed: `w₁.grad += 0.6347 × 1.5 = 0.9521`.
    ask : str
        The line with a question mark for its result, for those who predict it first.
    on : list of str
        Ids that are in focus, as the DOT text has them.
    show : list of str
        What becomes visible: `n3.data`, `n3.grad`, or the id of a label.
    grads : dict of str to list of str
        Numbers of a gradient as they stand after this step, by the id of their box.
    """

    phase: str
    words: str
    line: str
    ask: str
    on: list[str]
    show: list[str] = field(default_factory=list)
    grads: dict[str, list[str]] = field(default_factory=dict)


def tell(view: GraphView) -> list[Step]:
    """The steps of a picture in mode "chain" and detail "values"."""
    story = _Story(view)
    return [*story.forward(), *story.backward()]


class _Story:
    def __init__(self, view: GraphView):
        self.view = view
        self.values = {n.id: n for n in view.nodes if isinstance(n, Value)}
        self.ops = [n for n in view.nodes if isinstance(n, Op)]
        pills = [n for n in view.nodes if isinstance(n, Alias)]
        self.boxes = self.values | {n.id: self.values[n.of] for n in pills if n.of in self.values}
        self.into: dict[str, list[tuple[int, Edge]]] = {op.id: [] for op in self.ops}
        self.out: dict[str, list[Edge]] = {op.id: [] for op in self.ops}
        for k, edge in enumerate(view.edges):
            if edge.head in self.into:
                self.into[edge.head].append((k, edge))
            elif edge.tail in self.out:
                self.out[edge.tail].append(edge)

    def forward(self) -> list[Step]:
        steps = []
        for op in self.ops:
            inputs = [self.boxes[e.tail] for _, e in self.into[op.id] if e.tail in self.boxes]
            for edge in self.out[op.id]:
                made = self.values[edge.head]
                left = _formula(op, [v.name if v.data is None else brief(v.data) for v in inputs])
                line = f"{made.name} = {left} = {brief(made.data)}"
                words = f"{op.symbol} makes {made.name} of {_listed([v.name for v in inputs])}."
                on = [op.id, made.id, *(e.tail for _, e in self.into[op.id])]
                ask = f"{made.name} = {left} = ?"
                steps.append(Step("forward", words, line, ask, on, [f"{made.id}.data"]))
        return steps

    def backward(self) -> list[Step]:
        root = next(v for v in self.values.values() if v.role == "output")
        first = Step(
            "backward",
            f"The pass starts at {root.name}: it changes by 1 where it changes by 1 itself.",
            f"{_grad(root)} = {brief(root.grad)}",
            f"{_grad(root)} = ?",
            [root.id],
            [f"{root.id}.grad"],
        )
        steps, so_far = [first], dict[str, Numbers]()
        for op in sorted((o for o in self.ops if o.order), key=lambda o: o.order or 0):
            for k, edge in self.into[op.id]:
                if edge.wants and edge.tail in self.boxes and edge.grad is not None:
                    steps.append(self._share(op, k, edge, so_far))
        return steps

    def _share(self, op: Op, k: int, edge: Edge, so_far: dict[str, Numbers]) -> Step:
        """One op passes one of its inputs its share."""
        box = self.boxes[edge.tail]
        made = [self.values[e.head] for e in self.out[op.id]]
        before = so_far.get(box.id)
        after = so_far[box.id] = _sum(before, edge.grad)
        share, target = brief(edge.grad), _grad(box)
        if edge.local is not None:
            local = number(edge.local)
            product = f"{brief(edge.upstream)} × {f'({local})' if local[0] == '−' else local}"
            reached = f"{_listed([_grad(v) for v in made])} = {brief(edge.upstream)}"
            words = (
                f"{op.symbol} multiplies {reached} by its own derivative by {box.name}, {local}."
            )
            line, ask = f"{target} += {product} = {share}", f"{target} += {product} = ?"
        else:
            names = _listed([v.name for v in made])
            words = f"{op.symbol} passes on to {box.name} its share of what reached {names}."
            line, ask = f"{target} += {share}", f"{target} += ?"
        if before is not None:
            words += f" With what was there, {brief(before)}, that makes {brief(after)}."
        on = [op.id, edge.tail, box.id, f"l{k}", f"{edge.tail}->{edge.head}",
              f"{edge.tail}->l{k}", f"l{k}->{edge.head}"]  # fmt: skip
        texts = [number(v) for v in after.values] if after.values is not None else [brief(after)]
        shown = [f"{box.id}.grad", f"l{k}"]
        return Step("backward", words, line, ask, on, shown, {box.id: texts})


def _sum(a: Numbers | None, b: Numbers | None) -> Numbers:
    """The sum of two gradients; of arrays that are not kept whole, the last one's size."""
    assert b is not None
    if a is None or a.values is None or b.values is None:
        return b
    if len(a.values) != len(b.values):
        return b
    total = np.add(a.values, b.values).reshape(b.shape)
    found = summary(total if b.shape else float(total))
    assert found is not None
    return found


def _grad(v: Value) -> str:
    """`x.grad`, `(a + b).grad`."""
    return f"({v.name}).grad" if " " in v.name else f"{v.name}.grad"


def _formula(op: Op, parts: list[str]) -> str:
    """`1.5 × 0.8`, `(−2) ^ 3`, `(−2)²`, `tanh(0.7)`."""
    within = [f"({part})" if part.startswith("−") else part for part in parts]
    if op.symbol in INFIX and len(parts) == 2:
        return f"{(within if op.symbol == '^' else parts)[0]} {op.symbol} {within[1]}"
    if len(parts) == 1 and _PLACE.search(op.symbol):
        return _PLACE.sub(parts[0] if op.symbol[0] in "|‖" else within[0], op.symbol)
    return f"{op.symbol}({', '.join(parts)})"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
