"""Filters as heat maps."""

import re

import numpy as np
import pytest

import graddl as gd
from graddl.viz.style import LIGHT
from graddl.viz.teach.grids import around_zero


def fills(dot, node):
    text = dot.split(f"  {node} [")[1].split(";\n")[0]
    return re.findall(r'<TD FIXEDSIZE="TRUE"[^>]*BGCOLOR="([^"]+)"', text)


def test_one_range_for_before_and_after():
    conv = gd.nn.Conv2d(1, 3, 3)
    before = conv.weight.numpy(copy=True)
    conv.weight.data.copy_(gd.tensor(before * 2))
    dot = gd.viz.filters(before, conv).dot
    shades = around_zero(before, before * 2)
    for node, w in (("n0", before), ("n1", before * 2)):
        assert fills(dot, node) == [LIGHT.diverging[shades.place(float(v))] for v in w.ravel()]
    assert f"{np.abs(before).max() * 2:.4g}" in dot


def test_change_of_each_filter():
    w = np.zeros((2, 1, 2, 2))
    w[0] = 1.0
    dot = gd.viz.filters(w, w + np.array([0.5, -2.0]).reshape(2, 1, 1, 1)).dot
    assert "0  Δ 0.5" in dot and "1  Δ 2<" in dot


def test_a_range_that_is_given():
    dot = gd.viz.filters(np.ones((1, 2, 2)), range=(-4, 4)).dot
    assert set(fills(dot, "n0")) == {LIGHT.diverging[7]} and ">−4<" in dot


def test_some_of_many():
    drawing = gd.viz.filters(gd.nn.Conv2d(6, 32, 3))
    assert drawing.view.notes[0][0] == "filters 0…15 of 32, channels 0…3 of 6"


def test_no_array_is_kept():
    w = np.ones((1, 1, 2, 2))
    drawing = gd.viz.filters(w)
    assert not [v for v in vars(drawing.view).values() if isinstance(v, np.ndarray)]


@pytest.mark.parametrize(
    "call",
    [
        lambda conv: gd.viz.filters(gd.nn.ReLU()),
        lambda conv: gd.viz.filters(np.ones(3)),
        lambda conv: gd.viz.filters(conv, np.ones((1, 2, 2))),
        lambda conv: gd.viz.filters(conv, range=3),
    ],
)
def test_errors(call):
    conv = gd.nn.Conv2d(1, 2, 3)
    with pytest.raises(gd.GraddlError) as info:
        call(conv)
    assert eval(info.value.fix, {"gd": gd, "conv": conv}) and info.value.got
