"""Which column of the picture each step belongs to: time, in the order in which it ran."""

from typing import Any

import numpy as np

from ..graph import Step
from ..unfold import Fused, Unfolded
from ..values import array_of

WEIGHTS = ("x", "weight_ih", "weight_hh", "bias_ih", "bias_hh")  # what is no state to start from


class Timeline:
    """Columns of a graph.

    Attributes
    ----------
    steps : list of Step
    column : list of int or None, for each step; None outside of time steps, and of leaves
    label : dict from a column to the number of its time step
    same : dict from a step to the (step, output) whose value it has: an item of a stack
    picks : dict from a step to the steps of which it takes one item of what was made of all
    items : dict from a step to the items of stacks that have its value
    plumbing : set of stacks that nothing but their items read
    after : set of steps that are computed from all of the loop: the loss, or a sum kept on the way
    cuts : dict from (step, output), a detached state, to the step that it was detached from
    between : whether ops outside of all time steps lead from one step of a loop to the next
    """

    def __init__(self, graph: Unfolded):
        self.graph, self.steps = graph, graph.steps
        self.time: list[Any] = [s.node.step if s.node.op is not None else None for s in self.steps]
        self.same, self.picks = dict[int, tuple](), dict[int, list]()
        for k in range(len(self.steps)):
            self._see_through(k)
        self.items, self.plumbing = self._plumbing()
        self.cuts, self.between = dict[tuple, int](), False
        self.run = self._runs()
        self.column, self.label = self._columns()
        self.after = self._after()

    # ------------------------------------------------------------------------------what an input is
    def sources(self, k: int) -> list[tuple[int, int, int]]:
        """(step, output, argument) of each input, items of a stack seen through."""
        return [(*self.resolved(j, o), i) for j, o, i in self.steps[k].inputs]

    def resolved(self, j: int, o: int) -> tuple[int, int]:
        while j in self.same:
            j, o = self.same[j]
        return j, o

    def consumers(self, k: int) -> list[tuple[int, int]]:
        """(step, argument) of each op that reads this one, through stacks and their items."""
        found: list[tuple[int, int]] = []
        queue = [k, *(c for c in self.items.get(k, ()) if c not in self.picks)]
        for s in queue:
            for c, i in self.steps[s].consumers:
                if c not in self.same and c not in self.plumbing:
                    found.append((c, i))
        return found + [(c, 0) for c in self.items.get(k, ()) if c in self.picks]

    def _see_through(self, k: int) -> None:
        node = self.steps[k].node
        if node.op is None or node.op.name != "getitem":
            return
        index = (node.params or {}).get("index")
        if isinstance(index, bool) or not isinstance(index, int | np.integer):
            return
        j, o, _ = self.steps[k].inputs[0]
        j, o = self.resolved(j, o)
        if is_stack(self.steps[j].node):
            parts = self.steps[j].inputs
            self.same[k] = self.resolved(*parts[int(index)][:2])
        elif self.time[k] is not None and self.steps[j].node.op is not None:
            length = self.steps[j].node.shapes[o][0]
            found = [self.resolved(*s.inputs[int(index)][:2])[0]
                     for s in self._stacks_under(j) if len(s.inputs) == length]  # fmt: skip
            if found:
                self.picks[k] = found

    def _stacks_under(self, j: int) -> list[Step]:
        """The stacks that an op outside of time steps works on: dropout between two layers."""
        found, queue, known = [], [j], {j}
        for s in queue:  # grows while it is walked
            step = self.steps[s]
            if is_stack(step.node) and any(self.time[p] is not None for p, _, _ in step.inputs):
                found.append(step)
            elif step.node.op is not None and self.time[s] is None:
                fresh = {self.resolved(p, o)[0] for p, o, _ in step.inputs} - known
                known |= fresh
                queue += sorted(fresh)
        return found

    def _plumbing(self):
        """Stacks that nothing but their items read, and items of each step."""
        items: dict[int, list[int]] = {}
        for c in self.same:
            items.setdefault(self.resolved(c, 0)[0], []).append(c)
        for c, parts in self.picks.items():
            for p in parts:
                items.setdefault(p, []).append(c)
        found: set[int] = set()
        for k in reversed(range(len(self.steps))):
            alike = [k, *(c for c in items.get(k, ()) if c in self.same)]  # a stack in a stack
            users = [c for s in alike for c, _ in self.steps[s].consumers]
            if is_stack(self.steps[k].node) and users and len(self.steps) - 1 not in alike:
                if all(c in self.same or c in self.picks or c in found for c in users):
                    found.add(k)
        return items, found

    # -------------------------------------------------------------------------------------columns
    def _runs(self):
        """For each timed step its run: a fused op, or a pass of a loop by hand."""
        run: list[Any] = [None] * len(self.steps)
        for n, part in enumerate(self.graph.fused):
            for k in part.members:
                run[k] = n if self.time[k] is not None else None
        latest: dict[int, tuple] = {}
        for k in range(len(self.steps)):
            before = [latest[j] for j, _, _ in self.sources(k) if j in latest]
            t = self.time[k]
            if t is None or run[k] is not None:
                if before and run[k] is None:
                    latest[k] = max(before)
                continue
            again = [e + (s - t >= 2) for e, s in before]
            latest[k] = max(again, default=0), t
            run[k] = "loop", latest[k][0]
        return run

    def _columns(self):
        links = set()
        for k, r in enumerate(self.run):
            if r is None or k in self.same:
                continue
            state = self._states_given(r)
            for j, o, _ in self.sources(k):
                for s in self.picks.get(k, [j]):
                    for q in self._timed(s):
                        if self.run[q] == r and q != s and self.time[q] != self.time[k]:
                            self.between = True
                        if self.run[q] != r:
                            late = self.time[q] > self.time[k] or (j, o) in state
                            links.add((self.run[q], r, self.time[q] - self.time[k] + late, late))
        links |= set(self._cut_windows())
        start = dict.fromkeys((r for r in self.run if r is not None), 0)
        for _ in start:
            for q, r, shift, late in links:
                if shift >= 0 or late:
                    start[r] = max(start[r], start[q] + shift)
        column = [None if r is None else start[r] + self.time[k] for k, r in enumerate(self.run)]
        return column, {c: c for c in column if c is not None}

    def _states_given(self, r):
        if isinstance(r, tuple):
            return ()
        given = self.graph.fused[r].given
        return {self.resolved(*place) for name, place in given.items() if name not in WEIGHTS}

    def _timed(self, j):
        """The timed steps that lie before a step, through what is outside of time steps."""
        found, queue, known = [], [j], {j}
        for s in queue:  # grows while it is walked
            if self.run[s] is not None:
                found.append(s)
                continue
            fresh = [p for p, _, _ in self.sources(s) if p not in known]
            known.update(fresh)
            queue += fresh
        return found

    def _cut_windows(self):
        """Links from one window to the next, whose first state is the detached last one."""
        parts = self.graph.fused
        for r in range(len(parts)):
            for place in self._states_given(r):
                if self.steps[place[0]].node.requires_grad:
                    continue
                start = array_of(self.steps, *place)
                if start is None or not np.any(start):
                    continue
                for q in range(r):
                    k = ends_in(self, parts[q], start)
                    if k is not None:
                        self.cuts[place] = k
                        yield q, r, self.time[k] + 1, True

    # ---------------------------------------------------------------------------- what comes after
    def _after(self):
        """Ops that depend on columns and stand outside of them, and sums kept on the way."""
        depends, leads, after = set[int](), set[int](), set[int]()
        for k in range(len(self.steps)):
            if self.column[k] is not None or any(j in depends for j, _, _ in self.sources(k)):
                depends.add(k)
        for k in reversed(range(len(self.steps))):
            users = [c for c, _ in self.steps[k].consumers]
            if self.column[k] is not None or any(c in leads for c in users):
                leads.add(k)  # to a time step: no part of what comes after all of them
            if self.steps[k].node.op is None or k in self.same or k in self.picks:
                continue
            if self.column[k] is None:
                if k not in self.plumbing and k in depends and k not in leads:
                    after.add(k)
            elif self.steps[k].node.op.name == "add" and self._kept_sum(k, after):
                after.add(k)
        return after

    def _kept_sum(self, k, after):
        users = [c for c, _ in self.consumers(k)]
        if any(c not in after for c in users) or (not users and k != len(self.steps) - 1):
            return False
        kinds = []
        for j, _, _ in self.sources(k):
            node = self.steps[j].node
            earlier = self.column[j] is not None and self.column[j] < self.column[k]
            kinds.append(earlier or (node.op is None and not node.requires_grad))
        return len(kinds) == 2 and any(kinds)


def is_stack(node: Any) -> bool:
    return (
        node.op is not None and node.op.name == "stack" and not (node.params or {}).get("axis", 0)
    )


def ends_in(line: Timeline, part: Fused, start: Any) -> int | None:
    """The last state of a run that is equal to the first state of another."""
    times = [line.time[k] for k in part.members if line.time[k] is not None]
    end = min(times) if (part.node.params or {}).get("reverse") else max(times)
    for k in reversed(part.members):
        if line.time[k] == end and part.node.op is not None:
            value = line.steps[k].node.value
            if value is not None and value.shape == start.shape:
                close = 1e-6 * np.abs(start).max()  # the op sums in another order
                if np.allclose(value, start, rtol=1e-4, atol=close):
                    return k
    return None
