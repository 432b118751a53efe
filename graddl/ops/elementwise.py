"""Ops that work point by point. Read it like a formula sheet: name, value, derivative, formula."""

import math
from math import inf, pi

import numpy as np

from ..errors import DTypeError
from ._define import FUNCTIONS, composed, elementwise, linear
from ._explain import broadcast_error, described, shape_of

LN2, LN10, ROOT_PI = math.log(2), math.log(10), math.sqrt(pi)
magnitude = abs  # Python's own, for numbers, arrays and Tensors alike; the op takes its name


def floating(x):
    """Whether an array of any namespace is floating; a plain number counts as such."""
    return "float" in str(getattr(x, "dtype", "float"))


def fitting(name, *xs, **params):
    """Refuse shapes that do not broadcast, in the name of a function that is no elementwise op."""
    try:
        np.broadcast_shapes(*map(shape_of, xs))
    except ValueError:
        raise broadcast_error(FUNCTIONS[name].op, xs, params) from None


def _text_errors(make):
    """What no function of one array takes."""
    return [((make.text(*shape),), {}, "DTypeError") for shape in ((2, 3), (), (0,))]


def _pair_errors(make):
    """What no function of two arrays takes."""
    good, bad = np.ones(3), make.text(3)
    return [((a, b), {}, "DTypeError") for a, b in ((good, bad), (bad, good), (bad, bad))]


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
positive = elementwise("positive", lambda xp, x: xp.positive(x), d={"x": 1}, tex="+x", symbol="+", doc="The same numbers.")
reciprocal = elementwise(
    "reciprocal", lambda xp, x: xp.reciprocal(x), d={"x": lambda xp, y: -y * y},
    tex=r"1 / x", symbol="1/x", doc="One divided by x; integers stay integers.", domain=(0.5, 2),
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


_power = dict(
    d={"a": lambda xp, a, b: _power_base(xp, a, b), "b": lambda xp, a, y: _power_exponent(xp, a, y)},
    tex=r"a^b", symbol="^", domain={"a": (0.3, 2), "b": (-2, 2)}, torch="torch.pow(a, b)",
)
power = elementwise("power", lambda xp, a, b: xp.pow(a, b), doc="The power a to the b.", aliases=("pow",), **_power)
float_power = elementwise(
    "float_power", lambda xp, a, b: xp.pow(a if floating(a) else 1.0 * a, b if floating(b) else 1.0 * b),
    doc="The power a to the b in floating numbers, also of integers.", **_power,
)
floor_divide = elementwise(
    "floor_divide", lambda xp, a, b: xp.floor_divide(a, b), d={"a": 0, "b": 0}, tex=r"\lfloor a / b \rfloor", symbol="//",
    doc="The quotient rounded down; its derivative is 0 wherever it has one.", domain={"a": (-2, 2), "b": (2.5, 4)}, kinks=(0,),
    torch="torch.div(a, b, rounding_mode='floor')",
)
remainder = elementwise(
    "remainder", lambda xp, a, b: xp.remainder(a, b), d={"a": 1, "b": lambda xp, a, b: -xp.floor_divide(a, b)},
    tex=r"a - b \lfloor a / b \rfloor", symbol="mod", doc="The remainder, with the sign of b.", aliases=("mod",),
    domain={"a": (-2, 2), "b": (2.5, 4)}, kinks=(0,),
)


def _fmod(xp, a, b):
    """The remainder of the absolute values, which is exact, with the sign of a."""
    r = xp.remainder(magnitude(a), magnitude(b))
    return xp.where(a + 0 * r < 0, -r, r)


def _fmod_slope(xp, a, b):
    """Less the quotient rounded towards 0, which has the sign of a / b."""
    q = xp.floor_divide(magnitude(a), magnitude(b))
    return xp.where(a / b < 0, q, -q)


fmod = elementwise(
    "fmod", lambda xp, a, b: _fmod(xp, a, b), d={"a": 1, "b": lambda xp, a, b: _fmod_slope(xp, a, b)},
    tex=r"a - b \operatorname{trunc}(a / b)", doc="The remainder, with the sign of a.", domain=(2.6, 3.1),
    samples=lambda make: [((make(2, 3) + 1.5, make(3)), {}), ((make(2, 1) - 7, make(3)), {}), ((make(3) + 1.5, -2.8), {}),
                          ((-4.5, make(3)), {}), ((np.asarray(make() + 1.5), make()), {}), ((make(0), make(1)), {})],
    differs="the derivative by b is NaN where a is infinite; PyTorch gives an infinity",
)


def _divmod(xp, a, b):
    fitting("divmod", a, b)
    return xp.floor_divide(a, b), xp.remainder(a, b)


divmod = composed(
    "divmod", lambda xp, a, b: _divmod(xp, a, b), several=True,
    tex=r"\lfloor a / b \rfloor, \; a - b \lfloor a / b \rfloor", doc="The quotient rounded down, and the remainder.",
    domain=(2.6, 3.1), torch="(torch.div(a, b, rounding_mode='floor'), torch.remainder(a, b))",
    samples=lambda make: [((make(2, 3) + 1.5, make(3)), {}), ((make(2, 1) - 7, 2.8), {}), ((np.asarray(make() + 1.5), make()), {}),
                          ((make(0), make(1)), {})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), *_pair_errors(make)],
)
lerp = elementwise(
    "lerp", lambda xp, a, b, weight: (1 - weight) * a + weight * b,
    d={"a": lambda xp, weight: 1 - weight, "b": lambda xp, weight: weight, "weight": lambda xp, a, b: b - a},
    tex=r"(1 - w) a + w b", doc="A point between a and b: a for weight 0, b for weight 1.",
    samples=lambda make: [((make(2, 3), make(2, 3), 0.3), {}), ((make(2, 3), make(3), make(2, 1)), {}), ((make(), make(), make()), {}),
                          ((make(0), make(1), make(1)), {})],
)

