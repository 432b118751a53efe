"""A step of a convolution: its numbers are those of conv2d."""

import re

import numpy as np
import pytest

import graddl as gd
from graddl.viz.words import escape

RNG = np.random.default_rng(0)


def value(text):
    return float(text.replace("−", "-"))


def note(drawing):
    """(terms, sum) of the line under the title."""
    text = drawing.view.notes[0][0]
    _, terms, total = re.split(" = ", text)
    found = [value(t.removesuffix(" (bias)").strip("()")) for t in terms.split(" + ")]
    return found, value(total)


@pytest.mark.parametrize("stride, padding, dilation", [(1, 0, 1), (2, 1, 1), (1, 2, 2)])
@pytest.mark.parametrize("channels", [1, 3])
def test_products_sum_to_the_output(stride, padding, dilation, channels):
    x = RNG.integers(-4, 5, (channels, 5, 6)).astype(float)
    kernel = RNG.integers(-3, 4, (channels, 2, 2)).astype(float)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    y = gd.conv2d(gd.tensor(x[None]), gd.tensor(kernel[None]), gd.tensor([0.5], dtype=gd.float64),
                  **options).numpy()[0, 0]  # fmt: skip
    for at in np.ndindex(y.shape):
        terms, total = note(gd.viz.convolution(x, kernel, at=at, bias=0.5, **options))
        assert sum(terms) == pytest.approx(total) and total == pytest.approx(y[at], abs=1e-3)
        assert len(terms) == 4 * channels + 1


def test_the_whole_output_stands_there():
    x, kernel = RNG.integers(0, 9, (4, 4)), RNG.integers(-2, 3, (3, 3))
    drawing = gd.viz.convolution(x, kernel)
    y = gd.conv2d(gd.tensor(x[None, None] * 1.0), gd.tensor(kernel[None, None] * 1.0)).numpy()
    last = drawing.dot.split("n2 [")[1]
    shown = [value(t) for t in re.findall(r">([−\d.]+)<", last)]
    assert shown == y.ravel().tolist()


def test_a_large_input_is_shown_about_the_window():
    drawing = gd.viz.convolution(gd.ones(28, 28), gd.ones(5, 5), at=(20, 3))
    assert escape("rows 18…26 of 28, columns 1…9 of 28") in drawing.dot
    assert "y[20, 3] = Σ of 25 products = 25" in drawing.view.notes[0][0]
    many = gd.viz.convolution(gd.ones(9, 4, 4), gd.ones(9, 2, 2))
    assert "channels 0…3 of 9" in many.view.notes[1][0]


def test_nothing_is_changed():
    x = gd.tensor(np.ones((4, 4)), requires_grad=True)
    version = x.version
    gd.viz.convolution(x, gd.ones(2, 2))
    assert x.version == version and x.grad is None


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda x, k: gd.viz.convolution(x, k[None].repeat(2, axis=0)), gd.ShapeError),
        (lambda x, k: gd.viz.convolution(x[0], k), gd.ShapeError),
        (lambda x, k: gd.viz.convolution(x, k, at=(9, 0)), gd.ArgumentError),
        (lambda x, k: gd.viz.convolution(x, k, at=3), gd.ArgumentError),
        (lambda x, k: gd.viz.convolution(gd.nn.Conv2d(1, 2, 3), x), gd.DTypeError),
        (lambda x, k: gd.viz.convolution(x, "sobel"), gd.DTypeError),
        (lambda x, k: gd.viz.convolution([[1.0], [2.0, 3.0]], k), gd.DTypeError),
        (lambda x, k: gd.viz.convolution(x, k, theme="blue"), gd.ArgumentError),
    ],
)
def test_errors(call, error):
    x, kernel = np.ones((4, 4)), np.ones((2, 2))
    with pytest.raises(error) as info:
        call(x, kernel)
    e = info.value
    assert e.got is not None and e.expected
    if "theme" not in str(e):
        assert eval(e.fix, {"gd": gd, "x": x, "kernel": kernel})
