"""Schedules in which the rate rises and falls, and momentum falls and rises."""

from math import cos, floor, pi

from .schedule import LRScheduler


class CyclicLR(LRScheduler):
    r"""The rate goes up and down between two values, on lines.

    .. math::

        \eta_t = \eta_{\min} + (\eta_{\max} - \eta_{\min}) \, x \, s(c)

    where x goes from 0 to 1 and back within a cycle, and s makes cycle c = 1, 2, ... lower than the
    first. Momentum goes the other way.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr", and under "momentum" or "betas".
    base_lr, max_lr : float, or list of float
        :math:`\eta_{\min}, \eta_{\max}`; a list has one for each group.
    step_size_up : int, default 2000
        Steps, mostly batches, in which the rate rises.
    step_size_down : int, optional
        Steps in which it falls; by default as many.
    mode : "triangular", "triangular2" or "exp_range", default "triangular"
        s is 1, :math:`2^{1-c}`, or :math:`\gamma^t` for step t.
    gamma : float, default 1
        :math:`\gamma`.
    scale_fn : callable, optional
        s itself, in place of `mode`.
    scale_mode : "cycle" or "iterations", default "cycle"
        Whether `scale_fn` is called with c or with t.
    cycle_momentum : bool, default True
        Whether momentum, or the first of the betas, changes, too.
    base_momentum, max_momentum : float, or list of float, default 0.8 and 0.9
        Momentum at the highest and at the lowest rate.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If an option is impossible, or the optimizer has no momentum to be cycled.

    References
    ----------
    Smith (2017), Cyclical learning rates for training neural networks.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> optimizer = gd.optim.SGD([w], lr=1.0, momentum=0.9)
    >>> schedule = gd.optim.CyclicLR(optimizer, base_lr=0.5, max_lr=1.0, step_size_up=2)
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> rates
    [0.5, 0.75, 1.0, 0.75, 0.5]
    """

    def __init__(
        self,
        optimizer,
        base_lr,
        max_lr,
        step_size_up=2000,
        step_size_down=None,
        mode="triangular",
        gamma=1.0,
        scale_fn=None,
        scale_mode="cycle",
        cycle_momentum=True,
        base_momentum=0.8,
        max_momentum=0.9,
        last_epoch=-1,
    ):
        modes = ("triangular", "triangular2", "exp_range")
        self.require(scale_fn is not None or mode in modes, "mode", mode, f"one of {modes}")
        fit = scale_mode in ("cycle", "iterations")
        self.require(fit, "scale_mode", scale_mode, "'cycle' or 'iterations'")
        self.require(step_size_up > 0, "step_size_up", step_size_up, "more than 0")
        step_size_down = step_size_up if step_size_down is None else step_size_down
        self.require(step_size_down > 0, "step_size_down", step_size_down, "more than 0")
        self.total_size = step_size_up + step_size_down
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self.scale_fn, self.scale_mode = mode, gamma, scale_fn, scale_mode
        self.min_lrs = self.for_each_group("base_lr", base_lr, optimizer)
        self.max_lrs = self.for_each_group("max_lr", max_lr, optimizer)
        self.momentums = _momentums(self, optimizer, cycle_momentum, base_momentum, max_momentum)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = self.min_lrs

    def _scale(self, cycle):
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return 2.0 ** (1 - cycle)
        return self.gamma**self.last_epoch if self.mode == "exp_range" else 1.0

    def get_lr(self):
        cycle = floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle  # the part of the cycle that is over
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self._scale(cycle)
        for group, (low, high) in zip(self.optimizer.param_groups, self.momentums, strict=False):
            _set_momentum(group, high - (high - low) * height)
        pairs = zip(self.min_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]


