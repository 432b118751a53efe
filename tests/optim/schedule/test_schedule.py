"""What all schedules share."""

import copy
import pickle

import pytest

import graddl as gd
from graddl import optim
from tests.optim.schedules import metric
from tests.optim.training import MORE, built, two_groups

EVERY = pytest.mark.parametrize("name", MORE["schedules"])


def go(schedule, start, n):
    """n steps from epoch `start` on; the rates after each."""
    found = []
    for t in range(start, start + n):
        plateau = isinstance(schedule, optim.ReduceLROnPlateau)
        schedule.step(*[metric(t)] * plateau)
        found.append((schedule.get_last_lr(), [dict(g) for g in schedule.optimizer.param_groups]))
    return [
        (rates, [(g["lr"], g.get("momentum"), g.get("betas")) for g in gs]) for rates, gs in found
    ]


@EVERY
def test_going_on_from_a_snapshot_is_going_on(name):
    optimizer, schedule = built(name)
    go(schedule, 1, 17)
    saved = pickle.dumps((optimizer.state_dict(), schedule.state_dict()))
    expected = go(schedule, 18, 20)

    other, fresh = built(name)
    for part, state in zip((other, fresh), pickle.loads(saved), strict=True):
        part.load_state_dict(state)
    assert fresh.get_last_lr() == [group["lr"] for group in other.param_groups]
    assert fresh.last_epoch == 17
    assert go(fresh, 18, 20) == expected


@EVERY
def test_a_snapshot_does_not_follow(name):
    _, schedule = built(name)
    go(schedule, 1, 5)
    saved = schedule.state_dict()
    before = copy.deepcopy(saved)
    go(schedule, 6, 20)
    assert saved == before


@pytest.mark.parametrize("name", [name for name in MORE["schedules"] if "plateau" not in name])
def test_restart_is_a_new_beginning(name):
    optimizer, schedule = built(name)
    first = schedule.get_last_lr()
    expected = [first, *go(schedule, 1, 9)]
    go(schedule, 10, 20)
    schedule.restart()
    assert schedule.last_epoch == 0
    again = [schedule.get_last_lr(), *go(schedule, 1, 9)]
    assert again[0] == pytest.approx(first) and again[1:] == expected[1:]
    assert optimizer.param_groups[0]["lr"] == schedule.get_last_lr()[0]


def test_a_snapshot_of_another_schedule():
    schedule = optim.StepLR(two_groups(), 3)
    for saved in optim.ExponentialLR(two_groups(), 0.5).state_dict(), {}, None:
        with pytest.raises(gd.CheckpointError, match="does not fit"):
            schedule.load_state_dict(saved)


class Slope:
    """A callable with a state."""

    def __init__(self, slope):
        self.slope = slope

    def __call__(self, t):
        return 1 - self.slope * t


def test_callables_with_a_state_are_saved_and_functions_are_not():
    one = optim.LambdaLR(two_groups(), [Slope(0.1), lambda t: 1.0])
    assert one.state_dict()["lr_lambdas"] == [{"slope": 0.1}, None]
    two = optim.LambdaLR(two_groups(), [Slope(0.2), lambda t: 2.0])
    two.load_state_dict(one.state_dict())
    two.step()
    assert two.get_last_lr() == pytest.approx([0.09, 0.1])


def test_training_may_go_on_by_last_epoch():
    for make in (
        lambda o, e: optim.ExponentialLR(o, 0.5, last_epoch=e),
        lambda o, e: optim.StepLR(o, 2, last_epoch=e),
        lambda o, e: optim.LambdaLR(o, lambda t: 1 / (1 + t), last_epoch=e),
        lambda o, e: optim.CosineAnnealingLR(o, 7, last_epoch=e),
        lambda o, e: optim.CosineAnnealingWarmRestarts(o, 3, 2, last_epoch=e),
        lambda o, e: optim.OneCycleLR(o, 0.5, 20, last_epoch=e),
        lambda o, e: optim.CyclicLR(o, 0.1, 0.5, 3, last_epoch=e),
    ):
        optimizer = two_groups()
        schedule = make(optimizer, -1)
        go(schedule, 1, 4)
        other = two_groups()
        other.load_state_dict(optimizer.state_dict())
        again = make(other, 3)
        assert (again.last_epoch, again.get_last_lr()) == (4, schedule.get_last_lr())
        assert go(again, 5, 6) == go(schedule, 5, 6)


def test_last_epoch_of_an_optimizer_that_had_no_schedule():
    with pytest.raises(gd.ArgumentError, match="last_epoch"):
        optim.ExponentialLR(two_groups(), 0.5, last_epoch=3)


def test_what_is_no_optimizer():
    for wrong in [gd.ones(1, requires_grad=True)], None:
        with pytest.raises(gd.DTypeError, match="takes an optimizer"):
            optim.ExponentialLR(wrong, 0.5)


def test_get_lr_must_be_defined():
    with pytest.raises(NotImplementedError, match="LRScheduler"):
        optim.LRScheduler(two_groups())


def test_groups_that_are_added_later():
    optimizer = two_groups()
    factor, absolute = optim.ExponentialLR(optimizer, 0.5), optim.LambdaLR(optimizer, lambda t: 1.0)
    optimizer.add_param_group({"params": [gd.ones(1, requires_grad=True)], "lr": 1.0})
    factor.step()
    assert factor.get_last_lr() == [0.05, 0.025, 0.5]
    with pytest.raises(gd.ArgumentError, match="groups is 3"):
        absolute.step()


def test_repr():
    assert repr(optim.ExponentialLR(two_groups(), 0.5)) == "ExponentialLR(epoch 0, lr [0.1, 0.05])"
