"""What the families of linear algebra share: axes, and the words of their errors."""

import numpy as np

from ..errors import IndexError_


def _t(xp, m):
    return xp.matrix_transpose(m)


def _shape(x):
    """The shape of an array or Tensor; a number has none."""
    return tuple(getattr(x, "shape", ()))


# ---------------------------------------------------------------------- words for errors
def _cut(name, shape, sizes):
    """Text: the first so many elements on some axes, `a[:, :2]` for sizes {-1: 2}."""
    parts = [":"] * len(shape)
    for axis, n in sizes.items():
        parts[axis] = f":{n}"
    return f"{name}[{', '.join(parts)}]"


def _square(name, shape):
    """Text: a square matrix of what there is."""
    if len(shape) < 2:
        return (
            f"gd.multiply({name}, gd.eye({shape[0]}))" if shape else f"gd.reshape({name}, (1, 1))"
        )
    n = min(shape[-2:])
    return _cut(name, shape, {-2: n, -1: n})


def _row(name, shape):
    """Text: a matrix of one row."""
    return f"gd.reshape({name}, (1, -1))"


def _gram(name, shape):
    """Text: the smaller of the two symmetric products of a matrix and itself."""
    if len(shape) < 2:
        return _square(name, shape)
    return (
        f"gd.matmul({name}, {name}.mT)"
        if shape[-2] <= shape[-1]
        else f"gd.matmul({name}.mT, {name})"
    )


def _call(name, texts, params):
    """Text: a call with these arrays and the parameters that were given."""
    return f"gd.{name}({', '.join([*texts, *(f'{k}={v!r}' for k, v in params.items())])})"


def _finite(name):
    """Text: the call without NaN and infinity, with which LAPACK's iterations do not end."""
    return f"gd.{name}(gd.where(gd.isfinite(a), a, 0))"


def _matrix_fix(name, matrix=_square):
    """A fix: the call with a matrix of the right shape made of `a`; if it has that, with finite
    numbers."""

    def fix(shapes, params):
        text = matrix("a", shapes[0])
        fits = len(shapes[0]) > 1 and (matrix is _row or shapes[0][-1] == shapes[0][-2])
        return _finite(name) if fits else _call(name, [text], params)

    return fix


def _broadcasts(*shapes):
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def _apart(name, own, other):
    """Text: new axes behind an array's own stack, so that it broadcasts to the other's."""
    return f"{name}[{':, ' * len(own)}{'None, ' * len(other)}...]"


def _product_fix(name="matmul", axes=None, first=False):
    """A fix of a product: one matrix transposed, else as much of the common axis as both have, else
    stacks that broadcast. `axes`: how many the op asks for, where matmul takes any number; `first`:
    an array that is added comes before the two."""

    def fix(shapes, params):
        (sa, sb), a, b = shapes[-2:], "a", "b"
        if not sa or not sb:
            return "gd.multiply(a, b)"
        inner, call = sb[-2:][0], name if axes in (None, (len(sa), len(sb))) else "matmul"
        if sa[-1] == inner:
            call = "matmul" if not first else call
        elif len(sb) > 1 and sb[-1] == sa[-1]:
            b, sb = "b.mT", (*sb[:-2], sb[-1], sb[-2])
        elif len(sa) > 1 and sa[-2] == inner:
            a, sa = "a.mT", (*sa[:-2], sa[-1], sa[-2])
        else:
            n = min(sa[-1], inner)
            a, b = _cut(a, sa, {-1: n}), _cut(b, sb, {max(-2, -len(sb)): n})
        stack = _broadcasts(sa[:-2], sb[:-2])
        if call != "dot" and (stack is None or (axes is not None and stack != sa[:-2])):
            a, call = _apart(a, sa[:-2], sb[:-2]), "matmul"
        if (
            first
            and call == name
            and _broadcasts(shapes[0], (*stack, sa[-2], sb[-1])) == (*stack, sa[-2], sb[-1])
        ):
            return f"gd.{name}(input, {a}, {b})"
        return f"gd.{'matmul' if first else call}({a}, {b})"

    return fix


def _common_fix(name):
    """A fix: the call with both arrays cut to the sizes that they share, axes counted from the
    right."""

    def fix(shapes, params):
        if not all(shapes):
            return "gd.multiply(a, b)"
        texts = []
        for array, own, other in zip("ab", shapes, shapes[::-1], strict=True):
            sizes = {
                -k: other[-k] for k in range(1, min(map(len, shapes)) + 1) if other[-k] < own[-k]
            }
            texts.append(_cut(array, own, sizes) if sizes else array)
        return _call(name, texts, params if len(shapes[0]) == len(shapes[1]) else {})

    return fix


def _matrix(a, square=True, error=ValueError):
    """a, if it is one or more matrices. A function made of others raises an error of the engine."""
    if len(_shape(a)) < 2:
        raise error("a matrix has two axes")
    if square and a.shape[-2] != a.shape[-1]:
        raise error(f"not a square matrix, but {a.shape[-2]} by {a.shape[-1]}")
    return a


def _axes(x, *axes):
    """Axes as numbers from 0."""
    n = len(_shape(x))
    for axis in axes:
        if not -n <= axis < n:
            raise IndexError_(f"axis {axis} is out of bounds for {n} axes")
    return [axis % n for axis in axes]


def _last(xp, x, *axes):
    """x with these axes behind all others."""
    axes = _axes(x, *axes)
    return xp.permute_dims(x, [*(k for k in range(x.ndim) if k not in axes), *axes])
