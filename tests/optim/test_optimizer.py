"""What all optimizers share."""

import copy
import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import graddl as gd
from graddl import nn, optim
from tests.optim.training import CURVATURE, START, leaf, train

MAKERS = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adagrad": {"lr": 0.1},
    "RMSprop": {"lr": 0.1, "centered": True, "momentum": 0.5},
    "Adadelta": {"lr": 0.1, "eps": 0.1},
    "Adam": {"lr": 0.1},
    "AdamW": {"lr": 0.1, "amsgrad": True},
    "Adamax": {"lr": 0.1},
    "NAdam": {"lr": 0.1},
    "RAdam": {"lr": 0.1},
    "Lion": {"lr": 0.1},
}
EACH = pytest.mark.parametrize(
    "make",
    [lambda p, k=k, **o: getattr(optim, k)(p, **{**MAKERS[k], **o}) for k in MAKERS],
    ids=MAKERS,
)


def bowl(*ws):
    """A loss whose gradient is 2 w."""
    return sum((w * w).sum() for w in ws)


def steps(optimizer, *ws, n=1):
    for _ in range(n):
        optimizer.zero_grad()
        bowl(*ws).backward()
        optimizer.step()


# -------------------------------------------------------------------------------- what it is given
@pytest.mark.parametrize(
    ("params", "text"),
    [
        (lambda: [], "nothing to train"),
        (lambda: iter(()), "nothing to train"),
        (lambda: [{"params": []}], "nothing to train"),
        (lambda: [gd.ones(2)], "parameter 0: it wants no gradient"),
        (lambda: [leaf(1.0), gd.ones(2)], "parameter 1"),
        (lambda: [leaf(1.0) * 2], "computed from others"),
        (lambda: [gd.Scalar(1.0)], "is a Scalar"),
        (lambda: [np.ones(2)], "no Tensor"),
        (lambda: ["weight"], "no Tensor"),
        (lambda: nn.Linear(1, 1).named_parameters(), "is a tuple"),
        (lambda: [nn.Parameter([1.0], requires_grad=False)], "nothing to train"),
    ],
)
@EACH
def test_what_cannot_be_trained(make, params, text):
    with pytest.raises(gd.GradientError, match=text):
        make(params())


@pytest.mark.parametrize(
    ("params", "fix"),
    [
        (lambda: leaf(1.0), "[tensor]"),
        (lambda: nn.Linear(1, 1), "model.parameters()"),
        (lambda: [{"params": nn.Linear(1, 1)}], "model.parameters()"),
        (lambda: {"params": [leaf(1.0)]}, "[group]"),
        (lambda: {"weight": leaf(1.0)}, "params.values()"),
        (lambda: [{"params": None}], "model.parameters()"),
        (lambda: None, "model.parameters()"),
    ],
)
@EACH
def test_what_is_no_list(make, params, fix):
    with pytest.raises(gd.DTypeError, match="takes a list") as caught:
        make(params())
    assert caught.value.fix == fix


@EACH
def test_a_parameter_given_twice(make):
    w = leaf(1.0)
    with pytest.raises(gd.ArgumentError, match="twice"):
        make([w, w])
    with pytest.raises(gd.ArgumentError, match="twice"):
        make([{"params": [w]}, {"params": [w], "lr": 1.0}])


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (optim.SGD, {"lr": -1}),
        (optim.SGD, {"lr": float("nan")}),
        (optim.SGD, {"momentum": -0.1}),
        (optim.SGD, {"weight_decay": -1}),
        (optim.SGD, {"dampening": "0.1"}),
        (optim.SGD, {"nesterov": True}),
        (optim.SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        (optim.Adam, {"lr": -1}),
        (optim.Adam, {"eps": -1}),
        (optim.Adam, {"betas": (0.9, 1.0)}),
        (optim.Adam, {"betas": (-0.1, 0.9)}),
        (optim.Adam, {"betas": (0.9,)}),
        (optim.Adam, {"betas": 0.9}),
        (optim.Adam, {"betas": ("0.9", "0.99")}),
        (optim.Adam, {"lr": "0.1"}),
        (optim.Adam, {"l1": -1}),
        (optim.Lion, {"betas": (0.9, 1.0)}),
        (optim.Adagrad, {"lr_decay": -1}),
        (optim.Adagrad, {"initial_accumulator_value": -1}),
        (optim.RMSprop, {"alpha": 1.1}),
        (optim.RMSprop, {"momentum": -1}),
        (optim.Adadelta, {"rho": 1.1}),
        (optim.NAdam, {"momentum_decay": -1}),
    ],
)
def test_impossible_options(make, options):
    name = next(iter(options))
    with pytest.raises(gd.ArgumentError, match=name):
        make([leaf(1.0)], **options)
    with pytest.raises(gd.ArgumentError, match=name):  # in a group, too
        make([{"params": [leaf(1.0)], **options}])


