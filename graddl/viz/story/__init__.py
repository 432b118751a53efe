"""A computation step by step: forward, then backward, in one page that needs no network.

GraphView -> tell (plain data: what each step says and shows) -> one page of HTML
"""

from __future__ import annotations

import os
from html import escape
from typing import Any

from ...errors import ArgumentError
from ..drawing import write
from ..parts import GraphView, Op
from ..render import attempts
from ..svg import finish
from .page import page
from .tell import Step, tell

MOST = 60  # ops and values: more steps nobody takes


class StepThrough:
    """The page that `gd.step_through` makes; a notebook shows it in a frame.

    Attributes
    ----------
    steps : list of Step
        What each step says, as plain data.
    """

    def __init__(self, view: GraphView, dot: str, theme: str = "auto", timeout: float = 10.0):
        if view.mode != "chain" or view.detail != "values" or view.shown < view.total:
            raise ArgumentError(
                "only a graph that is drawn whole can be walked through",
                op="step_through",
                got=f"{view.shown} of {view.total} nodes, mode={view.mode!r}",
                expected=f"up to {MOST} nodes, and something that wants gradient",
                fix="gd.step_through(a smaller part of the graph)",
            )
        if not any(isinstance(node, Op) for node in view.nodes):
            raise ArgumentError(
                "there are no steps to what no op has computed",
                op="step_through",
                got=view.title,
                expected="the result of a computation",
                fix="gd.step_through(loss)",
            )
        self.view, self.dot, self.theme, self.timeout = view, dot, theme, timeout
        self.steps: list[Step] = tell(view)

    def html(self) -> str:
        """One page of HTML: Back, Next, arrow keys; the step stands in the address (#3).

        Raises
        ------
        MissingDependency, RenderError
        """
        raw, _, _ = attempts(self.dot, "svg", timeout=self.timeout, dpi=None, backend=None)
        words = f"{self.view.title}, in {len(self.steps)} steps."
        svg = finish(raw, self.view.title, words, self.theme, names=True)
        return page(svg, self.view.title, self.steps, self.theme)

    def save(self, path: Any) -> StepThrough:
        """Write the page to a file whose name ends in .html; whole or not at all."""
        if os.path.splitext(os.fspath(path))[1].lower() != ".html":
            raise ArgumentError(
                "a step-through is a page of HTML",
                op="step_through",
                got=str(path),
                expected="a name that ends in .html",
                fix="gd.step_through(loss).save('steps.html')",
            )
        write(path, self.html().encode())
        return self

    def _repr_html_(self) -> str:
        frame = "width:100%;height:34rem;border:0"
        return f'<iframe srcdoc="{escape(self.html())}" style="{frame}"></iframe>'

    def __repr__(self) -> str:
        return f"<StepThrough of {self.view.title}: {len(self.steps)} steps>"
