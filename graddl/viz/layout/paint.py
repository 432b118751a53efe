"""A plan as SVG, built like Graphviz's: groups of class node, edge and cluster, with tooltips."""

import re
from xml.sax.saxutils import escape, quoteattr

from .geometry import INCH, Box, Frame, Plan
from .labels import LINE, Cell, Lines, Table
from .parse import plain
from .route import Curve, Point

FAMILY = "Helvetica,Arial,sans-serif"
RADIUS = 10.0
PRESERVE = {"xml:space": "preserve"}
DASHES = {"dashed": "5,3", "dotted": "1,4"}
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tag(name: str, text: str | None = None, /, **attributes: object) -> str:
    """One element; `stroke_width=2` becomes stroke-width, None is left out."""
    look = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_ILLEGAL.sub('', show(value)))}"
        for key, value in attributes.items()
        if value is not None
    )
    if text is None:
        return f"<{name}{look}/>"
    return f"<{name}{look}>{escape(_ILLEGAL.sub('', text))}</{name}>"


def show(value: object) -> str:
    """A number with at most two digits behind the point."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def group(kind: str, name: str, title: str, tooltip: str | None, body: list[str]) -> str:
    inner = "\n".join(body)
    if tooltip:
        words = quoteattr(_ILLEGAL.sub("", plain(tooltip).replace("\n", " ")))
        inner = f"<g id={quoteattr('a_' + name)}><a xlink:title={words}>\n{inner}\n</a></g>"
    return (
        f'<g id={quoteattr(name)} class="{kind}">\n'
        f"<title>{escape(_ILLEGAL.sub('', title))}</title>\n{inner}\n</g>"
    )


def svg(plan: Plan, curves: list[Curve], title: Lines | Table) -> str:
    """The whole picture, its title above it at the left."""
    get = plan.net.graph.attributes.get
    pad = float(get("pad", "0.2").split(",")[0]) * INCH
    corners = [p for curve in curves for p in curve.points]
    for box in plan.boxes.values():
        long, wide = (box.h, box.w) if plan.down else (box.w, box.h)
        corners += [(box.a + s * long / 2, box.c + s * wide / 2) for s in (-1, 1)]
    for frame in plan.frames.values():
        corners += [frame.low, frame.high]
    spots = [plan.xy(*p) for p in corners] or [(0.0, 0.0)]
    left, top = min(x for x, _ in spots), min(y for _, y in spots)
    right, bottom = max(x for x, _ in spots), max(y for _, y in spots)
    above = title.h + 8 if title.h else 0.0
    width = max(right - left, title.w) + 2 * pad + 2
    height = bottom - top + above + 2 * pad + 2
    spots = [(0, 0), (0, height), (width, height), (width, 0)]
    paper = " ".join(f"{show(x)},{show(y)}" for x, y in spots)
    body = [tag("polygon", fill=get("bgcolor", "#ffffff"), stroke="none", points=paper)]
    body += label(title, pad, pad)
    body.append(f'<g transform="translate({show(pad + 1 - left)} {show(pad + 1 + above - top)})">')
    paths = plan.net.graph.paths
    for k, cluster in enumerate(sorted(plan.frames, key=lambda c: (len(paths[c]), c))):
        body.append(draw_frame(plan, plan.frames[cluster], k + 1, cluster))
    for k, curve in enumerate(curves):
        body.append(draw_edge(plan, curve, k + 1))
    for k, box in enumerate(plan.boxes.values()):
        if box.node.attributes.get("style") != "invis":
            body.append(draw_node(plan, box, k + 1))
    inner = "\n".join([*body, "</g>"])
    return (
        f'<svg width="{show(width)}pt" height="{show(height)}pt" '
        f'viewBox="0 0 {show(width)} {show(height)}" xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f'<g id="graph0" class="graph">\n<title>graddl</title>\n{inner}\n</g>\n</svg>\n'
    )


def draw_frame(plan: Plan, frame: Frame, k: int, name: str) -> str:
    look, style = frame.look, frame.look.get("style", "")
    (x, y), (x2, y2) = plan.xy(*frame.low), plan.xy(*frame.high)
    fill = look.get("fillcolor") if "filled" in style else look.get("bgcolor")
    body = [
        tag("rect", x=x, y=y, width=x2 - x, height=y2 - y, fill=fill or "none",
            stroke=look.get("pencolor") or look.get("color", "#000000"),
            rx=RADIUS if "rounded" in style else None, stroke_dasharray=dashes(style))
    ]  # fmt: skip
    body += label(frame.label, x + 8, y + 3)
    name = look.get("id", f"clust{k}")
    return group("cluster", name, name, look.get("tooltip"), body)


def dashes(style: str) -> str | None:
    return next((DASHES[word] for word in style.split(",") if word in DASHES), None)


def draw_node(plan: Plan, box: Box, k: int) -> str:
    get = box.node.attributes.get
    x, y = plan.xy(box.a, box.c)
    style = get("style", "")
    fill = get("fillcolor") or get("color", "#d3d3d3") if "filled" in style else "none"
    look = {
        "fill": fill, "stroke": get("color", "#000000"), "stroke_dasharray": dashes(style),
        "stroke_width": get("penwidth"),
    }  # fmt: skip
    body = []
    if box.shape in ("circle", "ellipse", "point"):
        body.append(tag("ellipse", cx=x, cy=y, rx=box.w / 2, ry=box.h / 2, **look))
    elif box.shape not in ("plain", "plaintext", "none"):
        corner = RADIUS if "rounded" in style else None
        at = {"x": x - box.w / 2, "y": y - box.h / 2}
        body.append(tag("rect", **at, width=box.w, height=box.h, rx=corner, **look))
    body += label(box.label, x - box.label.w / 2, y - box.label.h / 2)
    return group("node", get("id", f"node{k}"), box.node.id, get("tooltip"), body)


def draw_edge(plan: Plan, curve: Curve, k: int) -> str:
    get = curve.edge.attributes.get
    colour, pen = get("color", "#000000"), float(get("penwidth", 1))
    way = get("dir", "forward")
    points, heads = list(curve.points), []
    for at, side, ways, kind in (
        (0, curve.start, ("back", "both"), get("arrowtail", "normal")),
        (-1, curve.end, ("forward", "both"), get("arrowhead", "normal")),
    ):
        if way in ways and kind != "none":
            tip = points[at]
            length = (6.5 + 1.2 * pen) * float(get("arrowsize", 1)) * 1.3
            base = (tip[0] + side[0] * length, tip[1] + side[1] * length)
            points[at] = base
            heads.append(arrow(plan, tip, base, colour, pen, kind))
    spots = [",".join(map(show, plan.xy(*p))) for p in points]
    path = f"M{spots[0]}C{' '.join(spots[1:])}"
    look = {"stroke_dasharray": dashes(get("style", "")), "stroke_width": pen if pen != 1 else None}
    line = tag("path", fill="none", stroke=colour, d=path, **look)
    title = f"{curve.edge.tail}->{curve.edge.head}"
    return group("edge", get("id", f"edge{k}"), title, get("tooltip"), [line, *heads])


def arrow(plan: Plan, tip: Point, base: Point, colour: str, pen: float, kind: str) -> str:
    """A head: a triangle, or a dot."""
    if kind == "dot":
        x, y = plan.xy((tip[0] + base[0]) / 2, (tip[1] + base[1]) / 2)
        return tag("ellipse", fill=colour, stroke=colour, cx=x, cy=y, rx=3.0, ry=3.0)
    a, c = base[0] - tip[0], base[1] - tip[1]
    long = abs(a) + abs(c)  # along one of the axes
    half = 2.2 + 0.75 * pen
    wings = [(base[0] + s * c / long * half, base[1] + s * a / long * half) for s in (-1, 1)]
    spots = " ".join(",".join(map(show, plan.xy(*p))) for p in (tip, *wings))
    return tag("polygon", fill=colour, stroke="none", points=spots)


def label(content: Lines | Table, x: float, y: float) -> list[str]:
    """Tables, cells and text, the inner ones over the outer ones."""
    out: list[str] = []
    todo = [(content, x, y)]
    for item, x, y in todo:  # grows while it is read
        if isinstance(item, Lines):
            out += lines(item, x, y, item.w)
            continue
        look = item.look
        style = look.get("STYLE", "").lower()
        shape = {"x": x, "y": y, "width": item.w, "height": item.h,
                 "rx": RADIUS if "rounded" in style else None}  # fmt: skip
        if look.get("BGCOLOR"):
            out.append(tag("rect", fill=look["BGCOLOR"], stroke="none", **shape))
        gap, edge = item.spacing, item.border
        tops = [y + edge + gap]
        for h in item.heights:
            tops.append(tops[-1] + h + gap)
        starts = [x + edge + gap]
        for w in item.widths:
            starts.append(starts[-1] + w + gap)
        for cell in item.cells:
            spot = (starts[cell.column], tops[cell.row])
            size = (starts[cell.column + cell.columns] - gap - spot[0],
                    tops[cell.row + cell.rows] - gap - spot[1])  # fmt: skip
            out += in_cell(cell, spot, size, todo)
        if edge:
            border = {"stroke": look.get("COLOR", "#000000"), "stroke_width": edge}
            for row in item.rules:
                at = tops[row] - gap / 2
                ends = {"x1": x, "x2": x + item.w, "y1": at, "y2": at}
                out.append(tag("line", **ends, stroke=border["stroke"]))
            out.append(tag("rect", fill="none", **border, stroke_dasharray=dashes(style), **shape))
    return out


def in_cell(cell: Cell, spot: Point, size: Point, todo: list) -> list[str]:
    """Background, border and text of a cell; a table in it is put on the list."""
    (x, y), (w, h), look, out = spot, size, cell.look, []
    if look.get("BGCOLOR") or float(look.get("BORDER", 0)):
        border = look.get("COLOR", "#000000") if float(look.get("BORDER", 0)) else "none"
        fill = look.get("BGCOLOR", "none")
        if look.get("FIXEDSIZE", "").upper() == "TRUE":
            start = {"LEFT": 0.0, "RIGHT": w - cell.w}.get(look.get("ALIGN", ""), (w - cell.w) / 2)
            x, y, w, h = x + start, y + (h - cell.h) / 2, cell.w, cell.h
        out.append(tag("rect", x=x, y=y, width=w, height=h, fill=fill, stroke=border))
    inner = cell.content
    room = w - 2 * cell.pad - inner.w
    shift = {"LEFT": 0.0, "RIGHT": room}.get(look.get("ALIGN", "CENTER"), room / 2)
    up = {"TOP": cell.pad, "BOTTOM": h - cell.pad - inner.h}
    at_y = y + up.get(look.get("VALIGN", "MIDDLE"), (h - inner.h) / 2)
    if isinstance(inner, Table):
        todo.append((inner, x + cell.pad + shift, at_y))
    else:
        out += lines(inner, x + cell.pad + shift, at_y, inner.w)
    return out


def lines(text: Lines, x: float, y: float, width: float) -> list[str]:
    """Runs of text, each an element of its own, so that its colour can change by CSS."""
    out = []
    for runs, align in text.lines:
        size = max(run.size for run in runs)
        room = width - sum(run.width for run in runs)
        at = x + {"LEFT": 0.0, "RIGHT": room}.get(align, room / 2)
        for run in runs:
            look = {"font_weight": "bold" if run.bold else None,
                    "font_style": "italic" if run.italic else None}  # fmt: skip
            out.append(tag("text", run.text, x=at, y=y + 0.95 * size, font_family=FAMILY, **look,
                           font_size=run.size, fill=run.colour, **PRESERVE))  # fmt: skip
            at += run.width
        y += LINE * size
    return out
