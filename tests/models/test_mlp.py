"""MLP: counts, PyTorch's numbers, options, errors, and whether it learns."""

import itertools

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import MLP
from tests.models.cases import check, fit, numbers


@pytest.mark.parametrize("sizes", [(3, 2), (7, 5, 4, 3)])
def test_counts(sizes):
    pairs = list(itertools.pairwise(sizes))
    assert MLP(sizes).num_parameters() == sum((a + 1) * b for a, b in pairs)
    hidden = sum(sizes[1:-1])  # weight and bias of a norm, in place of one bias
    assert MLP(sizes, batch_norm=True).num_parameters() == MLP(sizes).num_parameters() + hidden


def test_pytorchs_numbers():
    check("mlp", MLP((6, 5, 4, 3), batch_norm=True), [numbers(4, 6)])
    check("mlp tanh", MLP((6, 5, 3), "tanh"), [numbers(4, 6)])


def test_order_of_the_layers():
    model = MLP([4, 3, 2, 1], "gelu", dropout=0.5, batch_norm=True)
    hidden = [nn.Linear, nn.BatchNorm1d, nn.GELU, nn.Dropout]
    assert [type(layer) for layer in model.layers] == [nn.Flatten, *hidden, *hidden, nn.Linear]
    assert (model.layers[1].bias, model.layers[4].p) == (None, 0.5)
    assert [type(layer) for layer in MLP((4, 1), dropout=0.5).layers] == [nn.Flatten, nn.Linear]


def test_all_but_the_first_axis_are_features():
    model, x = MLP((12, 3, 2)), numbers(5, 3, 2, 2).astype("f4")
    assert model(x).tolist() == model(x.reshape(5, 12)).tolist()
    assert model(gd.zeros(0, 12)).shape == (0, 2)


def test_dropout_comes_from_the_generator_and_ends_with_eval():
    x = numbers(3, 4).astype("f4")
    a, b = (MLP((4, 50, 2), dropout=0.5, generator=gd.Generator(3)) for _ in range(2))
    assert a(x).tolist() == b(x).tolist() != a(x).tolist()
    assert a.eval()(x).tolist() == a(x).tolist()


def test_learns_random_labels():
    x, labels = gd.randn(16, 4, generator=gd.Generator(1)), np.arange(16) % 3
    model = MLP((4, 32, 3), generator=gd.Generator(0))
    first, last = fit(model, lambda: nn.CrossEntropyLoss()(model(x), labels), 200, 0.03)
    assert first > 0.9 and last < 0.05
    assert (model(x).argmax(axis=-1).numpy() == labels).all()


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        (((4,),), "MLP((784, 128, 10))"),
        ((4,), "MLP((784, 128, 10))"),
        (((4, 0, 1),), "MLP((784, 128, 10))"),
        (((4, 3, 1), "step"), "activation='relu'"),
    ],
)
def test_arguments(arguments, fix):
    with pytest.raises(gd.ArgumentError) as caught:
        MLP(*arguments)
    assert (caught.value.op, caught.value.fix) == ("MLP", fix)
    with pytest.raises(gd.ArgumentError, match="probability"):
        MLP((4, 3, 1), dropout=2)


@pytest.mark.parametrize(
    ("shape", "fix"),
    [((4,), "x[None]"), ((5, 3), "MLP((3, 2))"), ((5, 2, 4), "MLP((8, 2))"), ((), "MLP((1, 2))")],
)
def test_shapes(shape, fix):
    with pytest.raises(gd.ShapeError) as caught:
        MLP((4, 2))(gd.zeros(shape))
    error = caught.value
    assert (error.op, error.got, error.fix, error.layer) == ("MLP", shape, fix, None)
    assert "4 features" in error.expected


def test_errors_inside_name_the_layer():
    model = nn.Sequential(MLP((4, 2)), MLP((2, 1)))
    model[1].layers[1] = nn.Linear(3, 1)
    with pytest.raises(gd.ShapeError) as caught:
        model(gd.zeros(5, 4))
    assert caught.value.layer == "1.layers.1" and "Linear(3, 1)" in str(caught.value)
    with pytest.raises(gd.DTypeError) as caught:
        model(np.zeros((5, 4), int))
    assert caught.value.layer == "0" and caught.value.fix == "x.astype('float32')"
