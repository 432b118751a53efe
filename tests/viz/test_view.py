"""What a picture knows: the GraphView, as plain data."""

import math

import numpy as np
import pytest

import graddl as gd
from graddl.viz.names import TITLE, clean
from graddl.viz.numbers import brief, grid, number, summary
from graddl.viz.parts import Alias, Elided, Op, Value
from graddl.viz.view import view


def boxes(v):
    return {n.name: n for n in v.nodes if isinstance(n, Value)}


@pytest.mark.parametrize(
    ("x", "text"),
    [(2.0, "2"), (-0.70710678, "−0.7071"), (1.2e-5, "1.2e−5"), (3e21, "3e21"), (0.0, "0"),
     (-0.0, "0"),
     (math.nan, "NaN"), (math.inf, "∞"), (-math.inf, "−∞"), (True, "True"), (7, "7"), (None, "–"),
     (1 - 2j, "1−2i")],
)  # fmt: skip
def test_numbers_as_text(x, text):
    assert number(x) == text


def test_summary_of_an_array():
    small = summary(np.array([[1.0, 2.0], [3.0, -4.0]]))
    assert grid(small) == [["1", "2"], ["3", "−4"]]
    assert small.size == pytest.approx(math.sqrt(30 / 4))
    large = summary(np.full((5, 5), 1e200))
    assert large.values is None and large.size == 1e200  # squares would overflow
    assert summary(np.full(20, 1e-200)).size == pytest.approx(1e-200)
    assert brief(summary(np.arange(30))) == "0 … 29"
    assert brief(summary(np.full(30, 7))) == "all 7"
    assert summary(np.empty((0, 3))).size == 0 and grid(summary(np.empty((0, 3)))) == [["empty"]]
    assert math.isnan(summary(np.array([1.0, math.nan] * 9)).size)


@pytest.mark.parametrize(
    ("name", "text"),
    [("x1", "x₁"), ("W_12", "W₁₂"), ("fc1.weight", "fc1.weight"), ("h", "h"), ("a\nb\tc", "a b c"),
     ("\x00\x07\u202e\ud800", ""), ("q" * 10_000, "q" * 31 + "…"), (3, "3")],
)  # fmt: skip
def test_names_are_cleaned(name, text):
    assert clean(name) == text


def test_the_neuron(graphs):
    v = view(graphs.neuron()[0])
    assert v.title == "o = tanh(x₁w₁ + x₂w₂ + b)"
    assert (v.detail, v.mode, v.total, v.shown) == ("values", "chain", 10, 10)
    seen = {name: (b.role, b.data.values[0], b.grad.values[0]) for name, b in boxes(v).items()}
    approx = {name: (b[0], round(b[1], 6), round(b[2], 6)) for name, b in seen.items()}
    assert approx == {
        "x₁": ("input", 2, -1.5), "w₁": ("parameter", -3, 1), "x₁w₁": ("value", -6, 0.5),
        "x₂": ("input", 0, 0.5), "w₂": ("parameter", 1, 0), "x₂w₂": ("value", 0, 0.5),
        "x₁w₁ + x₂w₂": ("value", -6, 0.5), "b": ("parameter", 6.881374, 0.5),
        "n": ("value", 0.881374, 0.5), "o": ("output", 0.707107, 1),
    }  # fmt: skip


def test_order_is_that_of_backward(graphs):
    root = graphs.neuron()[0]
    ops = [n for n in gd._backward.backward_order(root) if n.op is not None]
    v = view(root)
    drawn = sorted((n for n in v.nodes if isinstance(n, Op)), key=lambda n: n.order)
    assert [n.name for n in drawn] == [n.op.name for n in ops]
    assert [n.order for n in drawn] == [1, 2, 3, 4, 5]
    made = {e.tail: e.head for e in v.edges}
    names = {n.id: n.name for n in v.nodes}
    assert [names[made[n.id]] for n in drawn] == ["o", "n", "x₁w₁ + x₂w₂", "x₂w₂", "x₁w₁"]


def test_products_on_edges_multiply_out(graph):
    root, options = graph()
    v = view(root, mode="chain", detail="values", names=options.get("names"))
    products = [e for e in v.edges if e.local is not None]
    for e in products:
        assert e.upstream.values[0] * e.local == pytest.approx(e.grad.values[0], rel=1e-12, abs=0)
    ops = {n.id for n in v.nodes if isinstance(n, Op)}
    if graph.__name__ in ("neuron", "polynomial", "long_chain"):  # Scalars: a product on every edge
        assert products == [e for e in v.edges if e.head in ops and e.wants]
    if graph.__name__ == "mixed":
        assert len(products) == 7


