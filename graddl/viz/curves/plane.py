"""A plane through the parameters of a model, and the losses on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DTypeError, ShapeError
from ...modes import no_grad
from ...nn import Module
from ..options import complain
from .chart import array
from .models import copied

GRID = 31  # points on a side; each costs a run of the model


FIX = "gd.viz.loss_surface(model, gd.nn.MSELoss(), x, y)"


@dataclass(frozen=True)
class Plane:
    """Losses at centre + a·first + b·second, and how the plane was laid.

    Attributes
    ----------
    a, b : arrays of shape (points,)
    losses : array of shape (points, points), a row for each b
    here : float, the loss at the centre
    path : array of shape (states, 2) or None
    path_losses : array of shape (states,) or None; at the states themselves, not in the plane
    how : str
    """

    a: np.ndarray
    b: np.ndarray
    losses: np.ndarray
    here: float
    path: np.ndarray | None
    path_losses: np.ndarray | None
    how: str


def plane_of(
    model: Any, loss_function: Any, x: Any, y: Any, along: Any, path: Any,
    reach: float, points: int, seed: int,
) -> Plane:  # fmt: skip
    if not isinstance(model, Module):
        raise complain("loss_surface", "model is no Module", type(model).__name__, "a Module", FIX,
                       DTypeError)  # fmt: skip
    if not isinstance(points, int) or not 3 <= points <= 301:
        raise complain(
            "loss_surface", "not a number of points", repr(points), "3 to 301", "points=31"
        )
    if not 0 < float(reach) < float("inf"):
        raise complain(
            "loss_surface", "the plane has no size", reach, "a positive number", "reach=1.0"
        )
    if path is not None and len(path) < 2:
        raise complain("loss_surface", "a path has at least two states", f"{len(path)}",
                       "state_dict() after each epoch",
                       "states.append(model.state_dict())")  # fmt: skip
    twin = copied(model)
    named = dict(twin.named_parameters())
    if not named:
        raise complain("loss_surface", "the model has no parameters", type(model).__name__,
                       "a model that can be trained", FIX)  # fmt: skip
    centre = [array(p).astype(float) for p in named.values()]
    trail = None
    if path is not None:
        trail = np.stack([flat(fitted(s, named, "a state of the path")) for s in path])
        if along is None:
            first, second, share = components(trail - trail[-1])
            how = f"principal components of the path ({round(100 * share)} % of its spread)"
            centre = split(trail[-1], centre)
    if along is not None:
        if len(along) != 2:
            raise complain("loss_surface", "not two directions", f"{len(along)}", "two",
                           "along=(a, b)")  # fmt: skip
        first, second = (flat(fitted(d, named, "a direction")) for d in along)
        how = "given directions"
    elif path is None:
        rng = np.random.default_rng(seed)
        first, second = (flat(by_filter(centre, rng)) for _ in range(2))
        how = f"random directions normalised by filter (seed {seed})"
    across = np.stack([first, second], 1)
    if np.linalg.matrix_rank(across) < 2:
        raise complain("loss_surface", "the directions lie on one line", "no plane",
                       "two directions that differ", "along=None")  # fmt: skip
    origin = flat(centre)

    def loss_at(theta):
        for p, new in zip(named.values(), split(theta, centre), strict=True):
            p.data = new.astype(p.dtype)
        with no_grad(), np.errstate(all="ignore"):
            out = loss_function(twin(x), y)
        value = array(out)
        if value.size != 1:
            raise complain("loss_surface", "the loss is not one number", f"shape {value.shape}",
                           "a Tensor of one element", "loss_function=gd.nn.MSELoss()", DTypeError
        )  # fmt: skip
        return float(value.reshape(()))

    where = track = None
    low, high = np.full(2, -float(reach)), np.full(2, float(reach))
    if trail is not None:
        where = np.linalg.lstsq(across, (trail - origin).T, rcond=None)[0].T
        track = np.array([loss_at(t) for t in trail])
        spread = np.maximum(np.ptp(where, axis=0), 1e-9 + 0.2 * np.ptp(where))
        low, high = where.min(0) - 0.25 * spread, where.max(0) + 0.25 * spread
    a, b = (np.linspace(low[k], high[k], points) for k in range(2))
    losses = np.array([[loss_at(origin + i * first + j * second) for i in a] for j in b])
    return Plane(a, b, losses, loss_at(origin), where, track, how)


def fitted(state: Any, named: dict, what: str) -> list[np.ndarray]:
    """The arrays of a state or a direction, in the order and the shapes of the parameters."""
    if isinstance(state, dict):
        missing = [name for name in named if name not in state]
        if missing:
            raise complain("loss_surface", f"{what} lacks {missing[0]}", f"{len(state)} arrays",
                           "one for each parameter", "model.state_dict()", ShapeError)  # fmt: skip
        arrays = [array(state[name]) for name in named]
    else:
        arrays = [array(v) for v in state]
    shapes = [p.shape for p in named.values()]
    if [v.shape for v in arrays] != shapes:
        raise complain("loss_surface", f"{what} does not fit the parameters",
                       f"shapes {[v.shape for v in arrays]}", f"{shapes}",
                       "[p.detach() for p in model.parameters()]", ShapeError)  # fmt: skip
    return [v.astype(float) for v in arrays]


def flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([v.ravel() for v in arrays])


def split(theta: np.ndarray, like: Sequence[np.ndarray]) -> list[np.ndarray]:
    parts = np.split(theta, np.cumsum([v.size for v in like])[:-1])
    return [part.reshape(v.shape) for part, v in zip(parts, like, strict=True)]


def by_filter(centre: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """A random direction with the norms of the parameters, row by row; 0 for biases and scales.

    >>> d = by_filter([np.array([[3.0, 4.0], [0.0, 1.0]])], np.random.default_rng(0))[0]
    >>> np.linalg.norm(d, axis=1).round(6).tolist()
    [5.0, 1.0]
    """
    out = []
    for theta in centre:
        d = rng.standard_normal(theta.shape)
        if theta.ndim < 2:
            out.append(np.zeros_like(theta))
            continue
        rows, wanted = d.reshape(len(d), -1), theta.reshape(len(theta), -1)
        rows *= np.linalg.norm(wanted, axis=1, keepdims=True) / np.linalg.norm(
            rows, axis=1, keepdims=True
        )
        out.append(rows.reshape(theta.shape))
    return out


def components(trail: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The two directions in which a path spreads most, and their share of its spread."""
    _, s, axes_ = np.linalg.svd(trail - trail.mean(0), full_matrices=False)
    if len(s) < 2 or s[1] <= 1e-12 * max(s[0], 1e-300):  # a straight path
        other = np.zeros_like(axes_[0])
        other[int(np.abs(axes_[0]).argmin())] = 1.0
        second = other - (other @ axes_[0]) * axes_[0]
        return axes_[0], second / np.linalg.norm(second), 1.0
    return axes_[0], axes_[1], float((s[:2] ** 2).sum() / (s**2).sum())
