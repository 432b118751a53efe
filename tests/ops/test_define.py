"""One entry is all that an op needs; a mistaken entry is refused when it is defined."""

import doctest
import sys

import numpy as np
import pytest

import graddl as gd
from graddl import _core
from graddl.backend import tensor_namespace
from graddl.ops import ALIASES, COMPOSED, FUNCTIONS, TABLE, define
from graddl.ops.define import elementwise, general, linear

WORDS = {"tex": "?", "doc": "A test."}


@pytest.fixture
def fresh():
    """Whatever a test defines is forgotten after it."""
    before = [dict(d) for d in (TABLE, ALIASES, FUNCTIONS, COMPOSED)]
    yield
    new = set(FUNCTIONS) - set(before[2])
    for name in new:
        for place in (tensor_namespace, sys.modules["graddl"], gd.functional):
            if hasattr(place, name):
                delattr(place, name)
        for kind in (gd.Tensor, gd.Scalar):
            if hasattr(kind, name):
                _core.install(kind, name, None)  # compiled types forget no name; None is no method
    for now, old in zip((TABLE, ALIASES, FUNCTIONS, COMPOSED), before, strict=True):
        now.clear()
        now.update(old)


@pytest.fixture
def made_up(fresh):
    return elementwise(
        "made_up",
        lambda xp, x: x * x * x,
        d={"x": lambda xp, x: 3 * x * x},
        tex="x^3",
        symbol="x³",
        doc="The cube.",
        aliases=("third_power",),
    )


def test_one_entry_is_an_op(made_up):
    x = gd.tensor([1.0, -2.0], dtype="float64", requires_grad=True)
    np.testing.assert_array_equal(gd.made_up(x).numpy(), [1, -8])
    np.testing.assert_array_equal(x.made_up().numpy(), [1, -8])
    assert gd.third_power(x).op is made_up
    x.made_up().sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [3, 12])
    s = gd.Scalar(2.0)
    y = s.made_up()
    y.backward()
    assert (y.item(), s.grad, gd.made_up(2.0).item()) == (8.0, 12.0, 8.0)
    assert gd.jvp(gd.made_up, (np.array([2.0]),), (np.array([0.5]),))[1].tolist() == [6.0]
    assert gd.gradcheck(gd.made_up, [np.array([0.5, 2.0])], order=2)
    assert gd.grad(gd.grad(gd.made_up))(np.array(2.0)).item() == 12.0
    assert repr(gd.made_up(x)).count("op=made_up") == 1
    assert made_up.info["symbol"] == "x³"
    page = gd.made_up.__doc__
    assert (
        "The cube." in page
        and ".. math:: x^3" in page
        and "x : Tensor" in page
        and "third_power" in page
    )


def test_it_is_gone_afterwards():
    assert (
        "made_up" not in TABLE
        and not hasattr(gd, "made_up")
        and not callable(getattr(gd.Tensor, "made_up", None))
    )


def test_the_example_of_an_op_of_ones_own_is_true(fresh):
    result = doctest.testmod(define)
    assert result.attempted and not result.failed


def test_a_linear_op_needs_its_transpose_only(fresh):
    linear(
        "double_up",
        lambda xp, x, *, n=2: xp.concat([x] * n),
        transpose=lambda xp, g, *, n, shapes: _folded(xp, g, n),
        **WORDS,
    )
    f = gd.double_up
    assert gd.gradcheck(lambda x: f(x, n=3), [np.array([0.5, 2.0])], order=2)
    assert gd.jvp(f, (np.array([1.0, 2.0]),), (np.array([3.0, 4.0]),))[1].tolist() == [3, 4, 3, 4]


def _folded(xp, g, n):
    return xp.sum(xp.reshape(g, (n, -1)), axis=0)


NEEDED = []


def _noted(needs, *gradients):
    NEEDED.append(needs)
    return gradients


def test_a_joint_rule_gives_all_gradients(fresh):
    NEEDED.clear()
    general(
        "joined",
        lambda xp, a, b: a * b,
        joint=lambda xp, g, a, b, needs: _noted(needs, g * b, g * a),
        **WORDS,
    )
    a, b = (gd.tensor([2.0, 3.0], dtype="float64", requires_grad=True) for _ in range(2))
    gd.joined(a, b.detach()).sum().backward()
    assert NEEDED == [(True, False)] and a.grad.tolist() == [2, 3] and b.grad is None
    assert gd.gradcheck(gd.joined, [np.array([1.0, 2.0]), np.array([3.0, 0.5])], order=2)
    assert gd.jvp(gd.joined, (a, b), ([1.0, 0.0], [0.0, 1.0]))[1].tolist() == [2, 3]


def test_residuals_are_named_like_inputs(fresh):
    op = general(
        "scaled", lambda xp, x: (x * xp.exp(x), (xp.exp(x),)),
        vjp={"x": lambda xp, g, x, e: g * e * (1 + x)},
        residuals=("e",), composition=lambda xp, x: x * xp.exp(x), **WORDS,
    )  # fmt: skip
    assert gd.gradcheck(gd.scaled, [np.array([0.5, -1.0])], order=2)
    x, v = np.array([0.5, -1.0]), np.array([1.0, 2.0])
    np.testing.assert_allclose(
        gd.jvp(gd.scaled, (x,), (v,))[1].numpy(), v * np.exp(x) * (1 + x), rtol=1e-14
    )
    assert op.residuals == ("e",)


def tanh(xp, x):
    return xp.tanh(x)


def pair(xp, x):
    return x, (x,)


MISTAKES = {
    "a rule names what is unknown": (elementwise, tanh, {"d": {"x": lambda xp, z: z}}, "'z'"),
    "a keyword is unknown": (elementwise, tanh, {"d": {"x": lambda xp, x, *, z: z}}, "'z'"),
    "a rule is missing": (elementwise, lambda xp, a, b: a + b, {"d": {"a": 1}}, "no rule for b"),
    "a rule is for no input": (elementwise, tanh, {"d": {"x": 1, "w": 1}}, "rules for w"),
    "residuals without composition":
        (general, pair, {"vjp": {"x": lambda xp, g, r: g * r}, "residuals": ("r",)}, "composition"),
    "a misspelt function": (elementwise, lambda xp, x: xp.tahn(x), {"d": {"x": 1}}, "'tahn'"),
    "a misspelt function in a rule":
        (elementwise, tanh, {"d": {"x": lambda xp, x: xp.coz(x)}}, "'coz'"),
    "a misspelt function in a jvp rule":
        (general, tanh, {"vjp": {"x": 1}, "jvp": {"x": lambda xp, t: xp.idd(t)}}, "'idd'"),
    "xp does not come first": (elementwise, lambda x: x, {"d": {"x": 1}}, "xp first"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistaken_entry_is_refused(mistake, fresh):
    constructor, forward, rules, word = MISTAKES[mistake]
    with pytest.raises(TypeError, match=word):
        constructor("mistaken", forward, **rules, **WORDS)
    assert "mistaken" not in TABLE and not hasattr(gd, "mistaken")