# ------------------------------------------------------------------------------------------------ signs and rounding
abs = elementwise(
    "abs", lambda xp, x: xp.abs(x), d={"x": lambda xp, x: xp.sign(x)}, tex=r"|x|", symbol="|x|",
    doc="The absolute value; derivative 0 at 0.", kinks=(0,), aliases=("absolute", "fabs"),
    differs="the derivative at NaN is NaN; PyTorch gives 0",
)
sign = elementwise(
    "sign", lambda xp, x: xp.sign(x), d={"x": 0}, tex=r"\operatorname{sign} x", doc="−1, 0 or 1.", kinks=(0,),
    differs="NaN stays NaN, as in NumPy; PyTorch gives 0",
)
copysign = elementwise(
    "copysign", lambda xp, a, b: xp.copysign(a, b), kinks=(0,), passes_nan=False,  # NaN has a sign
    d={"a": lambda xp, g, a, y: xp.where(y == 0, 0, xp.where((a < 0) == (y < 0), g, -g)), "b": 0},
    tex=r"|a| \operatorname{sign} b", doc="a with the sign of b; derivative 0 at 0.",
    differs="the derivative at an infinity is its limit; PyTorch gives NaN",
)
signbit = elementwise(
    "signbit", lambda xp, x: xp.signbit(x), d={"x": 0}, boolean=True, tex=r"x < 0", doc="Whether the sign is minus; minus zero counts."
)


def _heaviside(xp, x, value):
    fitting("heaviside", x, value)
    return xp.where(x == 0, 1.0 * value, (xp.sign(x) + 1) / 2)


heaviside = composed(
    "heaviside", lambda xp, x, value: _heaviside(xp, x, value), kinks=(0,), passes_nan=False,  # the value counts at 0 only
    tex=r"0 \text{ if } x < 0, \; v \text{ if } x = 0, \text{ else } 1", doc="A step from 0 to 1, with a value of its own at 0.",
    samples=lambda make: [((make(2, 3), make(3)), {}), ((np.array([-1, 0, 2, 0]), make(4)), {}), ((make(2, 1), 0.5), {}),
                          ((make(), make()), {}), ((make(0), make(1)), {})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), *_pair_errors(make)],
    torch="torch.where(x == 0, value, (torch.sign(x) + 1) / 2)",
)


def _round(xp, x, decimals):
    """In steps of 10^-decimals; integers stay integers."""
    if decimals == 0:
        return xp.round(x)
    tens = 10.0 ** magnitude(decimals)
    y = xp.round(x * tens) / tens if decimals > 0 else xp.round(x / tens) * tens
    return y if floating(x) else xp.astype(y, x.dtype)


