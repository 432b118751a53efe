"""Variational autoencoder: an autoencoder whose narrow place is a probability."""

from .. import nn
from ..modes import no_grad
from ..nn.functional import binary_cross_entropy_with_logits
from ..random import randn
from .mlp import MLP, checked_sizes


class VAE(nn.Module):
    r"""A model of data from 0 to 1 with Gaussian latent variables.

    .. math::
        q(z \mid x) = \mathcal{N}(\mu, \sigma^2), \qquad
        z = \mu + \sigma \epsilon, \quad \epsilon \sim \mathcal{N}(0, 1), \qquad
        p(x \mid z) = \mathrm{Bernoulli}(\mathrm{sigmoid}(\mathrm{decoder}(z)))

    Since :math:`\epsilon` has no parameters, the gradient flows through z to :math:`\mu` and
    :math:`\ln \sigma^2`, which the encoder gives.

    Parameters
    ----------
    sizes : sequence of int
        Features of x, of each hidden layer of the encoder, and of z: (784, 400, 20). The decoder
        mirrors it.
    activation : str, default "relu"
        Between the layers, as `MLP` takes it.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    encoder : MLP
        Its last layer has :math:`\mu` and :math:`\ln \sigma^2` side by side.
    decoder : MLP

    Raises
    ------
    ArgumentError
        If there are less than two sizes, one is below 1, or there is no such activation; on a loss
        of x beyond 0 and 1.
    ShapeError
        On a call whose x has another number of features.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    D. Kingma and M. Welling, "Auto-encoding variational Bayes", 2013, equations 4, 7 and 10,
    appendices B and C.1, arXiv:1312.6114.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.VAE((64, 32, 2))
    >>> x = gd.rand(5, 1, 8, 8)
    >>> logits, mean, log_variance = model(x)
    >>> logits.shape, mean.shape, log_variance.shape
    ((5, 64), (5, 2), (5, 2))
    >>> model.loss(x).backward()
    >>> model.sample(3).shape
    (3, 64)
    """

    def __init__(self, sizes, *, activation="relu", generator=None):
        sizes = checked_sizes("VAE", sizes)
        self.latent_size = sizes[-1]
        self.encoder = MLP((*sizes[:-1], 2 * sizes[-1]), activation, generator=generator)
        self.decoder = MLP(sizes[::-1], activation, generator=generator)

    def encode(self, x):
        """Map x (B, ...) to mean and ln of the variance of q(z | x), both (B, latent_size)."""
        h = self.encoder(x)
        return h[:, : self.latent_size], h[:, self.latent_size :]

    def reparameterize(self, mean, log_variance, generator=None):
        """Draw z of the shape of both, with a gradient for both."""
        noise = randn(mean.shape, dtype=mean.dtype, generator=generator)
        return mean + (log_variance / 2).exp() * noise

    def decode(self, z):
        """Map z of shape (B, latent_size) to logits of x, of shape (B, sizes[0])."""
        return self.decoder(z)

    def forward(self, x, generator=None):
        """Map x to (logits, mean, log_variance), through one draw of z."""
        mean, log_variance = self.encode(x)
        return self.decode(self.reparameterize(mean, log_variance, generator)), mean, log_variance

    def divergence(self, mean, log_variance):
        r"""Give :math:`\mathrm{KL}(q(z \mid x) \,\|\, \mathcal{N}(0, 1))` of each sample, (B,).

        .. math:: -\tfrac{1}{2} \textstyle\sum_j (1 + \ln \sigma_j^2 - \mu_j^2 - \sigma_j^2)
        """
        return -(1 + log_variance - mean**2 - log_variance.exp()).sum(axis=-1) / 2

    def loss(self, x, generator=None):
        r"""Give the mean of the negative evidence lower bound, with one draw of z for each sample.

        .. math:: -\mathrm{ELBO}(x) = -\ln p(x \mid z)
            + \mathrm{KL}(q(z \mid x) \,\|\, \mathcal{N}(0, 1))

        Parameters
        ----------
        x : Tensor of shape (B, ...), from 0 to 1
        generator : Generator, optional
            Where z is drawn from; the default one if not given.

        Returns
        -------
        Tensor of shape ()
        """
        logits, mean, log_variance = self(x, generator)
        target = x.reshape(logits.shape)
        bits = binary_cross_entropy_with_logits(logits, target, reduction="none").sum(axis=-1)
        return (bits + self.divergence(mean, log_variance)).mean()

    def sample(self, n, generator=None):
        """Give the means of p(x | z), of shape (n, sizes[0]), for n draws of z; no gradient."""
        with no_grad():
            dtype = next(self.parameters()).dtype
            z = randn(n, self.latent_size, dtype=dtype, generator=generator)
            return self.decode(z).sigmoid()
