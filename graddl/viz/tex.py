"""LaTeX for names, numbers and derivatives."""

from __future__ import annotations

import re

from .numbers import Numbers, number

_SUBSCRIPT = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_ESCAPES = {c: "\\" + c for c in "&%$#_{}"} | {"\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{}"}
_SIGNS = {"·": r" \cdot ", "⊙": r" \odot ", "−": "-", "×": r" \times ", "@": r"\,"}
_SIGNS |= {"ᵀ": r"^\top ", "σ": r"\sigma ", "Σ": r"\Sigma ", "√": r"\surd ", "…": r"\dots "}
_FUNCTIONS = frozenset("arccos arcsin arctan cos cosh exp ln log max min sin sinh tan tanh".split())
_TOKEN = re.compile(
    r"\d+\.[^\W\d_][\w.]*|[^\W\d_][^\W_]*(?:[._]\w+)*|[₀-₉]+|[⁰¹²³⁴-⁹⁻]+|\d+|.", re.DOTALL
)
_FACTORS = re.compile("[^₀-₉]+[₀-₉]*")  # of a product of letters with an index each
_INDEX = re.compile(r"(.*?)([₀-₉]+)$")
_GREEK = dict(zip("αβγδεζηθκλμνξπρτφχψω", (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda "
    "mu nu xi pi rho tau phi chi psi omega"
).split(), strict=True))  # fmt: skip


def name(text: str) -> str:
    """A name, or a short expression, as pictures write it: `w₁`, `fc1.weight`, `x₁w₁ + b`.

    >>> name("w₁"), name("fc1.weight"), name("x₁w₁ + b")
    ('w_{1}', '\\\\mathrm{fc1.weight}', 'x_{1}w_{1} + b')
    """
    return "".join(_token(part) for part in _TOKEN.findall(text))


def _token(part: str) -> str:
    if "₀" <= part[0] <= "₉":
        return f"_{{{part.translate(_SUBSCRIPT)}}}"
    if part[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻":
        return f"^{{{part.translate(_SUPERSCRIPT)}}}"
    factors = _FACTORS.findall(part)
    if len(factors) > 1:
        return "".join(map(_token, factors))
    indexed = _INDEX.match(part)
    if indexed:
        return name(indexed[1]) + _token(indexed[2])
    if part in _SIGNS:
        return _SIGNS[part]
    if part in _GREEK:
        return f"\\{_GREEK[part]} "
    if part in _FUNCTIONS:
        return f"\\{part} "
    if len(part) > 1 and any(c.isalpha() for c in part):
        if len(part) == 2 and part.isalpha() and part.islower():
            return part  # a product of two letters, as pictures write it
        return rf"\mathrm{{{escape(part)}}}"
    return escape(part)


def escape(text: str) -> str:
    """Characters that LaTeX reads as commands, made harmless."""
    return "".join(_ESCAPES.get(c, c) for c in text)


def ratio(a: str, b: str) -> str:
    """A partial derivative.

    >>> ratio("y", "x₁")
    '\\\\frac{\\\\partial y}{\\\\partial x_{1}}'
    """
    return rf"\frac{{\partial {_one(a)}}}{{\partial {_one(b)}}}"


def _one(text: str) -> str:
    """A name as it is; an expression in brackets."""
    written = name(text)
    plain = re.fullmatch(r"[^\W_]|[^\W_]_\{\d+\}|\\\w+ |\\mathrm\{.*\}", written)
    return written if plain else f"({written})"


def value(x: float) -> str:
    """A number of `%.4g`: `-0.7071`, `1.2 \\cdot 10^{-5}`.

    >>> value(-1.2e-05), value(float("inf"))
    ('-1.2 \\\\cdot 10^{-5}', '\\\\infty')
    """
    text = number(x).replace("−", "-").replace("∞", r"\infty").replace("NaN", r"\mathrm{NaN}")
    return re.sub(r"e(-?\d+)", r" \\cdot 10^{\1}", text)


def factor(x: float) -> str:
    """A number within a product: negative ones in brackets."""
    text = value(x)
    return f"({text})" if text.startswith("-") else text


def total(terms: list[str]) -> str:
    """A sum of products."""
    return terms[0] + "".join(f" - {t[1:]}" if t[0] == "-" else f" + {t}" for t in terms[1:])


def numbers(n: Numbers | None) -> str:
    """What is kept of an array: its elements, or their root mean square."""
    if n is None:
        return r"\text{--}"
    if n.values is None:
        return rf"\text{{rms }} {value(n.size)}"
    if len(n.values) == 1:
        return value(n.values[0])
    columns = n.shape[-1] if len(n.shape) == 2 else len(n.values)
    texts = [value(v) for v in n.values]
    rows = [" & ".join(texts[i : i + columns]) for i in range(0, len(texts), columns)]
    return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"


def aligned(rows: list[tuple[str, str]]) -> str:
    """Equations below each other, their signs in one column."""
    lines = " \\\\\n".join(f"{left} &= {right}" for left, right in rows)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"
