"""Layouts of all graphs, by all renderers that are here: nothing overlaps, nothing is clipped."""

import os
import random
import re
import subprocess
import sys
import time

import pytest

import graddl as gd
from graddl.viz.drawing import Drawing
from graddl.viz.layout import OutOfTime, layout
from graddl.viz.render import LAYOUTS, backends

# Pictures that are too wide for a page of 800 pixels: take a name out once it fits.
WIDE = {("nested", "pygraphviz")}
HERE = [name for name in LAYOUTS if backends()[name]]


@pytest.mark.parametrize("backend", HERE)
def test_nothing_overlaps_and_nothing_is_clipped(graph, backend, rendered, boxes):
    assert boxes.faults(rendered(graph, backend).svg()) == []


@pytest.mark.parametrize("backend", HERE)
def test_no_text_is_too_small(graph, backend, rendered, boxes, request):
    """Nine pixels are the least, where a page shows the picture 800 pixels wide."""
    if (graph.__name__, backend) in WIDE:
        request.applymarker(pytest.mark.xfail(reason="wider than a page", strict=True))
    assert boxes.smallest(rendered(graph, backend).svg()) >= 8.95


def test_the_checks_find_faults(graphs, boxes):
    svg = Drawing(gd.draw(graphs.neuron()[0]).view, "light", 10, "builtin").svg()
    assert boxes.faults(svg) == []
    assert boxes.faults(svg.replace("■", "#")) == ["no legend"]
    assert boxes.faults(svg.replace(">input<", ">input, and a word that is too long<"))
    view = svg.split('viewBox="')[1].split('"')[0]
    assert any("clipped" in fault for fault in boxes.faults(svg.replace(view, "0 0 300 200")))
    pair = layout('digraph { rankdir=LR; label="■"; a [shape=box]; b [shape=box]; a -> b }')
    assert boxes.faults(pair) == []
    places = re.findall(r'<rect x="([^"]*)"', pair)
    moved = pair.replace(f'<rect x="{places[1]}"', f'<rect x="{float(places[0]) + 9}"')
    assert any("overlaps" in fault for fault in boxes.faults(moved))


def test_the_same_text_gives_the_same_picture(graphs):
    dot = gd.draw(graphs.mlp()[0]).dot
    code = (
        "import sys; from graddl.viz.layout import layout; print(layout(sys.stdin.read()), end='')"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], input=dot.encode(),
                          capture_output=True, check=True,
                          env={**os.environ, "PYTHONHASHSEED": "11"})  # fmt: skip
    assert done.stdout.decode() == layout(dot)


def test_three_hundred_nodes_in_a_few_seconds(boxes):
    chance = random.Random(1)
    lines = [f'n{k} [shape=box label="node {k}"];' for k in range(300)]
    for k in range(1, 300):
        tails = {chance.randrange(max(0, k - 12), k) for _ in range(2)}
        lines += [f"n{j} -> n{k};" for j in tails]
    start = time.perf_counter()
    svg = layout('digraph { rankdir=LR; label="■"; ' + "\n".join(lines) + "}")
    assert time.perf_counter() - start < 5
    assert boxes.faults(svg) == []


def test_it_stops_in_time():
    lines = "\n".join(f"n{k} -> n{k + 1}; n{k} -> n{k + 7};" for k in range(3000))
    start = time.perf_counter()
    with pytest.raises(OutOfTime, match=r"longer than 0\.2 s"):
        layout("digraph { " + lines + "}", timeout=0.2)
    assert time.perf_counter() - start < 5


def test_lanes_with_a_straight_row(boxes):
    """Clusters side by side, nodes above each other in a column, a box that hangs on nothing."""
    lane = """
      subgraph cluster_{k} {{ label="t = {k}"; color="#c3cad3"; style="rounded,filled";
        fillcolor="#eef0f3"; fontsize=11; h{k} [group=row]; c{k} [group=row]; x{k}; w{k};
        c{k} -> x{k}; w{k} -> c{k} [dir=back]; {{rank=same; w{k}; c{k}; x{k}}} }}
      h{before} -> c{k} [weight=50]; c{k} -> h{k} [weight=50];"""
    lanes = "".join(lane.format(k=k, before=k - 1) for k in range(1, 5))
    svg = layout(
        'digraph { rankdir=LR; label="■ RNN"; node [shape=box]; h0 [group=row]; ledger;'
        + lanes + "{rank=same; h0; ledger} h0 -> ledger [style=invis] }"
    )  # fmt: skip
    assert boxes.faults(svg) == []
    nodes = {n.title: n.box for n in boxes.read(svg).nodes}
    middles = {(nodes[n][1] + nodes[n][3]) / 2 for n in nodes if n[0] in "hc"}
    assert max(middles) - min(middles) < 0.05
    for k in range(1, 5):
        w, c, x = (nodes[f"{n}{k}"] for n in "wcx")
        assert w[3] < c[1] < c[3] < x[1]  # w above c above x
