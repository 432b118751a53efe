"""Numbers that write themselves down: the table's own rules, run on them, give LaTeX."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from .. import _core
from ..backend import numpy_namespace
from . import tex

SUM, MINUS, PRODUCT, FUNCTION, POWER, ATOM = range(6)  # how tightly an expression binds


class Unwritten(Exception):
    """A rule did what symbols cannot: the derivative is then left as a ratio."""


class Symbol:
    """An expression in LaTeX, and how tightly it binds.

    >>> x = Symbol("x")
    >>> (1 - x * x) * 2, -(x + 1) / x
    (2 (1 - x^{2}), -\\frac{x + 1}{x})
    """

    def __init__(self, text, binding=ATOM, number=None, shape=(), opposite=None):
        self.text, self.binding, self.shape = text, binding, shape
        self.number = number  # what it is, if it is a number
        self.opposite = opposite  # of -x: x

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def shaped(self, shape: tuple) -> Symbol:
        """The same expression, of another shape."""
        return Symbol(self.text, self.binding, self.number, shape, self.opposite)

    def within(self, binding: int) -> str:
        """The text as a part of something that binds like this."""
        if self.binding >= binding:
            return self.text
        return rf"\left({self.text}\right)" if r"\frac" in self.text else f"({self.text})"

    def __add__(self, other: Any) -> Symbol:
        a, b = self, symbol(other)
        if a.number is not None and b.number is not None:
            return symbol(a.number + b.number)
        if a.number == 0 or b.number == 0:
            return b if a.number == 0 else a
        if b.opposite is not None:
            return a - b.opposite
        return Symbol(f"{a.text} + {b.text}", SUM, shape=_joint(a, b))

    def __sub__(self, other: Any) -> Symbol:
        a, b = self, symbol(other)
        if a.number is not None and b.number is not None:
            return symbol(a.number - b.number)
        if b.number == 0:
            return a
        if a.number == 0:
            return -b
        if b.opposite is not None:
            return a + b.opposite
        return Symbol(f"{a.text} - {b.within(PRODUCT)}", SUM, shape=_joint(a, b))

    def __mul__(self, other: Any) -> Symbol:
        a, b = self, symbol(other)
        if b.number is not None and a.number is None:
            a, b = b, a
        if a.number is not None and b.number is not None:
            return symbol(a.number * b.number)
        if a.number in (0, 1):
            return b if a.number else a
        if a.opposite is not None:
            return -(a.opposite * b)
        if b.opposite is not None:
            return -(a * b.opposite)
        joint = _joint(a, b)
        outer = joint not in (a.shape, b.shape)  # a column and a row
        if a.text == b.text and a.number is None and not outer:
            return a**2
        sign = " " if _beside(a, b) else r" \cdot "
        if a.shape and b.shape and a.number is None:
            sign = r" \otimes " if outer else r" \odot "
        text = a.within(PRODUCT) + sign + b.within(PRODUCT)
        return Symbol(text, PRODUCT, shape=joint)

    def __truediv__(self, other: Any) -> Symbol:
        a, b = self, symbol(other)
        if b.number == 1 or a.number == 0:
            return a
        if a.opposite is not None:
            return -(a.opposite / b)
        number = a.number / b.number if a.number is not None and b.number else None
        return Symbol(rf"\frac{{{a.text}}}{{{b.text}}}", PRODUCT, number, _joint(a, b))

    def __pow__(self, other: Any) -> Symbol:
        b = symbol(other)
        if b.number == 1:
            return self
        return Symbol(f"{self.within(ATOM)}^{{{b.text}}}", POWER, shape=self.shape)

    def __neg__(self) -> Symbol:
        if self.number == 0:
            return self
        if self.opposite is not None:
            return self.opposite
        number = None if self.number is None else -self.number
        return Symbol("-" + self.within(PRODUCT), MINUS, number, self.shape, opposite=self)

    def __radd__(self, other: Any) -> Symbol:
        return symbol(other) + self

    def __rsub__(self, other: Any) -> Symbol:
        return symbol(other) - self

    def __rmul__(self, other: Any) -> Symbol:
        return symbol(other) * self

    def __rtruediv__(self, other: Any) -> Symbol:
        return symbol(other) / self

    def __rpow__(self, other: Any) -> Symbol:
        return symbol(other) ** self

    def _compared(self, sign: str, other: Any) -> Symbol:
        return Symbol(f"{self.text} {sign} {symbol(other).text}", SUM)

    def __lt__(self, other: Any) -> Symbol:
        return self._compared("<", other)

    def __le__(self, other: Any) -> Symbol:
        return self._compared(r"\le", other)

    def __gt__(self, other: Any) -> Symbol:
        return self._compared(">", other)

    def __ge__(self, other: Any) -> Symbol:
        return self._compared(r"\ge", other)

    def __eq__(self, other: Any) -> Any:
        return self._compared("=", other)

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise Unwritten("a symbol has no truth value")

    def __float__(self) -> float:
        raise Unwritten("a symbol is no number")

    def __getattr__(self, name: str) -> Any:
        raise Unwritten(f"a symbol has no {name}")

    def __getitem__(self, index: Any) -> Any:
        raise Unwritten("a symbol has no elements")

    def __repr__(self) -> str:
        return self.text


def symbol(x: Any) -> Symbol:
    """A symbol as it is, a number as one."""
    if isinstance(x, Symbol):
        return x
    if isinstance(x, bool | int | float | np.generic):
        value = float(x)
        return -symbol(-value) if value < 0 else Symbol(tex.value(value), number=value)
    raise Unwritten(f"{type(x).__name__} cannot be written")


def _joint(a: Symbol, b: Symbol) -> tuple:
    return np.broadcast_shapes(a.shape, b.shape)


def _beside(a: Symbol, b: Symbol) -> bool:
    """Whether a product is written without a dot: a number or a letter, then no number."""
    if b.within(PRODUCT)[0].isdigit() or "frac" in a.text + b.text or "mathrm" in a.text + b.text:
        return False
    return a.number is not None or a.binding >= POWER or a.binding == SUM


class Namespace:
    """What rules get as `xp`: functions that write their entry's formula."""

    name = "latex"

    def __init__(self, table: dict):
        self._table = table

    def where(self, condition: Any, a: Any, b: Any) -> Symbol:
        c, a, b = symbol(condition), symbol(a), symbol(b)
        if b.number == 0 or a.number == 0:
            test, rest = (c, a) if b.number == 0 else (_opposite(c), b)
            if rest.number == 0:
                return rest
            return (
                Symbol(rf"[{test.text}]", ATOM) * rest
                if rest.number != 1
                else Symbol(rf"[{test.text}]")
            )
        rows = rf"{a.text} & {c.text} \\ {b.text} & \text{{otherwise}}"
        return Symbol(rf"\begin{{cases}} {rows} \end{{cases}}", FUNCTION)

    def __getattr__(self, name: str) -> Any:
        op = self._table.get(_ALSO.get(name, name))
        if op is None or op.variadic:
            raise Unwritten(name)
        return lambda *given, **params: self._call(name, op, given, params)

    def _call(self, name: str, op: _core.Op, given: tuple, params: dict) -> Symbol:
        """The formula; the shape is what NumPy makes of arrays of these shapes."""
        n = len(op.args)  # what comes behind is a parameter: an axis, a shape
        xs = [symbol(x) for x in given[:n]]
        out = written(op, xs)
        arrays = [np.broadcast_to(np.float64(0.5), x.shape) for x in xs]
        shape = getattr(numpy_namespace, name)(*arrays, *given[n:], **params).shape
        return out.shaped(shape)


