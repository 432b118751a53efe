"""Every function of NumPy that may be called with Tensors.

Each carries gradients, gives integers or booleans, makes new arrays, or is refused with a fix. What
is in none of the tables below fails, so that a new NumPy shows what is new."""

import inspect

import numpy as np
import numpy.char
import numpy.fft
import numpy.lib.recfunctions
import numpy.polynomial
import numpy.strings
import pytest
from numpy.testing import overrides

import graddl as gd
from graddl import numpy_protocol
from tests.tensors import leaf

pytestmark = pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
RNG = np.random.default_rng(0)


def uniform(*shape, low=0.3, high=0.9):
    return RNG.uniform(low, high, shape)


V, W, M, N, S = uniform(4), uniform(4), uniform(3, 4), uniform(3, 4), uniform(3, 3) + 2 * np.eye(3)
T, C, D = uniform(2, 3, 4), uniform(3), uniform(2, 3)
SIGNED = uniform(3, 4, low=-2, high=2)
POSITIVE = S @ S.T  # a symmetric matrix with positive eigenvalues
RISING = np.array([0.1, 0.35, 0.62, 0.97])
HOLES = np.eye(3, 4) > 0
MASK = np.array([True, False, True, True])
UNITS, WHOLE = np.array([1, 0, 2, 2]), np.array([[3, 1, 4, 1], [5, 9, 2, 6]])


def named(f):
    return f.__name__


def names(*texts):
    return " ".join(texts).split()


def f1(f, x):
    return f(x)


def f2(f, x, y):
    return f(x, y)


# ---------------------------------------------------------------------- ufuncs
# Those of one argument and of two that carry gradients, with what they are called with.
UNARY = """absolute arccos arcsin arcsinh arctan arctanh cbrt ceil conjugate cos cosh deg2rad
    degrees exp exp2 expm1 fabs floor frexp log log10 log1p log2 modf negative positive rad2deg
    radians reciprocal rint sign sin sinh spacing sqrt square tan tanh trunc""".split()
BINARY = """add arctan2 divide divmod float_power floor_divide fmax fmin fmod
    hypot logaddexp logaddexp2 maximum minimum multiply power remainder subtract""".split()
UFUNCS = {
    **{name: (f1, M) for name in UNARY},
    **{name: (f2, M, V) for name in BINARY},
    "arccosh": (f1, M + 1),
    "copysign": (lambda f, x: f(x, SIGNED), M),
    "heaviside": (lambda f, v: f([-1.0, 0.0, 2.0, 0.0], v), V),
    "ldexp": (lambda f, x: f(x, [1, -1, 0, 2]), M),
    "clip": (lambda f, x, low, high: f(x, low, high), M, V - 0.1, V + 0.1),
    "nextafter": (lambda f, x: f(x, 1.0), M),
    "matmul": (f2, M, N.T),
    "matvec": (f2, M, V),
    "vecdot": (f2, M, N),
    "vecmat": (f2, C, M),
}
FLAT = {*names("angle around ceil fix floor floor_divide imag rint round sign spacing trunc")}
WHOLE_UFUNCS = {
    **{
        name: (lambda f, x: f(x, x[0]), WHOLE)
        for name in "bitwise_and bitwise_or bitwise_xor gcd lcm left_shift right_shift".split()
    },
    **{name: (f1, WHOLE) for name in ("bitwise_count", "invert")},
    **{
        name: (lambda f, x: f(x, 0.5), SIGNED)
        for name in """equal greater greater_equal less less_equal logical_and logical_or
        logical_xor not_equal""".split()
    },
    **{name: (f1, SIGNED) for name in ("isfinite", "isinf", "isnan", "logical_not", "signbit")},
    "_ones_like": (f1, WHOLE),
}
REFUSED_UFUNCS = {"isnat": "dates"}
ALL_UFUNCS = sorted(overrides.get_overridable_numpy_ufuncs(), key=lambda u: u.__name__)
NUMERIC = [u for u in ALL_UFUNCS if u.types]
TEXT = [u for u in ALL_UFUNCS if not u.types and not hasattr(gd, u.__name__)]  # real and imag: 2.5


# ---------------------------------------------------------------------- functions
def listed(*texts):
    return {name: (f1, M) for name in names(*texts)}


def pair(*texts):
    return {name: (f2, M, N) for name in names(*texts)}


