# cython: language_level=3
"""Kernels of convolution: products over windows that are never copied, see `products`.

They do what `graddl._convolution` does, with the same arguments, or return NotImplemented.
"""
from numpy cimport npy_intp

from graddl._kernels.products cimport Left, Packed, element

from functools import lru_cache
from itertools import product as pairs
from math import prod

import numpy as np

from ._threads import shared

CHUNK = 1 << 18  # bytes of padded images at a time: they stay in the cache from the copy to the product


# ------------------------------------------------------------------------------------------------ tables
def _places(*axes):
    """The sums of one number from each of `axes`, the last axis running fastest."""
    at = np.zeros(1, np.intp)
    for axis in axes:
        at = np.add.outer(at, np.asarray(axis, np.intp)).reshape(-1)
    return at

def _along(shape, *axes):
    """The places of steps along the axes of an array in C order: `axes` holds the steps of each."""
    return _places(*(np.asarray(axis, np.intp) * prod(shape[i + 1:]) for i, axis in enumerate(axes)))

@lru_cache(32)
def _window_tables(channels, kernel, stride, dilation, size, padded):
    """Of windows in padded images (channels, *padded): where they start, and their elements beyond that."""
    start = _along(padded, *(np.arange(m) * s for m, s in zip(size, stride)))
    step = _along((channels, *padded), range(channels), *(np.arange(k) * d for k, d in zip(kernel, dilation)))
    return start, step

