"""What a tensor is."""

import re

import numpy as np
import pytest

import graddl as gd


def numbers(dot):
    """The values in the cells of the grids, without those of the strip of memory."""
    text = dot.split("in memory")[0]
    found = re.findall(r'BGCOLOR="#e8f1fa"><FONT[^>]*>([^<]+)<', text)
    return [float(t.replace("−", "-")) for t in found]


@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (2, 3, 4), (2, 2, 3, 4), (2, 2, 2, 2, 3)])
def test_values_of_every_rank(shape):
    a = np.arange(np.prod(shape)).reshape(shape) - 3.0
    drawing = gd.viz.tensor(gd.tensor(a))
    assert numbers(drawing.dot) == a.ravel().tolist()
    assert f"rank {len(shape)}, shape {shape}" in drawing.view.title


def test_strides_and_memory():
    a = np.arange(6.0).reshape(2, 3).T
    drawing = gd.viz.tensor(a)
    assert numbers(drawing.dot) == [0, 3, 1, 4, 2, 5]
    assert "strides (1, 3) in elements, (8, 24) in bytes" in drawing.view.notes[0][0]
    strip = drawing.dot.split("in memory")[1]
    shown = re.findall(r'BGCOLOR="#eef0f3"><FONT[^>]*>([^<]+)<', strip)
    assert [float(t) for t in shown] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "a", [np.arange(8.0)[::-1], np.arange(8.0)[::2], np.broadcast_to(1.0, (2, 3)), np.zeros((0, 3))]
)
def test_unusual_strides(a):
    dot = gd.viz.tensor(a).dot
    assert numbers(dot) == a.ravel().tolist()


def test_a_long_axis_is_cut():
    drawing = gd.viz.tensor(np.arange(1000))
    assert numbers(drawing.dot) == [0, 1, 2, 3, 4, 5, 6, 999] and "⋯" in drawing.dot


def test_kinds():
    assert "bool" in gd.viz.tensor(np.array([True, False])).view.notes[0][0]
    assert "2i" in gd.viz.tensor(np.array([1 + 2j])).dot
    assert "NaN" in gd.viz.tensor(np.array([np.nan, np.inf])).dot
    parameter = gd.Tensor([1.0], requires_grad=True, parameter=True, name="w1")
    dot = gd.viz.tensor(parameter).dot
    assert "w₁" in dot and "parameter" in dot
    assert gd.viz.tensor(gd.Scalar(2.0)).view.title == "Scalar: rank 0, shape ()"


def test_errors():
    t = np.zeros((1,) * 7)
    with pytest.raises(gd.ShapeError) as info:
        gd.viz.tensor(t)
    assert eval(info.value.fix, {"gd": gd, "t": t})
    for wrong in (["a", "b"], [[1.0], [2.0, 3.0]]):
        with pytest.raises(gd.DTypeError) as info:
            gd.viz.tensor(wrong)
        assert eval(info.value.fix, {"gd": gd})
