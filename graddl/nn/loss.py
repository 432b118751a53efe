"""Losses as layers: how far a prediction is from its target.

The functions are those of `nn.functional`, under PyTorch's names, with its defaults and order of
parameters; ``size_average=`` and ``reduce=`` are not taken. Each layer is called with input and
target, in that order, and what the table says of their shapes holds.
"""

from .._core import Scalar, Tensor
from ..errors import ArgumentError, ShapeError
from ..modes import get_default_dtype, scope
from ..ops import FUNCTIONS
from . import functional
from ._function_layer import FunctionLayer


def cost(losses):
    r"""The cost of a batch: the mean of the losses of its examples.

    .. math:: C = \frac{1}{N} \sum_n \ell_n

    A loss with ``reduction="none"`` gives the losses. With ``reduction="mean"`` it is the cost at
    once; in two steps a picture shows both.

    Parameters
    ----------
    losses : Tensor of shape (N, ...), or a sequence of Tensors of one shape or of Scalars

    Returns
    -------
    Tensor of shape () or Scalar
        Named "cost".

    Raises
    ------
    ShapeError
        If there are no losses.

    Examples
    --------
    >>> import graddl as gd
    >>> losses = gd.nn.MSELoss(reduction="none")(gd.tensor([1.0, 5.0]), gd.tensor([0.0, 2.0]))
    >>> losses.tolist(), gd.nn.cost(losses).item()
    ([1.0, 9.0], 5.0)
    """
    count = losses.size if isinstance(losses, Tensor) else len(losses)
    if not count:
        raise ShapeError(
            "no examples, no mean", op="cost", got=count, expected="a loss or more",
            fix="gd.zeros(())",
        )  # fmt: skip
    with scope("cost"):
        if isinstance(losses, Tensor):
            mean = FUNCTIONS["mean"](losses)
        elif isinstance(losses[0], Scalar):
            mean = sum(losses[1:], start=losses[0]) / count
        else:
            mean = FUNCTIONS["mean"](FUNCTIONS["stack"](losses))
    mean.name = "cost"
    return mean


def _weights(values):
    """Weights as floating numbers: integers would turn a loss of float32 into one of float64."""
    weights = Tensor(values)
    return weights if weights.dtype.kind == "f" else weights.to(get_default_dtype())


class Loss(FunctionLayer):
    """A loss of the table as a layer. A subclass names its function."""

    _parameters = ("reduction",)
    _words: tuple[str, ...] = ("mean", "sum", "none")  # for a reduction
    _notes = """
        Parameters
        ----------
        reduction : "mean", "sum" or "none", default "mean"
            Over all elements.
        """

    def __init__(self, reduction="mean"):
        self._keep(reduction=reduction)

    def _keep(self, *, reduction, **parameters):
        """Set the attributes; arrays of numbers become buffers."""
        if reduction not in self._words:
            name = type(self).__name__
            raise ArgumentError(
                "unknown reduction",
                op=name,
                got=repr(reduction),
                expected=" or ".join(map(repr, self._words)),
                fix=f"gd.nn.{name}(reduction='mean')",
            )
        self.reduction = reduction
        for name, value in parameters.items():
            if name in ("weight", "pos_weight"):
                self.register_buffer(name, None if value is None else _weights(value))
            else:
                setattr(self, name, value)

    def forward(self, *arrays, **named):
        """Compare input with target: a Tensor of shape (), or the losses if reduction is "none"."""
        return self._function(*arrays, **named, **self._options())


# ---------------------------------------------------------------------- numbers
class MSELoss(Loss, function=FUNCTIONS["mse_loss"]):
    """
    Parameters
    ----------
    reduction : "mean", "sum" or "none", default "mean"
        Over all elements.

    Raises
    ------
    ArgumentError
        If `reduction` is none of the three, as from all losses.
    ShapeError
        On a call whose input and target differ in shape: nothing broadcasts here.

    Examples
    --------
    >>> import graddl as gd
    >>> gd.nn.MSELoss()(gd.tensor([1.0, 5.0]), gd.tensor([0.0, 2.0])).item()
    5.0
    """


