"""Every tutorial runs from top to bottom; the numbers that it speaks of are asserted in it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIALS = sorted(Path(__file__).parents[1].glob("tutorials/[0-9]*.py"))


def test_there_are_tutorials():
    assert TUTORIALS


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_it_runs(path, tmp_path):
    line = [sys.executable, "-W", "error", str(path)]
    done = subprocess.run(
        line, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text())))
    assert not list(tmp_path.iterdir())  # it leaves nothing behind
