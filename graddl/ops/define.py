"""For ops of one's own: an entry of the table, in user code.

An entry gets what every op has: a function `gd.<name>`, methods, derivatives of any order and in
forward mode, a label in pictures, error messages. The head of `_define.py` states the vocabulary.

>>> import graddl as gd
>>> from graddl.ops.define import elementwise
>>> cube = elementwise(
...     "cube",
...     lambda xp, x: x * x * x,
...     d={"x": lambda xp, x: 3 * x * x},
...     tex="x^3",
...     doc="The third power.",
... )
>>> gd.grad(gd.grad(gd.cube))(gd.tensor(2.0)).item()
12.0
"""

from ._define import composed as composed
from ._define import elementwise as elementwise
from ._define import general as general
from ._define import linear as linear
