# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Kernels of the elementwise ops for contiguous float32 and float64 arrays on the CPU.

The formulas stand in ``elementwise.h``. This file holds the doors through which an engine reaches
the loops made from them, as capsules in `KERNELS`::

    KERNELS["tanh"]["scalar"]     double (double a, double b)
                   ["scalar_d"]   void (double a, double b, double y, double *d)
                   ["k1"], ["k2"] object (object x), object (object a, object b)
                   ["kv"]         object (int i, object g, object a, object b, object y)
                   ["loops"]      three loop_fn for doubles: value, g times the derivative by input 0
                                  and by input 1; NULL where the derivative is 1
    KERNELS["sum"]["sum"]         object (object x): the sum of all elements, 0-d
    KERNELS["fill_view"]["fill_view"]   object (object g, int nd, npy_intp *dims)
    KERNELS["accumulate"]["acc"]  int (object h, object g): 1 if ``h += g`` was done, else 0

A door returns NotImplemented where dtype, layout or shapes are not simple. It takes arrays of one
dtype and Python floats and ints; an operand may have fewer dimensions than the result, if its
shape is the end of the result's (a bias, a 0-d array).
"""
import re
from os import environ

from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.long cimport PyLong_AsDouble, PyLong_CheckExact
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_INCREF, PyObject
from libc.string cimport memcpy, memset

cimport numpy as cnp
from numpy cimport (
    NPY_ARRAY_ALIGNED,
    NPY_DOUBLE,
    NPY_FLOAT,
    PyArray_CheckExact,
    PyArray_DATA,
    PyArray_DIMS,
    PyArray_ISBEHAVED_RO,
    PyArray_ISCARRAY,
    PyArray_ISCARRAY_RO,
    PyArray_NDIM,
    PyArray_SIZE,
    PyArray_SimpleNew,
    PyArray_STRIDES,
    PyArray_TYPE,
    ndarray,
    npy_intp,
)

cnp.import_array()

cdef extern from "Python.h":
    PyObject *Py_NotImplemented

cdef extern from "numpy/arrayobject.h":
    enum:
        NPY_MAXDIMS
    int PyArray_CompareLists(const npy_intp *a, const npy_intp *b, int n)
    object PyArray_New(type subtype, int nd, npy_intp *dims, int typenum, npy_intp *strides,
                       void *data, int itemsize, int flags, PyObject *like)
    int PyArray_SetBaseObject(ndarray array, object base) except -1  # steals base

cdef extern from "loops.h":
    ctypedef double (*scalar_fn)(double a, double b) noexcept
    ctypedef void (*scalar_dfn)(double a, double b, double y, double *d) noexcept
    ctypedef void (*loop_fn)(npy_intp n, const void *g, const void *a, const void *b,
                             const void *y, void *out) noexcept
    ctypedef void (*sum_fn)(npy_intp n, const void *x, void *out) noexcept
    ctypedef struct kernel:
        const char *name
        int inputs
        scalar_fn scalar
        scalar_dfn scalar_d
        void *forward
        void *vjp
        const char *text[3]
        int reads[3]
        npy_intp limit[3]
    enum:
        KERNEL_COUNT
        op_add
    kernel kernels[]
    loop_fn loop_of(const kernel *k, int which, int is_double) noexcept
    sum_fn sum_of(int is_double) noexcept
    const char *choose_isa(int limit) noexcept

cdef enum:
    G, A, B, Y                  # places of the operands of a loop
    OPERANDS
    PASSES_G = 1 << OPERANDS    # the derivative is 1
    TILE = 1024                 # at most so many elements are laid out side by side
    LIBM_LIMIT = 64             # beyond this NumPy's vector code beats a libm call per element
    NO_LIMIT = 0x7FFFFFFF

cdef struct operand:
    const char *data
    npy_intp period             # elements after which it starts again


cdef void run(loop_fn loop, npy_intp n, int size, operand *v, char *out) noexcept:
    """Call `loop` on `n` elements, `size` bytes each. A loop walks all its operands in step, so
    a short one is repeated in a tile, or the loop is called anew for each of its periods."""
    cdef double[OPERANDS][TILE] tiles
    cdef char *tile
    cdef npy_intp[OPERANDS] at
    cdef npy_intp filled, whole, step
    cdef int k
    for k in range(OPERANDS):
        at[k] = 0
        if v[k].period < n and v[k].period < TILE:
            tile = <char *>tiles[k]  # as long as it is worth: to fill it costs time too
            whole = max(1, min(n, 64 + n // 8, TILE) // v[k].period) * v[k].period
            filled = v[k].period
            memcpy(tile, v[k].data, filled * size)
            while filled < whole:
                step = min(filled, whole - filled)
                memcpy(tile + filled * size, tile, step * size)
                filled += step
            v[k].data = tile
            v[k].period = whole
    while n > 0:
        step = n
        for k in range(OPERANDS):
            step = min(step, v[k].period - at[k])
        loop(step, v[G].data + at[G] * size, v[A].data + at[A] * size, v[B].data + at[B] * size,
             v[Y].data + at[Y] * size, out)
        for k in range(OPERANDS):
            at[k] += step
            if at[k] == v[k].period:
                at[k] = 0
        out += step * size
        n -= step


cdef bint read(object value, ndarray like, double *box, operand *v) except -1:
    """Make `v` the operand that stands for `value` beside the array `like`, if there is one."""
    cdef int extra
    if PyArray_CheckExact(value):
        extra = PyArray_NDIM(like) - PyArray_NDIM(value)
        if (PyArray_TYPE(value) != PyArray_TYPE(like) or not PyArray_ISCARRAY_RO(value) or extra < 0
                or not PyArray_CompareLists(PyArray_DIMS(like) + extra, PyArray_DIMS(value),
                                            PyArray_NDIM(value))):
            return False
        v.data = <const char *>PyArray_DATA(value)
        v.period = PyArray_SIZE(value)
        return True
    if PyFloat_CheckExact(value):
        box[0] = PyFloat_AS_DOUBLE(value)
    elif PyLong_CheckExact(value):
        try:
            box[0] = PyLong_AsDouble(value)
        except OverflowError:
            return False
    else:
        return False
    if PyArray_TYPE(like) == NPY_FLOAT:
        (<float *>box)[0] = <float>box[0]
    v.data = <const char *>box
    v.period = 1
    return True


cdef inline bint is_float(ndarray x):
    return PyArray_TYPE(x) == NPY_FLOAT or PyArray_TYPE(x) == NPY_DOUBLE


cdef inline int spread(ndarray g, operand *v):
    """Read `g`, an array in C order or a view of one number in every place; whether it is."""
    cdef npy_intp n = PyArray_SIZE(g)
    cdef int j
    v.data = <const char *>PyArray_DATA(g)
    v.period = n
    if not PyArray_ISCARRAY_RO(g):
        if not PyArray_ISBEHAVED_RO(g):
            return False
        for j in range(PyArray_NDIM(g)):
            if PyArray_STRIDES(g)[j] != 0:
                return False
        v.period = 1
    return True


cdef object forward_door "forward_door"(kernel *k, object a, object b):
    cdef ndarray like, y
    cdef operand[OPERANDS] v
    cdef double[2] box
    cdef npy_intp n
    if PyArray_CheckExact(a) and not (PyArray_CheckExact(b) and PyArray_NDIM(b) > PyArray_NDIM(a)):
        like = a
    elif PyArray_CheckExact(b):
        like = b
    else:
        return <object>Py_NotImplemented
    n = PyArray_SIZE(like)
    if (not is_float(like) or n > k.limit[0] or not read(a, like, &box[0], &v[A])
            or (k.inputs == 2 and not read(b, like, &box[1], &v[B]))):
        return <object>Py_NotImplemented
    y = PyArray_SimpleNew(PyArray_NDIM(like), PyArray_DIMS(like), PyArray_TYPE(like))
    apply(k, 0, y, v, k.reads[0])
    return y


cdef object vjp_door "vjp_door"(kernel *k, int i, object g, object a, object b, object y):
    cdef ndarray gx
    cdef operand[OPERANDS] v
    cdef double[3] box
    cdef int reads = k.reads[1 + i]
    if not PyArray_CheckExact(g):
        return <object>Py_NotImplemented
    if reads & PASSES_G:
        return g
    if (not is_float(g) or PyArray_SIZE(g) > k.limit[1 + i] or not spread(g, &v[G])
            or (reads >> A & 1 and not read(a, g, &box[0], &v[A]))
            or (reads >> B & 1 and not read(b, g, &box[1], &v[B]))
            or (reads >> Y & 1 and not read(y, g, &box[2], &v[Y]))):
        return <object>Py_NotImplemented
    gx = PyArray_SimpleNew(PyArray_NDIM(g), PyArray_DIMS(g), PyArray_TYPE(g))
    apply(k, 1 + i, gx, v, reads | 1 << G)
    return gx


cdef inline void apply(kernel *k, int which, ndarray out, operand *v, int reads) noexcept:
    """Fill `out` by formula `which` of the kernel from those operands that it reads."""
    cdef bint is_double = PyArray_TYPE(out) == NPY_DOUBLE
    cdef npy_intp n = PyArray_SIZE(out)
    cdef int j
    for j in range(OPERANDS):
        if not reads >> j & 1:  # any memory of n elements will do
            v[j].data = <const char *>PyArray_DATA(out)
            v[j].period = n
    run(loop_of(k, which, is_double), n, 8 if is_double else 4, v, <char *>PyArray_DATA(out))


cdef object sum_door(object x):
    cdef ndarray y
    if not PyArray_CheckExact(x) or not is_float(x) or not PyArray_ISCARRAY_RO(x):
        return <object>Py_NotImplemented
    y = PyArray_SimpleNew(0, NULL, PyArray_TYPE(x))
    sum_of(PyArray_TYPE(x) == NPY_DOUBLE)(PyArray_SIZE(x), PyArray_DATA(x), PyArray_DATA(y))
    return y


cdef object fill_view_door(object g, int nd, npy_intp *dims):
    """A read-only view with the 0-d array `g` in every place: the gradient of its sum."""
    cdef ndarray view
    cdef npy_intp[NPY_MAXDIMS] strides
    if not PyArray_CheckExact(g) or PyArray_NDIM(g) != 0 or nd > NPY_MAXDIMS:
        return <object>Py_NotImplemented
    memset(strides, 0, nd * sizeof(npy_intp))
    view = PyArray_New(ndarray, nd, dims, PyArray_TYPE(g), strides, PyArray_DATA(g), 0,
                       NPY_ARRAY_ALIGNED, NULL)
    Py_INCREF(g)
    PyArray_SetBaseObject(view, g)
    return view


cdef int accumulate_door(object h, object g) except -1:
    """``h += g`` in place, and 1; or 0 and nothing done."""
    cdef operand[OPERANDS] v
    if (not PyArray_CheckExact(h) or not PyArray_CheckExact(g) or not is_float(h)
            or PyArray_TYPE(g) != PyArray_TYPE(h) or PyArray_NDIM(g) != PyArray_NDIM(h)
            or not PyArray_CompareLists(PyArray_DIMS(g), PyArray_DIMS(h), PyArray_NDIM(h))
            or not PyArray_ISCARRAY(h) or not spread(g, &v[B])):
        return 0
    v[A].data = <const char *>PyArray_DATA(h)
    v[A].period = PyArray_SIZE(h)
    apply(&kernels[op_add], 0, h, v, 1 << A | 1 << B)
    return 1


# ---- Registration: everything about an op is in its line of elementwise.h ----

cdef loop_fn[KERNEL_COUNT][3] double_loops

cdef dict register():
    cdef dict doors = {
        "sum": {"sum": PyCapsule_New(<void *>sum_door, "sum", NULL)},
        "fill_view": {"fill_view": PyCapsule_New(<void *>fill_view_door, "fill_view", NULL)},
        "accumulate": {"acc": PyCapsule_New(<void *>accumulate_door, "acc", NULL)},
    }
    cdef kernel *k
    places = {b"a": 1 << A, b"x": 1 << A, b"b": 1 << B, b"y": 1 << Y}
    for op in range(KERNEL_COUNT):
        k = &kernels[op]
        for which in range(1 + k.inputs):
            formula = <bytes>k.text[which]
            k.reads[which] = sum(places[name] for name in set(re.findall(rb"\b[axby]\b", formula)))
            k.limit[which] = LIBM_LIMIT if b"LIBM(" in formula else NO_LIMIT
            if which > 0 and formula == b"1":
                k.reads[which] = PASSES_G
            else:
                double_loops[op][which] = loop_of(k, which, True)
        doors[k.name.decode()] = {
            "scalar": PyCapsule_New(<void *>k.scalar, "scalar", NULL),
            "scalar_d": PyCapsule_New(<void *>k.scalar_d, "scalar_d", NULL),
            "k1" if k.inputs == 1 else "k2":
                PyCapsule_New(k.forward, "k1" if k.inputs == 1 else "k2", NULL),
            "kv": PyCapsule_New(k.vjp, "kv", NULL),
            "loops": PyCapsule_New(<void *>double_loops[op], "loops", NULL),
        }
    return doors


# GRADDL_SIMD=base or avx2 keeps to narrower instructions than the processor has.
SIMD = choose_isa({"base": 0, "avx2": 1}.get(environ.get("GRADDL_SIMD"), 2)).decode()
KERNELS = register()


# ---- The doors as Python functions, for the tests ----

ctypedef object (*K1)(object)
ctypedef object (*K2)(object, object)
ctypedef object (*KV)(int, object, object, object, object)
ctypedef object (*FillView)(object, int, npy_intp *)
ctypedef int (*Accumulate)(object, object) except -1


def forward(str name, a, b=None):
    """Value of op `name` through its door, or NotImplemented."""
    cdef dict doors = KERNELS[name]
    if "k1" in doors:
        return (<K1>PyCapsule_GetPointer(doors["k1"], "k1"))(a)
    return (<K2>PyCapsule_GetPointer(doors["k2"], "k2"))(a, b)


def vjp(str name, int i, g, a, b, y):
    """Gradient by input `i` of op `name` through its door, or NotImplemented."""
    return (<KV>PyCapsule_GetPointer(KERNELS[name]["kv"], "kv"))(i, g, a, b, y)


def scalar(str name, double a, double b=0.0):
    """Value of op `name` for doubles."""
    return (<scalar_fn>PyCapsule_GetPointer(KERNELS[name]["scalar"], "scalar"))(a, b)


def scalar_d(str name, double a, double b, double y):
    """Both derivatives of op `name` for doubles; the second is 0 for an op of one input."""
    cdef double[2] d
    (<scalar_dfn>PyCapsule_GetPointer(KERNELS[name]["scalar_d"], "scalar_d"))(a, b, y, d)
    return d[0], d[1]


def total(x):
    """Sum of all elements through its door, or NotImplemented."""
    return (<K1>PyCapsule_GetPointer(KERNELS["sum"]["sum"], "sum"))(x)


def fill_view(g, tuple shape):
    """View of shape `shape` of the 0-d array `g` through its door, or NotImplemented."""
    cdef npy_intp[NPY_MAXDIMS] dims
    for j, n in enumerate(shape):
        dims[j] = n
    return (<FillView>PyCapsule_GetPointer(KERNELS["fill_view"]["fill_view"], "fill_view"))(
        g, <int>len(shape), dims)


def accumulate(h, g):
    """Whether the door did ``h += g`` in place."""
    return (<Accumulate>PyCapsule_GetPointer(KERNELS["accumulate"]["acc"], "acc"))(h, g) == 1
