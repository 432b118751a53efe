"""graddl: a graph-based autodiff engine to see through. `import graddl as gd`."""

from ._core import (
    CheckpointError as CheckpointError,
    DeviceError as DeviceError,
    DTypeError as DTypeError,
    GraddlError as GraddlError,
    GradientError as GradientError,
    IndexError_ as IndexError_,
    MissingDependency as MissingDependency,
    NumericalError as NumericalError,
    Scalar as Scalar,
    ShapeError as ShapeError,
    Tensor as Tensor,
    detect_anomaly as detect_anomaly,
    enable_grad as enable_grad,
    get_default_dtype as get_default_dtype,
    no_grad as no_grad,
    record as record,
    scope as scope,
    set_default_dtype as set_default_dtype,
    timestep as timestep,
)  # isort: skip
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
