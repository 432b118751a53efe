"""The elementwise kernels against NumPy and `math` in a wider type, through their own doors."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from graddl._kernels import elementwise as kernels

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the oracles', at domain edges

DTYPES = [np.float32, np.float64]
WIDER = {np.float32: np.float64, np.float64: np.longdouble}
ULPS = {np.float32: 4.0, np.float64: 2.0}


def sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x < 0, z, z.dtype.type(1)) / (1 + z)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def erf(x):
    return np.vectorize(math.erf, otypes=[np.float64])(x).astype(x.dtype)


# Values by NumPy where it has the op. Domains in which a sample is an ordinary number.
ORACLES = {
    "sigmoid": sigmoid,
    "softplus": softplus,
    "relu": lambda x: np.where(x <= 0, x.dtype.type(0), x),
    "erf": erf,
}
DOMAINS = {"log": (0.05, 6.0), "sqrt": (0.05, 6.0), "reciprocal": (0.3, 4.0), "tan": (-1.2, 1.2)}
DOMAINS_2 = {"power": ((0.2, 3.0), (-2.0, 3.0)), "divide": ((-3.0, 3.0), (0.4, 3.0))}

UNARY = sorted(name for name, doors in kernels.KERNELS.items() if "k1" in doors)
BINARY = sorted(name for name, doors in kernels.KERNELS.items() if "k2" in doors)


def oracle(name):
    return ORACLES.get(name) or getattr(np, name)


def samples(name, shape, dtype, seed=0):
    """Inputs inside the domain of op `name`, away from kinks: one array or two."""
    rng = np.random.default_rng(seed)
    if name in UNARY:
        domains = [DOMAINS.get(name, (-3.0, 3.0))]
    else:
        domains = DOMAINS_2.get(name, ((-3.0, 3.0), (-3.0, 3.0)))
    return [rng.uniform(*domain, shape).astype(dtype) for domain in domains]


def ulps(got, want):
    """Largest distance, in units of the last place of `want` rounded to got's dtype."""
    rounded = want.astype(got.dtype)
    ordinary = np.isfinite(rounded) & np.isfinite(got)
    unit = np.spacing(np.abs(rounded[ordinary])).astype(want.dtype)
    return float(np.max(np.abs(got[ordinary].astype(want.dtype) - want[ordinary]) / unit))


