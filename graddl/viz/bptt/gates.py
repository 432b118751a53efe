"""The gates of a cell: its activations, named by the block of the weights that they come from."""

import numpy as np

from ..values import array_of
from .parts import Gate
from .structure import Cell, Structure

NAMES = {4: "ifgo", 3: "rzn"}
ORDER = {4: "figo", 3: "zrn"}
ACTIVATIONS = ("sigmoid", "tanh")


def gates_of(structure: Structure, cell: Cell, known: dict) -> dict[int, str]:
    """Step -> name, of an LSTM f i g o, of a GRU r z n; or the names that their user gave."""
    blocks: dict[int, int] = {}
    found = sorted(
        (k for k in cell.ops if structure.steps[k].node.op.name in ACTIVATIONS),
        key=lambda k: structure.steps[k].node.id,
    )
    for k in found:
        begin = block(structure, cell, k)
        if begin is not None:
            blocks[k] = begin
    named = {k: known[k, 0] for k in found if (k, 0) in known and k not in cell.states}
    starts = sorted(set(blocks.values()))
    if len(starts) != len(blocks) or len(starts) not in NAMES:
        return named
    letters = NAMES[len(starts)]
    by_name = {letters[starts.index(start)]: k for k, start in blocks.items()}
    return {by_name[letter]: named.get(by_name[letter], letter) for letter in ORDER[len(starts)]}


def block(structure: Structure, cell: Cell, k: int) -> int | None:
    """Where the block begins that an activation is made of, through sums and products."""
    queue, seen = [k], {k}
    for s in queue:  # grows while it is walked
        for j, _, _ in structure.line.sources(s):
            if j not in cell.ops or j in seen or j in cell.states:
                continue
            node = structure.steps[j].node
            if node.op.name == "getitem":
                index = (node.params or {}).get("index")
                last = index[-1] if isinstance(index, tuple) else index
                if isinstance(last, slice):
                    return last.start or 0
            if node.op.name in ("add", "multiply"):
                seen.add(j)
                queue.append(j)
    return None


def gates_over(structure: Structure, cells: list[Cell], known: dict) -> list[Gate]:
    """The gates of a cell over the batch and its units, or of a cell in several steps at once."""
    found: dict[str, list] = {}
    for cell in cells:
        for k, name in gates_of(structure, cell, known).items():
            found.setdefault(name, []).append(array_of(structure.steps, k))
    return [
        Gate(name, float(np.mean(arrays)), float(np.min(arrays)), float(np.max(arrays)))
        for name, arrays in found.items() if all(a is not None for a in arrays)
    ]  # fmt: skip
