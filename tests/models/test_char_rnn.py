"""CharRNN: counts, PyTorch's numbers, states that go on, generation, errors, whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import CharRNN
from tests.models.cases import check, fit

TOKENS = np.arange(10).reshape(2, 5) * 3 % 7  # the oracle's
GATES = {"lstm": 4, "gru": 3, "rnn": 1}


@pytest.mark.parametrize("cell", GATES)
def test_counts(cell):
    v, e, h = 7, 3, 5
    first, above = ((inputs + h + 2) * h * GATES[cell] for inputs in (e, h))
    model = CharRNN(v, e, h, 3, cell=cell)
    assert model.num_parameters() == v * e + first + 2 * above + (h + 1) * v


@pytest.mark.parametrize("cell", GATES)
def test_pytorchs_numbers(cell):
    model = CharRNN(7, 3, 4, 2, cell=cell)

    def run(tokens):
        logits, state = model(tokens)
        return logits, model(tokens[:, ::2], state)[0]

    check(f"char_rnn {cell}", model, [TOKENS], run)


@pytest.mark.parametrize("cell", GATES)
def test_a_state_goes_on(cell):
    model = CharRNN(7, 3, 4, cell=cell).double()
    whole, _ = model(TOKENS)
    first, state = model(TOKENS[:, :2])
    second, _ = model(TOKENS[:, 2:], state)
    got = np.concatenate([first.numpy(), second.numpy()], axis=1)
    np.testing.assert_allclose(got, whole.numpy(), rtol=1e-12)


def test_one_sequence_without_a_batch():
    model = CharRNN(7, 3, 4).double()
    logits, (h, c) = model(TOKENS[0])
    assert (logits.shape, h.shape, c.shape) == ((5, 7), (1, 4), (1, 4))
    np.testing.assert_allclose(logits.numpy(), model(TOKENS)[0].numpy()[0], rtol=1e-12)


# ---------------------------------------------------------------------- generation
def test_generation_repeats_under_a_generator():
    model = CharRNN(7, 3, 4, generator=gd.Generator(0))
    a, b, c = (model.generate([1, 2], 30, generator=gd.Generator(s)) for s in (5, 5, 6))
    assert a.tolist() == b.tolist() != c.tolist()
    assert a.shape == (30,) and a.dtype.kind == "i" and a.min() >= 0 and a.max() < 7
    assert model.generate(TOKENS, 4).shape == (2, 4)
    assert model.generate(gd.tensor([1, 2]), 4).shape == (4,)


def test_temperature_0_takes_the_most_likely():
    model, tokens = CharRNN(7, 3, 4, generator=gd.Generator(0)), [1, 2]
    for token in model.generate([1, 2], 8, temperature=0):
        assert token == model(np.array(tokens))[0][-1].argmax().item()
        tokens.append(token)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_draws_have_the_probabilities_of_a_softmax(temperature):
    model = CharRNN(4, 3, 4, generator=gd.Generator(1)).double()
    model.head.bias.data = np.array([0.0, 1.0, 2.0, 0.5])
    prompt, n = [0, 1], 20_000
    p = (model(np.array(prompt))[0][-1] / temperature).softmax(axis=-1).numpy()
    drawn = model.generate(np.tile(prompt, (n, 1)), 1, temperature, gd.Generator(0))
    assert p.max() > 1.5 * p.min()
    np.testing.assert_allclose(np.bincount(drawn[:, 0], minlength=4) / n, p, atol=0.015)


def test_generation_is_without_graph_and_dropout_and_leaves_the_modes():
    model, seen = CharRNN(7, 3, 4, 2, dropout=0.9), []
    model.rnn.eval()
    model.head.register_forward_hook(lambda head, _, y: seen.append((head.training, y.is_leaf)))
    model.generate([1], 3)
    assert seen == [(False, True)] * 3
    assert (model.training, model.head.training, model.rnn.training) == (True, True, False)
    with pytest.raises(gd.IndexError_):
        model.generate([9], 1)
    assert model.training and model(TOKENS)[0].requires_grad


# ---------------------------------------------------------------------- learning and errors
def test_learns_a_text():
    text = "to be or not to be"
    letters = sorted(set(text))
    codes = np.array([letters.index(letter) for letter in text])
    model = CharRNN(len(letters), 8, 32, generator=gd.Generator(0))
    loss = lambda: nn.CrossEntropyLoss()(model(codes[:-1])[0], codes[1:])  # noqa: E731
    first, last = fit(model, loss, 120, 0.02)
    assert first > 1.5 and last < 0.05
    made = model.generate(codes[:5], len(text) - 5, temperature=0)
    assert "".join(letters[k] for k in made) == text[5:]


def test_arguments():
    with pytest.raises(gd.ArgumentError) as caught:
        CharRNN(7, cell="LSTM")
    assert (caught.value.op, caught.value.fix) == ("CharRNN", "cell='rnn'")
    with pytest.raises(gd.ArgumentError, match="one row"):
        CharRNN(0)


def test_errors_name_the_layer():
    model = CharRNN(7, 3, 4)
    with pytest.raises(gd.IndexError_) as caught:
        model([[1, 7]])
    assert caught.value.layer == "embedding" and "0 to 6" in caught.value.expected
    with pytest.raises(gd.DTypeError) as caught:
        model([[1.0, 2.0]])
    assert caught.value.layer == "embedding" and "dtype=int" in caught.value.fix
    with pytest.raises(gd.ShapeError) as caught:
        model([[1, 2]], model([1, 2])[1])
    assert caught.value.layer == "rnn" and "(1, 1, 4)" in caught.value.expected


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (([1], 0), gd.ArgumentError),
        (([1], 5, -1.0), gd.ArgumentError),
        (([], 5), gd.ShapeError),
        ((1, 5), gd.ShapeError),
    ],
)
def test_prompts_that_make_no_sense(arguments, error):
    with pytest.raises(error) as caught:
        CharRNN(7, 3, 4).generate(*arguments)
    assert caught.value.op == "CharRNN.generate" and caught.value.fix
