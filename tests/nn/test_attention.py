"""nn.MultiHeadAttention: PyTorch's numbers, masks, errors."""

import numpy as np
import pytest

import graddl as gd
from graddl.nn.attention import MultiHeadAttention, MultiheadAttention
from tests.nn.blocks import cases, check, fill, numbers


@pytest.mark.parametrize("case", cases("MultiheadAttention"))
def test_pytorchs_numbers(case):
    check(MultiheadAttention(*case["arguments"], **case["options"], dtype="float64"), case)


def made(**options):
    layer = MultiHeadAttention(6, 2, batch_first=True, dtype="float64", **options)
    fill(layer)
    return layer


def test_both_spellings():
    assert MultiheadAttention is MultiHeadAttention


def test_weights_or_none():
    layer, x = made(), numbers(3, 4, 6)
    y, weights = layer(x, x, x)
    assert weights.shape == (3, 4, 4)
    np.testing.assert_allclose(weights.numpy().sum(-1), 1, rtol=1e-12)
    z, nothing = layer(x, x, x, need_weights=False)
    assert nothing is None
    np.testing.assert_allclose(z.numpy(), y.numpy(), rtol=1e-12)
    each = layer(x, x, x, average_attn_weights=False)[1]
    np.testing.assert_allclose(each.numpy().mean(1), weights.numpy(), rtol=1e-12)


@pytest.mark.parametrize("first", [True, False])
def test_without_a_batch(first):
    layer = MultiHeadAttention(6, 2, batch_first=first, dtype="float64")
    fill(layer)
    x, axis = numbers(4, 6), 0 if first else 1
    batch = np.expand_dims(x, axis)
    y, weights = layer(x, x, x)
    want, each = layer(batch, batch, batch)
    np.testing.assert_allclose(y.numpy(), want.numpy().squeeze(axis), rtol=1e-12)
    np.testing.assert_allclose(weights.numpy(), each.numpy()[0], rtol=1e-12)


