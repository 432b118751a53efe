"""Stochastic gradient descent."""

from ..creation import zeros_like
from ..ops.steps import sgd_step, take
from .optimizer import Optimizer


class SGD(Optimizer):
    r"""Stochastic gradient descent, with momentum if wanted.

    .. math::

        v &\leftarrow \mu v + (1 - \tau) g \qquad (v = g \text{ at the first step}) \\
        \theta &\leftarrow \theta - \eta v \qquad \text{(Nesterov:} \; \theta - \eta (g + \mu v))

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 0.001
        :math:`\eta`, the step size.
    momentum : float, default 0
        :math:`\mu`, the share of the last step's direction that is kept.
    dampening : float, default 0
        :math:`\tau`, how much less a new gradient counts.
    weight_decay : float, default 0
        :math:`\lambda`, pulls towards 0 by the gradient of :math:`\lambda/2 \, \|\theta\|^2`.
        See :class:`Optimizer`.
    nesterov : bool, default False
        Whether to look ahead along the momentum; needs momentum and no dampening.
    l1 : float, default 0
        :math:`\lambda_1`, pulls towards 0 by the gradient of :math:`\lambda_1 \|\theta\|_1`.

    Raises
    ------
    ArgumentError
        If an option is negative, or `nesterov` lacks momentum or has dampening.

    References
    ----------
    Sutskever, Martens, Dahl, Hinton (2013), On the importance of initialization and momentum in
    deep learning, equations 1 to 4. As in PyTorch, the step size multiplies v and is no part of it.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.SGD([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.5, -1.0]
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        momentum=0.0,
        dampening=0.0,
        weight_decay=0.0,
        nesterov=False,
        *,
        l1=0.0,
    ):
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            l1=l1,
        )

    def check(self, momentum, dampening, nesterov, **others):
        super().check(momentum=momentum, dampening=dampening, **others)
        fit = not nesterov or (momentum > 0 and dampening == 0)
        self.require(fit, "nesterov", nesterov, "True with momentum and without dampening only")

    def update(self, p, g, state, lr, momentum, dampening, nesterov):
        if not momentum:
            take(sgd_step, p, g, lr=lr)
            return
        if "v" not in state:  # 0 kept, and g counts in full
            state["v"], dampening = zeros_like(p), 0.0
        options = {"momentum": momentum, "dampening": dampening, "nesterov": nesterov}
        take(sgd_step, p, g, state["v"], lr=lr, **options)
