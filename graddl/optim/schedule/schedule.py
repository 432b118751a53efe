"""What all schedules share: counting epochs, writing rates into groups, saving."""

import types
from collections.abc import Mapping
from copy import copy

from ...errors import CheckpointError, DTypeError
from .._require import require
from ..optimizer import INITIAL_RATE, Optimizer


class LRScheduler:
    """Changes the step sizes of an optimizer. A subclass defines ``get_lr``.

    Call ``step()`` after each epoch, or after each batch where a schedule counts those; always
    after ``optimizer.step()``. The count starts at 0 when the schedule is made.

    Parameters
    ----------
    optimizer : Optimizer
        Its groups get new values under "lr", and under "initial_lr" what they began with.
    last_epoch : int, default -1
        For training that goes on with an optimizer whose state was loaded: the schedule counts
        from ``last_epoch + 1``, and takes the groups' rates to be those of that epoch.

    Attributes
    ----------
    last_epoch : int
        How often ``step`` was called.
    base_lrs : list of float
        The rate of each group at the beginning.

    Raises
    ------
    DTypeError
        If `optimizer` is none.
    ArgumentError
        If an option is impossible, or, with `last_epoch`, the optimizer had no schedule before.

    Examples
    --------
    A schedule of one's own: the rate falls as 1 / (1 + epoch).

    >>> import graddl as gd
    >>> class Harmonic(gd.optim.LRScheduler):
    ...     def get_lr(self):
    ...         return [lr / (1 + self.last_epoch) for lr in self.base_lrs]
    >>> w = gd.tensor([1.0], requires_grad=True)
    >>> schedule = Harmonic(gd.optim.SGD([w], lr=0.5))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    continues = False  # whether get_lr goes on from the rates in the groups

    def __init__(self, optimizer, last_epoch=-1):
        if not isinstance(optimizer, Optimizer):
            raise DTypeError(
                "takes an optimizer",
                op=type(self).__name__,
                got=type(optimizer).__name__,
                expected="an Optimizer",
                fix="an optimizer from gd.optim",
            )
        self.optimizer, self.last_epoch = optimizer, last_epoch + 1
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault(INITIAL_RATE, group["lr"])
            self.require(INITIAL_RATE in group, "last_epoch", last_epoch, "-1 for a new optimizer")
        self.base_lrs = [group[INITIAL_RATE] for group in optimizer.param_groups]
        self._write(self._rates() if last_epoch >= 0 and self.continues else self.get_lr())

    def get_lr(self):
        """Compute the rates of epoch `last_epoch`.

        Returns
        -------
        list of float
            One for each group, made from `base_lrs`, or from ``group["lr"]``, which are the rates
            of the epoch before.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define get_lr()")

    def get_last_lr(self):
        """Return the rates that were written last, one for each group."""
        return self._last_lr

    def step(self):
        """Go on to the next epoch."""
        self.last_epoch += 1
        self._write(self.get_lr())

    def restart(self):
        """Begin again at epoch 0, from the groups' initial rates."""
        for group in self.optimizer.param_groups:
            group["lr"] = group.setdefault(INITIAL_RATE, group["lr"])
        self._begin()

    def _begin(self):
        self.last_epoch = 0
        self._write(self.get_lr())

    def _rates(self):
        return [group["lr"] for group in self.optimizer.param_groups]

    def _write(self, rates):
        groups = self.optimizer.param_groups
        self.require(len(rates) == len(groups), "groups", len(groups), f"{len(rates)}, as at first")
        for group, lr in zip(groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = list(rates)

    def require(self, holds, name, value, expected):
        """Raise ArgumentError about an option unless it `holds`."""
        require(holds, type(self).__name__, name, value, expected)

    def for_each_group(self, name, value, optimizer):
        """A list with one value for each group, of a list or of one value for all."""
        values = list(value) if isinstance(value, list | tuple) else None
        n = len(optimizer.param_groups)
        self.require(values is None or len(values) == n, name, value, f"{n} values, one a group")
        return [value] * n if values is None else values

    # ------------------------------------------------------------------------------ saving
    def state_dict(self):
        """Return a snapshot of everything but the optimizer, which has a snapshot of its own.

        Returns
        -------
        dict
            By attribute. For functions None, so that it can be pickled; for other callables their
            attributes; for schedules within this one their snapshots.
        """
        return {key: _saved(value) for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, saved):
        """Go on from a snapshot. The optimizer's has to be loaded, too: it has the rates.

        Parameters
        ----------
        saved : dict
            What `state_dict` gave, of a schedule of the same class.

        Raises
        ------
        CheckpointError
            If it does not fit.
        """
        own = vars(self).keys() - {"optimizer"}
        if not isinstance(saved, Mapping) or saved.keys() != own:
            names = saved.keys() if isinstance(saved, Mapping) else {type(saved).__name__}
            raise CheckpointError(
                f"the state does not fit: {', '.join(sorted(map(str, names ^ own)))}",
                op=type(self).__name__,
                got=sorted(map(str, names)),
                expected="a state_dict() of the same schedule",
                fix="build the schedule as it was when saved",
            )
        for key, value in saved.items():
            setattr(self, key, _restored(getattr(self, key), value))

    def __repr__(self):
        return f"{type(self).__name__}(epoch {self.last_epoch}, lr {self.get_last_lr()})"


def _saved(value):
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if isinstance(value, list):
        return [_saved(item) for item in value]
    if callable(value):
        plain = isinstance(value, types.FunctionType | types.BuiltinFunctionType)
        return None if plain else copy(vars(value))
    return copy(value)


def _restored(old, saved):
    """What `_saved` gave in place of the value that is there now."""
    if isinstance(old, LRScheduler):
        old.load_state_dict(saved)
        return old
    if callable(old):
        if saved is not None:
            vars(old).update(saved)
        return old
    if isinstance(old, list) and len(old) == len(saved):
        return [_restored(a, b) for a, b in zip(old, saved, strict=True)]
    return copy(saved)
