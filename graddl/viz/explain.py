"""`gd.explain(x)`: why a gradient is what it is, with the numbers of this run."""

from __future__ import annotations

import inspect
from typing import Any

from .. import _core
from ..errors import ArgumentError, DTypeError, GradientError
from . import tex, words
from .chain import MOST_PATHS, Chain, Graph, Path, Use
from .graph import collect
from .numbers import Numbers, brief, dimensions, number, summary


class Explanation:
    """The chain rule of one run: `str()` gives text, `.latex()` and `.html()` the same for pages.

    Attributes
    ----------
    chains : list of Chain
        One for each value that is explained, as plain data: uses, paths, products.
    """

    def __init__(self, chains: list[Chain]):
        self.chains = chains

    def text(self) -> str:
        """Lines of text: the gradient, a product for each use, a product for each path."""
        return "\n\n".join("\n".join(_lines(c)) for c in self.chains)

    def latex(self) -> str:
        """The same sums and products in LaTeX, in an `aligned` environment."""
        rows = [row for c in self.chains for row in _rows(c)]
        return tex.aligned(rows)

    def html(self) -> str:
        """A table for a page; names are escaped."""
        return "".join(_table(c) for c in self.chains)

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def explain(x: Any, *, of: Any = None, names: dict | None = None) -> Explanation:
    r"""Say how the gradient at `x` came about: the chain rule, with the numbers of this run.

    .. math::

        \frac{\partial L}{\partial x} = \sum_{u \text{ reads } x}
        \frac{\partial L}{\partial u} \cdot \frac{\partial u}{\partial x}

    One line for each use of `x`, upstream × local; then one product for each path. It works before
    and after ``backward()``, in a private pass that changes no ``.grad``.

    Parameters
    ----------
    x : Tensor or Scalar
        A leaf, or a value on the way. A result that nothing was computed from is explained by all
        its leaves.
    of : Tensor or Scalar, optional
        What is differentiated, such as the loss. Unless given, it is what was computed from `x`
        last and is at hand where `explain` is called, in a variable.
    names : dict, optional
        What to call things: `names=locals()`, which is also what is taken if it is left out.

    Returns
    -------
    Explanation

    Raises
    ------
    DTypeError
        `x` or `of` is neither a Tensor nor a Scalar.
    GradientError
        Nothing wants gradient, or `of` was not computed from `x`.
    ArgumentError
        Several results were computed from `x`: say which one with ``of=``.

    References
    ----------
    Baydin, Pearlmutter, Radul, Siskind (2018), Automatic differentiation in machine learning: a
    survey, section 3.2.

    Examples
    --------
    >>> import graddl as gd
    >>> x, w = gd.Scalar(2.0, "x"), gd.Scalar(-3.0, "w")
    >>> y = x * w + x
    >>> gd.explain(x, of=y)
    ∂y/∂x = −2 = −3 + 1
      −3 = 1 × −3    (×) ∂y/∂(xw) × ∂(xw)/∂x
      1 = 1 × 1    (+) ∂y/∂y × ∂y/∂x
    2 paths
      y → xw → x: 1 (+) × −3 (×) = −3
      y → x: 1 (+) = 1
    """
    for value in (x,) if of is None else (x, of):
        check_value(value)
    if names is None:
        names = variables()
    root = of if of is not None else _result(x, names)
    if not root.requires_grad:
        raise GradientError(
            "nothing here wants a gradient", op="explain", got="requires_grad=False",
            expected="a value that was computed from one with requires_grad=True",
            fix="gd.tensor(..., requires_grad=True)",
        )  # fmt: skip
    graph = Graph(root, names)
    place = graph.place(x)
    if place is None:
        raise GradientError(
            "of= was not computed from x", op="explain", got="no path between them",
            expected="a result that x went into", fix="gd.explain(x, of=loss)",
        )  # fmt: skip
    places = graph.leaves() if place == len(graph.steps) - 1 else [place]
    return Explanation([graph.chain(k, _kept(graph.steps[k].node)) for k in places])


def check_value(value: Any) -> None:
    if not isinstance(value, _core.Tensor | _core.Scalar):
        raise DTypeError(
            "explains a Tensor or a Scalar", op="explain", got=type(value).__name__,
            expected="a value of a graph", fix="gd.explain(x, of=loss)",
        )  # fmt: skip