# ---------------------------------------------------------------------------------- steps
@EACH
def test_the_loss_falls(make):
    w = leaf(1.0, -2.0)
    steps(make([w]), w, n=300)
    assert bowl(w).item() < 0.5


@EACH
def test_a_closure_is_called_with_gradients_on(make):
    w, seen = leaf(1.0), []

    def closure():
        optimizer.zero_grad()
        loss = bowl(w)
        seen.append((w.item(), loss.requires_grad))
        loss.backward()
        return loss

    optimizer = make([w])
    with gd.no_grad():
        loss = optimizer.step(closure)
    assert seen == [(1.0, True)] and loss.item() == 1.0
    assert w.item() < 1.0
    assert optimizer.step() is None


# ---------------------------------------------------------------------------------- decay
def test_weight_decay_and_l1_join_the_gradient():
    w = START.copy()
    for got in train(optim.SGD, lr=0.1, weight_decay=0.3, l1=0.2):
        w = w - 0.1 * (CURVATURE * (w - 1) + 0.3 * w + 0.2 * np.sign(w))
        np.testing.assert_allclose(got, w, rtol=1e-12, atol=1e-14)


def test_decoupled_decay_and_l1_change_the_parameter():
    options = {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3}
    w, m, v = START.copy(), 0.0, 0.0
    for t, got in enumerate(train(optim.AdamW, weight_decay=0.3, l1=0.2, **options), 1):
        g = CURVATURE * (w - 1)
        w = w - 0.1 * (0.3 * w + 0.2 * np.sign(w))
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
        w = w - 0.1 * m / (1 - 0.8**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-3)
        np.testing.assert_allclose(got, w, rtol=1e-10, atol=1e-12)


@EACH
def test_both_decays_pull_towards_0(make):
    for decay in {"weight_decay": 0.5}, {"l1": 0.5}:
        w = leaf(1.0, -1.0, 0.0)
        optimizer = make([w], lr=0.05, **decay)
        (0 * w).sum().backward()
        optimizer.step()
        a, b, c = w.tolist()
        assert 0 < a < 1 and -1 < b < 0 and c == 0


@EACH
def test_decay_may_differ_between_groups(make):
    a, b = leaf(1.0), leaf(1.0)
    optimizer = make([{"params": [a], "weight_decay": 0.5}, {"params": [b], "weight_decay": 0.0}])
    (0 * (a + b)).sum().backward()
    optimizer.step()
    assert a.item() < b.item() == 1


@EACH
def test_steps_write_in_place_and_are_counted(make):
    w = leaf(1.0)
    view = w.detach()
    loss = bowl(w)
    steps(make([w]), w)
    assert view.item() == w.item() != 1
    assert w.is_leaf and w.requires_grad
    with pytest.raises(gd.GradientError, match="changed"):
        loss.backward()


@EACH
def test_no_gradient_no_change(make):
    a, b = leaf(1.0), leaf(1.0)
    optimizer = make([a, b])
    steps(optimizer, a)
    assert a.item() != 1 and b.item() == 1
    assert list(optimizer.state) == [a]


@EACH
def test_gradients_are_not_written_to(make):
    w = leaf(1.0, 2.0)
    optimizer = make([w], weight_decay=0.1)
    for _ in range(3):
        bowl(w).backward()
        g = w.grad
        before = g.tolist()
        optimizer.step()
        assert w.grad is g and g.tolist() == before
        optimizer.zero_grad()
    assert w.grad is None


def test_gradients_are_set_to_none_or_to_zeros():
    a, b = leaf(1.0, 2.0), leaf(1.0)
    optimizer = optim.SGD([a, b])
    bowl(a).backward()
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.tolist() == [0, 0] and b.grad is None
    optimizer.zero_grad(set_to_none=True)
    assert a.grad is None


@EACH
def test_frozen_parameters_stay(make):
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    net[0].weight.requires_grad = False
    before = net.state_dict()
    optimizer = make(net.parameters())
    net(gd.ones(3, 2)).sum().backward()
    optimizer.step()
    changed = [not np.array_equal(p.numpy(), before[n].numpy()) for n, p in net.named_parameters()]
    assert changed == [False, True, True, True]


@EACH
def test_float32_stays_float32(make):
    w = gd.ones(3, requires_grad=True)
    optimizer = make([w], lr=np.float64(0.1), weight_decay=0.1)
    steps(optimizer, w, n=3)
    assert w.dtype == np.float32
    assert all(v.dtype == np.float32 for v in optimizer.state[w].values() if hasattr(v, "dtype"))


@EACH
def test_a_gradient_with_a_graph_is_not_kept(make):
    w = leaf(1.0)
    optimizer = make([w])
    (w * w * w).sum().backward(create_graph=True)
    optimizer.step()
    kept = [v for v in optimizer.state[w].values() if isinstance(v, gd.Tensor)]
    assert kept and not any(v.requires_grad for v in kept)


