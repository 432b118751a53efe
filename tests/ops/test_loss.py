"""What samples of the table cannot hold: a gradient that is not that of the value."""

import numpy as np

import graddl as gd
from tests.tensors import const, leaf


def test_a_variance_below_eps_keeps_its_gradient():
    """The value is that at eps, and so is the derivative: -1/2 (d^2 / eps^2 - 1 / eps)."""
    var, eps = leaf([1e-8, 0.5]), 1e-2
    loss = gd.gaussian_nll_loss(const([1.0, 1.0]), const([0.0, 0.0]), var, eps=eps, reduction="sum")
    loss.backward()
    held = np.array([eps, 0.5])
    np.testing.assert_allclose(loss.item(), (0.5 * (np.log(held) + 1 / held)).sum())
    np.testing.assert_allclose(var.grad.numpy(), 0.5 * (1 / held - 1 / held**2))
