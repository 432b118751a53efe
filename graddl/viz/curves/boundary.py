"""The decision boundary of a classifier of points in the plane."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..numbers import number
from ..options import complain
from ..style import Palette
from .chart import Chart, axes, header
from .regions import OUTPUTS, Regions, regions
from .style import LOOKS, plain, shades

BANDS = 5  # shades of each class
COLOURS = ("data", "gradient", "local", "amber", "ink", "quiet")  # as LOOKS, in shades


def boundary(
    model: Callable,
    x: Any,
    y: Any,
    *,
    classes: Sequence[str] | None = None,
    outputs: str = "auto",
    theme: str = "auto",
) -> Chart:
    r"""Draw where a classifier of points in the plane changes its mind.

    The model is run in eval mode and left as it was. Of one output z the probability of class 1 is
    :math:`\sigma(z)`; of several it is :math:`\operatorname{softmax}(z)`.

    Parameters
    ----------
    model : Module or callable
        Maps (N, 2) to (N, classes), or to (N,) or (N, 1) for two classes.
    x : array of shape (N, 2)
    y : int array of shape (N,)
        0 to classes - 1; for one output also −1 and 1.
    classes : list of str, optional
        What to call them.
    outputs : "auto", "logits" or "probabilities"
        What the model gives. "auto": probabilities where all lie from 0 to 1 (and add up to 1);
        the chart says which was taken.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Chart
        Its ``data["regions"]`` holds the probabilities, the predictions and the accuracy.

    Raises
    ------
    ShapeError
        x is not (N, 2), y not (N,), or the model's output fits neither.
    ArgumentError
        Labels that are no classes of the model, more than 6 classes, or values that are not finite.
    MissingDependency
        Without matplotlib.

    Examples
    --------
    >>> import graddl as gd
    >>> x = gd.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 0.5], [0.2, 2.0]])
    >>> gd.viz.boundary(lambda x: x[:, 0] - x[:, 1], x, [0, 1, 1, 0])
    <Chart of Decision boundary: 100 % of 4 points right>
    """
    if outputs not in OUTPUTS:
        raise complain("boundary", "unknown kind of outputs", repr(outputs), " or ".join(OUTPUTS),
                       "outputs='logits'")  # fmt: skip
    r = regions(model, x, y, classes, outputs)
    percent = f"{number(round(100 * r.accuracy, 1))} % of {len(r.target)} points right"
    said = [f"{name}: {int((r.target == k).sum())} points, "
            f"{int(((r.target == k) & (r.predicted != k)).sum())} wrong"
            for k, name in enumerate(r.classes)]  # fmt: skip
    return Chart(
        partial(paint, r, percent),
        f"Decision boundary: {percent}",
        f"Decision boundary of a classifier of {len(r.classes)} classes: {percent}. "
        f"{'. '.join(said)}.",
        (8.6, 5.8), theme, {"regions": r}, said,
    )  # fmt: skip


def paint(r: Regions, percent: str, figure: Any, p: Palette) -> None:
    top = header(figure, p, f"Decision boundary: {percent}", [
        "stronger shade: surer; the line is where the class changes; the model gives "
        + r.outputs])  # fmt: skip
    ax = axes(figure, 44, top + 27, 170, 34)
    plain(ax, p)
    ax.grid(False)
    ax.set_xlim(r.xs[0], r.xs[-1])
    ax.set_ylim(r.ys[0], r.ys[-1])
    for k in range(len(r.classes)):
        rest = np.delete(r.probability, k, 0).max(0)
        margin = r.probability[k] - rest
        tints = shades(p, COLOURS[k], BANDS)
        ax.contourf(r.xs, r.ys, margin, levels=np.linspace(0, 1 + 1e-9, BANDS + 1), colors=tints,
                    antialiased=False, zorder=0.5)  # fmt: skip
        if margin.min() < 0 < margin.max():
            ax.contour(r.xs, r.ys, margin, levels=[0], colors=[p.ink], linewidths=1.4, zorder=1)
    size = 6.5 if len(r.points) <= 150 else 4.5
    for k, look in enumerate(LOOKS[: len(r.classes)]):
        mine = r.points[r.target == k]
        ax.plot(*mine.T, look.marker, color=getattr(p, look.colour), markersize=size, zorder=3,
                markeredgecolor=p.paper, markeredgewidth=0.7)  # fmt: skip
    wrong = r.points[r.target != r.predicted]
    ax.plot(*wrong.T, "o", color="none", markersize=size + 6, markeredgecolor=p.warning,
            markeredgewidth=1.6, zorder=4)  # fmt: skip
    ax.set_xlabel("x₁", fontsize=10, color=p.quiet, loc="right", labelpad=1)
    ax.set_title("x₂", fontsize=10, color=p.quiet, loc="left", pad=5, x=-0.03)
    key(figure, r, p, top + 42, size)


def key(figure: Any, r: Regions, p: Palette, top: float, size: float) -> None:
    """At the right: the classes with their markers, shades and mistakes."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    width, height = (72 * v for v in figure.get_size_inches())
    left = width - 154

    def write(text, down, colour, at=24.0, **more):
        figure.text((left + at) / width, 1 - down / height, text, color=colour, va="center",
                    **({"fontsize": 9.5} | more))  # fmt: skip

    def mark(down, **more):
        figure.add_artist(
            Line2D([(left + 7) / width], [1 - down / height], linestyle="none", **more)
        )

    for k, name in enumerate(r.classes):
        down, look = top + 62 * k, LOOKS[k]
        colour, mine = getattr(p, look.colour), r.target == k
        mark(down, marker=look.marker, color=colour, markersize=9)
        write(name if name not in map(str, range(10)) else f"class {name}", down, colour,
              fontweight="bold", fontsize=10.5)  # fmt: skip
        bad = int((mine & (r.predicted != k)).sum())
        write(f"{int(mine.sum())} points, {bad} wrong", down + 16, p.quiet)
        for j, tint in enumerate(shades(p, COLOURS[k], BANDS)):
            figure.add_artist(Rectangle(((left + 24 + 18 * j) / width, 1 - (down + 37) / height),
                              18 / width, 10 / height, facecolor=tint, edgecolor="none")
    )  # fmt: skip
    down = top + 62 * len(r.classes)
    low = "p = 0.5" if len(r.classes) == 2 else "unsure"
    write(f"{low} … 1" if len(r.classes) == 2 else f"{low} … sure", down - 6, p.quiet, fontsize=9)
    wrong = len(r.target) - r.right
    mark(down + 20, marker="o", color="none", markeredgecolor=p.warning, markersize=size + 6,
         markeredgewidth=1.6)  # fmt: skip
    write(f"✕ wrong: {wrong}", down + 20, p.warning if wrong else p.quiet)
