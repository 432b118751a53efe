# cython: language_level=3
"""Kernels of ops along the last axis: softmax, cross-entropy, standardization. The loops stand in
``rows.h``; other axes, dtypes and layouts are declined, and of cross-entropy what is wrong."""
cimport numpy as cnp
from libc.stdint cimport int64_t
from numpy cimport PyArray_DATA, npy_intp

from graddl._kernels._arrays cimport alike, is_double, plain

import numpy as np

from . import elementwise

cnp.import_array()

cdef extern from *:
    """
    #define BODY "rows.h"
    #include "both_types.h"
    """
    const char *choose_isa(int limit) noexcept
    void c_softmax "softmax"(int is_double, npy_intp n, npy_intp m, const void *x, void *y) noexcept
    void c_softmax_grad "softmax_grad"(int is_double, npy_intp n, npy_intp m, const void *g, const void *y,
                                       void *gx) noexcept
    void c_log_softmax "log_softmax"(int is_double, npy_intp n, npy_intp m, const void *x, void *y) noexcept
    void c_log_softmax_grad "log_softmax_grad"(int is_double, npy_intp n, npy_intp m, const void *g, const void *y,
                                               void *gx) noexcept
    void c_cross_entropy "cross_entropy"(int is_double, npy_intp n, npy_intp m, const void *x, const int64_t *target,
                                         const void *weight, int64_t ignored, void *p, void *loss,
                                         double *total_weight) noexcept
    void c_cross_entropy_grad "cross_entropy_grad"(int is_double, npy_intp n, npy_intp m, const void *p,
                                                   const int64_t *target, const void *weight, int64_t ignored,
                                                   const void *scale, int each, void *gx) noexcept
    void c_standardize "standardize"(int is_double, npy_intp n, npy_intp m, double eps, const void *x, void *y,
                                     void *r) noexcept
    void c_standardize_grad "standardize_grad"(int is_double, npy_intp n, npy_intp m, const void *g, const void *y,
                                               const void *r, void *gx) noexcept

ctypedef void (*map_rows)(int is_double, npy_intp n, npy_intp m, const void *x, void *y) noexcept
ctypedef void (*map_grad)(int is_double, npy_intp n, npy_intp m, const void *g, const void *y, void *gx) noexcept

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef npy_intp width(object x, object axis) except -1:
    """How many elements a row has, if x is plain and its last axes are meant; else 0."""
    cdef npy_intp m = 1
    if not plain(x) or not x.size:
        return 0
    axes = axis if type(axis) is tuple else (axis,)
    if not axes or any([type(a) is not int or not -x.ndim <= a < x.ndim for a in axes]):
        return 0
    if sorted([a % x.ndim for a in axes]) != list(range(x.ndim - len(axes), x.ndim)):
        return 0
    for n in x.shape[x.ndim - len(axes):]:
        m *= n
    return m

