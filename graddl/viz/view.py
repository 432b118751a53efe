"""From a graph to a GraphView: what a picture shows, as plain data.

    graph -> collect (all steps) -> reduce (what fits) -> flow (gradients) -> GraphView -> DOT

Nothing here refers to arrays or nodes of the graph any more, so a picture keeps no memory alive.
"""

from typing import Any

from .. import _core
from .flow import Flow, flow, local_derivative, product
from .graph import Step, collect, reduce, written
from .levels import alias, to_ops
from .names import call_all, clean
from .numbers import summary
from .options import at_least, drawable, one_of
from .parts import Edge, Elided, GraphView, Op, Value

DETAILS = ("auto", "values", "ops")
MODES = ("auto", "data", "grad", "chain")
FEW = 40  # up to so many steps "auto" shows every value, and for Scalars the chain rule


def view(
    root: Any,
    *,
    detail: str = "auto",
    mode: str = "auto",
    names: dict | None = None,
    max_nodes: int = 60,
) -> GraphView:
    """The GraphView of everything that `root` was computed from.

    Parameters
    ----------
    root : Tensor or Scalar
    detail : "values" (every value and op), "ops" (one box per op) or "auto" (values up to 40 steps)
    mode : "data", "grad", "chain" or "auto"
        (chain for Scalars up to 40 steps, else grad where the root is one number)
    names : dict of str to Tensor or Scalar, optional; `names=locals()` takes the caller's variables
    max_nodes : int
        Of larger graphs the middle is left out, and the picture says so. Numbers written into the
        expression come on top.

    Raises
    ------
    DTypeError
        `root` is neither a Tensor nor a Scalar.
    ArgumentError
        An option is unknown.
    """
    drawable(root)
    one_of("detail", detail, DETAILS, "detail='auto'")
    one_of("mode", mode, MODES, "mode='auto'")
    at_least("max_nodes", max_nodes, 8, "max_nodes=60")
    steps = collect(root)
    differentiable = root.requires_grad
    if mode == "auto":
        small_scalar = isinstance(root, _core.Scalar) and len(steps) <= FEW
        mode = "chain" if small_scalar else "grad" if root.size == 1 else "data"
    if not differentiable:
        mode = "data"
    if detail == "auto":
        detail = "values" if len(steps) <= FEW else "ops"
    groups = reduce(steps, max_nodes)
    shown = {k for k, g in enumerate(groups) if g < 0}
    found = flow(root, steps, shown) if mode != "data" else Flow()
    out = assemble(root, steps, groups, found, mode, names)
    out.detail = detail
    if found.missing:
        out.notes.append(found.missing)
    if mode != "data" and root.size != 1:
        out.notes.append(f"gradient of the sum of {out.subject}")
    if out.shown < out.total:
        out.notes.append(f"{out.shown} of {out.total} nodes shown")
    if detail == "ops":
        to_ops(out)
    if any(isinstance(n, Value) and n.data is None for n in out.nodes):
        out.notes.append("– not kept: hold on to the tensor, or compute under gd.record()")
    alias(out)
    number_all(out)
    return out


def role_of(step: Step, is_root: bool) -> str:
    """Why a value is there: to train, given, fixed, the result, or on the way."""
    if step.node.op is not None:
        return "output" if is_root else "value"
    if step.node.is_parameter:
        return "parameter"
    return "input" if step.node.requires_grad else "constant"


def assemble(root, steps, groups, found, mode, names):
    """Boxes for values, circles for ops, and edges between them, for what is shown."""
    last = len(steps) - 1
    roles = [role_of(s, k == last) for k, s in enumerate(steps)]
    shown = {k for k, g in enumerate(groups) if g < 0}
    words, own, whole = call_all(steps, shown, names, roles)
    root_output = getattr(root, "node_output", 0)
    words[last] = own.get((last, root_output), words[last])
    out = GraphView("", words[last], mode, "values", total=len(steps), shown=len(shown))
    out.title = f"{words[last]} = {whole}" if whole and whole != words[last] else words[last]
    elided = {}
    for k, step in enumerate(steps):
        node, g = step.node, groups[k]
        if g >= 0:
            if g not in elided:
                elided[g] = Elided(f"e{g}", 0)
                out.nodes.append(elided[g])
            elided[g].count += 1
            continue
        if node.op is not None:
            symbol = clean(node.op.info.get("symbol") or node.op.name)
            out.nodes.append(
                Op(f"o{k}", node.op.name, symbol, found.order.get(k), node.source, node.scope)
            )
        for o in used_outputs(steps, k, root_output if k == last else None):
            box = box_of(steps, k, o, words[k], roles[k], found)
            box.named, box.name = (k, o) in own, own.get((k, o), box.name)
            out.nodes.append(box)
            if node.op is not None:
                grad = found.values.get((k, o))
                out.edges.append(Edge(f"o{k}", box.id, node.requires_grad, grad, shape=box.shape))
    connect(out, steps, groups, found, mode)
    return out


