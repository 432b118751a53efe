"""The check of gradients: it passes what is right and names what is wrong."""

import numpy as np
import pytest

import graddl as gd
from graddl import _core
from graddl._core import Rule
from graddl.ops import TABLE
from tests.samples import with_rules

A, B = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]), np.array([1.0, -2.0, 0.5])
S = A[:, :2]


def broken(name, **changed):
    """The op `name` with some rules replaced: `broken("multiply", a=lambda ...)`."""
    op = TABLE[name]
    rules = list(op.rules)
    for arg, (fn, times_g, reads) in changed.items():
        rules[op.args.index(arg)] = Rule(fn, times_g, reads, ())
    op = with_rules(op, rules)
    return lambda *xs, **params: _core.call(op, *xs, **params)


G, Y = _core.READ_G, _core.READ_Y
MISTAKES = {
    "a sign": (broken("tanh", x=(lambda xp, y: y * y - 1, True, (Y,))), [A], 0),
    "a constant factor: 2 ": (broken("exp", x=(lambda xp, y: 2 * y, True, (Y,))), [A], 0),
    "forgotten": (broken("exp", x=(lambda xp, y: y, False, (Y,))), [A], 0),
    "a transpose": (broken("matrix_transpose", x=(lambda xp, g: g, False, (G,))), [S], 0),
    "not summed over the broadcast axis 0":
        (broken("add", b=(lambda xp, g: g[0], False, (G,))), [A, B], 1),
    "not summed over the broadcast axis 1":
        (broken("add", b=(lambda xp, g: g[:, -1:], False, (G,))), [A, A[:, :1]], 1),
    "a constant factor: 0.5 ": (broken("add", b=(lambda xp, g: g.mean(0), False, (G,))), [A, B], 1),
    "no gradient at all": (broken("sin", x=(0, True, ())), [A], 0),
    "NaN": (broken("sin", x=(lambda xp, x: x * float("nan"), True, (0,))), [A], 0),
    "another formula": (broken("sin", x=(lambda xp, x: xp.cos(x) + x, True, (0,))), [A], 0),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISTAKES)
def test_mistakes_are_named(kind):
    f, xs, i = MISTAKES[kind]
    with pytest.raises(gd.GradientError) as caught:
        gd.gradcheck(f, xs)
    assert kind in caught.value.fix, caught.value.fix
    assert f"gradient of input {i} differs at (" in str(caught.value)
    assert caught.value.op == "gradcheck"
    assert gd.gradcheck(f, xs, raise_exception=False) is False


def test_numbers_in_the_message():
    f, xs, _ = MISTAKES["a constant factor: 2 "]
    with pytest.raises(gd.GradientError) as caught:
        gd.gradcheck(f, xs)
    assert caught.value.got == pytest.approx(2 * caught.value.expected, rel=1e-8)


def test_right_gradients_pass():
    assert gd.gradcheck(lambda a, b: gd.sin(a) * b, [A, B]) is True
    assert gd.gradcheck(lambda a, b: (a @ b, gd.exp(b)), [gd.Tensor(A), gd.Tensor(B)], order=2)
    assert gd.gradcheck(lambda a: a.sum(), [np.zeros((0, 3))])
    assert gd.gradcheck(lambda a, n, none: a * n, [A.astype("float32"), 3, None], order=2)
    assert gd.gradcheck(lambda a, b: a * 2, [A, B], order=2)  # does not depend on b


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_the_allowed_error_follows_the_scale(scale):
    assert gd.gradcheck(
        lambda a: gd.sin(a / scale) * scale, [A * scale], eps=min(1e-3, 1e-3 * scale), order=2
    )
    wrong = broken("sin", x=(lambda xp, x: xp.cos(x) * (1 + 1e-5), True, (0,)))
    assert not gd.gradcheck(
        lambda a: wrong(a / scale) * scale,
        [A * scale],
        eps=min(1e-3, 1e-3 * scale),
        raise_exception=False,
    )


def test_second_order_sees_what_first_order_does_not():
    """A rule whose value is right but which hands on a value outside of the graph."""
    f = broken(
        "sin", x=(lambda xp, x: xp.cos(x.detach() if isinstance(x, gd.Tensor) else x), True, (0,))
    )
    assert gd.gradcheck(f, [A])
    with pytest.raises(gd.GradientError, match="second-order"):
        gd.gradcheck(f, [A], order=2)
    assert gd.gradcheck(gd.sin, [A], order=2)


def test_inputs_are_left_alone():
    a = gd.Tensor(A, requires_grad=True)
    assert gd.gradcheck(gd.exp, [a], order=2)
    assert a.grad is None
    np.testing.assert_array_equal(a.numpy(), A)
    with gd.no_grad():
        assert gd.gradcheck(gd.exp, [a], order=2)


def test_wrong_uses():
    with pytest.raises(gd.DTypeError):
        gd.gradcheck(gd.exp, [np.array([1, 2])])
    with pytest.raises(gd.ArgumentError):
        gd.gradcheck(gd.exp, [A], order=3)
