"""The check of gradients: it passes what is right and names what is wrong."""

import numpy as np
import pytest

import graddl as gd
from graddl import _core
from graddl._core import Op, Rule
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


def made_up(forward, joint, args, variadic=False):
    """An op that is not in the table, with one function for all gradients."""
    joint = Rule(joint, False, (G,), ())
    info = {"jvp": {}}
    op = Op("made_up", "general", forward, args, variadic, {}, (joint,), joint, info=info)
    return lambda *xs: _core.call(op, *xs)


def set_in_place_of_added(shape, index):
    """The gradient of x[index] as one writes it wrongly."""

    def rule(xp, g):
        gx = np.zeros(shape)
        gx[index] = g
        return [gx]

    return made_up(lambda xp, x: x[index], rule, ("x",))


def each_its_own(*shares):
    """x * 1 + x * 2 + ..., an op that takes its input several times, and passes these shares on."""

    def forward(xp, *xs):
        return sum(k * x for k, x in enumerate(xs, 1))

    op = made_up(forward, lambda xp, g: [k * g for k in shares], ("xs",), variadic=True)
    return lambda x: op(*[x] * len(shares))


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
    "element (1,) holds one of its 2 shares": (set_in_place_of_added((3,), [0, 1, 1]), [B], 0),
    "element (1, 1) holds one of its 3 shares":
        (set_in_place_of_added((2, 3), ([0, 1, 1, 1], [0, 1, 1, 1])), [A], 0),
    "element (1, 0) holds one of its 2 shares": (set_in_place_of_added((2, 3), [1, 0, 1]), [A], 0),
    "overwritten instead of accumulated: element (0,) holds one of its 2 shares":  # two outputs
        (made_up(lambda xp, x: xp.concat([x, 2 * x]), lambda xp, g: [2 * g[3:]], ("x",)), [B], 0),
    "overwritten instead of accumulated: of 2 uses of this input, that as 'xs' of made_up":
        (each_its_own(0, 2), [A], 0),
    "overwritten instead of accumulated: of 3 uses of this input": (each_its_own(0, 0, 3), [B], 0),
    "overwritten instead of accumulated: of 2 uses of this input, that as 'a' of multiply":
        (lambda x: broken("multiply", a=(0, True, ()))(x, x), [A], 0),
    "a constant factor: 3 ": (each_its_own(3, 6), [A], 0),  # although used twice
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


def test_one_number_in_place_of_a_sum_is_not_always_overwritten():
    """A rule that is wrong by a factor where only one output element depends on an input's."""
    wrong = broken("exp", x=(lambda xp, y: xp.where(y > 1, 3 * y, y), True, (Y,)))
    with pytest.raises(gd.GradientError) as caught:
        gd.gradcheck(wrong, [A])
    assert "another formula" in caught.value.fix


def test_containers():
    def f(p, x):
        return {"y": gd.tanh(p["w"] @ x) + p["b"][0], "z": (p["b"][1] * x,)}

    inputs = [{"w": A, "b": [gd.Tensor(np.array(0.5)), B], "n": None}, B]
    assert gd.gradcheck(f, inputs, order=2)
    wrong = broken("tanh", x=(lambda xp, y: y * y - 1, True, (Y,)))
    with pytest.raises(gd.GradientError) as caught:
        gd.gradcheck(lambda p, x: wrong(p["b"][1]) * x, inputs)
    assert "input 0['b'][1] differs at (0,)" in str(caught.value)
    assert "a sign" in caught.value.fix


def test_wrong_uses():
    with pytest.raises(gd.DTypeError):
        gd.gradcheck(gd.exp, [np.array([1, 2])])
    with pytest.raises(gd.ArgumentError):
        gd.gradcheck(gd.exp, [A], order=3)
    for returned in (None, 3.0, [gd.ones(2), np.ones(2)]):
        with pytest.raises(gd.DTypeError, match="has to return Tensors") as caught:
            gd.gradcheck(lambda x, y=returned: y, [A])
        assert caught.value.op == "gradcheck"


def test_one_input_needs_no_list():
    assert gd.gradcheck(gd.exp, A) and gd.gradcheck(gd.exp, np.array([0.5, 1.0]), order=2)
