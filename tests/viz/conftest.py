import functools
import importlib.util
import pathlib
import sys

import pytest

import graddl as gd


def load(name):
    path = pathlib.Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"viz_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


_graphs, _loops, _boxes = load("graphs"), load("loops"), load("boxes")


def pytest_generate_tests(metafunc):
    if "graph" in metafunc.fixturenames:
        metafunc.parametrize("graph", _graphs.GRAPHS.values(), ids=_graphs.GRAPHS.keys())
    if "loop" in metafunc.fixturenames:
        metafunc.parametrize("loop", _loops.LOOPS.values(), ids=_loops.LOOPS.keys())


@pytest.fixture
def graphs():
    """The module of shared graphs: test files are not importable from one another."""
    return _graphs


@pytest.fixture
def loops():
    """The module of shared loops over time."""
    return _loops


@pytest.fixture
def boxes():
    """The module that reads boxes and texts off an SVG."""
    return _boxes


@pytest.fixture(scope="session")
def rendered():
    """A function (graph, backend) -> Drawing that has its SVG: each is made once for all tests."""

    @functools.cache
    def rendered(graph, backend):
        root, options = graph()
        drawing = gd.draw(root, **{**options, "theme": "auto"})
        drawing.backend = backend
        drawing.svg()
        return drawing

    return rendered
