"""Layers beside PyTorch's: the cases of tests/oracles/blocks.json, repeated here."""

import json
from pathlib import Path

import numpy as np
import pytest

import graddl as gd

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "blocks.json").read_text())


def numbers(*shape, seed=0.0):
    """sin(i + seed), as the oracles make them."""
    return np.sin(np.arange(np.prod(shape, dtype=int)) + seed).reshape(shape)


def cases(*classes):
    """PyTorch's answers for layers of these classes, for parametrize."""
    found = [case for case in ORACLE if case["class"] in classes]
    assert found
    return [
        pytest.param(case, id=f"{k}-{case['class']}{tuple(case['arguments'])}")
        for k, case in enumerate(found)
    ]


def fill(layer):
    """Give a layer the numbers that PyTorch's had, parameter by parameter."""
    for k, p in enumerate(layer.parameters()):
        p.data = numbers(*p.shape, seed=k)


def check(layer, case):
    """Outputs, all gradients, and buffers of some steps of training and one of eval."""
    fill(layer)
    assert [name for name, _ in layer.named_parameters()] == list(case["grad"])
    extra = {k: np.array(v) if isinstance(v, list) else v for k, v in case["extra"].items()}
    for t, step in enumerate(case["steps"]):
        layer.train(t < 3)
        xs = [
            gd.tensor(numbers(*shape, seed=3 + t + k), requires_grad=True)
            for k, shape in enumerate(case["shapes"])
        ]
        alone = case["class"] == "MultiheadAttention" and len(xs) == 1
        ys = layer(*xs * (3 if alone else 1), **extra)
        ys = [y for y in (ys if isinstance(ys, tuple) else (ys,)) if y is not None]
        sum((y * numbers(*y.shape, seed=7)).sum() for y in ys).backward()
        for y, want in zip(ys, step["y"], strict=True):
            close(y, want)
        for x, want in zip(xs, step["x.grad"], strict=True):
            close(x.grad, want)
    for name, p in layer.named_parameters():
        close(p.grad, case["grad"][name])
    buffers = dict(layer.named_buffers())
    assert set(case["buffers"]) <= set(buffers)
    for name, want in case["buffers"].items():
        close(buffers[name], want)


def close(t, want):
    """Equal to 1e-9, and of that shape."""
    want = np.array(want)
    assert t.shape == want.shape
    np.testing.assert_allclose(t.numpy(), want, rtol=1e-9, atol=1e-10)
