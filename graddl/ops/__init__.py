"""The table of ops.

Importing it fills TABLE, FUNCTIONS and ALIASES, `graddl.*` and the methods of Tensor and Scalar.
"""

from . import elementwise as elementwise
from . import indexing as indexing
from . import linalg as linalg
from . import nn as nn
from . import reduction as reduction
from . import shape as shape
from ._define import ALIASES as ALIASES
from ._define import FUNCTIONS as FUNCTIONS
from ._define import TABLE as TABLE
