"""`graddl draw FILE:NAME -o PATH`: what it draws, and what it says where it cannot."""

import sys

import pytest

import graddl as gd
from graddl import __main__ as command
from graddl.viz.command import draw_file, shape_of

FILE = """
import sys
import graddl as gd
import beside

assert __name__ != "__main__" and len(sys.argv) == 1
x = gd.Scalar(2.0)
loss = (x * beside.factor).tanh()
net = gd.nn.Sequential(gd.nn.Linear(4, 3), gd.nn.ReLU())
number = 3

def build():
    return x * 5

def broken():
    raise ValueError("not today")
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADDL_RENDERER", "builtin")
    (tmp_path / "beside.py").write_text("factor = 3\n")
    (tmp_path / "model.py").write_text(FILE)
    yield tmp_path / "model.py"
    sys.modules.pop("beside", None)


def run(capsys, *arguments):
    status = command.main(["draw", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_a_variable(file, capsys):
    path, arguments = list(sys.path), list(sys.argv)
    status, out, err = run(capsys, "model.py:loss", "-o", "loss.svg", "--mode", "grad")
    assert (status, err) == (0, "")
    assert out.startswith("loss.svg: <Drawing of loss = tanh(") and "mode='grad'" in out
    svg = (file.parent / "loss.svg").read_text()
    assert ">x<" in svg and ">loss<" in svg  # the file's variables name what has no name
    assert (sys.path, sys.argv) == (path, arguments)


def test_a_function_a_module_and_the_options(file, capsys):
    assert run(capsys, "model.py:build", "-o", "a.dot", "--theme", "dark")[0] == 0
    assert "#111827" in (file.parent / "a.dot").read_text()
    assert run(capsys, "model.py:net", "-o", "b.txt", "--input", "1x4", "--detail", "ops")[0] == 0
    assert "1×4" in (file.parent / "b.txt").read_text()
    assert run(capsys, "model.py:loss", "--max-nodes", "8")[0] == 0
    assert (file.parent / "graph.svg").is_file()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["model.py"], 2, ["FILE:NAME", "graddl draw model.py:loss -o graph.svg"]),
        (["model.py:"], 2, ["FILE:NAME"]),
        (["model.py:loss", "-o", "a.gif"], 2, ["kind of file", "svg or png", "-o graph.svg"]),
        (["model.py:loss", "--mode", "sideways"], 2, ["unknown mode", "chain"]),
        (["model.py:net", "--input", "4,4"], 2, ["--input 1x4"]),
        (["model.py:net"], 2, ["needs an input"]),
        (["model.py:loss", "-o", "no/such.svg"], 1, ["no folder no", "mkdir -p no"]),
        (["nothing.py:loss"], 1, ["no file nothing.py"]),
        (["model.py:los"], 1, ["no 'los'", "x, loss, net", "graddl draw model.py:loss"]),
        (["model.py:number"], 1, ["number is no value with a graph", "a Tensor"]),
        (["model.py:broken"], 1, ["model.py, line 16: ValueError: not today"]),
    ],
)
def test_what_is_wrong_is_said(file, capsys, arguments, status, words):
    got, out, err = run(capsys, *arguments)
    assert (got, out) == (status, "") and err.startswith("graddl draw: ")
    for word in words:
        assert word in err
    assert {p.name for p in file.parent.iterdir()} <= {"beside.py", "model.py", "__pycache__"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("x = 1\n1 / 0\n", "line 2: ZeroDivisionError"), ("x = (\n", "line 1: SyntaxError"),
     ("import sys\nsys.exit(3)\n", "line 2: SystemExit: 3"), ("import no_such_module", "line 1: ")],
)  # fmt: skip
def test_an_error_in_the_file(file, capsys, text, said):
    file.write_text(text)
    status, _, err = run(capsys, "model.py:x")
    assert status == 1 and f"model.py, {said}" in err and "Traceback" not in err


def test_a_missing_renderer(file, capsys):
    status, _, err = run(capsys, "model.py:loss", "-o", "a.png")
    assert status == 1 and "pip install graddl[viz]" in err


def test_from_python(file):
    assert "tanh" in draw_file("model.py:loss", "a.json", [])
    with pytest.raises(gd.GraddlError, match="no 'nothing'"):
        draw_file("model.py:nothing", "a.json", [])


def test_shapes():
    assert shape_of("1x4") == (1, 4) and shape_of("32×3X8") == (32, 3, 8) and shape_of("7") == (7,)
