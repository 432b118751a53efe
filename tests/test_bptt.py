"""Backpropagation through time: windows, and the contributions of the steps."""

import numpy as np
import pytest

import graddl as gd
from graddl.bptt import BPTT, bptt_contributions
from graddl.nn import recurrent

KINDS = ["RNN", "LSTM", "GRU"]
T = 7


def numbers(*shape, seed):
    return np.sin(np.arange(np.prod(shape)) + seed).reshape(shape)


def made(kind, **options):
    layer = getattr(recurrent, kind)(2, 3, **options, dtype="float64")
    for k, p in enumerate(layer.parameters()):
        p.data = gd.tensor(numbers(*p.shape, seed=k + 1.0))
    return layer


def gradients(layer):
    found = [p.grad.numpy(copy=True) for p in layer.parameters()]
    layer.zero_grad()
    return found


def squares(y, steps=slice(None)):
    return (y * numbers(T, *y.shape[1:], seed=0.3)[steps]).square().sum()


def tuple_of(x):
    return x if isinstance(x, tuple) else (x,)


X = numbers(T, 2, 2, seed=0.5)


# ---------------------------------------------------------------------- windows
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("window", "stride"), [(T, T), (T + 3, None), (T + 3, 2)])
def test_a_window_as_long_as_the_sequence_is_full_backpropagation(kind, window, stride):
    layer = made(kind)
    y, final = layer(X)
    squares(y).backward()
    want = gradients(layer)
    bptt = BPTT(layer, window, stride)
    steps, losses = [], []
    for part, y in bptt(X):
        steps.append(part)
        losses.append(squares(y, part))
        losses[-1].backward()
    assert steps == [slice(0, T)]
    for got, expected in zip(gradients(layer), want, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
    for a, b in zip(tuple_of(bptt.state), tuple_of(final), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("window", "stride"), [(3, 3), (3, 1), (4, 3), (1, 1), (5, 2)])
def test_windows_are_those_of_a_loop_by_hand(window, stride):
    """Each step's loss reaches back to the beginning of its window, with the state of full runs."""
    layer = made("GRU")
    _, _, states = made("GRU", return_states=True)(X)
    begin, done, spans = 0, 0, []
    while done < T:
        end = min(begin + window, T)
        before = None if begin == 0 else gd.tensor(states.numpy()[:, begin - 1])
        y, _ = layer(X[begin:end], before)
        squares(y[done - begin :], slice(done, end)).backward()
        spans.append(slice(done, end))
        begin, done = min(begin + stride, end), end
    want = gradients(layer)
    bptt = BPTT(layer, window, stride)
    found = []
    for part, y in bptt(X):
        squares(y, part).backward()
        found.append(part)
    assert found == spans
    assert [k for part in found for k in range(part.start, part.stop)] == list(range(T))
    for got, expected in zip(gradients(layer), want, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(bptt.state.numpy()[0], states.numpy()[0, -1], rtol=1e-12)


def test_shorter_windows_leave_gradient_out_and_values_as_they_are():
    layer, far = made("LSTM"), []
    for window in (T, 4, 1):
        outputs = []
        for _, y in BPTT(layer, window)(X):
            outputs.append(y.numpy())
            if len(outputs) * window >= T:
                y[-1].sum().backward()
        np.testing.assert_allclose(np.concatenate(outputs), layer(X)[0].numpy(), rtol=1e-12)
        far.append(gradients(layer)[1])
    assert not np.allclose(far[0], far[1]) and not np.allclose(far[1], far[2])


def test_the_state_is_carried_from_call_to_call_and_detached():
    layer = made("LSTM")
    bptt = BPTT(layer, 2)
    first = [y.numpy() for _, y in bptt(X[:4])]
    assert all(not s.requires_grad for s in bptt.state)
    rest = [y.numpy() for _, y in bptt(X[4:])]
    np.testing.assert_allclose(np.concatenate(first + rest), layer(X)[0].numpy(), rtol=1e-12)
    bptt.state = None
    np.testing.assert_array_equal(next(bptt(X))[1].numpy(), first[0])


def test_time_on_another_axis():
    layer, turned = made("GRU"), made("GRU", batch_first=True)
    want = [y.numpy() for _, y in BPTT(layer, 3, 2)(X)]
    found = [y.numpy() for _, y in BPTT(turned, 3, 2, axis=1)(gd.tensor(X.swapaxes(0, 1)))]
    for a, b in zip(found, want, strict=True):
        np.testing.assert_allclose(a, b.swapaxes(0, 1), rtol=1e-12)


def test_losses():
    layer, target = made("RNN"), numbers(T, 2, 3, seed=0.7)
    losses = list(BPTT(layer, 3).losses(X, target, gd.mse_loss))
    y = layer(X)[0].numpy()
    for k, loss in enumerate(losses):
        steps = slice(3 * k, 3 * k + 3)
        assert loss.item() == pytest.approx(((y[steps] - target[steps]) ** 2).mean())
    assert len(losses) == 3


@pytest.mark.parametrize("steps", [2, T - 1, T + 1])
def test_a_target_of_other_steps_is_refused(steps):
    target = numbers(steps, 2, 3, seed=0.7)
    with pytest.raises(gd.ShapeError, match="has not the steps") as caught:
        list(BPTT(made("RNN"), 2).losses(X, target, gd.mse_loss))
    assert caught.value.op == "BPTT" and caught.value.got == target.shape


def test_a_model_without_state_is_refused():
    for returned in (gd.ones(2, 2, 3), [gd.ones(2), None], (gd.ones(2),), None):
        with pytest.raises(gd.DTypeError, match="two things") as caught:
            next(BPTT(lambda x, state, y=returned: y, 2)(X))
        assert caught.value.fix == "return y, state"


@pytest.mark.parametrize(
    ("window", "stride"), [(0, None), (3, 4), (3, 0), (-1, -1), (2.5, 1), ("3", "3")]
)
def test_windows_that_cannot_be(window, stride):
    with pytest.raises(gd.ArgumentError, match="window") as caught:
        BPTT(made("RNN"), window, stride)
    assert caught.value.op == "BPTT"


def test_a_sequence_without_steps():
    with pytest.raises(gd.ArgumentError, match="no steps"):
        next(BPTT(made("RNN"), 3)(X[:0]))


# ---------------------------------------------------------------------- contributions
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}], ids=["1", "2"])
@pytest.mark.parametrize("lengths", [None, [4, T]])
def test_contributions_add_up_to_the_gradient(kind, options, lengths):
    layer = made(kind, **options)
    loss = squares(layer(X, lengths=lengths)[0])
    terms = [bptt_contributions(loss, p) for p in layer.parameters()]
    assert all(p.grad is None for p in layer.parameters())
    loss.backward()
    for p, parts in zip(layer.parameters(), terms, strict=True):
        assert parts.shape == (T, *p.shape)
        np.testing.assert_allclose(
            parts.numpy().sum(axis=0), p.grad.numpy(), rtol=1e-10, atol=1e-12
        )


