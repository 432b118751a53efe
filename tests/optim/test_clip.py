"""Clipping of gradients, against PyTorch and by hand."""

import numpy as np
import pytest

import graddl as gd
from graddl.optim import clip_grad_norm_, clip_grad_value_
from tests.optim.training import MORE


def parameters(*gradients, dtype="float64"):
    made = []
    for g in gradients:
        p = gd.nn.Parameter(np.zeros(np.shape(g), dtype))
        p.grad = gd.tensor(np.array(g, dtype))
        made.append(p)
    return made


def sines(n, seed):
    return np.sin(np.arange(n) + seed)


@pytest.mark.parametrize("case", MORE["clip"], ids=lambda c: f"{c['max_norm']}-{c['norm_type']}")
def test_is_pytorchs(case):
    ps = parameters(sines(6, 1).reshape(2, 3), 2 * sines(4, 2))
    total = clip_grad_norm_(ps, case["max_norm"], float(case["norm_type"]))
    assert total.shape == () and total.dtype == np.float64
    np.testing.assert_allclose(total.item(), case["total"], rtol=1e-12)
    for p, g in zip(ps, case["gradients"], strict=True):
        np.testing.assert_allclose(p.grad.numpy(), g, rtol=1e-12)


def test_a_small_norm_is_only_returned():
    (p,) = parameters([3.0, 4.0])
    assert clip_grad_norm_(p, 5.1).item() == 5
    assert clip_grad_norm_((q for q in [p]), float("inf")).item() == 5
    assert p.grad.tolist() == [3, 4]


def test_what_has_no_gradient_is_passed_over():
    (p,) = parameters([3.0, 4.0])
    others = [gd.ones(2, requires_grad=True), gd.ones(2)]
    assert clip_grad_norm_([*others, p], 1.0).item() == 5
    clip_grad_value_([*others, p], 0.1)
    assert clip_grad_norm_(others, 1.0).item() == 0 == clip_grad_norm_([], 1.0).item()
    assert all(q.grad is None for q in others)


def test_gradients_of_zero_stay():
    ps = parameters([0.0, 0.0], np.zeros(0))
    assert clip_grad_norm_(ps, 1.0).item() == 0
    assert ps[0].grad.tolist() == [0, 0]


def test_the_gradient_is_written_in_place_and_stays_float32():
    w = gd.ones(4, requires_grad=True)
    w.sum().backward()
    g = w.grad
    total = clip_grad_norm_([w], 1.0)
    assert w.grad is g and g.dtype == total.dtype == np.float32
    np.testing.assert_allclose(g.numpy(), 0.5, rtol=1e-5)
    clip_grad_value_([w], 0.25)
    assert w.grad is g and g.tolist() == [0.25] * 4


def test_powers_that_overflow():
    big = 1e30  # its square is no float32
    ps = parameters([3 * big], [4 * big], dtype="float32")
    assert clip_grad_norm_(ps, 1.0).item() == pytest.approx(5 * big)
    np.testing.assert_allclose([p.grad.item() for p in ps], [0.6, 0.8], rtol=1e-6)
    ps = parameters([3e200], [4e200])  # nor a float64
    assert clip_grad_norm_(ps, 1.0).item() == pytest.approx(5e200)


@pytest.mark.parametrize(("bad", "norm"), [(np.inf, "inf"), (-np.inf, "inf"), (np.nan, "nan")])
@pytest.mark.parametrize("p", [1.0, 2.0, np.inf])
def test_norms_that_are_not_finite(bad, norm, p):
    model = gd.nn.Sequential(gd.nn.Linear(1, 2), gd.nn.Linear(2, 1))
    for parameter in model.parameters():
        parameter.grad = gd.ones_like(parameter)
    model[1].weight.grad = gd.tensor([[1.0, bad]])
    ps = list(model.parameters())
    with pytest.raises(gd.NumericalError, match=rf"norm is {norm}.* of parameter 2 \(1.weight\)"):
        clip_grad_norm_(ps, 1.0, p, error_if_nonfinite=True)
    assert ps[0].grad.tolist() == [[1], [1]]  # nothing was changed
    with pytest.warns(RuntimeWarning, match=rf"norm is {norm}.* of parameter 2 \(1.weight\)"):
        total = clip_grad_norm_(ps, 1.0, p)
    assert str(total.item()) == norm
    expected = 0.0 if norm == "inf" else np.nan
    np.testing.assert_array_equal(ps[0].grad.numpy(), [[expected]] * 2)


def test_every_bad_parameter_is_named():
    ps = parameters([1.0], [np.nan], [1.0], [np.inf])
    with pytest.raises(gd.NumericalError, match="of parameter 1, 3"):
        clip_grad_norm_(ps, 1.0, error_if_nonfinite=True)


def test_values():
    (p,) = parameters([[0.5, -4.0], [2.0, np.nan]])
    clip_grad_value_(p, 1.0)
    np.testing.assert_array_equal(p.grad.numpy(), [[0.5, -1.0], [1.0, np.nan]])


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda p: clip_grad_norm_(p, -1.0), "max_norm"),
        (lambda p: clip_grad_norm_(p, float("nan")), "max_norm"),
        (lambda p: clip_grad_norm_(p, "much"), "max_norm is 'much'"),
        (lambda p: clip_grad_norm_(p, 1.0, 0.0), "norm_type"),
        (lambda p: clip_grad_norm_(p, 1.0, None), "norm_type"),
        (lambda p: clip_grad_value_(p, None), "clip_value"),
        (lambda p: clip_grad_value_(p, -1.0), "clip_value"),
    ],
)
def test_impossible_arguments(call, text):
    with pytest.raises(gd.ArgumentError, match=text):
        call(parameters([1.0]))


def test_what_is_no_list_of_tensors():
    layer = gd.nn.Linear(1, 1)
    for given in (layer, [*layer.named_parameters()], layer.weight.numpy(), [None], None):
        for clip in clip_grad_norm_, clip_grad_value_:
            with pytest.raises(gd.DTypeError, match="takes a list of Tensors") as caught:
                clip(given, 1.0)
            assert caught.value.fix == "model.parameters()"


def test_the_largest_element_by_name():
    (p,) = parameters([3.0, -4.0])
    assert clip_grad_norm_(p, 1.0, "inf").item() == 4
