"""The ops within a cell, for the details "ops" and "values": where each stands, and arrows."""

from typing import Any

from ..names import clean
from .parts import Arrow, Box, Lane
from .structure import PLUMBING, Cell


def inside(builder: Any, cell: Cell, lane: Lane, box: Box, names: dict, level: str) -> None:
    """Fill the lane with the ops of a cell, and a box for each of its states."""
    steps = builder.steps
    ops = sorted(cell.ops, key=lambda k: steps[k].node.id)
    seen = [k for k in ops if steps[k].node.op.name not in PLUMBING or k in cell.states]
    reads = {k: {builder.through(j, cell) for j, _, _ in builder.line.sources(k)} for k in seen}
    spots = Grid(cell, seen, reads, builder, list(names)).spots
    for k in seen:
        op = steps[k].node.op
        sign = clean(op.info.get("symbol") or op.name, 8)
        made = builder.new("op", sign, note=names.get(k, ""), lane=box.lane, spot=spots[k])
        made.tip = op.name
        if level == "values":
            made.kind, made.data, made.grad = "value", builder.data(k), builder.grad(k)
        builder.op_of[k] = made
    for name, k in zip([s.name for s in box.states], builder.states_of(cell), strict=True):
        state = builder.new("state", name, lane=box.lane, spot=(spots[k][0] + 1, spots[k][1]))
        state.data, state.grad = builder.data(k), builder.grad(k)
        state.role = "output" if k == builder.last else "value"
        builder.state_of[k] = state
    for k in seen:
        for j, i in [(j, i) for j, _, i in builder.line.sources(k)]:
            j = builder.through(j, cell)
            if j in cell.ops:
                tail = builder.state_of.get(j) or builder.op_of[j]
                grad = builder.sums.flow.edges.get((k, i))
                builder.view.arrows.append(Arrow(tail.id, builder.op_of[k].id, "inner", grad))
    for k in cell.states:
        ends = builder.op_of[k].id, builder.state_of[k].id
        builder.view.arrows.append(Arrow(*ends, "inner", builder.grad(k)))
    lane.inner[box.id] = [builder.op_of[k] for k in seen] + [
        builder.state_of[k] for k in builder.states_of(cell)
    ]
    box.kind = "frame"


class Grid:
    """Column and row of each op of a cell.

    Columns are the longest ways from what the cell reads. A state's own way, from where it is read
    to where it is made anew, is a row; the ops of other ways stand between these rows, and those
    that read nothing of the cell under the op that reads them.
    """

    def __init__(self, cell: Cell, seen: list, reads: dict, builder: Any, gates: list):
        self.cell, self.seen, self.reads = cell, seen, reads
        self.users = {k: [u for u in seen if k in reads[u]] for k in seen}
        self.gates = gates
        self.weighted = {k for k in seen if any(
            builder.is_pill(j) for j, _, _ in builder.line.sources(k))}  # fmt: skip
        paths = [self._path(builder, k) for k in builder.states_of(cell)]
        on_path = {k for path in paths for k in path}
        loose = [k for k in seen if k not in on_path]
        below = [k for k in loose if not reads[k] & set(seen)]
        between = [k for k in loose if k not in below]
        column = self._columns(below)
        row: dict[int, int] = {}
        for n, path in enumerate(paths):  # the first row is the cell state's, the last one's h
            row.update({k: n for k in path if k not in row})
        if len(paths) > 1:
            depth = self._stack(between, column, row, 1)
            for k in paths[-1]:
                row[k] = depth if row[k] else 0
        else:
            depth = self._stack(between, column, row, 1) - 1
        self._stack(below, column, row, depth + 1)
        self.spots = {k: (column[k], row[k]) for k in seen}

    def _columns(self, below):
        """No column has weights under two of its ops: the second one moves on."""
        least: dict[int, int] = {}
        hung: dict[int, int] = {}  # an op under the one that reads it: one for each
        for k in below:
            if len(self.users[k]) == 1 and self.users[k][0] not in self.weighted:
                hung.setdefault(self.users[k][0], k)
        while True:
            column: dict[int, int] = {}
            for k in self.seen:
                before = [column[j] + 1 for j in self.reads[k] if j in column]
                column[k] = max([*before, least.get(k, 0)])
            for user, k in hung.items():
                column[k] = column[user]
            taken: dict[int, int] = {}
            for k in sorted(
                self.weighted, key=lambda k: (k not in hung.values(), column[k], self.seen.index(k))
            ):
                if taken.setdefault(column[k], k) != k:
                    least[k] = column[k] + 1
                    break
            else:
                return column

    def _path(self, builder, state):
        """The shortest way from the state before to this one."""
        role = self.cell.roles[self.cell.states.index(state)]
        slots = builder.structure.slots_of.get(role, set())
        starts = [k for k in self.seen
                  if any((builder.structure.slot(k), i) in slots for i in range(8))]  # fmt: skip
        queue = [[k] for k in starts]
        for path in queue:  # grows while it is walked
            if path[-1] == state:
                return path
            used = {p[-1] for p in queue}
            queue += [[*path, u] for u in self.users[path[-1]]
                      if u not in used and (u == state or u not in self.cell.states)]  # fmt: skip
        return [state]

    def _stack(self, ops, column, row, first):
        """Rows for ops that share columns; the row after the last of them."""
        taken: dict[int, set] = {}
        last = first - 1
        order = {k: n for n, k in enumerate(self.gates)}
        for k in reversed(ops):  # what leads to a gate stands in its row
            order.setdefault(k, min((order[u] for u in self.users[k] if u in order), default=99))
        for k in sorted(ops, key=lambda k: (column[k], order[k], k)):
            wish = [row[j] for j in self.reads[k] if j in row and row[j] >= first]
            at = max(min(wish, default=first), first)
            while at in taken.setdefault(column[k], set()):
                at += 1
            taken[column[k]].add(at)
            row[k] = at
            last = max(last, at)
        return last + 1
