"""Write docs/api/generated/ops: one page per op, and the table of all of them; and the table of
names that NumPy and PyTorch use differently.

Everything on a page comes from the op's entry in `graddl.ops`.
"""

import inspect
import textwrap
from pathlib import Path
from typing import Any

import graddl
from api_pages import heading
from graddl import ops
from graddl.backend import REASONS
from graddl.ops import _describe

CLASSES = "Tensor", "Scalar"

# name -> what NumPy and graddl mean by it; what PyTorch means; what to write for that.
CLASHES = {
    "max": (
        "``max(x, axis=0)`` is the values; ties share the gradient",
        "``max(x, dim=0)`` is a pair of values and indices",
        "``max(x, axis=0)`` and ``argmax(x, axis=0)``",
    ),
    "min": ("as max", "as max", "``min(x, axis=0)``"),
    "split": (
        "``split(x, 2)`` is 2 pieces; a tuple says where to cut",
        "``split(x, 2)`` is pieces of length 2; a list says how long they are",
        "``split(x, (2, 4))`` for pieces of length 2 of an axis of 6",
    ),
    "transpose": (
        "``transpose(x)`` reverses all axes; ``axes`` is their new order",
        "``transpose(x, 0, 1)`` exchanges two axes",
        "``transpose(x, axes=(1, 0, 2))``, ``matrix_transpose(x)``",
    ),
    "squeeze": (
        "``squeeze(x, axis=0)`` is an error where the axis is longer than 1",
        "leaves such an axis as it is",
        "``x if x.shape[0] > 1 else squeeze(x, axis=0)``",
    ),
    "equal": (
        "``equal(a, b)`` compares element by element",
        "``equal(a, b)`` is one truth value for all; ``eq`` compares elements",
        "``all(equal(a, b))``",
    ),
    "std": ("divides by n", "divides by n − 1", "``ddof=1``"),
    "var": ("divides by n", "divides by n − 1", "``ddof=1``"),
    "median": ("the mean of the two in the middle", "the lower of the two", "``sort`` and index"),
    "repeat": ("each element so often", "the whole so often", "``tile``"),
    "pad": ("a pair for each axis, the first axis first", "pairs for the last axis first", "–"),
    "norm": (
        "``norm(x, 2)`` of a matrix is its largest singular value",
        "``torch.norm(x, 2)`` is that of all elements in a row",
        "``norm(x)``, ``vector_norm(x, ord=2)``",
    ),
    "nonzero": ("an array of indices for each axis", "a row of indices for each", "``argwhere``"),
    "meshgrid": ("``indexing='xy'``", "``indexing='ij'``", "``meshgrid(x, y, indexing='ij')``"),
    "cross": ("vectors of 3 along ``axis=-1``", "the same; ``torch.cross`` is older", "–"),
    "unique": ("with gradient, of the first of equal ones", "no gradient", "–"),
    "sort": ("the values", "a pair of values and indices", "``sort`` and ``argsort``"),
}


def public_ops() -> list[Any]:
    """The ops that users can call; the others are made for rules alone."""
    return [op for op in (ops.TABLE | ops.COMPOSED).values() if not op.info["hidden"]]


def code(text: str) -> str:
    """Text in fixed width."""
    return f"``{text}``"


def rules(op: Any) -> list[str]:
    """The derivatives of an op, a line for each input."""
    found = {a: rule for a, rule in _describe.derivatives(op).items() if rule != "–"}
    return [f"| {a}: {code(rule)}" for a, rule in found.items()] or ["none"]


def helpers(op: Any) -> list[str]:
    """The source of the functions that the rules of an op call."""
    found = {}
    for rule in filter(callable, (op.forward, *op.info["rules"].values())):
        for name in rule.__code__.co_names:
            if inspect.isfunction(rule.__globals__.get(name)):
                found[name] = inspect.getsource(rule.__globals__[name])
    text = "\n\n".join(found.values())
    return ["", ".. code-block:: python\n", textwrap.indent(text, "   ")] if found else []


def results(op: Any) -> str:
    """The dtypes that an op takes, and what it gives for each."""
    return ", ".join(
        code(a) if a == b else f"{code(a)} → {code(b)}" for a, b in _describe.dtypes(op).items()
    )


def methods(op: Any) -> str:
    """The methods that are this op."""
    return ", ".join(
        code(f"{c}.{op.name}") for c in CLASSES if hasattr(getattr(graddl, c), op.name)
    )


