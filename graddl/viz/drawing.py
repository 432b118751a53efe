"""Drawing: a picture that shows itself in notebooks and saves itself to files."""

import os

from ..errors import GraddlError, MissingDependency
from .dot import to_dot
from .options import one_of
from .parts import GraphView
from .render import render
from .style import THEMES
from .svg import finish
from .words import sentence

KINDS = ("svg", "png", "pdf", "dot")
DPI = 144  # of a PNG: sharp on a slide


class Drawing:
    """What `gd.draw` returns.

    Parameters
    ----------
    view : GraphView
    theme : "auto", "light" or "dark"
        "auto" follows the reader's settings in SVG, and is light elsewhere.
    timeout : float
        Seconds that a layout may take.

    Attributes
    ----------
    dot : str
        The picture as DOT text; the same graph always gives the same text.
    """

    def __init__(self, view: GraphView, theme: str = "auto", timeout: float = 10.0):
        one_of("theme", theme, THEMES, "theme='auto'")
        self.view, self.theme, self.timeout = view, theme, timeout
        self.dot = to_dot(view, theme)
        self._svg: str | None = None

    def svg(self) -> str:
        """The picture as one SVG element, without any reference to other files.

        Raises
        ------
        MissingDependency, RenderError
        """
        if self._svg is None:
            svg = render(self.dot, "svg", timeout=self.timeout)
            self._svg = finish(svg, self.view.title, sentence(self.view), self.theme)
        return self._svg

    def save(self, path):
        """Write svg, png, pdf or dot, by the suffix of `path`. Returns the Drawing.

        Raises
        ------
        ArgumentError
            An unknown suffix.
        MissingDependency, RenderError
            Not for dot, which needs no renderer.
        """
        kind = os.path.splitext(os.fspath(path))[1][1:].lower()
        one_of("kind of file", kind, KINDS, "drawing.save('graph.svg')")
        if kind == "dot":
            content = self.dot.encode()
        elif kind == "svg":
            content = ('<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg() + "\n").encode()
        else:
            dpi = DPI if kind == "png" else None
            content = render(self.dot, kind, timeout=self.timeout, dpi=dpi)
        with open(path, "wb") as file:
            file.write(content)
        return self

    def to_graphviz(self):
        """The same picture as a `graphviz.Source`, for those who use that package.

        Raises
        ------
        MissingDependency
        """
        try:
            from graphviz import Source  # type: ignore[import-untyped]
        except ImportError:
            raise MissingDependency(
                "the package graphviz is missing", op="to_graphviz", fix="pip install graphviz"
            ) from None
        return Source(self.dot)

    def _attempt(self) -> tuple[str | None, str]:
        """The SVG, or None and the reason: a notebook shows that in place of a traceback."""
        try:
            return self.svg(), ""
        except (GraddlError, OSError, ValueError) as error:
            return None, str(error)

    def _repr_svg_(self):
        return self._attempt()[0]

    def _repr_html_(self):
        return self._attempt()[0]

    def _repr_mimebundle_(self, include=None, exclude=None):
        svg, reason = self._attempt()
        if svg is None:
            return {"text/plain": f"{self!r}\n{reason}"}
        return {"image/svg+xml": svg, "text/html": svg, "text/plain": repr(self)}

    def __repr__(self):
        v = self.view
        how = f"detail={v.detail!r}, mode={v.mode!r}"
        return f"<Drawing of {v.title}: {v.shown} of {v.total} nodes, {how}>"
