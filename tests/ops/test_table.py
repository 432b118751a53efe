"""Every entry of the table against finite differences and against the rules that all ops share. No
op is named."""

import numpy as np
import pytest

import graddl as gd
from graddl import _backward
from graddl.backend import numpy_namespace
from graddl.ops import ALIASES, COMPOSED, FUNCTIONS, TABLE
from tests.samples import (
    ENTRIES,
    OPS,
    RULED,
    SMOOTH,
    apply,
    cases,
    differentiable,
    errors,
    ids,
    is_float,
    maker,
    outputs,
    public,
    samples,
    tensors,
)
from tests.samples import value_and_gradients as run

BOOLEAN = [op for op in ENTRIES if op.info["boolean"]]
ELEMENTWISE = [op for op in SMOOTH if op.kind == "elementwise"]


def function_of(op, xs, params):
    """The op as a function of its differentiable inputs, and their values."""
    at = differentiable(op, xs)

    def f(*parts):
        full = list(xs)
        for i, x in zip(at, parts, strict=True):
            full[i] = x
        return apply(op, *full, **params)

    return f, [xs[i] for i in at]


# ---------------------------------------------------------------------- the entry itself
@pytest.mark.parametrize("op", ENTRIES, ids=ids)
def test_entry_is_complete(op):
    assert op.info["tex"] and op.info["doc"].endswith(".") and op.info["symbol"]
    assert op.info["samples"] is not None or op.kind == "elementwise"
    assert {**TABLE, **COMPOSED}[op.name] is op and FUNCTIONS[op.name].op is op
    assert (
        op.info["tex"] in FUNCTIONS[op.name].__doc__
        and op.info["doc"] in FUNCTIONS[op.name].__doc__
    )
    for alias in op.info["aliases"]:
        assert ALIASES[alias] == op.name and FUNCTIONS[alias] is FUNCTIONS[op.name]
    assert hasattr(gd, op.name) != op.info["hidden"]


@pytest.mark.parametrize("op", RULED, ids=ids)
def test_forward_mode_reads_only_what_is_saved(op):
    for i, arg in enumerate(op.args):
        rule = op.info["jvp"].get(arg)
        if rule is not None:
            assert set(rule.reads) <= set(op.rules[i].reads), arg


@pytest.mark.parametrize("op", ENTRIES, ids=ids)
def test_public_function_and_method(op):
    for xs, params in samples(op):
        want = outputs(apply(op, *xs, **params))
        calls = [lambda xs=xs, p=params: public(op, xs, p)]
        if op.info["method"] and not op.info["sequence"] and is_float(xs[0]):
            method = getattr(gd.Tensor(xs[0]), op.name)
            named = dict(zip(op.args[1:], xs[1:], strict=False)) if op.info["order"] else {}
            calls.append(
                lambda m=method, xs=xs[1:], n=named, p=params: m(*([] if n else xs), **n, **p)
            )
        for call in calls:
            for got, y in zip(outputs(call()), want, strict=True):
                assert got.dtype == y.dtype
                np.testing.assert_array_equal(got.numpy(), y.numpy())


# ---------------------------------------------------------------------- derivatives
@pytest.mark.parametrize(("op", "k"), cases(SMOOTH))
def test_gradients(op, k):
    f, xs = function_of(op, *samples(op)[k])
    assert gd.gradcheck(f, xs, order=2)


@pytest.mark.parametrize(("op", "k"), cases(SMOOTH))
def test_forward_mode(op, k):
    """<w, jvp(v)> = <vjp(w), v>, and jvp(v) is the slope along v."""
    f, xs = function_of(op, *samples(op)[k])
    rng = np.random.default_rng(3)
    vs = [rng.normal(size=x.shape) for x in xs]
    y, t = gd.jvp(f, tuple(map(gd.Tensor, xs)), tuple(map(gd.Tensor, vs)))
    ys, ts = outputs(y), outputs(t)
    ws = [rng.normal(size=y.shape) for y in ys]
    _, pull = gd.vjp(f, *map(gd.Tensor, xs))
    gs = pull(tuple(ws) if isinstance(y, tuple) else ws[0])
    one = sum(np.vdot(w, t.numpy()) for w, t in zip(ws, ts, strict=True))
    other = sum(np.vdot(v, g.numpy()) for v, g in zip(vs, gs, strict=True))
    assert one == pytest.approx(other, rel=1e-10, abs=1e-10)
    h = 1e-3

    def moved(step):
        return [
            y.numpy()
            for y in outputs(f(*[gd.Tensor(x + step * v) for x, v in zip(xs, vs, strict=True)]))
        ]

    stencil = [moved(s) for s in (h, -h, h / 2, -h / 2)]
    for t, a, b, c, d in zip(ts, *stencil, strict=True):
        np.testing.assert_allclose(
            t.numpy(), (8 * (c - d) - (a - b)) / (6 * h), rtol=1e-6, atol=1e-8
        )


