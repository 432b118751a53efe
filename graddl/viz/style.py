"""Colours of the pictures, light and dark, and how strength becomes width and shade."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

from .numbers import Numbers


@dataclass(frozen=True)
class Palette:
    """Contrast of light text on white is 4.9 : 1 or more. Colour is never the only sign."""

    paper: str
    ink: str
    data: str  # blue: values
    gradient: str  # orange
    local: str  # teal: local derivatives
    quiet: str  # grey: labels
    warning: str  # magenta, always with a sign and words
    amber: str  # border of parameters
    amber_text: str
    amber_fill: str
    output_fill: str
    border: str
    faint: str  # border of values on the way
    op_fill: str
    zero: str  # arrows of zero gradient
    lane: str  # behind the boxes of one time step
    ramp: tuple
    diverging: (
        tuple  # blue for negative, grey for 0, orange for positive; ink is read on the inner 7
    )


LIGHT = Palette(
    paper="#ffffff",
    ink="#1b2430",
    data="#0072b2",
    gradient="#c24a00",
    local="#007a5a",
    quiet="#5b6472",
    warning="#a3005b",
    amber="#b07800",
    amber_text="#8a5d00",
    amber_fill="#fff6e0",
    output_fill="#e8f1fa",
    border="#8a94a3",
    faint="#c3cad3",
    op_fill="#eef0f3",
    zero="#9aa3af",
    lane="#f7f8fa",
    ramp=("#ddb45a", "#d99a35", "#d07f17", "#c2640b", "#a94c08", "#873609", "#5f230a"),
    diverging=(
        *("#0b4775", "#1a6fae", "#6fabd9", "#a6cbe8", "#d3e5f4"),
        "#eceff3",
        *("#fae3cf", "#f3c194", "#e59a55", "#b04a06", "#752f06"),
    ),
)
DARK = Palette(
    paper="#111827",
    ink="#e8ecf2",
    data="#6cb6f0",
    gradient="#ff9a5c",
    local="#4fd1a5",
    quiet="#a3acb9",
    warning="#ff7ac0",
    amber="#c8962e",
    amber_text="#e3b341",
    amber_fill="#2a2312",
    output_fill="#12304a",
    border="#7d8796",
    faint="#4a5361",
    op_fill="#252e3d",
    zero="#6b7482",
    lane="#161f2e",
    ramp=("#6b4a17", "#8a611b", "#a9781f", "#c98f2a", "#e8a63c", "#f3c26b", "#fde6b0"),
    diverging=(
        *("#b9dcfa", "#6cb2ea", "#286191", "#1d4a72", "#16324c"),
        "#232c3b",
        *("#42270f", "#6b3d12", "#8a4f17", "#f0a45c", "#fbdcb9"),
    ),
)
THEMES = {"light": LIGHT, "dark": DARK, "auto": LIGHT}
DECADES = 6  # a ramp spans at most so many powers of ten


def pairs() -> dict[str, str]:
    """Each light colour with its dark one."""
    out: dict[str, str] = {}
    for f in fields(Palette):
        a, b = getattr(LIGHT, f.name), getattr(DARK, f.name)
        out.update(zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)])
    return out


@dataclass(frozen=True)
class Scale:
    """A scale of powers of ten, from `low` to `high`: widths and shades of gradient arrows."""

    low: float
    high: float
    clipped: bool = False  # some gradients are smaller than the scale reaches

    def place(self, n: Numbers) -> float:
        """Where a gradient lies on the scale, from 0 to 1."""
        if not 0 < n.size < math.inf:
            return 1.0
        return min(max((math.log10(n.size) - self.low) / (self.high - self.low), 0.0), 1.0)

    def width(self, n: Numbers) -> float:
        return 1.0 + 3.0 * self.place(n)

    def shade(self, n: Numbers, ramp: tuple) -> str:
        """The colour of a gradient that is not zero."""
        return ramp[min(int(self.place(n) * len(ramp)), len(ramp) - 1)]


def scale_of(gradients: Iterable[Numbers | None], ends: tuple[float, float] | None = None) -> Scale:
    """The decades around the gradients of a picture, unless its `ends` are given."""
    sizes = [n.size for n in gradients if n is not None and 0 < n.size < math.inf]
    if ends is not None:
        return Scale(*ends, any(math.log10(size) < ends[0] for size in sizes))
    if not sizes:
        return Scale(-1, 1)
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    return Scale(max(min(low, high - 2), high - DECADES), high, low < high - DECADES)
