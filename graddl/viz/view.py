"""From a graph to a GraphView: what a picture shows, as plain data.

    graph -> collect (all steps) -> flow (gradients, flags) -> choose (which steps are drawn as one)
          -> GraphView -> DOT

Nothing in a GraphView refers to arrays or nodes of the graph, so a picture keeps no memory alive.
"""

from collections.abc import Sequence
from typing import Any

from .. import _core
from .boxes import Boxes
from .flags import Watch
from .flow import Flow, flow, local_derivative, product
from .graph import Step, collect
from .levels import FEW, alias, choose, to_ops
from .names import call_all
from .numbers import pooled
from .options import at_least, drawable, few_enough, known_scopes, one_of, ramp
from .parts import Alias, Edge, Flag, GraphView, Layer, Value
from .scopes import depth
from .values import Values

DETAILS = ("auto", "values", "ops", "layers")
MODES = ("auto", "data", "grad", "chain")  # and "bptt", which is another kind of view


def view(
    root: Any,
    *,
    detail: str = "auto",
    mode: str = "auto",
    names: dict | None = None,
    collapse: Any = None,
    range: tuple | None = None,
    max_nodes: int = 60,
    force: bool = False,
    model: Any = None,
    outputs: Sequence = (),
    title: str | None = None,
) -> GraphView:
    """The GraphView of everything that `root` was computed from.

    Parameters
    ----------
    root : Tensor or Scalar
    detail, mode, names, collapse, range, max_nodes, force : see `graddl.viz.draw`
    model : Module, optional
        It names the layers, and its parameters are looked for in the graphs of `outputs`.
    outputs : list of Tensors, optional
        All that the model gave; `root` is the first of them.
    title : str, optional

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
    known_scopes(collapse, steps)
    if mode == "auto":
        small_scalar = isinstance(root, _core.Scalar) and len(steps) <= FEW
        mode = "chain" if small_scalar else "grad" if root.size == 1 else "data"
    if not root.requires_grad:
        mode = "data"
    values, watch = Values(steps), Watch(steps)
    found = flow(root, steps, None, watch.visit) if mode != "data" else Flow()
    watch.finish(root, found, values, measured=mode != "data")
    level, sketch = choose(steps, detail, max_nodes, collapse)
    few_enough(len(sketch.parts), force)
    out = assemble(root, sketch, values, watch, found, mode, names, model)
    out.detail, out.range = level, ramp(range)
    if level == "layers":
        what = "gradient flow by layer" if mode != "data" else "by layer"
        out.title = f"{title or out.subject}: {what}"
    elif title:
        out.title = title
    if model is not None:
        out.flags += unreached(model, outputs)
    if len(outputs) > 1:
        out.notes.append(f"the first of {len(outputs)} outputs")
    out.notes += notes(out, root, found, detail, steps, collapse)
    if level != "values":
        to_ops(out)
    if any(isinstance(n, Value | Layer) and n.data is None for n in out.nodes):
        out.notes.append("– not kept: hold on to the tensor, or compute under gd.record()")
    alias(out)
    number_all(out)
    return out


def notes(out, root, found, detail, steps, collapse):
    """What the legend says of the whole picture."""
    lines = [found.missing] if found.missing else []
    if out.mode != "data" and root.size != 1:
        lines.append(f"gradient of the sum of {out.subject}")
    if out.shown < out.total:
        how = ", collapsed by layer" if out.detail == "layers" else ""
        if any(getattr(n, "times", 1) > 1 for n in out.nodes):
            how += ", siblings folded (×)"
        more = ", force=True" if out.total > 2000 else ""
        deeper = "detail='ops', " if out.detail == "layers" else ""
        fix = f"{deeper}max_nodes={out.total}{more} for all"
        lines.append(f"{out.shown} of {out.total} nodes shown{how}; {fix}")
    if detail == "layers" and not depth(steps):
        lines.append("no scopes: a layer is what uses parameters; or name them: gd.scope('fc1')")
    return lines


def unreached(model, outputs):
    """A flag for the parameters of a model that no result depends on."""
    inside = {id(s.node) for y in outputs for s in collect(y)}
    lost = [n for n, p in model.named_parameters() if p.requires_grad and id(p.node) not in inside]
    if not lost:
        return []
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    them = "them" if len(lost) > 1 else "it"
    text = f"▲ {', '.join(lost[:3])}{more} got no gradient: the result does not depend on {them}"
    return [Flag("nothing", text)]


def role_of(step: Step, is_root: bool) -> str:
    """Why a value is there: to train, given, fixed, the result, or on the way."""
    if step.node.op is not None:
        return "output" if is_root else "value"
    if step.node.is_parameter:
        return "parameter"
    return "input" if step.node.requires_grad else "constant"


def assemble(root, sketch, values, watch, found, mode, names, model):
    """Boxes for values and layers, circles for ops, and edges between them."""
    steps, last, root_output = sketch.steps, len(sketch.steps) - 1, getattr(root, "node_output", 0)
    roles = [role_of(s, k == last) for k, s in enumerate(steps)]
    spelled = {
        k for part in sketch.parts if part.kind not in ("run", "elided")
        for k in (part.items[0] if part.kind == "layer" else [part.last])
    }  # fmt: skip
    words, own, whole = call_all(steps, spelled, names, roles)
    words[last] = own.get((last, root_output), words[last])
    modules = [] if model is None else model.named_modules()
    classes = {path: type(module).__name__ for path, module in modules if path}
    boxes = Boxes(sketch, found, values, watch, (words, own), classes)
    out = GraphView("", words[last], mode, "values", total=len(steps))
    out.title = f"{words[last]} = {whole}" if whole and whole != words[last] else words[last]
    for p in sketch.order():
        part, step = sketch.parts[p], steps[sketch.parts[p].last]
        if part.kind in ("run", "elided"):
            out.nodes.append(boxes.rest(p))
            continue
        out.shown += 1
        outputs = used_outputs(steps, part.last, root_output if part.last == last else None)
        if part.kind == "layer":
            out.nodes.append(boxes.layer(p))
            maker, outputs = f"y{p}", [root_output] if part.last == last else []
        else:
            maker = f"o{p}"
            if step.node.op is not None:
                out.nodes.append(boxes.op(p))
        for o in outputs:
            box = boxes.value(p, o, roles[part.last])
            if part.kind == "layer":
                box.flags = ()
            out.nodes.append(box)
            if step.node.op is not None:
                grad = boxes.gradient(part, o)
                edge = Edge(maker, box.id, step.node.requires_grad, grad, shape=box.shape)
                out.edges.append(edge)
    connect(out, sketch, found, mode)
    return out


def used_outputs(steps, k, root_output):
    """Which outputs of an op are drawn: those that something reads, or that is the root."""
    used = {o for c, i in steps[k].consumers for j, o, at in steps[c].inputs if j == k and at == i}
    return sorted(used | ({root_output} if root_output is not None else set())) or [0]


def connect(out, sketch, found, mode):
    """Edges from inputs to ops; those between the same two things are drawn once."""
    steps = sketch.steps
    grads: dict[tuple, list] = {}
    first: dict[tuple, Edge] = {}
    for k, step in enumerate(steps):
        p, head = sketch.of[k], sketch.parts[sketch.of[k]]
        for j, o, i in step.inputs:
            q, tail = sketch.of[j], sketch.parts[sketch.of[j]]
            if p == q:
                continue
            if tail.kind in ("layer", "run") and steps[j].node.op is None:
                continue  # a parameter that another layer has, too: it is in both boxes
            ends = end_of(q, tail, f"v{q}_{o}"), end_of(p, head, f"o{p}")
            wants = step.node.requires_grad and steps[j].node.requires_grad
            edge = Edge(*ends, wants, found.edges.get((k, i)), shape=steps[j].node.shapes[o])
            single = all(x.kind == "step" and len(x.items) == 1 for x in (head, tail))
            key = (*ends, k, i) if single else ends
            grads.setdefault(key, []).append(edge.grad)
            if key in first:
                edge = first[key]
                edge.count, edge.wants = edge.count + 1, edge.wants or wants
                edge.local = edge.upstream = None
                continue
            first[key] = edge
            if mode == "chain" and wants and head.kind == "step" and len(head.items) == 1:
                local, upstream = local_derivative(step, steps, i), found.values.get((k, 0))
                if product(upstream, local):
                    edge.local, edge.upstream = local, upstream
            out.edges.append(edge)
    for key, edge in first.items():
        if edge.count > 1:
            edge.grad = pooled([g for g in grads[key] if g is not None]) if edge.wants else None
            if edge.tail[0] != "e" and edge.head[0] != "e":  # only of what is hidden one counts
                edge.count = 1


def end_of(p, part, plain):
    """The id of the box at one end of an edge."""
    return f"y{p}" if part.kind == "layer" else f"e{p}" if part.kind in ("run", "elided") else plain


def number_all(out):
    """Ids in the order of the picture: the same graph gives the same text, run after run."""
    ids = {node.id: f"n{k}" for k, node in enumerate(out.nodes)}
    for node in out.nodes:
        node.id = ids[node.id]
        if isinstance(node, Alias):
            node.of = ids[node.of]
    for edge in out.edges:
        edge.tail, edge.head = ids[edge.tail], ids[edge.head]
