"""Activations: functions of the table as layers. Each works point by point, on x of any shape."""

from ..ops import FUNCTIONS
from .module import Module


class ReLU(Module):
    r""":math:`\max(x, 0)`; its derivative at 0 is 0."""

    def forward(self, x):
        """Map x to y of the same shape."""
        return FUNCTIONS["relu"](x)


class Tanh(Module):
    r""":math:`\tanh x`, between -1 and 1."""

    def forward(self, x):
        """Map x to y of the same shape."""
        return FUNCTIONS["tanh"](x)


class Sigmoid(Module):
    r""":math:`1 / (1 + e^{-x})`, between 0 and 1."""

    def forward(self, x):
        """Map x to y of the same shape."""
        return FUNCTIONS["sigmoid"](x)
