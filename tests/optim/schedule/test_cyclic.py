"""Cyclic schedules, against PyTorch and by hand."""

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


def test_momentum_is_low_where_the_rate_is_high():
    optimizer = two_groups()
    schedule = optim.CyclicLR(optimizer, 0.0, 1.0, 2, base_momentum=0.5, max_momentum=0.9)
    found = []
    for _ in range(5):
        found.append((schedule.get_last_lr()[0], optimizer.param_groups[1]["momentum"]))
        schedule.step()
    assert [m for _, m in found] == pytest.approx([0.9 - 0.4 * lr for lr, _ in found])
    assert max(found)[0] == 1.0


def test_a_rise_of_one_step():
    schedule = optim.OneCycleLR(two_groups(), 1.0, total_steps=10, pct_start=0.1)
    assert rates(schedule, 2)[0] == 1.0


def test_one_cycle_ends():
    schedule = optim.OneCycleLR(two_groups(), 1.0, total_steps=5)
    rates(schedule, 5)
    with pytest.raises(gd.ArgumentError, match="total_steps, 5"):
        schedule.step()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, mode="square"), "mode"),
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, scale_mode="epochs"), "scale_mode"),
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, step_size_up=0), "step_size_up"),
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, step_size_down=0), "step_size_down"),
        (lambda o: optim.CyclicLR(o, [0.1], 0.5), "base_lr"),
        (lambda o: optim.CyclicLR(o, 0.1, [0.5]), "max_lr"),
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, max_momentum=[0.5]), "max_momentum"),
        (lambda o: optim.OneCycleLR(o, 0.1), "total_steps"),
        (lambda o: optim.OneCycleLR(o, 0.1, epochs=5), "total_steps"),
        (lambda o: optim.OneCycleLR(o, 0.1, total_steps=0), "total_steps"),
        (lambda o: optim.OneCycleLR(o, 0.1, 10, pct_start=1.1), "pct_start"),
        (lambda o: optim.OneCycleLR(o, 0.1, 10, anneal_strategy="exp"), "anneal_strategy"),
        (lambda o: optim.OneCycleLR(o, [0.1], 10), "max_lr"),
    ],
)
def test_impossible_options(make, name):
    with pytest.raises(gd.ArgumentError, match=name):
        make(two_groups())


def test_an_optimizer_without_momentum():
    optimizer = two_groups("Adagrad")
    with pytest.raises(gd.ArgumentError, match="Adagrad has no momentum"):
        optim.CyclicLR(optimizer, 0.1, 0.5)
    with pytest.raises(gd.ArgumentError, match="Adagrad has no momentum"):
        optim.OneCycleLR(optimizer, 0.1, 10)
    assert rates(optim.CyclicLR(optimizer, 0.1, 0.5, 1, cycle_momentum=False), 2) == [0.1, 0.5]


@pytest.mark.parametrize("name", schedule_cases("CyclicLR", "OneCycleLR"))
def test_is_pytorchs(name):
    check_schedule_against_pytorch(name)
