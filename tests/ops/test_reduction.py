"""What reductions give where there is nothing to reduce."""

import warnings

import numpy as np
import pytest

import graddl as gd


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "params"),
    [((0,), {}), ((0, 3), {"axis": 0}), ((2, 0), {"axis": -1, "keepdims": True})],
)
def test_the_mean_of_nothing_is_nan_without_a_warning(shape, params, dtype):
    x = gd.zeros(shape, dtype=dtype, requires_grad=True)
    y = gd.mean(x, **params)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = np.mean(np.zeros(shape, dtype), **params)
    assert y.dtype == dtype and y.shape == expected.shape and np.isnan(y.numpy()).all()
    y.sum().backward()
    assert x.grad.shape == shape


def test_means_over_an_empty_axis_beside_the_reduced_one():
    assert gd.mean(gd.zeros(0, 3), axis=1).tolist() == []
    assert np.isnan(gd.mean(gd.zeros(0, dtype="int64")).item())
    assert gd.mean(2.0).item() == 2.0
