"""Large graphs become small pictures, and lose nothing that one has to know."""

import importlib.util
import math
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import graddl as gd
from graddl.viz import fold
from graddl.viz.graph import collect
from graddl.viz.levels import choose
from graddl.viz.parts import Alias, Elided, Layer, Op, Value
from graddl.viz.sketch import each_step
from graddl.viz.view import view

rendered = pytest.mark.skipif(
    importlib.util.find_spec("pygraphviz") is None, reason="the SVG is made by pygraphviz"
)


def of(v, kind):
    return [n for n in v.nodes if isinstance(n, kind)]


def flags(v):
    return {flag.text for n in v.nodes for flag in getattr(n, "flags", ())}


def options(graph):
    root, more = graph()
    return root, {k: o for k, o in more.items() if k != "theme"}


def test_parts_are_a_partition_and_have_no_cycle(graph):
    root, more = options(graph)
    steps = collect(root)
    for detail in ("auto", "values", "ops", "layers"):
        for limit in (8, 20, 60):
            _, sketch = choose(steps, detail, limit, more.get("collapse"))
            members = sorted(k for part in sketch.parts for k in part.members())
            assert members == list(range(len(steps)))
            assert all(sketch.of[k] == p for p, x in enumerate(sketch.parts) for k in x.members())
            assert not sketch.on_cycles()


def test_a_picture_keeps_to_max_nodes(graph):
    root, more = options(graph)
    for limit in (10, 30):
        v = view(root, **{**more, "max_nodes": limit})
        numbers = sum(n.bare for n in of(v, Value))
        assert v.shown - numbers <= limit
        ids = [n.id for n in v.nodes]
        assert {e.tail for e in v.edges} | {e.head for e in v.edges} <= set(ids)


def test_siblings_fold(graphs):
    v = view(graphs.folded()[0])
    assert v.detail == "ops" and v.total == 128 and v.shown == 19
    ops = {(n.symbol, n.times) for n in of(v, Op)}
    assert {("tanh", 12), ("×", 24), ("×", 12), ("relu", 3)} <= ops  # 4 neurons × 3 examples
    assert ("Σ", 12) in ops and next(n for n in of(v, Op) if n.symbol == "Σ").terms == 3
    parameters = sorted(n.times for n in of(v, Value) if n.role == "parameter")
    assert parameters == [1, 4, 4, 8]
    assert "19 of 128 nodes shown, siblings folded (×); max_nodes=128 for all" in v.notes
    assert flags(v) == {"▲ 1 of 12 tanh units is saturated"}


def test_folded_numbers_are_over_all_siblings(graphs):
    root, _ = graphs.folded()
    first = next(n for n in of(view(root), Value) if n.times == 8)
    root.backward()
    steps = [s.node for s in collect(root)]
    data = {id(n) for n in steps if n.op is None and not n.requires_grad}
    products = [n.inputs for n in steps if n.op is not None and n.op.name == "multiply"]
    ins = {id(a): a for a, b in products if id(b) in data and getattr(a, "is_parameter", False)}
    ins = list(ins.values())  # the weights that are multiplied by an input
    assert len(ins) == 8
    for numbers, values in (
        (first.data, [n.data for n in ins]),
        (first.grad, [n.grad for n in ins]),
    ):
        assert numbers.size == pytest.approx(math.sqrt(np.mean(np.square(values))))
        assert numbers.span == (min(values), max(values))
    assert sorted(first.strip) == pytest.approx(sorted(abs(n.grad) for n in ins))


def test_what_differs_does_not_fold():
    x = [gd.Scalar(float(k), f"x{k}") for k in range(1, 9)]
    same = fold.fold(each_step(collect(gd.stack([a.tanh() for a in x]).sum())))
    assert sorted(len(p.items) for p in same.parts) == [1, 1, 8, 8, 8]
    half = gd.stack([a.tanh() if k % 2 else a.exp() for k, a in enumerate(x)]).sum()
    assert sorted(len(p.items) for p in fold.fold(each_step(collect(half))).parts) == [
        1, 1, 4, 4, 4, 4, 4, 4,
    ]  # fmt: skip
    a, b = (gd.tensor([1.0, 2.0], requires_grad=True) for _ in "ab")
    divided = fold.fold(each_step(collect((a.exp() / b.exp()).sum())))
    assert all(len(p.items) == 1 for p in divided.parts)  # numerator and denominator


def test_scopes_of_one_kind_fold(graphs):
    root, more = options(graphs.towers)
    v = view(root, **{**more, "max_nodes": 8})
    (head,) = of(v, Layer)
    assert (head.name, head.times, head.kind, head.parameters) == ("head", 4, "Linear + Tanh", 8)
    assert [n.times for n in of(view(root, **{**more, "max_nodes": 60}), Layer)] == [1, 1, 1, 1]


