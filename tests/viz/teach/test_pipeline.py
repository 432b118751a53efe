"""A model as a row of layers."""

import numpy as np
import pytest

import graddl as gd
from graddl.viz.teach.pipeline import sheets, stages_of


def words(model, x):
    return [(" + ".join(s.words), s.shape, s.parameters) for s in stages_of(model, x)[1]]


def test_lenet():
    assert words(gd.models.LeNet(), (1, 1, 28, 28)) == [
        ("Conv + ReLU", (1, 6, 28, 28), 156),
        ("MaxPool", (1, 6, 14, 14), 0),
        ("Conv + ReLU", (1, 16, 10, 10), 2416),
        ("MaxPool", (1, 16, 5, 5), 0),
        ("Dense + ReLU", (1, 120), 48120),
        ("Dense + ReLU", (1, 84), 10164),
        ("Dense", (1, 10), 850),
    ]
    dot = gd.viz.pipeline(gd.models.LeNet(), (1, 1, 28, 28)).dot
    for text in ("5×5, padding 2", "6 @ 28×28", "16 @ 5×5", "48,120 param."):
        assert text in dot


def test_functions_between_layers():
    class Net(gd.nn.Module):
        def __init__(self):
            self.fc1, self.fc2 = gd.nn.Linear(4, 8), gd.nn.Linear(8, 2)

        def forward(self, x):
            return self.fc2(gd.relu(self.fc1(x.reshape((-1, 4)))))

    assert words(Net(), (3, 2, 2)) == [("Dense + ReLU", (3, 8), 40), ("Dense", (3, 2), 18)]


def test_a_residual_block_joins_two_ways():
    stages = stages_of(gd.models.ResNet(), (1, 3, 32, 32))[1]
    joints = [s for s in stages if s.words[0] == "add"]
    assert joints and all(len(s.into) == 2 for s in joints)
    assert all(-1 not in s.into for s in stages[1:])
    assert stages[0].words == ["Conv", "BN", "ReLU"]


def test_integers_and_layers_with_scopes_of_their_own():
    model = gd.nn.Sequential(gd.nn.Embedding(10, 4), gd.nn.Linear(4, 2))
    x = np.array([[1, 2, 3]])
    assert words(model, x) == [("Embedding", (1, 3, 4), 40), ("Dense", (1, 3, 2), 10)]
    assert words(gd.nn.LSTM(3, 2), (5, 1, 3)) == [("LSTM", (5, 1, 2), 56)]


def test_attention_is_one_box():
    model, x = gd.models.TinyTransformer(10, 8), np.array([[1, 2, 3]])
    found = [w for w, _, _ in words(model, x)]
    assert found.count("MultiHeadAttention") == 2 and "softmax" not in " ".join(found)
    assert gd.viz.pipeline(model, x).view.title.startswith("TinyTransformer")


def test_a_layer_that_is_used_twice_counts_once():
    layer = gd.nn.Linear(3, 3)
    drawing = gd.viz.pipeline(gd.nn.Sequential(layer, gd.nn.ReLU(), layer), (1, 3))
    assert drawing.view.title == "Sequential: 12 parameters in 2 of 2 layers"


@pytest.mark.parametrize("make", [gd.models.LeNet, gd.models.ResNet])
def test_parameters_are_all_counted(make):
    model = make()
    shape = (1, 1, 28, 28) if make is gd.models.LeNet else (1, 3, 32, 32)
    total = sum(s.parameters for s in stages_of(model, shape)[1])
    assert total == model.num_parameters()


def test_the_model_stays_as_it_was():
    model = gd.nn.Sequential(gd.nn.Conv2d(1, 2, 3), gd.nn.BatchNorm2d(2), gd.nn.Dropout(0.5))
    model[0].weight.requires_grad = False
    before = [b.numpy(copy=True) for b in model.buffers()]
    x = gd.tensor(np.ones((2, 1, 6, 6), "f4"), requires_grad=True)
    state = gd.random.default_generator.get_state()
    gd.viz.pipeline(model, x)
    assert all(m.training for m in model.modules()) and not model[0].weight.requires_grad
    assert all(np.array_equal(a, b.numpy()) for a, b in zip(before, model.buffers(), strict=True))
    assert x.grad is None and gd.random.default_generator.get_state() == state


@pytest.mark.parametrize("n", [1, 2, 4])
def test_sheets_are_to_scale(n, tmp_path):
    text = sheets(n, 56, 28)
    assert 'WIDTH="56" HEIGHT="28"' in text
    rows = text.count("<TR>")
    assert rows == 2 * (n - 1) + 2


@pytest.mark.parametrize(
    "call",
    [
        lambda m: gd.viz.pipeline(lambda x: x, (1, 2)),
        lambda m: gd.viz.pipeline(m, "x"),
    ],
)
def test_errors(call):
    model = gd.models.LeNet()
    with pytest.raises(gd.DTypeError) as info:
        call(model)
    assert eval(info.value.fix, {"gd": gd, "model": model}) and info.value.got


def test_too_many_layers():
    x = gd.zeros(1, 2)
    model = gd.nn.Sequential(*[gd.nn.Linear(2, 2) for _ in range(50)])
    with pytest.raises(gd.ArgumentError) as info:
        gd.viz.pipeline(model, x)
    assert eval(info.value.fix, {"gd": gd, "model": model, "x": x})