def page(op: Any) -> str:
    """The page of one op. Its formula stands in the docstring of the function."""
    file = Path(inspect.getsourcefile(op.forward) or "").name
    facts = {
        "Kind": op.kind,
        "In pictures": code(op.info["symbol"]),
        "Methods": methods(op),
        "Derivatives": "" if op.kind == "composed" else "\n   ".join(rules(op)),
        "Made as": code(_describe.source(op.forward)) if op.kind == "composed" else "",
        "In PyTorch": code(op.info["torch"]) if op.info["torch"] else "",
        "Unlike PyTorch": op.info["differs"],
        "Beyond the array API": ", ".join(map(code, _describe.primitives(op))),
        "Saved": ", ".join(map(code, op.residuals)),
        "Domain": _describe.domain(op),
        "Dtypes": results(op),
        "Kernels": ", ".join(_describe.kernels(op)) or "none",
        "Entry": code(f"graddl/ops/{file}"),
    }
    lines = [heading(op.name), f".. autofunction:: graddl.{op.name}\n"]
    lines += [f":{key}: {value}" for key, value in facts.items() if value]
    return "\n".join([*lines, *helpers(op)]) + "\n"


def row(cells: tuple[str, ...]) -> str:
    """One line of a list-table."""
    return "   * - " + "\n     - ".join(cells)


def list_table(head: tuple[str, ...], rows: list[tuple[str, ...]], widths: str) -> str:
    """A table with a line of titles."""
    options = f"   :header-rows: 1\n   :widths: {widths}\n"
    return "\n".join([".. list-table::", options, *map(row, [head, *rows]), ""])


def namespaces() -> list[str]:
    """Which namespaces run the entries, and which leave the array API for a primitive, and why."""
    users: dict[str, list[str]] = {}
    for op in public_ops():
        for name in _describe.primitives(op):
            users.setdefault(name, []).append(op.name)
    rows = [
        (code(name), REASONS[name], ", ".join(map(code, users[name]))) for name in sorted(users)
    ]
    everywhere = len(public_ops()) - len({op for ops_ in users.values() for op in ops_})
    return [
        heading("Namespaces", "-"),
        "Forward and rules of every entry run on NumPy, on Tensors and on a strict array API, "
        f"{everywhere} of {len(public_ops())} within the standard. The others leave it for these "
        "primitives, which each backend supplies:\n",
        list_table(("Primitive", "Why", "Used by"), rows, "15 35 50"),
    ]


def ops_page() -> str:
    """The tables of ops, by family."""
    families: dict[str, list[tuple[str, ...]]] = {}
    for op in public_ops():
        cells = (
            f":doc:`{op.name} <ops/{op.name}>`",
            f":math:`{op.info['tex']}`",
            "\n       ".join(rules(op)),
            op.info["doc"],
        )
        families.setdefault(op.info["family"], []).append(cells)
    parts = [
        heading("Ops"),
        "All of these are functions of ``graddl``, and most are methods of ``Tensor`` and "
        "``Scalar``. Derivatives are the rules of the table: ``x`` and the like are the inputs, "
        "``y`` the result, ``xp`` the array namespace, ``g`` the gradient of the result. A rule "
        "without ``g`` is multiplied by it. A function made of others shows how, as ``y``.\n",
    ]
    head = ("Name", "Formula", "Derivatives", "What it does")
    for family, rows in families.items():
        parts += [heading(family.capitalize(), "-"), list_table(head, rows, "15 20 40 25")]
    parts += namespaces()
    parts += [".. toctree::\n   :hidden:\n", *(f"   ops/{op.name}" for op in public_ops())]
    return "\n".join(parts) + "\n"


def clashes_table() -> str:
    """The names with two meanings, of those that graddl has."""
    head = ("Name", "NumPy and graddl", "PyTorch", "For PyTorch's meaning write")
    rows = [
        (f":doc:`{name} <generated/ops/{name}>`", *cells)
        for name, cells in CLASHES.items()
        if name in ops.FUNCTIONS
    ]
    return list_table(head, rows, "10 30 30 30")


def write_pages(app) -> None:
    """Write a page for each op of the table, the tables by family, and the table of clashes."""
    folder = Path(app.srcdir, "api", "generated")
    (folder / "ops").mkdir(parents=True, exist_ok=True)
    for op in public_ops():
        (folder / "ops" / f"{op.name}.rst").write_text(page(op))
    (folder / "ops.rst").write_text(ops_page())
    (folder / "clashes.txt").write_text(clashes_table())


def setup(app) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
