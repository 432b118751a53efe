"""The confusion matrix of a classifier, with recall, precision and accuracy."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..._core import Tensor
from ...errors import ShapeError
from ..drawing import Drawing
from ..names import clean
from ..numbers import number
from ..options import complain
from ..words import bold, cell, font, table, tr
from .grids import Shades
from .picture import P, Picture

MOST = 30  # classes
FIX = "gd.viz.confusion([0, 1, 1], [0, 1, 0])"


def counts(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """(classes in order, counts) with a row for each true class and a column for each predicted.

    >>> counts([0, 1, 1], [0, 1, 0])[1].tolist()
    [[1, 0], [1, 1]]
    """
    a, b = labels_of(y_true, "y_true"), labels_of(y_pred, "y_pred")
    if a.shape != b.shape:
        raise complain("confusion", "not one prediction for each example", f"{len(b)} and {len(a)}",
                       "y_true and y_pred of one length",
                       f"gd.viz.confusion(y_true[:{min(len(a), len(b))}], "
                       f"y_pred[:{min(len(a), len(b))}])", ShapeError)  # fmt: skip
    classes, places = np.unique(np.concatenate([a, b]), return_inverse=True)
    found = np.zeros((len(classes), len(classes)), int)
    np.add.at(found, (places[: len(a)], places[len(a) :]), 1)
    return classes, found


def labels_of(y: Any, name: str) -> np.ndarray:
    a = np.asarray(y.detach().numpy() if isinstance(y, Tensor) else y)
    if a.ndim != 1 or not a.size:
        fix = f"{name} = {name}.argmax(axis=-1)" if a.ndim == 2 else FIX
        raise complain("confusion", f"{name} is a list of classes", f"shape {a.shape}",
                       "a class for each example, shape (N,)", fix, ShapeError)  # fmt: skip
    return a


def confusion(
    y_true: Any, y_pred: Any, labels: Sequence[str] | None = None, theme: str = "auto"
) -> Drawing:
    r"""Draw which classes a classifier takes for which.

    Row i counts the examples of class i, :math:`C_{ij}` of which were taken for class j. The share
    is that of the row; on the diagonal it is the recall :math:`C_{ii} / \sum_j C_{ij}`. The
    precision is :math:`C_{jj} / \sum_i C_{ij}`, the accuracy :math:`\sum_i C_{ii} / N`.

    Parameters
    ----------
    y_true, y_pred : array of shape (N,)
        Classes: numbers or texts.
    labels : list of str, optional
        What to call the classes, in order.
    theme : "auto", "light" or "dark"

    Returns
    -------
    Drawing

    Raises
    ------
    ShapeError
        Not one prediction for each example.
    ArgumentError
        Too many classes to be read, or not one label for each.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.viz.confusion([0, 1, 1, 1], [0, 1, 1, 0], labels=["cat", "dog"])
    <Drawing of Confusion matrix: 75 % of 4 right>
    """
    classes, c = counts(y_true, y_pred)
    n = len(classes)
    if n > MOST:
        raise complain("confusion", "too many classes to be read", n, f"at most {MOST}",
                       f"keep = y_true < {MOST}")  # fmt: skip
    if labels is not None and len(labels) != n:
        raise complain("confusion", "not one label for each class", f"{len(labels)} labels",
                       f"{n} labels", f"labels={[str(k) for k in classes.tolist()]!r}")  # fmt: skip
    names = [clean(k, 14) for k in (classes.tolist() if labels is None else labels)]
    total, right = int(c.sum()), int(np.trace(c))
    pic = Picture(
        f"Confusion matrix: {percent(right, total)} of {total} right",
        f"Of {total} examples of {n} classes, {right} are classified right; {worst(c, names)}.",
        room=420,
    )
    pic.note(worst(c, names))
    pic.sign("■ right: thick border", P.data)
    text, length = Shades(0.0, 100.0).legend("% of a row")
    pic.signs.append((text, length))
    pic.node(matrix(c, names), "a row for each class, a column for each answer")
    return pic.drawn(theme)


def percent(part: int, whole: int) -> str:
    """The share, or – of nothing."""
    return f"{number(round(100 * part / whole, 1))} %" if whole else "–"


def worst(c: np.ndarray, names: list[str]) -> str:
    """The commonest mistake, in words."""
    wrong = c - np.diag(np.diag(c))
    if not wrong.any():
        return "no mistakes"
    i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
    times = "once" if wrong[i, j] == 1 else f"{wrong[i, j]} times"
    return f"commonest mistake: {names[i]} taken for {names[j]}, {times}"


def matrix(c: np.ndarray, names: list[str]) -> str:
    n, shades = len(names), Shades(0.0, 1.0)
    few = n <= 12
    high, wide = (40, 52) if few else (22, 24)

    def share(part: int, whole: int) -> str:
        return percent(part, whole) if few else number(round(100 * part / whole)) if whole else "–"

    head = f'<TD COLSPAN="2"></TD><TD COLSPAN="{n}">{bold("predicted", 12)}</TD><TD></TD>'
    over = "".join(cell(font(name, P.ink, 11), "CENTER") for name in names)
    end = "" if few else " %"
    side = cell(font(f"recall{end}", P.quiet, 10), "CENTER")
    rows = [head, f'<TD COLSPAN="2"></TD>{over}{side}']
    for i, line in enumerate(c.tolist()):
        total = sum(line)
        side = f'<TD ROWSPAN="{n}">{bold("true", 12)}</TD>' if i == 0 else ""
        cells = []
        for j, k in enumerate(line):
            look = shades.cell(k / total if total else 0.0, "")
            border = f' BORDER="3" COLOR="{P.data}"' if i == j else ' BORDER="0"'
            inner = bold(str(k), 13 if few else 10, look.colour)
            if few:
                inner += f"<BR/>{font(percent(k, total), look.colour, 9)}"
            cells.append(
                f'<TD WIDTH="{wide}" HEIGHT="{high}" BGCOLOR="{look.fill}"{border}>{inner}</TD>'
            )
        recall = cell(font(share(line[i], total), P.data, 11), "RIGHT")
        rows.append(f"{side}{cell(font(names[i], P.ink, 11), 'RIGHT')}{''.join(cells)}{recall}")
    columns = c.sum(0).tolist()
    under = "".join(cell(font(share(int(c[j, j]), columns[j]), P.data, 10), "CENTER")
                    for j in range(n))  # fmt: skip
    side = f'<TD COLSPAN="2" ALIGN="RIGHT">{font(f"precision{end}", P.quiet, 10)}</TD>'
    rows.append(f"{side}{under}<TD></TD>")
    made = table(tr(*rows), fill=P.paper, pad=3 if few else 1)
    return made.replace('CELLSPACING="0"', 'CELLSPACING="2"', 1)
