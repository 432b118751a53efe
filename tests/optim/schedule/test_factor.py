"""Schedules that multiply, against PyTorch and by hand."""

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


def test_a_rate_changed_by_hand_stays_changed():
    schedule = optim.StepLR(two_groups(), 3, gamma=0.5)
    schedule.optimizer.param_groups[0]["lr"] = 1.0
    assert rates(schedule, 7)[1:] == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]


def test_from_a_factor_of_0_the_rate_comes_back():
    schedule = optim.ConstantLR(two_groups(), factor=0.0, total_iters=2)
    assert rates(schedule, 5) == [0.0, 0.0, 0.1, 0.1, 0.1]


def test_many_epochs_of_a_small_factor_end_at_0():
    schedule = optim.ExponentialLR(two_groups(), gamma=1e-3)
    assert rates(schedule, 200)[-1] == 0.0


def test_cosine_waves_do_not_drift():
    schedule = optim.CosineAnnealingLR(two_groups(), T_max=5, eta_min=0.01)
    found = rates(schedule, 10_001)
    assert found[10_000] == pytest.approx(0.1, rel=1e-12)
    assert min(found) == pytest.approx(0.01, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda o: optim.StepLR(o, 0), "step_size"),
        (lambda o: optim.ConstantLR(o, factor=1.5), "factor"),
        (lambda o: optim.LinearLR(o, start_factor=0.0), "start_factor"),
        (lambda o: optim.LinearLR(o, end_factor=1.5), "end_factor"),
        (lambda o: optim.LinearLR(o, total_iters=0), "total_iters"),
        (lambda o: optim.PolynomialLR(o, total_iters=0), "total_iters"),
        (lambda o: optim.CosineAnnealingLR(o, 0), "T_max"),
    ],
)
def test_impossible_options(make, name):
    with pytest.raises(gd.ArgumentError, match=name):
        make(two_groups())


def test_factor_must_be_defined():
    with pytest.raises(NotImplementedError, match="FactorLR"):
        optim.FactorLR(two_groups())


@pytest.mark.parametrize(
    "name",
    schedule_cases(
        "StepLR",
        "MultiStepLR",
        "ConstantLR",
        "LinearLR",
        "ExponentialLR",
        "PolynomialLR",
        "CosineAnnealingLR",
    ),
)
def test_is_pytorchs(name):
    check_schedule_against_pytorch(name)
