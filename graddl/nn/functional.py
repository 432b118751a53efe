"""PyTorch's ``torch.nn.functional``: its words, its order of arguments, its axes.

``from graddl.nn import functional as F`` stands in for PyTorch's line. Most of these are the
functions of the table as they are. Those defined here differ: in PyTorch the classes of a loss are
on axis 1, in the table on the last; ``pad`` counts axes from the last one; ``softmax`` wants to be
told its axis. ``inplace=``, ``size_average=`` and ``reduce=`` are not taken.
"""

import math

from .._core import Tensor
from ..creation import ones
from ..errors import ArgumentError, GraddlError, ShapeError
from ..functional import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    alpha_dropout,
    astype,
    avg_pool1d,
    avg_pool2d,
    bilinear,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    celu,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    cosine_embedding_loss,
    cosine_similarity,
    ctc_loss,
    dropout,
    elu,
    embedding,
    gaussian_nll_loss,
    gelu,
    getitem,
    glu,
    group_norm,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    hinge_embedding_loss,
    huber_loss,
    interpolate,
    kl_div,
    l1_loss,
    layer_norm,
    leaky_relu,
    linear,
    logsigmoid,
    margin_ranking_loss,
    max_pool1d,
    max_pool2d,
    mish,
    moveaxis,
    mse_loss,
    multi_margin_loss,
    multilabel_soft_margin_loss,
    normalize,
    one_hot,
    pairwise_distance,
    poisson_nll_loss,
    prelu,
    relu,
    relu6,
    rms_norm,
    scaled_dot_product_attention,
    selu,
    sigmoid,
    silu,
    smooth_l1_loss,
    soft_margin_loss,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
    triplet_margin_loss,
    upsample,
)
from ..ops import FUNCTIONS
from .activation import named_axis
from .batch_norm import batch_norm

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "huber_loss",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "upsample",
]


# ---------------------------------------------------------------------- an axis that must be named
def softmax(input, dim, dtype=None):
    """Positive numbers that add up to 1 along the axis `dim`; in `dtype` if it is given."""
    return FUNCTIONS["softmax"](_cast(input, dtype), axis=named_axis("softmax", dim))


def log_softmax(input, dim, dtype=None):
    """The logarithm of softmax along the axis `dim`; in `dtype` if it is given."""
    return FUNCTIONS["log_softmax"](_cast(input, dtype), axis=named_axis("log_softmax", dim))


def softmin(input, dim, dtype=None):
    """The softmax of -input along the axis `dim`; in `dtype` if it is given."""
    return FUNCTIONS["softmin"](_cast(input, dtype), axis=named_axis("softmin", dim))


def _cast(input, dtype):
    return input if dtype is None else astype(input, dtype=dtype)


# ---------------------------------------------------------------------- classes on axis 1
def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    r"""The negative log-probability that a softmax of logits gives to the target classes.

    .. math:: -w_t \ln \frac{e^{x_t}}{\sum_c e^{x_c}}

    Parameters
    ----------
    input : Tensor of shape (C,), (N, C) or (N, C, d1, ...)
        Logits.
    target : array of shape (), (N,) or (N, d1, ...) of integers, or of input's shape
        Class indices, or a probability for each class.
    weight : array of shape (C,), optional
        A weight for each class.
    ignore_index : int, default -100
        Class indices that do not count.
    reduction : "mean", "sum" or "none", default "mean"
        With class indices and weights the mean is the weighted one.
    label_smoothing : float from 0 to 1, default 0
        The part of each target that is spread over all classes.

    Raises
    ------
    ShapeError, DTypeError, ``IndexError_``, ArgumentError
        For arrays that do not fit, a target that is not integer or names no class, and parameters
        that mean nothing.

    Examples
    --------
    >>> import graddl as gd
    >>> from graddl.nn import functional as F
    >>> F.cross_entropy(gd.zeros(2, 10, 5), gd.zeros(2, 5, dtype="int64")).item()  # ln 10
    2.3025851249694824
    """
    params = {"ignore_index": ignore_index, "reduction": reduction}
    return _classes_last(
        "cross_entropy", input, target, weight, params | {"label_smoothing": label_smoothing}
    )


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    r"""Minus the log-probability of the target classes, :math:`-w_t x_t`.

    Parameters
    ----------
    input : Tensor of shape (C,), (N, C) or (N, C, d1, ...)
        Log-probabilities.
    target : array of shape (), (N,) or (N, d1, ...) of integers
        Class indices.
    weight, ignore_index, reduction
        As in `cross_entropy`.

    Raises
    ------
    ShapeError, DTypeError, ``IndexError_``, ArgumentError
        As `cross_entropy`.
    """
    params = {"ignore_index": ignore_index, "reduction": reduction}
    return _classes_last("nll_loss", input, target, weight, params)


