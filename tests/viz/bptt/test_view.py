"""Lanes, cells, ledgers: what a picture of time knows, against closed forms and the engine."""

import time

import numpy as np
import pytest

import graddl as gd
from graddl.bptt import bptt_contributions
from graddl.viz.bptt.parts import Gap, Lane


def view_of(loop, **more):
    root, options = loop()
    return gd.draw(root, mode="bptt", **{**options, **more}).view


def lanes(view):
    return [lane for lane in view.lanes if isinstance(lane, Lane)]


def arrows(view, kind):
    names = {box.id: box for box in view.nodes}
    return [(names[a.tail], names[a.head], a) for a in view.arrows if a.kind == kind]


def weights(view):
    """(ledger, dotted name) of each shared weight; some share a ledger."""
    return [(ledger, name) for ledger in view.ledgers for name in ledger.full]


# ------------------------------------------------------------------------------------------ ledgers
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
def test_entries_are_the_norms_of_the_contributions(loops, kind, options):
    model = loops.layer(kind, 2, 3, **options)
    loss = model(gd.tensor(loops.numbers(4, 4, 2, seed=0.5)))[0].square().sum()
    view = gd.draw(loss, mode="bptt", max_nodes=500).view
    names = [name for _, name in weights(view)]
    assert sorted(names) == sorted(name for name, _ in model.named_parameters())
    for ledger, name in weights(view):
        terms = bptt_contributions(loss, getattr(model, name)).numpy()
        assert [e.label for e in ledger.entries] == [f"t = {t}" for t in range(4)]
        assert [e.value for e in ledger.entries] == pytest.approx(
            [np.linalg.norm(term) for term in terms], rel=1e-9
        )
        assert ledger.total == pytest.approx(np.linalg.norm(terms.sum(axis=0)), rel=1e-9)
        assert not ledger.signed and ledger.uses == 4


def test_entries_of_one_number_are_signed_and_add_up(loops):
    root, _ = loops.scalars()
    view = gd.draw(root, mode="bptt").view
    root.backward()
    leaves = {n.name: n for n in gd._backward.backward_order(root) if n.is_leaf and n.name}
    assert [ledger.names for ledger in view.ledgers] == [["Wxh"], ["Whh"], ["b"]]
    for ledger in view.ledgers:
        assert ledger.signed
        assert sum(e.value for e in ledger.entries) == pytest.approx(ledger.total, rel=1e-12)
        assert ledger.total == pytest.approx(leaves[ledger.full[0]].grad, rel=1e-12)


@pytest.mark.parametrize(("kind", "count"), [("RNN", 3), ("LSTM", 3), ("GRU", 4)])
def test_biases_whose_steps_add_the_same_share_a_ledger(loops, kind, count):
    """Those of a GRU do not: the reset gate stands between one of them and the state."""
    model = loops.layer(kind, 2, 3)
    loss = model(gd.tensor(loops.numbers(3, 4, 2, seed=0.5)))[0].square().sum()
    view = gd.draw(loss, mode="bptt").view
    assert len(view.ledgers) == count
    assert (["b_ih", "b_hh"] in [ledger.names for ledger in view.ledgers]) == (count == 3)


def test_closed_form():
    """h_t = w h_{t-1}: each step gives the same, h_T / w."""
    w, h = gd.Scalar(0.5, "w", parameter=True), gd.Scalar(3.0, "start")
    for t in range(4):
        with gd.timestep(t):
            h = w * h
    view = gd.draw(h, mode="bptt").view
    assert [e.value for e in view.ledgers[0].entries] == pytest.approx([3 * 0.5**3] * 4)
    assert view.ledgers[0].total == pytest.approx(4 * 3 * 0.5**3)
    states = [s for lane in lanes(view) for cell in lane.cells for s in cell.states]
    assert [s.grad.values[0] for s in states] == pytest.approx([0.5**3, 0.5**2, 0.5, 1.0])
    assert [s.name for s in states] == ["h₀", "h₁", "h₂", "h₃"] and view.subject == "h₃"
    assert [box.name for box in view.starts] == ["start"]