_ALSO = {"acos": "arccos", "asin": "arcsin", "atan": "arctan", "pow": "power"}
_ALSO |= {"permute_dims": "transpose"}
_OPPOSITE = {"<": r"\ge", ">": r"\le", r"\le": ">", r"\ge": "<"}


def _opposite(c: Symbol) -> Symbol:
    for sign, other in _OPPOSITE.items():
        if f" {sign} " in c.text:
            return Symbol(c.text.replace(f" {sign} ", f" {other} ", 1), SUM)
    return Symbol(rf"\neg ({c.text})", SUM)


def written(op: _core.Op, xs: list[Symbol]) -> Symbol:
    """The formula of an op's entry with expressions in place of its arguments."""
    if op.name in _PYTHON and len(xs) >= len(op.args) - op.info["optional"]:
        return _PYTHON[op.name](*xs)
    formula = op.info["tex"].split(" = ")[0]
    places = dict(zip(op.args, xs, strict=False))
    if op.kind != "elementwise" or _misses(formula, places):
        inside = ", ".join(x.text for x in xs)
        return Symbol(rf"\operatorname{{{tex.escape(op.name)}}}({inside})", FUNCTION)
    text = _ARGUMENT.sub(lambda m: _placed(m, formula, places), formula)
    return Symbol(text, _binding(formula), shape=np.broadcast_shapes(*(x.shape for x in xs)))