CARRIES = {
    **listed(
        "amax amin max min mean median prod ptp std sum var cumprod cumsum diff ediff1d",
        "corrcoef cov i0 sinc angle fix around round unwrap sort histogram",
        "histogram_bin_edges copy real imag real_if_close ravel transpose matrix_transpose squeeze",
        "flip fliplr flipud rot90 diag diagflat diagonal trace tril triu unstack atleast_1d",
        "atleast_2d atleast_3d",
        "linalg.diagonal linalg.matrix_transpose linalg.trace linalg.matrix_norm linalg.norm",
        "linalg.vector_norm linalg.svdvals linalg.pinv linalg.cond",
    ),
    **pair("append inner kron vdot outer linalg.tensordot linalg.vecdot"),
    **{name: (f2, V, C) for name in ("polyadd", "polymul", "polysub")},
    **{
        name: (lambda f, x: f(x, like=x), M)
        for name in "array asarray asanyarray ascontiguousarray asfortranarray require".split()
    },
    "apply_along_axis": (lambda f, x: f(lambda row: row * np.sum(row), 1, x), T),
    "apply_over_axes": (lambda f, x: f(np.sum, x, (0, 2)), T),
    "array_split": (lambda f, x: f(x, 3, axis=1), M),
    "astype": (lambda f, x: f(x, np.float64), M),
    "average": (lambda f, x, w: f(x, axis=1, weights=w), M, V),
    "block": (lambda f, x, y: f([[x, y], [np.zeros((1, 4)), y[:1] * 2]]), M, N),
    "broadcast_arrays": (f2, M, V),
    "broadcast_to": (lambda f, x: f(x, (2, 3, 4)), M),
    "bincount": (lambda f, w: f(UNITS, w), V),
    "choose": (lambda f, x, y: f([[0, 1, 1, 0]] * 3, [x, y]), M, N),
    "clip": (lambda f, x: f(x, 0.4, 0.7), M),
    "column_stack": (lambda f, x, y: f((x, y)), C, M),
    "compress": (lambda f, x: f([True, False, True], x, axis=0), M),
    "concatenate": (lambda f, x, y: f((x, y), axis=1), M, N),
    "convolve": (lambda f, x, y: f(x, y, "same"), V, C),
    "correlate": (lambda f, x, y: f(x, y, "full"), V, C),
    "cross": (f2, uniform(2, 3), C),
    "cumulative_prod": (lambda f, x: f(x, axis=1), M),
    "cumulative_sum": (lambda f, x: f(x, axis=0), M),
    "delete": (lambda f, x: f(x, 1, axis=1), M),
    "dot": (f2, M, V),
    "dsplit": (lambda f, x: f(x, 2), T),
    "dstack": (lambda f, x, y: f((x, y)), M, N),
    "einsum": (lambda f, x, y: f("ij,kj->ik", x, y), M, N),
    "expand_dims": (lambda f, x: f(x, 1), M),
    "extract": (lambda f, x: f(MASK, x), V),
    "full": (lambda f, x: f((2, 4), x, like=x), V),
    "full_like": (lambda f, x: f(x, x[0]), M),
    "geomspace": (lambda f, a, b: f(a, b, 5), V, V + 2),
    "gradient": (lambda f, x, a, b: f(x, a, b, edge_order=2), M, np.arange(3) + C / 4, RISING),
    "hsplit": (lambda f, x: f(x, [1, 3]), M),
    "hstack": (lambda f, x, y: f((x, y)), M, N),
    "insert": (lambda f, x, v: f(x, 1, v, axis=0), M, V),
    "interp": (lambda f, x, p, v: f(x, p, v, left=0.5), 2 * M - 0.6, RISING, V),
    "linspace": (lambda f, a, b: f(a, b, 5, axis=1), V, W),
    "logspace": (lambda f, a, b: f(a, b, 4, base=2.0), V, W),
    "meshgrid": (f2, V, C),
    "moveaxis": (lambda f, x: f(x, 0, -1), T),
    "nan_to_num": (lambda f, x: f(np.where(HOLES, np.inf, x)), M),
    **{
        name: (lambda f, x: f(np.where(HOLES, np.nan, x), axis=1), M)
        for name in names(
            "nancumprod nancumsum nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar"
        )
    },
    "nanpercentile": (lambda f, x: f(np.where(HOLES, np.nan, x), 30, axis=1), M),
    "nanquantile": (lambda f, x: f(np.where(HOLES, np.nan, x), 0.3, axis=1), M),
    "partition": (lambda f, x: f(x, 2), M),
    "pad": (lambda f, x: f(x, ((1, 0), (2, 1)), mode="reflect"), M),
    "percentile": (lambda f, x: f(x, [30, 55], axis=1), M),
    "piecewise": (lambda f, x: f(x, [SIGNED < 0, SIGNED > 1], [lambda x: x**3, 0.5, np.exp]), M),
    "poly": (f1, V),
    "polyder": (lambda f, p: f(p, 2), V),
    "polydiv": (f2, V, C[:2] + 1),
    "polyfit": (lambda f, x, y: f(x, y, 1), RISING, V),
    "polyint": (lambda f, p, k: f(p, 3, k), V, C),
    "polyval": (f2, V, M),
    "quantile": (lambda f, x: f(x, 0.3, axis=0), M),
    "repeat": (lambda f, x: f(x, 2, axis=1), M),
    "reshape": (lambda f, x: f(x, (2, 6)), M),
    "resize": (lambda f, x: f(x, (3, 5)), M),
    "roll": (lambda f, x: f(x, 2, axis=1), M),
    "rollaxis": (lambda f, x: f(x, 2), T),
    "select": (lambda f, x, y: f([SIGNED > 1, SIGNED < 0], [x, y], 0.5), M, N),
    "split": (lambda f, x: f(x, 2, axis=1), M),
    "stack": (lambda f, x, y: f([x, y], axis=-1), M, N),
    "swapaxes": (lambda f, x: f(x, 0, 2), T),
    "take": (lambda f, x: f(x, [0, 2, 2], axis=1), M),
    "take_along_axis": (lambda f, x: f(x, np.argsort(SIGNED), axis=1), M),
    "tensordot": (lambda f, x, y: f(x, y, axes=((0, 1), (0, 1))), M, N),
    "tile": (lambda f, x: f(x, (2, 1)), M),
    "trapezoid": (lambda f, y, x: f(y, x), M, RISING),
    "trim_zeros": (lambda f, x: f(np.concatenate([np.zeros(1), x, np.zeros(2)])), V),
    **{
        name: (f1, V)
        for name in "unique unique_all unique_counts unique_inverse unique_values".split()
    },
    "vander": (lambda f, x: f(x, 3), V),
    "vsplit": (lambda f, x: f(x, 3), M),
    "vstack": (lambda f, x, y: f((x, y)), M, V),
    "where": (lambda f, x, y: f(SIGNED > 0, x, y), M, V),
    "linalg.cholesky": (lambda f, x: f(x @ np.swapaxes(x, 0, 1)), S),
    "linalg.cross": (f2, uniform(2, 3), C),
    "linalg.det": (f1, S),
    "linalg.eigh": (lambda f, x: f(x + np.transpose(x))[0], S),
    "linalg.eigvalsh": (lambda f, x: f(x + np.transpose(x)), S),
    "linalg.inv": (f1, S),
    "linalg.lstsq": (lambda f, a, b: f(a, b)[0], M.T, V),
    "linalg.matmul": (f2, M, N.T),
    "linalg.matrix_power": (lambda f, x: f(x, 3), S),
    "linalg.multi_dot": (lambda f, x, y, z: f([x, y, z]), M, N.T, S),
    "linalg.outer": (f2, V, C),
    "linalg.qr": (f1, S),
    "linalg.slogdet": (lambda f, x: f(x)[1], S),
    "linalg.solve": (f2, S, M),
    "linalg.svd": (lambda f, x: f(x)[1], S),
    "linalg.tensorinv": (
        lambda f, x: f(x + np.eye(4).reshape(2, 2, 2, 2), ind=2),
        uniform(2, 2, 2, 2),
    ),
    "linalg.tensorsolve": (
        lambda f, a, b: f(a + np.eye(4).reshape(2, 2, 2, 2), b),
        uniform(2, 2, 2, 2),
        D[:, :2],
    ),
    "fft.fftshift": (f1, M),
    "fft.ifftshift": (lambda f, x: f(x, axes=1), M),
    "lib.stride_tricks.sliding_window_view": (lambda f, x: f(x, 2, axis=1), M),
}
LOOKS = {
    **{
        name: (f1, SIGNED)
        for name in """all any argmax argmin argsort argwhere array2string array_repr array_str
        common_type count_nonzero flatnonzero histogramdd iscomplex
        iscomplexobj isneginf isposinf isreal isrealobj min_scalar_type nanargmax nanargmin ndim
        nonzero result_type shape size tril_indices_from triu_indices_from
        linalg.matrix_rank""".split()
    },
    **{
        name: (lambda f, x: f(x, x[::-1]), SIGNED)
        for name in """allclose array_equal array_equiv isclose isin may_share_memory
        shares_memory""".split()
    },
    "argpartition": (lambda f, x: f(x, 1), C),
    "can_cast": (lambda f, x: f(x.dtype, x.dtype), M),
    "diag_indices_from": (f1, S),
    "digitize": (f2, M, RISING),
    "einsum_path": (lambda f, x: f("ij,kj,kl->il", x, x, x), M),
    "histogram2d": (f2, V, W),
    "ix_": (lambda f, x: f(x, [0, 1]), UNITS),
    "lexsort": (lambda f, x: f((x, x)), V),
    "packbits": (f1, WHOLE.astype(np.uint8)),
    "ravel_multi_index": (lambda f, i: f((i, i), (3, 3)), UNITS),
    "searchsorted": (f2, RISING, M),
    "unpackbits": (f1, WHOLE.astype(np.uint8)),
    "unravel_index": (lambda f, i: f(i, (2, 2)), UNITS),
}
MAKES = {
    **{name: (f1, M) for name in ("empty_like", "ones_like", "zeros_like")},
    **{
        name: (lambda f, t: f(3, like=t), V)
        for name in "arange empty eye identity ones tri zeros".split()
    },
    "frombuffer": (lambda f, t: f(b"12345678", like=t), V),
    "fromfunction": (lambda f, t: f(np.add, (2, 2), like=t), V),
    "fromiter": (lambda f, t: f(iter([1.0, 2.0]), float, like=t), V),
    "fromstring": (lambda f, t: f("1 2", sep=" ", like=t), V),
    "genfromtxt": (lambda f, t: f(["1 2", "3 4"], like=t), V),
    "loadtxt": (lambda f, t: f(["1 2", "3 4"], like=t), V),
}
REFUSED = {  # with the reason in a word
    **{name: ("complex", f1, S) for name in "sort_complex linalg.eig linalg.eigvals".split()},
    "roots": ("complex", f1, V),
    **{
        f"lib.scimath.{name}": ("complex", f1, M)
        for name in "arccos arcsin arctanh log log10 log2 sqrt".split()
    },
    **{f"lib.scimath.{name}": ("complex", f2, M, V) for name in ("logn", "power")},
    **{name: ("set", f2, V, C) for name in "intersect1d setdiff1d setxor1d union1d".split()},
    "save": ("file", lambda f, x: f("unwritten", x), V),
    "savetxt": ("file", lambda f, x: f("unwritten", x), V),
    "savez": ("file", lambda f, x: f("unwritten", w=x), V),
    "savez_compressed": ("file", lambda f, x: f("unwritten", x), V),
    "copyto": ("in place", lambda f, x: f(np.zeros(4), x), V),
    "fill_diagonal": ("in place", lambda f, x: f(x, 0), S),
    "place": ("in place", lambda f, x: f(x, MASK, [0]), V),
    "put": ("in place", lambda f, x: f(x, [0], [1]), V),
    "put_along_axis": ("in place", lambda f, x: f(x, UNITS[:1], 0, 0), V),
    "putmask": ("in place", lambda f, x: f(x, MASK, 0), V),
    "busday_count": ("dates", f2, V, W),
    "busday_offset": ("dates", f2, V, W),
    "is_busday": ("dates", f1, V),
    "polynomial.polynomial.polyval2d": ("series", lambda f, x, c: f(x, x, c), V, M),
    "polynomial.polynomial.polygrid2d": ("series", lambda f, x, c: f(x, x, c), V, M),
    "polynomial.polynomial.polyvalnd": ("series", lambda f, x, c: f(x, c), D, M),  # NumPy 2.5
    "datetime_as_string": ("dates", f1, V),
}
FILES = {"fromfile"}  # need a file: see the test of it
KINDS = {"fft": "complex", "strings": "text", "char": "text", "lib.recfunctions": "records"}
PLAIN = {  # arguments of their functions that are no arrays
    **dict(func=np.mean, names="x", key="x", drop_names="x", namemapper={}, required_dtype=float),
    **dict(sep="-", width=8, table="", old="a", new="b", i=2, values=1),
}
ALL_FUNCTIONS = {  # of two of one name the public one: NumPy has another for like=
    numpy_protocol._name(f): getattr(np, f.__name__) if f.__module__ == "numpy" else f
    for f in overrides.get_overridable_numpy_array_functions()
}


