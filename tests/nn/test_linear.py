"""nn.Linear and nn.Bilinear: values, gradients, initial numbers, errors."""

import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.nn.linear import Bilinear
from tests.nn.blocks import cases, check

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "nn.json").read_text())["linear"]


def numbers(*shape, seed):
    return np.sin(np.arange(np.prod(shape)) + seed).reshape(shape)


def test_values_and_gradients_are_pytorchs():
    fc = nn.Linear(4, 3, dtype="float64")
    fc.load_state_dict({"weight": numbers(3, 4, seed=1), "bias": numbers(3, seed=2)})
    x = gd.tensor(numbers(2, 5, 4, seed=3), requires_grad=True)
    y = fc(x)
    (y * y).sum().backward()
    np.testing.assert_allclose(y.numpy(), ORACLE["y"], rtol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), ORACLE["x.grad"], rtol=1e-12)
    np.testing.assert_allclose(fc.weight.grad.numpy(), ORACLE["weight.grad"], rtol=1e-12)
    np.testing.assert_allclose(fc.bias.grad.numpy(), ORACLE["bias.grad"], rtol=1e-12)


def test_without_bias():
    fc = nn.Linear(3, 2, bias=False)
    x = np.arange(3, dtype="f4")
    assert fc.bias is None and len(list(fc.parameters())) == 1
    np.testing.assert_allclose(fc(x).numpy(), fc.weight.numpy() @ x, rtol=1e-6)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 4)])
def test_maps_the_last_axis(shape):
    fc = nn.Linear(4, 2)
    x = numbers(*shape, seed=0).astype("f4")
    y = fc(x)
    assert y.shape == (*shape[:-1], 2) and y.dtype == np.float32
    np.testing.assert_allclose(y.numpy(), x @ fc.weight.numpy().T + fc.bias.numpy(), rtol=1e-5)


def test_initial_numbers_are_uniform_within_one_over_root_in():
    fc = nn.Linear(100, 300, generator=gd.Generator(0), dtype="float64")
    for p in fc.parameters():
        values = p.numpy()
        assert np.abs(values).max() <= 0.1
        assert np.abs(values).max() > 0.099
        assert abs(values.mean()) < 0.01
        assert values.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.1)


def test_the_generator_decides():
    a, b = (nn.Linear(3, 2, generator=gd.Generator(5)) for _ in range(2))
    c = nn.Linear(3, 2, generator=gd.Generator(6))
    assert a.weight.tolist() == b.weight.tolist() != c.weight.tolist()
    gd.manual_seed(5)
    assert nn.Linear(3, 2).weight.tolist() == a.weight.tolist()


def test_dtype():
    assert nn.Linear(2, 2).weight.dtype == np.float32
    assert nn.Linear(2, 2, dtype=gd.float64).bias.dtype == np.float64


@pytest.mark.parametrize(
    ("layer", "shape", "fix"),
    [
        ((4, 2), (3, 5), "Linear(5, 2)"),
        ((4, 2), (3, 2, 2), "x.reshape(3, -1)"),
        ((4, 2), (4, 3), "x.mT"),
        ((4, 2), (), "x.reshape(1, -1)"),
        ((1, 2), (5,), "x.reshape(5, -1)"),
    ],
)
def test_wrong_shapes(layer, shape, fix):
    with pytest.raises(gd.ShapeError) as caught:
        nn.Linear(*layer)(gd.zeros(shape))
    error = caught.value
    assert f"Linear{layer} on {shape}" in str(error)
    assert error.got == shape and error.fix == fix and error.op == "linear"
    assert str(layer[::-1]) in error.expected  # the weight's shape


@pytest.mark.parametrize("x", [np.ones((3, 4), "i8"), np.ones(4, bool), [1, 2, 3, 4]])
def test_integers_are_refused(x):
    with pytest.raises(gd.DTypeError, match=r"Linear\(4, 2\) on (int64|bool)") as caught:
        nn.Linear(4, 2)(x)
    assert caught.value.fix == "x.astype('float32')"


