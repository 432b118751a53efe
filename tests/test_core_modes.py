"""Modes: no_grad, enable_grad, detect_anomaly, record; and ways out of the graph."""

import asyncio
import threading

import numpy as np
import pytest

import graddl as gd
from tests.tensors import fail, leaf, line


# ------------------------------------------------------------------------------------------- modes
def test_no_grad_and_enable_grad_nest():
    x = leaf([1.0])
    with gd.no_grad():
        assert not (x * 2).requires_grad
        with gd.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_a_mode_ends_with_an_error_too():
    x = leaf([1.0])
    with pytest.raises(ArithmeticError), gd.no_grad():
        fail()
    assert (x * 2).requires_grad


def test_a_mode_may_be_entered_twice():
    x, quiet = leaf([1.0]), gd.no_grad()
    with quiet:
        with quiet:
            pass
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_modes_decorate_functions():
    @gd.no_grad()
    def plain(x):
        """Doubles."""
        return recording(x), x * 2

    @gd.enable_grad()
    def recording(x):
        return x * 2

    inner, outer = plain(leaf([1.0]))
    assert inner.requires_grad and not outer.requires_grad
    assert plain.__name__ == "plain" and plain.__doc__ == "Doubles."


def test_modes_refuse_functions_that_run_in_pieces():
    def generator():
        yield

    async def coroutine():
        pass

    for function in (generator, coroutine):
        with pytest.raises(TypeError, match="with"):
            gd.no_grad()(function)


def test_new_threads_start_at_the_defaults():
    x, found = leaf([1.0]), []
    with gd.no_grad():
        thread = threading.Thread(target=lambda: found.append((x * 2).requires_grad))
        thread.start()
        thread.join()
        assert not (x * 2).requires_grad
    assert found == [True]


def test_tasks_do_not_leak_modes_into_each_other():
    x, found = leaf([1.0]), {}

    async def quiet():
        with gd.no_grad():
            await asyncio.sleep(0.001)
            found["quiet"] = (x * 2).requires_grad
            await asyncio.sleep(0.002)

    async def loud():
        for k in range(4):
            await asyncio.sleep(0.001)
            found[k] = (x * 2).requires_grad

    async def main():
        await asyncio.gather(quiet(), loud(), quiet())

    asyncio.run(main())
    assert found.pop("quiet") is False and set(found.values()) == {True}


def test_results_under_no_grad_are_leaves():
    x = leaf([1.0])
    with gd.no_grad():
        y = x * 2
    assert y.is_leaf and y.op is None and y.inputs == ()


def test_detach_shares_memory_and_version():
    x = leaf([1.0, 2.0])
    d = x.detach()
    assert not d.requires_grad and np.shares_memory(d.numpy(), x.numpy())
    before = x.version
    d += 1
    assert x.tolist() == [2.0, 3.0]
    assert x.version == d.version > before


def test_data_is_the_same_memory_outside_of_the_graph():
    x = leaf([1.0, 2.0])
    assert not x.data.requires_grad
    x.data -= 1
    assert x.tolist() == [0.0, 1.0] and x.requires_grad and x.is_leaf
    x.data = np.array([5.0, 6.0])
    assert x.tolist() == [5.0, 6.0]
    with pytest.raises(gd.ShapeError):
        x.data = np.ones(3)


def test_a_write_through_data_is_noticed():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    x.data = np.zeros(2)
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_requires_grad_of_a_computed_tensor_cannot_be_switched_off():
    h = leaf([1.0]) * 2
    with pytest.raises(gd.GradientError) as e:
        h.requires_grad = False
    assert e.value.fix == ".detach()"


# -------------------------------------------------------------------------- detect_anomaly, record
def test_the_op_that_makes_the_first_nan_is_named_with_its_line():
    x = leaf([-1.0, 1.0])
    with gd.detect_anomaly(), pytest.raises(gd.NumericalError) as e:
        gd.log(x)
    assert e.value.op == "log" and f"{__file__}:{line() - 1}" in str(e.value)


def test_a_nan_that_came_in_is_not_blamed():
    x = leaf([np.nan, 1.0])
    with gd.detect_anomaly():
        assert np.isnan((x * 2).numpy()[0])


def test_the_op_whose_gradient_makes_the_first_nan_is_named_with_its_line():
    x = leaf([0.0, 1.0])
    with gd.detect_anomaly():
        h, made = gd.sqrt(x), line()
        y = (h * 0.0).sum()  # 0 · ∞ at 0
        with pytest.raises(gd.NumericalError) as e:
            y.backward()
    assert e.value.op == "sqrt" and f"{__file__}:{made}" in str(e.value)
    assert x.grad is None


def test_under_create_graph_the_op_is_named_too():
    x = leaf([0.0, 1.0])
    with gd.detect_anomaly():
        h, made = gd.sqrt(x), line()
        y = (h * 0.0).sum()
        with pytest.raises(gd.NumericalError) as e:
            y.backward(create_graph=True)
    assert "sqrt" in str(e.value) and f"{__file__}:{made}" in str(e.value)
    assert x.grad is None


def test_a_nan_in_the_seed_is_not_blamed_on_an_op():
    x = leaf([1.0, 2.0])
    with gd.detect_anomaly():
        (x * 2).backward(grad=np.array([np.nan, 1.0]))
    assert np.isnan(x.grad.numpy()).tolist() == [True, False]


def test_without_detect_anomaly_a_nan_is_a_value():
    x = leaf([0.0, -1.0])
    (gd.sqrt(x) * 0.0).sum().backward()  # no warning, too: warnings are errors here
    assert np.isnan(x.grad.numpy()).all()


def test_record_keeps_values_gradients_and_lines():
    x = leaf([1.0, 2.0])
    with gd.record():
        y, made = gd.sum((x + 1) * 3), line()
        y.backward()
    product = y.node.inputs[0]
    added = product.inputs[0]
    assert product.tensor is None and added.tensor is None
    assert added.value.tolist() == [2.0, 3.0] and product.value.tolist() == [6.0, 9.0]
    assert product.grad.tolist() == [1.0, 1.0] and added.grad.tolist() == [3.0, 3.0]
    for node in (y.node, product, added):
        assert node.source[:2] == (__file__, made)
        assert node.source[2] == "test_record_keeps_values_gradients_and_lines"


def test_record_shows_the_gradient_of_a_computed_tensor_without_retain_grad():
    x = leaf([1.0, 2.0])
    with gd.record():
        h = x * 2
        (h * h).sum().backward()
    assert h.grad.tolist() == [4.0, 8.0]


def test_record_keeps_a_gradient_for_each_output():
    x = leaf([1.0, 2.0])
    with gd.record():
        a, b = gd.split(x, 2)
        (a * 2 + b * 3).sum().backward()
    assert a.grad.tolist() == [2.0] and b.grad.tolist() == [3.0]


def test_without_record_nothing_extra_is_kept():
    x = leaf([1.0, 2.0])
    y = gd.sum(x + 1)
    assert y.node.source is None and y.node.inputs[0].value is None


def test_scopes_and_time_steps_are_on_the_nodes():
    x = leaf([1.0])
    with gd.scope("encoder"), gd.scope("fc1"), gd.timestep(3):
        y = x * 2
    assert (y.node.scope, y.node.step) == ("encoder.fc1", 3)
    assert ((x * 2).node.scope, (x * 2).node.step) == (None, None)
