"""gd.explain: sums and products are the engine's, and read right."""

import math
import re

import pytest

import graddl as gd
from graddl.errors import ArgumentError, DTypeError, GradientError


def scalars(**values):
    return [gd.Scalar(v, k) for k, v in values.items()]


def neuron():
    x1, x2, w1, w2, b = scalars(x1=1.5, x2=-0.5, w1=0.8, w2=1.2, b=0.1)
    y = (x1 * w1 + x2 * w2 + b).tanh()
    y.name = "y"
    return y, [x1, x2, w1, w2, b]


def test_uses_and_paths_multiply_out_and_add_up():
    x, w = scalars(x=2.0, w=-3.0)
    y = (x * w + x).tanh() * x
    [chain] = gd.explain(x, of=y).chains
    y.backward()
    assert chain.grad.values[0] == pytest.approx(x.grad, rel=1e-12)
    assert len(chain.uses) == 3 and len(chain.paths) == chain.count == 3
    for use in chain.uses:
        assert use.share.values[0] == pytest.approx(use.upstream.values[0] * use.local, rel=1e-12)
    for path in chain.paths:
        product = 1.0
        for factor in path.factors:
            product *= factor
        assert path.product == pytest.approx(product, rel=1e-12)
    total = sum(u.share.values[0] for u in chain.uses)
    assert total == pytest.approx(sum(p.product for p in chain.paths), rel=1e-12)
    assert total == pytest.approx(x.grad, rel=1e-12)


def test_a_result_is_explained_by_its_leaves():
    y, leaves = neuron()
    explanation = gd.explain(y)
    assert [c.name for c in explanation.chains] == ["x₁", "w₁", "x₂", "w₂", "b"]
    y.backward()
    grads = {c.name: c.grad.values[0] for c in explanation.chains}
    assert grads["w₁"] == pytest.approx(leaves[2].grad)


def test_the_text_has_the_numbers_the_op_and_the_line():
    x, w = scalars(x=0.5, w=-3.0)
    with gd.record():
        y = x * w
    text = str(gd.explain(w, of=y))
    assert text.splitlines()[0] == "∂y/∂w = 0.5"
    assert re.search(r"0\.5 = 1 × 0\.5 +\(×, test_explain\.py:\d+\)", text)


def test_a_power_is_bracketed():
    x = gd.Scalar(3.0, "x")
    y = (x**2).tanh()
    assert "∂y/∂(x²) × ∂(x²)/∂x" in str(gd.explain(x, of=y))


def test_the_result_is_found_among_the_variables():
    x, w = scalars(x=0.5, w=-3.0)
    y = x * w
    z = y.tanh()
    assert gd.explain(x).chains[0].root == "z"
    other = x + 1
    with pytest.raises(ArgumentError) as caught:
        gd.explain(x)
    assert "other, z" in str(caught.value) and caught.value.fix == "gd.explain(x, of=other)"
    assert gd.explain(x, of=z).chains[0].root == "z" and other.data == 1.5


def test_before_and_after_backward_it_is_the_same_and_changes_nothing():
    y, leaves = neuron()
    before = str(gd.explain(leaves[0], of=y))
    assert leaves[0].grad == 0.0
    y.backward()
    grads = [leaf.grad for leaf in leaves]
    assert str(gd.explain(leaves[0], of=y)) == before
    assert [leaf.grad for leaf in leaves] == grads
    y.backward()
    assert "backward() adds to what is there" in str(gd.explain(leaves[0], of=y))


def test_paths_without_number_are_counted_not_listed():
    x = gd.Scalar(1.0, "x")
    y = x
    for _ in range(60):
        y = y + y
    [chain] = gd.explain(x, of=y).chains
    assert chain.count == 2**60 and chain.paths == [] and len(chain.uses) == 2
    assert f"{2**60:,} paths" in str(gd.explain(x, of=y))


def test_tensors_are_explained_by_what_each_op_passes_on():
    w = gd.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")
    y = ((w * w).sum() + w.sum()).tanh()
    [chain] = gd.explain(w, of=y).chains
    y.backward()
    parts = [u.share for u in chain.uses]
    assert len(parts) == 3
    for k, total in enumerate(w.grad.numpy().ravel()):
        got = sum(p.values[k] if len(p.values) > 1 else p.values[0] for p in parts)
        assert got == pytest.approx(total, abs=1e-12)
    assert "passes on ∂y/∂" in str(gd.explain(w, of=y))


def test_released_graphs_say_so():
    w = gd.tensor([[1.0] * 40] * 40, requires_grad=True, name="w")
    y = (w @ w.tanh() @ w).sum()
    y.backward()
    assert "released" in str(gd.explain(w, of=y))


def test_latex_and_html_hold_the_same_numbers():
    y, leaves = neuron()
    explanation = gd.explain(leaves[2], of=y)
    slope = 1.5 * (1 - math.tanh(0.7) ** 2)
    number = f"{slope:.4g}"
    assert number in explanation.latex() and number in explanation.html()
    assert r"\frac{\partial y}{\partial w_{1}}" in explanation.latex()
    assert explanation._repr_html_().count("<table") == 1


def test_hostile_names_stay_text():
    x = gd.Scalar(2.0, "<script>alert(1)</script>")
    y = x * x
    page = gd.explain(x, of=y).html()
    assert "<script" not in page and "&lt;script" in page
    assert "<" not in gd.Scalar(1.0, "$\\input{x}$").tanh().explain().latex().replace("<", "")
    assert r"\input" not in gd.Scalar(1.0, "$\\input{x}$").tanh().explain().latex()


def test_errors():
    x = gd.Scalar(2.0, "x")
    with pytest.raises(DTypeError):
        gd.explain(3.0)
    with pytest.raises(GradientError, match="not computed from"):
        gd.explain(x, of=gd.Scalar(1.0) * 2)
    with pytest.raises(GradientError):
        gd.explain(gd.tensor([1.0]) * 2)
