"""Write docs/api/generated/promotion.txt and numpy.txt: in which dtype operands meet, and what each
of NumPy's functions does with a Tensor. Both are read off the package."""

import itertools
from pathlib import Path

import graddl as gd
from op_pages import code, list_table

DTYPES = ("bool", "int64", "float16", "float32", "float64")
NUMBERS = {"True": True, "3": 3, "2.5": 2.5}


def promotion_table() -> str:
    """The dtype of a sum, for Tensors of all dtypes with each other and with Python's numbers."""
    head = ("a + b", *map(code, DTYPES), *(f"{code(text)}" for text in NUMBERS))
    rows = []
    for a in DTYPES:
        x = gd.ones(1, dtype=a)
        others = [*(gd.ones(1, dtype=b) for b in DTYPES), *NUMBERS.values()]
        rows.append((code(a), *(code(str((x + y).dtype)) for y in others)))
    return list_table(head, rows, "auto")


def numpy_table() -> str:
    """NumPy's overridable functions and ufuncs, by what comes of a Tensor."""
    from graddl.numpy_protocol import coverage

    parts = []
    for title, names in coverage().items():
        parts.append(f":{title} ({len(names)}): " + ", ".join(map(code, names)))
    return "\n".join(itertools.chain(parts, [""]))


def write_pages(app) -> None:
    """Write both tables."""
    folder = Path(app.srcdir, "api", "generated")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "promotion.txt").write_text(promotion_table())
    (folder / "numpy.txt").write_text(numpy_table())


def setup(app) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
