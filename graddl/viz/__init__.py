"""Pictures of graphs. `gd.draw(loss)`; `backends()` says what can render them.

    graph -> GraphView (plain data) -> DOT text -> a renderer

Read `view.py` for what a picture knows, `dot.py` for how it looks.
"""

from .. import _core
from .drawing import Drawing as Drawing
from .parts import GraphView as GraphView
from .render import RenderError as RenderError
from .render import backends as backends
from .view import view as view_of


def draw(
    obj: _core.Tensor | _core.Scalar,
    *,
    detail: str = "auto",
    mode: str = "auto",
    names: dict | None = None,
    theme: str = "auto",
    max_nodes: int = 60,
    timeout: float = 10.0,
) -> Drawing:
    """Draw the graph that computed `obj`, before or after backward().

    Gradients come from a private pass: every .grad, hook and version stays as it was.

    Parameters
    ----------
    obj : Tensor or Scalar
    detail : "auto", "values" or "ops"
        A box for every value and a circle for every op; or one box per op with shapes on the
        edges. "auto": values up to 40 nodes.
    mode : "auto", "data", "grad" or "chain"
        Values only; with gradients, thicker where larger; with `upstream × local derivative` on
        each edge and the order of the backward pass. "auto": chain for Scalars up to 40 nodes,
        else grad, or data where `obj` is not one number.
    names : dict, optional
        What to call things: `names=locals()`, or `{"w1": w1}`. A name given as `name=` comes first.
    theme : "auto", "light" or "dark"
    max_nodes : int
        Of larger graphs the middle is left out; the picture says so.
    timeout : float
        Seconds that a layout may take.

    Returns
    -------
    Drawing

    Raises
    ------
    DTypeError
        `obj` is neither a Tensor nor a Scalar.
    ArgumentError
        An option is unknown.

    Examples
    --------
    >>> import graddl as gd
    >>> x = gd.Scalar(2.0, name="x")
    >>> gd.draw(x * x + 1)
    <Drawing of x·x + 1: 4 of 4 nodes, detail='values', mode='chain'>
    """
    return Drawing(
        view_of(obj, detail=detail, mode=mode, names=names, max_nodes=max_nodes), theme, timeout
    )


for _kind in (_core.Tensor, _core.Scalar):
    _core.install(_kind, "draw", draw)
