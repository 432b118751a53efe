"""R2: a network that predicts the next character, tanh units over 64 steps, a step with Adam.

One-hot characters of a vocabulary of 65, 128 units, cross-entropy at every step, gradients clipped
to a norm that is below theirs. They are compared with PyTorch's in float64, as clipped.
"""

from __future__ import annotations

import numpy as np

from .. import cases
from . import Case, Workload

STEPS, BATCH, VOCABULARY, UNITS = 64, 32, 65, 128
OPTIONS = {"lr": 1e-3, "max_norm": 0.1}


def data(shrink: int) -> dict:
    rng = np.random.default_rng(0)
    bound = 1 / np.sqrt(UNITS)
    shapes = {
        "rnn.weight_ih_l0": (UNITS, VOCABULARY),
        "rnn.weight_hh_l0": (UNITS, UNITS),
        "rnn.bias_ih_l0": (UNITS,),
        "rnn.bias_hh_l0": (UNITS,),
        "head.weight": (VOCABULARY, UNITS),
        "head.bias": (VOCABULARY,),
    }
    parameters = {
        name: rng.uniform(-bound, bound, shape).astype("float32") for name, shape in shapes.items()
    }
    frequencies = 1 / np.arange(1, VOCABULARY + 1)  # as uneven as letters are
    frequencies /= frequencies.sum()
    text = rng.choice(VOCABULARY, size=(STEPS + 1, BATCH), p=frequencies)
    x = np.eye(VOCABULARY, dtype="float32")[text[:-1]]  # (T, B, V)
    return {"x": x, "y": text[1:].ravel(), "parameters": parameters}


def network(nn):
    """Return the network, of torch.nn or of gd.nn."""

    class CharRNN(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(VOCABULARY, UNITS)
            self.head = nn.Linear(UNITS, VOCABULARY)

        def forward(self, x):
            states, _ = self.rnn(x)
            return self.head(states).reshape(-1, VOCABULARY)  # (T B, V)

    return CharRNN()


def torch_(data: dict) -> Case:
    import torch

    criterion = torch.nn.CrossEntropyLoss()
    model = network(torch.nn)
    return cases.with_modules(torch, data, model, lambda m, x, y: criterion(m(x), y), **OPTIONS)


def graddl_(data: dict) -> Case:
    import graddl as gd

    criterion = gd.nn.CrossEntropyLoss()
    model = network(gd.nn)
    return cases.with_modules(gd, data, model, lambda m, x, y: criterion(m(x), y), **OPTIONS)


def next_state(p: dict, a, h, tanh):
    """Return the state after input a (B, V) and state h (B, UNITS), in any library's operators."""
    bias = p["rnn.bias_ih_l0"] + p["rnn.bias_hh_l0"]
    return tanh(a @ p["rnn.weight_ih_l0"].T + h @ p["rnn.weight_hh_l0"].T + bias)


def start():
    return np.zeros((BATCH, UNITS), "float32")


def unrolled(p: dict, x, tanh) -> list:
    """Return the states, by a loop in Python."""
    h, states = start(), []
    for a in x:
        h = next_state(p, a, h, tanh)
        states.append(h)
    return states


def logits(p: dict, states):
    """Return (T B, V) of states (T, B, UNITS)."""
    return states.reshape(-1, UNITS) @ p["head.weight"].T + p["head.bias"]


def jax_(data: dict) -> Case:
    import jax

    def loss(p, x, y):
        def step(h, a):
            h = next_state(p, a, h, jax.numpy.tanh)
            return h, h

        log_p = jax.nn.log_softmax(logits(p, jax.lax.scan(step, start(), x)[1]))
        return -jax.numpy.take_along_axis(log_p, y[:, None], axis=1).mean()

    return cases.with_jax(data, loss, **OPTIONS)


def mygrad_(data: dict) -> Case:
    import mygrad as mg
    from mygrad.nnet import softmax_crossentropy

    def loss(p, x, y):
        return softmax_crossentropy(logits(p, mg.stack(unrolled(p, x, mg.tanh))), y)

    return cases.with_mygrad(data, loss, **OPTIONS)


def autograd_(data: dict) -> Case:
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    def loss(p, x, y):
        z = logits(p, anp.stack(unrolled(p, x, anp.tanh)))
        return anp.mean(logsumexp(z, axis=1) - z[anp.arange(len(y)), y])

    return cases.with_autograd(data, loss, **OPTIONS)


WORKLOADS = (
    Workload(
        name="R2",
        about="char RNN, 64 steps, batch 32, 65 -> 128 -> 65, clipped, Adam step (float32)",
        data=data,
        oracle="torch",
        setups={
            "torch": torch_,
            "jax": jax_,
            "mygrad": mygrad_,
            "autograd": autograd_,
            "graddl": graddl_,
        },
    ),
)
