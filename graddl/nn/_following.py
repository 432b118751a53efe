"""Which activation comes after each weight: read off the graph of a run, or off the order of
modules. A good start for the weight depends on it, see `graddl.init`."""

from collections import defaultdict, deque
from typing import NamedTuple

from .. import _trees
from .._core import Node, Tensor
from ..errors import GradientError
from ..modes import enable_grad
from ._modes import evaluating
from .activation import Activation, LeakyReLU, PReLU

TURNING = {"transpose", "matrix_transpose", "swapaxes", "moveaxis"}
KEEPING = {"identity", "astype", "reshape", "expand_dims", "squeeze"}
LAYERS = {"Linear", "Bilinear", "Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"}


class Following(NamedTuple):
    """The next activation, "linear" if there is none before the next weight."""

    activation: str = "linear"
    slope: float = 0.0  # for negative x
    turned: bool = False  # the weight stands as (in, out, ...)


# ---------------------------------------------------------------------- the graph of a run
def by_graph(model, inputs):
    """{path of a weight: Following}, for all that is multiplied with something in a run."""
    outputs = [y.node for y in _run(model, inputs) if y.node is not None]
    users = _users(outputs)
    if not users:
        raise GradientError(
            "the model ran and recorded no graph",
            op="auto_",
            got=f"{len(outputs)} outputs that want gradient",
            expected="an output that was computed from the parameters",
            fix="gd.init.auto_(model)",
        )
    # A PReLU is made of several ops, so that it shows in the graph as the scope of these.
    start = f"{model._name}." if model._name else ""
    slopes = {start + path: m for path, m in model.named_modules() if isinstance(m, PReLU)}
    found = {}
    for path, parameter in model.named_parameters():
        products = _products(parameter.node, users) if parameter.ndim > 1 else []
        each = [_activation(p, users, slopes)._replace(turned=turned) for p, turned in products]
        if each:  # of a shared weight the first use that an activation follows
            found[path] = next((use for use in each if use.activation != "linear"), each[0])
    return found


def _run(model, inputs):
    """The Tensors that the model makes of the inputs; running statistics stay as they are."""
    with evaluating(model), enable_grad():
        return [y for y in _trees.leaves(model(*inputs)) if isinstance(y, Tensor)]


def _users(outputs):
    """{id of a node: [(node that takes it, as which argument)]}."""
    users, seen, stack = defaultdict(list), set(), list(outputs)
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for place, source in enumerate(node.inputs):
            if isinstance(source, Node):
                users[id(source)].append((node, place))
                stack.append(source)
    return users


def _multiplies(op):
    return op.name in ("linear", "matmul", "einsum") or op.name.startswith("conv")


def _products(weight, users):
    """[(node that multiplies by a weight, whether the weight stands as (in, out) there)], in order.

    Empty for what is looked up, added, or scales: embeddings, positions, normalizations.
    """
    stack, found = [(weight, False)], []
    while stack:
        node, flipped = stack.pop()
        for user, place in users[id(node)]:
            name = user.op.name
            if name in TURNING or name in KEEPING:
                stack.append((user, flipped != (name in TURNING)))
            elif name == "matmul":
                found.append((user, flipped != (place == 1)))
            elif _multiplies(user.op) and (place == 1 or name == "einsum"):
                found.append((user, name.startswith("conv_transpose")))
    return sorted(found, key=lambda product: product[0].id)


def _activation(product, users, slopes):
    """The nearest activation after a node and before the next product."""
    queue, seen = deque([product]), set()
    while queue:
        for user, _ in users[id(queue.popleft())]:
            if id(user) in seen:
                continue
            seen.add(id(user))
            op, params = user.op, user.params or {}
            if user.scope in slopes:
                return Following("prelu", _slope(slopes[user.scope]))
            if op.info["family"] == "activation" or op.name in ("tanh", "softmax", "log_softmax"):
                return Following(op.name, (op.params | params).get("negative_slope", 0.0))
            if not _multiplies(op) and not op.name.startswith(("rnn", "lstm", "gru")):
                queue.append(user)
    return Following()


# ---------------------------------------------------------------------- the order of modules
def by_order(model):
    """{path of a weight: Following}, as if the modules ran in the order of their registration."""
    paths = {id(parameter): path for path, parameter in model.named_parameters()}
    found: dict[str, Following] = {}
    last = None  # the weight whose activation is yet to come
    for module in model.modules():
        kinds = {kind.__name__ for kind in type(module).__mro__}
        if isinstance(module, Activation):
            if last is not None:
                found[last] = found[last]._replace(activation=module.op, slope=_slope(module))
            last = None
        elif kinds & LAYERS:
            last = paths[id(module.weight)]
            turned = any(kind.startswith("ConvTranspose") for kind in kinds)
            found[last] = Following(turned=turned)
        elif any(isinstance(p, Tensor) and p.ndim > 1 for p in vars(module).values()):
            last = None  # a layer of another kind, such as a recurrent one
    return found


def _slope(module):
    """The slope of an activation for negative x, where it has one."""
    if isinstance(module, PReLU):
        return float(module.weight.numpy().mean())
    return module.negative_slope if isinstance(module, LeakyReLU) else 0.0