cdef object mapped(map_rows f, object x, object axis):
    cdef npy_intp m = width(x, axis)
    if not m or type(axis) is tuple:
        return NotImplemented
    y = np.empty_like(x)
    f(is_double(x), x.size // m, m, PyArray_DATA(x), PyArray_DATA(y))
    return y

cdef object mapped_back(map_grad f, object g, object y, object axis):
    cdef npy_intp m = width(y, axis)
    if not m or type(axis) is tuple or g.dtype != y.dtype or g.shape != y.shape:
        return NotImplemented
    g, gx = np.ascontiguousarray(g), np.empty_like(y)
    f(is_double(y), y.size // m, m, PyArray_DATA(g), PyArray_DATA(y), PyArray_DATA(gx))
    return gx


def _softmax(x, *, axis):
    return mapped(c_softmax, x, axis)

def _softmax_grad(g, y, *, axis):
    return mapped_back(c_softmax_grad, g, y, axis)

def _log_softmax(x, *, axis):
    return mapped(c_log_softmax, x, axis)

def _log_softmax_grad(g, y, *, axis):
    return mapped_back(c_log_softmax_grad, g, y, axis)


def _standardize(x, *, axis, eps):
    cdef npy_intp m = width(x, axis)
    if not m:
        return NotImplemented
    axes = len(axis) if type(axis) is tuple else 1
    y, r = np.empty_like(x), np.empty(x.shape[:x.ndim - axes] + (1,) * axes, x.dtype)
    c_standardize(is_double(x), x.size // m, m, eps, PyArray_DATA(x), PyArray_DATA(y), PyArray_DATA(r))
    return y, (r,)

def _standardize_grad(g, y, r, *, axis):
    cdef npy_intp m = width(y, axis)
    if not m or g.dtype != y.dtype or g.shape != y.shape:
        return NotImplemented
    g, gx = np.ascontiguousarray(g), np.empty_like(y)
    c_standardize_grad(is_double(y), y.size // m, m, PyArray_DATA(g), PyArray_DATA(y), PyArray_DATA(r),
                       PyArray_DATA(gx))
    return gx


cdef object indices(object target, tuple shape, int64_t ignored):
    """The class indices of rows that `shape` ends with, as int64 in C order; None if some are none."""
    if type(target) is not np.ndarray or target.dtype.kind not in "iu" or target.shape != shape[:len(shape) - 1]:
        return None
    target = np.ascontiguousarray(target, np.int64).reshape(target.shape)
    if not target.size:
        return None
    if not 0 <= target.min() <= target.max() < shape[len(shape) - 1]:
        valid = target[target != ignored]
        if valid.size and not 0 <= valid.min() <= valid.max() < shape[len(shape) - 1]:
            return None
    return target

def _cross_entropy(input, target, weight=None, *, ignore_index, reduction, label_smoothing):
    cdef double total_weight
    if label_smoothing or type(ignore_index) is not int or not width(input, -1):
        return NotImplemented
    target = indices(target, input.shape, ignore_index)
    if target is None or weight is not None and not (
            alike(weight, np.empty(input.shape[input.ndim - 1], input.dtype)) and np.isfinite(weight).all()):
        return NotImplemented
    p, loss = np.empty_like(input), np.empty(target.shape, input.dtype)
    c_cross_entropy(is_double(input), target.size, input.shape[input.ndim - 1], PyArray_DATA(input),
                    <int64_t *>PyArray_DATA(target), NULL if weight is None else PyArray_DATA(weight), ignore_index,
                    PyArray_DATA(p), PyArray_DATA(loss), &total_weight)
    if reduction == "mean" and total_weight:
        loss = np.add.reduce(loss, axis=None) / total_weight
    elif reduction == "sum":
        loss = np.add.reduce(loss, axis=None)
    elif reduction != "none":
        return NotImplemented
    return np.asarray(loss, input.dtype), (p, np.asarray(total_weight))

def _cross_entropy_grad(g, p, n, target, weight, *, ignore_index, reduction, label_smoothing):
    if label_smoothing or not plain(p) or type(target) is not np.ndarray or target.shape != p.shape[:p.ndim - 1]:
        return NotImplemented
    if weight is not None and not alike(weight, np.empty(p.shape[p.ndim - 1], p.dtype)):
        return NotImplemented
    target = np.ascontiguousarray(target, np.int64)
    scale = np.ascontiguousarray(g / (float(n) or 1) if reduction == "mean" else g, p.dtype)
    gx = np.empty_like(p)
    if p.size:
        c_cross_entropy_grad(is_double(p), target.size, p.shape[p.ndim - 1], PyArray_DATA(p),
                             <int64_t *>PyArray_DATA(target), NULL if weight is None else PyArray_DATA(weight),
                             ignore_index, PyArray_DATA(scale), reduction == "none", PyArray_DATA(gx))
    return gx


KERNELS = {
    "softmax": {"forward": _softmax, "x": _softmax_grad},
    "log_softmax": {"forward": _log_softmax, "x": _log_softmax_grad},
    "standardize": {"forward": _standardize, "x": _standardize_grad},
    "cross_entropy": {"forward": _cross_entropy, "input": _cross_entropy_grad},
}
