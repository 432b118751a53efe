# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Adding rows at places that may come twice: the gradient of taking rows, as an embedding does."""
cimport numpy as cnp
from libc.stdint cimport int64_t
from numpy cimport (
    NPY_DOUBLE,
    NPY_FLOAT,
    NPY_INT64,
    PyArray_CheckExact,
    PyArray_DATA,
    PyArray_ISCARRAY,
    PyArray_ISCARRAY_RO,
    PyArray_SIZE,
    PyArray_TYPE,
    npy_intp,
)

cnp.import_array()

ctypedef fused number:
    float
    double


cdef void _add(npy_intp n, npy_intp width, npy_intp rows, const int64_t *at, const number *g, number *out) noexcept:
    cdef npy_intp i, j
    cdef number *row
    cdef const number *share
    for i in range(n):
        row = out + (at[i] if at[i] >= 0 else at[i] + rows) * width
        share = g + i * width
        for j in range(width):
            row[j] += share[j]


def add_rows(object out, object at, object g):
    """``out[at] += g`` in order, once for each time that a row is named; whether it was done.

    Parameters
    ----------
    out : ndarray of shape (rows, ...), float32 or float64 in C order
    at : ndarray of int64, each from -rows to rows - 1
    g : ndarray of shape (\\*at.shape, ...), in C order and of out's dtype
    """
    cdef npy_intp n, width, rows, i
    cdef const int64_t *places
    if not (PyArray_CheckExact(out) and PyArray_CheckExact(at) and PyArray_CheckExact(g)) or not out.ndim:
        return False
    if not (PyArray_ISCARRAY(out) and PyArray_ISCARRAY_RO(at) and PyArray_ISCARRAY_RO(g)):
        return False
    if PyArray_TYPE(at) != NPY_INT64 or PyArray_TYPE(out) != PyArray_TYPE(g):
        return False
    if g.shape != at.shape + out.shape[1:]:
        return False
    n, rows = PyArray_SIZE(at), out.shape[0]
    places = <const int64_t *>PyArray_DATA(at)
    for i in range(n):
        if not -rows <= places[i] < rows:
            return False
    width = PyArray_SIZE(g) // n if n else 0
    if PyArray_TYPE(out) == NPY_FLOAT:
        _add[float](n, width, rows, places, <const float *>PyArray_DATA(g), <float *>PyArray_DATA(out))
    elif PyArray_TYPE(out) == NPY_DOUBLE:
        _add[double](n, width, rows, places, <const double *>PyArray_DATA(g), <double *>PyArray_DATA(out))
    else:
        return False
    return True
