"""Batch norm and instance norm: PyTorch's numbers over several steps, modes, errors."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.nn import batch_norm as module
from graddl.nn.batch_norm import (
    BatchNorm1d,
    BatchNorm2d,
    InstanceNorm1d,
    InstanceNorm2d,
    batch_norm,
)
from tests.nn.blocks import cases, check, numbers

CLASSES = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d")


@pytest.mark.parametrize("case", cases(*CLASSES))
def test_pytorchs_numbers(case):
    kind = getattr(module, case["class"])
    check(kind(*case["arguments"], **case["options"], dtype="float64"), case)


def state(layer):
    return {name: buffer.tolist() for name, buffer in layer.named_buffers()}


def test_starts_at_one_and_zero():
    layer = BatchNorm1d(2)
    assert layer.weight.tolist() == [1, 1] and layer.bias.tolist() == [0, 0]
    assert state(layer) == {"running_mean": [0, 0], "running_var": [1, 1], "num_batches_tracked": 0}
    assert layer.weight.dtype == layer.running_var.dtype == np.float32
    assert BatchNorm1d(2, dtype="float64").running_mean.dtype == np.float64
    assert [n for n, _ in layer.named_parameters()] == ["weight", "bias"]
    assert list(BatchNorm1d(2, affine=False, track_running_stats=False).state_dict()) == []


def test_the_running_variance_is_the_unbiased_one():
    layer = BatchNorm1d(1, momentum=1.0)
    layer(np.array([[1.0], [3.0]], "f4"))
    assert state(layer) == {"running_mean": [2], "running_var": [2], "num_batches_tracked": 1}


def test_running_numbers_make_eval_agree_with_what_was_seen():
    x = 5 + 3 * numbers(50, 2)
    layer = BatchNorm1d(2, momentum=1.0, affine=False, dtype="float64")
    y = layer(x)
    n = np.sqrt(49 / 50)  # by which the unbiased variance is larger
    np.testing.assert_allclose(layer.eval()(x).numpy(), y.numpy() * n, rtol=1e-5)


@pytest.mark.parametrize("how", ["eval", "freeze"])
@pytest.mark.parametrize("kind", [BatchNorm1d, InstanceNorm1d])
def test_eval_and_freeze_stop_the_running_numbers(how, kind):
    layer = kind(3, affine=True, track_running_stats=True)
    x = gd.tensor(numbers(2, 3, 4).astype("f4"), requires_grad=True)
    layer(x)
    before, seen = state(layer), layer(x).numpy()
    before = state(layer)
    getattr(layer, how)()
    y = layer(x)
    y.sum().backward()
    assert state(layer) == before and not np.allclose(y.numpy(), seen)
    assert x.grad is not None and (layer.weight.grad is None) == (how == "freeze")
    layer.train().unfreeze()
    layer(x)
    assert state(layer) != before


def test_a_frozen_layer_without_running_numbers_uses_those_of_the_batch():
    layer = BatchNorm1d(2, track_running_stats=False)
    x = numbers(4, 2)
    y = layer(x).numpy()
    np.testing.assert_array_equal(layer.freeze()(x).numpy(), y)
    np.testing.assert_array_equal(layer.eval()(x).numpy(), y)


def test_running_numbers_have_no_history_and_no_part_in_the_gradient():
    layer = BatchNorm1d(2)
    x = gd.tensor(numbers(4, 2).astype("f4"), requires_grad=True)
    layer((x * 2).tanh())
    layer((x * 3).tanh()).sum().backward()
    for buffer in layer.buffers():
        assert buffer.is_leaf and not buffer.requires_grad
    with gd.no_grad():
        layer(x)
    assert layer.num_batches_tracked.item() == 3


@pytest.mark.parametrize("kind", [BatchNorm1d, InstanceNorm1d])
def test_eps_counts_beside_running_numbers(kind):
    layer = kind(2, eps=3.0, track_running_stats=True).eval()  # mean 0, variance 1
    np.testing.assert_allclose(layer(np.full((1, 2, 3), 4, "f4")).numpy(), 2)


def test_reset():
    layer = BatchNorm1d(2)
    layer(numbers(4, 2))
    layer.reset_running_stats()
    assert state(layer) == state(BatchNorm1d(2))
    BatchNorm1d(2, track_running_stats=False).reset_running_stats()


def test_saved_with_the_model():
    a, b = BatchNorm2d(2), BatchNorm2d(2)
    a(numbers(2, 2, 3, 3).astype("f4"))
    b.load_state_dict(a.state_dict())
    assert state(a) == state(b) and b.num_batches_tracked.item() == 1


def test_second_derivatives():
    layer = BatchNorm1d(2, dtype="float64")
    assert gd.gradcheck(lambda x: layer(x) ** 2, [numbers(3, 2, 2)], order=2)


def test_large_means_do_not_drown_the_spread():
    x = (1e4 + numbers(64, 3)).astype("f4")
    y = BatchNorm1d(3, affine=False)(x).numpy()
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-3)


def test_names_appear_in_the_graph():
    net = nn.Sequential({"norm": BatchNorm1d(2)})
    node = net(gd.ones(2, 2, requires_grad=True)).node
    assert node.scope == "norm" and node.op.info["symbol"] == "batch norm"


# ---------------------------------------------------------------------------------- the function
def test_the_function_changes_what_it_is_given():
    x = numbers(4, 2)
    mean, var = gd.zeros(2, dtype="float64"), gd.ones(2, dtype="float64")
    y = batch_norm(x, mean, var, training=True, momentum=0.5)
    np.testing.assert_allclose(mean.numpy(), x.mean(0) / 2, rtol=1e-12)
    np.testing.assert_allclose(var.numpy(), 0.5 + x.var(0, ddof=1) / 2, rtol=1e-12)
    np.testing.assert_array_equal(batch_norm(x, training=True).numpy(), y.numpy())
    z = batch_norm(x, mean, var, [2.0, 2.0], [1.0, 1.0]).numpy()
    want = 1 + 2 * (x - mean.numpy()) / np.sqrt(var.numpy() + 1e-5)
    np.testing.assert_allclose(z, want, rtol=1e-12)


def test_a_tenth_of_each_batch_unless_told_otherwise():
    mean = gd.zeros(1, dtype="float64")
    batch_norm(np.array([[1.0], [3.0]]), mean, training=True)
    assert mean.item() == pytest.approx(0.2)


def test_the_function_refuses_what_it_cannot_change():
    with pytest.raises(gd.DTypeError, match="Tensors"):
        batch_norm(numbers(4, 2), np.zeros(2), np.ones(2), training=True)


# ---------------------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("layer", "shape", "match"),
    [
        (BatchNorm1d(3), (4, 2), "2 channels, the layer has 3"),
        (BatchNorm1d(3), (4, 3, 2, 2), "4 axes"),
        (BatchNorm1d(3), (3,), "1 axes"),
        (BatchNorm2d(3), (4, 3), "2 axes"),
        (BatchNorm1d(3), (1, 3), "no spread with 1 values"),
        (BatchNorm2d(3), (1, 3, 1, 1), "no spread"),
        (BatchNorm2d(3), (0, 3, 4, 4), "no spread with 0 values"),
        (BatchNorm1d(3, track_running_stats=False).eval(), (1, 3), "no spread"),
        (InstanceNorm1d(3), (2, 3, 1), "no spread"),
        (InstanceNorm1d(3), (3,), "1 axes"),
        (InstanceNorm1d(3), (2, 4), "2 channels"),
        (InstanceNorm2d(3), (2, 4, 3, 3), "4 channels"),
    ],
)
def test_wrong_shapes(layer, shape, match):
    before = state(layer)
    with pytest.raises(gd.ShapeError, match=match) as caught:
        layer(gd.zeros(shape))
    error = caught.value
    assert error.op == type(layer).__name__ and error.got == shape and error.expected and error.fix
    assert state(layer) == before


def test_one_value_is_enough_for_eval():
    layer = BatchNorm1d(3).eval()
    np.testing.assert_allclose(layer(gd.ones(1, 3)).numpy(), 1 / np.sqrt(1 + 1e-5), rtol=1e-6)
    assert layer(gd.ones(0, 3)).shape == (0, 3)


def test_integers_and_empty_layers_are_refused():
    with pytest.raises(gd.DTypeError, match="int64"):
        BatchNorm1d(2)(np.ones((3, 2), int))
    for kind in (BatchNorm1d, InstanceNorm1d):
        with pytest.raises(gd.ArgumentError, match="channel"):
            kind(0)


def test_repr():
    text = "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"
    assert repr(BatchNorm2d(3)) == text
