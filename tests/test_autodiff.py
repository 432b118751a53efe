"""Transforms against closed forms."""

import doctest
import math
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import graddl as gd
from graddl import autodiff

X = np.array([0.5, -1.25, 2.0])
V = np.array([1.0, 0.5, -2.0])
W = np.array([-0.5, 3.0, 0.25])


def close(t, want):
    np.testing.assert_allclose(
        t.numpy() if isinstance(t, gd.Tensor) else t.item(), want, rtol=1e-12, atol=1e-14
    )


def cubic(x):
    return (x * x * x).sum()


def mixed(x, w):
    return (gd.tanh(x * w) + x).sum()


# ---------------------------------------------------------------------- grad
def test_grad_and_value():
    y, g = gd.value_and_grad(cubic)(gd.Tensor(X))
    close(y, np.sum(X**3))
    close(g, 3 * X**2)
    assert not y.requires_grad and not g.requires_grad and y.op is None and g.op is None
    close(gd.grad(cubic)(X), 3 * X**2)
    close(gd.grad(cubic)(2.0), 12)
    assert gd.grad(cubic)(2.0).dtype == np.float32


def test_argnums():
    slope = 1 - np.tanh(X * W) ** 2
    gx, gw = gd.grad(mixed, argnums=(0, 1))(X, W)
    close(gx, slope * W + 1)
    close(gw, slope * X)
    close(gd.grad(mixed, argnums=-1)(X, W), slope * X)
    (only,) = gd.grad(mixed, argnums=[1])(X, W)
    close(only, slope * X)
    with pytest.raises(gd.IndexError_) as caught:
        gd.grad(mixed, argnums=2)(X, W)
    assert caught.value.op == "grad" and caught.value.fix


def test_keywords_and_aux():
    def f(x, *, power):
        y = x**power
        return y.sum(), {"y": y, "all": [y, "word"]}

    g, aux = gd.grad(f, has_aux=True)(X**2, power=1.5)
    close(g, 1.5 * np.abs(X))
    close(aux["y"], np.abs(X) ** 3)
    assert (
        not aux["y"].requires_grad and not aux["all"][0].requires_grad and aux["all"][1] == "word"
    )
    (y, _), g = gd.value_and_grad(f, has_aux=True)(X**2, power=2.0)
    close(y, np.sum(X**4))
    close(g, 2 * X**2)


def test_grad_touches_no_grad_attribute():
    x = gd.Tensor(X, requires_grad=True)
    w = gd.Tensor(W, requires_grad=True)
    gd.grad(lambda a: (a * w).sum())(x)
    gd.vjp(lambda a: a * w, x)[1](V)
    gd.jvp(lambda a: a * w, (x,), (V,))
    gd.hvp(cubic, x, V)
    gd.jacobian(lambda a: a * w)(x)
    assert x.grad is None and w.grad is None
    x.grad = gd.Tensor(V)
    close(gd.grad(cubic)(x), 3 * X**2)
    close(x.grad, V)


def test_the_argument_itself_is_left_alone():
    x = gd.Tensor(X)
    seen = []
    gd.grad(lambda a: (seen.append(a), cubic(a))[1])(x)
    assert not x.requires_grad and x.node is None and seen[0] is not x
    assert np.shares_memory(seen[0].numpy(), x.numpy())


def test_unreached_arguments_give_zeros():
    gx, gw = gd.grad(lambda x, w: x.sum(), argnums=(0, 1))(X, W[:2])
    close(gx, np.ones(3))
    close(gw, np.zeros(2))
    assert gw.dtype == np.float64
    close(gd.grad(lambda x: gd.tensor(3.0))(X), np.zeros(3))
    close(gd.vjp(lambda x: gd.Tensor(W), gd.Tensor(X))[1](V)[0], np.zeros(3))
    close(gd.jvp(lambda x: gd.Tensor(W[:2]), (X,), (V,))[1], np.zeros(2))
    close(gd.jacobian(lambda x: gd.Tensor(W[:2]))(X), np.zeros((2, 3)))
    close(gd.hvp(lambda x: x.sum(), X, V), np.zeros(3))
    close(gd.hessian(lambda x: x.sum())(X), np.zeros((3, 3)))
    close(gd.grad(lambda x: (x > 0).sum().astype("float64"))(X), np.zeros(3))


