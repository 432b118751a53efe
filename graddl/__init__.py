"""graddl: a graph-based autodiff engine to see through. `import graddl as gd`."""

from . import _backward as _backward
from ._core import Scalar as Scalar
from ._core import Tensor as Tensor
from .errors import *  # noqa: F403
from .modes import *  # noqa: F403

from . import ops as ops  # noqa: I001  the table fills this namespace: gd.tanh, gd.sum, ...
from .creation import *  # noqa: F403
from .random import Generator as Generator
from .random import manual_seed as manual_seed
from .random import permutation as permutation
from .random import rand as rand
from .random import randint as randint
from .random import randn as randn

float16, float32, float64, int32, int64, bool_ = "float16", "float32", "float64", "int32", "int64", "bool"
__version__ = "0.1.0"

# ---------------------------------------------------------------------------- transforms and the check of gradients
from .autodiff import grad as grad  # noqa: E402
from .autodiff import hessian as hessian  # noqa: E402
from .autodiff import hvp as hvp  # noqa: E402
from .autodiff import jacobian as jacobian  # noqa: E402
from .autodiff import jvp as jvp  # noqa: E402
from .autodiff import value_and_grad as value_and_grad  # noqa: E402
from .autodiff import vjp as vjp  # noqa: E402
from .check import gradcheck as gradcheck  # noqa: E402

# ---- layers and optimizers: they use the table, so they come after it
from . import nn as nn  # noqa: E402
from . import optim as optim  # noqa: E402


# ---- pictures: graddl.viz is loaded when it is first used
def draw(obj, **options):
    """Draw the graph that computed `obj`, a Tensor or a Scalar: see `graddl.viz.draw` for the options.

    >>> import graddl as gd
    >>> x = gd.Scalar(2.0, name="x")
    >>> gd.draw(x * x)
    <Drawing of x·x: 2 of 2 nodes, detail='values', mode='chain'>
    """
    from .viz import draw

    return draw(obj, **options)


def __getattr__(name):
    if name == "viz":
        import importlib

        return importlib.import_module("graddl.viz")
    raise AttributeError(f"module 'graddl' has no attribute {name!r}")


for _kind in (Scalar, Tensor):
    _core.install(_kind, "draw", draw)  # noqa: F405
del _kind


# ---- scalar graphs compiled to a tape: `y.compile(...)` makes one, gd.Tape is its type
from ._tape import Tape as Tape  # noqa: E402
