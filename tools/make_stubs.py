"""Write the stubs that derive from the op table: what type checkers and editors know of it.

graddl/functional.pyi is written as a whole; in graddl/_core.pyi only the methods that the table
gives to Tensor and Scalar.

Usage: python tools/make_stubs.py [--check]     --check: write nothing, fail if a file would change
"""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import graddl
from graddl._core import Op
from graddl.ops import FUNCTIONS
from graddl.ops._functions import DIMS

PACKAGE = Path(__file__).parents[1] / "graddl"
REQUIRED = inspect.Parameter.empty
LIKE = "_Like"  # Tensor, Scalar or array_like: see _core.pyi

# What a parameter takes, by its name; else its default tells.
PARAMETERS = {
    "axes": "int | Sequence[Any]",
    "dtype": "npt.DTypeLike",
    "index": "Any",
    "reduction": 'Literal["mean", "sum", "none"]',
    "sections": "int | Sequence[int]",
    "shape": "int | Sequence[int]",
    "normalized_shape": "int | Sequence[int]",
    "reps": "int | Sequence[int]",
    "axis1": "int",
    "axis2": "int",
    "subscripts": "str",
    "generator": "Any",
}
OPTIONAL = {"axis": "int | tuple[int, ...] | None", "dim": "int | tuple[int, ...] | None"}

HEAD = '''"""The functions of the op table, for type checkers and editors.

Written by `make stubs`.
"""

# Where overloads overlap, the first one that fits is meant: Scalars and numbers give a Scalar.
# mypy: disable-error-code="overload-overlap"
# ruff: noqa: RUF022

from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy.typing as npt

from ._core import Scalar, Tensor, _Like

'''


def kind_of(name: str, default: Any) -> str:
    """What a keyword parameter takes."""
    if name in ("axis", "dim"):
        return "int" if default is REQUIRED or isinstance(default, int) else OPTIONAL["axis"]
    known = PARAMETERS.get(name)
    if default is None:
        return f"{known} | None" if known and known != "Any" else "Any"
    plain = {bool: "bool", int: "int", float: "float", str: "str"}.get(type(default), "Any")
    return known or plain


def signature_of(op: Op, kinds: list[str]) -> list[str]:
    """Arguments and parameters as the public function takes them; `kinds`: those of the arrays."""
    items, needed = [], len(op.args) - op.info["optional"]
    for name, p in inspect.signature(FUNCTIONS[op.name]).parameters.items():
        if p.kind is p.KEYWORD_ONLY and not any("*" in item for item in items):
            items.append("*")
        if p.kind is p.VAR_POSITIONAL:
            items.append(f"*{name}: {LIKE}")
        elif op.variadic and name == op.args[-1]:
            items.append(f"{name}: Sequence[{LIKE}]")
        elif name in op.args:
            i = op.args.index(name)
            items.append(f"{name}: {kinds[i]}" + ("" if i < needed else " | None = None"))
        elif name in DIMS.values():
            items.append(
                f"{name}: {'bool | None' if name == 'keepdim' else OPTIONAL['dim']} = None"
            )
        else:
            default = "" if p.default is p.empty else f" = {shown(p.default)}"
            items.append(f"{name}: {kind_of(name, op.params[name])}{default}")
    return items


def shown(default: Any) -> str:
    """A default as it stands in a stub."""
    plain = isinstance(default, bool | int | float | str | tuple | None)
    return repr(default) if plain and default == default and abs_finite(default) else "..."


def abs_finite(x: Any) -> bool:
    """Whether x is no infinity, for which there is no literal."""
    return not isinstance(x, float) or x - x == 0


def results(op: Op) -> tuple[str, str]:
    """What comes of Tensors, and of Scalars."""
    if op.several:
        return "tuple[Tensor, ...]", "tuple[Tensor, ...]"
    return "Tensor", "bool" if op.info["boolean"] else "Scalar"


def signatures(op: Op) -> Iterator[tuple[list[str], str]]:
    """(arguments and parameters, result) of each overload.

    Point by point, Scalars and numbers give a Scalar: the k-th overload has the first one at the
    k-th place. Any other op gives a Tensor.
    """
    tensors, scalars = results(op)
    n = len(op.args)
    for k in range(n - op.info["optional"] if op.kind == "elementwise" and n else 0):
        kinds = ["float"] * k + ["Scalar"] + ["Scalar | float"] * (n - k - 1)
        yield signature_of(op, kinds), scalars
    yield signature_of(op, [LIKE] * n), tensors


def lines_of(name: str, found: list[tuple[list[str], str]]) -> list[str]:
    """The definitions of one function."""
    lines = []
    for items, result in found:
        if len(found) > 1:
            lines.append("@overload")
        lines.append(f"def {name}({', '.join(items)}) -> {result}: ...")
    return lines


def functions() -> str:
    """The text of functional.pyi."""
    lines = []
    names = [name for name, function in FUNCTIONS.items() if not function.op.info["hidden"]]
    for name in names:
        lines += lines_of(name, list(signatures(FUNCTIONS[name].op)))
    return HEAD + f"__all__ = {sorted(names)!r}\n\n" + "\n".join(lines) + "\n"


def methods(kind: type) -> Iterator[str]:
    """The methods that the table gave to Tensor or Scalar."""
    for name, function in FUNCTIONS.items():
        if not isinstance(vars(kind).get(name), FunctionType):
            continue
        op = function.op
        (_, *rest), result = list(signatures(op))[-1]
        self = "self" if op.info["star"] else op.args[0]
        if kind is graddl.Scalar:
            result = results(op)[1]
            rest = [item.replace(LIKE, "Scalar | float") for item in rest]
        if kind is graddl.Tensor:  # whose methods are called float, int and bool
            result, rest = plain(result), list(map(plain, rest))
        if op.info["star"]:
            star = [
                self,
                f"*{op.info['star']}: _int",
            ]  # x.reshape(2, 3), not only x.reshape((2, 3))
            yield from lines_of(name, [([self, *rest], result), (star, result)])
        else:
            yield from lines_of(name, [([self, *rest], result)])


def plain(text: str) -> str:
    """A type with Python's float, int and bool by the names that _core.pyi has for them."""
    return re.sub(r"(?<![\w.])(float|int|bool)(?![\w(])", r"_\1", text)


def with_methods(text: str) -> str:
    """_core.pyi with what stands between its marks written anew."""
    for kind in (graddl.Scalar, graddl.Tensor):
        first, last = f"    # from the table: {kind.__name__}\n", "    # end of the table\n"
        body = "".join(f"    {line}\n" for line in methods(kind))
        before, mark, rest = text.partition(first)
        _, end, after = rest.partition(last)
        if not (mark and end):
            raise LookupError(f"_core.pyi has no marks for {kind.__name__}")
        text = before + mark + body + end + after
    return text


def formatted(path: Path, text: str) -> str:
    """The text as `ruff format` leaves it."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(path), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def main() -> int:
    core, functional = PACKAGE / "_core.pyi", PACKAGE / "functional.pyi"
    fresh = {core: with_methods(core.read_text()), functional: functions()}
    stale = []
    for path, text in fresh.items():
        text = formatted(path, text)
        if not path.exists() or path.read_text() != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"{', '.join(stale)}: run `make stubs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
