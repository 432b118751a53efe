"""The engine: what a backward pass does, and what it must never do in silence.

Expected values are closed forms or follow from PyTorch's conventions, never from graddl itself.
"""

import gc
import warnings
import weakref

import numpy as np
import pytest

import graddl as gd
from graddl.ops._define import general
from tests.tensors import const, leaf, line, temporary_ops


@pytest.fixture
def define():
    """Makes ops that are gone after the test."""
    with temporary_ops() as make:
        yield make


# -------------------------------------------------------------------------------- backward: basics
def test_two_passes_add_up():
    x = leaf([1.0, 2.0])
    (x * 3).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [5.0, 7.0]


def test_zero_grad_starts_over():
    x = leaf([1.0, 2.0])
    (x * 3).sum().backward()
    x.zero_grad()
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_later_pass_leaves_the_gradient_that_was_read_before_alone():
    x = leaf([1.0])
    (x * 3).sum().backward()
    first = x.grad
    (x * 4).sum().backward()
    assert first.tolist() == [3.0] and x.grad.tolist() == [7.0]


def test_a_node_with_several_ways_to_the_end_is_walked_once_with_all_its_gradient():
    x, seen = leaf([2.0]), []
    h = x * x
    h.register_hook(lambda g: seen.append(g.tolist()))
    (h * 3 + h * h + h).sum().backward()
    assert seen == [[3 + 2 * 4 + 1.0]]
    assert x.grad.tolist() == [12.0 * 4]


@pytest.mark.parametrize("as_seed", [np.array, gd.tensor, list], ids=["array", "tensor", "list"])
def test_seed(as_seed):
    x = leaf([1.0, 2.0])
    (x * x).backward(grad=as_seed([10.0, 100.0]))
    assert x.grad.tolist() == [20.0, 400.0]
    assert x.grad.dtype == np.float64


def test_a_seed_of_another_shape_raises():
    with pytest.raises(gd.ShapeError) as e:
        (leaf([1.0, 2.0]) * 2).backward(grad=np.ones(3))
    assert e.value.got == (3,) and e.value.expected == (2,)


def test_several_elements_need_a_seed():
    with pytest.raises(gd.GradientError) as e:
        (leaf([1.0, 2.0]) * 2).backward()
    assert e.value.fix == ".sum().backward()"


def test_one_element_of_any_shape_needs_none():
    x = leaf([[3.0]])
    (x * x).backward()
    assert x.grad.tolist() == [[6.0]]


def test_nothing_wants_gradient():
    with pytest.raises(gd.GradientError) as e:
        const([1.0]).sum().backward()
    assert "requires_grad=True" in e.value.fix


def test_backward_from_a_leaf():
    x = leaf([1.0])
    x.backward()
    assert x.grad.tolist() == [1.0]


def test_a_second_walk_raises_and_names_retain_graph():
    x = leaf([1.0, 2.0])
    y = gd.exp(x).sum()
    y.backward()
    with pytest.raises(gd.GradientError) as e:
        y.backward()
    assert "retain_graph" in e.value.fix
    np.testing.assert_allclose(x.grad.numpy(), np.exp([1.0, 2.0]))


def test_a_second_walk_of_a_part_raises_too():
    x = leaf([1.0])
    h = gd.exp(x)
    h.sum().backward()
    with pytest.raises(gd.GradientError, match="already"):
        (h * 2).sum().backward()


def test_retain_graph():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    with pytest.raises(gd.GradientError):
        y.backward()


def test_large_saved_values_are_released_and_small_ones_stay_to_be_drawn():
    small, large = gd.exp(leaf(np.zeros(512))), gd.exp(leaf(np.zeros(513)))  # 4096 and 4104 bytes
    for y in small, large:
        y.sum().backward()
        assert y.node.released
    assert small.node.saved[1] is not None and large.node.saved[1] is None


def test_values_that_no_rule_names_are_not_kept():
    x = leaf(np.zeros(1000))
    h = x + 1
    value = weakref.ref(h.numpy().base)
    y = h + 2
    assert value() is not None
    del h
    assert value() is None
    y.sum().backward()
    assert x.grad.sum().item() == 1000


