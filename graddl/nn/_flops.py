"""How many multiply-adds an op of the graph is: products by their sizes, all else by elements.

A rule gets the node's op, the shapes of its inputs, those of its outputs, and its parameters.
"""

import math

# They move numbers and compute none.
FREE = frozenset(
    "add_windows astype broadcast_arrays broadcast_to clone concatenate diag_embed diagonal expand "
    "expand_dims flip from_scalar getitem identity imag matrix_transpose module_hook moveaxis "
    "positive real repeat reshape roll setitem split squeeze stack swapaxes tile to_scalar "
    "transpose tril triu unstack windows".split()
)


def _matmul(op, ins, outs, params):
    """A sum over the last axis of the first operand for each output."""
    return math.prod(outs[0]) * ins[0][-1]


def _linear(op, ins, outs, params):
    """Sums over the features; the bias is where they begin, and costs nothing."""
    return math.prod(outs[0]) * ins[1][-1]


def _einsum(op, ins, outs, params):
    """One for each combination of indices, as if all operands were multiplied at once."""
    sizes: dict = {}
    terms = params["subscripts"].replace(" ", "").partition("->")[0].split(",")
    for term, shape in zip(terms, ins, strict=True):
        before, dots, after = term.partition("...")
        middle = len(shape) - len(before) - len(after) if dots else 0
        labels = [*before, *range(-middle, 0), *after]
        for label, size in zip(labels, shape, strict=True):
            sizes[label] = max(size, sizes.get(label, 1))
    return math.prod(sizes.values())


def _convolution(op, ins, outs, params):
    """For each output a sum over one kernel of the weight (out, in / groups, ...)."""
    return math.prod(outs[0]) * math.prod(ins[1][1:])


def _transposed_convolution(op, ins, outs, params):
    """Each input is spread over one kernel of the weight (in, out / groups, ...)."""
    return math.prod(ins[0]) * math.prod(ins[1][1:])


def _recurrence(op, ins, outs, params):
    """Each weight once for each sequence and step of x (T, B, in); gates are small beside that."""
    weights = [shape for arg, shape in zip(op.args, ins, strict=False) if arg.startswith("weight")]
    return math.prod(ins[0][:-1]) * sum(map(math.prod, weights))


def _elements(op, ins, outs, params):
    """The default, for elementwise ops and reductions: the elements of what is largest."""
    return max(map(math.prod, (*ins, *outs)))


RULES = {
    "matmul": _matmul,
    "linear": _linear,
    "einsum": _einsum,
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv_transpose1d": _transposed_convolution,
    "conv_transpose2d": _transposed_convolution,
    "rnn_states": _recurrence,
    "lstm_states": _recurrence,
    "gru_states": _recurrence,
}


def count(node):
    """Multiply-adds of a node of the graph."""
    shapes = [getattr(x, "shape", ()) for x in node.inputs]
    return count_op(node.op, shapes, node.shapes, node.params or {})


def count_op(op, ins, outs, params):
    """Multiply-adds of an op on inputs and outputs of these shapes."""
    return 0 if op.name in FREE else RULES.get(op.name, _elements)(op, ins, outs, params)
