"""Products of vectors, matrices and stacks of them."""

import math
from functools import cache
from itertools import permutations
from string import ascii_letters

import numpy as np

from ..errors import ArgumentError, ShapeError
from ._define import composed, general
from ._matrices import (
    _apart,
    _axes,
    _broadcasts,
    _call,
    _common_fix,
    _cut,
    _last,
    _matrix,
    _product_fix,
    _shape,
    _square,
    _t,
)


# ------------------------------------------------------------------------------------------------ products
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
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2, 3), make(4, 3)), {}, "ShapeError"),
                         ((make(2, 3), 2.0), {}, "ShapeError"), ((make(2, 3), make(4, 5)), {}, "ShapeError"),
                         ((make(2, 2, 3), make(4, 3, 3, 2)), {}, "ShapeError"), ((make(2, 3), make.text(3, 2)), {}, "DTypeError")],
    expects="(..., n, k) @ (..., k, m)", fix=_product_fix(),
)
matrix_transpose = general(
    "matrix_transpose", lambda xp, x: xp.matrix_transpose(x), vjp={"x": lambda xp, g: xp.matrix_transpose(g)},
    jvp={"x": lambda xp, t: xp.matrix_transpose(t)}, tex=r"X^\top", symbol="ᵀ", doc="The last two axes exchanged.", torch="x.mT",
    samples=lambda make: [((make(2, 3),), {}), ((make(2, 3, 4),), {}), ((make(0, 3),), {})],
    errors=lambda make: [((make(3),), {}, "ShapeError"), ((make(),), {}, "ShapeError"), ((make.text(2, 3),), {}, "DTypeError")],
    expects="at least two axes", fix="gd.matrix_transpose(gd.reshape(x, (1, -1)))",
)


def _dot(xp, a, b):
    if not _shape(a) or not _shape(b):
        return xp.multiply(a, b)
    return xp.matmul(a, b) if b.ndim < 3 else xp.tensordot(a, b, axes=([-1], [-2]))


dot = composed(
    "dot", lambda xp, a, b: _dot(xp, a, b), tex=r"\sum_k a_{\dots k} b_{\dots k m}", symbol="·",
    doc="The inner product of vectors, the product of matrices; in general the sum over a's last and b's last but one axis.",
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(3, 2)), {}), ((make(2, 2, 3), make(3)), {}),
                          ((make(2, 3), make(2, 3, 2)), {}), ((make(2), make()), {}), ((2.0, make(2, 1)), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(3), make(4)), {}, "ShapeError"),
                         ((make(2, 3), make(2, 4, 5)), {}, "ShapeError"), ((make.text(3), make(3)), {}, "DTypeError")],
    expects="a (..., k) and b (..., k, m) or (k,)", fix=_product_fix("dot"),
    torch="torch.tensordot(a, b, ([-1], [max(b.ndim - 2, 0)])) if getattr(a, 'ndim', 0) and b.ndim else a * b",
)
vdot = composed(
    "vdot", lambda xp, a, b: xp.matmul(xp.reshape(a, shape=(-1,)), xp.reshape(b, shape=(-1,))),
    tex=r"\sum_i a_i b_i", symbol="·", doc="The sum of the products of all elements, in order; shapes may differ, sizes may not.",
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(3, 2)), {}), ((make(), make(1)), {}), ((make(0), make(0, 2)), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(3), make()), {}, "ShapeError"),
                         ((make(3), make.text(3)), {}, "DTypeError")],
    expects="as many elements", torch="torch.vdot(a.reshape(-1), b.reshape(-1))",
    fix=lambda shapes, params: "gd.vdot(gd.reshape(a, -1)[:{0}], gd.reshape(b, -1)[:{0}])".format(min(map(math.prod, shapes))),
)


def _inner(xp, a, b):
    return xp.tensordot(a, b, axes=([-1], [-1])) if _shape(a) and _shape(b) else xp.multiply(a, b)


