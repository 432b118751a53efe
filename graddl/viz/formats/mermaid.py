"""A picture as a Mermaid flowchart, which many sites and editors draw."""

import json
import re

from ..style import Palette
from .outline import Item, outline

_SPECIAL = re.compile(r"[\"&<>#;`\\{}|\[\]()%]")
_HARMLESS = str.maketrans("<>{}", "‹›()")
_COLOUR = re.compile("#[0-9a-fA-F]{6}$")


def mermaid(dot: str, sentence: str, palette: Palette) -> str:
    """The flowchart of a DOT text. Arrows run forward; what goes backward has its colour and words.

    Parameters
    ----------
    dot, sentence : str
        The picture, and its description for those who hear it.
    palette : Palette
        Of the text.
    """
    out = outline(dot)
    title = one_line(out.heading[0] if out.heading else "")
    lines = [
        "---", f"title: {json.dumps(title, ensure_ascii=False)}", "---",
        f"flowchart {'LR' if out.across else 'TB'}",
        f"  accTitle: {title}", f"  accDescr: {one_line(sentence)}",
    ]  # fmt: skip
    ids = {name: f"n{k}" for k, name in enumerate(out.items)}
    inside: dict[tuple, list[str]] = {}
    for name, item in out.items.items():
        inside.setdefault(item.cluster, []).append(f"{ids[name]}{box(item)}")
    lines += [f"  {line}" for line in inside.get((), [])]
    opened: list[str] = []
    for cluster, path in sorted(out.paths.items(), key=lambda pair: pair[1]):
        while opened and opened != list(path[: len(opened)]):
            opened.pop()
            lines.append("  end")
        lines.append(f'  subgraph c{len(lines)}["{escape(out.clusters[cluster]) or " "}"]')
        lines += [f"  {line}" for line in inside.get(path, [])]
        opened.append(cluster)
    lines += ["  end"] * len(opened)
    for k, link in enumerate(out.links):
        arrow = "-.->" if link.dashed else "-->"
        text = f'|"{escape(link.text)}"|' if link.text else ""
        lines.append(f"  {ids[link.tail]} {arrow}{text} {ids[link.head]}")
        if _COLOUR.match(link.colour):
            lines.append(f"  linkStyle {k} stroke:{link.colour}")
    for name, item in out.items.items():
        look = {"fill": item.fill, "stroke": item.border, "color": palette.ink}
        given = [f"{key}:{value}" for key, value in look.items() if _COLOUR.match(value or "")]
        lines.append(f"  style {ids[name]} {','.join(given)}")
    if out.heading[1:]:
        lines.append(f'  legend["{"<br>".join(map(escape, out.heading[1:]))}"]')
        lines.append(f"  style legend fill:none,stroke:none,color:{palette.quiet}")
    return "\n".join(lines) + "\n"


def box(item: Item) -> str:
    text = "<br>".join(map(escape, item.lines)) or " "
    return f'(("{text}"))' if item.shape == "circle" else f'("{text}")'


def escape(text: str) -> str:
    """Signs that mean something to Mermaid or to HTML, by their numbers."""
    return _SPECIAL.sub(lambda match: f"#{ord(match[0])};", " ".join(text.split()))


def one_line(text: str) -> str:
    """For where Mermaid knows no escapes: signs that it or HTML would read become others."""
    return re.sub("%(?=%)", "% ", " ".join(text.split()).translate(_HARMLESS))