def test_steps_left_out_are_one_entry_with_the_norm_of_their_sum(loops):
    model = loops.layer("RNN", 2, 3)
    loss = model(gd.tensor(loops.numbers(20, 4, 2, seed=0.5)))[0].square().sum()
    view = gd.draw(loss, mode="bptt").view
    for ledger, name in weights(view):
        terms = bptt_contributions(loss, getattr(model, name)).numpy()
        assert [e.label for e in ledger.entries] == [
            "t = 0", "t = 1", "t = 2", "14 more", "t = 17", "t = 18", "t = 19"]  # fmt: skip
        assert ledger.entries[3].value == pytest.approx(np.linalg.norm(terms[3:17].sum(axis=0)))
        assert ledger.total == pytest.approx(np.linalg.norm(terms.sum(axis=0)))


def test_uses_outside_of_time_steps_are_an_entry_of_their_own():
    w, h = gd.Scalar(0.5, "w", parameter=True), gd.Scalar(2.0, "h0")
    for t in range(2):
        with gd.timestep(t):
            h = (w * h).tanh()
    view = gd.draw(h * w, mode="bptt").view
    (ledger,) = view.ledgers
    assert [e.label for e in ledger.entries] == ["t = 0", "t = 1", "outside"]
    assert sum(e.value for e in ledger.entries) == pytest.approx(ledger.total)
    assert [box.kind for box in view.ends] == ["pill", "loss"]


# --------------------------------------------------------------------------------- cells and lanes
def test_every_shared_weight_has_a_pill_in_every_lane(loops):
    view = view_of(loops.lstm)
    for lane in lanes(view):
        (pills,) = lane.pills.values()
        assert [p.name for p in pills] == ["W_ih", "W_hh", "b_ih", "b_hh"]
        assert [p.tip for p in pills] == [name for _, name in weights(view)]
    for ledger, name in weights(view):
        sizes = [a.grad.size for tail, _, a in arrows(view, "weight") if tail.tip == name]
        assert sizes == [e.size.size for e in ledger.entries], name


def test_frozen_weights_are_pills_without_gradient(loops):
    model = loops.layer("RNN", 2, 3)
    model.freeze()
    x = gd.Tensor(loops.numbers(3, 4, 2), requires_grad=True)
    view = gd.draw(model(x)[0].sum(), mode="bptt", detail="layers").view
    assert view.ledgers == [] and [b.name for b in lanes(view)[1].inputs] == ["x₁"]
    (pills,) = lanes(view)[1].pills.values()
    assert [p.name for p in pills] == ["W_ih", "W_hh", "b_ih", "b_hh"]
    assert not any(a.wants or a.grad for _, _, a in arrows(view, "weight"))


def test_gates_are_the_activations_of_the_layer(loops):
    model = loops.layer("LSTM", 2, 3, return_gates=True)
    y, _, gates = model(gd.tensor(loops.numbers(4, 4, 2, seed=0.5)))
    view = gd.draw(y[-1].square().sum(), mode="bptt").view
    for t, lane in enumerate(lanes(view)):
        assert [g.name for g in lane.cells[0].gates] == list("figo")
        for gate in lane.cells[0].gates:
            wanted = gates[gate.name].numpy()[0, t]
            found = gate.mean, gate.low, gate.high
            assert found == pytest.approx((wanted.mean(), wanted.min(), wanted.max()), rel=1e-9)


