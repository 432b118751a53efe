"""Methods in PyTorch's words."""

import operator

import numpy as np
import pytest

import graddl as gd
from graddl.methods import CASTS
from tests.tensors import const, leaf


@pytest.mark.parametrize("name", CASTS)
def test_casts(name):
    x = const([0.0, 1.5])
    y = getattr(x, name)()
    assert y.dtype == CASTS[name] and y.tolist() == x.numpy().astype(CASTS[name]).tolist()
    assert getattr(y, name)() is y


def test_a_cast_passes_the_gradient_on_in_the_old_dtype():
    x = leaf([1.0, 2.0], "float32")
    x.double().sum().backward()
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [1.0, 1.0]


def test_to():
    x = const([1.0])
    assert x.to("cpu") is x and x.to(x) is x and x.cpu() is x
    for y in (x.to("float32"), x.to(gd.float32), x.to(np.float32), x.to("cpu", dtype="float32")):
        assert y.dtype == np.float32
    assert x.to(const([1], "int64")).dtype == x.type_as(const([1], "int64")).dtype == np.int64
    with pytest.raises(gd.DeviceError) as caught:
        x.to("cuda:0")
    assert caught.value.got == "cuda:0" and caught.value.op == "to"
    for wrong in ("banana", 5):
        with pytest.raises(gd.DTypeError, match="no dtype") as caught:
            x.to(wrong)
        assert eval(caught.value.fix).dtype == np.float32


def test_words_for_sizes():
    x = const(np.ones((2, 3)))
    assert (x.numel(), x.dim(), x.t().shape) == (6, 2, (3, 2))


def test_contiguous():
    x = leaf(np.ones((2, 3)))
    assert x.contiguous() is x
    y = x.T.contiguous()
    assert y.numpy().flags.c_contiguous and y.shape == (3, 2) and y.requires_grad


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("add_", 2, [5.0]), ("sub_", 2, [1.0]), ("mul_", 2, [6.0]), ("div_", 2, [1.5])],
)
def test_arithmetic_in_place(name, value, expected):
    x = const([3.0])
    assert getattr(x, name)(value) is x and x.tolist() == expected
    with pytest.raises(gd.GradientError):
        getattr(leaf([3.0]), name)(value)


def test_writes_in_place():
    x = leaf([1.0, 2.0])
    with gd.no_grad():
        assert x.copy_([3, 4]) is x and x.tolist() == [3.0, 4.0]
        assert x.fill_(7.0) is x and x.tolist() == [7.0, 7.0]
        assert x.zero_() is x and x.tolist() == [0.0, 0.0]
        x.copy_(const([1.0], "float32"))
    assert x.tolist() == [1.0, 1.0] and x.is_leaf and x.requires_grad
    with pytest.raises(gd.GradientError):
        x.zero_()
    with pytest.raises(gd.ShapeError):
        const([1.0]).copy_([1.0, 2.0])


@pytest.mark.parametrize("word", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_comparisons(word):
    x, y = leaf([1.0, 2.0, 3.0]), const([2.0, 2.0, 2.0])
    expected = getattr(operator, word)(x.numpy(), y.numpy()).tolist()
    assert getattr(x, word)(y).tolist() == getattr(x, word)(2).tolist() == expected
    assert getattr(gd, word)(x, y).tolist() == expected