def test_errors():
    with pytest.raises(gd.ShapeError) as caught:
        gd.grad(lambda x: x * 2)(X)
    assert "jacobian" in caught.value.fix
    with pytest.raises(gd.ShapeError):
        gd.grad(lambda x: (x.sum(), x.sum()))(X)
    with pytest.raises(gd.DTypeError) as caught:
        gd.grad(lambda x: cubic(x).item())(X)
    assert ".item()" in caught.value.fix
    with pytest.raises(gd.DTypeError):
        gd.grad(cubic)(np.array([1, 2]))
    with pytest.raises(gd.ShapeError):
        gd.jvp(cubic, (X,), (V[:2],))
    with pytest.raises(gd.ShapeError):
        gd.jvp(cubic, (X,), (V, V))
    with pytest.raises(gd.ShapeError):
        gd.vjp(lambda x: x, X)[1](V[:2])
    with pytest.raises(gd.ArgumentError):
        gd.jacobian(cubic, mode="sideways")


# ---------------------------------------------------------------------- nesting
def test_higher_orders():
    f = gd.sin
    for k in range(5):
        close(f(gd.Tensor(0.7, dtype="float64")), math.sin(0.7 + k * math.pi / 2))
        f = gd.grad(f)


def test_gradients_are_recorded_where_an_argument_wants_gradient():
    x = gd.Tensor(X, requires_grad=True)
    g = gd.grad(cubic)(x)
    assert g.requires_grad
    (g * V).sum().backward()
    close(x.grad, 6 * X * V)
    with gd.no_grad():
        assert not gd.grad(cubic)(x).requires_grad
        close(gd.grad(cubic)(x), 3 * X**2)


def test_an_inner_transform_sees_the_outer_variable():
    """d/dx (x · d/dy (x y)) = d/dx x² = 2 x: what is closed over inside of a transform is not a
    constant of it."""
    f = gd.grad(lambda x: x * gd.grad(lambda y: x * y)(gd.Tensor(1.0, dtype="float64")))
    close(f(gd.Tensor(3.0, dtype="float64")), 6)
    close(
        gd.jvp(
            lambda x: gd.grad(lambda y: x * x * y)(np.array(1.0)),
            (np.array(3.0),),
            (np.array(1.0),),
        )[1],
        6,
    )


def test_closed_over_tensors_are_constants():
    w = gd.Tensor(W, requires_grad=True)
    g = gd.grad(lambda x: (x * w).sum())(X)
    assert not g.requires_grad
    close(g, W)


@pytest.mark.parametrize(
    "order",
    [
        ("forward", "reverse"),
        ("reverse", "forward"),
        ("forward", "forward"),
        ("reverse", "reverse"),
    ],
)
def test_modes_nest(order):
    def along(f, mode, v):
        if mode == "forward":
            return lambda x: gd.jvp(f, (x,), (v,))[1]
        return lambda x: (gd.grad(lambda a: f(a).sum())(x) * v).sum()

    def f(x):
        return gd.exp(x) * x[::-1]

    inner, outer = order
    got = along(along(lambda x: f(x).sum(), inner, gd.Tensor(V)), outer, gd.Tensor(W))(gd.Tensor(X))
    e, n = np.exp(X), X[::-1]
    hessian = np.diag(e * n) + np.diag(e)[:, ::-1] + np.diag(e)[:, ::-1].T
    close(got, V @ hessian @ W)


def test_cotangents_and_tangents_that_want_gradient():
    u = gd.Tensor(V, requires_grad=True)
    _, pull = gd.vjp(lambda x: x * x, X)
    (pull(u)[0] * W).sum().backward()
    close(u.grad, 2 * X * W)
    u.zero_grad()
    (gd.jvp(lambda x: x * x, (X,), (u,))[1] * W).sum().backward()
    close(u.grad, 2 * X * W)
    s = gd.Scalar(3.0)
    gd.jvp(lambda x: x * x, (np.array(2.0),), (s,))[1].backward()
    assert s.grad == 4.0


