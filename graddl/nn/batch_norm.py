"""Batch norm and instance norm: layers that keep account of the mean and variance of channels."""

import math
from typing import Any

import numpy as np

from .._core import Tensor
from ..errors import DTypeError, ShapeError
from ..modes import get_default_dtype, no_grad
from ..ops import FUNCTIONS
from .linear import floating, whole
from .module import Module
from .normalization import give_scale
from .parameter import Parameter

reshape, normalize_batch = FUNCTIONS["reshape"], FUNCTIONS["normalize_batch"]


def batch_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    training=False,
    momentum=0.1,
    eps=1e-5,
):
    r"""Normalize each channel, and while training keep account of mean and variance.

    .. math::
        y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} w + b, \qquad
        \bar\mu \leftarrow (1 - m) \bar\mu + m \mu, \quad
        \bar{\sigma}^2 \leftarrow (1 - m) \bar{\sigma}^2 + m \frac{n}{n - 1} \sigma^2

    :func:`graddl.batch_norm` is the same without the account: it changes nothing.

    Parameters
    ----------
    input : Tensor of shape (N, C) or (N, C, ...)
    running_mean, running_var : Tensor of shape (C,), optional
        Used if `training` is False, else changed in place.
    weight, bias : Tensor of shape (C,), optional
    training : bool, default False
        Whether :math:`\mu` and :math:`\sigma^2` are those of the batch.
    momentum : float, default 0.1
        m, the part of the batch in the running numbers.
    eps : float, default 1e-5

    Raises
    ------
    ShapeError
        If arrays do not fit, or there is only one value of each channel while training.
    ArgumentError
        If neither `training` nor running numbers are given.
    DTypeError
        If running numbers that are to be changed are no Tensors: a copy would be.
    """
    if not training:
        return FUNCTIONS["batch_norm"](input, running_mean, running_var, weight, bias, eps=eps)
    for running in (running_mean, running_var):
        if running is not None and not isinstance(running, Tensor):
            raise DTypeError(
                "running numbers that training changes are Tensors",
                op="batch_norm",
                got=type(running).__name__,
                expected="Tensor",
                fix="gd.tensor(running_mean), gd.tensor(running_var), kept by the caller",
            )
    y, mean, var = normalize_batch(input, weight, bias, eps=eps)
    _account(running_mean, running_var, mean, var, y.size // max(mean.size, 1), momentum)
    return y


def _account(running_mean, running_var, mean, var, n, momentum):
    """Move running numbers towards those of a batch with n values of each; var becomes unbiased."""
    with no_grad():
        if running_mean is not None:
            running_mean *= 1 - momentum
            running_mean += mean * momentum
        if running_var is not None:
            running_var *= 1 - momentum
            running_var += var * (momentum * n / (n - 1))


class _Channels(Module):
    """What the norms with running numbers share. `_shapes`: those of x that it takes."""

    _shapes: tuple[str, ...] = ()
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Any  # of the buffers each is a Tensor, or all are None
    running_var: Any
    num_batches_tracked: Any

    def __init__(self, num_features, eps, momentum, affine, track_running_stats, dtype):
        name = type(self).__name__
        (num_features,) = whole(name, "at least one channel", num_features)
        dtype = dtype or get_default_dtype()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        give_scale(self, (num_features,), affine, affine, dtype)
        tracked = track_running_stats
        ones = np.ones(num_features, dtype)
        self.register_buffer("running_mean", Tensor(0 * ones) if tracked else None)
        self.register_buffer("running_var", Tensor(ones) if tracked else None)
        self.register_buffer("num_batches_tracked", Tensor(0) if tracked else None)

    def reset_running_stats(self):
        """Forget what training has seen: mean 0, variance 1, no batches."""
        if self.running_mean is not None:
            for buffer, start in (
                (self.running_mean, 0),
                (self.running_var, 1),
                (self.num_batches_tracked, 0),
            ):
                buffer.data = np.full(buffer.shape, start)

    def _checked(self, x):
        """x as an array of a shape that the layer takes, and its shape with a batch."""
        name = type(self).__name__
        x = floating(self, x, name)
        shape = tuple(x.shape)
        fits = [s for s in self._shapes if s.count(",") + 1 == len(shape)]
        if not fits:
            raise ShapeError(
                f"{self._label()} on {shape}: {len(shape)} axes",
                op=name,
                got=shape,
                expected=" or ".join(self._shapes),
                fix=f"x of shape {self._shapes[-1]}",
            )
        batch = shape if fits[0].startswith("(N") else (1, *shape)
        if batch[1] != self.num_features:
            raise ShapeError(
                f"{self._label()} on {shape}: "
                f"{batch[1]} channels, the layer has {self.num_features}",
                op=name,
                got=shape,
                expected=fits[0].replace("C", str(self.num_features)),
                fix=f"{name}({batch[1]})",
            )
        return x, batch

    def _learns(self):
        """Whether running numbers are to be changed."""
        return self.training and not self.frozen and self.running_mean is not None

    def _count(self):
        """Count a batch; returns the part that it has in the running numbers."""
        with no_grad():
            self.num_batches_tracked += 1
        return self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()

    def extra_repr(self):
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, track_running_stats={self.track_running_stats}"
        )