def _inner_fix(shapes, params):
    n = min(s[-1] for s in shapes)
    return f"gd.inner({_cut('a', shapes[0], {-1: n})}, {_cut('b', shapes[1], {-1: n})})"


inner = composed(
    "inner", lambda xp, a, b: _inner(xp, a, b), tex=r"\sum_k a_{\dots k} b_{\dots k}", symbol="·",
    doc="The sum of products over the last axes of both.",
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(4, 3)), {}), ((make(2, 1, 3), make(3)), {}), ((make(2), 1.5), {})],
    errors=lambda make: [((make(2, 3), make(3, 2)), {}, "ShapeError"), ((make(3), make(2)), {}, "ShapeError"),
                         ((make(3), make.text(3)), {}, "DTypeError")],
    expects="last axes of equal size", fix=_inner_fix, torch="torch.inner(a, torch.as_tensor(b))",
)


def _outer(xp, a, b):
    if not _shape(a) or not _shape(b):  # a number stays one, and weak in promotion
        return xp.reshape(xp.multiply(a, b), shape=(math.prod(_shape(a)), math.prod(_shape(b))))
    return xp.multiply(xp.reshape(a, shape=(-1, 1)), xp.reshape(b, shape=(1, -1)))


outer = composed(
    "outer", lambda xp, a, b: _outer(xp, a, b), tex=r"a_i b_j", symbol="⊗",
    doc="The product of each element of a with each of b, both taken as vectors.",
    samples=lambda make: [((make(3), make(2)), {}), ((make(2, 2), make(1, 3)), {}), ((make(), make(2)), {}), ((make(0), make(2)), {})],
    errors=lambda make: [((make.text(3), make(3)), {}, "DTypeError"), ((make(3), make.text(2)), {}, "DTypeError"),
                         ((make(3), make.text()), {}, "DTypeError")],
    torch="torch.outer(a.reshape(-1), b.reshape(-1))",
)


def _tensordot(xp, a, b, axes):
    try:
        ia, ib = axes
    except TypeError:
        ia, ib = range(-axes, 0), range(axes)
    ia, ib = (list(k) if np.ndim(k) else [k] for k in (ia, ib))
    if len(ia) != len(ib):
        raise ShapeError(f"{len(ia)} axes of a, but {len(ib)} of b")
    ia, ib = _axes(a, *ia), _axes(b, *ib)
    common = [a.shape[k] for k in ia]
    if common != [b.shape[k] for k in ib]:
        raise ShapeError(f"the sizes {common} of a's axes are not those of b's, {[b.shape[k] for k in ib]}")
    ka, kb = ([k for k in range(x.ndim) if k not in used] for x, used in ((a, ia), (b, ib)))
    rows, columns = [a.shape[k] for k in ka], [b.shape[k] for k in kb]
    n = math.prod(common)
    left = xp.reshape(xp.permute_dims(a, ka + ia), shape=(math.prod(rows), n))
    right = xp.reshape(xp.permute_dims(b, ib + kb), shape=(n, math.prod(columns)))
    return xp.reshape(xp.matmul(left, right), shape=(*rows, *columns))


def _tensordot_fix(shapes, params):
    """The axes whose sizes agree."""
    pairs, free = [], list(enumerate(shapes[1]))
    for k, n in enumerate(shapes[0]):
        match = next((p for p in free if p[1] == n), None)
        if match is not None:
            free.remove(match)
            pairs.append((k, match[0]))
    return f"gd.tensordot(a, b, axes=({[p[0] for p in pairs]}, {[p[1] for p in pairs]}))"


