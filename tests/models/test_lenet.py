"""LeNet: counts, PyTorch's numbers, derivatives, sizes of images, errors, and whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import LeNet
from tests.models.cases import IMAGES, check, fit, made, numbers, of_parameters


def test_counts():
    linear = (400 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10
    assert LeNet().num_parameters() == 6 * (25 + 1) + 16 * (6 * 25 + 1) + linear == 61_706
    assert LeNet(image_size=32).num_parameters() == 61_706  # the paper's, without padding
    wider = LeNet(7, 3, 8)
    linear = (64 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 7
    assert wider.num_parameters() == 6 * (3 * 25 + 1) + 16 * (6 * 25 + 1) + linear


@pytest.mark.parametrize(
    ("size", "left"),
    [(4, (1, 1)), (8, (2, 2)), (19, (4, 4)), (20, (3, 3)), (28, (5, 5)), (31, (5, 5)),
     (32, (5, 5)), (64, (13, 13)), ((28, 40), (5, 8)), ((16, 40), (4, 10))],
)  # fmt: skip
def test_sizes_of_images(size, left):
    model = LeNet(3, 2, size)
    x = gd.zeros(2, 2, *model.image_size)
    assert model.features(x).shape == (2, 16, *left)
    assert model(x).shape == (2, 3)


def test_pytorchs_numbers():
    check("lenet 8", LeNet(image_size=8), [IMAGES])
    check("lenet 28", LeNet(), [numbers(1, 1, 28, 28)])


def test_derivatives():
    model, inputs = made("lenet")
    f, values = of_parameters(model, inputs, most=200)  # images, first kernels and all biases
    assert sum(map(np.size, values)) == 128 + 150 + 6 + 16 + 120 + 84 + 10
    assert gd.gradcheck(f, values, eps=1e-5)


def test_learns_random_labels():
    labels = np.arange(8) % 5
    model = LeNet(image_size=8, generator=gd.Generator(0))
    x = numbers(8, 1, 8, 8).astype("f4")
    first, last = fit(model, lambda: nn.CrossEntropyLoss()(model(x), labels), 60, 0.01)
    assert first > 2 and last < 0.1
    assert (model(x).argmax(axis=-1).numpy() == labels).all()


@pytest.mark.parametrize("size", [3, (28,), (28, 2), (8, 8, 8)])
def test_images_that_are_too_small(size):
    with pytest.raises(gd.ArgumentError) as caught:
        LeNet(image_size=size)
    assert (caught.value.op, caught.value.got, caught.value.fix) == ("LeNet", size, "image_size=28")


@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((5, 28, 28), "x[:, None]"),
        ((1, 28, 28), "x[None]"),
        ((5, 28, 28, 1), "gd.moveaxis(x, -1, 1)"),
        ((5, 3, 32, 32), "LeNet(in_channels=3, image_size=(32, 32))"),
        ((5, 784), "x of shape (B, C, H, W)"),
    ],
)
def test_shapes(shape, fix):
    with pytest.raises(gd.ShapeError) as caught:
        LeNet()(gd.zeros(shape))
    error = caught.value
    assert (error.op, error.got, error.fix) == ("LeNet", shape, fix)
    assert error.expected == "x (B, 1, 28, 28)"


def test_integers():
    with pytest.raises(gd.DTypeError, match="float32"):
        nn.Sequential(LeNet())(np.zeros((1, 1, 28, 28), "u1"))
