"""Encoder layers: PyTorch's numbers; encoders; waves of positions."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.nn.normalization import LayerNorm
from graddl.nn.transformer import PositionalEncoding, TransformerEncoder, TransformerEncoderLayer
from tests.nn.blocks import cases, check, fill, numbers


@pytest.mark.parametrize("case", cases("TransformerEncoderLayer"))
def test_pytorchs_numbers(case):
    kind = TransformerEncoderLayer
    check(kind(*case["arguments"], **case["options"], dtype="float64"), case)


def test_dropout_is_everywhere_and_off_in_eval():
    layer = TransformerEncoderLayer(6, 2, 5, dropout=0.5, batch_first=True)
    x = numbers(2, 3, 6).astype("f4")
    assert layer(x).tolist() != layer(x).tolist()
    assert layer.eval()(x).tolist() == layer(x).tolist()
    assert layer.self_attn.dropout == layer.dropout.p == layer.dropout2.p == 0.5


def test_activation_is_a_name_or_a_function():
    x = numbers(2, 3, 6)
    layers = [
        TransformerEncoderLayer(6, 2, 5, 0.0, f, dtype="float64")
        for f in ("gelu", gd.gelu, nn.Tanh())
    ]
    for layer in layers:
        fill(layer)
    a, b, c = (layer(x).tolist() for layer in layers)
    assert a == b != c
    with pytest.raises(gd.ArgumentError, match="activation"):
        TransformerEncoderLayer(6, 2, activation="step")


def test_causal():
    layer = TransformerEncoderLayer(6, 2, 5, 0.0, batch_first=True, dtype="float64")
    x = numbers(1, 4, 6)
    mask = np.triu(np.ones((4, 4), bool), 1)
    np.testing.assert_allclose(layer(x, is_causal=True).numpy(), layer(x, mask).numpy(), rtol=1e-12)


def test_encoder_is_its_layers():
    one = TransformerEncoderLayer(6, 2, 5, 0.0, dtype="float64")
    encoder = TransformerEncoder(one, 3, norm=LayerNorm(6, dtype="float64"))
    fill(encoder)
    x = gd.tensor(numbers(4, 2, 6), requires_grad=True)
    padding = np.array([[False, False, True, True], [False] * 4])
    y = x
    for layer in encoder.layers:
        y = layer(y, src_key_padding_mask=padding, is_causal=True)
    want = encoder.norm(y).numpy()
    np.testing.assert_array_equal(encoder(x, None, padding, is_causal=True).numpy(), want)


def test_the_layers_of_an_encoder_are_copies():
    one = TransformerEncoderLayer(6, 2, 5)
    encoder = TransformerEncoder(one, 2)
    a, b = (layer.linear1.weight for layer in encoder.layers)
    assert a is not b and a is not one.linear1.weight and a.tolist() == b.tolist()
    names = [name for name, _ in encoder.named_parameters()]
    assert len(names) == 24 and names[0] == "layers.0.self_attn.in_proj_weight"
    assert b.name == "layers.1.linear1.weight"
    assert len(list(TransformerEncoder(one, 2, LayerNorm(6)).parameters())) == 26
    assert len(TransformerEncoder(one, 1).layers) == 1
    with pytest.raises(gd.ArgumentError, match="at least one"):
        TransformerEncoder(one, 0)


def test_the_layers_of_an_encoder_share_a_generator():
    one = TransformerEncoderLayer(6, 2, 5, generator=gd.Generator(1))
    layers = TransformerEncoder(one, 2).layers
    generators = {
        id(part.generator) for layer in layers for part in (layer.self_attn, layer.dropout)
    }
    assert generators == {id(one.dropout.generator)}


def test_errors_name_the_layer():
    with pytest.raises(gd.ShapeError) as caught:
        TransformerEncoder(TransformerEncoderLayer(6, 2, 5), 2)(gd.zeros(4, 2, 5))
    assert caught.value.layer == "layers.0.self_attn"
    with pytest.raises(gd.DTypeError, match="int64"):
        TransformerEncoderLayer(6, 2, 5)(np.ones((4, 6), int))
    with pytest.raises(gd.ArgumentError, match="heads"):
        TransformerEncoderLayer(6, 4)


# ---------------------------------------------------------------------------------- positions
@pytest.mark.parametrize("d", [1, 4, 5])
def test_waves(d):
    pe = PositionalEncoding(d, max_len=7, dtype="float64").pe.numpy()
    for t in range(7):
        for i in range(d):
            angle = t / 10000 ** ((i - i % 2) / d)
            want = np.sin(angle) if i % 2 == 0 else np.cos(angle)
            assert pe[t, i] == pytest.approx(want, abs=1e-12)


def test_waves_go_along_the_positions():
    x = numbers(3, 2, 4)
    layer = PositionalEncoding(4, dropout=0.0, dtype="float64")
    pe = layer.pe.numpy()
    np.testing.assert_allclose(layer(x).numpy(), x + pe[:3, None])
    np.testing.assert_allclose(layer(x[:, 0]).numpy(), x[:, 0] + pe[:3])
    first = PositionalEncoding(4, 0.0, batch_first=True, dtype="float64")
    np.testing.assert_allclose(first(x).numpy(), x + pe[:2])
    assert PositionalEncoding(4)(gd.zeros(5, 4)).dtype == np.float32
    assert [n for n, _ in layer.named_buffers()] == ["pe"]
    assert (PositionalEncoding(4, 1.0)(x).numpy() == 0).all()


def test_positions_that_do_not_fit():
    layer = PositionalEncoding(4, max_len=3)
    for shape in ((4, 1, 4), (2, 1, 5), (4,), (1, 2, 3, 4)):
        with pytest.raises(gd.ShapeError) as caught:
            layer(gd.zeros(shape))
        assert caught.value.got == shape
    with pytest.raises(gd.ArgumentError):
        PositionalEncoding(0)
    with pytest.raises(gd.ArgumentError):
        PositionalEncoding(4, max_len=0)
    assert PositionalEncoding(2).dropout.p == 0.1
