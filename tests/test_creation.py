import numpy as np
import pytest

import graddl as gd


def test_shapes_are_taken_as_arguments_or_as_a_tuple():
    for make, value in (gd.zeros, 0.0), (gd.ones, 1.0):
        for t in make(2, 3), make((2, 3)), make(2, 3, dtype="float64"):
            np.testing.assert_array_equal(t.numpy(), np.full((2, 3), value))
    assert gd.zeros().shape == () and gd.zeros(0).shape == (0,)


def test_floats_take_the_default_dtype_and_arrays_keep_theirs():
    made = [
        gd.zeros(2),
        gd.ones(2),
        gd.full(2, 1.5),
        gd.arange(0.0, 1.0, 0.5),
        gd.linspace(0, 1, 3),
        gd.eye(2),
        gd.tensor(1.0),
    ]
    assert [t.dtype for t in made] == [np.float32] * len(made)
    assert gd.arange(3).dtype == np.int64 and gd.full(2, 1).dtype == np.int64
    assert gd.tensor(np.ones(2)).dtype == np.float64
    assert gd.zeros_like(gd.tensor(np.ones(2))).dtype == np.float64
    assert gd.ones_like(gd.ones(2), dtype="int32").dtype == np.int32


def test_values_are_numpys():
    np.testing.assert_allclose(gd.arange(1.0, 2.0, 0.25).numpy(), np.arange(1.0, 2.0, 0.25))
    np.testing.assert_allclose(gd.linspace(-1, 1, 5).numpy(), np.linspace(-1, 1, 5))
    np.testing.assert_array_equal(gd.eye(2, 3).numpy(), np.eye(2, 3))
    np.testing.assert_array_equal(gd.full_like(gd.zeros(2, 2), 7).numpy(), np.full((2, 2), 7))


def test_leaves_want_gradient_and_have_names_where_asked():
    t = gd.ones(2, requires_grad=True, name="w")
    assert t.requires_grad and t.is_leaf and t.name == "w"
    with pytest.raises(gd.DTypeError, match="floating"):
        gd.arange(3, requires_grad=True)


def test_tensor_copies_and_from_numpy_aliases():
    a = np.ones(2)
    copied, aliased = gd.tensor(a), gd.from_numpy(a)
    a[0] = 5.0
    assert copied.tolist() == [1.0, 1.0] and aliased.tolist() == [5.0, 1.0]


def test_asarray_hands_a_tensor_through():
    t = gd.ones(2, requires_grad=True)
    assert gd.asarray(t) is t
    cast = gd.asarray(t, dtype="float64")
    cast.sum().backward()
    assert cast.dtype == np.float64 and t.grad.dtype == np.float32


def test_what_is_no_array_of_numbers_says_so():
    for bad in ("text", [[1.0], [1.0, 2.0]], [None], object()):
        with pytest.raises(gd.DTypeError) as caught:
            gd.tensor(bad)
        assert caught.value.op == "tensor" and caught.value.fix
    with pytest.raises(gd.DTypeError, match="mask"):
        gd.tensor(np.ma.masked_array([1.0], [True]))
    with pytest.raises(gd.DeviceError):
        gd.tensor(1.0, device="moon")


@pytest.mark.parametrize("make", [gd.zeros, gd.ones, gd.empty, gd.rand, gd.randn])
def test_a_shape_that_is_none_names_the_call(make):
    for shape in [((2, 3), np.float64), (2.5,), ("rows",), ((2, (3, 4)),), ([2, 3], "float64")]:
        with pytest.raises(gd.DTypeError) as caught:
            make(*shape)
        assert caught.value.op == make.__name__
        assert eval(caught.value.fix).shape == (2, 3)
    with pytest.raises(gd.ShapeError, match="negative"):
        make(2, -1)
    with pytest.raises(gd.DTypeError, match="banana"):
        make(2, dtype="banana")


def test_ranges_take_their_ends_by_name():
    assert gd.arange(start=1, stop=7, step=2).tolist() == [1, 3, 5]
    assert gd.arange(5, step=2).tolist() == gd.arange(0, 5, step=2).tolist() == [0, 2, 4]
    assert gd.arange(3, 0, -1).tolist() == [3, 2, 1] and gd.arange(0).shape == (0,)
    assert gd.arange(0, 2, 1, np.float64).dtype == gd.arange(2, dtype=float).dtype == np.float64


def test_like_a_list():
    assert gd.zeros_like([1, 2]).dtype == np.int64
    assert gd.ones_like([[1.0, 2.0]]).tolist() == [[1, 1]]
    assert gd.full_like((1.0, 2.0), 3).dtype == np.float32
    assert (
        gd.empty_like(2.0).shape == () and gd.zeros_like([1], dtype="float64").dtype == np.float64
    )