# ---------------------------------------------------------------------- over the batch
class _BatchNorm(_Channels):
    """Batch norm for any number of axes: BatchNorm1d says what it does."""

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=True,
        track_running_stats=True,
        *,
        dtype=None,
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype)

    def forward(self, x):
        """Map x to y of the same shape."""
        x, _ = self._checked(x)
        learns = self._learns()
        batch = learns or self.running_mean is None
        if batch and math.prod(x.shape) < 2 * self.num_features:
            raise ShapeError(
                f"{self._label()} on {tuple(x.shape)}: a batch has no spread with "
                f"{math.prod(x.shape) // self.num_features} values of each channel",
                op=type(self).__name__,
                got=tuple(x.shape),
                expected="two values or more of each channel, while training",
                fix="a larger batch, or .eval() if this is no training",
            )
        part = self._count() if learns else 0.0
        return batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, batch, part, self.eps
        )


class BatchNorm1d(_BatchNorm):
    r"""Each channel with mean 0 and variance 1 over the batch; x of shape (N, C) or (N, C, L).

    .. math:: y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} w + b

    While training, :math:`\mu` and :math:`\sigma^2` are those of the batch (divided by n), and
    running numbers move towards them (the variance divided by n - 1). After ``eval()``, and where
    the layer is frozen, the running numbers take their place and stay.

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float, default 1e-5
        Keeps equal numbers from 0 / 0.
    momentum : float or None, default 0.1
        The part of each batch in the running numbers; None for their plain mean.
    affine : bool, default True
        Whether there are weight and bias.
    track_running_stats : bool, default True
        Without running numbers those of the batch are used after ``eval()``, too.
    dtype : floating dtype, optional
        Of parameters and buffers; the default dtype if not given.

    Attributes
    ----------
    weight, bias : Parameter of shape (C,), or None
        w and b, which start at 1 and 0.
    running_mean, running_var : Tensor of shape (C,), or None
        Buffers, which start at 0 and 1.
    num_batches_tracked : Tensor of shape (), or None
        A buffer, an integer.

    Raises
    ------
    ArgumentError
        If `num_features` is below 1.
    ShapeError
        On a call whose x has other axes or channels, or while training only one value of each
        channel.
    DTypeError
        On a call whose x is not floating.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", 2015, algorithms 1 and 2, arXiv:1502.03167.

    Examples
    --------
    >>> import graddl as gd
    >>> norm = gd.nn.BatchNorm1d(2)
    >>> norm(gd.tensor([[1.0, 5.0], [3.0, 9.0]])).round(3).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> norm.running_mean.round(3).tolist()  # 0.9 * 0 + 0.1 * (2, 7)
    [0.20000000298023224, 0.699999988079071]
    """

    _shapes = ("(N, C)", "(N, C, L)")