def test_local_derivatives_need_no_division():
    """Where the upstream gradient is 0 a quotient of gradients would be 0/0."""
    x, y = gd.Scalar(3.0, "x"), gd.Scalar(5.0, "y")
    v = view((x * y).relu() * 0.0)
    local = [e.local for e in v.edges if e.local is not None and e.grad.size == 0]
    assert {5.0, 3.0, 1.0} <= set(local)


@pytest.mark.parametrize(
    "op", ["add", "subtract", "multiply", "divide", "power", "maximum", "hypot"]
)
def test_local_derivatives_are_those_of_the_rules(op):
    a, b = gd.Scalar(1.5, "a"), gd.Scalar(0.75, "b")
    y = getattr(gd, op)(a, b)
    found = [e.local for e in view(y).edges if e.local is not None]
    y.backward()
    assert found == pytest.approx([a.grad, b.grad], rel=1e-12)


def test_gradients_add_up_over_shared_inputs():
    x = gd.Scalar(3.0, "x")
    v = view(x * x + x)
    x_box = boxes(v)["x"]
    assert x_box.grad.values == (7.0,)
    assert sum(e.grad.values[0] for e in v.edges if e.tail == x_box.id) == 7.0


def test_a_leaf_that_was_assigned_to():
    s, w = gd.Scalar(2.0, "s"), gd.Scalar(1.0, "w")
    total = s + w
    w.data = 5.0  # nothing reads it, so the gradient is still right
    assert boxes(view(total))["w"].grad.values == (1.0,)
    product = s * w
    w.data = 6.0
    v = view(product)
    assert boxes(v)["w"].grad is None
    assert v.notes == ["▲ a value was changed since it was used: draw before the update"]


def test_roles():
    x = gd.tensor([1.0, 2.0], name="x")
    w = gd.Tensor([3.0, 4.0], requires_grad=True, name="w")
    p = gd.Tensor([0.5, 0.5], requires_grad=True, parameter=True, name="p")
    v = view((x * w * p).sum())
    assert {name: b.role for name, b in boxes(v).items() if b.role != "value"} == {
        "x": "constant", "w": "input", "p": "parameter", v.subject: "output",
    }  # fmt: skip


def test_an_expression_names_what_has_no_name():
    a, b, c = (gd.Scalar(2.0, n) for n in "abc")
    cases = {
        a - (b + c): "a − (b + c)", (a + b) * c: "(a + b)·c", a**2: "a²", -(a + b): "−(a + b)",
        2 * a: "2a", a * -3: "a·(−3)", (a + b) ** 2: "(a + b)²", (-a) ** 3: "(−a)³",
        a / b / c: "a / b / c",
        a / (b / c): "a / (b / c)", gd.sigmoid(a): "σ(a)", gd.sqrt(a): "sqrt(a)",
    }  # fmt: skip
    for root, text in cases.items():
        assert view(root).subject == text


def test_long_expressions_are_numbered():
    a = gd.Scalar(0.5, "v1")  # the user's v₁ is not used a second time
    y = a
    for _ in range(30):
        y = (y * a + 1).tanh()
    names = [n.name for n in view(y, detail="values", max_nodes=500).nodes if isinstance(n, Value)]
    assert names.count("v₁") == 1 and "v₂" in names
    assert len(view(y).title) <= TITLE


def test_names_of_the_callers_variables():
    rate, w = gd.Scalar(2.0), gd.Scalar(3.0, name="weight")
    _hidden = rate
    assert {"rate", "weight"} <= set(boxes(view(rate * w, names=locals())))


def test_ops_level_keeps_leaves_and_root(graphs):
    root, options = graphs.mlp_ops()
    v = view(root, **options)
    assert [n.name for n in v.nodes if isinstance(n, Op)] == [
        "linear",
        "relu",
        "linear",
        "cross_entropy",
    ]
    assert set(boxes(v)) == {"x", "W₁", "b₁", "W₂", "b₂", "target", "loss"}
    assert [
        n.result.name for n in v.nodes if isinstance(n, Op) and n.result and n.result.named
    ] == ["h", "logits"]
    assert all(
        e.tail in {n.id for n in v.nodes} and e.head in {n.id for n in v.nodes} for e in v.edges
    )