# ---------------------------------------------------------------------- vjp, jvp, hvp
def test_several_outputs():
    def f(x, w):
        return x * w, (x.sum(), w)[0]

    (y, s), pull = gd.vjp(f, X, W)
    close(y, X * W)
    close(s, X.sum())
    gx, gw = pull((V, 2.0))
    close(gx, V * W + 2)
    close(gw, V * X)
    close(pull((V, 2.0))[0], V * W + 2)
    (y, s), (ty, ts) = gd.jvp(f, (X, W), (V, np.ones(3)))
    close(ty, V * W + X)
    close(ts, V.sum())
    assert not any(t.requires_grad for t in (y, s, ty, ts, gx, gw))


def test_aux_of_vjp_and_jvp():
    _, pull, aux = gd.vjp(lambda x: (x * 2, "word"), X, has_aux=True)
    assert aux == "word"
    close(pull(V)[0], 2 * V)
    _, t, aux = gd.jvp(lambda x: (x * 2, x), (X,), (V,), has_aux=True)
    close(aux, X)
    assert not aux.requires_grad
    close(t, 2 * V)


def test_jvp_through_every_kind_of_op():
    """Elementwise, linear, several outputs, own rule, composition, in one graph."""

    def f(x):
        a, b = gd.split(gd.concatenate([x, x * 2]), 2)
        s = gd.softmax(gd.stack([a, b]) @ gd.Tensor(np.eye(3)), axis=0)
        loss = gd.cross_entropy(gd.transpose(s), np.array([0, 1, 1]))
        return loss + gd.max(a * b) + (a[1:] + 1.0).sum()

    h = 1e-5
    slope = (f(gd.Tensor(X + h * V)).item() - f(gd.Tensor(X - h * V)).item()) / (2 * h)
    assert gd.jvp(f, (X,), (V,))[1].item() == pytest.approx(slope, rel=1e-8)


def test_jvp_of_a_recorded_history_stops_at_the_argument():
    x = gd.Tensor(X, requires_grad=True)
    y = gd.exp(x)
    _, t = gd.jvp(lambda a: a * a, (y,), (V,))
    close(t, 2 * np.exp(X) * V)
    (t * W).sum().backward()
    close(x.grad, 2 * np.exp(X) * V * W)


def test_tangents_take_the_dtype():
    _, t = gd.jvp(lambda x: x.astype("float64") * 2, (X.astype("float32"),), (V,))
    assert t.dtype == np.float64
    _, t = gd.jvp(lambda x: x * 2, (X.astype("float32"),), (V,))
    assert t.dtype == np.float32
    assert gd.vjp(lambda x: x.astype("float64"), X.astype("float32"))[1](V)[0].dtype == np.float32


def test_hvp():
    close(gd.hvp(cubic, X, V), 6 * X * V)
    a, b = gd.hvp(lambda x, w: (x * x * w).sum(), (X, W), (V, np.ones(3)))
    close(a, 2 * W * V + 2 * X)
    close(b, 2 * X * V)
    close(gd.grad(lambda x: (gd.hvp(cubic, x, gd.Tensor(V)) * W).sum())(X), 6 * V * W)


# ---------------------------------------------------------------------- matrices
@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_jacobian(mode):
    m = np.arange(6.0).reshape(2, 3)
    close(gd.jacobian(lambda x: gd.Tensor(m) @ x, mode=mode)(X), m)
    j = gd.jacobian(lambda x: gd.stack([x * x, x]), mode=mode)(X)
    close(j, np.stack([np.diag(2 * X), np.eye(3)]))
    jx, jw = gd.jacobian(lambda x, w: x * w, argnums=(0, 1), mode=mode)(X, W)
    close(jx, np.diag(W))
    close(jw, np.diag(X))
    a, b = gd.jacobian(lambda x: (x.sum(), x * 2), mode=mode)(X)
    close(a, np.ones(3))
    close(b, 2 * np.eye(3))
    close(gd.jacobian(lambda x: x * 3, mode=mode)(np.array(2.0)), 3)
    assert gd.jacobian(lambda x: x * 3, mode=mode)(np.ones((0, 2))).shape == (0, 2, 0, 2)