round = elementwise(
    "round", lambda xp, x, *, decimals=0: _round(xp, x, decimals), d={"x": 0}, kinks=(-1.5, -0.5, 0.5, 1.5),
    tex=r"\operatorname{round} x", doc="Rounded to so many decimals; halves go to the even side.", aliases=("around",),
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((np.floor(5 * make(3)) / 5 + 0.02,), {"decimals": 1}),
                          ((2 * make(2, 1),), {"decimals": -1})],
    torch="torch.round(x, decimals=decimals)",
)
rint = elementwise(
    "rint", lambda xp, x: xp.round(x if floating(x) else 1.0 * x), d={"x": 0}, kinks=(-1.5, -0.5, 0.5, 1.5),
    tex=r"\operatorname{round} x", doc="The nearest integer as a floating number; halves go to the even side.", torch="torch.round(x)",
)
floor = elementwise(
    "floor", lambda xp, x: xp.floor(x), d={"x": 0}, tex=r"\lfloor x \rfloor", doc="The largest integer not above x.",
    kinks=(-2, -1, 0, 1, 2),
)
ceil = elementwise(
    "ceil", lambda xp, x: xp.ceil(x), d={"x": 0}, tex=r"\lceil x \rceil", doc="The smallest integer not below x.",
    kinks=(-2, -1, 0, 1, 2),
)
trunc = elementwise(
    "trunc", lambda xp, x: xp.trunc(x), d={"x": 0}, tex=r"\operatorname{trunc} x", doc="The integer part: x rounded towards 0.",
    kinks=(-2, -1, 0, 1, 2), aliases=("fix",),
)

# ------------------------------------------------------------------------------------------------ parts of a number


def _modf(xp, x):
    """Of an infinity, the part behind the point is 0. Integers become floating."""
    x = 1.0 * x
    return xp.where(xp.isinf(x), 0, x - xp.trunc(x)), xp.trunc(x)


modf = composed(
    "modf", lambda xp, x: _modf(xp, x), several=True,
    tex=r"x - \operatorname{trunc} x, \; \operatorname{trunc} x", doc="The part behind the point, and the integer part.",
    kinks=(-2, -1, 0, 1, 2), errors=_text_errors, torch="(x - torch.trunc(x), torch.trunc(x))",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((make(2, 1),), {})],
)


def _ldexp(xp, a, b):
    """a times 2^b in three steps, since 2^b alone may overflow; 0 and infinities stay what they are."""
    if floating(a) and hasattr(a, "dtype"):
        b = xp.asarray(b, dtype=a.dtype)
    third = b // 3
    y = a * xp.pow(2.0, third) * xp.pow(2.0, third) * xp.pow(2.0, b - 2 * third)
    return xp.where(y == y, y, a)


ldexp = elementwise(
    "ldexp", lambda xp, a, b: _ldexp(xp, a, b), d={"a": lambda xp, g, b: _ldexp(xp, g, b)}, nondiff=("b",),
    tex=r"a \cdot 2^b", doc="a times a power of two; the exponent carries no gradient.", torch="a * 2.0**b",
    samples=lambda make: [((make(2, 3), np.array([-1, 0, 3])), {}), ((make(), 4), {}), ((make(2, 1), np.array([[1, -2]])), {}),
                          ((make(0), np.array(1)), {})],
)


def _frexp(xp, x):
    """Next to a power of two the logarithm may be off by one: the size of the mantissa tells."""
    x = 1.0 * x
    ordinary = xp.logical_and(xp.isfinite(x), x != 0)
    size = xp.where(ordinary, xp.abs(x), 1)
    power = xp.astype(xp.floor(xp.log2(size)), "int32") + 1
    rest = xp.ldexp(size, -power)
    power = xp.where(rest >= 1, power + 1, xp.where(rest < 0.5, power - 1, power))
    return xp.where(ordinary, xp.ldexp(x, -power), x), xp.where(ordinary, power, 0)


frexp = composed(
    "frexp", lambda xp, x: _frexp(xp, x), several=True, domain=(1.1, 1.9), errors=_text_errors,
    tex=r"x = m \cdot 2^e, \; \tfrac12 \le |m| < 1", doc="Mantissa and exponent of 2; the exponent carries no gradient.",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(0),), {}), ((-512 * make(2, 1),), {}), ((make(3) / 64,), {})],
)
nextafter = elementwise(
    "nextafter", lambda xp, a, b: xp.nextafter(a, b), d={"a": 1, "b": 0},
    tex=r"a \pm \epsilon", doc="The number of the dtype that comes after a on the way to b.",
    differs="derivative 1 in a also where a equals b; PyTorch gives 0",
)
spacing = elementwise(
    "spacing", lambda xp, x: xp.copysign(xp.nextafter(xp.abs(x), inf) - xp.abs(x), x), d={"x": 0}, kinks=(0,),
    tex=r"\epsilon(x)", doc="The distance to the next number of the dtype, away from 0.",
    torch="torch.copysign(torch.nextafter(x.abs(), torch.full_like(x, math.inf)) - x.abs(), x)",
    differs="derivative 0 everywhere; PyTorch has no such function, and its parts give NaN at infinities",
)


