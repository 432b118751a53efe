"""Activation functions: name, value, derivative, formula.

`where` tells the two sides of 0 apart, and exponentials see only the side on which they do not
overflow: an infinity that `where` leaves out would still make the second derivative NaN.
"""

import math

import numpy as np

from ..errors import ArgumentError, ShapeError
from ._define import FUNCTIONS, composed, elementwise
from ._explain import described
from .elementwise import logistic


def _left(xp, x):
    """x where it is not positive, else 0."""
    return xp.where(x > 0, 0, x)


def _held(xp, x, end):
    """x within ±end. Farther out a derivative is the same to the last digit, but infinity times 0 would be NaN."""
    return xp.minimum(xp.maximum(x, -end), end)


def _between(xp, g, x, low, high):
    """g inside of an interval; its ends belong to the flat sides."""
    return xp.where(xp.logical_or(x <= low, x >= high), 0, g)


def _wrong(name, parameter, value, expected, good):
    """The error for a parameter that means nothing here."""
    return ArgumentError(f"{parameter}={value!r} has no meaning", op=name, got=f"{parameter}={value!r}", expected=expected,
                         fix=f"gd.{name}(x, {parameter}={good!r})")  # fmt: skip


# ------------------------------------------------------------------------------------------------ a bend at 0
relu = elementwise(
    "relu", lambda xp, x: xp.maximum(x, 0), d={"x": lambda xp, g, x: xp.where(x <= 0, 0, g)}, tex=r"\max(x, 0)",
    doc="The rectified linear unit; derivative 0 at 0.", kinks=(0,),
)
relu6 = elementwise(
    "relu6", lambda xp, x: xp.minimum(xp.maximum(x, 0), 6), d={"x": lambda xp, g, x: _between(xp, g, x, 0, 6)},
    tex=r"\min(\max(x, 0), 6)", doc="The rectified linear unit that stops at 6.", domain=(-2, 8), kinks=(0, 6),
    differs="the gradient of a NaN passes, as that of relu does; PyTorch gives 0",
)
leaky_relu = elementwise(
    "leaky_relu", lambda xp, x, *, negative_slope=0.01: xp.where(x > 0, x, negative_slope * x),
    d={"x": lambda xp, g, x, *, negative_slope: xp.where(x > 0, g, negative_slope * g)},
    tex=r"x \text{ if } x > 0 \text{ else } s x", doc="A rectified linear unit with a small slope for negative x.", kinks=(0,),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((make(2, 1),), {"negative_slope": 0.3})],
    torch="F.leaky_relu(x, negative_slope)",
)


def _prelu(xp, x, weight):
    """The weights of channels stand along axis 1."""
    n, size = getattr(x, "ndim", 0), getattr(weight, "size", 1)
    channels = x.shape[1] if n > 1 else 1
    if size != 1 and (weight.ndim != 1 or size != channels):
        raise ShapeError(
            f"{weight.shape} weights for {channels} channels", op="prelu", got=described(FUNCTIONS["prelu"].op, [x, weight], None),
            expected=f"a single weight, or {channels} of them, one for each index of axis 1", fix="gd.prelu(x, gd.mean(weight))",
        )  # fmt: skip
    if getattr(weight, "ndim", 0):
        weight = xp.reshape(weight, (size, *[1] * (n - 2)) if size > 1 else ())
    below = xp.where(x > 0, 0, x)  # an infinite x above 0 is nothing to the weight, not 0 times infinity
    return xp.where(x > 0, x, weight * below)


prelu = composed(
    "prelu", lambda xp, x, weight: _prelu(xp, x, weight), kinks=(0,),
    tex=r"x \text{ if } x > 0 \text{ else } w x", doc="A rectified linear unit with learned slopes for negative x: one, or one a channel.",
    samples=lambda make: [((make(2, 3), make(3)), {}), ((make(2, 3, 2), make(3)), {}), ((make(4), make(1)), {}), ((make(), make()), {}),
                          ((make(2, 3), make()), {}), ((make(0, 3), make(3)), {})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), ((make(3), make(3)), {}, "ShapeError"),
                         ((make(2, 3), make(2, 3)), {}, "ShapeError"), ((make.text(2, 3), make(3)), {}, "DTypeError")],
    torch="F.prelu(x, weight)",
)
threshold = elementwise(
    "threshold", lambda xp, x, *, threshold=0.0, value=0.0: xp.where(x <= threshold, value, x),
    d={"x": lambda xp, g, x, *, threshold: xp.where(x <= threshold, 0, g)},
    tex=r"x \text{ if } x > t \text{ else } v", doc="x above a threshold, else a value in its place.", kinks=(0,),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}),
                          ((2 * make(2, 3) + 0.5,), {"threshold": 0.5, "value": -3.0})],
    torch="F.threshold(x, threshold, value)",
)

