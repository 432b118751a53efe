"""Write docs/api/generated: one page per public module, from what the package exports.

Public is what a package offers in its `__init__.py`; the modules inside say how it is done. A name
is documented once, under the shortest path by which a user reaches it. Functions that come from the
op table are left to `op_pages`.
"""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import graddl
from graddl import ops

# Sections of the page on `graddl`: where its names come from, in the order of their use.
SECTIONS = {
    "Values": ("graddl._core", "graddl._tape"),
    "Making tensors": ("graddl.creation",),
    "Random numbers": ("graddl.random",),
    "Derivatives of functions": (
        "graddl.autodiff",
        "graddl.check",
        "graddl.compare",
        "graddl.checkpoint",
        "graddl.function",
        "graddl.bptt",
    ),
    "Dtypes": ("graddl.dtypes",),
    "Pictures": ("graddl",),
    "Modes": ("graddl.modes",),
    "Errors": ("graddl.errors",),
}


def heading(text: str, line: str = "=") -> str:
    """A section title of reStructuredText."""
    return f"{text}\n{line * len(text)}\n"


def public_modules() -> list[ModuleType]:
    """The package and its public packages, the ones with the shortest path first."""
    found = [graddl]
    for info in pkgutil.walk_packages(graddl.__path__, "graddl."):
        public = not any(part.startswith("_") for part in info.name.split("."))
        if public and (info.ispkg or info.name == "graddl.init"):
            found.append(importlib.import_module(info.name))
    return sorted(found, key=lambda module: (module.__name__.count("."), module.__name__))


def public_names(module: ModuleType) -> dict[str, Any]:
    """Classes and functions that a package takes over from its modules."""
    return {
        name: obj
        for name, obj in sorted(vars(module).items())
        if not name.startswith("_")
        and (inspect.isclass(obj) or inspect.isroutine(obj))
        and (getattr(obj, "__module__", None) or "").startswith("graddl")
    }


def entry(path: str, obj: Any) -> str:
    """The directive that documents one object."""
    if not inspect.isclass(obj):
        return f".. autofunction:: {path}\n"
    if issubclass(obj, BaseException):
        return f".. autoexception:: {path}\n   :show-inheritance:\n"
    lines = [f".. autoclass:: {path}", "   :members:", "   :undoc-members:"]
    made = sorted(name for name in ops.FUNCTIONS if hasattr(obj, name))
    if made:  # the op's page has them
        lines.append("   :exclude-members: " + ", ".join(made))
    return "\n".join(lines) + "\n"


def sections(module: ModuleType, names: dict[str, Any]) -> list[str]:
    """The body of a module's page."""

    def entries(chosen: dict[str, Any]) -> list[str]:
        return [entry(f"{module.__name__}.{name}", obj) for name, obj in chosen.items()]

    if module is not graddl:
        return entries(names)
    body = []
    for title, homes in SECTIONS.items():
        body.append(heading(title, "-"))
        body += entries({name: obj for name, obj in names.items() if obj.__module__ in homes})
    known = {home for homes in SECTIONS.values() for home in homes}
    lost = [name for name, obj in names.items() if obj.__module__ not in known]
    if lost:
        raise LookupError(f"no section of the reference takes {', '.join(lost)}")
    return body


def write_pages(app) -> None:
    """Write the pages of all public modules, and the list of them."""
    folder = Path(app.srcdir, "api", "generated")
    folder.mkdir(parents=True, exist_ok=True)
    seen = {id(function) for function in ops.FUNCTIONS.values()}
    pages = []
    for module in public_modules():
        fresh = {name: obj for name, obj in public_names(module).items() if id(obj) not in seen}
        seen |= {id(obj) for obj in fresh.values()}
        if not fresh:
            continue
        name = module.__name__
        body = [heading(name), f".. automodule:: {name}\n", f".. currentmodule:: {name}\n"]
        (folder / f"{name}.rst").write_text("\n".join(body + sections(module, fresh)))
        pages.append(name)
    listing = [heading("Modules"), ".. toctree::\n   :maxdepth: 2\n"]
    listing += [f"   {name}" for name in pages]
    (folder / "modules.rst").write_text("\n".join(listing) + "\n")


def escape_stars(app, what, name, obj, options, lines: list[str]) -> None:
    """Let docstrings say f(*args), as one reads it in a terminal: here a star begins emphasis."""
    for i, line in enumerate(lines):
        if not line.lstrip().startswith(">>>"):
            stars = re.compile(r"(?<=[(, ])(\*{1,2})(?=\w[\w ]*[,)])")
            lines[i] = stars.sub(lambda found: found[0].replace("*", r"\*"), line)


def setup(app) -> dict[str, bool]:
    app.connect("builder-inited", write_pages)
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", escape_stars, priority=100)  # before numpydoc
    return {"parallel_read_safe": True}
