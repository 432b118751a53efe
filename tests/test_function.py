"""Operations with a gradient of one's own."""

import doctest

import numpy as np
import pytest

import graddl as gd
from graddl import _backward, function
from graddl.viz.drawing import Drawing

X, W = np.array([[0.5, -1.25, 2.0], [1.0, -0.5, 0.25]]), np.array([-0.5, 1.5, 0.25])


class Exp(gd.Function):
    """The exponential function."""

    @staticmethod
    def forward(ctx, x):
        y = np.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class Cube(gd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


class Affine(gd.Function):
    """x * w + b, broadcast; the gradients are summed by the engine."""

    @staticmethod
    def forward(ctx, x, w, b=None, scale=1.0, *, sign=1):
        ctx.save_for_backward(w, x, b)
        ctx.sign, ctx.scale, ctx.options = sign, scale, {"axes": (0, 1)}
        y = x * w if b is None else x * w + b
        return sign * scale * y

    @staticmethod
    def backward(ctx, g):
        w, x, _ = ctx.saved_tensors
        g = g * (ctx.sign * ctx.scale)
        return (g * w, g * x, g, None)[: len(ctx.needs)]


class Polar(gd.Function):
    """Several inputs, several outputs, one of them integer."""

    @staticmethod
    def forward(ctx, x, y):
        r, a = np.hypot(x, y), np.arctan2(y, x)
        ctx.save_for_backward(x, y, r)
        return r, a, (x > 0).astype(int)

    @staticmethod
    def backward(ctx, gr, ga, gn):
        x, y, r = ctx.saved_tensors
        assert gn.shape == x.shape
        return gr * x / r - ga * y / r**2, gr * y / r + ga * x / r**2


def leaf(x):
    return gd.Tensor(x, requires_grad=True)


def with_backward(backward, forward=None, base=Cube):
    """A Function with another backward."""
    parts = {"backward": staticmethod(backward)}
    parts |= {"forward": staticmethod(forward)} if forward else {}
    return type("Mine", (base,), parts)


def pull(f, *xs, graph=False):
    """Gradients of a weighted sum of f, that need not be 1."""
    y = f.apply(*xs)
    wanted = [x for x in xs if isinstance(x, gd.Tensor) and x.requires_grad]
    g = leaf(np.linspace(1, 2, y.size).reshape(y.shape))
    return _backward.gradients([y], wanted, [g], create_graph=graph)


# ---------------------------------------------------------------------- what works
def test_values_and_gradients():
    x = leaf(X)
    y = Exp.apply(x)
    np.testing.assert_array_equal(y.numpy(), np.exp(X))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.exp(X))
    assert Exp.apply(gd.Tensor(X)).op is None and Exp.apply(X).op is None
    with gd.no_grad():
        assert Exp.apply(x).op is None
    assert Exp.apply(leaf(X.astype("f4"))).dtype == np.float32


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (Exp.apply, [X]),
        (Cube.apply, [X]),
        (Affine.apply, [X, W]),
        (Affine.apply, [X, W, np.array(0.5)]),
        (lambda x, w: Affine.apply(x, w, None, 2.0, sign=-1), [X, W]),
        (lambda x, w: Affine.apply(Cube.apply(x), Exp.apply(w), x), [X, W]),
        (lambda x, y: Polar.apply(x, y)[:2], [W, X[0]]),
        (lambda x, y: Polar.apply(x, y)[1], [W, X[0]]),
        (lambda x: Affine.apply(x, x), [X]),
    ],
)
def test_gradients_of_both_orders(f, inputs):
    assert gd.gradcheck(f, inputs, order=2)


def test_transforms():
    v = gd.Tensor(W)
    for mode in ("forward", "reverse"):
        j = gd.jacobian(Exp.apply, mode=mode)(W)
        np.testing.assert_allclose(j.numpy(), np.diag(np.exp(W)))
        j = gd.jacobian(lambda x: Polar.apply(x, x * x)[0], mode=mode)(W)
        np.testing.assert_allclose(
            j.numpy(), np.diag((W + 2 * W**3) / np.hypot(W, W**2)), rtol=1e-12
        )
    np.testing.assert_allclose(gd.jvp(Cube.apply, (W,), (v,))[1].numpy(), 3 * W**3)
    h = gd.hessian(lambda x: Cube.apply(x).sum())(W)
    np.testing.assert_allclose(h.numpy(), np.diag(6 * W))
    h = gd.jacobian(gd.grad(lambda x: Cube.apply(x).sum()), mode="forward")(W)
    np.testing.assert_allclose(h.numpy(), np.diag(6 * W))
    third = gd.grad(gd.grad(gd.grad(Cube.apply)))
    assert third(np.array(2.0)).item() == 6.0
    x = leaf(W)
    (gd.checkpoint(Exp.apply, x) * v).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp(W) * W)


