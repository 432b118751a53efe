"""Writes to memory: what changes, what is noticed, and what is refused."""

from operator import iadd, imul, itruediv

import numpy as np
import pytest

import graddl as gd
from tests.tensors import const, leaf, line


# -------------------------------------------------------------------------------- version counters
def test_a_saved_value_changed_in_place_is_an_error_that_names_the_op():
    x, w = leaf([1.0, 2.0]), const([3.0, 4.0])
    y = (x * w).sum()
    w += 1
    with pytest.raises(gd.GradientError) as e:
        y.backward()
    assert e.value.op == "multiply" and "'b'" in str(e.value)
    assert x.grad is None


def test_a_saved_output_changed_in_place_is_an_error():
    x = leaf([1.0, 2.0])
    h = gd.exp(x)
    y = h.sum()
    with gd.no_grad():
        h *= 2
    with pytest.raises(gd.GradientError) as e:
        y.backward()
    assert e.value.op == "exp" and "its output" in str(e.value)


def test_under_record_the_error_names_both_lines():
    x, w = leaf([1.0, 2.0]), const([3.0, 4.0])
    with gd.record():
        y, made = x * w, line()
        w += 1
        wrote = line() - 1
    with pytest.raises(gd.GradientError) as e:
        y.sum().backward()
    assert f"{__file__}:{made}" in str(e.value)
    assert f"{__file__}:{wrote}" in str(e.value)


def test_setitem_counts_as_a_write():
    x, w = leaf([1.0, 2.0]), const([3.0, 4.0])
    y = (x * w).sum()
    w[0] = 0
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_a_write_to_a_value_that_no_rule_reads_is_fine():
    x = leaf([1.0, 2.0])
    h = x + 1
    y = (h * 3).sum()
    with gd.no_grad():
        h += 100
    y.backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_a_write_before_the_forward_pass_is_fine():
    x, w = leaf([1.0, 2.0]), const([3.0, 4.0])
    (x * w).sum().backward()
    w += 1
    x.zero_grad()
    (x * w).sum().backward()
    assert x.grad.tolist() == [4.0, 5.0]


@pytest.mark.parametrize(
    "view",
    [
        lambda w: w[0],
        lambda w: w[:, 1:],
        lambda w: w.reshape(4),
        lambda w: w.transpose(),
        lambda w: w.detach(),
        lambda w: w.data,
        lambda w: w[:][0].reshape(1, 2),
    ],
)
def test_a_write_to_a_view_is_a_write_to_its_base(view):
    x, w = leaf(np.ones((2, 2))), const(np.ones((2, 2)))
    y = (x * w).sum()
    v = view(w)
    v += 1
    assert (w.numpy() == 2).any()
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_a_write_to_the_base_is_a_write_to_a_saved_view():
    x, w = leaf([1.0, 2.0]), const([[3.0, 4.0]])
    y = (x * w[0]).sum()
    w += 1
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_a_copy_has_memory_of_its_own():
    x, w = leaf([1.0, 2.0]), const([3.0, 4.0])
    y = (x * w).sum()
    for other in (w.clone(), gd.tensor(w), w[np.array([0, 1])]):
        other += 1
    y.backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_an_alias_made_of_a_tensor_shares_its_version():
    x, w = leaf([1.0, 2.0]), const([3.0, 4.0])
    y = (x * w).sum()
    alias = gd.Tensor(w, copy=False)
    alias += 1
    assert w.tolist() == [4.0, 5.0]
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_an_optimizer_may_write_between_passes():
    p = leaf([1.0, 2.0])
    kept = p
    for _ in range(3):
        p.zero_grad()
        (p * p).sum().backward()
        with gd.no_grad():
            p -= 0.25 * p.grad
    assert p is kept and p.is_leaf and p.requires_grad
    np.testing.assert_array_equal(p.numpy(), [0.125, 0.25])


def test_an_optimizer_may_not_write_between_forward_and_backward():
    p = leaf([1.0, 2.0])
    y = (p * p).sum()
    with gd.no_grad():
        p -= 0.25
    with pytest.raises(gd.GradientError):
        y.backward()


