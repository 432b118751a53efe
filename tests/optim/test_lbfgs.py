"""L-BFGS against PyTorch, and on a quadratic bowl, where it is Newton's method."""

import numpy as np
import pytest

import graddl as gd
from tests.optim.training import MORE, leaf

WOLFE = {"line_search_fn": "strong_wolfe"}


def rosenbrock(**options):
    a, b = leaf(-1.2, 1.0), leaf(0.5)
    optimizer = gd.optim.LBFGS([a, b], **options)

    def closure():
        optimizer.zero_grad()
        loss = 10 * (a[1] - a[0] ** 2) ** 2 + (1 - a[0]) ** 2 + 10 * (b[0] - a[1] ** 2) ** 2
        loss.backward()
        return loss

    return a, b, optimizer, closure


@pytest.mark.parametrize("name", MORE["lbfgs"])
def test_is_pytorchs(name):
    case = MORE["lbfgs"][name]
    a, b, optimizer, closure = rosenbrock(**case["options"])
    for t in range(1, 11):
        loss = optimizer.step(closure).item()
        if str(t) in case["steps"]:
            expected = case["steps"][str(t)]
            assert optimizer.state[a]["evaluations"] == expected["evaluations"]
            np.testing.assert_allclose(loss, expected["loss"], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(a.numpy(), expected["a"], rtol=1e-9)
            np.testing.assert_allclose(b.numpy(), expected["b"], rtol=1e-9)


def test_n_updates_solve_a_quadratic_problem_in_n_unknowns():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(6, 4))
    y = rng.normal(size=6)
    w = leaf(*[0.0] * 4)
    optimizer = gd.optim.LBFGS([w], max_iter=30, tolerance_change=0.0, **WOLFE)

    def closure():
        optimizer.zero_grad()
        loss = ((A @ w - y) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    np.testing.assert_allclose(w.numpy(), np.linalg.lstsq(A, y)[0], rtol=1e-6)


def test_one_pair_is_the_secant_of_the_last_two_gradients():
    w = leaf(3.0)  # of w^2: the second update knows the curvature, and ends in the minimum
    optimizer = gd.optim.LBFGS([w], max_iter=2, max_eval=9)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert abs(w.item()) < 1e-12


def test_going_on_from_a_snapshot_is_going_on():
    a, b, optimizer, closure = rosenbrock(max_iter=3, **WOLFE)
    optimizer.step(closure)
    optimizer.step(closure)
    saved, values = optimizer.state_dict(), (a.numpy(copy=True), b.numpy(copy=True))
    optimizer.step(closure)

    c, d, other, closure = rosenbrock()
    with gd.no_grad():
        c.copy_(values[0])
        d.copy_(values[1])
    other.load_state_dict(saved)
    other.step(closure)
    assert (c.tolist(), d.tolist()) == (a.tolist(), b.tolist())
    with pytest.raises(gd.CheckpointError, match="3 numbers, the parameters have 4"):
        gd.optim.LBFGS([leaf(1.0), leaf(1.0, 2.0, 3.0)]).load_state_dict(saved)


def test_parameters_without_gradient_stay():
    a, b = leaf(1.0), leaf(1.0)
    optimizer = gd.optim.LBFGS([a, b])

    def closure():
        optimizer.zero_grad()
        loss = (a * a).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert abs(a.item()) < 1e-6 and b.item() == 1


def test_at_the_minimum_nothing_happens():
    w = leaf(0.0)
    optimizer = gd.optim.LBFGS([w])
    calls = []

    def closure():
        calls.append(1)
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 0
    assert w.item() == 0 and len(calls) == 1


def test_a_closure_that_raises_leaves_the_parameters_of_the_last_update():
    a, b, optimizer, closure = rosenbrock(max_iter=1, **WOLFE)
    optimizer.step(closure)
    before, calls = (a.tolist(), b.tolist()), []

    def failing():
        calls.append(1)
        if len(calls) == 2:
            raise ArithmeticError("on purpose")
        return closure()

    with pytest.raises(ArithmeticError, match="on purpose"):
        optimizer.step(failing)
    assert (a.tolist(), b.tolist()) == before
    assert optimizer.step(closure).item() > optimizer.step(closure).item()


def test_a_first_closure_that_raises():
    _, _, optimizer, closure = rosenbrock(max_iter=2, **WOLFE)
    losses = iter([closure])

    def failing():
        return next(losses)()

    with pytest.raises(StopIteration):
        optimizer.step(failing)
    assert optimizer.step(closure).item() > optimizer.step(closure).item()


@pytest.mark.parametrize("options", [{}, WOLFE])
def test_a_rate_of_0_goes_nowhere(options):
    a, b, optimizer, closure = rosenbrock(lr=0.0, **options)
    optimizer.step(closure)
    assert (a.tolist(), b.tolist()) == ([-1.2, 1.0], [0.5])


def test_float32_stays_float32():
    w = gd.ones(3, requires_grad=True)
    optimizer = gd.optim.LBFGS([w], **WOLFE)

    def closure():
        optimizer.zero_grad()
        loss = (w**4 + w * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert w.dtype == np.float32 and w.abs().max().item() < 1e-3


def test_what_it_does_not_take():
    with pytest.raises(gd.DTypeError, match="needs a closure"):
        gd.optim.LBFGS([leaf(1.0)]).step()
    with pytest.raises(gd.DTypeError, match="no loss"):
        gd.optim.LBFGS([leaf(1.0)]).step(lambda: None)
    with pytest.raises(gd.ArgumentError, match="one group only"):
        gd.optim.LBFGS([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)]}])
    for name, value in [
        ("lr", -1.0),
        ("max_iter", 0),
        ("max_eval", 0),
        ("history_size", 0),
        ("tolerance_grad", -1.0),
        ("tolerance_change", -1.0),
        ("line_search_fn", "armijo"),
    ]:
        with pytest.raises(gd.ArgumentError, match=name):
            gd.optim.LBFGS([leaf(1.0)], **{name: value})
