"""What holds for every model."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import graddl as gd
from graddl import models
from tests.models.cases import CASES, made, of_parameters, run, weighted

every = pytest.mark.parametrize("name", CASES)


def test_every_model_is_a_case():
    public = {value for value in vars(models).values() if isinstance(value, type)}
    assert {kind for kind, *_ in CASES.values()} == public


def test_loaded_when_used():
    code = (
        "import sys, graddl as gd; assert 'graddl.models' not in sys.modules; "
        "assert gd.models.MLP((2, 1)).num_parameters() == 3; assert 'graddl.models' in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    with pytest.raises(AttributeError, match="modles"):
        _ = gd.modles


@pytest.mark.parametrize(
    "name", sorted(CASES.keys() - {"lenet"})
)  # its size is given: see test_lenet
def test_derivatives(name):
    f, values = of_parameters(*made(name))
    assert gd.gradcheck(f, values, eps=1e-5)  # smaller steps stay on one side of each kink


@every
def test_gradient_reaches_every_parameter(name):
    model, inputs = made(name)
    weighted(run(model, inputs)).backward()
    without = [key for key, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == (["rbm.visible_bias"] if name == "rbm_classifier" else [])
    assert all(p.name == key for key, p in model.named_parameters())


@every
def test_state_dict_round_trip(name):
    (model, inputs), (other, _) = made(name), made(name, seed=1)
    run(model, inputs)  # running statistics move

    def outputs(model):
        return [y.tolist() for y in run(model.eval(), inputs)]

    assert outputs(model) != outputs(other)
    other.load_state_dict(model.state_dict())
    assert outputs(model) == outputs(other)


@every
def test_generator_makes_the_initial_numbers(name):
    (a, _), (b, _), (c, _) = made(name), made(name), made(name, seed=1)

    def values(model):
        return [p.tolist() for p in model.parameters()]

    assert values(a) == values(b) != values(c)


@every
def test_float32_is_the_default_and_stays(name):
    kind, arguments, options, inputs = CASES[name]
    model = kind(*arguments, **options)
    inputs = [x.astype("f4") if x.dtype.kind == "f" else x for x in inputs]
    assert {y.dtype for y in run(model, inputs)} == {np.dtype("f4")}


@every
def test_picture_and_summary(name):
    model, inputs = made(name)
    ys = run(model, inputs)
    drawing = gd.draw(weighted(ys))
    assert drawing.dot.startswith("digraph") and drawing.view.nodes
    shapes = [x.shape for x in inputs]
    if inputs[0].dtype.kind == "f":
        table = model.summary(*shapes)
    elif inputs[-1].dtype.kind == "b":
        table = model.summary(*inputs)
    else:
        table = model.summary(*shapes, dtype="int64")
    assert table.parameters == model.num_parameters() > 0 and table.flops > 0
    assert all(row.calls for row in table.rows if row.type != "ModuleList")
    shape = table.rows[0].shape
    assert ys[0].shape == (shape[0] if isinstance(shape[0], tuple) else shape)


@pytest.mark.parametrize("name", [info.name for info in pkgutil.iter_modules(models.__path__)])
def test_examples(name):
    module = importlib.import_module(f"graddl.models.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0 and (result.attempted or name.startswith("_"))
