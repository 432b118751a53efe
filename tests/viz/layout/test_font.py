"""Widths of text: Adobe's own table of Helvetica, as matplotlib brings it, says the same."""

import re
from pathlib import Path

import matplotlib
import pytest

from graddl.viz.layout.font import BOLD, PLAIN, width


@pytest.mark.parametrize(("name", "table"), [("Helvetica", PLAIN), ("Helvetica-Bold", BOLD)])
def test_the_table_is_helvetica(name, table):
    path = Path(matplotlib.get_data_path(), "fonts", "pdfcorefonts", f"{name}.afm")
    found = dict(re.findall(r"^C (\d+) ; WX (\d+) ;", path.read_text(), re.M))
    known = [int(found[str(code)]) for code in range(32, 127)]
    differing = {chr(32 + k) for k, w in enumerate(known) if w != table[k]}
    # The quotes of Adobe's encoding are curly; the others differ between Helvetica and Arial.
    assert differing <= set("'`\"*|{}~^_@[]") | {"@"} and len(differing) <= 3


def test_signs_have_room():
    assert width("x₁ × −3", 10) > width("x1 x -3", 10) * 0.9
    assert width("日本", 10) > 20
    assert width("", 10) == 0
    assert width("ab", 20, bold=True) > width("ab", 20) == 2 * width("ab", 10)
