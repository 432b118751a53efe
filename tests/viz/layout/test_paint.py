"""The built-in SVG: built like Graphviz's, in the language of the pictures."""

import xml.etree.ElementTree as ET

import pytest

from graddl.viz.layout import layout

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text):
    return ET.fromstring(layout(f"digraph {{ rankdir=LR; {text} }}"))


def group(tree, kind, k=0):
    return [g for g in tree.iter(f"{SVG}g") if g.get("class") == kind][k]


def test_groups_titles_and_tooltips():
    tree = drawn('a [tooltip="x &amp; y"]; a -> b [tooltip="0.5"]; subgraph cluster_c { d }')
    assert [g.get("class") for g in tree.iter(f"{SVG}g") if g.get("class")] == [
        "graph", "cluster", "edge", "node", "node", "node",
    ]  # fmt: skip
    node = group(tree, "node")
    assert node.get("id") == "node1" and node.find(f"{SVG}title").text == "a"
    assert node.find(f".//{SVG}a").get("{http://www.w3.org/1999/xlink}title") == "x & y"


@pytest.mark.parametrize(
    ("way", "heads", "left"), [("back", 1, True), ("forward", 1, False), ("both", 2, None),
                               ("none", 0, None)],
)  # fmt: skip
def test_arrows_point_where_they_should(way, heads, left):
    tree = drawn(f'a [shape=box]; b [shape=box]; a -> b [dir={way} penwidth=2 color="#c24a00"]')
    edge = group(tree, "edge")
    found = list(edge.iter(f"{SVG}polygon"))
    assert len(found) == heads
    line = edge.find(f"{SVG}path")
    assert line.get("stroke") == "#c24a00" and line.get("stroke-width") == "2"
    if left is not None:
        xs = [float(point.split(",")[0]) for point in found[0].get("points").split()]
        assert (xs[0] < xs[1]) == left  # the tip comes first


def test_styles_of_lines():
    tree = drawn("a -> b [style=dashed]; b -> c [style=invis]; c -> d; e [style=invis]")
    edges = [g for g in tree.iter(f"{SVG}g") if g.get("class") == "edge"]
    assert [bool(e.find(f"{SVG}path").get("stroke-dasharray")) for e in edges] == [True, False]
    assert "e" not in {t.text for t in tree.iter(f"{SVG}text")}


def test_shapes():
    tree = drawn('a [shape=circle width=0.5 fixedsize=true style=filled fillcolor="#eef0f3"]; '
                 'b [shape=box style="filled,rounded"]; c [shape=plain label=text]')  # fmt: skip
    circle = group(tree, "node").find(f"{SVG}ellipse")
    assert circle.get("rx") == circle.get("ry") == "18" and circle.get("fill") == "#eef0f3"
    assert group(tree, "node", 1).find(f"{SVG}rect").get("rx") == "10"
    assert [e.tag for e in group(tree, "node", 2)] == [f"{SVG}title", f"{SVG}text"]


def test_a_table():
    tree = drawn('a [shape=plain label=<<TABLE BORDER="2" COLOR="#b07800" BGCOLOR="#fff6e0" '
                 'STYLE="ROUNDED,DASHED"><TR><TD>w</TD></TR><HR/><TR><TD BGCOLOR="#ddb45a"></TD>'
                 "</TR></TABLE>>]")  # fmt: skip
    fill, swatch, outline = group(tree, "node").findall(f"{SVG}rect")
    assert (fill.get("fill"), swatch.get("fill")) == ("#fff6e0", "#ddb45a")
    assert outline.get("stroke") == "#b07800" and outline.get("stroke-width") == "2"
    assert outline.get("stroke-dasharray") and outline.get("rx")
    assert group(tree, "node").find(f"{SVG}line").get("stroke") == "#b07800"


def test_an_edge_label_has_room():
    tree = drawn('a [shape=box]; b [shape=box]; a -> b [label="0.5 × −3" dir=back]')
    assert "0.5 × −3" in {t.text for t in tree.iter(f"{SVG}text")}
    assert len([g for g in tree.iter(f"{SVG}g") if g.get("class") == "edge"]) == 2


def test_from_top_to_bottom():
    sizes = {}
    for way in ("LR", "TB"):
        tree = ET.fromstring(layout(f"digraph {{ rankdir={way}; a -> b; b -> c; c -> d }}"))
        sizes[way] = [float(n) for n in tree.get("viewBox").split()[2:]]
    assert sizes["LR"][0] > sizes["LR"][1] and sizes["TB"][0] < sizes["TB"][1]


def test_characters_that_xml_forbids():
    tree = drawn('a [shape=plain label="a\x0b\ufffeb"]')
    assert "ab" in {t.text for t in tree.iter(f"{SVG}text")}
