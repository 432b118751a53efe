"""Renderers: DOT text to SVG, PNG or PDF, in a process of its own that can be stopped.

`dot` on PATH is asked first; else pygraphviz, whose wheels carry Graphviz, in a child
process. Neither is imported here.
"""

import importlib.util
import shutil
import subprocess
import sys

from ..errors import GraddlError, MissingDependency

_CHILD = """
import sys
from pygraphviz import AGraph
graph = AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
if sys.argv[2]:
    graph.graph_attr["dpi"] = sys.argv[2]
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""
FIX = "pip install graddl[viz], or install Graphviz so that `dot` is on PATH"


class RenderError(GraddlError, RuntimeError):
    """The renderer failed, or took longer than its timeout."""


def backends() -> dict[str, str | None]:
    """What can render pictures here, best first: name -> where it is, or None.

    >>> list(backends())
    ['dot', 'pygraphviz']
    """
    spec = importlib.util.find_spec("pygraphviz")
    return {"dot": shutil.which("dot"), "pygraphviz": spec.origin if spec else None}


def render(dot: str, kind: str, *, timeout: float = 10.0, dpi: int | None = None) -> bytes:
    """Render DOT text.

    Parameters
    ----------
    dot : str
    kind : "svg", "png" or "pdf"
    timeout : float, seconds
    dpi : int, optional; of a PNG

    Raises
    ------
    MissingDependency
        There is neither `dot` nor pygraphviz.
    RenderError
        The renderer failed or did not finish in time.
    """
    found = backends()
    resolution = str(dpi) if dpi else ""
    if found["dot"]:
        command = [found["dot"], f"-T{kind}", *([f"-Gdpi={resolution}"] if resolution else [])]
    elif found["pygraphviz"]:
        command = [sys.executable, "-P", "-c", _CHILD, kind, resolution]
    else:
        raise MissingDependency(
            "no renderer was found", op="draw", got="neither `dot` nor pygraphviz", fix=FIX
        )
    try:
        done = subprocess.run(
            command, input=dot.encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"the layout took longer than {timeout:g} s",
            op="draw",
            got=f"{dot.count('->')} edges",
            expected=f"at most {timeout:g} s",
            fix="detail='ops', a smaller max_nodes=, or a larger timeout=",
        ) from None
    if done.returncode or not done.stdout:
        message = done.stderr.decode(errors="replace").strip().splitlines()
        raise RenderError(
            f"the renderer failed: {message[-1] if message else 'no output'}", op="draw", fix=FIX
        )
    return done.stdout