def test_dropping_a_chain_of_200000_does_not_recurse():
    y = x = leaf(1.0)
    for _ in range(200_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1
    del y


def test_a_leaf_that_is_gone_takes_its_gradient_with_it():
    x, w = leaf([1.0]), leaf([2.0])
    y = (x * w).sum()
    del x
    y.backward()
    assert w.grad.tolist() == [1.0]


def test_broadcasting_is_undone():
    x, w, s = leaf(np.ones((2, 1, 3))), leaf(np.ones(4)[:, None]), leaf(2.0)
    (x * w * s).sum().backward()
    assert x.grad.tolist() == [[[8.0] * 3]] * 2
    assert w.grad.tolist() == [[12.0]] * 4
    assert s.grad.item() == 24 and s.grad.shape == ()
    assert type(s.grad.numpy()) is np.ndarray


def test_broadcasting_to_nothing():
    x = leaf(np.ones((1, 3)))
    (x * np.ones((0, 3))).sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0, 0.0]]


def test_more_than_four_axes():
    x, w = leaf(np.ones((2, 1, 2, 1, 3, 1))), leaf(np.ones((1, 1, 3, 4)))
    y = x * w
    assert y.shape == y.node.shape == (2, 1, 2, 1, 3, 4)
    y.sum().backward()
    assert x.grad.shape == x.shape and (x.grad.numpy() == 4).all()
    assert w.grad.shape == w.shape and (w.grad.numpy() == 4).all()


def test_constant_arrays_and_lists_among_the_inputs():
    x = leaf(np.ones((2, 3)))
    weights = np.arange(18.0).reshape(6, 3)
    (gd.concatenate([np.ones((2, 3)), x, [[1.0, 2.0, 3.0]] * 2]) * weights).sum().backward()
    assert x.grad.tolist() == weights[2:4].tolist()


def test_an_input_that_wants_gradient_only_later_was_a_constant():
    x, w = leaf([2.0]), const([5.0])
    y = x * w + w
    w.requires_grad_()
    y.sum().backward()
    assert x.grad.tolist() == [5.0]
    assert w.grad is None


# -------------------------------------------------------------------------- backward: higher order
@pytest.mark.parametrize(
    ("f", "derivatives"),
    [
        (
            gd.tanh,
            [
                lambda x: 1 - np.tanh(x) ** 2,
                lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2),
                lambda x: (1 - np.tanh(x) ** 2) * (6 * np.tanh(x) ** 2 - 2),
            ],
        ),
        (gd.exp, [np.exp, np.exp, np.exp]),
        (lambda x: x**3, [lambda x: 3 * x**2, lambda x: 6 * x, lambda x: 6 + 0 * x]),
        (lambda x: x * x * x, [lambda x: 3 * x**2, lambda x: 6 * x, lambda x: 6 + 0 * x]),
    ],
    ids=["tanh", "exp", "x**3", "x*x*x"],
)
def test_derivatives_of_orders_1_to_3(f, derivatives):
    x = leaf([0.3, -0.7, 1.2])
    y = f(x)
    for derivative in derivatives:
        x.zero_grad()
        y.sum().backward(create_graph=True)
        y = x.grad
        np.testing.assert_allclose(y.numpy(), derivative(x.numpy()), rtol=1e-12)


def test_mixed_second_derivatives():
    x, w = leaf([[0.5, -1.0]]), leaf([[2.0], [3.0]])
    y = gd.tanh(x @ w)  # one element
    y.backward(create_graph=True)
    gx = x.grad
    x.zero_grad(), w.zero_grad()
    gx.sum().backward()  # sum of w_j (1 - t²), t = tanh(Σ x w)
    t, a, b = np.tanh(x.numpy() @ w.numpy()).item(), x.numpy(), w.numpy()
    slope = -2 * t * (1 - t * t)
    np.testing.assert_allclose(w.grad.numpy(), (1 - t * t) + b.sum() * slope * a.T, rtol=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), b.sum() * slope * b.T, rtol=1e-12)


