"""Lion."""

from ..creation import zeros_like
from ..ops.steps import lion_step, take
from .optimizer import Optimizer


class Lion(Optimizer):
    r"""Lion: every element takes a step of the same size, in the direction of its momentum's sign.

    .. math::

        c &= \beta_1 m + (1 - \beta_1) g \\
        \theta &\leftarrow \theta - \eta (\operatorname{sign} c + \lambda \theta) \\
        m &\leftarrow \beta_2 m + (1 - \beta_2) g

    It keeps one number for each parameter, where Adam keeps two.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.0001
        :math:`\eta`, the size of each element's step: 3 to 10 times smaller than for AdamW.
    betas : pair of float, default (0.9, 0.99)
        :math:`\beta_1, \beta_2`, the shares of the momentum in the direction and of the momentum
        that is kept, in [0, 1).
    weight_decay : float, default 0
        :math:`\lambda`, decoupled; 3 to 10 times larger than for AdamW.
    l1 : float, default 0
        Decoupled, too. See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is negative, or a beta outside of [0, 1).

    References
    ----------
    Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu, Le (2023), Symbolic discovery
    of optimization algorithms, algorithm 2.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.Lion([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, *, l1=0.0):
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            weight_decay=weight_decay,
            l1=l1,
            decoupled_weight_decay=True,
        )

    def update(self, p, g, state, lr, betas):
        beta1, beta2 = betas
        if not state:
            state["m"] = zeros_like(p)
        take(lion_step, p, g, state["m"], lr=lr, beta1=beta1, beta2=beta2)