def kind_of(name):
    """What a function of this name computes with, if it is no function of real numbers."""
    return KINDS.get(name.rpartition(".")[0]) if name not in CARRIES else None


def available(table):
    """The names of a table that this NumPy has."""
    return sorted(name for name in table if name in ALL_FUNCTIONS)


def parts(y):
    """What a result is made of: arrays, numbers, text."""
    return [p for x in y for p in parts(x)] if isinstance(y, tuple | list) else [y]


def as_array(x):
    return x.numpy() if isinstance(x, gd.Tensor) else x


def same(got, want):
    """Whether two results agree in structure and values."""
    got, want = parts(got), parts(want)
    assert len(got) == len(want)
    for g, w in zip(got, want, strict=True):
        if isinstance(w, np.ndarray | np.generic | float):
            assert np.shape(as_array(g)) == np.shape(w)
            np.testing.assert_allclose(as_array(g), w, rtol=1e-12, atol=1e-12)
        else:
            assert as_array(g) == w


def carries(f, name, call, *arrays):
    """The value is NumPy's, and the gradient that of finite differences, with nothing left out."""
    want = call(f, *arrays)
    ts = [leaf(x) for x in arrays]
    got = call(f, *ts)
    same(got, want)
    assert type(got) is type(want) or not isinstance(want, tuple | list)
    smooth = [y for y in parts(got) if as_array(y).dtype.kind == "f"]
    assert smooth and all(isinstance(y, gd.Tensor) and y.requires_grad for y in smooth)

    def flat(*ts):
        return tuple(y for y in parts(call(f, *ts)) if y.dtype.kind == "f")

    assert gd.gradcheck(flat, arrays)
    sum(np.sum(y * y) for y in smooth).backward()
    for t in ts:
        assert t.grad is not None and (name in FLAT or t.grad.numpy().any())


