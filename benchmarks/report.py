"""Figures into cells, lines and the table."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from .targets import TARGETS
from .workloads import Workload

MISSING = "\N{EN DASH}"  # no support, or nothing to judge
TEACHING = ("mygrad", "autograd", "micrograd")  # the first counts, or the fastest of the others


@dataclass
class Result:
    """What one workload gave: figures by library and round, and what went wrong.

    Attributes
    ----------
    figures : dict of str to list of float
        In the workload's unit, scaled to its full size.
    busy : dict of str to float
        Processors kept busy, the largest of the rounds.
    memory : dict of str to int or None
        Bytes, as the worker has them; None where nobody knows.
    errors : dict of str to str
        Libraries without figures, and why.
    """

    workload: Workload
    figures: dict[str, list[float]] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int | None] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def compared(self, library: str) -> list[float]:
        """Return the figures, round by round, as the table shows them; empty without a baseline."""
        own, base = self.figures.get(library, []), self.figures.get(self.workload.baseline, [])
        if self.workload.compare == "none":
            return own
        if self.workload.compare == "difference":
            return [x - y for x, y in zip(own, base, strict=False)]
        return [x / y for x, y in zip(own, base, strict=False)]

    def cell(self, library: str) -> str:
        """Return the median, the kind of failure, or a dash where support is missing."""
        if library in self.errors:
            return self.errors[library].split(":")[0]
        values = self.compared(library)
        return _short(median(values)) if values else MISSING

    def rival(self, library: str) -> str:
        """Return the time of `library` as a share of that of the peer it has to beat.

        This is MyGrad, and where it cannot run the fastest of the other teaching peers.
        """
        found = [peer for peer in TEACHING if peer in self.figures]
        if self.workload.compare != "ratio" or not found or library not in self.figures:
            return MISSING
        peer = min(found, key=lambda p: (p != TEACHING[0], median(self.figures[p])))
        pairs = zip(self.figures[library], self.figures[peer], strict=False)
        share = median(x / y for x, y in pairs)
        return f"{_short(share)} {peer}" + (", SLOWER" if share > 1 else "")

    def memory_share(self, library: str) -> str:
        """Return the peak memory of `library` as a share of the baseline's."""
        own, base = self.memory.get(library), self.memory.get(self.workload.baseline)
        if not own or not base or library in self.errors:
            return MISSING
        return _short(self.scaled_memory(library) / self.scaled_memory(self.workload.baseline))

    def scaled_memory(self, library: str) -> int:
        """Return the peak memory of `library` in bytes, as at the full size."""
        return self.memory[library] * self.workload.shrink.get(library, 1)

    def details(self, threads: int) -> str:
        """Return one line a library: what is compared (range), absolute median, memory, remarks."""
        lines = [f"{self.workload.name}: {self.workload.about}"]
        for library in (*self.figures, *self.errors):
            if library in self.errors:
                lines.append(f"  {library:12} {self.errors[library]}")
                continue
            values = self.compared(library)
            spread = f"({_short(min(values))}..{_short(max(values))})" if values else ""
            remarks = ""
            if library in self.workload.shrink:
                remarks += f"  measured on 1/{self.workload.shrink[library]} of the size"
                remarks += ", scaled" if self.workload.unit == "s" else ""
            if self.busy[library] > threads + 0.15:
                remarks += f"  kept {self.busy[library]:.1f} processors busy"
            absolute = _absolute(median(self.figures[library]), self.workload.unit)
            if self.memory.get(library) is not None:
                absolute = f"{absolute:8} {self.scaled_memory(library) / 1e6:7.1f} MB"
            lines.append(f"  {library:12} {self.cell(library):>8} {spread:20} {absolute}{remarks}")
        return "\n".join(lines)

    def as_dict(self) -> dict:
        """Return everything for JSON."""
        return {
            "name": self.workload.name,
            "about": self.workload.about,
            "unit": self.workload.unit,
            "compare": self.workload.compare,
            "baseline": self.workload.baseline,
            "shrink": dict(self.workload.shrink),
            "targets": {k: v for k, v in TARGETS.items() if k in self.rows()},
            "figures": self.figures,
            "compared": {library: self.compared(library) for library in self.figures},
            "processors_busy": self.busy,
            "peak_memory": self.memory,
            "errors": self.errors,
        }

    def rows(self) -> dict[str, str]:
        """Return the rows of the table: ``S1`` for graddl, ``S1 tape`` for graddl tape."""
        mine = [library for library in self.workload.setups if library.startswith("graddl")]
        return {self.workload.name + library.removeprefix("graddl"): library for library in mine}


def summary(results: list[Result], peers: list[str]) -> str:
    """Return the table: a row for each judged variant of graddl."""
    others = [p for p in peers if p != "torch"]
    columns = ["workload", "PyTorch", *others, "graddl", "target", "", "rival", "memory"]
    table = [columns]
    for result in results:
        unit, ratio = result.workload.unit, result.workload.compare == "ratio"
        for row, library in result.rows().items():
            # With ratios PyTorch's own cell would always read 1: give its time instead.
            first = result.cell("torch")
            if ratio and "torch" in result.figures:
                first = _absolute(median(result.figures["torch"]), unit)
            cells = [first, *(result.cell(p) for p in others)]
            values, target = result.compared(library), TARGETS.get(row)
            verdict = MISSING
            if target is not None and values:
                verdict = "met" if median(values) <= target else "not met"
            goal = MISSING if target is None else f"{target:g}" + ("" if ratio else f" {unit}")
            against = [result.rival(library), result.memory_share(library)]
            table.append([row, *cells, result.cell(library), goal, verdict, *against])
    widths = [max(len(line[i]) for line in table) for i in range(len(columns))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in table]
    lines.insert(1, "  ".join("-" * w for w in widths))
    foot = (
        "Below 1 is faster than PyTorch. S2 memory: bytes a node. IMPORT: ms above `import numpy`."
        "\nrival: time as a share of MyGrad's; where it cannot run, of the best teaching peer's."
        "\nmemory: peak while iterating, above what was there before, as a share of PyTorch's."
    )
    return "\n".join([*(line.rstrip() for line in lines), foot])


def head(rounds: int, threads: int) -> dict[str, str]:
    """Return what the figures depend on: machine, Python, versions, settings."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    cpu = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    known = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16")
    flags = [flag for flag in known if flag in cpu.get("flags", "").split()]
    packages = ("graddl", "numpy", "torch", "jax", "micrograd", "mygrad", "autograd")
    return {
        "machine": f"{platform.machine()} {cpu.get('model name', '').strip()}, "
        f"{os.cpu_count()} processors, {platform.system()} {platform.release()}",
        "flags": " ".join(flags) or "none known",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": ", ".join(f"{name} {_version(name)}" for name in packages),
        "settings": f"{rounds} interleaved rounds, {threads} thread(s) per library",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _short(value: float) -> str:
    """Three significant digits, without an exponent."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.5f}"


def _absolute(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:.0f} {unit}"
    for factor, name in ((1, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {name}"
    return f"{value * 1e6:.3g} µs"
