"""The heat map of a GradientRecorder: layers × steps, with words for what goes wrong."""

import math
from typing import Any

from ..names import clean
from ..numbers import number
from ..options import complain, pair
from ..words import cell, font, table, tr
from .grids import Cell, still
from .picture import P, Picture

COLUMNS, CELLS = 100, 2400  # more steps are pooled, by their geometric mean
ROWS = 60
WIDE = 520  # points of the map
SMALL = 1e-4  # of the largest gradient of the step: vanishing
LARGE, BIG = 1e3, 1.0  # times the median, and more than this: exploding
TITLES = {"grad": "rms gradient", "weight": "rms weight", "ratio": "update-to-weight ratio",
          "dead": "share of dead ReLU units"}  # fmt: skip
DECADES = 7
RATIO = (1e-5, 1e-1)  # a layer outside of it hardly learns, or jumps


def heatmap(kind: str, rows: dict, types: dict, rates: list, ends: Any) -> Picture:
    """The picture of one kind of numbers, a list over steps for each layer."""
    steps = len(next(iter(rows.values())))
    many = f"{len(rows)} layer{'s' * (len(rows) > 1)}, {steps} step{'s' * (steps > 1)}"
    pic = Picture(f"{TITLES[kind]}: {many}", "", room=600)
    rows = {called(name, types): row for name, row in rows.items()}
    names = list(rows)
    found = flags(kind, rows)
    log = kind != "dead"
    low, high = ends_of(rows, ends, log)
    per = -(-steps // min(COLUMNS, max(CELLS // len(names), 20)))
    if per > 1:
        pic.note(f"a column is the mean of {per} steps")
    if len(names) > ROWS:
        pic.note(f"{ROWS} of {len(names)} layers shown, evenly taken; flagged ones first")
        names = chosen(names, found)
    if kind == "grad" and len(names) > 1:
        pic.note(compared(rows, names))
    if any(r is not None for r in rates):
        known = [r for r in rates if r is not None]
        pic.note(f"learning rate {number(known[0])}" + (f" … {number(known[-1])}"
                 if known[-1] != known[0] else ""))  # fmt: skip
    swatches = "".join(f'<TD WIDTH="20" HEIGHT="9" BGCOLOR="{c}"></TD>' for c in P.ramp)
    left, right = (number(10.0**low), number(10.0**high)) if log else percents(low, high)
    every = [v for name in names for v in rows[name]]
    left = "≤ " * any(v and log and 0 < v < 10.0**low for v in every) + left
    ramp = cell(font(left, P.gradient, 10)) + swatches + cell(font(right, P.gradient, 10))
    pic.sign(f"■ {TITLES[kind]}", P.gradient)
    pic.signs.append((table(tr(ramp), pad=2), 230.0))
    pic.sign("log scale" if log else "of the units of a layer", P.quiet)
    if 0 in every:
        pic.sign("grey: 0", P.quiet)
    if None in every:
        pic.sign("– not computed", P.quiet)
    if any(text.startswith("✕") for text in found.values()):
        pic.sign("✕ NaN or infinite", P.warning)
    wide = max(min(WIDE // -(-steps // per), 24), 5)
    out = []
    for name in names:
        cells = [colour(v, low, high, log) for v in binned(rows[name], per, log)]
        line = "".join(spot(c, wide) for c in cells)
        words = cell(font(f" {found[name]}", P.warning, 10)) if name in found else "<TD></TD>"
        label = cell(font(clean(name, 24), P.ink, 11), "RIGHT")
        out.append(label + cell(strip(line, len(cells), wide)) + words)
    count = -(-steps // per)
    first, last = font("step 0", P.quiet, 10), font(f"step {steps - 1}", P.quiet, 10)
    axis = table(tr(cell(first) + f'<TD WIDTH="{max(count * wide - 90, 10)}"></TD>'
                    + (cell(last, "RIGHT") if steps > 1 else "<TD></TD>")), pad=0)  # fmt: skip
    out.append("<TD></TD>" + cell(axis) + "<TD></TD>")
    pic.node(table(tr(*out), fill=P.paper, pad=1), TITLES[kind])
    flagged = "; ".join(f"{clean(n, 24)} {text}" for n, text in found.items())
    words = f"{TITLES[kind]} of {len(rows)} layers over {steps} steps"
    pic.words = words[0].upper() + words[1:] + (f": {flagged}." if flagged else ".")
    return pic


def percents(low: float, high: float) -> tuple[str, str]:
    return f"{number(100 * low)} %", f"{number(100 * high)} %"


def called(name: str, types: dict) -> str:
    """`0 Linear`: a place in a Sequential says nothing by itself."""
    number_only = name.rpartition(".")[2].isdigit()
    return f"{name} {types[name]}" if number_only else name


def ends_of(rows: dict, ends: Any, log: bool) -> tuple[float, float]:
    """The ends of the colours, for a logarithmic scale as powers of ten."""
    if ends is not None:
        low, high = pair(ends)
        if not (low < high < math.inf) or (log and low <= 0):
            raise complain(
                "heatmap", "range is not two numbers, the smaller one first", repr(ends),
                "two positive numbers", "recorder.heatmap('grad', range=(1e-6, 1.0))",
            )  # fmt: skip
        return (math.log10(low), math.log10(high)) if log else (low, high)
    if not log:
        return 0.0, 1.0
    sizes = [v for row in rows.values() for v in row if v is not None and 0 < v < math.inf]
    if not sizes:
        return -1.0, 1.0
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes)))
    return float(max(min(low, high - 1), high - DECADES)), float(high)


def binned(row: list, per: int, log: bool) -> list:
    """Columns of `per` steps: their mean, on a logarithmic scale the geometric one. NaN stays."""
    if per == 1:
        return row
    out: list[float | None] = []
    for k in range(0, len(row), per):
        part = [v for v in row[k : k + per] if v is not None]
        if not part or any(not math.isfinite(v) for v in part):
            out.append(math.nan if part else None)
        elif log:
            logs = [math.log(v) for v in part if v > 0]
            out.append(math.exp(sum(logs) / len(logs)) if logs else 0.0)
        else:
            out.append(sum(part) / len(part))
    return out


def colour(v: float | None, low: float, high: float, log: bool) -> Cell:
    """The cell of one number."""
    if v is None:
        return Cell("–", None, P.quiet)
    if not math.isfinite(v):
        return Cell("✕", P.warning, P.paper)
    if v == 0:
        return Cell("", P.zero)
    share = ((math.log10(v) if log else v) - low) / (high - low)
    return Cell("", P.ramp[min(max(int(share * len(P.ramp)), 0), len(P.ramp) - 1)])


def spot(c: Cell, wide: int) -> str:
    look = f' BGCOLOR="{c.fill}"' if c.fill else ""
    text = font(c.text, c.colour, 10) if c.text and wide >= 10 else ""
    return still(text, wide, 18).replace(">", f"{look}>", 1)


def strip(line: str, n: int, wide: int) -> str:
    gap = 1 if wide >= 8 else 0
    look = f'BORDER="0" CELLSPACING="{gap}" CELLPADDING="0" FIXEDSIZE="TRUE"'
    size = f'WIDTH="{n * wide + gap * (n + 1)}" HEIGHT="{18 + 2 * gap}"'
    return f"<TABLE {look} {size}>{tr(line)}</TABLE>"


def middle(row: list) -> float | None:
    """The median of what is finite."""
    found = sorted(v for v in row if v is not None and math.isfinite(v))
    return found[len(found) // 2] if found else None


def flags(kind: str, rows: dict) -> dict[str, str]:
    """Layer -> what is wrong with it, in words."""
    out: dict[str, str] = {}
    medians = {name: middle(row) for name, row in rows.items()}
    usual = middle([m for m in medians.values() if m]) or 0.0
    least = shares(rows)
    for name, row in rows.items():
        m = medians[name]
        bad = next((k for k, v in enumerate(row) if v is not None and not math.isfinite(v)), None)
        if bad is not None:
            what = "NaN" if row[bad] != row[bad] else "infinity"
            out[name] = f"✕ first {what} at step {bad}"
        elif all(v is None for v in row):
            if kind == "grad":
                out[name] = "▲ got no gradient"
        elif m is None:
            continue
        elif kind == "grad" and m == 0:
            out[name] = "▼ gradient is 0"
        elif kind == "grad" and least[name][0] < SMALL:
            share, at = least[name]
            out[name] = f"▼ vanishing: {rough(share)} of the largest at step {at}"
        elif kind == "grad" and m > max(LARGE * usual, BIG):
            out[name] = f"▲ exploding: {rough(m / usual)} × the median layer"
        elif kind == "grad" and growing(row):
            out[name] = f"▲ exploding: grew {rough(growing(row))} ×"
        elif kind == "ratio" and not RATIO[0] <= m <= RATIO[1]:
            out[name] = "▼ hardly changes" if m < RATIO[0] else "▲ changes too much in a step"
        elif kind == "dead" and (row[-1] or 0.0) >= 0.5:
            out[name] = f"▲ {number(round(100 * (row[-1] or 0.0)))} % dead at the last step"
    return out


def shares(rows: dict) -> dict[str, tuple[float, int]]:
    """Layer -> its smallest share of the largest gradient of the same step, and which step."""
    out = dict.fromkeys(rows, (1.0, 0))
    for step, column in enumerate(zip(*rows.values(), strict=True)):
        top = max((v for v in column if v is not None and math.isfinite(v)), default=0.0)
        for name, v in zip(rows, column, strict=True):
            if v and math.isfinite(v):
                out[name] = min(out[name], (v / top, step))
    return out


def rough(x: float) -> str:
    """With one digit."""
    return number(float(f"{x:.1g}"))


def growing(row: list) -> float:
    """How many times the end is larger than the beginning, if it is much; else 0."""
    tenth = max(len(row) // 10, 1)
    first, last = middle(row[:tenth]), middle(row[-tenth:])
    return last / first if first and last and last > LARGE * first else 0.0


def compared(rows: dict, names: list[str]) -> str:
    """The first layer against the last at the first step, where both are known."""
    a, b = rows[names[0]][0], rows[names[-1]][0]
    if not a or not b or not math.isfinite(a) or not math.isfinite(b):
        return "layers from the input, above, to the output"
    first, last = clean(names[0], 24), clean(names[-1], 24)
    return f"at step 0, {first} receives {number(float(f'{a / b:.2g}'))} × the gradient of {last}"


def chosen(names: list[str], found: dict) -> list[str]:
    """Some of many layers, in order: flagged ones, and others at even distances."""
    kept = [n for n in names if n in found][:ROWS]
    others = [n for n in names if n not in found]
    room = ROWS - len(kept)
    every = [others[k * len(others) // room] for k in range(room)] if room else []
    keep = {*kept, *every}
    return [n for n in names if n in keep]
