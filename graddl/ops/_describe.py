"""The entries of the table as text, for those who read them: `graddl ops` and the reference."""

import ast
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import FunctionType

import numpy as np

from .._core import Op
from ..backend import PRIMITIVES
from ._define import ALIASES, FUNCTIONS, Composed
from ._functions import call_on

DTYPES = ("bool", "int64", "float16", "float32", "float64")
DOORS = {  # and the names of inputs, which stand for their gradients
    "forward": "forward",
    "k1": "forward",
    "k2": "forward",
    "kv": "gradient",
    "scalar": "scalar",
    "scalar_d": "scalar",
    "spread": "gradient",
}


def derivatives(op: Op | Composed) -> dict[str, str]:
    """For each input the source of its rule; "–" where it carries no gradient.

    A rule that does not name g is a derivative, and the engine multiplies it by g. A function that
    is made of ops has no rules: here is how it is made, under the name of the result.
    """
    if isinstance(op, Composed):
        return {"y": source(op.forward)}
    if op.joint is not None:
        return dict.fromkeys(op.args, source(op.joint.fn))
    rules = {a.lstrip("*"): source(rule) for a, rule in op.info["rules"].items()}
    if op.info["boolean"]:  # booleans and integers have no gradient to give
        rules = {}
    return {a: rules.get(a, "–") for a in op.args}


def domain(op: Op | Composed) -> str:
    """Where the tests sample the inputs, and the points that finite differences have to avoid."""
    where = op.info["domain"]
    where = where if isinstance(where, dict) else {"": where}
    parts = [f"{a} in [{low:g}, {high:g}]".removeprefix(" in ") for a, (low, high) in where.items()]
    if op.info["kinks"]:
        parts.append("kinks at " + " ".join(map(str, op.info["kinks"])))
    return ", ".join(parts)


def dtypes(op: Op | Composed) -> dict[str, str]:
    """The dtype of the result for each dtype of the arrays, found by calling the op.

    A dtype that it does not take is left out.
    """
    found = {}
    for dtype in DTYPES:
        arrays, params = _sample(op, np.dtype(dtype))
        try:
            y = call_on(FUNCTIONS[op.name], arrays, params)
        except (TypeError, ValueError):
            continue
        found[dtype] = str((y[0] if isinstance(y, tuple) else y).dtype)
    return found


def _sample(op: Op | Composed, dtype: np.dtype) -> tuple[Sequence, dict]:
    """Arrays of a dtype, and parameters, with which the op can be called."""

    def make(*shape, arg=None):
        return np.ones(shape, dtype)

    if op.info["samples"] is None:
        return [make(2) for _ in op.args], {}
    try:
        return op.info["samples"](make)[0]
    except TypeError:  # computes with numbers before it makes arrays of them
        arrays, params = op.info["samples"](lambda *shape, arg=None: np.ones(shape))[0]
        cast = [x.astype(dtype) if getattr(x, "dtype", dtype) == "float64" else x for x in arrays]
        return cast, params


def primitives(op: Op | Composed) -> list[str]:
    """Which primitives, beyond the array API standard, its forward and its rules use themselves."""
    functions = [op.forward, op.joint and op.joint.fn, *(op.info["rules"].values())]
    functions += [rule.fn for rule in op.info["jvp"].values()]
    used = {name for f in functions if callable(f) for name in _names_in(f, set())}
    return sorted(used & PRIMITIVES)


def _names_in(f: Callable, seen: set) -> set[str]:
    """The names that a function uses, and those of the helpers that it calls."""
    seen.add(f)
    names = set(f.__code__.co_names)
    for name in list(names):
        helper = f.__globals__.get(name)
        if isinstance(helper, FunctionType) and helper not in seen:
            names |= _names_in(helper, seen)
    return names


def kernels(op: Op | Composed) -> list[str]:
    """What of the op has a compiled kernel, in words."""
    return list(dict.fromkeys(DOORS.get(door, "gradient") for door in op.kernels))


def aliases(op: Op | Composed) -> list[str]:
    """Its other names."""
    return [alias for alias, name in ALIASES.items() if name == op.name]


# ---------------------------------------------------------------------- the source of a rule
def source(rule: Callable | float) -> str:
    """A number as it is; of a lambda what stands after the colon, on one line; else the name."""
    if not callable(rule):
        return f"{rule:g}"
    code = rule.__code__
    text, lambdas = _parsed(code.co_filename)
    # Of several lambdas on a line, the one that holds the first piece of the bytecode.
    start = min((line, col) for line, _, col, _ in code.co_positions() if line and col)
    bodies = [f.body for f in lambdas if _begin(f.body) <= start < _end(f.body)]
    if not bodies:
        return rule.__name__
    body = max(bodies, key=_begin)
    return " ".join((ast.get_source_segment(text, body) or "").split())


@cache
def _parsed(path: str) -> tuple[str, list[ast.Lambda]]:
    """The text of a file, and its lambdas."""
    text = Path(path).read_text(encoding="utf-8")
    return text, [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda)]


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0
