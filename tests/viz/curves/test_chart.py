"""What all charts share: files, SVG without references, themes, threads, nothing left behind."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import matplotlib
import pytest

import graddl as gd
from graddl.errors import ArgumentError, MissingDependency
from graddl.viz.curves.style import all_pairs
from graddl.viz.style import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = {
    "script": '<script>alert("x")</script>',
    "quotes": '"it\'s" `quoted`',
    "newlines": "a\nb\r\nc\td",
    "long": "q" * 10_000,
    "entities": "&amp; &#x3c; ]]> <![CDATA[",
    "dollars": "$x^{ \\frac{",
    "control": "\x00\x0b\ud800\ufffe\u202e",
    "other writing": "損失 नुकसान",
}
HISTORY = {"loss": [1.0, 0.5, 0.3, 0.2, 0.15, 0.1], "val_loss": [1.1, 0.6, 0.4, 0.3, 0.2, 0.15]}
x = gd.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 0.5], [0.2, 2.0]], dtype="float64")


def line(x):
    return x[:, 0] - x[:, 1]


MAKE = {
    "activation": lambda **o: gd.viz.activation("relu", "tanh", **o),
    "descent": lambda **o: gd.viz.descent("quadratic", steps=5, **o),
    "race": lambda **o: gd.viz.race("saddle", steps=5, **o),
    "loss_surface": lambda **o: gd.viz.loss_surface(
        gd.nn.Linear(2, 1), lambda z, y: (z * z).mean(), x.astype("float32"), None, points=5, **o),
    "boundary": lambda **o: gd.viz.boundary(line, x, [0, 1, 1, 0], **o),
    "learning_curves": lambda **o: gd.viz.learning_curves(HISTORY, **o),
}  # fmt: skip


@pytest.fixture(params=MAKE, scope="module")
def make(request):
    gd.manual_seed(0)
    return MAKE[request.param]


@pytest.fixture(scope="module")
def chart(make):
    return make()


def alone(svg):
    """Parse it; nothing in it can run or points elsewhere."""
    tree = ET.fromstring(svg)
    tags = {e.tag.removeprefix(SVG) for e in tree.iter()}
    assert tags <= {
        "svg",
        "title",
        "desc",
        "style",
        "g",
        "path",
        "text",
        "defs",
        "clipPath",
        "rect",
    }
    for e in tree.iter():
        names = {name.rpartition("}")[2] for name in e.attrib}
        assert not names & {"href", "src"} and not any(n.startswith("on") for n in names)
    ids = {e.get("id") for e in tree.iter()}
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) <= ids and svg.count("url(") == svg.count(
        "url(#"
    )
    assert set(part.split('"')[0] for part in svg.split("http")[1:]) == {"://www.w3.org/2000/svg"}
    assert "<!DOCTYPE" not in svg and "<?" not in svg
    return tree


def test_svg_is_alone_scales_and_is_read_out(chart):
    svg = chart.svg()
    tree = alone(svg)
    assert tree.get("width") == "100%" and tree.get("role") == "img" and tree.get("viewBox")
    title, desc = tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")
    assert title.text == chart.title and desc.text == chart.sentence and len(desc.text) > 40
    assert tree.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    assert len(svg) < 200_000 and any(e.text for e in tree.iter(f"{SVG}text"))
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) and all(i.startswith(tree.get("id")) for i in ids)


def test_the_same_chart_has_the_same_bytes(make, chart):
    gd.manual_seed(0)
    assert make().svg() == chart.svg()


def test_files_have_the_same_bytes_each_time(tmp_path):
    for kind, start in (
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("html", b"<!doc"),
    ):
        a, b = tmp_path / f"a.{kind}", tmp_path / f"b.{kind}"
        for path in (a, b):
            MAKE["learning_curves"]().save(path)
        assert a.read_bytes() == b.read_bytes() and a.read_bytes().startswith(start)


def test_every_colour_turns_dark(chart):
    tree = ET.fromstring(chart.svg())
    rules = tree.find(f"{SVG}style").text
    colours = {e.get(w) for e in tree.iter() for w in ("fill", "stroke")} - {None, "none"}
    assert colours and all(f'[fill="{c}"]' in rules for c in colours)
    assert not any("style" in e.attrib for e in tree.iter() if e is not tree)


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_forced_themes(make, theme, palette):
    gd.manual_seed(0)
    svg = make(theme=theme).svg()
    assert "prefers-color-scheme" not in svg and palette.paper in svg
    other = set(all_pairs()) if theme == "dark" else set(all_pairs().values())
    own = set(all_pairs().values()) if theme == "dark" else set(all_pairs())
    assert not set(re.findall('#[0-9a-f]{6}(?=")', svg)) & (other - own)


def test_no_small_text_at_800_pixels(chart):
    tree = ET.fromstring(chart.svg())
    scale = min(800 / float(tree.get("viewBox").split()[2]), 4 / 3)
    sizes = [float(e.get("font-size").removesuffix("px")) for e in tree.iter(f"{SVG}text")]
    assert sizes and min(sizes) * scale >= 9


def texts(figure):
    """What is shown, by matplotlib's own boxes; contour labels are turned, and left out."""
    found = [*figure.texts]
    for ax in figure.axes:
        found += [t for t in ax.texts if not t.get_rotation()]
        found += [ax.title, ax._left_title, ax.xaxis.label]
        for axis, ends in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            ticks = zip(axis.get_majorticklabels(), axis.get_majorticklocs(), strict=True)
            found += [t for t, at in ticks if min(ends) <= at <= max(ends)]
    for t in found:
        t.set_bbox(None)
    return [(t.get_text(), t.get_window_extent()) for t in found if t.get_text().strip()]


