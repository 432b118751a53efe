"""H1: the product of the Hessian of a tanh network's loss with a vector, 784-256-128-10, batch 64.

JAX goes forward over reverse, as its documentation advises; the others have reverse mode only, or
advise it: twice backwards. MyGrad has no second derivatives. The products are compared with
PyTorch's in float64.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from . import Case, Workload

SIZES, BATCH = (784, 256, 128, 10), 64


def data(shrink: int) -> dict:
    """Weights and biases in turn in "parameters", the vector in the same shapes."""
    rng = np.random.default_rng(0)
    parameters, vector = [], []
    for n, m in pairwise(SIZES):
        for shape in ((m, n), (m,)):
            bound = 1 / np.sqrt(n)
            parameters.append(rng.uniform(-bound, bound, shape).astype("float32"))
            vector.append(rng.standard_normal(shape).astype("float32"))
    x = rng.standard_normal((BATCH, SIZES[0])).astype("float32")
    y = rng.integers(SIZES[-1], size=BATCH)
    return {
        "x": x,
        "y": y,
        **{f"p{i}": a for i, a in enumerate(parameters)},
        **{f"v{i}": a for i, a in enumerate(vector)},
    }


def lists(data: dict, wrap=lambda a: a) -> tuple[list, list]:
    """Return parameters and vector."""
    n = 2 * (len(SIZES) - 1)
    return [wrap(data[f"p{i}"]) for i in range(n)], [wrap(data[f"v{i}"]) for i in range(n)]


def named(product) -> dict:
    return {f"product {i}": np.asarray(a) for i, a in enumerate(product)}


def logits(p, x, tanh):
    """Run the layers in any library's operators."""
    h = tanh(x @ p[0].T + p[1])
    h = tanh(h @ p[2].T + p[3])
    return h @ p[4].T + p[5]


def torch_(data: dict) -> Case:
    import torch

    x, y = torch.from_numpy(data["x"]), torch.from_numpy(data["y"])
    parameters, vector = lists(data, torch.from_numpy)
    for p in parameters:
        p.requires_grad_()

    def step():
        loss = torch.nn.functional.cross_entropy(logits(parameters, x, torch.tanh), y)
        grads = torch.autograd.grad(loss, parameters, create_graph=True)
        return torch.autograd.grad(grads, parameters, vector)

    return Case(step, lambda: named(step()))


def jax_(data: dict) -> Case:
    import jax

    x, y = jax.numpy.asarray(data["x"]), jax.numpy.asarray(data["y"])
    parameters, vector = lists(data, jax.numpy.asarray)

    def loss(p, x, y):
        log_p = jax.nn.log_softmax(logits(p, x, jax.numpy.tanh))
        return -jax.numpy.take_along_axis(log_p, y[:, None], axis=1).mean()

    @jax.jit
    def product(p, v, x, y):
        return jax.jvp(lambda p: jax.grad(loss)(p, x, y), (p,), (v,))[1]

    def step():
        return jax.block_until_ready(product(parameters, vector, x, y))

    return Case(step, lambda: named(step()))


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp
    from autograd import grad
    from autograd.scipy.special import logsumexp

    x, y = data["x"], data["y"]
    parameters, vector = lists(data)

    def loss(p):
        z = logits(p, x, anp.tanh)
        return anp.mean(logsumexp(z, axis=1) - z[anp.arange(BATCH), y])

    def along(p):  # the gradient times the vector
        return sum(anp.sum(g * v) for g, v in zip(grad(loss)(p), vector, strict=True))

    product = grad(along)
    return Case(lambda: product(parameters), lambda: named(product(parameters)))


def graddl_(data: dict) -> Case:
    import graddl as gd

    x, y = gd.tensor(data["x"]), data["y"]
    parameters, vector = lists(data, gd.tensor)

    def loss(p):
        return gd.nn.functional.cross_entropy(logits(p, x, gd.tanh), y)

    def step():
        return gd.hvp(loss, (parameters,), (vector,))

    def gradients():
        (product,) = step()
        return named(a.numpy() for a in product)

    return Case(step, gradients)


WORKLOADS = (
    Workload(
        name="H1",
        about="Hessian-vector product, tanh MLP 784-256-128-10, batch 64 (float32)",
        data=data,
        oracle="torch",
        setups={"torch": torch_, "jax": jax_, "autograd": autograd_, "graddl": graddl_},
    ),
)