def test_aliases_of_what_is_used_often(graphs):
    root, options = graphs.shared_weight()
    v = view(root, **options)
    w = boxes(v)["W"]
    assert w.uses == 5
    assert [n.name for n in v.nodes if isinstance(n, Alias)] == ["W"] * 4
    assert sum(e.tail == w.id for e in v.edges) == 1


def test_uses_in_one_scope_share_an_alias():
    w, y = gd.Scalar(2.0, "w"), gd.Scalar(1.0, "x")
    for name in "abcd":
        with gd.scope(name):
            y = y * w * w
    assert sum(isinstance(n, Alias) for n in view(y).nodes) == 3


def test_large_graphs_lose_their_middle(graphs):
    root, options = graphs.long_chain()
    v = view(root, **options)
    hidden = [n for n in v.nodes if isinstance(n, Elided)]
    numbers = sum(n.bare for n in v.nodes if isinstance(n, Value))
    assert v.shown - numbers <= 12 and v.total == 161
    assert sum(n.count for n in hidden) == v.total - v.shown
    assert f"{v.shown} of 161 nodes shown; max_nodes=161 for all" in v.notes
    assert "x" in boxes(v) and v.subject in boxes(v)
    assert boxes(v)["x"].grad.values[0] == pytest.approx(1.5**40)


def test_a_wide_graph_stays_small():
    """Of a thousand different inputs none is a sibling of another: the middle is left out."""
    xs = [gd.Scalar(float(k), f"x{k}") for k in range(1000)]
    ops = (gd.tanh, gd.exp, gd.sin, gd.cos)
    chains = [ops[k % 4](ops[k // 4 % 4](ops[k // 16 % 4](x))) for k, x in enumerate(xs)]
    total = chains[0]
    for k, y in enumerate(chains[1:]):
        total = total * y if k % 3 else total - y
    v = view(total)
    assert len(v.nodes) < 100 and len(v.edges) < 100
    assert sum(n.count for n in v.nodes if isinstance(n, Elided)) == v.total - v.shown > 1900


def test_every_edge_meets_a_node(graph):
    root, options = graph()
    v = view(root, **{k: o for k, o in options.items() if k != "theme"})
    ids = [n.id for n in v.nodes]
    assert ids == [f"n{k}" for k in range(len(ids))]
    assert {e.tail for e in v.edges} | {e.head for e in v.edges} == set(ids)


def test_what_is_not_kept_is_not_zero():
    big = gd.tensor(np.ones((40, 40)), requires_grad=True, name="big")
    y = (big * big).exp().sum()
    y.backward()
    v = view(y)
    inner = [b for b in boxes(v).values() if b.role == "value"]
    assert any(b.grad is None for b in inner)
    assert any("draw before backward" in note for note in v.notes)
    assert boxes(v)["big"].kept  # what backward() left in .grad is shown, and marked as such


def test_record_keeps_all_numbers():
    with gd.record():
        x = gd.tensor(np.ones((40, 40)), requires_grad=True, name="x")
        y = (x * 2).exp().sum()
    y.backward()
    v = view(y)
    assert not v.notes and all(
        b.data is not None and (b.grad is not None or not b.wants) for b in boxes(v).values()
    )
    assert [n.source[0] for n in v.nodes if isinstance(n, Op)] == [__file__] * 3


def test_a_root_of_several_numbers():
    x = gd.tensor([1.0, 2.0], requires_grad=True, name="x")
    assert view(x * 3).mode == "data"
    v = view(x * 3, mode="grad")
    assert boxes(v)["x"].grad.values == (3.0, 3.0)
    assert v.notes == ["gradient of the sum of x·3"]


@pytest.mark.parametrize(
    "root", [gd.tensor([1.0, 2.0]), gd.tensor(3), gd.Scalar(1.0, requires_grad=False)]
)
def test_a_value_without_history(root):
    v = view(root)
    assert (v.mode, len(v.nodes), v.edges) == ("data", 1, [])


def test_wrong_calls_say_what_is_right():
    x = gd.Scalar(1.0)
    with pytest.raises(gd.DTypeError, match=r"gd\.draw"):
        view([x])
    for wrong in (
        {"detail": "all"}, {"mode": "backward"}, {"max_nodes": 2}, {"max_nodes": "many"},
        {"names": ["x"]},
    ):  # fmt: skip
        with pytest.raises(gd.ArgumentError) as error:
            view(x, **wrong)
        assert error.value.expected and error.value.fix
