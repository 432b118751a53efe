"""nn.Parameter: a Tensor that is trained."""

import copy
import pickle

import numpy as np
import pytest

import graddl as gd
from graddl.nn import Parameter


def test_is_a_tensor_that_wants_gradient():
    p = Parameter([1.0, 2.0])
    assert isinstance(p, gd.Tensor)
    assert p.requires_grad and p.is_leaf and p.node.is_parameter
    assert p.dtype == np.float32 and p.name is None


def test_role_tells_it_from_an_input():
    x = gd.tensor([1.0], requires_grad=True)
    assert not x.node.is_parameter
    assert Parameter([1.0], requires_grad=False).node.is_parameter


def test_copies_its_data():
    array = np.ones(3)
    p = Parameter(array)
    array[0] = 5
    assert p.tolist() == [1, 1, 1] and p.dtype == np.float64


def test_of_a_computed_tensor_is_a_leaf():
    x = gd.tensor([2.0], requires_grad=True)
    p = Parameter(x * x)
    assert p.is_leaf and p.tolist() == [4]


def test_frozen():
    p = Parameter([1.0], requires_grad=False)
    assert not p.requires_grad
    p.requires_grad = True
    (p * 3).sum().backward()
    assert p.grad.tolist() == [3]


def test_integers_cannot_be_trained():
    with pytest.raises(gd.DTypeError, match="floating"):
        Parameter(np.array([1, 2]))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_stay_parameters(again):
    p = Parameter([1.0, 2.0], name="w")
    q = again(p)
    assert type(q) is Parameter and q is not p
    assert q.tolist() == [1, 2] and q.name == "w" and q.requires_grad and q.node.is_parameter


def test_results_are_plain_tensors():
    assert type(Parameter([1.0]) * 2) is gd.Tensor


def test_cannot_be_changed_while_gradients_are_recorded():
    p = Parameter([1.0])
    with pytest.raises(gd.GradientError, match="no_grad"):
        p += 1
    with gd.no_grad():
        p += 1
    assert type(p) is Parameter and p.tolist() == [2]
