"""The finish of an SVG: it scales, is read out, turns dark, and can stand with others on a page."""

import hashlib
import re
import xml.etree.ElementTree as ET

from .style import pairs

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
GROUPS = ("graph", "node", "edge", "cluster")


def finish(svg: bytes, title: str, sentence: str, theme: str = "auto", names: bool = False) -> str:
    """The SVG of a renderer made fit for pages and notebooks.

    Its root is furnished; ids have a prefix of their own; tooltips are `<title>`; no document type
    (it names a file on the network). With `theme="auto"` it turns dark. With `names` each group
    keeps the id that it has in the DOT text, as `data-n`.
    """
    root = ET.fromstring(svg.decode("utf-8"))
    prefix = prefix_of(svg, theme)
    for node in root.iter():
        if "id" in node.attrib:
            node.set("id", f"{prefix}-{node.get('id')}")
    groups = [g for g in root.iter(f"{{{SVG}}}g") if g.get("class") in GROUPS]
    for group in groups:
        if names:
            name = group.findtext(f"{{{SVG}}}title") or ""
            group.set("data-n", re.sub(r":[nsew]\b", "", name))  # of an edge without its ports
        retitle(group)
    for node in root.iter():
        node.tag = node.tag.removeprefix(f"{{{SVG}}}")
    size = dict(root.attrib)
    root.attrib.clear()
    furnish(root, size, prefix, title, sentence, pairs() if theme == "auto" else None)
    root.set("xmlns", SVG)
    return ET.tostring(root, encoding="unicode")


def prefix_of(svg: bytes, theme: str) -> str:
    """What the ids of a picture start with; a page may show one in two themes."""
    return "gd" + hashlib.sha1(svg + theme.encode(), usedforsecurity=False).hexdigest()[:8]


def furnish(
    root: ET.Element, size: dict, prefix: str, title: str, sentence: str, dark: dict | None
) -> None:
    """What the root of every picture has: width 100 % up to its own size, `role="img"`; in front
    title, description and, under `prefers-color-scheme`, a dark palette.

    `size` holds the renderer's width and viewBox, `dark` the dark colour of each light one.
    """
    points = size.get("width", "").removesuffix("pt")
    width = f"{float(points) * 4 / 3:.0f}px" if points else "none"
    root.attrib.update(
        {
            "id": prefix,
            "viewBox": size.get("viewBox", ""),
            "width": "100%",
            "role": "img",
            "style": f"max-width:{width};height:auto",
            "aria-labelledby": f"{prefix}-title {prefix}-desc",
        }
    )
    front = [ET.Element(tag, {"id": f"{prefix}-{tag}"}) for tag in ("title", "desc")]
    front[0].text, front[1].text = title, sentence
    if dark is not None:
        front.append(ET.Element("style"))
        front[2].text = dark_rules(root, prefix, dark)
    root[:0] = front


def retitle(group):
    """Show the tooltip where a browser looks for it: in <title>, in place of the node's id."""
    title, link = group.find(f"{{{SVG}}}title"), group.find(f".//{{{SVG}}}a[@{{{XLINK}}}title]")
    if title is None:
        return
    if group.get("class") == "graph" or link is None:  # the whole picture has a title of its own
        group.remove(title)
        return
    title.text = link.get(f"{{{XLINK}}}title")
    for wrapper in list(group.iter(f"{{{SVG}}}a")):
        wrapper.tag = f"{{{SVG}}}g"
        wrapper.attrib.clear()


def dark_rules(root: ET.Element, prefix: str, dark: dict) -> str:
    """CSS that maps each light colour in use to its dark one, wherever it fills or strokes."""
    used = {e.get(what) for e in root.iter() for what in ("fill", "stroke")}
    rules = [
        f'#{prefix} [{what}="{light}"]{{{what}:{colour}}}'
        for light, colour in dark.items()
        if light in used
        for what in ("fill", "stroke")
    ]
    return "@media (prefers-color-scheme:dark){" + "".join(rules) + "}"
