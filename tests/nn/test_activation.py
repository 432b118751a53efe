"""Activations as layers: PyTorch's values and gradients, parameters, repr."""

import copy
import doctest
import inspect
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl.nn import Sequential, activation
from graddl.nn.activation import GLU, Activation, Hardtanh, PReLU, Softmax, Swish, Threshold
from graddl.ops import COMPOSED, TABLE
from tests.oracles.layers_oracles import array

CASES = json.loads((Path(__file__).parents[1] / "oracles" / "layers.json").read_text())
CASES = CASES["activations"]
LAYERS = {
    name: kind
    for name, kind in vars(activation).items()
    if inspect.isclass(kind) and issubclass(kind, Activation) and kind is not Activation
}
REQUIRED = {
    "GLU": (1,),
    "Threshold": (0.1, 2.0),
    "Softmax": (1,),
    "LogSoftmax": (1,),
    "Softmin": (1,),
}


def made(name):
    """A layer with its defaults, and something for what has none."""
    return LAYERS[name](*REQUIRED.get(name, ()))


def values():
    shape, numbers = array("values")
    return np.reshape(numbers, shape)


def case_id(case):
    return " ".join([case["class"], *(f"{k}={v}" for k, v in case["options"].items())])


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_values_and_gradients_are_pytorchs(case):
    more = {"dtype": "float64"} if case["class"] == "PReLU" else {}
    layer = LAYERS[case["class"]](**case["options"], **more)
    x = gd.tensor(values(), requires_grad=True)
    y = layer(x)
    (y * y).sum().backward()
    np.testing.assert_allclose(y.numpy(), case["y"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), case["x.grad"], rtol=1e-9, atol=1e-12)
    found = dict(layer.named_parameters())
    assert set(found) == set(case["parameters"])
    for name, p in found.items():
        np.testing.assert_allclose(p.grad.numpy(), case["parameters"][name], rtol=1e-9)


def test_every_activation_of_the_table_is_a_layer_and_every_layer_is_compared():
    family = {op for t in (TABLE, COMPOSED) for op in t if t[op].info["family"] == "activation"}
    assert family <= {kind.op for kind in LAYERS.values()}
    assert set(LAYERS) - {case["class"] for case in CASES} == {"Swish"}  # PyTorch has none


@pytest.mark.parametrize("learnable", [False, True])
def test_swish(learnable):
    layer = Swish(1.702, learnable, dtype="float64")
    x = gd.tensor(values(), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    z = values()
    s = 1 / (1 + np.exp(-1.702 * z))
    np.testing.assert_allclose(y.numpy(), z * s, rtol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), s + 1.702 * z * s * (1 - s), rtol=1e-10)
    assert len(list(layer.parameters())) == learnable
    if learnable:
        assert layer.beta.shape == () and layer.beta.dtype == np.float64
        assert layer.beta.grad.item() == pytest.approx((z * z * s * (1 - s)).sum(), rel=1e-12)
    assert Swish(learnable=True).beta.dtype == np.float32


def test_a_large_beta_is_relu_and_beta_0_is_half():
    x = values()
    np.testing.assert_allclose(Swish(1e4)(x).numpy(), np.maximum(x, 0), atol=1e-12)
    np.testing.assert_allclose(Swish(0.0)(x).numpy(), x / 2)


@pytest.mark.parametrize("name", LAYERS)
def test_signature_repr_copies_and_docstring(name):
    layer, x = made(name), values()
    parameters = set(inspect.signature(type(layer)).parameters) - {"init", "dtype", "inplace"}
    assert all(f"{p}=" in repr(layer) for p in parameters), repr(layer)
    assert repr(layer).startswith(name + "(") and ("=" in repr(layer)) == bool(parameters)
    for other in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert repr(other) == repr(layer)
        assert np.array_equal(other(x).detach().numpy(), layer(x).detach().numpy())
    doc = type(layer).__doc__
    assert ".. math::" in doc and doc[0].isalpha()
    assert all(f"{p} :" in doc or f" {p} :" in doc or f"{p}, " in doc for p in parameters), doc


