"""Code of users inside of a backward pass: rules, hooks, other threads."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import graddl as gd
from graddl import _backward
from graddl.ops._define import elementwise, general
from tests.tensors import const, fail, leaf, temporary_ops


@pytest.fixture
def define():
    """Makes ops that are gone after the test."""
    with temporary_ops() as make:
        yield make


# ------------------------------------------------------------------------------------------- rules
BAD_RULES = {
    "None": lambda xp, g: None,
    "wrong shape": lambda xp, g: xp.ones((7,)),
    "integers": lambda xp, g: xp.astype(g, int),
    "a number": lambda xp, g: 0,
}


@pytest.mark.parametrize("rule", BAD_RULES.values(), ids=BAD_RULES)
def test_a_rule_that_returns_no_gradient_raises(define, rule):
    op = define(general, "bad", lambda xp, x: x * 1, {"x": rule})
    x = leaf([1.0, 2.0])
    with pytest.raises(gd.GradientError) as e:
        op(x).sum().backward()
    assert e.value.op == "bad"
    assert x.grad is None


def test_a_rule_that_raises_leaves_every_gradient_as_it_was(define):
    op = define(general, "failing", lambda xp, x: x * 1, {"x": lambda xp, g: fail(g)})
    x, w = leaf([1.0]), leaf([2.0])
    (x + w).sum().backward()
    before = x.grad, w.grad
    with pytest.raises(ArithmeticError, match="on purpose"):
        (op(x) * w + w).sum().backward()
    assert (x.grad, w.grad)[0] is before[0] and w.grad is before[1]
    assert x.grad.tolist() == [1.0] and w.grad.tolist() == [1.0]


def nested(g, x):
    """The gradient of sin(x) by a graph of its own: what a checkpoint does."""
    inner = gd.tensor(x, requires_grad=True)
    with gd.enable_grad():
        gd.sin(inner).backward(grad=g)
    return inner.grad.numpy()


def test_a_rule_may_run_a_whole_pass_of_its_own(define):
    op = define(general, "surround", lambda xp, x: xp.sin(x), {"x": lambda xp, g, x: nested(g, x)})
    x = leaf([0.1, 0.2])
    h = op(x)
    (op(h) * 3 + h).sum().backward()
    a, s = x.numpy(), np.sin(x.numpy())
    np.testing.assert_allclose(x.grad.numpy(), (3 * np.cos(s) + 1) * np.cos(a), rtol=1e-14)


def test_a_tensor_that_wants_gradient_in_a_place_without_gradient_raises():
    x = leaf([1.0, -1.0])
    with pytest.raises(gd.GradientError) as e:
        gd.where(x, x, 0.0)
    assert e.value.op == "where" and e.value.fix == ".detach()"
    assert gd.where(x.detach() > 0, x, 0.0).requires_grad
    with gd.no_grad():
        assert gd.where(x, 1.0, 2.0).tolist() == [1.0, 1.0]


def test_a_tensor_that_wants_gradient_in_a_keyword_raises():
    x = leaf([1.0, -1.0])
    with pytest.raises(gd.GradientError) as e:
        gd.sum(x, axis=leaf(0.0))
    assert "axis" in str(e.value) and e.value.op == "sum"


def test_an_optional_input_may_be_left_out():
    x, low = leaf([-2.0, 0.5]), leaf(-1.0)
    gd.clip(x, low, None).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0] and low.grad.item() == 1


def test_an_input_that_wants_no_gradient_costs_nothing(define):
    asked = []

    def note(name, g):
        asked.append(name)
        return g

    op = define(
        general,
        "counting",
        lambda xp, a, b: a * b,
        {"a": lambda xp, g, b: note("a", g) * b, "b": lambda xp, g, a: note("b", g) * a},
    )
    x = leaf([2.0])
    op(x, const([3.0])).sum().backward()
    assert asked == ["a"] and x.grad.tolist() == [3.0]


# ------------------------------------------------------------------------------------------- hooks
def test_a_hook_sees_the_gradient_of_a_leaf():
    x, seen = leaf([1.0, 2.0]), []
    x.register_hook(lambda g: seen.append(g))
    (x * x + x).sum().backward()
    assert [type(g) for g in seen] == [gd.Tensor] and seen[0].tolist() == [3.0, 5.0]
    assert x.grad.tolist() == [3.0, 5.0]


def test_what_a_hook_returns_replaces_the_gradient_before_it_goes_on():
    x = leaf([1.0, 2.0])
    h = x * 2
    h.register_hook(lambda g: g * 10)
    h.sum().backward()
    assert x.grad.tolist() == [20.0, 20.0]


@pytest.mark.parametrize("back", [np.array, gd.tensor, list], ids=["array", "tensor", "list"])
def test_a_hook_may_return_any_array(back):
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: back([7.0, 8.0]))
    (x * 2).sum().backward()
    assert x.grad.tolist() == [7.0, 8.0] and x.grad.dtype == np.float64


def test_a_hook_that_returns_integers_raises():
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: np.array([1, 2]))
    with pytest.raises(gd.GradientError) as e:
        (x * 2).sum().backward()
    assert e.value.op == "register_hook"
    assert x.grad is None


def test_hooks_run_in_the_order_of_registration_each_on_what_the_last_one_made():
    x = leaf([1.0])
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    (x * 2).sum().backward()
    assert x.grad.tolist() == [30.0]


def test_hooks_run_newest_node_first():
    x, seen = leaf([1.0]), []
    h = x * 2
    y = h * 3
    for name, t in (("x", x), ("h", h), ("y", y)):
        t.register_hook(lambda g, name=name: seen.append(name))
    y.sum().backward()
    assert seen == ["y", "h", "x"]


def test_a_removed_hook_runs_no_more():
    x, seen = leaf([1.0]), []
    handle = x.register_hook(lambda g: seen.append("first"))
    x.register_hook(lambda g: seen.append("second"))
    (x * 2).sum().backward()
    handle.remove()
    handle.remove()
    (x * 2).sum().backward()
    assert seen == ["first", "second", "second"]


def test_a_hook_may_remove_itself():
    x, seen = leaf([1.0]), []
    handle = x.register_hook(lambda g: (seen.append(1), handle.remove())[2:] or None)
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert seen == [1]


def test_a_hook_survives_its_tensor():
    x, seen = leaf([1.0]), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.tolist()))
    y = (h * 3).sum()
    del h
    y.backward()
    assert seen == [[3.0]]


def test_a_hook_that_holds_its_own_tensor_does_not_leak():
    h = leaf([1.0]) * 2
    h.register_hook(lambda g, h=h: None)
    gone = weakref.ref(h)
    del h
    gc.collect()
    assert gone() is None


def test_each_output_of_several_has_hooks_of_its_own():
    x, seen = leaf([1.0, 2.0]), []
    a, b = gd.split(x, 2)
    a.register_hook(lambda g: seen.append(("a", g.tolist())))
    b.register_hook(lambda g: g * 10)
    (a * 2 + b * 3).sum().backward()
    assert seen == [("a", [2.0])] and x.grad.tolist() == [2.0, 30.0]


def test_a_hook_that_returns_another_shape_raises():
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: g.sum())
    with pytest.raises(gd.GradientError) as e:
        (x * 2).sum().backward()
    assert e.value.got == () and e.value.expected == (2,)
    assert x.grad is None


def test_a_hook_cannot_write_to_the_gradient_on_its_way():
    x = leaf([1.0, 2.0])

    def scribble(g):
        with pytest.raises(ValueError, match="read-only"):
            g.numpy()[:] = 0
        with pytest.raises(gd.GraddlError):
            g[:] = 0

    (x * 2).register_hook(scribble)
    h = x * 2
    h.register_hook(scribble)
    h.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


@pytest.mark.parametrize("error", [ArithmeticError, KeyboardInterrupt])
def test_a_hook_that_raises_leaves_every_gradient_as_it_was(error):
    def stop(g):
        raise error

    x, w = leaf([1.0]), leaf([2.0])
    (x * w).sum().backward()
    before = x.grad, w.grad
    x.register_hook(stop)  # x is the oldest, so its turn comes last
    with pytest.raises(error):
        (x * w).sum().backward()
    assert x.grad is before[0] and w.grad is before[1]
    assert x.grad.tolist() == [2.0] and w.grad.tolist() == [1.0]


def test_hooks_do_not_run_in_private_passes():
    x = leaf([1.0])
    x.register_hook(fail)
    y = (x * 2).sum()
    (g,) = _backward.gradients([y], [x])
    _backward.trace(y, lambda node, g, gs: None)
    assert g.tolist() == [2.0] and x.grad is None


def test_a_pass_inside_of_a_hook_over_the_same_graph():
    x = leaf([2.0])
    h = x * x
    z, y = (h * 5).sum(), (h * 3).sum()
    handle = h.register_hook(lambda g: (handle.remove(), z.backward(retain_graph=True))[1])
    y.backward(retain_graph=True)
    assert x.grad.tolist() == [(5 + 3) * 4.0]


def test_the_same_graph_walked_again_inside_of_a_hook_of_it():
    x, depth = leaf([2.0]), []
    h = x * x
    y = (h * 3).sum()

    def again(g):
        if len(depth) < 3:
            depth.append(1)
            y.backward(retain_graph=True)

    h.register_hook(again)
    y.backward(retain_graph=True)
    assert x.grad.tolist() == [4 * 12.0]


def test_a_finalizer_may_walk_the_graph_in_the_middle_of_a_pass():
    x = leaf([0.5])
    y = x
    for _ in range(30):
        y = gd.tanh(y)
    y.backward(retain_graph=True)
    expected, orders = x.grad.tolist(), set()

    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            orders.add(tuple(node.id for node in _backward.backward_order(y)))

    before = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        for _ in range(200):
            Cycle()
            x.zero_grad()
            y.backward(retain_graph=True)
            assert x.grad.tolist() == expected
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert len(orders) == 1 and len(orders.pop()) == 31


def test_hooks_under_create_graph_see_tensors_with_a_graph():
    x = leaf([2.0])
    h = x * x
    handle = h.register_hook(lambda g: g * h)
    h.sum().backward(create_graph=True)  # x.grad = h · 2x = 2x³
    handle.remove()
    g = x.grad
    x.zero_grad()
    g.sum().backward()
    assert g.tolist() == [16.0] and x.grad.tolist() == [24.0]


def test_a_hook_on_a_constant_raises():
    with pytest.raises(gd.GradientError):
        const([1.0]).register_hook(print)


def test_a_hook_is_callable():
    with pytest.raises(gd.DTypeError):
        leaf([1.0]).register_hook(3)


# ----------------------------------------------------------------- the same bits, whoever looks on
def network(dtype, inspect=lambda t: t):
    """Gradients of a graph with much fan-in, as bytes; `inspect` gets each tensor of it."""
    rng = np.random.default_rng(0)
    x, w, b = (leaf(rng.normal(size=s), dtype) for s in ((40, 30), (30, 20), 20))
    h = inspect(gd.tanh(inspect(x @ w) + b))
    parts = gd.split(h, 4, axis=1)
    mixed = inspect(gd.concatenate([inspect(p) * h[:, :5] for p in parts], axis=1))
    y = inspect(gd.log_softmax(mixed * h + b)).sum() + (h * h).mean() + gd.sigmoid(x).max()
    return (x, w, b), y


def gradient_bytes(leaves):
    return [t.grad.numpy().tobytes() for t in leaves]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_are_the_same_to_the_last_bit_whoever_looks_on(dtype):
    leaves, y = network(dtype)
    y.backward()
    value, expected = y.numpy().tobytes(), gradient_bytes(leaves)

    def with_hook(t):
        t.register_hook(lambda g: None)
        return t

    def with_grad(t):
        t.retain_grad()
        return t

    looking_on = [
        (None, with_hook, {}),
        (None, with_grad, {}),
        (gd.record(), lambda t: t, {}),
        (gd.record(), with_hook, {}),
        (gd.detect_anomaly(), lambda t: t, {}),
        (gd.detect_anomaly(), with_hook, {"retain_graph": True}),
    ]
    for mode, inspect, how in looking_on:
        with mode or gd.enable_grad():
            leaves, y = network(dtype, inspect)
            _backward.trace(y, lambda node, g, gs: None)
            y.backward(**how)
        assert y.numpy().tobytes() == value
        assert gradient_bytes(leaves) == expected


# ----------------------------------------------------------------------------------------- threads
@pytest.fixture
def switching():
    """Threads take turns as often as Python lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(work, count=2):
    errors = []

    def guarded():
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def test_no_gradient_is_lost_between_two_threads_on_a_shared_graph(switching):
    x = leaf([1.0, 2.0])
    h = x * 2 + gd.sin(x) * 0.0
    h.register_hook(lambda g: g * 1.0)  # runs Python in the middle of the pass

    def work():
        for _ in range(5000):
            (h * 3).sum().backward(retain_graph=True)

    in_threads(work)
    assert x.grad.tolist() == [60_000.0, 60_000.0]


def test_threads_with_graphs_of_their_own_do_not_disturb_each_other(switching):
    def work():
        for k in range(500):
            x = leaf([float(k)])
            with gd.no_grad():
                assert not (x * 2).requires_grad
            h = x * x
            (h * h).sum().backward()
            assert x.grad.tolist() == [4.0 * k**3]

    in_threads(work, 3)


def test_one_op_may_be_defined_while_another_runs(define):
    cube = define(elementwise, "cube", lambda xp, x: x * x * x, {"x": lambda xp, x: 3 * x * x})
    x = leaf([2.0])
    cube(x).sum().backward()
    assert x.grad.tolist() == [12.0]
