"""In which dtype operands meet: NumPy 2's promotion for all pairs, with weak numbers."""

import itertools

import numpy as np
import pytest

import graddl as gd

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float16", "float32", "float64"]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_arrays_meet_as_in_numpy(a, b):
    x, y = np.ones(2, a), np.ones(2, b)
    want = (x * y).dtype
    if want.kind == "f" and "float" not in a + b:  # int8 and uint64, for one
        want = np.dtype("float32")
    for operands in ((gd.tensor(x), gd.tensor(y)), (gd.tensor(x), y), (x, gd.tensor(y))):
        for function in (gd.multiply, lambda p, q: p * q):
            assert function(*operands).dtype == want
    assert gd.result_type(gd.tensor(x), y) == np.result_type(x, y)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [True, 3, 2.5, np.float64(2.5), np.float32(2.5), np.int64(3)])
def test_python_and_numpy_numbers_are_weak(dtype, number):
    x = np.ones(2, dtype)
    plain = number.item() if isinstance(number, np.generic) else number
    want = (x * plain).dtype
    if want.kind == "f" and x.dtype.kind != "f":  # integers that become floating: the default dtype
        want = np.dtype(gd.get_default_dtype())
    assert (gd.tensor(x) * number).dtype == (number * gd.tensor(x)).dtype == want
    assert gd.multiply(gd.tensor(x), number).dtype == want


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d[0] != "f"])
@pytest.mark.parametrize("function", ["exp", "mean", "sqrt", "tanh"])
def test_integers_that_become_floating_take_the_default_dtype(dtype, function):
    x = gd.tensor(np.ones(2, dtype))
    assert getattr(gd, function)(x).dtype == np.float32
    gd.set_default_dtype("float64")
    try:
        assert getattr(gd, function)(x).dtype == np.float64
    finally:
        gd.set_default_dtype("float32")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_gradient_has_the_dtype_of_its_tensor(dtype):
    x = gd.tensor(np.ones(2, dtype), requires_grad=True)
    w = gd.tensor(np.ones(2), requires_grad=True)
    (x * w).sum().backward()
    assert x.grad.dtype == dtype and w.grad.dtype == "float64"