tensordot = composed(
    "tensordot", lambda xp, a, b, *, axes=2: _tensordot(xp, a, b, axes), tex=r"\sum_k a_{\dots k} b_{k \dots}", symbol="·",
    doc="The sum of products over some axes of a and b: so many last of a and first of b, or those in two lists.",
    samples=lambda make: [((make(2, 3, 2), make(3, 2, 2)), {}), ((make(2, 3), make(3, 2)), {"axes": 1}), ((make(2), make(3)), {"axes": 0}),
                          ((make(2, 3, 1), make(3, 2)), {"axes": ((0, 1), (1, 0))}), ((make(2, 3), make(3, 2)), {"axes": (-1, 0)}),
                          ((make(2, 0), make(0, 3)), {"axes": 1})],
    errors=lambda make: [((make(2, 3), make(3, 4)), {}, "ShapeError"), ((make(2, 3), make(3)), {"axes": 2}, "IndexError_"),
                         ((make(2, 3), make(3, 2)), {"axes": ((0, 1), (1,))}, "ShapeError"),
                         ((make(2, 3), make.text(2, 3)), {}, "DTypeError")],
    expects="axes of equal sizes", fix=_tensordot_fix,
    torch="torch.tensordot(a, b, axes if isinstance(axes, int) else tuple([k] if isinstance(k, int) else k for k in axes))",
)


# ------------------------------------------------------------------------------------------------ einsum
def _terms(subscripts, shapes):
    """The labels of each operand and of the result; an ellipsis stands as labels that are free."""
    text = subscripts.replace(" ", "")
    inputs, arrow, out = text.partition("->")
    terms = inputs.split(",")
    ranks = [len(s) - len(t.replace("...", "")) for t, s in zip(terms, shapes, strict=True)]
    wide = max(r if "..." in t else 0 for t, r in zip(terms, ranks, strict=True))
    dots = "".join([c for c in ascii_letters if c not in text][:wide])
    full = [t.replace("...", dots[wide - r :]) for t, r in zip(terms, ranks, strict=True)]
    if not arrow:
        labels = inputs.replace(",", "").replace("...", "")
        out = "..." + "".join(sorted(c for c in labels if labels.count(c) == 1))
    return full, out.replace("...", dots)


def _einsum_gradient(xp, g, i, operands, subscripts, shapes):
    """The gradient of one operand is an einsum of g and the others. A label that it alone had was summed:
    ones spread it. A label that it had twice was a diagonal: an identity matrix puts it back there."""
    terms, out = _terms(subscripts, shapes)
    inputs, arrays = [out, *terms[:i], *terms[i + 1 :]], [g, *operands[:i], *operands[i + 1 :]]
    known = "".join(inputs)
    free = iter([c for c in ascii_letters if c not in "".join(terms)])
    target = ""
    for label, n in zip(terms[i], shapes[i], strict=True):
        if label in target:
            twin = next(free)
            inputs.append(label + twin)
            arrays.append(xp.eye(n, dtype=g.dtype))
            target += twin
            continue
        if label not in known:
            inputs.append(label)
            arrays.append(xp.ones((n,), dtype=g.dtype))
        target += label
    return xp.einsum(f"{','.join(inputs)}->{target}", *arrays)


def _einsum(xp, operands, subscripts):
    if not isinstance(subscripts, str):
        kind = type(subscripts).__name__
        raise ArgumentError("the subscripts come first and are text", op="einsum", got=kind, expected="text such as 'ij,jk->ik'",
                            fix=_einsum_fix([_shape(x) for x in operands], {"subscripts": ""}))
    return xp.einsum(subscripts, *operands)


def _einsum_fix(shapes, params):
    """The first that fits of: one operand's labels in another order, no chosen result, no label twice."""
    inputs, arrow, out = params["subscripts"].partition("->")
    terms = inputs.split(",")
    tried = [[*terms[:k], "".join(p), *terms[k + 1 :]] for k, t in enumerate(terms) if "." not in t and len(t) < 6
             for p in permutations(t)]
    labels = iter(ascii_letters)
    apart = ",".join("".join(next(labels) for _ in s) for s in shapes)
    arrays = [np.broadcast_to(0.0, s) for s in shapes]
    for subscripts in [*(",".join(t) + arrow + out for t in tried), inputs, apart]:
        try:
            np.einsum_path(subscripts, *arrays)
        except (ValueError, IndexError, KeyError):
            continue
        break
    return f"gd.einsum({subscripts!r}, *operands)"


