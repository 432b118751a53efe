"""The tape against the graph of Scalars that it is compiled from, and finite differences."""

import gc
import math
import random
import signal
import threading
import weakref

import numpy as np
import pytest

import graddl as gd
from graddl._core import Op
from graddl.ops import FUNCTIONS, TABLE

SPECIAL = (0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 1e308, 5e-324)
INSTRUCTIONS = {  # what the tape supports is what has a kernel for Scalars
    name: op
    for name, op in TABLE.items()
    if {"scalar", "scalar_d"} <= set(op.kernels) and len(op.args) <= 2
}
EXACT = set(INSTRUCTIONS) - {"exp", "log", "tanh", "sigmoid", "softplus", "erf"}
BOUNDED = {"abs", "tanh", "sigmoid", "sin", "cos", "erf", "maximum", "minimum", "relu", "softplus"}
# Where a random argument would soon end every expression in NaN or infinity, a milder one.
POSITIVE, SMALL = (lambda x: FUNCTIONS["abs"](x) + 0.5), lambda x: FUNCTIONS["sin"](x)
MILDER = {
    "log": (POSITIVE,),
    "sqrt": (POSITIVE,),
    "exp": (SMALL,),
    "tan": (SMALL,),
    "power": (POSITIVE, SMALL),
    "divide": (SMALL, POSITIVE),
    "reciprocal": (POSITIVE,),
    "square": (SMALL,),
    "multiply": (SMALL, SMALL),
}


def bits(values):
    """Bit patterns, with every NaN the same."""
    values = np.array(values, dtype=np.float64)
    return np.where(np.isnan(values), np.nan, values).view(np.uint64).tolist()


class Expression:
    """A random expression: `build` writes it down over whatever numbers it is given.

    Parameters
    ----------
    seed : int
    names : iterable of str
        Ops to draw from.
    steps, n_inputs, n_params : int
    mild : bool
        Keep arguments to where results stay finite.
    """

    def __init__(self, seed, names, steps=40, n_inputs=3, n_params=4, mild=False):
        rng = random.Random(seed)
        self.mild = mild
        self.n_inputs, self.n_params, self.steps = n_inputs, n_params, []
        made, names = n_inputs + n_params, sorted(names)
        for _ in range(steps):
            name = rng.choice(names)
            operands = []
            for _ in TABLE[name].args:
                constant = len(operands) == 0 and len(TABLE[name].args) == 2 and rng.random() < 0.2
                operands.append(rng.choice((0.5, -1.25, 2.0)) if constant else rng.randrange(made))
            self.steps.append((name, operands, rng.random() < 0.5))
            made += 1

    def build(self, leaves):
        """Return the result: the sum of all values that nothing else uses."""
        values, used = list(leaves), set()
        for name, operands, flip in self.steps:
            used.update(o for o in operands if isinstance(o, int))
            args = [values[o] if isinstance(o, int) else o for o in operands]
            args = args[::-1] if flip else args
            if self.mild and name in MILDER:
                pairs = zip(MILDER[name], args, strict=True)
                args = [f(a) if isinstance(a, gd.Scalar) else abs(a) for f, a in pairs]
            values.append(FUNCTIONS[name](*args))
        ends = [v for i, v in enumerate(values) if i >= len(leaves) and i not in used]
        return sum(ends[1:], ends[0])

    def leaves(self, numbers):
        return [gd.Scalar(v) for v in numbers]

    def graph(self, numbers, grad=1.0):
        """Value and gradients by all leaves, from a graph built anew over these numbers."""
        leaves = self.leaves(numbers)
        y = self.build(leaves)
        y.backward(grad)
        return y.data, [s.grad for s in leaves]

    def tape(self, numbers):
        leaves = self.leaves(numbers)
        inputs, params = leaves[: self.n_inputs], leaves[self.n_inputs :]
        return self.build(leaves).compile(inputs, params), params


def draw(seed, n, special=0.0):
    rng = random.Random(seed)
    return [rng.choice(SPECIAL) if rng.random() < special else rng.uniform(-2, 2) for _ in range(n)]