def _classes_last(name, input, target, weight, params):
    """The table's loss, to which the classes come last; its errors speak of this function."""
    function, input, target = FUNCTIONS[name], _array(input), _array(target)
    if input.ndim < 3:
        return function(input, target, weight, **params)
    soft, rows = target.shape == input.shape, (input.shape[0], *input.shape[2:])
    if not soft and target.shape != rows:
        raise ShapeError(
            f"input {input.shape} and target {target.shape} do not fit",
            op=name,
            got=(input.shape, target.shape),
            expected=f"a target of shape {rows}",
            fix=_target_fix(name, input.shape, target.shape, rows),
        )
    try:
        target = moveaxis(target, 1, -1) if soft else target
        return function(moveaxis(input, 1, -1), target, weight, **params)
    except GraddlError as error:
        fix = error.fix.replace(f"gd.{name}", f"gd.nn.functional.{name}")
        message, got, expected = error.message, error.got, error.expected
        raise type(error)(message, op=name, got=got, expected=expected, fix=fix) from error


def _target_fix(name, shape, target, rows):
    """A class index for each row of logits: those given, in that shape, or as many as fit."""
    k = min(math.prod(rows), math.prod(target))
    if math.prod(rows) == math.prod(target):
        return f"gd.nn.functional.{name}(input, target.reshape({rows}))"
    logits = f"gd.moveaxis(input, 1, -1).reshape(-1, {shape[1]})[:{k}]"
    return f"gd.{name}({logits}, target.reshape(-1)[:{k}])"


def _array(x):
    return x if hasattr(x, "shape") else Tensor(x)


# ---------------------------------------------------------------------- whole channels at once
def dropout1d(input, p=0.5, training=True):
    """Dropout of whole channels; input of shape (N, C, L) or (C, L)."""
    return _dropped_channels("dropout1d", input, p, training, {3: 2, 2: 1})


def dropout2d(input, p=0.5, training=True):
    """Dropout of whole channels; input of shape (N, C, H, W)."""
    return _dropped_channels("dropout2d", input, p, training, {4: 2})


def dropout3d(input, p=0.5, training=True):
    """Dropout of whole channels; input of shape (N, C, D, H, W) or (C, D, H, W)."""
    return _dropped_channels("dropout3d", input, p, training, {5: 2, 4: 1})


def _dropped_channels(name, input, p, training, leading):
    """Dropout of ones, one for each channel, times the input. `leading`: its axes up to that of the
    channels, by the number of all axes."""
    x = _array(input)
    if x.ndim not in leading:
        raise ShapeError(
            f"{name} of {x.ndim} axes",
            op=name,
            got=x.shape,
            expected=" or ".join(f"{n} axes" for n in leading),
            fix="gd.dropout(input)",
        )
    k = leading[x.ndim]
    channels = ones((*x.shape[:k], *[1] * (x.ndim - k)), dtype=x.dtype)
    return x * dropout(channels, p, training)


# ---------------------------------------------------------------------- borders
MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input, pad, mode="constant", value=0.0):
    """With a border: `pad` is (left, right) of the last axis, then of the one before it, and so on.

    Parameters
    ----------
    input : Tensor of any shape
    pad : sequence of an even number of int
        How many elements to add; less than 0 takes away.
    mode : "constant", "reflect", "replicate" or "circular", default "constant"
        What stands in the border: `value`, the elements next to the edge in reverse, the edge, or
        those at the other end.
    value : float, default 0

    Raises
    ------
    ArgumentError
        If `pad` is not in pairs or has more of them than input has axes, or the mode is none of
        the four.

    Examples
    --------
    >>> import graddl as gd
    >>> from graddl.nn import functional as F
    >>> F.pad(gd.tensor([[1.0, 2.0]]), (1, 0), "replicate").tolist()
    [[1.0, 1.0, 2.0]]
    """
    x = _array(input)
    if mode not in MODES:
        raise ArgumentError(
            "unknown mode",
            op="pad",
            got=repr(mode),
            expected=", ".join(map(repr, MODES)),
            fix="gd.nn.functional.pad(input, pad)",
        )
    if not hasattr(pad, "__len__"):
        raise ArgumentError(
            "a border is given by two numbers for each axis",
            op="pad",
            got=repr(pad),
            expected="(left, right), or (left, right, top, bottom)",
            fix="gd.nn.functional.pad(input, (1, 1))",
        )
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ArgumentError(
            f"{len(pad)} numbers for {x.ndim} axes",
            op="pad",
            got=tuple(pad),
            expected="a pair for each axis, or for the last ones",
            fix=f"gd.nn.functional.pad(input, {tuple(pad[: min(len(pad) // 2, x.ndim) * 2])})",
        )
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    if any(min(a, 0) + n + min(b, 0) < 0 for (a, b), n in zip(pairs, x.shape, strict=True)):
        raise ArgumentError(
            f"more is taken away than x {tuple(x.shape)} has",
            op="pad",
            got=tuple(pad),
            expected="numbers that leave 0 elements or more",
            fix=f"gd.nn.functional.pad(input, {tuple(max(n, 0) for n in pad)})",
        )
    if any(min(pair) < 0 for pair in pairs):
        sizes = zip(pairs, x.shape, strict=True)
        x = getitem(x, index=tuple(slice(max(-a, 0), n + min(b, 0)) for (a, b), n in sizes))
    widths = [(max(a, 0), max(b, 0)) for a, b in pairs]
    constants = {"constant_values": value} if mode == "constant" else {}
    return FUNCTIONS["pad"](x, widths, MODES[mode], **constants)
