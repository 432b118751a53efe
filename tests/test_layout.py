"""What may import what, and where tests live."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import graddl

TESTS = Path(__file__).parent
PACKAGE = Path(graddl.__file__).parent
MODULES = sorted(p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py"))
CORE = {"_core", "_backward", "modes", "errors"}  # the graph and its words, beneath the table
LAYERS_ABOVE = {"models", "viz", "train", "data"}  # they look at everything; nothing looks at them
OPTIONAL = [
    "matplotlib",
    "PIL",
    "graphviz",
    "pygraphviz",
    "cupy",
    "sklearn",
    "torch",
    "optuna",
    "mpi4py",
]
OF_NO_MODULE = {
    "test_layout.py",
    "test_examples.py",
    "test_stubs.py",
    "test_readme.py",
    "test_tutorials.py",
    "ops/test_table.py",
}  # about the package, about all ops
ABOUT_MANY = ("ops/test_table_", "test_examples_")


def dotted(path):
    parts = list(path.with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(path):
    """Modules of the package that a file imports when it is loaded, as paths relative to the
    package: "ops._define"."""
    package = list(path.parent.parts)
    names = set()
    for node in top_level(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (
                node.module.split(".") if node.module else []
            )
            names.update(
                ".".join([*base, *([a.name] if not node.module else [])]) for a in node.names
            )
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "graddl":
            names.add(node.module.partition(".")[2])
        elif isinstance(node, ast.Import):
            names.update(
                a.name.partition(".")[2] for a in node.names if a.name.split(".")[0] == "graddl"
            )
    return names


def top_level(tree):
    """Statements that run on import: function bodies do not."""
    stack = list(tree.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_directions_of_imports(path):
    """_core <- ops <- everything; viz, train and data at the top."""
    own, names = dotted(path)[:1], {n.split(".")[0] for n in imported(path) if n}
    if own == ["ops"]:
        assert names <= {"_core", "backend", "errors", "modes", "ops", "random"}
    elif own == ["backend"]:
        assert names <= {"_convolution", "_core", "_kernels"}
    elif own == ["_kernels"]:
        assert names <= {"_kernels"}
    elif own:  # the package's own __init__ may name all
        assert not (names & LAYERS_ABOVE) - set(own)


def test_the_core_imports_nothing_but_itself():
    found = set()
    for file in ("_core.pyx", "_core.pxd", "_backward.pyx", "modes.py", "errors.py"):
        text = (PACKAGE / file).read_text()
        lines = re.findall(r"^[ \t]*(?:from|import|cimport)[ \t]+(\.?[\w.]*)(.*)", text, re.M)
        for module, rest in lines:
            own = module.startswith(".") or module.split(".")[0] == "graddl"
            name = module.lstrip(".").removeprefix("graddl.") or rest.split()[1]
            found.update([name] if own else [])
    assert "errors" in found
    assert found <= CORE


def test_import_loads_numpy_only():
    code = f"import sys, graddl; print([m for m in {OPTIONAL} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize(
    "path", sorted(p.relative_to(TESTS) for p in TESTS.rglob("test_*.py")), ids=str
)
def test_tests_mirror_the_package(path):
    name = path.as_posix()
    if name in OF_NO_MODULE or name.startswith(ABOUT_MANY):
        return
    words, folder = path.stem.split("_")[1:], PACKAGE / path.parent
    modules = [
        "_".join(words[:n]) for n in range(1, len(words) + 1)
    ]  # test_core_scalar.py: one side of _core
    candidates = [
        folder / f"{dash}{m}{end}" for m in modules for dash in ("", "_") for end in (".py", ".pyx")
    ]
    candidates += [folder / m / "__init__.py" for m in modules]
    candidates += [folder / f"__{m}__.py" for m in modules]
    assert any(c.exists() for c in candidates), f"{name} tests no module of the package"
