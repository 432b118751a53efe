"""Indexing in NumPy's and in PyTorch's words."""

import numpy as np
import pytest

import graddl as gd
from tests.tensors import const, leaf


def written(x, index, values):
    """x[index] = values, one write after the other, and for each value whether it stayed."""
    place = np.arange(x.size).reshape(x.shape)[index]
    y, owner = x.flatten(), np.full(x.size, -1)
    values = np.broadcast_to(values, place.shape)
    for k, (p, v) in enumerate(zip(place.flat, values.flat, strict=True)):
        y[p], owner[p] = v, k
    return y.reshape(x.shape), np.isin(np.arange(place.size), owner).reshape(place.shape)


def random_index(rng, shape):
    """Any kind of index for an array of this shape."""
    parts, axis, several = [], 0, rng.random() < 0.5
    common = tuple(rng.integers(1, 4, rng.integers(0, 3)))
    while axis < len(shape):
        n, kind = shape[axis], rng.integers(0, 8)
        if kind == 0:
            parts.append(int(rng.integers(-n, n)))
        elif kind == 1:
            ends = [None if rng.random() < 0.4 else int(v) for v in rng.integers(-n - 1, n + 2, 2)]
            parts.append(slice(*ends, int(rng.choice([-2, -1, 1, 2]))))
        elif kind == 2:
            parts.append(rng.integers(-n, n, common))
        elif kind == 3 and several:
            parts.append(gd.tensor(rng.integers(-n, n, common)))
        elif kind == 4 and not any(isinstance(p, np.ndarray | gd.Tensor) for p in parts):
            m = int(rng.integers(1, len(shape) - axis + 1))
            parts.append(rng.random(shape[axis : axis + m]) < 0.5)
            axis += m
            break
        elif kind == 5:
            parts.append(None)
            continue
        elif kind == 6:
            parts.append(Ellipsis)
            break
        else:
            parts.append(slice(None))
        axis += 1
        if rng.random() < 0.2:
            break
    return tuple(parts) if len(parts) != 1 or rng.random() < 0.5 else parts[0]


def plain(index):
    if isinstance(index, tuple):
        return tuple(plain(i) for i in index)
    return index.numpy() if isinstance(index, gd.Tensor) else index


@pytest.mark.parametrize("seed", range(300))
def test_any_index_reads_adds_and_writes_as_numpy(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 4, rng.integers(0, 4)))
    x, index = rng.normal(size=shape), random_index(rng, shape)
    want = x[plain(index)]
    t = leaf(x)
    for y in (t[index], gd.getitem(t, index)):
        np.testing.assert_array_equal(y.numpy(), want)
        g = rng.normal(size=want.shape)
        t.zero_grad()
        y.backward(g) if y.size else None
        expected = np.zeros(shape)
        np.add.at(expected, plain(index), g)
        np.testing.assert_allclose(t.grad.numpy() if y.size else np.zeros(shape), expected)
    v = leaf(rng.normal(size=want.shape))
    y, stayed = written(x, plain(index), v.numpy())
    z = gd.setitem(t, v, index)
    np.testing.assert_array_equal(z.numpy(), y)
    t.zero_grad()
    g = rng.normal(size=shape)
    z.backward(g)
    np.testing.assert_array_equal(v.grad.numpy(), np.where(stayed, g[plain(index)], 0))
    hit, _ = written(np.zeros(shape), plain(index), 1)
    np.testing.assert_array_equal(t.grad.numpy(), np.where(hit, 0, g))
    assert gd.gradcheck(lambda a, b: gd.setitem(a, b, index), [x, v.numpy()])


def test_the_last_write_does_not_depend_on_memory_layout():
    index, v = np.array([[0, 1], [1, 0]]), np.arange(4.0).reshape(2, 2)
    for i in (index, np.asfortranarray(index), index[::-1, ::-1].copy()[::-1, ::-1]):
        for w in (v, np.asfortranarray(v)):
            assert gd.setitem(np.zeros(2), w, i).tolist() == [3.0, 2.0]


