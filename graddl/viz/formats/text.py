"""A picture as an indented tree: the result first, under it what it was computed from."""

from .outline import Outline, outline


def text(dot: str) -> str:
    """The tree of a DOT text.

    A node with one input goes on in the next line, one with several forks. What was printed before
    is named again, with an arrow up.
    """
    out = outline(dot)
    into: dict[str, list[tuple[str, str]]] = {}
    used = set()
    for link in out.links:
        into.setdefault(link.head, []).append((link.tail, link.text))
        used.add(link.tail)
    lines = [*out.heading, ""]
    seen: set[str] = set()
    ends = [name for name in out.items if name not in used]
    for start in [*ends, *out.items]:
        if start not in seen:
            walk(out, into, start, lines, seen)
    return "\n".join(lines).rstrip() + "\n"


def walk(out: Outline, into: dict, start: str, lines: list[str], seen: set[str]) -> None:
    """Print `start` and all that it was computed from."""
    stack = [(start, "", "", "")]
    while stack:
        name, mark, rest, on_edge = stack.pop()
        item = out.items[name]
        first = item.lines[0] if item.lines else "·"
        words = " · ".join(item.lines) or "·"
        after = f"   [{on_edge}]" if on_edge else ""
        if name in seen:
            lines.append(f"{mark}{first} ↑{after}")
            continue
        seen.add(name)
        lines.append(f"{mark}{words}{after}")
        inputs = into.get(name, [])
        if len(inputs) == 1:
            stack.append((inputs[0][0], f"{rest}← ", rest, inputs[0][1]))
            continue
        for k, (tail, text_on) in reversed(list(enumerate(inputs))):
            last = k == len(inputs) - 1
            fork, bar = ("└─ ", "   ") if last else ("├─ ", "│  ")
            stack.append((tail, rest + fork, rest + bar, text_on))
