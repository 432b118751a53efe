"""Losses against PyTorch's answers and closed forms."""

import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl import nn

CASES = json.loads((Path(__file__).parents[1] / "oracles" / "nn.json").read_text())["cross_entropy"]


def case_id(case):
    weighted = "weighted" if case["weight"] else "plain"
    return f"{len(case['shape'])}d-{case['reduction']}-{weighted}"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_cross_entropy_is_pytorchs(case):
    shape = case["shape"]
    values = 3 * np.sin(np.arange(np.prod(shape)) + 4.0).reshape(shape)
    logits = gd.tensor(values, requires_grad=True)
    weight = None if case["weight"] is None else np.array(case["weight"])
    loss = nn.CrossEntropyLoss(weight, case["reduction"])(logits, np.array(case["target"]))
    loss.sum().backward()
    np.testing.assert_allclose(loss.numpy(), case["loss"], rtol=1e-12)
    np.testing.assert_allclose(logits.grad.numpy(), case["grad"], rtol=1e-11, atol=1e-15)


def test_of_equal_logits_is_the_logarithm_of_the_number_of_classes():
    assert nn.CrossEntropyLoss()(gd.zeros(7, 10), [3] * 7).item() == pytest.approx(np.log(10))


def test_of_a_single_sample():
    logits = gd.tensor([0.0, np.log(3.0)], dtype="float64", requires_grad=True)
    loss = nn.CrossEntropyLoss()(logits, 0 * gd.arange(1).sum())
    assert loss.item() == pytest.approx(np.log(4))
    loss.backward()
    np.testing.assert_allclose(logits.grad.numpy(), [-0.75, 0.75])


def test_large_logits_do_not_overflow():
    logits = gd.tensor([[1e4, 0.0], [0.0, 1e4]], requires_grad=True)
    loss = nn.CrossEntropyLoss()(logits, [0, 0])
    loss.backward()
    assert loss.item() == pytest.approx(5e3)
    np.testing.assert_allclose(logits.grad.numpy(), [[0, 0], [-0.5, 0.5]])


def test_class_weights_are_a_buffer():
    loss = nn.CrossEntropyLoss([1.0, 2.0])
    assert list(loss.state_dict()) == ["weight"] and list(loss.parameters()) == []
    assert nn.CrossEntropyLoss().state_dict() == {}


def test_target_as_tensor_list_or_array():
    loss = nn.CrossEntropyLoss([1.0, 2.0])
    x = np.array([[1.0, 2.0], [0.5, 0.0]], "f4")
    values = {loss(x, t).item() for t in ([0, 1], np.array([0, 1]), gd.tensor([0, 1]))}
    assert len(values) == 1


def test_errors():
    loss = nn.CrossEntropyLoss()
    with pytest.raises(gd.ShapeError):
        loss(gd.zeros(3, 2), [0, 1])
    with pytest.raises(gd.DTypeError, match="class indices"):
        loss(gd.zeros(2, 2), np.array([0.0, 1.0]))
    with pytest.raises(gd.IndexError_, match="out of range"):
        loss(gd.zeros(2, 2), [0, 2])
    with pytest.raises(gd.ArgumentError, match="reduction"):
        nn.CrossEntropyLoss(reduction="avg")
    with pytest.raises(gd.ShapeError, match="3 class weights for 2 classes"):
        nn.CrossEntropyLoss([1.0, 1.0, 1.0])(gd.zeros(2, 2), [0, 1])


def test_repr():
    assert repr(nn.CrossEntropyLoss()) == "CrossEntropyLoss(reduction='mean')"
