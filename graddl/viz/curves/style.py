"""How charts look: the colours of all pictures and their shades; lines that differ without them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..numbers import number
from ..style import DARK, LIGHT, Palette, pairs

FONT = "Helvetica,Arial,sans-serif"  # in SVG; all is measured in DejaVu Sans, which is wider
RC = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a name may hold a dollar sign
    "text.usetex": False,
    "path.sketch": None,
    "svg.fonttype": "none",
    "svg.hashsalt": "graddl",
    "pdf.fonttype": 42,
    "savefig.bbox": None,
    "savefig.transparent": False,
}
SHADED = ("data", "gradient", "local", "amber", "quiet", "ink")
SHADES = (0.05, 0.10, 0.15, 0.20, 0.26, 0.32, 0.38, 0.45)  # how much of a colour is in the paper


@dataclass(frozen=True)
class Look:
    """A line among others: no two share colour, dash or marker."""

    colour: str  # a field of Palette
    dash: Any
    marker: str


LOOKS = (
    Look("data", "-", "o"),
    Look("gradient", (0, (5, 2)), "s"),
    Look("local", (0, (6, 2, 1.5, 2)), "^"),
    Look("amber_text", (0, (1.5, 1.5)), "D"),
    Look("ink", (0, (9, 2)), "v"),
    Look("quiet", (0, (4, 1.5, 1, 1.5, 1, 1.5)), "P"),
)


def mix(paper: str, colour: str, share: float) -> str:
    """The colour that `share` of one colour gives on the paper.

    >>> mix("#ffffff", "#000000", 0.5)
    '#808080'
    """
    a, b = (tuple(bytes.fromhex(c[1:])) for c in (paper, colour))
    return "#" + bytes(round(x + share * (y - x)) for x, y in zip(a, b, strict=True)).hex()


def shades(p: Palette, colour: str, count: int = len(SHADES)) -> list[str]:
    """From the faintest to the strongest."""
    at = [round(k * (len(SHADES) - 1) / max(count - 1, 1)) for k in range(count)]
    return [mix(p.paper, getattr(p, colour), SHADES[k]) for k in at]


def all_pairs() -> dict[str, str]:
    """Each light colour of charts with its dark one, shades included."""
    out = pairs()
    for name in SHADED:
        out.update(zip(shades(LIGHT, name), shades(DARK, name), strict=True))
    return out


def plain(ax: Any, p: Palette) -> None:
    """Axes with two thin lines, quiet numbers and a faint grid."""
    ax.set_facecolor(p.paper)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(p.border)
    ax.tick_params(colors=p.border, labelcolor=p.quiet, labelsize=9, length=3)
    ax.grid(True, color=shades(p, "quiet")[1], linewidth=0.8)
    ax.set_axisbelow(True)
    for axis in (ax.xaxis, ax.yaxis):
        numbers(axis)


def numbers(axis: Any) -> None:
    """Ticks in the numbers of all pictures: a true minus, no offset, no powers in mathtext."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(lambda v, _: number(float(v))))
    axis.set_minor_formatter(NullFormatter())


def logarithmic(ax: Any) -> None:
    """A vertical axis of powers of ten, with a number at least at two of them."""
    from matplotlib.ticker import LogLocator

    ends = [min(max(v, 1e-150), 1e150) for v in ax.get_ylim()]  # matplotlib looks beyond them
    ax.set_ylim(*ends)
    ax.set_yscale("log")
    low, high = map(math.log10, ends)
    if math.floor(high) - math.ceil(low) < 1:  # not two powers in sight
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    else:
        ax.yaxis.set_major_locator(LogLocator(numticks=8))
    ax.minorticks_off()
    numbers(ax.yaxis)


def say(ax: Any, x: float, y: float, text: str, colour: str, **more: Any) -> Any:
    """Words in an axes that stay readable on lines and shades; x and y in data unless told."""
    more = {"fontsize": 9, "zorder": 6, "clip_on": False} | more
    box = {"boxstyle": "square,pad=0.12", "facecolor": ax.get_facecolor(), "edgecolor": "none"}
    return ax.text(x, y, text, color=colour, bbox=more.pop("box", box), **more)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels near those wanted, at least `gap` apart, within `low` and `high`.

    The least squares of all such places: isotonic regression of what remains without the gaps.

    >>> spread([5.0, 5.0, 9.0], 2.0, 0.0, 10.0)
    [4.0, 6.0, 9.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[float]] = []  # mean, count
    for k, i in enumerate(order):
        blocks.append([wanted[i] - k * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (a, m), (b, n) = blocks[-2:]
            blocks[-2:] = [[(a * m + b * n) / (m + n), m + n]]
    room = max(high - low - gap * (len(wanted) - 1), 0.0)
    flat = [min(max(mean, low), low + room) for mean, count in blocks for _ in range(int(count))]
    out = [0.0] * len(wanted)
    for k, i in enumerate(order):
        out[i] = flat[k] + k * gap
    return out
