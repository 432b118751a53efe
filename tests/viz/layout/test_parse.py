"""The part of DOT that our own writers use."""

import pytest

import graddl as gd
from graddl.viz.layout.parse import Html, parse, plain

TEXT = """
digraph graddl {  // a comment
  rankdir=LR; nodesep=0.25; label=<<B>a &lt; b</B>>;
  node [shape=plain fontsize=11]; edge [color="#8a94a3"];
  a [label="say \\"a\\""]; b;
  subgraph cluster_one { label="one"; node [fontsize=9]; c [group=row];
    subgraph cluster_two { d } }
  { rank=same; a; b; }
  a:e -> c:w -> d [dir=back, penwidth=2.5];
  b -> "a thing" [headport=w];
}
"""


def test_all_that_we_write():
    g = parse(TEXT)
    assert g.attributes["rankdir"] == "LR" and g.attributes["nodesep"] == "0.25"
    assert isinstance(g.attributes["label"], Html) and g.attributes["label"] == "<B>a &lt; b</B>"
    assert list(g.nodes) == ["a", "b", "c", "d", "a thing"]
    assert g.nodes["a"].attributes == {"shape": "plain", "fontsize": "11", "label": 'say "a"'}
    assert g.nodes["c"].attributes["fontsize"] == "9" and g.nodes["c"].attributes["group"] == "row"
    assert g.nodes["c"].cluster == ("cluster_one",)
    assert g.nodes["d"].cluster == ("cluster_one", "cluster_two")
    assert g.nodes["a thing"].cluster == ()
    assert g.clusters == {"cluster_one": {"label": "one"}, "cluster_two": {}}
    assert g.same == [["a", "b"]]
    first, second, third = g.edges
    assert (first.tail, first.tail_port, first.head, first.head_port) == ("a", "e", "c", "w")
    assert (second.tail, second.tail_port, second.head) == ("c", "w", "d")
    assert first.attributes == {"color": "#8a94a3", "dir": "back", "penwidth": "2.5"}
    assert third.head_port == "w"


def test_what_draw_writes(graph):
    root, options = graph()
    drawing = gd.draw(root, **options)
    g = parse(drawing.dot)
    assert len(g.edges) == drawing.dot.count("->")
    assert {n.id for n in drawing.view.nodes} <= set(g.nodes)


@pytest.mark.parametrize(
    "text", ["digraph {", "digraph { a -> }", "digraph { a [b }", "digraph { a [label=<<B>] }",
             "digraph { % }", ""],
)  # fmt: skip
def test_what_is_no_dot(text):
    with pytest.raises(gd.GraddlError, match="DOT text in line 1"):
        parse(text)


def test_deep_nesting_needs_no_recursion():
    text = "digraph {" + "subgraph {" * 5000 + "a" + "}" * 5001
    assert list(parse(text).nodes) == ["a"]


def test_escapes_of_tooltips():
    assert plain("a\\\\\\\\N &lt;b&gt;") == "a\\N <b>"
    assert plain("two\\nlines") == "two\nlines"
