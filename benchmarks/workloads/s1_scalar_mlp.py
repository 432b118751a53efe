"""S1: micrograd's demo. A 2-16-16-1 ReLU network made of single numbers, one step on 100 moons.

The loss is the SVM hinge ``mean(relu(1 - y * score)) + alpha * sum(p**2)``, about 65 000 nodes.
micrograd, PyTorch (0-d float64 tensors) and ``gd.Scalar`` run the very same Python below.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from . import Case, Workload

SIZES = (2, 16, 16, 1)
SAMPLES, ALPHA, LR = 100, 1e-4, 0.05


def data(shrink: int) -> dict:
    """Two noisy half circles (100, 2), labels +-1 (100,), and the layers' weights and biases."""
    rng = np.random.default_rng(0)
    t = np.pi * rng.random(SAMPLES // 2)
    upper = np.stack([np.cos(t), np.sin(t)], axis=1)
    lower = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    x = np.concatenate([upper, lower]) + 0.1 * rng.standard_normal((SAMPLES, 2))
    y = np.repeat([1.0, -1.0], SAMPLES // 2)
    pairs = list(pairwise(SIZES))
    weights = [rng.uniform(-1, 1, (m, n)) for n, m in pairs]  # (out, in)
    biases = [rng.uniform(-0.1, 0.1, m) for _, m in pairs]
    return {"x": x, "y": y, "weights": weights, "biases": biases}


def oracle(data: dict) -> dict[str, np.ndarray]:
    """Backpropagate through the three layers by hand."""
    h, inputs = data["x"], []
    for w, b in zip(data["weights"], data["biases"], strict=True):
        inputs.append(h)
        z = h @ w.T + b  # (N, out)
        h = np.maximum(z, 0)
    y = data["y"][:, None]
    g = np.where(y * z < 1, -y / SAMPLES, 0.0)  # (N, 1)
    grads = []
    for layer in reversed(range(3)):
        w, b = data["weights"][layer], data["biases"][layer]
        gw = g.T @ inputs[layer] + 2 * ALPHA * w
        gb = g.sum(axis=0) + 2 * ALPHA * b
        grads.append(np.concatenate([gw, gb[:, None]], axis=1).ravel())
        g = (g @ w) * (inputs[layer] > 0)
    return {"parameters": np.concatenate(grads[::-1])}


def build(data: dict, wrap) -> tuple[list, list]:
    """Wrap every weight and bias; return the layers (lists of neurons) and the flat list."""
    layers = []
    for w, b in zip(data["weights"], data["biases"], strict=True):
        layers.append(
            [([wrap(v) for v in row.tolist()], wrap(float(c))) for row, c in zip(w, b, strict=True)]
        )
    return layers, [p for layer in layers for ws, b in layer for p in (*ws, b)]


def score(layers: list, h: list):
    """Run the network on one sample, a list of numbers."""
    for layer in layers[:-1]:
        h = [sum((w * v for w, v in zip(ws, h, strict=True)), b).relu() for ws, b in layer]
    ws, b = layers[-1][0]
    return sum((w * v for w, v in zip(ws, h, strict=True)), b)


def total_loss(layers: list, parameters: list, xs: list, ys: list):
    """Hinge loss over all samples plus the L2 term."""
    losses = [(1 + -y * score(layers, x)).relu() for x, y in zip(xs, ys, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + ALPHA * sum(p * p for p in parameters)


def object_graph(data: dict, wrap, read, update) -> Case:
    """Build a graph of objects anew at every step, as micrograd's users write it."""
    layers, parameters = build(data, wrap)
    xs, ys = data["x"].tolist(), data["y"].tolist()

    def gradients():
        total_loss(layers, parameters, xs, ys).backward()
        grads = np.array([read(p.grad) for p in parameters])
        update(parameters, 0.0)  # a step of length zero: only clears the gradients
        return {"parameters": grads}

    def step():
        total_loss(layers, parameters, xs, ys).backward()
        update(parameters, LR)

    return Case(step, gradients)


def update_floats(parameters: list, lr: float) -> None:
    """Take an SGD step where `data` and `grad` are Python floats."""
    for p in parameters:
        p.data -= lr * p.grad
        p.grad = 0.0


def torch_(data: dict) -> Case:
    import torch

    def wrap(value):
        return torch.tensor(value, dtype=torch.float64, requires_grad=True)

    def update(parameters, lr):
        with torch.no_grad():
            for p in parameters:
                p -= lr * p.grad
                p.grad = None

    return object_graph(data, wrap, float, update)


def micrograd_(data: dict) -> Case:
    from micrograd.engine import Value

    return object_graph(data, Value, float, update_floats)


def graddl_(data: dict) -> Case:
    import graddl as gd

    return object_graph(data, gd.Scalar, float, update_floats)


def graddl_tape(data: dict) -> Case:
    """Compile one sample's hinge once; the batch runs in lanes, L2 is weight decay in the step."""
    import graddl as gd

    layers, parameters = build(data, gd.Scalar)
    x0, x1, y = (gd.Scalar(v) for v in (0.5, 0.5, 1.0))
    loss = (1 + -y * score(layers, [x0, x1])).relu() * (1.0 / SAMPLES)
    tape = loss.compile(inputs=[x0, x1, y], params=parameters)
    batch = np.column_stack([data["x"], data["y"]])  # (100, 3)

    def gradients():
        tape.run(batch)
        tape.backward()
        grads = np.array([p.grad + 2 * ALPHA * p.data for p in parameters])
        for p in parameters:
            p.grad = 0.0
        return {"parameters": grads}

    def step():
        tape.run(batch)
        tape.backward()
        for p in parameters:
            value = p.data
            p.data = value - LR * (p.grad + 2 * ALPHA * value)
            p.grad = 0.0

    return Case(step, gradients)


WORKLOADS = (
    Workload(
        name="S1",
        about="scalar MLP 2-16-16-1, 100 moons, SVM loss + L2, one SGD step (float64)",
        data=data,
        oracle=oracle,
        dtype="float64",
        setups={
            "torch": torch_,
            "micrograd": micrograd_,
            "graddl": graddl_,
            "graddl tape": graddl_tape,
        },
    ),
)
