"""Schedules that multiply the initial rate by a factor of the epoch."""

from bisect import bisect_right
from math import cos, pi

from ..optimizer import INITIAL_RATE
from .schedule import LRScheduler


class FactorLR(LRScheduler):
    r"""A schedule of the form :math:`\eta_t = \eta_{\min} + (\eta_0 - \eta_{\min}) f(t)`.

    A subclass defines ``factor``. The factor is applied by way of its change from epoch to epoch,

    .. math::

        \eta_t = \eta_{\min} + (\eta_{t-1} - \eta_{\min}) f(t) / f(t - 1),

    so that several such schedules of one optimizer multiply, a rate that was changed by hand stays
    changed, and groups that were added later take part.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    last_epoch : int, default -1
        See :class:`LRScheduler`.
    """

    continues = True
    eta_min = 0.0

    def factor(self, t):
        """f(t) for epoch t, an int of 0 or more."""
        raise NotImplementedError(f"{type(self).__name__} does not define factor()")

    def get_lr(self):
        t = self.last_epoch
        now, before = self.factor(t), self.factor(t - 1) if t else 1.0
        return [self._next(group, now, before) for group in self.optimizer.param_groups]

    def _next(self, group, now, before):
        lr = group["lr"]
        if now == before:
            return lr
        if before == 0:  # what was multiplied by 0 comes back from the initial rate
            return lr + (group.get(INITIAL_RATE, lr) - self.eta_min) * now
        return self.eta_min + (lr - self.eta_min) * (now / before)


class StepLR(FactorLR):
    r"""The rate falls by a factor every few epochs: :math:`f(t) = \gamma^{\lfloor t/s \rfloor}`.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    step_size : int
        s, the number of epochs.
    gamma : float, default 0.1
        :math:`\gamma`, the factor.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If `step_size` is less than 1.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.StepLR(gd.optim.SGD([w], lr=1.0), step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.require(step_size >= 1, "step_size", step_size, "1 or more")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma ** (t // self.step_size)


class MultiStepLR(FactorLR):
    r"""The rate falls by a factor at given epochs: :math:`f(t) = \gamma^{|\{m : m \le t\}|}`.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    milestones : iterable of int
        m, the epochs. One that stands there twice counts twice.
    gamma : float, default 0.1
        :math:`\gamma`, the factor.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.MultiStepLR(gd.optim.SGD([w], lr=1.0), milestones=[1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma ** bisect_right(self.milestones, t)


class ConstantLR(FactorLR):
    r"""The rate is smaller for some epochs: :math:`f(t) = c` if :math:`t < T`, then 1.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    factor : float, default 1/3
        c, in [0, 1].
    total_iters : int, default 5
        T.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If `factor` is outside of [0, 1].

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.ConstantLR(gd.optim.SGD([w], lr=1.0), factor=0.5, total_iters=1)
    >>> rates = schedule.get_last_lr()
    >>> schedule.step()
    >>> rates, schedule.get_last_lr()
    ([0.5], [1.0])
    """

    def __init__(self, optimizer, factor=1 / 3, total_iters=5, last_epoch=-1):
        self.require(0 <= factor <= 1, "factor", factor, "a number in [0, 1]")
        self.first, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        # As in PyTorch, T = 0 does not end what begins at 0.
        return 1.0 if t >= self.total_iters > 0 else self.first


class LinearLR(FactorLR):
    r"""The rate goes from one value to another on a line; mostly to warm up.

    .. math::

        f(t) = a + (b - a) \min(t, T) / T

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    start_factor : float, default 1/3
        a, in (0, 1].
    end_factor : float, default 1
        b, in [0, 1].
    total_iters : int, default 5
        T.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If a factor is out of its range, or `total_iters` less than 1.

    References
    ----------
    Goyal et al. (2017), Accurate, large minibatch SGD, section 2.2.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.LinearLR(gd.optim.SGD([w], lr=1.0), start_factor=0.5, total_iters=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.75, 1.0, 1.0]
    """

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        self.require(0 < start_factor <= 1, "start_factor", start_factor, "a number in (0, 1]")
        self.require(0 <= end_factor <= 1, "end_factor", end_factor, "a number in [0, 1]")
        self.require(total_iters >= 1, "total_iters", total_iters, "1 or more")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        if t >= self.total_iters:
            return self.end_factor
        return self.start_factor + (self.end_factor - self.start_factor) * t / self.total_iters


class ExponentialLR(FactorLR):
    r"""The rate falls by a factor every epoch: :math:`f(t) = \gamma^t`.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    gamma : float
        :math:`\gamma`, the factor.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.ExponentialLR(gd.optim.SGD([w], lr=1.0), gamma=0.5)
    >>> for _ in range(3):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.125]
    """

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return self.gamma**t


class PolynomialLR(FactorLR):
    r"""The rate falls to 0 along a power: :math:`f(t) = (1 - \min(t, T) / T)^p`.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    total_iters : int, default 5
        T.
    power : float, default 1
        p.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If `total_iters` is less than 1.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.PolynomialLR(gd.optim.SGD([w], lr=1.0), total_iters=4, power=2.0)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5625]
    """

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.require(total_iters >= 1, "total_iters", total_iters, "1 or more")
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return (1 - min(t, self.total_iters) / self.total_iters) ** self.power


class CosineAnnealingLR(FactorLR):
    r"""The rate falls along half a wave of a cosine, and, if training goes on, rises again.

    .. math::

        f(t) = \tfrac12 (1 + \cos(\pi t / T))

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    T_max : int
        T, the number of epochs to the lowest rate.
    eta_min : float, default 0
        :math:`\eta_{\min}`, the lowest rate.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If `T_max` is not positive.

    References
    ----------
    Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts, equation 5,
    without the restarts.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.CosineAnnealingLR(gd.optim.SGD([w], lr=1.0), T_max=2, eta_min=0.5)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.75, 0.5, 0.75, 1.0]
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.require(T_max > 0, "T_max", T_max, "more than 0")
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def factor(self, t):
        return (1 + cos(pi * t / self.T_max)) / 2
