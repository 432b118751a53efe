"""The table of ops.

Importing it fills TABLE, FUNCTIONS and ALIASES, `graddl.*` and the methods of Tensor and Scalar.
"""

from .. import _core
from . import elementwise as elementwise
from . import indexing as indexing
from . import linalg as linalg
from . import nn as nn
from . import reduction as reduction
from . import shape as shape
from ._define import ALIASES as ALIASES
from ._define import FUNCTIONS as FUNCTIONS
from ._define import TABLE as TABLE

# Two entries that are attributes, too.
_core.install(_core.Tensor, "T", property(FUNCTIONS["transpose"], doc="All axes reversed."))
_core.install(
    _core.Tensor, "mT", property(FUNCTIONS["matrix_transpose"], doc="The last two axes exchanged.")
)
