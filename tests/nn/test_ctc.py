"""CTC against PyTorch's answers, and against the sum over all paths that defines it."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd
from graddl.nn.ctc import CTCLoss

CASES = json.loads((Path(__file__).parents[1] / "oracles" / "ctc.json").read_text())


def logits(shape, seed):
    return 2 * np.sin(1.7 * np.arange(np.prod(shape)) + seed).reshape(shape)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['name']}-{c['reduction']}")
def test_is_pytorchs_through_log_softmax(case):
    x = gd.tensor(logits(case["shape"], case["seed"]), requires_grad=True)
    loss_function = CTCLoss(
        case.get("blank", 0), case["reduction"], case.get("zero_infinity", False)
    )
    loss = loss_function(
        gd.log_softmax(x),
        np.array(case["targets"]),
        np.array(case["input_lengths"]),
        np.array(case["target_lengths"]),
    )
    (loss * np.arange(1, loss.size + 1.0).reshape(loss.shape)).sum().backward()
    np.testing.assert_allclose(loss.numpy(), case["loss"], rtol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), case["grad"], rtol=1e-10, atol=1e-13)


def collapsed(path, blank):
    """A path without its repetitions, then without its blanks."""
    return [c for c, _ in itertools.groupby(path) if c != blank]


@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize("labels", [[], [1], [1, 1], [1, 1, 1]])
def test_is_the_sum_over_all_paths(labels, blank):
    x = np.asarray(gd.log_softmax(gd.Tensor(logits((5, 3), 0.3))))
    log_probs = gd.Tensor(x, requires_grad=True)
    loss = CTCLoss(blank, "none")(log_probs, np.array(labels, int), [5], [len(labels)])
    loss.backward()
    total, by_class = 0.0, np.zeros((5, 3))
    for path in itertools.product(range(3), repeat=5):
        if collapsed(path, blank) == labels:
            p = np.exp(x[np.arange(5), path].sum())
            total += p
            by_class[np.arange(5), path] += p
    assert loss.item() == pytest.approx(-np.log(total), rel=1e-12)
    np.testing.assert_allclose(log_probs.grad.numpy(), -by_class / total, rtol=1e-12)


def test_padding_and_time_after_the_end_do_not_matter():
    x = logits((6, 2, 4), 1.0)
    x[4:, 1] = np.nan
    log_probs = gd.Tensor(x, requires_grad=True)
    loss = CTCLoss()(log_probs, np.array([[1, 2, 3], [2, -7, 99]]), [6, 4], [3, 1])
    loss.backward()
    assert np.isfinite(loss.item())
    assert not log_probs.grad.numpy()[4:, 1].any()
    assert np.isfinite(log_probs.grad.numpy()).all()


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_too_short_for_its_labels(zero_infinity):
    log_probs = gd.Tensor(logits((3, 2, 3), 0.0), requires_grad=True)
    loss = CTCLoss(0, "none", zero_infinity)(log_probs, [[1, 1, 2], [1, 2, 1]], [3, 3], [3, 3])
    loss.sum().backward()
    g = log_probs.grad.numpy()
    assert loss[0].item() == (0 if zero_infinity else np.inf) and np.isfinite(loss[1].item())
    assert np.isfinite(g[:, 1]).all() and g[:, 1].any()
    assert not g[:, 0].any() if zero_infinity else np.isnan(g[:, 0]).any()


def test_second_derivatives_where_a_sequence_is_too_short():
    log_probs = gd.Tensor(logits((3, 2, 3), 0.0), requires_grad=True)
    labels, lengths = np.array([[1, 1, 2], [1, 2, 0]]), (np.array([3, 3]), np.array([3, 2]))
    loss = CTCLoss(zero_infinity=True)(log_probs, labels, *lengths)
    loss.backward(create_graph=True)
    (log_probs.grad**2).sum().backward()
    assert np.isfinite(log_probs.grad.numpy()).all()


@pytest.mark.parametrize("labels", [[], [1]])
def test_no_time_steps(labels):
    loss = CTCLoss(reduction="none")(gd.zeros(2, 3), np.array(labels, int), [0], [len(labels)])
    assert loss.item() == (np.inf if labels else 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_is_stable(dtype):
    """A sequence of probability e^-50 000, and classes of probability 0."""
    x = np.full((500, 1, 3), -100.0)
    x[:, :, 2] = -np.inf
    log_probs = gd.Tensor(x.astype(dtype), requires_grad=True)
    loss = CTCLoss(reduction="sum")(log_probs, [[1]], [500], [1])
    loss.backward()
    paths = 500 * 501 / 2  # a label's run begins somewhere and ends somewhere
    assert loss.item() == pytest.approx(50_000 - np.log(paths), rel=1e-6)
    g = log_probs.grad.numpy()
    np.testing.assert_allclose(g.sum(axis=-1), -1, rtol=1e-4 if dtype == "float32" else 1e-8)
    assert not g[..., 2].any()


def test_small_integers_as_lengths():
    x = gd.Tensor(logits((200, 1, 3), 0.0))
    labels = np.array([[1, 2] * 45], "u1")
    small, wide = (
        CTCLoss()(x, labels.astype(kind), np.array([200]), np.array([90], kind)).item()
        for kind in ("u1", "i8")
    )
    assert small == wide


def test_lists_tensors_and_arrays():
    x, loss = gd.Tensor(logits((4, 2, 3), 0.0)), CTCLoss()
    values = {
        loss(x, kind([[1, 2], [2, 1]]), kind([4, 3]), kind([2, 1])).item()
        for kind in (list, np.array, gd.tensor)
    }
    assert len(values) == 1


def test_learns_an_alignment():
    """From labels alone, each step's most likely class becomes the label sequence."""
    x = gd.nn.Parameter(np.zeros((8, 1, 4)))
    optimizer = gd.optim.Adam([x], lr=0.3)
    x.data = 0.01 * logits((8, 1, 4), 0.0)
    for _ in range(60):
        optimizer.zero_grad()
        loss = CTCLoss()(gd.log_softmax(x), [[3, 1, 1]], [8], [3])
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    assert collapsed(x.numpy()[:, 0].argmax(axis=-1).tolist(), 0) == [3, 1, 1]


