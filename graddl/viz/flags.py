"""What is wrong with a gradient, found on the whole graph in the pass that measures it.

Nothing here looks at the picture, so a warning is there however coarse the picture is.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .graph import Step
from .parts import Flag
from .values import Values, array_of

RELUS = {"relu": "ReLU", "relu6": "ReLU6"}  # their units can die
BATCH = 2  # a unit that is 0 for fewer examples is not called dead
SQUASHING = {  # op: (word, its derivative by its result, the largest it gets)
    "tanh": ("tanh", lambda y: 1.0 - y * y, 1.0),
    "sigmoid": ("sigmoid", lambda y: y * (1.0 - y), 0.25),
}
FLAT = 0.01  # a derivative below this part of its largest is saturated
MOST = 0.9  # of a batch: for so many examples a unit is saturated
VANISHED, EXPLODED = 1e-6, 1e5  # size of a gradient, relative to that at the loss
CELLS = 32  # more units than this share the cells of a strip
CLOSE = 1e-5  # how far .grad may be from a whole multiple of this pass's gradient
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Finding:
    """One thing to warn of, at one step.

    `n`: how many units, or backward calls; `ratio`: to the gradient at the loss; `word`: which
    units, or which number.
    """

    kind: str
    step: int
    n: int = 1
    ratio: float = 1.0
    word: str = ""


def flags_of(findings: list[Finding], units: dict, names: Any = str) -> tuple[Flag, ...]:
    """Findings in words; those of one kind, such as dead units of many layers, become one Flag.

    `units` says of how many units of a kind there are; `names(step)` is what a parameter is called.
    """
    kinds: dict[tuple, list[Finding]] = {}
    for f in findings:
        kinds.setdefault((f.kind, f.word), []).append(f)
    return tuple(
        Flag(kind, in_words(kind, word, found, units, names), kind == "nan")
        for (kind, word), found in kinds.items()
    )


def in_words(kind, word, found, units, names):
    if kind in ("dead", "saturated"):
        n, among = sum(f.n for f in found), units[word]
        return f"▲ {n} of {among} {word} unit{'s' * (among > 1)} {'are' if n > 1 else 'is'} {kind}"
    if kind in ("vanishing", "exploding"):
        powers = max(abs(math.log10(max(f.ratio, 5e-324))) for f in found)
        power = str(math.floor(powers + 1e-9)).translate(SUPERSCRIPTS)
        small = kind == "vanishing"
        how = f"{'▼' if small else '▲'} gradient 10{power} {'smaller' if small else 'larger'}"
        return f"{how} than at the loss"
    if kind == "accumulated":
        return f"⟳ accumulated over {found[0].n} backward calls"
    if kind == "nothing":
        called = [names(f.step) for f in found]
        more = f" and {len(called) - 3} more" if len(called) > 3 else ""
        return f"▲ {', '.join(called[:3])}{more} got no gradient"
    return f"✕ first {word} here"


class Watch:
    """Looks at each step of a backward pass, and at the whole afterwards.

    Attributes
    ----------
    found : list of Finding
    strips : dict step -> (sizes, number of units)
        For ops that use a parameter: the root mean square of each unit's gradient.
    units : dict step -> (word, number of units)
        Of each op that was looked at for units that are dead or saturated.
    """

    def __init__(self, steps: list[Step]):
        self.steps = steps
        self.found: list[Finding] = []
        self.strips: dict[int, tuple] = {}
        self.units: dict[int, tuple] = {}  # of ops with units that can fail: (word, how many)
        self.multiples: dict[int, int] = {}  # of leaves: .grad / this gradient, 0: no whole number
        self.first_bad: int | None = None  # where a finite gradient became NaN or infinite
        self.reference: float | None = None  # the size of the gradient near the loss

    def visit(self, k: int, node: Any, g: Any, gs: list) -> None:
        if node.op is None:
            self.leaf(k, node, g)
            return
        if type(g) is float:
            if not math.isfinite(sum(x for x in gs if type(x) is float)) and math.isfinite(g):
                self.first_bad = k if self.first_bad is None else self.first_bad
            if node.op.name in SQUASHING:
                self.saturated(k, node, np.float64(node.data))
            return
        if self.first_bad is None and finite(g) and not all(x is None or finite(x) for x in gs):
            self.first_bad = k
        if type(g) is tuple or not g.ndim:
            return
        if self.reference is None and g.size > 1:
            self.reference = rms(g)
        if node.op.name in RELUS:
            self.dead(k, node, gs[0])
        if node.op.name in SQUASHING:
            self.saturated(k, node, array_of(self.steps, k))
        if any(is_parameter(self.steps[j].node) for j, _, _ in self.steps[k].inputs):
            self.strips[k] = strip(np.asarray(g))

    def dead(self, k, node, gx):
        """Units that gave 0 and passed no gradient for every example of the batch."""
        x, y = node.saved[0][0], array_of(self.steps, k)
        if gx is None or gx.ndim < 2 or (x is None and y is None):
            return
        self.units[k] = RELUS[node.op.name], by_unit(gx).shape[1]
        off = by_unit((y == 0) if y is not None else (x <= 0)) & by_unit(gx == 0)
        if len(off) >= BATCH and off.all(axis=0).any():
            n = int(off.all(axis=0).sum())
            self.found.append(Finding("dead", k, n, word=RELUS[node.op.name]))

    def saturated(self, k, node, y):
        word, slope, largest = SQUASHING[node.op.name]
        if y is None or not y.size:
            return
        flat = by_unit(np.abs(slope(np.asarray(y))) < FLAT * largest)
        n = int((flat.mean(axis=0) >= MOST).sum())
        self.units[k] = word, flat.shape[1]
        if n:
            self.found.append(Finding("saturated", k, n, word=word))

    def leaf(self, k, node, g):
        """Whether .grad is a whole multiple of this gradient; which leaves got nothing at all."""
        if node.is_scalar:
            kept = getattr(node.grad, "data", node.grad) if node.has_grad else None
        else:
            kept = None if node.grad is None else node.grad.numpy()
        here = np.asarray(g)
        if not finite(here) or not here.any():
            return
        self.multiples[k] = 0
        if kept is not None and np.shape(kept) == here.shape:
            times = round(float((kept * here).sum() / np.square(here).sum()))
            near = np.abs(kept - times * here) <= CLOSE * np.abs(times * here).max()
            self.multiples[k] = times if bool(near.all()) else 0

    def finish(self, root: Any, found: Any, values: Values, measured: bool = True) -> None:
        """What is seen only when the pass is over: sizes, leaves without gradient, NaN."""
        self.not_finite(root, values)
        self.sizes(found.values)
        if found.missing or not measured:
            return
        for k, step in enumerate(self.steps):
            if is_parameter(step.node) and not step.node.is_scalar and step.node.requires_grad:
                n = found.values.get((k, 0))
                if n is None or (n.size == 0 and math.prod(n.shape) > 1):
                    self.found.append(Finding("nothing", k))
        walked = getattr(root, "has_grad", False) or any(
            getattr(s.node, "released", False) for s in self.steps
        )
        times = set(self.multiples.values())
        if walked and len(times) == 1 and min(times) > 1:  # all leaves agree: no coincidence
            for k in self.multiples:
                self.found.append(Finding("accumulated", k, times.copy().pop()))

    def sizes(self, gradients):
        """Where gradients first get very small or very large, and the leaves that get such ones.

        The gradient at the loss is 1. Behind a mean over n it is 1/n: that is not vanishing yet.
        """
        least, most = sorted((self.reference or 1.0, 1.0))

        def kind(k):
            n = gradients.get((k, 0))
            if n is None or not 0 < n.size < math.inf:
                return None, 1.0
            small = n.size / least <= VANISHED * (1 + CLOSE)
            large = n.size / most >= EXPLODED * (1 - CLOSE)
            what = "vanishing" if small else "exploding" if large else None
            return what, n.size / (least if small else most)

        for k, step in enumerate(self.steps):
            what, ratio = kind(k)
            if what and (
                step.node.op is None or all(kind(c)[0] != what for c, _ in step.consumers)
            ):
                self.found.append(Finding(what, k, ratio=ratio))

    def not_finite(self, root, values):
        """The first NaN of the forward pass; or else the first of the backward pass."""
        last = values(len(self.steps) - 1, getattr(root, "node_output", 0))
        if self.first_bad is None and last is not None and math.isfinite(last.size):
            return
        for k, step in enumerate(self.steps):
            n = values(k)
            bad = n is not None and n.low is None and not math.isfinite(n.size)
            inputs = [values(j, o) for j, o, _ in step.inputs]
            if bad and all(n is None or n.low is not None or math.isfinite(n.size) for n in inputs):
                word = "NaN" if math.isnan(n.size) else "∞"
                known = all(n is not None for n in inputs)
                self.found.append(Finding("nan", k, word=word if known else f"known {word}"))
                return
        if self.first_bad is not None:
            self.found.append(Finding("nan", self.first_bad, word="NaN or ∞ of the gradient"))


def is_parameter(node: Any) -> bool:
    return node.op is None and node.is_parameter


def finite(g: Any) -> bool:
    """Whether a gradient, or each of several, is finite. The sum is, unless an element is not."""
    if type(g) is tuple:
        return all(x is None or finite(x) for x in g)
    return bool(np.isfinite(np.asarray(g)).all())


def rms(g: Any) -> float:
    return float(np.sqrt(np.mean(np.square(np.abs(np.asarray(g, dtype=np.float64))))))


def by_unit(a: Any) -> np.ndarray:
    """An array as (examples, units): units are on the last axis, of images channels on the second.

    (batch, channels, height, width) counts each place of an image as an example.
    """
    a = np.asarray(a)
    if a.ndim >= 4:
        a = np.moveaxis(a, 1, -1)
    return a.reshape(-1, a.shape[-1]) if a.ndim else a.reshape(1, 1)


def strip(g: np.ndarray) -> tuple[tuple, int]:
    """(the size of each unit's gradient, number of units); many units share cells."""
    with np.errstate(all="ignore"):
        squares = np.mean(np.square(np.abs(by_unit(g)).astype(np.float64)), axis=0)
    cells = np.array_split(squares, CELLS) if len(squares) > CELLS else squares[:, None]
    return tuple(float(np.sqrt(cell.mean())) for cell in cells), len(squares)
