"""The plain engine and the compiled one agree: values, gradients, and the order of the walk back.

The plain engine is lent graddl's own table, so the two share the formulas and nothing else.
"""

import doctest
import functools

import numpy as np
import pytest

import graddl as gd
from graddl import _backward, _core, reference
from graddl.backend import kernels_of, numpy_namespace
from graddl.ops import TABLE

GRAPHS = 300


def lent(op):
    """An entry of graddl's table as one of the reference's."""
    return reference.Op(
        op.name, op.forward, op.info["rules"], several=op.several, xp=numpy_namespace
    )


def fits(op):
    """Whether the reference can run an entry: public, differentiable, a rule for each input."""
    beyond = op.info["hidden"] or op.info["boolean"] or op.joint or op.residuals
    beyond = beyond or op.info["family"] == "linalg"  # wants matrices that can be inverted
    beyond = beyond or (
        op.variadic and any(op.args[-1] in names(r) for r in op.info["rules"].values())
    )
    return op.info["rules"] and not beyond


def names(rule):
    """What a rule reads; the reference has no rules that read all of *xs."""
    return rule.__code__.co_varnames[: rule.__code__.co_argcount] if callable(rule) else ()


FITTING = {name: lent(op) for name, op in TABLE.items() if fits(op)}


@pytest.fixture
def without_kernels():
    """The core runs the entries themselves, so that both engines make the same NumPy calls."""
    for op in TABLE.values():
        op.unbind()
    yield
    for name, op in TABLE.items():
        for door, capsule in kernels_of(name).items():
            op.bind(door, capsule)


# ------------------------------------------------------------------------------ its own six rules
def test_the_example_at_its_head_is_true():
    result = doctest.testmod(reference, optionflags=doctest.FAIL_FAST)
    assert result.attempted >= 5 and result.failed == 0


@pytest.mark.parametrize("name", reference.TABLE)
def test_own_rules_equal_the_difference_quotient(name):
    rng = np.random.default_rng(0)
    op = reference.TABLE[name]
    arrays = [rng.normal(size=(2, 2)) for _ in op.args]
    direction = [rng.normal(size=(2, 2)) for _ in op.args]
    values = [reference.Value(a, wants_grad=True) for a in arrays]
    y = reference.apply(op, *values)
    weights = rng.normal(size=y.data.shape)
    reference.backward(y, weights)
    slope = sum((v.grad * d).sum() for v, d in zip(values, direction, strict=True))
    step = 1e-6
    above, below = (
        op.forward(np, *[a + s * d for a, d in zip(arrays, direction, strict=True)])
        for s in (step, -step)
    )
    quotient = ((above - below) / (2 * step) * weights).sum()
    assert slope == pytest.approx(quotient, rel=1e-7)


def test_saves_just_what_the_rules_name():
    x = reference.Value([1.0, 2.0], wants_grad=True)
    assert set(x.tanh().edge[0].saved) == {"xp", "y"}
    assert set((x * 2.0).edge[0].saved) == {"xp", "b"}
    assert set(x.sum().edge[0].saved) == {"xp", "shapes"}
    assert not (x + x).edge[0].saved


def test_a_second_walk_adds_and_a_failing_one_changes_nothing():
    x = reference.Value([1.0, 2.0], wants_grad=True)
    y = (x * x).sum()
    reference.backward(y)
    reference.backward(y)
    assert x.grad.tolist() == [4.0, 8.0]

    def stop(node, g, shares):
        if node.op is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reference.backward(y, visit=stop)
    assert x.grad.tolist() == [4.0, 8.0]


def test_a_gradient_is_memory_of_its_own():
    x, w = (reference.Value([1.0, 2.0], wants_grad=True) for _ in range(2))
    seed = np.array([1.0, 1.0])
    reference.backward(x, seed)
    reference.backward(w.sum())  # spread by broadcasting: one number, seen twice
    for v in x, w:
        v.grad[0] = 7
        assert v.grad.tolist() == [7.0, 1.0]
    assert seed.tolist() == [1.0, 1.0]


# ---------------------------------------------------------------------- graphs and both engines
class Program:
    """A computation as data: what each step is made of. Both engines run it."""

    def __init__(self):
        self.steps = []  # (op or "leaf", operands, params); an operand: ("of", k) or a constant

    def run(self, leaf, apply):
        """All values that it makes, in order, by the functions of an engine."""
        values = []
        for name, operands, params in self.steps:
            if name == "leaf":
                values.append(leaf(operands))
                continue
            y = apply(name, [values[o[1]] if is_ref(o) else o for o in operands], params)
            values.extend(y if isinstance(y, list | tuple) else [y])
        return values


def is_ref(operand):
    return isinstance(operand, tuple) and operand[:1] == ("of",)


