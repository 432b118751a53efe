"""LambdaLR and warm restarts, against PyTorch and by hand."""

from math import cos, pi

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


def test_restarts_at_fractions_of_an_epoch():
    schedule = optim.CosineAnnealingWarmRestarts(two_groups(), T_0=2, T_mult=3)
    for epoch, part in [
        (0.5, 0.25),
        (1.75, 0.875),
        (2.0, 0.0),
        (5.0, 0.5),
        (8.0, 0.0),
        (9.5, 1 / 12),
    ]:
        schedule.step(epoch)
        assert schedule.last_epoch == int(epoch)
        assert schedule.get_last_lr()[1] == pytest.approx(0.05 * (1 + cos(pi * part)) / 2)
    schedule.step(1.0)  # back, and on from there
    assert schedule.get_last_lr()[0] == pytest.approx(0.05)
    assert rates(schedule, 2)[1] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda o: optim.LambdaLR(o, [lambda t: 1.0]), "lr_lambda"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 0), "T_0"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 2.5), "T_0"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 2, 0), "T_mult"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 2).step(-1), "epoch"),
    ],
)
def test_impossible_options(make, name):
    with pytest.raises(gd.ArgumentError, match=name):
        make(two_groups())


@pytest.mark.parametrize("name", schedule_cases("LambdaLR", "CosineAnnealingWarmRestarts"))
def test_is_pytorchs(name):
    check_schedule_against_pytorch(name)
