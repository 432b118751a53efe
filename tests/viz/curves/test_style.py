"""Colours, lines and places of labels."""

import doctest
from itertools import pairwise

import pytest

from graddl.viz import style as of_all
from graddl.viz.curves import style
from graddl.viz.curves.style import LOOKS, all_pairs, shades, spread


def test_no_two_lines_share_colour_dash_or_marker():
    for what in ("colour", "dash", "marker"):
        assert len({str(getattr(look, what)) for look in LOOKS}) == len(LOOKS)
    assert not any(look.colour == "warning" for look in LOOKS)


def test_each_light_colour_has_one_dark_one():
    found = dict(of_all.pairs())
    for name in style.SHADED:
        for a, b in zip(shades(of_all.LIGHT, name), shades(of_all.DARK, name), strict=True):
            assert found.setdefault(a, b) == b
    assert found == all_pairs()


@pytest.mark.parametrize("wanted", [[5.0] * 4, [0.0, 0.1, 9.0], [9.9, 10.0, 0.0], [3.0], []])
def test_labels_keep_apart_and_inside(wanted):
    places = spread(wanted, 2.0, 0.0, 10.0)
    ordered = sorted(places)
    assert all(b - a >= 2.0 - 1e-9 for a, b in pairwise(ordered))
    assert all(-1e-9 <= v <= 10 + 1e-9 for v in places)
    assert [p for _, p in sorted(zip(wanted, places, strict=True))] == ordered


def test_examples():
    assert doctest.testmod(style).failed == 0