class OneCycleLR(LRScheduler):
    r"""The rate rises to a high value and falls to a very low one, once in the whole training.

    From :math:`\eta_0 = \eta_{\max} / \text{div\_factor}` to :math:`\eta_{\max}` in the first part
    of all steps, then to :math:`\eta_0 / \text{final\_div\_factor}`. Momentum goes the other way,
    and stays high in a third phase. Call ``step()`` after each batch.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr", and under "momentum" or "betas".
    max_lr : float, or list of float
        :math:`\eta_{\max}`; a list has one for each group.
    total_steps : int, optional
        Steps in all; or `epochs` and `steps_per_epoch` are given.
    epochs, steps_per_epoch : int, optional
        Their product is the number of steps.
    pct_start : float, default 0.3
        The part of all steps in which the rate rises, in [0, 1].
    anneal_strategy : "cos" or "linear", default "cos"
        The form of the curve.
    cycle_momentum : bool, default True
        Whether momentum, or the first of the betas, changes, too.
    base_momentum, max_momentum : float, or list of float, default 0.85 and 0.95
        Momentum at the highest and at the lowest rate.
    div_factor : float, default 25
        What the highest rate is divided by for the first.
    final_div_factor : float, default 10000
        What the first rate is divided by for the last.
    three_phase : bool, default False
        Whether the rate falls to the first one as fast as it rose, and only then to the last.
    last_epoch : int, default -1
        See :class:`LRScheduler`.

    Raises
    ------
    ArgumentError
        If an option is impossible, or the optimizer has no momentum to be cycled; from ``step``, if
        all steps have been made.

    References
    ----------
    Smith and Topin (2018), Super-convergence: very fast training of neural networks using large
    learning rates.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> optimizer = gd.optim.SGD([w], lr=1.0, momentum=0.9)
    >>> schedule = gd.optim.OneCycleLR(
    ...     optimizer, 1.0, total_steps=5, pct_start=0.6, anneal_strategy="linear", div_factor=4.0
    ... )
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates += schedule.get_last_lr()
    >>> [round(rate, 4) for rate in rates]
    [0.25, 0.625, 1.0, 0.5, 0.0]
    """

    def __init__(
        self,
        optimizer,
        max_lr,
        total_steps=None,
        epochs=None,
        steps_per_epoch=None,
        pct_start=0.3,
        anneal_strategy="cos",
        cycle_momentum=True,
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e4,
        three_phase=False,
        last_epoch=-1,
    ):
        if total_steps is None and epochs is not None and steps_per_epoch is not None:
            total_steps = epochs * steps_per_epoch
        fit = isinstance(total_steps, int) and total_steps > 0
        self.require(fit, "total_steps", total_steps, "an int, or epochs and steps_per_epoch")
        self.require(0 <= pct_start <= 1, "pct_start", pct_start, "a number in [0, 1]")
        fit = anneal_strategy in ("cos", "linear")
        self.require(fit, "anneal_strategy", anneal_strategy, "'cos' or 'linear'")
        self.total_steps, self.anneal_strategy = total_steps, anneal_strategy
        # Where a phase ends, and rate and momentum there.
        rise = pct_start * total_steps
        self.phases = [(rise - 1, "highest", "low"), (total_steps - 1, "last", "high")]
        if three_phase:
            self.phases.insert(1, (2 * rise - 2, "first", "high"))
        self.rates = []
        for lr in self.for_each_group("max_lr", max_lr, optimizer):
            first = lr / div_factor
            self.rates.append({"first": first, "highest": lr, "last": first / final_div_factor})
        self.momentums = _momentums(self, optimizer, cycle_momentum, base_momentum, max_momentum)
        for group, rates in zip(optimizer.param_groups, self.rates, strict=True):
            group["initial_lr"] = rates["first"]
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        t = self.last_epoch
        self.require(t <= self.total_steps, "step", t, f"at most total_steps, {self.total_steps}")
        begin, rate, momentum = 0.0, "first", "high"
        for end, next_rate, next_momentum in self.phases:
            if t <= end or end == self.total_steps - 1:
                break
            begin, rate, momentum = end, next_rate, next_momentum
        part = (t - begin) / (end - begin) if end != begin else 1.0
        for group, (low, high) in zip(self.optimizer.param_groups, self.momentums, strict=False):
            ends = {"low": low, "high": high}
            _set_momentum(group, self._between(ends[momentum], ends[next_momentum], part))
        return [self._between(rates[rate], rates[next_rate], part) for rates in self.rates]

    def _between(self, a, b, part):
        """From a to b as part goes from 0 to 1."""
        if self.anneal_strategy == "linear":
            return a + (b - a) * part
        return b + (a - b) * (1 + cos(pi * part)) / 2


def _momentums(schedule, optimizer, wanted, low, high):
    """A pair (low, high) for each group; nothing if momentum is left as it is."""
    if not wanted:
        return []
    schedule.require(
        "momentum" in optimizer.options or "betas" in optimizer.options,
        "cycle_momentum",
        wanted,
        f"False, as {type(optimizer).__name__} has no momentum",
    )
    low = schedule.for_each_group("base_momentum", low, optimizer)
    return list(zip(low, schedule.for_each_group("max_momentum", high, optimizer), strict=True))


def _set_momentum(group, value):
    if "betas" in group:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value