def _real(xp, x, name):
    """x itself if it is real: Tensors of complex numbers have few functions, and no gradients."""
    if "complex" in str(getattr(x, "dtype", type(x))):
        op = FUNCTIONS[name].op
        raise DTypeError("complex numbers carry no gradient", op=name, got=described(op, [x], None), expected="real numbers",
                         fix=f"gd.{name}(np.real(x))")  # fmt: skip
    return xp.asarray(x)


conjugate = elementwise(
    "conjugate", lambda xp, x: _real(xp, x, "conjugate"), d={"x": 1}, tex=r"\bar{x}", doc="The conjugate: a real x itself.",
    aliases=("conj",), torch="torch.conj(x)",
)
real = elementwise(
    "real", lambda xp, x: _real(xp, x, "real"), d={"x": 1}, tex=r"\operatorname{Re} x", doc="The real part: a real x itself.",
    method=False,
)
imag = elementwise(
    "imag", lambda xp, x: xp.zeros_like(_real(xp, x, "imag")), d={"x": 0}, passes_nan=False,  # NaN is real
    tex=r"\operatorname{Im} x", doc="The imaginary part: 0 for a real x.", method=False, torch="0 * x",
    differs="0 for every real number, as in NumPy; PyTorch has it for complex numbers only",
)

# ------------------------------------------------------------------------------------------------ powers, exponentials, logarithms
square = elementwise(
    "square", lambda xp, x: xp.square(x), d={"x": lambda xp, x: 2 * x}, tex=r"x^2", symbol="x²", doc="The square."
)
sqrt = elementwise(
    "sqrt", lambda xp, x: xp.sqrt(x), d={"x": lambda xp, y: 0.5 / y}, tex=r"\sqrt{x}", symbol="√", doc="The square root.",
    domain=(0.3, 4),
)
rsqrt = elementwise(
    "rsqrt", lambda xp, x: xp.reciprocal(xp.sqrt(x)), d={"x": lambda xp, y: -0.5 * y * y * y},
    tex=r"1 / \sqrt{x}", symbol="1/√", doc="One divided by the square root.", domain=(0.3, 4),
)
cbrt = elementwise(
    "cbrt", lambda xp, x: xp.cbrt(x), d={"x": lambda xp, y: xp.reciprocal(3 * y * y)},
    tex=r"\sqrt[3]{x}", symbol="∛", doc="The cube root, also of negative numbers.", kinks=(0,),
    torch="torch.sign(x) * torch.abs(x) ** (1 / 3)",
    differs="the derivative at 0 is infinite; PyTorch has no such function, and its parts give NaN there",
)
exp = elementwise("exp", lambda xp, x: xp.exp(x), d={"x": lambda xp, y: y}, tex=r"e^x", doc="The exponential.")
exp2 = elementwise("exp2", lambda xp, x: xp.pow(2.0, x), d={"x": lambda xp, y: LN2 * y}, tex=r"2^x", doc="The power of two.")
expm1 = elementwise(
    "expm1", lambda xp, x: xp.expm1(x), d={"x": lambda xp, y: y + 1}, tex=r"e^x - 1", doc="The exponential less 1, exact near 0."
)
log = elementwise(
    "log", lambda xp, x: xp.log(x), d={"x": lambda xp, x: 1 / x}, tex=r"\ln x", doc="The natural logarithm.", domain=(0.3, 4)
)
log2 = elementwise(
    "log2", lambda xp, x: xp.log2(x), d={"x": lambda xp, x: 1 / LN2 / x}, tex=r"\log_2 x", doc="The logarithm to base 2.",
    domain=(0.3, 4),
)
log10 = elementwise(
    "log10", lambda xp, x: xp.log10(x), d={"x": lambda xp, x: 1 / LN10 / x}, tex=r"\log_{10} x", doc="The logarithm to base 10.",
    domain=(0.3, 4),
)
log1p = elementwise(
    "log1p", lambda xp, x: xp.log1p(x), d={"x": lambda xp, x: 1 / (1 + x)}, tex=r"\ln(1 + x)",
    doc="The logarithm of 1 + x, exact near 0.", domain=(-0.7, 3),
)


