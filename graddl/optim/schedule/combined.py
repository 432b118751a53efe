"""Schedules made of schedules."""

from bisect import bisect_right

from .plateau import ReduceLROnPlateau
from .schedule import LRScheduler


class ChainedScheduler(LRScheduler):
    """Several schedules at once: the effects of those that multiply rates are multiplied.

    Parameters
    ----------
    schedulers : list of LRScheduler
        Of one optimizer. Each ``step()`` calls theirs, in that order.
    optimizer : Optimizer, optional
        By default theirs.

    Raises
    ------
    ArgumentError
        If there are none, they belong to different optimizers, or one wants a metric.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> optimizer = gd.optim.SGD([w], lr=1.0)
    >>> schedule = gd.optim.ChainedScheduler([
    ...     gd.optim.ConstantLR(optimizer, factor=0.5, total_iters=2),
    ...     gd.optim.ExponentialLR(optimizer, gamma=0.5),
    ... ])
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(2):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.25, 0.25]
    """

    def __init__(self, schedulers, optimizer=None):
        self.schedulers = _checked(self, schedulers, optimizer)
        super().__init__(self.schedulers[0].optimizer)

    def get_lr(self):
        return self._rates()

    def step(self):
        for schedule in self.schedulers:
            schedule.step()
        super().step()

    def _begin(self):
        for schedule in self.schedulers:
            schedule._begin()
        super()._begin()


class SequentialLR(LRScheduler):
    """One schedule after another, such as a warm-up and then a decay.

    At a milestone the next schedule begins at its own epoch 0, from the optimizer's initial rate.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    schedulers : list of LRScheduler
        Of that optimizer.
    milestones : list of int
        The epochs at which the second, third, ... schedule begins.
    last_epoch : int, default -1
        The epoch after which training goes on.

    Raises
    ------
    ArgumentError
        If there are none, there is not one milestone less, milestones do not rise, they belong to
        another optimizer, or one wants a metric.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> optimizer = gd.optim.SGD([w], lr=1.0)
    >>> warm_up = gd.optim.LinearLR(optimizer, start_factor=0.25, total_iters=3)
    >>> decay = gd.optim.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule = gd.optim.SequentialLR(optimizer, [warm_up, decay], milestones=[3])
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(5):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        self.schedulers = _checked(self, schedulers, optimizer)
        self.milestones = list(milestones)
        n = len(self.schedulers) - 1
        self.require(len(self.milestones) == n, "milestones", milestones, f"{n} of them")
        fit = self.milestones == sorted(self.milestones)
        self.require(fit, "milestones", milestones, "in rising order")
        super().__init__(optimizer)
        self.restart()
        for _ in range(last_epoch + 1):
            self.step()

    def get_lr(self):
        return self._rates()

    def step(self):
        which = bisect_right(self.milestones, self.last_epoch + 1)
        if which and self.milestones[which - 1] == self.last_epoch + 1:
            self.schedulers[which].restart()
        else:
            self.schedulers[which].step()
        super().step()

    def _begin(self):
        self.schedulers[bisect_right(self.milestones, 0)]._begin()
        super()._begin()


def _checked(combined, schedulers, optimizer):
    """The schedules as a list, if they go together."""
    schedulers = list(schedulers)
    combined.require(schedulers, "schedulers", schedulers, "one or more schedules")
    optimizer = schedulers[0].optimizer if optimizer is None else optimizer
    for schedule in schedulers:
        fit = schedule.optimizer is optimizer
        combined.require(fit, "schedulers", schedule, "schedules of one optimizer")
        fit = not isinstance(schedule, ReduceLROnPlateau)
        combined.require(fit, "schedulers", schedule, "schedules whose step() needs no metric")
    return schedulers
