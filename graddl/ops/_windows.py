"""Where windows lie: sizes, strides and paddings of convolution and pooling, as numbers.

A *place* is what the primitives take: stride, dilation, and elements `before` the array; `size` is
the number of windows. Errors here name no op and no fix: the entries' own are added to them.
"""

import math

import numpy as np

from ..errors import ArgumentError, ShapeError


def each(name, value, n, least=1):
    """A parameter for each of n axes: an int stands for all of them."""
    values = (value,) * n if hasattr(value, "__index__") else value
    good = isinstance(values, tuple | list) and len(values) == n
    if not good or not all(hasattr(v, "__index__") and v >= least for v in values):
        some = "an int" + (f" or {n} of them" if n > 1 else "")
        raise ArgumentError(f"{name} is {some}, {least} or more; got {name}={value!r}")
    return tuple(map(int, values))


def padding_of(padding, shape, kernel, stride, dilation):
    """(before, total) of zeros for each axis, from numbers, "same" or "valid"."""
    n = len(shape)
    if not isinstance(padding, str):
        before = each("padding", padding, n, 0)
        return before, tuple(2 * p for p in before)
    word = padding.lower()
    if word == "valid":
        return (0,) * n, (0,) * n
    if word != "same":
        raise ArgumentError(f'padding is numbers, "same" or "valid"; got padding={padding!r}')
    total = tuple(
        max((-(-m // s) - 1) * s + d * (k - 1) + 1 - m, 0)
        for m, k, s, d in zip(shape, kernel, stride, dilation, strict=True)
    )
    return tuple(t // 2 for t in total), total


def conv_place(shape, kernel, stride, padding, dilation):
    """(size, place) of a convolution's windows on an array whose last axes have this shape."""
    n = len(kernel)
    shape, stride, dilation = shape[-n:], each("stride", stride, n), each("dilation", dilation, n)
    before, total = padding_of(padding, shape, kernel, stride, dilation)
    size = []
    for m, t, k, s, d in zip(shape, total, kernel, stride, dilation, strict=True):
        span = d * (k - 1) + 1
        if span > m + t:
            raise ShapeError(
                f"the kernel {kernel} spans {span} elements on an axis that has {m + t} with "
                f"padding; got an input {shape}, padding={padding!r}, dilation={dilation}"
            )
        size.append((m + t - span) // s + 1)
    return tuple(size), dict(stride=stride, dilation=dilation, before=before)


def transposed_place(shape, kernel, stride, padding, output_padding, dilation):
    """(shape, place): the shape (L - 1) s - 2 p + d (k - 1) + 1 + o of a transposed convolution's
    output, and where its windows lie, of which each belongs to an element of the input."""
    n = len(kernel)
    shape, stride, dilation = shape[-n:], each("stride", stride, n), each("dilation", dilation, n)
    before, extra = each("padding", padding, n, 0), each("output_padding", output_padding, n, 0)
    out = []
    for m, k, s, p, o, d in zip(shape, kernel, stride, before, extra, dilation, strict=True):
        if o >= max(s, d):
            raise ArgumentError(
                "output_padding is smaller than stride or dilation; "
                f"got output_padding={output_padding}, stride={stride}, dilation={dilation}"
            )
        out.append((m - 1) * s - 2 * p + d * (k - 1) + 1 + o)
    if min(out) < 1:
        raise ShapeError(f"nothing is left of the output: {tuple(out)}; got padding={padding}")
    return tuple(out), dict(stride=stride, dilation=dilation, before=before)


def pool_place(n, shape, kernel_size, stride, padding, dilation, ceil_mode):
    """(kernel, size, place) of a pooling. Under ceil_mode the last window may end outside, but
    starts inside of the array or of the padding before it."""
    if len(shape) < n:
        raise ShapeError(f"pooling over {n} axes of an array that has {len(shape)}")
    kernel, shape = each("kernel_size", kernel_size, n), shape[-n:]
    stride = kernel if stride is None else each("stride", stride, n)
    before, dilation = each("padding", padding, n, 0), each("dilation", dilation, n)
    size = []
    for m, k, s, p, d in zip(shape, kernel, stride, before, dilation, strict=True):
        span = d * (k - 1) + 1
        if 2 * p > span:
            raise ArgumentError(
                "padding is at most half of the kernel, or a window would lie outside; "
                f"got padding={padding}, kernel_size={kernel_size}"
            )
        room = m + 2 * p - span
        count = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (count - 1) * s >= m + p:
            count -= 1
        if (room < 0 and not ceil_mode) or count < 1 or m < 1:
            raise ShapeError(
                f"the kernel {kernel} spans {span} elements on an axis that has {m + 2 * p} with "
                f"padding; got an input {shape}, padding={padding}"
            )
        size.append(count)
    return kernel, tuple(size), dict(stride=stride, dilation=dilation, before=before)


def window_counts(shape, kernel, size, stride, before, include_padding):
    """How many elements each window has: a number if all have as many, else an array of `size`.
    What lies beyond the padding never counts."""
    counts = []
    for m, k, n, s, p in zip(shape, kernel, size, stride, before, strict=True):
        start = np.arange(n) * s - p
        end = np.minimum(start + k, m + p)
        counts.append(end - start if include_padding else np.minimum(end, m) - np.maximum(start, 0))
    if all((c == c[0]).all() for c in counts):
        return math.prod(int(c[0]) for c in counts)
    return math.prod(np.meshgrid(*counts, indexing="ij", sparse=True))


def bins(m, n):
    """(start, end) of n parts of m elements, which may overlap; PyTorch's for adaptive pooling."""
    return [(i * m // n, -(-(i + 1) * m // n)) for i in range(n)]


# ---------------------------------------------------------------------- what a fix says
def with_axes(word, shape, least, most):
    """An array brought to so many axes, as text, and its shape: with ones in front, or with the
    leading axes taken as one."""
    if len(shape) < least:
        shape = (1,) * (least - len(shape)) + shape
    elif len(shape) > most:
        shape = (math.prod(shape[: len(shape) - most + 1]), *shape[len(shape) - most + 1 :])
    else:
        return word, shape
    return f"{word}.reshape({shape})", shape


def usable(params, n, **least):
    """Those parameters that are numbers for n axes, not below what is the least."""
    found = {}
    for name, low in least.items():
        try:
            word = isinstance(params[name], str) and params[name].lower() in ("same", "valid")
            if not word or name != "padding":
                each(name, params[name], n, low)
            found[name] = params[name]
        except ArgumentError:
            pass
    return found
