"""Scalar: micrograd's usage, IEEE arithmetic, higher derivatives, its meeting with Tensors."""

import math
import random

import numpy as np
import pytest

import graddl as gd
from graddl import Scalar


def test_micrograds_readme_example_runs_unchanged():
    Value = Scalar
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert f"{g.data:.4f}" == "24.7041"  # the figures are those of micrograd and PyTorch
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_a_neuron_trains_with_micrograds_words():
    rng = random.Random(0)
    w = [Scalar(rng.uniform(-1, 1)) for _ in range(2)]
    b = Scalar(0.0)
    xs, ys = [(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)], [1.0, 1.0, -1.0]
    losses = []
    for _ in range(60):
        out = [(sum([wi * xi for wi, xi in zip(w, x, strict=True)], b)).tanh() for x in xs]
        loss = sum([(o - y) ** 2 for o, y in zip(out, ys, strict=True)])
        for p in [*w, b]:
            p.grad = 0.0
        loss.backward()
        for p in [*w, b]:
            p.data -= 0.2 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.1 * losses[0]


UNARY = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "relu": lambda x: max(x, 0.0),
    "softplus": lambda x: math.log1p(math.exp(x)),
    "abs": abs,
    "erf": math.erf,
}


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_scalar(name):
    for x in (0.3, 0.9, 1.4):
        s = Scalar(x)
        y = getattr(s, name)()
        y.backward()
        h = 1e-6
        numeric = (UNARY[name](x + h) - UNARY[name](x - h)) / (2 * h)
        assert y.data == pytest.approx(UNARY[name](x), rel=1e-14)
        assert s.grad == pytest.approx(numeric, rel=1e-8)
        assert getattr(gd, name)(Scalar(x)).data == y.data


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("maximum", max),
        ("minimum", min),
        ("arctan2", math.atan2),
        ("hypot", math.hypot),
        ("power", math.pow),
    ],
)
def test_functions_of_two_scalars(name, oracle):
    a, b = Scalar(0.7), Scalar(1.3)
    y = getattr(gd, name)(a, b)
    y.backward()
    h = 1e-6
    assert y.data == pytest.approx(oracle(0.7, 1.3), rel=1e-14)
    assert a.grad == pytest.approx(
        (oracle(0.7 + h, 1.3) - oracle(0.7 - h, 1.3)) / (2 * h), abs=1e-8
    )
    assert b.grad == pytest.approx(
        (oracle(0.7, 1.3 + h) - oracle(0.7, 1.3 - h)) / (2 * h), abs=1e-8
    )


def test_operators_take_numbers_on_either_side():
    x = Scalar(3.0)
    for y, value, slope in [
        (x + 1, 4, 1), (1 + x, 4, 1), (True + x, 4, 1), (x - 1, 2, 1), (1 - x, -2, -1),
        (x * 2, 6, 2), (2 * x, 6, 2), (np.float64(2) * x, 6, 2), (x * np.float32(2), 6, 2),
        (x / 2, 1.5, 0.5), (6 / x, 2, -6 / 9), (x**2, 9, 6), (2**x, 8, 8 * math.log(2)),
        (-x, -3, -1), (+x, 3, 1), (abs(-x), 3, 1),
    ]:  # fmt: skip
        x.grad = 0.0
        y.backward()
        assert (y.data, x.grad) == (pytest.approx(value), pytest.approx(slope))


def test_infinity_and_nan_are_values():
    assert (Scalar(1.0) / 0.0).data == math.inf
    assert math.isnan((Scalar(0.0) / 0.0).data)
    assert Scalar(1000.0).exp().data == math.inf
    assert math.isnan(Scalar(-1.0).log().data)
    assert math.isnan(Scalar(math.nan).relu().data)


def test_leaves_add_and_inner_gradients_are_replaced():
    x = Scalar(2.0)
    y = x * x
    z = y * 3
    z.backward()
    z.backward()
    assert (x.grad, y.grad, z.grad) == (24.0, 3.0, 1.0)
    assert not Scalar(1.0).has_grad and x.has_grad


def test_derivatives_of_derivatives():
    x = Scalar(0.4)
    y = x.tanh() * x
    y.backward(create_graph=True)
    first = x.grad
    assert isinstance(first, Scalar)
    x.grad = None
    first.backward(create_graph=True)
    second = x.grad
    x.grad = None
    second.backward()
    t = math.tanh(0.4)
    d1, d2 = 1 - t * t, -2 * t * (1 - t * t)
    d3 = -2 * d1 * d1 + 4 * t * t * d1
    assert first.data == pytest.approx(t + 0.4 * d1, rel=1e-14)
    assert second.data == pytest.approx(2 * d1 + 0.4 * d2, rel=1e-13)
    assert x.grad == pytest.approx(3 * d2 + 0.4 * d3, rel=1e-12)