class BatchNorm2d(_BatchNorm):
    """Batch norm over the batch and all pixels; x of shape (N, C, H, W). Else as `BatchNorm1d`.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.BatchNorm2d(3)(gd.randn(2, 3, 4, 4)).shape
    (2, 3, 4, 4)
    """

    _shapes = ("(N, C, H, W)",)


class BatchNorm3d(_BatchNorm):
    """Batch norm of volumes; x of shape (N, C, D, H, W). Else as `BatchNorm1d`."""

    _shapes = ("(N, C, D, H, W)",)


# ---------------------------------------------------------------------- over each instance
class _InstanceNorm(_Channels):
    """Instance norm for any number of axes: InstanceNorm1d says what it does."""

    def __init__(
        self,
        num_features,
        eps=1e-5,
        momentum=0.1,
        affine=False,
        track_running_stats=False,
        *,
        dtype=None,
    ):
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype)

    def forward(self, x):
        """Map x to y of the same shape."""
        x, batch = self._checked(x)
        shape, learns = tuple(x.shape), self._learns()
        if not learns and self.running_mean is not None:
            x = reshape(x, batch)
            y = batch_norm(
                x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
            return reshape(y, shape)
        n = math.prod(batch[2:])
        if n < 2:
            raise ShapeError(
                f"{self._label()} on {shape}: a channel has no spread with {n} values",
                op=type(self).__name__,
                got=shape,
                expected="two positions or more",
                fix="BatchNorm, or GroupNorm, which takes several channels together",
            )
        each = (1, batch[0] * batch[1], n)  # an instance is a channel of a batch of one
        y, mean, var = normalize_batch(reshape(x, each), eps=self.eps)
        if learns and batch[0]:
            mean, var = (reshape(v, batch[:2]).mean(0) for v in (mean, var))
            _account(self.running_mean, self.running_var, mean, var, n, self._count())
        y = reshape(y, shape)
        if self.weight is None:
            return y
        along = (self.num_features, *[1] * (len(batch) - 2))
        return y * reshape(self.weight, along) + reshape(self.bias, along)


class InstanceNorm1d(_InstanceNorm):
    r"""Each channel of each sample with mean 0 and variance 1; x of shape (N, C, L) or (C, L).

    .. math:: y = \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \epsilon}} w_c + b_c

    Parameters
    ----------
    num_features : int
        C, the number of channels.
    eps : float, default 1e-5
        Keeps equal numbers from 0 / 0.
    momentum : float or None, default 0.1
        The part of each batch in the running numbers; None for their plain mean.
    affine : bool, default False
        Whether there are weight and bias.
    track_running_stats : bool, default False
        Whether means over the samples are kept, and used after ``eval()``.
    dtype : floating dtype, optional
        Of parameters and buffers; the default dtype if not given.

    Attributes
    ----------
    weight, bias : Parameter of shape (C,), or None
    running_mean, running_var : Tensor of shape (C,), or None
    num_batches_tracked : Tensor of shape (), or None

    Raises
    ------
    ArgumentError
        If `num_features` is below 1.
    ShapeError
        On a call whose x has other axes or channels, or only one position.
    DTypeError
        On a call whose x is not floating.

    Notes
    -----
    In PyTorch `num_batches_tracked` of this layer stays 0, and with momentum None the running
    numbers stay, too.

    References
    ----------
    D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance normalization", 2016, equation 2,
    arXiv:1607.08022.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.InstanceNorm1d(1)(gd.tensor([[[1.0, 3.0]], [[5.0, 9.0]]])).round(3).tolist()
    [[[-1.0, 1.0]], [[-1.0, 1.0]]]
    """

    _shapes = ("(C, L)", "(N, C, L)")


class InstanceNorm2d(_InstanceNorm):
    """Instance norm of images; x of shape (N, C, H, W) or (C, H, W). Else as `InstanceNorm1d`."""

    _shapes = ("(C, H, W)", "(N, C, H, W)")
