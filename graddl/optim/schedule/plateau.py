"""A schedule that watches a metric."""

from math import inf

from .schedule import LRScheduler


class ReduceLROnPlateau(LRScheduler):
    """The rate falls when a metric has stopped to get better.

    Call ``step(metric)`` after each epoch. After more than `patience` epochs without a new best
    metric, each rate is multiplied by `factor`.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr".
    mode : "min" or "max", default "min"
        Whether lower or higher is better.
    factor : float, default 0.1
        Less than 1.
    patience : int, default 10
        Epochs without a new best metric that are put up with.
    threshold : float, default 1e-4
        By how much a metric has to be better than the best to be a new best.
    threshold_mode : "rel" or "abs", default "rel"
        Whether `threshold` is a share of the best or a difference.
    cooldown : int, default 0
        Epochs after a fall of the rate in which nothing is counted.
    min_lr : float, or list of float, default 0
        The lowest rate; a list has one for each group.
    eps : float, default 1e-8
        A change of a rate that is not larger is not made.

    Raises
    ------
    ArgumentError
        If an option is impossible.

    Examples
    --------
    >>> import graddl as gd
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = gd.optim.ReduceLROnPlateau(gd.optim.SGD([w], lr=1.0), factor=0.5, patience=1)
    >>> for loss in [3.0, 2.0, 2.0, 2.0]:
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer,
        mode="min",
        factor=0.1,
        patience=10,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0.0,
        eps=1e-8,
    ):
        super().__init__(optimizer)
        self.require(factor < 1, "factor", factor, "less than 1")
        self.require(mode in ("min", "max"), "mode", mode, "'min' or 'max'")
        fit = threshold_mode in ("rel", "abs")
        self.require(fit, "threshold_mode", threshold_mode, "'rel' or 'abs'")
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.min_lrs = self.for_each_group("min_lr", min_lr, optimizer)
        self.best = inf if mode == "min" else -inf
        self.cooldown_counter = self.num_bad_epochs = 0

    def get_lr(self):
        return self._rates()

    def step(self, metrics):
        """Note the metric of an epoch, and let the rate fall if it is time.

        Parameters
        ----------
        metrics : float, or Tensor of one element
            NaN is no new best.
        """
        metrics = metrics.item() if hasattr(metrics, "item") else float(metrics)
        self.last_epoch += 1
        if self._is_better(metrics):
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = self._rates()
        if self.num_bad_epochs > self.patience:
            self.require(
                len(rates) == len(self.min_lrs), "groups", len(rates), "as many as at first"
            )
            for i, (lr, low) in enumerate(zip(rates, self.min_lrs, strict=True)):
                lower = max(lr * self.factor, low)
                if lr - lower > self.eps:
                    rates[i] = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._write(rates)

    def _is_better(self, metric):
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            bar = self.best * (1 + sign * self.threshold)
        else:
            bar = self.best + sign * self.threshold
        return sign * metric > sign * bar

    def _begin(self):
        self.best = inf if self.mode == "min" else -inf
        self.last_epoch = self.cooldown_counter = self.num_bad_epochs = 0
        self._write(self._rates())