def _factor(x: Symbol) -> str:
    """As a factor of a matrix product: other products of arrays are bracketed."""
    return x.within(POWER if r"\odot" in x.text or r"\otimes" in x.text else PRODUCT)


_PYTHON: dict[str, Any] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b, "negative": lambda x: -x, "positive": lambda x: x,
    "power": lambda a, b: a**b, "square": lambda x: x**2, "reciprocal": lambda x: 1 / x,
    "identity": lambda x: x, "clone": lambda x: x, "from_scalar": lambda x: x,
    "to_scalar": lambda x: x, "astype": lambda x: x, "reshape": lambda x: x,
    "expand_dims": lambda x: x, "squeeze": lambda x: x, "broadcast_to": lambda x: x,
    "matmul": lambda a, b: Symbol(f"{_factor(a)} \\, {_factor(b)}", PRODUCT),
    "transpose": lambda x: Symbol(rf"{x.within(ATOM)}^\top", POWER),
    "matrix_transpose": lambda x: Symbol(rf"{x.within(ATOM)}^\top", POWER),
    "sum": lambda x: Symbol(rf"\sum {x.within(PRODUCT)}", PRODUCT),
    "mean": lambda x: Symbol(rf"\overline{{{x.text}}}", ATOM),
    "linear": lambda x, w, b=0: Symbol(rf"{_factor(x)} \, {w.within(ATOM)}^\top", PRODUCT) + b,
}  # fmt: skip
_ARGUMENT = re.compile(r"(?<![\\A-Za-z])[a-zA-Z](?![A-Za-z{])")


def _misses(formula: str, places: dict) -> bool:
    """Whether the formula calls its arguments otherwise, so that nothing can be put in."""
    found = {m[0] for m in _ARGUMENT.finditer(formula)} - {"e"}
    return found != set(places)


def _placed(m: re.Match, formula: str, places: dict) -> str:
    """An argument where its letter stood: in brackets unless brackets or braces are there."""
    if m[0] not in places:
        return m[0]
    x, before, after = places[m[0]], formula[: m.start()].rstrip(), formula[m.end() :].lstrip()
    if before.endswith("^"):
        return f"{{{x.text}}}"
    if before[-1:] in ("{", "(", "|", ",") and after[:1] in ("}", ")", "|", ","):
        return x.text
    if not before and not after:
        return x.text
    return x.within(POWER if not after.startswith("^") else ATOM)


def _binding(formula: str) -> int:
    """How tightly a formula binds, from its outermost sign."""
    flat = re.sub(r"\{[^{}]*\}|\([^()]*\)|\|[^|]*\|", "", formula)
    if re.search(r"\S [+-] ", flat):
        return SUM
    if flat.startswith("-"):
        return MINUS
    if "/" in flat or r"\cdot" in flat:
        return PRODUCT
    return POWER if "^" in flat else FUNCTION