def test_scalars():
    s = gd.Scalar(2.0)
    Cube.apply(s).backward()
    assert s.grad == 12.0
    f = with_backward(lambda ctx, g: gd.Scalar(g.sum()) * 12.0)
    s = gd.Scalar(2.0)
    y = f.apply(s)
    y.backward(create_graph=True)
    assert s.grad.item() == 12.0
    f = with_backward(lambda ctx, g: g, lambda ctx, x: gd.Scalar(x.item(), requires_grad=False))
    assert f.apply(leaf(np.array(1.5))).item() == 1.5


def test_what_forward_gets():
    seen = []

    def forward(ctx, *args, **params):
        seen.append((ctx, args, params))
        return args[0] * 1.0

    f = with_backward(lambda ctx, g: (g, None, None, None, None, None), forward)
    x, k = leaf(X), gd.Tensor(np.array([1, 2]))
    f.apply(x, W, k, "word", 3, [1.0], axis=0)
    ctx, (a, b, n, *rest), params = seen[0]
    assert type(a) is np.ndarray and not a.flags.writeable and np.shares_memory(a, x.numpy())
    assert np.shares_memory(b, W) and not b.flags.writeable and n.tolist() == [1, 2]
    assert rest == ["word", 3, [1.0]] and params == {"axis": 0}
    assert ctx.needs == ctx.needs_input_grad == (True, False, False, False, False, False)
    f.apply(x, W, k, "word", 3, [1.0]).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.ones_like(X))


def test_what_backward_gets():
    seen = []

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        seen.append((x, g, ctx.needs))
        with pytest.raises(gd.GraddlError):
            g += 1.0  # others may hold the same memory
        return g * x

    x = leaf(X)
    with_backward(backward).apply(x).sum().backward()
    (saved, g, needs) = seen[0]
    assert type(saved) is type(g) is gd.Tensor and not saved.requires_grad and needs == (True,)
    assert np.shares_memory(saved.numpy(), x.numpy())


def test_what_forward_may_return():
    for result, want in (
        (lambda x: 2.0, 2.0),
        (lambda x: np.sum(x), X.sum()),
        (lambda x: gd.exp(x), np.exp(X)),
        (lambda x: x, X),
        (lambda x: x.T, X.T),
    ):
        f = with_backward(lambda ctx, g: gd.zeros(2, 3), lambda ctx, x, result=result: result(x))
        y = f.apply(leaf(X))
        assert y.requires_grad
        np.testing.assert_array_equal(y.numpy(), want)
    f = with_backward(lambda ctx, g: g, lambda ctx, x: [x * 2.0])
    (y,) = f.apply(leaf(X))
    assert y.shape == (2, 3)


def test_a_saved_intermediate_is_fine_for_first_order():
    def forward(ctx, x):
        e = np.exp(x)
        ctx.save_for_backward(e, np.array([1, 2]), None)
        return e + x

    def backward(ctx, g):
        e, n, none = ctx.saved_tensors
        assert n.tolist() == [1, 2] and none is None
        return g * (e + 1)

    f = with_backward(backward, forward)
    assert gd.gradcheck(f.apply, [X])
    np.testing.assert_allclose(gd.jvp(f.apply, (X,), (X,))[1].numpy(), X * (np.exp(X) + 1))
    with pytest.raises(gd.GradientError) as caught:
        gd.gradcheck(f.apply, [X], order=2)
    assert caught.value.op == "Mine" and "save the inputs" in caught.value.fix
    with pytest.raises(gd.GradientError, match="neither an input nor a result"):
        gd.grad(lambda x: gd.jvp(f.apply, (x,), (x,))[1].sum())(X)


def test_first_order_may_use_numpy():
    for result in (lambda g, x: g.numpy() * 2, lambda g, x: np.exp(x), lambda g, x: g * x.numpy()):
        f = with_backward(lambda ctx, g, result=result: result(g, ctx.saved_tensors[0]))
        x = leaf(X)
        f.apply(x).sum().backward()
        assert x.grad.shape == X.shape and x.grad.dtype == np.float64