def test_nested_sums_are_one_op():
    x = [gd.Scalar(float(k)) for k in range(6)]
    total = x[0]
    for a in x[1:]:
        total = total + a
    sketch = fold.flatten_sums(each_step(collect(total * 2)))
    assert [len(p.items[0]) for p in sketch.parts if p.kind == "sum"] == [5]
    doubled = x[0]
    for _ in range(5):
        doubled = doubled + doubled  # read twice: no sum of six terms
    assert all(p.kind == "step" for p in fold.flatten_sums(each_step(collect(doubled))).parts)


# ------------------------------------------------------------------------------------------- layers
def test_a_layer_says_what_it_is(graphs):
    root, more = options(graphs.layers)
    kept = more["names"]
    v = view(root, **more)
    fc1, fc2 = of(v, Layer)
    assert (fc1.name, fc1.kind, fc1.formula) == (
        "fc1", "Linear + ReLU", "relu(x @ weightᵀ + bias)",
    )  # fmt: skip
    assert (fc2.name, fc2.kind, fc2.formula) == ("fc2", "Linear", "h @ weightᵀ + bias")
    assert [(w.name, w.shape) for w in fc1.weights] == [("weight", (6, 4)), ("bias", (6,))]
    assert (fc1.parameters, fc1.shape, fc1.ops) == (30, (8, 6), 2)
    assert v.title == "loss: gradient flow by layer"
    assert {n.name for n in of(v, Value)} == {"x", "target", "loss"}
    dz = gd._backward.gradients([root], [kept["z"]])[0].numpy()
    assert fc1.strip == pytest.approx(np.sqrt(np.mean(dz.astype("f8") ** 2, axis=0)))
    assert [cell == 0 for cell in fc1.strip] == [False, True, False, True, True, False]
    grads = gd._backward.gradients([root], [kept["w1"], kept["h"]])
    for numbers, g in zip((fc1.weights[0].grad, fc1.grad), grads, strict=True):
        assert numbers.size == pytest.approx(np.sqrt(np.mean(g.numpy().astype("f8") ** 2)))


def test_weights_are_told_apart_however_long_the_path_is():
    class Deep(gd.nn.Module):
        def __init__(self):
            self.a_name_of_more_than_thirty_two_letters = gd.nn.Linear(4, 4)
            self.attention = gd.nn.MultiHeadAttention(4, 2)

        def forward(self, x):
            x = gd.relu(self.a_name_of_more_than_thirty_two_letters(x))
            return self.attention(x, x, x)

    first, attention = of(gd.draw(Deep(), (2, 3, 4), detail="layers").view, Layer)
    assert [w.name for w in first.weights] == ["weight", "bias"]
    assert first.formula == "relu(c₁ @ weightᵀ + bias)"
    names = [w.name for w in attention.weights]
    assert names == ["in_proj_weight", "in_proj_bias", "weight", "bias"]


def test_a_residual_connection_ends_in_its_sum():
    g = gd.Generator(0)
    stem, fc, head = (gd.nn.Linear(4, 4, generator=g) for _ in range(3))
    with gd.scope("stem"):
        h = stem(gd.ones(3, 4))
    with gd.scope("block.fc"):
        z = fc(h)
    with gd.scope("block"):
        h = h + z
    with gd.scope("head"):
        y = head(h)
    v = view(y.sum(), detail="layers")
    assert [n.name for n in of(v, Layer)] == ["stem", "block.fc", "head"]
    assert of(v, Layer)[2].formula == "x @ weightᵀ + bias"
    (joint,) = [n for n in of(v, Op) if n.name == "add"]
    assert len([e for e in v.edges if e.head == joint.id]) == 2
    assert [e.tail for e in v.edges if e.head == of(v, Layer)[2].id] == [joint.id]


def test_what_a_layer_reads_has_a_letter_each():
    a, b = gd.ones(3, 4, requires_grad=True), gd.ones(3, 4, requires_grad=True)
    with gd.scope("one"):
        p, q = gd.exp(a), gd.sin(b)
    with gd.scope("mix"):
        y = gd.tanh(p) * gd.sigmoid(q) + p
    formulas = [n.formula for n in of(view(y.sum(), detail="layers"), Layer)]
    assert formulas[-1] == "tanh(x) ⊙ σ(z) + x"


def test_a_data_input_gets_no_gradient(graphs):
    root, more = options(graphs.layers)
    v = view(root, **more)
    x = next(n for n in of(v, Value) if n.name == "x")
    (edge,) = [e for e in v.edges if e.tail == x.id]
    assert not x.wants and not edge.wants and edge.grad is None


def test_scopes_collapse(graphs):
    root, more = options(graphs.nested)
    named = view(root, detail="layers", names=more["names"])
    assert [n.name for n in of(named, Layer)] == ["encoder.a", "encoder.b", "head"]
    for collapse, found in ((["encoder"], ["encoder"]), (["encoder.a"], ["encoder.a"]), (True, [
        "encoder.a", "encoder.b", "head"])):  # fmt: skip
        v = view(root, collapse=collapse, names=more["names"])
        assert v.detail == "layers" and [n.name for n in of(v, Layer)] == found
    assert not of(view(root, collapse=False, max_nodes=8, names=more["names"]), Layer)
    few = view(root, detail="layers", max_nodes=8, names=more["names"])
    assert len(of(few, Layer)) + len(of(few, Value)) + len(of(few, Op)) <= 8


