"""Time graddl against its peers and print a table of ratios.

``python -m benchmarks [--rounds 7] [--only S1,O1a] [--peers torch,jax] [--threads 1]
[--json FILE]`` from the root of the repository. It asserts nothing about time, but prints no
figure of a library whose gradients are wrong.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from .report import Result, head, summary
from .targets import TARGETS
from .worker import Worker, WorkerError
from .workloads import Arrays, Workload, load

PEERS = ("torch", "jax", "micrograd", "mygrad", "autograd")
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}  # of the largest entry of an array


def right_gradients(workload: Workload, library: str, folder: Path, threads: int) -> Arrays:
    """Return what the gradients of `library` are compared with: float64 ones.

    Raises
    ------
    WorkerError
        If the library that gives them fails.
    """
    if callable(workload.oracle):
        return workload.oracle(workload.data_for(library))
    path = folder / "oracle.npz"
    if not path.exists():
        with closing(Worker(workload, workload.oracle, path, threads, oracle=True)) as worker:
            worker.read()
    with np.load(path) as found:
        return dict(found)


def check(workload: Workload, right: Arrays, path: Path) -> None:
    """Compare a worker's gradients with the right ones.

    Raises
    ------
    WorkerError
        If one is missing or has another shape, another dtype or other numbers.
    """
    with np.load(path) as found:
        if set(found) != set(right):
            raise WorkerError(f"WRONG: gradients of {sorted(found)}, not of {sorted(right)}")
        for name, r in right.items():
            g = found[name]
            if g.shape != r.shape or g.dtype != workload.dtype:
                raise WorkerError(f"WRONG: gradient of {name} is {g.dtype} {g.shape}")
            error = np.max(np.abs(g - r)) / np.max(np.abs(r))
            if not error <= TOLERANCE[workload.dtype]:  # so written, NaN fails
                raise WorkerError(f"WRONG: gradient of {name} is off by {error:.1e}")


def measure(workload: Workload, libraries: list[str], rounds: int, threads: int) -> Result:
    """Start a worker for each library, check it, and interleave the rounds."""
    result = Result(workload)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workers: dict[str, Worker] = {}
        for library in libraries:
            path = folder / f"{library}.npz"
            worker = stack.enter_context(closing(Worker(workload, library, path, threads)))
            try:
                result.memory[library] = worker.read().get("memory")
                if workload.oracle:
                    check(workload, right_gradients(workload, library, folder, threads), path)
            except WorkerError as error:
                result.errors[library] = str(error)
            else:
                workers[library] = worker
        for _ in range(min(rounds, workload.rounds or rounds)):
            for library, worker in list(workers.items()):
                try:
                    answer = worker.go()
                except WorkerError as error:
                    result.errors[library] = str(error)
                    del workers[library]
                else:
                    scale = workload.shrink.get(library, 1) if workload.unit == "s" else 1
                    result.figures.setdefault(library, []).append(scale * answer["figure"])
                    result.busy[library] = max(result.busy.get(library, 0), answer["busy"])
    for library in result.errors:
        result.figures.pop(library, None)
    return result


def chosen(workload: Workload, peers: list[str]) -> list[str]:
    """Libraries of `workload` to run: its baseline, the peers asked for, and graddl."""
    return [
        library
        for library in workload.setups
        if library in (workload.baseline, *peers) or library.startswith("graddl")
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (7)")
    parser.add_argument("--only", default="", help="beginnings of names of workloads: S1,O1a")
    parser.add_argument("--peers", default=",".join(PEERS), help="libraries to compare with")
    parser.add_argument("--threads", type=int, default=1, help="threads per library (1)")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    args = parser.parse_args()

    found = load()
    names = [n for n in TARGETS if n in found] + [n for n in found if n not in TARGETS]
    names = [n for n in names if n.startswith(tuple(args.only.split(",")))]
    peers = [peer for peer in args.peers.split(",") if peer]
    if unknown := set(peers) - set(PEERS):
        parser.error(f"unknown peers {sorted(unknown)}; known are {', '.join(PEERS)}")
    if not names:
        parser.error(f"no workload begins with {args.only!r}; there are {', '.join(found)}")

    about = head(args.rounds, args.threads)
    print("\n".join(f"{key:9} {value}" for key, value in about.items()), flush=True)
    results = []
    for name in names:
        libraries = chosen(found[name], peers)
        results.append(measure(found[name], libraries, args.rounds, args.threads))
        print("\n" + results[-1].details(args.threads), flush=True)
    print("\n" + summary(results, peers))
    if args.json:
        content = {"machine": about, "workloads": [r.as_dict() for r in results]}
        args.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
