"""Verdicts: a history that has it, one at the border on either side, short ones and broken ones."""

import doctest
import math
from dataclasses import fields

import numpy as np
import pytest

from graddl.errors import ArgumentError
from graddl.viz.curves import verdict as module
from graddl.viz.curves.verdict import Limits, limits_of, verdict

E = np.arange(40)
FLAT = np.r_[np.linspace(1.0, 0.2, 10), np.full(30, 0.2)]  # learned, and at rest
NAN, INF = math.nan, math.inf


def after(train, validation=None, **options):
    return verdict(list(train), None if validation is None else list(validation), **options)


@pytest.mark.parametrize("name", [f.name for f in fields(Limits)])
def test_every_limit_is_said_in_words(name):
    said = " ".join(limits_of({name: 0.0321}).words())
    assert ("at least 0.0321 epochs" if name == "epochs" else "3.21 %") in said


def test_each_verdict_has_a_history():
    decay = np.exp(-E / 8)
    assert after(FLAT, FLAT + 0.05).word == "good fit"
    assert (
        after(decay, 0.3 + 0.8 * np.exp(-E / 5) + 0.005 * np.maximum(E - 12, 0)).word == "overfit"
    )
    assert after(0.8 + 0.2 * np.exp(-E / 3), 0.85 + 0.2 * np.exp(-E / 3)).word == "underfit"
    assert after(1 - E / 60, 1.05 - E / 60).word == "still improving"
    assert after(1 + E / 20, 1 + E / 20).word == "diverged"
    assert after([1, 0.5, 0.2], [1, 0.6, 0.3]).word == "too short"
    assert after(FLAT).word == "trained" and "without a validation loss" in after(FLAT).reason


@pytest.mark.parametrize(("gap", "word"), [(0.099, "good fit"), (0.101, "overfit")])
def test_border_of_the_gap(gap, word):
    assert after(FLAT, FLAT + gap).word == word


@pytest.mark.parametrize(("rise", "word"), [(0.09, "good fit"), (0.11, "overfit")])
def test_border_of_the_rise(rise, word):
    v = FLAT.copy()
    v[-10:] *= 1 + rise
    found = after(FLAT, v)
    assert found.word == word and found.measures["rise"] == pytest.approx(rise)


@pytest.mark.parametrize(("left", "word"), [(0.49, "good fit"), (0.51, "underfit")])
def test_border_of_what_is_left(left, word):
    t = np.r_[1.0, np.full(39, left)]
    assert after(t, t).word == word


@pytest.mark.parametrize(("fall", "word"), [(0.04, "good fit"), (0.06, "still improving")])
def test_border_of_still_improving(fall, word):
    t = FLAT.copy()
    t[-8:] *= 1 - fall
    found = after(t, t)
    assert found.word == word and found.measures["falling"] == pytest.approx(fall)


@pytest.mark.parametrize(("end", "word"), [(1.19, "underfit"), (1.21, "diverged")])
def test_border_of_divergence(end, word):
    t = np.r_[1.0, np.full(39, end)]
    assert after(t, t).word == word


@pytest.mark.parametrize(("epochs", "word"), [(4, "too short"), (5, "good fit")])
def test_border_of_epochs(epochs, word):
    t = [1.0, 0.2, 0.2, 0.2, 0.2][:epochs]
    assert after(t, t).word == word
    assert after([1.0]).word == "too short" and after([5.0], [4.0]).word == "too short"


def test_one_epoch_is_singular():
    assert after([1.0]).reason.startswith("1 epoch; a verdict takes")


def test_a_gap_while_validation_falls_is_still_improving():
    v = np.linspace(1.2, 0.6, 40)
    assert after(FLAT, v).word == "still improving"


def test_small_changes_count_as_none():
    """Twice as much of next to nothing is no overfit, and half of it no progress."""
    t = np.r_[np.geomspace(1.0, 1e-5, 40)]
    assert after(t, t).word == "good fit"
    v = t.copy()
    v[-5:] = 4e-5
    assert after(t, v).word == "good fit"
    assert after(t, t, limits=limits_of({"small": 1e-9})).word == "still improving"


def test_one_noisy_epoch_decides_nothing():
    v = FLAT + 0.03
    v[-1] = 2.0
    assert after(FLAT, v).word == "good fit"
    v = FLAT + 0.03
    v[20] = 0.01
    found = after(FLAT, v)
    assert found.word == "good fit" and found.lowest == 20 and not found.turned


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_what_ends_in_nan_diverged(bad):
    found = after([1.0, 0.9, 3.0, bad, bad])
    assert found.word == "diverged" and "from epoch 4 on" in found.reason
    found = after(FLAT[:6], [1.0, 0.5, 0.4, 0.4, 0.4, bad])
    assert found.word == "diverged" and "validation loss" in found.reason
    assert after([bad, bad]).word == "diverged"


def test_gaps_are_left_out():
    v = [x if k % 5 == 4 else None for k, x in enumerate(FLAT + 0.05)]
    found = after(FLAT, v)
    assert found.word == "good fit" and found.lowest % 5 == 4
    t = FLAT.copy()
    t[7] = NAN
    assert after(t, FLAT + 0.05).word == "good fit"
    assert after(FLAT, [None] * 40).word == "trained"


def test_baseline_and_floor():
    t = np.full(40, 0.2)  # it begins where another one ended
    assert after(t, t).word == "underfit"
    assert after(t, t, baseline=1.0).word == "good fit"
    below = FLAT - 3.0  # a likelihood: losses may be negative
    with pytest.raises(ArgumentError, match="baseline is not above the floor") as error:
        after(below, below)
    assert error.value.fix == "floor=-4"
    assert after(below, below + 0.05, floor=-3.0).word == "good fit"
    assert after(below, below + 0.15, floor=-3.0).word == "overfit"


def test_scale_does_not_matter():
    rng = np.random.default_rng(0)
    for _ in range(20):
        t, v = rng.uniform(0.1, 1.0, (2, 30))
        words = {after(c * t, c * v).word for c in (1e-6, 1.0, 1e6)}
        assert len(words) == 1


def test_limits_can_be_set():
    assert after(FLAT, FLAT + 0.15).word == "overfit"
    assert after(FLAT, FLAT + 0.15, limits=limits_of({"gap": 0.2})).word == "good fit"
    for wrong in ({"gaps": 0.2}, {"gap": -1}, {"gap": "much"}, {"gap": NAN}):
        with pytest.raises(ArgumentError) as error:
            limits_of(wrong)
        limits_of(eval(f"dict({error.value.fix})")["limits"])


def test_nothing_to_judge():
    for losses in ([], [None, None]):
        with pytest.raises(ArgumentError, match="no training losses"):
            after(losses)


def test_examples():
    assert doctest.testmod(module).failed == 0
