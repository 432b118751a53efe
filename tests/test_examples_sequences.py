"""The programs of `examples/` about sequences do what they say."""

import math
from collections import Counter

import numpy as np
import pytest

import graddl as gd
from tests.programs import load, rows_of


# ---------------------------------------------------------------------- the adding problem
@pytest.fixture(scope="module")
def adding():
    return load("adding_problem")


def test_adding_asks_for_the_sum_of_a_number_from_each_half(adding):
    x, answer = adding.sequences(5000, 20, np.random.default_rng(0))
    assert x.shape == (20, 5000, 2) and x.dtype == answer.dtype == "float32"
    assert (x[:10, :, 1].sum(axis=0) == 1).all() and (x[10:, :, 1].sum(axis=0) == 1).all()
    for i in range(50):
        first, second = np.flatnonzero(x[:, i, 1])
        assert answer[i] == pytest.approx(x[first, i, 0] + x[second, i, 0])
    assert np.square(answer - 1).mean() == pytest.approx(1 / 6, rel=0.05)


@pytest.mark.parametrize("kind", ["GRU", "LSTM"])
def test_adding_starts_as_it_says(adding, kind):
    model = adding.Adder(kind, 100, gd.Generator(0))
    blocks = model.layer.weight_hh_l0.numpy().reshape(-1, adding.HIDDEN, adding.HIDDEN)
    for block in blocks:
        assert np.abs(block @ block.T - np.eye(adding.HIDDEN)).max() < 1e-5
    bias = (model.layer.bias_ih_l0 + model.layer.bias_hh_l0).numpy().reshape(-1, adding.HIDDEN)
    memory = 1 / (1 - 1 / (1 + np.exp(-bias[1])))  # of a unit that keeps its share each step
    assert 2 <= memory.min() < 20 and 80 < memory.max() <= 100
    if kind == "LSTM":
        assert np.array_equal(bias[0], -bias[1])


def test_adding_measures_how_far_the_answer_moves(adding):
    model = adding.Adder("GRU", 6, gd.Generator(0)).double()
    x, _ = adding.sequences(3, 6, np.random.default_rng(0))
    x = x.astype("float64")
    slopes = np.empty_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-5
        with gd.no_grad():
            slopes[place] = (model(x + step) - model(x - step)).sum().item() / 2e-5
    expected = np.sqrt(np.square(slopes).sum(axis=-1)).mean(axis=1)
    assert np.allclose(adding.reach(model, x), expected, rtol=1e-6, atol=1e-12)


def test_adding_starts_with_less_of_the_first_step_in_a_plain_network(adding):
    x, _ = adding.sequences(50, 100, np.random.default_rng(0))
    for seed in range(3):
        kept = {}
        for kind in ("RNN", "GRU", "LSTM"):
            reach = adding.reach(adding.Adder(kind, 100, gd.Generator(seed)), x)
            kept[kind] = reach[0] / reach[-1]
        assert kept["RNN"] < 0.01 < min(kept["GRU"], kept["LSTM"])


def test_adding_writes_its_file_and_repeats_itself(adding, tmp_path, capsys):
    arguments = ["--length", "6", "--updates", "20", "--out", str(tmp_path / "out")]
    results = adding.main(arguments)
    assert list(results) == ["always 1", "RNN", "GRU", "LSTM"]
    printed = capsys.readouterr().out
    assert all(f"{value:.5f}" in printed for value in results.values())
    rows = rows_of(tmp_path / "out" / "adding_problem.csv")
    assert {row["network"]: float(row["held_out"]) for row in rows} == {
        name: results[name] for name in ("RNN", "GRU", "LSTM")
    }
    assert adding.main(arguments) == results


@pytest.mark.slow
def test_adding_is_solved_by_gates_alone(adding, tmp_path):
    results = adding.main(["--out", str(tmp_path)])
    assert max(results["GRU"], results["LSTM"]) < 0.005
    assert results["RNN"] > 0.9 * results["always 1"]


