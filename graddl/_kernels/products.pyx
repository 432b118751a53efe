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
    enum:
        ALONE
    const char *choose_isa(int limit) noexcept
    int form_of(int is_double, npy_intp columns, npy_intp run) noexcept
    npy_intp lanes_of(int is_double, int form) noexcept
    void pack(int is_double, int form, npy_intp depth, npy_intp columns, const void *b, npy_intp apart,
              const npy_intp *place, void *packed) noexcept
    void multiply(int is_double, const product *v, const void *x, const void *packed, void *y) noexcept nogil

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef void *element(ndarray x, npy_intp i) noexcept:
    """Where the i-th element of an array in C order is."""
    return <char *>PyArray_DATA(x) + i * PyArray_ITEMSIZE(x)


cdef class Packed:
    """The right side of products, `depth` x `columns`, of one dtype.

    Of the tables of the left sides so many places, `run`, are neighbours.
    """

    def __init__(self, dtype, npy_intp depth, npy_intp columns, npy_intp run):
        cdef npy_intp lanes
        self.double, self.depth, self.columns, self.run = dtype == np.float64, depth, columns, run
        self.form = form_of(self.double, columns, run)
        lanes = lanes_of(self.double, self.form)
        self.memory = np.empty(-(-columns // lanes) * lanes * depth, dtype)

    cdef void take(self, ndarray b, npy_intp offset, npy_intp apart, ndarray place):
        """Become b[offset + place of k + column * apart]."""
        self.right = PyArray_DATA(self.memory)
        pack(self.double, self.form, self.depth, self.columns, element(b, offset), apart,
             <const npy_intp *>PyArray_DATA(place), PyArray_DATA(self.memory))

    cdef bint borrow(self, ndarray b, npy_intp offset, npy_intp apart) except -1:
        """Be columns of b themselves, if they stand alone and are whole; whether it is so."""
        if self.form != ALONE or apart != self.depth:
            return False
        self.right = element(b, offset)
        return True

    cdef int multiply(self, const void *x, ndarray start, ndarray step, void *y, npy_intp apart, ndarray place,
                      bint add) except -1:
        """Write the products with x[start + step] to y[place + column * apart], or add them there."""
        cdef product v
        v.rows, v.depth, v.columns = start.shape[0], self.depth, self.columns
        v.start = <const npy_intp *>PyArray_DATA(start)
        v.step = <const npy_intp *>PyArray_DATA(step)
        v.place = <const npy_intp *>PyArray_DATA(place)
        v.apart, v.run, v.form, v.add = apart, self.run, self.form, add
        with nogil:
            multiply(self.double, &v, x, self.right, y)
        PyErr_CheckSignals()
        return 0


cdef class Matrix(Packed):
    """A matrix w (depth, columns), in any order, that matrices (rows, depth) are multiplied by."""

    def __init__(self, w, npy_intp rows):
        depth, columns = w.shape
        Packed.__init__(self, w.dtype, depth, columns, 1)
        down, apart = (s // w.itemsize for s in w.strides)
        self.start, self.step = np.arange(rows) * depth, np.arange(depth)
        self.place = np.arange(rows) * columns
        self.take(w, 0, apart, self.step * down)

    cdef int times(self, const void *x, void *y, bint add) except -1:
        """Write x w to y, or add it there; both are in C order."""
        return self.multiply(x, self.start, self.step, y, 1, self.place, add)