def test_one_product_or_three():
    """Queries, keys and values from one array are projected by one product."""
    layer, x = made(), numbers(3, 4, 6)
    together = layer(x, x, x)[0]
    apart = layer(x, x.copy(), x.copy())[0]
    np.testing.assert_allclose(together.numpy(), apart.numpy(), rtol=1e-12)
    t = gd.tensor(x, requires_grad=True)
    layer(t, t, t)[0].sum().backward()
    parts = [gd.tensor(x, requires_grad=True) for _ in range(3)]
    layer(*parts)[0].sum().backward()
    total = sum(p.grad.numpy() for p in parts)
    np.testing.assert_allclose(t.grad.numpy(), total, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("need_weights", [True, False])
def test_causal(need_weights):
    layer, x = made(), numbers(3, 4, 6)
    mask = np.triu(np.ones((4, 4), bool), 1)
    want, _ = layer(x, x, x, attn_mask=mask)
    y, _ = layer(x, x, x, need_weights=need_weights, is_causal=True)
    z, _ = layer(x, x, x, need_weights=need_weights, attn_mask=mask, is_causal=True)
    added = np.where(mask, -np.inf, 0.0)
    w, _ = layer(x, x, x, need_weights=need_weights, attn_mask=added)
    for got in (y, z, w):
        np.testing.assert_allclose(got.numpy(), want.numpy(), rtol=1e-12)
    changed = x.copy()
    changed[:, 2:] += 1
    later, _ = layer(changed, changed, changed, need_weights=need_weights, is_causal=True)
    np.testing.assert_allclose(later.numpy()[:, :2], y.numpy()[:, :2], rtol=1e-12)


def test_a_query_that_may_look_at_nothing():
    layer = made()
    x = gd.tensor(numbers(2, 4, 6), requires_grad=True)
    padding = np.array([[True] * 4, [False] * 4])
    y, weights = layer(x, x, x, key_padding_mask=padding)
    assert weights[0].tolist() == np.zeros((4, 4)).tolist()
    np.testing.assert_allclose(y[0].numpy(), np.tile(layer.out_proj.bias.numpy(), (4, 1)))
    y.sum().backward()
    assert np.isfinite(x.grad.numpy()).all() and (x.grad.numpy()[0] == 0).all()


def test_a_mask_of_numbers_may_learn():
    layer, x = made(), numbers(2, 4, 6)
    bias = gd.tensor(numbers(4, 4), requires_grad=True)
    padding = np.array([[False, False, True, False]] * 2)
    layer(x, x, x, padding, attn_mask=bias)[0].sum().backward()
    assert (bias.grad.numpy()[:, 2] == 0).all() and (bias.grad.numpy()[:, 0] != 0).all()


def test_dropout_while_training():
    layer = made(dropout=0.5, generator=gd.Generator(3))
    x = numbers(3, 4, 6)
    _, weights = layer(x, x, x, average_attn_weights=False)
    dropped = weights.numpy() == 0
    assert 0.2 < dropped.mean() < 0.8
    _, weights = layer.eval()(x, x, x)
    assert (weights.numpy() > 0).all()


def test_second_derivatives():
    layer = made()
    assert gd.gradcheck(lambda x: layer(x, x, x, is_causal=True)[0], [numbers(1, 3, 6)], order=2)


def test_initial_numbers():
    layer = MultiHeadAttention(40, 4, generator=gd.Generator(1))
    w, bound = layer.in_proj_weight.numpy(), np.sqrt(6 / 160)
    assert w.shape == (120, 40) and bound * 0.99 < np.abs(w).max() <= bound
    assert not layer.in_proj_bias.numpy().any() and not layer.out_proj.bias.numpy().any()
    other = MultiHeadAttention(40, 4, generator=gd.Generator(1))
    assert other.out_proj.weight.tolist() == layer.out_proj.weight.tolist()
    assert len(list(MultiHeadAttention(4, 2, bias=False).parameters())) == 2


def test_empty():
    layer = made()
    x = np.zeros((0, 4, 6))
    y, weights = layer(x, x, x)
    assert y.shape == (0, 4, 6) and weights.shape == (0, 4, 4)


@pytest.mark.parametrize(
    ("shapes", "match"),
    [
        (((2, 4, 5), (2, 4, 6), (2, 4, 6)), "features"),
        (((2, 4, 6), (2, 4, 6), (2, 3, 6)), "a value for each key"),
        (((2, 4, 6), (3, 4, 6), (3, 4, 6)), "different batches"),
        (((4, 6), (2, 4, 6), (2, 4, 6)), "two axes, or three"),
        (((6,), (6,), (6,)), "two axes, or three"),
    ],
)
def test_wrong_shapes(shapes, match):
    with pytest.raises(gd.ShapeError, match=match) as caught:
        made()(*map(np.zeros, shapes))
    assert caught.value.got == shapes and "(N, L, 6)" in caught.value.expected


@pytest.mark.parametrize(
    ("masks", "kind"),
    [
        ({"attn_mask": np.zeros((4, 3), bool)}, gd.ShapeError),
        ({"attn_mask": np.zeros((2, 4, 4), bool)}, gd.ShapeError),
        ({"key_padding_mask": np.zeros((4, 2), bool)}, gd.ShapeError),
        ({"key_padding_mask": np.zeros(4, bool)}, gd.ShapeError),
        ({"attn_mask": np.zeros((4, 4), int)}, gd.DTypeError),
    ],
)
def test_masks_that_do_not_fit(masks, kind):
    x = numbers(2, 4, 6)
    with pytest.raises(kind) as caught:
        made()(x, x, x, **masks)
    assert caught.value.op == "MultiHeadAttention" and caught.value.expected


def test_arguments():
    assert MultiHeadAttention(1, 1).in_proj_weight.shape == (3, 1)
    for arguments in ((6, 4), (0, 1), (6, 0)):
        with pytest.raises(gd.ArgumentError, match="heads"):
            MultiHeadAttention(*arguments)
    with pytest.raises(gd.ArgumentError, match="probability"):
        MultiHeadAttention(6, 2, dropout=2)
    x = np.ones((2, 4, 6), int)
    with pytest.raises(gd.DTypeError, match="int64"):
        made()(x, x, x)
