# cython: language_level=3
"""Kernels of normalization over a batch that has positions, (N, C, ...). The loops stand in ``batch.h``."""
cimport numpy as cnp
from numpy cimport PyArray_DATA, npy_intp

from graddl._kernels._arrays cimport alike, is_double, plain

import numpy as np

from . import elementwise

cnp.import_array()

cdef extern from *:
    """
    #define BODY "batch.h"
    #include "both_types.h"
    """
    const char *choose_isa(int limit) noexcept
    void normalize(int is_double, npy_intp n, npy_intp channels, npy_intp m, double eps, const void *x,
                   const void *weight, const void *bias, void *y, void *mean, void *var) noexcept
    void normalize_grad(int is_double, npy_intp n, npy_intp channels, npy_intp m, double eps, const void *g,
                        const void *gmean, const void *gvar, const void *x, const void *weight, void *mean, void *var,
                        void *gx, void *dot, void *total) noexcept

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef npy_intp positions(object x, tuple numbers) except -1:
    """How many positions a channel of x has, if all arrays fit; else 0."""
    if not plain(x) or x.ndim < 3 or x.size < 2 * x.shape[1]:
        return 0
    channels = np.empty(x.shape[1], x.dtype)
    if not all([a is None or alike(a, channels) for a in numbers]):
        return 0
    return x.size // (x.shape[0] * x.shape[1]) if x.size else 0

cdef inline const void *data(object a):
    return NULL if a is None else PyArray_DATA(a)


def _normalize_batch(x, weight=None, bias=None, *, eps):
    cdef npy_intp m = positions(x, (weight, bias))
    if not m:
        return NotImplemented
    y, mean = np.empty_like(x), np.empty(x.shape[1], x.dtype)
    var = np.empty_like(mean)
    normalize(is_double(x), x.shape[0], x.shape[1], m, eps, PyArray_DATA(x), data(weight), data(bias), PyArray_DATA(y),
              PyArray_DATA(mean), PyArray_DATA(var))
    return y, mean, var


def _normalize_batch_grad(tuple g, needs, x, weight, *, eps):
    cdef npy_intp m = positions(x, (weight,))
    gy, gmean, gvar = [np.ascontiguousarray(a) for a in g]
    if not m or not alike(gy, x) or gmean.dtype != x.dtype or gvar.dtype != x.dtype:
        return NotImplemented
    gx, (mean, var, dot, total) = np.empty_like(x), np.empty((4, x.shape[1]), x.dtype)
    normalize_grad(is_double(x), x.shape[0], x.shape[1], m, eps, PyArray_DATA(gy), PyArray_DATA(gmean),
                   PyArray_DATA(gvar), PyArray_DATA(x), data(weight), PyArray_DATA(mean), PyArray_DATA(var),
                   PyArray_DATA(gx), PyArray_DATA(dot), PyArray_DATA(total))
    return gx, dot, total


KERNELS = {"normalize_batch": {"forward": _normalize_batch, "joint": _normalize_batch_grad}}