def test_arguments_go_by_position_or_by_name():
    assert repr(Hardtanh(-2, max_val=3)) == "Hardtanh(min_val=-2, max_val=3)"
    assert repr(Threshold(0.1, 20)) == "Threshold(threshold=0.1, value=20)"
    assert repr(Swish(0.5, True)) == "Swish(beta=0.5, learnable=True)"
    assert repr(PReLU(3)) == "PReLU(num_parameters=3)"
    with pytest.raises(TypeError, match="dim"):
        Softmax()


@pytest.mark.parametrize("name", ["ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "SiLU", "Hardtanh"])
def test_inplace_is_taken_and_changes_nothing(name):
    layer, x = getattr(activation, name)(inplace=True), values()
    before = x.copy()
    assert repr(layer) == repr(getattr(activation, name)())
    assert layer(x).tolist() == getattr(activation, name)()(x).tolist()
    np.testing.assert_array_equal(x, before)


def test_an_attribute_may_change_later():
    layer = activation.LeakyReLU()
    layer.negative_slope = 0.5
    assert layer(np.array([-2.0])).item() == -1.0


def test_a_variant_is_a_subclass():
    class Steep(activation.LeakyReLU):
        def __init__(self):
            super().__init__(negative_slope=3.0)

    assert Steep()(np.array([-2.0])).item() == -6.0
    assert repr(Steep()) == "Steep(negative_slope=3.0)"


@pytest.mark.parametrize("name", LAYERS)
def test_float32_stays_and_nothing_is_something(name):
    y = made(name)(values().astype("f4"))
    assert y.dtype == np.float32
    empty = made(name)(np.zeros((0, 4)))
    assert empty.shape == ((0, 2) if name == "GLU" else (0, 4))


def test_prelu_learns_a_slope_for_each_channel():
    layer = PReLU(4, init=0.1)
    assert layer.weight.shape == (4,) and layer.weight.dtype == np.float32
    np.testing.assert_allclose(layer.weight.numpy(), 0.1, rtol=1e-7)
    assert list(layer.state_dict()) == ["weight"]
    assert layer(values()).shape == (2, 4, 3)


def test_errors():
    with pytest.raises(gd.ArgumentError, match="at least one slope"):
        PReLU(0)
    with pytest.raises(gd.ShapeError, match="3 channels") as caught:
        PReLU(4)(np.zeros((2, 3)))
    assert caught.value.op == "prelu"
    for low, high in ((1, 1), (2, -2), (math.nan, 1)):
        with pytest.raises(gd.ArgumentError, match="between") as caught:
            Hardtanh(low, high)
    assert "Hardtanh" in caught.value.fix
    with pytest.raises(gd.ShapeError, match="halves"):
        GLU(dim=1)(np.zeros((2, 3)))
    with pytest.raises(gd.ArgumentError, match="approximate"):
        activation.GELU("erf")(values())
    with pytest.raises(gd.IndexError_):
        Softmax(dim=2)(np.zeros((2, 3)))
    with pytest.raises(gd.DTypeError):
        activation.ReLU()("text")


def test_an_error_says_which_layer_it_was():
    net = Sequential(activation.ReLU(), GLU(dim=0))
    with pytest.raises(gd.ShapeError) as caught:
        net(np.zeros((3, 2)))
    assert "in layer '1', a GLU(dim=0)" in caught.value.__notes__


def test_examples():
    assert doctest.testmod(activation).failed == 0


@pytest.mark.parametrize("name", ["Softmax", "LogSoftmax", "Softmin"])
def test_softmax_wants_its_axis(name):
    with pytest.raises(gd.ArgumentError, match="which axis") as caught:
        getattr(gd.nn, name)(dim=None)
    assert caught.value.op == name


def test_prelu_of_infinity_leaves_the_weight_alone():
    x, w = gd.tensor([np.inf, -1.0, -2.0]), gd.tensor([0.5], requires_grad=True)
    gd.prelu(x, w).sum().backward()
    assert w.grad.tolist() == [-3.0]