# ---------------------------------------------------------------------- characters
@pytest.fixture(scope="module")
def characters():
    return load("char_rnn")


def test_char_rnn_holds_out_a_tenth_of_the_paragraphs(characters):
    text, held = characters.load_text()
    seen, unseen = set(text.split("\n\n")), held.split("\n\n")
    assert not seen & set(unseen) and len(set(unseen)) == len(unseen)
    assert 0.9 < (len(text) + len(held)) / characters.SIZE < 1.1
    assert len(unseen) / (len(unseen) + len(seen)) == pytest.approx(0.1, abs=0.001)
    assert text.isascii()


def test_char_rnn_counts(characters):
    # abab|ab: after a came b twice of 2 times; after b came a once of 1 time.
    bits = characters.bits_by_counts("abab", "aba", 2, 1)
    assert bits == pytest.approx(-(math.log2(3 / 4) + math.log2(2 / 3)) / 2)
    assert characters.bits_by_counts("abcd" * 9, "dcba", 3, 1e9) == pytest.approx(2)
    chances = [2 ** -characters.bits_by_counts("abcabbacb", f"ab{c}", 3, 0.5) for c in "abc"]
    assert sum(chances) == pytest.approx(1)


def test_char_rnn_reads_what_follows(characters):
    x, y = characters.streams(np.arange(1000))
    assert x.shape == y.shape and x.shape[0] == characters.PLACES
    assert np.array_equal(y, x + 1) and x.size > 1000 - 2 * characters.PLACES


def test_char_rnn_bits_of_equal_chances(characters):
    assert characters.bits(gd.zeros(2, 3, 8), np.ones((2, 3), int)).item() == pytest.approx(3)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_char_rnn_writes_and_repeats_itself(characters, tmp_path, capsys, cell):
    arguments = ["--size", "15000", "--epochs", "1", "--cell", cell, "--out", str(tmp_path)]
    results = characters.main(arguments)
    assert len(results) == 5 and results[cell] < 6
    printed = capsys.readouterr().out
    assert all(f"{value:.3f}" in printed for value in results.values())
    assert len(printed.partition("0.7:\n\n")[2]) == len("The value") + 400 + 1
    (row,) = rows_of(tmp_path / "char_rnn.csv")
    assert float(row["held_out"]) == results[cell]
    if cell == "gru":
        assert characters.main(arguments) == results


@pytest.mark.slow
def test_char_rnn_foresees_more_than_counts(characters, tmp_path):
    results = characters.main(["--out", str(tmp_path)])
    network = results.pop("gru")
    assert network < min(results.values()) - 0.3
    assert results["trigrams, 1 added"] < results["bigrams, 1 added"]


# ---------------------------------------------------------------------- shares
@pytest.fixture(scope="module")
def stocks():
    pytest.importorskip("matplotlib", exc_type=ImportError)
    return load("stocks")


@pytest.fixture
def returns():
    return np.random.default_rng(0).normal(scale=0.1, size=(80, 3))


def test_stocks_are_monthly_returns_without_gaps(stocks):
    names, months, returns = stocks.load_returns()
    assert returns.shape == (len(months), len(names)) == (389, 7) and np.isfinite(returns).all()
    assert (months[0], months[-1]) == ("1990-02", "2022-06")
    assert months == [f"{m // 12}-{m % 12 + 1:02}" for m in range(1990 * 12 + 1, 2022 * 12 + 6)]
    first, second = 10.970438003540039, 11.554415702819824  # IBM's first prices in the file
    assert returns[0, names.index("IBM")] == pytest.approx(math.log(second / first))