@pytest.mark.parametrize(("kind", "names"), [("LSTM", "figo"), ("GRU", "zrn")])
def test_cells_in_a_loop_are_drawn_like_the_layer(loops, kind, names):
    model, cell = loops.layer(kind, 2, 3), loops.layer(f"{kind}Cell", 2, 3)
    x, state = gd.tensor(loops.numbers(3, 4, 2, seed=0.5)), None
    for t in range(3):
        with gd.timestep(t):
            state = cell(x[t], state)
    h = state[0] if kind == "LSTM" else state
    by_hand = gd.draw(h.square().sum(), mode="bptt", detail="layers").view
    fused = gd.draw(model(x)[0][-1].square().sum(), mode="bptt", detail="layers").view
    for a, b in zip(lanes(by_hand), lanes(fused), strict=True):
        (one,), (two,) = a.cells, b.cells
        assert one.name == two.name == kind and [s.name for s in one.states] == [
            s.name for s in two.states]  # fmt: skip
        assert [g.name for g in one.gates] == list(names)
        sizes = [s.grad.size for s in two.states]
        assert [s.grad.size for s in one.states] == pytest.approx(sizes, rel=1e-9)
        found = [(g.mean, g.low, g.high) for g in one.gates]
        assert found == [pytest.approx((g.mean, g.low, g.high)) for g in two.gates]
    totals = {name: x.total for x in fused.ledgers for name in x.names}
    found = {name: x.total for x in by_hand.ledgers for name in x.names}
    assert found == pytest.approx(totals, rel=1e-9)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_loss_of_all_steps_is_joined_to_each_of_them(loops, kind):
    y = loops.run(kind, 3)
    for root, passed in ((y.square().sum(), 2 * y.numpy()), (y, np.ones(y.shape))):
        view = gd.draw(root, mode="bptt", detail="layers").view
        found = {tail.lane: a.grad.size for tail, head, a in arrows(view, "up")}
        wanted = {t: np.sqrt(np.mean(np.square(g))) for t, g in enumerate(passed)}
        assert found == pytest.approx(wanted, rel=1e-9)


def test_a_result_of_many_numbers_is_no_loss(loops):
    view = gd.draw(loops.run("RNN", 3), mode="bptt").view
    assert view.subject == view.ends[-1].name == "y" and "gradient of the sum of y" in view.notes
    assert gd.draw(loops.run("RNN", 3).sum(), mode="bptt").view.subject == "loss"


def test_two_layers_stand_above_each_other(loops):
    view = view_of(loops.stacked)
    for lane in lanes(view):
        assert [cell.note for cell in lane.cells] == ["l₀", "l₁"]
    ups = [(tail.lane, tail.note, head.note) for tail, head, _ in arrows(view, "up") if head.note]
    assert ups == [(t, "l₀", "l₁") for t in range(3)]


def test_dropout_between_layers_does_not_hide_them(loops):
    model = loops.layer("LSTM", 2, 3, num_layers=2, dropout=0.5, generator=gd.Generator(0))
    loss = model(gd.tensor(loops.numbers(3, 4, 2)))[0][-1].square().sum()
    view = gd.draw(loss, mode="bptt", max_nodes=200).view
    assert [len(lane.cells) for lane in lanes(view)] == [2, 2, 2]
    assert len([a for _, head, a in arrows(view, "up") if head.kind == "cell"]) == 3


def test_the_way_back_runs_the_other_way(loops):
    view = view_of(loops.both_ways)
    for lane in lanes(view):
        assert [cell.back for cell in lane.cells] == [False, True]
        assert len(lane.inputs) == 1  # both directions read it
    ways = [(tail.back, tail.lane, head.lane) for tail, head, _ in arrows(view, "state")]
    assert sorted(ways) == [(False, 0, 1), (False, 1, 2), (True, 1, 0), (True, 2, 1)]


def test_a_decoder_comes_after_its_encoder(loops):
    view = view_of(loops.translator)
    assert [lane.label for lane in lanes(view)] == [f"t = {t}" for t in range(5)]
    assert [(tail.lane, head.lane) for tail, head, _ in arrows(view, "state")] == [
        (0, 1), (1, 2), (2, 3), (3, 4)]  # fmt: skip
    assert [ledger.uses for ledger, _ in weights(view)] == [3] * 4 + [2] * 4
    assert len({name for ledger in view.ledgers for name in ledger.names}) == 8