def logistic(xp, x):
    """1 / (1 + exp(-x)) without overflow, in its derivatives too."""
    return xp.exp(xp.minimum(x, 0)) / (1 + xp.exp(-xp.abs(x)))


def _gap(xp, a, b):
    """a - b, and 0 for equal infinities."""
    return xp.where(xp.logical_and(a == b, xp.isinf(xp.maximum(a, b))), 0, a - b)


def _logaddexp2(xp, a, b):
    """The larger of the two, and what the smaller one adds."""
    return xp.maximum(a, b) + xp.log1p(xp.pow(2.0, -xp.abs(_gap(xp, a, b)))) / LN2


logaddexp = elementwise(
    "logaddexp", lambda xp, a, b: xp.logaddexp(a, b),
    d={"a": lambda xp, a, b: logistic(xp, _gap(xp, a, b)), "b": lambda xp, a, b: logistic(xp, _gap(xp, b, a))},
    tex=r"\ln(e^a + e^b)", doc="The logarithm of a sum of exponentials.",
    differs="equal infinities share the gradient; PyTorch gives NaN",
)
logaddexp2 = elementwise(
    "logaddexp2", lambda xp, a, b: _logaddexp2(xp, a, b),
    d={"a": lambda xp, a, b: logistic(xp, LN2 * _gap(xp, a, b)), "b": lambda xp, a, b: logistic(xp, LN2 * _gap(xp, b, a))},
    tex=r"\log_2(2^a + 2^b)", doc="The logarithm of a sum of powers, to base 2.",
    differs="equal infinities share the gradient; PyTorch gives NaN",
)


def _both(xp, a, b):
    """A plain number beside an array in that array's dtype: it would have one of its own inside of log and where."""
    if isinstance(a, int | float) and hasattr(b, "dtype"):
        return xp.asarray(a, dtype=b.dtype), b
    if isinstance(b, int | float) and hasattr(a, "dtype"):
        return a, xp.asarray(b, dtype=a.dtype)
    return a, b


def _xlogy(xp, a, b):
    """a ln b, and 0 where a is 0 and b not NaN."""
    a, b = _both(xp, a, b)
    zero = xp.logical_and(a == 0, b == b)
    return xp.where(zero, 0, a * xp.log(xp.where(zero, 1, b)))


def _log_or_0(xp, a, b):
    """ln b, and 0 where a is 0 and b has no logarithm."""
    a, b = _both(xp, a, b)
    zero = xp.logical_and(a == 0, b <= 0)
    return xp.where(zero, 0, xp.log(xp.where(zero, 1, b)))


def _ratio_or_0(xp, a, b):
    """a / b, and 0 where both are 0."""
    a, b = _both(xp, a, b)
    zero = xp.logical_and(a == 0, b == 0)
    return xp.where(zero, 0, a / xp.where(zero, 1, b))


xlogy = elementwise(
    "xlogy", lambda xp, a, b: _xlogy(xp, a, b),
    d={"a": lambda xp, a, b: _log_or_0(xp, a, b), "b": lambda xp, a, b: _ratio_or_0(xp, a, b)},
    tex=r"a \ln b", doc="a times the logarithm of b, and 0 where a is 0.", domain={"a": (-2, 2), "b": (0.3, 4)},
    differs="the derivative by b at (0, 0) is 0; PyTorch gives NaN",
)

