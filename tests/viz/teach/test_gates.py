"""Gates and states over time."""

import re

import numpy as np
import pytest

import graddl as gd
from graddl.viz.style import LIGHT
from graddl.viz.teach.gates import run
from graddl.viz.teach.grids import Shades

RNG = np.random.default_rng(0)


def fills(dot, node):
    text = dot.split(f"  {node} [")[1].split(";\n")[0]
    return re.findall(r'<TD FIXEDSIZE="TRUE"[^>]*BGCOLOR="([^"]+)"', text)


def test_gates_make_the_states():
    lstm = gd.nn.LSTM(2, 3)
    states, gates = run(lstm, RNG.standard_normal((7, 2)), "gates")
    i, f, g, o = (gates[k][0] for k in "ifgo")
    c, h = states["c"][0], states["h"][0]
    before = np.vstack([np.zeros((1, 3)), c[:-1]])
    assert np.allclose(c, f * before + i * g, atol=1e-6)
    assert np.allclose(h, o * np.tanh(c), atol=1e-6)


def test_colours_are_those_of_the_engine():
    lstm, x = gd.nn.LSTM(2, 3, return_gates=True), RNG.standard_normal((6, 2)).astype("f4")
    *_, gates = lstm(gd.tensor(x))
    dot = gd.viz.gates(lstm, x).dot
    shades = Shades(0.0, 1.0)
    for node, name in (("n0", "f"), ("n1", "i"), ("n3", "o")):
        a = gates[name].detach().numpy()[0].T
        assert fills(dot, node) == [LIGHT.diverging[shades.place(float(v))] for v in a.ravel()]
        assert f"{a.min():.4g} to {a.max():.4g}" in dot


@pytest.mark.parametrize("kind, boxes", [(gd.nn.RNN, 4), (gd.nn.GRU, 4), (gd.nn.LSTM, 8)])
def test_states_of_all_layers_and_directions(kind, boxes):
    rnn = kind(2, 3, num_layers=2, bidirectional=True, batch_first=True)
    dot = gd.viz.states(rnn, RNG.standard_normal((4, 5, 2))).dot
    assert len(re.findall(r"^  n\d+ \[", dot, re.M)) == boxes and "layer 1, backwards" not in dot
    assert "backwards" in dot


def test_many_steps_are_pooled_and_units_cut():
    drawing = gd.viz.states(gd.nn.GRU(2, 20), RNG.standard_normal((200, 2)))
    texts = [text for text, _ in drawing.view.notes]
    assert texts == ["units 0…11 of 20", "a column is the mean of up to 4 steps"]
    assert len(fills(drawing.dot, "n0")) == 12 * 50


def test_one_step_is_singular():
    assert gd.viz.states(gd.nn.GRU(2, 3), gd.zeros(1, 2)).view.title == "GRU states over 1 step"
    assert gd.viz.gates(gd.nn.LSTM(2, 3), gd.zeros(1, 2)).view.title == "LSTM gates over 1 step"


def test_of_a_batch_the_first_sequence_is_shown_and_that_is_said():
    for shape, options in ((5, 3, 2), {}), ((3, 5, 2), {"batch_first": True}):
        lstm, x = gd.nn.LSTM(2, 3, **options), gd.ones(*shape, requires_grad=True)
        for drawing in (gd.viz.gates(lstm, x), gd.viz.states(lstm, x)):
            assert "the first of 3 sequences" in drawing.dot
    assert "sequences" not in gd.viz.gates(gd.nn.LSTM(2, 3), gd.ones(5, 1, 2)).dot


def test_the_layer_stays_as_it_was():
    lstm = gd.nn.LSTM(2, 3, num_layers=2, dropout=0.5)
    state = gd.random.default_generator.get_state()
    gd.viz.gates(lstm, np.ones((4, 2)), layer=1)
    assert not lstm.return_gates and not lstm.return_states
    assert gd.random.default_generator.get_state() == state
    with pytest.raises(gd.ShapeError):
        gd.viz.gates(lstm, np.ones((4, 3)))
    assert not lstm.return_gates and not lstm.return_states


@pytest.mark.parametrize(
    "call",
    [
        lambda lstm: gd.viz.gates(gd.nn.GRU(2, 3), np.ones((4, 2))),
        lambda lstm: gd.viz.gates(lstm, np.ones((4, 7))),
        lambda lstm: gd.viz.gates(lstm, np.ones((4, 2)), layer=3),
        lambda lstm: gd.viz.states(gd.nn.Linear(2, 3), np.ones((4, 2))),
        lambda lstm: gd.viz.states(lstm, np.ones(2)),
    ],
)
def test_errors(call):
    lstm = gd.nn.LSTM(2, 3)
    with pytest.raises(gd.GraddlError) as info:
        call(lstm)
    space = {"gd": gd, "lstm": lstm, "rnn": lstm, "x": np.ones((4, 2))}
    assert eval(info.value.fix, space) and info.value.got is not None
