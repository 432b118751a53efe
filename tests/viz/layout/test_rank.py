"""Columns: every edge goes forward, and leaves stand next to their first use."""

import random
from itertools import pairwise

import pytest

from graddl.viz.layout.rank import forward, ranks


def links(text):
    return [(pair[0], pair[1], 1, 1.0) for pair in text.split()]


def test_a_chain_and_its_leaves():
    assert ranks("xabcw", links("xa ab bc wc")) == {"x": 0, "a": 1, "b": 2, "c": 3, "w": 2}


def test_least_distance_and_equal_columns():
    found = ranks("abcd", [("a", "b", 2, 1.0), ("b", "c", 1, 1.0)], [["d", "b"]])
    assert found == {"a": 0, "b": 2, "c": 3, "d": 2}


def test_a_circle_is_opened():
    found = ranks("abc", links("ab bc ca"))
    assert found == {"a": 0, "b": 1, "c": 2}
    assert forward("aa", links("aa")) == []


@pytest.mark.parametrize("seed", range(5))
def test_edges_go_forward(seed):
    chance = random.Random(seed)
    names = [str(k) for k in range(60)]
    found = [
        (names[j], names[k], chance.choice((1, 1, 2)), 1.0)
        for k in range(20, 60)  # the first 20 are leaves
        for j in {chance.randrange(k), chance.randrange(k)}
    ]
    rank = ranks(names, found)
    assert min(rank.values()) == 0
    assert all(rank[h] - rank[t] >= m for t, h, m, _ in found)
    early: dict = {}
    for k in names:
        early[k] = max((early[t] + m for t, h, m, _ in found if h == k), default=0)
    long = sum(rank[h] - rank[t] for t, h, *_ in found)
    assert max(rank.values()) == max(early.values())
    assert long < sum(early[h] - early[t] for t, h, *_ in found)  # than at their earliest


def test_a_long_chain_needs_no_recursion():
    names = [str(k) for k in range(20_000)]
    found = ranks(names, [(a, b, 1, 1.0) for a, b in pairwise(names)])
    assert found["19999"] == 19_999
