"""JSON of a view."""

import json
import math

import graddl as gd


def strict(text):
    def refuse(name):
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def test_the_neuron(graphs):
    found = strict(gd.draw(graphs.neuron()[0]).json())
    assert found["title"] == "o = tanh(x₁w₁ + x₂w₂ + b)" and found["mode"] == "chain"
    assert found["description"].startswith("o is computed in 5 operations")
    x = found["nodes"][0]
    assert (x["kind"], x["name"], x["role"]) == ("value", "x₁", "input")
    assert x["data"]["values"] == [2.0]
    edge = next(e for e in found["edges"] if e["tail"] == x["id"])
    assert edge["local"] == -3 and edge["upstream"]["values"][0] * -3 == edge["grad"]["values"][0]


def test_every_graph(graph):
    root, options = graph()
    drawing = gd.draw(root, **options)
    found = strict(drawing.json())
    assert [n["id"] for n in found["nodes"]] == [n.id for n in drawing.view.nodes]
    assert len(found["edges"]) == len(drawing.view.edges)


def test_what_json_does_not_know():
    x = gd.tensor([math.nan, math.inf, -math.inf], requires_grad=True, name="x")
    found = strict(gd.draw((x * 2).sum(), detail="values").json())
    leaf = next(n for n in found["nodes"] if n.get("name") == "x")
    assert leaf["data"]["values"] == ["NaN", "Infinity", "-Infinity"]


def test_a_view_of_another_kind():
    class Other:
        title = "lanes"

        def to_dot(self, theme):
            return 'digraph { label="lanes"; a -> b [label="0.5"] }'

        def sentence(self):
            return "Two boxes."

    found = strict(gd.viz.Drawing(Other()).json())
    assert found["description"] == "Two boxes." and [n["id"] for n in found["nodes"]] == ["a", "b"]
    assert found["edges"][0]["text"] == "0.5"
