"""Activations as layers."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn

X = np.array([[-2.0, -0.5, 0.0], [0.5, 1.0, 30.0]])
CASES = {
    "ReLU": (nn.ReLU, np.maximum(X, 0), (X > 0) * 1.0),
    "Tanh": (nn.Tanh, np.tanh(X), 1 - np.tanh(X) ** 2),
    "Sigmoid": (nn.Sigmoid, 1 / (1 + np.exp(-X)), np.exp(-X) / (1 + np.exp(-X)) ** 2),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    layer, y, d = CASES[name]
    x = gd.tensor(X, requires_grad=True)
    out = layer()(x)
    out.sum().backward()
    np.testing.assert_allclose(out.numpy(), y, rtol=1e-14)
    np.testing.assert_allclose(x.grad.numpy(), d, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_takes_arrays_and_has_no_parameters(name):
    layer = CASES[name][0]()
    assert layer(X).shape == X.shape
    assert list(layer.parameters()) == [] and repr(layer) == f"{name}()"
