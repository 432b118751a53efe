"""What a time step is made of: cells with their states, inputs, shared weights, outputs."""

from collections import Counter
from dataclasses import dataclass, field

from ..graph import written
from .timeline import Timeline

PLUMBING = {"stack", "getitem", "reshape", "moveaxis", "expand_dims", "squeeze", "identity",
            "astype", "concatenate", "to_scalar", "from_scalar"}  # fmt: skip


@dataclass
class Cell:
    """The ops of one layer in one time step, or (without states) what is made of the states there.

    Attributes
    ----------
    column : int; None of what comes after the loop
    ops : set of steps
    states : list of steps that other columns read, or that leave the loop; empty for an output
    run : which run of a loop it is of
    back : bool
        Whether it reads the state of the step after it: the other direction of two.
    roles : for each state its place among the ops of a column
    """

    column: int | None
    ops: set
    states: list = field(default_factory=list)
    run: object = None
    back: bool = False
    roles: list = field(default_factory=list)

    @property
    def time(self) -> int:
        """The column of a cell that is in one."""
        assert self.column is not None
        return self.column


class Structure:
    """The cells of all columns, and what each reads.

    Attributes
    ----------
    cells, outputs : dict from a column to a list of Cell
    owner : dict from a step to its Cell
    reads : dict from (source, Cell's number) to the (step, argument) that read it
    columns_of : dict from a leaf to the columns that use it
    slots : set of (op, argument) that read states of other steps; `slots_of`: by their role
    starts : dict from a leaf, the state that a loop begins with, to the number of its first Cell
    """

    def __init__(self, line: Timeline):
        self.line, self.steps = line, line.steps
        self.ops = self._ops()
        self.states, self.back = self._states()
        self.cells: dict[int, list[Cell]] = {}
        self.outputs: dict[int, list[Cell]] = {}
        self.owner: dict[int, Cell] = {}
        for column, ops in sorted(self.ops.items()):
            self._build(column, ops)
        self.all = [c for n in sorted(self.cells) for c in (*self.cells[n], *self.outputs[n])]
        self.after = Cell(None, line.after)
        self.all.append(self.after)
        self.owner.update(dict.fromkeys(line.after, self.after))
        self.reads: dict[tuple, list] = {}
        self.columns_of: dict[int, list[int]] = {}
        for n, cell in enumerate(self.all):
            for k in sorted(cell.ops):
                for j, _, i in line.sources(k):
                    if self.owner.get(j) is not cell:
                        self.reads.setdefault((j, n), []).append((k, i))
                        used = self.columns_of.setdefault(j, [])
                        if cell.column is not None and cell.column not in used:
                            used.append(cell.column)
        self.starts = self._starts()

    def visible(self, ops: set) -> list[int]:
        """The ops that are more than plumbing."""
        return [k for k in ops if self.steps[k].node.op.name not in PLUMBING]

    def is_input(self, k: int) -> bool:
        """Whether an op takes one item of what was there before the loop: x[t]."""
        line, node = self.line, self.steps[k].node
        if k in line.picks:
            return True
        return node.op.name == "getitem" and all(
            line.column[j] is None for j, _, _ in line.sources(k)
        )

    def _ops(self):
        """The ops of each column in the order in which they ran."""
        found: dict[int, list[int]] = {}
        for k, column in enumerate(self.line.column):
            if column is not None and k not in self.line.same and k not in self.line.after:
                if not self.is_input(k):
                    found.setdefault(column, []).append(k)
        for ops in found.values():
            ops.sort(key=lambda k: self.steps[k].node.id)
        return found

    # -------------------------------------------------------------------------------------states
    def _states(self):
        """Steps that carry a state -> their place among the ops of a column, for each run alike."""
        line, states, back = self.line, dict[int, int](), set()
        places: dict = {}
        lists: dict = {}
        for column, ops in self.ops.items():
            for k in ops:
                lists.setdefault((line.run[k], column), []).append(k)
        for (run, column), ops in lists.items():
            for place, k in enumerate(ops):
                ends = {line.column[c] for c, _ in line.consumers(k) if c not in line.after}
                across = {c for c in ends if c is not None and c != column}
                if across:
                    places.setdefault(run, Counter())[place, self.steps[k].node.op.name] += 1
                    states[k] = place
                    if max(across) < column:
                        back.add((run, place))
        for (run, _), ops in lists.items():
            usual = [p for p, n in places.get(run, Counter()).items() if n * 2 >= max(
                places[run].values())]  # fmt: skip
            for place, name in usual:
                if place < len(ops) and self.steps[ops[place]].node.op.name == name:
                    states.setdefault(ops[place], place)
            if not usual:  # one step only: what leaves it
                for place, k in enumerate(ops):
                    if not {c for c, _ in line.consumers(k)} & set(ops):
                        states[k] = place
        return states, {k for k in states if (line.run[k], states[k]) in back}

    # --------------------------------------------------------------------------------------cells
    def _build(self, column, ops):
        """Divide the ops of a column: those that a state needs form its cell."""
        inside = set(ops)
        regions: list[tuple[set, list]] = []
        for k in [k for k in ops if k in self.states]:
            region, queue = {k}, [k]
            for s in queue:  # grows while it is walked
                for j, _, _ in self.line.sources(s):
                    if j in inside and j not in region and j not in self.states:
                        region.add(j)
                        queue.append(j)
            states = [k]
            for other in [r for r in regions if r[0] & region]:
                regions.remove(other)
                region, states = region | other[0], other[1] + states
            regions.append((region, states))
        self.cells[column] = [
            Cell(column, region, states, self.line.run[states[0]], states[0] in self.back,
                 [self.states[k] for k in states])
            for region, states in regions
        ]  # fmt: skip
        rest = inside.difference(*[r for r, _ in regions])
        self.outputs[column] = [Cell(column, rest)] if rest else []
        for cell in (*self.cells[column], *self.outputs[column]):
            self.owner.update(dict.fromkeys(cell.ops, cell))

    def _starts(self):
        """What the states begin with: read where other columns read a state."""
        self.slots_of: dict[int, set] = {}
        for (j, n), uses in self.reads.items():
            if self.carries(j, n):
                self.slots_of.setdefault(self.states[j], set()).update(
                    (self.slot(k), i) for k, i in uses
                )
        slots = self.slots = set().union(*self.slots_of.values())
        given = {place[0] for p in self.line.graph.fused for name, place in p.given.items()
                 if name in ("h0", "c0")}  # fmt: skip
        found: dict[int, int] = {}
        for (j, n), uses in self.reads.items():
            node = self.steps[j].node
            if j in self.states or node.is_parameter or written(node):
                continue
            if self.all[n].column is None:
                continue
            if self.line.column[j] is None and (
                j in given or any((self.slot(k), i) in slots for k, i in uses)
            ):
                found[j] = min(found.get(j, n), n)
        return found

    def role_of_start(self, j: int, n: int) -> int:
        """Which state of its cell a first state becomes: the role of those that take its place."""
        uses = {(self.slot(k), i) for k, i in self.reads[j, n]}
        cell = self.all[n]
        found = [r for r, slots in self.slots_of.items() if r in cell.roles and uses & slots]
        return found[0] if found else cell.roles[-1]

    def carries(self, j: int, n: int) -> bool:
        """Whether the n-th cell reads a state of another time step."""
        return j in self.states and self.all[n].column not in (None, self.line.column[j])

    def slot(self, k):
        """Which op of a time step a step is: the same in all columns."""
        ops = self.ops[self.line.column[k]]
        mine = [s for s in ops if self.line.run[s] == self.line.run[k]]
        return self.line.run[k], mine.index(k), self.steps[k].node.op.name
