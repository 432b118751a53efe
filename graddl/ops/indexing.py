"""Ops that read elements by index, and their transposes, which add elements up."""

import numpy as np

from ._define import linear

getitem = linear(
    "getitem", lambda xp, x, *, index: xp.getitem(x, index=index),
    transpose=lambda xp, g, *, index, shapes: xp.add_at(g, index=index, shape=shapes[0]),
    tex=r"x_{i}", symbol="[ ]", doc="Indexing as in NumPy: integers, slices, None, ..., integer and boolean arrays.", method=False,
    samples=lambda make: [((make(4, 3),), {"index": 1}), ((make(4, 3),), {"index": (slice(None, None, -2), None, 2)}),
                          ((make(4, 3),), {"index": np.array([0, 2, 2])}), ((make(4, 3),), {"index": np.eye(4, 3) > 0}),
                          ((make(4, 3),), {"index": (Ellipsis, [0, 0])})],
    errors=lambda make: [((make(2, 3),), {"index": 2}, "IndexError_"), ((make(2, 3),), {"index": (0, 0, 0)}, "IndexError_"),
                         ((make(2, 3),), {"index": "text"}, "IndexError_")],
)
add_at = linear(
    "add_at", lambda xp, x, *, index, shape: xp.add_at(x, index=index, shape=shape),
    transpose=lambda xp, g, *, index: xp.getitem(g, index=index),
    tex=r"y_{i} \mathrel{+}= x", doc="Zeros of a shape, with x added at an index; elements named twice add up.", method=False,
    samples=lambda make: [((make(3, 3),), {"index": np.array([0, 2, 2]), "shape": (4, 3)}), ((make(3),), {"index": 1, "shape": (4, 3)})],
    errors=lambda make: [((make(3),), {"index": 4, "shape": (4, 3)}, "IndexError_"),
                         ((make(2),), {"index": 1, "shape": (4, 3)}, "ShapeError"),
                         (("text",), {"index": 1, "shape": (4, 3)}, "DTypeError")],
)
