"""Losses: how far a prediction is from its target, as one number."""

import numpy as np

from .._core import Tensor
from ..errors import ArgumentError, ShapeError
from ..ops import FUNCTIONS
from .module import Module

cross_entropy = FUNCTIONS["cross_entropy"]


class CrossEntropyLoss(Module):
    r"""The negative log-probability that a softmax gives to the target class.

    .. math:: \ell_n = -w_{t_n} \ln \frac{e^{x_{n, t_n}}}{\sum_c e^{x_{n, c}}}

    Give it logits, not probabilities: softmax is part of it, computed without overflow.

    Parameters
    ----------
    weight : array_like of shape (C,), optional
        :math:`w`, a weight for each class; 1 if not given.
    reduction : "mean", "sum" or "none", default "mean"
        With class weights the mean is the weighted one, :math:`\sum_n \ell_n / \sum_n w_{t_n}`.

    Raises
    ------
    ArgumentError
        If `reduction` is none of the three.
    ShapeError, DTypeError, ``IndexError_``
        On a call whose arrays do not fit, or whose target is not integer or names no class.

    Examples
    --------
    >>> import graddl as gd
    >>> loss = gd.nn.CrossEntropyLoss()
    >>> f"{loss(gd.zeros(3, 10), [1, 0, 9]).item():.4f}"  # ln 10
    '2.3026'
    """

    weight: Tensor | None

    def __init__(self, weight=None, reduction="mean"):
        if reduction not in ("mean", "sum", "none"):
            raise ArgumentError(
                "unknown reduction",
                op="CrossEntropyLoss",
                got=repr(reduction),
                expected="'mean', 'sum' or 'none'",
                fix="reduction='mean'",
            )
        self.reduction = reduction
        self.register_buffer("weight", None if weight is None else Tensor(weight))

    def forward(self, logits, target):
        """Compare logits of shape (N, C) with integers of shape (N,).

        Also (C,) with (), and (N, C, d1, ...) with (N, d1, ...).
        """
        if len(logits.shape) > 2:  # the table's op has the classes last
            logits = FUNCTIONS["transpose"](logits, axes=(0, *range(2, len(logits.shape)), 1))
        if self.weight is None:
            return cross_entropy(logits, target, reduction=self.reduction)
        if self.weight.shape != tuple(logits.shape[-1:]):
            raise ShapeError(
                f"{self.weight.size} class weights for {logits.shape[-1]} classes",
                op="CrossEntropyLoss",
                got=self.weight.shape,
                expected=tuple(logits.shape[-1:]),
                fix="one weight for each class",
            )
        losses = cross_entropy(logits, target, reduction="none")
        w = self.weight[np.asarray(target)]
        if self.reduction == "none":
            return w * losses
        total = (w * losses).sum()
        return total if self.reduction == "sum" else total / w.sum()

    def extra_repr(self):
        return f"reduction={self.reduction!r}"
