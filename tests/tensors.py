"""Tensors and ops for the tests of the engine."""

import contextlib
import sys

import numpy as np

import graddl as gd
from graddl.backend import tensor_namespace
from graddl.ops import FUNCTIONS, TABLE


def leaf(data, dtype="float64", **more):
    """A Tensor that wants gradient."""
    return gd.tensor(np.array(data, dtype), requires_grad=True, **more)


def const(data, dtype="float64"):
    """A Tensor that wants none."""
    return gd.tensor(np.array(data, dtype))


def line():
    """The number of the line that calls this."""
    return sys._getframe(1).f_lineno


def fail(*_):
    """What rules and hooks call to raise."""
    raise ArithmeticError("on purpose")


@contextlib.contextmanager
def temporary_ops():
    """Gives a function that defines an op, which is gone after the block."""
    before = set(TABLE)

    def define(constructor, name, forward, rules, **more):
        assert name not in FUNCTIONS, "the table has that name"
        constructor(name, forward, rules, tex="", doc="", hidden=True, method=False, **more)
        return FUNCTIONS[name]

    try:
        yield define
    finally:
        for name in set(TABLE) - before:
            del TABLE[name], FUNCTIONS[name]
            delattr(tensor_namespace, name)
