"""Convolutional layers: parity with PyTorch, "same" padding, initial numbers, errors; and what the
primitives promise on arrays too large for one step."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl import _convolution, backend
from graddl.nn import conv

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "conv.json").read_text())["layers"]
CASES = [case for case in ORACLE if case["class"].startswith("Conv")]


def numbers(*shape, seed=0.0):
    """sin(i + seed), as the oracles make them."""
    return np.sin(np.arange(math.prod(shape)) + seed).reshape(shape)


def built(case):
    """The layer of a case, with the parameters that PyTorch's had."""
    layer = getattr(conv, case["class"])(*case["arguments"], **case["options"], dtype="float64")
    for k, p in enumerate(layer.parameters()):
        p.data = numbers(*p.shape, seed=k)
    return layer


@pytest.mark.parametrize("case", CASES, ids=[f"{k}-{c['class']}" for k, c in enumerate(CASES)])
@pytest.mark.parametrize("way", ["kernels", "NumPy", "NumPy, one image at a time"])
def test_values_and_gradients_are_pytorchs(case, way, monkeypatch):
    if way != "kernels":
        for name in ("conv", "conv_input", "conv_weight"):
            monkeypatch.setattr(backend.numpy_namespace, name, getattr(_convolution, name))
    if way == "NumPy, one image at a time":
        monkeypatch.setattr(_convolution, "CHUNK", 1)
    layer = built(case)
    x = gd.tensor(numbers(*case["shape"], seed=5), requires_grad=True)
    y = layer(x)
    (y * numbers(*y.shape, seed=7)).sum().backward()
    np.testing.assert_allclose(y.numpy(), case["y"], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), case["x.grad"], rtol=1e-10, atol=1e-12)
    assert [name for name, _ in layer.named_parameters()] == list(case["grad"])
    for name, p in layer.named_parameters():
        np.testing.assert_allclose(p.grad.numpy(), case["grad"][name], rtol=1e-10, atol=1e-12)


