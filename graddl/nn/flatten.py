"""Layers that change shapes, and one that changes nothing."""

from ..ops import FUNCTIONS
from .module import Module


class Flatten(Module):
    """Several axes as one; all but that of the batch unless told otherwise.

    Parameters
    ----------
    start_dim, end_dim : int, default 1 and -1
        The first and the last of them.

    Raises
    ------
    ``IndexError_``, ArgumentError
        On a call whose x does not have these axes, or in that order.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.Flatten()(gd.zeros(2, 3, 4)).shape
    (2, 12)
    """

    def __init__(self, start_dim=1, end_dim=-1):
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x):
        """Map x of shape (N, ...) to y of shape (N, features)."""
        return FUNCTIONS["flatten"](x, self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One axis as several.

    Parameters
    ----------
    dim : int
        Which.
    unflattened_size : tuple of int
        Their sizes, of which one may be -1.

    Raises
    ------
    ShapeError, ``IndexError_``
        On a call whose x has no such axis, or of another size.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.Unflatten(1, (3, -1))(gd.zeros(2, 12)).shape
    (2, 3, 4)
    """

    def __init__(self, dim, unflattened_size):
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x):
        """Map x of shape (N, features) to y of shape (N, ...)."""
        return FUNCTIONS["unflatten"](x, self.dim, self.unflattened_size)

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Identity(Module):
    """Gives what it gets: a placeholder, as for a layer that is taken out of a model.

    Parameters
    ----------
    *args, **kwargs
        Taken and not used, so that it can stand for any layer.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.Identity(4, bias=False)(3)
    3
    """

    def __init__(self, *args, **kwargs):
        pass

    def forward(self, x):
        """Give x itself."""
        return x
