"""The directive `graddl-draw`, in a real build."""

import contextlib
import io
import re
import xml.etree.ElementTree as ET

import pytest
from sphinx.cmd.build import main

import graddl as gd
from graddl.sphinx import SnippetError, drawing_of

PAGE = """
Title
=====

.. graddl-draw::
   :caption: Gradients of ``a`` and *b*

   a, b = gd.Scalar(2.0, "a"), gd.Scalar(-3.0, "b")
   print("not shown")
   a * b

.. graddl-draw::
   :name: y
   :mode: data
   :hide-code:

   secret = gd.Scalar(2.0, "x")
   y = secret * 4
   secret * 5
"""


def build(folder, page, builder="html", *more):
    """Exit status and warnings of a build."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / "conf.py").write_text("extensions = ['graddl.sphinx']\nproject = 'p'\n")
    (source / "index.rst").write_text(page)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        places = str(source), str(folder / builder)
        status = main(["-E", "-q", "--no-color", "-b", builder, *more, *places])
    return status, said.getvalue()


def test_a_page(tmp_path):
    assert build(tmp_path, PAGE, "html", "-W", "-n") == (0, "")
    page = (tmp_path / "html" / "index.html").read_text()
    first, second = re.findall(r"<svg .*?</svg>", page, re.S)
    described = [ET.fromstring(svg)[1].text for svg in (first, second)]
    assert described[0] == "ab is computed in 1 operation (multiply); inputs a, b."
    assert described[1].startswith("y is computed in 1 operation")
    assert "× " in first and ">grad<" in first and ">grad<" not in second
    assert page.count('<div class="highlight-python') == 1 and "secret" not in page
    caption = re.search(r"<figcaption>(.*?)</figcaption>", page, re.S)[1]
    assert '<span class="pre">a</span>' in caption and "<em>b</em>" in caption
    assert page.count("<figcaption>") == 1


def test_what_others_than_browsers_get(tmp_path):
    for builder, name in (("text", "index.txt"), ("latex", "p.tex")):
        assert build(tmp_path, PAGE, builder, "-W") == (0, "")
        text = (tmp_path / builder / name).read_text().replace("\n", " ")
        assert "is computed in 1 operation (multiply)" in text and "<svg" not in text


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        ("x = gd.Scalar(2.0)\n   x.no_such_name", 6, "AttributeError"),
        ("x = 1\n   y = (", 6, "SyntaxError"),
        ("x = gd.Scalar(2.0)", 5, "no value to draw"),
        ("3", 5, "cannot draw|can draw"),
    ],
)
def test_errors_are_warnings_with_their_line(tmp_path, code, line, said):
    page = f"T\n=\n\n.. graddl-draw::\n   :hide-code:\n\n   {code}\n"
    status, warnings = build(tmp_path, page, "text")
    assert status == 0
    found = re.search(r"index\.rst:(\d+): WARNING: graddl-draw: (.*)", warnings)
    assert found and re.search(said, found[2]), warnings
    assert int(found[1]) == line + 2


def test_snippets():
    assert drawing_of("x = gd.Scalar(2.0); y = x * 3", "y").view.title == "y = x·3"
    d = drawing_of("gd.draw(gd.Scalar(2.0, 'x') * 3, mode='data')")
    assert d.view.mode == "data"
    with pytest.raises(SnippetError, match="makes no 'z'"):
        drawing_of("x = 1", "z")
    with pytest.raises(SnippetError, match="ArgumentError") as error:
        drawing_of("gd.Scalar(2.0) * 3", mode="sideways")
    assert error.value.line == 1
    assert isinstance(d, gd.viz.Drawing)
