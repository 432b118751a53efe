import importlib.util
import pathlib

import pytest

_spec = importlib.util.spec_from_file_location(
    "viz_graphs", pathlib.Path(__file__).with_name("graphs.py")
)
_graphs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_graphs)


def pytest_generate_tests(metafunc):
    if "graph" in metafunc.fixturenames:
        metafunc.parametrize("graph", _graphs.GRAPHS.values(), ids=_graphs.GRAPHS.keys())


@pytest.fixture
def graphs():
    """The module of shared graphs: test files are not importable from one another."""
    return _graphs
