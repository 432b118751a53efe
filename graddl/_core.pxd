# The types of the graph, for the other compiled modules of the package.
cimport numpy as cnp
from cpython.object cimport PyObject

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
    cdef Forward1 k1
    cdef Forward2 k2
    cdef Vjp kv
    cdef Spread spread
    cdef ScalarForward sf
    cdef ScalarDerivative sd


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
    cdef int out
    cdef Storage store
    cdef object _grad, _name
    cdef object __weakref__