def test_errors():
    x, lengths = gd.zeros(5, 2, 4), ([5, 5], [2, 2])
    with pytest.raises(gd.IndexError_, match="no class"):
        CTCLoss()(x, [[1, 2], [3, 4]], *lengths)
    with pytest.raises(gd.ArgumentError, match="stands for the blank") as caught:
        CTCLoss()(x, [[0, 1], [2, 1]], *lengths)
    assert "blank=3" in caught.value.fix
    with pytest.raises(gd.ShapeError, match="time first") as caught:
        CTCLoss()(gd.zeros(2, 5, 4), [[1, 2], [3, 1]], *lengths)
    assert "transpose" in caught.value.fix
    with pytest.raises(gd.DTypeError, match="floating"):
        CTCLoss()(np.zeros((5, 2, 4), int), [[1, 2], [3, 1]], *lengths)
    with pytest.raises(gd.ArgumentError, match="reduction"):
        CTCLoss(reduction="avg")
    for blank in (-1, "mean", 0.0):
        with pytest.raises(gd.ArgumentError, match="blank"):
            CTCLoss(blank)


def test_of_no_sequences():
    none = np.zeros((0, 3), int), np.zeros(0, int), np.zeros(0, int)
    assert CTCLoss(reduction="sum")(gd.zeros(5, 0, 4), *none).item() == 0
    assert CTCLoss(reduction="none")(gd.zeros(5, 0, 4), *none).shape == (0,)
    assert np.isnan(CTCLoss()(gd.zeros(5, 0, 4), *none).item())


def test_repr():
    assert repr(CTCLoss()) == "CTCLoss(blank=0, reduction='mean')"
    assert repr(CTCLoss(2, "sum", True)) == "CTCLoss(blank=2, reduction='sum', zero_infinity=True)"