def test_contributions_of_the_fused_op_are_those_of_a_loop_over_cells():
    layer, cell = made("LSTM"), made("LSTMCell")
    state, total = None, 0.0
    for t in range(T):
        with gd.timestep(t):
            state = cell(gd.tensor(X[t]), state)
            total = total + (state[0] * numbers(T, 2, 3, seed=0.3)[t]).square().sum()
    loss = squares(layer(X)[0])
    for p, q in zip(layer.parameters(), cell.parameters(), strict=True):
        np.testing.assert_allclose(
            bptt_contributions(loss, p).numpy(),
            bptt_contributions(total, q).numpy(),
            rtol=1e-10,
            atol=1e-12,
        )


def test_a_contribution_is_the_gradient_of_that_step_s_own_weight():
    """Closed form of h_t = w h_{t-1}: every step gives 1 / w of h_T, times w to get there."""
    w = gd.tensor(0.9, dtype="float64", requires_grad=True)
    h = gd.tensor(2.0, dtype="float64")
    for t in range(5):
        with gd.timestep(t):
            h = w * h
    terms = bptt_contributions(h, w)
    np.testing.assert_allclose(terms.numpy(), np.full(5, 2 * 0.9**4), rtol=1e-12)


def test_steps_without_use_contribute_nothing():
    w = gd.tensor([1.0, 2.0], requires_grad=True)
    with gd.timestep(2):
        y = w * 3 + w
    assert bptt_contributions(y.sum(), w).tolist() == [[0, 0], [0, 0], [4, 4]]


def test_use_outside_of_time_steps_is_refused():
    w = gd.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(gd.GradientError, match="outside of any time step") as caught:
        bptt_contributions((w * 2).sum(), w)
    assert "gd.timestep(t)" in caught.value.fix and caught.value.op == "bptt_contributions"


def test_contributions_are_those_to_one_parameter():
    layer = made("RNN")
    loss = layer(X)[0].sum()
    for arguments in ((loss, layer), (loss, "weight_hh_l0"), (None, layer.weight_hh_l0)):
        with pytest.raises(gd.DTypeError, match="two Tensors") as caught:
            bptt_contributions(*arguments)
        assert caught.value.op == "bptt_contributions"


def test_a_parameter_that_does_not_matter_is_refused():
    w, v = (gd.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    with pytest.raises(gd.GradientError, match="does not depend"):
        bptt_contributions((w * 2).sum(), v)
