"""Drawing changes nothing, comes at any time, and at any size."""

import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

import graddl as gd
from graddl.viz.drawing import Drawing
from graddl.viz.layout import layout
from graddl.viz.parts import Value
from graddl.viz.render import RenderError, backends


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


@pytest.mark.parametrize("name", ["neuron", "polynomial", "mlp", "mlp_ops", "layers", "deep_net"])
def test_before_and_under_record_agree(graphs, name):
    """record() adds the source line to tooltips, and nothing else changes."""
    root, options = getattr(graphs, name)()
    plain = gd.draw(root, **options).dot
    with gd.record():
        root, options = getattr(graphs, name)()
    recorded = gd.draw(root, **options).dot
    assert "graphs.py:" in recorded
    assert re.sub(r", graphs\.py:\d+", "", recorded) == plain
    root.backward()
    assert gd.draw(root, **options).dot == recorded


def test_flags_change_nothing(graphs):
    """The pass that looks for faults runs no hook, and leaves .grad and versions alone."""
    root, options = graphs.layers()
    kept, calls = options["names"], []
    handles = [t.register_hook(calls.append) for t in (kept["z"], kept["w1"])]
    root.backward(retain_graph=True)
    tensors = [t for t in kept.values() if t.requires_grad]
    before = [(t.version, None if not t.is_leaf else t.grad.numpy(copy=True)) for t in tensors]
    for detail in ("values", "ops", "layers"):
        gd.draw(root, detail=detail, mode="grad")
    after = [(t.version, None if not t.is_leaf else t.grad.numpy(copy=True)) for t in tensors]
    np.testing.assert_equal(after, before)
    assert len(calls) == len(handles)


def test_the_picture_of_a_trained_graph_matches_grad(graphs):
    root, options = graphs.mlp()
    picture = {n.name: n.grad for n in gd.draw(root, **options).view.nodes if isinstance(n, Value)}
    root.backward()
    for name, sub in (("W1", "W₁"), ("b1", "b₁"), ("W2", "W₂"), ("b2", "b₂")):
        assert np.array_equal(
            np.reshape(picture[sub].values, picture[sub].shape), options["names"][name].grad.numpy()
        )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["scalar", "tensor"])
def test_a_long_chain(kind):
    y = (
        gd.Scalar(1.0, "x")
        if kind == "scalar"
        else gd.tensor([1.0, 2.0], requires_grad=True, name="x")
    )
    for _ in range(25_000):
        y = (y * 0.99999) + 1e-5
    y = y if kind == "scalar" else y.sum()
    start = time.process_time()
    drawing = gd.draw(y)
    assert time.process_time() - start < 10
    assert drawing.view.total >= 100_000 and len(drawing.view.nodes) < 60
    assert f"{drawing.view.shown} of {drawing.view.total} nodes shown" in drawing.dot
    x = next(n for n in drawing.view.nodes if isinstance(n, Value) and n.name == "x")
    assert x.grad.values[0] == pytest.approx(0.99999**25_000, rel=1e-3)


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


def test_a_notebook_never_sees_a_traceback(graphs, monkeypatch):
    monkeypatch.setenv("GRADDL_RENDERER", "builtin")
    drawing = gd.draw(graphs.neuron()[0])
    for problem in (gd.MissingDependency("no renderer", fix="pip install graddl[viz]"),
                    OSError("no space"), RuntimeError("a fault of ours")):  # fmt: skip

        def fail(*_, problem=problem, **__):
            raise problem

        monkeypatch.setattr("graddl.viz.drawing.attempts", fail)
        assert drawing._repr_svg_() is None and drawing._repr_html_() is None
        bundle = drawing._repr_mimebundle_()
        assert list(bundle) == ["text/plain"]
        assert str(problem) in bundle["text/plain"]
        assert "├─ x₁ input" in bundle["text/plain"]  # the tree in place of the picture
    monkeypatch.setattr("graddl.viz.formats.text.text", fail)
    assert "a fault of ours" in drawing._repr_mimebundle_()["text/plain"]


def test_the_picture_says_who_drew_it(graphs, monkeypatch):
    drawing = gd.draw(graphs.neuron()[0])
    late = RenderError("the layout took longer than 10 s")
    monkeypatch.setattr(
        "graddl.viz.drawing.attempts",
        lambda dot, *_, **__: (layout(dot).encode(), "builtin", late),
    )
    assert "Laid out by graddl, since the layout took longer than 10 s." in drawing.svg()
    assert drawing.renderer == "builtin"


STARTS = {
    "svg": b"<?xml", "html": b"<!doctype html>", "dot": b"digraph", "mmd": b"---\ntitle:",
    "txt": b"o = tanh", "json": b"{", "tex": b"% For LuaLaTeX", "png": b"\x89PNG",
    "pdf": b"%PDF",
}  # fmt: skip
GRAPHVIZ = backends()["dot"] or backends()["pygraphviz"]


@pytest.mark.parametrize("kind", STARTS)
def test_kinds_of_files(graphs, tmp_path, kind):
    if kind in ("png", "pdf") and not GRAPHVIZ:
        pytest.skip("PNG and PDF need Graphviz")
    drawing = gd.draw(graphs.neuron()[0])
    path = tmp_path / f"graph.{kind.upper()}"
    assert drawing.save(path) is drawing and drawing.save(str(path)) is drawing
    assert path.read_bytes().startswith(STARTS[kind])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]  # nothing else is left behind


def test_a_file_is_whole_or_as_it_was(graphs, tmp_path, monkeypatch):
    path = tmp_path / "graph.svg"
    path.write_text("before")
    drawing = gd.draw(graphs.neuron()[0])

    def fail(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        drawing.save(path)
    assert path.read_text() == "before" and len(list(tmp_path.iterdir())) == 1
    monkeypatch.undo()
    drawing.save(path)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask():
    found = os.umask(0)
    os.umask(found)
    return found


def test_a_view_of_another_kind():
    """Time lanes and other pictures bring their own DOT text and description."""

    class Lanes:
        title = "two lanes"

        def to_dot(self, theme):
            return f'digraph {{ label="■ {theme}"; a -> b }}'

        def sentence(self):
            return "Two lanes."

    drawing = Drawing(Lanes(), "dark")
    assert drawing.dot.startswith('digraph { label="■ dark') and repr(drawing) == (
        "<Drawing of two lanes>"
    )
    assert "Two lanes." in drawing.svg() and "Two lanes." in drawing.html()
    assert drawing.text() and drawing.mermaid() and drawing.json() and drawing.tex()


def test_hands_over_to_graphviz(graphs):
    graphviz = pytest.importorskip("graphviz")
    drawing = gd.draw(graphs.neuron()[0])
    source = drawing.to_graphviz()
    assert isinstance(source, graphviz.Source) and source.source == drawing.dot


def test_wrong_calls_say_what_is_right(graphs, tmp_path):
    root = graphs.neuron()[0]
    with pytest.raises(gd.ArgumentError, match="theme"):
        gd.draw(root, theme="blue")
    for name in ("graph.gif", "graph"):
        with pytest.raises(gd.ArgumentError, match="svg or png or pdf or html or dot") as error:
            gd.draw(root).save(tmp_path / name)
        assert error.value.fix == "drawing.save('graph.svg')"
        eval(error.value.fix, {"drawing": Save()})  # it is code that runs
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError) as missing:
        gd.draw(root).save(tmp_path / "nowhere" / "graph.txt")
    assert missing.value.filename == str(tmp_path / "nowhere" / "graph.txt")


class Save:
    def save(self, path):
        assert path.endswith(".svg")
