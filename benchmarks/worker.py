"""The process that runs one workload in one library, and the parent's handle on it.

The worker sets up, writes the gradients of its first iteration to a file, warms up, says that it
is ready and then answers every line ``go`` on its standard input with one figure. A process each,
because libraries change what others see: PyTorch's presence alone raises malloc's thresholds.

Its memory is the peak of resident memory while it iterates, above what the process had when the
library was imported and data and model were made. What the first iteration leaves behind counts,
compiled code included; what it needs only in passing does not.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from .workloads import Case, Workload, load

SHORTEST = 0.05  # seconds; one figure is a mean over as many iterations as fill this


class WorkerError(Exception):
    """A library failed; the message begins with the kind of failure."""


class Worker:
    """A running worker, seen from the parent.

    Parameters
    ----------
    workload : Workload
    library : str
    gradients : Path
        Where the worker leaves its gradients (.npz).
    threads : int
        How many threads every library is allowed.
    oracle : bool
        Whether the worker works in float64, and ends when it has left its gradients.
    """

    def __init__(
        self, workload: Workload, library: str, gradients: Path, threads: int, oracle: bool = False
    ) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", workload.name, library]
        self._process = subprocess.Popen(
            [*command, str(gradients), str(threads), *(["oracle"] if oracle else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **thread_limits(threads)},
        )

    def read(self) -> dict:
        """Return the worker's next answer.

        Raises
        ------
        WorkerError
            If the worker reports an exception or has died.
        """
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"died ({self._process.wait()})"}
        if "error" in answer:
            raise WorkerError(answer["error"])
        return answer

    def go(self) -> dict:
        """Take one figure: ``figure`` in the workload's unit, ``busy`` in processors."""
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # read() says why
        return self.read()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


def thread_limits(threads: int) -> dict[str, str]:
    """Environment that holds every library to `threads` threads, as far as it listens."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    limits = {f"{name}_NUM_THREADS": str(threads) for name in names}
    eigen = str(threads > 1).lower()
    return {
        **limits,
        "PJRT_NPROC": str(threads),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={eigen}",
    }


def mean_time(case: Case, iterations: int) -> tuple[float, float]:
    """Return wall and processor seconds per iteration."""
    step = case.step
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in itertools.repeat(None, iterations):
        step()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return wall / iterations, cpu / iterations


def calibrate(case: Case) -> int:
    """Warm up, and find how many iterations fill the shortest time worth a figure."""
    iterations = 1
    while True:
        seconds = iterations * mean_time(case, iterations)[0]
        if seconds >= SHORTEST:
            return iterations
        iterations = max(2 * iterations, int(1.2 * iterations * SHORTEST / max(seconds, 1e-6)))


def memory(field: str) -> int:
    """Bytes of resident memory (Linux): "VmRSS" now, "VmHWM" the most since `forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


def forget_peak() -> bool:
    """Let VmHWM start again at VmRSS; return whether the system can do that."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def in_double(data):
    """Return data, or a dict of data, with arrays of float64 in place of those of float32."""
    if isinstance(data, dict):
        return {name: in_double(value) for name, value in data.items()}
    return data.astype("float64") if getattr(data, "dtype", None) == "float32" else data


def answers(workload: Workload, library: str, path: str, threads: int, oracle: bool):
    """Yield the answers of this worker: one when ready, then one for every line of input."""
    if library == "torch":
        import torch

        torch.set_num_threads(threads)
    data = workload.data_for(library)
    case = workload.setups[library](in_double(data) if oracle else data)
    ready = {"iterations": 1}
    if case.step:
        gc.collect()
        before = memory("VmRSS")
        np.savez(path, **case.gradients())
        if oracle:
            yield ready
            return
        known = forget_peak()
        ready["iterations"] = iterations = calibrate(case)
        ready["memory"] = memory("VmHWM") - before if known else None
    yield ready
    for _ in sys.stdin:
        if case.step:
            wall, cpu = mean_time(case, iterations)
            yield {"figure": wall, "busy": cpu / wall}
        else:
            yield {"figure": case.sample(), "busy": 0.0}


def main(name: str, library: str, path: str, threads: str, oracle: str = "") -> None:
    # The libraries may print what they like; only answers reach the parent.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        for answer in answers(load()[name], library, path, int(threads), bool(oracle)):
            print(json.dumps(answer), file=out, flush=True)
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        print(json.dumps({"error": f"{type(error).__name__}: {first}"}), file=out, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
