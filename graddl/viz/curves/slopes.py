"""A function of one number and its derivative, and where they bend, jump and are flat."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ... import autodiff
from ..._core import Scalar, Tensor
from ...errors import DTypeError, GraddlError
from ..numbers import number
from ..options import complain

FIX = "gd.viz.activation('relu', 'tanh')"
POINTS = 401


SATURATED = 0.05  # a derivative that is smaller lets hardly anything through


@dataclass(frozen=True)
class Curve:
    """A function on a range: plain numbers, and where it bends and is flat."""

    name: str
    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    kinks: tuple[float, ...]
    jumps: tuple[float, ...]
    flat: tuple[tuple[float, float], ...]  # where |f′| < SATURATED, if that reaches an end
    parameters: str = ""

    def words(self) -> list[str]:
        """What a teacher would point at, in lines."""
        out = [f"f′ from {number(shown(self.slope.min()))} to {number(shown(self.slope.max()))}"]
        for word, places in (("kink", self.kinks), ("jump", self.jumps)):
            if places:
                out[0] += f"; {word}{'s' * (len(places) > 1)} at {listed(places)}"
        return [*out, self.saturation(), *[self.parameters][: bool(self.parameters)]]

    def saturation(self) -> str:
        low, high = self.x[0], self.x[-1]
        if not self.slope.any():
            return "▲ f′ = 0 everywhere: nothing is learned through it"
        where, dead = [], True
        for a, b in self.flat:
            where.append(f"x > {number(shown(a))}" if b == high else f"x < {number(shown(b))}")
            inside = (self.x > max(a, low)) & (self.x < min(b, high))
            dead = dead and not self.slope[inside].any()
        if not where:
            return "not flat here"
        return f"flat, {'f′ = 0' if dead else f'|f′| < {SATURATED}'}: {', '.join(where)}"


def shown(v: float) -> float:
    return round(float(v), 2)


def listed(places: tuple[float, ...]) -> str:
    return ", ".join(number(v) for v in places)


def value_and_slope(f: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """f and its derivative at each point of x, by the engine."""
    y, pull = autodiff.vjp(f, Tensor(x))
    if isinstance(y, Scalar) or not isinstance(y, Tensor) or y.shape != x.shape:
        raise complain("activation", "not a function that works point by point",
                       f"shape {getattr(y, 'shape', type(y).__name__)} of {x.shape}",
                       "a Tensor of the shape of x", FIX, DTypeError)  # fmt: skip
    if y.dtype.kind != "f":
        return y.numpy().astype(float), np.zeros_like(x)
    return y.numpy(copy=True), pull(np.ones_like(x))[0].numpy(copy=True)


def curve(name: str, parameters: str, f: Callable, x: np.ndarray) -> Curve:
    try:
        y, slope = value_and_slope(f, x)
        few = value_and_slope(f, x[::7])[0]
    except GraddlError as error:
        if error.op == "viz.activation":
            raise
        raise complain("activation", f"{name} does not work on one array: {error.message}", name,
                       "a function of one Tensor, point by point", FIX,
                       DTypeError) from error  # fmt: skip
    except TypeError as error:
        raise complain("activation", f"{name} cannot be called on one Tensor: {error}", name,
                       "a function of one Tensor", FIX, DTypeError) from error  # fmt: skip
    if not np.allclose(few, y[::7], equal_nan=True):
        raise complain("activation", f"{name} mixes its points: each y depends on every x", name,
                       "a function that works point by point", FIX, DTypeError)  # fmt: skip
    jumps = breaks(lambda at: value_and_slope(f, at)[0], x)
    kinks = tuple(k for k in breaks(lambda at: value_and_slope(f, at)[1], x) if k not in jumps)
    return Curve(name, x, y, slope, kinks, jumps, flat_ends(x, slope), parameters)


def breaks(f: Callable, x: np.ndarray) -> tuple[float, ...]:
    """Where f jumps: every interval is halved towards its larger step, and the step stays."""
    a, b = x[:-1].copy(), x[1:].copy()
    at_a, at_b = f(a), f(b)
    for _ in np.arange(40):
        middle = (a + b) / 2
        at = f(middle)
        left = np.abs(at - at_a) >= np.abs(at_b - at)
        a, at_a = np.where(left, a, middle), np.where(left, at_a, at)
        b, at_b = np.where(left, middle, b), np.where(left, at, at_b)
    step = np.abs(at_b - at_a)
    found = b[np.isfinite(step) & (step > 1e-3)]
    return tuple(dict.fromkeys(float(v) + 0.0 for v in np.round(found, 6)))


def flat_ends(x: np.ndarray, slope: np.ndarray) -> tuple[tuple[float, float], ...]:
    """The stretches of small slope that reach an end of the range; not a single point."""
    steep = np.flatnonzero(~(np.abs(slope) < SATURATED))
    if not steep.size:
        return ((float(x[0]), float(x[-1])),)
    first, last = int(steep[0]), int(steep[-1])
    out = []
    if first > 1:
        out.append((float(x[0]), float(x[first - 1])))
    if last < x.size - 2:
        out.append((float(x[last + 1]), float(x[-1])))
    return tuple(out)