def looks(f, call, *arrays):
    """The value is NumPy's, and holds nothing that could carry a gradient."""
    same(
        call(f, *[leaf(x) if x.dtype.kind == "f" else gd.Tensor(x) for x in arrays]),
        call(f, *arrays),
    )


def refused(f, reason, call, *arrays):
    """A TypeError with a fix that runs: to a Tensor with its gradient, or to plain values."""
    seen = {}

    def spy(*args, **options):
        seen.update(arguments(f, args, options))
        return f(*args, **options)

    with pytest.raises(gd.DTypeError) as caught:
        call(spy, *[leaf(x) for x in arrays])
    error = caught.value
    assert error.op and error.got and error.expected
    assert "gd." in error.fix or ".numpy()" in error.fix
    if reason not in ("file", "dates", "text", "records"):
        y = eval(error.fix, {"gd": gd, "np": np}, seen)
        assert ".numpy()" in error.fix or all(part.requires_grad for part in parts(y)), error.fix
    return error


def arguments(f, args, options):
    """What NumPy calls them, and their values."""
    if isinstance(getattr(f, "__self__", f), np.ufunc):
        return dict(zip(numpy_protocol._names(args), args, strict=True)) | options
    bound = inspect.signature(f).bind(*args, **options)
    bound.apply_defaults()
    return bound.arguments


