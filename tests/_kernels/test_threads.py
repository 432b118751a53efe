"""Work shared by threads: all of it, in order, the same from run to run, and in a forked child."""

import multiprocessing
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from graddl._kernels import _threads
from graddl._kernels import convolution as kernels
from tests._kernels.test_convolution import agreeing, case


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr(_threads, "THREADS", 3)
    monkeypatch.setattr(_threads, "LEAST", 1)
    monkeypatch.setattr(_threads, "CALL", 0)
    monkeypatch.setattr(_threads, "_pools", [])
    yield
    for pool in _threads._pools:
        pool.shutdown()


def test_parts_cover_all_in_order(many):
    assert _threads.shared(lambda a, b: (a, b), 10, 100, 1) == [(0, 3), (3, 6), (6, 10)]
    assert _threads.shared(lambda a, b: (a, b), 2, 100, 1) == [(0, 1), (1, 2)]
    assert _threads.shared(lambda a, b: (a, b), 0, 100, 1) == [(0, 0)]


def test_little_work_stays_in_its_thread():
    assert _threads.shared(lambda *_: threading.get_ident(), 100, 1000, 1) == [
        threading.get_ident()
    ]


def test_an_error_in_a_thread_is_raised(many):
    def fail(first, last):
        if first:
            raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        _threads.shared(fail, 10, 100, 1)


def test_convolutions_by_threads(many):
    agreeing(15)
    arrays, how = next(c["conv_weight"] for c in map(case, range(99)) if len(c["conv"][0][0]) == 3)
    first, second = (kernels.conv_weight(*arrays, **how) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert _threads._pools


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_threads_of_its_own(many):
    _threads.shared(lambda *_: None, 10, 100, 1)
    child = multiprocessing.get_context("fork").Process(target=agreeing, args=(3,))
    child.start()
    child.join(60)
    if child.is_alive():
        child.kill()
    assert child.exitcode == 0


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"GRADDL_NUM_THREADS": "5", "OMP_NUM_THREADS": "2"}, 5),
        ({"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "3"}, 2),
        ({"OMP_NUM_THREADS": "none", "OPENBLAS_NUM_THREADS": "3"}, 3),
        ({}, None),
    ],
)
def test_the_environment_says_how_many(variables, count):
    names = ("GRADDL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    clean = {k: v for k, v in os.environ.items() if k not in names}
    found = subprocess.run(
        [sys.executable, "-c", "from graddl._kernels import _threads; print(_threads.THREADS)"],
        env={**clean, **variables, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(found.stdout) == (count or len(os.sched_getaffinity(0)))
