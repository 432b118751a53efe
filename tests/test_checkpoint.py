"""Checkpoints: the same values and gradients with less memory."""

import doctest
import importlib
import tracemalloc

import numpy as np
import pytest

import graddl as gd
from graddl import _backward
from graddl.random import default_generator

X, W = np.array([0.5, -1.25, 2.0]), np.array([-0.5, 1.5, 0.25])


def leaves():
    return gd.Tensor(X, requires_grad=True), gd.Tensor(W, requires_grad=True)


def plain(f, *args, **kwargs):
    return f(*args, **kwargs)


def gradients(y, xs, **options):
    return [g.numpy() for g in _backward.gradients([y], xs, **options)]


def same(found, want):
    for a, b in zip(found, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


def chain(x, n):
    for _ in range(n):
        x = gd.tanh(x)
    return x


def both(f):
    """f(checkpoint, x, w) with and without: the gradients by both leaves."""
    found = []
    for way in (gd.checkpoint, plain):
        x, w = leaves()
        found.append(gradients(f(way, x, w).sum(), [x, w]))
    same(*found)


# ---------------------------------------------------------------------- gradients
def test_one_node_in_place_of_many():
    x, w = leaves()
    y = gd.checkpoint(lambda x: chain(x * w, 5), x)
    assert y.op.name == "checkpoint" and y.requires_grad
    assert y.node.inputs == (x.node, w.node)
    np.testing.assert_array_equal(y.numpy(), chain(gd.Tensor(X * W), 5).numpy())


def test_gradients_of_arguments_and_of_what_is_closed_over():
    both(lambda way, x, w: way(lambda x: gd.tanh(gd.tanh(x * w) * w), x))
    both(lambda way, x, w: way(lambda: gd.tanh(x * w)))
    both(lambda way, x, w: way(lambda a: a * x * w, x))  # an argument and closed over
    both(lambda way, x, w: way(lambda x: x * w, x * w))  # a computed argument
    both(lambda way, x, w: way(lambda p, *, k: p["x"] * k[0] * 2, {"x": x, "n": None}, k=[w]))
    both(lambda way, x, w: way(lambda x: x, x) * w)
    both(lambda way, x, w: way(gd.tanh, way(gd.tanh, x * w)))


def test_gradients_of_modules():
    gd.manual_seed(1)
    net = gd.nn.Sequential(gd.nn.Linear(3, 4), gd.nn.Tanh(), gd.nn.Linear(4, 2))
    grads = []
    for way in (gd.checkpoint, plain):
        net.zero_grad()
        (way(net, gd.tensor(X.reshape(1, 3))) ** 2.0).sum().backward()
        grads.append([p.grad.numpy() for p in net.parameters()])
    assert len(grads[0]) == 4 and all(g.any() for g in grads[0])
    same(*grads)


def test_parameters_that_are_made_in_the_first_call():
    class Lazy(gd.nn.Module):
        def __init__(self):
            self.made = False

        def forward(self, x):
            if not self.made:
                self.w, self.made = gd.nn.Parameter(W), True
            return x * self.w

    layer = Lazy()
    gd.checkpoint(layer, gd.Tensor(X)).sum().backward()
    np.testing.assert_array_equal(layer.w.grad.numpy(), X)


def test_a_computed_tensor_that_is_closed_over():
    def f(way, x, w):
        h = gd.tanh(w)
        return way(lambda x: x * h * h, x)

    both(f)
    both(lambda way, x, w: (lambda a, b, c: way(lambda: a * c * b))(*gd.split(x * w, 3)))


def test_what_would_count_twice_is_refused():
    """h is made of w, so the gradient of h would go on to w within, and again outside."""
    x, w = leaves()
    h = gd.tanh(w)
    with pytest.raises(gd.GradientError) as caught:
        gd.checkpoint(lambda x: x * h * w, x)
    assert "checkpoint(f, x, h)" in caught.value.fix
    both(lambda way, x, w: way(lambda x, h: x * h * w, x, gd.tanh(w)))  # as the error says


def test_several_outputs():
    def f(way, x, w):
        y, (rest, n, word, none) = way(lambda x: (x * w, [x.sum(), gd.argmax(x), "word", None]), x)
        assert n.item() == 2 and word == "word" and none is None
        return y * 2 + rest

    both(f)
    both(lambda way, x, w: way(lambda x: (x * w, x), x)[0])  # one of them is not used
    both(lambda way, x, w: (lambda y, z: y * z)(*way(lambda x: (lambda y: (y, y))(x * w), x)))


def test_what_is_not_used_has_zeros():
    x, w = leaves()
    y = gd.checkpoint(lambda x, w: x * 2, x, w)
    y.sum().backward()
    assert w.grad.tolist() == [0, 0, 0] and x.grad.tolist() == [2, 2, 2]


def test_nothing_wants_gradient():
    x, _ = leaves()
    with gd.no_grad():
        assert gd.checkpoint(chain, x, 3).op is None
    assert gd.checkpoint(chain, gd.Tensor(X), 3).op is None
    assert gd.checkpoint(lambda x: x.shape, x) == (3,)
    assert gd.checkpoint(lambda x: x > 0, x).dtype == bool


def test_scalars():
    a, b = gd.Scalar(0.5), gd.Scalar(-2.0)
    y = gd.checkpoint(lambda a: gd.tanh(a * b) * 2.0 * gd.Scalar(3.0), a)
    assert isinstance(y, gd.Scalar)
    y.backward()
    s = 6 * (1 - np.tanh(-1.0) ** 2)
    assert a.grad == pytest.approx(-2 * s) and b.grad == pytest.approx(0.5 * s)
    c = gd.Scalar(0.5)
    y = gd.checkpoint(lambda a: a * b * a, c)
    y.backward(create_graph=True)
    g = c.grad
    g.backward()
    assert g.item() == pytest.approx(-2.0)
    y = gd.checkpoint(lambda a: a * b, c)
    b.data = 5.0
    with pytest.raises(gd.GradientError):
        y.backward()


def test_twice_through_one_graph():
    x, w = leaves()
    y = gd.checkpoint(lambda x: chain(x * w, 3), x).sum()
    y.backward(retain_graph=True)
    first = x.grad.numpy(copy=True)
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * first)
    with pytest.raises(gd.GradientError):
        y.backward()


