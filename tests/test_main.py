"""`python -m graddl`: the table of ops and the state of the installation."""

import subprocess
import sys

import numpy as np

import graddl
from graddl import __main__ as command
from graddl.ops import COMPOSED, TABLE


def run(*arguments):
    line = [sys.executable, "-W", "error", "-m", "graddl", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_ops_lists_every_public_op(capsys):
    assert command.main(["ops"]) == 0
    out = capsys.readouterr().out
    names = [line.split()[0] for line in out.split("\n\n")[0].splitlines()[1:] if line[0] != " "]
    entries = TABLE | COMPOSED
    assert names == [name for name, op in entries.items() if not op.info["hidden"]]
    assert f"{len(names)} entries" in out


def test_ops_prints_the_facts_of_an_entry(capsys):
    assert command.main(["ops", "tanh", "cat", "divide"]) == 0
    rows = capsys.readouterr().out.splitlines()
    tanh = next(row for row in rows if row.startswith("tanh"))
    for fact in ("elementwise", r"\tanh x", "[-3, 3]", "i8>f4 f2 f4 f8", "x: 1 - y * y"):
        assert fact in tanh
    divide = next(i for i, row in enumerate(rows) if row.startswith("divide"))
    assert rows[divide].endswith("a: 1 / b") and rows[divide + 1].strip() == "b: -y / b"
    assert any(row.startswith("concatenate") for row in rows)  # by its alias


def test_ops_refuses_unknown_names(capsys):
    assert command.main(["ops", "tanh", "tangens"]) == 1
    captured = capsys.readouterr()
    assert "tangens" in captured.err and not captured.out


def test_doctor_reports_versions_and_renderers(capsys):
    from graddl._kernels.elementwise import SIMD

    assert command.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert graddl.__version__ in out and np.__version__ in out
    assert f"{SIMD}, for {sum(bool(op.kernels) for op in TABLE.values())} ops" in out
    for name in ("dot", "pygraphviz", "builtin", "mermaid", "text"):
        assert f"draw: {name}" in out


def test_doctor_finds_optional_packages(monkeypatch, capsys):
    lines = ["numpy>=2", 'numpy>=2; extra == "one"', 'no-such-package; extra == "one"',
             'pytest>=8; extra == "dev"']  # fmt: skip
    monkeypatch.setattr("importlib.metadata.requires", lambda name: lines)
    found = command.optional_packages()
    assert found == {"one": {"numpy": np.__version__, "no-such-package": None}}
    assert command.main(["doctor"]) == 0
    assert f"numpy {np.__version__}, no-such-package missing" in capsys.readouterr().out


def test_doctor_says_when_png_needs_more(monkeypatch, capsys):
    monkeypatch.setattr("graddl.viz.backends", lambda: {"dot": None, "pygraphviz": None})
    assert command.main(["doctor"]) == 0
    assert "no PNG, no PDF: pip install 'graddl[viz]'" in capsys.readouterr().out


def test_without_a_command_it_prints_help(capsys):
    assert command.main([]) == 2
    assert "doctor" in capsys.readouterr().out


def test_it_runs_as_a_program():
    done = run("ops", "exp")
    assert (done.returncode, done.stderr) == (0, "") and "e^x" in done.stdout
    assert run("--version").stdout == f"graddl {graddl.__version__}\n"
    assert run("nonsense").returncode == 2


def test_a_closed_pipe_is_no_error():
    line = f"{sys.executable} -W error -m graddl ops | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("name") and done.stderr == ""