# ---------------------------------------------------------------------- the walks
@pytest.mark.parametrize("ufunc", [u for u in ALL_UFUNCS if u.__name__ in UFUNCS], ids=named)
def test_ufuncs_carry_gradients(ufunc):
    carries(ufunc, ufunc.__name__, *UFUNCS[ufunc.__name__])


@pytest.mark.parametrize("name", available(CARRIES))
def test_functions_carry_gradients(name):
    carries(ALL_FUNCTIONS[name], name, *CARRIES[name])


@pytest.mark.parametrize("ufunc", [u for u in NUMERIC if u.__name__ in WHOLE_UFUNCS], ids=named)
def test_ufuncs_of_integers_and_comparisons(ufunc):
    call, x = WHOLE_UFUNCS[ufunc.__name__]
    looks(ufunc, call, x)
    y = call(ufunc, gd.Tensor(x))
    assert isinstance(y, gd.Tensor) and y.dtype == call(ufunc, x).dtype


@pytest.mark.parametrize("name", available(LOOKS))
def test_functions_that_give_facts(name):
    looks(ALL_FUNCTIONS[name], *LOOKS[name])


@pytest.mark.parametrize("name", available(MAKES))
def test_functions_that_make_arrays(name):
    call, x = MAKES[name]
    y = call(ALL_FUNCTIONS[name], leaf(x))
    want = call(getattr(np, name), x)
    assert isinstance(y, gd.Tensor) and not y.requires_grad
    assert y.shape == want.shape and y.dtype == want.dtype
    if not name.startswith("empty"):
        same(y, want)


@pytest.mark.parametrize("name", available(REFUSED))
def test_functions_that_are_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reason, call, *arrays = REFUSED[name]
    refused(ALL_FUNCTIONS[name], *REFUSED[name])
    assert not list(tmp_path.iterdir())
    if reason in ("complex", "set", "file"):  # nothing is lost where nothing wants gradient
        got = call(ALL_FUNCTIONS[name], *map(gd.Tensor, arrays))
        same(got, call(ALL_FUNCTIONS[name], *arrays))


@pytest.mark.parametrize("name", sorted(n for n in ALL_FUNCTIONS if kind_of(n)))
def test_functions_of_what_has_no_gradient(name):
    """Complex numbers, text, records: a Tensor in the place of every array."""
    signature = inspect.signature(ALL_FUNCTIONS[name])
    required = [k for k, p in signature.parameters.items() if p.default is p.empty]
    tensors = [k for k in required if k not in PLAIN]
    plain = {k: PLAIN[k] for k in required if k in PLAIN}

    def call(f, *ts):
        return f(**plain, **dict(zip(tensors, ts, strict=True)))

    error = refused(ALL_FUNCTIONS[name], kind_of(name), call, *[M] * len(tensors))
    assert kind_of(name) in error.message


@pytest.mark.parametrize("ufunc", TEXT, ids=named)
def test_ufuncs_of_text(ufunc):
    refused(ufunc, "text", lambda f, *xs: f(*xs), *[M] * ufunc.nin)


@pytest.mark.parametrize("ufunc", [u for u in NUMERIC if u.__name__ in REFUSED_UFUNCS], ids=named)
def test_ufuncs_that_are_refused(ufunc):
    refused(ufunc, REFUSED_UFUNCS[ufunc.__name__], lambda f, *xs: f(*xs), *[M] * ufunc.nin)


def test_every_function_is_in_one_class():
    tables = [CARRIES, LOOKS, MAKES, REFUSED, FILES]
    for name in ALL_FUNCTIONS:
        n = sum(name in table for table in tables) + (kind_of(name) is not None)
        assert n == 1, f"{name} is in {n} classes"
    for ufunc in ALL_UFUNCS:
        n = sum(ufunc.__name__ in t for t in (UFUNCS, WHOLE_UFUNCS, REFUSED_UFUNCS))
        assert n == (ufunc in NUMERIC), f"{ufunc.__name__} is in {n} classes"


