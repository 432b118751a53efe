"""Layers, losses and what holds them: PyTorch's names, layouts and numbers."""

from . import functional as functional
from .activation import ReLU as ReLU
from .activation import Sigmoid as Sigmoid
from .activation import Tanh as Tanh
from .container import ModuleList as ModuleList
from .container import Sequential as Sequential
from .linear import Linear as Linear
from .loss import CrossEntropyLoss as CrossEntropyLoss
from .module import Module as Module
from .parameter import Parameter as Parameter