def every_kind_of_number(dtype):
    """Bit patterns over the whole type, then a dense sweep of the middle, then specials."""
    bits, wide = (np.uint32, 32) if dtype is np.float32 else (np.uint64, 64)
    patterns = np.arange(40_000, dtype=bits) * bits((1 << wide) // 40_000)
    info = np.finfo(dtype)
    return np.concatenate(
        [
            patterns.view(dtype),
            np.linspace(-30, 30, 40_001).astype(dtype),
            np.linspace(-750, 750, 5_001).astype(dtype),
            np.linspace(-1.5, 1.5, 20_001).astype(dtype),
            (1 + np.linspace(-1e-3, 1e-3, 2_001)).astype(dtype),
            specials(dtype),
            np.array([info.max, info.min, info.tiny, info.eps, 88.72284, 89, -87.4, -103.9], dtype),
        ]
    )


def specials(dtype):
    least = np.finfo(dtype).smallest_subnormal
    return np.array([0.0, -0.0, np.inf, -np.inf, np.nan, least, -least, 1.0, -1.0, 0.5], dtype)


def run_in_pieces(name, *operands):
    """Value of a long array: an op without a vector form takes short arrays only."""
    y = kernels.forward(name, *operands)
    if y is not NotImplemented:
        return y
    cuts = range(0, len(operands[0]), 50)
    return np.concatenate([kernels.forward(name, *(v[i : i + 50] for v in operands)) for i in cuts])


def needs_wider(dtype):
    if np.finfo(WIDER[dtype]).nmant <= np.finfo(dtype).nmant:
        pytest.skip("long double is no wider than double here")


# ---- Values ----


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_unary_value_over_the_whole_type(name, dtype):
    needs_wider(dtype)
    x = every_kind_of_number(dtype)
    want = oracle(name)(x.astype(WIDER[dtype]))
    got = run_in_pieces(name, x)
    assert got.dtype == dtype
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    edge = np.abs(want) > np.finfo(dtype).max  # may round to the largest number or overflow
    far = np.isinf(want)
    np.testing.assert_array_equal(got[far], want[far].astype(dtype))
    assert np.all(np.isinf(got) <= edge | (got == want))
    assert ulps(got, want) <= ULPS[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_binary_value(name, dtype):
    needs_wider(dtype)
    a, b = (v.ravel() for v in np.meshgrid(specials(dtype), specials(dtype)))
    got = run_in_pieces(name, a, b)
    # NumPy in the same type: at these points a wider one overflows and underflows elsewhere.
    np.testing.assert_allclose(got, oracle(name)(a, b), rtol=4 * np.finfo(dtype).eps, atol=0)

    a, b = samples(name, 5000, dtype)
    want = oracle(name)(a.astype(WIDER[dtype]), b.astype(WIDER[dtype]))
    assert ulps(run_in_pieces(name, a, b), want) <= ULPS[dtype]


@pytest.mark.parametrize("name", ["tanh", "erf", "sin", "sqrt", "negative", "positive", "tan"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_signed_zero(name, dtype):
    x = np.array([0.0, -0.0], dtype)
    y = kernels.forward(name, x)
    want = [True, False] if name == "negative" else [False, True]
    assert np.all(y == 0)
    assert np.signbit(y).tolist() == want


@pytest.mark.parametrize("name", ["maximum", "minimum", "add", "multiply", "divide", "arctan2"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_on_either_side_gives_nan(name, dtype):
    one, nan = np.ones(3, dtype), np.full(3, np.nan, dtype)
    assert np.isnan(kernels.forward(name, one, nan)).all()
    assert np.isnan(kernels.forward(name, nan, one)).all()


def test_float32_exp_underflows_gradually():
    x = np.linspace(-103.5, -88, 500, dtype=np.float32)
    y = kernels.forward("exp", x)
    assert np.all(y > 0)
    assert np.all(y < np.finfo(np.float32).tiny)


# ---- Gradients: against differences of the oracle in long double, so no formula stands here ----


def difference(name, operands, i):
    wide = [v.astype(np.longdouble) for v in operands]
    h = np.longdouble(2.0) ** -17
    up = [v + h if j == i else v for j, v in enumerate(wide)]
    down = [v - h if j == i else v for j, v in enumerate(wide)]
    return (oracle(name)(*up) - oracle(name)(*down)) / (2 * h)


def gradient(name, i, g, operands, y=None):
    a, b = [*operands, None][:2]
    if y is None:
        y = kernels.forward(name, a, b)
    return kernels.vjp(name, i, g, a, b, y)


CASES = [(name, 0) for name in UNARY] + [(name, i) for name in BINARY for i in (0, 1)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name, i", CASES)
def test_vjp_is_g_times_the_derivative(name, i, dtype):
    operands = samples(name, 60, dtype)
    g = np.random.default_rng(1).standard_normal(60).astype(dtype)
    gx = gradient(name, i, g, operands)
    want = g * difference(name, operands, i)
    assert gx.dtype == dtype
    assert gx.shape == g.shape
    # Differences of erf are of doubles; the others, of long doubles, lose 2^-34 to the step.
    tolerance = 2e-5 if dtype is np.float32 else 1e-8
    np.testing.assert_allclose(gx, want.astype(np.float64), rtol=tolerance, atol=tolerance / 10)


@pytest.mark.parametrize("name, i", CASES)
def test_scalar_derivative_equals_the_loop(name, i):
    operands = samples(name, 20, np.float64)
    one = np.ones(20)
    gx = gradient(name, i, one, operands)
    for k in range(20):
        a, b = [*(float(v[k]) for v in operands), 0.0][:2]
        d = kernels.scalar_d(name, a, b, kernels.scalar(name, a, b))
        # tanh is 1 - y * y: a last bit of y weighs more where y is near 1
        assert d[i] == pytest.approx(gx[k], rel=1e-12, abs=1e-15)
        if name in UNARY:
            assert d[1] == 0


SUBGRADIENTS = [  # op, input, its operands, the derivative that is agreed upon
    ("abs", 0, (0.0,), 0.0),
    ("abs", 0, (-2.0,), -1.0),
    ("relu", 0, (0.0,), 0.0),
    ("relu", 0, (-1.0,), 0.0),
    ("relu", 0, (math.nan,), 1.0),
    ("maximum", 0, (1.0, 1.0), 0.5),
    ("maximum", 1, (1.0, 1.0), 0.5),
    ("maximum", 0, (1.0, 2.0), 0.0),
    ("minimum", 1, (3.0, 3.0), 0.5),
    ("minimum", 1, (1.0, 2.0), 0.0),
    ("maximum", 0, (math.nan, 2.0), 1.0),
    ("sqrt", 0, (0.0,), math.inf),
    ("power", 0, (0.0, 0.0), 0.0),
    ("power", 0, (math.nan, 0.0), 0.0),
    ("power", 1, (0.0, 2.0), 0.0),
    ("power", 1, (0.0, 0.0), 0.0),
    ("power", 0, (-2.0, 3.0), 12.0),
    ("hypot", 0, (0.0, 0.0), 0.0),
    ("hypot", 1, (0.0, 0.0), 0.0),
    ("arctan2", 0, (0.0, 0.0), 0.0),
    ("arctan2", 1, (0.0, 0.0), 0.0),
]


@pytest.mark.parametrize("name, i, operands, want", SUBGRADIENTS)
def test_subgradients(name, i, operands, want):
    y = kernels.scalar(name, *operands)
    a, b = [*operands, 0.0][:2]
    assert kernels.scalar_d(name, a, b, y)[i] == want
    for dtype in DTYPES:
        arrays = [np.full(20, v, dtype) for v in operands]
        g = np.full(20, 3.0, dtype)
        np.testing.assert_array_equal(gradient(name, i, g, arrays), np.full(20, 3 * want, dtype))


def test_scalar_sqrt_at_zero_has_infinite_slope():
    assert kernels.scalar_d("sqrt", 0.0, 0.0, 0.0) == (math.inf, 0.0)


MATH = ["exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "erf"]


@pytest.mark.parametrize("name", MATH)
def test_scalar_has_the_bits_of_the_c_library(name):
    for x in samples(name, 200, np.float64)[0].tolist():
        assert kernels.scalar(name, x) == getattr(math, name)(x)


def test_scalar_never_raises():
    assert kernels.scalar("divide", 1.0, 0.0) == math.inf
    assert kernels.scalar("log", 0.0) == -math.inf
    assert math.isnan(kernels.scalar("sqrt", -1.0))
    assert kernels.scalar("exp", 1e9) == math.inf
    assert kernels.scalar("softplus", -1e9) == 0
    assert kernels.scalar("sigmoid", 1e9) == 1


# ---- Operands of fewer elements: as if they were written out ----

SHAPES = [
    ((8,), ()),
    ((1000,), ()),
    ((5, 3), (3,)),
    ((700, 10), (10,)),
    ((2, 3000), (3000,)),
    ((3, 700), (700,)),
    ((4, 5, 6), (5, 6)),
    ((1025,), (1025,)),
    ((0, 3), (3,)),
    ((), ()),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["subtract", "divide", "maximum", "hypot"])
@pytest.mark.parametrize("shape, short", SHAPES)
def test_short_operands(name, shape, short, dtype):
    a = samples(name, shape, dtype)[0]
    b = samples(name, short, dtype, seed=1)[1]
    full = np.ascontiguousarray(np.broadcast_to(b, shape)).reshape(shape)
    for left, right, left_full, right_full in [(a, b, a, full), (b, a, full, a)]:
        y = kernels.forward(name, left, right)
        np.testing.assert_array_equal(y, oracle(name)(left_full, right_full), strict=True)
        for g in [a.copy(), np.broadcast_to(dtype(1.5), shape)]:
            g_full = np.array(g)
            for i in (0, 1):
                gx = kernels.vjp(name, i, g, left, right, y)
                want = kernels.vjp(name, i, g_full, left_full, right_full, y)
                np.testing.assert_array_equal(gx, want, strict=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [0.1, -3, 1e300, math.nan])
@pytest.mark.parametrize("n", [1, 8, 2000])
def test_python_numbers_are_weak(number, n, dtype):
    x = np.linspace(0.5, 2, n).astype(dtype)
    with np.errstate(over="ignore"):
        same = np.array(number).astype(dtype)
    np.testing.assert_array_equal(kernels.forward("divide", x, number), x / same, strict=True)
    np.testing.assert_array_equal(kernels.forward("divide", number, x), same / x, strict=True)
    np.testing.assert_array_equal(
        kernels.vjp("multiply", 0, x, None, number, None), x * same, strict=True
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY + BINARY)
def test_empty_and_0d(name, dtype):
    for shape in [(), (0,), (3, 0), (1, 1)]:
        operands = samples(name, shape, dtype)
        y = kernels.forward(name, *operands)
        assert isinstance(y, np.ndarray)
        assert (y.shape, y.dtype) == (shape, dtype)
        gx = gradient(name, 0, np.ones(shape, dtype), operands, y)
        assert (gx.shape, gx.dtype) == (shape, dtype)


@pytest.mark.parametrize("name, i", CASES)
def test_a_gradient_reads_only_what_it_needs(name, i):
    """Each operand may be missing: either the result is the same, or the door declines."""
    operands = [*samples(name, 9, np.float32), None][:2]
    g = np.ones(9, np.float32)
    y = kernels.forward(name, *operands)
    want = kernels.vjp(name, i, g, *operands, y)
    for missing in range(3):
        values = [None if j == missing else v for j, v in enumerate([*operands, y])]
        gx = kernels.vjp(name, i, g, *values)
        assert gx is NotImplemented or np.array_equal(gx, want)


@pytest.mark.parametrize("name, i, kept", [
    ("tanh", 0, "y"), ("sigmoid", 0, "y"), ("exp", 0, "y"), ("sqrt", 0, "y"), ("tan", 0, "y"),
    ("relu", 0, "a"), ("softplus", 0, "a"), ("abs", 0, "a"), ("log", 0, "a"), ("square", 0, "a"),
    ("sin", 0, "a"), ("cos", 0, "a"), ("erf", 0, "a"), ("add", 0, ""), ("add", 1, ""),
    ("subtract", 1, ""), ("negative", 0, ""), ("multiply", 0, "b"), ("multiply", 1, "a"),
    ("divide", 0, "b"), ("divide", 1, "by"), ("maximum", 0, "ab"), ("minimum", 1, "ab"),
    ("power", 0, "ab"), ("power", 1, "ay"), ("arctan2", 0, "ab"), ("arctan2", 1, "ab"),
    ("hypot", 0, "ay"), ("hypot", 1, "by"),
])  # fmt: skip
def test_what_a_gradient_needs(name, i, kept):
    operands = [*samples(name, 9, np.float32), None][:2]
    values = dict(zip("aby", [*operands, kernels.forward(name, *operands)], strict=True))
    g = np.ones(9, np.float32)
    assert kernels.vjp(name, i, g, *(values[k] if k in kept else None for k in "aby")) is not (
        NotImplemented
    )


def test_gradient_of_add_is_g_itself():
    g = np.ones(4, np.float32)
    assert kernels.vjp("add", 0, g, None, None, None) is g
    assert kernels.vjp("add", 1, g, None, None, None) is g
    assert kernels.vjp("subtract", 0, g, None, None, None) is g
    assert kernels.vjp("positive", 0, g, None, None, None) is g


# ---- What the doors leave to NumPy ----

X = np.ones((4, 6), np.float32)
DECLINED = {
    "dtypes differ": (X, X.astype(np.float64)),
    "0-d of another dtype": (X, np.array(2.0)),
    "integers": (np.ones(3, int), np.ones(3, int)),
    "half": (np.ones(3, np.float16), np.ones(3, np.float16)),
    "complex": (np.ones(3, complex), 2.0),
    "not contiguous": (X[:, ::2], X[:, ::2]),
    "Fortran order": (np.asfortranarray(X), X),
    "other byte order": (X.astype(">f4"), X.astype(">f4")),
    "shapes": (X, X[:3]),
    "leading axis of one": (X, X[:1]),
    "column": (X, X[:, :1].copy()),
    "subclass": (np.ma.ones(3, np.float32), np.ones(3, np.float32)),
    "NumPy scalar": (X, np.float32(2)),
    "bool": (X, True),
    "huge int": (X, 10**400),
    "no array": (2.0, 3.0),
    "None": (X, None),
}


@pytest.mark.parametrize("case", DECLINED)
def test_forward_declines(case):
    a, b = DECLINED[case]
    assert kernels.forward("multiply", a, b) is NotImplemented
    assert kernels.forward("multiply", b, a) is NotImplemented


@pytest.mark.parametrize("case", DECLINED)
def test_vjp_declines(case):
    g, b = DECLINED[case]
    assert kernels.vjp("multiply", 0, g, None, b, None) is NotImplemented


@pytest.mark.parametrize(
    "x", [np.ones(3, int), X[:, ::2], np.ones(3, np.float16), 2.0, [1.0], None]
)
def test_unary_declines(x):
    assert kernels.forward("exp", x) is NotImplemented
    assert kernels.vjp("tanh", 0, x, None, None, x) is NotImplemented


def test_misaligned_declines():
    x = np.zeros(4 * 5 + 1, np.uint8)[1:].view(np.float32)
    assert kernels.forward("exp", x) is NotImplemented


@pytest.mark.parametrize("name", ["sin", "power"])
def test_a_long_array_goes_to_numpy_where_numpy_is_faster(name):
    operands = samples(name, 10_000, np.float32)
    assert kernels.forward(name, *operands) is NotImplemented
    assert kernels.forward(name, *(v[:8] for v in operands)) is not NotImplemented


# ---- Sum, its gradient, accumulation ----


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [0, 1, 7, 64, 1000, 1024, 1025, 100_003])
def test_sum(n, dtype):
    x = np.random.default_rng(n).standard_normal(n).astype(dtype)
    y = kernels.total(x)
    assert isinstance(y, np.ndarray)
    assert (y.shape, y.dtype) == ((), dtype)
    error = abs(float(y) - math.fsum(x.tolist()))
    assert error <= 4 * np.finfo(dtype).eps * max(1.0, math.fsum(np.abs(x).tolist()) / 50)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_sum_of_specials(value):
    x = np.ones(5000, np.float32)
    x[1234] = value
    np.testing.assert_array_equal(kernels.total(x), np.float32(value))
    x[17] = -value
    assert np.isnan(kernels.total(x))


def test_sum_is_as_exact_as_numpy_on_many_equal_numbers():
    x = np.full(2**22, 0.1, np.float32)
    exact = float(np.float32(0.1)) * x.size
    assert abs(float(kernels.total(x)) - exact) <= abs(float(np.sum(x)) - exact) + 0.1


@pytest.mark.parametrize("x", [X[:, ::2], np.ones(3, int), X.T, 2.0])
def test_sum_declines(x):
    assert kernels.total(x) is NotImplemented


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (4, 5, 6), (1,) * 20])
def test_fill_view(shape):
    g = np.array(2.5, np.float32)
    view = kernels.fill_view(g, shape)
    np.testing.assert_array_equal(view, np.full(shape, 2.5, np.float32), strict=True)
    assert view.base is g
    assert view.strides == (0,) * len(shape)
    assert not view.flags.writeable
    if view.size:
        gx = kernels.vjp("negative", 0, view, None, None, None)
        np.testing.assert_array_equal(gx, np.full(shape, -2.5, np.float32), strict=True)


def test_fill_view_keeps_its_number_alive():
    view = kernels.fill_view(np.array(7.0), (3,))
    assert view.tolist() == [7.0, 7.0, 7.0]


def test_fill_view_declines():
    assert kernels.fill_view(np.ones(1), (3,)) is NotImplemented
    assert kernels.fill_view(1.0, (3,)) is NotImplemented


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (0,), (40, 50)])
def test_accumulate(shape, dtype):
    rng = np.random.default_rng(0)
    for g in [
        rng.standard_normal(shape).astype(dtype),
        kernels.fill_view(np.array(2, dtype), shape),
    ]:
        g = np.asarray(g)
        h = np.asarray(rng.standard_normal(shape).astype(dtype))
        want = np.asarray(h + g)
        assert kernels.accumulate(h, g)
        np.testing.assert_array_equal(h, want, strict=True)
    h = np.ones(5, dtype)
    assert kernels.accumulate(h, h)
    assert h.tolist() == [2.0] * 5


@pytest.mark.parametrize("g", [X[:3], X.astype(np.float64), np.asfortranarray(X), 2.0, X[0]])
def test_accumulate_declines(g):
    h = X.copy()
    assert not kernels.accumulate(h, g)
    np.testing.assert_array_equal(h, X)


def test_accumulate_never_writes_to_a_read_only_array():
    h = X.copy()
    h.flags.writeable = False
    assert not kernels.accumulate(h, X)
    np.testing.assert_array_equal(h, X)


# ---- The table, and the instruction sets ----


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_registered_doors(name):
    forward = "k1" if name in UNARY else "k2"
    assert set(kernels.KERNELS[name]) == {"scalar", "scalar_d", forward, "kv", "loops"}


def digest():
    """Bits of every loop on fixed inputs."""
    bits = hashlib.sha256()
    for dtype in DTYPES:
        for name in UNARY + BINARY:
            operands = samples(name, 61, dtype)
            y = kernels.forward(name, *operands)
            for i in range(len(operands)):
                bits.update(np.asarray(gradient(name, i, y, operands, y)).tobytes())
            bits.update(y.tobytes())
        bits.update(kernels.total(samples("exp", 5000, dtype)[0]).tobytes())
    return bits.hexdigest()


@pytest.mark.parametrize("simd", ["base", "avx2"])
def test_same_bits_with_every_instruction_set(simd):
    """Widths do not change results: nothing is contracted, sums have a fixed number of lanes."""
    program = (
        f"import runpy; m = runpy.run_path({__file__!r}); print(m['kernels'].SIMD, m['digest']())"
    )
    reply = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GRADDL_SIMD": simd, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    used, got = reply.stdout.split()
    assert used in ("base", simd)
    assert got == digest()
