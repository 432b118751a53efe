"""Steps of optimizers, taken in place of what they start from."""

import numpy as np
import pytest

import graddl as gd
from graddl.ops import COMPOSED, steps
from tests.samples import samples

STEPS = [op for op in COMPOSED.values() if op.info["family"] == "steps"]
CASES = [(op, k) for op in STEPS for k in range(len(samples(op)))]


def laid_out(x, strided):
    """A Tensor on memory of its own; strided, it is no work for a kernel."""
    if x is None:
        return None
    x = np.repeat(x, 2, axis=-1)[..., ::2] if strided and x.ndim else x.copy()
    return gd.Tensor(x, copy=False)


@pytest.mark.parametrize("strided", [False, True])
@pytest.mark.parametrize(("op", "k"), CASES, ids=lambda v: getattr(v, "name", v))
def test_in_place_is_the_function(op, k, strided):
    xs, options = samples(op)[k]
    want = gd.ops.FUNCTIONS[op.name](*xs, **options)
    ts = [laid_out(x, strided) for x in xs]
    memory = [t if t is None else t.numpy() for t in ts]
    steps.take(op, *ts, **options)
    changed = [m for j, m in enumerate(memory) if j != 1 and m is not None]
    for got, y in zip(changed, want, strict=True):
        np.testing.assert_allclose(got, y.numpy(), rtol=1e-14, atol=1e-15)
    np.testing.assert_array_equal(memory[1], xs[1])


def test_a_step_is_counted_as_a_write():
    p = gd.tensor([1.0, 2.0], requires_grad=True)
    y = (p * p).sum()
    with gd.no_grad():
        steps.take(steps.sgd_step, p, gd.ones(2), lr=0.5)
    with pytest.raises(gd.GradientError, match="changed in place"):
        y.backward()


def test_read_only_memory_stays():
    frozen = np.ones(2)
    frozen.flags.writeable = False
    with pytest.raises(gd.GraddlError, match="read-only"):
        steps.take(steps.sgd_step, gd.Tensor(frozen, copy=False), gd.ones(2, dtype="f8"), lr=0.5)


def test_through_steps_flows_a_gradient():
    """What a step size does to the loss after two steps: the slope that finite differences see."""
    c = np.array([1.0, 3.0])

    def loss(m):
        p, v = gd.tensor([1.0, -2.0], dtype="f8"), gd.tensor([0.1, 0.2], dtype="f8")
        for t in (1, 2):
            p, m, v = gd.functional.adam_step(p, c * p, m, v, lr=0.1, t=t)
        return (c * p * p).sum()

    assert gd.gradcheck(loss, [np.array([0.3, -0.4])], order=2)
