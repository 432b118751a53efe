"""Drawing changes nothing, comes at any time, and at any size."""

import subprocess
import sys
import time

import numpy as np
import pytest

import graddl as gd
from graddl.viz.parts import Value


def numbers(drawing):
    return [(n.name, n.data, n.grad) for n in drawing.view.nodes if isinstance(n, Value)]


def test_drawing_changes_nothing():
    calls = []
    p = gd.Tensor([1.0, 2.0], requires_grad=True, parameter=True, name="p")
    h = p * p
    h.register_hook(calls.append)
    s = gd.Scalar(3.0, "s")
    s.register_hook(calls.append)
    y = gd.Scalar(h.sum()) * s
    version = p.version, h.version
    for mode in ("data", "grad", "chain"):
        gd.draw(y, mode=mode)
    assert (calls, p.grad, s.grad, s.has_grad, s.branched) == ([], None, 0.0, False, False)
    assert (p.version, h.version) == version
    y.backward()
    assert len(calls) == 2
    before = p.grad.numpy(copy=True), s.grad
    gd.draw(y)
    assert len(calls) == 2 and np.array_equal(p.grad.numpy(), before[0]) and s.grad == before[1]


def test_gradients_are_equal_to_the_last_bit_with_drawing(graph):
    def leaves(root):
        return [n for n in gd._backward.backward_order(root) if n.is_leaf]

    plain, kept = graph()
    drawn, options = graph()
    gd.draw(drawn, **options)
    plain.backward()
    drawn.backward()
    for a, b in zip(*map(leaves, (plain, drawn)), strict=True):
        ga, gb = (g.numpy() if isinstance(g, gd.Tensor) else g for g in (a.grad, b.grad))
        assert ga is not None and np.array_equal(ga, gb)
    del kept


def test_before_and_after_backward_agree(graph):
    root, options = graph()
    before = gd.draw(root, **options)
    root.backward()
    after = gd.draw(root, **options)
    assert numbers(before) == numbers(after)
    assert before.dot == after.dot


def test_the_picture_of_a_trained_graph_matches_grad(graphs):
    root, options = graphs.mlp()
    picture = {n.name: n.grad for n in gd.draw(root, **options).view.nodes if isinstance(n, Value)}
    root.backward()
    for name, sub in (("W1", "W₁"), ("b1", "b₁"), ("W2", "W₂"), ("b2", "b₂")):
        assert np.array_equal(
            np.reshape(picture[sub].values, picture[sub].shape), options["names"][name].grad.numpy()
        )


@pytest.mark.parametrize("kind", ["scalar", "tensor"])
def test_a_long_chain(kind):
    y = (
        gd.Scalar(1.0, "x")
        if kind == "scalar"
        else gd.tensor([1.0, 2.0], requires_grad=True, name="x")
    )
    for _ in range(50_000):
        y = (y * 0.99999) + 1e-5
    y = y if kind == "scalar" else y.sum()
    start = time.perf_counter()
    drawing = gd.draw(y)
    assert time.perf_counter() - start < 10
    assert drawing.view.total >= 200_000 and len(drawing.view.nodes) < 120
    assert f"{drawing.view.shown} of {drawing.view.total} nodes shown" in drawing.dot
    x = next(n for n in drawing.view.nodes if isinstance(n, Value) and n.name == "x")
    assert x.grad.values[0] == pytest.approx(0.99999**50_000, rel=1e-3)


def test_doubling_sixty_times():
    """2⁶⁰ paths, 61 nodes."""
    y = x = gd.Scalar(1.0, "x")
    for _ in range(60):
        y = y + y
    start = time.perf_counter()
    view = gd.draw(y, max_nodes=100).view
    assert time.perf_counter() - start < 1
    assert next(n for n in view.nodes if isinstance(n, Value) and n.name == "x").grad.values == (
        2.0**60,
    )
    del x


def test_a_picture_keeps_no_array_alive():
    x = gd.tensor(np.ones(1000), requires_grad=True)
    y = (x * x).sum()
    drawing = gd.draw(y)
    node = x.node
    del x
    assert node.tensor is None
    assert "1000" in drawing.dot


def test_notebooks(graphs):
    bundle = gd.draw(graphs.neuron()[0])._repr_mimebundle_(include=None, exclude=None)
    assert bundle["text/plain"].startswith("<Drawing of o = tanh(")
    if "image/svg+xml" in bundle:
        assert bundle["image/svg+xml"] == bundle["text/html"]


def test_methods_and_lazy_import():
    code = (
        "import sys, graddl as gd\n"
        "late = ('graddl.viz', 'pygraphviz', 'graphviz', 'matplotlib')\n"
        "loaded = [m for m in sys.modules if m.startswith(late)]\n"
        "assert not loaded, loaded\n"
        "d = gd.Scalar(2.0, 'x').tanh().draw(mode='data'); t = gd.tensor([1.0]).draw()\n"
        "assert 'tanh' in d.dot and gd.viz.backends() and type(t) is type(d)\n"
        "assert 'pygraphviz' not in sys.modules and 'graphviz' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_hands_over_to_graphviz(graphs):
    graphviz = pytest.importorskip("graphviz")
    drawing = gd.draw(graphs.neuron()[0])
    source = drawing.to_graphviz()
    assert isinstance(source, graphviz.Source) and source.source == drawing.dot


def test_wrong_calls_say_what_is_right(graphs, tmp_path):
    root = graphs.neuron()[0]
    with pytest.raises(gd.ArgumentError, match="theme"):
        gd.draw(root, theme="blue")
    with pytest.raises(gd.ArgumentError, match="svg or png or pdf or dot"):
        gd.draw(root).save(tmp_path / "graph.gif")