def used_outputs(steps, k, root_output):
    """Which outputs of an op are drawn: those that something reads, or that is the root."""
    used = {o for c, i in steps[k].consumers for j, o, at in steps[c].inputs if j == k and at == i}
    return sorted(used | ({root_output} if root_output is not None else set()))


def box_of(steps, k, o, word, role, found):
    """The box of one output of a step."""
    node = steps[k].node
    grad, kept = found.values.get((k, o)), False
    if found.missing and grad is None and o == 0 and node.op is None:
        grad = kept_grad(node)
        kept = grad is not None
    name = f"{word}[{o}]" if len(node.shapes) > 1 else word
    dtype = None if node.is_scalar or node.dtype is None else str(node.dtype)
    shape, data, wants = node.shapes[o], data_of(steps, k, o), node.requires_grad
    return Value(f"v{k}_{o}", name, role, shape, dtype, data, grad, wants, kept, bare=written(node))


def kept_grad(node):
    """The .grad that an earlier backward() left on a leaf, where this pass cannot tell."""
    if not node.requires_grad or (node.is_scalar and not node.has_grad) or node.grad is None:
        return None
    g = node.grad
    return summary(g.data if isinstance(g, _core.Scalar) else g if node.is_scalar else g.numpy())


def data_of(steps, k, o):
    """A value's Numbers: from the Tensor while it lives, else from what the graph saved of it."""
    node = steps[k].node
    value = node.value if o == 0 else None
    if o and node.tensors[o] is not None:
        value = node.tensors[o].numpy()
    if value is None and node.op is not None and node.op.name == "from_scalar":
        value = steps[steps[k].inputs[0][0]].node.value
    if value is None:  # a Scalar made of a Tensor has its value; other ops may have saved it
        for c, i in steps[k].consumers:
            user = steps[c].node
            if (k, o, i) in steps[c].inputs:
                value = user.value if user.is_scalar else user.saved[0][i]
            if value is not None:
                break
    return summary(value)


def connect(out, steps, groups, found, mode):
    """Edges from inputs to ops; those that touch the same elided group are drawn once."""
    seen: dict[tuple, Edge] = {}
    for k, step in enumerate(steps):
        for j, o, i in step.inputs:
            if groups[k] >= 0 and groups[k] == groups[j]:
                continue
            tail = f"v{j}_{o}" if groups[j] < 0 else f"e{groups[j]}"
            head = f"o{k}" if groups[k] < 0 else f"e{groups[k]}"
            wants = step.node.requires_grad and steps[j].node.requires_grad
            edge = Edge(tail, head, wants, found.edges.get((k, i)), shape=steps[j].node.shapes[o])
            if tail[0] == "e" or head[0] == "e":
                first = seen.setdefault((tail, head), edge)
                if first is not edge:
                    first.count += 1
                    first.grad = first.upstream = first.local = None
                    continue
            if mode == "chain" and wants and groups[k] < 0:
                local, upstream = local_derivative(step, steps, i), found.values.get((k, 0))
                if product(upstream, local):
                    edge.local, edge.upstream = local, upstream
            out.edges.append(edge)


def number_all(out):
    """Ids in the order of the picture: the same graph gives the same text, run after run."""
    ids = {node.id: f"n{k}" for k, node in enumerate(out.nodes)}
    for node in out.nodes:
        node.id = ids[node.id]
    for edge in out.edges:
        edge.tail, edge.head = ids[edge.tail], ids[edge.head]