def test_every_op_with_a_scalar_kernel_has_an_instruction():
    assert len(INSTRUCTIONS) >= 20
    for name, op in INSTRUCTIONS.items():
        leaves = [gd.Scalar(0.7 + 0.4 * i) for i in range(len(op.args))]
        tape = FUNCTIONS[name](*leaves).compile(leaves)
        for numbers in ([0.3, 0.9], [1.7, -0.4], [-0.2, 2.0]):
            fresh = [gd.Scalar(v) for v in numbers[: len(leaves)]]
            y = FUNCTIONS[name](*fresh)
            y.backward()
            assert bits(tape.run(numbers[: len(leaves)])) == bits(y.data), name
            assert bits(tape.backward()) == bits([s.grad for s in fresh]), name


@pytest.mark.parametrize("special", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(60))
def test_one_row_equals_the_graph_to_the_last_bit(seed, special):
    e = Expression(seed, INSTRUCTIONS, mild=special == 0)
    tape, params = e.tape(draw(-1, e.n_inputs + e.n_params))
    for k in range(4):
        numbers = draw(1000 * seed + k, e.n_inputs + e.n_params, special)
        for p, v in zip(params, numbers[e.n_inputs :], strict=True):
            p.data, p.grad = v, None
        value, grads = e.graph(numbers, grad=0.75)
        assert special or np.all(np.isfinite([value, *grads]))
        assert bits(tape.run(numbers[: e.n_inputs])) == bits(value)
        assert bits(tape.backward(0.75)) == bits(grads[: e.n_inputs])
        assert bits([p.grad for p in params]) == bits(grads[e.n_inputs :])
        assert bits(tape.param_grads) == bits(grads[e.n_inputs :])


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
@pytest.mark.parametrize("seed", range(12))
def test_a_batch_is_a_loop_of_single_rows(seed, rows):
    e = Expression(seed, BOUNDED | {"add", "subtract", "multiply"})
    tape, params = e.tape(draw(-seed, e.n_inputs + e.n_params))
    X = np.random.default_rng(seed).uniform(-2, 2, (rows, e.n_inputs))
    weights = np.random.default_rng(seed + 1).uniform(-1, 1, rows)
    values, by_input = [], []
    by_param = np.zeros(e.n_params)
    size = np.zeros(e.n_params)  # of what is summed: rounding is relative to it
    for x, g in zip(X, weights, strict=True):
        values.append(tape.run(x))
        by_input.append(tape.backward(g))
        by_param += tape.param_grads
        size += np.abs(tape.param_grads)
    for p in params:
        p.grad = None
    y = tape.run(X)
    gx = tape.backward(weights)
    assert y.shape == (rows,) and gx.shape == (rows, e.n_inputs)
    np.testing.assert_allclose(y, values, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(gx, by_input, rtol=1e-10, atol=1e-12 * np.max(np.abs(by_input)))
    assert np.all(np.abs(tape.param_grads - by_param) <= 1e-11 * (size + 1e-3))
    assert [p.grad for p in params] == tape.param_grads.tolist()


@pytest.mark.parametrize("special", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(20))
def test_a_batch_of_exact_ops_equals_single_rows(seed, special):
    e = Expression(seed, EXACT, mild=special == 0)
    tape, _ = e.tape(draw(seed, e.n_inputs + e.n_params))
    X = np.array([draw(seed * 1000 + k, e.n_inputs, special) for k in range(50)])
    values, gx = tape.run(X), tape.backward()
    for x, y, g in zip(X, values, gx, strict=True):
        assert bits(tape.run(x)) == bits(y)
        np.testing.assert_array_equal(tape.backward(), g)  # up to the sign of a zero


@pytest.mark.parametrize("name", sorted(set(INSTRUCTIONS) - EXACT))
def test_a_step_in_a_batch_is_within_2_ulp(name):
    x = gd.Scalar(0.5)
    tape = FUNCTIONS[name](x).compile([x])
    X = np.random.default_rng(0).uniform(0.01 if name == "log" else -8, 8, (2000, 1))
    values, gx = tape.run(X), tape.backward()
    for row, y, g in zip(X, values, gx, strict=True):
        one = tape.run(row)
        assert abs(y - one) <= 2 * math.ulp(one)
        if name not in ("tanh", "sigmoid"):  # 1 - y * y cancels: compare it with g's own size there
            one = tape.backward()[0]
            assert abs(g[0] - one) <= 4 * math.ulp(one)
        else:
            assert abs(g[0] - tape.backward()[0]) <= 4 * math.ulp(1.0)


def test_gradients_are_finite_differences():
    e = Expression(3, BOUNDED - {"abs", "relu", "maximum", "minimum"} | {"add", "multiply"})
    numbers = np.array(draw(5, e.n_inputs + e.n_params))
    tape, params = e.tape(numbers)
    tape.run(numbers[: e.n_inputs])
    grads = [*tape.backward(), *tape.param_grads]

    def value(numbers):
        for p, v in zip(params, numbers[e.n_inputs :], strict=True):
            p.data = v
        return tape.run(numbers[: e.n_inputs])

    for i, g in enumerate(grads):
        step = np.zeros(len(numbers))
        step[i] = 1e-6
        slope = (value(numbers + step) - value(numbers - step)) / 2e-6
        assert g == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_gradients_add_up_in_the_parameters_as_backward_does():
    x, w = gd.Scalar(1.0), gd.Scalar(3.0)
    tape = (w * x * x).compile([x], [w])
    assert not w.has_grad
    assert tape.run([2.0]) == 12.0 and tape.value == 12.0
    assert tape.backward().tolist() == [12.0]
    assert (w.grad, w.has_grad) == (4.0, True)
    tape.backward()  # allowed again
    assert w.grad == 8.0
    tape.run([[1.0], [3.0]])
    assert tape.backward([1.0, 2.0]).tolist() == [[6.0], [36.0]]
    assert tape.param_grads.tolist() == [19.0] and w.grad == 27.0
    (w * 5.0).backward()
    assert w.grad == 32.0
    assert x.grad == 0.0 and not x.has_grad  # inputs' gradients are returned, not stored


def test_a_gradient_with_a_graph_is_replaced_by_a_number():
    x, w = gd.Scalar(1.0), gd.Scalar(3.0)
    (w * w).backward(create_graph=True, inputs=[w])
    assert isinstance(w.grad, gd.Scalar)
    tape = (w * x).compile([x], [w])
    tape.run([2.0])
    tape.backward()
    assert w.grad == 8.0 and isinstance(w.grad, float)


def test_parameters_are_read_at_each_run_and_other_leaves_are_constants():
    x, w, c = gd.Scalar(1.0), gd.Scalar(3.0), gd.Scalar(5.0)
    tape = (x * w + (c * c).tanh() * c + 1).compile([x], [w])
    offset = math.tanh(25.0) * 5.0
    assert tape.n == 3  # what c alone goes into is folded
    w.data, c.data = 10.0, 100.0
    assert tape.run([2.0]) == 20.0 + offset + 1
    assert tape.run([[2.0], [3.0]]).tolist() == [20.0 + offset + 1, 30.0 + offset + 1]
    tape.backward()
    assert w.grad == 5.0 and c.grad == 0.0


def test_what_only_parameters_go_into_counts_once_per_row():
    x, w = gd.Scalar(1.0), gd.Scalar(0.3)
    shared = (w * w).exp() + w
    tape = (x * shared + shared).compile([x], [w])
    X = np.array([[0.5], [2.0], [-1.0]])
    y = tape.run(X)
    s, ds = math.exp(0.09) + 0.3, 0.6 * math.exp(0.09) + 1
    np.testing.assert_allclose(y, X[:, 0] * s + s, rtol=1e-15)
    np.testing.assert_allclose(tape.backward(), np.full((3, 1), s), rtol=1e-15)
    assert w.grad == pytest.approx(ds * (1.5 + 3), rel=1e-14)


def test_leaves_may_be_assigned_to_before_compiling():
    x, w, c = gd.Scalar(1.0), gd.Scalar(3.0), gd.Scalar(5.0)
    y = x * w + c * c * x
    w.data, c.data = 2.0, 3.0
    tape = y.compile([x], [w])
    assert tape.run([2.0]) == 22.0
    assert tape.backward().tolist() == [11.0] and w.grad == 2.0


def test_a_batch_leaves_no_trace_of_other_rows_in_what_is_shared():
    x, w = gd.Scalar(1.0), gd.Scalar(0.3)
    tape = ((w * w) / x).compile([x], [w])
    tape.run([0.0])  # 1 / 0
    tape.run([[1.0], [2.0]])
    tape.backward()
    assert w.grad == pytest.approx(0.9)


@pytest.mark.parametrize("rows", [0, 1, 5, 600])
def test_results_that_are_a_leaf_or_depend_on_no_input(rows):
    x, w = gd.Scalar(1.0), gd.Scalar(3.0)
    X = np.arange(rows, dtype=float)[:, None]
    same = x.compile([x], [w])
    assert same.n == 0 and same.run([4.0]) == 4.0 and same.backward(2.0).tolist() == [2.0]
    assert same.run(X).tolist() == X[:, 0].tolist() and (same.backward() == 1).all()
    assert w.grad == 0.0
    square = (w * w).compile([x], [w])
    assert square.run(X).tolist() == [9.0] * rows
    assert square.backward().tolist() == [[0.0]] * rows and w.grad == 6.0 * rows
    constant = (w * w).compile([x])
    assert constant.run(X).tolist() == [9.0] * rows
    assert constant.backward().tolist() == [[0.0]] * rows
    weight = w.compile([x], [w])
    w.grad = None
    weight.run(X)
    weight.backward()
    assert w.grad == rows
    assert (w * w).compile([], [w]).run() == 9.0
    assert (w * w).compile([], [w]).run(np.empty((rows, 0))).tolist() == [9.0] * rows


def test_a_batch_without_rows():
    x, w = gd.Scalar(1.0), gd.Scalar(3.0)
    tape = (x * w).tanh().compile([x], [w])
    assert tape.run(np.empty((0, 1))).shape == (0,)
    assert tape.backward().shape == (0, 1)
    assert tape.param_grads.tolist() == [0.0]


def test_inputs_in_any_layout():
    a, b = gd.Scalar(1.0), gd.Scalar(1.0)
    tape = (a - 2 * b).compile([a, b])
    X = np.random.default_rng(0).uniform(-1, 1, (40, 6))
    want = X[::2, 1] - 2 * X[::2, 4]
    for form in (
        X[::2, [1, 4]],
        X[::2, 1:5:3],
        np.asfortranarray(X[::2, [1, 4]]),
        X[::2, 1:5:3].tolist(),
    ):
        assert tape.run(form).tolist() == want.tolist()
    assert tape.run(X[:, ::-1][3, 1:5:3].tolist()) == tape.run(X[:, ::-1][3, 1:5:3])
    assert tape.run([3, 1]) == 1.0 and tape.run(np.array([3, 1], dtype="i4")) == 1.0
    assert tape.run(np.array([0.5, 0.25], dtype="f4").astype(">f4")) == 0.0
    x = gd.Scalar(1.0)
    square = (x * x).compile([x])
    column = np.ones((1000, 1))
    square.run(column)
    column[:] = np.nan  # the tape keeps its own copy
    assert square.backward().tolist() == [[2.0]] * 1000
    tape.run(X[:, :2])
    assert tape.backward().tolist() == [[1.0, -2.0]] * 40


def test_the_gradient_uses_the_numbers_of_the_run():
    x, w = gd.Scalar(1.0), gd.Scalar(3.0)
    tape = (x * w).compile([x], [w])
    X = np.arange(1000.0)[:, None]  # several blocks, of which all but one are run again
    tape.run(X)
    w.data = 50.0
    assert set(tape.backward().ravel().tolist()) == {3.0}
    assert w.grad == 499500.0


def test_nan_and_infinity_stay_in_their_row():
    x, w = gd.Scalar(1.0), gd.Scalar(2.0)
    tape = ((x * w).exp().log() + x / x).tanh().compile([x], [w])
    X = np.array([1.0, np.nan, 0.0, np.inf, -np.inf, 1e308])[:, None]
    values, gx = tape.run(X), tape.backward()
    for x, y, g in zip(X, values, gx, strict=True):
        one = tape.run(x)
        assert math.isnan(y) if math.isnan(one) else abs(y - one) <= 4 * math.ulp(one)
        np.testing.assert_allclose(g, tape.backward(), rtol=1e-12)
    assert not math.isnan(values[0]) and math.isnan(values[1]) and math.isnan(w.grad)


def test_a_comparison_on_the_way_is_noted():
    def leaky(x):
        return x if x > 0 else 0.1 * x

    x = gd.Scalar(2.0)
    tape = (leaky(x) * 3.0).compile([x])
    assert tape.branched and "branch" in repr(tape)
    assert tape.run([-1.0]) == -3.0  # the branch of compile time, not -0.3
    x = gd.Scalar(2.0)
    tape = (x.relu() * 3.0).compile([x])
    assert not tape.branched and "branch" not in repr(tape)


def test_repr_len_and_attributes():
    x, w = gd.Scalar(2.0), gd.Scalar(2.0)
    tape = (x * w + x).compile(inputs=[x], params=[w])
    assert isinstance(tape, gd.Tape)
    assert repr(tape) == "<Tape of 2 instructions, 1 inputs, 1 params>"
    assert len(tape) == tape.n == 2
    assert tape.inputs[0] is x and tape.params[0] is w
    assert tape.value is None and tape.param_grads is None
    assert not x.branched and not w.branched  # compiling compares no values


def test_equal_values_are_different_leaves():
    a, b, c = gd.Scalar(1.0), gd.Scalar(1.0), gd.Scalar(1.0)
    tape = (a - 2 * b + c * 4).compile([b, a], [c])
    assert tape.run([10.0, 5.0]) == -11.0
    assert tape.backward().tolist() == [-2.0, 1.0] and c.grad == 4.0 and a.grad == 0.0


def test_zeros_of_either_sign_are_different_constants():
    x = gd.Scalar(1.0)
    tape = gd.arctan2(x * 0.0, -1.0).compile([x])
    other = (gd.arctan2(x * 0.0, -1.0) + gd.arctan2(x * -0.0, -1.0)).compile([x])
    assert tape.run([1.0]) == math.pi
    assert other.run([1.0]) == 0.0


def test_the_graph_is_not_held():
    x, w = gd.Scalar(1.0), gd.Scalar(1.0)
    probe = type("Probe", (), {})()
    seen = weakref.ref(probe)
    y = x * w
    y.register_hook(lambda g, probe=probe: None)
    tape = y.compile([x], [w])
    del y, probe
    gc.collect()
    assert seen() is None
    assert tape.run([2.0]) == 2.0


@pytest.mark.parametrize(
    ("inputs", "params", "what"),
    [
        ("y", "", r"inputs\[0\].*the result of multiply"),
        ("x", "y", r"params\[0\].*the result of multiply"),
        ("xx", "", r"inputs\[1\].*named twice"),
        ("x", "x", r"params\[0\].*named twice"),
        ("n", "", r"inputs\[0\].*requires_grad=False"),
        ("f", "", r"inputs\[0\].*not a Scalar"),
    ],
)
def test_inputs_that_are_no_leaves_are_refused(inputs, params, what):
    x = gd.Scalar(1.0)
    known = {"x": x, "y": x * 2, "n": gd.Scalar(1.0, requires_grad=False), "f": 1.0}
    with pytest.raises(gd.GradientError, match=what) as e:
        (known["y"] * 3).compile([known[i] for i in inputs], [known[p] for p in params])
    assert e.value.op == "compile" and e.value.fix


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("clip", lambda x: x.clip(-1.0, 1.0)),
        ("where", lambda x: gd.where(True, x, 2.0)),
        ("to_scalar", lambda x: gd.Scalar(gd.tensor([1.0], requires_grad=True)) * x),
    ],
)
def test_an_op_without_an_instruction_is_named(name, function):
    x = gd.Scalar(0.5)
    with pytest.raises(gd.GradientError, match="multiply") as e:
        (function(x) * x).compile([x])
    assert e.value.op == name


