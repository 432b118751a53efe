"""The stubs of what the table makes: fresh, and of use to a type checker."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "tools" / "make_stubs.py"

USES = """
import graddl as gd
from graddl import functional as F

x = gd.tensor([1.0], requires_grad=True)
s = gd.Scalar(2.0)
reveal_type(gd.tanh(x))
reveal_type(F.tanh(s))
reveal_type(gd.maximum(s, 1.0))
reveal_type(gd.maximum(1.0, s))
reveal_type(gd.maximum(x, s))
reveal_type(x.sum(axis=(0, 1), keepdims=True).reshape(2, 3))
reveal_type(s.clip(0.0, max=1.0))
reveal_type(x < 1)
reveal_type(s < 1)
reveal_type(gd.split(x, sections=2))
reveal_type(gd.nn.Parameter([1.0]).exp())
gd.tanhh(x)
x.sum(axes=0)
gd.viz.draw(x)
"""
TYPES = ["Tensor", "Scalar", "Scalar", "Scalar", "Tensor", "Tensor", "Scalar", "Tensor", "bool"]
TYPES += ["tuple[Tensor, ...]", "Tensor"]


@pytest.mark.skipif(not SCRIPT.exists(), reason="the source tree is not there")
def test_they_are_what_make_stubs_writes():
    pytest.importorskip("ruff")
    line = [sys.executable, str(SCRIPT), "--check"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_type_checker_knows_what_comes_of_an_op(tmp_path, monkeypatch, cache):
    api = pytest.importorskip("mypy.api")
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    file = tmp_path / "uses.py"
    file.write_text(USES)
    options = ["--config-file", "", "--cache-dir", str(cache.mkdir("mypy"))]
    out, _, _ = api.run([*options, str(file)])
    lines = out.replace("graddl._core.", "").replace("builtins.", "").splitlines()
    revealed = [line.split('"')[1] for line in lines if "Revealed type" in line]
    assert revealed == TYPES
    errors = [line for line in lines if ": error:" in line]
    assert len(errors) == 2 and '"tanhh"' in errors[0] and '"axes"' in errors[1]
