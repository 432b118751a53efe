"""Print what pyproject.toml requires for a build, one requirement per line."""

import tomllib
from pathlib import Path

pyproject = Path(__file__).parents[1] / "pyproject.toml"
print(*tomllib.loads(pyproject.read_text())["build-system"]["requires"], sep="\n")