@lru_cache(32)
def _phase_tables(shape, rows, kernel, stride, dilation, before, size, channels, itemsize):
    """Of the gradient of an input: padding of g at both ends, and for each residue of the places
    by the stride a left side and the places in the weight.

    Place i takes tap k of window (i + before - k d) / s, where that is a whole number; along the
    places of one residue it is their number plus a constant that only the tap decides.
    """
    phases, low, high = [], [0] * len(shape), [0] * len(shape)
    for residue in pairs(*map(range, stride)):
        counts, taps, firsts = [], [], []
        for a, (r, n, k, s, d, b, m) in enumerate(zip(residue, shape, kernel, stride, dilation, before, size)):
            count = max(0, -(-(n - r) // s))
            mine = [t for t in range(k) if (r + b - t * d) % s == 0]
            first = [(r + b - t * d) // s for t in mine]
            if mine and count:
                low[a], high[a] = max(low[a], -min(first)), max(high[a], max(first) + count - m)
            counts.append(count), taps.append(mine), firsts.append(first)
        phases.append((residue, counts, taps, firsts))
    padded = _uneven(rows, tuple([b + m + a for b, m, a in zip(low, size, high)]), itemsize)
    tables = []
    for residue, counts, taps, firsts in phases:
        tables.append((Left(
            _along(padded, *map(range, counts)),
            _along((rows, *padded), range(rows), *([f + b for f in first] for first, b in zip(firsts, low))),
            _along(shape, *(r + s * np.arange(n) for r, s, n in zip(residue, stride, counts))),
        ), _along((rows, channels, *kernel), range(rows), [0], *taps)))
    return low, padded, tables

def _uneven(channels, shape, itemsize):
    """The shape, or one a little wider: the elements of many planes 1 kB apart have few places in the cache."""
    return (*shape[:-1], shape[-1] + 1) if channels > 8 and prod(shape) * itemsize % 1024 == 0 else shape


# ------------------------------------------------------------------------------------------------ products
def _padded_images(x, before, padded, npy_intp first, npy_intp last):
    """Yield (number, images with zeros around) of images first to last of x, (images, C, *shape), some at a time."""
    shape = x.shape[2:]
    step = max(1, CHUNK // max(1, x.itemsize * x.shape[1] * prod(padded)))
    wide = None if shape == padded else np.zeros((min(step, last - first), x.shape[1], *padded), x.dtype)
    inside = (..., *(slice(b, b + n) for b, n in zip(before, shape)))
    for at in range(first, last, step):
        part = x[at:min(at + step, last)]
        if wide is not None:
            wide[:len(part)][inside] = part
            part = wide[:len(part)]
        yield at, part

def conv(x, w, *, stride, dilation, before, size, groups):
    """x (..., C, *shape) and w (F, C / groups, *kernel) give (..., F, *size)."""
    cdef npy_intp group, rows, inputs, outputs, plane, n = len(stride)
    cdef Packed packed
    if not takes(x, w):
        return NotImplemented
    x, w = np.ascontiguousarray(x), np.ascontiguousarray(w)
    lead, shape, kernel = x.shape[:-n - 1], x.shape[-n:], w.shape[2:]
    rows, inputs, outputs = w.shape[0] // groups, w.shape[1], prod(size)
    padded = _uneven(inputs, _reach(shape, kernel, stride, dilation, before, size), x.itemsize)
    start, step = _window_tables(inputs, kernel, stride, dilation, size, padded)
    left, order = Left(start, step, np.arange(outputs)), np.arange(len(step))
    images, plane = x.reshape(prod(lead), inputs * groups, *shape), inputs * prod(padded)
    y = np.empty((len(images), w.shape[0], *size), x.dtype)
    sides = []
    for group in range(groups):
        packed = Packed(x.dtype, len(step), rows, size[-1] if stride[-1] == 1 else 1)
        packed.take(element(w, group * rows * len(step)), len(step), order)
        sides.append((group, left, packed))
    shared(lambda first, last: _multiply(sides, images, before, padded, plane, y, rows * outputs, outputs, first, last),
           len(images), y.size * len(step), len(images) * groups)
    return y.reshape(*lead, w.shape[0], *size)

def conv_input(g, w, *, shape, stride, dilation, before, groups):
    """g (..., F, *size) and w (F, C / groups, *kernel) give (..., C, *shape)."""
    cdef npy_intp group, rows, columns, outputs, plane, taps, n = len(stride)
    cdef Packed packed
    if not takes(g, w) or not np.isfinite(w).all():  # for padding is multiplied, too
        return NotImplemented
    g, w = np.ascontiguousarray(g), np.ascontiguousarray(w)
    lead, size, kernel, shape = g.shape[:-n - 1], g.shape[-n:], w.shape[2:], tuple(shape)
    rows, columns, outputs, taps = w.shape[0] // groups, w.shape[1], prod(shape), prod(kernel)
    low, padded, tables = _phase_tables(shape, rows, kernel, stride, dilation, before, size, columns, g.itemsize)
    images, plane = g.reshape(prod(lead), rows * groups, *size), rows * prod(padded)
    x = np.empty((len(images), columns * groups, *shape), g.dtype)
    sides = []
    for left, order in tables:
        for group in range(groups):
            packed = Packed(g.dtype, len(order), columns, shape[-1] if stride[-1] == 1 else 1)
            packed.take(element(w, group * rows * columns * taps), taps, order)
            sides.append((group, left, packed))
    shared(lambda first, last: _multiply(sides, images, low, padded, plane, x, columns * outputs, outputs, first, last),
           len(images), g.size * columns * taps, len(images) * len(sides))
    return x.reshape(*lead, columns * groups, *shape)

def _multiply(sides, images, before, padded, npy_intp plane, y, npy_intp block, npy_intp apart, first, last):
    """Write to y the products of some images with all sides (group, left side, right side).

    A group takes `plane` numbers of a padded image, and `block` of y, where its channels are `apart`.
    """
    cdef npy_intp group, groups = y.shape[1] * apart // block
    cdef Left left
    cdef Packed packed
    for at, part in _padded_images(images, before, padded, first, last):
        for group, left, packed in sides:
            packed.multiply(left, len(part), element(part, group * plane), groups * plane,
                            element(y, (at * groups + group) * block), groups * block, apart)

def conv_weight(g, x, *, kernel, stride, dilation, before, groups):
    """g (..., F, *size) and x (..., C, *shape) give (F, C / groups, *kernel)."""
    cdef npy_intp rows, inputs, plane, n = len(stride)
    if not takes(g, x):
        return NotImplemented
    g, x = np.ascontiguousarray(g), np.ascontiguousarray(x)
    lead, shape, size, kernel = x.shape[:-n - 1], x.shape[-n:], g.shape[-n:], tuple(kernel)
    rows, inputs = g.shape[-n - 1] // groups, x.shape[-n - 1] // groups
    padded = _uneven(inputs, _reach(shape, kernel, stride, dilation, before, size), x.itemsize)
    step, start = _window_tables(inputs, kernel, stride, dilation, size, padded)
    left = Left(start, step, np.arange(len(start)) * rows)  # rows stand last until all is added
    images, plane = x.reshape(prod(lead), inputs * groups, *shape), inputs * prod(padded)
    run = size[-1] if stride[-1] == 1 else 1
    parts = shared(
        lambda first, last: _accumulate(left, images, before, padded, plane, g, rows, groups, run, first, last),
        len(images), g.size * len(start), len(images) * groups)
    w = parts[0] if len(parts) == 1 else np.add.reduce(parts)
    return np.matrix_transpose(w).reshape(rows * groups, inputs, *kernel)

def _accumulate(Left left, images, before, padded, npy_intp plane, g, npy_intp rows, npy_intp groups, run, first, last):
    """The sum over some images, (groups, taps, rows)."""
    cdef npy_intp group, taps = left.start.shape[0], pixels = left.step.shape[0]
    cdef Packed packed = Packed(g.dtype, pixels, rows, run)
    w, order = np.zeros((groups, taps, rows), g.dtype), np.arange(pixels)
    for at, part in _padded_images(images, before, padded, first, last):
        for group in range(groups):
            packed.accumulate(left, len(part), element(part, group * plane), groups * plane,
                              element(g, (at * groups + group) * rows * pixels), groups * rows * pixels, pixels, order,
                              element(w, group * taps * rows))
    return w

cdef bint takes(a, b) except -1:
    """Whether these are arrays of one dtype that a product is made of, and not empty."""
    if not (type(a) is type(b) is np.ndarray and a.size and b.size):
        return False
    return a.dtype == b.dtype and a.dtype in (np.float32, np.float64)

def _reach(shape, kernel, stride, dilation, before, size):
    """The shape of padded images in which every window lies."""
    return tuple([
        max(n + b if b else n, (m - 1) * s + (k - 1) * d + 1)
        for n, k, s, d, b, m in zip(shape, kernel, stride, dilation, before, size)
    ])
