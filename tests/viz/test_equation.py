"""gd.equation: its LaTeX, read back and worked out with numbers, is value and gradient."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graddl as gd
from graddl.errors import ArgumentError
from graddl.viz import tex

FUNCTIONS = {
    "tanh": math.tanh, "ln": math.log, "sin": math.sin, "cos": math.cos, "sinh": math.sinh,
    "cosh": math.cosh, "sigma": lambda x: 1 / (1 + math.exp(-x)),
}  # fmt: skip
TOKEN = re.compile(r"\\[a-zA-Z]+|[a-zA-Z](?:_\{\d+\})?|\d+(?:\.\d+)?|\S")


class Reader:
    """Reads the LaTeX that a person would: products of neighbours, fractions, powers, functions."""

    def __init__(self, text, values):
        text = re.sub(r"\\(left|right)|\\,", "", text)
        self.tokens, self.at, self.values = [*TOKEN.findall(text), ""], 0, values

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, token):
        assert self.next() == token, (self.tokens, self.at)

    @property
    def here(self):
        return self.tokens[self.at]

    def sum(self):
        total = -self.product() if self.here == "-" and self.next() else self.product()
        while self.here in ("+", "-"):
            total = total + self.product() if self.next() == "+" else total - self.product()
        return total

    def product(self):
        total = self.power()
        while self.here not in ("+", "-", ")", "}", "", "|", ",", "]", ">", r"\le"):
            if self.here == r"\cdot":
                self.next()
            total *= -self.power() if self.here == "-" and self.next() else self.power()
        return total

    def power(self):
        base = self.atom()
        if self.here == "^":
            self.next()
            base **= self.group()
        return base

    def group(self, left="{", right="}"):
        self.take(left)
        inside = self.sum()
        self.take(right)
        return inside

    def atom(self):
        token = self.next()
        if token == "(":
            self.at -= 1
            return self.group("(", ")")
        if token == "[":
            a, sign, b = self.sum(), self.next(), self.sum()
            self.take("]")
            return float(a > b if sign == ">" else a <= b)
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return math.sqrt(self.group())
        if token == r"\max":
            self.take("(")
            a, _, b = self.sum(), self.take(","), self.sum()
            self.take(")")
            return max(a, b)
        if token == "e":
            self.take("^")
            return math.exp(self.group())
        if token[0] == "\\":
            return FUNCTIONS[token[1:]](self.power())
        return self.values[token] if token[0].isalpha() else float(token)


def work_out(equation, values):
    """The right sides of all lines, read and worked out in order; derivatives are known by name."""
    found = dict(values)
    for left, right in equation.lines:
        for name in sorted(found, key=len, reverse=True):
            if "partial" in name:
                right = right.replace(name, f"({found[name]!r})")
        reader = Reader(re.sub(r"(\d)e-(\d+)", r"\1 \\cdot 10^{-\2}", right), found)
        found[left] = reader.sum()
        assert reader.here == ""
    return found


UNARY = ["tanh", "sin", "exp", "sigmoid", "relu", "square", "negative", "cosh", "reciprocal"]
expressions = st.recursive(
    st.sampled_from(["a", "b", "c", 2.0, 0.5, -3.0]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(UNARY), inner),
        st.tuples(st.sampled_from(["add", "subtract", "multiply", "divide"]), inner, inner),
        st.tuples(st.just("power"), inner, st.sampled_from([2.0, 3.0])),
    ),
    max_leaves=8,
)


def build(tree, leaves):
    if isinstance(tree, str):
        return leaves[tree]
    if isinstance(tree, float):
        return tree
    parts = [build(part, leaves) for part in tree[1:]]
    if all(isinstance(p, float) for p in parts):
        parts[0] = leaves["a"]
    return getattr(gd, tree[0])(*parts)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(expressions)
def test_the_latex_read_back_is_value_and_gradient(tree):
    values = {"a": 0.7, "b": -1.3, "c": 1.9}
    leaves = {name: gd.Scalar(v, name) for name, v in values.items()}
    y = build(tree, leaves)
    if not isinstance(y, gd.Scalar) or y.op is None or not abs(y.data) < 1e12:
        return
    y.name = "y"
    y.backward()
    if not all(abs(leaf.grad) < 1e12 for leaf in leaves.values()):
        return
    try:
        found = work_out(gd.equation(y), values)
    except (OverflowError, ZeroDivisionError):
        return
    assert found["y"] == pytest.approx(y.data, rel=2e-3, abs=1e-9)  # numbers have four digits
    for name, leaf in leaves.items():
        written = found.get(tex.ratio("y", name))
        if written is not None:
            assert written == pytest.approx(leaf.grad, rel=2e-3, abs=1e-9)


def test_a_neuron():
    x1, w1, b = gd.Scalar(1.5, "x1"), gd.Scalar(0.8, "w1"), gd.Scalar(0.1, "b")
    y = (x1 * w1 + b).tanh()
    assert gd.equation(y).lines == [
        ("y", r"\tanh (x_{1} w_{1} + b)"),
        (r"\frac{\partial y}{\partial x_{1}}", "(1 - y^{2}) w_{1}"),
        (r"\frac{\partial y}{\partial w_{1}}", "(1 - y^{2}) x_{1}"),
        (r"\frac{\partial y}{\partial b}", "1 - y^{2}"),
    ]


def test_matrices():
    X = gd.tensor([[1.0, 2.0]], name="X")
    W = gd.tensor([[1.0], [2.0]], requires_grad=True, name="W")
    b = gd.tensor([0.5], requires_grad=True, name="b")
    loss = (X @ W + b).square().sum()
    assert gd.equation(loss, names={"loss": loss}).lines == [
        (r"\mathrm{loss}", r"\sum (X \, W + b)^{2}"),
        (r"\frac{\partial \mathrm{loss}}{\partial W}", r"X^\top \, 2 (X \, W + b)"),
        (r"\frac{\partial \mathrm{loss}}{\partial b}", r"\sum 2 (X \, W + b)"),
    ]


def test_a_result_has_no_name_of_an_input():
    x, y, f = gd.Scalar(1.0, "x"), gd.Scalar(2.0, "y"), gd.Scalar(3.0, "f")
    assert gd.equation(x * 2).lines[0] == ("y", "2 x")
    assert gd.equation(x / y).lines[0] == ("f", r"\frac{x}{y}")
    assert [left for left, _ in gd.equation(x / y + f).lines] == [
        "F", *(rf"\frac{{\partial F}}{{\partial {name}}}" for name in "xyf")
    ]  # fmt: skip


def test_what_was_spread_is_summed_up():
    M = gd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="M")
    a = gd.tensor([5.0, 6.0], requires_grad=True, name="a")
    assert gd.equation((M * a).sum()).lines[1:] == [
        (r"\frac{\partial y}{\partial M}", "a"),
        (r"\frac{\partial y}{\partial a}", r"\sum M"),
    ]


def test_a_column_times_a_row_is_no_elementwise_product():
    W = gd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="W")
    x = gd.tensor([5.0, 6.0], name="x")
    [_, (_, right)] = gd.equation((W @ x).square().sum()).lines
    assert right == r"2 W \, x \otimes x"
    a = gd.tensor([5.0, 6.0], requires_grad=True, name="a")
    assert gd.equation(gd.outer(a, a).sum()).lines[0] == ("y", r"\sum a \otimes a")


def test_a_rule_that_symbols_cannot_run_stays_a_ratio():
    x = gd.tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    y = gd.logsumexp(x)
    [_, (left, right)] = gd.equation(y, names={"y": y}).lines
    assert right == left == r"\frac{\partial y}{\partial x}"


def test_a_long_graph_gives_each_result_a_name():
    x, w = gd.Scalar(0.5, "x"), gd.Scalar(1.2, "w")
    y = x
    for _ in range(8):
        y = (y * w).tanh()
    y.name = "y"
    equation = gd.equation(y)
    assert any(left == "v_{1}" for left, _ in equation.lines)
    found = work_out(equation, {"x": 0.5, "w": 1.2})
    y.backward()
    assert found[tex.ratio("y", "w")] == pytest.approx(w.grad, rel=1e-9)


def test_too_long_to_be_read():
    y = gd.Scalar(0.5, "x")
    for _ in range(100):
        y = y.tanh()
    with pytest.raises(ArgumentError) as caught:
        gd.equation(y)
    assert caught.value.got == "100 ops"


def test_names_in_latex_are_harmless():
    assert tex.name(r"\input{x}") == r"\backslash \mathrm{input}\{x\}"
    assert tex.name("a&b%") == r"a\&b\%"
    assert tex.name("x₁w₁ + b") == "x_{1}w_{1} + b" and tex.name("w₁₂") == "w_{12}"