# ------------------------------------------------------------------------------------------------ an exponential for negative x
elu = elementwise(
    "elu", lambda xp, x, *, alpha=1.0: xp.where(x > 0, x, alpha * xp.expm1(_left(xp, x))),
    d={"x": lambda xp, g, x, *, alpha: xp.where(x > 0, g, g * alpha * xp.exp(_left(xp, x)))},
    tex=r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)", doc="The exponential linear unit.", kinks=(0,),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((make(2, 1),), {"alpha": 0.7})],
    torch="F.elu(x, alpha)",
)
_ALPHA, _SCALE = 1.6732632423543772, 1.0507009873554805  # keep mean 0 and variance 1: Klambauer et al. 2017, eq. 14
selu = elementwise(
    "selu", lambda xp, x: _SCALE * xp.where(x > 0, x, _ALPHA * xp.expm1(_left(xp, x))),
    d={"x": lambda xp, g, x: _SCALE * xp.where(x > 0, g, g * _ALPHA * xp.exp(_left(xp, x)))},
    tex=r"\lambda x \text{ if } x > 0 \text{ else } \lambda \alpha (e^x - 1)", kinks=(0,),
    doc="The exponential linear unit that keeps mean and variance.",
)


def _celu(xp, x, alpha):
    if alpha == 0:
        raise _wrong("celu", "alpha", alpha, "a number other than 0", 1.0)
    return xp.where(x > 0, x, alpha * xp.expm1(_left(xp, x) / alpha))


celu = elementwise(
    "celu", lambda xp, x, *, alpha=1.0: _celu(xp, x, alpha),
    d={"x": lambda xp, g, x, *, alpha: xp.where(x > 0, g, g * xp.exp(_left(xp, x) / alpha))},
    tex=r"x \text{ if } x > 0 \text{ else } \alpha (e^{x / \alpha} - 1)", doc="The exponential linear unit with slope 1 at 0.", kinks=(0,),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((make(2, 1),), {"alpha": 0.7})],
    errors=lambda make: [((make(2, 3),), {"alpha": 0.0}, "ArgumentError")], torch="F.celu(x, alpha)",
)

# ------------------------------------------------------------------------------------------------ smooth steps and bends
sigmoid = elementwise(
    "sigmoid", lambda xp, x: logistic(xp, x), d={"x": lambda xp, y: y * (1 - y)},
    tex=r"\sigma(x) = \frac{1}{1 + e^{-x}}", symbol="σ", doc="The logistic function.", domain=(-4, 4), aliases=("expit",),
)
logsigmoid = elementwise(
    "logsigmoid", lambda xp, x: xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x))), d={"x": lambda xp, x: logistic(xp, -x)},
    tex=r"\ln \sigma(x)", doc="The logarithm of the logistic function.", domain=(-4, 4), aliases=("log_sigmoid",),
)


def _softplus(xp, x, beta=1.0, threshold=None):
    """Without overflow; what is added to the larger of x and 0 is at most ln 2."""
    if beta == 0:
        raise _wrong("softplus", "beta", beta, "a number other than 0", 1.0)
    y = (xp.maximum(beta * x, 0) + xp.log1p(xp.exp(-xp.abs(beta * x)))) / beta
    return y if threshold is None else xp.where(beta * x > threshold, x, y)


def _softplus_slope(xp, x, beta, threshold):
    s = logistic(xp, beta * x)
    return s if threshold is None else xp.where(beta * x > threshold, 1, s)


softplus = elementwise(
    "softplus", lambda xp, x, *, beta=1.0, threshold=None: _softplus(xp, x, beta, threshold),
    d={"x": lambda xp, x, *, beta, threshold: _softplus_slope(xp, x, beta, threshold)},
    tex=r"\frac{1}{\beta} \ln(1 + e^{\beta x})", domain=(-4, 4),
    doc="A smooth relu; where beta x is above a threshold, if there is one, x itself.",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((make(2, 3),), {"beta": 2.0}),
                          ((np.floor(make(2, 3)) + 0.5,), {"beta": 0.5, "threshold": 0.5})],
    errors=lambda make: [((make(2, 3),), {"beta": 0.0}, "ArgumentError")],
    torch="F.softplus(x, beta, 20 if threshold is None else threshold)",
)
softsign = elementwise(
    "softsign", lambda xp, x: x / (1 + xp.abs(x)), d={"x": lambda xp, x: xp.square(1 / (1 + xp.abs(x)))},
    tex=r"\frac{x}{1 + |x|}", doc="A step between −1 and 1 with long tails.", kinks=(0,), aliases=("soft_sign",),
    differs="the derivative at an infinity is its limit; PyTorch gives NaN",
)

