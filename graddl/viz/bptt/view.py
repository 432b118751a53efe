"""From a graph to a BpttView."""

from typing import Any

import numpy as np

from ...errors import ArgumentError, GradientError
from ..graph import written
from ..options import at_least, drawable, one_of, ramp
from ..unfold import RELEASED, unfold
from ..values import array_of
from .build import Builder
from .naming import Names
from .parts import BpttView
from .place import PAGE, width
from .structure import Structure
from .sums import Sums
from .timeline import Timeline

DETAILS = ("auto", "values", "ops", "layers")
ALL = 12  # up to so many steps each has its lane
ENDS = 3  # of more, so many at either end
VALUES = ("input", "output", "loss", "start", "state", "value")
FEW, SMALL = 3, 8  # up to so many steps, of cells of so many ops, "auto" shows the ops


def view(
    root: Any,
    *,
    detail: str = "auto",
    names: dict | None = None,
    max_nodes: int = 60,
    collapse: Any = None,
    range: tuple | None = None,
) -> BpttView:
    """What a picture of backpropagation through time shows.

    Parameters
    ----------
    root : Tensor or Scalar
    detail : "auto", "values", "ops" or "layers"
        Within a cell every op and value, or every op; or one box for each cell. "auto": ops where
        up to 3 steps fit a page, else layers.
    names : dict, optional
    max_nodes : int
        In a larger picture fewer steps are shown.
    collapse : True, optional
        One cell with a loop, "rolled", in place of a lane for each step.
    range : (low, high), optional
        The gradients at the ends of the ramp.

    Raises
    ------
    ArgumentError
        An option is unknown, or nothing in the graph belongs to a time step.
    GradientError
        `root` wants no gradient.
    """
    drawable(root)
    one_of("detail", detail, DETAILS, "detail='auto'")
    at_least("max_nodes", max_nodes, 8, "max_nodes=60")
    if not root.requires_grad:
        raise GradientError(
            "no gradient flows through a result that wants none", op="draw", got=repr(root)[:80],
            expected="a loss that depends on parameters", fix="mode='data'",
        )  # fmt: skip
    graph = unfold(root)
    line = Timeline(graph)
    if not any(c is not None for c in line.column):
        raise ArgumentError(
            "nothing in the graph belongs to a time step", op="draw", got="mode='bptt'",
            expected="a recurrent layer, or a loop with gd.timestep(t)",
            fix="with gd.timestep(t): around the whole of each step",
        )  # fmt: skip
    structure = Structure(line)
    find_cuts(structure)
    called = Names(structure, names)
    columns = sorted({*structure.cells, *structure.outputs})
    shown = chosen(columns, max_nodes, structure)
    shared = sorted(j for j, used in structure.columns_of.items() if is_shared(structure, j, used))
    sums = Sums(structure, shared, set(columns) - set(shown))

    def built(level):
        builder = Builder(structure, sums, called, shared, columns, shown, bool(collapse))
        return builder.build(root, level)

    out = built("layers" if collapse or detail == "auto" else detail)
    if detail == "auto" and not collapse and few(structure, columns):
        finer = built("ops")
        if finer.shown <= max_nodes and width(finer) <= PAGE:
            out = finer
    out.range = ramp(range)
    if sums.flow.missing:
        out.notes.append(sums.flow.missing)
    if graph.blind:
        out.notes.append(RELEASED)
    elif any(box.data is None and not box.bare for box in out.nodes if box.kind in VALUES):
        out.notes.append("– not kept: hold on to the tensor, or compute under gd.record()")
    if line.between:
        out.notes.append("▲ ops between the steps are not shown: gd.timestep(t) goes around all")
    if root.size != 1:
        out.notes.append(f"gradient of the sum of {out.subject}")
    if len(shown) < len(columns) and not out.rolled:
        out.notes.append(f"{len(shown)} of {len(columns)} steps shown")
    return out


def is_shared(structure: Structure, j: int, used: list[int]) -> bool:
    """Whether a leaf that wants a gradient is used in more than one time step."""
    node = structure.steps[j].node
    again = len(used) > 1 or (node.is_parameter and bool(used))
    return node.op is None and node.requires_grad and again


def few(structure: Structure, columns: list[int]) -> bool:
    """Whether "auto" tries to show the ops: few steps of small cells."""
    cells = [cell for n in columns for cell in structure.cells.get(n, ())]
    small = all(len(structure.visible(cell.ops)) <= SMALL for cell in cells)
    return len(columns) <= FEW and small


def chosen(columns: list[int], max_nodes: int, structure: Structure) -> list[int]:
    """The time steps that get a lane: all up to 12, else the first and the last ones."""
    options = [columns] if len(columns) <= ALL else []
    options += [columns[:n] + columns[-n:] for n in range(ENDS, 0, -1) if 2 * n < len(columns)]
    options = options or [columns]
    return next((o for o in options if count(o, structure) <= max_nodes), options[-1])


def count(shown: list[int], structure: Structure) -> int:
    """How many boxes the lanes of these steps need, a box for each cell."""
    wanted = set(shown)
    leaves = {
        (j, n) for j, n in structure.reads
        if structure.all[n].column in wanted and structure.steps[j].node.op is None
        and not written(structure.steps[j].node)
    }  # fmt: skip
    cells = sum(len(structure.cells[c]) + len(structure.outputs[c]) for c in shown)
    return cells + len(leaves) + 4


def find_cuts(structure: Structure) -> None:
    """Detached states of loops by hand: each equal to a state of the step before."""
    line = structure.line
    for j, n in structure.starts.items():
        if (j, 0) in line.cuts or line.steps[j].node.requires_grad:
            continue
        value, column = array_of(line.steps, j), structure.all[n].time
        if value is None or not np.any(value):
            continue
        for cell in structure.cells.get(column - 1, []) + structure.cells.get(column + 1, []):
            for k in cell.states:
                other = array_of(line.steps, k)
                if other is not None and np.array_equal(other, value):
                    line.cuts.setdefault((j, 0), k)
