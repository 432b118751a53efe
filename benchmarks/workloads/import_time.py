"""IMPORT: how long ``import graddl`` takes in a fresh interpreter, beyond ``import numpy``."""

from __future__ import annotations

import os
import subprocess
import sys

from . import Case, Workload

# A folder without __init__.py would import in no time: insist on a real package.
CODE = """
import time
t = time.perf_counter()
import {name}
t = time.perf_counter() - t
assert {name}.__file__, "{name} is an empty namespace package"
print(t)
"""


def importing(name: str):
    """Return a setup whose sample is the import time of package `name` in ms."""

    # A user's second import finds byte code: let the first one write it.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def sample() -> float:
        command = [sys.executable, "-c", CODE.format(name=name)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            raise ImportError(done.stderr.strip().splitlines()[-1])
        return 1000 * float(done.stdout)

    def setup(data: dict) -> Case:
        sample()  # byte code written, files in the page cache
        return Case(sample=sample)

    return setup


WORKLOADS = (
    Workload(
        name="IMPORT",
        about="import in a fresh interpreter, ms above `import numpy`",
        data=lambda shrink: {},
        setups={
            name: importing(name)
            for name in ("numpy", "torch", "jax", "mygrad", "autograd", "graddl")
        },
        unit="ms",
        compare="difference",
        baseline="numpy",
    ),
)