# ---------------------------------------------------------------------- higher orders
def second(f):
    """The gradients of a product of first gradients."""
    found = []
    for way in (gd.checkpoint, plain):
        x, w = leaves()
        gx, gw = _backward.gradients([f(way, x, w).sum()], [x, w], create_graph=True)
        found.append(gradients((gx * gw).sum(), [x, w]))
    same(*found)


def test_second_order():
    second(lambda way, x, w: way(lambda x: chain(x * w, 2) * w, x))
    second(lambda way, x, w: way(lambda x: chain(x * w, 2) * w, x * w))  # w outside as well
    second(lambda way, x, w: way(lambda x: way(lambda x: gd.tanh(x * w), x) * x, x * w))
    second(lambda way, x, w: way(lambda x: (x * w, gd.tanh(x)), gd.tanh(x))[0] * w)
    assert gd.gradcheck(lambda x: gd.checkpoint(lambda a: gd.tanh(a * x), x), [X], order=2)


def test_third_order():
    def third(way):
        f = lambda x: way(lambda x: gd.sin(x * x), x)  # noqa: E731
        for _ in range(3):
            f = gd.grad(f)
        return f(np.array(0.7)).item()

    assert third(gd.checkpoint) == pytest.approx(third(plain), rel=1e-12)


def test_transforms():
    w = gd.Tensor(W)

    def f(way):
        return lambda x: way(lambda x: gd.tanh(x * w) * x[::-1], x)

    v = gd.Tensor(W)
    for transform in (
        lambda f: gd.jvp(f, (X,), (v,))[1],
        lambda f: gd.jacobian(f, mode="forward")(X),
        lambda f: gd.jacobian(f, mode="reverse")(X),
        lambda f: gd.hessian(lambda x: f(x).sum())(X),
        lambda f: gd.jacobian(gd.grad(lambda x: f(x).sum()), mode="forward")(X),
        lambda f: gd.hvp(lambda x: f(x).sum(), X, v),
    ):
        same([transform(f(gd.checkpoint)).numpy()], [transform(f(plain)).numpy()])


def test_a_transform_within():
    """The second run sees the same enclosing transform as the first."""

    def f(way):
        return lambda x: way(lambda y: y * gd.grad(lambda z: (z * z * y).sum())(y), x).sum()

    same([gd.grad(f(gd.checkpoint))(X).numpy()], [gd.grad(f(plain))(X).numpy()])


