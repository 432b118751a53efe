# cython: language_level=3
"""Kernels of pooling over the last axis or the last two. The loops stand in ``windows.h``."""
cimport numpy as cnp
from numpy cimport PyArray_DATA, npy_intp

from graddl._kernels._arrays cimport alike, is_double, plain

import numpy as np

from . import elementwise

cnp.import_array()

cdef extern from *:
    """
    #define BODY "windows.h"
    #include "both_types.h"
    """
    ctypedef struct window:
        npy_intp planes, h, w, rows, columns
        npy_intp kernel[2]
        npy_intp stride[2]
        npy_intp dilation[2]
        npy_intp before[2]
    enum:
        WIDEST
        LONGEST
    const char *choose_isa(int limit) noexcept
    void pool(int is_double, const window *v, int largest, const double *divisor, int each, const void *x,
              void *y) noexcept
    void max_grad(int is_double, const window *v, const void *g, const void *x, const void *y, void *gx) noexcept
    void mean_grad(int is_double, const window *v, const double *divisor, int each, const void *g, void *gx) noexcept

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef bint describe(window *v, tuple shape, kernel, size, place) except -1:
    """Whether there is a kernel for these windows over an array of `shape`; an axis is a plane's row."""
    cdef int axes = len(size), a
    if not 1 <= axes <= 2 or len(shape) < axes or kernel[axes - 1] > WIDEST:
        return False
    if max(shape[len(shape) - 1], size[axes - 1]) > LONGEST:
        return False
    lead, last = shape[:len(shape) - axes], shape[len(shape) - axes:]
    v.planes, v.h, v.rows = 1, 1, 1
    for n in lead:
        v.planes *= n
    v.kernel[0] = v.stride[0] = v.dilation[0] = 1
    v.before[0] = 0
    for a in range(axes):
        v.kernel[2 - axes + a], v.stride[2 - axes + a] = kernel[a], place["stride"][a]
        v.dilation[2 - axes + a], v.before[2 - axes + a] = place["dilation"][a], place["before"][a]
    if axes == 2:
        v.h, v.rows = last[0], size[0]
    v.w, v.columns = last[axes - 1], size[axes - 1]
    return True

cdef object numbers(divisor, tuple size):
    """What windows are divided by, as float64: one number, or one for each; None if it is neither."""
    d = np.ascontiguousarray(divisor, np.float64)
    return d if d.shape == () or d.shape == (1,) or d.shape == size else None


def _max_pool(x, *, kernel, size, place):
    cdef window v
    if not plain(x) or not describe(&v, x.shape, kernel, size, place):
        return NotImplemented
    y = np.empty(x.shape[:x.ndim - len(size)] + tuple(size), x.dtype)
    pool(is_double(x), &v, True, NULL, False, PyArray_DATA(x), PyArray_DATA(y))
    return y

def _max_pool_grad(g, x, y, *, kernel, size, place):
    cdef window v
    if not plain(x) or not describe(&v, x.shape, kernel, size, place) or g.dtype != x.dtype or not alike(y, y):
        return NotImplemented
    g, gx = np.ascontiguousarray(g), np.zeros_like(x)
    max_grad(is_double(x), &v, PyArray_DATA(g), PyArray_DATA(x), PyArray_DATA(y), PyArray_DATA(gx))
    return gx

def _avg_pool(x, *, kernel, size, place, divisor):
    cdef window v
    if not plain(x) or not describe(&v, x.shape, kernel, size, place):
        return NotImplemented
    d = numbers(divisor, tuple(size))
    if d is None:
        return NotImplemented
    y = np.empty(x.shape[:x.ndim - len(size)] + tuple(size), x.dtype)
    pool(is_double(x), &v, False, <double *>PyArray_DATA(d), d.shape == tuple(size), PyArray_DATA(x), PyArray_DATA(y))
    return y

def _avg_pool_grad(g, *, shapes, kernel, size, place, divisor):
    cdef window v
    g = np.ascontiguousarray(g)
    if not plain(g) or not describe(&v, shapes[0], kernel, size, place):
        return NotImplemented
    d, gx = numbers(divisor, tuple(size)), np.zeros(shapes[0], g.dtype)
    if d is None:
        return NotImplemented
    mean_grad(is_double(g), &v, <double *>PyArray_DATA(d), d.shape == tuple(size), PyArray_DATA(g), PyArray_DATA(gx))
    return gx


KERNELS = {
    "max_pool": {"forward": _max_pool, "x": _max_pool_grad},
    "avg_pool": {"forward": _avg_pool, "x": _avg_pool_grad},
}
