"""Checks of what users pass."""

from .. import _core
from ..errors import ArgumentError, DTypeError


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


def at_least(what, got, least, fix):
    """Raise ArgumentError unless `got` is an integer of at least `least`."""
    if not isinstance(got, int) or got < least:
        raise ArgumentError(
            f"{what} is too small", op="draw", got=got, expected=f"{least} or more", fix=fix
        )
