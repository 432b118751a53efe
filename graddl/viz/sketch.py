"""Which steps of the graph are drawn together: a plan of the picture, before anything is drawn.

    collect -> Sketch, one part for each step -> scopes, fold, contract, elide -> boxes

Each of these makes a new Sketch from the last one. All of them take time linear in the graph.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

from .graph import Step


@dataclass
class Part:
    """What one box of the picture stands for.

    Attributes
    ----------
    kind : str
        "step": one value or op; "sum": nested additions; "layer": a scope or a time step; "run":
        links of a chain; "elided": all that had no place.
    items : list of lists of steps
        One list, or several where identical siblings are folded into one. The last step of each
        is the one that made its result.
    scope, time : the scope and the time step of a layer
    links : int
        Of a run: how many parts follow one another in it.
    """

    kind: str
    items: list[list[int]]
    scope: str | None = None
    time: int | None = None
    links: int = 0

    @property
    def last(self) -> int:
        """The step that made the result (of the first item)."""
        return self.items[0][-1]

    def members(self) -> Iterable[int]:
        return (k for item in self.items for k in item)


BOXED = ("layer", "run", "elided")  # their parameters have no box of their own


class Sketch:
    """A partition of the steps into parts.

    Attributes
    ----------
    steps : list of Step
    parts : list of Part
    of : list of int
        The part of each step.
    nodes : list of nodes of the core
        The one that made each part's result.
    ops : list of str
        The name of its op; empty of leaves.
    inputs, users : list of lists of parts
        What each part reads, in order and once for each time; and what reads it, each once. A
        parameter that stands in the box of another layer does not count.
    """

    def __init__(self, steps: list[Step], parts: list[Part]):
        self.steps, self.parts = steps, parts
        self.of = of = [0] * len(steps)
        for p, part in enumerate(parts):
            for item in part.items:
                for k in item:
                    of[k] = p
        self.nodes = [steps[part.items[0][-1]].node for part in parts]
        self.ops = ["" if node.op is None else node.op.name for node in self.nodes]
        self.inputs: list[list[int]] = [[] for _ in parts]
        self.users: list[list[int]] = [[] for _ in parts]
        for k, step in enumerate(steps):
            p = of[k]
            for j, _, _ in step.inputs:
                q = of[j]
                if q == p or (parts[q].kind in BOXED and steps[j].node.op is None):
                    continue
                self.inputs[p].append(q)
                if not self.users[q] or self.users[q][-1] != p:
                    self.users[q].append(p)
        for p, part in enumerate(parts):
            if part.kind != "step":  # the steps of others were visited one by one
                self.users[p] = list(dict.fromkeys(self.users[p]))

    def is_leaf(self, p: int) -> bool:
        """Whether a part is made of leaves, one in each item."""
        return not self.ops[p]

    def makers(self, p: int) -> set[int]:
        """The parts that a part reads, without leaves."""
        return {q for q in self.inputs[p] if self.ops[q]}

    def merged(self, owner: list[int], kind: str | None = None) -> "Sketch":
        """The Sketch in which each part belongs to its owner, one part to one item.

        A merged part is of `kind`; if there is none given, it stays what its owner is.
        """
        if all(p == o for p, o in enumerate(owner)):
            return self
        groups: dict[int, list[int]] = {}
        for p, o in enumerate(owner):
            groups.setdefault(o, []).append(p)
        parts = []
        for o, group in groups.items():
            part = self.parts[o]
            if len(group) > 1:
                steps = sorted(k for p in group for k in self.parts[p].members())
                links = sum(self.parts[p].links or not self.is_leaf(p) for p in group)
                part = Part(kind or part.kind, [steps], part.scope, part.time, links)
            parts.append(part)
        return Sketch(self.steps, parts)

    def order(self) -> list[int]:
        """The parts in forward order; those on a cycle, which scopes can make, come last."""
        waiting = [len(set(into)) for into in self.inputs]
        first = [part.items[0][0] for part in self.parts]
        ready = [(first[p], p) for p, n in enumerate(waiting) if not n]
        heapify(ready)
        found = []
        while ready:
            _, p = heappop(ready)
            found.append(p)
            for q in self.users[p]:
                waiting[q] -= 1
                if not waiting[q]:
                    heappush(ready, (first[q], q))
        return found + [p for p, n in enumerate(waiting) if n]

    def on_cycles(self) -> set[int]:
        """The parts that cannot be ordered: each lies on a cycle, or behind one."""
        order = self.order()
        place = {p: i for i, p in enumerate(order)}
        return {
            p for p in order for q in self.inputs[p] if place[q] > place[p]
        }  # empty for nearly every graph


def each_step(steps: list[Step]) -> Sketch:
    """The finest Sketch: every step is a part of its own."""
    return Sketch(steps, [Part("step", [[k]]) for k in range(len(steps))])


def root_of(above: Any, k: int) -> int:
    """The root of k's tree in a union-find forest: above[k] is what stands over k, a root itself.

    The way to it is halved for the next who asks.
    """
    while above[k] != k:
        above[k] = above[above[k]]
        k = above[k]
    return k
