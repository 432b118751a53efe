"""The finish of an SVG: self-contained, read out, dark by CSS, and safe whatever the names are."""

import json
import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest

import graddl as gd
from graddl.viz.drawing import Drawing
from graddl.viz.render import LAYOUTS, backends
from tests.viz.chromium import answers

SVG = "{http://www.w3.org/2000/svg}"
HERE = [name for name in LAYOUTS if backends()[name]]
HOSTILE = {
    "script": '<script>alert("x")</script>',
    "quotes": '"it\'s" `quoted`',
    "newlines": "a\nb\r\nc\td",
    "long": "q" * 10_000,
    "entities": "&amp; &#x3c; &lt;b&gt; ]]> <![CDATA[",
    "escapes": "\\N \\G \\\\ \\x",
    "control": "\x00\x0b\ud800\ufffe\u202e",
    "markup": '"><img src=x onerror=alert(1)> ns0:svg -->',
    "dot": "]>; n0 -> n1 } {",
}


@pytest.fixture(params=HERE)
def draw(request):
    """gd.draw with each renderer in turn."""

    def draw(root, **options):
        drawing = gd.draw(root, **options)
        return Drawing(drawing.view, drawing.theme, 10, request.param, drawing._equation)

    return draw


def alone(svg):
    """Parse it; nothing in it can run or points elsewhere."""
    tree = ET.fromstring(svg)
    tags = {e.tag.removeprefix(SVG) for e in tree.iter()}
    assert tree.tag == f"{SVG}svg"
    assert tags <= {"svg", "title", "desc", "style", "g", "path", "polygon", "polyline", "ellipse",
                    "rect", "line", "text"}  # fmt: skip
    for element in tree.iter():
        names = {name.rpartition("}")[2] for name in element.attrib}
        assert not names & {"href", "src"} and not any(n.startswith("on") for n in names)
    assert "<!DOCTYPE" not in svg and "url(" not in svg and "<?" not in svg
    return tree


@pytest.mark.parametrize("backend", HERE)
def test_svg_is_well_formed_and_alone(graph, rendered, backend):
    svg = rendered(graph, backend).svg()
    tree = alone(svg)
    assert set(part.split('"')[0] for part in svg.split("http")[1:]) == {"://www.w3.org/2000/svg"}
    assert len(svg) < 200_000
    rules = tree.find(f"{SVG}style").text  # in the dark no colour of the light palette is left
    for element in tree.iter():
        for what in ("fill", "stroke"):
            colour = element.get(what)
            assert colour in (None, "none", "transparent") or f'[{what}="{colour}"]' in rules


def test_svg_scales_and_is_read_out(graphs, draw):
    tree = ET.fromstring(draw(graphs.neuron()[0]).svg())
    assert tree.get("width") == "100%" and tree.get("role") == "img" and tree.get("viewBox")
    wide = float(tree.get("viewBox").split()[2])
    most = re.search(r"max-width:(\d+)px", tree.get("style"))
    assert int(most[1]) == pytest.approx(wide * 4 / 3, abs=2)
    title, desc = tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")
    assert title.text == "o = tanh(x₁w₁ + x₂w₂ + b)"
    assert desc.text == ("o is computed in 5 operations (multiply, multiply, add, add, tanh); "
                         "inputs x₁, x₂; parameters w₁, w₂, b.")  # fmt: skip
    assert tree.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    background = next(tree.iter(f"{SVG}polygon"))
    assert background.get("fill") == "#ffffff"


def test_ids_have_a_prefix_of_their_own(graphs, draw):
    neuron = graphs.neuron()[0]
    drawings = [draw(neuron), draw(neuron, theme="light"), draw(graphs.polynomial()[0])]
    ids = [[e.get("id") for e in ET.fromstring(d.svg()).iter() if e.get("id")] for d in drawings]
    for one in ids:
        assert one and len(one) == len(set(one))
    assert not set(ids[0]) & set(ids[1]) and not set(ids[0]) & set(ids[2])
    assert draw(neuron).svg() == drawings[0].svg()


