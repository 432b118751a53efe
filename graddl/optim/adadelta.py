"""Adadelta."""

from ..creation import zeros_like
from ..ops.steps import adadelta_step, take
from .optimizer import Optimizer


class Adadelta(Optimizer):
    r"""Adadelta: the size of past steps, over that of past gradients, scales each element's step.

    .. math::

        v &\leftarrow \rho v + (1 - \rho) g^2 \\
        \delta &= g \, \sqrt{u + \epsilon} / \sqrt{v + \epsilon} \\
        u &\leftarrow \rho u + (1 - \rho) \delta^2 \\
        \theta &\leftarrow \theta - \eta \delta

    A step has the unit of the parameter, so that no step size has to be found; `lr` stays 1.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float, default 1
        :math:`\eta`.
    rho : float, default 0.9
        :math:`\rho`, the share of the running means that is kept, in [0, 1].
    eps : float, default 1e-6
        :math:`\epsilon`, which gets the first steps going.
    weight_decay : float, default 0
        See :class:`Optimizer`.
    l1 : float, default 0
        See :class:`Optimizer`.

    Raises
    ------
    ArgumentError
        If an option is negative, or `rho` above 1.

    References
    ----------
    Zeiler (2012), Adadelta: an adaptive learning rate method, algorithm 1.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.Adadelta([w], rho=0.75, eps=1.0)
    >>> (w[:1] * 2 * 3**0.5).sum().backward()
    >>> optimizer.step()
    >>> [round(x, 4) for x in w.tolist()]
    [-0.7321, -2.0]
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0, *, l1=0.0):
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, l1=l1)

    def update(self, p, g, state, lr, rho, eps):
        if not state:
            state.update(v=zeros_like(p), u=zeros_like(p))
        take(adadelta_step, p, g, state["v"], state["u"], lr=lr, rho=rho, eps=eps)
