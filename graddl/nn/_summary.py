"""The table of a model: layers with output shapes, parameters, multiply-adds and memory."""

from bisect import bisect_right
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from .. import _trees
from .._core import Tensor
from ..errors import ArgumentError
from ..modes import enable_grad, get_default_dtype
from . import _flops
from ._modes import evaluating
from .parameter import Parameter

HEAD = ("layer", "type", "output shape", "parameters", "multiply-adds", "kept")


class Row(NamedTuple):
    """A module in a `Summary`. Counts are its own: what its sub-modules have, their rows say.

    Attributes
    ----------
    path : str
        Dotted, "" for the model itself.
    type : str
        Its class.
    calls : int
        How often it was called.
    shape : tuple of int, or containers of such
        Of its output, that of the last call; None if it was not called.
    parameters, trainable : int
        How many numbers its Parameters have, and how many of them want gradient. A shared
        Parameter counts where it stands first.
    flops : int
        Multiply-adds of one forward pass.
    memory : int
        Bytes that the forward pass keeps for the backward pass.
    """

    path: str
    type: str
    calls: int
    shape: object
    parameters: int
    trainable: int
    flops: int
    memory: int


class Summary:
    """What `Module.summary` returns: printed, it is a table.

    A multiply-add counts once, other arithmetic by elements. An array that the graph keeps counts
    in the layer that kept it first; Parameters, buffers and inputs do not count as kept.

    Attributes
    ----------
    rows : list of Row
        In the order of `named_modules`.
    parameters, trainable, flops, memory : int
        Sums over the rows.
    parameter_bytes : int
        Of all Parameters.
    """

    def __init__(self, rows, parameter_bytes):
        self.rows, self.parameter_bytes = rows, parameter_bytes
        self.parameters = sum(row.parameters for row in rows)
        self.trainable = sum(row.trainable for row in rows)
        self.flops = sum(row.flops for row in rows)
        self.memory = sum(row.memory for row in rows)

    def __str__(self):
        cells = [_cells(row) for row in self.rows]
        total = ("total", "", "", f"{self.parameters:,}", f"{self.flops:,}", _bytes(self.memory))
        widths = [max(map(len, column)) for column in zip(HEAD, *cells, total, strict=True)]
        rule = "-" * (sum(widths) + 2 * len(widths) - 2)
        head, *lines, last = [
            "  ".join(
                text.ljust(width) if column < 3 else text.rjust(width)
                for column, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in (HEAD, *cells, total)
        ]
        foot = f"parameters take {_bytes(self.parameter_bytes)}"
        if self.trainable < self.parameters:
            foot += f"; {self.parameters - self.trainable:,} of them are frozen"
        return "\n".join([head, rule, *lines, rule, last, foot])

    __repr__ = __str__


def _cells(row):
    shape = "not called" if not row.calls else str(row.shape)
    calls = f" x {row.calls}" if row.calls > 1 else ""
    counts = (f"{row.parameters:,}", f"{row.flops:,}", _bytes(row.memory))
    return (row.path or "(model)", row.type, shape + calls, *counts)


def _bytes(n):
    for unit in ("B", "KiB", "MiB"):
        if n < 1024:
            return f"{n} B" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1024
    return f"{n:.1f} GiB"


# ---------------------------------------------------------------------------------- measuring
def summarize(model, inputs, dtype):
    """Run `model` once on `inputs`, shapes or arrays, and count."""
    args = _arguments(model, inputs, dtype)
    paths = {id(module): path for path, module in model.named_modules()}
    with _as_if_trained(model), enable_grad(), _Trace(model, paths) as trace:
        y = model(*args)
    flops, memory = dict.fromkeys(paths.values(), 0), dict.fromkeys(paths.values(), 0)
    counted = {id(_owner(t.numpy())) for t in (*model.parameters(), *model.buffers(), *args)}
    for node in _nodes(y):
        path = trace.path_at(node.id)
        flops[path] += _flops.count(node)
        for array in map(_owner, _kept(node)):
            if id(array) not in counted:
                counted.add(id(array))
                memory[path] += array.nbytes
    rows: list[Row] = []
    seen: set[int] = set()
    for path, module in model.named_modules():
        mine = {id(p): p for p in vars(module).values() if isinstance(p, Parameter)}
        own = [p for key, p in mine.items() if key not in seen]
        seen.update(mine)
        sizes = sum(p.size for p in own), sum(p.size for p in own if p.requires_grad)
        calls, shape = trace.calls.get(path, (0, None))
        rows.append(
            Row(path, type(module).__name__, calls, shape, *sizes, flops[path], memory[path])
        )
    return Summary(rows, sum(p.nbytes for p in model.parameters()))


class _Trace:
    """Which module runs when, in ids of nodes, which count up; and what the modules return.

    Scopes would not do: a module that another than its parent calls has another scope.
    """

    def __init__(self, model, paths):
        self.model, self.paths = model, paths
        self.calls = {}  # path -> (how often, shape of the last output)
        self.running, self.starts, self.at = [""], [0], [""]

    def __enter__(self):
        self.handles = [
            handle
            for module in self.model.modules()
            for handle in (
                module.register_forward_pre_hook(self._enter, prepend=True),
                module.register_forward_hook(self._leave),
            )
        ]
        return self

    def __exit__(self, *error):
        for handle in self.handles:
            handle.remove()

    def _mark(self):
        """From the next node on, the module on top of the stack is the one that runs."""
        marker: Any = Tensor(0.0, requires_grad=True).node
        self.starts.append(marker.id)
        self.at.append(self.running[-1])

    def _enter(self, module, args):
        self.running.append(self.paths[id(module)])
        self._mark()

    def _leave(self, module, args, y):
        path = self.running.pop()
        shape = _trees.mapped(lambda t: getattr(t, "shape", None), y)
        self.calls[path] = (self.calls.get(path, (0,))[0] + 1, shape)
        self._mark()

    def path_at(self, node_id):
        """The path of the module in which a node was made."""
        return self.at[bisect_right(self.starts, node_id) - 1]


def _nodes(y):
    """The nodes of ops behind y, in the order in which they were made."""
    found: dict[int, Any] = {}
    todo: list[Any] = [t.node for t in _trees.leaves(y) if isinstance(t, Tensor)]
    while todo:
        node = todo.pop()
        if getattr(node, "op", None) is not None and node.id not in found:
            found[node.id] = node
            todo.extend(node.inputs)
    return [found[key] for key in sorted(found)]


def _kept(node):
    """Arrays that a node saved."""
    return [v for v in _trees.leaves(node.saved) if hasattr(v, "nbytes")]


def _owner(array):
    """The array whose memory it is."""
    while isinstance(array, np.ndarray) and isinstance(array.base, np.ndarray):
        array = array.base
    return array


@contextmanager
def _as_if_trained(model):
    """All Parameters want gradient, so that everything is recorded, and no layer learns."""
    wants = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        with evaluating(model):
            model.requires_grad_()
            yield
    finally:
        for parameter, wanted in wants:
            parameter.requires_grad = wanted


def _arguments(model, inputs, dtype):
    """Tensors that want gradient where they can: of zeros where only a shape was given."""
    if dtype is None:
        dtype = next((p.dtype for p in model.parameters()), get_default_dtype())
    args = []
    for x in inputs:
        if isinstance(x, tuple | list) and all(isinstance(n, int) for n in x):
            x = np.zeros(x, dtype)
        if not hasattr(x, "dtype"):
            raise _unusable(repr(x), f"summary({inputs!r})")
        x = Tensor(x.detach() if isinstance(x, Tensor) else x)
        args.append(x.requires_grad_(x.dtype.kind == "f"))
    if not args:
        raise _unusable("no input", "summary((1, 4)), if x has shape (1, 4)")
    return args


def _unusable(got, fix):
    return ArgumentError(
        "the model is run once, on inputs that it could get",
        op="summary",
        got=got,
        expected="for each argument of forward its shape or an array",
        fix=fix,
    )
