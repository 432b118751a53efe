"""Chart: a picture by matplotlib that shows itself in notebooks and saves itself to files."""

import io
import os
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..._core import Scalar, Tensor
from ...errors import MissingDependency
from ..drawing import DPI, legal, write
from ..formats.html import page
from ..options import one_of
from ..style import THEMES, Palette
from .finish import finish
from .style import RC

KINDS = ("svg", "png", "pdf", "html")
NOTHING = {
    "svg": {"Date": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}  # what would differ from day to day, or from one version of matplotlib to the next
_drawing = threading.RLock()  # rc_context lends settings to all threads


class Chart:
    """What the charts of `gd.viz` return.

    Parameters
    ----------
    paint : callable
        Draws on (Figure, Palette).
    title : str
    sentence : str
        The chart in words, made from its data, for those who hear it.
    size : (width, height) in inches
    theme : "auto", "light" or "dark"
        "auto" follows the reader's settings in SVG and HTML, and is light elsewhere.
    data : dict
        The numbers that are drawn.
    lines : list of str
        The chart as lines of text.

    Attributes
    ----------
    data : dict of str to numbers and arrays
    sentence : str
    """

    def __init__(
        self,
        paint: Callable,
        title: str,
        sentence: str,
        size: tuple[float, float],
        theme: str = "auto",
        data: dict | None = None,
        lines: Sequence[str] = (),
    ):
        one_of("theme", theme, THEMES, "theme='auto'")
        matplotlib()
        self.title, self.sentence, self.theme = legal(title), legal(sentence), theme
        self.size, self.data, self.lines = size, data or {}, [legal(line) for line in lines]
        self._paint = paint
        self._figure: Any = None

    @property
    def figure(self) -> Any:
        """The matplotlib Figure, made at first use; what is changed on it is saved with it."""
        with _settings():
            if self._figure is None:
                from matplotlib.backends.backend_agg import FigureCanvasAgg
                from matplotlib.figure import Figure

                palette: Palette = THEMES[self.theme]
                figure = Figure(self.size, facecolor=palette.paper)
                FigureCanvasAgg(figure)
                self._paint(figure, palette)
                self._figure = figure
            return self._figure

    def _file(self, kind: str) -> bytes:
        file = io.BytesIO()
        with _settings():
            dpi = DPI if kind == "png" else 72
            self.figure.savefig(file, format=kind, dpi=dpi, metadata=NOTHING[kind])
        return file.getvalue()

    def svg(self) -> str:
        """The chart as one SVG element, without any reference to other files."""
        return finish(self._file("svg"), self.title, self.sentence, self.theme)

    def text(self) -> str:
        """The chart in words and numbers."""
        return "\n".join([self.title, *self.lines])

    def html(self) -> str:
        """One page of HTML with the SVG, its description and the same as text."""
        return page(self.svg(), self.title, self.sentence, self.text(), self.theme)

    def save(self, path: Any) -> "Chart":
        """Write svg, png, pdf or html, by the suffix of `path`, complete or not at all.

        Raises
        ------
        ArgumentError
            An unknown suffix.
        """
        kind = os.path.splitext(os.fspath(path))[1][1:].lower()
        one_of("kind of file", kind, KINDS, "chart.save('chart.svg')")
        if kind == "svg":
            content = f'<?xml version="1.0" encoding="UTF-8"?>\n{self.svg()}\n'.encode()
        else:
            content = self.html().encode() if kind == "html" else self._file(kind)
        write(path, content)
        return self

    def _repr_mimebundle_(self, include=None, exclude=None):
        try:
            svg = self.svg()
        except Exception as error:  # a notebook shows words, and no traceback
            return {"text/plain": f"{self!r}\n{error}\n\n{self.text()}"}
        return {"image/svg+xml": svg, "text/html": svg, "text/plain": repr(self)}

    def __repr__(self):
        return f"<Chart of {self.title}>"


@contextmanager
def _settings():
    """matplotlib with our settings, for this thread alone among charts."""
    lib = matplotlib()
    with _drawing, lib.rc_context(), warnings.catch_warnings():
        lib.rcdefaults()  # nothing of the user's settings: one chart looks the same for all
        lib.rcParams.update(RC)
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # an SVG shows it all the same
        yield


def matplotlib() -> Any:
    """The package, or MissingDependency."""
    try:
        import matplotlib
    except ImportError:
        raise MissingDependency(
            "charts are drawn with matplotlib, which is missing",
            op="viz",
            fix="pip install graddl[viz]",
        ) from None
    return matplotlib


def header(figure: Any, p: Palette, title: str, notes: Sequence[str], left: float = 16.0) -> float:
    """Title and notes at the upper left; a note with a warning's sign is magenta. Returns the
    points that they take."""
    width, height = (72 * s for s in figure.get_size_inches())
    down = 24.0
    place = {"ha": "left", "va": "baseline"}
    figure.text(left / width, 1 - down / height, title, fontsize=13, fontweight="bold",
                color=p.ink, **place)  # fmt: skip
    for note in notes:
        down += 16
        colour = p.warning if note[:1] in "▲▼✕" else p.local if note[:1] == "✓" else p.quiet
        figure.text(left / width, 1 - down / height, note, fontsize=9.5, color=colour, **place)
    return down


def axes(figure: Any, left: float, top: float, right: float, bottom: float) -> Any:
    """Axes with margins in points."""
    width, height = (72 * s for s in figure.get_size_inches())
    box = (left / width, bottom / height, (width - left - right) / width,
           (height - top - bottom) / height)  # fmt: skip
    return figure.add_axes(box)


def array(x: Any) -> np.ndarray:
    """A copy as an array of numbers, so that no graph lives on in a chart."""
    if isinstance(x, Scalar):
        return np.asarray(x.item())
    return x.detach().numpy(copy=True) if isinstance(x, Tensor) else np.array(x)
