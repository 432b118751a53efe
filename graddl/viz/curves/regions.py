"""What a classifier answers in the plane."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import functional
from ..._core import Tensor
from ...errors import ShapeError
from ...modes import get_default_dtype
from ...nn import Module
from ..names import clean
from ..options import complain
from .chart import array
from .models import predicting
from .style import LOOKS

GRID = 121  # points on a side


OUTPUTS = ("auto", "logits", "probabilities")


FIX = "gd.viz.boundary(model, x, y)"


@dataclass(frozen=True)
class Regions:
    """What a classifier answers on a grid and at the points: plain numbers.

    Attributes
    ----------
    xs, ys : arrays of shape (121,)
    probability : array of shape (classes, 121, 121)
    points : array of shape (N, 2)
    target, predicted : int arrays of shape (N,)
    outputs : "logits" or "probabilities"
    """

    xs: np.ndarray
    ys: np.ndarray
    probability: np.ndarray
    points: np.ndarray
    target: np.ndarray
    predicted: np.ndarray
    classes: tuple[str, ...]
    outputs: str

    @property
    def right(self) -> int:
        return int((self.target == self.predicted).sum())

    @property
    def accuracy(self) -> float:
        return self.right / len(self.target)


def regions(model: Any, x: Any, y: Any, classes: Any, outputs: str) -> Regions:
    points, labels = array(x), array(y)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise complain("boundary", "x is not points in the plane", f"shape {points.shape}",
                       "shape (N, 2)", "x = x[:, :2]", ShapeError)  # fmt: skip
    if labels.shape != points.shape[:1]:
        fix = (
            "y = y.argmax(axis=1)"
            if labels.ndim == 2 and labels.shape[1] > 1
            else "y = y.reshape(-1)"
        )
        raise complain("boundary", "y is not one class for each point", f"shape {labels.shape}",
                       f"shape ({len(points)},)", fix, ShapeError)  # fmt: skip
    points = points.astype(float)
    if not np.isfinite(points).all():
        raise complain("boundary", "x has values that are not finite", "NaN or infinity",
                       "finite numbers", "keep = np.isfinite(x).all(axis=1)")  # fmt: skip
    low, high = points.min(0), points.max(0)
    room = 0.12 * np.where(high > low, high - low, 1.0)
    xs, ys = (np.linspace(a, b, GRID) for a, b in zip(low - room, high + room, strict=True))
    grid = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    z = answers(model, np.concatenate([points, grid]))
    p, kind = probabilities(z, outputs)
    if not np.isfinite(p).all():
        raise complain("boundary", "the model gives values that are not finite", "NaN or infinity",
                       "finite numbers", "gd.viz.learning_curves(history), to see when it diverged"
    )  # fmt: skip
    target = classes_of(labels, p.shape[1], z.shape[1] == 1)
    names = tuple(clean(n, 16) for n in (range(p.shape[1]) if classes is None else classes))
    if len(names) != p.shape[1]:
        raise complain("boundary", "not one name for each class", f"{len(names)} names",
                       f"{p.shape[1]} names", f"classes={list(map(str, range(p.shape[1])))}"
    )  # fmt: skip
    n = len(points)
    probability = p[n:].T.reshape(-1, GRID, GRID)
    return Regions(xs, ys, probability, points, target, p[:n].argmax(1), names, kind)


def answers(model: Any, points: np.ndarray) -> np.ndarray:
    """The model's outputs, of shape (N, outputs)."""
    dtype = get_default_dtype()
    if isinstance(model, Module):
        dtype = next((q.dtype for q in model.parameters()), dtype)
    if not callable(model):
        raise complain("boundary", "model cannot be called", type(model).__name__,
                       "a Module or a function of (N, 2)", FIX)  # fmt: skip
    with predicting(model):
        z = array(model(Tensor(points.astype(dtype)))).astype(float)
    z = z[:, None] if z.ndim == 1 else z
    if z.ndim != 2 or len(z) != len(points) or not z.shape[1]:
        raise complain("boundary", "the model does not give outputs for each point",
                       f"shape {z.shape} for {len(points)} points", "(N, classes), (N, 1) or (N,)",
                       "return a Tensor of shape (N, classes) from forward()", ShapeError
    )  # fmt: skip
    if z.shape[1] > len(LOOKS):
        raise complain("boundary", "too many classes to be told apart", z.shape[1],
                       f"at most {len(LOOKS)}", "a model of fewer classes")  # fmt: skip
    return z


def probabilities(z: np.ndarray, outputs: str) -> tuple[np.ndarray, str]:
    """(probabilities of shape (N, classes), whether the model gave these or logits)."""
    if outputs == "auto":
        shares = (z >= 0).all() and (z <= 1).all()
        whole = z.shape[1] == 1 or np.allclose(z.sum(1), 1, atol=1e-3)
        outputs = "probabilities" if shares and whole else "logits"
    if outputs == "logits":
        one = z.shape[1] == 1
        z = (
            functional.sigmoid(Tensor(z)) if one else functional.softmax(Tensor(z), axis=1)
        ).numpy()
    return (np.concatenate([1 - z, z], 1) if z.shape[1] == 1 else z), outputs


def classes_of(labels: np.ndarray, count: int, one: bool) -> np.ndarray:
    known = set(labels.tolist())
    if one and known <= {-1, 1}:
        return (labels > 0).astype(int)
    if not known <= set(range(count)):
        bad = sorted(map(repr, known - set(range(count))))[0]
        raise complain("boundary", "a label is no class of the model", bad,
                       f"integers from 0 to {count - 1}",
                       "y = np.unique(y, return_inverse=True)[1]")  # fmt: skip
    return labels.astype(int)
