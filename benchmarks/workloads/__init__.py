"""The workloads: every module in this folder offers its own in a tuple ``WORKLOADS``.

A new workload is one new file here (and, if it is judged, one line in ``targets.py``). For those
that have a model, ``../cases.py`` knows how each library iterates.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """One workload made ready in one library.

    Either `step` is given, which the worker times, or `sample`, which makes its own figure.

    Attributes
    ----------
    step : callable, optional
        One iteration, from the first operation until the graph is freed.
    gradients : callable, optional
        The gradients of the first iteration by name, to be checked before anything is timed.
    sample : callable, optional
        Returns the figure of one round in the workload's unit.
    """

    step: Callable[[], object] | None = None
    gradients: Callable[[], Arrays] | None = None
    sample: Callable[[], float] | None = None


@dataclass(frozen=True)
class Workload:
    """What is measured, with which libraries, and what the right gradients are.

    Attributes
    ----------
    name : str
        Short name, the row of the table.
    about : str
        One line that says what one iteration is.
    data : callable
        ``data(shrink)`` makes the inputs, equal on every call; those for a library in `shrink`
        are that many times smaller.
    setups : mapping of str to callable
        ``setups[library](data)`` returns a `Case`. A library that is not named lacks support.
        Names that begin with ``graddl`` are judged, each in a row of its own.
    oracle : callable or str, optional
        ``oracle(data)`` returns float64 gradients, worked out with NumPy alone; or the name of the
        library that is to give them, from the same data in float64, in a process of its own.
    dtype : str
        What the libraries must compute in, and what their gradients must be.
    shrink : mapping of str to int
        Libraries too slow for the full size; their figure is multiplied back.
    unit : {"s", "B", "ms"}
        Unit of a figure.
    compare : {"ratio", "difference", "none"}
        How a figure becomes a cell: over the baseline's, minus it, or as it is.
    baseline : str
        Library that the others are compared with, round by round.
    rounds : int, optional
        Upper bound on rounds, for figures that do not vary.
    """

    name: str
    about: str
    data: Callable[[int], dict]
    setups: Mapping[str, Callable[[dict], Case]]
    oracle: Callable[[dict], Arrays] | str | None = None
    dtype: str = "float32"
    shrink: Mapping[str, int] = field(default_factory=dict)
    unit: str = "s"
    compare: str = "ratio"
    baseline: str = "torch"
    rounds: int | None = None

    def data_for(self, library: str) -> dict:
        """Make the inputs of the size that `library` is measured at."""
        return self.data(self.shrink.get(library, 1))


def load() -> dict[str, Workload]:
    """Import every module of this folder and return its workloads by name."""
    found: dict[str, Workload] = {}
    for module in pkgutil.iter_modules(__path__):
        for workload in importlib.import_module(f"{__name__}.{module.name}").WORKLOADS:
            found[workload.name] = workload
    return found