def test_jacobian_of_jacobian():
    j = gd.jacobian(gd.jacobian(lambda x: x**3.0, mode="forward"), mode="reverse")(np.abs(X))
    want = np.zeros((3, 3, 3))
    want[range(3), range(3), range(3)] = 6 * np.abs(X)
    close(j, want)


def test_hessian():
    close(gd.hessian(cubic)(X), np.diag(6 * X))
    (aa, ab), (ba, bb) = gd.hessian(lambda x, w: (x * x * w).sum(), argnums=(0, 1))(X, W)
    close(aa, np.diag(2 * W))
    close(ab, np.diag(2 * X))
    close(ba, np.diag(2 * X))
    close(bb, np.zeros((3, 3)))
    x = gd.Tensor(np.ones((2, 2)))
    assert gd.hessian(lambda a: (a @ a).sum())(x).shape == (2, 2, 2, 2)


# ---------------------------------------------------------------------- containers
Line = namedtuple("Line", "w b")


def affine(p, x):
    return gd.tanh(p["lines"][0].w * x + p["lines"][0].b) * p["scale"]


def parameters():
    return {"lines": [Line(gd.Tensor(W), V)], "scale": np.array(0.5), "rest": (None, ())}


def slopes():
    """Of affine, by hand."""
    y = np.tanh(W * X + V)
    s = 0.5 * (1 - y**2)
    return s * X, s, y, s * W


def test_gradients_come_in_the_containers_of_the_argument():
    y, g = gd.value_and_grad(lambda p: affine(p, X).sum())(parameters())
    close(y, 0.5 * np.tanh(W * X + V).sum())
    assert list(g) == ["lines", "scale", "rest"] and g["rest"] == (None, ())
    assert type(g["lines"]) is list and type(g["lines"][0]) is Line
    gw, gb, gs, gx = slopes()
    close(g["lines"][0].w, gw)
    close(g["lines"][0].b, gb)
    close(g["scale"], gs.sum())
    g, x = gd.grad(lambda p, x: affine(p, x).sum(), argnums=(0, 1))(parameters(), X)
    close(g["lines"][0].b, gb)
    close(x, gx)
    ((g,), x), aux = gd.grad(
        lambda p, x: (affine(p[0], x).sum(), {"x": x}), argnums=(0, 1), has_aux=True
    )((parameters(),), X)
    close(g["scale"], gs.sum())
    close(x, gx)
    close(aux["x"], X)
    assert not aux["x"].requires_grad


@pytest.mark.parametrize("kind", [OrderedDict, lambda d: defaultdict(float, d)])
def test_classes_of_dicts(kind):
    tree = kind({"b": 2.0, "a": 3.0})
    g = gd.grad(lambda d: d["a"] * d["b"])(tree)
    assert type(g) is type(tree) and list(g) == ["b", "a"]
    assert g["b"].item() == 3.0 and g["a"].item() == 2.0 and tree["b"] == 2.0


def test_floats_and_scalars_in_containers():
    a, b = gd.grad(lambda p: p[0] * p[1])((gd.Scalar(2.0, requires_grad=False), 3.0))
    assert isinstance(a, gd.Tensor | gd.Scalar) and a.item() == 3.0
    assert b.shape == () and b.dtype == np.float32 and b.item() == 2.0
    assert gd.grad(lambda x, none: x * 2, argnums=(0, 1))(1.0, None)[1] is None
    assert gd.grad(lambda none, x: gd.tensor(x))(None, 1.0) is None
    assert gd.jvp(lambda none: gd.tensor(1.0), (None,), (None,))[1].item() == 0.0


