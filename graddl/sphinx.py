"""For Sphinx: a directive that runs a snippet and shows the picture of its last expression.

In conf.py, `extensions = ["graddl.sphinx"]`; then in a page::

    .. graddl-draw::
       :caption: A product and its two gradients

       a, b = gd.Scalar(2.0, "a"), gd.Scalar(-3.0, "b")
       a * b

`gd` is there without an import. Options: `:name:` draws a variable in place of the last expression;
`:detail:`, `:mode:` and `:theme:` are those of `gd.draw`; `:caption:`; `:hide-code:` leaves the
snippet out. The description of the graph is the text for those who do not see the picture. What
goes wrong is a warning of Sphinx that names the line.
"""

import ast
import contextlib
import io
import traceback
from typing import Any, ClassVar

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import graddl

log = logging.getLogger(__name__)
FILE = "<graddl-draw>"


class SnippetError(Exception):
    """What is wrong with a snippet, and in which of its lines."""

    def __init__(self, message: str, line: int = 1):
        super().__init__(message)
        self.line = line


def drawing_of(code: str, name: str | None = None, **options: Any) -> Any:
    """Run a snippet; the Drawing of `name` or of its last expression. What it prints is dropped.

    Raises
    ------
    SnippetError
        It raised an error, or there is nothing to draw.

    Examples
    --------
    >>> drawing_of("x = gd.Scalar(2.0, 'x'); x * x")
    <Drawing of x·x: 2 of 2 nodes, detail='values', mode='chain'>
    """
    from .viz import Drawing, draw

    space: dict[str, Any] = {"gd": graddl, "__name__": "graddl_draw"}
    try:
        tree = ast.parse(code, FILE)
        last = tree.body[-1] if tree.body and name is None else None
        value = None
        with contextlib.redirect_stdout(io.StringIO()):
            if isinstance(last, ast.Expr):
                tree.body.pop()
            exec(compile(tree, FILE, "exec"), space)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), FILE, "eval"), space)
        if name is not None and name not in space:
            raise SnippetError(f"the snippet makes no {name!r}")
        value = space[name] if name is not None else value
        if value is None:
            raise SnippetError("the last line is no value to draw; :name: says which to take")
        return value if isinstance(value, Drawing) else draw(value, names=space, **options)
    except SnippetError:
        raise
    except SyntaxError as error:
        raise SnippetError(f"SyntaxError: {error.msg}", error.lineno or 1) from error
    except (Exception, SystemExit) as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == FILE]
        message = f"{type(error).__name__}: {error}"
        raise SnippetError(message, (lines or [None])[-1] or 1) from error


class GraddlDraw(SphinxDirective):
    """The directive `graddl-draw`."""

    has_content = True
    option_spec: ClassVar = {
        name: directives.unchanged_required
        for name in ("name", "detail", "mode", "theme", "caption")
    } | {"hide-code": directives.flag}

    def run(self) -> list[nodes.Node]:
        from .viz.formats.latex import prose

        code = "\n".join(self.content)
        out: list[nodes.Node] = []
        if "hide-code" not in self.options:
            out.append(nodes.literal_block(code, code, language="python"))
        options = {key: self.options[key] for key in ("detail", "mode", "theme")
                   if key in self.options}  # fmt: skip
        try:
            drawing = drawing_of(code, self.options.get("name"), **options)
            svg = drawing.svg()
        except (SnippetError, graddl.GraddlError) as error:
            line = self.content_offset + getattr(error, "line", 1)
            log.warning("graddl-draw: %s", error, location=(self.env.docname, line))
            return out
        figure = nodes.figure("", classes=["graddl-draw"])
        figure += nodes.raw("", svg, format="html")
        figure += nodes.raw("", prose(drawing.sentence) + "\n\n", format="latex")
        figure += nodes.raw("", drawing.sentence, format="text")
        if "caption" in self.options:
            inline, messages = self.parse_inline(self.options["caption"])
            figure += nodes.caption("", "", *inline)
            out += messages
        return [*out, figure]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("graddl-draw", GraddlDraw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
