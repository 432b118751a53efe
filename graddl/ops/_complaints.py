"""What entries of the table use to refuse, and to say what they refuse."""

from ._define import FUNCTIONS
from ._explain import call_text


def complain(kind, name, message, got, expected, values, params, **changed):
    """Raise an error of the function `name`; its fix is the call with `changed` arguments."""
    fix = call_text(FUNCTIONS[name].op, values, params, changed)
    raise kind(message, op=name, got=got, expected=expected, fix=fix)


def wrong(kind, op, message, got, expected, fix):
    """An error of a class, whose text says what was got."""
    return kind(f"{message}; got {got}", op=op, got=got, expected=expected, fix=fix)


def misfits(*calls):
    """Errors of an entry: arrays whose shapes do not fit."""
    return [(xs, {}, "ShapeError") for xs in calls]
