"""Inputs for the ops of the table, from what their entries say about themselves. No op is named
here."""

import zlib

import numpy as np

import graddl
from graddl import _backward, _core
from graddl.ops import COMPOSED, FUNCTIONS, TABLE
from graddl.ops._functions import call_on

SHAPES = {
    1: [((3,),), ((2, 3),), ((),), ((0,),), ((2, 1),)],
    2: [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((), (2,)),
        ((), ()),
        ((0,), (1,)),
        ((2, 3), float),
        (float, (2, 1, 2)),
    ],
}


def maker(op, seed=0, dtype=np.float64):
    """make(*shape): random numbers in the entry's domain, away from its kinks."""
    rng = np.random.default_rng(seed)

    def make(*shape, arg=None):
        domain = op.info["domain"]
        low, high = domain if not isinstance(domain, dict) else domain[arg]
        x = rng.uniform(low, high, shape)
        for kink in op.info["kinks"]:
            near = np.abs(x - kink) < 0.1
            x = np.where(near, kink + np.where(x < kink, -0.15, 0.15), x)
        return np.asarray(x, dtype=dtype)

    make.text = lambda *shape: np.full(shape, "1.5")  # numbers, but not as numbers
    return make


def samples(op, seed=0, dtype=np.float64):
    """[(arrays and numbers, params), ...]: those of the entry, or for an elementwise op all kinds
    of shapes."""
    make = maker(op, seed, dtype)
    if op.info["samples"] is not None:
        return op.info["samples"](make)
    found = []
    for shapes in SHAPES[len(op.args)]:
        xs = [
            make(arg=a).item() if s is float else make(*s, arg=a)
            for a, s in zip(op.args, shapes, strict=True)
        ]
        found.append((tuple(xs), {}))
    return found


def errors(op):
    """[(arrays, params, name of the error), ...]: those of the entry, and what no elementwise op
    accepts."""
    make = maker(op)
    found = list(op.info["errors"](make)) if op.info["errors"] is not None else []
    if op.kind == "elementwise":
        good = [make(2, 3, arg=a) for a in op.args]
        params = samples(op)[0][1]
        for k, bad in enumerate((make.text(2, 3), "1.5", np.array([1.5, 2, 3], dtype=object))):
            xs = list(good)
            xs[k % len(xs)] = bad
            found.append((tuple(xs), params, "DTypeError"))
        if len(op.args) > 1:
            found.append(((make(2, 4, arg=op.args[0]), *good[1:]), params, "ShapeError"))
    return found


def is_float(x):
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def differentiable(op, xs):
    """Positions of the arrays that can want gradient."""
    names = [op.args[min(i, len(op.args) - 1)] for i in range(len(xs))]
    return [i for i, x in enumerate(xs) if is_float(x) and names[i] not in op.info["nondiff"]]


def tensors(op, xs, wanted=None):
    """The arrays as Tensors, those that can want gradient (or those at `wanted`) with
    requires_grad."""
    wanted = differentiable(op, xs) if wanted is None else wanted
    return [
        graddl.Tensor(x, requires_grad=i in wanted) if is_float(x) else x for i, x in enumerate(xs)
    ]


def with_rules(op, rules, joint=None):
    """The op with other rules, and without its kernels; it is not in the table."""
    return _core.Op(
        op.name, op.kind, op.forward, op.args, op.variadic, op.params, tuple(rules), joint,
        op.residuals, op.composition, op.several, op.info,
    )  # fmt: skip


def apply(op, *xs, **params):
    """The op at these inputs, or the function that is made of ops."""
    return _core.call(op, *xs, **params) if isinstance(op, _core.Op) else public(op, xs, params)


def public(op, xs, params):
    """What users call, at these inputs."""
    return call_on(FUNCTIONS[op.name], xs, params)


def outputs(y):
    return list(y) if isinstance(y, tuple) else [y]


def value_and_gradients(op, xs, params, weights=None):
    """Arrays of the outputs, and the gradients of their weighted sum with respect to the
    differentiable inputs."""
    ts = tensors(op, xs)
    ys = outputs(apply(op, *ts, **params))
    leaves = [t for t in ts if isinstance(t, graddl.Tensor) and t.requires_grad]
    values = [y.numpy() for y in ys]
    weights = weights or [
        w.astype(y.dtype) for w, y in zip(output_weights([y.shape for y in ys]), ys, strict=True)
    ]
    pairs = [(y, w) for y, w in zip(ys, weights, strict=True) if y.requires_grad]
    if not leaves or not pairs:
        return values, []
    found = _backward.gradients([y for y, _ in pairs], leaves, [w for _, w in pairs])
    return values, [
        np.zeros(x.shape, x.dtype) if g is None else g.numpy()
        for g, x in zip(found, leaves, strict=True)
    ]


def output_weights(shapes):
    """What gradients are taken of is a sum with these weights."""
    rng = np.random.default_rng(5)
    return [rng.uniform(0.5, 1.5, shape) for shape in shapes]


SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]


def special(op):
    """For ops that work point by point on one or two arrays: zeros, infinities, NaN, large numbers,
    the kinks, and all ties."""
    if op.kind != "elementwise" or op.info["boolean"] or op.info["nondiff"] or op.info["hidden"]:
        return None
    if len(op.args) == 1:
        return [np.array([*SPECIAL, *map(float, op.info["kinks"]), 1e30, -1e30, 100.0, -100.0])]
    if len(op.args) == 2:
        pairs = np.array([(a, b) for a in SPECIAL for b in SPECIAL])
        return [pairs[:, 0].copy(), pairs[:, 1].copy()]
    return None


def fingerprint(xs, params):
    """A number that tells whether a sample is still the one of a frozen answer."""
    code = 0
    for v in [*xs, *params.values()]:
        code = zlib.crc32(v.tobytes() if isinstance(v, np.ndarray) else repr(v).encode(), code)
    return code


# Lists for parametrize: every op, those with a gradient, and each of their samples.
OPS = list(TABLE.values())
ENTRIES = [*OPS, *COMPOSED.values()]  # and what is made of ops
SMOOTH = [op for op in ENTRIES if not op.info["boolean"]]  # have a gradient
RULED = [op for op in OPS if not op.info["boolean"]]  # have rules


def cases(ops):
    """(op, number of its sample) for each op and sample, with readable ids."""
    import pytest  # not where the oracles are made

    return [pytest.param(op, k, id=f"{op.name}-{k}") for op in ops for k in range(len(samples(op)))]


def ids(op):
    return op.name
