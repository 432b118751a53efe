"""VAE: PyTorch's numbers, the divergence, the bound by hand, samples, and whether it learns."""

import numpy as np
import pytest

import graddl as gd
from graddl.models import VAE
from tests.models.cases import check, fit, numbers


class Waves(gd.Generator):
    """A generator whose normal numbers are the oracle's."""

    @property
    def numpy(self):
        return self

    def standard_normal(self, shape):
        return numbers(*shape, seed=2)


def test_counts():
    assert VAE((6, 5, 2)).num_parameters() == 7 * 5 + 6 * 4 + 3 * 5 + 6 * 6
    assert VAE((6, 2)).num_parameters() == 7 * 4 + 3 * 6


def test_pytorchs_numbers():
    model = VAE((6, 5, 2))

    def loss_and_divergence(x):
        return model.loss(x, Waves()), model.divergence(*model.encode(x))

    check("vae", model, [numbers(4, 6) ** 2], loss_and_divergence)


@pytest.mark.parametrize(("mean", "log_variance"), [(0.0, 0.0), (1.5, -1.0), (-0.3, 0.7)])
def test_divergence_is_the_integral(mean, log_variance):
    z = np.linspace(-30, 30, 60_001)
    q = np.exp(-((z - mean) ** 2) / 2 / np.exp(log_variance) - log_variance / 2) / np.sqrt(
        2 * np.pi
    )
    log_ratio = z**2 / 2 - (z - mean) ** 2 / 2 / np.exp(log_variance) - log_variance / 2
    want = (q * log_ratio).sum() * (z[1] - z[0])
    of = [gd.tensor([[v, 0.0]], dtype="float64") for v in (mean, log_variance)]
    assert VAE((3, 2)).divergence(*of).tolist() == pytest.approx([want], abs=1e-10)


def test_loss_is_the_bound_by_hand():
    model, x = VAE((6, 5, 2), activation="tanh").double(), numbers(4, 6) ** 2
    mean, log_variance = (t.numpy() for t in model.encode(x))
    z = mean + np.exp(log_variance / 2) * np.random.Generator(np.random.PCG64(3)).normal(
        size=(4, 2)
    )
    p = 1 / (1 + np.exp(-model.decode(z).numpy()))
    likelihood = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)
    kl = (mean**2 + np.exp(log_variance) - log_variance - 1).sum(axis=1) / 2
    assert model.loss(x, gd.Generator(3)).item() == pytest.approx(
        (kl - likelihood).mean(), rel=1e-12
    )
    images = x.reshape(4, 1, 2, 3)
    assert model.loss(images, gd.Generator(3)).item() == model.loss(x, gd.Generator(3)).item()


def test_draws_have_mean_and_variance():
    mean, log_variance = (gd.tensor(np.full((100_000, 1), v)) for v in (0.5, np.log(4.0)))
    z = VAE((3, 1)).reparameterize(mean, log_variance, gd.Generator(0)).numpy()
    assert z.mean() == pytest.approx(0.5, abs=0.03) and z.std() == pytest.approx(2, abs=0.03)


def test_repeats_under_a_generator():
    model, x = VAE((6, 5, 2)), gd.rand(3, 6)
    for draw in (
        lambda seed: model(x, gd.Generator(seed))[0],
        lambda seed: model.loss(x, gd.Generator(seed)),
        lambda seed: model.sample(3, gd.Generator(seed)),
    ):
        assert draw(5).tolist() == draw(5).tolist() != draw(6).tolist()


def test_samples_are_means_of_data():
    model = VAE((6, 5, 2)).double()
    x = model.sample(4, gd.Generator(0))
    z = gd.randn(4, 2, dtype="float64", generator=gd.Generator(0))
    assert x.tolist() == model.decode(z).sigmoid().tolist()
    assert x.shape == (4, 6) and x.dtype == np.float64 and not x.requires_grad


def test_learns_two_images():
    x = np.repeat([[0.0, 1.0] * 8, [1.0, 0.0] * 8], 16, axis=0).astype("f4")
    model, generator = VAE((16, 16, 1), generator=gd.Generator(0)), gd.Generator(1)
    first, last = fit(model, lambda: model.loss(x, generator), 250, 0.02)
    assert first > 10 and last < 2.5  # a fair coin says which image: ln 2 = 0.69 at best
    samples = model.sample(200, gd.Generator(2)).numpy().round()
    shares = [(samples == image).all(axis=1).mean() for image in (x[0], x[-1])]
    assert min(shares) > 0.2 and sum(shares) > 0.8


def test_arguments_and_inputs():
    with pytest.raises(gd.ArgumentError) as caught:
        VAE((6,))
    assert caught.value.op == "VAE"
    model = VAE((6, 2))
    with pytest.raises(gd.ArgumentError, match="0 to 1"):
        model.loss(2 * gd.ones(3, 6))
    with pytest.raises(gd.ShapeError) as caught:
        model.loss(gd.zeros(3, 5))
    assert caught.value.layer == "encoder"
