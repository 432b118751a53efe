"""Layers that change shapes."""

import numpy as np
import pytest

import graddl as gd
from graddl.nn.flatten import Flatten, Identity, Unflatten


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [((), (2, 12)), ((0,), (24,)), ((0, 1), (6, 4)), ((-2, -1), (2, 12)), ((2, 2), (2, 3, 4))],
)
def test_flatten(arguments, shape):
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(Flatten(*arguments)(x).numpy(), x.reshape(shape))


def test_there_and_back():
    x = gd.arange(24.0).reshape(2, 3, 4).detach()
    x.requires_grad = True
    y = Unflatten(1, (3, -1))(Flatten()(x))
    y.backward(x.detach())
    assert y.tolist() == x.tolist() == x.grad.tolist()


def test_an_empty_batch():
    assert Flatten()(gd.zeros(0, 3, 4)).shape == (0, 12)


def test_identity():
    x = gd.ones(2)
    assert Identity()(x) is x and Identity(3, bias=True)(x) is x
    assert list(Identity().parameters()) == []


def test_errors():
    with pytest.raises(gd.IndexError_):
        Flatten(3)(gd.ones(2, 3))
    with pytest.raises(gd.ArgumentError):
        Flatten(1, 0)(gd.ones(2, 3))
    with pytest.raises(gd.ShapeError):
        Unflatten(1, (4, 2))(gd.ones(2, 3))


def test_repr():
    assert repr(Flatten()) == "Flatten(start_dim=1, end_dim=-1)"
    assert repr(Unflatten(1, [3, 2])) == "Unflatten(dim=1, unflattened_size=(3, 2))"
    assert repr(Identity()) == "Identity()"
