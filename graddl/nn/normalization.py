"""Layers that give each sample mean 0 and variance 1: all of it, its last axes, or groups of it.

Each then has a weight and a bias of its own, which start at 1 and 0.
"""

from collections.abc import Iterable

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..modes import get_default_dtype
from ..ops import FUNCTIONS
from .linear import floating, whole
from .module import Module
from .parameter import Parameter


class GroupNorm(Module):
    r"""Each group of channels of each sample with mean 0 and variance 1.

    .. math:: y = \frac{x - \mu_{ng}}{\sqrt{\sigma_{ng}^2 + \epsilon}} w_c + b_c

    Parameters
    ----------
    num_groups : int
        1 takes all channels together, num_channels each by itself.
    num_channels : int
        C, a multiple of `num_groups`.
    eps : float, default 1e-5
        Keeps equal numbers from 0 / 0.
    affine : bool, default True
        Whether there are weight and bias.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.

    Attributes
    ----------
    weight, bias : Parameter of shape (C,), or None

    Raises
    ------
    ArgumentError
        If `num_channels` is no multiple of `num_groups`.
    ShapeError
        On a call whose x has other channels.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    Y. Wu and K. He, "Group normalization", 2018, equations 1 to 7, arXiv:1803.08494.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.GroupNorm(2, 4)(gd.tensor([[1.0, 3.0, 10.0, 30.0]])).round(3).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, *, dtype=None):
        needs = "at least one group and one channel"
        num_groups, num_channels = whole("GroupNorm", needs, num_groups, num_channels)
        if num_channels % num_groups:
            raise ArgumentError(
                f"{num_channels} channels cannot be parted into {num_groups} equal groups",
                op="GroupNorm",
                got=(num_groups, num_channels),
                expected="a number of channels that is a multiple of that of groups",
                fix=f"GroupNorm(1, {num_channels})",
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        give_scale(self, (num_channels,), affine, affine, dtype)

    def forward(self, x):
        """Map x of shape (N, C, ...) to y of the same shape."""
        x = floating(self, x, "GroupNorm")
        if tuple(x.shape[1:2]) != (self.num_channels,):
            raise ShapeError(
                f"{self._label()} on {tuple(x.shape)}: the layer has {self.num_channels} channels",
                op="GroupNorm",
                got=tuple(x.shape),
                expected=f"(N, {self.num_channels}, ...)",
                fix="GroupNorm(num_groups, x.shape[1]), or x.reshape(N, C, ...)",
            )
        return FUNCTIONS["group_norm"](x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        sizes = f"{self.num_groups}, {self.num_channels}"
        return f"{sizes}, eps={self.eps}, affine={self.affine}"


class LayerNorm(Module):
    r"""The last axes of each sample with mean 0 and variance 1.

    .. math:: y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} w + b

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Sizes of the last axes.
    eps : float, default 1e-5
        Keeps equal numbers from 0 / 0.
    elementwise_affine : bool, default True
        Whether there are weight and bias.
    bias : bool, default True
        Whether there is a bias beside the weight.
    dtype : floating dtype, optional
        Of the parameters; the default dtype if not given.

    Attributes
    ----------
    weight, bias : Parameter of shape `normalized_shape`, or None

    Raises
    ------
    ShapeError
        On a call whose x does not end in `normalized_shape`.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization", 2016, equations 3 and 4,
    arXiv:1607.06450.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.LayerNorm(2)(gd.tensor([[1.0, 3.0], [10.0, 30.0]])).round(3).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True, *, dtype=None
    ):
        self.normalized_shape = _as_shape(normalized_shape, "LayerNorm")
        self.eps, self.elementwise_affine = eps, elementwise_affine
        affine = elementwise_affine
        give_scale(self, self.normalized_shape, affine, affine and bias, dtype)

    def forward(self, x):
        """Map x of shape (..., *normalized_shape) to y of the same shape."""
        x = floating(self, x, "layer_norm")
        norm = FUNCTIONS["layer_norm"]
        return norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


class RMSNorm(Module):
    r"""The last axes of each sample divided by the root of their mean square.

    .. math:: y = \frac{x}{\sqrt{\frac{1}{n} \sum_i x_i^2 + \epsilon}} w

    Parameters
    ----------
    normalized_shape : int or tuple of int
        Sizes of the last axes.
    eps : float, optional
        The smallest step of x's dtype at 1 if not given.
    elementwise_affine : bool, default True
        Whether there is a weight.
    dtype : floating dtype, optional
        Of the weight; the default dtype if not given.

    Attributes
    ----------
    weight : Parameter of shape `normalized_shape`, or None

    Raises
    ------
    ShapeError
        On a call whose x does not end in `normalized_shape`.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019, equation 4,
    arXiv:1910.07467.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.RMSNorm(2)(gd.tensor([1.0, 7.0])).round(3).tolist()  # divided by 5
    [0.20000000298023224, 1.399999976158142]
    """

    weight: Parameter | None

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, *, dtype=None):
        self.normalized_shape = _as_shape(normalized_shape, "RMSNorm")
        self.eps, self.elementwise_affine = eps, elementwise_affine
        give_scale(self, self.normalized_shape, elementwise_affine, False, dtype)

    def forward(self, x):
        """Map x of shape (..., *normalized_shape) to y of the same shape."""
        x = floating(self, x, "rms_norm")
        return FUNCTIONS["rms_norm"](x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


def _as_shape(sizes, name):
    """A shape as a tuple, of axes that are there."""
    shape = tuple(sizes) if isinstance(sizes, Iterable) else (sizes,)
    needs, fix = "at least one axis, and numbers on it", f"{name}(x.shape[-1])"
    return whole(name, needs, *(shape or (0,)), fix=fix)


def give_scale(layer, shape, weight, bias, dtype):
    """Register a weight of ones and a bias of zeros, or None."""
    dtype = dtype or get_default_dtype()
    layer.weight = Parameter(np.ones(shape, dtype)) if weight else None
    layer.bias = Parameter(np.zeros(shape, dtype)) if bias else None
