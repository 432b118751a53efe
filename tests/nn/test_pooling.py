"""Pooling and upsampling layers: parity with PyTorch, ties, NaN, text, errors."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl.nn import pooling

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "conv.json").read_text())
CASES = [case for case in ORACLE["layers"] if not case["class"].startswith("Conv")]


def numbers(*shape, seed=0.0):
    """sin(i + seed), as the oracles make them."""
    return np.sin(np.arange(math.prod(shape)) + seed).reshape(shape)


def check(case, x):
    x = gd.tensor(x, requires_grad=True)
    y = getattr(pooling, case["class"])(*case["arguments"], **case["options"])(x)
    (y * numbers(*y.shape, seed=7)).sum().backward()
    np.testing.assert_allclose(y.numpy(), case["y"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), case["x.grad"], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=[f"{k}-{c['class']}" for k, c in enumerate(CASES)])
def test_values_and_gradients_are_pytorchs(case):
    check(case, numbers(*case["shape"], seed=5))


@pytest.mark.parametrize("case", ORACLE["ties"], ids=["overlapping", "padded"])
def test_the_first_of_equal_numbers_gets_the_gradient(case):
    check(case, (np.arange(32.0) ** 2 % 5).reshape(1, 2, 4, 4))


def test_nan_is_the_largest():
    x = gd.tensor([[1.0, np.nan, 2.0, 3.0]], requires_grad=True)
    y = pooling.MaxPool1d(2)(x)
    y.sum().backward()
    assert np.isnan(y.numpy()[0, 0]) and y.numpy()[0, 1] == 3
    assert x.grad.numpy().sum() == 2  # none is lost


def test_padding_is_never_the_largest():
    x = -gd.ones(1, 1, 3, 3)
    assert pooling.MaxPool2d(3, 1, 1)(x).tolist() == x.tolist()
    whole = gd.tensor(np.array([[-5, -7, -2]]))
    assert gd.max_pool1d(whole, 3, 1, 1).tolist() == [[-5, -2, -2]]


def test_a_kernel_of_one_copies():
    x = gd.ones(1, 2, 2)
    y = gd.max_pool2d(x, 1)
    y += 1
    assert x.numpy().max() == 1


@pytest.mark.parametrize(("n", "axis"), [(1, -1), (2, (-2, -1))])
def test_global_average(n, axis):
    x = gd.tensor(
        numbers(2, 3, 4, 5)[..., 0] if n == 1 else numbers(2, 3, 4, 5), requires_grad=True
    )
    layer = getattr(pooling, f"GlobalAvgPool{n}d")
    y = layer()(x)
    np.testing.assert_allclose(y.numpy(), x.numpy().mean(axis), rtol=1e-12)
    kept = layer(keepdims=True)(x)
    assert kept.shape == (2, 3, *[1] * n)
    adaptive = getattr(pooling, f"AdaptiveAvgPool{n}d")(1)(x)
    np.testing.assert_allclose(kept.numpy(), adaptive.numpy(), rtol=1e-12)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 / math.prod(x.shape[2:]), rtol=1e-12)


def test_infinity_stays_where_it_is():
    """A number that is not finite reaches those results that it is a part of, and no others."""
    x = numbers(1, 1, 6)
    x[0, 0, 0] = np.inf
    for layer in (pooling.AdaptiveAvgPool1d(4), pooling.Upsample(9, mode="linear")):
        assert np.isfinite(layer(gd.tensor(x)).numpy()[0, 0, 2:]).all()


def test_float32_and_empty_batches():
    for layer in (
        pooling.MaxPool2d(2),
        pooling.AvgPool2d(2, padding=1, count_include_pad=False),
        pooling.AdaptiveAvgPool2d(3),
        pooling.Upsample(scale_factor=2, mode="bilinear"),
    ):
        assert layer(gd.zeros(1, 2, 4, 5)).dtype == np.float32
        x = gd.zeros(0, 2, 4, 5, requires_grad=True)
        y = layer(x)
        y.sum().backward()
        assert y.shape[:2] == (0, 2) and x.grad.shape == x.shape


@pytest.mark.parametrize("kind", [pooling.MaxPool1d, pooling.MaxPool2d])
def test_pytorchs_fifth_argument_is_not_taken_for_another(kind):
    assert kind(3, 2, 1, 2, ceil_mode=True).dilation == 2
    with pytest.raises(TypeError, match="positional"):
        kind(3, 2, 1, 2, True)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_gradient_of_nan_goes_to_the_nan(padding, dtype):
    x = gd.tensor(np.array([[[2.0, np.nan], [1.0, 0.0]]], dtype), requires_grad=True)
    pooling.MaxPool2d(2, padding=padding)(x).sum().backward()
    assert x.grad[0, 0, 1].item() == 1.0
    assert x.grad.sum().item() == (4.0 if padding else 1.0)  # with padding a window for each


def test_text():
    want = "kernel_size=2, padding=0, dilation=1, ceil_mode=False"
    assert repr(pooling.MaxPool2d(2)) == f"MaxPool2d({want})"
    assert repr(pooling.AdaptiveAvgPool2d((None, 1))) == "AdaptiveAvgPool2d(output_size=(None, 1))"
    assert repr(pooling.GlobalAvgPool1d()) == "GlobalAvgPool1d()"


@pytest.mark.parametrize(
    ("layer", "shape", "kind"),
    [
        (pooling.MaxPool2d(4), (1, 3, 5), "ShapeError"),
        (pooling.MaxPool2d(2, padding=2), (1, 3, 5), "ArgumentError"),
        (pooling.MaxPool1d(2, stride=0), (1, 5), "ArgumentError"),
        (pooling.AvgPool2d(2, divisor_override=0), (1, 3, 5), "ArgumentError"),
        (pooling.AdaptiveAvgPool2d(0), (1, 3, 5), "ArgumentError"),
        (pooling.AdaptiveMaxPool2d(1), (3,), "ShapeError"),
        (pooling.AdaptiveMaxPool1d(1), (3, 0), "ShapeError"),
        (pooling.GlobalAvgPool2d(), (3,), "IndexError_"),
        (pooling.Upsample(), (1, 1, 3), "ArgumentError"),
        (pooling.Upsample(2, mode="bilinear"), (1, 1, 3), "ShapeError"),
    ],
)
def test_errors(layer, shape, kind):
    with pytest.raises(getattr(gd, kind)) as caught:
        layer(gd.zeros(*shape))
    assert caught.value.op and caught.value.fix
    if 0 not in shape:
        assert isinstance(eval(caught.value.fix, {"gd": gd, "x": gd.zeros(*shape)}), gd.Tensor)
