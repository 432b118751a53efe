# cython: language_level=3
"""Matrix products by tables and packed right sides, for other kernels. The loops stand in ``products.h``."""
cimport numpy as cnp
from cpython.exc cimport PyErr_CheckSignals
from numpy cimport PyArray_DATA, PyArray_ITEMSIZE, ndarray, npy_intp

import numpy as np

from . import elementwise

cnp.import_array()

cdef extern from *:
    """
    #define BODY "products.h"
    #include "both_types.h"
    """
    ctypedef struct product:
        npy_intp rows, depth, columns
        const npy_intp *start
        const npy_intp *step
        const npy_intp *place
        npy_intp apart, run
        int form, add
        npy_intp images, x_apart, y_apart
    enum:
        ALONE
    const char *choose_isa(int limit) noexcept
    int form_of(int is_double, npy_intp columns, npy_intp run) noexcept
    npy_intp lanes_of(int is_double, int form) noexcept
    void pack(int is_double, int form, npy_intp depth, npy_intp columns, const void *b, npy_intp apart,
              const npy_intp *place, void *packed) noexcept nogil
    void multiply(int is_double, const product *v, const void *x, const void *packed, void *y) noexcept nogil

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef void *element(ndarray x, npy_intp i) noexcept:
    """Where the i-th element of an array in C order is."""
    return <char *>PyArray_DATA(x) + i * PyArray_ITEMSIZE(x)


cdef product described(Left left, Packed right) noexcept:
    cdef product v
    v.rows, v.depth, v.columns = left.start.shape[0], right.depth, right.columns
    v.start = <const npy_intp *>PyArray_DATA(left.start)
    v.step = <const npy_intp *>PyArray_DATA(left.step)
    v.place = <const npy_intp *>PyArray_DATA(left.place)
    v.run, v.form = right.run, right.form
    return v


cdef class Left:
    """The left side of products: where rows start in x, where each k is from there, where rows go in y."""

    def __init__(self, start, step, place):
        self.start, self.step, self.place = start, step, place


cdef class Packed:
    """The right side of products, `depth` x `columns`, of one dtype.

    Of the tables of the left side so many places, `run`, are neighbours.
    """

    def __init__(self, dtype, npy_intp depth, npy_intp columns, npy_intp run):
        cdef npy_intp lanes
        self.double, self.depth, self.columns, self.run = dtype == np.float64, depth, columns, run
        self.form = form_of(self.double, columns, run)
        lanes = lanes_of(self.double, self.form)
        self.memory = np.empty(-(-columns // lanes) * lanes * depth, dtype)

    cdef void take(self, const void *b, npy_intp apart, ndarray order) noexcept:
        """Become b[place of k in `order` + column * apart]."""
        pack(self.double, self.form, self.depth, self.columns, b, apart,
             <const npy_intp *>PyArray_DATA(order), PyArray_DATA(self.memory))

    cdef int multiply(self, Left left, npy_intp images, const void *x, npy_intp x_apart, void *y, npy_intp y_apart,
                      npy_intp apart) except -1:
        """Write the products with x to y, whose columns are `apart`."""
        cdef product v = described(left, self)
        v.images, v.x_apart, v.y_apart, v.apart, v.add = images, x_apart, y_apart, apart, 0
        cdef const void *right = PyArray_DATA(self.memory)
        with nogil:
            multiply(self.double, &v, x, right, y)
        PyErr_CheckSignals()
        return 0

    cdef int accumulate(self, Left left, npy_intp images, const void *x, npy_intp x_apart, const void *b,
                        npy_intp b_apart, npy_intp column_apart, ndarray order, void *y) except -1:
        """Add up in y, whose columns are neighbours, the products of each x with its own right side, taken from b."""
        cdef product v = described(left, self)
        cdef npy_intp n, size = 8 if self.double else 4
        cdef const npy_intp *places = <const npy_intp *>PyArray_DATA(order)
        cdef void *packed = PyArray_DATA(self.memory)
        cdef const void *own
        cdef bint whole = self.form == ALONE and column_apart == self.depth  # and needs no packing
        v.images, v.apart, v.add, v.x_apart, v.y_apart = 1, 1, 1, 0, 0
        with nogil:
            for n in range(images):
                own = <const char *>b + n * b_apart * size
                if not whole:
                    pack(self.double, self.form, self.depth, self.columns, own, column_apart, places, packed)
                multiply(self.double, &v, <const char *>x + n * x_apart * size, own if whole else packed, y)
        PyErr_CheckSignals()
        return 0


cdef class Matrix(Packed):
    """A matrix w (depth, columns), in any order, that matrices (rows, depth) are multiplied by."""

    def __init__(self, w, npy_intp rows):
        depth, columns = w.shape
        Packed.__init__(self, w.dtype, depth, columns, 1)
        down, apart = (s // w.itemsize for s in w.strides)
        self.left = Left(np.arange(rows) * depth, np.arange(depth), np.arange(rows) * columns)
        self.take(PyArray_DATA(w), apart, np.arange(depth) * down)

    cdef int times(self, const void *x, void *y) except -1:
        """Write x w to y; both are in C order."""
        return self.multiply(self.left, 1, x, 0, y, 0, 1)
