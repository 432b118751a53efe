"""A picture as JSON: all that the GraphView knows, for other programs."""

import dataclasses
import json as _json
import math
from typing import Any

from .outline import outline


def json(view: Any, dot: str, sentence: str) -> str:
    """Nodes and edges of a view, each with its kind; of views that are no dataclass what DOT says.

    JSON has no NaN and no infinity: they are the texts "NaN", "Infinity" and "-Infinity".
    """
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        found = {f.name: part(getattr(view, f.name)) for f in dataclasses.fields(view)}
    else:
        out = outline(dot)
        found = {"title": view.title, "nodes": part(list(out.items.values())),
                 "edges": part(out.links), "legend": out.heading[1:]}  # fmt: skip
    return _json.dumps(
        {"description": sentence, **found}, ensure_ascii=False, allow_nan=False, indent=1
    )


def part(value: Any) -> Any:
    """Plain data of JSON's kinds. The parts of a picture are a few levels deep, never a graph."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: part(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__.lower(), **fields}
    if isinstance(value, dict):
        return {str(key): part(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [part(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, str | int | float | None) else str(value)