def test_assigning_data_of_a_leaf_after_use_is_noticed_where_it_matters():
    a, b = Scalar(2.0), Scalar(3.0)
    product, total = a * b, a + b
    a.data = 5.0
    total.backward()  # the derivative of a sum reads nothing
    assert (a.grad, b.grad) == (1.0, 1.0)
    with pytest.raises(gd.GradientError, match="assigned to after") as caught:
        product.backward()
    assert caught.value.op == "multiply"
    with pytest.raises(gd.GradientError, match="leaf"):
        product.data = 1.0


def test_hooks_on_a_leaf_assigned_to_after_use_see_the_whole_gradient():
    a, seen = Scalar(2.0), []
    y = (a + 1.0) + (a + 2.0)
    a.register_hook(lambda g: seen.append(g))
    a.data = 7.0
    y.backward()
    assert seen == [2.0] and a.grad == 2.0


def test_comparisons_give_bool_and_are_remembered():
    a, b = Scalar(1.0), Scalar(2.0)
    assert a < b and a <= 1 and b > 1.5 and b >= a and a != b and a == 1.0
    assert type(a < b) is bool
    assert a.branched and b.branched and not Scalar(1.0).branched
    assert bool(gd.less(a, b)) is True
    assert len({a, b, a}) == 2


def test_scalars_become_a_tensor_that_reaches_them():
    a, b = Scalar(2.0), Scalar(3.0)
    t = gd.stack([a, b * a])
    assert isinstance(t, gd.Tensor) and t.shape == (2,)
    (t * gd.tensor([1.0, 10.0])).sum().backward()
    assert (a.grad, b.grad) == (31.0, 20.0)


def test_a_one_element_tensor_enters_scalar_arithmetic():
    w = gd.tensor([[3.0]], requires_grad=True)
    s = Scalar(w)
    y = s * s + 1
    y.backward()
    assert isinstance(y, Scalar) and y.data == 10.0
    np.testing.assert_array_equal(w.grad.numpy(), [[6.0]])
    a = Scalar(2.0)
    z = a * gd.tensor([1.0, 2.0], requires_grad=True)
    assert isinstance(z, gd.Tensor) and z.dtype == np.float32
    z.sum().backward()
    assert a.grad == 3.0
    with pytest.raises(gd.ShapeError, match="one element"):
        Scalar(gd.tensor([1.0, 2.0]))


def test_second_derivatives_cross_the_bridges():
    a = Scalar(0.5)
    t = gd.stack([a, a * a])
    y = Scalar((t * t * t).sum())
    y.backward(create_graph=True)
    first = a.grad
    a.grad = None
    first.backward()
    assert first.data == pytest.approx(3 * 0.5**2 + 6 * 0.5**5)
    assert a.grad == pytest.approx(6 * 0.5 + 30 * 0.5**4)


def test_an_entry_with_three_operands_works_on_scalars():
    a, b = Scalar(2.0), Scalar(5.0)
    y = gd.where(a > 1, a * a, b) + gd.clip(b, 0.0, 4.0) + gd.clip(a, 0.0)
    y.backward()
    assert (y.data, a.grad, b.grad) == (10.0, 5.0, 0.0)


def test_silent_losses_are_refused():
    with pytest.raises(gd.GradientError, match="lose the gradient"):
        math.exp(Scalar(1.0))
    assert float(Scalar(1.5, requires_grad=False)) == 1.5
    assert f"{Scalar(1.5):.2f}" == "1.50"
    with pytest.raises(gd.GradientError, match="wants gradient"):
        Scalar(1.0, requires_grad=False).backward()


def test_no_grad_records_nothing_and_names_show():
    x = Scalar(2.0, name="x")
    with gd.no_grad():
        y = x * x
    assert y.op is None and not y.requires_grad
    assert repr(x * 1.0) == "Scalar(2, op=multiply)"
    assert "name='x'" in repr(x)


def test_record_keeps_the_line():
    x = Scalar(2.0)
    with gd.record():
        y = x * x
    assert y.source[0] == __file__ and y.source[2] == "test_record_keeps_the_line"


def test_anomaly_names_the_op_of_the_first_nan():
    with gd.detect_anomaly(), pytest.raises(gd.NumericalError) as caught:
        Scalar(-1.0).log()
    assert caught.value.op == "log" and __file__ in str(caught.value)
