"""What states, inputs and weights are called, and how ops read in one line."""

import re

from ..graph import written
from ..names import ATOM, HIDDEN, PREFIX, SUBSCRIPTS, clean, expression, given
from ..numbers import number
from .structure import PLUMBING, Cell, Structure

LONGEST = 12
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_INDEX = re.compile(r"[\d₀-₉]+$")


class Names:
    """`own`: (step, output) -> the name that its user gave it."""

    def __init__(self, structure: Structure, names: dict | None):
        self.structure, self.steps, self.rolled = structure, structure.steps, False
        self.own = given(self.steps, names)
        for k in range(len(self.steps)):  # a name of a tensor that is an item of a stack
            if (k, 0) in self.own and k in structure.line.same:
                self.own.setdefault(structure.line.same[k], self.own[k, 0])
        self.twins: dict[str, list[int]] = {}
        self.shift: dict = {}  # of a row of states whose start has a name: h₁ follows h₀
        self.letters = self._letters()
        self._number()
        self.single = not any("_l1" in (s.node.name or "") for s in self.steps)

    def _letters(self):
        """For each role of a state, (run, place), its letter: h, and c of an LSTM."""
        found: dict = {}
        for cells in self.structure.cells.values():
            for cell in cells:
                for k, place in zip(cell.states, cell.roles, strict=True):
                    name = self.own.get((k, 0))
                    if name:
                        found[cell.run, place] = _INDEX.sub("", name) or name
        for cells in self.structure.cells.values():
            for cell in cells:
                for k, place in zip(cell.states, cell.roles, strict=True):
                    found.setdefault((cell.run, place), self._letter(cell, k))
        return found

    def _letter(self, cell: Cell, k: int) -> str:
        """h is what leaves the cell; a state that another of its states is made of is c."""
        later = [s for s in cell.states if s != k]
        inside = self.structure.line
        made = any(c in cell.ops for c, _ in inside.consumers(k))
        return "c" if later and made else "h"

    def _number(self):
        """Let the states go on from the index in the name of the first one."""
        for j, n in self.structure.starts.items():
            cell, name = self.structure.all[n], self.start_given(j)
            if name is None or not cell.states:
                continue
            role = cell.run, self.structure.role_of_start(j, n)
            letter, index = _INDEX.sub("", name), _INDEX.search(name)
            if role in self.letters and index and letter:
                first = self.structure.line.label[cell.time]
                after = int(index[0].translate(DIGITS)) + (-1 if cell.back else 1)
                self.letters[role], self.shift[role] = letter, after - first

    def start_given(self, j: int) -> str | None:
        """The name that its user gave to a first state, or to what it is an item of."""
        node, line = self.steps[j].node, self.structure.line
        if (j, 0) not in self.own and node.op is not None and node.op.name == "getitem":
            j = line.sources(j)[0][0]
        return self.own.get((j, 0))

    def at(self, column: int, shift: int = 0) -> str:
        """The index of a time step; of a picture rolled up it is t."""
        return "ₜ" if self.rolled else subscript(self.structure.line.label[column] + shift)

    def state(self, cell: Cell, k: int) -> str:
        role = cell.run, cell.roles[cell.states.index(k)]
        return self.letters[role] + self.at(cell.time, self.shift.get(role, 0))

    def start(self, cell: Cell, k: int) -> str:
        """The name of the state before the first step, or after the last one of the way back."""
        letter = self.letters[cell.run, cell.roles[cell.states.index(k)]]
        return letter + subscript(self.structure.line.label[cell.time] + (1 if cell.back else -1))

    def full(self, j: int) -> str:
        return self.own.get((j, 0)) or self.by_argument(j)

    def by_argument(self, j: int) -> str:
        """The op's word for an array without a name."""
        c, i = self.steps[j].consumers[0]
        args = self.steps[c].node.op.args
        word = args[min(i, len(args) - 1)]
        return word if len(word) > 2 else f"w{subscript(j)}"

    def short(self, j: int) -> str:
        """A weight's name where there is little room: weight_ih_l0 is W_ih where one layer is."""
        name = self.full(j).rpartition(".")[2]
        name = name.replace("weight_", "W_").replace("bias_", "b_")
        if self.single:
            name = name.replace("_l0", "")
        name = name.replace("_reverse", "←")
        twins = self.twins.setdefault(name, [])  # weights of two layers that have one name
        if j not in twins:
            twins.append(j)
        if twins.index(j):
            name += f" ({twins.index(j) + 1})"
        return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"

    def is_mask(self, j: int) -> bool:
        """Whether an input says where a sequence has ended."""
        return str(self.steps[j].node.dtype) == "bool"

    def input(self, j: int, column: int, nth: int) -> str:
        """An input is called by what it is an item of; x first, a mask m."""
        name = self.own.get((j, 0))
        if name and not self.rolled:
            return name
        node = self.steps[j].node
        if node.op is not None:
            source = self.structure.line.sources(j)[0]
            name = self.own.get(source[:2])
        base = clean(name, 8) if name else "m" if self.is_mask(j) else "xuvs"[nth % 4]
        return base + self.at(column)


def subscript(n: int) -> str:
    return str(n).replace("-", "₋").translate(SUBSCRIPTS)


def symbols(structure: Structure, ops: set) -> list[str]:
    """The ops of a cell in the order in which they ran, each sign once, without plumbing."""
    found: list[str] = []
    for k in sorted(ops, key=lambda k: structure.steps[k].node.id):
        op = structure.steps[k].node.op
        sign = op.info.get("symbol") or op.name
        if op.name not in PLUMBING and sign not in found:
            found.append(clean(sign, LONGEST))
    return found


def formula(structure: Structure, names: Names, cell: Cell, k: int, longest: int) -> str:
    """A step as an expression of what its cell reads; its ops where that would be long."""
    texts: dict[int, tuple] = {}
    line = structure.line

    def part(j, o):
        node = structure.steps[j].node
        owner = structure.owner.get(j)
        if j in texts:
            return texts[j]
        if owner is not None and j in owner.states:
            return names.state(owner, j), ATOM
        if node.op is None and written(node):
            return number(node.value), PREFIX if node.value < 0 else ATOM
        return names.own.get((j, o)) or (names.short(j) if node.op is None else "…"), ATOM

    for s in sorted(cell.ops):
        parts = [part(j, o) for j, o, _ in line.sources(s)]
        texts[s] = expression(structure.steps[s].node, parts)
        if len(texts[s][0]) > longest:
            texts[s] = HIDDEN, ATOM
    found = texts[k][0]
    return shortened(symbols(structure, cell.ops)) if HIDDEN in found else found


def shortened(signs: list[str]) -> str:
    return " → ".join(signs if len(signs) <= 3 else [signs[0], "⋯", signs[-1]])


def kind_of(structure: Structure, cell: Cell, gates: int) -> str:
    """The word for a cell: LSTM, GRU, or what its state comes out of, such as tanh."""
    if gates in (4, 3):
        return {4: "LSTM", 3: "GRU"}[gates]
    op = structure.steps[cell.states[-1]].node.op
    sign = op.info.get("symbol") or op.name
    return clean(sign if sign.isalpha() else op.name if len(sign) > 3 else sign, LONGEST)


def layer_of(structure: Structure, cell: Cell) -> str:
    """The last name of the scope that a cell stands in."""
    scope = structure.steps[cell.states[-1]].node.scope if cell.states else None
    return clean((scope or "").rpartition(".")[2], LONGEST)