# ------------------------------------------------------------------------------------------------ trigonometry
sin = elementwise("sin", lambda xp, x: xp.sin(x), d={"x": lambda xp, x: xp.cos(x)}, tex=r"\sin x", doc="The sine.")
cos = elementwise("cos", lambda xp, x: xp.cos(x), d={"x": lambda xp, x: -xp.sin(x)}, tex=r"\cos x", doc="The cosine.")
tan = elementwise(
    "tan", lambda xp, x: xp.tan(x), d={"x": lambda xp, y: 1 + y * y}, tex=r"\tan x", doc="The tangent.", domain=(-1.2, 1.2)
)
arcsin = elementwise(
    "arcsin", lambda xp, x: xp.asin(x), d={"x": lambda xp, x: xp.reciprocal(xp.sqrt((1 - x) * (1 + x)))},
    tex=r"\arcsin x", doc="The angle whose sine is x.", aliases=("asin",), domain=(-0.9, 0.9),
)
arccos = elementwise(
    "arccos", lambda xp, x: xp.acos(x), d={"x": lambda xp, x: -xp.reciprocal(xp.sqrt((1 - x) * (1 + x)))},
    tex=r"\arccos x", doc="The angle whose cosine is x.", aliases=("acos",), domain=(-0.9, 0.9),
)
arctan = elementwise(
    "arctan", lambda xp, x: xp.atan(x), d={"x": lambda xp, x: 1 / (1 + x * x)},
    tex=r"\arctan x", doc="The angle whose tangent is x.", aliases=("atan",),
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
    differs="derivative 0 at the origin, as that of a norm; PyTorch gives NaN",
)
deg2rad = elementwise(
    "deg2rad", lambda xp, x: pi / 180 * x, d={"x": pi / 180}, tex=r"\pi x / 180", doc="Degrees as radians.",
    aliases=("radians",),
)
rad2deg = elementwise(
    "rad2deg", lambda xp, x: 180 / pi * x, d={"x": 180 / pi}, tex=r"180 x / \pi", doc="Radians as degrees.",
    aliases=("degrees",),
)

# ------------------------------------------------------------------------------------------------ hyperbolic functions
sinh = elementwise("sinh", lambda xp, x: xp.sinh(x), d={"x": lambda xp, x: xp.cosh(x)}, tex=r"\sinh x", doc="The hyperbolic sine.")
cosh = elementwise("cosh", lambda xp, x: xp.cosh(x), d={"x": lambda xp, x: xp.sinh(x)}, tex=r"\cosh x", doc="The hyperbolic cosine.")
tanh = elementwise(
    "tanh", lambda xp, x: xp.tanh(x), d={"x": lambda xp, y: 1 - y * y}, tex=r"\tanh x", doc="The hyperbolic tangent.",
    domain=(-3, 3),
)
arcsinh = elementwise(  # hypot: x * x may overflow
    "arcsinh", lambda xp, x: xp.asinh(x), d={"x": lambda xp, x: xp.reciprocal(xp.hypot(x, 1.0))},
    tex=r"\operatorname{arsinh} x", doc="The number whose hyperbolic sine is x.", aliases=("asinh",),
)
arccosh = elementwise(
    "arccosh", lambda xp, x: xp.acosh(x), d={"x": lambda xp, x: xp.reciprocal(xp.sqrt(x - 1) * xp.sqrt(x + 1))},
    tex=r"\operatorname{arcosh} x", doc="The number, not negative, whose hyperbolic cosine is x.", aliases=("acosh",), domain=(1.2, 4),
    differs="no derivative outside of the domain; PyTorch gives that of the formula",
)
arctanh = elementwise(
    "arctanh", lambda xp, x: xp.atanh(x), d={"x": lambda xp, x: 1 / ((1 - x) * (1 + x))},
    tex=r"\operatorname{artanh} x", doc="The number whose hyperbolic tangent is x.", aliases=("atanh",), domain=(-0.9, 0.9),
)

# ------------------------------------------------------------------------------------------------ special functions
erf = elementwise(
    "erf", lambda xp, x: xp.erf(x), d={"x": lambda xp, x: 2 / ROOT_PI * xp.exp(-x * x)},
    tex=r"\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt", doc="The error function.",
)
erfc = elementwise(
    "erfc", lambda xp, x: xp.erfc(x), d={"x": lambda xp, x: -2 / ROOT_PI * xp.exp(-x * x)},
    tex=r"\frac{2}{\sqrt\pi} \int_x^\infty e^{-t^2} dt", doc="One less the error function, exact for large x.",
)


def _erfinv(xp, x):
    """Winitzki's approximation to 0.2 %, then two of Halley's steps, each of which triples the digits."""
    s = xp.abs(x)
    log = xp.log1p(-s * s)
    t = 2 / (pi * 0.147) + log / 2
    y = xp.sqrt(xp.sqrt(t * t - log / 0.147) - t)
    for _ in range(2):
        excess = xp.where(s < 0.5, xp.erf(y) - s, (1 - s) - xp.erfc(y))
        step = ROOT_PI / 2 * excess * xp.exp(y * y)
        y = y - step / (1 + step * y)
    return xp.sign(x) * xp.where(s == 1, inf, y)


