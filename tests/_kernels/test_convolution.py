"""Products over windows by the kernels, against the same in NumPy.

As a script: how many of them agree, for the instruction set that GRADDL_SIMD names.
"""

import os
import subprocess
import sys
from math import prod

import numpy as np
import pytest

from graddl import _convolution
from graddl._kernels import convolution as kernels

PRODUCTS = ("conv", "conv_input", "conv_weight")
RTOL = {"f4": 1e-4, "f8": 1e-11}


def case(seed, columns=None):
    """Arrays and places of a convolution: one to three axes, all that moves at random."""
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 4)
    kernel, shape = (tuple(map(int, rng.integers(*ends, n))) for ends in ((1, 5), (5, 13)))
    stride, dilation, before, after = (
        tuple(map(int, rng.integers(*ends, n))) for ends in ((1, 4), (1, 3), (0, 4), (0, 3))
    )
    size = tuple(
        max(1, (m + b + a - d * (k - 1) - 1) // s + 1)
        for m, b, a, k, s, d in zip(shape, before, after, kernel, stride, dilation, strict=True)
    )
    groups, inputs = int(rng.integers(1, 4)), int(rng.integers(1, 6))
    outputs = columns or int(rng.choice([1, 2, 3, 5, 8, 15, 17, 40]))
    images = int(rng.integers(1, 4))
    x = rng.standard_normal((images, inputs * groups, *shape))
    w = rng.standard_normal((outputs * groups, inputs, *kernel))
    g = rng.standard_normal((images, outputs * groups, *size))
    how = dict(stride=stride, dilation=dilation, before=before, groups=groups)
    return {
        "conv": ((x, w), how | {"size": size}),
        "conv_input": ((g, w), how | {"shape": shape}),
        "conv_weight": ((g, x), how | {"kernel": kernel}),
    }


def compare(name, arrays, how, dtype):
    """Assert that kernel and NumPy give the same, NaN and infinities included."""
    arrays = [a.astype(dtype) for a in arrays]
    with np.errstate(invalid="ignore", over="ignore"):
        expected = getattr(_convolution, name)(*arrays, **how)
    found = getattr(kernels, name)(*arrays, **how)
    if found is NotImplemented:
        infinite = name == "conv_input" and not np.isfinite(arrays[1]).all()
        assert infinite or not all(a.size for a in arrays)
        return
    assert found.dtype == expected.dtype and found.flags.writeable
    np.testing.assert_allclose(found, expected, rtol=RTOL[dtype], atol=10 * RTOL[dtype])


def agreeing(count=60):
    for seed in range(count):
        for name, (arrays, how) in case(seed).items():
            for dtype in RTOL:
                compare(name, arrays, how, dtype)
    return count


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("seed", range(40))
def test_products_are_numpys(seed, name, dtype):
    compare(name, *case(seed)[name], dtype)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", PRODUCTS)
def test_nan_and_infinities_go_where_they_went(name, bad):
    for seed in range(20):
        arrays, how = case(seed)[name]
        for a in arrays:
            planted = a.copy()
            planted.flat[a.size // 2] = bad
            compare(name, [planted if b is a else b for b in arrays], how, "f8")


@pytest.mark.parametrize("simd", ["base", "avx2", "avx512"])
def test_each_instruction_set(simd):
    """A processor that lacks it takes the best that it has."""
    found = subprocess.run(
        [sys.executable, "-c", f"import runpy; print(runpy.run_path({__file__!r})['agreeing']())"],
        env={**os.environ, "GRADDL_SIMD": simd, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout == "60\n"


def test_images_one_at_a_time(monkeypatch):
    monkeypatch.setattr(kernels, "CHUNK", 1)
    agreeing(10)


@pytest.mark.parametrize("size", [(1, 32), (32, 32), (16, 64)])
def test_planes_of_whole_kilobytes(size):
    """These get a column more, for the cache's sake."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 12, *size)), rng.standard_normal((9, 12, 1, 1))
    g = rng.standard_normal((2, 9, *size))
    how = dict(stride=(1, 1), dilation=(1, 1), before=(0, 0), groups=1)
    compare("conv", (x, w), how | {"size": size}, "f4")
    compare("conv_input", (g, w), how | {"shape": size}, "f4")
    compare("conv_weight", (g, x), how | {"kernel": (1, 1)}, "f4")


def test_arrays_in_other_orders():
    for name, (arrays, how) in case(3).items():
        compare(name, [np.asfortranarray(a) for a in arrays], how, "f8")
        compare(name, [np.repeat(a, 2, axis=-1)[..., ::2] for a in arrays], how, "f8")


@pytest.mark.parametrize("lead", [(), (0,), (2, 3)])
def test_axes_before_the_channels(lead):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((*lead, 2, 7)), rng.standard_normal((4, 2, 3))
    g = rng.standard_normal((*lead, 4, 5))
    how = dict(stride=(1,), dilation=(1,), before=(0,), groups=1)
    compare("conv", (x, w), how | {"size": (5,)}, "f8")
    compare("conv_input", (g, w), how | {"shape": (7,)}, "f8")
    compare("conv_weight", (g, x), how | {"kernel": (3,)}, "f8")


@pytest.mark.parametrize("name", PRODUCTS)
@pytest.mark.parametrize("dtypes", [("f2", "f2"), ("f4", "f8"), ("i8", "i8"), (">f4", ">f4")])
def test_other_dtypes_are_declined(name, dtypes):
    arrays, how = case(0)[name]
    arrays = [a.astype(d) for a, d in zip(arrays, dtypes, strict=True)]
    assert getattr(kernels, name)(*arrays, **how) is NotImplemented


def test_each_is_the_derivative_of_one_trilinear_form():
    """Σ g conv(x, w) = Σ x conv_input(g, w) = Σ w conv_weight(g, x), of few columns or many."""
    for columns in (1, 6, 16, 33):
        products = case(7, columns)
        (x, w), (g, _) = products["conv"][0], products["conv_weight"][0]
        y, gx, gw = (getattr(kernels, name)(*a, **how) for name, (a, how) in products.items())
        assert prod(y.shape) == g.size
        assert np.vdot(y, g) == pytest.approx(np.vdot(x, gx), rel=1e-10)
        assert np.vdot(y, g) == pytest.approx(np.vdot(w, gw), rel=1e-10)
