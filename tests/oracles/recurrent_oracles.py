"""PyTorch's answers for recurrent layers and cells, with weights, inputs and states by formula.

In each answer the loss is sum(output * w) plus the same of the last state, so that all gradients
are there: of x, of the state, of each parameter.
"""

import math

SIZES = {"input_size": 3, "hidden_size": 2}
LAYERS = [
    # kind, options of the layer, lengths, whether a state is given
    *[(kind, {}, None, False) for kind in ("RNN", "LSTM", "GRU")],
    *[(kind, {"bias": False}, None, True) for kind in ("RNN", "LSTM", "GRU")],
    *[(kind, {"bidirectional": True}, [2, 4, 1], True) for kind in ("RNN", "LSTM", "GRU")],
    *[(kind, {"num_layers": 2, "bidirectional": True}, None, True) for kind in ("LSTM", "GRU")],
    *[
        (kind, {"num_layers": 2, "bidirectional": True, "batch_first": True}, [4, 1, 3], True)
        for kind in ("RNN", "LSTM", "GRU")
    ],
    *[(kind, {"batch_first": True}, None, True) for kind in ("RNN", "LSTM", "GRU")],
    *[(kind, {"num_layers": 3}, [3, 3, 2], False) for kind in ("RNN", "LSTM", "GRU")],
    ("RNN", {"nonlinearity": "relu"}, None, True),
    ("RNN", {"nonlinearity": "relu", "num_layers": 2, "bidirectional": True}, [1, 4, 4], True),
]
CELLS = [
    *[(kind, {}, True) for kind in ("RNNCell", "LSTMCell", "GRUCell")],
    *[(kind, {"bias": False}, False) for kind in ("RNNCell", "LSTMCell", "GRUCell")],
    ("RNNCell", {"nonlinearity": "relu"}, True),
]
STEPS, BATCH = 4, 3


def _numbers(torch, shape, seed):
    numbers = [math.sin(i + seed) for i in range(math.prod(shape))]
    return torch.tensor(numbers, dtype=torch.float64).reshape(shape)


def _made(torch, kind, options):
    layer = getattr(torch.nn, kind)(**SIZES, **options, dtype=torch.float64)
    with torch.no_grad():
        for k, p in enumerate(layer.parameters()):
            p.copy_(_numbers(torch, p.shape, k + 1.0))
    return layer


def _answer(torch, layer, x, states, output, finals):
    """Values and gradients; the weights of the loss are numbers as well."""
    loss = sum(
        (y * _numbers(torch, y.shape, 9.0 + k)).sum() for k, y in enumerate([output, *finals])
    )
    loss.backward()
    return {
        "output": output.tolist(),
        "finals": [y.tolist() for y in finals],
        "x.grad": x.grad.tolist(),
        "hx.grad": [s.grad.tolist() for s in states],
        "grads": {name: p.grad.tolist() for name, p in layer.named_parameters()},
    }


def _tuple(x):
    return x if isinstance(x, tuple) else (x,)


def recurrent(torch):
    """Layers and cells in many configurations."""
    rnn = torch.nn.utils.rnn
    answers = {"layers": [], "cells": []}
    for kind, options, lengths, given in LAYERS:
        layer, first = _made(torch, kind, options), options.get("batch_first", False)
        x = _numbers(torch, (BATCH, STEPS, 3) if first else (STEPS, BATCH, 3), 0.5).requires_grad_()
        n = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
        count = 2 if kind == "LSTM" else 1
        states = [
            _numbers(torch, (n, BATCH, 2), 5.0 + k).requires_grad_() for k in range(count) if given
        ]
        hx = (tuple(states) if count == 2 else states[0]) if given else None
        if lengths is None:
            output, final = layer(x, hx)
        else:
            packed = rnn.pack_padded_sequence(x, lengths, first, enforce_sorted=False)
            output, final = layer(packed, hx)
            output, _ = rnn.pad_packed_sequence(output, first, total_length=STEPS)
        answers["layers"].append(
            {"kind": kind, "options": options, "lengths": lengths, "given": given}
            | _answer(torch, layer, x, states, output, _tuple(final))
        )
    for kind, options, given in CELLS:
        cell = _made(torch, kind, options)
        x = _numbers(torch, (BATCH, 3), 0.5).requires_grad_()
        count = 2 if kind == "LSTMCell" else 1
        states = [
            _numbers(torch, (BATCH, 2), 5.0 + k).requires_grad_() for k in range(count) if given
        ]
        hx = (tuple(states) if count == 2 else states[0]) if given else None
        output, *rest = _tuple(cell(x, hx))
        answers["cells"].append(
            {"kind": kind, "options": options, "given": given}
            | _answer(torch, cell, x, states, output, rest)
        )
    return answers