def test_outputs_in_containers():
    def f(p, x):
        return {"y": affine(p, x), "all": (x.sum(), None)}

    value, pull = gd.vjp(f, parameters(), X)
    close(value["y"], 0.5 * np.tanh(W * X + V))
    assert value["all"][1] is None
    p, gx = pull({"y": V, "all": (2.0, None)})
    gw, gb, gs, sx = slopes()
    close(p["lines"][0].w, V * gw)
    close(p["scale"], (V * gs).sum())
    close(gx, V * sx + 2)
    tangents = {"lines": [Line(V, W)], "scale": 3.0, "rest": (None, ())}
    value, t = gd.jvp(f, (parameters(), X), (tangents, np.ones(3)))
    close(t["y"], gw * V + gb * W + gs * 3 + sx)
    close(t["all"][0], 3)
    assert t["all"][1] is None
    close(gd.vjp(lambda x: [x, (x * 2,)], X)[1]([V, (V,)])[0], 3 * V)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_matrices_of_containers(mode):
    """The outputs' containers, and in each place the argument's."""

    def f(p, x):
        return {"y": affine(p, x), "s": x.sum()}

    j = gd.jacobian(f, argnums=(0, 1), mode=mode)(parameters(), X)
    gw, gb, gs, sx = slopes()
    close(j["y"][0]["lines"][0].w, np.diag(gw))
    close(j["y"][0]["lines"][0].b, np.diag(gb))
    close(j["y"][0]["scale"], gs)
    close(j["y"][1], np.diag(sx))
    close(j["s"][0]["lines"][0].w, np.zeros(3))
    close(j["s"][1], np.ones(3))
    assert j["s"][0]["rest"] == (None, ())
    j, aux = gd.jacobian(lambda p, x: (f(p, x), x), mode=mode, has_aux=True)(
        parameters(), gd.Tensor(X)
    )
    close(j["y"]["scale"], gs)
    close(aux, X)


def test_hessians_of_containers():
    h, aux = gd.hessian(lambda p: ((p["a"] ** 2.0 * p["b"]).sum(), p["b"]), has_aux=True)(
        {"a": X, "b": np.array(2.0)}
    )
    close(h["a"]["a"], 4 * np.eye(3))
    close(h["a"]["b"], 2 * X)
    close(h["b"]["a"], 2 * X)
    close(h["b"]["b"], 0)
    close(aux, 2)
    tangent = {"a": V, "b": np.array(1.0)}
    p = gd.hvp(lambda p: (p["a"] ** 2.0 * p["b"]).sum(), {"a": X, "b": np.array(2.0)}, tangent)
    close(p["a"], 4 * V + 2 * X)
    close(p["b"], 2 * (X * V).sum())
    (a, b), x = gd.hvp(lambda p, x: (p[0] * p[1] * x).sum(), ((X, W), V), ((V, V), np.zeros(3)))
    close(a, V * V)
    close(b, V * V)
    close(x, V * W + X * V)


def test_gradients_of_containers_are_recorded():
    w = gd.Tensor(W, requires_grad=True)
    g = gd.grad(lambda p: (p["w"] * p["w"] * p["w"]).sum())({"w": w})
    (g["w"] * V).sum().backward()
    close(w.grad, 6 * W * V)


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"w": [X, np.array([1, 2])]}, "argument 0['w'][1] is int64"),
        (Line(X, 3), "argument 0.b is int\n"),
        ((X, "word"), "argument 0[1] is str"),
        (np.array([True]), "argument 0 is bool"),
        ((np.array([1j]), X), "argument 0[0] is complex128"),
    ],
)
def test_what_is_not_floating_is_named(tree, place):
    for transform in (gd.grad, gd.jacobian, lambda f: lambda x: gd.vjp(f, x)):
        with pytest.raises(gd.DTypeError, match=r"^\w+: ") as caught:
            transform(lambda tree: gd.tensor(1.0))(tree)
        assert place in str(caught.value)


def test_containers_that_do_not_fit():
    def f(p):
        return {"y": p["a"] * 2, "z": p["a"][0]}

    _, pull = gd.vjp(f, {"a": X})
    for g, words in (
        ({"y": V}, "g has to have ['y', 'z'], got ['y']"),
        (V, "g has to have ['y', 'z'], got ndarray"),
        ({"y": V, "z": V}, "g['z'] has not the shape of its value"),
    ):
        with pytest.raises(gd.ShapeError) as caught:
            pull(g)
        assert words in str(caught.value)
    for tangents, words in (
        (({"b": V},), "tangents[0] has to have ['a'], got ['b']"),
        (({"a": V[:1]},), "tangents[0]['a'] has not"),
        (None, "tangents has to have [0], got []"),
    ):
        with pytest.raises(gd.ShapeError) as caught:
            gd.jvp(f, ({"a": X},), tangents)
        assert words in str(caught.value)
    with pytest.raises(gd.ShapeError):
        gd.jvp(lambda none: gd.tensor(1.0), (None,), (V,))


