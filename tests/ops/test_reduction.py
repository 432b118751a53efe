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


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "var", "std", "logsumexp", "max", "any"])
@pytest.mark.parametrize(
    ("axis", "fix"),
    [
        ([0, 1], "(0, 1)"),
        ([1], "1"),
        (np.array([1, 0]), "(1, 0)"),
        (1.0, "-1"),
        ("rows", "-1"),
        ((0, 0), "(0,)"),
        ((0, -2), "(-2,)"),
        ((0, "rows"), "(0,)"),
    ],
    ids=str,
)
def test_the_fix_of_what_is_no_axis_is_one(name, axis, fix):
    x = gd.ones(2, 3)
    with pytest.raises((gd.DTypeError, gd.ShapeError)) as caught:
        getattr(gd, name)(x, axis=axis)
    assert caught.value.expected == "an axis from -2 to 1"
    assert caught.value.fix == f"gd.{name}(x, axis={fix})"
    eval(caught.value.fix)


@pytest.mark.parametrize("name", ["softmax", "cumsum", "sort", "argmax"])
@pytest.mark.parametrize("axis", [[1], "rows"], ids=str)
def test_one_axis_is_asked_for(name, axis):
    x = gd.ones(2, 3)
    with pytest.raises(gd.DTypeError) as caught:
        getattr(gd, name)(x, axis=axis)
    eval(caught.value.fix)


@pytest.mark.parametrize(("name", "other"), [("max", "maximum"), ("min", "minimum")])
def test_the_larger_of_two_is_another_function(name, other):
    x, axis = gd.ones(2, 3), gd.zeros(2, 3)
    with pytest.raises(gd.DTypeError) as caught:
        getattr(x, name)(axis)
    assert caught.value.fix == f"gd.{other}(x, axis)"
