"""Questions that give booleans, and the arithmetic of integers and bits: none has a gradient."""

from math import inf

import numpy as np

from ..errors import DTypeError
from ._define import FUNCTIONS, composed, elementwise, general
from ._explain import described
from .elementwise import _pair_errors, fitting, floating

# ------------------------------------------------------------------------------------------------ comparisons
_flat = dict(d={"a": 0, "b": 0}, boolean=True)
_logic = dict(**_flat, samples=lambda make: [((make(2, 3) > 0, make(3) > 0), {}), ((np.asarray(make() > 0), make(0) > 0), {})])
equal = elementwise(
    "equal", lambda xp, a, b: xp.equal(a, b), tex="a = b", symbol="=", doc="Whether equal.", aliases=("eq",), torch="torch.eq(a, b)",
    **_flat,
)
not_equal = elementwise(
    "not_equal", lambda xp, a, b: xp.not_equal(a, b), tex=r"a \ne b", symbol="≠", doc="Whether not equal.", aliases=("ne",), **_flat
)
less = elementwise("less", lambda xp, a, b: xp.less(a, b), tex="a < b", symbol="<", doc="Whether less.", aliases=("lt",), **_flat)
less_equal = elementwise(
    "less_equal", lambda xp, a, b: xp.less_equal(a, b), tex=r"a \le b", symbol="≤", doc="Whether less or equal.", aliases=("le",),
    **_flat,
)
greater = elementwise(
    "greater", lambda xp, a, b: xp.greater(a, b), tex="a > b", symbol=">", doc="Whether greater.", aliases=("gt",), **_flat
)
greater_equal = elementwise(
    "greater_equal", lambda xp, a, b: xp.greater_equal(a, b), tex=r"a \ge b", symbol="≥", doc="Whether greater or equal.",
    aliases=("ge",), **_flat,
)
logical_and = elementwise(
    "logical_and", lambda xp, a, b: xp.logical_and(a, b), tex=r"a \wedge b", symbol="∧", doc="Whether both hold.", **_logic
)
logical_or = elementwise(
    "logical_or", lambda xp, a, b: xp.logical_or(a, b), tex=r"a \vee b", symbol="∨", doc="Whether either holds.", **_logic
)
logical_xor = elementwise(
    "logical_xor", lambda xp, a, b: xp.logical_xor(a, b), tex=r"a \oplus b", symbol="⊕", doc="Whether just one holds.", **_logic
)
logical_not = elementwise(
    "logical_not", lambda xp, x: xp.logical_not(x), d={"x": 0}, boolean=True,
    tex=r"\neg x", symbol="¬", doc="Whether it does not hold.",
    samples=lambda make: [((make(2, 3) > 0,), {}), ((np.asarray(make() > 0),), {})],
)
_state = dict(d={"x": 0}, boolean=True)
isnan = elementwise("isnan", lambda xp, x: xp.isnan(x), tex=r"x \text{ is NaN}", doc="Whether not a number.", **_state)
isinf = elementwise("isinf", lambda xp, x: xp.isinf(x), tex=r"|x| = \infty", doc="Whether infinite.", **_state)
isposinf = elementwise("isposinf", lambda xp, x: x == inf, tex=r"x = \infty", doc="Whether plus infinity.", **_state)
isneginf = elementwise("isneginf", lambda xp, x: x == -inf, tex=r"x = -\infty", doc="Whether minus infinity.", **_state)
isfinite = elementwise("isfinite", lambda xp, x: xp.isfinite(x), tex=r"|x| < \infty", doc="Whether neither NaN nor infinite.", **_state)


def _isclose(xp, a, b, rtol, atol, equal_nan):
    """Measured by b, as in NumPy; b becomes floating, since differences of small integers wrap around."""
    b = b if floating(b) else 1.0 * b
    near = xp.logical_and(xp.abs(a - b) <= atol + rtol * xp.abs(b), xp.isfinite(b))
    close = xp.logical_or(a == b, near)
    return xp.logical_or(close, xp.logical_and(a != a, b != b)) if equal_nan else close


def _allclose(xp, a, b, **tolerances):
    fitting("allclose", a, b, **tolerances)
    return xp.all(xp.isclose(a, b, **tolerances))


def _array_equal(xp, a, b, equal_nan):
    a, b = xp.asarray(a), xp.asarray(b)
    if a.shape != b.shape:
        return xp.asarray(False)
    return xp.all(xp.logical_or(a == b, xp.logical_and(a != a, b != b)) if equal_nan else a == b)


def _pairs(make):
    x = make(2, 3)
    return [((x, x + np.array([0, 1e-10, 1.0])), {}), ((x, x + 0), {"equal_nan": True}), ((make(), make()), {}), ((make(0), make(0)), {})]


