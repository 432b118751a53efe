"""A Tensor as an object of Python and of NumPy."""

import copy
import pickle

import numpy as np
import pytest

import graddl as gd
from tests.tensors import const, leaf


def test_repr():
    x = leaf([1.0, 2.5], name="w")
    assert repr(x) == "tensor([1. , 2.5], shape=(2,), dtype=float64, name='w', requires_grad=True)"
    y = x.sum()
    assert repr(y) == "tensor(3.5, shape=(), dtype=float64, op=sum, requires_grad=True)"
    y.backward()
    assert "has grad" in repr(x)
    assert repr(const([1], "int64")) == "tensor([1], shape=(1,), dtype=int64)"


def test_item():
    assert leaf([[2.5]]).item() == 2.5 and type(leaf(2.5).item()) is float
    assert type(gd.tensor(3).item()) is int
    with pytest.raises(gd.ShapeError) as e:
        leaf([1.0, 2.0]).item()
    assert e.value.fix == ".tolist()"


def test_float_of_a_tensor_that_wants_gradient_raises():
    with pytest.raises(gd.GradientError) as e:
        float(leaf(2.0))
    assert ".item()" in e.value.fix
    assert float(const(2.0)) == 2.0 and int(const(2.0)) == 2
    assert [10, 20, 30][gd.tensor(1)] == 20
    with pytest.raises(TypeError):
        [10, 20][const(1.0)]


def test_asarray_of_a_tensor_that_wants_gradient_raises():
    for x in (leaf([1.0]), leaf([1.0]) * 2):
        for function in (np.asarray, np.array):
            with pytest.raises(gd.GradientError) as e:
                function(x)
            assert ".detach()" in e.value.fix


def test_asarray_of_a_constant():
    t = const([1.0, 2.0])
    array = np.asarray(t)
    assert np.shares_memory(array, t.numpy()) and not array.flags.writeable
    assert np.array(t, dtype="float32").dtype == np.float32
    copied = np.array(t)
    copied[0] = 9
    assert t.tolist() == [1.0, 2.0]


def test_numpy_is_a_read_only_view_or_a_writable_copy():
    x = leaf([1.0, 2.0])
    view, copied = x.numpy(), x.numpy(copy=True)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 9
    copied[0] = 9
    assert x.tolist() == [1.0, 2.0]
    with gd.no_grad():
        x += 1
    assert view.tolist() == [2.0, 3.0]


def test_tensor_copies_and_from_numpy_aliases():
    array = np.array([1.0, 2.0])
    copied, alias = gd.tensor(array), gd.from_numpy(array)
    array[0] = 9
    assert copied.tolist() == [1.0, 2.0] and alias.tolist() == [9.0, 2.0]


COPIES = {
    "pickle": lambda t: pickle.loads(pickle.dumps(t)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


@pytest.mark.parametrize("how", COPIES)
def test_leaves_can_be_copied(how):
    x = leaf([1.0, 2.0], name="w")
    (x * x).sum().backward()
    y = COPIES[how](x)
    assert y is not x and y.requires_grad and y.is_leaf and y.name == "w"
    assert y.tolist() == x.tolist() and y.dtype == x.dtype
    assert y.grad.tolist() == [2.0, 4.0]
    if how != "copy":
        with gd.no_grad():
            y += 1
            y.grad += 1
        assert x.tolist() == [1.0, 2.0] and x.grad.tolist() == [2.0, 4.0]
    assert not COPIES[how](const([1.0])).requires_grad


def test_a_tensor_copied_twice_at_once_stays_one():
    x = leaf([1.0])
    a, b = copy.deepcopy([x, x])
    assert a is b


@pytest.mark.parametrize("how", COPIES)
def test_tensors_with_history_cannot_be_copied(how):
    with pytest.raises(gd.GradientError) as e:
        COPIES[how](leaf([1.0]) * 2)
    assert ".detach()" in e.value.fix


def test_iteration_gives_rows_with_gradient():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    a, b = x
    (a * 2 + b * b).sum().backward()
    assert x.grad.tolist() == [[2.0, 2.0], [6.0, 8.0]]
    with pytest.raises(TypeError):
        iter(leaf(1.0))


def test_len():
    assert len(leaf([[1.0, 2.0, 3.0]])) == 1
    with pytest.raises(TypeError):
        len(leaf(1.0))


def test_bool():
    assert leaf([[2.0]]) and not leaf(0.0)
    with pytest.raises(gd.ShapeError) as e:
        bool(leaf([1.0, 2.0]))
    assert ".any()" in e.value.fix


def test_equality_is_elementwise_and_the_hash_is_identity():
    x, y = leaf([1.0, 2.0]), leaf([1.0, 3.0])
    assert (x == y).tolist() == [True, False] and (x != y).tolist() == [False, True]
    assert (x == y).dtype == np.bool_ and not (x == y).requires_grad
    assert {x: "x", y: "y"}[x] == "x" and hash(x) != hash(y)


def test_comparisons():
    x = leaf([1.0, 2.0, 3.0])
    assert (x < 2).tolist() == [True, False, False] and (x <= 2).tolist() == [True, True, False]
    assert (2 < x).tolist() == [False, False, True] and (x >= 2).tolist() == [False, True, True]


def test_the_graph_can_be_read():
    x, w = leaf([1.0], name="x"), const([2.0])
    y = x * w + 3
    product, number = y.inputs
    assert y.op.name == "add" and number == 3 and product.op.name == "multiply"
    assert [node.tensor for node in product.inputs] == [x, w]
    assert product.inputs[0].name == "x" and product.inputs[0].requires_grad
    assert not product.inputs[1].requires_grad
    assert not y.is_leaf and x.is_leaf and x.inputs == ()


def test_masks_combine_by_operators():
    x = const([0.5, 2.0, -1.0])
    assert ((x > 0) & (x < 1)).tolist() == [True, False, False]
    assert ((x > 1) | (x < 0)).tolist() == [False, True, True]
    assert ((x > 0) ^ (x > 1)).tolist() == [True, False, False]
    assert (~(x > 0)).tolist() == [False, False, True]
    assert isinstance(np.array([True, False, True]) & (x > 0), gd.Tensor)
    n = gd.tensor([6, 3])
    assert (
        (5 & n).tolist() == [4, 1] and (n << 2).tolist() == [24, 12] and (8 >> n).tolist() == [0, 1]
    )
    with pytest.raises(gd.DTypeError, match="bitwise_and: floating numbers have no bits"):
        x & x


def test_a_call_of_size_says_what_to_type():
    x = const([[1.0, 2.0]])
    assert x.size == 2 and isinstance(x.size, int)
    for call in (lambda: x.size(), lambda: x.size(0)):
        with pytest.raises(gd.DTypeError, match=r"x\.size is the number of elements") as e:
            call()
        assert e.value.fix == "x.shape, x.shape[0]"


def test_an_assigned_gradient_has_memory_of_its_own():
    x, g = leaf([1.0, 2.0]), const([3.0, 4.0])
    x.grad = g
    g += 1
    assert x.grad.tolist() == [3.0, 4.0]
    x.grad *= 2
    assert g.tolist() == [4.0, 5.0]
    x.grad = x  # not a circle
    assert copy.deepcopy(x).grad.tolist() == [1.0, 2.0]
    (x * x).sum().backward(create_graph=True)
    graph = x.grad
    x.grad = graph  # what carries a graph keeps it
    assert x.grad is graph
