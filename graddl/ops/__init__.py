"""The table of ops.

Importing it fills TABLE, FUNCTIONS and ALIASES, `graddl.*` and the methods of Tensor and Scalar.
"""

from .. import _core

# isort: off
from . import elementwise as elementwise
from . import comparison as comparison
from . import activation as activation
from . import reduction as reduction
from . import shape as shape
from . import arrangement as arrangement
from . import indexing as indexing
from . import joining as joining
from . import products as products
from . import linalg as linalg
from . import norms as norms
from . import statistics as statistics
from . import numeric as numeric
from . import nn as nn
from . import conv as conv
from . import pooling as pooling
from . import recurrent as recurrent
from . import normalization as normalization
from . import loss as loss
from . import ctc as ctc
from . import steps as steps

# isort: on
from ._define import ALIASES as ALIASES
from ._define import COMPOSED as COMPOSED
from ._define import FUNCTIONS as FUNCTIONS
from ._define import TABLE as TABLE

# Two entries that are attributes, too.
_core.install(_core.Tensor, "T", property(FUNCTIONS["transpose"], doc="All axes reversed."))
_core.install(
    _core.Tensor, "mT", property(FUNCTIONS["matrix_transpose"], doc="The last two axes exchanged.")
)