@pytest.mark.parametrize("op", [op for op in SMOOTH if op.info["jvp"]], ids=ids)
def test_forward_mode_without_its_own_rule(op):
    """The general way, two reverse steps, gives what the entry's own rule gives."""
    rules = op.info["jvp"]
    for xs, params in samples(op):
        f, parts = function_of(op, xs, params)
        primals = tuple(map(gd.Tensor, parts))
        vs = tuple(gd.Tensor(np.cos(np.arange(x.size)).reshape(x.shape)) for x in parts)
        want = gd.jvp(f, primals, vs)[1].numpy()
        try:
            op.info["jvp"] = {}
            got = gd.jvp(f, primals, vs)[1].numpy()
        finally:
            op.info["jvp"] = rules
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("op", BOOLEAN, ids=ids)
def test_results_without_gradient(op):
    for xs, params in samples(op):
        for y in outputs(apply(op, *tensors(op, xs), **params)):
            assert y.dtype.kind in "bi" and not y.requires_grad


# ---------------------------------------------------------------------- dtypes and layouts
@pytest.mark.parametrize("op", SMOOTH, ids=ids)
def test_float32_stays_float32(op):
    for (narrow, params), (wide, _) in zip(samples(op, dtype=np.float32), samples(op), strict=True):
        if "dtype" in params:
            continue
        values, gradients = run(op, narrow, params)
        dtypes = {v.dtype for v in [*values, *gradients]}
        assert {d for d in dtypes if d.kind == "f"} <= {np.dtype("f4")}
        exact, slopes = run(op, wide, params)
        for got, want in zip([*values, *gradients], [*exact, *slopes], strict=True):
            np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("op", OPS, ids=ids)
@pytest.mark.parametrize("kind", ["bool", "int8", "int64"])
def test_integers_follow_numpy(op, kind):
    """Integer results keep NumPy's dtype; floating ones take the default dtype."""
    for xs, params in samples(op):
        if "dtype" in params:
            continue
        with np.errstate(all="ignore"):  # NaN and infinity are no integers
            whole = [np.asarray(np.ceil(np.abs(x)), kind) if is_float(x) else x for x in xs]
        if any(isinstance(x, float) for x in whole):
            continue
        try:
            with np.errstate(all="ignore"):
                want = op.forward(numpy_namespace, *whole, **{**op.params, **params})
        except (TypeError, gd.GraddlError):  # all ones may be a singular matrix, too
            with pytest.raises(gd.GraddlError):
                apply(op, *whole, **params)
            continue
        want = outputs(want[0] if op.residuals else want)
        for y, w in zip(outputs(apply(op, *whole, **params)), want, strict=True):
            dtype = np.asarray(w).dtype
            assert y.dtype == (gd.get_default_dtype() if dtype.kind == "f" else dtype)


@pytest.mark.parametrize("op", ENTRIES, ids=ids)
@pytest.mark.parametrize("layout", ["strided", "reversed", "transposed"])
def test_memory_layout_does_not_matter(op, layout):
    def laid_out(x):
        if not is_float(x) or not x.ndim:
            return x
        if layout == "transposed":
            return np.asfortranarray(x)
        wide = np.zeros([2 * n for n in x.shape], x.dtype)
        part = wide[
            tuple(
                slice(None, None, 2) if layout == "strided" else slice(None, None, -2)
                for _ in x.shape
            )
        ]
        part[...] = x
        return part

    for xs, params in samples(op):
        moved = [laid_out(x) for x in xs]
        ts = [
            gd.Tensor(x, requires_grad=i in differentiable(op, xs), copy=False)
            if is_float(x)
            else x
            for i, x in enumerate(moved)
        ]
        assert all(
            t.numpy().strides == x.strides
            for t, x in zip(ts, moved, strict=True)
            if isinstance(t, gd.Tensor)
        )
        ys = outputs(apply(op, *ts, **params))
        want, slopes = run(op, xs, params)
        for y, w in zip(ys, want, strict=True):
            np.testing.assert_allclose(y.numpy(), w, rtol=1e-14, atol=1e-15)
        if slopes:
            rng = np.random.default_rng(5)
            weights = [laid_out(rng.uniform(0.5, 1.5, y.shape)) for y in ys]
            leaves = [t for t in ts if isinstance(t, gd.Tensor) and t.requires_grad]
            pairs = [(y, w) for y, w in zip(ys, weights, strict=True) if y.requires_grad]
            got = _backward.gradients([y for y, _ in pairs], leaves, [w for _, w in pairs])
            for g, w in zip(got, slopes, strict=True):
                np.testing.assert_allclose(g.numpy(), w, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.info["passes_nan"]], ids=ids)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_in_nan_out(op, dtype):
    for xs, params in samples(op, dtype=dtype):
        for i in differentiable(op, xs):
            if xs[i].size:
                bad = [x.copy() if is_float(x) else x for x in xs]
                bad[i][...] = np.nan
                assert np.isnan(apply(op, *bad, **params).numpy()).all()


