"""The public function of an op: signature, quick ways, two names for one argument."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

import graddl as gd
from graddl.ops._define import composed, general
from tests.ops.test_define import WORDS, fresh  # noqa: F401


def test_dim_and_keepdim_are_names_for_axis_and_keepdims():
    x = gd.ones(2, 3)
    assert gd.sum(x, dim=0).tolist() == x.sum(axis=0).tolist() == [2, 2, 2]
    assert x.sum(dim=1, keepdim=True).shape == (2, 1)
    assert gd.softmax(x, dim=0).tolist() == gd.softmax(x, axis=0).tolist()
    assert gd.cat([x, x], dim=1).shape == (2, 6) and gd.unsqueeze(x, dim=0).shape == (1, 2, 3)
    assert (
        str(inspect.signature(gd.sum))
        == "(x, axis=None, keepdims=False, *, dim=None, keepdim=None)"
    )


def test_both_names_at_once_are_refused():
    with pytest.raises(gd.ArgumentError, match="two names") as caught:
        gd.sum(gd.ones(2, 3), axis=0, dim=1)
    assert caught.value.op == "sum" and caught.value.fix == "gd.sum(x, axis=1)"


def test_what_is_missing_is_named():
    with pytest.raises(TypeError, match="axis"):
        gd.expand_dims(gd.ones(2))


def test_an_entry_may_order_its_arguments(fresh):  # noqa: F811
    general(
        "picked", lambda xp, x, index, *, axis: xp.take_along_axis(x, index, axis=axis),
        vjp={"x": 1}, nondiff=("index",), order=("x", "axis", "index"), **WORDS,
    )  # fmt: skip
    general(
        "noted", lambda xp, *xs, text, flag=False: xs[0],
        vjp={"*xs": 1}, order=("text", "xs", "flag"), **WORDS,
    )  # fmt: skip
    assert str(inspect.signature(gd.picked)) == "(x, axis, index, *, dim=None)"
    assert str(inspect.signature(gd.noted)) == "(text, *xs, flag=False)"
    x, index = gd.ones(2, 3), np.zeros((2, 1), int)
    assert gd.picked(x, 1, index).shape == gd.picked(x, dim=1, index=index).shape == (2, 1)
    assert gd.noted("word", x, x).shape == (2, 3)
    with pytest.raises(TypeError, match="'index'"):
        gd.picked(x, 1)
    with pytest.raises(TypeError, match="'axis'"):
        gd.picked(x, index=index)


def test_a_composed_function_takes_arrays_lists_and_numbers(fresh):  # noqa: F811
    composed("spread_out", lambda xp, x, *, factor=1.0: (x - xp.mean(x)) * factor, **WORDS)
    x = np.array([1.0, 3.0])
    for given in (x, [1.0, 3.0], gd.tensor(x)):
        assert gd.spread_out(given, factor=2.0).tolist() == [-2.0, 2.0]
    assert gd.spread_out(np.float64(3.0)).item() == 0.0
    assert gd.tensor(x).spread_out().tolist() == [-1.0, 1.0]
    assert gd.gradcheck(lambda x: gd.spread_out(x) ** 2, [x], order=2)
    assert gd.spread_out.op.name == "spread_out" and "A test." in gd.spread_out.__doc__


def test_an_error_inside_of_a_composed_function_is_told_as_its_own(fresh):  # noqa: F811
    composed("added_up", lambda xp, a, b, *, axis=0: xp.sum(a + b, axis=axis), **WORDS)
    a = gd.ones(2, 3)
    with pytest.raises(gd.ShapeError, match="add: shapes") as caught:
        gd.added_up(a, gd.ones(2, 4))
    assert caught.value.op == "added_up" and "a (2, 3)" in caught.value.got
    with pytest.raises(gd.IndexError_) as caught:
        gd.added_up(a, a, axis=2)
    assert caught.value.fix == "gd.added_up(a, b, axis=-1)"
    with pytest.raises(gd.DTypeError) as caught:
        gd.added_up(a, np.full((2, 3), "1"))
    assert caught.value.fix == "gd.added_up(a, b.astype(float))"
    assert eval(caught.value.fix, {"gd": gd, "a": a, "b": np.full((2, 3), "1")}).shape == (3,)


def test_c_code_may_import_under_an_op():
    """NumPy imports parts of itself on first use, and asks the caller's globals for builtins."""
    code = (
        "import numpy as np, graddl as gd\n"
        "x, t = gd.tensor(np.ones((2, 3)), requires_grad=True), np.array([0, 2])\n"
        "print(gd.cross_entropy(x, t).shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "()"), done.stderr


@pytest.mark.parametrize(
    ("call", "op"),
    [
        (lambda rows: gd.nn.Embedding(4, 2)(rows), "embedding"),
        (lambda rows: gd.mse_loss(rows, rows), "mse_loss"),
        (lambda rows: gd.one_hot(rows, 4), "one_hot"),
    ],
)
def test_rows_of_different_lengths_are_refused(call, op):
    with pytest.raises(gd.DTypeError, match=f"{op}: cannot make an array of this list") as caught:
        call([[1], [2, 3]])
    assert caught.value.op == op and caught.value.got == "list"


@pytest.mark.parametrize(
    ("op", "more"),
    [("relu", []), ("softmax", []), ("conv2d", [None]), ("sum", []), ("argmax", []), ("roll", [1])],
)
def test_none_for_an_array_is_refused(op, more):
    with pytest.raises(gd.DTypeError, match=f"{op}: x is None") as caught:
        getattr(gd, op)(None, *more)
    assert caught.value.op == op and caught.value.fix == "return y, in the function that made x"


def test_none_among_any_number_of_arrays_is_refused():
    with pytest.raises(gd.DTypeError, match=r"einsum: operands\[1\] is None"):
        gd.einsum("ij,jk->ik", gd.ones(2, 3), None)
    assert gd.linear(gd.ones(2, 3), gd.ones(4, 3), None).shape == (
        2,
        4,
    )  # an optional one may be None
