"""Schedules of schedules, against PyTorch and by hand."""

import pytest

import graddl as gd
from graddl import optim
from tests.optim.training import check_schedule_against_pytorch, schedule_cases, two_groups


def rates(schedule, n):
    """The first group's rate in n epochs."""
    found = []
    for _ in range(n):
        found.append(schedule.get_last_lr()[0])
        schedule.step()
    return found


def test_sequences_of_chains_and_chains_of_sequences():
    optimizer = two_groups()
    chain = optim.ChainedScheduler(
        [optim.ConstantLR(optimizer, 0.5, 2), optim.ExponentialLR(optimizer, 0.1)]
    )
    warm_up = optim.LinearLR(optimizer, 0.5, total_iters=2)
    found = rates(optim.SequentialLR(optimizer, [warm_up, chain], [2]), 6)
    assert found == pytest.approx([0.05, 0.075, 0.05, 0.005, 0.001, 0.0001])


def test_sequences_may_go_on_by_last_epoch():
    def made(last_epoch):
        optimizer = two_groups()
        parts = [optim.LinearLR(optimizer, 0.5), optim.ExponentialLR(optimizer, 0.5)]
        return optim.SequentialLR(optimizer, parts, [3], last_epoch)

    assert rates(made(4), 5) == rates(made(-1), 10)[5:]


def test_parts_that_do_not_go_together():
    one, two = two_groups(), two_groups()
    a, b = optim.ExponentialLR(one, 0.5), optim.ExponentialLR(two, 0.5)
    plateau = optim.ReduceLROnPlateau(one)
    for wrong in [], [a, b], [a, plateau]:
        with pytest.raises(gd.ArgumentError, match="schedulers"):
            optim.ChainedScheduler(wrong)
        with pytest.raises(gd.ArgumentError, match="schedulers"):
            optim.SequentialLR(one, wrong, [3])
    with pytest.raises(gd.ArgumentError, match="schedulers"):
        optim.ChainedScheduler([a], two)


@pytest.mark.parametrize("milestones", [[], [5], [1, 2, 3], [5, 2]])
def test_milestones_that_do_not_fit(milestones):
    optimizer = two_groups()
    parts = [optim.StepLR(optimizer, n) for n in (1, 2, 3)]
    with pytest.raises(gd.ArgumentError, match="milestones"):
        optim.SequentialLR(optimizer, parts, milestones)


@pytest.mark.parametrize("name", schedule_cases("ChainedScheduler", "SequentialLR"))
def test_is_pytorchs(name):
    check_schedule_against_pytorch(name)
