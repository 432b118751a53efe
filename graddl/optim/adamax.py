"""Adamax."""

from ..ops.steps import adamax_step, take
from .adam import count_step
from .optimizer import Optimizer


class Adamax(Optimizer):
    r"""Adamax: Adam with the largest recent gradient in place of the mean of squares.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        u &\leftarrow \max(\beta_2 u, \, |g| + \epsilon) \\
        \theta &\leftarrow \theta - \eta / (1 - \beta_1^t) \cdot m / u

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.002
        :math:`\eta`, a bound of each element's step.
    betas : pair of float, default (0.9, 0.999)
        :math:`\beta_1, \beta_2`, in [0, 1).
    eps : float, default 1e-8
        :math:`\epsilon`, keeps the quotient finite.
    weight_decay, l1 : float, default 0
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is negative, or a beta outside of [0, 1).

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 2.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.Adamax([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, *, l1=0.0):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, l1=l1)

    def update(self, p, g, state, lr, betas, eps):
        beta1, beta2 = betas
        t = count_step(p, state, "m", "u")
        numbers = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        take(adamax_step, p, g, state["m"], state["u"], **numbers, t=t)
