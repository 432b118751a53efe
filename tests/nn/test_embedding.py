"""nn.Embedding: rows, gradients, padding, tables that are there already."""

import numpy as np
import pytest

import graddl as gd
from graddl.nn.embedding import Embedding


def test_rows():
    layer = Embedding(5, 3)
    x = np.array([[0, 4], [2, 2]])
    y = layer(x)
    assert y.shape == (2, 2, 3)
    np.testing.assert_array_equal(y.numpy(), layer.weight.numpy()[x])
    assert layer(np.zeros((0, 2), int)).shape == (0, 2, 3)
    assert layer(3).shape == (3,) and layer([1, 2]).shape == (2, 3)


def test_the_gradient_adds_up_in_the_rows_that_were_used():
    layer = Embedding(5, 2, dtype="float64")
    g = np.arange(1.0, 9.0).reshape(4, 2)
    layer(np.array([3, 1, 3, 3])).backward(g)
    want = np.zeros((5, 2))
    np.add.at(want, [3, 1, 3, 3], g)
    np.testing.assert_array_equal(layer.weight.grad.numpy(), want)


def test_padding_starts_at_zeros_and_does_not_learn():
    layer = Embedding(4, 2, padding_idx=-1)
    assert layer.padding_idx == 3 and layer.weight[3].tolist() == [0, 0]
    layer([3, 0, 3]).sum().backward()
    assert layer.weight.grad.tolist() == [[1, 1], [0, 0], [0, 0], [0, 0]]


def test_second_derivatives():
    weight = np.sin(np.arange(8.0)).reshape(4, 2)
    layer = Embedding.from_pretrained(weight, padding_idx=1)
    with gd.no_grad():
        assert layer([1]).tolist() == [weight[1].tolist()]

    def f(w):
        return gd.embedding(np.array([0, 2, 0]), w) ** 3

    assert gd.gradcheck(f, [weight], order=2)


def test_initial_numbers_are_normal():
    a, b = (Embedding(300, 40, generator=gd.Generator(2)) for _ in range(2))
    w = a.weight.numpy()
    assert abs(w.mean()) < 0.02 and abs(w.std() - 1) < 0.02 and w.dtype == np.float32
    assert a.weight.tolist() == b.weight.tolist()
    assert Embedding(2, 2, dtype="float64").weight.dtype == np.float64


def test_from_pretrained():
    table = np.arange(6.0).reshape(3, 2)
    frozen = Embedding.from_pretrained(table)
    assert frozen([2]).tolist() == [[4, 5]] and not frozen.weight.requires_grad
    assert (frozen.num_embeddings, frozen.embedding_dim) == (3, 2)
    learning = Embedding.from_pretrained(gd.tensor(table), freeze=False, padding_idx=0)
    learning([0, 1]).sum().backward()
    assert learning.weight.grad.tolist() == [[0, 0], [1, 1], [0, 0]]
    assert learning.padding_idx == 0 and learning.weight[0].tolist() == [0, 1]
    table[:] = 7
    assert frozen([0]).tolist() == [[0, 1]]
    assert [n for n, _ in frozen.named_parameters()] == ["weight"]
    learns_from = gd.nn.Parameter(np.ones((2, 2)))
    assert Embedding.from_pretrained(learns_from).weight is not learns_from


def test_errors():
    layer = Embedding(4, 2)
    for index in (4, -1):
        with pytest.raises(gd.IndexError_) as caught:
            layer([index])
        assert caught.value.op == "embedding"
    with pytest.raises(gd.DTypeError):
        layer(np.array([0.0]))
    for sizes in ((0, 2), (2, 0)):
        with pytest.raises(gd.ArgumentError, match="at least one"):
            Embedding(*sizes)
    for padding in (4, -5, 1.0, "1"):
        with pytest.raises(gd.IndexError_, match="no row"):
            Embedding(4, 2, padding_idx=padding)
    for table in (np.ones(3), np.ones((2, 0)), 3.0):
        with pytest.raises(gd.ShapeError, match="no matrix"):
            Embedding.from_pretrained(table)


def test_repr():
    assert repr(Embedding(4, 2)) == "Embedding(4, 2)"
    assert repr(Embedding(4, 2, padding_idx=0)) == "Embedding(4, 2, padding_idx=0)"
