"""Columns from top to bottom: crossings, clusters, and the order of inputs."""

import itertools

import pytest

from graddl.viz.layout.net import expand
from graddl.viz.layout.order import arrange, crossings, inversions
from graddl.viz.layout.parse import parse
from graddl.viz.layout.rank import ranks


def net_of(text):
    graph = parse(f"digraph {{ {text} }}")
    rank = ranks(graph.nodes, [(e.tail, e.head, 1, 1.0) for e in graph.edges], graph.same)
    return expand(graph, rank)


def columns(net):
    return [[net.names[v] for v in column if net.names[v]] for column in net.columns]


@pytest.mark.parametrize("numbers", [[3, 1, 2], [1, 2, 3], [4, 3, 2, 1], [1, 1, 0, 2, 0]])
def test_inversions(numbers):
    assert inversions(numbers) == sum(a > b for a, b in itertools.combinations(numbers, 2))


def test_a_crossing_is_undone():
    net = net_of("a -> x; b -> y; x -> r; y -> r")
    net.columns[0].reverse()
    assert crossings(net) == 1
    arrange(net, lambda: None)
    assert crossings(net) == 0


def test_a_graph_without_crossings_gets_none():
    edges = "a->p b->p b->q c->q c->r d->r p->s q->s q->t r->t s->u t->u".replace("->", " -> ")
    net = net_of("; ".join(edges.replace(" -> ", "->").split()))
    arrange(net, lambda: None)
    assert crossings(net) == 0


def test_the_most_crossings_that_there_must_be():
    """Of two columns with three nodes each and all edges at least 9 pairs cross."""
    net = net_of("{a b c} x; " + "; ".join(f"{t} -> {h}" for t in "abc" for h in "xyz"))
    arrange(net, lambda: None)
    assert crossings(net) == 9


@pytest.mark.parametrize("order", ["a b", "b a"])
def test_inputs_stand_in_their_order(order):
    first, second = order.split()
    net = net_of(f"a; b; op [ordering=in]; {first} -> op; {second} -> op")
    arrange(net, lambda: None)
    assert columns(net)[0] == [first, second]


def test_clusters_stay_together_and_in_one_order():
    net = net_of(
        "subgraph cluster_p { a; b; c; a -> d } subgraph cluster_q { x; y; x -> z } "
        "x -> d; a -> z; w -> d; y -> e; b -> e; d -> r; z -> r; e -> r"
    )
    arrange(net, lambda: None)
    for column in net.columns:
        paths = [net.clusters[v] for v in column]
        for path in {p for p in paths if p}:
            places = [k for k, p in enumerate(paths) if p == path]
            assert places == list(range(places[0], places[-1] + 1))
    above = {
        tuple(dict.fromkeys(p for p in (net.clusters[v] for v in column) if p))
        for column in net.columns
    }
    assert len({pair for pair in above if len(pair) == 2}) <= 1


def test_edges_in_a_column_go_down():
    net = net_of("a -> r; b -> r; c -> r; {rank=same; a; b; c}; c -> a")
    arrange(net, lambda: None)
    assert columns(net)[0].index("c") < columns(net)[0].index("a")


def test_the_check_can_stop_it():
    def late():
        raise TimeoutError

    net = net_of("; ".join(f"{t} -> {h}" for t in "abc" for h in "xyz"))
    with pytest.raises(TimeoutError):
        arrange(net, late)
