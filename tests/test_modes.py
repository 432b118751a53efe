import asyncio
import threading

import numpy as np
import pytest

import graddl as gd
from graddl import Scalar


def test_scopes_nest_into_dotted_paths_and_steps_are_kept():
    x = gd.tensor([1.0], requires_grad=True)
    with gd.scope("encoder"), gd.timestep(3):
        with gd.scope("fc1"):
            inner = x * 2
        outer = x * 3
    plain = x * 4
    assert (inner.node.scope, inner.node.step) == ("encoder.fc1", 3)
    assert (outer.node.scope, outer.node.step) == ("encoder", 3)
    assert (plain.node.scope, plain.node.step) == (None, None)
    with gd.scope("neuron"):
        s = Scalar(1.0) * 2
    assert s.scope == "neuron"


def test_the_default_dtype_belongs_to_its_context():
    seen = []

    def work():
        seen.append(gd.get_default_dtype())

    async def task(dtype):
        gd.set_default_dtype(dtype)
        await asyncio.sleep(0)
        return gd.tensor(1.0).dtype

    async def both():
        return await asyncio.gather(task("float64"), task("float32"))

    assert asyncio.run(both()) == [np.float64, np.float32]
    try:
        gd.set_default_dtype("float64")
        assert gd.tensor([1.0]).dtype == np.float64
        assert gd.exp(gd.tensor([1])).dtype == np.float64
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        gd.set_default_dtype("float32")
    assert seen == [np.float32]
    with pytest.raises(gd.DTypeError, match="floating"):
        gd.set_default_dtype("int64")


def test_decorators_refuse_functions_that_run_in_pieces():
    with pytest.raises(TypeError, match="in pieces"):

        @gd.no_grad()
        def generator():
            yield 1

    @gd.no_grad()
    def plain(x):
        return x * 2

    assert not plain(gd.tensor([1.0], requires_grad=True)).requires_grad