def test_outputs_stand_above_and_inputs_below(loops):
    view = view_of(loops.scalars_layers)
    for t, lane in enumerate(lanes(view)):
        sub = "₀₁₂"[t]
        assert [b.name for b in lane.outputs] == [f"loss{sub}"]
        assert [b.name for b in lane.inputs] == [f"x{sub}"]
        assert lane.outputs[0].rows == [f"(h{sub} − 0.3)²"]
        assert lane.inputs[0].data.values == ((1.0, -2.0, 0.5)[t],) and not lane.inputs[0].wants
    assert [b.rows for b in view.ends] == [["Σ"]]


def test_one_step_only(loops):
    view = gd.draw(loops.run("LSTM", 1).square().sum(), mode="bptt", detail="layers").view
    (lane,) = lanes(view)
    assert len(lane.cells) == 1 and len(weights(view)) == 4
    assert "h₀" in [s.name for s in lane.cells[0].states]


def test_sequences_of_unequal_length(loops):
    model = loops.layer("GRU", 2, 3)
    loss = model(gd.tensor(loops.numbers(3, 2, 2)), lengths=[3, 1])[0].square().sum()
    view = gd.draw(loss, mode="bptt").view
    assert [len(lane.cells) for lane in lanes(view)] == [1, 1, 1]
    assert [b.name for b in lanes(view)[1].inputs] == ["m₁", "x₁"]  # m: who has not ended
    loss.backward()
    for ledger, name in weights(view):
        norm = np.linalg.norm(getattr(model, name).grad.numpy())
        assert ledger.total == pytest.approx(norm, rel=1e-9)


# ----------------------------------------------------------------------------------- cuts and gaps
@pytest.mark.parametrize(("name", "cuts"), [("windows", [(1, 2), (3, 4)]), ("detached", [(1, 2)])])
def test_detached_states_are_cut(loops, name, cuts):
    view = view_of(loops.LOOPS[name])
    found = [(tail.lane, head.lane) for tail, head, a in arrows(view, "state") if a.cut]
    assert found == cuts
    whole = [(tail.lane, head.lane) for tail, head, a in arrows(view, "state") if not a.cut]
    last = len(view.lanes) - 1
    assert [w for w in whole if w[0] is not None] == [
        (t, t + 1) for t in range(last) if (t, t + 1) not in cuts]  # fmt: skip
    assert all(not a.wants and a.grad is None for *_, a in arrows(view, "state") if a.cut)
    assert "✂" in gd.draw(loops.LOOPS[name]()[0], mode="bptt").dot


def test_full_backpropagation_has_no_cut(loops):
    assert not any(a.cut for a in view_of(loops.lstm).arrows)
    assert "✂" not in gd.draw(loops.lstm()[0], mode="bptt").dot


def test_of_more_than_twelve_steps_the_first_and_last_three_are_shown(loops):
    view = view_of(loops.long)
    assert [lane.label for lane in lanes(view)] == [f"t = {t}" for t in (0, 1, 2, 97, 98, 99)]
    gap = view.lanes[3]
    assert isinstance(gap, Gap) and gap.count == 94 and gap.box.name == "⋯ 94 steps"
    assert len(gap.strip) == 94 and gap.strip[0].size < gap.strip[-1].size
    assert "6 of 100 steps shown" in view.notes
    full = gd.draw(loops.run("RNN", 12)[-1].sum(), mode="bptt", max_nodes=200).view
    assert len(full.lanes) == 12 and not any(isinstance(lane, Gap) for lane in full.lanes)


@pytest.mark.parametrize("max_nodes", [60, 30, 14])
def test_max_nodes_is_kept(loops, max_nodes):
    view = view_of(loops.long, max_nodes=max_nodes)
    assert view.shown <= max_nodes and view.total > 500


def test_a_long_sequence_is_drawn_fast_and_small(loops):
    model = gd.nn.LSTM(4, 8, num_layers=2, bidirectional=True, generator=gd.Generator(0))
    loss = model(gd.tensor(loops.numbers(200, 2, 4).astype("f4")))[0].square().sum()
    start = time.perf_counter()
    drawing = gd.draw(loss, mode="bptt")
    drawing.backend = "builtin"
    svg = drawing.svg()
    assert time.perf_counter() - start < 10
    assert drawing.view.shown < 60 and len(svg) < 200_000


