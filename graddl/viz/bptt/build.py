"""A BpttView from a graph's structure and one pass's numbers: lanes, and arrows between them."""

from typing import Any

from ..graph import written
from ..numbers import Numbers, pooled
from .boxes import Boxes
from .gates import gates_of
from .ledger import ledger, together
from .naming import kind_of
from .parts import Arrow, BpttView, Gap, Lane
from .structure import Cell


class Builder(Boxes):
    """Makes the view step by step."""

    def build(self, root: Any, level: str) -> BpttView:
        view, output = self.view, getattr(root, "node_output", 0)
        self.last = self.root_step(output)
        word = "loss" if root.size == 1 else "y"
        view.subject = self.names.own.get((self.last, output)) or word
        cell = self.structure.owner.get(self.last)
        if cell is not None and self.last in cell.states:
            view.subject = self.names.state(cell, self.last)
        view.detail = level
        view.total = len(self.steps)
        self.collect_numbers()
        lanes = self.passes() if view.rolled else self.shown
        hidden = [c for c in self.columns if c not in lanes]
        for column in self.columns:
            if column in lanes:
                self.lane(column, level)
            elif column == hidden[0] and not view.rolled:
                self.gap(hidden)
        self.end()
        if view.rolled:
            self.stand_in()
        for n, cell in enumerate(self.structure.all):
            self.reads(n, cell)
        self.merge()
        if view.rolled:
            self.bare()
        view.ledgers = together([ledger(self, j) for j in self.shared])
        view.title = self.title()
        return view

    def title(self) -> str:
        kinds = []
        for column in self.columns[:1]:
            for cell in self.structure.cells.get(column, ()):
                found = kind_of(self.structure, cell, len(gates_of(self.structure, cell, {})))
                kinds.append(found if found in ("LSTM", "GRU") else "RNN")
        kind = kinds[0] if len(set(kinds)) == 1 else "loop"
        n = len(self.columns)
        many = f"{n} step{'s' if n != 1 else ''}"
        how = f"rolled up, {many}" if self.view.rolled else f"unrolled over {many}"
        return f"{kind} {how}: backpropagation through time"

    def stand_in(self) -> None:
        """Of a picture rolled up, the boxes that are shown stand for the cells that are not."""
        shown = {(c.run, tuple(c.roles)): self.box[n] for n, c in enumerate(self.structure.all)
                 if n in self.box and c.states}  # fmt: skip
        for n, cell in enumerate(self.structure.all):
            if n not in self.box and (cell.run, tuple(cell.roles)) in shown:
                self.box[n] = shown[cell.run, tuple(cell.roles)]
                self.hidden.add(n)

    def collect_numbers(self):
        """Numbers written into a loop are inputs where they differ from step to step."""
        for (j, n), uses in self.structure.reads.items():
            if written(self.steps[j].node) and self.structure.all[n].column is not None:
                for k, i in uses:
                    if k in self.structure.owner and self.structure.all[n].states:
                        slot = self.structure.slot(k), i
                        self.numbers.setdefault(slot, {})[self.steps[j].node.value] = True

    def merge(self) -> None:
        """One arrow in place of many from a gap to the loss."""
        gaps = {lane.box.id for lane in self.view.lanes if isinstance(lane, Gap)}
        found: dict[tuple, list[Arrow]] = {}
        for n, a in enumerate(self.view.arrows):
            alone = a.tail not in gaps or a.kind != "up"
            found.setdefault((n,) if alone else (a.tail, a.head), []).append(a)
        for group in found.values():
            grads = [a.grad for a in group if a.grad is not None]
            group[0].grad = pooled(grads) if grads else None
        self.view.arrows = [group[0] for group in found.values()]

    def bare(self) -> None:
        """In a picture rolled up, what changes with the steps has no numbers; a loop is added."""
        for lane in [x for x in self.view.lanes if isinstance(x, Lane)]:
            for box in (*lane.inputs, *lane.outputs):
                box.bare = True
            for cell in lane.cells:
                for row, state in enumerate(cell.states):
                    arrow = Arrow(cell.id, cell.id, "loop", state.grad, slot=(row, row))
                    self.view.arrows.append(arrow)
        self.view.notes.append("numbers over all steps: root mean square")

    def reads(self, n: int, cell: Cell) -> None:
        """Arrows from what the n-th cell reads of other cells."""
        if n not in self.box:
            return
        for j in self.sources(n):
            grad, wants = self.sums.links.get((j, n)), self.steps[j].node.requires_grad
            start = j in self.structure.starts
            if n in self.hidden and not self.structure.carries(j, n) and not start:
                continue
            if j in self.line.picks:
                for p in self.line.picks[j]:
                    self.join_item(p, j, n)
            elif j in self.structure.owner:
                self.join(j, n, grad, wants)
            elif j in self.structure.starts and cell.states:
                self.begin(j, n, cell, grad)

    def join(self, j: int, n: int, grad: Numbers | None, wants: bool, cut: bool = False) -> None:
        """An arrow from the cell that made a value to the n-th cell."""
        maker = self.structure.owner[j]
        tail = self.state_of.get(j) or self.box.get(self.number[id(maker)])
        heads = [(self.box[n], grad)] if cut else self.heads(j, n)
        carries = cut or self.structure.carries(j, n)
        for head, part in heads:
            if tail is None or tail is head:
                continue
            if head.kind == "loss" and part is not None and part.size == 0:
                continue  # a stack of all states, of which the loss takes some
            kind = "state" if carries else "up"
            slot = self.row_of(maker, j), self.slot_read(j, n)
            self.view.arrows.append(Arrow(tail.id, head.id, kind, part, wants, cut, slot))

    def join_item(self, p: int, j: int, n: int) -> None:
        """Arrows from a cell to what reads an item of what was made of all its states."""
        maker = self.structure.owner[p]
        tail = self.state_of.get(p) or self.box.get(self.number[id(maker)])
        for head, grad in self.heads(j, n):
            if tail is not None and tail is not head:
                slot = self.row_of(maker, p), 0
                self.view.arrows.append(Arrow(tail.id, head.id, "up", grad, slot=slot))

    def slot_read(self, j: int, n: int) -> int:
        """Which row of the n-th cell a state of another step goes into: that of its role."""
        cell, maker = self.structure.all[n], self.structure.owner[j]
        if j not in maker.states or not cell.states:
            return 0
        role = maker.roles[maker.states.index(j)]
        for row, k in enumerate(self.states_of(cell)):
            if cell.roles[cell.states.index(k)] == role:
                return row
        return 0

    def begin(self, j: int, n: int, cell: Cell, grad: Numbers | None) -> None:
        """The state that a loop starts from: a cut edge, a box, or nothing if it is all zeros."""
        k = self.line.cuts.get((j, 0))
        if k is not None and k in self.structure.owner:
            self.join(k, n, None, False, cut=True)
            return
        node = self.steps[j].node
        data = self.data(j)
        if not node.requires_grad and (data is None or data.size == 0):
            if data is not None:
                self.view.notes.append("the first state is 0")
            self.view.notes = list(dict.fromkeys(self.view.notes))
            return
        if self.structure.starts[j] != n or self.box[n].kind == "gap":
            return
        row = self.slot_of_start(j, n)
        name = self.names.start_given(j) or self.names.start(cell, self.states_of(cell)[row])
        box = self.leaf("start", name, j, back=cell.back)
        box.note = "" if node.requires_grad else "✂"
        self.view.starts.append(box)
        for head, part in self.heads(j, n):
            self.view.arrows.append(Arrow(box.id, head.id, "state", part, node.requires_grad,
                                          not node.requires_grad, (0, row)))  # fmt: skip

    def slot_of_start(self, j: int, n: int) -> int:
        """Which row of its cell a first state goes into."""
        cell = self.structure.all[n]
        role = self.structure.role_of_start(j, n)
        return self.states_of(cell).index(cell.states[cell.roles.index(role)])
