"""Pooling pictures: values and routed gradients are the engine's."""

import re

import numpy as np
import pytest

import graddl as gd

RNG = np.random.default_rng(0)


def grids(drawing, node):
    """All numbers of a box, in order."""
    text = drawing.dot.split(f"  {node} [")[1].split(";\n")[0]
    return [float(t.replace("−", "-")) for t in re.findall(r">([−\d.e]+)<", text)]


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("size, stride", [(2, 2), (2, 1), (3, 2)])
def test_numbers_are_those_of_the_engine(kind, size, stride):
    x = RNG.permutation(25).reshape(5, 5).astype(float)
    pool = {"max": gd.max_pool2d, "avg": gd.avg_pool2d}[kind]
    leaf = gd.tensor(x[None, None], requires_grad=True)
    y = pool(leaf, size, stride=stride)
    g = np.arange(1.0, y.size + 1).reshape(y.shape[2:])
    y.backward(gd.tensor(g[None, None]))
    drawing = gd.viz.pooling(x, kind, size, stride=stride, grad=g)
    back = [float(f"{v:.4g}") for v in leaf.grad.numpy().ravel()]
    assert grids(drawing, "n0") == [*x.ravel(), *back]
    values = [float(f"{v:.4g}") for v in y.detach().numpy().ravel()]
    assert grids(drawing, "n2") == [*values, *g.ravel()]


def test_the_largest_of_each_window_is_marked():
    x = np.array([[1.0, 3.0, 2.0, 1.0], [4.0, 0.0, 1.0, 5.0]])
    dot = gd.viz.pooling(x).dot
    marked = re.findall(r'BORDER="2" COLOR="[^"]+">[^<]*<FONT[^>]*><B>([^<]+)<', dot)
    assert marked == ["4", "5"]
    assert 'BORDER="2"' not in gd.viz.pooling(x, "avg").dot


def test_the_line_under_the_title():
    x = np.array([[1.0, 3.0], [-2.0, 0.0]])
    assert gd.viz.pooling(x).view.notes[0][0] == "y[0, 0] = max(1, 3, −2, 0) = 3"
    average = gd.viz.pooling(x, "avg").view.notes[0][0]
    assert average == "y[0, 0] = (1 + 3 + (−2) + 0) / 4 = 0.5"


def test_nothing_is_changed():
    x = gd.tensor(np.ones((4, 4)), requires_grad=True)
    with gd.no_grad():
        gd.viz.pooling(x, grad=1.0)
    assert x.grad is None


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda x: gd.viz.pooling(x, "min"), gd.ArgumentError),
        (lambda x: gd.viz.pooling(x, grad=np.ones(3)), gd.ShapeError),
        (lambda x: gd.viz.pooling(x, at=(7, 7)), gd.ArgumentError),
        (lambda x: gd.viz.pooling(x, at="first"), gd.ArgumentError),
        (lambda x: gd.viz.pooling(x, x), gd.ArgumentError),
        (lambda x: gd.viz.pooling(gd.nn.MaxPool2d(2)), gd.DTypeError),
    ],
)
def test_errors(call, error):
    x = np.ones((4, 4))
    with pytest.raises(error) as info:
        call(x)
    assert eval(info.value.fix, {"gd": gd, "x": x}) and info.value.got is not None


@pytest.mark.parametrize("shape", [(30, 30), (2, 3, 20, 20), (5,)])
def test_errors_of_shapes(shape):
    x = np.ones(shape)
    with pytest.raises(gd.ShapeError) as info:
        gd.viz.pooling(x)
    assert eval(info.value.fix, {"gd": gd, "x": x})
