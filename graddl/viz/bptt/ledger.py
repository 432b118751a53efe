"""What each time step adds to the gradient of a shared parameter."""

from dataclasses import replace
from typing import Any

from .parts import Entry, Ledger
from .sums import OUTSIDE


def ledger(builder: Any, j: int) -> Ledger:
    """The entries of the steps that are shown, one for all others, and the sum.

    Of an array an entry is the norm of the contribution; the contributions add up element by
    element, norms do not: the last line is the norm of the sum.
    """
    sums, node = builder.sums, builder.steps[j].node
    shape = tuple(node.shapes[0] or ())
    known = not sums.flow.missing and j in sums.totals
    entries = []

    def entry(label, key, count=1):
        size, value = sums.terms.get((j, key), (None, 0.0 if known else None))
        entries.append(Entry(label, value, size, count))

    used = builder.structure.columns_of[j]
    hidden = [c for c in used if c not in builder.shown]
    for column in sorted(used):
        if column in builder.shown:
            entry(f"t = {builder.line.label[column]}", column)
        elif column == min(hidden):
            entry(f"{len(hidden)} more", "hidden", len(hidden))
    if (j, OUTSIDE) in sums.terms:
        entry("outside", OUTSIDE)
    total = sums.totals[j][1] if known else None
    one = all(n == 1 for n in shape)
    names = [builder.names.short(j)], [builder.names.full(j)]
    return Ledger(*names, shape, node.is_parameter, len(used), entries, total, one)


def together(ledgers: list[Ledger]) -> list[Ledger]:
    """Parameters whose steps add the same, as the two biases of a cell, in one ledger."""
    found: list[Ledger] = []
    for x in ledgers:
        twin = next((k for k, y in enumerate(found) if alike(x, y)), None)
        if twin is None:
            found.append(x)
        else:
            y = found[twin]
            found[twin] = replace(y, names=[*y.names, *x.names], full=[*y.full, *x.full])
    return found


def alike(x: Ledger, y: Ledger) -> bool:
    known = x.parameter and y.parameter and x.total is not None
    return known and (x.shape, x.total, x.entries) == (y.shape, y.total, y.entries)
