"""The paths that optimizers take on a function of two numbers: real steps on real gradients."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ... import optim
from ..._core import Scalar, Tensor
from ...errors import DTypeError
from ...modes import enable_grad, no_grad
from ..names import clean
from ..numbers import number
from ..options import complain
from .functions import Surface, surface
from .style import LOOKS

FAR = 1e6  # an optimizer that gets so far from the start will not come back
MOST = 10_000  # steps


@dataclass(frozen=True)
class Path:
    """Where an optimizer went.

    Attributes
    ----------
    points : array of shape (steps + 1, 2), the start first
    losses : array of shape (steps + 1,)
    diverged : int or None
        The step after which it was stopped.
    """

    name: str
    points: np.ndarray
    losses: np.ndarray
    diverged: int | None = None

    @property
    def steps(self) -> int:
        return len(self.losses) - 1

    def end(self) -> str:
        if self.diverged is not None:
            return f"✕ diverged at step {self.diverged}"
        return f"loss {number(self.losses[-1])}"


def classics(s: Surface) -> dict[str, Callable]:
    """Four optimizers to compare, at rates that suit the function."""
    rates = dict(s.rates) or dict.fromkeys(("SGD", "momentum", "RMSprop", "Adam"), 0.01)
    make: dict[str, Callable] = {
        "SGD": optim.SGD,
        "momentum": partial(optim.SGD, momentum=0.9),
        "RMSprop": partial(optim.RMSprop, alpha=0.9),
        "Adam": optim.Adam,
    }
    return {name: partial(f, lr=rates[name]) for name, f in make.items()}


def makers(given: Any, s: Surface, op: str) -> dict[str, Callable]:
    """What makes an optimizer of a list of parameters, by what to call it."""
    if given is None:
        return classics(s)
    if isinstance(given, dict):
        pairs: Iterable = given.items()
    elif isinstance(given, list | tuple):
        pairs = [(f if isinstance(f, str) else getattr(f, "__name__", "optimizer"), f)
                 for f in given]  # fmt: skip
    else:
        pairs = [(None, given)]
    out: dict[str, Callable] = {}
    for name, f in pairs:
        if isinstance(f, str) and f in (ready := classics(s)):
            f = ready[f]
        if isinstance(f, optim.Optimizer) or not callable(f):
            raise complain(op, "optimizers are made here, for parameters of the chart's own",
                           type(f).__name__ if not isinstance(f, str) else repr(f),
                           "a dict of names and functions of the parameters",
                           'optimizers={"Adam": lambda params: gd.optim.Adam(params, lr=0.1)}',
                           DTypeError)  # fmt: skip
        out[clean(name, 24)] = f
    if not 0 < len(out) <= len(LOOKS):
        raise complain(op, "not a number of optimizers that can be told apart", len(out),
                       f"1 to {len(LOOKS)}", "fewer optimizers")  # fmt: skip
    return out


def numbers_of(start: Any, s: Surface, op: str) -> tuple[float, float]:
    """The start as two floats."""
    if start is None and s.start is not None:
        return s.start
    try:
        x, y = (float(v) for v in (start.tolist() if isinstance(start, Tensor) else start))
    except (TypeError, ValueError):
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise complain(op, "the start is not a point", repr(start), "two numbers",
                       "start=(-1.5, 2.0)")  # fmt: skip
    return x, y


def value(f: Callable, point: Any, op: str) -> Any:
    """f at a point of two Tensors, or a Tensor of two elements; one element."""
    y = f(point[0], point[1])
    if not isinstance(y, Tensor | Scalar) or y.size != 1:
        raise complain(op, "the function does not give one number",
                       f"shape {y.shape}" if isinstance(y, Tensor) else type(y).__name__,
                       "a Tensor of one element, of two such",
                       f"gd.viz.{op}(lambda x, y: x * x + y * y, (1.0, 2.0))", DTypeError
    )  # fmt: skip
    return y


def walk(name: str, make: Callable, f: Callable, start: tuple, steps: int, op: str) -> Path:
    """Run one optimizer."""
    w = Tensor(np.array(start, float), requires_grad=True)
    optimizer = make([w])
    if not hasattr(optimizer, "step"):
        raise complain(op, f"{name} makes no optimizer", type(optimizer).__name__,
                       "an Optimizer of the list of parameters",
                       f'{{"{name}": lambda params: gd.optim.Adam(params, lr=0.1)}}',
                       DTypeError)  # fmt: skip

    def closure():
        optimizer.zero_grad()
        with enable_grad():
            loss = value(f, w, op)
            loss.backward()
        return loss

    def here():
        with no_grad():
            return float(value(f, w, op).item())

    points, losses = [w.numpy(copy=True)], [here()]
    for k in range(1, steps + 1):
        optimizer.step(closure)
        points.append(w.numpy(copy=True))
        losses.append(here())
        away = float(np.abs(points[-1] - points[0]).max())
        if not (math.isfinite(losses[-1]) and away < FAR):
            return Path(name, np.array(points), np.array(losses), k)
    return Path(name, np.array(points), np.array(losses))


def run(
    f: Any, start: Any, optimizers: Any, steps: Any, condition: Any, op: str
) -> tuple[Surface, list[Path]]:
    """The function and the path of each optimizer."""
    s = surface(f, op, condition)
    if not isinstance(steps, int) or not 0 < steps <= MOST:
        raise complain(op, "not a number of steps", repr(steps), f"1 to {MOST}", "steps=100")
    at = numbers_of(start, s, op)
    made = makers(optimizers, s, op)
    with np.errstate(all="ignore"):  # an optimizer that diverges is told in words
        return s, [walk(name, make, s.f, at, steps, op) for name, make in made.items()]
