"""ResNet and its blocks: counts, PyTorch's numbers, shortcuts, errors, and whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import BasicBlock, ResNet
from tests.models.cases import check, fit, numbers


def block_count(a, b, crosses):
    return 9 * a * b + 9 * b * b + 4 * b + (a * b + 2 * b if crosses else 0)


def test_counts():
    assert BasicBlock(3, 3).num_parameters() == block_count(3, 3, False)
    assert BasicBlock(3, 5).num_parameters() == block_count(3, 5, True)
    assert BasicBlock(3, 3, 2).num_parameters() == block_count(3, 3, True)
    stages = sum(
        block_count(a, b, a != b) + 2 * block_count(b, b, False)
        for a, b in [(16, 16), (16, 32), (32, 64)]
    )
    twenty = ResNet(blocks=3)  # layers with weights on the way: 1 + 3 * 3 * 2 + 1
    assert twenty.num_parameters() == 27 * 16 + 32 + stages + 65 * 10 == 272_474


def test_shapes():
    x = gd.zeros(2, 3, 9, 6)
    model = ResNet(7, 3, (2, 3, 4), 2)
    assert model(x).shape == (2, 7)
    found = [stage.shape for stage in through(model.stages, model.stem(x))]
    assert found == [(2, 2, 9, 6), (2, 3, 5, 3), (2, 4, 3, 2)]
    assert [len(stage) for stage in model.stages] == [2, 2, 2]


def through(stages, x):
    for stage in stages:
        x = stage(x)
        yield x


def test_pytorchs_numbers():
    check("resnet", ResNet(5, 3, (2, 3), 2), [numbers(2, 3, 5, 6)])


def test_a_block_that_adds_nothing_gives_back_what_is_positive():
    block = BasicBlock(2, 2)
    assert type(block.shortcut) is nn.Identity
    block.residual[-1].weight.data = np.zeros(2)
    x = gd.rand(2, 2, 3, 3)
    assert block(x).tolist() == x.tolist()


def test_learns_random_labels():
    labels = np.arange(8) % 3
    model = ResNet(3, 1, (4, 8), generator=gd.Generator(0))
    x = numbers(8, 1, 6, 6).astype("f4")
    first, last = fit(model, lambda: nn.CrossEntropyLoss()(model(x), labels), 80, 0.02)
    assert first > 0.9 and last < 0.1
    assert (model(x).argmax(axis=-1).numpy() == labels).all()


@pytest.mark.parametrize("options", [{"widths": ()}, {"blocks": 0}])
def test_arguments(options):
    with pytest.raises(gd.ArgumentError) as caught:
        ResNet(**options)
    assert caught.value.fix == "ResNet(widths=(16, 32, 64), blocks=1)"


@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((2, 1, 8, 8), "ResNet(in_channels=1)"),
        ((2, 8, 8, 3), "gd.moveaxis(x, -1, 1)"),
        ((3, 8, 8), "x[None]"),
        ((8, 8), "x of shape (B, C, H, W)"),
    ],
)
def test_images_that_do_not_fit(shape, fix):
    with pytest.raises(gd.ShapeError) as caught:
        ResNet()(gd.zeros(shape))
    assert (caught.value.got, caught.value.fix) == (shape, fix)
    assert caught.value.expected == "x (B, 3, H, W)"
    with pytest.raises(gd.ShapeError) as caught:
        ResNet(in_channels=1)(gd.zeros(5, 8, 8))
    assert caught.value.fix == "x[:, None]"


def test_errors_inside_name_the_layer():
    with pytest.raises(gd.ShapeError) as caught:
        ResNet(widths=(2, 3))(gd.zeros(1, 3, 2, 2))  # one value of each channel left
    assert caught.value.layer == "stages.1.0.residual.1" and "eval()" in caught.value.fix
