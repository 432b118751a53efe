"""Changing a model that exists: what of it is trained, which head it has, its dtype."""

import numpy as np

from .. import _core
from .._core import Tensor
from ..errors import ArgumentError, DTypeError, ShapeError


# ---------------------------------------------------------------------------------- freezing
def freeze(module, until, frozen):
    """Freeze or unfreeze a module, or its sub-modules up to and including `until`."""
    for part in [module] if until is None else _up_to(module, str(until)):
        for below in part.modules():
            below.frozen = frozen
        for parameter in part.parameters():
            parameter.requires_grad = not frozen
            if frozen:
                parameter.grad = None  # an old one would let the next step of an optimizer move it
    return module


def _up_to(module, path):
    """The sub-modules that stand before the one at `path`, and that one."""
    name, _, rest = path.partition(".")
    children = dict(module.named_children())
    if name not in children:
        raise ArgumentError(
            f"{type(module).__name__} has no sub-module {name!r}",
            op="freeze",
            got=repr(path),
            expected=f"one of {list(children)}" if children else "no until: there is none",
            fix=f"freeze(until={list(children)[-1]!r})" if children else "freeze()",
        )
    at = list(children).index(name)
    before, child = list(children.values())[:at], children[name]
    return [*before, *(_up_to(child, rest) if rest else [child])]


# ---------------------------------------------------------------------------------- head
def replace_head(module, head, module_type):
    """Put `head` in place of the last child that has Parameters; returns that."""
    if not isinstance(head, module_type):
        raise DTypeError(
            "a head is a Module",
            op="replace_head",
            got=repr(head),
            expected="a Module",
            fix="model.replace_head(nn.Linear(in_features, out_features))",
        )
    trained = [
        (name, child)
        for name, child in module.named_children()
        if next(child.parameters(), None) is not None
    ]
    if not trained:
        raise ArgumentError(
            f"{type(module).__name__} has no sub-module with Parameters",
            op="replace_head",
            got=repr(module),
            expected="a model with a head to replace",
            fix="model.head = nn.Linear(...)",
        )
    name, old = trained[-1]
    takes, given = _takes(old), _takes(head)
    if given and given.keys() == takes.keys() and given != takes:
        raise ShapeError(
            f"{head!r} does not fit in the place of {name!r}, {old!r}",
            op="replace_head",
            got=given,
            expected=takes,
            fix=_resized(old, head),
        )
    setattr(module, name, head)
    return old


def _takes(module):
    """What the first layer that says so takes: {"in_features": 84}."""
    for layer in module.modules():
        for size in ("in_features", "in_channels", "input_size", "normalized_shape"):
            if hasattr(layer, size):
                return {size: getattr(layer, size)}
    return {}


def _resized(old, head):
    """The head that would fit, as code."""
    size = next(iter(_takes(old).values()))
    if hasattr(head, "in_features") and hasattr(head, "out_features"):
        return f"nn.{type(head).__name__}({size}, {head.out_features})"
    return f"a {type(head).__name__} for {size} features"


# ---------------------------------------------------------------------------------- dtype
def move(module, where, dtype, device):
    """Cast the floating tensors of a module, each in place."""
    probe = Tensor(np.zeros((), "f4")).to(*where, dtype=dtype, device=device)
    if probe.dtype.kind != "f":
        raise DTypeError(
            "Parameters are floating: they could want no gradient else",
            op="to",
            got=probe.dtype.name,
            expected="float16, float32 or float64",
            fix="module.to('float32')",
        )
    for _, tensor in list(module._named_state()):
        if tensor.dtype.kind == "f":
            new = tensor.detach().to(*where, dtype=dtype, device=device)
            if new.dtype != tensor.dtype:
                _core.recast(tensor, new)
    return module
