"""What stands where in an SVG of ours or of Graphviz: for tests of layouts.

Boxes are (left, top, right, bottom) in points. Widths of texts come from the table of Helvetica's.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from graddl.viz.layout.font import width

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
SHOWN = 800  # pixels: how wide a page shows a picture
SLACK = 0.08  # of the width of a text: fonts differ


@dataclass
class Text:
    words: str
    size: float
    box: tuple


@dataclass
class Node:
    title: str
    box: tuple
    texts: list


@dataclass
class Picture:
    """`others`: texts outside of nodes: title, legend, titles of clusters."""

    view: tuple
    nodes: list = field(default_factory=list)
    others: list = field(default_factory=list)

    @property
    def scale(self):
        """Pixels of a page for each point: 4/3, less where the picture is wider than the page."""
        return min(4 / 3, SHOWN / (self.view[2] - self.view[0]))


def numbers(text):
    return [float(n) for n in NUMBER.findall(text or "")]


def read(svg):
    """The Picture that an SVG shows."""
    root = ET.fromstring(svg)
    x, y, w, h = numbers(root.get("viewBox"))
    out = Picture((x, y, x + w, y + h))
    stack = [(root, 0.0, 0.0, None)]
    while stack:
        element, dx, dy, node = stack.pop()
        moved = re.search(r"translate\(([^)]*)\)", element.get("transform", ""))
        if moved:
            a, b = numbers(moved[1])
            dx, dy = dx + a, dy + b
        if element.tag == f"{SVG}g" and element.get("class") == "node":
            title = element.find(f"{SVG}title")
            node = Node("" if title is None else title.text, None, [])
            out.nodes.append(node)
        elif element.tag == f"{SVG}text":
            (node.texts if node else out.others).append(text_of(element, dx, dy))
        elif node is not None:
            box = shape(element, dx, dy)
            if box:
                node.box = box if node.box is None else union(node.box, box)
        inner = [e for e in element if element.get("class") != "edge" or e.tag == f"{SVG}text"]
        stack.extend((child, dx, dy, node) for child in reversed(inner))
    for node in out.nodes:
        if node.box is None and node.texts:  # a label without a background
            node.box = node.texts[0].box
            for text in node.texts:
                node.box = union(node.box, text.box)
    return out


def text_of(element, dx, dy):
    words = "".join(element.itertext())
    size = float(element.get("font-size"))
    long = width(words.strip(), size, element.get("font-weight") == "bold")
    x, y = float(element.get("x")) + dx, float(element.get("y")) + dy
    x -= {"middle": long / 2, "end": long}.get(element.get("text-anchor"), 0)
    return Text(words, size, (x, y - 0.72 * size, x + long, y + 0.2 * size))


def shape(element, dx, dy):
    """The box of a rectangle, an ellipse, a line, a polygon or a path."""
    get = element.get
    kind = element.tag.removeprefix(SVG)
    if kind == "rect":
        x, y, w, h = (float(get(k)) for k in ("x", "y", "width", "height"))
        xs, ys = [x, x + w], [y, y + h]
    elif kind == "ellipse":
        x, y, a, b = (float(get(k)) for k in ("cx", "cy", "rx", "ry"))
        xs, ys = [x - a, x + a], [y - b, y + b]
    elif kind in ("polygon", "polyline", "path"):
        found = numbers(get("points") or get("d"))
        xs, ys = found[::2], found[1::2]
    else:
        return None
    return min(xs) + dx, min(ys) + dy, max(xs) + dx, max(ys) + dy


def union(a, b):
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def overlap(a, b, slack=0.5):
    return min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack


def sticks_out(text, box):
    """Whether a text is wider or higher than its box; a circle has less room than its box."""
    x1, y1, x2, y2 = text.box
    slack = 1 + SLACK * (x2 - x1)
    return x1 < box[0] - slack or x2 > box[2] + slack or y1 < box[1] - 1 or y2 > box[3] + 1


def faults(svg):
    """All that is wrong with a layout, in words; of what is too small only the smallest."""
    picture = read(svg)
    out = []
    if not picture.nodes:
        out.append("no nodes")
    nodes = [n for n in picture.nodes if n.box]
    for k, a in enumerate(nodes):
        for b in nodes[:k]:
            if overlap(a.box, b.box):
                out.append(f"{a.title!r} overlaps {b.title!r}")
        out += [f"{t.words!r} sticks out of {a.title!r}" for t in a.texts if sticks_out(t, a.box)]
        if sticks_out(Text(a.title, 0, a.box), picture.view):
            out.append(f"{a.title!r} is clipped")
        for t in picture.others:
            if overlap(t.box, a.box, 2):
                out.append(f"{t.words!r} stands on {a.title!r}")
    for k, t in enumerate(picture.others):
        if sticks_out(t, picture.view):
            out.append(f"{t.words!r} is clipped")
        for u in picture.others[:k]:
            if overlap(t.box, u.box, 2 + SLACK * len(t.words) * t.size):
                out.append(f"{t.words!r} stands on {u.words!r}")
    if not any("■" in t.words for t in picture.others):
        out.append("no legend")
    return out


def smallest(svg):
    """The size of the smallest text, in pixels, where the picture is shown on a page."""
    picture = read(svg)
    texts = [*picture.others, *(t for n in picture.nodes for t in n.texts)]
    return min(t.size for t in texts if t.words.strip()) * picture.scale