def test_ops_in_user_code():
    """The other way: an entry of the table, with the constructors that the table is made of."""
    from graddl.ops.define import elementwise
    from tests.tensors import temporary_ops

    with temporary_ops() as define:
        cube = define(elementwise, "cube", lambda xp, x: x * x * x, {"x": lambda xp, x: 3 * x * x})
        assert gd.gradcheck(cube, [X], order=2) and cube(gd.Scalar(2.0)).item() == 8.0


# ---------------------------------------------------------------------- the node
def test_it_is_an_ordinary_node():
    x, w = leaf(X), leaf(W)
    y = Affine.apply(x, w, None, 2.0)
    assert y.op.name == "Affine" and "op=Affine" in repr(y)
    assert y.op.args == ("x", "w") and y.node.inputs == (x.node, w.node)
    drawing = gd.draw((y * 2).sum())
    assert isinstance(drawing, Drawing) and "Affine" in drawing.dot
    assert Affine.apply(x, w, None, 2.0).op is y.op  # made once


def test_only_what_is_saved_is_kept():
    x, w = leaf(X), leaf(W)
    values, y, _ = Exp.apply(x).node.saved
    assert values == (None,) and y is not None
    values, y, _ = Affine.apply(x, w).node.saved
    assert values[0] is not None and values[1] is not None and y is None


def test_large_arrays_are_released_after_backward():
    class Keeps(Exp):
        @staticmethod
        def forward(ctx, x):
            e = np.exp(x)
            ctx.save_for_backward(e)
            return e * 2

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0] * 2

    y = Keeps.apply(leaf(np.ones(1000)))
    s = y.sum()
    assert len(y.node.saved[2]) == 1
    s.backward()
    assert y.node.saved[2] is None
    with pytest.raises(gd.GradientError):
        s.backward()


def test_writes_to_what_was_saved_are_noticed():
    x = leaf(X)
    y = Cube.apply(x)
    with gd.no_grad():
        x += 1.0
    with pytest.raises(gd.GradientError) as caught:
        y.sum().backward()
    assert caught.value.op == "Cube" and "changed in place" in str(caught.value)
    y = Exp.apply(leaf(X))
    with gd.no_grad():
        y *= 2.0
    with pytest.raises(gd.GradientError):
        y.sum().backward()


# ---------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("result", "error", "words"),
    [
        (lambda g: None, gd.GradientError, "argument 0 is wanted, and backward returned None"),
        (lambda g: (g, g), gd.GradientError, "a gradient for each positional argument"),
        (lambda g: (), gd.GradientError, "a gradient for each positional argument"),
        (lambda g: g[0], gd.ShapeError, "argument 0 has another shape"),
        (lambda g: g[:, :2], gd.ShapeError, "argument 0 has another shape"),
        (lambda g: g.sum(), gd.ShapeError, "argument 0 has another shape"),
        (lambda g: g > 0, gd.DTypeError, "argument 0 is not floating"),
        (lambda g: g.astype(int), gd.DTypeError, "argument 0 is not floating"),
    ],
)
@pytest.mark.parametrize("graph", [False, True])
def test_wrong_gradients(result, error, words, graph):
    f = with_backward(lambda ctx, g: result(g))
    with pytest.raises(error) as caught:
        pull(f, leaf(X), graph=graph)
    assert caught.value.op == "Mine" and words in str(caught.value) and caught.value.fix


def test_none_is_fine_where_no_gradient_is_wanted():
    f = with_backward(lambda ctx, g: (g * 2, None), lambda ctx, x, n: x * n)
    assert [g.tolist() for g in pull(f, leaf(W), gd.Tensor(W))] == [[2.0, 3.0, 4.0]]
    with pytest.raises(gd.GradientError, match="argument 1 is wanted"):
        pull(f, leaf(W), leaf(W))