# ---------------------------------------------------------------------------------- groups
@EACH
def test_groups_have_options_of_their_own(make):
    a, b = leaf(1.0), leaf(1.0)
    optimizer = make([{"params": [a]}, {"params": b, "lr": 0.0}])
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.0]
    steps(optimizer, a, b)
    assert a.item() != 1 and b.item() == 1


@EACH
def test_options_may_change_between_steps(make):
    a, b = leaf(1.0), leaf(1.0)
    one, two = make([a]), make([b])
    steps(one, a)
    steps(two, b)
    one.param_groups[0]["lr"] = 0.0
    before = a.item()
    steps(one, a)
    steps(two, b)
    assert a.item() == before != b.item()


@EACH
def test_groups_may_be_added(make):
    a, b = leaf(1.0), leaf(1.0)
    optimizer = make([a])
    optimizer.add_param_group({"params": [b], "lr": 0.5})
    steps(optimizer, a, b)
    assert b.item() < a.item() < 1
    with pytest.raises(gd.ArgumentError, match="no option lrr"):
        optimizer.add_param_group({"params": [leaf(1.0)], "lrr": 0.5})
    with pytest.raises(gd.DTypeError, match="'params'"):
        optimizer.add_param_group([leaf(1.0)])


# ---------------------------------------------------------------------------------- saving
@EACH
def test_going_on_from_a_snapshot_is_going_on(make):
    w = leaf(1.0, -2.0)
    optimizer = make([w], weight_decay=0.01)
    steps(optimizer, w, n=3)
    saved, values = copy.deepcopy(optimizer.state_dict()), w.tolist()
    steps(optimizer, w, n=3)

    other = leaf(*values)
    fresh = make([other], lr=7.0)
    fresh.load_state_dict(saved)
    steps(fresh, other, n=3)
    assert other.tolist() == w.tolist()


@EACH
def test_a_snapshot_does_not_follow(make):
    w = leaf(1.0)
    optimizer = make([w])
    steps(optimizer, w)
    saved = optimizer.state_dict()
    before = {k: float(v) for k, v in saved["state"][0].items()}
    steps(optimizer, w, n=2)
    assert {k: float(v) for k, v in saved["state"][0].items()} == before
    assert saved["param_groups"][0]["params"] == [0]


@EACH
def test_snapshots_that_do_not_fit(make):
    a, b = leaf(1.0), leaf(1.0, 2.0)
    optimizer = make([a])
    steps(optimizer, a)
    saved = optimizer.state_dict()
    with pytest.raises(gd.CheckpointError, match=r"is \(1,\), the parameter \(2,\)"):
        make([b]).load_state_dict(saved)
    with pytest.raises(gd.CheckpointError, match=r"\[1\], here: \[2\]"):
        make([a, b]).load_state_dict(saved)
    with pytest.raises(gd.CheckpointError, match="no snapshot"):
        make([a]).load_state_dict({})
    other = optim.Adam if isinstance(optimizer, optim.SGD) else optim.SGD
    with pytest.raises(gd.CheckpointError, match="options differ"):
        other([a]).load_state_dict(saved)


@EACH
def test_loaded_state_takes_the_dtype_of_its_parameter(make):
    w, v = leaf(1.0), gd.ones(1, requires_grad=True)
    optimizer, other = make([w]), make([v])
    steps(optimizer, w)
    other.load_state_dict(optimizer.state_dict())
    assert {x.dtype for x in other.state[v].values() if hasattr(x, "dtype")} == {v.dtype}
    steps(other, v)


def test_the_initial_rate_of_a_schedule_is_saved_and_no_option():
    w = leaf(1.0)
    optimizer = optim.SGD([w], lr=0.1)
    optim.ExponentialLR(optimizer, 0.5).step()
    steps(optimizer, w)
    fresh = optim.SGD([w])
    fresh.load_state_dict(optimizer.state_dict())
    assert fresh.param_groups[0]["initial_lr"] == 0.1
    again = optim.SGD([{**fresh.param_groups[0]}])
    assert again.param_groups == fresh.param_groups
    assert "initial" not in repr(again)


def test_update_must_be_defined():
    w = leaf(1.0)
    with pytest.raises(NotImplementedError, match="Optimizer"):
        steps(optim.Optimizer([w]), w)


def test_repr():
    w = leaf(1.0)
    assert repr(optim.Adam([w], lr=0.1)) == (
        "Adam(1 parameters, lr=0.1, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.0, "
        "amsgrad=False, l1=0.0, decoupled_weight_decay=False)"
    )


@pytest.mark.parametrize(
    "name",
    [module.name for module in pkgutil.walk_packages(optim.__path__, "graddl.optim.")],
)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
