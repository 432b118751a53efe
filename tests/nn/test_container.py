"""nn.Sequential and nn.ModuleList."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn


def make():
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))


def test_sequential_composes():
    net = make()
    x = gd.randn(5, 4)
    np.testing.assert_array_equal(net(x).numpy(), net[2](net[0](x).relu()).numpy())
    assert nn.Sequential()(x) is x


def test_sequential_names():
    net = make()
    names = ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [n for n, _ in net.named_parameters()] == names
    assert net(gd.ones(4)).node.scope == "2"
    named = nn.Sequential({"hidden": nn.Linear(4, 3), "out": nn.Linear(3, 1)})
    assert [n for n, _ in named.named_children()] == ["hidden", "out"]
    assert named(gd.ones(4)).node.scope == "out"


def test_sequential_as_a_list():
    net = make()
    assert len(net) == 3 and isinstance(net[1], nn.ReLU) and net[-1] is net[2]
    assert [type(layer).__name__ for layer in net] == ["Linear", "ReLU", "Linear"]
    with pytest.raises(IndexError):
        net[3]


def test_a_slice_shares_layers_and_keeps_names():
    net = make()
    tail = net[1:]
    assert isinstance(tail, nn.Sequential) and tail[-1] is net[2]
    assert [n for n, _ in tail.named_parameters()] == ["2.weight", "2.bias"]
    assert net(gd.ones(4)).node.scope == "2"
    assert net[0].weight.name == "0.weight"


def test_append():
    net = make()
    assert net.append(nn.Tanh()) is net
    assert isinstance(net[3], nn.Tanh) and [n for n, _ in net.named_children()][-1] == "3"
    tail = net[2:].append(nn.ReLU())
    assert [n for n, _ in tail.named_children()] == ["2", "3", "4"]


def test_nested_names_of_parameters():
    outer = nn.Sequential({"body": make(), "head": nn.Linear(2, 1)})
    assert [p.name for p in outer.parameters()][:2] == ["body.0.weight", "body.0.bias"]
    assert outer(gd.ones(4)).node.scope == "head"


@pytest.mark.parametrize(
    ("layers", "fix"),
    [
        ((gd.relu,), "a Module such as nn.ReLU()"),
        ((nn.ReLU,), "ReLU()"),
        (([nn.ReLU()],), "Sequential(*layers)"),
    ],
)
def test_sequential_takes_modules_only(layers, fix):
    with pytest.raises(gd.DTypeError, match="no Module") as caught:
        nn.Sequential(*layers)
    assert caught.value.fix == fix


class Stack(nn.Module):
    def __init__(self):
        self.layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(2))
        self.layers.append(nn.Linear(2, 2))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def test_module_list_registers():
    net = Stack()
    assert len(net.layers) == 3 and len(list(net.parameters())) == 6
    assert [n for n, _ in net.named_parameters()][:2] == ["layers.0.weight", "layers.0.bias"]
    assert net.layers[1:] == [net.layers[1], net.layers[2]]


def test_module_list_lends_its_name_to_its_layers():
    net = Stack()
    assert net(gd.ones(2)).node.scope == "layers.2"
    assert nn.Sequential({"net": net})(gd.ones(2)).node.scope == "net.layers.2"
    assert net.layers[2].weight.name == "net.layers.2.weight"


def test_module_list_is_not_called():
    with pytest.raises(NotImplementedError, match="ModuleList"):
        nn.ModuleList([nn.ReLU()])(gd.ones(1))
