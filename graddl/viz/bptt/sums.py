"""Sums over one backward pass: what each cell passes back, and what each step adds to a weight."""

from typing import Any

import numpy as np

from ..flow import Flow
from ..numbers import Numbers, summary
from ..unfold import flow_through
from .structure import Structure

OUTSIDE = None  # in place of a column: uses before or after the loop


class Sums:
    """Numbers of arrays that arrive in pieces; an array is kept no longer than until it is whole.

    Attributes
    ----------
    links : dict from (source, cell's number) to Numbers: what the cell passes back to the source
    terms : dict from (leaf, column) to (Numbers, norm, value if it is one number)
    totals : dict from leaf to the same of the sum over all columns
    flow : the gradients of all steps
    """

    def __init__(self, structure: Structure, shared: list[int], hidden: set[int]):
        self.links, self.terms = dict[tuple, Numbers](), dict[tuple, tuple]()
        self.totals = dict[int, tuple]()
        self.pieces: dict[tuple, list] = {}  # step and argument -> the sums that it is a part of
        self.open: dict[tuple, int] = {}
        self.sums: dict[tuple, Any] = {}
        for (j, n), uses in structure.reads.items():
            self._expect(("link", j, n), uses)
        line = structure.line
        for j in shared:
            columns: dict = {}
            for k, i in uses_of(structure, j):
                column = OUTSIDE if k in line.after else line.column[k]
                columns.setdefault(column, []).append((k, i))
            for column, uses in columns.items():
                self._expect(("term", j, column), uses)
            self._expect(("total", j), [use for uses in columns.values() for use in uses])
            inside = [use for c, uses in columns.items() if c in hidden for use in uses]
            if inside:
                self._expect(("term", j, "hidden"), inside)
        self.flow: Flow = flow_through(line.graph, self._arrive)
        self.sums.clear()

    def _expect(self, key, uses):
        self.open[key] = len(uses)
        for use in uses:
            self.pieces.setdefault(use, []).append(key)

    def _arrive(self, k, i, g):
        for key in self.pieces.get((k, i), ()):
            a = np.asarray(g)
            self.sums[key] = self.sums[key] + a if key in self.sums else a
            self.open[key] -= 1
            if not self.open[key]:
                self._whole(key, self.sums.pop(key))

    def _whole(self, key, a):
        n = summary(a)
        assert n is not None  # of an array
        if key[0] == "link":
            self.links[key[1:]] = n
            return
        with np.errstate(all="ignore"):
            norm = n.size * np.sqrt(a.size)  # of rms, which does not overflow
        found = n, float(a.ravel()[0]) if a.size == 1 else float(norm)
        if key[0] == "term":
            self.terms[key[1:]] = found
        else:
            self.totals[key[1]] = found


def uses_of(structure: Structure, j: int) -> list[tuple[int, int]]:
    """(step, argument) of each use of a leaf that wants a gradient."""
    return [(k, i) for k, i in structure.steps[j].consumers]