einsum = general(
    "einsum", lambda xp, *operands, subscripts: _einsum(xp, operands, subscripts),
    vjp={"*operands": lambda xp, g, i, operands, *, subscripts, shapes: _einsum_gradient(xp, g, i, operands, subscripts, shapes)},
    tex=r"\sum_{\text{labels not in the result}} \prod_k x^{(k)}_{\dots}", symbol="Σ", order=("subscripts", "operands"), method=False,
    doc="Products of elements that share labels, summed over the labels that the result lacks: einsum('ij,jk->ik', a, b).",
    samples=lambda make: [((make(2, 3), make(3, 2)), {"subscripts": "ij,jk->ik"}), ((make(2, 2, 3), make(3)), {"subscripts": "iij,j->i"}),
                          ((make(3, 3),), {"subscripts": "ii"}), ((make(2), make(2, 3), make(2, 3)), {"subscripts": "i,ij,kj->k"}),
                          ((make(2, 1, 2, 3), make(2, 3)), {"subscripts": "...ab,...b->...a"}),
                          ((make(2, 3), make(2, 2)), {"subscripts": "b..., ca"}), ((make(1, 3), make(2, 3)), {"subscripts": "ij,ij->j"}),
                          ((make(2, 3),), {"subscripts": "ij->"})],
    errors=lambda make: [((make(2, 3), make(4, 3)), {"subscripts": "ij,jk->ik"}, "ShapeError"),
                         ((make(2, 3),), {"subscripts": "ijk->i"}, "ShapeError"), ((make(2, 3),), {"subscripts": "ij->k"}, "ShapeError"),
                         ((make(2, 3), make(3)), {"subscripts": "ij->j"}, "ShapeError"),
                         ((make(2, 3),), {"subscripts": 2}, "ArgumentError"),
                         ((make(2, 3), make.text(3)), {"subscripts": "ij,j"}, "DTypeError")],
    expects="for each operand as many labels as axes, and one size for each label", fix=_einsum_fix,
    torch="torch.einsum(subscripts, *operands)",
)


# ------------------------------------------------------------------------------------------------ products of vectors
def _vecdot(xp, a, b, axis):
    a, b = _last(xp, a, axis), _last(xp, b, axis)
    return xp.squeeze(xp.matmul(xp.expand_dims(a, axis=-2), xp.expand_dims(b, axis=-1)), axis=(-2, -1))


vecdot = composed(
    "vecdot", lambda xp, a, b, *, axis=-1: _vecdot(xp, a, b, axis), tex=r"\sum_k a_{\dots k} b_{\dots k}", symbol="·",
    doc="The inner products of the vectors along an axis; the other axes broadcast.",
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(3)), {}), ((make(3, 2), make(3, 1)), {"axis": 0}),
                          ((make(2, 0), make(2, 0)), {}), ((make(2, 3, 2), make(3, 2)), {"axis": -2})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2, 3), make(1)), {}, "ShapeError"),
                         ((make(2, 3), make(4, 3)), {}, "ShapeError"), ((make(2, 3), make(2, 3)), {"axis": 2}, "IndexError_"),
                         ((make(3), make.text(3)), {}, "DTypeError")],
    expects="vectors of equal size", fix=_common_fix("vecdot"), torch="torch.linalg.vecdot(a, b, dim=axis)",
)


