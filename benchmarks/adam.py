"""Adam and clipping on NumPy arrays: MyGrad and autograd leave both to their users."""

from __future__ import annotations

from math import sqrt

import numpy as np

BETAS, EPS, TINY = (0.9, 0.999), 1e-8, 1e-6  # PyTorch's; TINY is added to a norm


class Adam:
    """Adam over arrays by name, which it changes in place."""

    def __init__(self, arrays, lr):
        self.arrays, self.lr, self.t = arrays, lr, 0
        self.m, self.v = ({n: np.zeros_like(a) for n, a in arrays.items()} for _ in "mv")

    def step(self, grads):
        (b1, b2), self.t = BETAS, self.t + 1
        rate, root = self.lr / (1 - b1**self.t), sqrt(1 - b2**self.t)
        for name, p in self.arrays.items():
            g, m, v = grads[name], self.m[name], self.v[name]
            m *= b1
            m += (1 - b1) * g
            v *= b2
            v += (1 - b2) * g * g
            p -= rate * m / (np.sqrt(v) / root + EPS)


def clipped(grads, max_norm):
    """Return the gradients, scaled down to `max_norm` together unless it is None."""
    if max_norm is None:
        return grads
    norm = sqrt(sum(np.vdot(g, g) for g in grads.values()))
    factor = min(1.0, max_norm / (norm + TINY))
    return {name: g * factor for name, g in grads.items()}
