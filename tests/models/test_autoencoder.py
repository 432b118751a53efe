"""Autoencoder: counts, PyTorch's numbers, shapes, errors, and whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl import nn
from graddl.models import Autoencoder
from tests.models.cases import check, fit, numbers


def test_counts():
    forth, back = 7 * 4 + 5 * 2, 3 * 4 + 5 * 6
    assert Autoencoder((6, 4, 2)).num_parameters() == forth + back


def test_pytorchs_numbers():
    check("autoencoder", Autoencoder((6, 4, 2)), [numbers(4, 6)])


def test_shapes():
    model, x = Autoencoder((12, 5, 2)), gd.rand(3, 1, 4, 3)
    z = model.encode(x)
    assert (z.shape, model.decode(z).shape, model(x).shape) == ((3, 2), (3, 12), x.shape)
    assert model(x).reshape(3, 12).tolist() == model.decode(z).tolist()


def test_output():
    x = 10 * numbers(4, 6).astype("f4")
    y = Autoencoder((6, 2))(x)
    assert 0 < y.min().item() < y.max().item() < 1
    linear = Autoencoder((6, 2), output=None)
    want = linear.encode(x).numpy() @ linear.decoder.layers[1].weight.numpy().T
    want += linear.decoder.layers[1].bias.numpy()
    np.testing.assert_allclose(linear(x).numpy(), want, rtol=1e-5)


def test_learns_points_on_a_curve():
    t = np.linspace(-1, 1, 16)
    x = np.stack([t, t**2, np.sin(3 * t), np.cos(3 * t)], axis=1).astype("f4")
    model = Autoencoder((4, 16, 1), "tanh", output=None, generator=gd.Generator(0))
    first, last = fit(model, lambda: nn.MSELoss()(model(x), x), 400, 0.02)
    line = np.linalg.svd(x - x.mean(0), compute_uv=False)  # what a straight line leaves
    assert last < 0.1 * (line[1:] ** 2).sum() / x.size < first


def test_arguments_and_inputs():
    with pytest.raises(gd.ArgumentError) as caught:
        Autoencoder((6, 2), output="tanh")
    assert (caught.value.op, caught.value.fix) == ("Autoencoder", "output='sigmoid'")
    with pytest.raises(gd.ArgumentError) as caught:
        Autoencoder((6,))
    assert caught.value.op == "Autoencoder"
    model = Autoencoder((6, 2))
    for call, layer in ((model, "encoder"), (model.decode, "decoder")):
        with pytest.raises(gd.ShapeError) as caught:
            call(gd.zeros(3, 5))
        assert caught.value.layer == layer and caught.value.got == (3, 5)
