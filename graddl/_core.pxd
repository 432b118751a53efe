# The types of the graph, for the other compiled modules of the package.
cimport numpy as cnp
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF

cdef extern from *:
    Py_ssize_t Py_REFCNT(PyObject* o) noexcept

cdef extern from "numpy/arrayobject.h":
    bint PyArray_CheckExact(PyObject* o) noexcept
    bint PyArray_Check(PyObject* o) noexcept

# Doors through which CPU kernels are called. A door may return NotImplemented: the table's own entry then runs.
ctypedef object (*Forward1)(object x)
ctypedef object (*Forward2)(object a, object b)
ctypedef object (*Vjp)(int i, object g, object a, object b, object y)
ctypedef object (*Spread)(object g, int ndim, cnp.npy_intp* dims)
ctypedef int (*Accumulate)(object h, object g) except -1
ctypedef double (*ScalarForward)(double a, double b) noexcept nogil
ctypedef void (*ScalarDerivative)(double a, double b, double y, double* d) noexcept nogil


cdef class Rule:
    cdef readonly object fn             # a callable, or a number
    cdef readonly bint times_g          # elementwise: the gradient is g * fn(...)
    cdef readonly tuple reads           # what fn takes after xp: see READS in _core.pyx
    cdef readonly tuple keywords        # which keyword-only arguments it takes
    cdef readonly unsigned int mask     # one bit for each value that it reads
    cdef readonly object kernel         # the same in C, for NumPy arrays: kernel(*reads, **keywords); or None


cdef class Op:
    cdef readonly str name
    cdef readonly str kind              # "elementwise", "linear" or "general"
    cdef readonly object forward        # forward(xp, *values, **params)
    cdef readonly tuple args            # names of the array arguments
    cdef readonly bint variadic         # the last of them stands for any number
    cdef readonly dict params           # keyword arguments and their defaults
    cdef readonly tuple rules           # a Rule for each argument, or None: not differentiable
    cdef readonly object joint          # one function for all gradients, or None
    cdef readonly tuple residuals       # names of what forward returns beside its value
    cdef readonly object composition    # the same op in simpler ones, for second derivatives
    cdef readonly bint several          # returns a tuple of arrays
    cdef public dict info               # what docs, tests and pictures read
    cdef readonly object kernel         # forward in C, for NumPy arrays: kernel(*values, **params); or None
    cdef Forward1 k1
    cdef Forward2 k2
    cdef Vjp kv
    cdef Spread spread
    cdef ScalarForward sf
    cdef ScalarDerivative sd


cdef class Operators:
    cdef public Op add, subtract, multiply, divide, floor_divide, remainder, power, negative, abs, matmul, getitem
    cdef public Op setitem, bitwise_and, bitwise_or, bitwise_xor, left_shift, right_shift, invert
    cdef public Op equal, not_equal, less, less_equal, greater, greater_equal, identity, astype, from_scalar, to_scalar


cdef class Runtime:
    cdef object numpy, tensors, scalars, explain, refuse, ufunc, function
    cdef dict others
    cdef Accumulate accumulate


cdef class Mode:                        # `no_grad()` and its kin set it: one immutable object in one context variable
    cdef readonly bint grad, record, anomaly
    cdef readonly object where, dtype, device   # where: None or (scope, time step)


cdef enum:                                          # Node.flags; bits 24 and up of a Scalar: how many operands
    WANTS = 1                                       # a gradient may flow here
    SCALAR = 2
    RELEASED = 4                                    # a backward pass has used up what it saved
    RETAIN = 8                                      # retain_grad()
    RECORD = 16
    HAS_GRAD = 32                                   # Scalar: a gradient reached it
    BRANCHED = 64                                   # Scalar: a comparison looked at it
    PARAMETER = 128
    CONSTANT_0 = 256                                # Scalar: operand i is a number, not a node: CONSTANT_0 << i
    COUNT_SHIFT = 24


cdef class Storage:
    cdef unsigned int version           # how often this memory was written through graddl
    cdef int tensors                    # how many living Tensors look at it
    cdef object where                   # (code, instruction) of the last write, if recorded


