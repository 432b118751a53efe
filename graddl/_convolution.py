"""Windows of an array and sums of products over them: the primitives of convolution, in NumPy.

All work on the last axes, as many as `stride` has entries. Window i along an axis starts at element
``i * stride - before`` and takes every `dilation`-th one; there are `size` windows, and what lies
outside of the array reads as `fill`. The products are those of one trilinear form

    Σ g[n, f, i] w[f, c, k] x[n, c, i * stride - before + k * dilation]

of which `conv` is the derivative by g, `conv_input` that by x and `conv_weight` that by w. So each
has the other two as its own derivatives, to any order.
"""

import math
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import as_strided

CHUNK = 1 << 20  # bytes of columns at a time: they stay in the cache from the copy to the product


def windows(x, *, kernel, stride, dilation, before, size, fill=0):
    """All windows (..., *kernel, *size) of x (..., *shape); a view where none reaches outside."""
    n = len(stride)
    lead, shape, reach = x.shape[:-n], x.shape[-n:], _reach(kernel, stride, dilation, size)
    if any(before) or any(r > m for r, m in zip(reach, shape, strict=True)):
        if fill == -math.inf and x.dtype.kind != "f":
            fill = False if x.dtype.kind == "b" else np.iinfo(x.dtype).min
        wide = np.full((*lead, *reach), fill, x.dtype)
        there, here = _overlap(shape, reach, before)
        wide[there] = x[here]
        x = wide
    strides = x.strides[-n:]
    along = [d * s for d, s in zip(dilation, strides, strict=True)]
    steps = [m * s for m, s in zip(stride, strides, strict=True)]
    return as_strided(
        x, (*lead, *kernel, *size), (*x.strides[:-n], *along, *steps), writeable=False
    )


def add_windows(g, *, shape, stride, dilation, before):
    """The transpose of `windows`: g (..., *kernel, *size), each element added where it is from."""
    n = len(stride)
    lead, kernel, size = g.shape[: -2 * n], g.shape[-2 * n : -n], g.shape[-n:]
    reach = _reach(kernel, stride, dilation, size)
    wide = np.zeros((*lead, *map(max, reach, map(sum, zip(before, shape, strict=True)))), g.dtype)
    for offset in product(*map(range, kernel)):
        place: list = [
            slice(k * d, k * d + (m - 1) * s + 1, s)
            for k, d, m, s in zip(offset, dilation, size, stride, strict=True)
        ]
        here: tuple = (..., *place)
        there: tuple = (..., *offset, *[slice(None)] * n)
        wide[here] += g[there]
    inside: tuple = (..., *(slice(b, b + m) for b, m in zip(before, shape, strict=True)))
    return wide[inside]


