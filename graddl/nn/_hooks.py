"""Hooks of modules: functions that see, and may replace, what goes in and out, and the gradients.

A module without hooks pays one look at an attribute. Backward hooks stand on nodes of their own,
which pass values and gradients on: the gradient of an input is then the module's own share, also
where others use the same tensor.
"""

from functools import partial

import numpy as np

from .. import _trees
from .._core import READ_G, Op, Rule, Tensor, call, current_mode
from ..errors import DTypeError, GradientError
from ..ops._define import _fields

BEFORE, AFTER, BACKWARD = "forward_pre_hook", "forward_hook", "full_backward_hook"


class Handle:
    """What registering a hook returns: `remove()` takes it off, and so does leaving its `with`."""

    def __init__(self, module):
        self._module = module

    def remove(self):
        """Take the hook off. Once off, it stays off."""
        left = {h: hook for h, hook in (self._module._hooks or {}).items() if h is not self}
        self._module._hooks = left or None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.remove()


def register(module, kind, hook, prepend, with_kwargs=False):
    """Put a hook behind the others of a module, or with `prepend` before them."""
    if not callable(hook):
        raise DTypeError(
            "a hook is a function",
            op=f"register_{kind}",
            got=type(hook).__name__,
            expected="a callable",
            fix="lambda module, *more: print(more)",
        )
    handle, old = Handle(module), module._hooks or {}
    new = {handle: (kind, hook, with_kwargs)}
    module._hooks = {**new, **old} if prepend else {**old, **new}
    return handle


def run(module, args, kwargs):
    """`module.forward(*args, **kwargs)` with the module's hooks around it."""
    hooks = list(module._hooks.values())
    for hook, with_kwargs in _of(hooks, BEFORE):
        if with_kwargs:
            args, kwargs = _both(hook(module, args, kwargs), args, kwargs)
        else:
            new = hook(module, args)
            args = args if new is None else new if isinstance(new, tuple) else (new,)
    backward = [hook for hook, _ in _of(hooks, BACKWARD)] if current_mode().grad else []
    watch = _Backward(module, backward, len(args)) if backward else None
    y = module.forward(*(watch.inputs(args) if watch else args), **kwargs)
    for hook, with_kwargs in _of(hooks, AFTER):
        new = hook(module, args, kwargs, y) if with_kwargs else hook(module, args, y)
        y = y if new is None else new
    return watch.outputs(y) if watch else y


def _of(hooks, kind):
    return [(hook, with_kwargs) for k, hook, with_kwargs in hooks if k == kind]


def _both(new, args, kwargs):
    """(args, kwargs) as a forward pre-hook with keywords returned them."""
    if new is None:
        return args, kwargs
    if isinstance(new, tuple) and len(new) == 2 and isinstance(new[1], dict):
        return new if isinstance(new[0], tuple) else ((new[0],), new[1])
    raise DTypeError(
        "a hook with keywords returns both kinds of arguments, or None",
        op=f"register_{BEFORE}",
        got=type(new).__name__,
        expected="a tuple of arguments and a dict of keywords",
        fix="return args, kwargs",
    )


# ---------------------------------------------------------------------------------- backward
def _pass_on(xp, *xs):
    return xs


_rule = Rule(lambda xp, g: g, False, (READ_G,), ())
PASS = Op(
    "module_hook", "general", _pass_on, ("xs",), True, {}, (_rule,), _rule, several=True,
    info=_fields("module_hook", _pass_on, tex="x", doc="", rules={}, jvp={}, hidden=True),
)  # fmt: skip


class _Backward:
    """The backward hooks of one call: gathers the gradients of outputs, then those of inputs."""

    def __init__(self, module, hooks, n):
        self.module, self.hooks = module, hooks
        self.n = n  # how many positional arguments there are
        self.places: list[int] = []  # of those that want gradient
        self.grad_output: tuple = ()

    def inputs(self, args):
        """The arguments, those that want gradient by way of a node that calls the hooks."""
        self.places = [i for i, x in enumerate(args) if _wants(x)]
        watched = iter(_watched([args[i] for i in self.places], self._at_inputs))
        return tuple(next(watched) if i in self.places else x for i, x in enumerate(args))

    def outputs(self, y):
        """The outputs by way of a node that notes their gradients."""
        parts = _trees.leaves(y)
        n = len(parts)
        places = [i for i, x in enumerate(parts) if _wants(x)]

        def fire(gs):
            by_place = dict(zip(places, gs, strict=True))
            self.grad_output = tuple(by_place.get(i) for i in range(n))
            if not self.places:  # no gradient goes further than here
                self._call((None,) * self.n)
            return gs

        watched = iter(_watched([parts[i] for i in places], fire))
        return _trees.filled(y, [next(watched) if i in places else x for i, x in enumerate(parts)])

    def _at_inputs(self, gs):
        if not self.grad_output:  # a second derivative, which comes from within the module
            return gs
        by_place = dict(zip(self.places, gs, strict=True))
        new = self._call(tuple(by_place.get(i) for i in range(self.n)))
        return [new[i] for i in self.places]

    def _call(self, grad_input):
        """Run the hooks; each sees what the one before returned."""
        for hook in self.hooks:
            new = hook(self.module, grad_input, self.grad_output)
            if new is None:
                continue
            new = new if isinstance(new, tuple) else (new,)
            if [g is None for g in new] != [g is None for g in grad_input]:
                raise GradientError(
                    "a backward hook replaces each gradient of an input by one, or returns None",
                    op=f"register_{BACKWARD}",
                    got=tuple(type(g).__name__ for g in new),
                    expected=tuple(type(g).__name__ for g in grad_input),
                    fix="return tuple(None if g is None else 0 * g for g in grad_input)",
                )
            grad_input = new
        self.grad_output = ()
        return grad_input


def _wants(x):
    return isinstance(x, Tensor) and x.requires_grad


def _watched(tensors, fire):
    """The tensors again; each backward pass calls `fire(gradients)` once, which returns such.

    Two nodes: at the later one the gradients come together, at the earlier one they are all known,
    so that one call can replace them.
    """
    if not tensors:
        return []
    seen: dict = {}
    replaced: dict = {}
    blanks = [(t.shape, t.dtype) for t in tensors]  # the tensors themselves are not kept alive
    earlier = call(PASS, *tensors)
    later = call(PASS, *earlier)

    def replace(k, g):
        if k == 0:  # a node's hooks run in order of registration
            gs = [
                seen.pop(i) if i in seen else Tensor(np.zeros(*blank))
                for i, blank in enumerate(blanks)
            ]
            replaced.update(enumerate(fire(gs)))
        return replaced.pop(k)

    for k, t in enumerate(earlier):
        t.register_hook(partial(replace, k))
    for k, t in enumerate(later):
        t.register_hook(partial(seen.__setitem__, k))
    return later
