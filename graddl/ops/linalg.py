"""Products of matrices."""

from ._define import general


def _t(xp, m):
    return xp.matrix_transpose(m)


def _grad_a(xp, g, b, ndim):
    """Gradient of a in a @ b: g bᵀ; vectors are treated as the matrices that they stand for."""
    if b.ndim == 1:
        return xp.multiply(xp.expand_dims(g, axis=-1), b)
    if ndim == 1:
        return xp.reshape(xp.matmul(xp.expand_dims(g, axis=-2), _t(xp, b)), (*b.shape[:-2], b.shape[-2]))
    return xp.matmul(g, _t(xp, b))


def _grad_b(xp, g, a, ndim):
    """Gradient of b in a @ b: aᵀ g."""
    if a.ndim == 1:
        return xp.multiply(a, g) if ndim == 1 else xp.multiply(xp.expand_dims(a, axis=-1), xp.expand_dims(g, axis=-2))
    if ndim == 1:
        return xp.reshape(xp.matmul(_t(xp, a), xp.expand_dims(g, axis=-1)), (*a.shape[:-2], a.shape[-1]))
    return xp.matmul(_t(xp, a), g)


matmul = general(
    "matmul", lambda xp, a, b: xp.matmul(a, b),
    vjp={"a": lambda xp, g, b, *, shapes: _grad_a(xp, g, b, len(shapes[0])),
         "b": lambda xp, g, a, *, shapes: _grad_b(xp, g, a, len(shapes[1]))},
    jvp={"a": lambda xp, t, b: xp.matmul(t, b), "b": lambda xp, t, a: xp.matmul(a, t)},
    tex=r"A B", symbol="@", doc="The matrix product, over stacks of matrices too; a vector is a row on the left, a column on the right.",
    samples=lambda make: [((make(2, 3), make(3, 4)), {}), ((make(3), make(3)), {}), ((make(2, 3), make(3)), {}),
                          ((make(3), make(3, 2)), {}), ((make(2, 2, 3), make(3, 2)), {}), ((make(2, 1, 2, 3), make(4, 3, 2)), {}),
                          ((make(3), make(2, 3, 2)), {}), ((make(2, 2, 3), make(3)), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2, 3), 2.0), {}, "ShapeError"),
                         ((make(2, 3), "text"), {}, "DTypeError")],
    expects="(..., n, k) @ (..., k, m)", fix="transpose one of them: a @ b.mT",
)
matrix_transpose = general(
    "matrix_transpose", lambda xp, x: xp.matrix_transpose(x), vjp={"x": lambda xp, g: xp.matrix_transpose(g)},
    jvp={"x": lambda xp, t: xp.matrix_transpose(t)}, tex=r"X^\top", symbol="ᵀ", doc="The last two axes exchanged.",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3, 4),), {})],
    errors=lambda make: [((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"), (("text",), {}, "DTypeError")],
    expects="at least two axes",
)