@pytest.mark.parametrize("sizes", [(0, 2), (2, 0), (-1, 2)])
def test_sizes_below_one_are_refused(sizes):
    with pytest.raises(gd.ArgumentError, match="at least one"):
        nn.Linear(*sizes)


@pytest.mark.parametrize(
    ("make", "fix"),
    [
        (lambda: nn.Linear(784 / 2, 10), "Linear(392, 10)"),
        (lambda: nn.Linear("4", 2), "Linear(1, 2)"),
        (lambda: nn.Linear(None, np.inf), "Linear(1, 1)"),
        (lambda: nn.Bilinear(2, 3.0, 4), "Bilinear(2, 3, 4)"),
        (lambda: nn.Embedding(10.0, 3), "Embedding(10, 3)"),
        (lambda: nn.BatchNorm1d("3"), "BatchNorm1d(1)"),
        (lambda: nn.GroupNorm(1.0, 3), "GroupNorm(1, 3)"),
        (lambda: nn.LayerNorm((3.0, 2)), "LayerNorm(x.shape[-1])"),
        (lambda: nn.LSTM(4, 3.0), "LSTM(4, 3)"),
        (lambda: nn.GRU(4, 3, num_layers=1.5), "GRU(4, 3)"),
        (lambda: nn.GRUCell("4", 3), "GRUCell(1, 3)"),
        (lambda: nn.MultiHeadAttention(6.0, 2), "MultiHeadAttention(6, 2)"),
        (lambda: nn.PReLU(1.5), "PReLU(1)"),
        (lambda: nn.PositionalEncoding(4.0), "PositionalEncoding(d_model)"),
        (lambda: nn.RBM(6.0, 4), "n_visible=1"),
    ],
)
def test_sizes_that_are_no_integers_are_refused(make, fix):
    with pytest.raises(gd.ArgumentError, match=r"integer|num_layers") as caught:
        make()
    assert caught.value.fix == fix


def test_sizes_may_be_integers_of_numpy():
    n = np.int64(3)
    for layer in (nn.Linear(n, n), nn.LayerNorm(n), nn.LayerNorm(np.array([n])), nn.RNN(n, n, n)):
        assert "3" in repr(layer) and "int64" not in repr(layer)


def test_repr():
    assert repr(nn.Linear(4, 2)) == "Linear(4, 2)"
    assert repr(nn.Linear(4, 2, False)) == "Linear(4, 2, bias=False)"


# ---------------------------------------------------------------------------------- two inputs
@pytest.mark.parametrize("case", cases("Bilinear"))
def test_bilinear_has_pytorchs_numbers(case):
    check(Bilinear(*case["arguments"], **case["options"], dtype="float64"), case)


def test_bilinear_starts_uniform_and_takes_empty_batches():
    layer = Bilinear(4, 3, 50, generator=gd.Generator(0))
    assert layer.weight.shape == (50, 4, 3) and 0.49 < np.abs(layer.weight.numpy()).max() <= 0.5
    assert Bilinear(4, 3, 2)(gd.zeros(0, 4), gd.zeros(0, 3)).shape == (0, 2)
    text = "Bilinear(in1_features=4, in2_features=3, out_features=2, bias=False)"
    assert repr(Bilinear(4, 3, 2, bias=False)) == text


def test_errors_of_bilinear():
    layer = Bilinear(4, 3, 2)
    for shapes in (((5, 3), (5, 3)), ((5, 4), (5, 4)), ((5, 4), (6, 3))):
        with pytest.raises(gd.ShapeError) as caught:
            layer(*map(gd.zeros, shapes))
        assert caught.value.op == "bilinear"
    with pytest.raises(gd.ShapeError, match=r"x2 \(5, 4\) and weight \(2, 4, 3\) do not fit"):
        layer(gd.zeros(5, 4), gd.zeros(5, 4))
    with pytest.raises(gd.DTypeError, match="int64"):
        layer(gd.zeros(5, 4), np.ones((5, 3), int))
    with pytest.raises(gd.ArgumentError, match="at least one"):
        Bilinear(4, 0, 2)
