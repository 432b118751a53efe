"""What the graph keeps alive: just the values that the rules name, and nothing besides."""

import tracemalloc
import weakref

import numpy as np
import pytest

import graddl as gd
from graddl import _core
from graddl._core import READ_Y
from tests.samples import RULED, differentiable, ids, is_float, maker, outputs, samples

NUMPY = np.lib.tracemalloc_domain


def named(op, xs, wanted):
    """Which inputs and whether the output must survive, by the names in the rules of the inputs
    that want gradient."""
    rules = [op.joint or op.rules[min(i, len(op.rules) - 1)] for i in wanted]
    codes = {code for rule in rules for code in rule.reads}
    last = len(op.args) - 1
    inputs = {i for i in range(len(xs)) if min(i, last) in codes or op.composition is not None}
    return {i for i in inputs if isinstance(xs[i], np.ndarray)}, READ_Y in codes


@pytest.mark.parametrize("op", RULED, ids=ids)
def test_the_graph_keeps_what_the_rules_name(op):
    for xs, params in samples(op):
        everything = differentiable(op, xs)
        for wanted in [everything, *([i] for i in everything)]:
            arrays = [x.copy() if is_float(x) else x for x in xs]
            living = {i: weakref.ref(x) for i, x in enumerate(arrays) if is_float(x)}
            ts = [
                gd.Tensor(x, requires_grad=i in wanted, copy=False) if is_float(x) else x
                for i, x in enumerate(arrays)
            ]
            ys = outputs(_core.call(op, *ts, **params))
            node, saved = ys[0].node, ys[0].node.saved
            inputs, output = named(op, xs, wanted)
            assert (saved[1] is not None) == output
            assert {i for i, v in enumerate(saved[0]) if isinstance(v, np.ndarray)} == inputs
            assert len(saved[2] or ()) == len(op.residuals)
            results = [weakref.ref(saved[1])] if output and not op.several else []
            del arrays, ts, ys, saved
            assert {i for i, r in living.items() if r() is not None} == inputs & set(living)
            assert all(r() is not None for r in results)
            del node
            assert all(r() is None for r in [*living.values(), *results])


LARGE = [op for op in RULED if op.kind == "elementwise" and op.info["samples"] is None]


@pytest.mark.parametrize("op", LARGE, ids=ids)
def test_the_graph_keeps_no_other_bytes(op):
    """Counted by the allocator: hidden copies would show."""
    n = 20_000  # 160 kB each
    make = maker(op)
    xs = [make(n, arg=a) for a in op.args]
    inputs, output = named(op, xs, range(len(xs)))
    tracemalloc.start()
    try:
        ts = [gd.Tensor(x, requires_grad=True) for x in xs]
        y = _core.call(op, *ts)
        node = y.node
        del ts, y
        traces = tracemalloc.take_snapshot().filter_traces([tracemalloc.DomainFilter(True, NUMPY)])
        assert sum(t.size for t in traces.traces) == 8 * n * (len(inputs) + output)
        assert node is not None
    finally:
        tracemalloc.stop()
