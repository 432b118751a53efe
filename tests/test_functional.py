"""graddl.functional: the public ops of the table by name."""

import subprocess
import sys

import graddl as gd
from graddl import functional as F
from graddl.ops import FUNCTIONS, TABLE


def test_every_public_op_is_there_under_all_its_names():
    hidden = {name for name, op in TABLE.items() if op.info["hidden"]}
    assert hidden and sorted(F.__all__) == sorted(FUNCTIONS.keys() - hidden)
    for name in F.__all__:
        assert getattr(F, name) is getattr(gd, name) is FUNCTIONS[name]
    assert not [name for name in hidden if hasattr(F, name) or hasattr(gd, name)]


def test_it_has_nothing_else_to_offer():
    public = {name for name in vars(F) if not name.startswith("_")}
    assert public - set(F.__all__) == {"FUNCTIONS"}


def test_its_functions_compute():
    x = gd.tensor([-1.0, 2.0], requires_grad=True)
    F.relu(x).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0]
    assert F.cat([x, x]).shape == (4,)


LATER = """
import graddl as gd
from graddl.ops._define import elementwise
elementwise("later", lambda xp, x: x * 3, d={"x": 3}, tex="3x", doc="A test.")
print(gd.functional.later(2.0).item(), gd.functional.later is gd.later)
"""


def test_an_op_that_is_defined_later_is_there_too():
    line = [sys.executable, "-W", "error", "-c", LATER]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.stdout == "6.0 True\n", done.stderr
