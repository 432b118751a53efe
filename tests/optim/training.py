"""A problem on which optimizers are compared with formulas, and one that PyTorch answered."""

import json
from pathlib import Path

import numpy as np

import graddl as gd

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "optim.json").read_text())
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
    """The problem of `tests/oracles/make_oracles.py`, step by step."""
    case = ORACLE[name]
    a = gd.tensor(np.sin(np.arange(6) + 1.0).reshape(2, 3), requires_grad=True)
    b = gd.tensor(np.sin(np.arange(3) + 2.0), requires_grad=True)
    optimizer = make([a, b], **case["options"])
    stiffness = np.arange(1.0, 7.0).reshape(2, 3) / 6
    compared = 0
    for t in range(1, 21):
        optimizer.zero_grad()
        y = a * b - 1
        (y * y * stiffness).sum().backward()
        optimizer.step()
        if str(t) in case["steps"]:
            np.testing.assert_allclose(a.numpy(), case["steps"][str(t)]["a"], rtol=1e-10)
            np.testing.assert_allclose(b.numpy(), case["steps"][str(t)]["b"], rtol=1e-10)
            compared += 1
    assert compared == len(case["steps"]) > 0
