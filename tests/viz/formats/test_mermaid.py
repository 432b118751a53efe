"""Mermaid text."""

import re

import pytest

import graddl as gd
from graddl.viz.formats.mermaid import escape, mermaid
from graddl.viz.style import LIGHT


def test_the_neuron(graphs):
    lines = gd.draw(graphs.neuron()[0], direction="right").mermaid().splitlines()
    assert lines[:4] == ["---", 'title: "o = tanh(x₁w₁ + x₂w₂ + b)"', "---", "flowchart LR"]
    assert '  n0("x₁ input<br>data 2<br>grad −1.5")' in lines
    assert '  n2(("⑤<br>×"))' in lines
    assert '  n0 -->|"0.5 × −3"| n2' in lines
    assert '  n5 -.->|"0.5 × 0"| n6' in lines  # no gradient
    assert "  style n1 fill:#fff6e0,stroke:#b07800,color:#1b2430" in lines
    assert any("■ data" in line for line in lines)


def test_all_nodes_and_edges(graph):
    root, options = graph()
    drawing = gd.draw(root, **options)
    text = drawing.mermaid()
    declared = re.findall(r"^  (n\d+)\(", text, re.M)
    ends = re.findall(r"^  (n\d+) -\.?->?>?(?:\|.*\|)? (n\d+)$", text, re.M)
    assert len(declared) == len(set(declared)) >= len(drawing.view.nodes)
    assert {end for pair in ends for end in pair} <= set(declared)
    assert text.count("linkStyle") <= len(ends)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"]; click n0 "x"', "a;b#c`d", "%%{init: {}}%%", "x\ny"]
)
def test_hostile_names(name):
    text = gd.draw(gd.Scalar(1.0, name) * 2).mermaid()
    assert "<script" not in text and "%%" not in text and "click" not in text.split('"')[::2]
    for line in text.splitlines():
        assert line.count('"') % 2 == 0 or line.startswith(("title:", "  acc"))
        assert line[:2] in ("--", "ti", "fl", "  ")


def test_clusters_nest_and_close():
    text = mermaid("digraph { subgraph cluster_a { label=A; x; subgraph cluster_b { label=B; y } } "
                   "subgraph cluster_c { z } x -> y; y -> z }", "words", LIGHT)  # fmt: skip
    assert text.count("subgraph") == text.count("\n  end") == 3
    assert text.index('"A"') < text.index('"x"') < text.index('"B"') < text.index('"y"')


def test_signs_become_numbers():
    assert escape('a"b<c>') == "a#34;b#60;c#62;"
    assert escape("plain ×") == "plain ×"