# ---------------------------------------------------------------------- the second run
def test_random_numbers_come_again():
    x, w = leaves()
    masks = []

    def dropout(x):
        masks.append(gd.rand(3) > 0.5)
        return gd.where(masks[-1], x * w, 0.0)

    y = gd.checkpoint(dropout, x)
    after = default_generator.get_state()
    gd.rand(5)
    state = default_generator.get_state()
    y.sum().backward()
    assert default_generator.get_state() == state != after
    assert len(masks) == 2 and masks[0].tolist() == masks[1].tolist()
    np.testing.assert_array_equal(x.grad.numpy(), np.where(masks[0].numpy(), W, 0))


def test_modes_come_again():
    seen = []

    def f(x):
        seen.append((gd.get_default_dtype(), gd._core.current_mode().where))
        return x * gd.tensor(2.0)

    x, _ = leaves()
    with gd.scope("encoder"):
        y = gd.checkpoint(f, x)
    y.sum().backward()
    assert seen[0] == seen[1] and seen[0][1] == ("encoder", None)
    with gd.no_grad():
        y = gd.checkpoint(f, x)
    assert len(seen) == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.update(w=gd.Tensor(W, requires_grad=True)),  # another Tensor
        lambda state: state.update(w=gd.Tensor(W)),
        lambda state: state.update(n=2),  # other outputs
        lambda state: state.update(x=np.ones((2, 1))),  # of another shape
    ],
)
def test_a_function_that_does_something_else_is_noticed(change):
    state = {"w": gd.Tensor(W, requires_grad=True), "n": 1, "x": 1.0}
    x, _ = leaves()
    y = gd.checkpoint(lambda x: [x * state["w"] * state["x"]] * state["n"], x)[0]
    change(state)
    with pytest.raises(gd.GradientError) as caught:
        y.sum().backward()
    assert caught.value.op == "checkpoint" and x.grad is None


def test_writes_are_noticed():
    for which in (0, 1):
        pair = leaves()
        x, w = pair
        y = gd.checkpoint(lambda x, w=w: x * w, x)
        with gd.no_grad():
            pair[which].__iadd__(1.0)
        with pytest.raises(gd.GradientError, match="changed in place"):
            y.sum().backward()


# ---------------------------------------------------------------------- memory
def peak(run):
    """(peak of memory in arrays of the size of x, gradient)."""
    run(gd.Tensor(X, requires_grad=True)).sum().backward()  # loads what is loaded when first used
    x = gd.Tensor(np.linspace(-1, 1, 100_000), requires_grad=True)
    tracemalloc.start()
    try:
        run(x).sum().backward()
        return tracemalloc.get_traced_memory()[1] / x.nbytes, x.grad.numpy()
    finally:
        tracemalloc.stop()


def segments(way, x):
    for _ in range(4):
        x = way(chain, x, 4)
    return x


def test_memory():
    """16 layers in 4 checkpoints: 4 inputs and what one of them computes, in place of 16."""
    whole, want = peak(lambda x: segments(plain, x))
    parts, got = peak(lambda x: segments(gd.checkpoint, x))
    np.testing.assert_array_equal(got, want)
    assert 16 < whole < 20
    assert parts < 0.85 * whole


def test_what_is_kept_is_dropped_after_backward():
    x = gd.Tensor(np.linspace(-1, 1, 100_000), requires_grad=True)
    h = gd.tanh(x)
    y = gd.checkpoint(chain, h, 4)
    node = y.node
    assert node.saved[0][0] is not None
    y.sum().backward()
    assert node.saved[0][0] is None


def test_example():
    assert doctest.testmod(importlib.import_module("graddl.checkpoint")).failed == 0


def test_hooks_within_are_told_not_to_run():
    layer, x = gd.nn.Linear(2, 2), gd.ones(1, 2, requires_grad=True)
    outside = x * 2
    outside.register_hook(lambda g: g)
    gd.checkpoint(lambda x: layer(x) + outside, x).sum().backward()  # no warning for hooks outside
    layer.register_full_backward_hook(lambda module, grads, _: grads)
    with pytest.warns(UserWarning, match="hooks within a checkpointed function do not run"):
        y = gd.checkpoint(layer, x)
    y.sum().backward()

    def hooked(x):
        h = x * 2
        h.register_hook(lambda g: g * 0)
        return h.sum()

    with pytest.warns(UserWarning, match="a gradient that one replaces stays as it is"):
        gd.checkpoint(hooked, x)