@pytest.mark.parametrize(
    "out",
    [
        lambda g, x: g.numpy() * 3,
        lambda g, x: gd.tensor(g.numpy()),
        lambda g, x: g * gd.tensor(x.numpy()),
        lambda g, x: g * gd.tensor((x * x).numpy()),
        lambda g, x: g * x.detach(),
        lambda g, x: g * (x * 2).data,
        lambda g, x: g * x.sum().item(),
        lambda g, x: g * gd.tensor(x.tolist()),
        lambda g, x: g * np.asarray(x),
        lambda g, x: g * float(x.sum()),
        lambda g, x: g * gd.Scalar(x.sum()).data,
        lambda g, x: gd.Tensor(g),
        lambda g, x: np.ones((2, 3)),
    ],
)
def test_ways_out_of_the_graph(out):
    """A second derivative is an error, not a silent zero; the first is what it says."""
    f = with_backward(lambda ctx, g: out(g, ctx.saved_tensors[0]))
    with pytest.raises(gd.GradientError) as caught:
        pull(f, leaf(X), graph=True)
    assert caught.value.fix
    x = leaf(X)
    f.apply(x).sum().backward()
    assert x.grad.shape == X.shape


def test_what_does_not_leave_the_graph():
    """Comparisons, shapes and constants; and afterwards all is as it was."""

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        two = gd.full(x.shape, 2.0).numpy()  # depends on nothing
        return gd.where(x > 0, g * x * two, 0.0) if bool(x.sum() > 0) else g

    f = with_backward(backward, lambda ctx, x: (ctx.save_for_backward(x), np.maximum(x, 0) ** 2)[1])
    assert gd.gradcheck(f.apply, [X], order=2)
    zeros = with_backward(lambda ctx, g: gd.zeros(2, 3), lambda ctx, x: np.sign(x))
    assert not pull(zeros, leaf(X), graph=True)[0].numpy().any()
    x = leaf(X)
    y, s = x * 2, gd.Scalar(3.0)
    assert y.sum().item() == 2 * X.sum() and y.tolist() == (2 * X).tolist()
    np.testing.assert_array_equal(y.detach().numpy(), y.data.numpy())
    s.data = 4.0
    x.data = 2 * X
    assert s.data == 4.0 and s.detach().item() == 4.0 and x.data.tolist() == y.tolist()


def test_an_error_in_backward_ends_the_watch():
    def backward(ctx, g):
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        pull(with_backward(backward), leaf(X), graph=True)
    assert (leaf(X) * 2).detach().tolist() == (X * 2).tolist()


@pytest.mark.parametrize(
    "value",
    [X, np.float64(1.0), gd.Tensor(X), gd.Scalar(1.0), {"e": [X]}, X.astype("f2")],
    ids=lambda v: type(v).__name__,
)
def test_floating_attributes_of_ctx_are_refused(value):
    def forward(ctx, x):
        ctx.e = value
        return x

    with pytest.raises(gd.GradientError) as caught:
        with_backward(None, forward).apply(leaf(X))
    assert "save_for_backward(e)" in caught.value.fix


def test_other_attributes_of_ctx():
    def forward(ctx, x):
        ctx.mask, ctx.axis, ctx.eps, ctx.where = x > 0, (0, 1), 1e-5, gd.Tensor(np.array([1]))
        return np.maximum(x, 0)

    def backward(ctx, g):
        assert ctx.axis == (0, 1) and ctx.eps == 1e-5 and ctx.where.tolist() == [1]
        return gd.where(ctx.mask, g, 0.0)

    assert gd.gradcheck(with_backward(backward, forward).apply, [X], order=2)


def test_wrong_uses():
    x = leaf(X)
    with pytest.raises(gd.DTypeError) as caught:
        with_backward(None, lambda ctx, x: None).apply(x)
    assert caught.value.op == "Mine"
    with pytest.raises(gd.DTypeError):
        with_backward(None, lambda ctx, x: "word").apply(x)
    with pytest.raises(gd.GradientError, match="'scale'"):
        Affine.apply(x, X, scale=leaf(W))
    w = leaf(W)
    with pytest.raises(gd.GradientError, match="is no argument"):
        with_backward(None, lambda ctx, x: w * x).apply(x)
    with pytest.raises(gd.ArgumentError):
        with_backward(None, lambda ctx, *xs: xs[0]).apply(*[X] * 31)
    f = with_backward(lambda ctx, g: (g,) * 30, lambda ctx, *xs: sum(xs))
    assert pull(f, *[x] * 30)[0].numpy()[0, 0] == 30.0
    with pytest.raises(NotImplementedError):
        type("Empty", (gd.Function,), {}).apply(x)
    half = type("Half", (gd.Function,), {"forward": staticmethod(lambda ctx, x: x * 2)})
    with pytest.raises(NotImplementedError):
        half.apply(x).sum().backward()


def test_example():
    assert doctest.testmod(function).failed == 0
