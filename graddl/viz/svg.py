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

    Width 100 % up to its own size; `role="img"` with title and description; ids with a prefix of
    their own; tooltips as `<title>`; no document type (it names a file on the network). With
    `theme="auto"` a dark palette under `prefers-color-scheme`. With `names` each group keeps the
    id that it has in the DOT text, as `data-n`.
    """
    root = ET.fromstring(svg.decode("utf-8"))
    key = svg + theme.encode()  # a page may show a picture in two themes
    prefix = "gd" + hashlib.sha1(key, usedforsecurity=False).hexdigest()[:8]
    points = root.get("width", "").removesuffix("pt")
    box = root.get("viewBox", "")
    for node in root.iter():
        if "id" in node.attrib:
            node.set("id", f"{prefix}-{node.get('id')}")
    groups = [g for g in root.iter(f"{{{SVG}}}g") if g.get("class") in GROUPS]
    for group in groups:
        if names:
            name = group.findtext(f"{{{SVG}}}title") or ""
            group.set("data-n", re.sub(r":[nsew]\b", "", name))  # of an edge without its ports
        retitle(group)
    used = {e.get(name) for e in root.iter() for name in ("fill", "stroke")}
    root.attrib.clear()
    width = f"{float(points) * 4 / 3:.0f}px" if points else "none"
    root.attrib.update(
        {
            "id": prefix,
            "viewBox": box,
            "width": "100%",
            "role": "img",
            "style": f"max-width:{width};height:auto",
            "aria-labelledby": f"{prefix}-title {prefix}-desc",
        }
    )
    front = []
    for tag, text in (("title", title), ("desc", sentence)):
        front.append(ET.Element(f"{{{SVG}}}{tag}", {"id": f"{prefix}-{tag}"}))
        front[-1].text = text
    if theme == "auto":
        front.append(ET.Element(f"{{{SVG}}}style"))
        front[-1].text = dark_rules(prefix, used)
    for k, element in enumerate(front):
        root.insert(k, element)
    for node in root.iter():
        node.tag = node.tag.removeprefix(f"{{{SVG}}}")
    root.set("xmlns", SVG)
    return ET.tostring(root, encoding="unicode")


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


def dark_rules(prefix: str, used: set) -> str:
    """CSS that maps each light colour in use to its dark one, wherever it fills or strokes."""
    rules = [
        f'#{prefix} [{what}="{light}"]{{{what}:{dark}}}'
        for light, dark in pairs().items()
        if light in used
        for what in ("fill", "stroke")
    ]
    return "@media (prefers-color-scheme:dark){" + "".join(rules) + "}"
