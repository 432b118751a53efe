"""Coordinates: distances are kept, chains are straight."""

from itertools import pairwise

import pytest

from graddl.viz.layout.net import expand, frame
from graddl.viz.layout.order import arrange
from graddl.viz.layout.parse import parse
from graddl.viz.layout.place import heights, spaced
from graddl.viz.layout.rank import ranks


def placed(text, gap=10.0):
    graph = parse(f"digraph {{ {text} }}")
    rank = ranks(graph.nodes, [(e.tail, e.head, 1, 1.0) for e in graph.edges], graph.same)
    net = expand(graph, rank)
    arrange(net, lambda: None)
    frame(net)
    at = heights(net, lambda a, b: gap, lambda: None)
    for column in net.columns:
        for a, b in pairwise(column):
            assert at[b] - at[a] >= gap - 1e-6
    return net, {net.names[v]: y for v, y in enumerate(at) if net.names[v]}


def test_two_inputs_stand_around_their_op():
    _, at = placed("a -> op; b -> op; op -> y")
    assert at["op"] == at["y"] == pytest.approx((at["a"] + at["b"]) / 2, abs=0.5)
    assert at["b"] - at["a"] == pytest.approx(10, abs=0.5)


def test_the_main_way_is_straight():
    """Each op takes what the one before made, and a leaf: the leaves stand aside."""
    steps = "; ".join(f"v{k} -> o{k}; w{k} -> o{k}; o{k} -> v{k + 1}" for k in range(8))
    _, at = placed(steps + "; x -> p; p -> v0")
    assert len({at[f"v{k}"] for k in range(9)} | {at[f"o{k}"] for k in range(8)}) == 1


def test_a_group_is_straight():
    _, at = placed(
        "h0 [group=row]; h1 [group=row]; h2 [group=row]; a; b; c; d;"
        "h0 -> h1; a -> h1; b -> h1; h1 -> h2; c -> h2; d -> h2"
    )
    assert at["h0"] == at["h1"] == at["h2"]


def test_a_long_edge_is_straight_between_its_ends():
    net, _ = placed("x -> a; a -> b; b -> c; c -> d; x -> d")
    bends = next(chain[1:-1] for edge, chain in net.chains if (edge.tail, edge.head) == ("x", "d"))
    assert len(bends) == 3


def test_rows_that_would_cross_are_split():
    """Two groups that change places: not both can be straight."""
    _, at = placed(
        "a1 [group=a]; a2 [group=a]; b1 [group=b]; b2 [group=b]; op [ordering=in];"
        "a1 -> a2; b1 -> b2; b2 -> op; a2 -> op; p [ordering=in]; s -> p; p -> a1; p -> b1"
    )
    assert at["b2"] < at["a2"]


def test_clusters_keep_their_distance():
    net, _ = placed("subgraph cluster_p { a; b; a -> c } subgraph cluster_q { x; x -> z } "
                     "b -> c; y -> z; c -> r; z -> r")  # fmt: skip
    assert set(net.borders) == {"cluster_p", "cluster_q"}
    for tops, bottoms in net.borders.values():
        assert len(tops) == len(bottoms) == 2  # one pair in each of its columns


def test_wishes_and_distances():
    gaps = {1: [], 2: [(1, 10.0)], 3: [(2, 10.0)]}
    lifts = {1: [(2, 10.0)], 2: [(3, 10.0)], 3: []}
    assert spaced([1, 2, 3], {1: 0, 2: 0, 3: 0}, gaps, lifts) == {1: -10, 2: 0, 3: 10}
    assert spaced([1, 2, 3], {1: 0, 2: 50, 3: 99}, gaps, lifts) == {1: 0, 2: 50, 3: 99}
