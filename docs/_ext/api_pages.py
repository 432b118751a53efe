"""Write docs/api/generated: one page per public module, from what the package exports.

A name is documented once, under the shortest path by which a user reaches it. Functions that
come from the op table are left to `op_pages`.
"""

import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import graddl
from graddl import ops


def heading(text: str, line: str = "=") -> str:
    """A section title of reStructuredText."""
    return f"{text}\n{line * len(text)}\n"


def public_modules() -> list[ModuleType]:
    """The package and its public modules, the ones with the shortest path first."""
    found = [graddl]
    for info in pkgutil.walk_packages(graddl.__path__, "graddl."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            found.append(importlib.import_module(info.name))
    return sorted(found, key=lambda module: (module.__name__.count("."), module.__name__))


def public_names(module: ModuleType) -> list[tuple[str, Any]]:
    """Classes and functions that a module offers: what it lists in `__all__`; else what it defines
    or, in an `__init__.py`, takes over from other modules of graddl."""
    listed = getattr(module, "__all__", None)
    home = "graddl" if hasattr(module, "__path__") or listed else module.__name__
    names = [name for name in listed or sorted(vars(module)) if not name.startswith("_")]
    return [
        (name, obj)
        for name, obj in ((name, getattr(module, name)) for name in names)
        if (inspect.isclass(obj) or inspect.isroutine(obj))
        and (getattr(obj, "__module__", None) or "").startswith(home)
    ]


def entry(path: str, obj: Any) -> str:
    """The directive that documents one object."""
    if not inspect.isclass(obj):
        return f".. autofunction:: {path}\n"
    kind = "autoexception" if issubclass(obj, BaseException) else "autoclass"
    return f".. {kind}:: {path}\n   :members:\n"


def write_pages(app) -> None:
    """Write the pages of all public modules, and the list of them."""
    folder = Path(app.srcdir, "api", "generated")
    folder.mkdir(parents=True, exist_ok=True)
    seen = {id(getattr(graddl, name, None)) for name in ops.TABLE}
    pages = []
    for module in public_modules():
        fresh = {name: obj for name, obj in public_names(module) if id(obj) not in seen}
        seen |= {id(obj) for obj in fresh.values()}
        if not fresh:
            continue
        name = module.__name__
        body = [heading(name), f".. automodule:: {name}\n", f".. currentmodule:: {name}\n"]
        body += [entry(f"{name}.{key}", obj) for key, obj in fresh.items()]
        (folder / f"{name}.rst").write_text("\n".join(body))
        pages.append(name)
    listing = [heading("Modules"), ".. toctree::\n", *(f"   {name}" for name in pages)]
    (folder / "modules.rst").write_text("\n".join(listing) + "\n")


def setup(app) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