def test_two_thousand_steps_by_hand():
    w, h, total = gd.Scalar(0.9, "w", parameter=True), gd.Scalar(1.0, "h0"), 0.0
    for t in range(2000):
        with gd.timestep(t):
            h = (w * h + 0.1).tanh()
            total = total + h
    start = time.perf_counter()
    drawing = gd.draw(total, mode="bptt")
    assert time.perf_counter() - start < 10
    assert drawing.view.shown < 60 and len(drawing.dot) < 100_000


def test_rolled_up(loops):
    view = view_of(loops.rolled)
    (lane,) = view.lanes
    assert lane.label == "×100 steps" and len(lane.cells) == 1
    assert [a.slot[0] for *_, a in arrows(view, "loop")] == [0, 1]
    assert [s.name for s in lane.cells[0].states] == ["cₜ", "hₜ"]
    long = view_of(loops.rolled, collapse=None)
    assert [x.total for x in view.ledgers] == [x.total for x in long.ledgers]
    assert not any(a.kind == "state" for a in view.arrows)


# --------------------------------------------------------------------------------- what users pass
def test_ops_of_a_cell_keep_rows_of_states_straight(loops):
    view = view_of(loops.lstm_ops)
    for lane in lanes(view):
        (ops,) = lane.inner.values()
        gates = [b.note for b in ops if b.note]
        assert sorted(gates) == sorted("figo")
        c, h = (b for b in ops if b.kind == "state")
        assert c.name.startswith("c") and h.name.startswith("h") and c.spot[1] < h.spot[1]
    assert all(
        {tail.spot[1], head.spot[1]} == {tail.spot[1]} for tail, head, _ in arrows(view, "state")
    )


def test_auto_takes_the_ops_of_small_cells_only(loops):
    assert view_of(loops.rnn_ops).detail == "ops"
    assert view_of(loops.rnn).detail == "layers"
    assert view_of(loops.lstm).detail == "layers"


def test_names_of_users_come_first():
    u, s = gd.Scalar(0.5, "U", parameter=True), gd.Scalar(1.0, "s0")
    for t in range(2):
        with gd.timestep(t):
            s = u * s
    view = gd.draw(s * 2, mode="bptt", names={"loss": s}).view
    assert [x.name for lane in lanes(view) for c in lane.cells for x in c.states] == ["s₁", "s₂"]
    assert view.starts[0].name == "s₀" and view.ledgers[0].names == ["U"]


def test_a_graph_without_time_steps_is_refused(loops):
    with pytest.raises(gd.ArgumentError, match="time step") as caught:
        gd.draw(gd.Scalar(1.0) * 2, mode="bptt")
    assert "gd.timestep(t)" in caught.value.fix and caught.value.op == "draw"


@pytest.mark.parametrize("whole", [True, False])
def test_a_loop_that_is_only_partly_in_time_steps_is_told(whole):
    w, h = gd.Scalar(0.5, "w", parameter=True), gd.Scalar(1.0, "h")
    for t in range(3):
        a = h if whole else w * h
        with gd.timestep(t):
            h = (w * a if whole else a).tanh()
    notes = gd.draw(h, mode="bptt").view.notes
    assert any(note.startswith("▲ ops between the steps") for note in notes) != whole


def test_a_result_without_gradient_is_refused(loops):
    with gd.no_grad():
        y = loops.run("RNN", 3)
    with pytest.raises(gd.GradientError, match="wants none") as caught:
        gd.draw(y.sum(), mode="bptt")
    assert caught.value.op == "draw"


def test_wrong_options_are_refused(loops):
    root, _ = loops.rnn()
    with pytest.raises(gd.ArgumentError, match="detail"):
        gd.draw(root, mode="bptt", detail="everything")
    with pytest.raises(gd.ArgumentError, match="max_nodes"):
        gd.draw(root, mode="bptt", max_nodes=2)
    with pytest.raises(gd.ArgumentError, match="range"):
        gd.draw(root, mode="bptt", range=(1.0, 0.1))