def test_texts_neither_overlap_nor_leave_the_picture(chart):
    figure = chart.figure
    figure.canvas.draw()
    shown = texts(figure)
    assert len(shown) > 5
    for k, (name, b) in enumerate(shown):
        assert b.x0 >= 0 and b.y0 >= 0 and b.x1 <= figure.bbox.x1 and b.y1 <= figure.bbox.y1, name
        for other, c in shown[:k]:
            apart = b.x1 < c.x0 + 1 or c.x1 < b.x0 + 1 or b.y1 < c.y0 + 1 or c.y1 < b.y0 + 1
            assert apart, (name, other)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_stay_text(name):
    def f(x):
        return x.tanh()

    f.__name__ = name
    charts = [
        gd.viz.activation(f),
        gd.viz.race("quadratic", optimizers={name: partial(gd.optim.SGD, lr=0.01)}, steps=3),
        gd.viz.boundary(line, x, [0, 1, 1, 0], classes=[name, "b"]),
        gd.viz.learning_curves({"loss": [1.0] * 6, name: [1.0] * 6}, metric=name),
    ]
    for chart in charts:
        alone(chart.svg())
    page = charts[-1].html()
    assert "<script" not in page and len(page) < 200_000


def test_errors_of_files_and_themes(chart, make, tmp_path):
    with pytest.raises(ArgumentError, match="unknown kind of file"):
        chart.save(tmp_path / "a.gif")
    with pytest.raises(ArgumentError, match="unknown theme"):
        make(theme="blue")
    assert not list(tmp_path.iterdir())


def test_without_matplotlib(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependency) as error:
        make()
    assert error.value.fix == "pip install graddl[viz]"


def test_notebooks_never_see_a_traceback(monkeypatch):
    chart = gd.viz.activation("relu")
    assert set(chart._repr_mimebundle_()) == {"image/svg+xml", "text/html", "text/plain"}
    monkeypatch.setattr(chart, "svg", lambda: 1 / 0)
    shown = chart._repr_mimebundle_()
    assert set(shown) == {"text/plain"} and "relu: f′ from 0 to 1" in shown["text/plain"]


def test_the_figure_can_be_changed_before_it_is_saved():
    chart = gd.viz.activation("relu")
    chart.figure.axes[0].set_title("my own words")
    assert "my own words" in chart.svg() and chart.figure is chart.figure


def test_settings_of_the_user_neither_matter_nor_change():
    plain = gd.viz.activation("tanh").svg()
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "text.parse_math": True}):
        before = dict(matplotlib.rcParams)
        assert gd.viz.activation("tanh").svg() == plain
        assert dict(matplotlib.rcParams) == before


def test_threads():
    def draw(name):
        return gd.viz.activation(name).svg()

    names = ["relu", "tanh", "sigmoid", "gelu"]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, names)) == [draw(n) for n in names]


def test_matplotlib_is_loaded_for_charts_alone_and_pyplot_never():
    code = """
import sys, graddl, graddl.viz
assert not [m for m in sys.modules if m.startswith("matplotlib")]
graddl.viz.activation("relu").svg()
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