def conv(x, w, *, stride, dilation, before, size, groups):
    """x (..., C, *shape) and w (F, C / groups, *kernel) give (..., F, *size)."""
    n, f, dtype = len(stride), w.shape[0], np.result_type(x, w)
    wide, lead = _wide(dtype), x.shape[: -n - 1]
    w, kernel = w.reshape(groups, f // groups, -1).astype(wide, copy=False), w.shape[2:]
    y = np.empty((math.prod(lead), f, *size), wide)
    for part, columns in _columns(x, kernel, stride, dilation, before, size, groups, wide):
        found = np.matmul(w, columns)  # (groups, F / groups, pixels * images)
        y[part] = np.moveaxis(found.reshape(f, *size, -1), -1, 0)
    return y.reshape(*lead, f, *size).astype(dtype, copy=False)


def conv_input(g, w, *, shape, stride, dilation, before, groups):
    """g (..., F, *size) and w (F, C / groups, *kernel) give (..., C, *shape)."""
    n, (f, c, *kernel), dtype = len(stride), w.shape, np.result_type(g, w)
    wide, lead, size = _wide(dtype), g.shape[: -n - 1], g.shape[-n:]
    w = np.matrix_transpose(w.reshape(groups, f // groups, -1)).astype(wide, copy=False)
    multiply = np.matmul if w.shape[2] > 1 else np.multiply  # outer products, for depthwise ones
    x, memory = np.empty((math.prod(lead), c * groups, *shape), wide), None
    for part, images in _images_last(g, n, w.shape[1] * groups * math.prod(size), wide):
        m = images.shape[-1]
        images = images.reshape(groups, f // groups, -1)
        if memory is None:
            memory = np.empty(groups * w.shape[1] * images.shape[2], wide)
        columns = memory[: groups * w.shape[1] * images.shape[2]].reshape(groups, w.shape[1], -1)
        multiply(w, images, out=columns)
        columns = columns.reshape(c * groups, *kernel, 1, *size, m)
        found = add_windows(columns, shape=(*shape, m), **_with_images(stride, dilation, before))
        x[part] = np.moveaxis(found, -1, 0)
    return x.reshape(*lead, c * groups, *shape).astype(dtype, copy=False)


def conv_weight(g, x, *, kernel, stride, dilation, before, groups):
    """g (..., F, *size) and x (..., C, *shape) give (F, C / groups, *kernel)."""
    n, dtype = len(stride), np.result_type(g, x)
    f, c, size, wide = g.shape[-n - 1], x.shape[-n - 1], g.shape[-n:], _wide(dtype)
    g = g.reshape(math.prod(g.shape[: -n - 1]), f, *size)
    w = np.zeros((groups, f // groups, c // groups * math.prod(kernel)), wide)
    for part, columns in _columns(x, kernel, stride, dilation, before, size, groups, wide):
        images = np.moveaxis(g[part], 0, -1).reshape(groups, f // groups, -1)
        w += np.matmul(images.astype(wide, copy=False), np.matrix_transpose(columns))
    return w.reshape(f, c // groups, *kernel).astype(dtype, copy=False)


# ---------------------------------------------------------------------- what they share
# A few images at a time lie side by side on the last axis: loops over small ones run long there.
def _columns(x, kernel, stride, dilation, before, size, groups, dtype):
    """Yield (which images, their windows as columns (groups, C * kernel, pixels * images))
    of x (..., C, *shape). The memory of the columns is used again for the next images."""
    n, memory = len(stride), None
    rows, pixels = x.shape[-n - 1] // groups * math.prod(kernel), math.prod(size)
    how = _with_images(stride, dilation, before)
    for part, images in _images_last(x, n, groups * rows * pixels, dtype):
        m = images.shape[-1]
        view = windows(images, kernel=(*kernel, 1), size=(*size, m), **how)
        if memory is None:
            memory = np.empty(view.size, dtype)
        columns = memory[: view.size].reshape(view.shape)
        np.copyto(columns, view)
        yield part, columns.reshape(groups, rows, pixels * m)


def _with_images(stride, dilation, before):
    """The place of windows with one more axis, of which each image is a window of its own."""
    return dict(stride=(*stride, 1), dilation=(*dilation, 1), before=(*before, 0))


def _images_last(x, n, size, dtype):
    """Yield (which images, they as (C, *shape, images)) of x (..., C, *shape), n axes being the
    shape: as many at a time as have columns of CHUNK bytes, at `size` elements each."""
    count = math.prod(x.shape[: -n - 1])
    x = x.reshape(count, *x.shape[-n - 1 :])
    step = max(1, CHUNK // max(size * dtype.itemsize, 1))
    for start in range(0, count, step):
        part = slice(start, start + step)
        yield part, np.ascontiguousarray(np.moveaxis(x[part], 0, -1), dtype)


def _reach(kernel, stride, dilation, size):
    """For each axis how many elements the windows span, from the first one's start."""
    return [
        max((m - 1) * s + (k - 1) * d + 1, 0)
        for k, s, d, m in zip(kernel, stride, dilation, size, strict=True)
    ]


def _overlap(shape, reach, before):
    """Where elements of an array lie in the span of its windows, and which elements those are."""
    ends = [min(b + m, r) for b, m, r in zip(before, shape, reach, strict=True)]
    there = [slice(b, e) for b, e in zip(before, ends, strict=True)]
    here = [slice(0, max(e - b, 0)) for b, e in zip(before, ends, strict=True)]
    return (..., *there), (..., *here)


def _wide(dtype):
    """Half precision adds up in single: products of float16 lose their digits, and are slow."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype
