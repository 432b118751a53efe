"""NAdam."""

from ..ops.steps import nadam_momentum, nadam_step, take
from .adam import count_step
from .optimizer import Optimizer


class NAdam(Optimizer):
    r"""NAdam: Adam that looks ahead along its momentum, as Nesterov's method does.

    .. math::

        \mu_t &= \beta_1 (1 - \tfrac12 \, 0.96^{t \psi}) \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad \hat v = v / (1 - \beta_2^t) \\
        \hat m &= \frac{\mu_{t+1} \, m}{1 - \prod_{i=1}^{t+1} \mu_i}
            + \frac{(1 - \mu_t) \, g}{1 - \prod_{i=1}^{t} \mu_i} \\
        \theta &\leftarrow \theta - \eta \, \hat m / (\sqrt{\hat v} + \epsilon)

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.002
        :math:`\eta`.
    betas : pair of float, default (0.9, 0.999)
        :math:`\beta_1, \beta_2`, the shares of the running means that are kept, in [0, 1).
    eps : float, default 1e-8
        :math:`\epsilon`, keeps the quotient finite.
    weight_decay : float, default 0
        See :class:`Optimizer`.
    momentum_decay : float, default 0.004
        :math:`\psi`, how fast momentum rises from half of :math:`\beta_1` to all of it.
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
    Dozat (2016), Incorporating Nesterov momentum into Adam, algorithm 2.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.NAdam([w], lr=0.25, betas=(0.0, 0.999))
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        momentum_decay=4e-3,
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
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            l1=l1,
        )

    def update(self, p, g, state, lr, betas, eps, momentum_decay):
        beta1, beta2 = betas
        t = count_step(p, state, "m", "v", product=1.0)
        numbers = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps}
        numbers |= {"momentum_decay": momentum_decay, "product": state["product"], "t": t}
        take(nadam_step, p, g, state["m"], state["v"], **numbers)
        state["product"] *= nadam_momentum(t, beta1, momentum_decay)
