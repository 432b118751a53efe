"""Checks of what users pass."""

import math
from collections.abc import Mapping
from typing import Any

from .. import _core
from ..errors import ArgumentError, DTypeError, GraddlError

LARGE = 2000  # nodes; beyond, a picture has to be forced


def drawable(obj):
    """Raise DTypeError unless `obj` is a Tensor or a Scalar."""
    if not isinstance(obj, _core.Tensor | _core.Scalar):
        raise DTypeError(
            "can draw a Tensor or a Scalar",
            op="draw",
            got=type(obj).__name__,
            expected="the result of a computation",
            fix="gd.draw(loss)",
        )


def one_of(what, got, known, fix):
    """Raise ArgumentError unless `got` is one of the known values."""
    if got not in known:
        raise ArgumentError(
            f"unknown {what}", op="draw", got=repr(got), expected=" or ".join(known), fix=fix
        )


def known_scopes(collapse: Any, steps: list) -> None:
    """Raise ArgumentError unless `collapse` is None, True, False, or a list of scopes."""
    if collapse is None or isinstance(collapse, bool):
        return
    paths = {s.node.scope for s in steps if s.node.op is not None and s.node.scope}
    known = {".".join(p.split(".")[:i]) for p in paths for i in range(1, p.count(".") + 2)}
    names = [collapse] if isinstance(collapse, str) else list(collapse)
    for name in names:
        if name not in known or isinstance(collapse, str):
            some = sorted(known)[:6]
            raise ArgumentError(
                "collapse takes a list of scopes of the graph",
                op="draw",
                got=repr(collapse if isinstance(collapse, str) else name),
                expected=f"some of {', '.join(some)}"
                if some
                else "True or False: it has no scopes",
                fix=f"collapse=[{some[0]!r}]" if some else "with gd.scope('encoder'): ...",
            )


def pair(given: Any, kind: type = float, instead: float = 0.0) -> tuple[Any, Any]:
    """Two numbers of a kind; what stands `instead` of each where two are not given."""
    try:
        a, b = map(kind, given)
    except (TypeError, ValueError):
        return instead, instead
    return a, b


def ramp(ends: Any) -> tuple[float, float] | None:
    """The decades of a ramp from its ends, two positive numbers; None of None."""
    if ends is None:
        return None
    low, high = pair(ends)
    if not 0.0 < low < high < math.inf:
        raise ArgumentError(
            "range is not two gradients, the smaller one first",
            op="draw",
            got=repr(ends),
            expected="two positive numbers",
            fix="range=(1e-6, 1.0)",
        )
    return math.log10(low), math.log10(high)


def few_enough(drawn: int, force: bool) -> None:
    """Raise ArgumentError for a picture too large to be read, unless it is forced."""
    if drawn > LARGE and not force:
        raise ArgumentError(
            "no one can read so large a picture",
            op="draw",
            got=f"{drawn} nodes",
            expected=f"at most {LARGE}",
            fix="max_nodes=60, detail='layers'; or force=True",
        )


def called(names: Any) -> dict:
    """Raise ArgumentError unless `names` is None or says by name what to call things."""
    if names is not None and not isinstance(names, Mapping):
        raise ArgumentError(
            "names is no dict",
            op="draw",
            got=type(names).__name__,
            expected="what to call things, by name",
            fix="names=locals(), or names={'w1': w1}",
        )
    return dict(names or {})


def at_least(what, got, least, fix):
    """Raise ArgumentError unless `got` is an integer of at least `least`."""
    if not isinstance(got, int) or got < least:
        raise ArgumentError(
            f"{what} is too small", op="draw", got=got, expected=f"{least} or more", fix=fix
        )


def complain(
    op: str,
    message: str,
    got: Any,
    expected: str,
    fix: str,
    kind: type[GraddlError] = ArgumentError,
) -> GraddlError:
    """The error of a picture of `gd.viz` that cannot be drawn."""
    return kind(message, op=f"viz.{op}", got=got, expected=expected, fix=fix)