isclose = elementwise(
    "isclose", lambda xp, a, b, *, rtol=1e-5, atol=1e-8, equal_nan=False: _isclose(xp, a, b, rtol, atol, equal_nan),
    tex=r"|a - b| \le \text{atol} + \text{rtol} \, |b|", doc="Whether equal within tolerances.",
    samples=lambda make: [*_pairs(make), ((x := make(3), x * np.array([1.0, 1.05, 1.2])), {"rtol": 0.1, "atol": 0.0}),
                          ((np.array([0.0, 0.05, 0.2]), np.array([[0.0], [0.1]])), {"atol": 0.1})],
    torch="torch.isclose(a, b, rtol, atol, equal_nan)", **_flat,
)
allclose = composed(
    "allclose", lambda xp, a, b, *, rtol=1e-5, atol=1e-8, equal_nan=False: _allclose(xp, a, b, rtol=rtol, atol=atol, equal_nan=equal_nan),
    tex=r"\forall i: |a_i - b_i| \le \text{atol} + \text{rtol} \, |b_i|", doc="Whether all are equal within tolerances.", boolean=True,
    samples=lambda make: [*_pairs(make), ((x := make(3), 1.05 * x), {"rtol": 0.1, "atol": 0.0}), ((x := make(3), x + 0.2), {"atol": 0.3})],
    errors=lambda make: [((make(2, 3), make(2)), {"rtol": 0.1}, "ShapeError"), *_pair_errors(make)],
    torch="torch.isclose(a, b, rtol, atol, equal_nan).all()",
)
array_equal = composed(
    "array_equal", lambda xp, a, b, *, equal_nan=False: _array_equal(xp, a, b, equal_nan),
    tex=r"\forall i: a_i = b_i", doc="Whether shapes and all elements are equal.", boolean=True, errors=_pair_errors,
    samples=lambda make: [*_pairs(make), ((make(2, 3), make(3)), {})],
    torch="torch.tensor(a.shape == b.shape and bool(torch.isclose(a, b, 0, 0, equal_nan).all()))",
)

# ------------------------------------------------------------------------------------------------ integers and bits


def _whole(name, *xs):
    """The inputs, if they are integers or booleans and broadcast."""
    if any(floating(x) and not isinstance(x, int) for x in xs):
        op = FUNCTIONS[name].op
        raise DTypeError("floating numbers have no bits and no divisors", op=name, got=described(op, xs, None),
                         expected="integers or booleans", fix=f"gd.{name}({', '.join(a + '.astype(int)' for a in op.args)})")  # fmt: skip
    fitting(name, *xs)
    return xs


def integral(name, compute, samples=(), **more):
    """An entry for two arrays of integers. It is no elementwise one, since floating numbers do not fit."""
    return general(
        name, lambda xp, a, b: compute(xp, *_whole(name, a, b)), boolean=True,
        samples=lambda make: [((np.array([[6, 15, 0], [7, 1, 12]]), np.array([4, 2, 3])), {}), ((np.array(9), 2), {}),
                              ((np.array([], int), np.array([1])), {}), *samples],
        errors=lambda make: [((make(2, 3), make(3)), {}, "DTypeError"), ((np.array([1, 2]), make(2)), {}, "DTypeError"),
                             ((np.array([1, 2]), np.array([1, 2, 3])), {}, "ShapeError")],
        **more,
    )  # fmt: skip


_truths: list = [((np.array([[True], [False]]), np.array([True, False])), {})]
bitwise_and = integral("bitwise_and", lambda xp, a, b: a & b, _truths, tex=r"a \mathbin{\&} b", symbol="&", doc="The bits that both have.")
bitwise_or = integral("bitwise_or", lambda xp, a, b: a | b, _truths, tex=r"a \mid b", symbol="|", doc="The bits that either has.")
bitwise_xor = integral("bitwise_xor", lambda xp, a, b: a ^ b, _truths, tex=r"a \oplus b", symbol="⊕", doc="The bits that just one has.")
left_shift = integral(
    "left_shift", lambda xp, a, b: a << b, tex=r"a \cdot 2^b", symbol="<<", doc="The bits of a moved up by b places.",
    aliases=("bitwise_left_shift",), torch="torch.bitwise_left_shift(a, b)",
)
right_shift = integral(
    "right_shift", lambda xp, a, b: a >> b, tex=r"\lfloor a / 2^b \rfloor", symbol=">>", doc="The bits of a moved down by b places.",
    aliases=("bitwise_right_shift",), torch="torch.bitwise_right_shift(a, b)",
)
invert = general(
    "invert", lambda xp, x: ~xp.asarray(*_whole("invert", x)), boolean=True, tex=r"\sim x", symbol="~", doc="All bits exchanged.",
    aliases=("bitwise_not", "bitwise_invert"), torch="torch.bitwise_not(x)",
    samples=lambda make: [((np.array([[6, -15, 0]]),), {}), ((np.array(True),), {}), ((np.array([], int),), {})],
    errors=lambda make: [((make(*shape),), {}, "DTypeError") for shape in ((2, 3), (), (0,))],
)


def _gcd(xp, a, b):
    """Euclid's algorithm, on all elements until the last one is done."""
    a, b = xp.abs(a + 0 * b), xp.abs(b + 0 * a)
    while xp.any(b != 0):
        a, b = xp.where(b == 0, a, b), xp.where(b == 0, 0, xp.remainder(a, xp.where(b == 0, 1, b)))
    return a


def _lcm(xp, a, b):
    """The product over the greatest common divisor, and 0 of 0 and 0."""
    divisor = _gcd(xp, a, b)
    return xp.abs(a // xp.where(divisor == 0, 1, divisor) * b)


gcd = integral("gcd", lambda xp, a, b: _gcd(xp, a, b), tex=r"\gcd(a, b)", doc="The greatest common divisor.")
lcm = integral("lcm", lambda xp, a, b: _lcm(xp, a, b), tex=r"\operatorname{lcm}(a, b)", doc="The least common multiple.")
