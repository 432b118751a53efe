"""The engine in plain Python: read it first, and step through it in a debugger.

Backpropagation is three ideas, and each has its place below.

1. **A table.** An op is a function and, for each input, a rule: how a gradient passes through it
   (`TABLE`). The parameter names of a rule say what it needs, and so what has to be saved.
2. **A recording.** `apply` computes a value and, if a gradient may be wanted, keeps the step as a
   `Node`: which op, made of which nodes, with what saved. Nodes are numbered as they are made.
3. **A walk back.** `backward` first *plans*: the nodes, newest first, so that a node's turn comes
   when all of its gradient has arrived. Then it *runs*: at each node the rules give each input its
   share, and shares add up. At the end, all leaves get their `.grad` together.

>>> x, w = Value([[1.0, 2.0]], wants_grad=True), Value([[0.5], [-0.25]], wants_grad=True)
>>> y = ((x @ w).tanh() * 3.0 + x).sum()  # shapes (1, 1) and (1, 2) broadcast
>>> y.data
array(3.)
>>> backward(y, visit=lambda node, g, shares: print(node, g.tolist()))
<sum> 1.0
<add> [[1.0, 1.0]]
<multiply> [[2.0]]
<tanh> [[6.0]]
<matmul> [[6.0]]
<leaf> [[6.0], [12.0]]
<leaf> [[4.0, -0.5]]
>>> x.grad
array([[ 4. , -0.5]])

To read on: `ops/*.py` is the whole table, in the form of the one here; `_core.pyx` records and
`_backward.pyx` walks back, in the same steps on C structs. They do more: a kernel may stand in for
a rule; saved values are released as they are used, and a write to one is noticed; a node does not
hold its value; with `create_graph` rules see Tensors, so that the walk back is recorded too; and
hooks, modes, threads.
"""

import inspect
import itertools

import numpy as np


class Op:
    """One entry of the table: a function of arrays, and for each input the rule of its gradient."""

    def __init__(self, name, forward, rules, *, several=False, xp=np):
        self.name, self.forward, self.rules = name, forward, rules
        self.several = several  # it returns a tuple of arrays
        self.xp = xp  # the library of array functions that forward and rules call
        self.args, self.params = [], {}  # names of the inputs; other parameters and their defaults
        for p in list(inspect.signature(forward).parameters.values())[1:]:
            if p.kind == p.KEYWORD_ONLY:
                self.params[p.name] = p.default
            else:
                self.args.append("*" + p.name if p.kind == p.VAR_POSITIONAL else p.name)

    def rule(self, i):
        """The rule of the i-th input; a starred name, `*xs`, stands for all that remain."""
        return self.rules[self.args[min(i, len(self.args) - 1)]]


TABLE = {  # a rule without g is the derivative, and the engine multiplies it by g; so is a number
    "add": Op("add", lambda xp, a, b: xp.add(a, b), {"a": 1, "b": 1}),
    "multiply": Op(
        "multiply", lambda xp, a, b: xp.multiply(a, b), {"a": lambda xp, b: b, "b": lambda xp, a: a}
    ),
    "matmul": Op(
        "matmul",
        lambda xp, a, b: xp.matmul(a, b),
        {"a": lambda xp, g, b: xp.matmul(g, b.T), "b": lambda xp, g, a: xp.matmul(a.T, g)},
    ),
    "tanh": Op("tanh", lambda xp, x: xp.tanh(x), {"x": lambda xp, y: 1 - y * y}),
    "exp": Op("exp", lambda xp, x: xp.exp(x), {"x": lambda xp, y: y}),
    "sum": Op(
        "sum",
        lambda xp, x: xp.sum(x),
        {"x": lambda xp, g, *, shapes: xp.broadcast_to(g, shapes[0])},
    ),
}

numbers = itertools.count(1)


class Node:
    """One step: the op, where its inputs came from, and what its rules will need. No op: a leaf."""

    def __init__(self, op=None, edges=(), saved=None, outputs=()):
        self.id = next(numbers)
        self.op, self.edges, self.saved, self.outputs = op, edges, saved, outputs

    def __repr__(self):
        return f"<{self.op.name if self.op else 'leaf'}>"