def _matvec_fix(name):
    """A fix: the matrix transposed, else as much of the common axis as both have, else stacks that broadcast."""

    def fix(shapes, params):
        texts, m = ["a", "b"], ("matvec", "vecmat").index(name)  # where the matrix is
        matrix, vector = shapes[m], shapes[1 - m]
        if len(matrix) < 2 or not vector:
            return _common_fix("multiply")(shapes, {})
        inner, other = (-1, -2) if m == 0 else (-2, -1)
        if matrix[inner] != vector[-1] == matrix[other]:
            texts[m] += ".mT"
        elif matrix[inner] != vector[-1]:
            n = min(matrix[inner], vector[-1])
            texts[m], texts[1 - m] = _cut(texts[m], matrix, {inner: n}), _cut(texts[1 - m], vector, {-1: n})
        if _broadcasts(matrix[:-2], vector[:-1]) is None:
            texts[1 - m] = _apart(texts[1 - m], vector[:-1], matrix[:-2])
        return _call(name, texts, {})

    return fix


def _matvec(xp, a, b):
    _matrix(a, False, ShapeError)
    return xp.squeeze(xp.matmul(a, xp.expand_dims(b, axis=-1)), axis=-1)


matvec = composed(
    "matvec", lambda xp, a, b: _matvec(xp, a, b), tex=r"A b", symbol="@", doc="Matrices times vectors, over stacks of both.",
    samples=lambda make: [((make(2, 3), make(3)), {}), ((make(2, 2, 3), make(2, 3)), {}), ((make(2, 3), make(4, 3)), {})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), ((make(2, 2, 3), make(4, 2)), {}, "ShapeError"),
                         ((make(3), make(3)), {}, "ShapeError"),
                         ((make(2, 3), make.text(3)), {}, "DTypeError")],
    expects="(..., n, k) and (..., k)", torch="(a @ b[..., None])[..., 0]", fix=_matvec_fix("matvec"),
)
vecmat = composed(
    "vecmat", lambda xp, a, b: xp.matvec(xp.matrix_transpose(b), a), tex=r"a^\top B", symbol="@",
    doc="Vectors times matrices, over stacks of both.",
    samples=lambda make: [((make(2), make(2, 3)), {}), ((make(2, 2), make(2, 2, 3)), {}), ((make(4, 2), make(2, 3)), {})],
    errors=lambda make: [((make(3), make(2, 3)), {}, "ShapeError"), ((make(5), make(2, 3)), {}, "ShapeError"),
                         ((make(3), make(3)), {}, "ShapeError"),
                         ((make(2), make.text(2, 3)), {}, "DTypeError")],
    expects="(..., k) and (..., k, m)", torch="(a[..., None, :] @ b)[..., 0, :]", fix=_matvec_fix("vecmat"),
)


def _mm(xp, a, b, *ranks):
    """A product of arrays with so many axes and one stack."""
    for x, n in zip((a, b), ranks, strict=True):
        if len(_shape(x)) != n:
            raise ShapeError(f"expected {n} axes, not {len(_shape(x))}")
    if a.shape[:-2] != b.shape[:-2]:
        raise ShapeError(f"stacks of {a.shape[0]} and {b.shape[0]} matrices")
    return xp.matmul(a, b)


mm = composed(
    "mm", lambda xp, a, b: _mm(xp, a, b, 2, 2), tex=r"A B", symbol="@", doc="The product of two matrices.",
    samples=lambda make: [((make(2, 3), make(3, 4)), {}), ((make(2, 0), make(0, 2)), {}), ((make(1, 3), make(3, 1)), {})],
    errors=lambda make: [((make(2, 3), make(2, 4)), {}, "ShapeError"), ((make(2, 3), make(3)), {}, "ShapeError"),
                         ((make(2, 3), make.text(3, 2)), {}, "DTypeError")],
    expects="(n, k) and (k, m)", fix=_product_fix("mm", (2, 2)),
)
bmm = composed(
    "bmm", lambda xp, a, b: _mm(xp, a, b, 3, 3), tex=r"A_i B_i", symbol="@", doc="The products of two equally long stacks of matrices.",
    samples=lambda make: [((make(2, 2, 3), make(2, 3, 2)), {}), ((make(1, 2, 1), make(1, 1, 3)), {}), ((make(0, 2, 3), make(0, 3, 2)), {})],
    errors=lambda make: [((make(2, 2, 3), make(2, 2, 3)), {}, "ShapeError"), ((make(2, 2, 3), make(3, 2)), {}, "ShapeError"),
                         ((make(2, 2, 3), make(1, 3, 2)), {}, "ShapeError"), ((make(2, 2, 3), make(3, 3, 2)), {}, "ShapeError"),
                         ((make(2, 2, 3), make.text(2, 3, 2)), {}, "DTypeError")],
    expects="(s, n, k) and (s, k, m)", fix=_product_fix("bmm", (3, 3)),
)
mv = composed(
    "mv", lambda xp, a, b: _mm(xp, a, b, 2, 1), tex=r"A b", symbol="@", doc="A matrix times a vector.",
    samples=lambda make: [((make(2, 3), make(3)), {}), ((make(3, 1), make(1)), {})],
    errors=lambda make: [((make(2, 3), make(2)), {}, "ShapeError"), ((make(2, 3), make(3, 1)), {}, "ShapeError"),
                         ((make(2, 3), make.text(3)), {}, "DTypeError")],
    expects="(n, k) and (k,)", fix=_product_fix("mv", (2, 1)),
)


