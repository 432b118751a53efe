"""Every forward and every rule of the table on the strict array API: what keeps the way to other
backends open."""

from types import SimpleNamespace

import array_api_strict
import numpy as np
import pytest

from graddl import _core, backend
from graddl._core import READ_G, READ_I, READ_NEEDS, READ_RESIDUAL, READ_Y
from tests.samples import OPS, ids, outputs, samples

strict = array_api_strict
Array = type(strict.asarray(0.0))


def to_strict(x):
    return strict.asarray(x) if isinstance(x, np.ndarray | np.generic) else x


@pytest.fixture(scope="module")
def xp():
    """The standard's names and nothing else; graddl's primitives leave it openly, through NumPy and
    back."""
    namespace = SimpleNamespace(
        name="strict", **{n: getattr(strict, n) for n in backend.STANDARD if hasattr(strict, n)}
    )

    def primitive(function):
        def through_numpy(*xs, **params):
            y = function(*[x if isinstance(x, str) else x._array for x in xs], **params)
            return tuple(map(strict.asarray, y)) if isinstance(y, tuple) else strict.asarray(y)

        return through_numpy

    for name in backend.LINALG:
        setattr(namespace, name, getattr(strict.linalg, name))
    for name in backend.PRIMITIVES - backend.LINALG:
        setattr(namespace, name, primitive(getattr(backend.numpy_namespace, name)))

    def named(dtype):  # users name dtypes as NumPy does
        name = getattr(dtype, "name", dtype)
        return getattr(strict, name) if isinstance(name, str) else dtype

    namespace.astype = lambda x, dtype: strict.astype(x, named(dtype))
    namespace.asarray = lambda x, **options: strict.asarray(
        x, **{k: named(v) if k == "dtype" else v for k, v in options.items()}
    )
    return namespace


@pytest.fixture
def closed(monkeypatch):
    """No silent way out of the strict namespace: a rule that hands its array to NumPy fails."""

    def refuse(self, *args, **kwargs):
        raise AssertionError("a rule turned a strict array into a NumPy array")

    for name in ("__array__", "__buffer__"):
        if hasattr(Array, name):
            monkeypatch.setattr(Array, name, refuse)
    with pytest.raises(AssertionError, match="a rule turned"):
        np.asarray(strict.asarray(1.0))


def plain(x):
    return x._array if isinstance(x, Array) else x


def call_rule(namespace, op, rule, i, values, g, y, residuals, params, shapes):
    read = {READ_G: g, READ_Y: y, READ_I: i, READ_NEEDS: (True,) * len(values)}
    found = []
    for code in rule.reads:
        if code <= READ_RESIDUAL:
            found.append(residuals[READ_RESIDUAL - code])
        elif op.variadic and code == len(op.args) - 1:
            found.append(tuple(values[code:]))
        else:
            found.append(values[code] if code >= 0 else read[code])
    keywords = {k: shapes if k == "shapes" else params[k] for k in rule.keywords}
    return rule.fn(namespace, *found, **keywords)


def run(namespace, op, xs, params, convert):
    """Values of the forward and of every rule, as NumPy arrays."""
    params = {**op.params, **params}
    values = [convert(x) for x in xs]
    with np.errstate(all="ignore"):
        y = op.forward(namespace, *values, **params)
        y, residuals = y if op.residuals else (y, ())
        rng = np.random.default_rng(2)
        gs = tuple(convert(rng.uniform(0.5, 1.5, part.shape)) for part in outputs(y))
        found = list(outputs(y)) + list(residuals)
        shapes = tuple(np.shape(x) for x in xs)
        rules = {}
        if not op.info["boolean"]:
            for i in range(len(xs)):
                rule = op.rules[min(i, len(op.rules) - 1)]
                if rule is not None and callable(rule.fn) and xs[i] is not None:
                    rules[i] = rule
        if op.joint is not None:
            rules = {-1: op.joint}
        g = gs if op.several else gs[0]
        for i, rule in rules.items():
            r = call_rule(namespace, op, rule, i, values, g, y, residuals, params, shapes)
            found.extend(r if isinstance(r, tuple) else [r])
        for name, rule in op.info["jvp"].items():
            if op.args.index(name) < len(xs):
                t = convert(rng.uniform(0.5, 1.5, shapes[op.args.index(name)]))
                found.append(
                    call_rule(namespace, op, rule, None, values, t, y, residuals, params, shapes)
                )
    assert namespace is backend.numpy_namespace or all(
        isinstance(v, Array) or type(v) in (int, float) for v in found
    )
    return [np.asarray(plain(v)) for v in found]


@pytest.mark.parametrize("op", OPS, ids=ids)
def test_rules_run_on_the_strict_array_api(op, xp, closed):
    for xs, params in samples(op):
        want = run(backend.numpy_namespace, op, xs, params, lambda x: x)
        got = run(xp, op, xs, params, to_strict)
        assert len(want) == len(got)
        for w, v in zip(want, got, strict=True):
            np.testing.assert_allclose(v, w, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("op", [op for op in OPS if op.composition is not None], ids=ids)
def test_composition_is_the_same_op(op):
    """What second derivatives run gives the values that the fused entry gives."""
    for xs, params in samples(op):
        want = _core.call(op, *xs, **params)
        ts = [_core.Tensor(x) if isinstance(x, np.ndarray) else x for x in xs]
        got = op.composition(backend.tensor_namespace, *ts, **params)
        np.testing.assert_allclose(got.numpy(), want.numpy(), rtol=1e-13, atol=1e-15)
