"""Adam, its variant AMSGrad, and AdamW."""

from ..creation import zeros_like
from ..ops.steps import adam_step, take
from .optimizer import Optimizer


class Adam(Optimizer):
    r"""Adam: running means of each gradient and of its square scale each element's step.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        v' &\leftarrow \max(v', v) \qquad \text{(not AMSGrad:} \; v' = v) \\
        \hat m &= m / (1 - \beta_1^t), \qquad \hat v = v' / (1 - \beta_2^t) \\
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
        See :class:`Optimizer`.
    amsgrad : bool, default False
        Whether the divisor never falls, so that rare large gradients are not forgotten.
    l1 : float, default 0
        See :class:`Optimizer`.
    decoupled_weight_decay : bool, default False
        Whether decay bypasses the means, which makes it :class:`AdamW`.

    Raises
    ------
    ArgumentError
        If an option is negative, or a beta outside of [0, 1).

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    Reddi, Kale, Kumar (2018), On the convergence of Adam and beyond, algorithm 2; as in PyTorch,
    v is corrected for its start at 0.

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

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.0,
        amsgrad=False,
        *,
        l1=0.0,
        decoupled_weight_decay=False,
    ):
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def update(self, p, g, state, lr, betas, eps, amsgrad):
        beta1, beta2 = betas
        t = count_step(p, state, "m", "v")
        if amsgrad and "v_max" not in state:  # it may be switched on later
            state["v_max"] = zeros_like(p)
        kept = state["m"], state["v"], state["v_max"] if amsgrad else None
        take(adam_step, p, g, *kept, lr=lr, beta1=beta1, beta2=beta2, eps=eps, t=t)


class AdamW(Adam):
    r"""Adam with decoupled weight decay: it shrinks every parameter at the same rate.

    .. math::

        \theta \leftarrow \theta - \eta \lambda \theta, \qquad \text{then as Adam without decay}

    In Adam, decay that joins the gradient is divided by :math:`\sqrt{\hat v}` with it, so that
    parameters with large gradients hardly decay.

    Parameters
    ----------
    params, lr, betas, eps, amsgrad, l1
        See :class:`Adam`.
    weight_decay : float, default 0.01
        :math:`\lambda`.

    Raises
    ------
    ArgumentError
        If an option is negative, or a beta outside of [0, 1).

    References
    ----------
    Loshchilov and Hutter (2019), Decoupled weight decay regularization, algorithm 2.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = gd.optim.AdamW([w], lr=0.25, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.tolist()
    [0.625, -1.5]
    """

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        *,
        l1=0.0,
    ):
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, l1=l1, decoupled_weight_decay=True
        )


def count_step(p, state, *names, **numbers):
    """The number of this step of p. At the first, zeros like p come under `names` in the state."""
    if not state:
        state.update(t=0, **numbers, **{name: zeros_like(p) for name in names})
    state["t"] += 1
    return state["t"]