def _add_product(xp, x, product, beta, alpha):
    """beta x + alpha product; a beta of 0 leaves x out, NaN and all."""
    x = xp.broadcast_to(x, shape=product.shape)
    x = x if beta == 1 else beta * x if beta else xp.where(False, x, 0)
    return x + (product if alpha == 1 else alpha * product)


def _add_samples(*stack):
    return lambda make: [((make(*stack, 2, 2), make(*stack, 2, 3), make(*stack, 3, 2)), {}),
                         ((make(2), make(*stack, 2, 3), make(*stack, 3, 2)), {"beta": 0.5, "alpha": -2.0}),
                         ((make(1), make(*stack, 1, 3), make(*stack, 3, 1)), {"beta": 0})]


def _add_errors(*stack):
    return lambda make: [((make(*stack, 2, 4), make(*stack, 2, 3), make(*stack, 4, 3)), {}, "ShapeError"),
                         ((make(3), make(*stack, 2, 3), make(*stack, 3, 2)), {}, "ShapeError"),
                         ((make(2), make(*stack, 2, 3), make(2, 3, 3, 2)), {}, "ShapeError"),
                         ((make(2), make.text(*stack, 2, 3), make(*stack, 3, 2)), {}, "DTypeError")]


addmm = composed(
    "addmm", lambda xp, input, a, b, *, beta=1, alpha=1: _add_product(xp, input, xp.mm(a, b), beta, alpha),
    tex=r"\beta X + \alpha A B", symbol="@+", doc="A product of two matrices added to an array, which broadcasts to it.", method=False,
    samples=_add_samples(), errors=_add_errors(), expects="input that broadcasts to (n, m), a (n, k), b (k, m)",
    fix=_product_fix("addmm", (2, 2), first=True), torch="torch.addmm(input, a, b, beta=beta, alpha=alpha)",
)
baddbmm = composed(
    "baddbmm", lambda xp, input, a, b, *, beta=1, alpha=1: _add_product(xp, input, xp.bmm(a, b), beta, alpha),
    tex=r"\beta X_i + \alpha A_i B_i", symbol="@+", method=False,
    doc="The products of two stacks of matrices added to an array, which broadcasts to them.",
    samples=_add_samples(2), errors=_add_errors(2), expects="input that broadcasts to (s, n, m), a (s, n, k), b (s, k, m)",
    fix=_product_fix("baddbmm", (3, 3), first=True), torch="torch.baddbmm(input, a, b, beta=beta, alpha=alpha)",
)


def _kron(xp, a, b):
    n = max(len(_shape(a)), len(_shape(b)))
    sa, sb = ((1,) * (n - len(_shape(x))) + _shape(x) for x in (a, b))
    if not _shape(a) or not _shape(b):
        return xp.multiply(a, b)
    rows = xp.reshape(a, shape=[k for size in sa for k in (size, 1)])
    columns = xp.reshape(b, shape=[k for size in sb for k in (1, size)])
    return xp.reshape(xp.multiply(rows, columns), shape=[p * q for p, q in zip(sa, sb, strict=True)])


