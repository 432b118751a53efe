"""RNN, LSTM, GRU and their cells: PyTorch's answers are frozen in tests/oracles/recurrent.json."""

import importlib
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.nn import recurrent

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "recurrent.json").read_text())
KINDS = ["RNN", "LSTM", "GRU"]


def numbers(*shape, seed):
    return np.sin(np.arange(np.prod(shape)) + seed).reshape(shape)


def made(kind, *sizes, **options):
    """A layer in float64 with weights by formula, as the oracle's."""
    layer = getattr(recurrent, kind)(*sizes, **options, dtype="float64")
    state = {
        name: numbers(*p.shape, seed=k + 1.0)
        for k, (name, p) in enumerate(layer.named_parameters())
    }
    layer.load_state_dict(state)
    return layer


def tuple_of(x):
    return x if isinstance(x, tuple) else (x,)


def packed(states):
    return None if not states else tuple(states) if len(states) > 1 else states[0]


def check(layer, answer, x, states, output, finals):
    """Values and gradients are the oracle's; its loss weighs outputs by numbers."""
    sum(
        (y * numbers(*y.shape, seed=9.0 + k)).sum() for k, y in enumerate([output, *finals])
    ).backward()

    def same(got, want):
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-9, atol=1e-12)

    same(output, answer["output"])
    for got, want in zip(finals, answer["finals"], strict=True):
        same(got, want)
    same(x.grad, answer["x.grad"])
    for s, want in zip(states, answer["hx.grad"], strict=True):
        same(s.grad, want)
    assert [name for name, _ in layer.named_parameters()] == list(answer["grads"])
    for name, p in layer.named_parameters():
        same(p.grad, answer["grads"][name])


def label(answer):
    options = [f"{k}={v}" for k, v in answer["options"].items()]
    return "-".join([answer["kind"], *options, *(["lengths"] if answer.get("lengths") else [])])


@pytest.mark.parametrize("answer", ORACLE["layers"], ids=label)
def test_sequences_are_pytorchs(answer):
    layer = made(answer["kind"], 3, 2, **answer["options"])
    shape = (3, 4, 3) if layer.batch_first else (4, 3, 3)
    x = gd.tensor(numbers(*shape, seed=0.5), requires_grad=True)
    directions = layer.num_layers * (1 + layer.bidirectional)
    states = [
        gd.tensor(numbers(directions, 3, 2, seed=5.0 + k), requires_grad=True)
        for k in range(len(answer["hx.grad"]))
    ]
    output, final = layer(x, packed(states), lengths=answer["lengths"])
    check(layer, answer, x, states, output, tuple_of(final))


