"""Adam."""

from math import sqrt

from ..creation import zeros_like
from .optimizer import Optimizer


class Adam(Optimizer):
    r"""Adam: running means of each gradient and of its square scale each element's step.

    .. math::

        g &\leftarrow g + \lambda \theta \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \hat m &= m / (1 - \beta_1^t), \qquad \hat v = v / (1 - \beta_2^t) \\
        \theta &\leftarrow \theta - \eta \, \hat m / (\sqrt{\hat v} + \epsilon)

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.001
        :math:`\eta`, about the size of each element's step.
    betas : pair of float, default (0.9, 0.999)
        :math:`\beta_1, \beta_2`, the shares of the running means that are kept, in [0, 1).
    eps : float, default 1e-8
        :math:`\epsilon`, keeps the quotient finite.
    weight_decay : float, default 0
        :math:`\lambda`, added to the gradient as :math:`\lambda \theta`.

    Raises
    ------
    ArgumentError
        If an option is negative, or a beta outside of [0, 1).

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.Adam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def check(self, betas, **others):
        super().check(**others)
        fit = len(betas) == 2 and all(0 <= beta < 1 for beta in betas)
        self.require(fit, "betas", betas, "two numbers in [0, 1)")

    def update(self, p, g, state, lr, betas, eps, weight_decay):
        beta1, beta2 = betas
        if not state:
            state.update(t=0, m=zeros_like(p), v=zeros_like(p))
        if weight_decay:
            g = g + weight_decay * p
        t = state["t"] = state["t"] + 1
        m, v = state["m"], state["v"]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        # The two corrections by (1 - beta^t) are numbers, so they go into numbers: lr and the root.
        p -= (lr / (1 - beta1**t)) * m / (v.sqrt() / sqrt(1 - beta2**t) + eps)