# ------------------------------------------------------------------------------------------------ gates: x times a step


def _gelu_bend(xp, x):
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)


def _gelu(xp, x, approximate):
    if approximate == "tanh":
        return 0.5 * x * (1 + xp.tanh(_gelu_bend(xp, x)))
    if approximate != "none":
        raise _wrong("gelu", "approximate", approximate, "'none' or 'tanh'", "tanh")
    return 0.5 * x * (1 + xp.erf(x / math.sqrt(2)))


def _gelu_slope(xp, x, approximate):
    if approximate == "tanh":
        x = _held(xp, x, 20.0)
        t = xp.tanh(_gelu_bend(xp, x))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    x = _held(xp, x, 40.0)
    return 0.5 * (1 + xp.erf(x / math.sqrt(2))) + x * xp.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


gelu = elementwise(
    "gelu", lambda xp, x, *, approximate="none": _gelu(xp, x, approximate),
    d={"x": lambda xp, x, *, approximate: _gelu_slope(xp, x, approximate)},
    tex=r"x \, \Phi(x)", doc="x times the probability that a normal number is below x, exactly or by way of tanh.",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((3 * make(2, 1),), {}),
                          ((make(2, 3),), {"approximate": "tanh"}), ((3 * make(4),), {"approximate": "tanh"})],
    errors=lambda make: [((make(2, 3),), {"approximate": "erf"}, "ArgumentError")], torch="F.gelu(x, approximate=approximate)",
    differs="the derivative at an infinity is its limit; PyTorch gives NaN",
)


def _steep(x, beta):
    return x if beta is None else beta * x


def _silu_slope(xp, x, beta):
    z = _held(xp, _steep(x, beta), 800.0)
    s = logistic(xp, z)
    return s * (1 + z * (1 - s))


def _silu_slope_beta(xp, x, beta):
    s = logistic(xp, beta * x)
    return (x * s) * (x * (1 - s))


silu = elementwise(
    "silu", lambda xp, x, beta=None: x * logistic(xp, _steep(x, beta)),
    d={"x": lambda xp, x, beta: _silu_slope(xp, x, beta), "beta": lambda xp, x, beta: _silu_slope_beta(xp, x, beta)},
    tex=r"x \, \sigma(\beta x)", doc="x times the logistic function of beta x, where beta, 1 if not given, may be learned.",
    aliases=("swish",), torch="F.silu(x) if beta is None else x * torch.sigmoid(beta * x)",
    samples=lambda make: [((make(2, 3), None), {}), ((make(), None), {}), ((make(0), None), {}), ((make(2, 3), make()), {}),
                          ((make(2, 3), make(3)), {}), ((make(2, 1), 1.702), {}), ((make(), make()), {})],
    differs="the derivative at an infinity is its limit; PyTorch gives NaN",
)


def _mish_slope(xp, x):
    x = _held(xp, x, 800.0)
    t = xp.tanh(_softplus(xp, x))
    return t + x * (1 - t * t) * logistic(xp, x)


mish = elementwise(
    "mish", lambda xp, x: x * xp.tanh(_softplus(xp, x)), d={"x": lambda xp, x: _mish_slope(xp, x)},
    tex=r"x \tanh(\ln(1 + e^x))", doc="x times the hyperbolic tangent of its softplus.", domain=(-4, 4),
    differs="the derivative at an infinity is its limit; PyTorch gives NaN",
)


def _glu(xp, x, axis):
    if -x.ndim <= axis < x.ndim and x.shape[axis] % 2:
        even = ", ".join([":"] * (axis % x.ndim) + [f":{x.shape[axis] - 1}"])
        raise ShapeError(
            f"axis {axis} has {x.shape[axis]} elements, which do not make two halves", op="glu",
            got=described(FUNCTIONS["glu"].op, [x], None), expected="an even number of them", fix=f"gd.glu(x[{even}], axis={axis})",
        )  # fmt: skip
    value, gate = xp.split(x, sections=2, axis=axis)
    return value * xp.sigmoid(gate)


