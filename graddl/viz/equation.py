"""`gd.equation(loss)`: an expression and its gradient in LaTeX, by the table's own rules."""

from __future__ import annotations

from typing import Any

from .._core import READ_G, READ_I, READ_NEEDS, READ_RESIDUAL, READ_Y
from ..errors import ArgumentError
from ..ops import TABLE
from . import tex
from .chain import Graph
from .explain import check_value, variables
from .graph import written as written_out
from .symbols import ATOM, PRODUCT, Namespace, Symbol, Unwritten, symbol, written

MOST = 60  # ops of a graph
WIDEST = 160  # characters of a line; where one is longer, every result gets a name
SHORT = 30  # characters of a result that needs no name
LONG = 60  # characters of a derivative; a longer one stays a ratio
RESULTS = ("y", "f", "F", "L", r"\mathrm{result}")  # names of a result that has none
GUARDS = (r"\neg", r"\begin{cases}", r"\min(\max(", "10^{")  # of rules against overflow


class Equation:
    """Lines of LaTeX. A notebook shows them; `str()` gives the text.

    Attributes
    ----------
    lines : list of (str, str)
        Left and right sides: first what was computed, then the derivative by each leaf.
    """

    def __init__(self, lines: list[tuple[str, str]]):
        self.lines = lines

    @property
    def latex(self) -> str:
        """All lines in an `aligned` environment."""
        return tex.aligned(self.lines)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def __str__(self) -> str:
        return self.latex

    __repr__ = __str__


def equation(loss: Any, *, names: dict | None = None) -> Equation:
    r"""Write what was computed, and its derivative by each leaf that wants one, in LaTeX.

    The formulas are those of the table's entries; the derivatives come from running the entries'
    own rules on symbols. Where a rule guards against overflow or reads more than symbols can tell,
    the derivative stays a ratio, :math:`\partial y / \partial x`. Of products of arrays
    :math:`\odot` is elementwise and :math:`\otimes` that of a column and a row; a gradient that
    broadcasting spread is summed up again, :math:`\sum`.

    Parameters
    ----------
    loss : Tensor or Scalar
    names : dict, optional
        What to call things, as in `explain`.

    Returns
    -------
    Equation

    Raises
    ------
    DTypeError
        `loss` is neither a Tensor nor a Scalar.
    ArgumentError
        More than 60 ops: too long to be read.

    Examples
    --------
    >>> import graddl as gd
    >>> x, w = gd.Scalar(2.0, "x"), gd.Scalar(-3.0, "w")
    >>> y = (x * w).tanh()
    >>> print(gd.equation(y))
    \begin{aligned}
    y &= \tanh (x w) \\
    \frac{\partial y}{\partial x} &= (1 - y^{2}) w \\
    \frac{\partial y}{\partial w} &= (1 - y^{2}) x
    \end{aligned}
    """
    check_value(loss)
    graph = Graph(loss, variables() if names is None else names)
    ops = sum(s.node.op is not None for s in graph.steps)
    if ops > MOST:
        raise ArgumentError(
            f"an equation of {ops} ops is too long to be read", op="equation", got=f"{ops} ops",
            expected=f"at most {MOST}", fix="gd.explain(x, of=loss)",
        )  # fmt: skip
    inlined = _Writer(graph, by_name=False).lines()
    if all(len(right) <= WIDEST for _, right in inlined):
        return Equation(inlined)
    return Equation(_Writer(graph, by_name=True).lines())


_PLAIN = {  # derivatives whose rules guard the rare cases, as one writes them
    "power": (
        lambda a, b: b * a ** (b - 1),
        lambda a, b: a**b * Symbol(rf"\ln {a.within(ATOM)}", PRODUCT),
    ),
}


