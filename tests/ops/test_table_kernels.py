"""Kernels against the entries that they accelerate: the same numbers, NaN and infinities. No op is
named."""

import itertools

import numpy as np
import pytest

from graddl import backend, no_grad
from tests.samples import (
    ENTRIES,
    apply,
    ids,
    is_float,
    outputs,
    samples,
    tensors,
    value_and_gradients,
)

ACCELERATED = [op for op in ENTRIES if backend.kernels_of(op.name)]
WHOLE = [op for op in ACCELERATED if "forward" in op.kernels]  # have a kernel of the whole entry
ULPS = {np.float32: 4, np.float64: 2}


@pytest.fixture
def both_ways():
    """run(op, xs, params) with the op's kernels and without."""
    used = []

    def compare(op, xs, params):
        used.append(op)
        assert op.kernels
        fast = run(op, xs, params)
        op.unbind()
        assert not op.kernels
        slow = run(op, xs, params)
        bind(op)
        return fast, slow

    yield compare
    for op in used:
        bind(op)


def run(op, xs, params):
    """Values and gradients; of a composed entry values alone: its graph is that of its parts."""
    if op.kind != "composed":
        return value_and_gradients(op, xs, params)
    with no_grad():
        return [y.numpy() for y in outputs(apply(op, *tensors(op, xs), **params))], []


def bind(op):
    for door, capsule in backend.kernels_of(op.name).items():
        op.bind(door, capsule)


def special_values(dtype):
    info = np.finfo(dtype)
    points = [0.0, 1.0, 2.5, 1e-3, 30.0, info.tiny, info.smallest_subnormal, info.max, np.inf]
    return np.array([np.nan, *points, *(-p for p in points), info.eps], dtype)


def assert_close(fast, slow, dtype, condition=1.0):
    """Equal NaN, equal infinities, and the rest within a few units of the last place."""
    assert fast.dtype == slow.dtype == dtype and fast.shape == slow.shape
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    np.testing.assert_array_equal(
        np.where(np.isinf(fast), fast, 0), np.where(np.isinf(slow), slow, 0)
    )
    rtol = ULPS[dtype] * np.finfo(dtype).eps * condition
    ordinary = np.isfinite(slow)
    np.testing.assert_allclose(
        fast[ordinary], slow[ordinary], rtol=rtol, atol=rtol * (condition > 1)
    )


@pytest.mark.parametrize("op", ACCELERATED, ids=ids)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", ["contiguous", "strided"])
def test_kernels_on_samples(op, dtype, layout, both_ways):
    for xs, params in samples(op, dtype=dtype):
        if layout == "strided":
            xs = [np.repeat(x, 2, axis=-1)[..., ::2] if is_float(x) and x.ndim else x for x in xs]
        (fast, fast_slopes), (slow, slow_slopes) = both_ways(op, xs, params)
        for a, b in zip(fast, slow, strict=True):
            assert_close(a, b, dtype, condition=16.0 if op in WHOLE else 1.0)
        # A gradient takes several steps, and 1 - y * y cancels: some units of its terms' size.
        for a, b in zip(fast_slopes, slow_slopes, strict=True):
            assert_close(a, b, dtype, condition=16.0)


@pytest.mark.parametrize("op", WHOLE, ids=ids)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_of_whole_entries_take_their_samples(op, dtype):
    """Each of them does some of the entry's work, rather than declining it all."""
    took = set()

    def watched(door, kernel):
        def call(*args, **params):
            y = kernel(*args, **params)
            took.update([door] if y is not NotImplemented else [])
            return y

        return call

    kernels = backend.kernels_of(op.name)
    try:
        for door, kernel in kernels.items():
            op.bind(door, watched(door, kernel))
        for xs, params in samples(op, dtype=dtype):
            run(op, xs, params)
    finally:
        bind(op)
    assert took == set(kernels)


@pytest.mark.parametrize("op", WHOLE, ids=ids)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_of_whole_entries_keep_nan_and_infinities(op, dtype, both_ways):
    for xs, params in samples(op, dtype=dtype):
        for i, bad in itertools.product(range(len(xs)), (np.nan, np.inf, -np.inf)):
            if not is_float(xs[i]) or not xs[i].size:
                continue
            planted = [x.copy() if is_float(x) else x for x in xs]
            planted[i].flat[xs[i].size // 2] = bad
            (fast, fast_slopes), (slow, slow_slopes) = both_ways(op, planted, params)
            for a, b in zip([*fast, *fast_slopes], [*slow, *slow_slopes], strict=True):
                assert_close(a, b, dtype, condition=16.0)


@pytest.mark.parametrize("op", [op for op in ACCELERATED if op not in WHOLE], ids=ids)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernels_on_special_values(op, dtype, both_ways):
    values = special_values(dtype)
    if op.kind != "elementwise":
        inputs = [
            [v] for v in (values, values[1:9], values[9:], values[10:], np.empty((0, 3), dtype))
        ]
    elif len(op.args) == 1:
        inputs = [[values], [values[:0]], [values[0]]]
        inputs[2] = [np.asarray(values[0])]
    else:
        pairs = np.array(list(itertools.product(values, values)), dtype)
        inputs = [
            [pairs[:, 0].copy(), pairs[:, 1].copy()],
            [values, np.asarray(values[3])],
            [values, 2.0],
            [0.0, values],
        ]
    for xs in inputs:
        (fast, fast_slopes), (slow, slow_slopes) = both_ways(op, xs, {})
        for a, b in zip([*fast, *fast_slopes], [*slow, *slow_slopes], strict=True):
            assert_close(a, b, dtype, condition=16.0 if a.shape else 64.0)
