"""The loss for sequences whose labels come without their places in time."""

from numbers import Integral

from ..errors import ArgumentError
from ..ops import FUNCTIONS
from .module import Module

ctc_loss = FUNCTIONS["ctc_loss"]


class CTCLoss(Module):
    r"""Connectionist temporal classification: minus the log-probability of a label sequence.

    .. math:: \ell_n = -\ln \sum_{\pi \to l_n} \prod_{t < T_n} e^{x_{t, n, \pi_t}}

    A path :math:`\pi` has one class for each time step; without its repetitions, and then without
    its blanks, it is the label sequence :math:`l_n`. Two equal labels in a row therefore need a
    blank between them. Give it log-probabilities, from ``log_softmax``.

    Parameters
    ----------
    blank : int, default 0
        The class that stands for no label.
    reduction : "mean", "sum" or "none", default "mean"
        The mean is over sequences, of losses divided by their target's length.
    zero_infinity : bool, default False
        Whether sequences too short for their labels count 0, loss and gradient, rather than
        infinity and NaN.

    Raises
    ------
    ArgumentError
        If `reduction` is none of the three, or `blank` is negative; on a call with lengths out of
        range, or a label that is the blank.
    ShapeError, DTypeError, ``IndexError_``
        On a call whose arrays do not fit, whose labels are not integer or name no class.

    Notes
    -----
    The gradient is that with respect to the log-probabilities as they are, minus the probability
    of each class at each time given the labels. PyTorch adds ``exp(log_probs)``, the part that
    ``log_softmax`` before it would add; with ``log_softmax`` the two agree.

    References
    ----------
    Graves, Fernández, Gomez, Schmidhuber (2006), Connectionist temporal classification: labelling
    unsegmented sequence data with recurrent neural networks, section 4.

    Examples
    --------
    >>> import graddl as gd
    >>> log_probs = gd.log_softmax(gd.zeros(2, 1, 3))  # 2 steps, 1 sequence, 3 classes
    >>> loss = gd.nn.CTCLoss()(log_probs, [[1]], [2], [1])
    >>> f"{(-loss).exp().item():.4f}"  # 3 of 9 paths: 1 1, 1 0, 0 1
    '0.3333'
    """

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        if reduction not in ("mean", "sum", "none"):
            raise ArgumentError(
                "unknown reduction",
                op="CTCLoss",
                got=repr(reduction),
                expected="'mean', 'sum' or 'none'",
                fix="reduction='mean'",
            )
        if not isinstance(blank, Integral) or blank < 0:
            raise ArgumentError(
                "blank is no class",
                op="CTCLoss",
                got=repr(blank),
                expected="an integer of 0 or more",
                fix="blank=0",
            )
        self.blank, self.reduction, self.zero_infinity = blank, reduction, zero_infinity

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        """Compare log-probabilities with labels.

        Parameters
        ----------
        log_probs : Tensor of shape (T, N, C), or (T, C) for one sequence
        targets : integers of shape (N, S), padded at will, or one target after the other, (sum,)
        input_lengths, target_lengths : integers of shape (N,)
            How many time steps, and how many labels, each sequence has.

        Returns
        -------
        Tensor of shape (), or of the sequences' losses (N,) if the reduction is "none"
        """
        return ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            blank=self.blank,
            reduction=self.reduction,
            zero_infinity=self.zero_infinity,
        )

    def extra_repr(self):
        text = f"blank={self.blank}, reduction={self.reduction!r}"
        return text + (", zero_infinity=True" if self.zero_infinity else "")
