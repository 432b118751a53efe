"""Write docs/api/generated/ops: one page per op, and the table of all of them.

Everything on a page comes from the op's entry in `graddl.ops.TABLE`.
"""

import inspect
from pathlib import Path
from typing import Any

import graddl
from api_pages import heading
from graddl import ops

CLASSES = "Tensor", "Scalar"


def fact(op: Any, key: str) -> str:
    """A field of an op's entry, or the empty string."""
    return getattr(op, key, None) or getattr(op, "info", {}).get(key) or ""


def public_ops() -> list[Any]:
    """The ops that users can call; the others are made for rules alone."""
    return [op for op in ops.TABLE.values() if inspect.isroutine(getattr(graddl, op.name, None))]


def page(op: Any) -> str:
    """The page of one op. Its formula stands in the docstring of the function."""
    facts = {
        "Kind": op.kind,
        "In pictures": f"``{fact(op, 'symbol') or op.name}``",
        "Methods": ", ".join(
            f"``{name}.{op.name}``" for name in CLASSES if hasattr(getattr(graddl, name), op.name)
        ),
    }
    return "\n".join(
        [
            heading(op.name),
            f".. autofunction:: graddl.{op.name}\n",
            *(f":{key}: {value}" for key, value in facts.items() if value),
            "",
        ]
    )


def row(op: Any) -> str:
    """One line of the table: name, symbol, formula, summary."""
    cells = [
        f":doc:`{op.name} <ops/{op.name}>`",
        f"``{fact(op, 'symbol') or op.name}``",
        f":math:`{fact(op, 'tex')}`" if fact(op, "tex") else "",
        " ".join(fact(op, "doc").split()),
    ]
    return "   * - " + "\n     - ".join(cells)


def write_pages(app) -> None:
    """Write a page for each op of the table and the tables by kind."""
    folder = Path(app.srcdir, "api", "generated")
    (folder / "ops").mkdir(parents=True, exist_ok=True)
    kinds: dict[str, list[Any]] = {}
    for op in public_ops():
        kinds.setdefault(str(op.kind), []).append(op)
        (folder / "ops" / f"{op.name}.rst").write_text(page(op))

    parts = [heading("Ops")]
    for kind, entries in kinds.items():
        parts += [
            heading(kind.capitalize(), "-"),
            ".. list-table::\n   :header-rows: 1\n",
            "   * - Name\n     - In pictures\n     - Formula\n     - What it does",
            "\n".join(map(row, entries)) + "\n",
        ]
    parts += [".. toctree::\n   :hidden:\n", *(f"   ops/{op.name}" for op in public_ops())]
    (folder / "ops.rst").write_text("\n".join(parts) + "\n")


def setup(app) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