def test_arguments_stand_in_the_order_of_pytorch():
    x, i = leaf(np.arange(6.0).reshape(2, 3)), gd.tensor([[2, 0], [1, 1]])
    s, j = const([[7.0, 8.0], [9.0, 10.0]]), gd.tensor([2, 0])
    for y in (gd.gather(x, 1, i), x.gather(1, i), gd.gather(x, dim=1, index=i)):
        assert y.tolist() == [[2, 0], [4, 4]]
    for y in (gd.scatter_add(x, 1, i, s), x.scatter_add(dim=1, index=i, src=s)):
        assert y.tolist() == [[8, 1, 9], [3, 23, 5]]
    assert gd.scatter(x, 1, i, s).tolist() == [[8, 1, 7], [3, 10, 5]]
    assert gd.scatter(x, 1, i, 0.5).tolist() == [[0.5, 1, 0.5], [3, 0.5, 5]]
    y = gd.scatter_reduce(x, 1, i, s, "mean", include_self=False)
    assert y.tolist() == [[8, 1, 7], [3, 9.5, 5]]
    assert gd.index_select(x, 1, j).tolist() == [[2, 0], [5, 3]]
    assert gd.index_add(x, 1, j, s, alpha=2).tolist() == [[16, 1, 16], [23, 4, 23]]
    assert gd.index_copy(x, 1, j, s).tolist() == [[8, 1, 7], [10, 4, 9]]
    assert gd.index_fill(x, 1, j, 0.0).tolist() == [[0, 1, 0], [0, 4, 0]]
    y = gd.index_put(x, (gd.tensor([0, 0]), j), gd.tensor(1.0), True)
    assert y.tolist() == [[1, 1, 3], [3, 4, 5]]
    assert x.masked_fill(x > 2, -1).tolist() == [[0, 1, 2], [-1, -1, -1]]
    assert gd.masked_select(x, x > 3).tolist() == [4, 5]


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
def test_take_is_numpys(axis, mode):
    x = np.arange(6.0).reshape(2, 3)
    for i in (1, [0, 1], [[0], [-1]], np.zeros((0, 2), int)):
        want = np.take(x, i, axis, None, mode)
        np.testing.assert_array_equal(gd.take(x, i, axis, mode).numpy(), want)
    if mode != "raise":
        want = np.take(x, [9, -9], axis, None, mode)
        np.testing.assert_array_equal(gd.take(x, [9, -9], axis, mode).numpy(), want)


def test_choices_may_be_a_list_of_tensors():
    a, b = leaf([1.0, 2.0, 3.0]), leaf(5.0)
    conditions = [np.array([True, False, False]), gd.tensor([True, True, False])]
    y = gd.select(conditions, [a, b], default=a * 10)
    assert y.tolist() == [1.0, 5.0, 30.0]
    y.sum().backward()
    assert a.grad.tolist() == [1.0, 0.0, 10.0] and b.grad.item() == 1.0
    z = gd.choose([0, 1, 0], [a, b])
    assert z.tolist() == np.choose([0, 1, 0], [a.numpy(), 5.0]).tolist()
    z.sum().backward()
    assert a.grad.tolist() == [2.0, 0.0, 11.0] and b.grad.item() == 2.0
    assert gd.choose([1, 0], np.eye(2)).tolist() == np.choose([1, 0], np.eye(2)).tolist()


def test_the_row_of_padding_does_not_learn():
    w = leaf(np.arange(6.0).reshape(3, 2))
    y = gd.embedding([0, 2, 2], w, padding_idx=-1)
    assert y.tolist() == [[0, 1], [4, 5], [4, 5]]
    y.sum().backward()
    assert w.grad.tolist() == [[1, 1], [0, 0], [0, 0]]


def test_one_hot_counts_the_classes_that_there_are():
    y = gd.one_hot([0, 2])
    assert y.tolist() == [[1, 0, 0], [0, 0, 1]] and y.dtype == np.int64
    assert gd.one_hot(1, 3, dtype="float32").tolist() == [0.0, 1.0, 0.0]
