"""Recurrent computations that the tests of lanes share: functions that give (root, options)."""

import numpy as np

import graddl as gd


def numbers(*shape, seed=0.0):
    return np.sin(np.arange(float(np.prod(shape))) + seed).reshape(shape)


def layer(kind, *sizes, seed=0, **options):
    """A layer or a cell with fixed weights, in float64."""
    made = getattr(gd.nn, kind)(*sizes, dtype="float64", **options)
    for k, p in enumerate(made.parameters()):
        p.data = gd.tensor(0.6 * numbers(*p.shape, seed=k + 1.0 + seed))
    return made


def run(kind, steps, **options):
    y, _ = layer(kind, 2, 3, **options)(gd.tensor(numbers(steps, 4, 2, seed=0.5)))
    return y


def scalars():
    """An RNN by hand on Scalars, with a loss for each step."""
    wx, wh, b = (gd.Scalar(v, n, parameter=True)
                 for v, n in ((0.5, "Wxh"), (0.9, "Whh"), (0.1, "b")))  # fmt: skip
    h, total = 0.0, 0.0
    for t, x in enumerate([1.0, -2.0, 0.5]):
        with gd.timestep(t):
            h = (wx * x + wh * h + b).tanh()
            total = total + (h - 0.3) ** 2
    return total, {}


def scalars_layers():
    return scalars()[0], {"detail": "layers"}


def rnn():
    return run("RNN", 4)[-1].square().sum(), {}


def rnn_ops():
    return run("RNN", 3)[-1].square().sum(), {}


def lstm():
    return run("LSTM", 4)[-1].square().sum(), {}


def lstm_ops():
    return run("LSTM", 2)[-1].square().sum(), {"detail": "ops"}


def gru_values():
    return run("GRU", 2)[-1].square().sum(), {"detail": "values"}


def long():
    return run("RNN", 100)[-1].square().sum(), {"theme": "dark"}


def windows():
    """Truncated: no gradient passes from window to window."""
    model, total = layer("RNN", 2, 3), 0.0
    for _, y in gd.BPTT(model, 2)(gd.tensor(numbers(6, 4, 2, seed=0.5))):
        total = total + y.square().sum()
    return total, {}


def detached():
    """Truncated by hand: .detach() before step 2."""
    w, h, total = gd.Scalar(0.5, "w", parameter=True), gd.Scalar(0.3, "h0"), 0.0
    for t, x in enumerate([1.0, 2.0, 3.0, 4.0]):
        with gd.timestep(t):
            if t == 2:
                h = h.detach()
            h = (w * h + x).tanh()
            total = total + h * h
    return total, {}


def both_ways():
    return run("GRU", 3, bidirectional=True).square().sum(), {"range": (1e-3, 10.0)}


def stacked():
    return run("RNN", 3, num_layers=2)[-1].square().sum(), {"detail": "layers"}


def translator():
    """An encoder, and a decoder that begins with its last state."""
    encoder, decoder = layer("GRU", 2, 3), layer("GRU", 2, 3, seed=0.5)
    _, h = encoder(gd.tensor(numbers(3, 4, 2)))
    y, _ = decoder(gd.tensor(numbers(2, 4, 2, seed=3.0)), h)
    return y.square().sum(), {}


def rolled():
    return run("LSTM", 100)[-1].square().sum(), {"collapse": True}


LOOPS = {
    f.__name__: f
    for f in (scalars, scalars_layers, rnn, rnn_ops, lstm, lstm_ops, gru_values, long, windows,
              detached, both_ways, stacked, translator, rolled)
}  # fmt: skip
