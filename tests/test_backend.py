import numpy as np
import pytest

from graddl import backend


def test_numpys_namespace_has_the_standard_and_the_primitives():
    missing = [
        n for n in backend.STANDARD | backend.PRIMITIVES if not hasattr(backend.numpy_namespace, n)
    ]
    assert not missing


def test_the_table_gives_rules_what_they_use_on_tensors():
    from graddl.ops import TABLE

    used = set()
    for op in TABLE.values():
        rules = [r.fn for r in op.rules if r is not None] + [r.fn for r in op.info["jvp"].values()]
        used |= {
            n
            for f in rules
            if callable(f)
            for n in f.__code__.co_names
            if n in backend.STANDARD | backend.PRIMITIVES
        }
    missing = [n for n in used if not hasattr(backend.tensor_namespace, n)]
    assert not missing, "second derivatives would fail"


def test_erf_is_the_error_function_point_by_point():
    import math

    x = np.linspace(-4, 4, 101)
    np.testing.assert_allclose(backend.erf(x), [math.erf(v) for v in x], rtol=1e-15)
    assert backend.erf(x.astype(np.float32)).dtype == np.float32
    assert backend.erf(x.astype(np.float16)).dtype == np.float16
    assert backend.erf(x[:5].reshape(5, 1)).shape == (5, 1)


def test_add_at_adds_elements_that_are_named_twice():
    g = np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(
        backend.add_at(g, index=np.array([0, 1, 1]), shape=(3,)), [1.0, 6.0, 0.0]
    )
    np.testing.assert_array_equal(
        backend.add_at(g, index=slice(0, 3), shape=(4,)), [1.0, 2.0, 4.0, 0.0]
    )
    mask = np.array([True, False, True, True])
    np.testing.assert_array_equal(backend.add_at(g, index=mask, shape=(4,)), [1.0, 0.0, 2.0, 4.0])


def test_sums_of_float16_are_accumulated_in_float32():
    x = np.ones(4096, np.float16)
    total = backend.numpy_namespace.sum(x)
    assert float(total) == 4096.0 and total.dtype == np.float16


def test_every_kernel_belongs_to_an_entry():
    from graddl._kernels.elementwise import KERNELS
    from graddl.ops import TABLE

    helpers = {"accumulate", "fill_view"}
    assert set(KERNELS) - helpers <= set(TABLE) | {"positive", "reciprocal"}
    assert TABLE["tanh"].kernels == ("k1", "kv", "scalar", "scalar_d")


def test_kernels_can_be_taken_out_and_put_back():
    import graddl as gd

    op = gd.ops.TABLE["multiply"]
    x = gd.tensor([1.0, 2.0])
    before = (x * x).numpy()
    op.unbind()
    try:
        assert op.kernels == ()
        np.testing.assert_array_equal((x * x).numpy(), before)
    finally:
        for door, capsule in backend.kernels_of("multiply").items():
            op.bind(door, capsule)
    with pytest.raises(ValueError):
        op.bind("no such door", next(iter(backend.kernels_of("multiply").values())))


def test_erf_keeps_floating_dtypes():
    import graddl as gd

    for dtype in (np.float16, np.float32, np.float64):
        assert gd.erf(gd.tensor(np.ones(3, dtype))).dtype == dtype
    assert gd.erf(gd.tensor([1])).dtype == np.float32
