"""From DOT to SVG, PNG and PDF: who is asked, in which order, and for how long."""

import importlib
import subprocess
import sys

import pytest

import graddl as gd
from graddl.viz.render import LAYOUTS, RenderError, attempts, backends, render

module = importlib.import_module("graddl.viz.render")
GRAPHVIZ = [name for name in ("dot", "pygraphviz") if backends()[name]]
needs_graphviz = pytest.mark.skipif(not GRAPHVIZ, reason="Graphviz is not installed")
DOT = 'digraph { rankdir=LR; a [label="x × y"]; a -> b }'
SLEEP = "import time; time.sleep(60)"


def only(monkeypatch, **found):
    """Let just these renderers be there."""
    every = dict.fromkeys(("dot", "pygraphviz", "builtin"))
    monkeypatch.setattr(module, "backends", lambda: every | found)


@pytest.mark.parametrize("name", [n for n in LAYOUTS if backends()[n]])
def test_each_makes_svg(name):
    svg = render(DOT, "svg", backend=name)
    assert b"<svg" in svg and "x × y".encode() in svg


@needs_graphviz
@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_graphviz_makes_more(kind, start):
    assert render(DOT, kind, dpi=96 if kind == "png" else None).startswith(start)


def test_the_order_in_which_they_are_asked(monkeypatch):
    assert list(backends()) == ["dot", "pygraphviz", "builtin", "mermaid", "text"]
    calls = []

    def run(command, **options):
        calls.append((command, options["timeout"]))
        return subprocess.CompletedProcess(command, 0, b"<svg/>", b"")

    only(monkeypatch, dot="/opt/dot", pygraphviz="there", builtin="here")
    monkeypatch.setattr(module.subprocess, "run", run)
    assert attempts(DOT, "png", timeout=3, dpi=144, backend=None) == (b"<svg/>", "dot", None)
    assert calls == [(["/opt/dot", "-Tpng", "-Gdpi=144"], 3)]
    only(monkeypatch, pygraphviz="there", builtin="here")
    assert attempts(DOT, "svg", timeout=4, dpi=None, backend=None)[1] == "pygraphviz"
    assert calls[1][0][0] == sys.executable and calls[1][1] == 4
    only(monkeypatch, builtin="here")
    assert attempts(DOT, "svg", timeout=4, dpi=None, backend=None)[1:] == ("builtin", None)


def test_one_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("GRADDL_RENDERER", "builtin")
    assert attempts(DOT, "svg", timeout=4, dpi=None, backend=None)[1] == "builtin"
    monkeypatch.setenv("GRADDL_RENDERER", "paint")
    with pytest.raises(gd.ArgumentError, match="dot or pygraphviz or builtin"):
        render(DOT, "svg")
    only(monkeypatch, builtin="here")
    with pytest.raises(gd.MissingDependency) as error:
        render(DOT, "svg", backend="dot")
    assert error.value.got == "'dot' alone" and error.value.expected == "dot installed"


def test_a_missing_renderer_names_the_command(monkeypatch):
    only(monkeypatch, builtin="here")
    for kind in ("png", "pdf"):
        with pytest.raises(gd.MissingDependency, match=r"pip install graddl\[viz\]") as error:
            render(DOT, kind)
        assert error.value.message == f"{kind.upper()} needs Graphviz"


def test_a_layout_that_hangs_is_stopped(monkeypatch):
    only(monkeypatch, pygraphviz="there")
    monkeypatch.setattr(module, "_CHILD", SLEEP)
    with pytest.raises(RenderError, match=r"longer than 0\.5 s") as error:
        render(DOT, "svg", timeout=0.5)
    assert "max_nodes" in error.value.fix and error.value.late


def test_after_a_timeout_the_built_in_layout_is_asked(monkeypatch, tmp_path):
    """Not pygraphviz, which is the same layout as dot; a PNG it cannot make."""
    slow = tmp_path / "dot"
    slow.write_text(f"#!{sys.executable}\n{SLEEP}\n")
    slow.chmod(0o755)
    only(monkeypatch, dot=str(slow), pygraphviz="there", builtin="here")
    monkeypatch.setattr(module, "_CHILD", "raise SystemExit('asked')")
    svg, name, failure = attempts(DOT, "svg", timeout=0.5, dpi=None, backend=None)
    assert name == "builtin" and b"x \xc3\x97 y" in svg and failure.late
    with pytest.raises(RenderError, match="longer"):
        render(DOT, "png", timeout=0.5)


def test_the_built_in_layout_has_its_time_too(monkeypatch):
    only(monkeypatch, builtin="here")
    many = "".join(f"n{k} -> n{k + 1}; n{k} -> n{k + 9};" for k in range(2000))
    with pytest.raises(RenderError, match="longer") as error:
        render("digraph {" + many + "}", "svg", timeout=0.1)
    assert error.value.late and error.value.got == "4000 edges"


def test_one_that_fails_is_followed_by_the_next(monkeypatch):
    only(monkeypatch, dot="/no/such/dot", pygraphviz="there")
    monkeypatch.setattr(module, "_CHILD", "raise SystemExit('no fonts')")
    with pytest.raises(RenderError, match="pygraphviz failed: no fonts"):
        render(DOT, "svg")
    only(monkeypatch, dot="/no/such/dot", pygraphviz="there", builtin="here")
    _, name, failure = attempts(DOT, "svg", timeout=9, dpi=None, backend=None)
    assert name == "builtin" and "no fonts" in failure.message
