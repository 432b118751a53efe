"""Renderers: DOT text to SVG, PNG or PDF, each within its time.

`dot` on PATH is asked first; then pygraphviz, whose wheels carry Graphviz, in a child process that
can be stopped; then our own layout, which makes SVG. None of them is imported here.
"""

import importlib.util
import os
import shutil
import subprocess
import sys

from ..errors import GraddlError, MissingDependency
from .options import one_of

_CHILD = """
import sys
from pygraphviz import AGraph
graph = AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
if sys.argv[2]:
    graph.graph_attr["dpi"] = sys.argv[2]
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""
FIX = "pip install graddl[viz], or install Graphviz so that `dot` is on PATH"
LAYOUTS = ("dot", "pygraphviz", "builtin")  # what can be asked for by name


class RenderError(GraddlError, RuntimeError):
    """The renderer failed, or took longer than its timeout. `late`: it was the time."""

    late = False


def backends() -> dict[str, str | None]:
    """What can show pictures here, in the order in which it is asked: name -> where, or None.

    The first two write SVG, PNG and PDF, "builtin" SVG; the last two are text.

    >>> list(backends())
    ['dot', 'pygraphviz', 'builtin', 'mermaid', 'text']
    """
    spec = importlib.util.find_spec("pygraphviz")
    found = {"dot": shutil.which("dot"), "pygraphviz": spec.origin if spec else None}
    own = {"builtin": "layout", "mermaid": "formats.mermaid", "text": "formats.text"}
    return found | {name: f"graddl.viz.{where}" for name, where in own.items()}


def render(
    dot: str,
    kind: str,
    *,
    timeout: float = 10.0,
    dpi: int | None = None,
    backend: str | None = None,
) -> bytes:
    """Render DOT text.

    Parameters
    ----------
    dot : str
    kind : "svg", "png" or "pdf"
    timeout : float, seconds; each renderer that is asked has so many
    dpi : int, optional; of a PNG
    backend : "dot", "pygraphviz" or "builtin", optional
        Ask only this one. The environment variable GRADDL_RENDERER says the same for all pictures.

    Raises
    ------
    MissingDependency
        Nothing here can write this kind of file.
    RenderError
        The renderers failed or did not finish in time.
    ArgumentError
        An unknown backend.
    """
    return attempts(dot, kind, timeout=timeout, dpi=dpi, backend=backend)[0]


def attempts(
    dot: str, kind: str, *, timeout: float, dpi: int | None, backend: str | None
) -> tuple[bytes, str, RenderError | None]:
    """What `render` gives, by whom, and why the one asked before gave nothing."""
    found = backends()
    names = [name for name in LAYOUTS if found.get(name)]
    wanted = backend or os.environ.get("GRADDL_RENDERER")
    if wanted:
        one_of("backend", wanted, LAYOUTS, "gd.viz.backends()")
        names = [name for name in names if name == wanted]
    failure: RenderError | None = None
    for name in names:
        if name == "builtin" and kind != "svg":
            continue
        if failure is not None and failure.late and name == "pygraphviz":
            continue  # the same layout would take as long
        try:
            if name == "builtin":
                return builtin(dot, timeout), name, failure
            return graphviz(name, found[name] or "", dot, kind, timeout, dpi), name, failure
        except RenderError as error:
            failure = error
    if failure is not None:
        raise failure
    raise MissingDependency(
        f"{kind.upper()} needs Graphviz" if kind != "svg" else "no renderer was found",
        op="draw",
        got=f"{wanted!r} alone" if wanted else "neither `dot` nor pygraphviz",
        expected=f"{wanted} installed" if wanted and wanted != "builtin" else None,
        fix=FIX,
    )


def builtin(dot: str, timeout: float) -> bytes:
    """SVG by our own layout."""
    from .layout import OutOfTime, layout

    try:
        return layout(dot, timeout).encode()
    except OutOfTime:
        raise too_late(dot, timeout) from None


def graphviz(name: str, where: str, dot: str, kind: str, timeout: float, dpi: int | None) -> bytes:
    """Any kind by Graphviz, in a process of its own."""
    resolution = str(dpi) if dpi else ""
    if name == "dot":
        command = [where, f"-T{kind}", *([f"-Gdpi={resolution}"] if resolution else [])]
    else:
        command = [sys.executable, "-P", "-c", _CHILD, kind, resolution]
    try:
        done = subprocess.run(
            command, input=dot.encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise too_late(dot, timeout) from None
    except OSError as error:
        raise RenderError(f"{name} cannot be run: {error}", op="draw", fix=FIX) from None
    if done.returncode or not done.stdout:
        message = done.stderr.decode(errors="replace").strip().splitlines()
        raise RenderError(
            f"{name} failed: {message[-1] if message else 'no output'}", op="draw", fix=FIX
        )
    return done.stdout


def too_late(dot: str, timeout: float) -> RenderError:
    error = RenderError(
        f"the layout took longer than {timeout:g} s",
        op="draw",
        got=f"{dot.count('->')} edges",
        expected=f"at most {timeout:g} s",
        fix="detail='ops', a smaller max_nodes=, or a larger timeout=",
    )
    error.late = True
    return error
