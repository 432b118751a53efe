"""Norms of each sample: PyTorch's numbers, errors."""

import numpy as np
import pytest

import graddl as gd
from graddl.nn import normalization
from graddl.nn.normalization import GroupNorm, LayerNorm, RMSNorm
from tests.nn.blocks import cases, check, numbers


@pytest.mark.parametrize("case", cases("GroupNorm", "LayerNorm", "RMSNorm"))
def test_pytorchs_numbers(case):
    kind = getattr(normalization, case["class"])
    check(kind(*case["arguments"], **case["options"], dtype="float64"), case)


@pytest.mark.parametrize("layer", [LayerNorm(4), GroupNorm(2, 4), RMSNorm(4)], ids=repr)
def test_parameters(layer):
    assert layer.weight.tolist() == [1] * 4 and layer.weight.dtype == np.float32
    bias = getattr(layer, "bias", None)
    assert bias is None if isinstance(layer, RMSNorm) else bias.tolist() == [0] * 4
    x = numbers(2, 4).astype("f4")
    np.testing.assert_array_equal(layer.eval()(x).numpy(), layer.train()(x).numpy())
    assert layer(gd.zeros(0, 4)).shape == (0, 4)


def test_without_parameters():
    for layer in (LayerNorm(4, elementwise_affine=False), GroupNorm(2, 4, affine=False)):
        assert list(layer.parameters()) == []
        y = layer(numbers(3, 4)).numpy()
        np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)
    assert [n for n, _ in LayerNorm(4, bias=False).named_parameters()] == ["weight"]


def test_second_derivatives():
    layer = LayerNorm(3, dtype="float64")
    assert gd.gradcheck(lambda x: layer(x) ** 2, [numbers(2, 3)], order=2)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (LayerNorm(4), (3, 5)),
        (LayerNorm((3, 4)), (4,)),
        (RMSNorm(4), (4, 3)),
        (GroupNorm(2, 4), (3, 6)),
        (GroupNorm(2, 4), (4,)),
    ],
    ids=repr,
)
def test_wrong_shapes(layer, shape):
    with pytest.raises(gd.ShapeError) as caught:
        layer(gd.zeros(shape))
    assert (
        caught.value.got == shape
        and caught.value.fix
        and repr(layer) in str(caught.value.__notes__)
    )


@pytest.mark.parametrize("layer", [LayerNorm(4), GroupNorm(2, 4), RMSNorm(4)], ids=repr)
def test_integers_are_refused(layer):
    with pytest.raises(gd.DTypeError, match="int64"):
        layer(np.ones((2, 4), int))


def test_sizes_that_mean_nothing():
    for make in (
        lambda: GroupNorm(3, 4),
        lambda: GroupNorm(0, 4),
        lambda: LayerNorm(()),
        lambda: LayerNorm(0),
        lambda: RMSNorm((2, 0)),
    ):
        with pytest.raises(gd.ArgumentError) as caught:
            make()
        assert caught.value.op and caught.value.fix


def test_repr():
    assert repr(LayerNorm(4)) == "LayerNorm((4,), eps=1e-05, elementwise_affine=True)"
    assert repr(GroupNorm(2, 4)) == "GroupNorm(2, 4, eps=1e-05, affine=True)"
    assert repr(RMSNorm(4)) == "RMSNorm((4,), eps=None, elementwise_affine=True)"
