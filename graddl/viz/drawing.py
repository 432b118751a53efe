"""Drawing: a picture that shows itself in notebooks and saves itself to files."""

import os
import re
import tempfile
from typing import Any

from ..errors import MissingDependency
from . import dot as _dot
from . import words
from .options import one_of
from .render import attempts, render
from .style import THEMES
from .svg import finish

KINDS = ("svg", "png", "pdf", "html", "dot", "mmd", "txt", "json", "tex")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
DPI = 144  # of a PNG: sharp on a slide


class Drawing:
    """What `gd.draw` returns.

    Parameters
    ----------
    view : GraphView, or another view with `title`
        A view may bring `to_dot(theme)` and `sentence()` of its own.
    theme : "auto", "light" or "dark"
        "auto" follows the reader's settings in SVG and HTML, and is light elsewhere.
    timeout : float
        Seconds that a renderer may take.
    backend : "dot", "pygraphviz" or "builtin", optional
        The only renderer to ask; see `gd.viz.backends()`.
    equation : str, optional
        LaTeX of the expression and its gradient, for `tex`.

    Attributes
    ----------
    dot : str
        The picture as DOT text; the same graph always gives the same text.
    renderer : str or None
        Who made the SVG.
    """

    def __init__(
        self,
        view: Any,
        theme: str = "auto",
        timeout: float = 10.0,
        backend: str | None = None,
        equation: str | None = None,
    ):
        one_of("theme", theme, THEMES, "theme='auto'")
        self.view, self.theme, self.timeout, self.backend = view, theme, timeout, backend
        dot = view.to_dot(theme) if hasattr(view, "to_dot") else _dot.to_dot(view, theme)
        self.dot: str = legal(dot)
        self.renderer: str | None = None
        self._svg: str | None = None
        self._equation = equation

    @property
    def sentence(self) -> str:
        """The picture in one sentence, for those who hear it."""
        own = getattr(self.view, "sentence", None)
        return legal(own() if own is not None else words.sentence(self.view))

    def svg(self) -> str:
        """The picture as one SVG element, without any reference to other files.

        Raises
        ------
        MissingDependency, RenderError
        """
        if self._svg is None:
            raw, self.renderer, failure = attempts(
                self.dot, "svg", timeout=self.timeout, dpi=None, backend=self.backend
            )
            note = f" Laid out by graddl, since {failure.message}." if failure else ""
            self._svg = finish(raw, legal(self.view.title), self.sentence + note, self.theme)
        return self._svg

    def html(self, step: bool = False) -> str:
        """One page of HTML with the SVG, its description and the same as text.

        Parameters
        ----------
        step : bool
            A page to walk through, as `gd.step_through` makes it; in place of all at once.

        Raises
        ------
        MissingDependency, RenderError
        ArgumentError
            There is nothing to walk through: not mode="chain", or parts are left out.
        """
        from .formats.html import page
        from .story import StepThrough

        if step:
            return StepThrough(self.view, self.dot, self.theme, self.timeout).html()
        return page(self.svg(), legal(self.view.title), self.sentence, self.text(), self.theme)

    def mermaid(self) -> str:
        """The picture as a Mermaid flowchart."""
        from .formats.mermaid import mermaid

        return mermaid(self.dot, self.sentence, THEMES[self.theme])

    def text(self) -> str:
        """The picture as an indented tree, the result first."""
        from .formats.text import text

        return text(self.dot)

    def json(self) -> str:
        """The view as JSON: nodes, edges and their numbers."""
        from .formats.json import json

        return json(self.view, self.dot, self.sentence)

    def tex(self) -> str:
        """A LaTeX document: of a small graph the equation with its gradient; the values."""
        from .formats.latex import latex

        return latex(self.dot, legal(self.view.title), self.sentence, self._equation)

    def save(self, path):
        """Write svg, png, pdf, html, dot, mmd, txt, json or tex, by the suffix of `path`.

        The file is complete or not there: it takes its name when all of it is written.

        Returns
        -------
        Drawing

        Raises
        ------
        ArgumentError
            An unknown suffix.
        MissingDependency
            PNG and PDF need Graphviz; the others need nothing.
        RenderError
            The renderers of SVG, PNG or PDF failed, or took too long.
        """
        kind = os.path.splitext(os.fspath(path))[1][1:].lower()
        one_of("kind of file", kind, KINDS, "drawing.save('graph.svg')")
        write(path, self._content(kind))
        return self

    def _content(self, kind: str) -> bytes:
        if kind in ("png", "pdf"):
            dpi = DPI if kind == "png" else None
            return render(self.dot, kind, timeout=self.timeout, dpi=dpi, backend=self.backend)
        make = {"svg": self.svg, "html": self.html, "dot": lambda: self.dot, "mmd": self.mermaid,
                "txt": self.text, "json": self.json, "tex": self.tex}[kind]  # fmt: skip
        head = '<?xml version="1.0" encoding="UTF-8"?>\n' if kind == "svg" else ""
        return legal(head + make().rstrip("\n") + "\n").encode()

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
        """The SVG, or None and text in its place: a notebook shows that, and no traceback."""
        try:
            return self.svg(), ""
        except Exception as error:
            try:
                return None, f"{error}\n\n{self.text()}"
            except Exception:
                return None, str(error)

    def _repr_svg_(self):
        return self._attempt()[0]

    def _repr_html_(self):
        return self._attempt()[0]

    def _repr_mimebundle_(self, include=None, exclude=None):
        svg, instead = self._attempt()
        if svg is None:
            return {"text/plain": f"{self!r}\n{instead}"}
        return {"image/svg+xml": svg, "text/html": svg, "text/plain": repr(self)}

    def __repr__(self):
        v = self.view
        if not hasattr(v, "total"):
            return f"<Drawing of {v.title}>"
        how = f"detail={v.detail!r}, mode={v.mode!r}"
        whole = f" of {v.total} nodes" if v.mode != "bptt" else " boxes"  # marks stand for weights
        return f"<Drawing of {v.title}: {v.shown}{whole}, {how}>"


def legal(text: str) -> str:
    """Without what XML forbids, half surrogates, and marks that turn the direction of writing."""
    return _FORBIDDEN.sub("", text)


def write(path: Any, content: bytes) -> None:
    """Write a file in one step: readers see the old one or the new one."""
    folder, name = os.path.split(os.path.abspath(os.fspath(path)))
    try:
        handle, part = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    except OSError as error:  # it names the file that was asked for
        error.filename = os.fspath(path)
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(part, 0o666 & ~umask)  # mkstemp makes files for their owner alone
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
