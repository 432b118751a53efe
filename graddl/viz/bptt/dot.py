"""DOT text of a BpttView. All coordinates are in it, so that every renderer draws the same."""

from ..dot import FONT
from ..style import THEMES, Palette, Scale, scale_of
from ..words import font, html, quote, table, tr
from . import words
from .labels import SMALL, TEXT, td, text_of, w
from .parts import Arrow, Box, BpttView, Gap, State, inside
from .place import plan
from .plan import Plan, Spot
from .route import Route, spline


def to_dot(view: BpttView, theme: str = "light") -> str:
    """The picture as DOT text. The theme "auto" is light here: it turns dark by CSS, in SVG."""
    p = THEMES[theme]
    scale = scale_of(gradients(view), view.range)
    where = plan(view, p, scale, [words.ledger_label(x, view, scale, p) for x in view.ledgers])
    lines = [
        "digraph graddl {",
        f'  layout=nop2; rankdir=LR; outputorder=nodesfirst; bgcolor="{p.paper}"; pad=0.2;',
        f'  {FONT}; fontcolor="{p.ink}";',
        f"  labelloc=t; labeljust=l; label={html(words.heading(view, scale, p, where.width))};",
        f'  node [shape=plain {FONT} fontsize={TEXT} fontcolor="{p.ink}"];',
        f'  edge [{FONT} fontsize={SMALL} arrowsize=0.7 dir=back color="{p.border}"];',
    ]
    for box in view.starts:
        lines.append(f"  {node(box, where.spots[box.id], view)};")
    for k, (lane, frame) in enumerate(zip(view.lanes, where.frames, strict=True)):
        if isinstance(lane, Gap):
            lines.append(f"  {node(lane.box, where.spots[lane.box.id], view)};")
            continue
        left, bottom, right, top = frame
        title = html(f"<B>{lane.label}</B>")
        lines.append(f"  subgraph cluster_{k} {{")
        lines.append(
            f'    bb="{left:.1f},{bottom:.1f},{right:.1f},{top:.1f}"; style="rounded,filled";'
        )
        middle = left + (10 if view.rolled else 10 + where.side) + w(lane.label, TEXT, True) / 2
        lines.append(f'    lp="{middle:.1f},{top - 12:.1f}"; label={title};')
        lines.append(
            f'    fontsize={TEXT}; fontcolor="{p.quiet}"; color="{p.faint}"; fillcolor="{p.lane}";'
        )
        for box in inside(lane):
            lines.append(f"    {node(box, where.spots[box.id], view)};")
        lines.append("  }")
    for box in view.ends:
        lines.append(f"  {node(box, where.spots[box.id], view)};")
    for k, (x, y, label) in enumerate(where.ledgers):
        tip = quote(f"{', '.join(view.ledgers[k].full)}: what each step adds to its gradient")
        lines.append(f'  ledger{k} [pos="{x:.1f},{y:.1f}" label={html(label.html)} tooltip={tip}];')
    for route in where.routes:
        lines.extend(f"  {line};" for line in edge(route, scale, p, where))
    return "\n".join([*lines, "}"]) + "\n"


def gradients(view: BpttView) -> list:
    found = [a.grad for a in view.arrows if a.wants]
    for lane in view.lanes:
        found += lane.strip if isinstance(lane, Gap) else []
    return found + [e.size for ledger in view.ledgers for e in ledger.entries]


def node(box: Box, spot: Spot, view: BpttView) -> str:
    tip = quote(tooltip(box))
    return f'{box.id} [pos="{spot.x:.1f},{spot.y:.1f}" label={html(spot.label.html)} tooltip={tip}]'


def tooltip(box: Box) -> str:
    if box.kind == "pill":
        again = "the same tensor again; " if box.note != "once" else ""
        return f"{box.tip or box.name}: {again}this step passes back {text_of(box.grad)}"
    if box.kind == "gap":
        return f"{box.name} that are not shown"
    states = box.states or [State(box.name, box.data, box.grad)]
    parts = [f"{s.name}: data {text_of(s.data)}, gradient {text_of(s.grad)}" for s in states]
    return "; ".join(parts) + (f"; {box.tip}" if box.tip else "")


def edge(route: Route, scale: Scale, p: Palette, where: Plan) -> list[str]:
    """An arrow along its way; a cut one has the scissors in its middle."""
    a = route.arrow
    look = f'pos="{spline(route.points)}" {arrow(a, scale, p)}'
    found = [f"{a.tail} -> {a.head} [{look} tooltip={quote(words_of(a))}]"]
    if a.cut:
        (x0, y0), (x1, y1) = route.points[0], route.points[-1]
        sign = table(tr(td(font("✂", p.warning, 15), "CENTER", 16)), fill=p.paper, pad=0)
        at = f'pos="{(x0 + x1) / 2:.1f},{(y0 + y1) / 2:.1f}"'
        found.append(f'cut_{a.tail}_{a.head} [{at} label={html(sign)} tooltip="detached"]')
    return found


def arrow(a: Arrow, scale: Scale, p: Palette) -> str:
    if a.cut:
        return f'dir=none style=dashed color="{p.warning}"'
    if not a.wants:
        return f'dir=none style=dashed color="{p.border}"'
    n = a.grad
    if n is None:
        return f'style=dotted color="{p.gradient}"'
    if n.size == 0:
        return f'style=dashed color="{p.zero}"'
    if n.size != n.size:
        return f'color="{p.warning}" penwidth=3'
    return f'color="{scale.shade(n, p.ramp)}" penwidth={scale.width(n):.2f}'


def words_of(a: Arrow) -> str:
    if a.cut:
        return "detached: no gradient flows here"
    return f"gradient {text_of(a.grad)}" if a.wants else "no gradient flows here"
