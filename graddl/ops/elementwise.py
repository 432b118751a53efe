"""Ops that work point by point. Read it like a formula sheet: name, value, derivative, formula."""

import math

from ._define import elementwise

# ------------------------------------------------------------------------------------------------ arithmetic
add = elementwise(
    "add", lambda xp, a, b: xp.add(a, b), d={"a": 1, "b": 1}, tex=r"a + b", symbol="+", doc="The sum."
)
subtract = elementwise(
    "subtract", lambda xp, a, b: xp.subtract(a, b), d={"a": 1, "b": -1},
    tex=r"a - b", symbol="−", doc="The difference.", aliases=("sub",),
)
multiply = elementwise(
    "multiply", lambda xp, a, b: xp.multiply(a, b), d={"a": lambda xp, b: b, "b": lambda xp, a: a},
    tex=r"a \cdot b", symbol="×", doc="The product.", aliases=("mul",),
)
divide = elementwise(
    "divide", lambda xp, a, b: xp.divide(a, b), d={"a": lambda xp, b: 1 / b, "b": lambda xp, b, y: -y / b},
    tex=r"a / b", symbol="÷", doc="The quotient; integers give the default dtype.", aliases=("div", "true_divide"),
    domain={"a": (-2, 2), "b": (0.5, 2)},
)
negative = elementwise(
    "negative", lambda xp, x: xp.negative(x), d={"x": -1}, tex=r"-x", symbol="−", doc="The negative.", aliases=("neg",)
)


def _power_base(xp, a, b):
    """b a^(b-1), and 0 where b is 0. A number stays out of `where`, which would give it the default dtype."""
    if isinstance(b, int | float):
        return b * xp.pow(a, b - 1) if b != 0 else 0
    return xp.where(b == 0, 0, b * xp.pow(a, xp.where(b == 0, 1, b - 1)))


def _power_exponent(xp, a, y):
    """a^b ln a, and 0 where a is 0 and the power is finite."""
    if isinstance(a, int | float):
        log_a = math.log(a) if a > 0 else float("-inf") if a == 0 else math.nan
        return xp.where(xp.abs(y) <= 1, 0, y * log_a) if a == 0 else y * log_a
    zero = xp.logical_and(a == 0, xp.abs(y) <= 1)
    return xp.where(zero, 0, y * xp.log(xp.where(zero, 1, a)))


def _per(xp, part, whole):
    """part / whole, and 0 where whole is 0, in derivatives of any order."""
    zero = whole == 0
    return xp.where(zero, 0, part / xp.where(zero, 1, whole))


power = elementwise(
    "power", lambda xp, a, b: xp.pow(a, b),
    d={"a": lambda xp, a, b: _power_base(xp, a, b), "b": lambda xp, a, y: _power_exponent(xp, a, y)},
    tex=r"a^b", symbol="^", doc="The power a to the b.", aliases=("pow",), domain={"a": (0.3, 2), "b": (-2, 2)},
)
floor_divide = elementwise(
    "floor_divide", lambda xp, a, b: xp.floor_divide(a, b), d={"a": 0, "b": 0}, tex=r"\lfloor a / b \rfloor", symbol="//",
    doc="The quotient rounded down; its derivative is 0 wherever it has one.", domain={"a": (-2, 2), "b": (2.5, 4)}, kinks=(0,),
)
remainder = elementwise(
    "remainder", lambda xp, a, b: xp.remainder(a, b), d={"a": 1, "b": lambda xp, a, b: -xp.floor(a / b)},
    tex=r"a - b \lfloor a / b \rfloor", symbol="mod", doc="The remainder, with the sign of b.", aliases=("mod",),
    domain={"a": (-2, 2), "b": (2.5, 4)}, kinks=(0,),
)

# ------------------------------------------------------------------------------------------------ powers, exponentials
square = elementwise(
    "square", lambda xp, x: xp.square(x), d={"x": lambda xp, x: 2 * x}, tex=r"x^2", symbol="x²", doc="The square."
)
sqrt = elementwise(
    "sqrt", lambda xp, x: xp.sqrt(x), d={"x": lambda xp, y: 0.5 / y}, tex=r"\sqrt{x}", symbol="√", doc="The square root.",
    domain=(0.3, 4),
)
exp = elementwise("exp", lambda xp, x: xp.exp(x), d={"x": lambda xp, y: y}, tex=r"e^x", doc="The exponential.")
log = elementwise(
    "log", lambda xp, x: xp.log(x), d={"x": lambda xp, x: 1 / x}, tex=r"\ln x", doc="The natural logarithm.", domain=(0.3, 4)
)
abs = elementwise(
    "abs", lambda xp, x: xp.abs(x), d={"x": lambda xp, x: xp.sign(x)}, tex=r"|x|", symbol="|x|",
    doc="The absolute value; derivative 0 at 0.", kinks=(0,), aliases=("absolute", "fabs"),
)
sign = elementwise(
    "sign", lambda xp, x: xp.sign(x), d={"x": 0}, tex=r"\operatorname{sign} x", doc="−1, 0 or 1.", kinks=(0,)
)
floor = elementwise(
    "floor", lambda xp, x: xp.floor(x), d={"x": 0}, tex=r"\lfloor x \rfloor", doc="The largest integer not above x.",
    kinks=(-2, -1, 0, 1, 2),
)
erf = elementwise(
    "erf", lambda xp, x: xp.erf(x), d={"x": lambda xp, x: 1.1283791670955126 * xp.exp(-x * x)},
    tex=r"\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt", doc="The error function.",
)