def test_under_create_graph_a_gradient_flows_to_the_seed():
    x, seed = leaf([2.0]), leaf([1.0])
    (x * x * x).backward(grad=seed, create_graph=True)  # x.grad = 3x² · seed
    g = x.grad
    x.zero_grad()
    g.sum().backward()
    assert seed.grad.tolist() == [12.0] and x.grad.tolist() == [12.0]


def test_create_graph_works_under_no_grad():
    x = leaf([2.0])
    y = (x * x).sum()
    with gd.no_grad():
        y.backward(create_graph=True)
    assert x.grad.requires_grad


def test_create_graph_makes_a_gradient_that_backward_without_it_does_not():
    x = leaf([1.0])
    (x * x).sum().backward()
    assert not x.grad.requires_grad


def test_no_cycle_keeps_the_graph_of_a_second_derivative_alive():
    gc.collect()
    gc.disable()
    try:
        x = leaf(np.ones(1000))
        (x * x * x).sum().backward(create_graph=True)
        value, graph = weakref.ref(x), weakref.ref(x.grad)
        x.zero_grad()
        assert graph() is None
        del x
        assert value() is None
    finally:
        gc.enable()


# --------------------------------------------------------------- backward: inputs= and retain_grad
def test_inputs_restricts_the_pass_to_a_leaf():
    x, w = leaf([2.0]), leaf([3.0])
    (x * w).sum().backward(inputs=[x])
    assert x.grad.tolist() == [3.0] and w.grad is None


def test_inputs_may_be_one_tensor():
    x = leaf([2.0])
    (x * x).sum().backward(inputs=x)
    assert x.grad.tolist() == [4.0]


def test_inputs_may_be_an_inner_tensor():
    x = leaf([2.0])
    h = x * x
    (h * h).sum().backward(inputs=[h])
    assert h.grad.tolist() == [8.0] and x.grad is None


def test_inputs_at_two_depths():
    x = leaf([2.0])
    h = x * x
    (h * h).sum().backward(inputs=[h, x])
    assert h.grad.tolist() == [8.0] and x.grad.tolist() == [32.0]


@pytest.mark.parametrize("asked", [[0], [1], [0, 1], [1, 0]])
def test_inputs_may_be_one_output_of_several(asked):
    parts = gd.split(leaf([1.0, 2.0, 3.0, 4.0]), 2)
    (parts[0] * 2 + parts[1] * 3).sum().backward(inputs=[parts[k] for k in asked])
    for k in asked:
        assert parts[k].grad.tolist() == [[2.0, 2.0], [3.0, 3.0]][k]


def test_inputs_stops_there_so_that_the_rest_can_be_walked_later():
    x = leaf([2.0])
    h = x * x
    (h * h).sum().backward(inputs=[h])
    h.backward(grad=h.grad)
    assert x.grad.tolist() == [32.0]


def test_inputs_that_are_not_reached_raise_before_anything_happens():
    x, z, seen = leaf([2.0]), leaf([1.0]), []
    y = (x * x).sum()
    x.register_hook(seen.append)
    with pytest.raises(gd.GradientError, match="does not depend"):
        y.backward(inputs=[x, z])
    assert x.grad is None and z.grad is None and not seen
    y.backward()
    assert x.grad.tolist() == [4.0]


def test_retain_grad():
    x = leaf([2.0])
    h = x * x
    h.retain_grad()
    (h * 3).sum().backward()
    assert h.grad.tolist() == [3.0] and x.grad.tolist() == [12.0]


def test_retain_grad_adds_up_over_passes():
    x = leaf([2.0])
    h = x * x
    h.retain_grad()
    y = (h * 3).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert h.grad.tolist() == [6.0]


def test_retain_grad_of_one_output_keeps_that_one():
    x = leaf([1.0, 2.0])
    a, b = gd.split(x, 2)
    a.retain_grad()
    (a * 2 + b * 3).sum().backward()
    assert a.grad.tolist() == [2.0]
    with pytest.warns(UserWarning, match="retain_grad"):
        assert b.grad is None