def test_coverage_for_the_documentation():
    found = numpy_protocol.coverage()
    carry, facts, make, plain, no = map(set, found.values())
    ufuncs = {u.__name__ for u in NUMERIC}
    assert carry == {*available(CARRIES), *(ufuncs & UFUNCS.keys())}
    assert make == {*available(MAKES), *available(FILES)}
    looks = {*available(LOOKS), *(ufuncs & WHOLE_UFUNCS.keys())}
    assert facts <= looks and looks <= facts | plain
    refused = {*available(REFUSED), *(ufuncs & REFUSED_UFUNCS.keys())}
    assert plain - looks <= refused <= no | plain
    assert no - refused == {f"{module}.*" for module in KINDS}


def test_most_of_numpy_carries_gradients():
    assert len([u for u in NUMERIC if u.__name__ in UFUNCS]) >= 0.7 * len(NUMERIC)
    assert len(available(CARRIES)) >= 120


# ---------------------------------------------------------------------- operators and ufuncs
OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "divmod": divmod,
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("left", [M, np.float64(1.5), np.float32(0.5), np.int64(3), np.array(0.7)])
def test_operators_with_arrays_on_the_left(operator, left):
    f = OPERATORS[operator]
    same(f(left, leaf(V)), f(left, V))
    assert gd.gradcheck(lambda t: f(left, t), [V])
    assert gd.gradcheck(lambda t: f(t, left), [V])


def test_matmul_with_an_array_on_the_left():
    assert gd.gradcheck(lambda t: M @ t, [V])
    same(M @ leaf(V), M @ V)


@pytest.mark.parametrize("left", [M, np.float64(0.5)])
def test_comparisons_with_arrays_on_the_left(left):
    t = leaf(V)
    for y, want in [(left < t, left < V), (left == t, left == V), (left >= t, left >= V)]:
        assert isinstance(y, gd.Tensor) and y.dtype == bool
        same(y, want)


@pytest.mark.parametrize("left", [np.float64(2), np.float32(2), np.int64(2), np.array(2.0)])
def test_operators_with_scalars(left):
    s = gd.Scalar(3.0)
    for f in list(OPERATORS.values())[:4]:
        y = f(left, s)
        assert isinstance(y, gd.Scalar) and y.item() == f(2.0, 3.0)
    assert (left < s) is True and (left == s) is False
    (left * s).backward()
    assert s.grad == 2.0


def test_an_array_and_a_scalar_give_a_tensor():
    s = gd.Scalar(3.0)
    y = V * s
    assert isinstance(y, gd.Tensor) and y.dtype == float
    np.sum(y).backward()
    assert s.grad == pytest.approx(V.sum())


@pytest.mark.parametrize("name", ["exp", "tanh", "square", "sqrt", "negative", "absolute"])
def test_ufuncs_of_scalars(name):
    s = gd.Scalar(0.5)
    y = getattr(np, name)(s)
    assert isinstance(y, gd.Scalar) and y.item() == pytest.approx(getattr(np, name)(0.5))
    y.backward()
    assert s.grad


@pytest.mark.parametrize("name", numpy_protocol.REDUCTIONS)
def test_reduce(name):
    ufunc = getattr(np, name)
    for options in ({}, {"axis": 1}, {"axis": None}, {"axis": -1, "keepdims": True}):
        same(ufunc.reduce(leaf(M), **options), ufunc.reduce(M, **options))
    if not name.startswith("logical"):
        assert gd.gradcheck(lambda t: ufunc.reduce(t, axis=1), [M])


@pytest.mark.parametrize("name", numpy_protocol.ACCUMULATIONS)
def test_accumulate(name):
    ufunc = getattr(np, name)
    same(ufunc.accumulate(leaf(M)), ufunc.accumulate(M))
    assert gd.gradcheck(lambda t: ufunc.accumulate(t, axis=1), [M])


@pytest.mark.parametrize(("a", "b"), [(M, C), (V, M), (np.array(0.5), V), (V, np.array(0.5))])
def test_outer(a, b):
    same(np.multiply.outer(leaf(a), b), np.multiply.outer(a, b))
    same(np.subtract.outer(a, leaf(b)), np.subtract.outer(a, b))
    assert gd.gradcheck(lambda a, b: np.hypot.outer(a, b), [a, b])


def test_other_ways_of_a_ufunc_are_refused():
    t, memory = leaf(V), np.zeros(4)
    assert "np.subtract.reduce(" in refused(np.subtract.reduce, "", f1, V).fix
    assert ".numpy()" in refused(np.add.reduceat, "", lambda f, t: f(t, [0, 2]), V).fix
    error = refused(np.add.at, "", lambda f, t: f(memory, [0, 1, 1, 2], t), V)
    y = eval(error.fix, {"gd": gd}, {"x1": memory, "x2": [0, 1, 1, 2], "x3": t})
    assert y.requires_grad and y.tolist() == [V[0], V[1] + V[2], V[3], 0]
    assert not memory.any()


