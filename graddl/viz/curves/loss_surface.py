"""The loss on a plane through the parameters of a model."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...nn import Module
from ..numbers import number
from ..style import Palette
from .chart import Chart, axes, header
from .contours import contours
from .plane import GRID, Plane, plane_of


def loss_surface(
    model: Module,
    loss_function: Callable,
    x: Any,
    y: Any,
    along: Sequence | None = None,
    *,
    path: Sequence[dict] | None = None,
    reach: float = 1.0,
    points: int = GRID,
    seed: int = 0,
    theme: str = "auto",
) -> Chart:
    r"""Draw the loss on a plane through the parameters of a model, which stays as it is.

    .. math:: L(a, b) = L(\theta + a \, d_1 + b \, d_2)

    Random directions are normalised by filter: each row of a weight matrix, or kernel of a
    convolution, gets the norm of that row of :math:`\theta`; biases and scales stay. So a step of
    1 is as large as the weights themselves. With a `path` the plane is that of its two principal
    components, seen from its last state; buffers, such as running statistics, are the model's own.

    Parameters
    ----------
    model : Module
        Run in eval mode, as a copy without hooks.
    loss_function : callable
        Takes (output, y) and returns one number.
    x, y : what the model takes, and what it is to give
    along : two directions, optional
        Each a dict of arrays by the parameters' names, as `state_dict` gives, or a list of arrays
        in the order of `parameters()`.
    path : list of dict, optional
        States of the model while it was trained, ``model.state_dict()`` after each epoch.
    reach : float
        How far the plane goes from the centre in each direction; with a path, at least around it.
    points : int
        On a side; the model is run points² times.
    seed : int
        Of the random directions.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Chart
        Its ``data["plane"]`` holds a, b and losses of shape (points, points).

    Raises
    ------
    DTypeError
        The model is no Module, or the loss no single number.
    ArgumentError
        It has no parameters, or an option means nothing.
    ShapeError
        A direction or a state does not fit the parameters.
    MissingDependency
        Without matplotlib.

    References
    ----------
    Li, Xu, Taylor, Studer and Goldstein (2018), Visualizing the loss landscape of neural nets.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.nn.Linear(2, 1)
    >>> x, y = gd.ones((4, 2)), gd.ones((4, 1))
    >>> chart = gd.viz.loss_surface(model, gd.nn.MSELoss(), x, y, points=5)
    >>> chart.data["plane"].losses.shape
    (5, 5)
    """
    plane = plane_of(model, loss_function, x, y, along, path, reach, points, seed)
    known = plane.losses[np.isfinite(plane.losses)]
    lost = plane.losses.size - known.size
    said = [f"loss at the centre: {number(plane.here)}"]
    if known.size:
        said.append(f"on the plane from {number(known.min())} to {number(known.max())}")
    if lost:
        said.append(f"✕ {lost} of {plane.losses.size} losses are not finite")
    name = type(model).__name__
    return Chart(
        partial(paint, plane, name, said), f"Loss surface of {name}",
        f"Loss of {name} on a plane through its parameters, {plane.how}. {'; '.join(said)}.",
        (8.0, 6.0), theme, {"plane": plane}, said,
    )  # fmt: skip


def paint(plane: Plane, name: str, said: list[str], figure: Any, p: Palette) -> None:
    top = header(figure, p, f"Loss surface of {name}", [
        "; ".join(s for s in said if s[0] != "✕"), f"{plane.how}; bluer is lower",
        *(s for s in said if s[0] == "✕")])  # fmt: skip
    ax = axes(figure, 58, top + 27, 24, 40)
    contours(ax, plane.a, plane.b, plane.losses, p)
    if plane.path is not None and plane.path_losses is not None:
        ax.plot(*plane.path.T, "-", color=p.gradient, marker="s", markersize=4.5, linewidth=1.8,
                markeredgecolor=p.paper, markeredgewidth=0.5, zorder=3)  # fmt: skip
        for k, word, marker in ((0, "start", "o"), (-1, "end", "s")):
            ax.plot(*plane.path[k], marker, color=p.paper if k == 0 else p.gradient, markersize=9,
                    markeredgecolor=p.ink, zorder=4)  # fmt: skip
            next_to = plane.path[k] - plane.path[1 if k == 0 else -2]
            tag(ax, plane.path[k], f"{word}: {number(plane.path_losses[k])}", next_to[1] >= 0, p)
    else:
        ax.plot(0, 0, "P", color=p.gradient, markersize=11, markeredgecolor=p.paper, zorder=4)
        tag(ax, (0, 0), f"the model: {number(plane.here)}", True, p)
    ax.set_xlabel("first direction a", fontsize=9.5, color=p.quiet, loc="right", labelpad=3)
    ax.set_title("second direction b", fontsize=9.5, color=p.quiet, loc="left", pad=5)


def tag(ax: Any, at: Any, text: str, above: bool, p: Palette) -> None:
    box = {"boxstyle": "square,pad=0.12", "facecolor": p.paper, "edgecolor": "none"}
    ax.annotate(text, at, xytext=(0, 11 if above else -18), textcoords="offset points",
                ha="center", fontsize=9.5, fontweight="bold", color=p.ink, zorder=5,
                bbox=box)  # fmt: skip