def test_retain_grad_of_a_constant_raises():
    with pytest.raises(gd.GradientError):
        const([1.0]).retain_grad()


def test_grad_of_a_computed_tensor_warns_at_the_line_that_asks():
    h = leaf([2.0]) * 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert h.grad is None
        number = line() - 1
    (warning,) = caught
    assert "retain_grad" in str(warning.message)
    assert (warning.filename, warning.lineno) == (__file__, number)


def test_grad_is_assignable_and_checked():
    x = leaf([1.0, 2.0])
    x.grad = const([5.0, 6.0])
    (x * 1.0).sum().backward()
    assert x.grad.tolist() == [6.0, 7.0]
    x.grad = None
    assert x.grad is None
    for wrong in (const([1.0]), const([1.0, 2.0], "float32"), np.ones(2)):
        with pytest.raises(gd.GraddlError):
            x.grad = wrong


# ----------------------------------------------------------------------- backward: several outputs
def test_of_several_outputs_one_may_be_unused():
    x = leaf([1.0, 2.0, 3.0])
    a, _, c = gd.split(x, 3)
    (a * 2 + c * 5).sum().backward()
    assert x.grad.tolist() == [2.0, 0.0, 5.0]


def test_the_unused_output_may_be_gone():
    x = leaf([1.0, 2.0])
    b = gd.split(x, 2)[1]
    (b * b).sum().backward()
    assert x.grad.tolist() == [0.0, 4.0]


@pytest.fixture
def sincos(define):
    return define(
        general,
        "sincos",
        lambda xp, x: (xp.sin(x), xp.cos(x)),
        {"x": lambda xp, g, y: g[0] * y[1] - g[1] * y[0]},
        several=True,
    )


def test_an_op_with_two_outputs(sincos):
    x = leaf([0.3, 0.4])
    s, c = sincos(x)
    (s * 2 + c * 3).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.cos(x.numpy()) - 3 * np.sin(x.numpy()))


@pytest.mark.parametrize("k", [0, 1])
def test_an_op_with_two_outputs_of_which_one_is_used(sincos, k):
    x = leaf([0.3, 0.4])
    sincos(x)[k].sum().backward()
    expected = np.cos(x.numpy()) if k == 0 else -np.sin(x.numpy())
    np.testing.assert_allclose(x.grad.numpy(), expected)


def test_second_derivative_through_two_outputs(sincos):
    x = leaf([0.3, 0.4])
    sincos(x)[0].sum().backward(create_graph=True)
    g = x.grad
    x.zero_grad()
    g.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), -np.sin(x.numpy()), rtol=1e-14)


def test_a_write_to_a_saved_output_of_several_is_noticed(sincos):
    x = leaf([0.3, 0.4])
    s, c = sincos(x)
    y = (s + c).sum()
    with gd.no_grad():
        s *= 0
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_an_integer_output_wants_no_gradient(define):
    op = define(
        general,
        "value_and_floor",
        lambda xp, x: (xp.floor(x), xp.astype(xp.floor(x), "int64"), x * 2),
        {"x": lambda xp, g: 2 * g[2]},
        several=True,
    )
    x = leaf([1.5, 2.5])
    _, integer, double = op(x)
    assert double.requires_grad and not integer.requires_grad
    double.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


# --------------------------------------------------------------------- backward: memory and dtypes
def writable_alone(*tensors):
    """Whether a write to one gradient is seen in no other."""
    before = [t.grad.numpy(copy=True) for t in tensors]
    with gd.no_grad():
        for k, t in enumerate(tensors):
            t.grad += k + 1
    after = [t.grad.numpy() for t in tensors]
    return all((a == b + k + 1).all() for k, (a, b) in enumerate(zip(after, before, strict=True)))