@pytest.mark.parametrize("answer", ORACLE["cells"], ids=label)
def test_cells_are_pytorchs(answer):
    cell = made(answer["kind"], 3, 2, **answer["options"])
    x = gd.tensor(numbers(3, 3, seed=0.5), requires_grad=True)
    states = [
        gd.tensor(numbers(3, 2, seed=5.0 + k), requires_grad=True)
        for k in range(len(answer["hx.grad"]))
    ]
    output, *rest = tuple_of(cell(x, packed(states)))
    check(cell, answer, x, states, output, rest)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_is_one_cell_after_another(kind):
    layer, cell = made(kind, 3, 2), made(kind + "Cell", 3, 2)
    x, state = gd.tensor(numbers(4, 2, 3, seed=0.5)), None
    output, final = layer(x)
    for t in range(4):
        state = cell(x[t], state)
        np.testing.assert_allclose(output[t].numpy(), tuple_of(state)[0].numpy(), rtol=1e-12)
    for a, b in zip(tuple_of(final), tuple_of(state), strict=True):
        np.testing.assert_allclose(a[0].numpy(), b.numpy(), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lengths", [None, [4, 2]])
def test_second_derivatives(kind, lengths):
    layer = made(kind, 2, 2, bidirectional=True)

    def f(x):
        return layer(x, lengths=lengths)[0]

    assert gd.gradcheck(f, [numbers(4, 2, 2, seed=0.5)], order=2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_is_one_node(kind):
    x = gd.tensor(numbers(6, 2, 3, seed=0.5), requires_grad=True)
    node, names = made(kind, 3, 2)(x)[0].node, []
    while node.op is not None:
        names.append(node.op.name)
        node = node.inputs[0]
    assert names[-1] == kind.lower() + "_states" and len(names) <= 2


# ---------------------------------------------------------------------- ONNX's operator tests
ORDERS = {"LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2], "RNN": [0]}  # where ONNX has our gates
SKIPPED = {"test_lstm_with_peepholes", "test_gru_seq_length"}  # peepholes; r before the product


def onnx_cases():
    """(name, kind, attributes, inputs by name, outputs by name) of what ONNX has for its tests."""
    try:
        import onnx
        from onnx.backend.test.case import node
    except ImportError:
        return
    for kind in ORDERS:
        importlib.import_module(f"onnx.backend.test.case.node.{kind.lower()}")
    for case in node._NodeTestCases:
        (call,) = case.model.graph.node
        if call.op_type in ORDERS and case.name not in SKIPPED:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in call.attribute}
            ins, outs = case.data_sets[0]
            given = dict(zip(call.input, ins, strict=True))
            wanted = dict(zip(filter(None, call.output), outs, strict=True))
            yield pytest.param(call.op_type, attributes, given, wanted, id=case.name)


@pytest.mark.parametrize(("kind", "attributes", "given", "wanted"), list(onnx_cases()))
def test_operator_data_of_onnx(kind, attributes, given, wanted):
    x, n = given["X"], len(ORDERS[kind])
    x = x.swapaxes(0, 1) if attributes.get("layout") else x
    h0 = np.zeros((x.shape[1], attributes["hidden_size"]), "f4")

    def ours(blocks):
        return np.concatenate([np.split(blocks, n)[k] for k in ORDERS[kind]])

    found = []
    for d in range(len(given["W"])):
        weights = [ours(given["W"][d]), ours(given["R"][d])]
        if "B" in given:
            weights += map(ours, np.split(given["B"][d], 2))
        reverse = attributes.get("direction") == b"reverse" or d == 1
        states = [h0] * (2 if kind == "LSTM" else 1)
        found.append(getattr(gd, kind.lower())(x, *states, *weights, reverse=reverse))
    got = {
        name: np.stack([y.numpy() for y in parts], axis=1 if name == "Y" else 0)
        for name, parts in zip(("Y", "Y_h", "Y_c"), zip(*found, strict=True), strict=False)
    }
    if attributes.get("layout"):  # (T, D, B, H) to (B, T, D, H), (D, B, H) to (B, D, H)
        got = {"Y": got["Y"].transpose(2, 0, 1, 3), "Y_h": got["Y_h"].swapaxes(0, 1)}
    assert wanted
    for name, want in wanted.items():
        np.testing.assert_allclose(got[name], want, rtol=1e-5, atol=1e-6)


# ---------------------------------------------------------------------- states and gates
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("lengths", [None, [5, 2, 3]])
@pytest.mark.parametrize("kind", KINDS)
def test_all_states(kind, lengths, first):
    layer = made(
        kind, 3, 2, num_layers=2, bidirectional=True, batch_first=first, return_states=True
    )
    x = numbers(5, 3, 3, seed=0.5)
    output, final, states = layer(x.swapaxes(0, 1) if first else x, lengths=lengths)
    for part, last in zip(tuple_of(states), tuple_of(final), strict=True):
        s = part.numpy().swapaxes(1, 2) if first else part.numpy()  # (L, T, B, H)
        assert s.shape == (4, 5, 3, 2)
        n = np.array(lengths or [5] * 3)
        for k in range(4):  # forwards a sequence ends at its length, backwards at 0
            ends = s[k][0 if k % 2 else n - 1, np.arange(3)]
            np.testing.assert_array_equal(ends, last.numpy()[k])
    h = tuple_of(states)[0].numpy()
    np.testing.assert_array_equal(np.concatenate([h[2], h[3]], axis=-1), output.numpy())


@pytest.mark.parametrize(("kind", "names"), [("LSTM", "ifgo"), ("GRU", "rzn")])
@pytest.mark.parametrize("lengths", [None, [5, 2]])
def test_gates_make_the_states(kind, names, lengths):
    layer = made(kind, 3, 2, bidirectional=True, return_states=True, return_gates=True)
    _, _, states, gates = layer(numbers(5, 2, 3, seed=0.5), lengths=lengths)
    assert list(gates) == list(names)
    value = {name: gate.numpy() for name, gate in gates.items()}
    within = np.arange(5)[:, None] < (lengths or [5, 5])
    for name, gate in value.items():
        low = -1 if name in "gn" else 0
        assert gate.shape == (2, 5, 2, 2) and (gate[:, within] > low).all() and (gate < 1).all()
        assert not gate[:, ~within].any()
    for k in range(2):
        gate = {name: v[k] for name, v in value.items()}
        hs = tuple_of(states)[0].numpy()[k]
        if kind == "LSTM":
            cs = states[1].numpy()[k]
            want = gate["f"] * before(cs, k) + gate["i"] * gate["g"]
            np.testing.assert_allclose(cs[within], want[within], rtol=1e-12)
            want = gate["o"] * np.tanh(cs)
        else:
            want = (1 - gate["z"]) * gate["n"] + gate["z"] * before(hs, k)
        np.testing.assert_allclose(hs[within], want[within], rtol=1e-12)


def before(states, reverse):
    """The states one step earlier, zeros at first; those beyond a sequence's length are 0."""
    zeros = np.zeros_like(states[:1])
    return np.concatenate([states[1:], zeros] if reverse else [zeros, states[:-1]])


@pytest.mark.parametrize(("kind", "names"), [("LSTM", "ifgo"), ("GRU", "rzn")])
def test_gates_of_a_cell_are_those_of_the_sequence(kind, names):
    layer, cell = (made(k, 3, 2, return_gates=True) for k in (kind, kind + "Cell"))
    x = numbers(1, 2, 3, seed=0.5)
    gates = layer(x)[2]
    _, found = cell(x[0])
    assert list(found) == list(names)
    for name in names:
        np.testing.assert_allclose(found[name].numpy(), gates[name].numpy()[0, 0], rtol=1e-12)


@pytest.mark.parametrize("name", ["f", "o"])
def test_gradients_flow_through_gates_and_states(name):
    layer = made("LSTM", 2, 2, return_states=True, return_gates=True)

    def f(x):
        _, _, (h, c), gates = layer(x, lengths=[3, 2])
        return gates[name] * c + h

    assert gd.gradcheck(f, [numbers(3, 2, 2, seed=0.5)], order=1)


# ---------------------------------------------------------------------- batches
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", [False, True])
def test_one_sequence_without_a_batch(kind, first):
    layer = made(kind, 3, 2, num_layers=2, batch_first=first, return_states=True)
    x = numbers(4, 3, seed=0.5)
    y, final, states = layer(x)
    batch, finals, all_states = layer(x[None] if first else x[:, None])
    np.testing.assert_array_equal(y.numpy(), batch.numpy().squeeze(0 if first else 1))
    for a, b in zip(tuple_of(final), tuple_of(finals), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy()[:, 0])
    for a, b in zip(tuple_of(states), tuple_of(all_states), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy().squeeze(1 if first else 2))
    again, _, _ = layer(x, packed(tuple_of(final)))
    np.testing.assert_array_equal(
        again.numpy(), layer(x[None] if first else x[:, None], finals)[0].numpy().squeeze(1 - first)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_one_step_without_a_batch(kind):
    cell = made(kind + "Cell", 3, 2)
    x = numbers(3, seed=0.5)
    one, many = tuple_of(cell(x)), tuple_of(cell(x[None]))
    for a, b in zip(one, many, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy()[0])


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch(kind):
    layer = made(kind, 3, 2, bidirectional=True)
    y, final = layer(gd.zeros(4, 0, 3, dtype="float64"))
    y.sum().backward()
    assert y.shape == (4, 0, 4) and tuple_of(final)[0].shape == (2, 0, 2)
    assert not layer.weight_hh_l0.grad.numpy().any()


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_beyond_a_length_does_not_matter(kind):
    layer = made(kind, 3, 2, num_layers=2, bidirectional=True)
    x = gd.tensor(numbers(5, 2, 3, seed=0.5), requires_grad=True)
    y, final = layer(x, lengths=gd.tensor([2, 5]))
    short, finals = layer(x[:2, :1])
    np.testing.assert_allclose(y.numpy()[:2, :1], short.numpy(), rtol=1e-13)
    assert not y.numpy()[2:, 0].any()
    for a, b in zip(tuple_of(final), tuple_of(finals), strict=True):
        np.testing.assert_allclose(a.numpy()[:, :1], b.numpy(), rtol=1e-13)
    y.sum().backward()
    assert not x.grad.numpy()[2:, 0].any() and x.grad.numpy()[2:, 1].all()


# ---------------------------------------------------------------------- options
def test_dropout_is_between_layers_in_training():
    layer = recurrent.GRU(3, 8, 2, dropout=0.5, generator=gd.Generator(0))
    x = numbers(4, 2, 3, seed=0.5).astype("f4")
    a, b = layer(x)[0].numpy(), layer(x)[0].numpy()
    assert (a != b).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(x)[0].numpy())
    layer.train()
    layer.dropout = 1.0  # the second layer sees nothing
    np.testing.assert_array_equal(layer(x)[0].numpy(), layer(0 * x)[0].numpy())


def test_dropout_of_one_layer_warns():
    with pytest.warns(UserWarning, match="between layers"):
        recurrent.LSTM(3, 2, dropout=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recurrent.LSTM(3, 2, 2, dropout=0.5)


def test_positional_arguments_are_pytorchs():
    lstm = recurrent.LSTM(3, 2, 2, False, True, 0.5, True)
    assert (lstm.num_layers, lstm.bias, lstm.batch_first) == (2, False, True)
    assert (lstm.dropout, lstm.bidirectional) == (0.5, True)
    assert recurrent.RNN(3, 2, 1, "relu").nonlinearity == "relu"
    assert recurrent.RNNCell(3, 2, True, "relu").nonlinearity == "relu"


def test_initial_numbers_are_uniform_within_one_over_root_hidden():
    layer = recurrent.GRU(50, 100, generator=gd.Generator(0), dtype="float64")
    for p in layer.parameters():
        values = p.numpy()
        assert 0.095 < np.abs(values).max() <= 0.1
        assert values.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.1)


def test_float32_stays_float32():
    y, (h, c) = recurrent.LSTM(3, 2)(gd.zeros(4, 2, 3))
    assert {y.dtype, h.dtype, c.dtype} == {np.dtype("f4")}


def test_repr():
    assert repr(recurrent.LSTM(3, 2)) == "LSTM(3, 2)"
    assert repr(recurrent.GRU(3, 2, 2, False)) == "GRU(3, 2, num_layers=2, bias=False)"
    assert repr(recurrent.GRUCell(3, 2, bias=False)) == "GRUCell(3, 2, bias=False)"
    for kind in (recurrent.RNN, recurrent.RNNCell):
        text = f"{kind.__name__}(3, 2, nonlinearity='relu')"
        assert repr(kind(3, 2, nonlinearity="relu")) == text


def test_layers_are_scopes():
    class Net(nn.Module):
        def __init__(self):
            self.rnn = recurrent.RNN(3, 2, bidirectional=True)

    net = Net()
    y = net.rnn(gd.zeros(4, 2, 3))[0]
    scopes = [node.where[0] for node in y.node.inputs]
    assert scopes == ["rnn.l0", "rnn.l0_reverse"]


# ---------------------------------------------------------------------- errors
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_inputs(kind):
    layer, cell = (getattr(recurrent, k)(3, 2) for k in (kind, kind + "Cell"))
    for call in (lambda: layer(gd.zeros(4, 2, 5)), lambda: layer(gd.zeros(3))):
        with pytest.raises(gd.ShapeError, match=rf"{kind}\(3, 2\) on x") as caught:
            call()
        assert caught.value.op == kind.lower() and "3 on the last axis" in caught.value.expected
    with pytest.raises(gd.ShapeError, match=rf"{kind}Cell\(3, 2\) on x"):
        cell(gd.zeros(2, 5))
    with pytest.raises(gd.ShapeError, match="no time steps"):
        layer(gd.zeros(0, 2, 3))
    with pytest.raises(gd.DTypeError, match="int64") as caught:
        layer(np.ones((4, 2, 3), "i8"))
    assert "astype" in caught.value.fix
    with pytest.raises(gd.DTypeError, match="one dtype"):
        layer(gd.zeros(4, 2, 3, dtype="float64"))


def test_wrong_states():
    lstm, gru = recurrent.LSTM(3, 2, 2), recurrent.GRU(3, 2)
    x = gd.zeros(4, 5, 3)
    right = gd.zeros(2, 5, 2)
    for hx in ((right, gd.zeros(2, 5, 3)), (right,), (right[0], right[0]), right, 0, (0, 0)):
        with pytest.raises(gd.ShapeError, match="starts from h and c") as caught:
            lstm(x, hx)
        assert caught.value.fix == "(gd.zeros((2, 5, 2)), gd.zeros((2, 5, 2)))"
    for hx in ((gd.zeros(1, 5, 2),), 0):
        with pytest.raises(gd.ShapeError, match=f"starts from h .*{type(hx).__name__}") as caught:
            gru(x, hx)
        assert caught.value.fix == "gd.zeros((1, 5, 2))"
    with pytest.raises(gd.ShapeError, match="starts from h"):
        gru(x, gd.zeros(5, 2))
    with pytest.raises(gd.ShapeError, match="starts from h"):
        recurrent.GRUCell(3, 2)(x[0], gd.zeros(5, 3))


@pytest.mark.parametrize("lengths", [[4, 5], [0, 2], [4], [[4, 2]], [4.0, 2.0]])
def test_wrong_lengths(lengths):
    with pytest.raises(gd.ArgumentError, match="one length from 1 to 4"):
        recurrent.GRU(3, 2)(gd.zeros(4, 2, 3), lengths=lengths)


@pytest.mark.parametrize(
    ("kind", "sizes", "options"),
    [
        ("LSTM", (0, 2), {}),
        ("GRUCell", (3, 0), {}),
        ("GRU", (3, 2), {"num_layers": 0}),
        ("LSTM", (3, 2, 2), {"dropout": 1.5}),
        ("RNN", (3, 2), {"nonlinearity": "sigmoid"}),
        ("RNNCell", (3, 2), {"nonlinearity": "selu"}),
    ],
)
def test_layers_that_cannot_be(kind, sizes, options):
    with pytest.raises(gd.ArgumentError) as caught:
        getattr(recurrent, kind)(*sizes, **options)
    assert caught.value.op == kind
