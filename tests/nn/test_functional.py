"""PyTorch's words: what differs from the table, against PyTorch's own results and closed forms."""

import numpy as np
import pytest

import graddl as gd
from graddl.nn import functional as F


def test_every_function_is_there():
    for name in F.__all__:
        assert callable(getattr(F, name)), name
    assert F.relu is gd.relu and F.mse_loss is gd.mse_loss


def test_softmax_wants_its_axis():
    x = gd.tensor([[1, 2], [3, 5]])
    for f, g in ((F.softmax, gd.softmax), (F.log_softmax, gd.log_softmax), (F.softmin, gd.softmin)):
        assert f(x, dim=0).tolist() == f(x, 0).tolist() == g(x, axis=0).tolist()
        assert f(x, 1, "float64").dtype == np.float64
        with pytest.raises(TypeError, match="dim"):
            f(x)
        with pytest.raises(gd.ArgumentError, match="which axis"):
            f(x, None)


@pytest.mark.parametrize("shape", [(0, 2), (2, 0), (0,)])
def test_softmax_of_no_numbers_is_none(shape):
    for f in (F.softmax, F.log_softmax, F.softmin):
        x = gd.zeros(*shape, requires_grad=True)
        for dim in range(len(shape)):
            y = f(x, dim)
            y.sum().backward()
            assert y.shape == x.grad.shape == shape and y.dtype == x.dtype


def test_attention_without_keys_is_zero():
    q, kv = gd.ones(2, 3, 4, requires_grad=True), gd.ones(2, 0, 4)
    y = F.scaled_dot_product_attention(q, kv, kv)
    y.sum().backward()
    assert y.tolist() == q.grad.tolist() == np.zeros((2, 3, 4)).tolist()


@pytest.mark.parametrize("f", [F.cross_entropy, F.nll_loss])
def test_classes_are_on_axis_1(f):
    x = gd.tensor(np.sin(np.arange(24.0)).reshape(2, 3, 4), requires_grad=True)
    t = np.arange(8).reshape(2, 4) % 3
    w = [0.5, 1.0, 2.0]
    flat = gd.moveaxis(x, 1, -1).reshape(8, 3)
    for options in ({}, {"weight": w}, {"reduction": "sum"}, {"ignore_index": 1}):
        got, want = f(x, t, **options), f(flat, t.reshape(-1), **options)
        assert got.item() == pytest.approx(want.item(), rel=1e-14)
        a, b = (gd.vjp(lambda z: f(z, t, **options), x)[1](1.0)[0] for _ in range(2))  # noqa: B023
        assert a.shape == x.shape and np.array_equal(a.numpy(), b.numpy())
    assert f(x, t, reduction="none").shape == (2, 4)


def test_probabilities_have_their_classes_on_axis_1_too():
    x = np.sin(np.arange(24.0)).reshape(2, 3, 4)
    q = np.abs(np.cos(np.arange(24.0))).reshape(2, 3, 4)
    want = -(q * (x - np.log(np.exp(x).sum(1, keepdims=True)))).sum(1)
    np.testing.assert_allclose(F.cross_entropy(x, q, reduction="none").numpy(), want, rtol=1e-13)


def test_errors_of_losses_speak_of_these_functions():
    x = gd.zeros(2, 3, 4)
    for target, kind in (
        (np.zeros((4, 2), int), gd.ShapeError),
        (np.zeros((2, 5), int), gd.ShapeError),
        (np.zeros((2, 4)), gd.DTypeError),
        (np.full((2, 4), 3), gd.IndexError_),
    ):
        with pytest.raises(kind) as caught:
            F.cross_entropy(x, target)
        assert caught.value.op == "cross_entropy"
        y = eval(caught.value.fix, {"gd": gd}, {"input": x, "target": gd.tensor(target)})
        assert y.shape == ()


def test_dropout_of_channels():
    for f, shape, k in (
        (F.dropout1d, (3, 50, 7), 2),
        (F.dropout1d, (50, 7), 1),
        (F.dropout2d, (3, 50, 2, 2), 2),
        (F.dropout3d, (3, 50, 2, 2, 2), 2),
        (F.dropout3d, (50, 2, 2, 2), 1),
    ):
        y = f(gd.ones(shape), 0.5).numpy().reshape(*shape[:k], -1)
        assert set(np.unique(y)) == {0.0, 2.0} and (y == y[..., :1]).all()
        assert f(gd.ones(shape), training=False).tolist() == np.ones(shape).tolist()
    with pytest.raises(gd.ShapeError, match="3 axes"):
        F.dropout2d(gd.ones(3, 5, 7))


def test_dropout_gradient_meets_the_mask_that_the_value_met():
    x = gd.ones(1000, requires_grad=True)
    y = F.dropout(x, 0.3)
    y.sum().backward()
    assert np.array_equal(x.grad.numpy(), y.detach().numpy())
    assert set(np.unique(y.detach().numpy())) == {np.float32(0), np.float32(1 / 0.7)}
    assert abs((y.detach().numpy() == 0).mean() - 0.3) < 0.05


def test_dropout_draws_from_graddls_generators():
    x = gd.ones(20)
    one, two = (F.dropout(x, generator=g).tolist() for g in (5, gd.Generator(5)))
    gd.manual_seed(5)
    assert one == two == F.dropout(x).tolist() != F.dropout(x).tolist()
    x = np.array([1.0, 2.0, 3.0])
    assert gd.gradcheck(lambda x: F.dropout(x, 0.4, generator=1) ** 2, [x], order=2)


def test_alpha_dropout_keeps_mean_and_variance():
    x = gd.randn(100_000, generator=gd.Generator(1))
    y = F.alpha_dropout(x, 0.2, training=True, generator=2).numpy()
    assert abs(y.mean()) < 0.02 and abs(y.var() - 1) < 0.02
    assert F.alpha_dropout(x) is x


def test_pad_counts_axes_from_the_last():
    x = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(F.pad(x, (1, 0)).numpy(), np.pad(x, ((0, 0), (1, 0))))
    got = F.pad(x, (1, 2, 0, 1), value=7).numpy()
    assert np.array_equal(got, np.pad(x, ((0, 1), (1, 2)), constant_values=7))
    for mode, name in (("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")):
        assert np.array_equal(F.pad(x, (2, 1), mode).numpy(), np.pad(x, ((0, 0), (2, 1)), name))
    assert F.pad(x, (-1, 1)).tolist() == [[1, 2, 0], [4, 5, 0]]
    with pytest.raises(gd.ArgumentError, match="mode"):
        F.pad(x, (1, 1), "edge")
    with pytest.raises(gd.ArgumentError, match="3 numbers"):
        F.pad(x, (1, 1, 1))
    with pytest.raises(gd.ArgumentError, match="two numbers"):
        F.pad(x, 1)


def test_pad_takes_away_what_there_is():
    x = np.arange(6.0).reshape(2, 3)
    assert F.pad(x, (-3, 2)).tolist() == [[0, 0], [0, 0]]
    assert F.pad(x, (-2, -1)).shape == (2, 0) and F.pad(x, np.array([-1, 0])).shape == (2, 2)
    for wrong in ((-2, -2), (-4, 4), (1, -4)):
        with pytest.raises(gd.ArgumentError, match=r"more is taken away than x \(2, 3\) has"):
            F.pad(x, wrong)
