"""Multilayer perceptron: linear maps with bends between them."""

import itertools
import math

from .. import nn
from ..errors import ArgumentError, ShapeError
from ..nn.linear import floating
from ._choices import ACTIVATIONS, chosen


class MLP(nn.Module):
    r"""A multilayer perceptron.

    .. math::
        h_0 = x, \qquad h_l = f(W_l h_{l - 1} + b_l), \qquad y = W_L h_{L - 1} + b_L

    The last layer is linear: y are logits, or numbers of any size.

    Parameters
    ----------
    sizes : sequence of int
        Features of x, of each hidden layer, and of y: (784, 256, 128, 10).
    activation : str, default "relu"
        f: "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "sigmoid" or "tanh".
    dropout : float, default 0
        Probability of dropout after each hidden layer.
    batch_norm : bool, default False
        Whether there is a batch norm before each f; it has the bias in place of the linear map.
    generator : Generator, optional
        Where the initial numbers come from, and dropout; the default one if not given.

    Attributes
    ----------
    layers : Sequential
        Flatten, then Linear, BatchNorm1d, f and Dropout, as far as there are any, in turn.

    Raises
    ------
    ArgumentError
        If there are less than two sizes, one is below 1, or there is no such activation.
    ShapeError
        On a call whose x has another number of features.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating errors",
    Nature 323 (1986).

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.MLP((784, 16, 10))
    >>> model(gd.zeros(5, 28, 28)).shape
    (5, 10)
    >>> model.num_parameters()  # (784 + 1) 16 + (16 + 1) 10
    12730
    """

    def __init__(self, sizes, activation="relu", *, dropout=0.0, batch_norm=False, generator=None):
        self.sizes = checked_sizes("MLP", sizes)
        bend = chosen(ACTIVATIONS, activation, "MLP", "activation")
        self.layers = nn.Sequential(nn.Flatten())
        *hidden, last = itertools.pairwise(self.sizes)
        for inputs, outputs in hidden:
            # A batch norm takes away what a bias would add, and has one of its own.
            self.layers.append(nn.Linear(inputs, outputs, not batch_norm, generator=generator))
            if batch_norm:
                self.layers.append(nn.BatchNorm1d(outputs))
            self.layers.append(bend())
            if dropout:
                self.layers.append(nn.Dropout(dropout, generator=generator))
        self.layers.append(nn.Linear(*last, generator=generator))

    def forward(self, x):
        """Map x of shape (B, ...), with sizes[0] features in all, to y of shape (B, sizes[-1])."""
        x = floating(self, x, "MLP")
        if x.ndim < 2 or math.prod(x.shape[1:]) != self.sizes[0]:
            features = math.prod(x.shape[1:] if x.ndim > 1 else x.shape)
            one = features == self.sizes[0]  # a sample without a batch
            raise ShapeError(
                f"x {x.shape} for a model with sizes {self.sizes}",
                op="MLP",
                got=x.shape,
                expected=f"(B, ...), {self.sizes[0]} features after the first axis",
                fix="x[None]" if one else f"MLP({(features, *self.sizes[1:])})",
            )
        return self.layers(x)


def checked_sizes(model, sizes):
    """Sizes of layers as a tuple, of input and output at least."""
    sizes = tuple(sizes) if hasattr(sizes, "__iter__") else (sizes,)
    if len(sizes) < 2 or min(sizes) < 1:
        raise ArgumentError(
            "sizes are those of the input, of hidden layers, of the output",
            op=model,
            got=sizes,
            expected="two or more, each 1 or more",
            fix=f"{model}((784, 128, 10))",
        )
    return sizes