def variables() -> dict:
    """The variables of whoever called `explain`, outside of this package."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("graddl."):
        frame = frame.f_back
    if frame is not None and frame.f_globals.get("__name__") == "graddl":
        frame = frame.f_back
    found = {} if frame is None else {**frame.f_globals, **frame.f_locals}
    kinds = (_core.Tensor, _core.Scalar)
    return {k: v for k, v in found.items() if isinstance(v, kinds) and not k.startswith("_")}


def _result(x: Any, names: dict) -> Any:
    """What was computed from `x` among these variables, and went into none of the others."""
    wanted = getattr(x, "node", x)
    behind = {}
    for name, value in names.items():
        if value.requires_grad and value is not x:
            nodes = _ancestors(value)
            if id(wanted) in nodes:
                behind[name] = nodes
    last = [
        name
        for name in behind
        if not any(
            id(getattr(names[name], "node", names[name])) in nodes
            for other, nodes in behind.items()
            if names[other] is not names[name]
        )
    ]
    results = {id(getattr(names[name], "node", names[name])): name for name in last}
    if len(results) > 1:
        found = sorted(results.values())
        raise ArgumentError(
            f"several results were computed from it: {', '.join(found)}", op="explain",
            got=f"{len(found)} results", expected="one", fix=f"gd.explain(x, of={found[0]})",
        )  # fmt: skip
    return names[results.popitem()[1]] if results else x


def _ancestors(value: Any) -> set[int]:
    """Ids of the nodes that `value` was computed from."""
    return {id(step.node) for step in collect(value)}


def _kept(node: Any) -> Numbers | None:
    """The .grad of a leaf, if backward() has left one."""
    if node.op is not None or not node.requires_grad or (node.is_scalar and not node.has_grad):
        return None
    g = node.grad
    if isinstance(g, _core.Scalar):
        g = g.data
    return summary(g.numpy() if isinstance(g, _core.Tensor) else g)


# ---------------------------------------------------------------------- text
def _ratio(a: str, b: str) -> str:
    return f"∂{_bracketed(a)}/∂{_bracketed(b)}"


def _bracketed(name: str) -> str:
    """A name that is one word as it is; an expression, a product, a power, in brackets."""
    simple = name.replace("_", "").replace(".", "").isalnum() or name.isidentifier()
    simple = simple and not set(name) & set("⁰¹²³⁴⁵⁶⁷⁸⁹⁻")  # ∂x² would be of second order
    letters = sum(c.isalpha() for c in name)
    product = simple and letters == len(name) > 1 and name.islower() and len(name) == 2
    return name if simple and not product else f"({name})"


def _lines(c: Chain) -> list[str]:
    """The text of one chain."""
    shares = [u.share for u in c.uses if u.share is not None]
    terms = [brief(s) for s in shares] if all(_single(s) for s in shares) else []
    head = f"{_ratio(c.root, c.name)} = {brief(c.grad)}"
    if len(terms) > 1:
        head += f" = {_sum(terms)}"
    lines = [head]
    lines += [f"  {_use(u, c)}" for u in c.uses]
    if c.count > 1 or len(c.paths) == 1 < len(c.paths[0].factors):
        lines.append(f"{c.count:,} paths" if c.count > 1 else "1 path")
        lines += [f"  {_path(p)}" for p in c.paths]
        if c.count > MOST_PATHS:
            lines.append("  too many to list: each use above already holds the sum of its own")
    if c.kept is not None and c.grad is not None and c.kept != c.grad:
        lines.append(
            f"{c.name}.grad is {brief(c.kept)}: backward() adds to what is there; "
            f"zero_grad() begins anew"
        )
    return [*lines, *c.notes]


def _single(n: Numbers) -> bool:
    return n.values is not None and len(n.values) == 1


def _sum(terms: list[str]) -> str:
    return terms[0] + "".join(f" − {t[1:]}" if t[0] == "−" else f" + {t}" for t in terms[1:])


def _use(u: Use, c: Chain) -> str:
    where = f", {u.source[0].rpartition('/')[2]}:{u.source[1]}" if u.source else ""
    where = f"({u.op}{where})"
    if u.local is not None and u.upstream is not None:
        product = f"{brief(u.share)} = {brief(u.upstream)} × {number(u.local)}"
        factors = f"{_ratio(c.root, u.name)} × {_ratio(u.name, c.name)}"
        return f"{product}    {where} {factors}"
    shape = f" ({dimensions(u.upstream.shape)})" if u.upstream and u.upstream.shape else ""
    reached = f"{_ratio(c.root, u.name)} = {brief(u.upstream)}{shape}"
    return f"{brief(u.share)}    {where} passes on {reached}"


def _path(p: Path) -> str:
    product = " × ".join(f"{number(f)} ({op})" for f, op in zip(p.factors, p.ops, strict=True))
    return f"{' → '.join(p.names)}: {product} = {number(p.product)}"


# ---------------------------------------------------------------------- LaTeX
def _rows(c: Chain) -> list[tuple[str, str]]:
    """(left side, right side) of each line."""
    left = tex.ratio(c.root, c.name)
    rows = []
    if c.paths:
        rows.append((left, " + ".join(_symbols(p) for p in c.paths)))
        rows.append(("", tex.total([r" \cdot ".join(map(tex.factor, p.factors)) for p in c.paths])))
    elif c.uses:
        parts = [rf"{tex.ratio(c.root, u.name)} {tex.ratio(u.name, c.name)}" for u in c.uses]
        rows.append((left, " + ".join(parts)))
    rows.append(("" if rows else left, tex.numbers(c.grad)))
    return rows


def _symbols(p: Path) -> str:
    pairs = zip(p.names, p.names[1:], strict=False)
    return r" \cdot ".join(tex.ratio(a, b) for a, b in pairs)


# ---------------------------------------------------------------------- HTML
def _table(c: Chain) -> str:
    """One chain as a table: what is multiplied, and what that is."""
    rows = [line.strip() for line in _lines(c)]
    body = "".join(f"<tr><td>{words.escape(row)}</td></tr>" for row in rows[1:])
    return f"<table class='graddl-explain'><caption>{words.escape(rows[0])}</caption>{body}</table>"
