"""The text of the table's entries."""

import numpy as np
import pytest

from graddl import backend
from graddl.ops import COMPOSED, FUNCTIONS, TABLE, _describe

RULES = (lambda xp, y: 1 - y * y, lambda xp, g, x: xp.where(x > 0, g, 0))  # two on one line
LONG = [
    lambda xp, g, x: (
        g
        + x
    )
]  # fmt: skip


def named(xp, g):
    return g


def test_source_of_a_rule():
    assert [_describe.source(rule) for rule in RULES] == ["1 - y * y", "xp.where(x > 0, g, 0)"]
    assert _describe.source(LONG[0]) == "g + x"
    assert _describe.source(named) == "named"
    assert (_describe.source(-1), _describe.source(0.5)) == ("-1", "0.5")


def lambdas():
    """Every rule of the table that is a lambda."""
    return [
        (name, arg, rule)
        for name, op in TABLE.items()
        for arg, rule in op.info["rules"].items()
        if callable(rule) and rule.__name__ == "<lambda>"
    ]


@pytest.mark.parametrize(
    "rule", [rule for *_, rule in lambdas()], ids=[f"{n}-{a}" for n, a, _ in lambdas()]
)
def test_source_is_that_of_the_rule(rule):
    """Compiled again it is the same bytecode: no neighbour on the line was taken for it."""
    code = rule.__code__
    names = code.co_varnames[: code.co_argcount]
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    signature = ", ".join([*names, *(["*", *keywords] if keywords else [])])
    again = eval(f"lambda {signature}: {_describe.source(rule)}").__code__
    assert again.co_code == code.co_code and again.co_names == code.co_names
    assert again.co_consts == code.co_consts


@pytest.mark.parametrize("op", [*TABLE.values(), *COMPOSED.values()], ids=[*TABLE, *COMPOSED])
def test_facts_of_every_op(op):
    assert list(_describe.derivatives(op)) == (["y"] if op.kind == "composed" else list(op.args))
    assert _describe.dtypes(op)["float64"] in ("float64", "bool", "int64")
    assert all(FUNCTIONS[alias] is FUNCTIONS[op.name] for alias in _describe.aliases(op))
    assert bool(_describe.kernels(op)) == bool(op.kernels)


def test_dtypes_are_those_of_the_results():
    x = np.ones(2, np.int64)
    assert _describe.dtypes(TABLE["exp"])["int64"] == str(FUNCTIONS["exp"](x).dtype)
    assert "bool" not in _describe.dtypes(TABLE["subtract"])  # NumPy has no difference of booleans


def test_domain():
    assert _describe.domain(TABLE["divide"]) == "a in [-2, 2], b in [0.5, 2]"
    assert _describe.domain(TABLE["abs"]) == "[-2, 2], kinks at 0"


def test_primitives_are_those_of_the_rules_and_of_their_helpers():
    assert _describe.primitives(TABLE["tanh"]) == []
    assert _describe.primitives(TABLE["erf"]) == ["erf"]
    assert "solve" in _describe.primitives(TABLE["solve"])
    used = {name for op in TABLE.values() for name in _describe.primitives(op)}
    assert used == backend.PRIMITIVES and all(backend.REASONS.values())
