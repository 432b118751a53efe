"""A problem on which optimizers are compared with formulas, and one that PyTorch answered."""

import json
from pathlib import Path

import numpy as np

import graddl as gd
from tests.optim import schedules

ORACLES = Path(__file__).parents[1] / "oracles"
MORE = json.loads((ORACLES / "optim_more.json").read_text())
ORACLE = json.loads((ORACLES / "optim.json").read_text()) | MORE["optimizers"]
CURVATURE = np.array([[1.0, 2.0, 0.5], [0.1, 3.0, 1.5]])
START = np.array([[1.0, -2.0, 3.0], [0.5, -0.1, 0.0]])


def train(make, **options):
    """20 steps on sum(c (w - 1)^2) / 2, whose gradient is c (w - 1); yields w after each."""
    w = gd.tensor(START, requires_grad=True)
    optimizer = make([w], **options)
    for _ in range(20):
        optimizer.zero_grad()
        (CURVATURE * (w - 1) ** 2 / 2).sum().backward()
        optimizer.step()
        yield w.numpy(copy=True)


def cases(name):
    """Names of PyTorch's answers for the optimizer of a class."""
    return [case for case in ORACLE if ORACLE[case]["class"] == name]


def check_against_pytorch(make, name):
    """The problem of `tests/oracles/optim_oracles.py`, step by step."""
    case = ORACLE[name]
    a = gd.tensor(np.sin(np.arange(6) + 1.0).reshape(2, 3), requires_grad=True)
    b = gd.tensor(np.sin(np.arange(3) + 2.0), requires_grad=True)
    optimizer = make([a, b], **case["options"])
    stiffness = np.arange(1.0, 7.0).reshape(2, 3) / 6
    compared = 0
    for t in range(1, max(map(int, case["steps"])) + 1):
        optimizer.zero_grad()
        y = a * b - 1
        (y * y * stiffness).sum().backward()
        optimizer.step()
        if str(t) in case["steps"]:
            np.testing.assert_allclose(a.numpy(), case["steps"][str(t)]["a"], rtol=1e-10)
            np.testing.assert_allclose(b.numpy(), case["steps"][str(t)]["b"], rtol=1e-10)
            compared += 1
    assert compared == len(case["steps"]) > 0


def leaf(*values):
    """A float64 Tensor that wants gradient."""
    return gd.tensor(list(values), dtype="float64", requires_grad=True)


def two_groups(kind="SGD"):
    """An optimizer with rates 0.1 and 0.05, and no gradients."""
    groups = [{"params": [gd.ones(1, requires_grad=True)], "lr": lr} for lr in (0.1, 0.05)]
    return getattr(gd.optim, kind)(groups, **{"momentum": 0.9} if kind == "SGD" else {})


def built(name):
    """(optimizer, schedule) of a case that PyTorch answered."""
    case = MORE["schedules"][name]
    optimizer = two_groups(case["optimizer"])
    return optimizer, schedules.build(gd.optim.lr_scheduler, optimizer, case)


def schedule_cases(*names):
    """Names of PyTorch's answers for schedules of some classes."""
    return [case for case, answer in MORE["schedules"].items() if answer["class"] in names]


def check_schedule_against_pytorch(name):
    """Rates and momentum over 50 epochs."""
    got, expected = schedules.rates(*built(name)), MORE["schedules"][name]["rates"]
    assert got.keys() == expected.keys()
    for t in expected:
        np.testing.assert_allclose(got[t], expected[t], rtol=1e-9, atol=1e-15, err_msg=t)
