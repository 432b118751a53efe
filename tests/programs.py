"""The programs of `examples/`, as modules, and the tables that they write."""

import csv
import importlib.util
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