def test_tooltips_are_titles(graphs, draw):
    svg = ET.fromstring(draw(graphs.neuron()[0]).svg())
    titles = {t.text for t in svg.iter(f"{SVG}title")}
    assert {"x₁: data = 2, grad = −1.5", "upstream 0.5 × local −3 = −1.5", "tanh"} <= titles
    assert not any(re.fullmatch(r"[nl]\d+|n\d+->.*|graddl", t) for t in titles)


@pytest.mark.parametrize(("theme", "queries"), [("auto", 1), ("light", 0), ("dark", 0)])
def test_dark_by_css(graphs, draw, theme, queries):
    svg = draw(graphs.neuron()[0], theme=theme).svg()
    assert svg.count("prefers-color-scheme:dark") == queries
    assert ("#111827" in svg) == (theme != "light")


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE.keys())
def hostile(request):
    """A graph whose names and scopes are all the same hostile one; the name; as it is shown."""
    name = request.param
    a, b = gd.Scalar(1.0, name), gd.Scalar(2.0, name, parameter=True)
    with gd.scope(name):
        y = (a * b).tanh()
    y.name = name
    shown = " ".join(re.sub("[\x00-\x1f\ud800\ufffe\u202e]+", " ", name).split())[:25]
    return y, name, shown


@pytest.mark.parametrize(
    ("backend", "detail"),
    [*((b, "values") for b in HERE), ("builtin", "ops"), ("builtin", "layers")],
)
def test_hostile_names_stay_text(hostile, backend, detail):
    y, _, shown = hostile
    drawing = gd.draw(y, detail=detail)
    drawing.backend = backend
    tree = alone(drawing.svg())
    said = " ".join(t.text or "" for t in tree.iter(f"{SVG}text"))
    assert shown in " ".join(said.split())
    titles = {" ".join((t.text or "").split()) for t in tree.iter(f"{SVG}title")}
    assert any(shown in title for title in titles)
    assert len(drawing.svg()) < 60_000  # 10 kB are cut


@pytest.mark.parametrize("suffix", ["html", "dot", "mmd", "txt", "json", "tex"])
def test_hostile_names_in_files(hostile, tmp_path, suffix):
    y, _, shown = hostile
    path = tmp_path / f"graph.{suffix}"
    gd.draw(y).save(path)
    text = path.read_text(encoding="utf-8")
    assert len(text) < 90_000
    plain = {"html": unescape, "mmd": unescape, "json": lambda t: " ".join(strings(t))}
    said = plain.get(suffix, str)(text)
    if suffix in ("html", "txt", "json"):
        assert shown in " ".join(said.split())
    if suffix in ("html", "dot", "mmd"):
        assert "<script" not in text and "<img" not in text


def strings(text):
    """All strings of a JSON text."""
    todo = [json.loads(text)]
    for item in todo:  # grows while it is read
        if isinstance(item, str):
            yield item
        elif isinstance(item, list | dict):
            todo.extend(item.values() if isinstance(item, dict) else item)


def test_a_browser_shows_the_dark_picture(tmp_path):
    x = gd.Scalar(2.0, "x", parameter=True)
    page = gd.draw((x * x).tanh()).html()
    script = """
    const paper = document.querySelector("svg polygon");
    const texts = [...document.querySelectorAll("text")];
    said.push(getComputedStyle(paper).fill, getComputedStyle(document.body).backgroundColor);
    said.push(getComputedStyle(texts.find(t => t.textContent === "grad").nextElementSibling).fill);
    """
    light, dark = (answers(page, script, tmp_path, dark=d) for d in (False, True))
    assert light[:2] == ["rgb(255, 255, 255)"] * 2 and dark[:2] == ["rgb(17, 24, 39)"] * 2
    assert light[2] == "rgb(194, 74, 0)" and dark[2] == "rgb(255, 154, 92)"  # the gradient's orange