class Value:
    """An array, and where it stands in the graph: (node, which of its outputs), None: nowhere."""

    def __init__(self, data, wants_grad=False):
        self.data, self.grad = np.asarray(data), None
        self.edge = (Node(outputs=[self]), 0) if wants_grad else None

    def __add__(self, other):
        return apply(TABLE["add"], self, other)

    def __mul__(self, other):
        return apply(TABLE["multiply"], self, other)

    def __matmul__(self, other):
        return apply(TABLE["matmul"], self, other)

    def tanh(self):
        return apply(TABLE["tanh"], self)

    def exp(self):
        return apply(TABLE["exp"], self)

    def sum(self):
        return apply(TABLE["sum"], self)


# ------------------------------------------------------------------------------------ recording
def apply(op, *inputs, **params):
    """The value of op at Values, arrays or numbers; recorded if a gradient may be wanted."""
    arrays = [x.data if isinstance(x, Value) else x for x in inputs]
    edges = [x.edge if isinstance(x, Value) else None for x in inputs]
    y = op.forward(op.xp, *arrays, **params)
    outputs = [Value(part) for part in (y if op.several else [y])]
    if any(edges):
        known = {"xp": op.xp, "y": outputs[0].data, "shapes": tuple(np.shape(a) for a in arrays)}
        known |= {**op.params, **params, **dict(zip(op.args, arrays, strict=False))}
        read = {name for i, edge in enumerate(edges) if edge for name in names(op.rule(i))}
        saved = {name: value for name, value in known.items() if name in read}
        node = Node(op, edges, saved, outputs)
        for k, value in enumerate(outputs):
            value.edge = (node, k)
    return outputs if op.several else outputs[0]


def names(rule):
    """What a rule reads."""
    return inspect.signature(rule).parameters if callable(rule) else ()


# ------------------------------------------------------------------------------------ walking back
def backward(root, grad=None, visit=None):
    """Add d root / d leaf to the `.grad` of every leaf. `visit(node, g, shares)` sees each step."""
    order = plan(root.edge[0])
    grads = {root.edge: np.ones_like(root.data) if grad is None else np.asarray(grad)}
    run(order, grads, visit)
    for node in order:  # only now, all together: an error on the way leaves every .grad as it was
        if node.op is None:
            leaf, g = node.outputs[0], grads[node, 0]
            leaf.grad = np.array(g) if leaf.grad is None else leaf.grad + g


def plan(root):
    """All nodes that the root was made of, newest first."""
    found, to_do = {root}, [root]
    while to_do:
        for edge in to_do.pop().edges:
            if edge and edge[0] not in found:
                found.add(edge[0])
                to_do.append(edge[0])
    return sorted(found, key=lambda node: node.id, reverse=True)


def run(order, grads, visit=None):
    """The chain rule at each node. `grads`: of each output, by its edge, what has reached it."""
    for node in order:
        g = incoming(node, grads)
        shares = []
        for i, edge in enumerate(node.edges):
            share = None
            if edge:
                parent, k = edge
                share = unbroadcast(gradient(node, i, g), parent.outputs[k].data)
                grads[edge] = grads[edge] + share if edge in grads else share
            shares.append(share)
        if visit:
            visit(node, g, shares)


def incoming(node, grads):
    """The gradient that has arrived; for several outputs a tuple, with zeros where none came."""
    if node.op is None or not node.op.several:
        return grads[node, 0]
    zeros = [np.zeros_like(value.data) for value in node.outputs]
    return tuple(grads.get((node, k), zero) for k, zero in enumerate(zeros))


def gradient(node, i, g):
    """The share of a node's i-th input in the gradient g: its rule, called with what it names."""
    rule = node.op.rule(i)
    if not callable(rule):
        return g * rule
    known = {**node.saved, "g": g, "i": i}
    share = rule(**{name: known[name] for name in names(rule)})
    return share if "g" in names(rule) else g * share


def unbroadcast(g, x):
    """Sum g over the axes along which x was repeated, so that it has the shape and dtype of x."""
    if g.shape != x.shape:
        new = g.ndim - x.ndim
        axes = [k for k in range(g.ndim) if k < new or x.shape[k - new] == 1 != g.shape[k]]
        g = g.sum(axis=tuple(axes)).reshape(x.shape)
    return np.asarray(g, dtype=x.dtype)
