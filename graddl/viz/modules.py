"""What else can be drawn: a Module that is run for its picture, and a compiled tape."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import _trees, random
from .._core import Scalar, Tensor, call
from .._tape import Tape
from ..errors import ArgumentError, DTypeError
from ..modes import enable_grad, get_default_dtype
from ..nn import Module
from ..ops import TABLE


def result_of(obj: Any, inputs: tuple) -> tuple[list, Any, str | None]:
    """(results, model, title) of whatever `gd.draw` was given; the first result is drawn."""
    if isinstance(obj, Module):
        return run(obj, inputs), obj, type(obj).__name__
    if inputs:
        raise ArgumentError(
            "only a Module takes inputs",
            op="draw",
            got=f"{type(obj).__name__} and {len(inputs)} more",
            expected="a Module and its inputs, or one Tensor",
            fix="gd.draw(model, x), or gd.draw(loss)",
        )
    if isinstance(obj, Tape):
        return [graph_of(obj)], None, None
    return [obj], None, None


def run(model: Module, inputs: tuple) -> list:
    """The Tensors that the model gives. The model and random numbers stay as they were."""
    if not inputs and needs_input(model):
        raise ArgumentError(
            "a Module is run to be drawn, and needs an input",
            op="draw",
            got="none",
            expected="what its forward takes, or the shape of it",
            fix="gd.draw(model, x), or gd.draw(model, (1, 4))",
        )
    dtype = next((p.dtype for p in model.parameters()), get_default_dtype())
    args = [
        Tensor(np.zeros(x, dtype))
        if isinstance(x, tuple) and all(isinstance(n, int) for n in x)
        else x
        for x in inputs
    ]
    with unchanged(model), enable_grad():
        found = [y for y in _trees.leaves(model(*args)) if isinstance(y, Tensor | Scalar)]
    if not found:
        raise DTypeError(
            "the model gives no Tensor",
            op="draw",
            got=type(model).__name__,
            expected="a Tensor, or containers of such",
            fix="return a Tensor from forward()",
        )
    return found


def needs_input(model: Module) -> bool:
    """Whether forward takes anything that has no default."""
    taken = inspect.signature(model.forward).parameters.values()
    return any(p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in taken)


@contextmanager
def unchanged(model: Module) -> Iterator[None]:
    """Lend the model copies of its buffers, such as running statistics; put back random states."""
    buffers = [
        (vars(m), name, vars(m)[name])
        for m in model.modules()
        for name in m._buffer_names
        if isinstance(vars(m).get(name), Tensor)
    ]
    seen = {
        id(g): g
        for g in (
            random.default_generator,
            *(getattr(m, "generator", None) for m in model.modules()),
        )
        if isinstance(g, random.Generator)
    }
    states = [(g, g.get_state()) for g in seen.values()]
    copies: dict[int, Tensor] = {}
    for place, name, t in buffers:
        place[name] = copies.setdefault(id(t), Tensor(t.numpy(copy=True)))
    try:
        yield
    finally:
        for place, name, t in buffers:
            place[name] = t
        for g, state in states:
            g.set_state(state)


def graph_of(tape: Tape) -> Scalar:
    """The graph that a tape was compiled from, made again from its instructions, on its leaves."""
    slots: dict[int, Any] = dict(enumerate((*tape.inputs, *tape.params)))
    program, (root, value) = tape.instructions()
    for name, operands, out in program:
        op = TABLE[name]
        slots[out] = call(op, *[slots.get(slot, v) for slot, v in operands[: len(op.args)]])
    return slots[root] if root in slots else Scalar(value, requires_grad=False)