kron = composed(
    "kron", lambda xp, a, b: _kron(xp, a, b), tex=r"A \otimes B", symbol="⊗",
    doc="The Kronecker product: a copy of b for each element of a.",
    samples=lambda make: [((make(2, 2), make(2, 1)), {}), ((make(2), make(3)), {}), ((make(2), make(2, 2)), {}), ((make(), make(2)), {})],
    errors=lambda make: [((make.text(2), make(2)), {}, "DTypeError"), ((make(2), make.text(2)), {}, "DTypeError"),
                         ((make(), make.text(1)), {}, "DTypeError")],
)


def _cross(xp, a, b, axis):
    for x in (a, b):
        if _shape(x)[_axes(x, axis)[0]] != 3:
            raise ShapeError(f"vectors of 3 elements, not {x.shape[axis]}")
    a, b = _last(xp, a, axis), _last(xp, b, axis)
    y = xp.multiply(a[..., [1, 2, 0]], b[..., [2, 0, 1]]) - xp.multiply(a[..., [2, 0, 1]], b[..., [1, 2, 0]])
    back = list(range(y.ndim - 1))
    back.insert(axis if axis >= 0 else y.ndim + axis, y.ndim - 1)
    return xp.permute_dims(y, back)


def _cross_fix(shapes, params):
    """In the plane the product is a number; else zeros for what lacks, or the first three elements."""
    if all(s[-1:] == (2,) for s in shapes):
        return "a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]"
    texts = []
    for array, shape in zip("ab", shapes, strict=True):
        text, n = (array, shape[-1]) if shape else (f"gd.reshape({array}, (1,))", 1)
        lacking = f"gd.concatenate([{text}{f', 0 * {text}[..., :1]' * (3 - n)}], axis=-1)"
        texts.append(text if n == 3 else lacking if n < 3 else f"{text}[..., :3]")
    if _broadcasts(shapes[0][:-1], shapes[1][:-1]) is None:
        texts[0] = _apart(texts[0], shapes[0][:-1], shapes[1][:-1])
    return _call("cross", texts, {})


cross = composed(
    "cross", lambda xp, a, b, *, axis=-1: _cross(xp, a, b, axis), tex=r"a \times b", symbol="×",
    doc="The vectors at right angles to a and b along an axis of size 3; the other axes broadcast.",
    samples=lambda make: [((make(3), make(3)), {}), ((make(2, 3), make(3)), {}), ((make(3, 2), make(3, 1)), {"axis": 0}),
                          ((make(2, 3, 1), make(3, 2)), {"axis": -2})],
    errors=lambda make: [((make(2), make(2)), {}, "ShapeError"), ((make(2, 3), make(4, 3)), {}, "ShapeError"),
                         ((make(4, 3), make(4, 3)), {"axis": 2}, "IndexError_"), ((make(3), make.text(3)), {}, "DTypeError")],
    expects="vectors of 3 elements", fix=_cross_fix, torch="torch.linalg.cross(*torch.broadcast_tensors(a, b), dim=axis)",
)


