"""Copying saved values into a module, all of them or none."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .._core import Tensor
from ..errors import CheckpointError, DTypeError


class LoadReport(NamedTuple):
    """Names that ``load_state_dict(strict=False)`` passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def load(named, state, strict):
    """Copy `state` into the tensors of `named`.

    Parameters
    ----------
    named : list of (str, Tensor)
        A shared tensor stands under each of its names; any one of them is enough.
    state : mapping of str to Tensor or ndarray
    strict : bool

    Returns
    -------
    LoadReport
    """
    if not isinstance(state, Mapping):
        raise DTypeError(
            "a state is a mapping of names to arrays",
            op="load_state_dict",
            got=type(state).__name__,
            expected="a dict",
            fix="what model.state_dict() gave",
        )
    targets = dict(named)
    state = {name: v if isinstance(v, Tensor) else np.asarray(v) for name, v in state.items()}
    given = {id(targets[name]) for name in state if name in targets}
    missing = []
    for name, t in named:
        if id(t) not in given:
            missing.append(name)
            given.add(id(t))
    unexpected = [name for name in state if name not in targets]
    fitting = {name: v for name, v in state.items() if name in targets}
    shapes = {
        name: (tuple(v.shape), targets[name].shape)
        for name, v in fitting.items()
        if tuple(v.shape) != targets[name].shape
    }
    no_numbers = {name: v.dtype for name, v in fitting.items() if v.dtype.kind not in "biuf"}
    if shapes or no_numbers or (strict and (missing or unexpected)):
        names = (missing, unexpected) if strict else ([], [])
        raise _misfit(*names, shapes, no_numbers)
    for name, value in fitting.items():
        targets[name].data = value
    return LoadReport(missing, unexpected)


def _misfit(missing, unexpected, wrong, no_numbers):
    lines = [
        *(f"missing: {name}" for name in missing),
        *(f"unexpected: {name}" for name in unexpected),
        *(f"wrong shape: {name} is {got}, here {here}" for name, (got, here) in wrong.items()),
        *(f"no real numbers: {name} holds {dtype}" for name, dtype in no_numbers.items()),
    ]
    fix = "strict=False passes over names that differ"
    return CheckpointError(
        "the state does not fit the module\n  " + "\n  ".join(lines),
        op="load_state_dict",
        got={"missing": missing, "unexpected": unexpected, "wrong": wrong},
        expected="the module's own names and shapes",
        fix="build the module as it was when saved" if wrong or no_numbers else fix,
    )