class _Writer:
    """One pass forward and one backward over the graph, on symbols.

    Parameters
    ----------
    graph : Graph
    by_name : bool
        Whether each op's result gets a name and a line of its own, :math:`v_1, v_2, \\dots`
    """

    def __init__(self, graph: Graph, by_name: bool):
        self.graph, self.by_name = graph, by_name
        self.root = len(graph.steps) - 1
        self.symbols: list[Symbol] = []
        self.own: set[int] = set()  # steps whose result has a line of its own
        self.xp = Namespace(TABLE)

    def lines(self) -> list[tuple[str, str]]:
        return [*self._forward(), *self._backward()]

    def _forward(self) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        given = [k for k, s in enumerate(self.graph.steps) if s.node.op is None]
        taken = {tex.name(self.graph.words[k]) for k in {*given, *self.graph.named}}
        result = next(word for word in RESULTS if word not in taken or word == RESULTS[-1])
        for k, step in enumerate(self.graph.steps):
            node: Any = step.node
            shape, named = tuple(node.shapes[0] or ()), k in self.graph.named
            if node.op is None:
                word = tex.name(self.graph.words[k])
                self.symbols.append(
                    symbol(node.value) if written_out(node) else Symbol(word, shape=shape)
                )
                continue
            formula = written(node.op, [self.symbols[j] for j, _, _ in step.inputs]).shaped(shape)
            if named or k == self.root or (self.by_name and self._deserves_name(k, formula)):
                automatic = result if k == self.root else f"v_{{{len(lines) + 1}}}"
                name = tex.name(self.graph.words[k]) if named else automatic
                lines.append((name, formula.text))
                formula = Symbol(name, shape=shape)
                self.own.add(k)
            self.symbols.append(formula)
        return lines

    def _deserves_name(self, k: int, formula: Symbol) -> bool:
        return len(formula.text) > SHORT or len(self.graph.steps[k].consumers) > 1

    def _backward(self) -> list[tuple[str, str]]:
        steps = self.graph.steps
        lines: list[tuple[str, str]] = []
        last: list[tuple[str, str]] = []
        reached: dict[int, Symbol] = {self.root: symbol(1.0)}
        for k in range(self.root, -1, -1):
            node: Any = steps[k].node
            if k not in reached or not node.requires_grad:
                continue
            line = self._ratio(self.root, k), reached[k].text
            if node.op is None:
                last.append(line)
                continue
            if self.by_name and k != self.root and k in self.own:
                lines.append(line)
                reached[k] = Symbol(line[0], PRODUCT, shape=self.symbols[k].shape)
            for j, _, i in steps[k].inputs:
                if steps[j].node.requires_grad:
                    share = self._share(k, j, i, reached[k])
                    reached[j] = reached[j] + share if j in reached else share
        return [*lines, *last[::-1]]

    def _share(self, k: int, j: int, i: int, g: Symbol) -> Symbol:
        """What step k passes back to its argument i, which step j made."""
        node, narrow = self.graph.steps[k].node, self.symbols[j].shape
        try:
            share = self._by_rule(k, i, g)
        except Exception:  # whatever a rule does with what is no array
            shape = narrow if node.op.kind == "elementwise" else ()
            share = g * Symbol(self._ratio(k, j), PRODUCT, shape=shape)
        if node.op.kind == "elementwise" and node.shapes[0] != narrow:
            share = Symbol(rf"\sum {share.within(PRODUCT)}", PRODUCT)
        return share.shaped(narrow)

    def _by_rule(self, k: int, i: int, g: Symbol) -> Symbol:
        step: Any = self.graph.steps[k]
        rule, elementwise = (
            step.node.op.rules[min(i, len(step.node.op.rules) - 1)],
            step.node.op.kind == "elementwise",
        )
        if step.node.op.name in _PLAIN:
            inputs = [self.symbols[j] for j, _, _ in step.inputs]
            return g * _PLAIN[step.node.op.name][i](*inputs)
        if not callable(rule.fn):
            return g * rule.fn if elementwise else g
        shapes = tuple(self.symbols[j].shape for j, _, _ in step.inputs)
        reads = []
        for code in rule.reads:
            if code <= READ_RESIDUAL or code in (READ_I, READ_NEEDS):
                raise Unwritten("reads what is no symbol")
            symbols = {READ_G: g, READ_Y: self.symbols[k]}
            reads.append(symbols[code] if code in symbols else self.symbols[step.inputs[code][0]])
        params = {**step.node.op.params, **(step.node.params or {}), "shapes": shapes}
        out = symbol(rule.fn(self.xp, *reads, **{n: params[n] for n in rule.keywords}))
        if len(out.text) > len(g.text) + LONG or any(sign in out.text for sign in GUARDS):
            raise Unwritten("a guard against overflow, or a long formula")
        return g * out if rule.times_g else out

    def _ratio(self, k: int, j: int) -> str:
        """∂ of what step k made by what step j made."""
        top, bottom = (self.symbols[s].within(ATOM) for s in (k, j))
        return rf"\frac{{\partial {top}}}{{\partial {bottom}}}"
