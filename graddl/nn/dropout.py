"""Dropout: random zeros while training, nothing after ``eval()``."""

from ..errors import ArgumentError
from ..ops import FUNCTIONS
from ..random import Generator
from . import functional as F
from .module import Module


class _Dropout(Module):
    """What all have: the probability p. ``inplace=True``, as PyTorch has it, changes nothing."""

    def __init__(self, p=0.5, inplace=False):
        if not 0 <= p <= 1:
            name = type(self).__name__
            raise ArgumentError(
                "p is a probability", op=name, got=p, expected="0 to 1", fix=f"{name}(0.5)"
            )
        self.p = p

    def extra_repr(self):
        return f"p={self.p}"


class Dropout(_Dropout):
    r"""Each element is set to 0 with probability p; the others grow, so that the mean stays.

    .. math:: y = \frac{m x}{1 - p}, \quad m \in \{0, 1\}, \; P(m = 0) = p

    After ``eval()`` y is x.

    Parameters
    ----------
    p : float, default 0.5
        Probability of a zero, 0 to 1.
    generator : Generator or int, optional
        Where the random numbers come from; the default one if not given. An int is a
        seed.

    Raises
    ------
    ArgumentError
        If p is no probability.

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    2014, section 4.

    Examples
    --------
    >>> import graddl as gd
    >>> layer = gd.nn.Dropout(0.5)
    >>> sorted(set(layer(gd.ones(100)).tolist()))
    [0.0, 2.0]
    >>> layer.eval()(gd.ones(2)).tolist()
    [1.0, 1.0]
    """

    def __init__(self, p=0.5, inplace=False, *, generator=None):
        super().__init__(p)
        # A seed, too, starts one: the function of the table starts anew from it in each call.
        self.generator = Generator(generator) if isinstance(generator, int) else generator

    def forward(self, x):
        """Map x to y of the same shape."""
        return FUNCTIONS["dropout"](x, self.p, self.training, self.generator)


class Dropout1d(_Dropout):
    """Dropout of whole channels, with their neighbors all alike; x of shape (N, C, L) or (C, L).

    Parameters
    ----------
    p : float, default 0.5
        Probability of zeros, 0 to 1.

    Raises
    ------
    ArgumentError
        If p is no probability.
    ShapeError
        On a call whose x has other axes.
    """

    def forward(self, x):
        """Map x to y of the same shape."""
        return F.dropout1d(x, self.p, self.training)


class Dropout2d(_Dropout):
    """Dropout of whole channels; x of shape (N, C, H, W). Else as `Dropout1d`.

    References
    ----------
    J. Tompson et al., "Efficient object localization using convolutional networks", 2015,
    section 3.2, arXiv:1411.4280.

    Examples
    --------
    >>> import graddl as gd
    >>> y = gd.nn.Dropout2d(0.5)(gd.ones(1, 4, 2, 2))
    >>> all(channel.max() == channel.min() for channel in y[0].numpy())
    True
    """

    def forward(self, x):
        """Map x to y of the same shape."""
        return F.dropout2d(x, self.p, self.training)


class AlphaDropout(_Dropout):
    """Dropout for SELU: elements take its lowest value, and mean 0 and variance 1 stay.

    Parameters
    ----------
    p : float, default 0.5
        Probability of the lowest value, 0 to 1.

    Raises
    ------
    ArgumentError
        If p is no probability.

    References
    ----------
    G. Klambauer et al., "Self-normalizing neural networks", 2017, "New dropout technique",
    arXiv:1706.02515.

    Examples
    --------
    >>> import graddl as gd
    >>> len(set(gd.nn.AlphaDropout(0.5)(gd.ones(100)).tolist()))
    2
    """

    def forward(self, x):
        """Map x to y of the same shape."""
        return FUNCTIONS["alpha_dropout"](x, self.p, self.training)
