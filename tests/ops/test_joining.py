"""What samples of the table cannot hold: lists of lists."""

import numpy as np
import pytest

import graddl as gd

BLOCKS = [np.arange(1.0, 5).reshape(2, 2), np.ones((2, 1)), np.ones((1, 2)), np.ones((1, 1))]


def test_blocks_in_rows():
    a, b, c, d = BLOCKS
    y = gd.block([[gd.tensor(a), b], [c, d]])
    np.testing.assert_array_equal(y.numpy(), np.block([[a, b], [c, d]]))
    assert gd.gradcheck(lambda a, b, c, d: gd.block([[a, b], [c, d]]) ** 2, BLOCKS)


def test_blocks_of_numbers():
    np.testing.assert_array_equal(gd.block([[1, 2], [3, 4]]).numpy(), [[1, 2], [3, 4]])


def test_lists_of_unequal_depth_are_refused():
    a, b, *_ = BLOCKS
    with pytest.raises(gd.ArgumentError, match="equally deep"):
        gd.block([[a], b])


@pytest.mark.parametrize("op", [gd.concatenate, gd.stack])
def test_arrays_without_a_list_are_told_to_stand_in_one(op):
    x = gd.ones(2, requires_grad=True)
    with pytest.raises(gd.GradientError, match="'axis' is no array of numbers") as e:
        op(x, x)
    assert e.value.fix == "[x, y] in place of x, y"