class Builder:
    """Makes a random program, looking at the values to stay within the ops' domains."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.program, self.values, self.used = Program(), [], set()

    def leaf(self, array):
        self.program.steps.append(("leaf", array, {}))
        self.values.append(array)
        return ("of", len(self.values) - 1)

    def add(self, name, operands, params=None, limit=100):
        """A step, unless its values are of no use for comparing numbers."""
        arrays = [self.values[o[1]] if is_ref(o) else o for o in operands]
        with np.errstate(all="ignore"):
            y = reference.apply(FITTING[name], *arrays, **(params or {}))
        outputs = [v.data for v in (y if isinstance(y, list) else [y])]
        if not all(np.isfinite(v).all() and np.abs(v).max(initial=0) < limit for v in outputs):
            return None
        self.program.steps.append((name, operands, params or {}))
        self.used |= {o[1] for o in operands if is_ref(o)}
        first = len(self.values)
        self.values += outputs
        return [("of", first + k) for k in range(len(outputs))]

    def operand(self, domain, fits, shape):
        """A value made before that fits, most often a late one; else a leaf or a constant."""
        low, high = domain
        candidates = [
            k
            for k, v in enumerate(self.values)
            if fits(v.shape) and v.size and low <= v.min() and v.max() <= high
        ]
        draw = self.rng.random()
        if candidates and draw < 0.75:
            weights = np.arange(1, len(candidates) + 1) ** 2.0
            return ("of", int(self.rng.choice(candidates, p=weights / weights.sum())))
        new = self.rng.uniform(low, high, shape)
        return new if draw > 0.97 else self.leaf(new)

    def step(self, name):
        """The op of that name, on operands that suit it."""
        info = TABLE[name].info
        if info["samples"] is None:  # elementwise: any shapes that broadcast
            domain = info["domain"]
            domains = [domain[a] if isinstance(domain, dict) else domain for a in TABLE[name].args]
            new = whole = ((), (3,), (2, 3), (2, 1), (1, 3), (4, 2, 3))[self.rng.integers(6)]
            operands = []
            for d in domains:
                operands.append(self.operand(d, lambda s, t=whole: broadcasts(s, t), new))
                first = operands[0]
                whole = np.shape(self.values[first[1]] if is_ref(first) else first)
                new = whole[self.rng.integers(len(whole) + 1) :]  # the next may have fewer axes
            if len(operands) == 2 and self.rng.random() < 0.1:
                operands[1] = float(self.rng.uniform(*domains[1]))
            return self.add(name, operands)
        samples = info["samples"](lambda *shape: self.rng.uniform(-1, 1, shape))
        arrays, params = samples[self.rng.integers(len(samples))]
        operands = [
            self.operand((-4, 4), lambda s, a=a: s == a.shape, a.shape)
            if isinstance(a, np.ndarray) and a.dtype.kind == "f"
            else a
            for a in arrays
        ]
        return self.add(name, operands, params)

    def finish(self):
        """Add up the ends that lead nowhere else (of some, at random, nothing is used)."""
        total = None
        for k in range(len(self.values)):
            if k not in self.used and (total is None or self.rng.random() < 0.8):
                weights = self.rng.uniform(-1, 1, self.values[k].shape)
                (part,) = self.add("sum", self.add("multiply", [("of", k), weights]), limit=np.inf)
                total = part if total is None else self.add("add", [total, part], limit=np.inf)[0]
        return self.program


def broadcasts(a, b):
    return all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1], strict=False))


@functools.cache
def random_program(seed, steps=18):
    """The program of a seed: a few leaves, and a good dozen of ops."""
    builder = Builder(seed)
    builder.leaf(builder.rng.uniform(-1, 1, (2, 3)))
    for k in range(steps):  # every op has its turn, the others come by chance
        turn = seed + GRAPHS // 4 * k if k < 2 else builder.rng.integers(len(FITTING))
        builder.step(list(FITTING)[turn % len(FITTING)])
    return builder.finish()


def by_reference(program):
    leaves, order = [], []

    def leaf(array):
        leaves.append(reference.Value(array, wants_grad=True))
        return leaves[-1]

    with np.errstate(all="ignore"):
        values = program.run(leaf, lambda name, xs, ps: reference.apply(FITTING[name], *xs, **ps))
        reference.backward(values[-1], visit=lambda *step: order.append(step))
    return [v.data for v in values], [v.grad for v in leaves], order


def by_core(program):
    leaves, order = [], []

    def leaf(array):
        leaves.append(gd.tensor(array, requires_grad=True))
        return leaves[-1]

    values = program.run(leaf, lambda name, xs, ps: _core.call(TABLE[name], *xs, **ps))
    _backward.trace(values[-1], lambda *step: order.append(step))
    assert [node.id for node, *_ in order] == [n.id for n in _backward.backward_order(values[-1])]
    values[-1].backward()
    grads = [None if v.grad is None else v.grad.numpy() for v in leaves]
    return [v.numpy() for v in values], grads, order


def ranks(order):
    """Nodes in the order of their visit, each as (op, rank of its creation)."""
    rank = {node_id: k for k, node_id in enumerate(sorted(node.id for node, *_ in order))}
    return [(node.op.name if node.op else None, rank[node.id]) for node, *_ in order]


def flat(found):
    """All arrays of a result in a row, with None for what no gradient reached."""
    values, grads, order = found
    passed = [x for _, g, shares in order for x in ((*g,) if type(g) is tuple else (g,), *shares)]
    return [*values, *grads, *[y for x in passed for y in (x if type(x) is tuple else (x,))]]


def assert_close(expected, got):
    """Equal up to rounding: to 1e-12 of the largest number in sight."""
    assert (expected is None) == (got is None)
    if expected is not None:
        assert got.shape == np.shape(expected) and got.dtype == np.asarray(expected).dtype
        scale = np.abs(expected, where=np.isfinite(expected), out=np.ones(np.shape(expected)))
        scale = scale.max(initial=1.0)
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12 * scale)


def assert_same_bits(expected, got):
    assert (expected is None) == (got is None)
    if expected is not None:
        assert got.shape == np.shape(expected)
        assert np.ascontiguousarray(got).tobytes() == np.ascontiguousarray(expected).tobytes()


def diamond():
    """x with three ways to the end, one of them twice: all contributions must add up."""
    program = Program()
    program.steps = [
        ("leaf", np.array([[0.3, -0.2], [0.1, 0.7]]), {}),
        ("leaf", np.array([0.5, -1.5]), {}),
        ("tanh", [("of", 0)], {}),
        ("multiply", [("of", 2), ("of", 2)], {}),
        ("matmul", [("of", 2), ("of", 1)], {}),
        ("add", [("of", 3), ("of", 4)], {}),
        ("multiply", [("of", 5), ("of", 0)], {}),
        ("add", [("of", 6), 2.0], {}),
        ("sum", [("of", 7)], {}),
    ]
    return program


def two_ends():
    """Of three pieces the middle one is unused and the last one is used twice."""
    program = Program()
    program.steps = [
        ("leaf", np.arange(6.0).reshape(2, 3), {}),
        ("split", [("of", 0)], {"sections": 3, "axis": 1}),
        ("multiply", [("of", 1), ("of", 3)], {}),
        ("exp", [("of", 3)], {}),
        ("subtract", [("of", 4), ("of", 5)], {}),
        ("sum", [("of", 6)], {}),
    ]
    return program


def chain():
    """A long way without a branch."""
    program = Program()
    program.steps = [("leaf", np.array([0.4, -0.9]), {})]
    program.steps += [(("sin", "tanh")[k % 2], [("of", k)], {}) for k in range(50)]
    program.steps += [("sum", [("of", 50)], {})]
    return program


BY_HAND = {"diamond": diamond, "two ends": two_ends, "chain": chain}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    program = BY_HAND[name]()
    expected, got = by_reference(program), by_core(program)
    assert ranks(expected[2]) == ranks(got[2])
    for a, b in zip(flat(expected), flat(got), strict=True):
        assert_close(a, b)


def test_diamond_in_numbers():
    program = diamond()
    x, w = program.steps[0][1], program.steps[1][1]
    t = np.tanh(x)
    u, gu = t @ w, x.sum(axis=0)  # y = sum over i, j of (t_ij² + u_j) x_ij + 2
    values, (gx, gw), _ = by_reference(program)
    np.testing.assert_allclose(values[-1], ((t * t + u) * x + 2).sum())
    np.testing.assert_allclose(gx, t * t + u + (2 * t * x + np.outer(gu, w)) * (1 - t * t))
    np.testing.assert_allclose(gw, t.T @ gu)


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_random_graphs_agree(seed):
    program = random_program(seed)
    expected, got = by_reference(program), by_core(program)
    assert ranks(expected[2]) == ranks(got[2])
    for a, b in zip(flat(expected), flat(got), strict=True):
        assert_close(a, b)


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_random_graphs_agree_to_the_last_bit_without_kernels(seed, without_kernels):
    program = random_program(seed)
    expected, got = by_reference(program), by_core(program)
    assert ranks(expected[2]) == ranks(got[2])
    for a, b in zip(flat(expected), flat(got), strict=True):
        assert_same_bits(a, b)


def test_random_graphs_use_the_whole_table_and_all_kinds_of_edges():
    used, shared, twice, unused_output, constants = set(), 0, 0, 0, 0
    for seed in range(GRAPHS):
        program = random_program(seed)
        _, _, order = by_reference(program)
        used |= {node.op.name for node, *_ in order if node.op}
        edges = [e for node, *_ in order for e in node.edges if e]
        shared += len(edges) - len(set(edges))
        twice += sum(len(node.edges) == 2 and node.edges[0] == node.edges[1] for node, *_ in order)
        constants += sum(None in node.edges for node, *_ in order)
        several = [node for node, *_ in order if node.op and node.op.several]
        unused_output += sum(len({e for e in edges if e[0] is n}) < len(n.outputs) for n in several)
    assert used == set(FITTING)
    assert min(shared, twice, unused_output, constants) > 20
