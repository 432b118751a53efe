"""Normalization over a batch, and what it has seen of it."""

import math

from ..errors import ArgumentError, ShapeError
from ._complaints import complain
from ._define import composed, general
from ._explain import shape_of

EXPECTED = "x (N, C) or (N, C, ...), and (C,) for each channel's numbers"


def _check_channels(name, x, params, **numbers):
    """x has an axis of channels, of which each has one of the given numbers, where they are given."""
    shape, values = shape_of(x), (x, *numbers.values())
    if len(shape) < 2:
        complain(ShapeError, name, f"x {shape} has no axis of channels", shape, EXPECTED, (x, *[None] * len(numbers)), params,
                 x="x.reshape(-1, 1)")
    for k, v in numbers.items():
        if v is not None and shape_of(v) != (shape[1],):
            fits = [w if w is not None and shape_of(w) == (shape[1],) else None for w in values[1:]]
            complain(ShapeError, name, f"{k} {shape_of(v)} for {shape[1]} channels", shape_of(v), (shape[1],), (x, *fits), params)


def _flat(xp, x):
    """All positions of a sample on one axis: (N, C) or (N, C, L)."""
    return xp.reshape(x, (*x.shape[:2], math.prod(x.shape[2:]))) if x.ndim > 3 else x


def _along(xp, v, x):
    """A number for each channel, so that it broadcasts with x."""
    return xp.reshape(v, (*v.shape, *[1] * (x.ndim - 2)))


def _total(xp, x):
    return xp.sum(x, axis=(0, *range(2, x.ndim)))


def _dot(xp, a, b):
    """Σ a b of each channel, without the products in memory where there are positions."""
    return xp.sum(a * b if a.ndim == 2 else xp.vecdot(a, b, axis=-1), axis=0)


def _moments(xp, x):
    """(x - μ, μ, σ², n) of each channel, n the number of its values."""
    n = math.prod(x.shape) // max(x.shape[1], 1)
    mean = xp.mean(x, axis=(0, *range(2, x.ndim)))
    x = x - _along(xp, mean, x)
    return x, mean, _dot(xp, x, x) / n, n


def _normalize_batch(xp, x, weight, bias, eps):
    _check_channels("normalize_batch", x, {"eps": eps}, weight=weight, bias=bias)
    shape = x.shape
    if shape[0] * math.prod(shape[2:]) < 2:
        complain(ShapeError, "normalize_batch", f"a batch {shape} has no spread: it takes two values of each channel", shape, EXPECTED,
                 (x, weight, bias), {"eps": eps}, x=f"gd.ones({(2, *shape[1:2], *[1] * (len(shape) - 2))})")
    x, mean, var, _ = _moments(xp, _flat(xp, x))
    scale = 1 / xp.sqrt(var + eps)
    y = x * _along(xp, scale if weight is None else scale * weight, x)
    return xp.reshape(y if bias is None else y + _along(xp, bias, y), shape), mean, var


def _normalize_batch_grad(xp, g, needs, x, weight, eps):
    """μ and σ² are taken anew rather than kept: two readings of x, and the graph holds nothing but x."""
    shape, (g, gmean, gvar) = x.shape, g
    g, (x, _, var, n) = _flat(xp, g), _moments(xp, _flat(xp, x))
    r, total, dot = 1 / xp.sqrt(var + eps), _total(xp, g), _dot(xp, g, x)
    gx = None
    if needs[0]:
        a = r if weight is None else r * weight
        spread, shift = (2 * gvar - a * r * r * dot) / n, (gmean - a * total) / n
        gx = xp.reshape(g * _along(xp, a, x) + x * _along(xp, spread, x) + _along(xp, shift, x), shape)
    return gx, r * dot, total


