"""Functions of two numbers on which optimizers are compared, with where they come from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..options import complain


@dataclass(frozen=True)
class Surface:
    """A function of two numbers, where to look at it, and what is known of it.

    Attributes
    ----------
    rates : dict of str to float
        Learning rates that suit it, by the name of the optimizer.
    """

    title: str
    f: Callable
    window: tuple[tuple[float, float], tuple[float, float]] | None = None
    start: tuple[float, float] | None = None
    minima: tuple[tuple[float, float], ...] = ()
    lowest: float | None = None
    source: str = ""
    rates: tuple[tuple[str, float], ...] = ()


def _quadratic(condition: float, x: Any, y: Any) -> Any:
    return 0.5 * (x * x + condition * y * y)


def _rosenbrock(x: Any, y: Any) -> Any:
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


def _beale(x: Any, y: Any) -> Any:
    return ((1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
)  # fmt: skip


def _saddle(x: Any, y: Any) -> Any:
    return x * x - y * y + 0.5 * y**4


SURFACES = {
    "quadratic": Surface(
        "Quadratic bowl, condition number 20", partial(_quadratic, 20.0), ((-5, 5), (-2.5, 2.5)),
        (-4.5, 2.0), ((0.0, 0.0),), 0.0, "Goh (2017), Why momentum really works",
        (("SGD", 0.09), ("momentum", 0.02), ("RMSprop", 0.1), ("Adam", 0.3)),
    ),
    "rosenbrock": Surface(
        "Rosenbrock's function", _rosenbrock, ((-2.0, 2.0), (-1.0, 3.0)),
        (-1.2, 1.0), ((1.0, 1.0),), 0.0,
        "Rosenbrock (1960), An automatic method for finding the greatest or least value of a "
        "function",
        (("SGD", 0.001), ("momentum", 0.001), ("RMSprop", 0.02), ("Adam", 0.1)),
    ),
    "beale": Surface(
        "Beale's function", _beale, ((-1.5, 4.5), (-2.0, 2.0)),
        (1.0, 1.5), ((3.0, 0.5),), 0.0,
        "Beale (1958), On an iterative method of finding a local minimum of a function of more "
        "than one variable",
        (("SGD", 0.01), ("momentum", 0.005), ("RMSprop", 0.03), ("Adam", 0.1)),
    ),
    "saddle": Surface(
        "A saddle between two minima", _saddle, ((-2.0, 2.0), (-1.6, 1.6)),
        (1.6, 0.001), ((0.0, 1.0), (0.0, -1.0)), -0.5,
        "Dauphin et al. (2014), Identifying and attacking the saddle point problem",
        (("SGD", 0.1), ("momentum", 0.03), ("RMSprop", 0.03), ("Adam", 0.08)),
    ),
}  # fmt: skip


def surface(f: Any, op: str, condition: float | None = None) -> Surface:
    """The Surface of a name or of a function of two Tensors."""
    if condition is not None and f != "quadratic":
        raise complain(op, "condition= belongs to the quadratic", repr(f), "f='quadratic'",
                       f"gd.viz.{op}('quadratic', condition=20)")  # fmt: skip
    if isinstance(f, str):
        if f not in SURFACES:
            raise complain(op, "no test function of this name", repr(f), " or ".join(SURFACES),
                           f"gd.viz.{op}('rosenbrock')")  # fmt: skip
        found = SURFACES[f]
        if condition is None:
            return found
        return quadratic(float(condition), op)
    if not callable(f):
        raise complain(op, "neither a name nor a function", type(f).__name__,
                       "a function of two Tensors",
                       f"gd.viz.{op}(lambda x, y: x * x + y * y, (1.0, 2.0))")  # fmt: skip
    name = getattr(f, "__name__", "f")
    return Surface("f(x, y)" if name == "<lambda>" else name, f)


def quadratic(condition: float, op: str) -> Surface:
    """The bowl whose Hessian has the eigenvalues 1 and `condition`."""
    if not 1.0 <= condition <= 1e6:
        raise complain(op, "not a condition number", condition, "1 to 10⁶",
                       f"gd.viz.{op}('quadratic', condition=20)")  # fmt: skip
    old, high = SURFACES["quadratic"], max(5 / condition**0.5, 0.5)
    rates = dict(old.rates) | {"SGD": 1.8 / condition, "momentum": 0.4 / condition}
    return Surface(
        f"Quadratic bowl, condition number {condition:g}", partial(_quadratic, condition),
        ((-5, 5), (-high, high)), (-4.5, 0.8 * high), old.minima, 0.0, old.source,
        tuple(rates.items()),
    )  # fmt: skip