def test_leaves_of_a_sum_do_not_share_their_gradient():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x + w).backward(grad=np.ones(2))
    assert writable_alone(x, w)


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.reshape(4),
        lambda x: x.transpose(),
        lambda x: x[:, ::-1],
        lambda x: gd.broadcast_to(x, (3, 2, 2)),
        lambda x: gd.expand_dims(x, axis=0),
        lambda x: gd.concatenate([x, x]),
    ],
)
def test_gradients_through_views_are_memory_of_their_own(view):
    x, w = leaf(np.ones((2, 2))), leaf(np.ones((2, 2)))
    seed = np.ones(view(x).shape)
    (view(x) + view(w)).backward(grad=seed)
    assert writable_alone(x, w)
    assert (seed == 1).all()


def test_a_gradient_spread_by_sum_is_memory_of_its_own():
    x, w = leaf(np.ones((2, 2))), leaf(np.ones((2, 2)))
    (x.sum() + w.sum()).backward()
    assert writable_alone(x, w)


@pytest.mark.parametrize("wrap", [lambda a: a, gd.from_numpy], ids=["array", "tensor"])
def test_a_gradient_does_not_share_the_seed(wrap):
    x, seed = leaf([1.0, 2.0]), np.array([1.0, 1.0])
    x.backward(grad=wrap(seed))
    seed[:] = 7
    assert x.grad.tolist() == [1.0, 1.0]


def test_a_gradient_does_not_share_what_a_hook_returned():
    x, kept = leaf([1.0, 2.0]), np.array([5.0, 6.0])
    x.register_hook(lambda g: kept)
    (x * 2).sum().backward()
    kept[:] = 0
    assert x.grad.tolist() == [5.0, 6.0]


def test_a_gradient_does_not_share_what_a_hook_saw():
    x, seen = leaf([1.0, 2.0]), []
    x.register_hook(seen.append)
    (x * 2).sum().backward()
    with gd.no_grad():
        x.grad += 1
    assert seen[0].tolist() == [2.0, 2.0]


def test_a_retained_gradient_is_memory_of_its_own():
    x = leaf([1.0, 2.0])
    h = x + 1
    h.retain_grad()
    (h + 0.0).sum().backward()
    assert writable_alone(x, h)


def test_a_gradient_has_the_dtype_of_its_tensor():
    x, w = leaf([1.0, 2.0], "float32"), leaf([3.0, 4.0], "float64")
    y = x * w
    assert y.dtype == np.float64
    y.sum().backward()
    assert x.grad.dtype == np.float32 and x.grad.tolist() == [3.0, 4.0]
    assert w.grad.dtype == np.float64 and w.grad.tolist() == [1.0, 2.0]


def test_float16():
    x = leaf(np.ones(4096), "float16")
    y = (x * x).sum()
    assert y.dtype == np.float16 and y.item() == 4096  # float16 sums would stay at 2048
    y.backward()
    assert x.grad.dtype == np.float16 and (x.grad.numpy() == 2).all()


def test_float16_broadcast_sums_its_gradient_in_float32():
    x = leaf(1.0, "float16")
    gd.broadcast_to(x, (4096,)).sum().backward()
    assert x.grad.dtype == np.float16 and x.grad.item() == 4096


@pytest.mark.parametrize(
    "number", [2, 2.0, True, np.float64(2), np.float32(2), np.int64(2), np.bool_(True)], ids=repr
)
def test_python_and_numpy_scalars_are_weak(number):
    x = leaf([1.0, 3.0], "float32")
    for y in (x * number, number * x, x + number, number - x, x / number, number / x, x**number):
        assert y.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32


def test_arrays_are_not_weak():
    assert (leaf([1.0], "float32") * np.array(2.0)).dtype == np.float64


def test_integers_that_become_floating_take_the_default_dtype():
    n = gd.tensor([1, 2, 3])
    assert (n / 2).dtype == np.float32
    assert gd.exp(n).dtype == np.float32
    assert (n + 1).dtype == n.dtype


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex128"])
def test_only_floating_tensors_can_want_gradient(dtype):
    with pytest.raises(gd.DTypeError) as e:
        gd.tensor(np.ones(2, dtype), requires_grad=True)
    assert ".astype" in e.value.fix