normalize_batch = general(
    "normalize_batch", lambda xp, x, weight=None, bias=None, *, eps=1e-5: _normalize_batch(xp, x, weight, bias, eps), several=True,
    joint=lambda xp, g, needs, x, weight, *, eps: _normalize_batch_grad(xp, g, needs, x, weight, eps),
    tex=r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} w + b, \; \mu, \; \sigma^2", symbol="batch norm", method=False,
    doc="Mean 0 and variance 1 of each channel over the batch and all positions, then weight and bias; and the mean and variance it had.",
    samples=lambda make: [((make(4, 2), make(2), make(2)), {}), ((make(2, 3, 2), None, None), {"eps": 0.1}), ((make(2, 2, 2, 2), make(2), None), {}),
                          ((make(1, 2, 3), None, make(2)), {}), ((make(3, 1), None, None), {})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), ((make(2, 3), make(3), make(1)), {}, "ShapeError"),
                         ((make(3),), {}, "ShapeError"), ((make(1, 3), make(3)), {}, "ShapeError"),
                         ((make(0, 3, 2),), {}, "ShapeError"), ((make.text(2, 3),), {}, "DTypeError")],
    torch="(F.batch_norm(x, None, None, weight, bias, True, 0.0, eps), x.transpose(0, 1).flatten(1).mean(1),"
          " x.transpose(0, 1).flatten(1).var(1, correction=0))",
)


def _batch_norm(xp, x, mean, var, weight, bias, training, eps):
    given, params = (x, mean, var, weight, bias), {"training": training, "eps": eps}
    if training:
        if len(x.shape) > 1 and x.shape[0] * math.prod(x.shape[2:]) < 2:
            complain(ShapeError, "batch_norm", f"a batch {x.shape} has no spread: training takes two values of each channel", x.shape,
                     EXPECTED, given, params | {"training": False}, running_mean=f"gd.zeros({x.shape[1]})",
                     running_var=f"gd.ones({x.shape[1]})")
        _check_channels("batch_norm", x, params, running_mean=mean, running_var=var, weight=weight, bias=bias)
        return xp.normalize_batch(x, weight, bias, eps=eps)[0]
    if mean is None or var is None:
        complain(ArgumentError, "batch_norm", "without training it takes the mean and variance that training has seen",
                 "running_mean or running_var None", "both", given, params | {"training": True})
    _check_channels("batch_norm", x, params | {"training": True}, running_mean=mean, running_var=var, weight=weight, bias=bias)
    scale = 1 / xp.sqrt(var + eps)
    scale = scale if weight is None else scale * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    return x * _along(xp, scale, x) + _along(xp, shift, x)


batch_norm = composed(
    "batch_norm", lambda xp, x, running_mean=None, running_var=None, weight=None, bias=None, *, training=False, eps=1e-5: _batch_norm(
        xp, x, running_mean, running_var, weight, bias, training, eps), nondiff=("running_mean", "running_var"), method=False,
    tex=r"\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} w + b",
    doc="Each channel with the running mean and variance taken off, or while training those of the batch; then weight and bias.",
    samples=lambda make: [((make(2, 3), make(3), make(3) ** 2, make(3), make(3)), {}), ((make(2, 2, 3), make(2), make(2) ** 2), {"eps": 0.1}),
                          ((make(4, 2), None, None, make(2), make(2)), {"training": True}), ((make(0, 2), make(2), make(2) ** 2), {}),
                          ((make(2, 1, 2, 2), make(1), make(1) ** 2, None, make(1)), {"training": True})],
    errors=lambda make: [((make(2, 3),), {}, "ArgumentError"), ((make(1, 3),), {"training": True}, "ShapeError"),
                         ((make(2, 3), make(2), make(3)), {}, "ShapeError"), ((make(2, 3), None, None, make(2)), {"training": True}, "ShapeError"),
                         ((make(3), make(3), make(3)), {}, "ShapeError"),
                         ((make.text(2, 3),), {"training": True}, "DTypeError")],
    torch="F.batch_norm(x, running_mean, running_var, weight, bias, training, 0.0, eps)",
)
