"""HTML-table labels: what they say, and how large they are."""

import pytest

import graddl as gd
from graddl.viz.layout.font import width
from graddl.viz.layout.labels import LINE, Lines, Table, label, shares
from graddl.viz.layout.parse import Html


def table(rows, more=""):
    return label(
        Html(f'<TABLE BORDER="2" CELLSPACING="0" CELLPADDING="4" {more}>{rows}</TABLE>'), 10, "#000"
    )


def test_a_plain_string_is_lines():
    found = label("one\\ntwo &amp; three", 10, "#123456")
    assert isinstance(found, Lines)
    assert [runs[0].text for runs, _ in found.lines] == ["one", "two & three"]
    assert (found.w, found.h) == (width("two & three", 10), 2 * LINE * 10)


def test_sizes_add_up():
    found = table('<TR><TD>ab</TD><TD WIDTH="52">c</TD></TR><HR/><TR><TD COLSPAN="2">d</TD></TR>')
    assert isinstance(found, Table)
    assert found.widths == [width("ab", 10) + 8, 52]
    assert found.heights == [LINE * 10 + 8] * 2 and found.rules == [1]
    assert found.w == pytest.approx(sum(found.widths) + 4)
    assert found.h == pytest.approx(sum(found.heights) + 4)


def test_a_wide_cell_widens_its_columns():
    assert shares([(0, 1, 10.0), (1, 1, 20.0), (0, 2, 50.0)], 0, 0) == [20, 30]
    assert shares([(0, 1, 10.0)], 0, 35) == [35]
    assert shares([], 2, 100) == []


def test_styles_are_inherited():
    text = '<TR><TD><FONT COLOR="#f00" POINT-SIZE="20">a<B>b</B></FONT>c<BR/><I>d</I></TD></TR>'
    cell = table(text).cells[0]
    runs = [[(r.text, r.size, r.colour, r.bold, r.italic) for r in line]
            for line, _ in cell.content.lines]  # fmt: skip
    assert runs == [
        [("a", 20, "#f00", False, False), ("b", 20, "#f00", True, False),
         ("c", 10, "#000", False, False)],
        [("d", 10, "#000", False, True)],
    ]  # fmt: skip
    assert cell.content.h == LINE * 30


def test_tables_in_cells_and_rows_that_span():
    found = table(
        '<TR><TD ROWSPAN="2">a</TD><TD><TABLE BORDER="0"><TR><TD>b</TD></TR></TABLE></TD></TR>'
        "<TR><TD>c</TD></TR>"
    )
    assert [(c.row, c.column) for c in found.cells] == [(0, 0), (0, 1), (1, 1)]
    assert isinstance(found.cells[1].content, Table)


def test_escapes_in_labels():
    found = table("<TR><TD>&lt;script&gt; \\\\N</TD></TR>")
    assert found.cells[0].content.lines[0][0][0].text == "<script> \\N"


def test_what_is_no_label():
    with pytest.raises(gd.GraddlError, match="HTML label"):
        label(Html("<TABLE><TR></TABLE>"), 10, "#000")
