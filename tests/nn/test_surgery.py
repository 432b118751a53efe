"""Freezing, new heads, casts."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn


class Net(nn.Module):
    def __init__(self):
        self.scale = nn.Parameter([1.0])
        self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3))
        self.norm = nn.Linear(3, 3)
        self.head = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        self.last = nn.ReLU()

    def forward(self, x):
        return self.last(self.head(self.norm(self.body(x) * self.scale)))


def trained(net):
    return [name for name, p in net.named_parameters() if p.requires_grad]


def frozen(net):
    return [path for path, module in net.named_modules() if module.frozen]


NAMES = [name for name, _ in Net().named_parameters()]


# ---------------------------------------------------------------------------------- freezing
def test_freeze_and_unfreeze_all():
    net = Net()
    assert frozen(net) == [] and trained(net) == NAMES
    assert net.freeze() is net
    assert trained(net) == [] and len(frozen(net)) == len(list(net.modules()))
    assert net.unfreeze() is net
    assert trained(net) == NAMES and frozen(net) == []


def test_freeze_until():
    net = Net().freeze(until="norm")
    assert trained(net) == ["scale", "head.0.weight", "head.0.bias"]
    assert frozen(net) == ["body", "body.0", "body.1", "body.2", "norm"]
    net.unfreeze(until="body")
    assert frozen(net) == ["norm"]


def test_freeze_until_a_path_or_a_position():
    net = Net().freeze(until="norm").unfreeze().freeze(until="body.1")
    assert frozen(net) == ["body.0", "body.1"] and "body.2.weight" in trained(net)
    net = Net()
    net.body.freeze(until=0)
    assert frozen(net) == ["body.0"]
    assert frozen(Net().freeze(until="head.0")) == [
        "body", "body.0", "body.1", "body.2", "norm", "head.0",
    ]  # fmt: skip


@pytest.mark.parametrize("until", ["nothing", "body.7", "scale", "norm.0"])
def test_freeze_until_what_is_not_there(until):
    net = Net()
    with pytest.raises(gd.ArgumentError, match="has no sub-module") as caught:
        net.freeze(until=until)
    assert caught.value.op == "freeze" and caught.value.fix.startswith("freeze(")
    assert trained(net) == NAMES


def test_an_old_gradient_moves_no_frozen_parameter():
    net = Net()
    optimizer = gd.optim.SGD(net.parameters(), lr=0.1)
    for p in net.parameters():
        p.grad = gd.ones(*p.shape)
    net.freeze(until="norm")
    before = net.state_dict()
    optimizer.step()
    for name, p in net.named_parameters():
        assert np.array_equal(p.numpy(), before[name].numpy()) == (not p.requires_grad)


def test_a_frozen_batch_norm_keeps_its_statistics():
    norm = nn.BatchNorm1d(3).freeze()
    x = gd.tensor(np.arange(12.0, dtype="f4").reshape(4, 3))
    y = norm(x)
    assert norm.training and norm.running_mean.tolist() == [0, 0, 0]
    np.testing.assert_allclose(y.numpy(), norm.eval()(x).numpy())
    norm.train().unfreeze()(x)
    assert norm.running_mean.tolist() != [0, 0, 0]


# ---------------------------------------------------------------------------------- head
def test_replace_head():
    net = Net()
    old = net.head
    assert net.replace_head(nn.Linear(3, 10)) is old
    assert [name for name, _ in net.named_children()] == ["body", "norm", "head", "last"]
    assert net.head.weight.name == "head.weight"
    assert net(gd.ones(2, 4)).shape == (2, 10)


def test_transfer():
    net = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2), nn.ReLU())
    net.freeze().replace_head(nn.Linear(3, 5))
    assert trained(net) == ["2.weight", "2.bias"] and not net[2].frozen
    net(gd.ones(1, 4)).sum().backward()
    assert net[0].weight.grad is None and net[2].weight.grad is not None


@pytest.mark.parametrize(
    ("head", "fix"),
    [
        (lambda: nn.Linear(4, 2), "nn.Linear(3, 2)"),
        (lambda: nn.Sequential(nn.ReLU(), nn.Linear(4, 2)), "a Sequential for 3 features"),
    ],
)
def test_a_head_that_does_not_fit(head, fix):
    net = Net()
    old = net.head
    with pytest.raises(gd.ShapeError, match="does not fit in the place of 'head'") as caught:
        net.replace_head(head())
    assert caught.value.fix == fix and net.head is old
    assert (caught.value.got, caught.value.expected) == ({"in_features": 4}, {"in_features": 3})


def test_a_head_of_which_nothing_is_known_is_believed():
    class Own(nn.Module):
        def __init__(self):
            self.w = nn.Parameter(np.ones((3, 2), "f4"))

        def forward(self, x):
            return x @ self.w

    net = Net()
    net.replace_head(Own())
    assert net(gd.ones(2, 4)).shape == (2, 2)


@pytest.mark.parametrize("head", [3, None, nn.Linear])
def test_a_head_is_a_module(head):
    with pytest.raises(gd.DTypeError, match="a head is a Module"):
        Net().replace_head(head)


def test_without_a_head_to_replace():
    with pytest.raises(gd.ArgumentError, match="no sub-module with Parameters"):
        nn.Linear(2, 2).replace_head(nn.Linear(2, 3))


# ---------------------------------------------------------------------------------- dtype
def with_buffers():
    net = Net()
    net.register_buffer("mean", gd.zeros(2))
    net.register_buffer("steps", gd.tensor(np.array(3)))
    return net


def test_casts_keep_identity():
    net = with_buffers()
    before = [*net.parameters(), *net.buffers()]
    values = [t.numpy(copy=True) for t in before]
    assert net.double() is net
    after = [*net.parameters(), *net.buffers()]
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert {t.dtype.name for t in after} == {"float64", "int64"}
    for t, value in zip(after, values, strict=True):
        assert np.array_equal(t.numpy(), value)
    assert net(gd.ones(2, 4, dtype="float64")).dtype == np.float64
    assert net.half().scale.dtype == np.float16
    assert net.float().scale.dtype == np.float32 and net.mean.dtype == np.float32
    assert net.scale.node.dtype == np.float32 and net.scale.node.is_parameter
    assert net.scale.requires_grad and net.scale.name == "scale"


def test_ways_to_name_a_dtype():
    for where, how in [
        (("float64",), {}), ((np.float64,), {}), ((), {"dtype": "float64"}),
        ((gd.zeros(1, dtype="float64"),), {}), (("cpu", "float64"), {}),
    ]:  # fmt: skip
        assert nn.Linear(2, 2).to(*where, **how).weight.dtype == np.float64
    fc = nn.Linear(2, 2)
    assert fc.to("cpu").weight.dtype == fc.to(device="cpu").weight.dtype == np.float32


def test_gradients_follow_a_cast():
    fc = nn.Linear(2, 1)
    fc(gd.ones(1, 2)).sum().backward()
    fc.double()
    assert fc.weight.grad.dtype == np.float64 and fc.weight.grad.tolist() == [[1, 1]]
    fc(gd.ones(1, 2, dtype="float64") * 0.1).sum().backward()
    np.testing.assert_allclose(fc.weight.grad.numpy(), [[1.1, 1.1]], rtol=1e-15)


def test_a_graph_from_before_a_cast_still_gives_gradients():
    fc = nn.Linear(2, 1)
    y = fc(gd.ones(1, 2)).sum()
    fc.double()
    y.backward()
    assert fc.weight.grad.dtype == np.float64 and fc.weight.grad.tolist() == [[1, 1]]
    assert fc.bias.grad.tolist() == [1]


def test_an_optimizer_and_hooks_go_on_after_a_cast():
    fc, seen = nn.Linear(2, 1), []
    optimizer = gd.optim.SGD(fc.parameters(), lr=0.5)
    fc.weight.register_hook(lambda g: seen.append(g.dtype.name))
    start = fc.double().weight.numpy(copy=True)
    fc(gd.ones(1, 2, dtype="float64")).sum().backward()
    optimizer.step()
    np.testing.assert_allclose(fc.weight.numpy(), start - 0.5, rtol=1e-15)
    assert seen == ["float64"]


def test_a_view_from_before_a_cast_stays_what_it_was():
    fc = nn.Linear(2, 1)
    view = fc.weight.detach()
    fc.double()
    with gd.no_grad():
        fc.weight *= 0
    assert view.dtype == np.float32 and view.numpy().all()


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex128"])
def test_only_floating_dtypes(dtype):
    with pytest.raises(gd.DTypeError, match="floating"):
        nn.Linear(2, 2).to(dtype)


def test_no_such_device():
    with pytest.raises(gd.DeviceError, match="no such device"):
        nn.Sequential().to("cuda:7")
