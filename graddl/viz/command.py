"""`graddl draw FILE:NAME`: a picture of what a Python file computes."""

import difflib
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

from .. import _core
from .._tape import Tape
from ..errors import ArgumentError, GraddlError
from ..nn import Module
from . import draw
from .drawing import KINDS
from .options import one_of

KNOWN = (_core.Tensor, _core.Scalar, Module, Tape)


class CommandError(GraddlError):
    """What was asked for cannot be drawn; `status` is the exit status."""

    def __init__(self, message: str, status: int = 1, **more: Any):
        super().__init__(message, **more)
        self.status = status


def draw_file(target: str, out: str, inputs: list[str], **options: Any) -> str:
    """Run a file, draw one of its globals, write the picture; returns what was drawn, in words.

    Parameters
    ----------
    target : "FILE:NAME"
        NAME is a Tensor, a Scalar, a Module or a Tape, or a function without arguments that gives
        one of these.
    out : str
        Where to; the suffix says which kind of file.
    inputs : list of str
        Shapes of a Module's inputs, such as "1x4".
    **options
        As of `gd.draw`.

    Raises
    ------
    CommandError
        The file, the name, a shape or the suffix is wrong, or the file raised an error.
    GraddlError
        The picture cannot be drawn or written.
    """
    file, colon, name = target.rpartition(":")
    if not colon or not name.isidentifier():
        raise CommandError(
            "what to draw is FILE:NAME", 2, got=target, fix="graddl draw model.py:loss -o graph.svg"
        )
    kind = os.path.splitext(out)[1][1:].lower()
    try:
        one_of("kind of file", kind, KINDS, f"graddl draw {target} -o graph.svg")
    except ArgumentError as error:
        raise CommandError(
            error.message, 2, got=kind, expected=error.expected, fix=error.fix
        ) from None
    if not Path(out).absolute().parent.is_dir():
        raise CommandError(
            f"there is no folder {Path(out).parent}", fix=f"mkdir -p {Path(out).parent}"
        )
    shapes = [shape_of(text) for text in inputs]
    names = run(file)
    found = chosen(names, name, file)
    drawing = draw(found, *shapes, names=names, **options)
    drawing.save(out)
    return f"{out}: {drawing!r}"


def shape_of(text: str) -> tuple[int, ...]:
    """The shape that "1x4" means."""
    parts = text.lower().replace("×", "x").split("x")
    if not all(part.isdecimal() for part in parts):
        raise CommandError("a shape is numbers with x between", 2, got=text, fix="--input 1x4")
    return tuple(map(int, parts))


def run(file: str) -> dict[str, Any]:
    """The globals of a file after it ran, not as __main__; it finds the modules beside it."""
    path = Path(file)
    if not path.is_file():
        raise CommandError(f"there is no file {file}", expected="a Python file")
    folder, arguments = str(path.absolute().parent), sys.argv
    sys.path.insert(0, folder)
    sys.argv = [file]
    try:
        return runpy.run_path(file, run_name=path.stem)
    except (Exception, SystemExit) as error:
        raise CommandError(told(error, path)) from error
    finally:
        sys.argv = arguments
        if folder in sys.path:
            sys.path.remove(folder)


def told(error: BaseException, path: Path) -> str:
    """What an error says, and in which line of the file it came up."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__)
             if os.path.realpath(f.filename) == os.path.realpath(path)]  # fmt: skip
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    where = f"line {lines[-1]}" if lines else f"line {line}" if line else "the file"
    return f"{path}, {where}: {type(error).__name__}: {error}"


def chosen(names: dict[str, Any], name: str, file: str) -> Any:
    """The global that was asked for; a function is called."""
    fitting = [key for key, value in names.items() if isinstance(value, KNOWN)]
    if name not in names:
        near = difflib.get_close_matches(name, [*fitting, *names], 1)
        guess = f"graddl draw {file}:{near[0]} -o graph.svg" if near else None
        raise CommandError(
            f"{file} has no {name!r}", got=name, fix=guess,
            expected=", ".join(fitting) or "a global that can be drawn",
        )  # fmt: skip
    found = names[name]
    if callable(found) and not isinstance(found, KNOWN):
        try:
            found = found()
        except Exception as error:
            raise CommandError(told(error, Path(file))) from error
    if not isinstance(found, KNOWN):
        raise CommandError(
            f"{name} is no value with a graph", got=type(found).__name__,
            expected="a Tensor, a Scalar, a Module or a Tape, or a function that gives one",
        )  # fmt: skip
    return found
