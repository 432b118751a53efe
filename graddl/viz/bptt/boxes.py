"""The boxes of a BpttView: those of a lane, of the steps left out, of the loss."""

from ..numbers import pooled
from .gates import gates_of, gates_over
from .inner import inside
from .maker import Maker
from .naming import formula, kind_of, layer_of, shortened, symbols
from .parts import Arrow, Box, Gap, Lane, State
from .structure import Cell

SIMPLE = {"+", "Σ"}  # signs of a sum over the steps


class Boxes(Maker):
    """Lanes with their boxes, and the arrows within them."""

    def lane(self, column: int, level: str) -> None:
        lane = Lane(f"t = {self.line.label[column]}")
        if self.view.rolled:
            lane.label = f"×{self.passes()[column]} steps"
        place = len(self.view.lanes)
        self.view.lanes.append(lane)
        cells = self.structure.cells.get(column, [])
        given: dict[int, Box] = {}
        for cell in (*cells, *self.structure.outputs.get(column, [])):
            n = self.number[id(cell)]
            pills: list[Box] = []
            for j in self.sources(n):
                self.source(j, n, cell, lane, given, pills)
            box = self.cell(cell, place) if cell.states else self.output(cell, place)
            self.box[n] = box
            (lane.cells if cell.states else lane.outputs).append(box)
            if pills:
                lane.pills[box.id] = pills
            if level != "layers" and cell.states:
                inside(self, cell, lane, box, self.gates(cell), level)
            for pill, j in zip(pills, [j for j in self.sources(n) if self.is_pill(j)], strict=True):
                for head, grad in self.heads(j, n):
                    if self.view.rolled:
                        grad = self.sums.totals.get(j, (None,))[0]
                    wants = self.steps[j].node.requires_grad
                    self.view.arrows.append(Arrow(pill.id, head.id, "weight", grad, wants))
            for j, item in given.items():
                if (j, n) in self.structure.reads:
                    for head, grad in self.heads(j, n):
                        wants = self.steps[j].node.requires_grad
                        self.view.arrows.append(Arrow(item.id, head.id, "input", grad, wants))

    def source(
        self, j: int, n: int, cell: Cell, lane: Lane, given: dict[int, Box], pills: list[Box]
    ) -> None:
        """The box of what a cell reads, unless that is a state, or made in the same lane."""
        node, place = self.steps[j].node, len(self.view.lanes) - 1
        if j in self.structure.owner or (j in self.structure.starts and cell.states):
            return
        if j in self.line.picks:
            return
        if self.is_pill(j):
            role = "parameter" if node.is_parameter else "input"
            box = self.new(
                "pill", self.names.short(j), lane=place, role=role, tip=self.names.full(j)
            )
            box.grad = self.sums.links.get((j, n))
            pills.append(box)
            return
        if not self.is_given(j, n, cell):
            return
        if j not in given:
            same = next((i for i in given if self.equal(i, j)), None)
            if same is None:
                nth = sum(not self.names.is_mask(i) for i in given)
                name = self.names.input(j, cell.time, nth)
                lane.inputs.append(self.leaf("input", name, j, lane=place))
            given[j] = lane.inputs[-1] if same is None else given[same]

    def cell(self, cell: Cell, place: int) -> Box:
        kind = kind_of(self.structure, cell, len(gates_of(self.structure, cell, {})))
        layers = {layer_of(self.structure, c) for c in self.structure.cells[cell.time]}
        layer = layer_of(self.structure, cell) if len(layers) > 1 else ""
        box = self.new("cell", kind, note=layer, lane=place, back=cell.back)
        for k in self.states_of(cell):
            alike = self.alike(cell, k) if self.view.rolled else [k]
            data = pooled([self.data(s) for s in alike])
            grad = pooled([self.grad(s) for s in alike])
            box.states.append(State(self.names.state(cell, k), data, grad))
        if cell.ops and not self.line.graph.blind & cell.ops:
            cells = [cell]
            if self.view.rolled:
                role = cell.run, cell.roles
                cells = [c for c in self.structure.all if (c.run, c.roles) == role]
            box.gates = gates_over(self.structure, cells, self.names.own)
        box.shape = tuple(self.steps[cell.states[-1]].node.shapes[0])
        box.tip = formula(self.structure, self.names, cell, cell.states[-1], 100)
        if self.last in cell.states:
            box.role = "output"
        return box

    def output(self, cell: Cell, place: int) -> Box:
        ends = [k for k in sorted(cell.ops) if self.leaves(k, cell)]
        k = ends[-1] if ends else max(cell.ops)
        node = self.steps[k].node
        letter = "loss" if all(n == 1 for n in node.shapes[0]) else "y"
        name = self.names.own.get((k, 0)) or letter
        if k == self.last:
            name = self.view.subject
        elif (k, 0) not in self.names.own:
            name += self.names.at(cell.time)
        words = formula(self.structure, self.names, cell, k, 18)
        box = self.new("output", name, lane=place, data=self.data(k), grad=self.grad(k))
        box.role = "output" if k == self.last else "value"
        box.tip, box.rows = formula(self.structure, self.names, cell, k, 100), [words]
        return box

    def gap(self, hidden: list[int]) -> Gap:
        many = f"{len(hidden)} step{'s' if len(hidden) > 1 else ''}"
        box = self.new("gap", f"⋯ {many}", lane=len(self.view.lanes))
        found = Gap(box, len(hidden))
        for column in hidden:
            cells = self.structure.cells.get(column, ())
            grads = [self.grad(c.states[-1]) for c in cells if c.states]
            if grads and grads[0] is not None:
                found.strip.append(grads[0])
            for cell in (*cells, *self.structure.outputs.get(column, ())):
                self.box[self.number[id(cell)]] = box
        self.view.lanes.append(found)
        return found

    def end(self) -> None:
        """The loss, and the ops that lead to it from the last step or from all of them."""
        n = self.number[id(self.structure.after)]
        if not self.structure.after.ops:
            return
        signs = symbols(self.structure, self.structure.after.ops - {0})
        box = self.new("loss", self.view.subject, data=self.data(self.last), role="output")
        box.grad = self.grad(self.last)
        box.tip = " ".join(signs)
        signs = signs if set(signs) - SIMPLE else ["Σ"]
        box.rows = [shortened(signs)] if signs else []
        for j in self.sources(n):
            if self.steps[j].node.is_parameter and self.steps[j].node.requires_grad:
                pill = self.new("pill", self.names.short(j), role="parameter")
                pill.grad, pill.note = self.sums.links.get((j, n)), "once"
                pill.tip = self.names.full(j)
                self.view.arrows.append(Arrow(pill.id, box.id, "weight", pill.grad))
                self.view.ends.append(pill)
        self.box[n] = box
        self.view.ends.append(box)
