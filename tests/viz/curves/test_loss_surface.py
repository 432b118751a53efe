"""Loss surfaces: the losses are those of the model with moved parameters."""

import doctest
import importlib

import numpy as np
import pytest

import graddl as gd
from graddl.errors import ArgumentError, DTypeError, ShapeError
from graddl.viz.curves.plane import by_filter, components

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(16, 3)), rng.normal(size=(16, 1))
DATA = gd.tensor(X), gd.tensor(Y)


def mse(z, y):
    return ((z - y) ** 2).mean()


@pytest.fixture
def model():
    gd.manual_seed(0)
    return gd.nn.Linear(3, 1).double()


def test_losses_in_closed_form(model):
    w, b = (p.numpy(copy=True) for p in model.parameters())
    first, second = (
        [rng.normal(size=(1, 3)), rng.normal(size=1)],
        [rng.normal(size=(1, 3)), np.ones(1)],
    )
    plane = gd.viz.loss_surface(model, mse, *DATA, along=(first, second), points=7).data["plane"]
    for i, u in enumerate(plane.a):
        for j, v in enumerate(plane.b):
            z = X @ (w + u * first[0] + v * second[0]).T + b + u * first[1] + v * second[1]
            assert plane.losses[j, i] == pytest.approx(((z - Y) ** 2).mean(), rel=1e-12)
    assert plane.here == plane.losses[3, 3] == pytest.approx(((X @ w.T + b - Y) ** 2).mean())


def test_directions_are_normalised_by_filter():
    theta = [rng.normal(size=(4, 3, 2, 2)), rng.normal(size=4), np.zeros((2, 5))]
    d = by_filter(theta, np.random.default_rng(1))
    norms = [np.linalg.norm(t.reshape(len(t), -1), axis=1) for t in (theta[0], d[0])]
    np.testing.assert_allclose(norms[0], norms[1])
    assert not d[1].any() and not d[2].any()


def test_a_path_lies_in_its_plane():
    """States on a plane are found there to the last digit, and their losses are the plane's."""
    gd.manual_seed(0)
    model = gd.nn.Linear(3, 1).double()
    u, v, states = rng.normal(size=4), rng.normal(size=4), []
    for k in range(6):
        theta = np.cos(k) * u + np.sin(k) * v
        states.append({"weight": theta[None, :3], "bias": theta[3:]})
    plane = gd.viz.loss_surface(model, mse, *DATA, path=states, points=5).data["plane"]
    assert "100 % of its spread" in plane.how and np.abs(plane.path[-1]).max() < 1e-9
    flat = np.array([np.r_[s["weight"][0], s["bias"]] for s in states])
    apart = [np.linalg.norm(p[:, None] - p, axis=-1) for p in (flat, plane.path)]
    np.testing.assert_allclose(*apart, atol=1e-9)
    expected = [((X @ s["weight"].T + s["bias"] - Y) ** 2).mean() for s in states]
    np.testing.assert_allclose(plane.path_losses, expected)
    assert plane.here == pytest.approx(expected[-1])
    assert plane.a[0] < plane.path[:, 0].min() and plane.path[:, 0].max() < plane.a[-1]


def test_components_of_a_straight_path():
    line = np.outer(np.arange(4.0), [1.0, 2.0, 2.0])
    first, second, share = components(line)
    assert (
        abs(first @ second) < 1e-12
        and share == 1
        and np.allclose(np.abs(first), [1 / 3, 2 / 3, 2 / 3])
    )


def test_the_model_stays_as_it_was(model):
    calls, p = [], next(model.parameters())
    model.register_forward_hook(lambda *a: calls.append(1))
    before, version = model.state_dict(), p.version
    out = model(DATA[0]).sum()
    gd.viz.loss_surface(model, mse, *DATA, points=3).svg()
    assert calls == [1] and p.version == version and p.grad is None and model.training
    np.testing.assert_equal(
        *({k: v.numpy() for k, v in s.items()} for s in (before, model.state_dict()))
    )
    out.backward()  # the graph was not touched
    np.testing.assert_allclose(p.grad.numpy(), X.sum(0)[None])


def test_training_can_be_seen():
    gd.manual_seed(0)
    net = gd.nn.Sequential(gd.nn.Linear(3, 8), gd.nn.Tanh(), gd.nn.Linear(8, 1)).double()
    optimizer, states = gd.optim.Adam(net.parameters(), lr=0.05), [net.state_dict()]
    for _ in range(20):
        optimizer.zero_grad()
        mse(net(DATA[0]), DATA[1]).backward()
        optimizer.step()
        states.append(net.state_dict())
    chart = gd.viz.loss_surface(net, mse, *DATA, path=states, points=9)
    plane = chart.data["plane"]
    assert plane.path_losses[-1] < plane.path_losses[0] and "start: " in chart.svg()
    assert plane.path_losses[-1] == pytest.approx(mse(net(DATA[0]), DATA[1]).item())


def test_losses_that_are_not_finite_are_told(model):
    chart = gd.viz.loss_surface(model, lambda z, y: z.log().mean(), *DATA, points=3)
    assert "✕ 9 of 9 losses are not finite" in chart.svg()


@pytest.mark.parametrize(("change", "kind"), [
    ({"model": len}, DTypeError),
    ({"model": gd.nn.ReLU()}, ArgumentError),
    ({"loss_function": lambda z, y: z - y}, DTypeError),
    ({"points": 2}, ArgumentError),
    ({"points": 5.0}, ArgumentError),
    ({"reach": 0.0}, ArgumentError),
    ({"path": [{}]}, ArgumentError),
    ({"path": [{"weight": np.ones((1, 3))}] * 2}, ShapeError),
    ({"along": ([np.ones((1, 3)), np.ones(1)],)}, ArgumentError),
    ({"along": ([np.ones((1, 3))], [np.ones(1)])}, ShapeError),
    ({"along": ([np.ones((1, 3)), np.ones(1)],) * 2}, ArgumentError),
])  # fmt: skip
def test_errors(model, change, kind):
    options = {
        "model": model,
        "loss_function": mse,
        "x": DATA[0],
        "y": DATA[1],
        "points": 3,
    } | change
    with pytest.raises(kind) as error:
        gd.viz.loss_surface(**options)
    assert error.value.op == "viz.loss_surface" and error.value.expected and error.value.fix


@pytest.mark.parametrize("module", ["loss_surface", "plane"])
def test_examples(module):
    assert doctest.testmod(importlib.import_module(f"graddl.viz.curves.{module}")).failed == 0
