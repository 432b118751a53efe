"""RMSprop."""

from ..creation import zeros_like
from ..ops.steps import rmsprop_step, take
from .optimizer import Optimizer


class RMSprop(Optimizer):
    r"""RMSprop: a running mean of squared gradients divides each element's step.

    .. math::

        v &\leftarrow \alpha v + (1 - \alpha) g^2 \\
        \bar g &\leftarrow \alpha \bar g + (1 - \alpha) g, \qquad
            \tilde v = v - \bar g^2 \qquad \text{(not centered:} \; \tilde v = v) \\
        b &\leftarrow \mu b + g / (\sqrt{\tilde v} + \epsilon) \\
        \theta &\leftarrow \theta - \eta b

    Unlike :class:`Adagrad` it forgets old gradients, so that steps do not die out. Centered, the
    divisor is the gradient's standard deviation.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.01
        :math:`\eta`.
    alpha : float, default 0.99
        :math:`\alpha`, the share of the running mean that is kept, in [0, 1].
    eps : float, default 1e-8
        :math:`\epsilon`, keeps the quotient finite.
    weight_decay : float, default 0
        See :class:`Optimizer`.
    momentum : float, default 0
        :math:`\mu`, the share of the last step's direction that is kept.
    centered : bool, default False
        Whether to subtract the square of the mean gradient.
    l1 : float, default 0
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is negative, or `alpha` above 1.

    References
    ----------
    Tieleman and Hinton (2012), lecture 6.5 of Neural networks for machine learning. Graves (2013),
    Generating sequences with recurrent neural networks, equations 38 to 45: centered, with momentum
    (there the root is taken of :math:`\tilde v + \epsilon`).

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.RMSprop([w], lr=0.125, alpha=0.75)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0.0,
        momentum=0.0,
        centered=False,
        *,
        l1=0.0,
    ):
        super().__init__(
            params,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            l1=l1,
        )

    def update(self, p, g, state, lr, alpha, eps, momentum, centered):
        # Centering and momentum may be switched on later, so each is kept from then on.
        wanted = {"v": True, "mean": centered, "b": momentum}
        for name in wanted:
            if wanted[name] and name not in state:
                state[name] = zeros_like(p)
        kept = [state[name] if wanted[name] else None for name in wanted]
        take(rmsprop_step, p, g, *kept, lr=lr, alpha=alpha, eps=eps, momentum=momentum)