def test_a_write_between_first_and_second_derivative_is_noticed():
    x = leaf([2.0])
    (x**3).sum().backward(create_graph=True)
    g = x.grad
    with gd.no_grad():
        x += 1
    with pytest.raises(gd.GradientError, match="changed in place"):
        g.sum().backward()


def test_a_write_by_numpy_is_seen_under_detect_anomaly():
    x, array = leaf([1.0, 2.0]), np.array([3.0, 4.0])
    with gd.detect_anomaly():
        y, made = x * array, line()
        array[0] = 0
        with pytest.raises(gd.GradientError) as e:
            y.sum().backward()
    assert e.value.op == "multiply" and f"{__file__}:{made}" in str(e.value)
    assert x.grad is None


def test_a_write_by_numpy_to_memory_that_a_tensor_aliases_is_seen_under_detect_anomaly():
    x, array = leaf([1.0, 2.0]), np.array([3.0, 4.0])
    with gd.detect_anomaly():
        y = (x * gd.from_numpy(array)).sum()
        array[0] = 0
        with pytest.raises(gd.GradientError):
            y.backward()


# ---------------------------------------------------------------------------------------- in place
IN_PLACE = {
    "+=": (lambda t, v: t.__iadd__(v), np.add),
    "-=": (lambda t, v: t.__isub__(v), np.subtract),
    "*=": (lambda t, v: t.__imul__(v), np.multiply),
    "/=": (lambda t, v: t.__itruediv__(v), np.divide),
}


@pytest.mark.parametrize("name", IN_PLACE)
@pytest.mark.parametrize("value", [2.0, np.array([2.0, 4.0]), gd.tensor([2.0, 4.0])], ids=type)
def test_in_place_on_a_constant_writes_its_memory(name, value):
    write, expected = IN_PLACE[name]
    t = const([3.0, 5.0])
    memory = t.numpy()
    t.detach()  # from now on the memory has a version
    before = t.version
    assert write(t, value) is t
    plain = value.numpy() if isinstance(value, gd.Tensor) else value
    assert memory.tolist() == expected([3.0, 5.0], plain).tolist()
    assert t.version == before + 1 and t.is_leaf


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_on_a_tensor_with_history_makes_it_the_result_of_the_op(name):
    write, function = IN_PLACE[name]
    x, w = leaf([3.0, 5.0]), leaf([2.0, 4.0])
    h = x * 1.0
    kept = h
    h = write(h, w)
    assert h is kept and h.op.name == function.__name__
    (h * h).sum().backward()
    a, b = leaf([3.0, 5.0]), leaf([2.0, 4.0])
    y = gd.ops.FUNCTIONS[function.__name__](a, b)
    (y * y).sum().backward()
    assert h.tolist() == y.tolist()
    assert x.grad.tolist() == a.grad.tolist() and w.grad.tolist() == b.grad.tolist()


def test_in_place_on_history_leaves_what_was_computed_before_alone():
    x = leaf([1.0, 2.0])
    h = gd.exp(x)
    before = (h * 10).sum()
    h += 1  # exp saved its output, and that memory must not change
    (h.sum() + before).backward()
    np.testing.assert_allclose(x.grad.numpy(), 11 * np.exp(x.numpy()))


def test_in_place_with_itself():
    x = leaf([3.0])
    h = x * 1.0
    h += h
    h *= h
    h.sum().backward()  # (2x)²
    assert x.grad.tolist() == [24.0]


def test_in_place_on_a_constant_by_a_tensor_with_history_records():
    x, total = leaf([1.0, 2.0]), gd.zeros(2, dtype="float64")
    kept = total
    for k in range(3):
        total += x * k
    assert total is kept and total.requires_grad
    total.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_in_place_on_a_leaf_that_wants_gradient_raises():
    x = leaf([1.0])
    with pytest.raises(gd.GradientError) as e:
        x += 1
    assert "no_grad" in e.value.fix and x.tolist() == [1.0]


def test_in_place_on_a_leaf_under_no_grad_writes_its_memory():
    x = leaf([1.0])
    memory = x.numpy()
    with gd.no_grad():
        x += 1
    assert memory.tolist() == [2.0] and x.requires_grad and x.is_leaf


