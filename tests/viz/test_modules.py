"""Modules and tapes: run or rebuilt for their picture, and left as they were."""

import numpy as np
import pytest

import graddl as gd
from graddl.viz.parts import Layer, Op, Value


class Net(gd.nn.Module):
    def __init__(self):
        g = gd.Generator(0)
        self.fc1 = gd.nn.Linear(4, 6, generator=g)
        self.norm = gd.nn.BatchNorm1d(6)
        self.drop = gd.nn.Dropout(0.5, generator=g)
        self.fc2 = gd.nn.Linear(6, 2, generator=g)

    def forward(self, x):
        return self.fc2(self.drop(gd.relu(self.norm(self.fc1(x)))))


def test_layers_have_the_names_and_classes_of_modules():
    v = gd.draw(Net(), gd.ones(5, 4), detail="layers", mode="grad").view
    layers = [(n.name, n.kind, n.parameters) for n in v.nodes if isinstance(n, Layer)]
    assert layers == [
        ("fc1", "Linear", 30), ("norm", "BatchNorm1d + ReLU + Dropout", 12), ("fc2", "Linear", 14),
    ]  # fmt: skip
    assert v.title == "Net: gradient flow by layer"
    assert v.nodes[-1].shape == (5, 2) and v.nodes[-1].role == "output"


@pytest.mark.parametrize("training", [True, False])
def test_drawing_a_module_changes_nothing(training):
    net = Net().train(training)
    x = gd.tensor(np.random.default_rng(0).normal(size=(5, 4)).astype("f4"), requires_grad=True)
    net(x).sum().backward()

    def state():
        random = [net.drop.generator.get_state(), gd.random.default_generator.get_state()]
        grads = [None if p.grad is None else p.grad.numpy(copy=True) for p in net.parameters()]
        buffers = [b.numpy(copy=True) for b in net.buffers()]
        return repr(random), grads, buffers, [m.training for m in net.modules()], x.grad.numpy()

    before = state()
    first = gd.draw(net, x, mode="grad").dot
    np.testing.assert_equal(state(), before)
    assert gd.draw(net, x, mode="grad").dot == first
    net(x)  # while a real pass moves the running mean, in training
    assert np.array_equal(state()[2][0], before[2][0]) != training


def test_shapes_stand_for_inputs():
    a = gd.draw(Net(), (5, 4), detail="layers").view
    assert next(n for n in a.nodes if isinstance(n, Value)).shape == (5, 4)


def test_a_model_with_several_outputs_is_drawn_by_its_first():
    rnn = gd.nn.RNN(3, 4)
    assert gd.draw(rnn, (5, 2, 3)).view.nodes[-1].shape == (5, 2, 4)

    class Heads(gd.nn.Module):
        def __init__(self):
            self.a, self.b, self.never = (gd.nn.Linear(3, n) for n in (2, 1, 4))

        def forward(self, x):
            return self.a(x), self.b(x)

    view = gd.draw(Heads(), (5, 3)).view
    assert "the first of 2 outputs" in view.notes
    (flag,) = view.flags  # b is used, though not in this picture
    assert flag.text.startswith("▲ never.weight, never.bias got no gradient")


def test_a_model_that_takes_nothing_is_run_with_nothing():
    class Energy(gd.nn.Module):
        def __init__(self):
            self.w = gd.nn.Parameter(gd.tensor([3.0, 4.0]))

        def forward(self, scale=2.0):
            return scale * self.w.square().sum()

    assert gd.draw(Energy()).view.nodes[-1].data.values == (50.0,)
    assert gd.draw(Energy(), 1.0).view.nodes[-1].data.values == (25.0,)


def test_under_no_grad_a_module_is_still_drawn():
    with gd.no_grad():
        v = gd.draw(Net(), (5, 4), mode="grad").view
    assert v.mode == "grad" and v.total > 8


def test_wrong_calls_say_what_is_right():
    net, x = Net(), gd.ones(5, 4)
    y = net(x).sum()
    cases = [
        (lambda: gd.draw(net), "shape"),
        (lambda: gd.draw(y, x), "gd.draw"),
        (lambda: gd.draw(y, collapse=["fc9"]), "fc1"),
        (lambda: gd.draw(y, collapse="fc1"), "list"),
        (lambda: gd.draw(gd.Scalar(1.0), collapse=["fc1"]), "scope"),
        (lambda: gd.draw(y, range=(1.0, 0.1)), "smaller one first"),
        (lambda: gd.draw(y, range=3), "two"),
        (lambda: gd.draw(y, detail="layer"), "layers"),
    ]
    for call, words in cases:
        with pytest.raises(gd.ArgumentError, match=words) as error:
            call()
        e = error.value
        assert e.op == "draw" and e.got is not None and e.expected and e.fix

    class Nothing(gd.nn.Module):
        def forward(self, x):
            return None

    with pytest.raises(gd.DTypeError, match="no Tensor"):
        gd.draw(Nothing(), x)


def test_a_tape_is_drawn_as_the_graph_it_was_compiled_from():
    x, w = gd.Scalar(2.0, "x"), gd.Scalar(3.0, "w", parameter=True)
    y = (w * x * x - 2 * x).tanh() / 0.5
    tape = y.compile([x], [w])
    of_tape, of_graph = gd.draw(tape).view, gd.draw(y).view
    assert [n.name for n in of_tape.nodes if isinstance(n, Op)] == [
        n.name for n in of_graph.nodes if isinstance(n, Op)
    ]
    assert gd.draw(tape).dot == gd.draw(y).dot
    tape.run([1.0])
    tape.backward()
    assert gd.draw(tape).dot != "" and (x.has_grad, w.has_grad) == (False, True)
    constant = gd.Scalar(1.0, requires_grad=False) + 1
    assert gd.draw((x * 0 + constant).compile([x])).view.total == 5


def test_a_range_is_the_same_in_two_pictures(graphs):
    root, options = graphs.layers_range()
    other = gd.Scalar(2.0, "x") ** 2
    for drawing in (gd.draw(root, **options), gd.draw(other, mode="grad", range=(1e-4, 10.0))):
        assert ">0.0001<" in drawing.dot and ">10<" in drawing.dot
        assert drawing.view.range == pytest.approx((-4.0, 1.0))
