"""Seq2Seq: counts, PyTorch's numbers, padding, greedy decoding, errors, and whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import Seq2Seq
from tests.models.cases import check, fit

TOKENS = np.arange(10).reshape(2, 5) * 3 % 7  # the oracle's
TARGETS = TOKENS[:, :3] % 6


@pytest.mark.parametrize("attention", [False, True])
def test_counts(attention):
    e, h = 3, 4
    gru = 3 * h * (e + h + 2)
    heads = (2 * h + 1) * 6 + 4 * h * (h + 1) if attention else (h + 1) * 6
    model = Seq2Seq(7, 6, e, h, attention=attention)
    assert model.num_parameters() == (7 + 6) * e + 2 * gru + heads


@pytest.mark.parametrize("name", ["seq2seq", "seq2seq attention"])
def test_pytorchs_numbers(name):
    model = Seq2Seq(7, 6, 3, 4, attention="attention" in name)
    check(name, model, [TOKENS, TARGETS], lambda x, y: (model(x, y), model.decode(x, 6)))


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
@pytest.mark.parametrize("attention", [False, True])
def test_padding_of_sources_does_not_matter(cell, attention):
    model = Seq2Seq(7, 6, 3, 4, cell=cell, attention=attention).double()
    other = TOKENS.copy()
    other[1, 3:] = 6 - other[1, 3:]
    a, b = (model(x, TARGETS, lengths=[5, 3]).numpy() for x in (TOKENS, other))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(a[1], model(TOKENS[1, :3], TARGETS[1]).numpy(), rtol=1e-12)
    assert not np.allclose(model(TOKENS, TARGETS).numpy(), model(other, TARGETS).numpy())
    short = model.decode(TOKENS[1, :3], 4)
    assert model.decode(TOKENS, 4, lengths=[5, 3])[1].tolist() == short.tolist()


def test_a_token_sees_no_later_target():
    model = Seq2Seq(7, 6, 3, 4, attention=True).double()
    other = TARGETS.copy()
    other[:, 2] = 5 - other[:, 2]
    a, b = (model(TOKENS, y).numpy() for y in (TARGETS, other))
    np.testing.assert_array_equal(a[:, :2], b[:, :2])
    assert (a[:, 2] != b[:, 2]).any()


@pytest.mark.parametrize("attention", [False, True])
def test_learns_to_reverse(attention):
    source = np.array([[2, 3, 4, 5], [5, 3, 2, 4], [4, 4, 3, 2], [3, 5, 5, 2]])
    target = source[:, ::-1].copy()
    late = np.concatenate([np.ones((4, 1), int), target[:, :-1]], axis=1)
    model = Seq2Seq(6, 6, 8, 32, attention=attention, generator=gd.Generator(0))
    loss = lambda: nn.CrossEntropyLoss()(model(source, late).moveaxis(-1, 1), target)  # noqa: E731
    first, last = fit(model, loss, 100, 0.02)
    assert first > 1.5 and last < 0.1
    assert (model.decode(source, 4) == target).all()
    assert model.decode(source[0], 4).tolist() == target[0].tolist()
    ended = model.decode(source, 6, end=3)
    for row, want in zip(ended.tolist(), target.tolist(), strict=True):
        k = want.index(3)
        assert row == want[:k] + [3] * (6 - k)


def test_decoding_ends_when_all_have():
    model = Seq2Seq(7, 6, 3, 4)
    model.head.weight.data = np.zeros((6, 4))
    model.head.bias.data = np.arange(6.0)  # always the last token
    calls = []
    model.head.register_forward_hook(lambda *_: calls.append(1))
    assert model.decode(TOKENS, 9, end=5).tolist() == [[5] * 9] * 2 and len(calls) == 1
    assert model.decode(TOKENS, 9, end=4).tolist() == [[5] * 9] * 2 and len(calls) == 10
    assert model.training


def test_arguments():
    with pytest.raises(gd.ArgumentError) as caught:
        Seq2Seq(7, 6, cell="elman")
    assert caught.value.op == "Seq2Seq" and "'lstm'" in caught.value.expected
    with pytest.raises(gd.ArgumentError) as caught:
        Seq2Seq(7, 6).decode(TOKENS, 0)
    assert caught.value.op == "Seq2Seq.decode"


def test_errors_name_the_layer():
    model = Seq2Seq(7, 6, 3, 4)
    with pytest.raises(gd.IndexError_) as caught:
        model(TOKENS + 1, TARGETS)
    assert caught.value.layer == "source_embedding"
    with pytest.raises(gd.IndexError_) as caught:
        model.decode(TOKENS, 3, start=6)
    assert caught.value.layer == "target_embedding"
    with pytest.raises(gd.ShapeError) as caught:
        model(TOKENS, TARGETS[:1])
    assert caught.value.layer == "decoder"
    with pytest.raises(gd.ArgumentError) as caught:
        model(TOKENS, TARGETS, lengths=[5, 6])
    assert caught.value.layer == "encoder"
