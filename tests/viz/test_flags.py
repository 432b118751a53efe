"""Warnings: each on a graph that has the fault, and not on a neighbour that has not."""

import numpy as np
import pytest

import graddl as gd
from graddl.viz import flags
from graddl.viz.parts import Value
from graddl.viz.view import view


def found(root, kind=None, **options):
    v = view(root, mode="grad", **options)
    every = [f for n in v.nodes for f in getattr(n, "flags", ())] + v.flags
    return [f.text for f in every if kind is None or f.kind == kind]


def parameter(array, name):
    return gd.Tensor(np.array(array), requires_grad=True, parameter=True, name=name)


def network(bias, activation, scale=1.0, batch=8):
    rng = np.random.default_rng(1)
    w, b = parameter(rng.normal(size=(4, 3)), "w"), parameter(bias, "b")
    x = gd.tensor(rng.normal(size=(batch, 3)) * scale)
    return activation(gd.linear(x, w, b)).square().mean(), (w, b, x)


# ------------------------------------------------------------------------------- dead and saturated
def test_dead_units():
    root, _kept = network([0.0, -50.0, 0.0, -50.0], gd.relu)
    assert found(root) == ["▲ 2 of 4 ReLU units are dead"]
    root, _kept = network([0.0, -50.0, 0.0, 0.0], gd.relu)
    assert found(root) == ["▲ 1 of 4 ReLU units is dead"]
    root, _kept = network([0.0, 0.0, 0.0, 0.0], gd.relu)
    assert found(root) == []
    root, _kept = network([0.0, -50.0, 0.0, 0.0], gd.relu, batch=1)  # of one example: not known
    assert found(root, "dead") == []
    root, _kept = network([0.0, -50.0, 0.0, 0.0], lambda z: gd.leaky_relu(z))
    assert found(root, "dead") == []


def test_dead_channels_of_images():
    rng = np.random.default_rng(0)
    w = parameter(rng.normal(size=(3, 1, 3, 3)), "w")
    x = gd.tensor(rng.normal(size=(2, 1, 6, 6)))
    for bias, words in (([0.0, -90.0, 0.0], ["▲ 1 of 3 ReLU units is dead"]), ([0.0] * 3, [])):
        b = parameter(bias, "b")
        assert found(gd.relu(gd.conv2d(x, w, b)).sum(), "dead") == words


def test_units_that_only_get_no_gradient_from_above_are_not_dead():
    w, x = parameter(np.ones((2, 3)), "w"), gd.tensor(np.ones((4, 3)))
    mask = gd.tensor([1.0, 0.0])
    assert found((gd.relu(gd.linear(x, w)) * mask).sum(), "dead") == []


@pytest.mark.parametrize(("f", "word"), [(gd.tanh, "tanh"), (gd.sigmoid, "sigmoid")])
def test_saturated_units(f, word):
    root, _kept = network([0.0, 40.0, -40.0, 0.0], f)
    assert found(root, "saturated") == [f"▲ 2 of 4 {word} units are saturated"]
    root, _kept = network([0.0, 0.0, 0.0, 0.0], f, scale=0.3)
    assert found(root, "saturated") == []


def test_the_threshold_of_saturation():
    """1 − y² = 0.01 at y = 0.99499."""
    for y, words in ((0.9951, ["▲ 1 of 1 tanh unit is saturated"]), (0.9948, [])):
        assert found(gd.Scalar(np.arctanh(y), "x").tanh(), "saturated") == words


# -------------------------------------------------------------------------------- very small, large
def chain(factor, n=10):
    x = gd.Scalar(1.0, "x")
    y = x
    for _ in range(n):
        y = y * factor
    return y


def test_vanishing():
    assert found(chain(0.1, 8), "vanishing") == [
        "▼ gradient 10⁸ smaller than at the loss",  # at the leaf, first in the picture
        "▼ gradient 10⁶ smaller than at the loss",  # where it begins
    ]
    assert found(chain(0.1, 5), "vanishing") == []


def test_exploding():
    assert found(chain(10.0, 6), "exploding")[0] == "▲ gradient 10⁶ larger than at the loss"
    assert found(chain(10.0, 4), "exploding") == []


def test_the_mean_over_a_large_batch_is_not_vanishing():
    """1/N of each element is no fault: sizes are relative to the first array behind the loss."""
    x = gd.tensor(np.ones((2000, 1000)), name="x")
    w = parameter(np.ones((1, 1000)), "w")
    h = x * w
    assert found(h.mean()) == []


# ------------------------------------------------------------------------------------------- NaN, ∞
def test_the_first_nan():
    x = gd.tensor([1.0, -1.0, 2.0], requires_grad=True, name="x")
    a = x * 2
    b = gd.log(a)
    c = b + 1
    v = view(c.sum(), mode="grad")
    ringed = [n.name for n in v.nodes if isinstance(n, Value) and any(f.ring for f in n.flags)]
    assert ringed == ["log(x·2)"] and found(c.sum(), "nan") == ["✕ first NaN here"]
    assert found(gd.log(a * a).sum(), "nan") == []
    assert found(c.sum(), "nan", detail="ops") == ["✕ first NaN here"]
    data = view(c.sum(), mode="data")
    assert ["✕ first NaN here"] == [f.text for n in data.nodes for f in getattr(n, "flags", ())]