@pytest.mark.parametrize("of", [lambda h: h[0], lambda h: h.reshape(2), lambda h: h.detach()])
def test_in_place_on_history_with_a_living_view_raises(of):
    h = leaf([[1.0, 2.0]]) * 2
    view = of(h)
    with pytest.raises(gd.GradientError) as e:
        h += 1
    assert "clone" in e.value.fix
    with pytest.raises(gd.GradientError):
        view += leaf(1.0)
    assert h.tolist() == [[2.0, 4.0]] and view.numpy().ravel()[0] == 2
    del view
    h += 1
    assert h.tolist() == [[3.0, 5.0]]


def test_in_place_on_history_keeps_retain_grad_and_the_name():
    x = leaf([1.0])
    h = x * 2
    h.name = "h"
    h.retain_grad()
    h += 1
    (h * 3).sum().backward()
    assert h.grad.tolist() == [3.0]
    assert h.name == h.node.name == "h"


def test_a_write_to_read_only_memory_says_so():
    array = np.ones(2)
    array.flags.writeable = False
    t = gd.from_numpy(array)
    with pytest.raises(gd.GraddlError, match="read-only"):
        t += 1
    with pytest.raises(gd.GraddlError, match="read-only"):
        t[0] = 1
    assert array.tolist() == [1.0, 1.0]


def test_in_place_does_not_change_the_shape():
    h = leaf([1.0]) * 2
    for t in (h, const([1.0])):
        with pytest.raises(gd.ShapeError):
            t += np.ones((2, 1))
        assert t.shape == (1,)


def test_in_place_keeps_the_dtype():
    h = leaf([1.0], "float32") * 2
    h += const([1.0], "float64")
    assert h.dtype == np.float32
    c = const([1.0], "float32")
    c += const([1.0], "float64")
    assert c.dtype == np.float32


def test_in_place_on_integers_by_floats_raises():
    n = gd.tensor([1, 2])
    with pytest.raises(gd.DTypeError):
        n += 0.5
    assert n.tolist() == [1, 2]


def test_in_place_on_history_is_differentiated_twice():
    x = leaf([2.0])
    h = x * x
    h *= x
    h.sum().backward(create_graph=True)
    g = x.grad
    x.zero_grad()
    g.sum().backward()
    assert g.tolist() == [12.0] and x.grad.tolist() == [12.0]


@pytest.mark.parametrize("operator", ["**=", "//=", "%="])
def test_every_in_place_operator_keeps_the_tensor(operator):
    scope = {"p": leaf([3.0])}
    kept = scope["p"]
    with gd.no_grad():
        exec(f"p {operator} 2", scope)
    assert scope["p"] is kept
    assert kept.tolist() == {"**=": [9.0], "//=": [1.0], "%=": [1.0]}[operator]


# ---------------------------------------------------------------------------------------- indexing
@pytest.mark.parametrize(
    ("index", "value"),
    [
        (0, 9.0),
        ((slice(None), 1), [8.0, 9.0]),
        (np.array([True, False]), 7.0),
        ([0, 1], np.ones((2, 3))),
        ((Ellipsis, -1), gd.tensor([5.0, 6.0])),
        (slice(None), gd.tensor(2)),
    ],
)
def test_setitem_on_a_constant_writes_its_memory(index, value):
    t = const(np.arange(6.0).reshape(2, 3))
    expected = t.numpy(copy=True)
    expected[index] = value.numpy() if isinstance(value, gd.Tensor) else value
    t.detach()
    before = t.version
    t[index] = value
    assert t.tolist() == expected.tolist() and t.version == before + 1


def test_setitem_on_a_leaf_under_no_grad():
    x = leaf([1.0, 2.0])
    with gd.no_grad():
        x[0] = 5
    assert x.tolist() == [5.0, 2.0] and x.is_leaf and x.requires_grad


def test_setitem_on_a_leaf_that_wants_gradient_raises():
    x = leaf([1.0, 2.0])
    with pytest.raises(gd.GradientError) as e:
        x[0] = 1.0
    assert e.value.op == "setitem" and "no_grad" in e.value.fix and x.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "index",
    [0, (slice(None), 1), [1, 0], np.array([True, False]), (Ellipsis, -1), gd.tensor([1])],
    ids=str,
)
def test_setitem_on_a_tensor_with_history_is_differentiable(index):
    plain = index.numpy() if isinstance(index, gd.Tensor) else index

    def assigned(x, v):
        h = x * 1.0
        kept = h
        h[index] = v
        assert h is kept and (h.op is None or h.op.name == "setitem")
        return h * h

    x = np.arange(1.0, 7.0).reshape(2, 3)
    for v in (np.array(7.0), np.full_like(x[plain], 0.5)):
        expected = x.copy()
        expected[plain] = v
        assert assigned(leaf(x), leaf(v)).tolist() == (expected * expected).tolist()
        assert gd.gradcheck(assigned, [x, v], order=2)


