"""The finish of matplotlib's SVG: as all pictures, it scales, is read out and turns dark."""

import re
import xml.etree.ElementTree as ET
from copy import deepcopy

from ..svg import SVG, XLINK, furnish, prefix_of
from .style import FONT, all_pairs

USELESS = {"stroke-dashoffset: 0", "stroke-linecap: butt", "stroke-miterlimit: 100000"}


def finish(svg: bytes, title: str, sentence: str, theme: str) -> str:
    """One SVG element without references to anything outside of it.

    Its root is furnished as that of all pictures; ids have a prefix of their own; colours are
    attributes, so that with theme="auto" CSS can map them to dark ones.
    """
    old = ET.fromstring(svg)
    prefix = prefix_of(svg, theme)
    root = ET.Element("svg", {"xmlns": SVG})
    shapes = {e.get("id"): e for e in old.iter(f"{{{SVG}}}path") if e.get("id")}
    clips = {e.get("id"): f"{prefix}-c{k}" for k, e in enumerate(old.iter(f"{{{SVG}}}clipPath"))}
    root.extend(drawn(child, shapes) for child in old if child.tag == f"{{{SVG}}}g")
    defs = ET.SubElement(root, "defs")
    defs.extend(deepcopy(e) for e in old.iter(f"{{{SVG}}}clipPath"))
    for e in root.iter():
        e.tag = e.tag.removeprefix(f"{{{SVG}}}")
        e.text = e.text if e.tag == "text" else None
        e.tail = None
        tidy(e, clips)
    furnish(root, old.attrib, prefix, title, sentence, all_pairs() if theme == "auto" else None)
    return ET.tostring(root, encoding="unicode")


def drawn(group: ET.Element, shapes: dict) -> ET.Element:
    """A copy in which markers are paths of their own, in place of references to one."""
    out = deepcopy(group)
    for parent in list(out.iter()):
        for k, child in enumerate(list(parent)):
            if child.tag == f"{{{SVG}}}use":
                shape = deepcopy(shapes[child.get(f"{{{XLINK}}}href", "")[1:]])
                shape.set("style", f"{shape.get('style', '')}; {child.get('style', '')}")
                shape.set("transform", f"translate({child.get('x', 0)} {child.get('y', 0)})")
                parent[k] = shape
        for child in list(parent):
            if child.tag == f"{{{SVG}}}defs":
                parent.remove(child)
    return out


def tidy(e: ET.Element, clips: dict) -> None:
    """Styles as attributes, short paths, ids that no other picture has."""
    for part in filter(None, e.attrib.pop("style", "").split("; ")):
        if part not in USELESS:
            name, value = part.split(":", 1)
            e.set(name, value.strip())
    own = e.attrib.pop("id", None)
    if e.tag == "clipPath":
        e.set("id", clips[own])
    if "clip-path" in e.attrib:
        e.set("clip-path", f"url(#{clips[e.get('clip-path', '')[5:-1]]})")
    if "font-family" in e.attrib:
        e.set("font-family", FONT)
    if "d" in e.attrib:
        e.set("d", re.sub(r"(\.\d\d)\d+", r"\1", " ".join(e.get("d", "").split())))
    if e.get("transform", "").startswith("rotate(-0 "):
        del e.attrib["transform"]