class L1Loss(Loss, function=FUNCTIONS["l1_loss"]):
    pass


class HuberLoss(Loss, function=FUNCTIONS["huber_loss"]):
    r"""
    Parameters
    ----------
    reduction : "mean", "sum" or "none", default "mean"
    delta : float above 0, default 1
        :math:`\delta`, from where the loss is linear.

    References
    ----------
    Huber (1964), Robust estimation of a location parameter.
    """

    def __init__(self, reduction="mean", delta=1.0):
        self._keep(reduction=reduction, delta=delta)


class SmoothL1Loss(Loss, function=FUNCTIONS["smooth_l1_loss"]):
    r"""
    Parameters
    ----------
    reduction : "mean", "sum" or "none", default "mean"
    beta : float of 0 or more, default 1
        :math:`\beta`, from where the loss is linear.

    References
    ----------
    Girshick (2015), Fast R-CNN, equation 3.
    """

    def __init__(self, reduction="mean", beta=1.0):
        self._keep(reduction=reduction, beta=beta)


# ---------------------------------------------------------------------- one class of several
class CrossEntropyLoss(Loss, function=functional.cross_entropy):
    r"""The negative log-probability that a softmax gives to the target class.

    .. math:: \ell_n = -w_{t_n} \ln \frac{e^{x_{n, t_n}}}{\sum_c e^{x_{n, c}}}

    Give it logits, not probabilities: softmax is part of it, computed without overflow.

    Parameters
    ----------
    weight : array_like of shape (C,), optional
        :math:`w`, a weight for each class; 1 if not given. A buffer.
    ignore_index : int, default -100
        Class indices that do not count.
    reduction : "mean", "sum" or "none", default "mean"
        With class weights the mean is the weighted one, :math:`\sum_n \ell_n / \sum_n w_{t_n}`.
    label_smoothing : float from 0 to 1, default 0
        The part of each target that is spread over all classes.

    Raises
    ------
    ArgumentError
        If `reduction` is none of the three or, on a call, `label_smoothing` is not a part of 1.
    ShapeError, DTypeError, ``IndexError_``
        On a call whose arrays do not fit, or whose target is not integer or names no class.

    References
    ----------
    Szegedy et al. (2016), Rethinking the Inception architecture for computer vision, section 7,
    for label smoothing.

    Examples
    --------
    >>> import graddl as gd
    >>> loss = gd.nn.CrossEntropyLoss()
    >>> f"{loss(gd.zeros(3, 10), [1, 0, 9]).item():.4f}"  # ln 10
    '2.3026'
    """

    def __init__(self, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        self._keep(
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        )

    def forward(self, input, target):
        """Compare logits of shape (N, C) with integers of shape (N,).

        Also (C,) with (), and (N, C, d1, ...) with (N, d1, ...); or a target of the logits' shape,
        the probabilities of the classes.
        """
        return super().forward(input, target)


class NLLLoss(Loss, function=functional.nll_loss):
    r"""Minus the log-probability of the target class, :math:`\ell_n = -w_{t_n} x_{n, t_n}`.

    Input and target have the shapes that `CrossEntropyLoss` takes; input is log-probabilities, such
    as `LogSoftmax` gives.

    Parameters
    ----------
    weight : array_like of shape (C,), optional
    ignore_index : int, default -100
    reduction : "mean", "sum" or "none", default "mean"
        As in `CrossEntropyLoss`.
    """

    def __init__(self, weight=None, ignore_index=-100, reduction="mean"):
        self._keep(weight=weight, ignore_index=ignore_index, reduction=reduction)


class MultiMarginLoss(Loss, function=FUNCTIONS["multi_margin_loss"]):
    r"""
    Parameters
    ----------
    p : 1 or 2, default 1
        The power of a margin.
    margin : float, default 1
        m.
    weight : array_like of shape (C,), optional
        A weight for each class.
    reduction : "mean", "sum" or "none", default "mean"
    """

    def __init__(self, p=1, margin=1.0, weight=None, reduction="mean"):
        self._keep(p=p, margin=margin, weight=weight, reduction=reduction)


# ---------------------------------------------------------------------- yes or no
class BCELoss(Loss, function=FUNCTIONS["binary_cross_entropy"]):
    """`BCEWithLogitsLoss` does not round where a probability is close to 0 or 1.

    Parameters
    ----------
    weight : array_like that broadcasts to input, optional
    reduction : "mean", "sum" or "none", default "mean"
        The mean divides by the number of elements, whatever their weights.
    """

    def __init__(self, weight=None, reduction="mean"):
        self._keep(weight=weight, reduction=reduction)


class BCEWithLogitsLoss(Loss, function=FUNCTIONS["binary_cross_entropy_with_logits"]):
    """
    Parameters
    ----------
    weight : array_like that broadcasts to input, optional
    reduction : "mean", "sum" or "none", default "mean"
        The mean divides by the number of elements, whatever their weights.
    pos_weight : array_like that broadcasts to input, optional
        p: the number of negative examples by that of positive ones balances them.

    Examples
    --------
    >>> import graddl as gd
    >>> loss = gd.nn.BCEWithLogitsLoss()
    >>> f"{loss(gd.zeros(3), gd.tensor([0.0, 1.0, 1.0])).item():.4f}"  # ln 2
    '0.6931'
    """

    def __init__(self, weight=None, reduction="mean", pos_weight=None):
        self._keep(weight=weight, reduction=reduction, pos_weight=pos_weight)


class MultiLabelSoftMarginLoss(Loss, function=FUNCTIONS["multilabel_soft_margin_loss"]):
    """
    Parameters
    ----------
    weight : array_like of shape (C,), optional
    reduction : "mean", "sum" or "none", default "mean"
        Over the samples.
    """

    def __init__(self, weight=None, reduction="mean"):
        self._keep(weight=weight, reduction=reduction)


class FocalLoss(Loss, function=FUNCTIONS["sigmoid_focal_loss"]):
    r"""
    Parameters
    ----------
    alpha : float from 0 to 1, or below 0, default 0.25
        The weight of positive targets, where negative ones have 1 - alpha; below 0 for no weights.
    gamma : float of 0 or more, default 2
        0 gives binary cross-entropy.
    reduction : "mean", "sum" or "none", default "mean"
        The function's own default, as torchvision's, is "none".

    References
    ----------
    Lin et al. (2017), Focal loss for dense object detection, equation 5.
    """

    def __init__(self, alpha=0.25, gamma=2.0, reduction="mean"):
        self._keep(alpha=alpha, gamma=gamma, reduction=reduction)


# ---------------------------------------------------------------------- which side of a margin
class HingeLoss(Loss, function=FUNCTIONS["hinge_loss"]):
    pass


class SquaredHingeLoss(Loss, function=FUNCTIONS["squared_hinge_loss"]):
    pass


class SoftMarginLoss(Loss, function=FUNCTIONS["soft_margin_loss"]):
    pass


class HingeEmbeddingLoss(Loss, function=FUNCTIONS["hinge_embedding_loss"]):
    """
    Parameters
    ----------
    margin : float, default 1
        m.
    reduction : "mean", "sum" or "none", default "mean"
    """

    def __init__(self, margin=1.0, reduction="mean"):
        self._keep(margin=margin, reduction=reduction)


class MarginRankingLoss(Loss, function=FUNCTIONS["margin_ranking_loss"]):
    """
    Parameters
    ----------
    margin : float, default 0
        m.
    reduction : "mean", "sum" or "none", default "mean"
    """

    def __init__(self, margin=0.0, reduction="mean"):
        self._keep(margin=margin, reduction=reduction)


# ---------------------------------------------------------------------- distributions
class KLDivLoss(Loss, function=FUNCTIONS["kl_div"]):
    """
    Parameters
    ----------
    reduction : "mean", "batchmean", "sum" or "none", default "mean"
        "batchmean" is the divergence as it is defined; "mean" divides by the number of elements.
    log_target : bool, default False
        Whether targets are logarithms, too.
    """

    _words = ("mean", "batchmean", "sum", "none")

    def __init__(self, reduction="mean", log_target=False):
        self._keep(reduction=reduction, log_target=log_target)


class PoissonNLLLoss(Loss, function=FUNCTIONS["poisson_nll_loss"]):
    """
    Parameters
    ----------
    log_input : bool, default True
        Whether input is the logarithm of the rate.
    full : bool, default False
        Whether Stirling's term is added.
    eps : float, default 1e-8
        Added to a rate before its logarithm is taken.
    reduction : "mean", "sum" or "none", default "mean"
    """

    def __init__(self, log_input=True, full=False, eps=1e-8, reduction="mean"):
        self._keep(log_input=log_input, full=full, eps=eps, reduction=reduction)


class GaussianNLLLoss(Loss, function=FUNCTIONS["gaussian_nll_loss"]):
    """Called with input, target and var.

    Parameters
    ----------
    full : bool, default False
        Whether the constant term is added.
    eps : float, default 1e-6
        What variances are held at.
    reduction : "mean", "sum" or "none", default "mean"

    References
    ----------
    Nix and Weigend (1994), Estimating the mean and variance of the target probability distribution.
    """

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        self._keep(full=full, eps=eps, reduction=reduction)


# ---------------------------------------------------------------------- distances of vectors
class CosineEmbeddingLoss(Loss, function=FUNCTIONS["cosine_embedding_loss"]):
    """Called with input1, input2 and target.

    Parameters
    ----------
    margin : float, default 0
        m.
    reduction : "mean", "sum" or "none", default "mean"
    """

    def __init__(self, margin=0.0, reduction="mean"):
        self._keep(margin=margin, reduction=reduction)


class TripletMarginLoss(Loss, function=FUNCTIONS["triplet_margin_loss"]):
    """Called with anchor, positive and negative.

    Parameters
    ----------
    margin : float, default 1
        m.
    p : float, default 2
        Which norm.
    eps : float, default 1e-6
        Added to differences, so that equal vectors have a gradient.
    swap : bool, default False
        Whether the nearer of anchor and positive counts for the negative.
    reduction : "mean", "sum" or "none", default "mean"

    References
    ----------
    Balntas et al. (2016), Learning shallow convolutional feature descriptors with triplet losses.
    """

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"):
        self._keep(margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)


class CosineSimilarity(FunctionLayer, function=FUNCTIONS["cosine_similarity"]):
    """No loss itself: 1 for equal directions.

    Parameters
    ----------
    dim : int, default 1
        The axis along which vectors lie.
    eps : float, default 1e-8
        What lengths are held at.
    """

    def __init__(self, dim=1, eps=1e-8):
        self.dim, self.eps = dim, eps

    def forward(self, x1, x2):
        """Compare two arrays whose shapes broadcast; the axis is gone in what comes."""
        return self._function(x1, x2, **self._options())


class PairwiseDistance(FunctionLayer, function=FUNCTIONS["pairwise_distance"]):
    """No loss itself.

    Parameters
    ----------
    p : float, default 2
        Which norm.
    eps : float, default 1e-6
        Added to differences, so that equal vectors have a gradient.
    keepdim : bool, default False
        Whether the last axis stays, with one element.
    """

    def __init__(self, p=2.0, eps=1e-6, keepdim=False):
        self.p, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1, x2):
        """Compare two arrays of shape (..., D), which broadcast: shape (...)."""
        return self._function(x1, x2, **self._options())
