"""graddl: a graph-based autodiff engine to see through. `import graddl as gd`."""

import importlib as _importlib
import typing as _typing

# ---------------------------------------------------------------------- values and their graph
from ._core import Scalar as Scalar
from ._core import Tensor as Tensor
from ._core import install as _install
from . import _backward as _backward  # gives them backward()
from .errors import *
from .modes import *

# ---------------------------------------------------------------------- the table: tanh, sum, ...
from . import ops as ops
from .functional import *
from . import linalg as linalg

# ---------------------------------------------------------------------- making tensors
from .creation import *
from .dtypes import *
from . import methods as methods
from .random import Generator as Generator
from .random import manual_seed as manual_seed
from .random import permutation as permutation
from .random import rand as rand
from .random import randint as randint
from .random import randn as randn

# ---------------------------------------------------------------------- derivatives of functions
from .autodiff import grad as grad
from .autodiff import hessian as hessian
from .autodiff import hvp as hvp
from .autodiff import jacobian as jacobian
from .autodiff import jvp as jvp
from .autodiff import value_and_grad as value_and_grad
from .autodiff import vjp as vjp
from .check import gradcheck as gradcheck
from .checkpoint import checkpoint as checkpoint
from .compare import compare as compare
from .function import Function as Function
from ._tape import Tape as Tape  # y.compile(...) makes one

# ---------------------------------------------------------------------- for other libraries
from . import interop as interop
from . import numpy_protocol as numpy_protocol

# ---------------------------------------------------------------------- sequences
from .bptt import BPTT as BPTT
from .bptt import bptt_contributions as bptt_contributions

__version__ = "0.1.0"


# ---------------------------------------------------------------------- pictures
def draw(obj, *inputs, **options):
    """Draw the graph that computed `obj`, or a Module run on inputs; see `viz.draw`.

    >>> import graddl as gd
    >>> x = gd.Scalar(2.0, name="x")
    >>> gd.draw(x * x)
    <Drawing of x·x: 2 of 2 nodes, detail='values', mode='chain'>
    """
    from .viz import draw

    return draw(obj, *inputs, **options)


def explain(x, **options):
    """Say why a gradient is what it is, with this run's numbers; see `viz.explain`.

    >>> import graddl as gd
    >>> x = gd.Scalar(3.0, name="x")
    >>> y = x * x
    >>> gd.explain(x, of=y)
    ∂y/∂x = 6 = 3 + 3
      3 = 1 × 3    (×) ∂y/∂y × ∂y/∂x
      3 = 1 × 3    (×) ∂y/∂y × ∂y/∂x
    2 paths
      y → x: 3 (×) = 3
      y → x: 3 (×) = 3
    """
    from .viz import explain

    return explain(x, **options)


def equation(loss, **options):
    r"""Write an expression and its derivatives in LaTeX; see `viz.equation`.

    >>> import graddl as gd
    >>> x = gd.Scalar(3.0, name="x")
    >>> gd.equation(x.sin()).lines[1]
    ('\\frac{\\partial y}{\\partial x}', '\\cos x')
    """
    from .viz import equation

    return equation(loss, **options)


def step_through(loss, **options):
    """Walk through a small computation step by step, forward and backward; see `viz.step_through`.

    >>> import graddl as gd
    >>> x = gd.Scalar(2.0, name="x")
    >>> gd.step_through(x * x)
    <StepThrough of x·x: 4 steps>
    """
    from .viz import step_through

    return step_through(loss, **options)


for _kind in (Scalar, Tensor):
    _install(_kind, "draw", draw)
    _install(_kind, "explain", explain)

# ---------------------------------------------------------------------- loaded when first used
if _typing.TYPE_CHECKING:
    from . import init as init
    from . import models as models
    from . import nn as nn
    from . import optim as optim
    from . import viz as viz
    from .viz import GradientRecorder as GradientRecorder
else:
    _LATER = ("init", "models", "nn", "optim", "viz")

    def __getattr__(name):
        if name in _LATER:
            return _importlib.import_module(f"graddl.{name}")
        if name == "GradientRecorder":
            return _importlib.import_module("graddl.viz").GradientRecorder
        raise AttributeError(f"module 'graddl' has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *_LATER, "GradientRecorder"})