def test_bad_data_is_the_first_nan():
    x = gd.tensor([1.0, float("nan")], name="x")
    w = parameter([1.0, 1.0], "w")
    v = view((x * w).sum(), mode="grad")
    assert [n.name for n in v.nodes if getattr(n, "flags", ())] == ["x"]


def test_the_first_infinity():
    x = gd.tensor([1.0, 800.0], requires_grad=True, name="x")
    double = x.astype("float64")
    e = gd.exp(double)
    assert found((e / e).sum(), "nan") == ["✕ first ∞ here"]
    mask = gd.tensor([0.0, float("-inf")])  # a mask is no fault
    assert found(gd.softmax(x * 0.001 + mask).sum(), "nan") == []


def test_a_gradient_that_becomes_nan():
    """sqrt has an infinite derivative at 0, and 0 × ∞ is NaN, though each value is finite."""
    x = gd.tensor([0.0, 4.0], requires_grad=True, name="x")
    r = gd.sqrt(x)
    assert found((r * gd.tensor([0.0, 1.0])).sum(), "nan") == [
        "✕ first NaN or ∞ of the gradient here"
    ]
    assert found((gd.sqrt(x + 1) * gd.tensor([0.0, 1.0])).sum(), "nan") == []
    assert found(gd.Scalar(0.0, "x").sqrt(), "nan") == ["✕ first NaN or ∞ of the gradient here"]


# -------------------------------------------------------------------------------------- accumulated
def losses(w, n):
    x = gd.tensor([1.0, 2.0, 3.0])
    for _ in range(n):
        loss = (w * x).square().sum()
        loss.backward()
    return loss


def test_accumulated_over_several_calls():
    w = parameter([1.0, 1.0, 1.0], "w")
    assert found(losses(w, 2)) == ["⟳ accumulated over 2 backward calls"]
    assert found(losses(w, 1)) == ["⟳ accumulated over 3 backward calls"]
    w.grad = None
    assert found(losses(w, 1)) == []


def test_scalars_accumulate_too():
    w, x = gd.Scalar(2.0, "w"), gd.Scalar(3.0, "x")
    y = w * x
    assert found(y) == []
    y.backward()
    assert found(y) == []
    y.backward()
    assert found(y) == ["⟳ accumulated over 2 backward calls"] * 2


def test_what_is_not_certain_is_not_said():
    a, b = parameter([1.0, 2.0], "a"), parameter([1.0, 2.0], "b")
    y = (a * b).sum()
    y.backward()
    a.grad = a.grad * 2  # only one of the two leaves: that was no second call
    assert found(y, "accumulated") == []
    w = parameter([1.0, 2.0], "w")
    w.grad = gd.tensor(np.array([4.0, 8.0]))  # backward() was not called at all
    assert found((w * w).sum(), "accumulated") == []
    other = parameter([1.0, 1.0, 1.0], "w")
    losses(other, 1)
    other.grad = other.grad * 1.5
    assert found(losses(other, 1), "accumulated") == []


def test_a_gradient_with_a_graph_of_its_own_is_read():
    x = gd.Scalar(2.0, "x")
    (x**3).backward(create_graph=True)
    view = gd.draw(x.grad).view
    assert view.notes == [] and view.flags == []
    assert next(n.grad.values for n in view.nodes if n.name == "x") == (12.0,)


# -------------------------------------------------------------------------------------- no gradient
def test_a_parameter_without_gradient():
    w, u = parameter([1.0, 2.0], "w"), parameter([3.0, 4.0], "u")
    assert found((gd.sign(w) * u).sum()) == ["▲ w got no gradient"]
    assert found((w * u).sum()) == []


def test_a_parameter_of_a_module_that_is_not_used():
    class Net(gd.nn.Module):
        def __init__(self, used):
            g = gd.Generator(0)
            self.used = used
            self.fc1, self.fc2 = gd.nn.Linear(2, 2, generator=g), gd.nn.Linear(2, 2, generator=g)

        def forward(self, x):
            return self.fc2(self.fc1(x)) if self.used else self.fc1(x)

    x = gd.ones(3, 2)
    lost = gd.draw(Net(False), x, mode="grad").view.flags
    assert [f.text for f in lost] == [
        "▲ fc2.weight, fc2.bias got no gradient: the result does not depend on them"
    ]
    assert "fc2.weight" in gd.draw(Net(False), x).dot
    assert gd.draw(Net(True), x, mode="grad").view.flags == []
    frozen = Net(False)
    frozen.fc2.requires_grad_(False)
    assert gd.draw(frozen, x, mode="grad").view.flags == []


# ------------------------------------------------------------------------------------------- strips
def test_strips_share_cells():
    cells, units = flags.strip(np.ones((4, 100)))
    assert (len(cells), units) == (flags.CELLS, 100) and cells == pytest.approx([1.0] * 32)
    cells, units = flags.strip(np.array([[3.0, 0.0], [4.0, 0.0]]))
    assert cells == pytest.approx([np.sqrt(12.5), 0.0]) and units == 2


def test_flags_are_magenta_words(graphs):
    root, options = graphs.layers()
    dot = gd.draw(root, **options).dot
    line = next(x for x in dot.splitlines() if "3 of 6 ReLU units are dead" in x)
    assert '<FONT COLOR="#a3005b" POINT-SIZE="9">▲ 3 of 6' in line
    assert dot.count('BGCOLOR="#9aa3af"') == 3  # the three grey cells