def test_setitem_collects_what_a_loop_makes():
    w, out = leaf(0.5), gd.zeros(4, 2, dtype="float64")
    kept, h = out, gd.ones(2, dtype="float64")
    for t in range(4):
        h = h * w
        out[t] = h
    assert out is kept and out.requires_grad
    out.sum().backward()
    assert w.grad.item() == 2 * sum(k * 0.5 ** (k - 1) for k in range(1, 5))


def test_setitem_leaves_what_was_computed_before_alone():
    x = leaf([1.0, 2.0])
    h = gd.exp(x)
    before = h.sum()
    h[0] = 0.0
    (h.sum() + before).backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp([1.0, 2.0]) * [1, 2])


def test_setitem_with_a_living_view_raises():
    h = leaf([[1.0, 2.0]]) * 2
    view = h[0]
    for t in (h, view):
        with pytest.raises(gd.GradientError) as e:
            t[..., 0] = 1.0
        assert "clone" in e.value.fix
    assert h.tolist() == [[2.0, 4.0]]
    del view, t
    h[0] = 1.0
    assert h.tolist() == [[1.0, 1.0]]


def test_augmented_assignment_to_an_element_says_what_to_write():
    h, y = leaf([1.0, 2.0]) * 2, leaf(3.0)
    with pytest.raises(gd.GradientError) as e:
        h[:1] += y
    assert "x[i] = x[i] + y" in e.value.fix
    h[:1] = h[:1] + y
    assert h.tolist() == [5.0, 4.0]
    h.sum().backward()
    assert y.grad.item() == 1.0


@pytest.mark.parametrize(
    ("index", "value", "error"),
    [
        (5, 1.0, gd.IndexError_),
        ((0, 0), 1.0, gd.IndexError_),
        (slice(None), np.ones(3), gd.ShapeError),
        (0, "a", gd.DTypeError),
        (0, 1j, gd.DTypeError),
    ],
)
def test_setitem_errors(index, value, error):
    t = const([1.0, 2.0])
    with pytest.raises(error) as e:
        t[index] = value
    assert e.value.op == "setitem"
    assert t.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "index",
    [gd.tensor([2, 0, 2]), gd.tensor([True, False, True]), (gd.tensor([0, 1]), gd.tensor([1, 1]))],
    ids=["integers", "booleans", "two"],
)
def test_tensors_as_indices(index):
    x = leaf(np.arange(9.0).reshape(3, 3))
    plain = tuple(i.numpy() for i in index) if isinstance(index, tuple) else index.numpy()
    y = x[index]
    assert y.tolist() == x.numpy()[plain].tolist()
    y.sum().backward()
    expected = np.zeros((3, 3))
    np.add.at(expected, plain, 1)
    assert x.grad.tolist() == expected.tolist()


def test_a_floating_tensor_is_no_index():
    for index in (leaf([0.0]), const([0.0])):
        with pytest.raises(gd.GraddlError):
            leaf([1.0, 2.0])[index]


@pytest.mark.parametrize("operator", [iadd, imul, itruediv])
@pytest.mark.parametrize("target", [[2, 0, 1], [True, False, True]])
def test_integers_cannot_become_a_result_that_wants_gradient(operator, target):
    t, x = gd.tensor(target), leaf([3.0, 1.0, 2.0])
    with pytest.raises(gd.DTypeError, match="cannot hold the result and its gradient") as e:
        operator(t, x)
    assert e.value.got == t.dtype.name and t.tolist() == target
    with pytest.raises(gd.DTypeError):
        operator(t, gd.Scalar(2.0))


def test_none_is_added_to_nothing():
    t = leaf(np.zeros(0)) * 1
    with pytest.raises(gd.DTypeError, match="b is None"):
        t += None
