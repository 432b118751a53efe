import numpy as np
import pytest

import graddl as gd


def test_the_same_seed_gives_the_same_numbers():
    a = gd.randn(4, generator=gd.Generator(3)).numpy()
    b = gd.randn(4, generator=gd.Generator(3)).numpy()
    c = gd.randn(4, generator=gd.Generator(4)).numpy()
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_manual_seed_seeds_the_default_generator():
    gd.manual_seed(7)
    first = gd.rand(3).tolist(), gd.randint(0, 9, (4,)).tolist(), gd.permutation(5).tolist()
    gd.manual_seed(7)
    assert first == (
        gd.rand(3).tolist(),
        gd.randint(0, 9, (4,)).tolist(),
        gd.permutation(5).tolist(),
    )


def test_a_state_can_be_saved_and_restored():
    g = gd.Generator(0)
    gd.randn(5, generator=g)
    state = g.get_state()
    first = gd.randn(5, generator=g).tolist()
    g.set_state(state)
    assert gd.randn(5, generator=g).tolist() == first


def test_numpys_global_generator_is_left_alone():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    gd.randn(10), gd.rand(10), gd.randint(0, 5, (3,)), gd.permutation(4)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_shapes_dtypes_and_moments():
    g = gd.Generator(1)
    x = gd.randn((200, 100), generator=g)
    u = gd.rand(200, 100, dtype="float64", generator=g)
    assert x.shape == u.shape == (200, 100) and x.dtype == np.float32 and u.dtype == np.float64
    assert x.numpy().mean() == pytest.approx(0, abs=0.03)
    assert x.numpy().std() == pytest.approx(1, abs=0.03)
    assert 0 <= u.numpy().min() and u.numpy().max() < 1
    assert u.numpy().mean() == pytest.approx(0.5, abs=0.01)
    r = gd.randint(-2, 3, (1000,), generator=g).numpy()
    assert set(r.tolist()) == {-2, -1, 0, 1, 2}
    assert sorted(gd.permutation(6, g).tolist()) == list(range(6))
