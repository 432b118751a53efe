"""Histories of training, as dict of lists or list of dicts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ...errors import DTypeError, ShapeError
from ..names import clean
from ..options import complain
from .chart import array

TRAIN = ("loss", "train_loss", "training_loss", "train")


VALIDATION = ("val_loss", "valid_loss", "validation_loss", "validation", "val")


FIX = "gd.viz.learning_curves({'loss': [1.0, 0.5], 'val_loss': [1.1, 0.8]})"


def columns(history: Any) -> dict[str, list]:
    """A list of numbers for each key; None where a dict of an epoch lacks it."""
    if isinstance(history, Mapping):
        table = {str(k): v for k, v in history.items()}
    elif isinstance(history, Sequence) and history and all(isinstance(h, Mapping) for h in history):
        keys = dict.fromkeys(k for h in history for k in h)
        table = {str(k): [h.get(k) for h in history] for k in keys}
    else:
        raise complain("learning_curves", "history is no dict of lists, nor a list of dicts",
                       type(history).__name__, "a number for each epoch", FIX, DTypeError
    )  # fmt: skip
    return {name: entries(name, v) for name, v in table.items()}


def entries(name: str, values: Any) -> list:
    try:
        return [None if v is None else float(array(v).reshape(()))
                for v in (values.tolist() if hasattr(values, "tolist") else values)]  # fmt: skip
    except (TypeError, ValueError):
        raise complain("learning_curves", f"{clean(name)} is no list of numbers",
                       type(values).__name__, "a number or None for each epoch", FIX,
                       DTypeError) from None  # fmt: skip


def key(table: dict, given: str | None, usual: tuple, option: str) -> str | None:
    if given is not None and given not in table:
        raise complain("learning_curves", f"the history has no {given!r}", f"keys {list(table)}",
                       "one of its keys", f"{option}={next(iter(table), 'loss')!r}")  # fmt: skip
    return given if given is not None else next((k for k in usual if k in table), None)


def epochs_of(table: dict, count: int) -> list[float]:
    for name, values in table.items():
        if len(values) != count:
            raise complain("learning_curves", f"{clean(name)} has another length than the losses",
                           f"{len(values)} of {count}", "one entry for each epoch, None if not "
                           "measured", f"history[{clean(name)!r}] += [None]", ShapeError
    )  # fmt: skip
    given = table.get("epoch") or []
    if len(given) == count and None not in given and all(a < b for a, b in pairwise(given)):
        return given
    return [float(k + 1) for k in range(count)]