def test_stocks_examples_by_hand(stocks, returns):
    t, x, persistence, target = stocks.examples(returns)
    assert len(t) == len(x) == len(persistence) == len(target) == 80 - 24 - 3 + 1
    for i in (0, 20, len(t) - 1):
        for s in range(3):
            last = [returns[t[i] - k, s] for k in range(24)][::-1]
            assert np.array_equal(x[i, s], [(r, abs(r)) for r in last])
            before, after = last[-3:], [returns[t[i] + k, s] for k in (1, 2, 3)]
            assert persistence[i, s] == pytest.approx(np.log(np.abs(before).mean() + 1e-3))
            assert target[i, s] == pytest.approx(np.log(np.abs(after).mean() + 1e-3))


def test_stocks_do_not_look_ahead(stocks, returns):
    known = 60
    other = returns.copy()
    other[known:] = 10 * returns[known:][::-1] + 1
    t, target, found = stocks.forecasts(returns, known, seeds=1, epochs=2)
    _, other_target, other_found = stocks.forecasts(other, known, seeds=1, epochs=2)
    assert t[0] == known - 1 and len(t) == 80 - 60 - 3 + 1
    assert not np.isclose(target, other_target).any()
    for name, (forecast,) in found.items():
        assert np.array_equal(forecast[0], other_found[name][0][0]), name  # nothing of it is known
        if name != "mean":
            assert not np.isclose(forecast[1], other_found[name][0][1]).any(), name


def test_stocks_learn_from_targets_that_were_known(stocks, returns):
    other = returns.copy()
    other[59] *= 2  # the last known month is in one target, of t = 56, and in no other that is fit
    _, _, _, after = stocks.examples(returns)
    _, _, _, other_after = stocks.examples(other)
    changed = np.flatnonzero((after != other_after).any(axis=1)) + stocks.PAST - 1
    assert changed.tolist() == [56, 57, 58]
    before = stocks.forecasts(returns, 60, seeds=0)[2]["mean"][0][0]
    now = stocks.forecasts(other, 60, seeds=0)[2]["mean"][0][0]
    fits = 57 - (stocks.PAST - 1)
    assert np.allclose((now - before) * fits, (other_after - after)[56 - stocks.PAST + 1])


def test_stocks_line_is_found(stocks):
    x = np.random.default_rng(0).normal(size=(50, 3))
    model = stocks.line(x, x @ [1.0, -2.0, 0.5] + 4)
    assert np.allclose(model(np.eye(3)), [5, 2, 4.5])


def test_stocks_foresight_by_hand(stocks, returns):
    returns[60] *= 50  # the first month that is not known
    past = [(s, t, returns[t - 23 : t + 1, s]) for t in range(23, 77) for s in range(3)]
    x = [[*(v for r in part for v in (r, abs(r))), 1] for _, _, part in past]
    x, y = np.array(x), np.array([returns[t + 1, s] for s, t, _ in past])
    fit = np.array([t + 1 <= 59 for _, t, _ in past])
    weights = np.linalg.pinv(x[fit]) @ y[fit]
    mean = np.array([y[fit].reshape(-1, 3)[:, s].mean() for s, _, _ in past])
    expected = np.square(x @ weights - y)[~fit].mean() / np.square(mean - y)[~fit].mean()
    assert stocks.foresight_of_returns(returns, 60) == pytest.approx(expected)


def test_stocks_write_their_file(stocks, tmp_path, capsys):
    results = stocks.main(["--seeds", "1", "--epochs", "1", "--out", str(tmp_path / "out")])
    assert list(results) == ["persistence", "mean", "line", "GRU", "LSTM"]
    printed = capsys.readouterr().out
    assert all(f"{value:.3f}" in printed for (value,) in results.values())
    rows = rows_of(tmp_path / "out" / "stocks.csv")
    for name, (value,) in results.items():
        errors = [(float(row[name]) - float(row["target"])) ** 2 for row in rows]
        assert np.mean(errors) == pytest.approx(value, abs=1e-3)