def test_wrong_results():
    with pytest.raises(gd.DTypeError) as caught:
        gd.vjp(lambda x: {"y": x, "n": [x, 1.5]}, X)
    assert "at ['n'][1] of what it returns" in str(caught.value) and caught.value.got == "float"
    with pytest.raises(gd.DTypeError):
        gd.vjp(lambda x: None, X)
    with pytest.raises(gd.ShapeError):
        gd.grad(lambda x: {"a": x.sum()})(X)
    for value in (gd.tensor(1.0), (gd.tensor(1.0),), [gd.tensor(1.0), 2]):
        with pytest.raises(gd.ArgumentError):
            gd.grad(lambda x, value=value: value, has_aux=True)(X)
    with pytest.raises(gd.IndexError_):
        gd.grad(mixed, argnums=(0, 0))(X, W)


def test_examples():
    assert doctest.testmod(autodiff).failed == 0


# ---------------------------------------------------------------------- Scalars
def test_scalars():
    def f(x, y):
        return gd.tanh(x * y) + x**2.0

    x, y = gd.Scalar(0.5, requires_grad=False), gd.Scalar(-1.5, requires_grad=False)
    s = 1 - math.tanh(-0.75) ** 2
    v, (gx, gy) = gd.value_and_grad(f, argnums=(0, 1))(x, y)
    assert all(isinstance(r, gd.Scalar) and not r.requires_grad for r in (v, gx, gy))
    close(gx, s * -1.5 + 1.0)
    close(gy, s * 0.5)
    close(gd.jvp(f, (x, y), (2.0, 1.0))[1], 2 * (s * -1.5 + 1.0) + s * 0.5)
    close(gd.vjp(f, x, y)[1](3.0)[1], 3 * s * 0.5)
    second = -2 * math.tanh(-0.75) * s * 2.25 + 2
    close(gd.grad(gd.grad(f))(x, y), second)
    close(gd.hessian(f)(x, y), second)
    close(gd.hvp(lambda a: f(a, y), x, 2.0), 2 * second)
    for mode in ("forward", "reverse"):
        close(gd.jacobian(f, mode=mode)(x, y), s * -1.5 + 1.0)
    close(gd.grad(lambda a: gd.Scalar(1.0) * 2.0)(x), 0.0)
    close(gd.jvp(gd.grad(f), (x, y), (1.0, 0.0))[1], second)
    close(gd.grad(lambda a: gd.jvp(f, (a, y), (1.0, 0.0))[1])(x), second)


def test_scalars_that_want_gradient():
    x = gd.Scalar(2.0)
    g = gd.grad(lambda a: a * a * a)(x)
    assert g.requires_grad and x.grad == 0.0
    g.backward()
    assert x.grad == 12.0


def test_bridges():
    """Scalars inside of Tensor functions, and the other way round."""
    x = gd.Scalar(0.5, requires_grad=False)

    def f(a):
        return (gd.stack([a, a * a]) * gd.Tensor(np.array([2.0, 3.0]))).sum()

    close(gd.grad(f)(x), 2 + 6 * 0.5)
    close(gd.jvp(f, (x,), (2.0,))[1], 2 * (2 + 6 * 0.5))
    close(gd.jacobian(lambda a: gd.stack([a, a * a]), mode="forward")(x), [1, 1])
    close(gd.jacobian(lambda a: gd.stack([a, a * a]), mode="reverse")(x), [1, 1])

    def h(t):
        return gd.Scalar(t.sum()) ** 2.0

    close(gd.grad(h)(X), np.full(3, 2 * X.sum()))
    close(gd.jvp(h, (X,), (V,))[1], 2 * X.sum() * V.sum())
    close(gd.hvp(h, X, V), np.full(3, 2 * V.sum()))
