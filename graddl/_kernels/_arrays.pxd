# What the kernels of whole entries ask of arrays.
from numpy cimport (
    NPY_DOUBLE, NPY_FLOAT, PyArray_CheckExact, PyArray_DIMS, PyArray_ISCARRAY_RO, PyArray_NDIM, PyArray_TYPE, ndarray,
    npy_intp,
)

cdef extern from "numpy/arrayobject.h":
    int PyArray_CompareLists(const npy_intp *a, const npy_intp *b, int n)


cdef inline bint plain(object x) noexcept:
    """Whether x is an array of float32 or float64 in C order."""
    return PyArray_CheckExact(x) and PyArray_ISCARRAY_RO(x) and (
        PyArray_TYPE(x) == NPY_FLOAT or PyArray_TYPE(x) == NPY_DOUBLE)


cdef inline bint alike(object x, ndarray like) noexcept:
    """Whether x is a plain array of the shape and dtype of `like`."""
    return plain(x) and PyArray_TYPE(x) == PyArray_TYPE(like) and PyArray_NDIM(x) == PyArray_NDIM(like) \
        and PyArray_CompareLists(PyArray_DIMS(x), PyArray_DIMS(like), PyArray_NDIM(like)) != 0


cdef inline bint is_double(ndarray x) noexcept:
    return PyArray_TYPE(x) == NPY_DOUBLE
