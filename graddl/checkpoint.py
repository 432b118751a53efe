"""Less memory for more time: what lies within a part of a computation is computed again."""

import warnings
from contextvars import copy_context
from typing import Any

import numpy as np

from . import _backward, _core, _trees, errors
from ._core import READ_G, READ_NEEDS, Node, Op, Rule, Scalar, Tensor
from .backend import tensor_namespace as xp
from .function import arrays_of
from .ops._define import _fields
from .random import default_generator


def checkpoint(f, *args, **kwargs):
    """f(*args, **kwargs), of which the graph keeps the inputs only: backward runs f again.

    The peak of memory is that of the inputs of all checkpoints and of what lies within the largest
    of them: about √n of the memory for a chain of n layers in √n checkpoints. It costs one more
    forward pass.

    Parameters
    ----------
    f : callable
        Takes and returns Tensors of any shape, Scalars or anything else, in nested containers. It
        may close over Tensors: those that want gradient receive theirs. It is called again in each
        backward pass and has to do the same then, with the same Tensors.
    *args, **kwargs
        What f is called with.

    Returns
    -------
    object
        What f returns. Its Tensors that want gradient are the outputs of one node.

    Raises
    ------
    GradientError
        f closes over a computed Tensor and over something that this was computed from; or, in
        backward, f did not do the same again, or a Tensor that it used was changed in place.

    Notes
    -----
    Random numbers of graddl's default generator come again; a generator of your own goes on.
    Backward hooks within f do not run, which a warning tells. There are derivatives of any order,
    and f may have checkpoints within.

    References
    ----------
    T. Chen, B. Xu, C. Zhang, C. Guestrin: Training deep nets with sublinear memory cost.
    arXiv:1604.06174, 2016.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([2.0], requires_grad=True)
    >>> x = gd.tensor([0.0], requires_grad=True)
    >>> y = gd.checkpoint(lambda x: gd.tanh(gd.tanh(x * w)), x)
    >>> y.backward()
    >>> y.op, x.grad.item(), w.grad.item()
    (<Op checkpoint>, 2.0, 0.0)
    """
    if not _core.current_mode().grad:
        return f(*args, **kwargs)
    return _Part(f).first(*args, **kwargs)


class _Place:
    """Stands among f's arguments for the k-th input of the node."""

    def __init__(self, k, is_scalar):
        self.k, self.is_scalar = k, is_scalar


class _Part:
    """A checkpointed call. The node holds it, so it holds none of the Tensors that f was given."""

    def __init__(self, f):
        self.f, self.context, self.random = f, copy_context(), default_generator.get_state()
        self.arguments: Any = None  # what f was called with, a _Place for each Tensor
        self.outside: list = []  # what f closes over that wants gradient
        self.results: tuple = ()  # the arrays of f's outputs, until the node has them

    def run(self, xs):
        """(f's value, its Tensors that want gradient, what f closes over that wants gradient,
        whether there are hooks within)."""
        start = Scalar(0.0).id

        def back(x):
            if not isinstance(x, _Place):
                return x
            return Scalar(xs[x.k]) if x.is_scalar else xs[x.k]

        args, kwargs = _trees.mapped(back, self.arguments)
        value = self.f(*args, **kwargs)
        outs = [_as_tensor(y) for y in _trees.leaves(value) if _wants(y)]
        own = {x.node.id for x in xs if x.node is not None}
        return value, outs, *_outside(outs, start, own)

    def first(self, *args, **kwargs):
        """The forward pass. The graph that it records tells what f closes over, and is dropped."""
        inputs: list[Tensor] = []

        def taken(x):
            if not isinstance(x, Tensor | Scalar):
                return x
            inputs.append(_as_tensor(x))
            return _Place(len(inputs) - 1, isinstance(x, Scalar))

        self.arguments = _trees.mapped(taken, (args, kwargs))
        own = [x.detach().requires_grad_(x.requires_grad) for x in inputs]
        value, outs, self.outside, hooked = self.run(own)
        if not outs:
            return value
        self.refuse_tangles()
        if hooked:
            warnings.warn(
                "backward hooks within a checkpointed function do not run: a gradient that one "
                "replaces stays as it is", UserWarning, stacklevel=3,
            )  # fmt: skip
        self.results = tuple(arrays_of(outs))
        made = iter(_core.call(_CHECKPOINT, *inputs, *map(_as_tensor, self.outside), part=self))
        self.results = ()

        def replaced(y):
            if not _wants(y):
                return y
            return Scalar(next(made)) if isinstance(y, Scalar) else next(made)

        return _trees.mapped(replaced, value)

    def refuse_tangles(self):
        """A gradient that went on from one closed-over Tensor to the next would count twice."""
        nodes = {_node(x).id for x in self.outside}
        for x in self.outside:
            made_of = {n.id for n in _backward.backward_order(x)} if x.op is not None else set()
            if nodes & (made_of - {_node(x).id}):
                raise errors.GradientError(
                    "the function closes over a computed Tensor, and over one that this was "
                    "computed from", op="checkpoint", got=repr(x), expected="arguments",
                    fix="checkpoint(f, x, h), where f takes the computed Tensor h",
                )  # fmt: skip

    def pull(self, needs, xs, gs, graph=True):
        """The gradients of those inputs of the node that need one, from those of its outputs.

        xs : the inputs that were arguments. Under `graph` they are leaves already: this is itself
        a function that gets a checkpoint, so that there are second derivatives.
        """
        xs = [
            x.detach().requires_grad_() if need and not (graph and x.requires_grad) else x
            for x, need in zip(xs, needs, strict=False)
        ]
        _, outs, outside, _ = self.context.copy().run(self.again, xs)
        same = [(y.shape, y.dtype) for y in outs] == [(g.shape, g.dtype) for g in gs]
        if not same or [*map(id, outside)] != [*map(id, self.outside)]:
            raise _other(
                f"{len(outs)} outputs, and {len(outside)} Tensors closed over",
                f"{len(gs)} outputs, and {len(self.outside)} Tensors, the same ones",
            )
        targets = [x for x, need in zip([*xs, *self.outside], needs, strict=True) if need]
        found = _backward.gradients(outs, targets, gs, create_graph=graph)
        return [
            Tensor(np.zeros(x.shape, x.dtype)) if g is None else _as_tensor(g)
            for g, x in zip(found, targets, strict=True)
        ]

    def again(self, xs):
        """`run` with the random numbers of the forward pass."""
        now = default_generator.get_state()
        default_generator.set_state(self.random)
        try:
            return self.run(xs)
        finally:
            default_generator.set_state(now)