def test_an_op_whose_kernels_were_taken_out_is_refused():
    x, op = gd.Scalar(0.5), TABLE["multiply"]
    bare = Op(
        "multiply", op.kind, op.forward, op.args, op.variadic, op.params, op.rules, info=op.info
    )
    y = gd._core.call(bare, x, 2.0)
    with pytest.raises(gd.GradientError) as e:
        y.compile([x])
    assert e.value.op == "multiply"


@pytest.mark.parametrize("shape", [(), (1,), (3,), (4, 1), (4, 3), (2, 2, 2)])
def test_wrong_widths(shape):
    a, b = gd.Scalar(1.0), gd.Scalar(1.0)
    tape = (a * b).compile([a, b])
    tape.run([1.0, 2.0])
    with pytest.raises(gd.ShapeError, match=r"\(N, 2\)"):
        tape.run(np.zeros(shape))
    assert tape.value == 2.0  # a refused run changes nothing


def test_wrong_numbers_and_weights():
    x = gd.Scalar(1.0)
    tape = (x * x).compile([x])
    with pytest.raises(gd.GradientError, match="run"):
        tape.backward()
    for wrong in (["a"], [1j], [None]):
        with pytest.raises(gd.DTypeError):
            tape.run(wrong)
    tape.run([1.0])
    for wrong in ([1.0], [1.0, 2.0]):
        with pytest.raises(gd.ShapeError):
            tape.backward(wrong)
    tape.run([[1.0], [2.0], [3.0]])
    for wrong in ([1.0], [1.0, 2.0], [[1.0], [2.0], [3.0]]):
        with pytest.raises(gd.ShapeError):
            tape.backward(wrong)
    assert tape.backward(2).tolist() == [[4.0], [8.0], [12.0]]


