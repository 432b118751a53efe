"""nn.Module: registration, names, modes, saving."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import graddl as gd
from graddl import nn


class Block(nn.Module):
    def __init__(self):
        self.fc1 = nn.Linear(4, 3)
        self.fc2 = nn.Linear(3, 4, bias=False)

    def forward(self, x):
        return self.fc2(self.fc1(x).tanh())


class Net(nn.Module):
    def __init__(self):
        self.scale = nn.Parameter([2.0])
        self.encoder = Block()
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.encoder(x) * self.scale)


NAMES = [
    "scale",
    "encoder.fc1.weight",
    "encoder.fc1.bias",
    "encoder.fc2.weight",
    "head.weight",
    "head.bias",
]


# ---------------------------------------------------------------------------------- registration
def test_parameters_in_order_of_assignment():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [p.shape for p in net.parameters()] == [(1,), (3, 4), (3,), (4, 3), (2, 4), (2,)]


def test_modules():
    net = Net()
    paths = ["", "encoder", "encoder.fc1", "encoder.fc2", "head"]
    assert [path for path, _ in net.named_modules()] == paths
    assert next(iter(net.modules())) is net
    assert [name for name, _ in net.named_children()] == ["encoder", "head"]


def test_shared_parameters_are_yielded_once():
    net = Net()
    net.again = net.encoder
    net.tied = net.head.weight
    assert net.again is net.encoder
    names = [name for name, _ in net.named_parameters()]
    assert names == ["scale", "tied", *NAMES[1:4], "head.bias"]  # a module's own come first
    assert len(list(net.parameters())) == 6
    assert len(list(net.modules())) == 5


def test_parameters_get_their_dotted_path_as_name():
    assert [p.name for p in Net().parameters()] == NAMES


def test_parts_that_come_later_get_their_path_too():
    net = Net()
    net.encoder.extra = nn.Linear(1, 1)
    net.encoder.shift = nn.Parameter([0.0])
    assert net.encoder.extra.weight.name == "encoder.extra.weight"
    assert net.encoder.shift.name == "encoder.shift"


def test_names_that_users_gave_stay():
    net = nn.Module()
    net.w = nn.Parameter([1.0], name="omega")
    outer = nn.Module()
    outer.inner = net
    assert net.w.name == "omega"


@pytest.mark.parametrize(
    "value",
    [
        gd.tensor([1.0], requires_grad=True),
        gd.tensor([1.0], requires_grad=True) * 2,
        gd.Scalar(1.0),
    ],
    ids=["leaf", "computed", "Scalar"],
)
def test_a_plain_tensor_that_wants_gradient_is_refused(value):
    net = nn.Module()
    with pytest.raises(gd.GradientError, match=r"wrap it in nn\.Parameter"):
        net.w = value
    assert not hasattr(net, "w")


def test_a_constant_tensor_is_an_ordinary_attribute():
    net = nn.Module()
    net.mean = gd.tensor([1.0])
    assert list(net.parameters()) == [] and net.state_dict() == {}


@pytest.mark.parametrize(
    "values",
    [
        lambda: [nn.Linear(2, 2)],
        lambda: (nn.Parameter([1.0]),),
        lambda: {"a": nn.ReLU()},
        lambda: [gd.ones(2, requires_grad=True)],
        lambda: [[nn.Linear(2, 2)], [nn.Linear(2, 2)]],
        lambda: {"a": [("b", nn.Parameter([1.0]))]},
        lambda: {nn.ReLU()},
    ],
)
def test_a_list_that_would_hide_parameters_is_refused(values):
    net = nn.Module()
    with pytest.raises(gd.GradientError, match="ModuleList"):
        net.parts = values()


@pytest.mark.parametrize("part", [nn.Linear(2, 2), nn.Parameter([1.0]), [nn.ReLU()]])
def test_what_is_appended_to_a_list_is_missed(part):
    net = nn.Module()
    net.parts = [3]
    net.inner = nn.Sequential(nn.Linear(2, 2))
    net.inner.parts = {}
    assert len(list(net.parameters())) == 2
    net.inner.parts["a"] = part
    with pytest.raises(gd.GradientError, match=r"Sequential\.parts .* a dict that holds"):
        list(net.parameters())
    del net.inner.parts
    net.parts.append(part)
    with pytest.raises(gd.GradientError, match=r"Module\.parts .* a list that holds"):
        dict(net.named_parameters())


def test_what_is_kept_in_a_list_is_no_part():
    net = Net()
    net.seen, net.order = [], [[net.encoder], {"head": net.head}]
    net.seen.append(net.scale * 2)
    net.loop = [3]
    net.loop.append(net.loop)
    net.register_forward_hook(nn.ReLU())  # hooks are no parts either
    assert [name for name, _ in net.named_parameters()] == NAMES


def test_a_tensor_that_wants_gradient_by_now_is_missed():
    net = nn.Module()
    net.shift = gd.zeros(2)
    net.shift.requires_grad = True
    with pytest.raises(gd.GradientError, match=r"Module\.shift .* wants gradient"):
        list(net.parameters())


def test_a_list_of_what_is_registered_is_allowed():
    net = Net()
    net.order = [net.encoder, net.head, net.encoder.fc1.weight, 3, "text"]
    assert [name for name, _ in net.named_parameters()] == NAMES


def test_a_parameter_gives_way_to_its_like_only():
    fc = nn.Linear(2, 2)
    with pytest.raises(gd.DTypeError, match=r"Linear\.weight is a Parameter"):
        fc.weight = gd.zeros(2, 2)
    with pytest.raises(gd.DTypeError, match=r"Net\.head is a Module"):
        Net().head = 3
    fc.weight = nn.Parameter(gd.zeros(2, 2))
    fc.bias = None
    assert [name for name, _ in fc.named_parameters()] == ["weight"]
    assert fc(gd.ones(1, 2)).tolist() == [[0, 0]]


def test_deleting_an_attribute_unregisters_it():
    net = Net()
    del net.encoder
    assert [name for name, _ in net.named_parameters()] == ["scale", "head.weight", "head.bias"]


@pytest.mark.parametrize("name", ["a.b", "", "forward", "parameters"])
def test_bad_names(name):
    with pytest.raises(gd.ArgumentError, match="cannot name"):
        setattr(nn.Module(), name, nn.ReLU())


def test_a_module_cannot_hold_itself():
    net = Net()
    with pytest.raises(gd.ArgumentError, match="part of itself"):
        net.encoder.parent = net


def test_init_of_module_may_be_called():
    class Old(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(1, 1)

    assert len(list(Old().parameters())) == 2


# ---------------------------------------------------------------------------------- running
def scopes(y):
    """Every scope in the graph of y."""
    found, todo = set(), [y.node]
    while todo:
        node = todo.pop()
        if node.op is not None:
            found.add((node.op.name, node.scope))
            todo += [n for n in node.inputs if hasattr(n, "inputs")]
    return found


def test_nodes_carry_the_dotted_path():
    assert scopes(Net()(gd.ones(2, 4))) == {
        ("linear", "encoder.fc1"),
        ("tanh", "encoder"),
        ("linear", "encoder.fc2"),
        ("multiply", None),
        ("linear", "head"),
    }


def test_a_part_called_alone_carries_its_own_name():
    net = Net()
    assert net.encoder.fc1(gd.ones(4)).node.scope == "fc1"
    assert gd.nn.Linear(4, 1)(gd.ones(4)).node.scope is None


def test_the_first_of_two_names_counts():
    net = nn.Module()
    net.a = nn.Linear(1, 1)
    net.b = net.a
    assert net.b(gd.ones(1)).node.scope == "a"


def test_scope_is_left_after_an_error():
    net = Net()
    with pytest.raises(gd.ShapeError):
        net(gd.ones(2, 5))
    x = gd.ones(2, requires_grad=True)
    assert (x * x).node.scope is None


def test_errors_name_the_layer_once():
    with pytest.raises(gd.ShapeError) as caught:
        Net()(gd.ones(2, 5))
    assert caught.value.layer == "encoder.fc1"
    assert caught.value.__notes__ == ["in layer 'encoder.fc1', a Linear(4, 3)"]


def test_errors_of_ops_name_the_module_too():
    class Broken(nn.Module):
        def forward(self, x):
            return x + gd.ones(7)

    with pytest.raises(gd.ShapeError) as caught:
        Broken()(gd.ones(3))
    assert caught.value.__notes__ == ["in Broken()"]


def test_other_errors_pass_unchanged():
    class Broken(nn.Module):
        def forward(self, x):
            raise KeyError("own")

    with pytest.raises(KeyError) as caught:
        Broken()(1)
    assert not hasattr(caught.value, "__notes__")


def test_forward_must_be_defined():
    with pytest.raises(NotImplementedError, match="Module"):
        nn.Module()(1)


def test_arguments_are_handed_on():
    class Add(nn.Module):
        def forward(self, a, *, b):
            return a, b

    assert Add()(1, b=2) == (1, 2)


# ---------------------------------------------------------------------------------- modes
def test_train_and_eval():
    net = Net()
    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net and net.encoder.fc1.training


def test_zero_grad():
    net = Net()
    net(gd.ones(2, 4)).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad(set_to_none=False)
    assert not any(p.grad.numpy().any() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    net.zero_grad(set_to_none=False)
    assert all(p.grad is None for p in net.parameters())


# ---------------------------------------------------------------------------------- saving
def test_state_dict_round_trip():
    a, b = Net(), Net()
    x = gd.ones(2, 4)
    assert not np.array_equal(a(x).numpy(), b(x).numpy())
    assert b.load_state_dict(a.state_dict()) == ([], [])
    np.testing.assert_array_equal(a(x).numpy(), b(x).numpy())


def test_state_dict_is_a_snapshot():
    net = Net()
    state = net.state_dict()
    assert list(state) == NAMES and not any(t.requires_grad for t in state.values())
    with gd.no_grad():
        net.scale *= 5
    assert state["scale"].tolist() == [2]


def test_loading_keeps_parameters_and_dtypes():
    net = Net()
    before = list(net.parameters())
    net.load_state_dict({k: v.numpy().astype("f8") for k, v in Net().state_dict().items()})
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))
    assert all(p.dtype == np.float32 and p.requires_grad for p in net.parameters())


def test_loading_between_forward_and_backward_is_noticed():
    net = Net()
    y = net(gd.ones(2, 4)).sum()
    net.load_state_dict(net.state_dict())
    with pytest.raises(gd.GradientError, match="changed"):
        y.backward()


def test_a_state_that_does_not_fit_lists_everything_and_loads_nothing():
    net = Net()
    state = net.state_dict()
    old = net.state_dict()
    state["head.bias"] = np.zeros(3)
    state["scale"] = np.zeros(1)
    state["extra"] = state.pop("encoder.fc2.weight")
    with pytest.raises(gd.CheckpointError) as caught:
        net.load_state_dict(state)
    text = str(caught.value)
    assert "missing: encoder.fc2.weight" in text
    assert "unexpected: extra" in text
    assert "wrong shape: head.bias is (3,), here (2,)" in text
    assert caught.value.got["missing"] == ["encoder.fc2.weight"]
    assert all(np.array_equal(t.numpy(), old[n].numpy()) for n, t in net.named_parameters())


def test_not_strict_reports_names_but_wants_shapes():
    net = Net()
    state = {"scale": np.array([7.0]), "extra": np.zeros(1)}
    report = net.load_state_dict(state, strict=False)
    assert report.missing_keys == NAMES[1:] and report.unexpected_keys == ["extra"]
    assert net.scale.tolist() == [7]
    with pytest.raises(gd.CheckpointError, match="wrong shape: scale"):
        net.load_state_dict({"scale": np.zeros(2)}, strict=False)
    with pytest.raises(gd.DTypeError, match="mapping"):
        net.load_state_dict([1, 2])


def test_shared_parameters_are_saved_once_and_load_under_either_name():
    net = nn.Module()
    net.a = nn.Linear(2, 2, bias=False)
    net.b = nn.Linear(2, 2, bias=False)
    net.b.weight = net.a.weight
    assert list(net.state_dict()) == ["a.weight"]
    net.load_state_dict({"b.weight": np.eye(2)})
    assert net.a.weight.tolist() == [[1, 0], [0, 1]]


def test_buffers_are_saved_and_not_trained():
    net = nn.Module()
    net.register_buffer("mean", gd.zeros(2))
    net.register_buffer("nothing", None)
    assert list(net.parameters()) == []
    assert [name for name, _ in net.named_buffers()] == ["mean"]
    net.mean = gd.ones(2)  # still the buffer
    net.load_state_dict({"mean": np.array([3.0, 4.0])})
    assert net.mean.tolist() == [3, 4]
    with pytest.raises(gd.DTypeError, match="no Tensor"):
        net.register_buffer("other", 3)
    with pytest.raises(gd.GradientError):
        net.mean = gd.ones(2, requires_grad=True)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_independent(again):
    net = Net()
    net.tied = net.head.weight
    other = again(net)
    assert other.tied is other.head.weight
    with gd.no_grad():
        other.scale *= 0
    assert net.scale.tolist() == [2]
    assert other(gd.ones(2, 4)).tolist() == [other.head.bias.tolist()] * 2
    other(gd.ones(4)).sum().backward()
    assert net.scale.grad is None


# ---------------------------------------------------------------------------------- text
def test_repr_is_a_tree():
    assert repr(Net()) == (
        "Net(\n"
        "  (encoder): Block(\n"
        "    (fc1): Linear(4, 3)\n"
        "    (fc2): Linear(3, 4, bias=False)\n"
        "  )\n"
        "  (head): Linear(4, 2)\n"
        ")"
    )


def test_import_loads_neither_scikit_learn_nor_tqdm():
    code = "import sys, graddl; print([m for m in ('sklearn', 'tqdm') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------------------------- everything
def test_apply_visits_parts_first():
    net, seen = Net(), []
    assert net.apply(seen.append) is net
    assert seen == [net.encoder.fc1, net.encoder.fc2, net.encoder, net.head, net]


def test_num_parameters():
    net = Net()
    assert net.num_parameters() == 1 + 15 + 12 + 10
    net.again = net.head
    net.head.weight.requires_grad = False
    assert net.num_parameters() == 38 and net.num_parameters(trainable=True) == 30


def test_requires_grad_():
    net = Net()
    assert net.requires_grad_(False) is net
    assert not any(p.requires_grad for p in net.parameters()) and not net.frozen
    assert all(p.requires_grad for p in net.requires_grad_().parameters())


def test_buffers():
    net = nn.Module()
    net.register_buffer("mean", gd.zeros(2))
    assert list(net.buffers()) == [net.mean]


def test_loading_what_is_no_numbers_changes_nothing():
    net = Net()
    before = net.state_dict()
    state = {name: t.numpy() + 1 for name, t in before.items()}
    state["head.bias"] = np.array(["a", "b"])
    with pytest.raises(gd.CheckpointError, match=r"no real numbers: head\.bias holds <U1"):
        net.load_state_dict(state)
    assert all(np.array_equal(t.numpy(), before[n].numpy()) for n, t in net.named_parameters())


def test_submodules_by_their_path():
    model = gd.nn.Sequential(gd.nn.Linear(2, 3), gd.nn.Sequential(gd.nn.ReLU()))
    assert model.get_submodule("1.0") is model[1][0] and model.get_submodule("") is model
    with pytest.raises(gd.ArgumentError, match=r"no module at '1\.7'") as e:
        model.get_submodule("1.7")
    assert e.value.expected == "0, 1, 1.0"


def test_parts_by_name_as_in_pytorch():
    model = gd.nn.Module()
    model.register_parameter("w", gd.nn.Parameter(gd.ones(2)))
    model.add_module("fc", gd.nn.Linear(2, 1))
    assert [name for name, _ in model.named_parameters()] == ["w", "fc.weight", "fc.bias"]
