"""nn.Sequential and nn.ModuleList."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.nn import container


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


# ---------------------------------------------------------------------------------- as lists
def names(net):
    return [name for name, _ in net.named_children()]


def test_insert_counts_anew():
    net = make()
    first, last = net[0], net[2]
    assert net.insert(1, nn.Linear(3, 3)) is net
    assert names(net) == ["0", "1", "2", "3"] and net[0] is first and net[3] is last
    assert [p.name for p in net.parameters()][-2:] == ["3.weight", "3.bias"]
    assert net(gd.ones(4)).node.scope == "3"
    net.insert(-1, nn.Tanh()).insert(99, nn.ReLU())
    kinds = ["Linear", "Linear", "ReLU", "Tanh", "Linear", "ReLU"]
    assert [type(layer).__name__ for layer in net] == kinds


def test_insert_below_another_module():
    outer = nn.Sequential({"body": make(), "head": nn.Linear(2, 1)})
    outer[0].insert(0, nn.Linear(4, 4))
    expected = [name for name, _ in outer.named_parameters()]
    found = [p.name for p in outer.parameters()]
    assert found[2:] == expected[2:] and found[:2] == ["body.0.weight", "body.0.bias"]


def test_insert_among_names():
    net = nn.Sequential({"hidden": nn.Linear(4, 3), "out": nn.Linear(3, 1)})
    net.insert(1, nn.Tanh()).append(nn.ReLU())
    assert names(net) == ["hidden", "0", "out", "1"]


def test_extend_delete_pop():
    net = make().extend([nn.Tanh(), nn.Linear(2, 2)])
    assert names(net) == ["0", "1", "2", "3", "4"]
    last = net[-1]
    del net[3]
    assert net.pop() is last and names(net) == ["0", "1", "2"]
    del net[:-1]
    assert names(net) == ["0"] and net[0].weight.name == "0.weight"
    assert net.pop(0).in_features == 3 and len(net) == 0


def test_assignment_at_a_position():
    net = make()
    net[-1] = nn.Linear(3, 7)
    assert names(net) == ["0", "1", "2"] and net(gd.ones(4)).shape == (7,)
    with pytest.raises(gd.DTypeError, match="no Module"):
        net[0] = 3


def test_a_layer_that_stands_twice():
    shared = nn.Linear(2, 2)
    net = nn.Sequential(shared, nn.Tanh(), shared)
    net.insert(1, nn.ReLU())
    assert net[0] is net[3] is shared and len(list(net.parameters())) == 2
    assert shared.weight.name == "0.weight"
    del net[0]
    assert net[2] is shared and names(net) == ["0", "1", "2"] and len(net) == 3


@pytest.mark.parametrize("index", [3, -4])
def test_positions_that_are_not_there(index):
    with pytest.raises(gd.errors.IndexError_, match="no part"):
        make()[index]
    with pytest.raises(gd.errors.IndexError_, match="no part"):
        del make()[index]


def test_the_position_of_a_layer_is_a_number():
    with pytest.raises(TypeError, match="integer"):
        make()["0"]


def test_a_module_list_lends_its_name_to_whatever_comes_later():
    net = Stack()
    net.layers.insert(0, nn.Linear(2, 2)).extend([nn.Linear(2, 2)])
    net.layers[1] = nn.Linear(2, 2)
    assert [layer._name for layer in net.layers] == [f"layers.{i}" for i in range(5)]
    assert net(gd.ones(2)).node.scope == "layers.4"
    expected = [name for name, _ in net.named_parameters()]
    assert [p.name for p in net.parameters()] == expected


# ---------------------------------------------------------------------------------- ModuleDict
class Heads(nn.Module):
    def __init__(self):
        self.heads = container.ModuleDict({"a": nn.Linear(2, 1)})
        self.heads["b"] = nn.Linear(2, 3)

    def forward(self, x, head):
        return self.heads[head](x)


def test_module_dict():
    net = Heads()
    assert [n for n, _ in net.named_parameters()][:2] == ["heads.a.weight", "heads.a.bias"]
    y = net(gd.ones(2), "b")
    assert y.shape == (3,) and y.node.scope == "heads.b"
    heads = net.heads
    assert list(heads) == list(heads.keys()) == ["a", "b"] and "a" in heads and "c" not in heads
    assert list(heads.values()) == [heads["a"], heads["b"]] and len(heads) == 2
    assert dict(heads.items()) == {"a": heads["a"], "b": heads["b"]}
    gone = heads["a"]
    assert heads.pop("a") is gone
    del heads["b"]
    assert list(heads) == []
    heads.update([("x", nn.ReLU()), ("y", nn.Tanh())])
    assert list(heads) == ["x", "y"]


def test_keys_of_a_module_dict():
    heads = container.ModuleDict()
    for key in ("keys", "train", "a.b", "", 1):
        with pytest.raises(gd.ArgumentError, match="cannot name"):
            heads[key] = nn.ReLU()
    with pytest.raises(gd.DTypeError, match="no Module"):
        heads["a"] = gd.ones(1)
    for missing in (lambda: heads["a"], lambda: heads.pop("a"), lambda: heads.__delitem__("a")):
        with pytest.raises(KeyError):
            missing()


# ---------------------------------------------------------------------------------- Parameters
class Factors(nn.Module):
    def __init__(self):
        self.scales = container.ParameterList(nn.Parameter([float(i)]) for i in range(3))
        self.shifts = container.ParameterDict({"up": nn.Parameter([1.0])})

    def forward(self, x):
        for scale in self.scales:
            x = x + scale
        return x + self.shifts["up"]


def test_parameter_containers():
    net = Factors()
    paths = ["scales.0", "scales.1", "scales.2", "shifts.up"]
    assert [n for n, _ in net.named_parameters()] == paths
    assert [p.name for p in net.parameters()] == paths
    assert net(gd.ones(1)).tolist() == [5]
    net.load_state_dict({path: np.array([1.0]) for path in paths})
    assert net(gd.ones(1)).tolist() == [5]
    net.scales.insert(0, nn.Parameter([7.0]))
    assert [n for n, _ in net.scales.named_parameters()] == ["0", "1", "2", "3"]
    assert net.scales[3].name == "scales.3" and net.scales[:1][0].tolist() == [7]
    assert len(net.scales) == 4 and list(net.shifts) == ["up"]


def test_parameter_containers_take_parameters_only():
    with pytest.raises(gd.DTypeError, match="no Parameter") as caught:
        container.ParameterList([gd.ones(2)])
    assert caught.value.fix == "nn.Parameter(...)"
    with pytest.raises(gd.DTypeError, match="no Parameter"):
        container.ParameterDict({"a": nn.ReLU()})
