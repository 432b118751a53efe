"""Every op of the table as a function: ``from graddl import functional as F; F.relu(x)``.

They are the same functions as `graddl.relu` and so on, apart from all else that `graddl` has.
"""

from .ops import FUNCTIONS

__all__ = [name for name, function in FUNCTIONS.items() if not function.op.info["hidden"]]
globals().update({name: FUNCTIONS[name] for name in __all__})
