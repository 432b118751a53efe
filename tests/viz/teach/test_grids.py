"""Cells and their colours."""

import re

import numpy as np
import pytest

from graddl.viz.layout.labels import label
from graddl.viz.layout.parse import Html
from graddl.viz.style import pairs
from graddl.viz.teach.grids import MIDDLE, Cell, Shades, around_zero, grid, picked


def contrast(a, b):
    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))

    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("low", [-1.0, 0.0])
def test_numbers_on_colours_are_legible(low):
    dark = pairs()
    for warm in (False, True):
        for x in np.linspace(low, 1.0, 41):
            cell = Shades(low, 1.0, warm).cell(float(x), "1")
            assert contrast(cell.fill, cell.colour) >= 4.5
            assert contrast(dark[cell.fill], dark[cell.colour]) >= 4.5


def test_shades_are_in_order():
    both = Shades(-2.0, 2.0)
    assert [both.place(x) for x in (-2, -1.2, 0, 1.2, 2, 5)] == [0, 2, MIDDLE, 8, 10, 10]
    assert [Shades(0.0, 1.0).place(x) for x in (0, 0.2, 1)] == [5, 4, 0]
    assert Shades(0.0, 1.0, warm=True).place(1) == 10
    assert around_zero([-1.0, np.nan], [np.inf, 3.0]) == Shades(-3.0, 3.0)
    assert around_zero(np.zeros(3)) == Shades(0.0, 1.0)
    assert both.cell(-1.0).text == "−" and both.cell(1.0).text == ""
    assert both.cell(float("nan")).text == "✕"


@pytest.mark.parametrize("more", [{}, {"left": "ab"}, {"top": "abc"}, {"frame": "#b07800"}])
def test_the_size_of_a_grid_is_the_sum_of_its_cells(more):
    """It is fixed, and Graphviz complains if it is too small."""
    made = grid([[Cell("1"), Cell("−2.5"), Cell()]] * 2, **more)
    found = label(Html(made), 11, "#000000")
    size = re.search(r'FIXEDSIZE="TRUE" WIDTH="(\d+)" HEIGHT="(\d+)"', made)
    assert (found.w, found.h) == (int(size[1]), int(size[2]))


def test_what_is_picked_has_the_focus_in_it():
    assert picked(5, 9) == range(5)
    for first in range(26):
        found = picked(28, 9, (first, first + 2))
        assert len(found) == 9 and {first, first + 2} <= set(found) <= set(range(28))
