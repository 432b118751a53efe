"""Numbers as pictures show them: `%.4g`, a true minus; of more than 9 the root mean square."""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

GRID = 9  # a tensor of up to so many elements is shown number by number
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
UNKNOWN = "–"  # for what was not computed or not kept; never 0
_EXPONENT = re.compile(r"e([+-])0*(\d+)")


@dataclass(frozen=True)
class Numbers:
    """What a picture keeps of an array: plain data, so that no array lives on in a picture.

    Attributes
    ----------
    shape : tuple of int
    values : tuple of numbers, or None
        All elements in order, where there are at most 9.
    size : float
        Root mean square of the elements: how large they are, however many.
    low, high : int or None
        The smallest and the largest element of an integer or boolean array.
    span : tuple of float or None
        Of several values drawn as one, the smallest and the largest: of the numbers themselves,
        or of the sizes of arrays.
    """

    shape: tuple
    values: tuple | None
    size: float
    low: int | None = None
    high: int | None = None
    span: tuple | None = None


def summary(array: Any) -> Numbers | None:
    """The Numbers of an array or a plain number; None of None."""
    if array is None:
        return None
    if type(array) is float:  # a Scalar's, by far the most frequent
        return Numbers((), (array,), abs(array))
    a = np.asarray(
        array if not hasattr(array, "get") else array.get()
    )  # CuPy arrays come over with get()
    values = tuple(a.ravel().tolist()) if a.size <= GRID else None
    low = high = None
    if a.dtype.kind in "biu" and a.size:
        low, high = int(a.min()), int(a.max())
    return Numbers(a.shape, values, _rms(a), low, high)


def pooled(many: list) -> Numbers | None:
    """The Numbers of several values drawn as one; None where one of them is not known."""
    if len(many) < 2 or None in many:
        return many[0] if len(many) == 1 else None
    weights = [math.prod(n.shape) for n in many]
    peak = max(n.size for n in many)
    size = peak
    if 0.0 < peak < math.inf and not any(n.size != n.size for n in many):
        squares = sum(w * (n.size / peak) ** 2 for n, w in zip(many, weights, strict=True))
        size = peak * math.sqrt(squares / max(sum(weights), 1))
    elif any(n.size != n.size for n in many):
        size = math.nan
    each = [n.values[0] if n.values and len(n.values) == 1 else n.size for n in many]
    shape = many[0].shape if len({n.shape for n in many}) == 1 else ()
    return Numbers((len(many), *shape), None, size, span=(min(each), max(each)))


def _rms(a: np.ndarray) -> float:
    """Root mean square, 0 of nothing. Divided by the peak, squares neither overflow nor vanish."""
    flat = a.ravel().astype(np.float64) if a.dtype.kind in "biu" else a.ravel()
    flat = np.abs(flat).astype(np.float64)
    peak = float(flat.max()) if flat.size else 0.0
    if not 0.0 < peak < math.inf:
        return peak
    return peak * math.sqrt(float(np.mean(np.square(flat / peak))))


def number(x: float | complex | None) -> str:
    """A number as text: `−0.7071`, `1.2e−5`, `NaN`, `∞`.

    >>> number(-0.70710678), number(1.2e-05), number(float("-inf"))
    ('−0.7071', '1.2e−5', '−∞')
    """
    if x is None:
        return UNKNOWN
    if isinstance(x, complex):
        return f"{number(x.real)}{'−' if x.imag < 0 else '+'}{number(abs(x.imag))}i"
    if x != x:
        return "NaN"
    if x in (math.inf, -math.inf):
        return "∞" if x > 0 else "−∞"
    text = str(x) if isinstance(x, bool) else f"{x:.4g}"
    text = _EXPONENT.sub(lambda m: "e" + ("-" if m[1] == "-" else "") + m[2], text)
    return "0" if text == "-0" else text.replace("-", "−")


def rms(n: Numbers) -> str:
    """The text for an array that is too large to be shown in full."""
    if n.low is not None:
        one = n.low == n.high
        return f"all {number(n.low)}" if one else f"{number(n.low)} … {number(n.high)}"
    return f"rms {number(n.size)}"


def grid(n: Numbers) -> list[list[str]]:
    """The elements as rows of texts: a matrix as rows and columns, all else as one row."""
    texts = [number(v) for v in n.values or ()]
    if len(n.shape) == 2 and n.shape[0] and n.shape[1]:
        columns = n.shape[1]
        return [texts[i : i + columns] for i in range(0, len(texts), columns)]
    return [texts or ["empty"]]


def brief(n: Numbers | None) -> str:
    """One line: the number itself, a short list, or the root mean square."""
    if n is None:
        return UNKNOWN
    if n.values is None:
        return rms(n)
    return (
        number(n.values[0]) if len(n.values) == 1 else "[" + ", ".join(map(number, n.values)) + "]"
    )


def span(n: Numbers) -> str:
    """From the smallest to the largest of the values drawn as one."""
    low, high = n.span or (math.nan, math.nan)
    return f"{number(low)} … {number(high)}" if low != high else f"all {number(low)}"


def dimensions(shape: tuple) -> str:
    """`32×16`; a vector `3`; without axes nothing."""
    return "×".join(map(str, shape))


def order_sign(k: int) -> str:
    """① for 1; from 21 on in brackets."""
    return CIRCLED[k - 1] if k <= len(CIRCLED) else f"({k})"


def is_zero(n: Numbers | None) -> bool:
    return n is not None and n.size == 0.0