def _multi_dot(xp, xs):
    """Parentheses where they cost least, by dynamic programming over all chains within the chain."""
    if len(xs) < 2:
        raise ShapeError("a product of at least two arrays")
    inner = [x.shape[0] for x in xs[1:]]
    sizes = [xs[0].shape[0] if xs[0].ndim > 1 else 1, *inner, xs[-1].shape[-1] if xs[-1].ndim > 1 else 1]

    @cache
    def best(i, j):
        """(cost, last cut) of the product of the arrays from i to j."""
        if i == j:
            return 0, i
        return min((best(i, k)[0] + best(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j))

    def product(i, j):
        k = best(i, j)[1]
        return xs[i] if i == j else xp.matmul(product(i, k), product(k + 1, j))

    return product(0, len(xs) - 1)


def _check_chain(xs):
    for k, x in enumerate(xs):
        if len(_shape(x)) != 2 and (k not in (0, len(xs) - 1) or len(_shape(x)) != 1):
            raise ShapeError(f"matrices, and vectors at the ends, not an array of {len(_shape(x))} axes")
    return xs


def _multi_dot_fix(shapes, params):
    """A vector within as a diagonal matrix, of a stack the first, and all cut to the sizes that neighbours share."""
    texts, sizes = [], []  # the sizes as matrices
    for k, shape in enumerate(shapes):
        end = len(shape) == 1 and k in (0, len(shapes) - 1)
        text = f"arrays[{k}]" if len(shape) < 3 else f"arrays[{k}][{'0, ' * (len(shape) - 2)}...]"
        texts.append(text if len(shape) > 1 or end else _square(text, shape))
        sizes.append(shape[-2:] if len(shape) > 1 else (1, *shape) if end and k == 0 else (*shape, 1) if end else 2 * (shape or (1,)))
    if len(shapes) == 1:
        return f"gd.multi_dot([{texts[0]}, {texts[0]}{'.mT' if len(shapes[0]) > 1 else ''}])"
    for k in range(len(shapes) - 1):
        n = min(sizes[k][1], sizes[k + 1][0])
        texts[k] += f"[..., :{n}]" if n < sizes[k][1] else ""
        texts[k + 1] += f"[:{n}]" if n < sizes[k + 1][0] else ""
    return f"gd.multi_dot([{', '.join(texts)}])"


multi_dot = composed(
    "multi_dot", lambda xp, *arrays: _multi_dot(xp, _check_chain(arrays)), tex=r"A_1 A_2 \cdots A_n", symbol="@", sequence=True,
    doc="The product of a list of matrices in the order that costs least; a vector may be first and last.",
    samples=lambda make: [((make(2, 3), make(3, 1), make(1, 2)), {}), ((make(3), make(3, 2), make(2, 2), make(2)), {}),
                          ((make(2, 2), make(2, 2)), {})],
    errors=lambda make: [((make(2, 3), make(2, 3), make(3, 4)), {}, "ShapeError"), ((make(2, 3),), {}, "ShapeError"),
                         ((make(2, 3), make(3), make(3, 2)), {}, "ShapeError"), ((make(2, 3), make.text(3, 2)), {}, "DTypeError")],
    expects="matrices of which each has as many rows as the one before has columns", fix=_multi_dot_fix,
    torch="torch.linalg.multi_dot(arrays)",
)


def _trace(xp, x, offset, axis1, axis2):
    x = _last(xp, _matrix(x, False, ShapeError), axis1, axis2)[..., max(-offset, 0) :, max(offset, 0) :]
    n = min(x.shape[-2:])
    return xp.einsum("...ii->...", x[..., :n, :n])


trace = composed(
    "trace", lambda xp, x, *, offset=0, axis1=0, axis2=1: _trace(xp, x, offset, axis1, axis2), tex=r"\sum_i X_{ii}", symbol="tr",
    doc="The sum of a diagonal; offset moves it to the right.",
    samples=lambda make: [((make(3, 3),), {}), ((make(2, 3),), {"offset": 1}), ((make(3, 2),), {"offset": -1}),
                          ((make(2, 2, 3),), {"axis1": -1, "axis2": 1}), ((make(2, 3),), {"offset": 5}), ((make(2, 2, 3),), {})],
    errors=lambda make: [((make(3),), {}, "ShapeError"), ((make(2, 3),), {"axis2": 2}, "IndexError_"),
                         ((make.text(2, 2),), {}, "DTypeError")],
    expects="at least two axes", fix=lambda shapes, params: "gd.trace(x)" if len(shapes[0]) > 1 else "gd.sum(x)",
    torch="torch.diagonal(x, offset, axis1, axis2).sum(-1)",
)
