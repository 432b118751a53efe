"""DOT text: golden files, and the grammar of pictures.

To write the golden files anew, and look at them: GRADDL_GOLDEN=write.
"""

import os
import pathlib
import re
import subprocess
import sys

import pytest

import graddl as gd
from graddl.viz.dot import to_dot
from graddl.viz.numbers import summary
from graddl.viz.style import DARK, LIGHT, pairs, scale_of
from graddl.viz.view import view

GOLDEN = pathlib.Path(__file__).with_name("golden")


def text_of(graph):
    root, options = graph()
    return gd.draw(root, **options).dot


def test_golden(graph):
    path = GOLDEN / f"{graph.__name__}.dot"
    if os.environ.get("GRADDL_GOLDEN") == "write":
        path.write_text(text_of(graph), encoding="utf-8")
    assert text_of(graph) == path.read_text(encoding="utf-8")


def test_golden_files_have_a_graph_each(graphs):
    assert {p.stem for p in GOLDEN.glob("*.dot")} == set(graphs.GRAPHS)


def test_the_same_in_another_process(graphs):
    """No id(), no hash order: a fresh interpreter with another hash seed gives the same bytes."""
    code = (
        "import sys, importlib.util as u; s = u.spec_from_file_location('g', sys.argv[1]);"
        "m = u.module_from_spec(s); s.loader.exec_module(m); import graddl as gd;"
        "r, o = m.mlp(); sys.stdout.buffer.write(gd.draw(r, **o).dot.encode())"
    )
    path = pathlib.Path(__file__).with_name("graphs.py")
    command = [sys.executable, "-W", "error", "-c", code, path]
    run = subprocess.run(command, capture_output=True, check=True,
                         env={**os.environ, "PYTHONHASHSEED": "7"})  # fmt: skip
    assert run.stdout.decode() == text_of(graphs.mlp)


def test_a_zero_gradient_is_grey_and_dashed(graphs):
    dot = text_of(graphs.neuron)
    zero = [line for line in dot.splitlines() if "local 0 = 0" in line]
    assert len(zero) == 2 and all(f'color="{LIGHT.zero}" style=dashed' in line for line in zero)


def test_gradient_arrows_point_backward(graphs):
    dot = text_of(graphs.neuron)
    assert "dir=forward" not in dot
    assert (
        dot.count("dir=back") == 14
    )  # 9 from ops to their inputs, 5 from values to the op that made them


def test_data_mode_shows_no_gradient(graphs):
    dot = gd.draw(graphs.neuron()[0], mode="data").dot
    assert "grad" not in dot.replace("digraph graddl", "") and "dir=back" not in dot
    assert "①" not in dot


def test_chain_marks(graphs):
    dot = text_of(graphs.neuron)
    for sign in "①②③④⑤":
        assert sign in dot
    assert "⑥" not in dot
    assert "ordering=in" in dot


def test_ops_keep_the_order_of_their_inputs():
    a, b = gd.Scalar(1.0, "a"), gd.Scalar(2.0, "b")
    for y, first, second in ((a - b, "a", "b"), (b - a, "b", "a")):
        v = view(y)
        op = next(n.id for n in v.nodes if n.id and getattr(n, "symbol", "") == "−")
        names = {n.id: n.name for n in v.nodes}
        assert [names[e.tail] for e in v.edges if e.head == op] == [first, second]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"quoted"', "back\\N\\G", "]>; n0 -> n1", "&amp;", "  "]
)
def test_hostile_names_are_escaped(name):
    dot = gd.draw(gd.Scalar(1.0, name) * 2).dot
    assert "<script" not in dot
    for line in dot.splitlines():  # quotes are balanced once escaped ones are gone
        assert line.replace('\\"', "").count('"') % 2 == 0
    assert len(re.findall(r"^  n\d+ \[", dot, re.M)) == 4


def test_themes(graphs):
    root, _ = graphs.neuron()
    light, dark = gd.draw(root, theme="light").dot, gd.draw(root, theme="dark").dot
    assert gd.draw(root, theme="auto").dot == light
    for a, b in pairs().items():
        light = light.replace(a, b)
    assert light == dark
    assert DARK.paper in dark and LIGHT.paper not in dark


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_of_the_palette(graph, theme):
    root, options = graph()
    dot = gd.draw(root, **{**options, "theme": theme}).dot
    known = set(pairs()) if theme == "light" else set(pairs().values())
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", dot)) <= known
    assert (
        dot.count(f'fontcolor="{(LIGHT if theme == "light" else DARK).ink}"') == 2
    )  # title, nodes


def test_width_and_shade_follow_powers_of_ten():
    gradients = [summary(10.0**k) for k in (-3, -2, -1, 0)]
    scale = scale_of([*gradients, None, summary(0.0), summary(float("nan"))])
    assert (scale.low, scale.high) == (-3, 0)
    widths = [scale.width(g) for g in gradients]
    assert widths == pytest.approx([1.0, 2.0, 3.0, 4.0])
    shades = [scale.shade(g, LIGHT.ramp) for g in gradients]
    assert shades[0] == LIGHT.ramp[0] and shades[-1] == LIGHT.ramp[-1] and len(set(shades)) == 4
    assert scale_of([summary(1e-30), summary(1.0)]).clipped


def test_every_picture_has_a_legend(graph):
    root, options = graph()
    dot = to_dot(view(root, **{k: o for k, o in options.items() if k != "theme"}))
    assert "■ data" in dot
    assert ("thicker = larger" in dot) == (options.get("mode") != "data")
