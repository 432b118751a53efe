"""S2: one long chain of scalars ``y = y * a + b``, two nodes a turn, forward and backward.

It shows what a node costs in time and, while the graph is alive, in bytes.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np

from . import Case, Workload


def data_of(nodes: int):
    """Return the ``data`` function of a chain of `nodes` nodes."""
    return lambda shrink: {"x": 0.5, "a": 0.99999, "b": 1e-5, "nodes": nodes // shrink}


def oracle(data: dict) -> dict[str, np.ndarray]:
    """Derivatives carried along with the value, from x forwards."""
    y, dx, da, db = data["x"], 1.0, 0.0, 0.0
    a, b = data["a"], data["b"]
    for _ in range(data["nodes"] // 2):
        dx, da, db = a * dx, y + a * da, 1.0 + a * db
        y = y * a + b
    return {"x": np.array(dx), "a": np.array(da), "b": np.array(db)}


def chain(x, a, b, nodes: int):
    """Return the end of the chain."""
    y = x
    for _ in range(nodes // 2):
        y = y * a + b
    return y


def case(data: dict, leaves: list, reset) -> Case:
    """Make the case of a library whose values have ``backward`` and ``grad``."""

    def step():
        chain(*leaves, data["nodes"]).backward()
        for leaf in leaves:
            leaf.grad = reset

    def gradients():
        chain(*leaves, data["nodes"]).backward()
        grads = {n: np.array(leaf.grad) for n, leaf in zip("xab", leaves, strict=True)}
        for leaf in leaves:
            leaf.grad = reset
        return grads

    return Case(step, gradients)


def leaves_of(library: str, data: dict) -> list:
    """Return x, a and b as the library's float64 scalars that want gradients."""
    values = [data[name] for name in "xab"]
    if library == "torch":
        import torch

        return [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    if library == "micrograd":
        from micrograd.engine import Value

        return [Value(v) for v in values]
    if library == "mygrad":
        import mygrad as mg

        return [mg.tensor(v, dtype="float64") for v in values]
    import graddl as gd

    return [gd.Scalar(v) for v in values]


def torch_(data: dict) -> Case:
    return case(data, leaves_of("torch", data), None)


def micrograd_(data: dict) -> Case:
    return case(data, leaves_of("micrograd", data), 0.0)


def graddl_(data: dict) -> Case:
    return case(data, leaves_of("graddl", data), 0.0)


def mygrad_(data: dict) -> Case:
    x, a, b = leaves_of("mygrad", data)

    def step():
        chain(x, a, b, data["nodes"]).backward()  # the next chain clears the gradients itself

    def gradients():
        step()
        return {"x": x.grad, "a": a.grad, "b": b.grad}

    return Case(step, gradients)


def autograd_(data: dict) -> Case:
    from autograd import value_and_grad

    f = value_and_grad(lambda x, a, b: chain(x, a, b, data["nodes"]), argnum=(0, 1, 2))
    values = [data[name] for name in "xab"]

    def gradients():
        return {n: np.asarray(g) for n, g in zip("xab", f(*values)[1], strict=True)}

    return Case(lambda: f(*values), gradients)


def resident() -> int:
    """Bytes of memory that this process has resident (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def memory_of(library: str):
    """Return a setup whose sample is the resident bytes a node of a living chain.

    Resident memory, because no Python-level counter sees what a C++ library allocates.
    """

    def setup(data: dict) -> Case:
        leaves = leaves_of(library, data)
        kept = [chain(*leaves, 1000)]  # whatever the first operations allocate once

        def sample() -> float:
            gc.collect()
            before = resident()
            kept.append(chain(*leaves, data["nodes"]))
            return (resident() - before) / data["nodes"]

        return Case(sample=sample)

    return setup


WORKLOADS = (
    Workload(
        name="S2 1e5",
        about="chain of 100 000 scalar nodes, forward, backward, free (float64)",
        data=data_of(10**5),
        oracle=oracle,
        dtype="float64",
        setups={
            "torch": torch_,
            "micrograd": micrograd_,
            "mygrad": mygrad_,
            "autograd": autograd_,
            "graddl": graddl_,
        },
    ),
    Workload(
        name="S2 1e6",
        about="chain of 1 000 000 scalar nodes, forward, backward, free (float64)",
        data=data_of(10**6),
        oracle=oracle,
        dtype="float64",
        setups={"torch": torch_, "micrograd": micrograd_, "graddl": graddl_},
        shrink={"torch": 10},
    ),
    Workload(
        name="S2 memory",
        about="resident bytes a node of a living chain of 1 000 000 scalar nodes",
        data=data_of(10**6),
        setups={name: memory_of(name) for name in ("torch", "micrograd", "mygrad", "graddl")},
        shrink={"torch": 10, "mygrad": 10, "micrograd": 10},
        unit="B",
        compare="none",
        rounds=1,  # a second round would reuse what the first one's allocator kept
    ),
)
