"""ReduceLROnPlateau against PyTorch and by hand."""

import pytest

import graddl as gd
from graddl import optim
from tests.optim.training import check_schedule_against_pytorch, schedule_cases, two_groups


def test_it_takes_a_loss_that_wants_gradient():
    schedule = optim.ReduceLROnPlateau(two_groups(), patience=0)
    loss = (gd.ones(3, requires_grad=True) * 2).sum()
    schedule.step(loss)
    assert schedule.best == 6.0


def test_nan_is_no_new_best():
    schedule = optim.ReduceLROnPlateau(two_groups(), patience=1, factor=0.5)
    for loss in 1.0, float("nan"), float("nan"):
        schedule.step(loss)
    assert schedule.get_last_lr() == [0.05, 0.025] and schedule.best == 1.0


def test_restart_forgets_the_best():
    schedule = optim.ReduceLROnPlateau(two_groups(), patience=0, factor=0.5)
    for loss in 1.0, 2.0:
        schedule.step(loss)
    schedule.restart()
    schedule.step(5.0)
    assert schedule.get_last_lr() == [0.1, 0.05]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"factor": 1.0}, "factor"),
        ({"mode": "least"}, "mode"),
        ({"threshold_mode": "relative"}, "threshold_mode"),
        ({"min_lr": [0.1]}, "min_lr"),
    ],
)
def test_impossible_options(options, name):
    with pytest.raises(gd.ArgumentError, match=name):
        optim.ReduceLROnPlateau(two_groups(), **options)


def test_groups_that_are_added_later():
    optimizer = two_groups()
    schedule = optim.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [gd.ones(1, requires_grad=True)]})
    schedule.step(1.0)
    with pytest.raises(gd.ArgumentError, match="groups is 3"):
        schedule.step(1.0)


@pytest.mark.parametrize("name", schedule_cases("ReduceLROnPlateau"))
def test_is_pytorchs(name):
    check_schedule_against_pytorch(name)