# ------------------------------------------------------------------------------------------------ activations
tanh = elementwise(
    "tanh", lambda xp, x: xp.tanh(x), d={"x": lambda xp, y: 1 - y * y}, tex=r"\tanh x", doc="The hyperbolic tangent.",
    domain=(-3, 3),
)
sigmoid = elementwise(
    "sigmoid", lambda xp, x: xp.exp(xp.minimum(x, 0)) / (1 + xp.exp(-xp.abs(x))), d={"x": lambda xp, y: y * (1 - y)},
    tex=r"\sigma(x) = \frac{1}{1 + e^{-x}}", symbol="σ", doc="The logistic function.", domain=(-4, 4),
)
relu = elementwise(
    "relu", lambda xp, x: xp.maximum(x, 0), d={"x": lambda xp, g, x: xp.where(x <= 0, 0, g)}, tex=r"\max(x, 0)",
    doc="The rectified linear unit; derivative 0 at 0.", kinks=(0,),
)
softplus = elementwise(
    "softplus", lambda xp, x: xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x))), d={"x": lambda xp, x: 1 / (1 + xp.exp(-x))},
    tex=r"\ln(1 + e^x)", doc="A smooth relu.", domain=(-4, 4),
)

# ------------------------------------------------------------------------------------------------ trigonometry
sin = elementwise("sin", lambda xp, x: xp.sin(x), d={"x": lambda xp, x: xp.cos(x)}, tex=r"\sin x", doc="The sine.")
cos = elementwise("cos", lambda xp, x: xp.cos(x), d={"x": lambda xp, x: -xp.sin(x)}, tex=r"\cos x", doc="The cosine.")
tan = elementwise(
    "tan", lambda xp, x: xp.tan(x), d={"x": lambda xp, y: 1 + y * y}, tex=r"\tan x", doc="The tangent.", domain=(-1.2, 1.2)
)
arctan2 = elementwise(
    "arctan2", lambda xp, a, b: xp.atan2(a, b),
    d={"a": lambda xp, a, b: _per(xp, b, a * a + b * b), "b": lambda xp, a, b: _per(xp, -a, a * a + b * b)},
    tex=r"\operatorname{atan2}(a, b)", doc="The angle of the point (b, a); derivative 0 at the origin.", aliases=("atan2",),
    domain=(0.3, 2),
)
hypot = elementwise(
    "hypot", lambda xp, a, b: xp.hypot(a, b),
    d={"a": lambda xp, a, y: _per(xp, a, y), "b": lambda xp, b, y: _per(xp, b, y)},
    tex=r"\sqrt{a^2 + b^2}", doc="The distance from the origin; derivative 0 there.", domain=(0.3, 2),
)

# ------------------------------------------------------------------------------------------------ choices
maximum = elementwise(
    "maximum", lambda xp, a, b: xp.maximum(a, b),
    d={"a": lambda xp, g, a, b: xp.where(a < b, 0, xp.where(a == b, g / 2, g)),
       "b": lambda xp, g, a, b: xp.where(b < a, 0, xp.where(a == b, g / 2, g))},
    tex=r"\max(a, b)", symbol="max", doc="The larger of two; a tie shares the gradient evenly.",
)
minimum = elementwise(
    "minimum", lambda xp, a, b: xp.minimum(a, b),
    d={"a": lambda xp, g, a, b: xp.where(a > b, 0, xp.where(a == b, g / 2, g)),
       "b": lambda xp, g, a, b: xp.where(b > a, 0, xp.where(a == b, g / 2, g))},
    tex=r"\min(a, b)", symbol="min", doc="The smaller of two; a tie shares the gradient evenly.",
)
where = elementwise(
    "where", lambda xp, condition, a, b: xp.where(condition, a, b), nondiff=("condition",),
    d={"a": lambda xp, g, condition: xp.where(condition, g, 0), "b": lambda xp, g, condition: xp.where(condition, 0, g)},
    tex=r"a \text{ if } c \text{ else } b", doc="a where the condition holds, else b.", method=False, passes_nan=False,
    samples=lambda make: [((make(2, 3) > 0, make(2, 3), make(3)), {}), ((make(3) > 0, make(2, 1), make()), {})],
)


