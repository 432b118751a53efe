from numpy cimport ndarray, npy_intp


cdef class Packed:
    cdef npy_intp depth, columns, run
    cdef int double, form
    cdef const void *right
    cdef object memory

    cdef void take(self, ndarray b, npy_intp offset, npy_intp apart, ndarray place)
    cdef bint borrow(self, ndarray b, npy_intp offset, npy_intp apart) except -1
    cdef int multiply(self, const void *x, ndarray start, ndarray step, void *y, npy_intp apart, ndarray place,
                      bint add) except -1


cdef class Matrix(Packed):
    cdef ndarray start, step, place

    cdef int times(self, const void *x, void *y, bint add) except -1


cdef void *element(ndarray x, npy_intp i) noexcept
