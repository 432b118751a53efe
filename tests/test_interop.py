"""Other libraries on Tensors: results keep their gradient, and what would lose it is refused."""

import subprocess
import sys

import array_api_compat
import array_api_strict
import einops
import numpy as np
import opt_einsum
import pytest

import graddl as gd
from graddl import backend
from tests.tensors import leaf

# ---------------------------------------------------------------------- einops, opt_einsum
EINOPS = {
    "rearrange": lambda x: einops.rearrange(x, "b (h k) -> k b h", k=3),
    "reduce": lambda x: einops.reduce(x, "b (h k) -> b h", "mean", k=3),
    "max": lambda x: einops.reduce(x, "b (h k) -> h", "max", k=3),
    "prod": lambda x: einops.reduce(x, "b c -> ", "prod"),
    "repeat": lambda x: einops.repeat(x, "b c -> b k c", k=2),
    "list": lambda x: einops.rearrange([x, x * x], "n b c -> b (n c)"),
    "einsum": lambda x: einops.einsum(x, x * 2, "b c, d c -> b d"),
    "pack": lambda x: einops.pack([x, x[:, :2]], "b *")[0],
    "unpack": lambda x: einops.unpack(x, [[2], [4]], "b *")[1],
}


@pytest.mark.parametrize("name", EINOPS)
def test_einops_keeps_gradients(name):
    x = np.random.default_rng(0).normal(size=(2, 6))
    assert gd.gradcheck(EINOPS[name], [x], order=2)
    if name not in ("list", "einsum", "pack", "unpack"):
        np.testing.assert_allclose(EINOPS[name](leaf(x)).numpy(), EINOPS[name](x))


@pytest.mark.parametrize("first", ["einops", "graddl"])
def test_einops_may_be_imported_before_or_after(first):
    second = {"einops": "graddl", "graddl": "einops"}[first]
    code = (
        f"import sys, {first}; assert ('einops' in sys.modules) == {first == 'einops'}; "
        f"import {second}; "
        "x = graddl.ones(2, 3, requires_grad=True); "
        "assert einops.rearrange(x, 'a b -> b a').requires_grad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_opt_einsum_keeps_gradients():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=s) for s in ((2, 3), (3, 4), (4, 2))]

    def chain(a, b, c):
        return opt_einsum.contract("ij,jk,kl->il", a, b, c)

    assert gd.gradcheck(chain, arrays, order=2)
    np.testing.assert_allclose(chain(*map(leaf, arrays)).numpy(), np.linalg.multi_dot(arrays))


# ---------------------------------------------------------------------- the array API
def test_the_namespace_of_a_tensor_is_graddl():
    x = leaf([1.0, 2.0])
    assert x.__array_namespace__() is gd and array_api_compat.array_namespace(x) is gd
    missing = [n for n in backend.STANDARD | backend.LINALG if not hasattr(gd, n)]
    assert not missing


@pytest.mark.parametrize("name", ["pi", "e", "inf", "nan", "newaxis"])
def test_constants(name):
    np.testing.assert_equal(getattr(gd, name), getattr(np, name))


def test_code_for_any_namespace_runs_on_tensors():
    def softmax(x):
        xp = array_api_compat.array_namespace(x)
        e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
        return e / xp.sum(e, axis=-1, keepdims=True)

    x = np.random.default_rng(0).normal(size=(2, 3))
    np.testing.assert_allclose(
        softmax(leaf(x)).numpy(), np.asarray(softmax(array_api_strict.asarray(x)))
    )
    assert gd.gradcheck(lambda x: softmax(x), [x], order=2)


# ---------------------------------------------------------------------- memory shared by DLPack
def test_dlpack_shares_memory_both_ways():
    x = gd.tensor([1.0, 2.0])
    array = np.from_dlpack(x)
    assert np.shares_memory(array, x.numpy()) and x.__dlpack_device__() == array.__dlpack_device__()
    source = np.arange(3.0)
    y = gd.from_dlpack(source)
    y += 1
    assert source.tolist() == [1.0, 2.0, 3.0]
    strict = array_api_strict.from_dlpack(x)
    assert np.shares_memory(np.from_dlpack(strict), x.numpy())


def test_dlpack_of_what_wants_gradient_is_refused():
    x = leaf([1.0])
    with pytest.raises(gd.GradientError, match="lose its gradient") as caught:
        np.from_dlpack(x)
    assert ".detach()" in caught.value.fix
    assert np.from_dlpack(x.detach()).tolist() == [1.0]


def test_dlpack_with_pytorch():
    """Where PyTorch is installed, as `make oracles` has it."""
    torch = pytest.importorskip("torch")
    x = gd.tensor([1.0, 2.0])
    t = torch.from_dlpack(x)
    t += 1
    assert x.tolist() == [2.0, 3.0]
    s = torch.zeros(2)
    y = gd.from_dlpack(s)
    y += 3
    assert s.tolist() == [3.0, 3.0]
    with pytest.raises(gd.GradientError):
        torch.from_dlpack(leaf([1.0]))
