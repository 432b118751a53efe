"""Dropout layers: training, eval, what stays on average, gradients."""

import numpy as np
import pytest

import graddl as gd
from graddl.nn.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d

SHAPES = {Dropout: (40, 50), Dropout1d: (40, 50, 3), Dropout2d: (40, 50, 2, 2)}


@pytest.mark.parametrize("kind", SHAPES)
def test_zeros_while_training(kind):
    gd.manual_seed(3)
    y = kind(0.3)(gd.ones(SHAPES[kind])).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.7)}
    assert abs((y == 0).mean() - 0.3) < 0.03
    if y.ndim > 2:  # whole channels
        assert (y == y.reshape(40, 50, -1)[..., :1].reshape(40, 50, *[1] * (y.ndim - 2))).all()


@pytest.mark.parametrize("kind", [*SHAPES, AlphaDropout])
def test_nothing_after_eval(kind):
    x = gd.ones(SHAPES.get(kind, (3,)))
    layer = kind().eval()
    np.testing.assert_array_equal(layer(x).numpy(), x.numpy())
    assert kind(0.0)(x).tolist() == x.tolist()
    assert kind(1.0)(x).tolist() == gd.zeros(x.shape).tolist()


@pytest.mark.parametrize("kind", SHAPES)
def test_the_gradient_meets_the_zeros_that_the_value_met(kind):
    x = gd.ones(SHAPES[kind], requires_grad=True)
    y = kind(0.5)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())


def test_alpha_dropout_keeps_mean_and_variance():
    gd.manual_seed(1)
    y = AlphaDropout(0.3)(gd.randn(100_000, generator=gd.Generator(1))).numpy()
    assert abs(y.mean()) < 0.02 and abs(y.var() - 1) < 0.02


def test_a_generator_of_its_own():
    x = gd.ones(50)
    a, b = (Dropout(generator=gd.Generator(5)) for _ in range(2))
    first = a(x).tolist()
    assert first == b(x).tolist() != a(x).tolist()
    seeded = Dropout(generator=5)
    assert first == seeded(x).tolist() != seeded(x).tolist()


@pytest.mark.parametrize("kind", [*SHAPES, AlphaDropout])
def test_p_is_a_probability(kind):
    for p in (-0.1, 1.1):
        with pytest.raises(gd.ArgumentError, match="probability") as caught:
            kind(p)
        assert caught.value.op == kind.__name__ and caught.value.got == p
    assert repr(kind(0.25)) == f"{kind.__name__}(p=0.25)"


def test_axes_of_channels():
    with pytest.raises(gd.ShapeError, match="2 axes"):
        Dropout2d()(gd.ones(3, 4))
    with pytest.raises(gd.ShapeError, match="4 axes"):
        Dropout1d()(gd.ones(3, 4, 2, 2))
