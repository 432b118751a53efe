"""Fused ops taken apart: the numbers of their parts are those of the whole."""

import numpy as np
import pytest

import graddl as gd
from graddl import _backward
from graddl.viz.graph import collect
from graddl.viz.unfold import flow_through, recurrent, unfold

KINDS = ["RNN", "LSTM", "GRU"]
OPTIONS = {"one": {}, "more": {"num_layers": 2, "bidirectional": True}}


def contributions(graph):
    """Leaf -> the sum of all that ops pass back to it, element by element."""
    found = {}

    def watch(k, i, g):
        (j,) = (j for j, _, at in graph.steps[k].inputs if at == i)
        if graph.steps[j].node.op is None:
            found[j] = found.get(j, 0.0) + np.asarray(g)

    flow = flow_through(graph, watch)
    return found, flow


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("lengths", [None, [2, 4]], ids=["all", "lengths"])
def test_what_the_parts_pass_back_is_the_gradient(loops, kind, options, lengths):
    model = loops.layer(kind, 2, 3, **options)
    x = gd.Tensor(loops.numbers(4, 2, 2, seed=0.5), requires_grad=True, name="x")
    loss = (model(x, lengths=lengths)[0] * loops.numbers(4, 2, 1)).square().sum()
    graph = unfold(loss)
    assert not any(recurrent(s.node) for s in graph.steps)
    found, flow = contributions(graph)
    assert x.grad is None and all(p.grad is None for p in model.parameters())
    loss.backward()
    place = {id(s.node): j for j, s in enumerate(graph.steps)}
    for leaf in (x, *model.parameters()):
        j = place[id(leaf.node)]
        np.testing.assert_allclose(found[j], leaf.grad.numpy(), rtol=1e-9, atol=1e-12)
        assert flow.values[j, 0].size == pytest.approx(
            np.sqrt(np.mean(leaf.grad.numpy() ** 2)), rel=1e-9
        )


@pytest.mark.parametrize("kind", KINDS)
def test_states_have_the_gradients_of_a_loop_over_cells(loops, kind):
    model, cell = loops.layer(kind, 2, 3), loops.layer(f"{kind}Cell", 2, 3)
    x, state, states = gd.tensor(loops.numbers(4, 2, 2, seed=0.5)), None, []
    loss = model(x)[0][-1].square().sum()
    for t in range(4):
        state = cell(x[t], state)
        states.append(state[0] if kind == "LSTM" else state)
    wanted = _backward.gradients([states[-1].square().sum()], states)
    sizes = [np.sqrt(np.mean(g.numpy() ** 2)) for g in wanted]
    cells = [lane.cells[0] for lane in gd.draw(loss, mode="bptt", detail="layers").view.lanes]
    assert [c.states[-1].grad.size for c in cells] == pytest.approx(sizes, rel=1e-9)


def test_steps_stand_in_their_time_and_scope(loops):
    graph = unfold(loops.run("RNN", 3, num_layers=2).sum())
    inner = [s.node for s in graph.steps if s.node.op is not None and s.node.op.name == "tanh"]
    assert [(n.scope, n.step) for n in inner] == [(f"l{k}", t) for k in (0, 1) for t in range(3)]


def test_the_order_is_topological_and_consumers_fit(loops):
    graph = unfold(loops.run("LSTM", 3, num_layers=2, bidirectional=True).square().sum())
    for k, step in enumerate(graph.steps):
        for j, o, i in step.inputs:
            assert j < k and (k, i) in graph.steps[j].consumers
            assert o < len(graph.steps[j].node.shapes)
        assert len(step.consumers) == len(set(step.consumers))


def test_nothing_changes(loops):
    calls = []
    model = loops.layer("LSTM", 2, 3)
    model.weight_hh_l0.register_hook(calls.append)
    y, _ = model(gd.tensor(loops.numbers(3, 2, 2)))
    y.register_hook(calls.append)
    loss = y.square().sum()
    versions = [p.version for p in model.parameters()]
    with gd.detect_anomaly():
        gd.draw(loss, mode="bptt")
    assert not calls and versions == [p.version for p in model.parameters()]
    assert all(p.grad is None for p in model.parameters())
    loss.backward()
    kept = model.weight_hh_l0.grad.numpy(copy=True)
    picture = gd.draw(loss, mode="bptt").dot
    assert len(calls) == 2 and np.array_equal(kept, model.weight_hh_l0.grad.numpy())
    assert picture == gd.draw(loss, mode="bptt").dot


def test_random_numbers_stay_as_they_are(loops):
    model = loops.layer("GRU", 2, 3, num_layers=2, dropout=0.5)
    loss = model(gd.tensor(loops.numbers(3, 2, 2)))[0].sum()
    found = []
    for draw in (False, True):
        gd.manual_seed(0)
        if draw:
            gd.draw(loss, mode="bptt")
        found.append(gd.rand(3).tolist())
    assert found[0] == found[1]


def test_within_no_grad_and_within_a_scope(loops):
    loss, _ = loops.rnn()
    plain = gd.draw(loss, mode="bptt").dot
    with gd.no_grad(), gd.scope("elsewhere"), gd.timestep(7):
        assert gd.draw(loss, mode="bptt").dot == plain


def test_other_ops_can_be_taken_apart_too():
    x = gd.Tensor([[1.0, 2.0, 4.0]], requires_grad=True)
    loss = gd.cross_entropy(x, gd.tensor([2]))
    assert len(unfold(loss).steps) == len(collect(loss))
    graph = unfold(loss, lambda node: True)
    assert len(graph.steps) > len(collect(loss))
    found, _ = contributions(graph)
    loss.backward()
    j = next(j for j, s in enumerate(graph.steps) if s.node is x.node)
    np.testing.assert_allclose(found[j], x.grad.numpy(), rtol=1e-5)


def test_after_backward_small_graphs_are_whole_and_large_ones_say_what_is_gone(loops):
    loss, _ = loops.lstm()
    before = gd.draw(loss, mode="bptt").dot
    loss.backward()
    assert gd.draw(loss, mode="bptt").dot == before
    model = gd.nn.LSTM(8, 32, generator=gd.Generator(0))
    y, _ = model(gd.tensor(loops.numbers(5, 32, 8).astype("f4")))
    loss = y[-1].square().sum()
    loss.backward()
    del y
    view = gd.draw(loss, mode="bptt").view
    assert len(view.lanes) == 5 and any("released" in note for note in view.notes)
    cells = [cell for lane in view.lanes for cell in lane.cells]
    assert all(s.data is None and s.grad is None for c in cells for s in c.states)
    assert all(e.value is None for ledger in view.ledgers for e in ledger.entries)
    assert "–" in gd.draw(loss, mode="bptt").dot and not any(c.gates for c in cells)