def test_a_long_tape():
    x, w = gd.Scalar(0.5), gd.Scalar(0.999)
    y = x
    for _ in range(50_000):
        y = y * w + x
    tape = y.compile([x], [w])
    y.backward()
    gx, gw = x.grad, w.grad
    w.grad = None
    assert tape.n == 100_000
    assert tape.run([0.5]) == y.data
    assert tape.backward().tolist() == [gx] and w.grad == gw
    assert tape.run([[0.5]] * 20).tolist() == [y.data] * 20
    assert tape.backward().tolist() == [[gx]] * 20
    assert w.grad - gw == pytest.approx(20 * gw, rel=1e-12)


def busy_tape():
    x = gd.Scalar(0.5)
    y = x
    for _ in range(20):
        y = gd.erf(y) + x
    return y.compile([x]), np.zeros((400_000, 1)) + 0.1


def test_a_long_run_can_be_interrupted():
    tape, X = busy_tape()
    tape.run(X[:3])

    def stop(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(KeyboardInterrupt):
            tape.run(X)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(gd.GradientError, match="nothing"):
        tape.backward()
    assert tape.run([0.1]) == tape.run(X[:1])[0]


def test_another_thread_runs_meanwhile_but_not_on_the_same_tape():
    tape, X = busy_tape()
    thread = threading.Thread(target=tape.run, args=(X,))
    thread.start()
    refused = 0
    while thread.is_alive():
        try:
            tape.run([0.1])
        except gd.GradientError as e:
            assert "thread" in str(e)
            refused += 1
    thread.join()
    assert refused > 0
    assert tape.run([0.1]) == tape.run(X[:1])[0]
