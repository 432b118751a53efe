"""What all boxes of a BpttView need: numbers, ids, and which box reads what."""

from typing import Any

import numpy as np

from ..graph import written
from ..numbers import Numbers, summary
from ..values import array_of
from .gates import gates_of
from .naming import Names
from .parts import Box, BpttView
from .structure import PLUMBING, Cell, Structure
from .sums import Sums


class Maker:
    """Ids are n0, n1, ... in the order in which boxes are made."""

    def __init__(self, structure: Structure, sums: Sums, names: Names, shared: list[int],
                 columns: list[int], shown: list[int], rolled: bool = False):  # fmt: skip
        self.structure, self.sums, self.names = structure, sums, names
        self.line, self.steps = structure.line, structure.steps
        self.shared, self.columns, self.shown = shared, columns, shown
        self.view = BpttView("", "", rolled=rolled)
        names.rolled = rolled
        self.number = {id(cell): n for n, cell in enumerate(structure.all)}
        self.box: dict[int, Box] = {}  # of a Cell, by its number
        self.made, self.last = 0, -1
        self.numbers: dict[tuple, dict] = {}  # written numbers of an argument, over all columns
        self.hidden: set[int] = set()  # cells for which others stand
        self.op_of: dict[int, Box] = {}
        self.state_of: dict[int, Box] = {}

    def root_step(self, output: int) -> int:
        """Where the root is, which may be an item of a stack."""
        graph = self.line.graph
        place, outputs = graph.place[len(graph.whole) - 1]
        last = place if outputs is None else outputs[output][0]
        return self.line.resolved(last, 0)[0]

    def passes(self) -> dict[int, int]:
        """The last column of each pass over time, and how many it has: an encoder, a decoder."""
        found: dict = {}
        for column in self.columns:
            runs = tuple(cell.run for cell in self.structure.cells.get(column, ()))
            found.setdefault(runs, []).append(column)
        return {columns[-1]: len(columns) for columns in found.values()}

    def data(self, k: int, o: int = 0) -> Numbers | None:
        graph = self.line.graph
        return None if k in graph.blind else summary(array_of(graph.steps, k, o))

    def grad(self, k: int, o: int = 0) -> Numbers | None:
        found = self.sums.flow.values.get((k, o))
        if found is None and not self.sums.flow.missing and self.steps[k].node.requires_grad:
            return summary(0.0)  # it was reached by nothing: the loss does not depend on it
        return found

    def new(self, kind: str, name: str, **more: Any) -> Box:
        self.made += 1
        return Box(f"n{self.made - 1}", kind, name, **more)

    def leaf(self, kind: str, name: str, j: int, **more: Any) -> Box:
        """The box of a value that is given to a time step."""
        node = self.steps[j].node
        data, wants = self.data(j), node.requires_grad
        grad = self.grad(j) if wants else None
        shape = tuple(node.shapes[0] or ())
        return self.new(kind, name, data=data, grad=grad, wants=wants, shape=shape, **more)

    def gates(self, cell: Cell) -> dict[int, str]:
        return gates_of(self.structure, cell, self.names.own)

    def states_of(self, cell: Cell) -> list[int]:
        """Rows from the top: the cell state above the hidden state."""
        return sorted(cell.states, key=lambda k: self.steps[k].node.id)

    def through(self, j: int, cell: Cell) -> int:
        """What is read, through the plumbing of a cell."""
        while (
            j in cell.ops and j not in cell.states and self.steps[j].node.op.name in PLUMBING
            and self.line.sources(j)
        ):  # fmt: skip
            j = self.line.sources(j)[0][0]
        return j

    def heads(self, j: int, n: int) -> list[tuple[Box, Numbers | None]]:
        """What reads a value in the n-th cell: its box; in detail the ops within it."""
        found = [
            (self.op_of[k], self.sums.flow.edges.get((k, i)))
            for k, i in self.structure.reads[j, n] if k in self.op_of
        ]  # fmt: skip
        box = self.box.get(n)
        return found or ([(box, self.sums.links.get((j, n)))] if box is not None else [])

    def sources(self, n: int) -> list[int]:
        """What the n-th cell reads, weights in the order of their names in the op."""
        return sorted(j for j, m in self.structure.reads if m == n)

    def is_pill(self, j: int) -> bool:
        node = self.steps[j].node
        used = self.structure.columns_of.get(j, ())
        if node.op is None and node.is_parameter:  # a frozen one, too
            return bool(used)
        return j in self.shared or (node.op is None and node.requires_grad and len(used) > 1)

    def equal(self, i: int, j: int) -> bool:
        """Whether two inputs are the same item of one sequence, which both directions read."""
        a, b = self.steps[i].node, self.steps[j].node
        if a.op is not None and b.op is not None:
            same = self.line.sources(i)[0][:2] == self.line.sources(j)[0][:2]
            return same and a.params == b.params
        x, y = array_of(self.steps, i), array_of(self.steps, j)
        return a.op is b.op and x is not None and y is not None and np.array_equal(x, y)

    def is_given(self, j: int, n: int, cell: Cell) -> bool:
        """Whether a source is worth a box: an input of the step; not a constant of the formula."""
        node = self.steps[j].node
        if not written(node):
            return bool(cell.states) or node.requires_grad
        if not cell.states:
            return False
        uses = self.structure.reads[j, n]
        return any(len(self.numbers[self.structure.slot(k), i]) > 1 for k, i in uses) and not any(
            (self.structure.slot(k), i) in self.structure.slots for k, i in uses
        )

    def alike(self, cell: Cell, k: int) -> list[int]:
        """The same state in all time steps."""
        role = cell.run, cell.roles[cell.states.index(k)]
        return [s for c in self.structure.all for s, place in zip(c.states, c.roles, strict=True)
                if (c.run, place) == role]  # fmt: skip

    def leaves(self, k: int, cell: Cell) -> bool:
        """Whether something outside of the cell reads a step, or it is the root."""
        return k == self.last or any(c not in cell.ops for c, _ in self.line.consumers(k))

    def row_of(self, cell: Cell, k: int) -> int:
        return self.states_of(cell).index(k) if k in cell.states else 0
