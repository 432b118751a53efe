"""Neurons and weights: every weight of the model has its line."""

import re
from itertools import pairwise

import numpy as np
import pytest

import graddl as gd


def model(*sizes, act=gd.nn.Tanh):
    gd.manual_seed(1)
    layers = []
    for a, b in pairwise(sizes):
        layers += [gd.nn.Linear(a, b), act()]
    return gd.nn.Sequential(*layers[:-1])


def shown(x, digits=3):
    return f"{float(f'{x:.{digits}g}'):.4g}".replace("-", "−")


def test_every_weight_has_a_line():
    net = model(3, 5, 2)
    dot = gd.viz.network(net).dot
    found = dict(re.findall(r'tooltip="(\S+\.weight\[\d+, \d+\]) = ([^"]+)"', dot))
    for path in ("0", "2"):
        w = net[int(path)].weight.numpy()
        for j, i in np.ndindex(w.shape):
            assert found[f"{path}.weight[{j}, {i}]"] == f"{w[j, i]:.4g}".replace("-", "−")
    assert len(found) == 25


def test_signs_are_seen_without_colour():
    dot = gd.viz.network(model(3, 5, 2)).dot
    for line in dot.splitlines():
        if ".weight[" in line:
            assert ("style=dashed" in line) == ("= −" in line)


def test_width_grows_with_the_weight():
    net = gd.nn.Linear(2, 8, bias=False)
    net.weight.data.copy_(gd.tensor(np.arange(16.0).reshape(8, 2) / 15))
    dot = gd.viz.network(net).dot
    widths = re.findall(r"penwidth=([\d.]+).*weight\[(\d), (\d)\]", dot)
    for width, j, i in widths:
        assert float(width) == pytest.approx(0.4 + 3.2 * (2 * int(j) + int(i)) / 15, abs=0.01)
    assert len(widths) == 16


def test_activations_are_those_of_the_model():
    net, x = model(3, 5, 2), np.array([1.0, -0.5, 0.25])
    dot = gd.viz.network(net, np.stack([x, 0 * x])).dot
    hidden = net[1](net[0](gd.tensor(x[None].astype("f4")))).numpy()[0]
    out = net(gd.tensor(x[None].astype("f4"))).numpy()[0]
    for value in [*hidden, *out]:
        assert f">{shown(value)}<" in dot


def test_what_is_left_out_is_said():
    drawing = gd.viz.network([128, 4, 2], max_units=5)
    assert "⋮ 123 more" in drawing.dot and drawing.dot.count("shape=circle") == 5 + 4 + 2
    assert drawing.view.title == "Network 128 → 4 → 2: 520 weights, 6 biases"


def test_one_is_singular():
    assert gd.viz.network([1, 1]).view.title == "Network 1 → 1: 1 weight, 1 bias"
    assert gd.viz.network([2, 1]).view.title == "Network 2 → 1: 2 weights, 1 bias"


def test_the_model_stays_as_it_was():
    net = gd.nn.Sequential(gd.nn.Linear(2, 3), gd.nn.Dropout(0.5), gd.nn.Linear(3, 1))
    state = gd.random.default_generator.get_state()
    gd.viz.network(net, [1.0, 2.0])
    assert gd.random.default_generator.get_state() == state
    assert all(p.grad is None for p in net.parameters())
    assert not any(m._hooks for m in net.modules())


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda m: gd.viz.network([3]), gd.ArgumentError),
        (lambda m: gd.viz.network("net"), gd.ArgumentError),
        (lambda m: gd.viz.network([3, 2], [1.0, 2.0, 3.0]), gd.ArgumentError),
        (lambda m: gd.viz.network(m, np.ones(7)), gd.ShapeError),
        (lambda m: gd.viz.network(m, max_units=1), gd.ArgumentError),
        (lambda m: gd.viz.network(gd.nn.ReLU()), gd.ArgumentError),
    ],
)
def test_errors(call, error):
    net = model(3, 5, 2)
    with pytest.raises(error) as info:
        call(net)
    assert eval(info.value.fix, {"gd": gd, "model": net}) and info.value.got is not None


def test_a_convolution_is_for_another_picture():
    net, x = gd.models.LeNet(), (1, 1, 28, 28)
    with pytest.raises(gd.ArgumentError) as info:
        gd.viz.network(net)
    assert eval(info.value.fix, {"gd": gd, "model": net, "x": x})
