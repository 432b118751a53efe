"""The table of a model."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.nn import _flops


def rows(summary):
    return {row.path: row for row in summary.rows}


def mlp():
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))


def test_counts_of_a_small_network():
    table = mlp().summary((5, 4))
    by_path = rows(table)
    assert list(by_path) == ["", "0", "1", "2"]
    assert [row.shape for row in table.rows] == [(5, 2), (5, 3), (5, 3), (5, 2)]
    assert [row.parameters for row in table.rows] == [0, 15, 0, 8]
    assert [row.flops for row in table.rows] == [0, 5 * 4 * 3, 5 * 3, 5 * 3 * 2]
    assert (table.parameters, table.trainable, table.parameter_bytes) == (23, 23, 92)
    assert table.flops == 105 and table.memory == 2 * 5 * 3 * 4  # what goes in and out of relu


def test_text():
    net = mlp().freeze(until=1)
    assert str(net.summary((5, 4))) == (
        "layer    type        output shape  parameters  multiply-adds   kept\n"
        "-------------------------------------------------------------------\n"
        "(model)  Sequential  (5, 2)                 0              0    0 B\n"
        "0        Linear      (5, 3)                15             60    0 B\n"
        "1        ReLU        (5, 3)                 0             15   60 B\n"
        "2        Linear      (5, 2)                 8             30   60 B\n"
        "-------------------------------------------------------------------\n"
        "total                                      23            105  120 B\n"
        "parameters take 92 B; 15 of them are frozen"
    )


def test_sizes_in_text():
    text = repr(nn.Linear(1000, 1000, bias=False).summary((2, 1000)))
    assert "1,000,000" in text and "2,000,000" in text and "parameters take 3.8 MiB" in text


class Wild(nn.Module):
    """Parameters of its own, a layer of a layer called past its parent, one unused, one shared."""

    def __init__(self):
        self.scale = nn.Parameter([1.0])
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        self.unused = nn.Linear(2, 2)
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = self.body[0].weight

    def forward(self, x, n):
        h = self.body[0](self.body(x))
        return self.tied(h) * self.scale, (h, n)


def test_own_parameters_repeated_calls_and_shared_weights():
    table = Wild().summary((3, 4), np.array(2))
    by_path = rows(table)
    assert by_path[""].parameters == 1 and by_path[""].flops == 12
    assert by_path[""].shape == ((3, 4), ((3, 4), ()))
    assert by_path["body.0"].calls == 2 and by_path["body.0"].flops == 2 * 3 * 16
    assert by_path["unused"].calls == 0 and by_path["unused"].shape is None
    assert by_path["tied"].parameters == 0 and by_path["tied"].flops == 3 * 16
    assert table.parameters == Wild().num_parameters() == 1 + 20 + 6
    text = str(table)
    assert "(3, 4) x 2" in text and "not called" in text


def test_the_model_stays_as_it_was():
    net = mlp().freeze(until=0)
    net[1].eval()
    x = gd.ones(5, 4)
    net.summary(x)
    assert not x.requires_grad
    assert [m.training for m in net.modules()] == [True, True, False, True]
    assert [p.requires_grad for p in net.parameters()] == [False, False, True, True]
    assert all(p.grad is None for p in net.parameters())
    assert all(m._hooks is None for m in net.modules())


def test_the_model_stays_as_it_was_after_an_error():
    net = mlp().freeze()
    with pytest.raises(gd.ShapeError, match="the layer takes 4"):
        net.summary((5, 7))
    assert net.training and not any(p.requires_grad for p in net.parameters())
    assert all(m._hooks is None for m in net.modules())


def test_frozen_parts_and_no_grad_do_not_change_counts():
    net = mlp()
    expected = net.summary((5, 4)).rows
    with gd.no_grad(), gd.scope("somewhere"):
        assert net.summary((5, 4)).rows == expected
    frozen = net.freeze().summary((5, 4))
    assert [r.flops for r in frozen.rows] == [r.flops for r in expected]
    assert frozen.trainable == 0
    assert [m.flops for m in nn.Sequential({"m": net}).summary((5, 4)).rows][1:] == [0, 60, 15, 30]


def test_inputs():
    net = nn.Linear(4, 3, dtype="float64")
    assert net.summary((2, 4)).rows == net.summary([2, 4]).rows
    assert net.summary(np.zeros((2, 4))).rows == net.summary(gd.zeros(2, 4)).rows

    class Look(nn.Module):
        def __init__(self):
            self.table = nn.Parameter(np.zeros((10, 4)))

        def forward(self, i):
            return self.table[i]

    assert Look().summary((7,), dtype="int64").rows[0].shape == (7, 4)


@pytest.mark.parametrize("inputs", [(), (5, 4), ("text",), ((2.0, 3),)])
def test_bad_inputs(inputs):
    with pytest.raises(gd.ArgumentError, match="summary"):
        mlp().summary(*inputs)


# ---------------------------------------------------------------------------------- counting
def a(*shape):
    return gd.ones(*shape, requires_grad=True)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: a(2, 3, 4) @ a(4, 5), 2 * 3 * 4 * 5),
        (lambda: a(4) @ a(4), 4),
        (lambda: gd.einsum("...ij,jk->...ik", a(2, 3, 4), a(4, 5)), 2 * 3 * 4 * 5),
        (lambda: gd.einsum("ii->", a(3, 3)), 3),
        (lambda: a(3, 1) + a(1, 4), 12),
        (lambda: a(3, 4).sum(axis=0), 12),
        (lambda: a(3, 4) * 2.0, 12),
        (lambda: a(3, 4).reshape(12), 0),
        (lambda: a(3, 4)[1], 0),
        (lambda: gd.concatenate([a(2), a(3)]), 0),
    ],
)
def test_multiply_adds_of_an_op(make, expected):
    y = make()
    assert y.op is not None and _flops.count(y.node) == expected


@pytest.mark.parametrize(
    ("name", "x", "weight", "params", "expected"),
    [
        ("conv2d", (2, 4, 5, 5), (6, 2, 3, 3), {"groups": 2}, 2 * 6 * 9 * 2 * 9),
        ("conv1d", (2, 4, 5), (6, 4, 3), {"padding": 1}, 2 * 6 * 5 * 4 * 3),
        ("conv_transpose2d", (2, 4, 5, 5), (4, 6, 3, 3), {"stride": 2}, 2 * 4 * 25 * 6 * 9),
    ],
)
def test_multiply_adds_of_convolutions(name, x, weight, params, expected):
    convolution = gd.ops.FUNCTIONS[name]
    assert _flops.count(convolution(a(*x), a(*weight), **params).node) == expected


@pytest.mark.parametrize(("name", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_multiply_adds_of_recurrent_ops(name, gates):
    T, B, D, H = 5, 2, 3, 4
    states = [a(B, H)] * (2 if name == "lstm" else 1)
    weights = a(gates * H, D), a(gates * H, H), a(gates * H), a(gates * H)
    y = gd.ops.FUNCTIONS[f"{name}_states"](a(T, B, D), *states, *weights)
    y = y[0] if isinstance(y, tuple) else y
    assert _flops.count(y.node) == T * B * gates * H * (D + H)


def test_every_name_in_the_rules_is_an_op():
    assert {*_flops.FREE, *_flops.RULES} <= {*gd.ops.TABLE, "module_hook"}
