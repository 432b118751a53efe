"""What README.md says is so: its Python runs, its numbers and its picture are the library's."""

import importlib.util
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import graddl

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n^```text\n(.*?)^```\n)?", re.M | re.S)
BLOCKS = BLOCK.findall(README)

needs_a_renderer = pytest.mark.skipif(
    not any(graddl.viz.backends().values()), reason="nothing can render pictures"
)


def test_there_are_blocks():
    assert len(BLOCKS) == README.count("```python") > 0
    assert any(expected for _, expected in BLOCKS)


@needs_a_renderer
@pytest.mark.parametrize(("code", "expected"), BLOCKS, ids=range(len(BLOCKS)))
def test_its_python_runs(code, expected, tmp_path):
    line = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, expected), done.stderr


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links and all((ROOT / link).exists() for link in links)


@needs_a_renderer
def test_its_picture_is_what_the_library_draws(tmp_path):
    """The same texts; where they stand is Graphviz's and may differ from version to version."""
    path = ROOT / "tools" / "make_readme_picture.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.neuron().save(tmp_path / "neuron.svg")
    fresh, kept = (texts(p) for p in (tmp_path / "neuron.svg", tool.PICTURE))
    assert fresh == kept, "run python tools/make_readme_picture.py"


def texts(path):
    """The texts of an SVG, sorted."""
    tag = "{http://www.w3.org/2000/svg}text"
    return sorted("".join(element.itertext()) for element in ET.parse(path).iter(tag))
