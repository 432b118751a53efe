"""What a DOT text says."""

import graddl as gd
from graddl.viz.formats.outline import outline
from graddl.viz.parts import Edge


def test_the_neuron(graphs):
    drawing = gd.draw(graphs.neuron()[0])
    out = outline(drawing.dot)
    assert out.heading[0] == "o = tanh(x₁w₁ + x₂w₂ + b)" and "■ data" in out.heading[1]
    assert list(out.items) == [n.id for n in drawing.view.nodes]  # labels of edges are no items
    assert out.items["n0"].lines == ["x₁ input", "data 2", "grad −1.5"]
    assert (out.items["n0"].fill, out.items["n1"].border) == ("#ffffff", "#b07800")
    texts = {(link.tail, link.head): link.text for link in out.links}
    assert texts["n0", "n2"] == "0.5 × −3"
    assert {(e.tail, e.head) for e in drawing.view.edges if isinstance(e, Edge)} == set(texts)


def test_every_edge_of_every_graph(graph):
    root, options = graph()
    drawing = gd.draw(root, **options)
    out = outline(drawing.dot)
    assert {n.id for n in drawing.view.nodes} <= set(out.items)
    assert {link.tail for link in out.links} | {link.head for link in out.links} <= set(out.items)


def test_clusters_and_grids():
    out = outline(
        'digraph { rankdir=TB; subgraph cluster_a { label="t = 1"; b [label=<<TABLE><TR>'
        "<TD>data</TD><TD><TABLE><TR><TD>1</TD><TD>2</TD></TR><TR><TD>3</TD><TD>4</TD></TR></TABLE></TD></TR>"
        "</TABLE>>] } b -> c [label=twice style=dashed]; c -> d [style=invis] }"
    )
    assert out.items["b"].lines == ["data 1 2; 3 4"] and out.items["b"].cluster == ("cluster_a",)
    assert out.clusters == {"cluster_a": "t = 1"} and not out.across
    assert [(link.text, link.dashed) for link in out.links] == [("twice", True)]
