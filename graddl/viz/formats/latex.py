"""A picture as a LaTeX document: the expression with its gradient, and the values as a table."""

import re
from typing import Any

from ...errors import GraddlError
from ..equation import equation
from .outline import outline

FEW = 40  # nodes of a graph whose equation one still reads

DOCUMENT = r"""% For LuaLaTeX or XeLaTeX.
\documentclass{{article}}
\usepackage{{amsmath, fontspec, longtable}}
\begin{{document}}
\section*{{{title}}}
{sentence}
{equation}
\begin{{longtable}}{{ll}}
{rows}
\end{{longtable}}
\end{{document}}
"""
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_TEXT = {c: "\\" + c for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "<": r"$<$", ">": r"$>$",
}  # fmt: skip


def latex(dot: str, title: str, sentence: str, equation: str | None) -> str:
    r"""A document. `equation` is what `gd.equation` gives, an `aligned` environment, or None."""
    items = outline(dot).items.values()
    rows = [
        f"{prose(item.lines[0])} & {prose(', '.join(item.lines[1:]))} \\\\"
        for item in items
        if len(item.lines) > 1
    ]
    return DOCUMENT.format(
        title=prose(title),
        sentence=prose(sentence),
        equation="" if equation is None else "\\[\n" + equation + "\n\\]",
        rows="\n".join(rows) or r"& \\",
    )


def prose(text: str) -> str:
    """Text in which no character is a command; subscripts of digits as such."""
    out = "".join(_TEXT.get(c, c) for c in " ".join(text.split()))
    return re.sub("[₀-₉]+", lambda found: f"$_{{{found[0].translate(_DIGITS)}}}$", out)


def equation_of(root: Any, names: dict | None, total: int) -> str | None:
    """LaTeX of an expression and its gradient, of a graph that is small enough to be read."""
    if total > FEW:
        return None
    try:
        return str(equation(root, names=names or {}))
    except GraddlError:
        return None