@pytest.mark.parametrize(
    "op",
    [op for op in SMOOTH if op.kind != "elementwise" and op.info["passes_nan"]],
    ids=ids,
)
def test_nan_is_not_lost(op):
    """An input that is all NaN shows in the result, if that depends on it, or in an error."""
    for xs, params in samples(op):
        _, slopes = run(op, xs, params)
        for i, slope in zip(differentiable(op, xs) if slopes else (), slopes, strict=True):
            if not slope.any():
                continue
            bad = list(xs)
            bad[i] = np.full_like(xs[i], np.nan)
            try:
                ys = [y.numpy() for y in outputs(apply(op, *bad, **params))]
            except gd.GraddlError:
                continue
            floats = [y for y in ys if y.dtype.kind == "f" and y.size]
            assert not floats or any(np.isnan(y).any() for y in floats)


# ---------------------------------------------------------------------- errors
@pytest.mark.parametrize("op", [op for op in ENTRIES if not op.info["hidden"]], ids=ids)
def test_errors_say_what_happened(op):
    found = errors(op)
    assert len(found) >= 3
    for xs, params, name in found:
        with pytest.raises(getattr(gd, name)) as caught:
            public(op, xs, params)
        error = caught.value
        assert type(error).__name__ == name and error.op == op.name
        assert error.got is not None and error.expected is not None
        works(op, xs, params, error.fix)


def works(op, xs, params, fix):
    """The suggested fix, executed, gives a value."""
    n = len(op.args) - 1
    named = {a: as_given(x) for a, x in zip(op.args, xs, strict=False)}
    if op.variadic:
        named[op.args[-1]] = list(map(as_given, xs[n:]))
    y = eval(fix, {"gd": gd, "np": np}, {**op.params, **params, **named})
    assert all(isinstance(part, gd.Tensor | gd.Scalar) for part in outputs(y)), fix


def as_given(x):
    """What a user has in hand: Tensors, unless it is no array of numbers."""
    return gd.Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind in "biuf" else x


# ---------------------------------------------------------------------- Scalars
@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if not op.info["hidden"]], ids=ids)
def test_scalars_agree_with_tensors(op):
    make = maker(op, seed=11)
    function, smooth = FUNCTIONS[op.name], [a for a in op.args if a not in op.info["nondiff"]]
    for _ in range(3 if not op.params else 0):
        numbers = {a: make(arg=a).item() if a in smooth else True for a in op.args}
        scalars = {a: gd.Scalar(x) if a in smooth else x for a, x in numbers.items()}
        arrays = {
            a: gd.Tensor(np.array(x), requires_grad=True) if a in smooth else x
            for a, x in numbers.items()
        }
        y, z = function(**scalars), function(**arrays)
        assert isinstance(y, gd.Scalar) and y.item() == pytest.approx(z.item(), rel=1e-14)
        y.backward()
        z.backward()
        for a in smooth:
            assert scalars[a].grad == pytest.approx(arrays[a].grad.item(), rel=1e-12, abs=1e-14)

        def along(some, numbers=numbers):
            return lambda *xs: function(**{**numbers, **dict(zip(smooth, xs, strict=True))}), [
                some[a] for a in smooth
            ]

        halves = [0.5] * len(smooth)
        slope, want = (gd.jvp(*along(some), halves)[1].item() for some in (scalars, arrays))
        assert slope == pytest.approx(want, rel=1e-12, abs=1e-14)