# ---------------------------------------------------------------------- "same"
def tensorflows_same(x, kernel, stride, dilation):
    """Windows along the last axis, from TensorFlow's formula, one by one."""
    n = len(x)
    count = math.ceil(n / stride)
    total = max((count - 1) * stride + dilation * (len(kernel) - 1) + 1 - n, 0)
    wide = [0.0] * (total // 2) + list(x) + [0.0] * (total - total // 2)
    return [
        sum(w * wide[i * stride + k * dilation] for k, w in enumerate(kernel)) for i in range(count)
    ]


@pytest.mark.parametrize("n", [1, 4, 5, 8])
@pytest.mark.parametrize(("k", "s", "d"), list(itertools.product([1, 2, 3, 4], [1, 2, 3], [1, 2])))
def test_same_is_tensorflows(n, k, s, d):
    x, w = numbers(n), numbers(k, seed=2)
    want = tensorflows_same(x, w, s, d)
    y = gd.conv1d(x[None], w[None, None], stride=s, dilation=d, padding="same")
    np.testing.assert_allclose(y.numpy()[0], want, rtol=1e-12, atol=1e-14)
    both = gd.conv2d(
        np.outer(x, x)[None], np.outer(w, w)[None, None], stride=s, dilation=d, padding="SAME"
    )
    np.testing.assert_allclose(both.numpy()[0], np.outer(want, want), rtol=1e-12, atol=1e-14)


def test_the_odd_zero_comes_at_the_end():
    y = gd.conv1d(np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones((1, 1, 3)), stride=2, padding="same")
    assert y.tolist() == [[6.0, 7.0]]  # 1+2+3, 3+4+0; symmetric padding would give 0+1+2, 2+3+4


def test_words_in_any_case():
    for word in ("Same", "SAME", "same"):
        assert conv.Conv2d(1, 1, 3, padding=word)(np.zeros((1, 4, 5), "f4")).shape == (1, 4, 5)
    assert conv.Conv1d(1, 1, 3, padding="VALID")(np.zeros((1, 1, 4), "f4")).shape == (1, 1, 2)


# ---------------------------------------------------------------------- the primitives
PLACES = [
    # kernel, stride, dilation, before, size: with windows that end before the array, and beyond it
    ((2,), (1,), (1,), (0,), (4,)),
    ((3,), (2,), (1,), (2,), (4,)),
    ((2,), (3,), (2,), (1,), (1,)),
    ((2, 3), (1, 2), (2, 1), (1, 0), (5, 2)),
    ((1, 1), (2, 2), (1, 1), (0, 3), (2, 4)),
]


@pytest.mark.parametrize(("kernel", "stride", "dilation", "before", "size"), PLACES)
def test_windows_and_their_transpose(kernel, stride, dilation, before, size):
    n = len(kernel)
    place = dict(stride=stride, dilation=dilation, before=before)
    x = numbers(2, *[6, 5][:n])
    found = _convolution.windows(x, kernel=kernel, size=size, **place)
    for at in np.ndindex(*kernel, *size):
        k, i = at[:n], at[n:]
        where = [i[a] * stride[a] + k[a] * dilation[a] - before[a] for a in range(n)]
        inside = all(0 <= w < m for w, m in zip(where, x.shape[1:], strict=True))
        want = x[(slice(None), *where)] if inside else 0
        np.testing.assert_array_equal(found[(slice(None), *at)], want)
    g = numbers(*found.shape, seed=3)
    back = _convolution.add_windows(g, shape=x.shape[1:], **place)
    assert back.shape == x.shape
    assert np.vdot(back, x) == pytest.approx(np.vdot(g, found), rel=1e-12)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(("kernel", "stride", "dilation", "before", "size"), PLACES)
def test_three_products_of_one_form(kernel, stride, dilation, before, size, groups):
    place = dict(stride=stride, dilation=dilation, before=before, groups=groups)
    x, w = numbers(3, 4, *[6, 5][: len(kernel)]), numbers(6, 4 // groups, *kernel, seed=1)
    y = _convolution.conv(x, w, size=size, **place)
    g = numbers(*y.shape, seed=2)
    value = pytest.approx(np.vdot(g, y), rel=1e-12)
    assert np.vdot(_convolution.conv_input(g, w, shape=x.shape[2:], **place), x) == value
    assert np.vdot(_convolution.conv_weight(g, x, kernel=kernel, **place), w) == value


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_dtypes_stay(dtype):
    x, w = gd.ones(2, 8, 40, dtype=dtype, requires_grad=True), gd.ones(4, 8, 30, dtype=dtype)
    y = gd.conv1d(x, w)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.dtype(dtype)
    assert y.numpy().max() == 240


def test_empty_batch():
    layer = conv.Conv2d(2, 3, 3)
    x = gd.zeros(0, 2, 5, 5, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.shape == (0, 3, 3, 3) and x.grad.shape == x.shape
    assert not layer.weight.grad.numpy().any() and not layer.bias.grad.numpy().any()
    assert conv.ConvTranspose1d(2, 3, 2)(gd.zeros(0, 2, 4)).shape == (0, 3, 5)


# ---------------------------------------------------------------------- initial numbers
@pytest.mark.parametrize(
    ("layer", "arguments", "fan_in"),
    [("Conv1d", (8, 30, 9), 72), ("Conv2d", (8, 32, 3, 1, 0, 1, 2), 36),
     ("ConvTranspose1d", (30, 8, 9), 72), ("ConvTranspose2d", (32, 8, 3), 72)],
)  # fmt: skip
def test_initial_numbers(layer, arguments, fan_in):
    module = getattr(conv, layer)(*arguments, dtype="float64", generator=gd.Generator(0))
    bound = 1 / math.sqrt(fan_in)
    values = module.weight.numpy()
    assert bound * 0.99 < np.abs(values).max() <= bound
    assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.05)
    assert np.abs(module.bias.numpy()).max() <= bound


def test_the_generator_decides():
    a, b = (conv.Conv2d(1, 2, 3, generator=gd.Generator(5)) for _ in range(2))
    assert a.weight.tolist() == b.weight.tolist()
    assert a.weight.dtype == np.float32 and conv.Conv1d(1, 1, 1, bias=False).bias is None


def test_text():
    layer = conv.Conv2d(2, 4, 3, stride=2, padding="SAME", groups=2, bias=False)
    want = "2, 4, kernel_size=(3, 3), stride=(2, 2), padding='same', groups=2, bias=False"
    assert repr(layer) == f"Conv2d({want})"
    assert repr(conv.ConvTranspose1d(2, 3, 2)) == "ConvTranspose1d(2, 3, kernel_size=(2,))"


# ---------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("kind", "arguments", "options"),
    [
        ("Conv2d", (0, 1, 1), {}),
        ("Conv2d", (1, 2.5, 1), {}),
        ("Conv1d", (1, 1, 0), {}),
        ("Conv2d", (1, 1, (1, 2, 3)), {}),
        ("Conv2d", (4, 6, 3), {"groups": 4}),
        ("Conv2d", (4, 6, 3), {"groups": 0}),
        ("Conv2d", (1, 1, 3), {"stride": 0}),
        ("Conv1d", (1, 1, 3), {"dilation": -1}),
        ("Conv1d", (1, 1, 3), {"padding": -1}),
        ("Conv2d", (1, 1, 3), {"padding": "full"}),
        ("ConvTranspose2d", (1, 1, 3), {"padding": "same"}),
        ("ConvTranspose2d", (1, 1, 3), {"output_padding": -1}),
    ],
)
def test_wrong_arguments(kind, arguments, options):
    with pytest.raises(gd.ArgumentError) as caught:
        getattr(conv, kind)(*arguments, **options)
    assert caught.value.op == kind and caught.value.got is not None
    assert isinstance(eval(caught.value.fix, vars(conv)), getattr(conv, kind))


@pytest.mark.parametrize(
    ("layer", "shape", "fix"),
    [
        (conv.Conv2d(3, 4, 3), (2, 1, 5, 5), "Conv2d(1, 4, kernel_size=(3, 3))"),
        (conv.Conv2d(4, 4, 3, groups=4), (2, 6, 5, 5), "Conv2d(6, 4, kernel_size=(3, 3))"),
        (conv.Conv2d(3, 4, 3), (2, 5, 6, 3), "gd.moveaxis(x, -1, -3)"),
        (conv.Conv1d(3, 4, 3), (2, 5), "Conv1d(2, 4, kernel_size=(3,))"),
        (conv.ConvTranspose1d(3, 4, 3), (1, 2, 5), "ConvTranspose1d(2, 4, kernel_size=(3,))"),
    ],
)  # fmt: skip
def test_wrong_channels(layer, shape, fix):
    x = gd.zeros(*shape)
    with pytest.raises(gd.ShapeError, match=f"takes {layer.in_channels}") as caught:
        layer(x)
    assert caught.value.got == shape and caught.value.fix == fix
    found = eval(fix, {**vars(conv), "gd": gd, "x": x})
    assert (found(x) if isinstance(found, gd.nn.Module) else layer(found)).ndim == len(shape)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (conv.Conv2d(1, 1, 5), (1, 1, 4, 9)),
        (conv.Conv1d(1, 1, 3, dilation=3), (1, 6)),
        (conv.Conv2d(1, 1, 3), (4,)),
        (conv.Conv2d(1, 1, 3), (1, 1, 1, 5, 5)),
        (conv.ConvTranspose1d(1, 1, 2, padding=3), (1, 3)),
    ],
)
def test_what_does_not_fit(layer, shape):
    with pytest.raises(gd.ShapeError) as caught:
        layer(gd.zeros(*shape))
    names = {"x": gd.zeros(*shape), "weight": layer.weight, "bias": layer.bias}
    assert isinstance(eval(caught.value.fix, {"gd": gd}, names), gd.Tensor)


def test_integers():
    with pytest.raises(gd.DTypeError, match="floating numbers") as caught:
        conv.Conv2d(1, 1, 1)(np.ones((1, 2, 2), int))
    assert caught.value.fix == "x.astype('float32')"
