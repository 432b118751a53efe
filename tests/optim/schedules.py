"""Builds the same schedules in graddl and in PyTorch, from cases that JSON can hold."""

from math import sin

FUNCTIONS = {
    "harmonic": lambda t: 1 / (1 + t),
    "root": lambda t: (1 + t) ** -0.5,
    "half": lambda c: 0.5**c,
}
EPOCHS = [0, 1, 2, 3, 5, 6, 9, 10, 13, 20, 21, 30, 40, 50]


def metric(t):
    """What ReduceLROnPlateau is told: it falls, with waves."""
    return 1 / (1 + t) + 0.3 * abs(sin(t))


def build(schedules, optimizer, case):
    """The schedule of a case {"class": ..., "options": ..., "schedulers": ...}."""
    options = {
        key: _function(value) if key in ("lr_lambda", "scale_fn") else value
        for key, value in case["options"].items()
    }
    make = getattr(schedules, case["class"])
    if "schedulers" not in case:
        return make(optimizer, **options)
    parts = [build(schedules, optimizer, part) for part in case["schedulers"]]
    return make(parts) if case["class"] == "ChainedScheduler" else make(optimizer, parts, **options)


def _function(value):
    return [FUNCTIONS[v] for v in value] if isinstance(value, list) else FUNCTIONS[value]


def rates(optimizer, schedule):
    """{epoch: rates and momentum of all groups} over 50 epochs."""
    answers = {}
    for t in range(EPOCHS[-1] + 1):
        if t:
            optimizer.step()
            plateau = type(schedule).__name__ == "ReduceLROnPlateau"
            schedule.step(*[metric(t)] * plateau)
        if t in EPOCHS:
            groups = optimizer.param_groups
            momentum = [g["betas"][0] if "betas" in g else g["momentum"] for g in groups]
            assert [g["lr"] for g in groups] == list(schedule.get_last_lr())
            answers[str(t)] = [*schedule.get_last_lr(), *momentum]
    return answers
