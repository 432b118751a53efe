"""What all optimizers share."""

import copy

import numpy as np
import pytest

import graddl as gd
from graddl import nn, optim

BOTH = pytest.mark.parametrize(
    "make",
    [
        lambda p, **o: optim.SGD(p, **{"lr": 0.1, "momentum": 0.9, **o}),
        lambda p, **o: optim.Adam(p, **{"lr": 0.1, **o}),
    ],
    ids=["SGD", "Adam"],
)


def leaf(*values):
    return gd.tensor(list(values), dtype="float64", requires_grad=True)


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
        (lambda: [nn.Parameter([1.0], requires_grad=False)], "nothing to train"),
    ],
)
@BOTH
def test_what_cannot_be_trained(make, params, text):
    with pytest.raises(gd.GradientError, match=text):
        make(params())


@BOTH
def test_a_tensor_or_a_module_in_place_of_a_list(make):
    with pytest.raises(gd.DTypeError) as caught:
        make(leaf(1.0))
    assert caught.value.fix == "[tensor]"
    with pytest.raises(gd.DTypeError) as caught:
        make(nn.Linear(1, 1))
    assert caught.value.fix == "model.parameters()"


@BOTH
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
        (optim.SGD, {"nesterov": True}),
        (optim.SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        (optim.Adam, {"lr": -1}),
        (optim.Adam, {"eps": -1}),
        (optim.Adam, {"betas": (0.9, 1.0)}),
        (optim.Adam, {"betas": (-0.1, 0.9)}),
        (optim.Adam, {"betas": (0.9,)}),
    ],
)
def test_impossible_options(make, options):
    name = next(iter(options))
    with pytest.raises(gd.ArgumentError, match=name):
        make([leaf(1.0)], **options)
    with pytest.raises(gd.ArgumentError, match=name):  # in a group, too
        make([{"params": [leaf(1.0)], **options}])


# ---------------------------------------------------------------------------------- steps
@BOTH
def test_the_loss_falls(make):
    w = leaf(1.0, -2.0)
    steps(make([w], lr=0.02), w, n=200)
    assert bowl(w).item() < 0.01


@BOTH
def test_steps_write_in_place_and_are_counted(make):
    w = leaf(1.0)
    view = w.detach()
    loss = bowl(w)
    steps(make([w]), w)
    assert view.item() == w.item() != 1
    assert w.is_leaf and w.requires_grad
    with pytest.raises(gd.GradientError, match="changed"):
        loss.backward()


@BOTH
def test_no_gradient_no_change(make):
    a, b = leaf(1.0), leaf(1.0)
    optimizer = make([a, b])
    steps(optimizer, a)
    assert a.item() != 1 and b.item() == 1
    assert list(optimizer.state) == [a]


@BOTH
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


@BOTH
def test_frozen_parameters_stay(make):
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    net[0].weight.requires_grad = False
    before = net.state_dict()
    optimizer = make(net.parameters())
    net(gd.ones(3, 2)).sum().backward()
    optimizer.step()
    changed = [not np.array_equal(p.numpy(), before[n].numpy()) for n, p in net.named_parameters()]
    assert changed == [False, True, True, True]


@BOTH
def test_float32_stays_float32(make):
    w = gd.ones(3, requires_grad=True)
    optimizer = make([w], lr=np.float64(0.1), weight_decay=0.1)
    steps(optimizer, w, n=3)
    assert w.dtype == np.float32
    assert all(v.dtype == np.float32 for v in optimizer.state[w].values() if hasattr(v, "dtype"))


@BOTH
def test_a_gradient_with_a_graph_is_not_kept(make):
    w = leaf(1.0)
    optimizer = make([w])
    (w * w * w).sum().backward(create_graph=True)
    optimizer.step()
    kept = [v for v in optimizer.state[w].values() if isinstance(v, gd.Tensor)]
    assert kept and not any(v.requires_grad for v in kept)


# ---------------------------------------------------------------------------------- groups
@BOTH
def test_groups_have_options_of_their_own(make):
    a, b = leaf(1.0), leaf(1.0)
    optimizer = make([{"params": [a]}, {"params": b, "lr": 0.0}])
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.0]
    steps(optimizer, a, b)
    assert a.item() != 1 and b.item() == 1


@BOTH
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


@BOTH
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
@BOTH
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


@BOTH
def test_a_snapshot_does_not_follow(make):
    w = leaf(1.0)
    optimizer = make([w])
    steps(optimizer, w)
    saved = optimizer.state_dict()
    before = {k: float(v) for k, v in saved["state"][0].items()}
    steps(optimizer, w, n=2)
    assert {k: float(v) for k, v in saved["state"][0].items()} == before
    assert saved["param_groups"][0]["params"] == [0]


@BOTH
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


def test_update_must_be_defined():
    w = leaf(1.0)
    with pytest.raises(NotImplementedError, match="Optimizer"):
        steps(optim.Optimizer([w]), w)


def test_repr():
    w = leaf(1.0)
    assert repr(optim.Adam([w], lr=0.1)) == (
        "Adam(1 parameters, lr=0.1, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.0)"
    )
