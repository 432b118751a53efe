"""The command `graddl`: the table of ops, pictures, and what this installation has.

graddl ops [NAME ...]                  every op, or those named: formula, derivatives, dtypes, ...
graddl draw FILE:NAME -o graph.svg     a picture of what a Python file computes
graddl doctor                          versions, instruction set, renderers, optional packages

Exit status: 0, 1 where something was wrong with what it worked on, 2 with how it was called.
"""

import argparse
import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

import graddl

from ._core import Op
from .errors import ArgumentError, GraddlError
from .ops import ALIASES, COMPOSED, TABLE, _describe
from .ops._define import Composed

FOR_DEVELOPERS = {"all", "build", "dev", "docs", "bench"}  # extras that doctor passes over


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="graddl", description=graddl.__doc__)
    parser.add_argument("--version", action="version", version=f"graddl {graddl.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    ops = commands.add_parser("ops", help="print the table of ops")
    ops.add_argument("names", nargs="*", metavar="NAME", help="only these; aliases are known")
    ops.set_defaults(run=lambda options: print_ops(options.names))
    add_draw(commands)
    doctor = commands.add_parser("doctor", help="print what this installation has")
    doctor.set_defaults(run=lambda options: print_doctor())
    options = parser.parse_args(arguments)
    if not hasattr(options, "run"):
        parser.print_help()
        return 2
    try:
        return options.run(options)
    except BrokenPipeError:  # `graddl ops | head`
        sys.stdout = None  # or Python would complain again at its end
        return 0


# ---------------------------------------------------------------------- graddl ops
def print_ops(names: Iterable[str]) -> int:
    """The table of ops, one line for each input of an op."""
    wanted = [ALIASES.get(name, name) for name in names]
    entries = TABLE | COMPOSED
    unknown = [name for name in wanted if name not in entries]
    if unknown:
        print(f"graddl ops: no op is called {', '.join(unknown)}", file=sys.stderr)
        return 1
    shown = [
        op for op in entries.values() if op.name in wanted or not (wanted or op.info["hidden"])
    ]
    head = ("name", "kind", "formula", "domain", "dtypes", "kernels", "derivatives")
    rows = [head, *(row for op in shown for row in op_rows(op))]
    print_columns(rows)
    print(
        f"\n{len(shown)} entries. A derivative that does not name g, the gradient of the result, "
        "is multiplied by it; – carries none.\n"
        "x and the like are the inputs, y is the result, xp the array namespace. A composed entry "
        "is made of others and shows how.\n"
        "dtypes: " + ", ".join(f"{code(name)} {name}" for name in _describe.DTYPES) + "; "
        "i8>f4 is int64 in, float32 out."
    )
    return 0


def code(dtype: str) -> str:
    """A dtype in two characters, such as f4."""
    return np.dtype(dtype).str[1:]


def op_rows(op: Op | Composed) -> list[tuple[str, ...]]:
    """The facts of one op: a row with everything, then a row for each further input."""
    results = _describe.dtypes(op).items()
    dtypes = [code(a) if a == b else f"{code(a)}>{code(b)}" for a, b in results]
    facts = (op.name, op.kind, op.info["tex"], _describe.domain(op), " ".join(dtypes))
    kernels = ", ".join(_describe.kernels(op)) or "–"
    rules = [f"{name}: {rule}" for name, rule in _describe.derivatives(op).items()]
    return [(*facts, kernels, rules[0]), *(("",) * 6 + (rule,) for rule in rules[1:])]


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as they need to be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())


# ---------------------------------------------------------------------- graddl draw
def add_draw(commands: Any) -> None:
    """The arguments of `graddl draw`; what they may be, the picture's own checks say."""
    draw = commands.add_parser("draw", help="draw what a Python file computes")
    draw.add_argument(
        "target", metavar="FILE:NAME", help="a global, or a function without arguments"
    )
    kinds = "svg, png, pdf, html, dot, mmd, txt, json or tex"
    draw.add_argument("-o", "--out", default="graph.svg", metavar="PATH", help=kinds)
    draw.add_argument("--detail", default="auto", help="values, ops, layers or auto")
    draw.add_argument("--mode", default="auto", help="data, grad, chain, bptt or auto")
    draw.add_argument("--theme", default="auto", help="light, dark or auto")
    draw.add_argument("--max-nodes", type=int, default=60, metavar="N")
    shape = "shape of a Module's input, 1x4; once for each"
    draw.add_argument("--input", action="append", default=[], metavar="SHAPE", help=shape)
    draw.set_defaults(run=draw_target)


def draw_target(options: argparse.Namespace) -> int:
    """Draw, and say what was drawn; errors go to stderr."""
    from .viz.command import draw_file

    given = {key: getattr(options, key) for key in ("detail", "mode", "theme", "max_nodes")}
    try:
        print(draw_file(options.target, options.out, options.input, **given))
    except (GraddlError, OSError) as error:
        print(f"graddl draw: {str(error).removeprefix('draw: ')}", file=sys.stderr)
        usage = isinstance(error, ArgumentError)
        return getattr(error, "status", 2 if usage else 1)
    return 0


# ---------------------------------------------------------------------- graddl doctor
def print_doctor() -> int:
    """Versions, the kernels' instruction set, renderers of pictures, optional packages."""
    from ._kernels.elementwise import SIMD
    from .viz import backends

    python = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    lines = [
        ("graddl", f"{graddl.__version__}, {graddl.__path__[0]}"),
        ("python", python),
        ("numpy", np.__version__),
        ("kernels", f"{SIMD}, for {sum(bool(op.kernels) for op in TABLE.values())} ops"),
        ("ops", str(len(TABLE))),
    ]
    found = backends()
    lines += [(f"draw: {name}", where or "not found") for name, where in found.items()]
    if not (found["dot"] or found["pygraphviz"]):
        lines.append(("draw", "no PNG, no PDF: pip install 'graddl[viz]'"))
    packages = optional_packages()
    if packages is None:
        lines.append(("optional", "unknown: graddl is imported from a folder, not installed"))
    for extra, names in (packages or {}).items():
        lines.append((f"[{extra}]", ", ".join(f"{n} {v or 'missing'}" for n, v in names.items())))
    print_columns(lines)
    return 0


def optional_packages() -> dict[str, dict[str, str | None]] | None:
    """For each extra its packages with their versions, None for a missing one.

    The extras stand in the metadata of the installed package; None without these.
    """
    try:
        requirements = importlib.metadata.requires("graddl") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    found: dict[str, dict[str, str | None]] = {}
    for line in requirements:
        match = re.match(r"([\w.-]+).*;\s*extra\s*==\s*[\"']([\w-]+)[\"']", line)
        if match and match[2] not in FOR_DEVELOPERS:
            found.setdefault(match[2], {})[match[1]] = version_of(match[1])
    return found


def version_of(package: str) -> str | None:
    """The version of an installed package, without importing it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
