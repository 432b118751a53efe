"""Adding rows at places that come twice, against NumPy's add.at."""

import numpy as np
import pytest

from graddl import backend
from graddl._kernels.scatter import add_rows

rng = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("width", [(), (3,), (2, 5)])
def test_rows_are_added_as_often_as_they_are_named(dtype, width):
    at = rng.integers(-6, 6, (4, 5))
    g = rng.standard_normal((4, 5, *width)).astype(dtype)
    out = rng.standard_normal((6, *width)).astype(dtype)
    expected = out.copy()
    np.add.at(expected, at, g)
    assert add_rows(out, at, g)
    np.testing.assert_array_equal(out, expected)  # the same order, so the same bits


@pytest.mark.parametrize(
    ("at", "shape", "dtype", "fortran"),
    [
        ([0, 6], (2, 3), "f4", False),  # beyond the rows
        ([0, -7], (2, 3), "f4", False),
        ([0, 1], (2, 4), "f4", False),  # another width
        ([0, 1], (2, 3), "f8", False),  # another dtype
        ([0, 1], (2, 3), "f4", True),
        ([[0.5, 1.0]], (1, 2, 3), "f4", False),
    ],
)
def test_what_does_not_fit_is_declined_untouched(at, shape, dtype, fortran):
    out = np.zeros((6, 3), "f4")
    g = np.ones(shape, dtype, order="F" if fortran else "C")
    assert not add_rows(out, np.array(at), g)
    assert not out.any()


def test_it_is_what_indexing_is_the_transpose_of():
    at, g = np.array([[3, 1], [1, -1]]), rng.standard_normal((2, 2, 7)).astype("f4")
    got = backend.add_at(g, index=at, shape=(5, 7))
    expected = np.zeros((5, 7), "f4")
    np.add.at(expected, at, g)
    np.testing.assert_array_equal(got, expected)
    spread = np.broadcast_to(g[:, :1], g.shape)  # as the mean of some rows passes it back
    np.add.at(expected := np.zeros((5, 7), "f4"), at, spread)
    np.testing.assert_array_equal(backend.add_at(spread, index=at, shape=(5, 7)), expected)
    assert np.isnan(
        backend.add_at(np.full((1, 2), np.nan), index=np.array([0]), shape=(2, 2))[0]
    ).all()
