"""RAdam."""

from ..ops.steps import radam_step, take
from .adam import count_step
from .optimizer import Optimizer


class RAdam(Optimizer):
    r"""RAdam: Adam that does without its divisor until enough gradients have made it reliable.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1) g, \qquad \hat m = m / (1 - \beta_1^t) \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \rho_\infty &= 2 / (1 - \beta_2) - 1, \qquad
            \rho = \rho_\infty - 2 t \beta_2^t / (1 - \beta_2^t) \\
        r &= \sqrt{\frac{(\rho - 4) (\rho - 2) \rho_\infty}
            {(\rho_\infty - 4) (\rho_\infty - 2) \rho}} \\
        \theta &\leftarrow \theta - \eta \, \hat m \, r \sqrt{1 - \beta_2^t} / (\sqrt{v} + \epsilon)
            \qquad (\text{if} \; \rho \le 5: \; \theta - \eta \, \hat m)

    :math:`\rho` counts the gradients that the mean of squares is made of. It has the effect of a
    warm-up of the step size.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.001
        :math:`\eta`.
    betas : pair of float, default (0.9, 0.999)
        :math:`\beta_1, \beta_2`, the shares of the running means that are kept, in [0, 1).
    eps : float, default 1e-8
        :math:`\epsilon`, keeps the quotient finite.
    weight_decay : float, default 0
        See :class:`Optimizer`.
    decoupled_weight_decay : bool, default False
        Whether decay bypasses the means, as in :class:`AdamW`.
    l1 : float, default 0
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is negative, or a beta outside of [0, 1).

    References
    ----------
    Liu, Jiang, He, Chen, Liu, Gao, Han (2020), On the variance of the adaptive learning rate and
    beyond, algorithm 2. As in PyTorch, the divisor comes in above 5 rather than above 4.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.RAdam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.5, -1.0]
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        decoupled_weight_decay=False,
        *,
        l1=0.0,
    ):
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            l1=l1,
        )

    def update(self, p, g, state, lr, betas, eps):
        beta1, beta2 = betas
        t = count_step(p, state, "m", "v")
        numbers = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        take(radam_step, p, g, state["m"], state["v"], **numbers, t=t)