erfinv = elementwise(
    "erfinv", lambda xp, x: _erfinv(xp, x), d={"x": lambda xp, y: ROOT_PI / 2 * xp.exp(y * y)},
    tex=r"\operatorname{erf}^{-1} x", doc="The number whose error function is x.", domain=(-0.95, 0.95),
)


def _sinc(xp, x):
    """sin(u) / u for u = pi x; at 0 for a u so small that the quotient is 1."""
    u = pi * xp.where(x == 0, 1e-20, x)
    return xp.sin(u) / u


_SINC = tuple((-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(9, 0, -1))  # of the series of (sin u / u)'


def _sinc_slope(xp, x, y):
    """The rule for a quotient, and near 0, where that would cancel, Taylor's series."""
    near = xp.abs(x) < 0.3
    u, series = pi * xp.where(near, x, 0), 0.0
    for c in _SINC:
        series = series * (u * u) + c
    far = xp.where(near, 1, x)
    return xp.where(near, pi * series * u, (xp.cos(pi * far) - y) / far)


sinc = elementwise(
    "sinc", lambda xp, x: _sinc(xp, x), d={"x": lambda xp, x, y: _sinc_slope(xp, x, y)},
    tex=r"\frac{\sin \pi x}{\pi x}", doc="The cardinal sine, 1 at 0 and 0 at the other integers.",
    samples=lambda make: [((make(2, 3),), {}), ((0.1 * make(4),), {}), ((np.zeros_like(make()),), {}), ((make(0),), {})],
)
_COSINES = tuple(math.cos(pi * (k + 0.5) / 128) for k in range(64))  # of angles up to a quarter turn


def _bessel(xp, x, order):
    """The integral for I0 or I1 by midpoints: it converges exponentially, and 64 of them give all digits
    wherever the result is finite."""
    total = 0
    for c in _COSINES:
        total = total + (c * xp.sinh(c * x) if order else xp.cosh(c * x))
    return total / len(_COSINES)


i0 = elementwise(
    "i0", lambda xp, x: _bessel(xp, x, 0), d={"x": lambda xp, x: _bessel(xp, x, 1)},
    tex=r"I_0(x) = \frac{1}{\pi} \int_0^\pi e^{x \cos t} dt", doc="The modified Bessel function of order 0.",
    differs="infinite at infinities; PyTorch gives NaN",
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


def _or_nan(xp, condition, b):
    """Where the condition holds or b is NaN."""
    return xp.logical_or(condition, b != b)


fmax = elementwise(
    "fmax", lambda xp, a, b: xp.where(_or_nan(xp, a >= b, b), a, b), passes_nan=False,  # the other number counts
    d={"a": lambda xp, g, a, b: xp.where(_or_nan(xp, a >= b, b), g, 0), "b": lambda xp, g, a, b: xp.where(_or_nan(xp, a >= b, b), 0, g)},
    tex=r"\max(a, b)", symbol="max", doc="The larger of two, or that which is not NaN; a tie gives its gradient to a.",
)
fmin = elementwise(
    "fmin", lambda xp, a, b: xp.where(_or_nan(xp, a <= b, b), a, b), passes_nan=False,  # the other number counts
    d={"a": lambda xp, g, a, b: xp.where(_or_nan(xp, a <= b, b), g, 0), "b": lambda xp, g, a, b: xp.where(_or_nan(xp, a <= b, b), 0, g)},
    tex=r"\min(a, b)", symbol="min", doc="The smaller of two, or that which is not NaN; a tie gives its gradient to a.",
)
where = elementwise(
    "where", lambda xp, condition, a, b: xp.where(condition, a, b), nondiff=("condition",),
    d={"a": lambda xp, g, condition: xp.where(condition, g, 0), "b": lambda xp, g, condition: xp.where(condition, 0, g)},
    tex=r"a \text{ if } c \text{ else } b", doc="a where the condition holds, else b.", method=False, passes_nan=False,
    samples=lambda make: [((make(2, 3) > 0, make(2, 3), make(3)), {}), ((make(3) > 0, make(2, 1), make()), {})],
)


def _clip(xp, x, low, high):
    x = x if low is None else xp.maximum(x, low)
    return x if high is None else xp.minimum(x, high)


def _inside(xp, g, x, low, high):
    """The gradient of x, which counts between the bounds and on them."""
    g = g if low is None else xp.where(x >= low, g, 0)
    return g if high is None else xp.where(x <= high, g, 0)


def _below(xp, g, x, low, high):
    """The gradient of the lower bound, which counts unless the upper one overrules it."""
    return xp.where(x < low if high is None else xp.logical_and(x < low, low < high), g, 0)


def _above(xp, g, x, low, high):
    """The gradient of the upper bound."""
    return xp.where(x > high if low is None else xp.logical_or(x > high, low > high), g, 0)


clip = elementwise(
    "clip", lambda xp, x, min=None, max=None: _clip(xp, x, min, max),
    d={"x": lambda xp, g, x, min, max: _inside(xp, g, x, min, max),
       "min": lambda xp, g, x, min, max: _below(xp, g, x, min, max),
       "max": lambda xp, g, x, min, max: _above(xp, g, x, min, max)},
    tex=r"\min(\max(x, lo), hi)", doc="x held between two bounds, either of which may be None.", aliases=("clamp",),
    samples=lambda make: [((make(2, 3), -1.0, 1.0), {}), ((make(4), make(4) - 3, make(4) + 3), {}), ((make(3), None, 0.5), {}),
                          ((make(4), make(4) + 5, make(4) + 9), {}), ((make(4), make(4) - 9, make(4) - 5), {}),
                          ((make(4), make(4) + 6, make(4)), {})],
    torch="torch.clip(x, min, max)",
)


def _nan_to_num(xp, x, nan, posinf, neginf):
    """Infinities become the largest numbers of the dtype, unless something else is given."""
    if not floating(x):
        return xp.asarray(x)
    largest = float(np.finfo(str(getattr(x, "dtype", "float64")).rpartition(".")[2]).max)
    y = xp.where(x == inf, largest if posinf is None else posinf, x)
    y = xp.where(x == -inf, -largest if neginf is None else neginf, y)
    return xp.where(x != x, nan, y)


nan_to_num = elementwise(
    "nan_to_num", lambda xp, x, *, nan=0.0, posinf=None, neginf=None: _nan_to_num(xp, x, nan, posinf, neginf),
    d={"x": lambda xp, g, x: xp.where(xp.isfinite(x), g, 0)}, passes_nan=False,  # its purpose
    tex=r"x \text{ if } |x| < \infty", doc="Numbers in place of NaN and infinities, where the gradient is 0.",
    samples=lambda make: [((make(2, 3),), {}), ((make(),), {}), ((make(2, 1),), {"nan": 3.0}),
                          ((make(0),), {"posinf": 7.0, "neginf": -5.0})],
    torch="torch.nan_to_num(x, nan, posinf, neginf)",
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


def _astype(xp, x, dtype):
    """A dtype of text or objects is none for numbers."""
    try:
        kind = np.dtype(dtype).kind
    except TypeError:
        kind = "unknown"
    if kind not in "biufc":
        raise DTypeError(f"{dtype!r} is no dtype of numbers", op="astype", got=repr(dtype), expected="a dtype such as gd.float32",
                         fix="gd.astype(x, gd.float32)")  # fmt: skip
    return xp.astype(x, dtype)


astype = linear(
    "astype", lambda xp, x, *, dtype: _astype(xp, x, dtype), transpose=lambda xp, g: g, tex="x", symbol="cast",
    doc="The same values in another dtype; the gradient comes back in the old one.",
    samples=lambda make: [((make(2, 3),), {"dtype": "float64"}), ((make(),), {"dtype": "float64"}), ((make(0),), {"dtype": "float64"})],
    errors=lambda make: [((make(2, 3),), {"dtype": "float33"}, "DTypeError"), ((make(3),), {"dtype": "U3"}, "DTypeError"),
                         ((make(),), {"dtype": object}, "DTypeError")],
    torch="x.to(getattr(torch, dtype))",
)
from_scalar = elementwise(
    "from_scalar", lambda xp, x, *, dtype=None: xp.asarray(x, dtype=dtype), d={"x": 1}, tex="x", symbol="→",
    doc="A Scalar as a Tensor without axes.", method=False, hidden=True,
)
to_scalar = elementwise(
    "to_scalar", lambda xp, x: x, d={"x": 1}, tex="x", symbol="→", doc="A Tensor of one element as a Scalar.",
    method=False, hidden=True,
)
