"""Entries that are attributes of Tensor, too."""

import numpy as np
import pytest

import graddl as gd


def test_t_reverses_all_axes_and_mt_exchanges_the_last_two():
    x = gd.randn(2, 3, 4, requires_grad=True)
    assert x.T.shape == (4, 3, 2) and x.mT.shape == (2, 4, 3)
    np.testing.assert_array_equal(x.T.numpy(), x.numpy().T)
    np.testing.assert_array_equal(x.mT.numpy(), x.numpy().mT)
    weights = np.arange(24.0, dtype="f4").reshape(2, 4, 3)
    (x.mT * weights).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), weights.mT)


def test_mt_needs_two_axes():
    with pytest.raises(gd.ShapeError):
        _ = gd.ones(3).mT
