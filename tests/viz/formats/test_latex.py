"""The LaTeX document."""

import re

import pytest

import graddl as gd
from graddl.viz.formats.latex import prose


def balanced(text):
    depth = 0
    for char in re.sub(r"\\[{}\\]", "", text):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    return depth == 0


def test_the_neuron(graphs):
    root, _ = graphs.neuron()
    text = gd.draw(root).tex()
    assert str(gd.equation(root)) in text
    assert r"w$_{1}$ parameter & data $-$3, grad 1 \\" in text
    assert text.count(r"\begin{") == text.count(r"\end{") and balanced(text)


def test_every_graph(graph):
    root, options = graph()
    assert balanced(gd.draw(root, **options).tex())


def test_a_long_graph_has_no_equation(graphs):
    root, options = graphs.long_chain()
    assert "aligned" not in gd.draw(root, **options).tex()


@pytest.mark.parametrize("name", [r"\input{x}", "100%", "a_b^c~d", "$x$ & #1", "}{"])
def test_hostile_names(name):
    text = gd.draw(gd.Scalar(1.0, name) * 2, detail="values").tex()
    table = text.split(r"\begin{longtable}")[1]
    assert r"\input" not in table.replace(r"\textbackslash{}input", "")
    assert balanced(text.split(r"\[")[0] + table)


def test_prose():
    assert prose(r"50% of a_b & \c") == r"50\% of a\_b \& \textbackslash{}c"
    assert prose("x₁₂ −1") == "x$_{12}$ $-$1"
