"""A classifier whose features a restricted Boltzmann machine has learned without labels."""

from .. import nn


class RBMClassifier(nn.Module):
    r"""A linear classifier on the hidden units of a restricted Boltzmann machine.

    .. math:: y = U \, \sigma(W x + b) + c

    First the machine learns from data alone: `rbm.contrastive_divergence` is its loss. Then the
    whole learns from labels, which changes W and b, too. The bias of the visible units has no part
    in y, and gets no gradient from it.

    Parameters
    ----------
    num_visible : int
        Features of x, from 0 to 1.
    num_hidden : int
        Hidden units.
    num_classes : int
    generator : Generator, optional
        Where the initial numbers come from; the default one if not given.

    Attributes
    ----------
    rbm : RBM
        W is its `weight`, b its `hidden_bias`.
    head : Linear
        U and c.

    Raises
    ------
    ArgumentError
        If a size is below 1.
    ShapeError, DTypeError
        On a call whose x has another number of features, or is not floating.

    References
    ----------
    Y. Bengio, P. Lamblin, D. Popovici and H. Larochelle, "Greedy layer-wise training of deep
    networks", 2006, sections 2 and 3.

    Examples
    --------
    >>> import graddl as gd
    >>> model = gd.models.RBMClassifier(4, 3, 2)
    >>> x = gd.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    >>> model.rbm.contrastive_divergence(x).backward()  # a step of pre-training, without labels
    >>> gd.optim.SGD(model.rbm.parameters(), lr=0.1).step()
    >>> gd.nn.CrossEntropyLoss()(model(x), [0, 1]).backward()  # then fine-tuning, with labels
    """

    def __init__(self, num_visible, num_hidden, num_classes, *, generator=None):
        self.rbm = nn.RBM(num_visible, num_hidden, generator=generator)
        self.head = nn.Linear(num_hidden, num_classes, generator=generator)

    def forward(self, x):
        """Map x of shape (B, num_visible) to logits of shape (B, num_classes)."""
        return self.head(self.rbm(x))
