"""The tree of text."""

import graddl as gd
from graddl.viz.formats.text import text

NEURON = """\
o output · data 0.7071 · grad 1
← ① · tanh
← n · data 0.8814 · grad 0.5   [1 × 0.5]
← ② · +
├─ x₁w₁ + x₂w₂ · data −6 · grad 0.5   [0.5 × 1]
│  ← ③ · +
│  ├─ x₁w₁ · data −6 · grad 0.5   [0.5 × 1]
│  │  ← ⑤ · ×
│  │  ├─ x₁ input · data 2 · grad −1.5   [0.5 × −3]
│  │  └─ w₁ parameter · data −3 · grad 1   [0.5 × 2]
│  └─ x₂w₂ · data 0 · grad 0.5   [0.5 × 1]
│     ← ④ · ×
│     ├─ x₂ input · data 0 · grad 0.5   [0.5 × 1]
│     └─ w₂ parameter · data 1 · grad 0   [0.5 × 0]
└─ b parameter · data 6.881 · grad 0.5   [0.5 × 1]
"""


def test_the_neuron(graphs):
    head, tree = gd.draw(graphs.neuron()[0]).text().split("\n\n", 1)
    assert tree == NEURON
    assert head.startswith("o = tanh(x₁w₁ + x₂w₂ + b)\n■ data")


def test_a_value_that_is_used_twice():
    x = gd.Scalar(3.0, "x")
    lines = gd.draw(x * x + x).text().splitlines()
    named = [line for line in lines if line.lstrip("│├└─ ").startswith("x input")]
    assert len(named) == 3 and sum("↑" in line for line in named) == 2


def test_everything_is_named(graph):
    root, options = graph()
    drawing = gd.draw(root, **options)
    assert len(drawing.text().split("\n\n", 1)[1].splitlines()) >= len(drawing.view.nodes)


def test_a_long_chain_stays_narrow():
    found = text("digraph {" + "".join(f"n{k} -> n{k + 1};" for k in range(5000)) + "}")
    assert len(found.splitlines()) == 5002 and max(map(len, found.splitlines())) < 20