glu = composed(
    "glu", lambda xp, x, *, axis=-1: _glu(xp, x, axis),
    tex=r"a \, \sigma(b) \text{ for } x = [a; b]", doc="The first half along an axis times the logistic function of the second.",
    samples=lambda make: [((make(2, 4),), {}), ((make(4, 3),), {"axis": 0}), ((make(3, 2, 2),), {"axis": -2}), ((make(0, 2),), {})],
    errors=lambda make: [((make(2, 3),), {}, "ShapeError"), ((make(3, 2),), {"axis": 0}, "ShapeError"),
                         ((make(2, 4),), {"axis": 2}, "IndexError_"), ((make.text(4),), {}, "DTypeError")],
    torch="F.glu(x, dim=axis)",
)

# ------------------------------------------------------------------------------------------------ straight pieces in place of curves
hardtanh = elementwise(
    "hardtanh", lambda xp, x, *, min_val=-1.0, max_val=1.0: xp.minimum(xp.maximum(x, min_val), max_val),
    d={"x": lambda xp, g, x, *, min_val, max_val: _between(xp, g, x, min_val, max_val)},
    tex=r"\min(\max(x, lo), hi)", doc="x between two bounds; derivative 0 on them.", kinks=(-1, 1), aliases=("hard_tanh",),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((0.5 * make(2, 3),), {"min_val": -0.5, "max_val": 0.5})],
    torch="F.hardtanh(x, min_val, max_val)",
    differs="the gradient of a NaN passes, as that of relu does; PyTorch gives 0",
)
hardsigmoid = elementwise(
    "hardsigmoid", lambda xp, x: xp.minimum(xp.maximum(x + 3, 0), 6) / 6,
    d={"x": lambda xp, g, x: _between(xp, g / 6, x, -3, 3)}, torch="F.relu6(x + 3) / 6",  # its own has 1/6 in float32
    tex=r"\min(\max(x / 6 + 1 / 2, 0), 1)", doc="A logistic function of straight pieces.", domain=(-5, 5), kinks=(-3, 3),
    aliases=("hard_sigmoid",),
    differs="the gradient of a NaN passes, as that of relu does; PyTorch gives 0",
)
hardswish = elementwise(
    "hardswish", lambda xp, x: x * xp.minimum(xp.maximum(x + 3, 0), 6) / 6,
    d={"x": lambda xp, g, x: xp.where(x <= -3, 0, xp.where(x >= 3, g, g * (x / 3 + 0.5)))},
    tex=r"x \min(\max(x / 6 + 1 / 2, 0), 1)", doc="x times the logistic function of straight pieces.", domain=(-5, 5), kinks=(-3, 3),
    aliases=("hard_swish", "hard_silu"),
)

# ------------------------------------------------------------------------------------------------ shrinkage
tanhshrink = elementwise(
    "tanhshrink", lambda xp, x: x - xp.tanh(x), d={"x": lambda xp, x: xp.square(xp.tanh(x))},
    tex=r"x - \tanh x", doc="x less its hyperbolic tangent.", aliases=("tanh_shrink",),
)


def _softshrink(xp, x, lambd):
    if lambd < 0:
        raise _wrong("softshrink", "lambd", lambd, "0 or a positive number", 0.5)
    return x - xp.minimum(xp.maximum(x, -lambd), lambd)


_shrink = dict(
    kinks=(-0.5, 0.5),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((2 * make(2, 3),), {"lambd": 1.0})],
)
softshrink = elementwise(
    "softshrink", lambda xp, x, *, lambd=0.5: _softshrink(xp, x, lambd),
    d={"x": lambda xp, g, x, *, lambd: xp.where(xp.abs(x) <= lambd, 0, g)},
    tex=r"\operatorname{sign}(x) \max(|x| - \lambda, 0)", doc="x moved towards 0 by lambd, and 0 within.", aliases=("soft_shrink",),
    errors=lambda make: [((make(2, 3),), {"lambd": -1.0}, "ArgumentError")], torch="F.softshrink(x, lambd)", **_shrink,
    differs="the gradient of a NaN passes, as that of relu does; PyTorch gives 0",
)
hardshrink = elementwise(
    "hardshrink", lambda xp, x, *, lambd=0.5: xp.where(xp.abs(x) <= lambd, 0, x),
    d={"x": lambda xp, g, x, *, lambd: xp.where(xp.abs(x) <= lambd, 0, g)},
    tex=r"x \text{ if } |x| > \lambda \text{ else } 0", doc="x, and 0 within lambd of 0.", aliases=("hard_shrink",),
    torch="F.hardshrink(x, lambd)", **_shrink,
    differs="the gradient of a NaN passes, as that of relu does; PyTorch gives 0",
)
