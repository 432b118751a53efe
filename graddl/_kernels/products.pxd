from numpy cimport ndarray, npy_intp


cdef class Left:
    cdef ndarray start, step, place


cdef class Packed:
    cdef npy_intp depth, columns, run
    cdef int double, form
    cdef object memory

    cdef void take(self, const void *b, npy_intp apart, ndarray order) noexcept
    cdef int multiply(self, Left left, npy_intp images, const void *x, npy_intp x_apart, void *y, npy_intp y_apart,
                      npy_intp apart) except -1
    cdef int accumulate(self, Left left, npy_intp images, const void *x, npy_intp x_apart, const void *b,
                        npy_intp b_apart, npy_intp column_apart, ndarray order, void *y) except -1


cdef class Matrix(Packed):
    cdef Left left

    cdef int times(self, const void *x, void *y) except -1


cdef void *element(ndarray x, npy_intp i) noexcept