def _inside(xp, g, x, low, high):
    g = g if low is None else xp.where(x >= low, g, 0)
    return g if high is None else xp.where(x <= high, g, 0)


def _clip(xp, x, low, high):
    x = x if low is None else xp.maximum(x, low)
    return x if high is None else xp.minimum(x, high)


clip = elementwise(
    "clip", lambda xp, x, min=None, max=None: _clip(xp, x, min, max),
    d={"x": lambda xp, g, x, min, max: _inside(xp, g, x, min, max),
       "min": lambda xp, g, x, min: xp.where(x < min, g, 0),
       "max": lambda xp, g, x, max: xp.where(x > max, g, 0)},
    tex=r"\min(\max(x, lo), hi)", doc="x held between two bounds, either of which may be None.", aliases=("clamp",),
    samples=lambda make: [((make(2, 3), -1.0, 1.0), {}), ((make(4), make(4) - 3, make(4) + 3), {}),
                          ((make(4), make(4) + 5, 9.0), {}), ((make(4), -9.0, make(4) - 5), {}), ((make(3), None, 0.5), {})],
)

# ------------------------------------------------------------------------------------------------ comparisons
_flat = dict(d={"a": 0, "b": 0}, boolean=True)
_logic = dict(**_flat, samples=lambda make: [((make(2, 3) > 0, make(3) > 0), {}), ((make() > 0, make(0) > 0), {})])
equal = elementwise("equal", lambda xp, a, b: xp.equal(a, b), tex="a = b", symbol="=", doc="Whether equal.", **_flat)
not_equal = elementwise("not_equal", lambda xp, a, b: xp.not_equal(a, b), tex=r"a \ne b", symbol="≠", doc="Whether not equal.", **_flat)
less = elementwise("less", lambda xp, a, b: xp.less(a, b), tex="a < b", symbol="<", doc="Whether less.", **_flat)
less_equal = elementwise(
    "less_equal", lambda xp, a, b: xp.less_equal(a, b), tex=r"a \le b", symbol="≤", doc="Whether less or equal.", **_flat
)
greater = elementwise("greater", lambda xp, a, b: xp.greater(a, b), tex="a > b", symbol=">", doc="Whether greater.", **_flat)
greater_equal = elementwise(
    "greater_equal", lambda xp, a, b: xp.greater_equal(a, b), tex=r"a \ge b", symbol="≥", doc="Whether greater or equal.", **_flat
)
logical_and = elementwise(
    "logical_and", lambda xp, a, b: xp.logical_and(a, b), tex=r"a \wedge b", symbol="∧", doc="Whether both hold.", **_logic
)
logical_or = elementwise(
    "logical_or", lambda xp, a, b: xp.logical_or(a, b), tex=r"a \vee b", symbol="∨", doc="Whether either holds.", **_logic
)
logical_not = elementwise(
    "logical_not", lambda xp, x: xp.logical_not(x), d={"x": 0}, boolean=True,
    tex=r"\neg x", symbol="¬", doc="Whether it does not hold.",
    samples=lambda make: [((make(2, 3) > 0,), {}), ((make() > 0,), {})],
)
isnan = elementwise("isnan", lambda xp, x: xp.isnan(x), d={"x": 0}, boolean=True, tex=r"x \text{ is NaN}", doc="Whether not a number.")
isfinite = elementwise(
    "isfinite", lambda xp, x: xp.isfinite(x), d={"x": 0}, boolean=True, tex=r"|x| < \infty", doc="Whether neither NaN nor infinite."
)

# ------------------------------------------------------------------------------------------------ copies and bridges
identity = elementwise(
    "identity", lambda xp, x: xp.asarray(x), d={"x": 1}, tex="x", symbol="=", doc="The same values as a new step of the graph.",
    method=False, hidden=True,
)
clone = elementwise(
    "clone", lambda xp, x: xp.asarray(x, copy=True), d={"x": 1}, tex="x", symbol="=", doc="A copy; the gradient passes through.",
    aliases=("copy",),
)
astype = elementwise(
    "astype", lambda xp, x, *, dtype: xp.astype(x, dtype), d={"x": 1}, tex="x", symbol="cast",
    doc="The same values in another dtype; the gradient comes back in the old one.",
    samples=lambda make: [((make(2, 3),), {"dtype": "float64"})], fix="a dtype such as gd.float32",
)
from_scalar = elementwise(
    "from_scalar", lambda xp, x, *, dtype=None: xp.asarray(x, dtype=dtype), d={"x": 1}, tex="x", symbol="→",
    doc="A Scalar as a Tensor without axes.", method=False, hidden=True,
)
to_scalar = elementwise(
    "to_scalar", lambda xp, x: x, d={"x": 1}, tex="x", symbol="→", doc="A Tensor of one element as a Scalar.",
    method=False, hidden=True,
)