def _other(got, expected):
    return errors.GradientError(
        "the function did something else than in the forward pass", op="checkpoint", got=got,
        expected=expected, fix="pass what changes as an argument; draw from the default generator",
    )  # fmt: skip


def _wants(x):
    return isinstance(x, Tensor | Scalar) and x.requires_grad


def _as_tensor(x):
    """A Scalar, or the float that is a gradient of one, as a Tensor."""
    return x if isinstance(x, Tensor) else xp.from_scalar(x)


def _node(x):
    return x if isinstance(x, Scalar) else x.node


def _outside(outs, start, own):
    """What wants gradient and was not made since `start`, in the order in which it was made.

    Leaves that were made since count if someone holds them: a layer may make its parameters when it
    is first called. A Scalar is held by the graph itself, so that does not tell. Beside it: whether
    something that was made since has hooks.
    """
    stack, seen, found = [(y.node, y.node_output) for y in outs], set(own), {}
    hooked = False
    while stack:
        node, k = stack.pop()
        if node.op is None or node.id < start:
            x = node if isinstance(node, Scalar) else node.tensors[k]
            if node.id not in own and x is not None and (node.id < start or x is not node):
                found[node.id, k] = x
        elif node.id not in seen:
            seen.add(node.id)
            hooked = hooked or node.has_hooks
            for p, k in zip(node.inputs, node.input_outs, strict=True):
                if isinstance(p, Node) and p.requires_grad:
                    stack.append((p, k))
    return [x for _, x in sorted(found.items())], hooked


def _pull(namespace, g, needs, xs, *, part):
    """The joint rule of the node."""
    given = xs[: len(xs) - len(part.outside)]
    for x, v in zip(part.outside, xs[len(given) :], strict=True):
        if isinstance(x, Scalar) and x.item() != v.item():  # of Tensors the core counts the writes
            raise _other(f"a Scalar of {x.item()}", v.item())
    if namespace is xp:
        found = checkpoint(part.pull, needs, given, g)
    else:
        given, g = ([Tensor(v, copy=False) for v in values] for values in (given, g))
        found = part.pull(needs, given, g, graph=False)
    found = iter(found)
    return [next(found) if need else None for need in needs]


def _results(xp, *xs, part):
    return part.results


_rule = Rule(_pull, False, (READ_G, READ_NEEDS, 0), ("part",))
_CHECKPOINT = Op(
    "checkpoint", "general", _results, ("xs",), True, {"part": None}, (_rule,), _rule, several=True,
    info=_fields("checkpoint", _results, tex="f(x)", doc="", rules={}, jvp={}, hidden=True),
)  # fmt: skip
