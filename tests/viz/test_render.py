"""From DOT to SVG and PNG: well-formed, self-contained, and stopped when it takes too long."""

import subprocess
import xml.etree.ElementTree as ET

import pytest

import graddl as gd
from graddl.viz import render as module
from graddl.viz.render import RenderError, backends, render

SVG = "{http://www.w3.org/2000/svg}"
pytestmark = pytest.mark.skipif(not any(backends().values()), reason="no renderer is installed")


def test_svg_is_well_formed_and_alone(graph):
    root, options = graph()
    svg = gd.draw(root, **options).svg()
    tree = ET.fromstring(svg)
    assert tree.tag == f"{SVG}svg"
    assert (
        "<!DOCTYPE" not in svg and "href" not in svg and "url(" not in svg and "<image" not in svg
    )
    assert set(part.split('"')[0] for part in svg.split("http")[1:]) == {"://www.w3.org/2000/svg"}


def test_svg_scales_and_is_read_out(graphs):
    tree = ET.fromstring(gd.draw(graphs.neuron()[0]).svg())
    assert tree.get("width") == "100%" and tree.get("role") == "img" and tree.get("viewBox")
    assert "max-width" in tree.get("style")
    title, desc = tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")
    assert title.text == "o = tanh(x₁w₁ + x₂w₂ + b)"
    assert desc.text == ("o is computed in 5 operations (multiply, multiply, add, add, tanh); "
                         "inputs x₁, x₂; parameters w₁, w₂, b.")  # fmt: skip
    assert tree.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    background = next(tree.iter(f"{SVG}polygon"))
    assert background.get("fill") == "#ffffff"


def test_ids_have_a_prefix_of_their_own(graphs):
    first, second = (gd.draw(f()[0]).svg() for f in (graphs.neuron, graphs.polynomial))
    ids = [
        {e.get("id") for e in ET.fromstring(svg).iter() if e.get("id")} for svg in (first, second)
    ]
    assert ids[0] and not ids[0] & ids[1]


def test_tooltips_are_titles(graphs):
    svg = ET.fromstring(gd.draw(graphs.neuron()[0]).svg())
    titles = {t.text for t in svg.iter(f"{SVG}title")}
    assert {"x₁: data = 2, grad = −1.5", "upstream 0.5 × local −3 = −1.5", "tanh"} <= titles


@pytest.mark.parametrize(("theme", "queries"), [("auto", 1), ("light", 0), ("dark", 0)])
def test_dark_by_css(graphs, theme, queries):
    svg = gd.draw(graphs.neuron()[0], theme=theme).svg()
    assert svg.count("prefers-color-scheme:dark") == queries
    assert ("#111827" in svg) == (theme != "light")


def test_hostile_names_stay_text():
    name = '<script>alert("x")</script> \\N & ]]>'
    svg = gd.draw(gd.Scalar(1.0, name) * gd.Scalar(2.0, "\x00\ud800" + "q" * 10_000)).svg()
    tree = ET.fromstring(svg)
    assert not list(tree.iter(f"{SVG}script"))
    assert name[:30] in " ".join(t.text for t in tree.iter(f"{SVG}text"))
    assert any(name[:30] in (t.text or "") for t in tree.iter(f"{SVG}title"))


def test_kinds_of_files(graphs, tmp_path):
    drawing = gd.draw(graphs.neuron()[0])
    for suffix, start in (
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("dot", b"digraph"),
    ):
        path = tmp_path / f"graph.{suffix}"
        assert drawing.save(path) is drawing
        assert path.read_bytes().startswith(start)


def test_a_missing_renderer_names_the_command(monkeypatch, graphs, tmp_path):
    monkeypatch.setattr(module, "backends", lambda: {"dot": None, "pygraphviz": None})
    drawing = gd.draw(graphs.neuron()[0])
    with pytest.raises(gd.MissingDependency, match=r"pip install graddl\[viz\]"):
        drawing.save(tmp_path / "graph.png")
    drawing.save(tmp_path / "graph.dot")  # needs none
    assert drawing._repr_svg_() is None and drawing._repr_html_() is None
    assert "pip install graddl[viz]" in drawing._repr_mimebundle_()["text/plain"]


def test_a_layout_that_hangs_is_stopped(monkeypatch, graphs):
    monkeypatch.setattr(module, "backends", lambda: {"dot": None, "pygraphviz": "there"})
    monkeypatch.setattr(module, "_CHILD", "import time; time.sleep(60)")
    with pytest.raises(RenderError, match=r"longer than 0\.5 s") as error:
        render(gd.draw(graphs.neuron()[0]).dot, "svg", timeout=0.5)
    assert "max_nodes" in error.value.fix


def test_a_renderer_that_fails_says_why(monkeypatch):
    monkeypatch.setattr(module, "backends", lambda: {"dot": None, "pygraphviz": "there"})
    monkeypatch.setattr(module, "_CHILD", "raise SystemExit('no fonts')")
    with pytest.raises(RenderError, match="no fonts"):
        render("digraph {}", "svg")


def test_dot_on_the_path_comes_first(monkeypatch):
    calls = []

    def run(command, **options):
        calls.append((command, options["timeout"]))
        return subprocess.CompletedProcess(command, 0, b"<svg/>", b"")

    monkeypatch.setattr(module, "backends", lambda: {"dot": "/opt/dot", "pygraphviz": "there"})
    monkeypatch.setattr(module.subprocess, "run", run)
    assert render("digraph {}", "png", timeout=3, dpi=144) == b"<svg/>"
    assert calls == [(["/opt/dot", "-Tpng", "-Gdpi=144"], 3)]
