"""Adagrad."""

from ..creation import full_like
from ..ops.steps import adagrad_step, take
from .optimizer import Optimizer


class Adagrad(Optimizer):
    r"""Adagrad: the sum of squared gradients so far divides each element's step.

    .. math::

        v &\leftarrow v + g^2 \qquad (v = v_0 \text{ at first}) \\
        \eta_t &= \eta / (1 + (t - 1) \, \eta_d) \\
        \theta &\leftarrow \theta - \eta_t \, g / (\sqrt{v} + \epsilon)

    Elements with rare or small gradients take larger steps; every step becomes smaller.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.01
        :math:`\eta`, the size of an element's first step.
    lr_decay : float, default 0
        :math:`\eta_d`, how fast the step size falls by itself.
    weight_decay : float, default 0
        See :class:`Optimizer`.
    initial_accumulator_value : float, default 0
        :math:`v_0`, the sum's first value.
    eps : float, default 1e-10
        :math:`\epsilon`, keeps the quotient finite.
    l1 : float, default 0
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is negative.

    References
    ----------
    Duchi, Hazan, Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization, figure 1, the diagonal case.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.Adagrad([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.75, -1.75]
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0.0,
        weight_decay=0.0,
        initial_accumulator_value=0.0,
        eps=1e-10,
        *,
        l1=0.0,
    ):
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            l1=l1,
        )

    def update(self, p, g, state, lr, lr_decay, initial_accumulator_value, eps):
        if not state:
            state.update(t=0, v=full_like(p, initial_accumulator_value))
        t = state["t"] = state["t"] + 1
        take(adagrad_step, p, g, state["v"], lr=lr, lr_decay=lr_decay, eps=eps, t=t)