def test_stocks_returns_are_not_foreseen_and_sizes_are(stocks):
    _, months, returns = stocks.load_returns()
    known = months.index(stocks.LAST_KNOWN) + 1
    assert stocks.foresight_of_returns(returns, known) > 0.95
    _, target, found = stocks.forecasts(returns, known, seeds=0)
    errors = {n: np.square(runs[0] - target).mean() for n, runs in found.items() if runs}
    assert errors["line"] < 0.75 * errors["mean"] < 0.75 * errors["persistence"]


@pytest.mark.slow
def test_stocks_networks_are_as_good_as_the_line(stocks, tmp_path):
    results = stocks.main(["--out", str(tmp_path)])
    for name in ("GRU", "LSTM"):
        assert max(results[name]) < 0.75 * min(results["persistence"] + results["mean"])
        assert max(results[name]) == pytest.approx(results["line"][0], rel=0.1)


# ---------------------------------------------------------------------- the order of words
@pytest.fixture(scope="module")
def order():
    return load("word_order")


def test_word_order_twins_have_equal_bags(order):
    texts, pleased = order.sentences(400, False, np.random.default_rng(0))
    assert len(texts) == len(pleased) == 400
    for i in range(0, 400, 2):
        assert Counter(texts[i]) == Counter(texts[i + 1]) and texts[i] != texts[i + 1]
        assert (pleased[i], pleased[i + 1]) == (1, 0)
        (good,) = set(texts[i]) & set(order.GOOD)
        (bad,) = set(texts[i]) & set(order.BAD)
        for text, denied in ((texts[i], bad), (texts[i + 1], good)):
            after = text[text.index("not") + 1 :]
            assert next(word for word in after if word in (good, bad)) == denied


def test_word_order_holds_out_pairs_and_no_word(order):
    words = {*order.GOOD, *order.BAD}
    seen, unseen = (
        {frozenset(words & set(text)) for text in order.sentences(4000, held, rng)[0]}
        for held, rng in ((False, np.random.default_rng(0)), (True, np.random.default_rng(1)))
    )
    assert len(seen) == 48 and len(unseen) == 16 and not seen & unseen
    assert set.union(*map(set, seen)) == set.union(*map(set, unseen)) == words


def test_word_order_pads_after_the_end(order):
    tokens = order.encoded([["b"], ["a", "b", "a"]], {"a": 1, "b": 2})
    assert tokens.tolist() == [[2, 0, 0], [1, 2, 1]]


@pytest.mark.parametrize("name", ["bag of words", "RNN", "GRU", "transformer"])
def test_word_order_models_pass_over_padding(order, name):
    model = order.MODELS[name](9, gd.Generator(0))
    tokens = np.array([[1, 2, 3, 4]])
    padded = np.array([[1, 2, 3, 4, 0, 0], [8, 7, 6, 5, 4, 3]])
    with gd.no_grad():
        alone, beside, turned = (
            order.logits(model, x).numpy()[0] for x in (tokens, padded, tokens[:, ::-1])
        )
    assert np.allclose(alone, beside, atol=1e-5)
    assert np.allclose(alone, turned, atol=1e-5) == (name == "bag of words")


def test_word_order_writes_its_file(order, tmp_path, capsys):
    results = order.main(["--epochs", "1", "--out", str(tmp_path / "out")])
    assert list(results) == list(order.MODELS) and results["bag of words"] == 0.5
    printed = capsys.readouterr().out
    assert all(f"held out {value:.3f}" in printed for value in results.values())
    rows = rows_of(tmp_path / "out" / "word_order.csv")
    assert {row["model"]: float(row["held_out"]) for row in rows} == results


@pytest.mark.slow
def test_word_order_is_read_by_all_but_the_bag(order, tmp_path):
    for seed in ("0", "1"):
        results = order.main(["--seed", seed, "--out", str(tmp_path)])
        assert results.pop("bag of words") == 0.5
        assert min(results.values()) > 0.95
