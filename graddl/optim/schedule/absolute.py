"""Schedules that compute each rate from the initial one, whatever the last one was."""

from math import cos, floor, pi

from .schedule import LRScheduler


class LambdaLR(LRScheduler):
    r"""The rate is the initial one times a function of the epoch: :math:`\eta_t = \eta_0 f(t)`.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    lr_lambda : callable, or list of callable
        f, from an int to a float; a list has one for each group.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If the list is not as long as there are groups.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.LambdaLR(gd.optim.SGD([w], lr=1.0), lambda t: 1 / (1 + t))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        self.lr_lambdas = self.for_each_group("lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * f(self.last_epoch) for base, f in pairs]


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""The rate falls along half a wave of a cosine, and starts again from the top.

    .. math::

        \eta_t = \eta_{\min} + \tfrac12 (\eta_0 - \eta_{\min})
            (1 + \cos(\pi \, T_{\text{cur}} / T_i))

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    T_0 : int
        Epochs to the first restart.
    T_mult : int, default 1
        How many times longer each run is than the one before.
    eta_min : float, default 0
        :math:`\eta_{\min}`, the lowest rate.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If `T_0` or `T_mult` is no positive int.

    References
    ----------
    Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts, equation 5.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.CosineAnnealingWarmRestarts(gd.optim.SGD([w], lr=1.0), T_0=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(3):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.5, 1.0, 0.5]
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        for name, value in ("T_0", T_0), ("T_mult", T_mult):
            fit = isinstance(value, int) and value >= 1
            self.require(fit, name, value, "an int, 1 or more")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self._set(last_epoch + 1)
        super().__init__(optimizer, last_epoch)

    def _set(self, epoch):
        """T_cur and T_i of an epoch."""
        self.T_cur, self.T_i = epoch, self.T_0
        while self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult

    def get_lr(self):
        factor = (1 + cos(pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * factor for base in self.base_lrs]

    def step(self, epoch=None):
        """Go on to the next epoch, or to the one given.

        Parameters
        ----------
        epoch : float, optional
            May have a fraction, ``epoch + batch / batches``, to change the rate in each batch.

        Raises
        ------
        ArgumentError
            If `epoch` is negative.
        """
        if epoch is None:
            self.last_epoch += 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            self.require(epoch >= 0, "epoch", epoch, "0 or more")
            self.last_epoch = floor(epoch)
            self._set(epoch)
        self._write(self.get_lr())

    def _begin(self):
        self.step(0)