@pytest.mark.parametrize(
    ("option", "value"),
    [("where", MASK), ("dtype", np.float32), ("casting", "no"), ("out", (np.zeros(4),))],
)
def test_options_of_a_ufunc_are_refused_with_what_to_write(option, value):
    error = refused(np.add, "", lambda f, t, u: f(t, u, **{option: value}), V, W)
    assert "gd.add(x1, x2)" in error.fix and error.op == "np.add"
    y = eval(error.fix, {"gd": gd, "np": np}, {"x1": leaf(V), "x2": leaf(W), option: value})
    assert option != "dtype" or y.dtype == value


def test_options_at_their_defaults_do_not_matter():
    t = leaf(V)
    y = np.add(t, t, out=None, where=True, casting="same_kind", order="K", dtype=None, subok=True)
    assert y.requires_grad


def test_an_array_cannot_take_up_a_tensor_in_place():
    array, t = V.copy(), leaf(W)
    with pytest.raises(gd.DTypeError, match="write arr = arr \\+ t") as caught:
        array += t
    assert caught.value.fix == "gd.add(x1, x2)" and (array == V).all()
    with pytest.raises(gd.DTypeError, match="write arr = arr / t"):
        array /= gd.Scalar(2.0)
    with pytest.raises(gd.DTypeError, match="a Tensor is no memory"):
        np.add(V, W, out=t)
    array += t.detach()  # no gradient to lose
    assert (array == V + W).all()
    with gd.no_grad():
        array -= t
    np.testing.assert_allclose(array, V)


def test_ufuncs_of_others():
    """A ufunc made elsewhere: graddl's function of that name, if it works point by point."""
    tanh = np.frompyfunc(float, 1, 1)
    with pytest.raises(gd.DTypeError) as caught:
        tanh(leaf(V))
    assert caught.value.fix


# ---------------------------------------------------------------------- how functions are called
def test_arrays_and_tensors_mix():
    t = leaf(V)
    for y in (
        np.stack([V, t]),
        np.concatenate((t, V, [1.0])),
        np.where(MASK, t, V),
        np.vstack([V, t]),
    ):
        assert isinstance(y, gd.Tensor) and y.requires_grad and y.dtype == float
    same(
        np.concatenate((t, V, [0.1])), np.concatenate((V, V, [0.1]))
    )  # lists are float64 as in NumPy
    same(np.interp(t, [0.1, 0.7], [0.2, 0.3]), np.interp(V, [0.1, 0.7], [0.2, 0.3]))


def test_tensors_by_keyword():
    t, w = leaf(V), leaf(W)
    same(np.sum(a=t), np.sum(V))
    same(np.average(V, weights=w), np.average(V, weights=W))
    assert np.average(V, weights=w).requires_grad
    same(np.clip(a=t, a_min=0.4, a_max=w), np.clip(V, 0.4, W))
    same(np.trapezoid(y=t, x=V), np.trapezoid(V, V))


def test_nested_lists():
    t = leaf(V)
    same(np.block([[t, t], [V, V]]), np.block([[V, V], [V, V]]))
    same(np.stack([t, [1, 2, 3, 4]]), np.stack([V, [1, 2, 3, 4]]))
    assert np.stack([gd.Scalar(1.0), gd.Scalar(2.0)]).requires_grad


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        *[("sum", k, v) for k, v in dict(dtype=np.float32, where=MASK, initial=2.0).items()],
        *[("prod", k, v) for k, v in dict(dtype=np.float32, where=MASK, initial=2.0).items()],
        *[("max", k, v) for k, v in dict(where=MASK, initial=2.0).items()],
        *[("min", k, v) for k, v in dict(where=MASK, initial=0.1).items()],
        *[("cumsum", k, v) for k, v in dict(dtype=np.float32).items()],
        *[("mean", k, v) for k, v in dict(dtype=np.float32).items()],
    ],
)
def test_what_graddl_does_not_have_is_refused_with_what_to_write(name, option, value):
    f = getattr(np, name)
    if option == "where" and name in ("max", "min"):
        return  # needs initial= as well
    error = refused(f, "", lambda f, t: f(t, axis=0, **{option: value}), V)
    assert option in error.message and f"gd.{name}(" in error.fix and error.op == f"np.{name}"
    y = eval(error.fix, {"gd": gd, "np": np}, {"a": leaf(V), option: value})
    assert y.requires_grad
    want = f(V, axis=0, **{option: value})
    np.testing.assert_allclose(y.numpy(), want, rtol=1e-6)
    assert y.dtype == want.dtype