def test_a_scope_that_is_left_and_entered_again():
    w = gd.Tensor(np.eye(3), requires_grad=True, parameter=True, name="w")
    x = gd.tensor(np.ones((2, 3)), requires_grad=True, name="x")
    with gd.scope("a"):
        h = x @ w
    with gd.scope("b"):
        g = h.tanh()
    with gd.scope("a"):
        y = h * g
    v = view(y.sum(), detail="layers")
    assert {e.tail for e in v.edges} | {e.head for e in v.edges} == {n.id for n in v.nodes}


def test_a_module_that_is_called_twice_has_two_boxes(graphs):
    root, more = options(graphs.called_twice)
    boxes = of(view(root, **more), Layer)
    assert [n.formula for n in boxes] == ["a @ weightᵀ + bias", "b @ weightᵀ + bias"]
    assert [[w.again for w in n.weights] for n in boxes] == [[False, False], [True, True]]


@pytest.mark.parametrize("name", ["time_steps", "passes"])
def test_loops_are_lanes(graphs, name):
    root, more = options(getattr(graphs, name))
    v = view(root, **{**more, "max_nodes": 14})
    lanes = [n.name for n in of(v, Layer) if n.name.startswith(("t =", "pass"))]
    first = ["t = 0", "t = 1", "t = 2", "t = 17", "t = 18", "t = 19"]
    other = ["pass 1", "pass 2", "pass 3", "pass 14", "pass 15", "pass 16"]
    assert lanes == (first if name == "time_steps" else other)
    (middle,) = of(v, Elided)
    assert middle.text == ("14 steps in a row" if name == "time_steps" else "10 passes in a row")
    assert middle.first.size > middle.last.size


def test_every_flag_is_kept(graph):
    """However small the picture: the words may be merged, but no kind of warning is lost."""
    root, more = options(graph)
    kinds = []
    for detail, limit in (("ops", 2000), ("ops", 8), ("layers", 30), ("layers", 8), ("auto", 12)):
        v = view(root, **{**more, "mode": "grad", "detail": detail, "max_nodes": limit})
        kinds.append({flag.kind for n in v.nodes for flag in getattr(n, "flags", ())})
    assert all(k == kinds[0] for k in kinds)


# -------------------------------------------------------------------------------------------- sizes
def scalar_mlp(graphs):
    return graphs.scalar_network((2, 16, 16, 1), samples=7)[0]


def hundred_layers(graphs):
    return graphs.sequential(100, 16)


def two_hundred_steps(graphs):
    return graphs.loop(200, True)


def a_loop_of_two_hundred(graphs):
    return graphs.loop(200, False)


def chain(graphs):
    y = gd.Scalar(1.0, "x")
    for _ in range(25_000):
        y = (y * 0.99999) + 1e-5
    return y


@rendered
@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [scalar_mlp, hundred_layers, two_hundred_steps, a_loop_of_two_hundred, chain]
)
def test_large_graphs_draw_in_little_time_and_space(graphs, make):
    made = make(graphs)
    root, more = made if isinstance(made, tuple) else (made, {})
    start = time.process_time()
    drawing = gd.draw(root, **more)
    svg = drawing.svg()
    assert time.process_time() - start < 10
    v = drawing.view
    assert len(v.nodes) < 60 and len(svg.encode()) < 200_000
    ET.fromstring(svg)
    assert f"{v.shown} of {v.total} nodes shown" in drawing.dot
    assert any(n.role == "output" for n in of(v, Value))
    if make is scalar_mlp:
        assert v.total > 4000 and {n.times for n in of(v, Op)} >= {112, 224, 1792, 7}
    else:
        links = [n for n in of(v, Elided) if n.text]
        boxes = of(v, Layer) or of(v, Op)
        assert links and len(boxes) >= 6
    if make is hundred_layers:
        assert any("smaller than at the loss" in text for text in flags(v))


@pytest.mark.slow
def test_a_picture_of_many_nodes_is_forced():
    y = gd.Scalar(1.0, "x")
    for _ in range(2100):
        y = y.tanh() * 1.5
    with pytest.raises(gd.ArgumentError, match="force=True") as error:
        gd.draw(y, detail="ops", max_nodes=10_000)
    assert "4201" in error.value.got or "6301" in error.value.got
    assert gd.draw(y, detail="ops", max_nodes=10_000, force=True).view.shown > 2000


def test_wide_graphs_fold():
    xs = [gd.Scalar(float(k), f"x{k}") for k in range(1000)]
    v = view(gd.stack(xs).sum())
    box = next(n for n in of(v, Value) if n.times == 1000)
    assert box.name == "x₀ … x₉₉₉" and box.data.span == (0.0, 999.0) and len(v.nodes) < 6
    assert len(box.strip) == 32 and not of(v, Alias)
