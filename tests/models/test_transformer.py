"""TinyTransformer: counts, PyTorch's numbers, masks, generation, errors, and whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import TinyTransformer
from tests.models.cases import check, fit

TOKENS = np.arange(10).reshape(2, 5) * 3 % 7  # the oracle's
PADDING = np.array([[False] * 5, [False, False, False, True, True]])


def language(**options):
    return TinyTransformer(7, 8, 2, max_length=6, causal=True, **options)


def test_counts():
    v, e, t, layers = 7, 8, 6, 3
    layer = 4 * e * (e + 1) + (4 * e + 4 * e * e) + (4 * e * e + e) + 4 * e
    body = (v + t) * e + layers * layer + 2 * e
    model = TinyTransformer(v, e, 2, layers, max_length=t)
    assert model.num_parameters() == body + (e + 1) * v
    assert TinyTransformer(v, e, 2, layers, max_length=t, num_classes=3).num_parameters() == (
        body + (e + 1) * 3
    )


def test_pytorchs_numbers():
    check("transformer", language(), [TOKENS])
    model = TinyTransformer(7, 8, 2, max_length=6, num_classes=3)
    check("transformer classes", model, [TOKENS], lambda tokens: model(tokens, PADDING))


def test_a_causal_model_sees_no_later_token():
    other = TOKENS.copy()
    other[:, 3] = 6 - other[:, 3]
    a, b = ((model := language(generator=gd.Generator(0)))(x).numpy() for x in (TOKENS, other))
    np.testing.assert_allclose(a[:, :3], b[:, :3], rtol=1e-5)
    assert not np.allclose(a[:, 3:], b[:, 3:])
    model.causal = False
    assert not np.allclose(model(TOKENS).numpy()[:, :3], model(other).numpy()[:, :3])


def test_padding_does_not_matter():
    model = TinyTransformer(7, 8, 2, num_classes=3).double()
    other = TOKENS.copy()
    other[1, 3:] = 6 - other[1, 3:]
    a, b = (model(x, PADDING).numpy() for x in (TOKENS, other))
    np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(a[1], model(TOKENS[1, :3]).numpy(), rtol=1e-12)
    np.testing.assert_allclose(a[1], model(TOKENS[1], PADDING[1]).numpy(), rtol=1e-12)
    assert not np.allclose(model(TOKENS).numpy(), model(other).numpy())


def test_positions_count():
    model = TinyTransformer(7, 8, 2, num_classes=3).double()
    a, b = model(TOKENS[0]).numpy(), model(TOKENS[0, ::-1]).numpy()
    assert not np.allclose(a, b)
    model.positions.weight.data = np.zeros((128, 8))
    a, b = model(TOKENS[0]).numpy(), model(TOKENS[0, ::-1]).numpy()
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_dropout_comes_from_the_generator_and_ends_with_eval():
    a, b = (language(dropout=0.5, generator=gd.Generator(3)) for _ in range(2))
    assert a(TOKENS).tolist() == b(TOKENS).tolist() != a(TOKENS).tolist()
    assert a.eval()(TOKENS).tolist() == a(TOKENS).tolist()


# ---------------------------------------------------------------------- generation
def test_generation_repeats_under_a_generator():
    model = language(dropout=0.5, generator=gd.Generator(0))
    a, b, c = (model.generate([1, 2], 20, generator=gd.Generator(s)) for s in (5, 5, 6))
    assert a.tolist() == b.tolist() != c.tolist()
    assert a.shape == (20,) and a.dtype.kind == "i" and a.min() >= 0 and a.max() < 7
    assert model.generate(TOKENS, 3).shape == (2, 3) and model.training


def test_generation_looks_back_as_far_as_there_are_positions():
    model, tokens = language(generator=gd.Generator(0)), [1, 2, 3]
    for token in model.generate([1, 2, 3], 8, temperature=0):
        assert token == model(np.array(tokens[-6:]))[-1].argmax().item()
        tokens.append(token)


@pytest.mark.parametrize("options", [{"causal": False}, {"num_classes": 3, "causal": True}])
def test_generation_with_other_models(options):
    with pytest.raises(gd.ArgumentError) as caught:
        TinyTransformer(7, 8, 2, **options).generate([1], 5)
    assert caught.value.fix == "TinyTransformer(7, causal=True)"


# ---------------------------------------------------------------------- learning and errors
def test_learns_a_sequence():
    tokens = np.array([3, 1, 4, 1, 5, 0, 2, 6, 5, 3, 5])
    model = TinyTransformer(7, 16, 2, 1, max_length=12, causal=True, generator=gd.Generator(0))
    loss = lambda: nn.CrossEntropyLoss()(model(tokens[:-1]), tokens[1:])  # noqa: E731
    first, last = fit(model, loss, 60, 0.01)
    assert first > 1.5 and last < 0.1
    assert model.generate(tokens[:1], 10, temperature=0).tolist() == tokens[1:].tolist()


def test_learns_which_token_comes_first():
    tokens = np.array([[1, 2, 0], [2, 1, 0], [1, 3, 2], [2, 3, 1]])
    labels, mask = np.array([0, 1, 0, 1]), tokens == 0
    model = TinyTransformer(4, 16, 2, 1, num_classes=2, generator=gd.Generator(0))
    first, last = fit(model, lambda: nn.CrossEntropyLoss()(model(tokens, mask), labels), 40, 0.01)
    assert first > 0.4 and last < 0.05


def test_arguments():
    with pytest.raises(gd.ArgumentError, match="heads"):
        TinyTransformer(7, 8, 3)
    with pytest.raises(gd.ArgumentError, match="at least one layer"):
        TinyTransformer(7, num_layers=0)


def test_errors():
    model = TinyTransformer(7, 8, 2, max_length=4, num_classes=3)
    with pytest.raises(gd.ShapeError) as caught:
        model(TOKENS)
    assert (caught.value.op, caught.value.got) == ("TinyTransformer", 5)
    assert caught.value.fix == "max_length=5"
    with pytest.raises(gd.ShapeError, match="0 steps"):
        model(np.zeros((2, 0), int))
    with pytest.raises(gd.IndexError_) as caught:
        model([[7]])
    assert caught.value.layer == "embedding"
    with pytest.raises(gd.ShapeError) as caught:
        model(TOKENS[:, :4], mask=PADDING)
    assert caught.value.layer == "encoder.layers.0.self_attn"
    with pytest.raises(gd.ArgumentError, match="nothing but padding"):
        model([[1, 2], [0, 0]], mask=[[False, False], [True, True]])
