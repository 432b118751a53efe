"""Pictures of graphs. `gd.draw(loss)`; `backends()` says what can render them.

    graph -> GraphView (plain data) -> DOT text -> a renderer

Read `view.py` for what a picture knows, `dot.py` for how it looks.
"""

from collections.abc import Sequence
from typing import Any

from .. import _core
from .._tape import Tape
from ..nn import Module
from .curves.activation import activation as activation
from .curves.boundary import boundary as boundary
from .curves.chart import Chart as Chart
from .curves.descent import descent as descent
from .curves.learning_curves import learning_curves as learning_curves
from .curves.loss_surface import loss_surface as loss_surface
from .curves.race import race as race
from .dot import to_dot
from .drawing import Drawing as Drawing
from .equation import Equation as Equation
from .equation import equation as equation
from .explain import Explanation as Explanation
from .explain import explain as explain
from .formats.latex import equation_of
from .modules import result_of
from .options import one_of
from .parts import GraphView as GraphView
from .recorder import GradientRecorder as GradientRecorder
from .render import RenderError as RenderError
from .render import backends as backends
from .story import MOST
from .story import StepThrough as StepThrough
from .teach import confusion as confusion
from .teach import convolution as convolution
from .teach import filters as filters
from .teach import gates as gates
from .teach import network as network
from .teach import pipeline as pipeline
from .teach import pooling as pooling
from .teach import states as states
from .teach import tensor as tensor
from .view import MODES
from .view import view as view_of


def draw(
    obj: _core.Tensor | _core.Scalar | Module | Tape,
    *inputs: Any,
    detail: str = "auto",
    mode: str = "auto",
    names: dict | None = None,
    collapse: bool | Sequence[str] | None = None,
    theme: str = "auto",
    range: tuple[float, float] | None = None,
    direction: str = "auto",
    max_nodes: int = 60,
    timeout: float = 10.0,
    force: bool = False,
) -> Drawing:
    """Draw the graph that computed `obj`, before or after backward().

    Gradients come from a private pass: every .grad, hook and version stays as it was. Warnings,
    such as of dead units, are found on the whole graph and are there at every level of detail.

    Parameters
    ----------
    obj : Tensor, Scalar, Module or Tape
        A Module is run on `inputs`; its running statistics, and random numbers, stay as they were.
        Of a Tape, the graph that it was compiled from.
    *inputs : what the Module's forward takes, or shapes of such, (1, 4)
    detail : "auto", "values", "ops" or "layers"
        A box for every value and a circle for every op; one box per op with shapes on the edges;
        one box per module, scope or time step. "auto": values up to 40 nodes, else the first of
        ops and layers that fits `max_nodes`.
    mode : "auto", "data", "grad", "chain" or "bptt"
        Values only; with gradients, thicker where larger; with `upstream × local derivative` on
        each edge and the order of the backward pass; time steps side by side, with what each adds
        to a shared weight. "auto": chain for Scalars up to 40 nodes, else grad, or data where
        `obj` is not one number.
    names : dict, optional
        What to call things: `names=locals()`, or `{"w1": w1}`. A name given as `name=` comes first.
    collapse : list of str or bool, optional
        Scopes to draw as one box, with all that lies under them; True for all, False for none.
    theme : "auto", "light" or "dark"
    range : (low, high), optional
        The gradients at the ends of the ramp of colours, so that two pictures can be compared.
    direction : "auto", "right" or "down"
        Which way the computation runs. "auto": to the right, or down where that would be too long
        to be read on a page 800 pixels wide. Slides are wide: direction="right".
    max_nodes : int
        A larger graph is drawn smaller: identical siblings fold, scopes collapse, chains contract,
        and at last the middle is left out. The picture says so.
    timeout : float
        Seconds that a layout may take.
    force : bool
        Draw more than 2000 nodes.

    Returns
    -------
    Drawing

    Raises
    ------
    DTypeError
        `obj` cannot be drawn.
    ArgumentError
        An option is unknown, the picture would be too large, or a Module got no input.

    Examples
    --------
    >>> import graddl as gd
    >>> x = gd.Scalar(2.0, name="x")
    >>> gd.draw(x * x + 1)
    <Drawing of x·x + 1: 4 of 4 nodes, detail='values', mode='chain'>
    >>> net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU(), gd.nn.Linear(3, 2))
    >>> gd.draw(net, (1, 4), detail="layers").view.title
    'Sequential: by layer'
    """
    one_of("mode", mode, (*MODES, "bptt"), "mode='auto'")
    one_of("direction", direction, ("auto", "right", "down"), "direction='right'")
    outputs, model, title = result_of(obj, inputs)
    root = outputs[0]
    if mode == "bptt":
        from .bptt import view as lanes_of

        lanes = lanes_of(
            root, detail=detail, names=names, max_nodes=max_nodes, collapse=collapse, range=range
        )
        return Drawing(lanes, theme, timeout)
    view = view_of(
        root, detail=detail, mode=mode, names=names, collapse=collapse, range=range,
        max_nodes=max_nodes, force=force, model=model, outputs=outputs, title=title,
    )  # fmt: skip
    view.direction = direction
    return Drawing(view, theme, timeout, equation=equation_of(root, names, view.total))


def step_through(
    obj: _core.Tensor | _core.Scalar,
    *,
    names: dict | None = None,
    theme: str = "auto",
    timeout: float = 10.0,
) -> StepThrough:
    """Walk through a computation: each op forward, then each share of a gradient, one at a time.

    Parameters
    ----------
    obj : Scalar or Tensor
        The result of a small graph, of up to 60 values and ops. Of several elements, the gradient
        is that of their sum.
    names : dict, optional
        What to call things: `names=locals()`.
    theme : "auto", "light" or "dark"
    timeout : float
        Seconds that the layout may take.

    Returns
    -------
    StepThrough
        One page of HTML that needs no network: ``.save("steps.html")``, ``.html()``. Arrow keys
        walk, the step stands in the address, and the reader may predict each number first.

    Raises
    ------
    ArgumentError
        The graph is too large to be walked through, or wants no gradient.
    DTypeError
        `obj` is neither a Tensor nor a Scalar.

    Examples
    --------
    >>> import graddl as gd
    >>> x, w = gd.Scalar(2.0, "x"), gd.Scalar(-3.0, "w")
    >>> story = gd.step_through(x * w + x)
    >>> story
    <StepThrough of xw + x: 7 steps>
    >>> story.steps[-1].line
    'w.grad += 1 × 2 = 2'
    """
    view = view_of(obj, detail="values", mode="chain", names=names, max_nodes=MOST)
    view.direction = "right"  # the words below stay in sight
    return StepThrough(view, to_dot(view, theme), theme, timeout)


for _kind in (_core.Tensor, _core.Scalar):
    _core.install(_kind, "draw", draw)