cdef class Extra:
    cdef public object name, hooks, value, grad, source, params, where, prints


cdef class Node:
    cdef readonly long long id
    cdef unsigned int slot              # scratch of a plan; 0 outside of it
    cdef unsigned int flags
    cdef Extra extra


cdef struct Meta:                       # what the graph remembers of one output
    PyObject* living                    # the Tensor, while it lives
    cnp.npy_intp* dims
    int ndim, typenum
    cnp.npy_intp small[4]


cdef struct Input:                      # what a node remembers of one input
    PyObject* node                      # the parent; NULL: a plain constant
    PyObject* value                     # the saved value; NULL: no rule reads it
    PyObject* store                     # the memory that it was saved from
    unsigned int version
    short out                           # which output of the parent
    short wants                         # whether a gradient flows to it


cdef class TensorNode(Node):
    cdef readonly Op op
    cdef readonly dict params
    cdef tuple residuals
    cdef readonly object where          # (scope, time step)
    cdef Input* ins
    cdef Input two[2]
    cdef Input y
    cdef Meta* outs
    cdef Meta one
    cdef readonly int n, n_out


cdef union Operand:                     # of a Scalar
    PyObject* node
    double number                       # a constant, told by a flag
    Operand* many                       # in place of the first: there are more than two


cdef class Scalar(Node):
    cdef readonly Op op
    cdef Operand p[2]
    cdef double x, gradient             # the value, and the gradient of the last pass


cdef class Tensor:
    cdef object value
    cdef readonly TensorNode node
    cdef int out                        # which output of the node
    cdef bint retains                   # retain_grad()
    cdef Storage store
    cdef object _grad, _name
    cdef object __weakref__


cdef Operators ops
cdef Runtime runtime

cdef Mode mode()
cdef str at_line(object source)
cdef Rule rule_of(Op op, Py_ssize_t i)
cdef object namespace(object value)
cdef Extra extra_of(Node node)
cdef tuple shape_of(Meta* meta)
cdef object living(Meta* meta)
cdef object read_only(object value)
cdef bint is_floating(object value) except -1
cdef object as_array(object r, bint keep_floating, Mode m)
cdef Tensor new_tensor(object value)
cdef Scalar scalar_of(Tensor t)
cdef object apply2(Op op, object a, object b)
cdef object was_released(Op op)
cdef object saved_input(TensorNode node, int i, bint graph)
cdef object saved_output(TensorNode node, bint graph)
cdef object operand_value(Scalar s, int i, bint graph)
cdef set_scalar_grad(Scalar s, object g)
cdef object fingerprint(object value)


cdef inline void Py_XDECREF_pointer(PyObject* o) noexcept:
    if o != NULL:
        Py_DECREF(<object>o)


cdef inline bint wants_grad(object x) noexcept:
    if isinstance(x, Tensor):
        return (<Tensor>x).node is not None and (<Tensor>x).node.flags & WANTS
    return isinstance(x, Scalar) and (<Scalar>x).flags & WANTS


cdef inline bint is_number(object v) noexcept:
    return type(v) is float or type(v) is int or type(v) is bool or type(v) is complex or v is None


cdef inline int count_inputs(PyObject* p) noexcept:
    cdef Node node = <Node>p
    return <int>(node.flags >> COUNT_SHIFT) if node.flags & SCALAR else (<TensorNode>node).n


cdef inline Operand* operands(Scalar s) noexcept:
    return &s.p[0] if s.flags >> COUNT_SHIFT <= 2 else s.p[0].many


cdef inline PyObject* parent_of(PyObject* p, int i) noexcept:
    """The i-th parent if a gradient may flow to it, else NULL."""
    cdef PyObject* q
    if (<Node>p).flags & SCALAR:
        q = NULL if (<Node>p).flags & (CONSTANT_0 << i) else operands(<Scalar>p)[i].node
    else:
        q = (<TensorNode>p).ins[i].node if (<TensorNode>p).ins[i].wants else NULL
    return q if q != NULL and (<Node>q).flags & WANTS else NULL