def test_results_have_the_types_of_numpy():
    t = leaf(S)
    assert isinstance(np.split(t, 3), list) and isinstance(np.meshgrid(t[0], t[1]), tuple)
    u, s, vh = np.linalg.svd(t)
    assert np.linalg.svd(t).S.requires_grad and u.shape == vh.shape == (3, 3) and s.shape == (3,)
    assert np.linalg.slogdet(t).logabsdet.requires_grad
    assert np.linalg.eigh(t + t.T).eigenvalues.requires_grad


def test_arrays_never_swallow_tensors():
    t, s = leaf(V), gd.Scalar(2.0)
    for bad in (t, [t, t], [[t], [t]]):
        with pytest.raises(gd.GradientError, match="lose its gradient"):
            np.array(bad)
    for bad in (s, [s, s]):
        with pytest.raises(gd.GradientError, match="lose its gradient") as caught:
            np.array(bad)
        assert "gd.stack" in caught.value.fix
    with pytest.raises(gd.GradientError):
        np.mean([t, t])
    same(np.array([t.detach(), t.detach()]), np.array([V, V]))
    constant = gd.Scalar(2.0, requires_grad=False)
    assert np.array([constant, constant]).dtype == float


def test_weights_of_a_histogram_are_not_lost():
    assert (
        "np.histogram(a, weights=weights.numpy())"
        in refused(np.histogram, "", lambda f, w: f(V, weights=w), W).fix
    )
    refused(np.histogram2d, "", lambda f, w: f(V, V, weights=w), W)
    same(np.histogram(gd.Tensor(V), weights=W), np.histogram(V, weights=W))
    same(np.histogram_bin_edges(gd.Tensor(V), "auto"), np.histogram_bin_edges(V, "auto"))
    refused(np.histogram_bin_edges, "", lambda f, x: f(x, "auto"), V)


def test_full_of_a_tensor():
    same(np.full_like(leaf(V), leaf(0.5)), np.full_like(V, 0.5))
    with pytest.raises(gd.GraddlError):
        np.full(3, leaf(0.5))  # NumPy makes an array of it
    assert np.full(3, leaf(0.5), like=leaf(V)).requires_grad


def test_in_place_functions_without_gradients():
    array = np.zeros(4)
    np.copyto(array, gd.Tensor(V))
    assert (array == V).all()
    with pytest.raises(gd.DTypeError, match="in place"):
        np.copyto(gd.Tensor(V), array)


def test_fromfile(tmp_path):
    path = tmp_path / "numbers"
    V.tofile(path)
    same(np.fromfile(path, like=leaf(V)), V)


@pytest.mark.parametrize("more", [{}, {"axis": 1}, {"return_inverse": True, "return_counts": True}])
def test_unique(more):
    x = np.array([[0.5, 0.2, 0.5], [0.7, 0.2, 0.7]])
    same(np.unique(leaf(x), **more), np.unique(x, **more))
    same(np.unique(leaf(x), return_index=True, **more), np.unique(x, return_index=True, **more))


def test_least_squares_of_linalg():
    for a, b in [(M.T, V), (M.T, uniform(4, 2)), (M, C)]:
        same(np.linalg.lstsq(leaf(a), leaf(b)), np.linalg.lstsq(a, b))
    assert gd.gradcheck(lambda a, b: np.linalg.lstsq(a, b)[1], [M.T, V])


def test_singular_values_alone():
    same(np.linalg.svd(leaf(M), compute_uv=False), np.linalg.svd(M, compute_uv=False))
    assert gd.gradcheck(lambda x: np.linalg.svd(x, False).U[:, :2] ** 2, [M])


@pytest.mark.parametrize("name", numpy_protocol.SIGNATURES)
def test_signatures_of_functions_in_c(name):
    ours = inspect.signature(numpy_protocol.SIGNATURES[name]).parameters
    try:
        theirs = inspect.signature(getattr(np, name)).parameters
    except ValueError:
        return  # an older NumPy does not say
    assert {k: p.default for k, p in ours.items()} == {k: p.default for k, p in theirs.items()}


def test_orders_of_memory():
    for f in (np.ravel, lambda x, order: np.reshape(x, (4, -1), order)):
        for order in ("C", "F", "A"):
            same(f(leaf(M), order=order), f(M, order=order))
    assert gd.gradcheck(lambda x: np.reshape(x, 12, order="F"), [M])


def test_einsum_with_labels_as_numbers():
    for call in (
        lambda x: np.einsum(x, [0, 1], V, [1], [0]),
        lambda x: np.einsum(x, [0, 1], V, [1]),
        lambda x: np.einsum(x, [..., 1], V, [1], [...], optimize=True),
    ):
        same(call(leaf(M)), call(M))
    assert gd.gradcheck(lambda x: np.einsum(x, [0, 1], x, [2, 1], [0, 2]), [M])
    assert (
        "gd.einsum(*operands)"
        in refused(np.einsum, "", lambda f, x: f("ij->i", x, dtype=float), M).fix
    )


def test_nonzero_of_a_condition():
    same(np.where(leaf(SIGNED) > 0), np.where(SIGNED > 0))
