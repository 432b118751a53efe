"""Autoencoder: through a narrow place and back."""

from .. import nn
from ._choices import OUTPUTS, chosen
from .mlp import MLP, checked_sizes


class Autoencoder(nn.Module):
    r"""A network that learns to give back its input, through a layer with few units.

    .. math:: z = \mathrm{encoder}(x), \qquad \hat x = s(\mathrm{decoder}(z))

    Encoder and decoder are multilayer perceptrons, the one in the mirror of the other; their
    weights are not tied. z is linear.

    Parameters
    ----------
    sizes : sequence of int
        Features of x, of each hidden layer of the encoder, and of z: (64, 32, 2).
    activation : str, default "relu"
        Between the layers, as `MLP` takes it.
    output : "sigmoid" or None, default "sigmoid"
        s: for data from 0 to 1, or for any numbers.
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    encoder, decoder : MLP
    output : Sigmoid or Identity

    Raises
    ------
    ArgumentError
        If there are less than two sizes, one is below 1, or there is no such activation or output.
    ShapeError
        On a call whose x has another number of features.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313 (2006).

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.Autoencoder((64, 32, 2))
    >>> x = gd.rand(5, 1, 8, 8)
    >>> model.encode(x).shape, model(x).shape
    ((5, 2), (5, 1, 8, 8))
    """

    def __init__(self, sizes, activation="relu", *, output="sigmoid", generator=None):
        sizes = checked_sizes("Autoencoder", sizes)
        self.encoder = MLP(sizes, activation, generator=generator)
        self.decoder = MLP(sizes[::-1], activation, generator=generator)
        self.output = chosen(OUTPUTS, output, "Autoencoder", "output")()

    def encode(self, x):
        """Map x of shape (B, ...), with sizes[0] features, to z of shape (B, sizes[-1])."""
        return self.encoder(x)

    def decode(self, z):
        """Map z of shape (B, sizes[-1]) to a reconstruction of shape (B, sizes[0])."""
        return self.output(self.decoder(z))

    def forward(self, x):
        """Map x to its reconstruction, of the shape of x."""
        return self.decode(self.encode(x)).reshape(x.shape)
