# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, freethreading_compatible=False
"""The graph: errors, modes, Op, Node, Tensor, Scalar; apply records it, plan and run walk it backward.

Read `reference.py` first: it is the same engine in plain Python. Here the same steps work on C structs, so that
recording one operation costs about 0.2 microseconds. Nothing of graddl is imported; `ops` fills in the table.
"""
cimport cython
cimport numpy as cnp
from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject, Py_EQ, Py_GE, Py_GT, Py_LE, Py_LT, Py_NE
from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_New, PyTuple_SET_ITEM
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memset

import os
import sys
import threading
import warnings
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from functools import wraps

import numpy as np

cnp.import_array()

cdef extern from *:
    """
    #if defined(__GLIBC__)
    #include <malloc.h>
    /* glibc hands blocks of 128 kB and more back to the system at once, and maps them afresh for the next op: 1500 page
       faults per megabyte-sized op. Raised thresholds keep the memory: 5.5 -> 3.0 ms for relu(x*w+b).sum(), (1024, 1024). */
    static void keep_memory(void) {
        mallopt(M_MMAP_THRESHOLD, 1 << 30); mallopt(M_TRIM_THRESHOLD, 0x7fffffff); mallopt(M_TOP_PAD, 64 << 20);
    }
    #else
    static void keep_memory(void) {}
    #endif
    #ifdef GRADDL_PLANT_BUG              /* `make sanitize` proves with this that it would see a fault of the core */
    #define PLAN_ROOM(n) ((n) - 2)
    #else
    #define PLAN_ROOM(n) (n)
    #endif
    /* Types that come and go by the million get their memory back from a list of their own. GC objects, but never tracked
       at birth: there are no cycles by construction, and a tracked million costs the collector more than all else. */
    static traverseproc set_traverse(PyObject* type, traverseproc f) {
        traverseproc old = ((PyTypeObject*)type)->tp_traverse;
        ((PyTypeObject*)type)->tp_traverse = f;
        return old;
    }
    #define POOL(NAME, CAPACITY)                                                                                       \
        static PyObject* NAME##_head = NULL; static Py_ssize_t NAME##_kept = 0;                                        \
        static PyObject* NAME##_alloc(PyTypeObject* type, Py_ssize_t unused) {                                         \
            PyObject* o = NAME##_head;                                                                                 \
            if (o) { NAME##_head = ((PyObject**)(o + 1))[0]; NAME##_kept--; PyObject_Init(o, type); }                  \
            else { o = PyObject_GC_New(PyObject, type); if (!o) return NULL; }                                         \
            memset(o + 1, 0, type->tp_basicsize - sizeof(PyObject));                                                   \
            return o;                                                                                                  \
        }                                                                                                              \
        static void NAME##_free(void* p) {                                                                             \
            PyObject* o = (PyObject*)p;                                                                                \
            if (NAME##_kept < CAPACITY) { ((PyObject**)(o + 1))[0] = NAME##_head; NAME##_head = o; NAME##_kept++; }    \
            else PyObject_GC_Del(o);                                                                                   \
        }                                                                                                              \
        static void NAME##_pool(PyObject* t) {                                                                         \
            ((PyTypeObject*)t)->tp_alloc = NAME##_alloc; ((PyTypeObject*)t)->tp_free = NAME##_free;                    \
        }
    POOL(scalar, 1 << 17)                /* 96 B each: at most 12 MB */
    POOL(node, 1 << 14)                  /* 4.5 MB */
    POOL(tensor, 1 << 12)
    static void set_in_type(PyObject* type, PyObject* name, PyObject* value) {
        PyDict_SetItem(((PyTypeObject*)type)->tp_dict, name, value);    /* compiled types refuse setattr */
        PyType_Modified((PyTypeObject*)type);
    }
    """
    ctypedef int (*visitproc)(PyObject* o, void* arg) noexcept
    ctypedef int (*traverseproc)(PyObject* o, visitproc visit, void* arg) noexcept
    traverseproc set_traverse(PyObject* type, traverseproc f) noexcept
    void keep_memory() noexcept
    void scalar_pool(PyObject* type) noexcept
    void node_pool(PyObject* type) noexcept
    void tensor_pool(PyObject* type) noexcept
    Py_ssize_t PLAN_ROOM(Py_ssize_t n) noexcept
    void set_in_type(PyObject* type, PyObject* name, PyObject* value) noexcept
    Py_ssize_t Py_REFCNT(PyObject* o) noexcept
    void PyObject_GC_UnTrack(PyObject* o) noexcept
    void PyObject_GC_Track(PyObject* o) noexcept
    bint PyObject_GC_IsTracked(PyObject* o) noexcept
    PyObject* PyContextVar_New(const char* name, PyObject* default) except NULL
    int PyContextVar_Get(PyObject* var, PyObject* default, PyObject** value) except -1

cdef extern from "numpy/arrayobject.h":
    bint PyArray_CheckExact(PyObject* o) noexcept
    bint PyArray_Check(PyObject* o) noexcept

if os.environ.get("GRADDL_KEEP_MEMORY", "1") != "0":
    keep_memory()


# ---------------------------------------------------------------------------------------------------- errors
class GraddlError(Exception):
    """Every error of graddl. `op`, `got`, `expected`, `fix` say what happened without parsing the text."""

    def __init__(self, message, *, op=None, got=None, expected=None, fix=None):
        self.op, self.got, self.expected, self.fix = op, got, expected, fix
        text = f"{op}: {message}" if op else str(message)
        if expected is not None:
            text += f"\n  expected: {expected}"
        if fix is not None:
            text += f"\n  likely fix: {fix}"
        super().__init__(text)


class ShapeError(GraddlError, ValueError): """Shapes do not fit."""
class DTypeError(GraddlError, TypeError): """A dtype or a type does not fit."""
class IndexError_(GraddlError, IndexError): """An index or an axis is out of range."""
class GradientError(GraddlError, RuntimeError): """A gradient was asked for where there is none to be had."""
class DeviceError(GraddlError, RuntimeError): """Arrays on different devices, or a device that is not there."""
class NumericalError(GraddlError, FloatingPointError): """detect_anomaly() saw a NaN being made."""
class MissingDependency(GraddlError, ImportError): """An optional package is needed; the message says which."""
class CheckpointError(GraddlError, ValueError): """A file of saved state is damaged or does not fit the model."""


# ---------------------------------------------------------------------------------------------------- modes
cdef class Mode:
    """What `no_grad()`, `record()`, `scope()` and their kin set: one immutable object in one context variable."""
    cdef readonly bint grad, record, anomaly
    cdef readonly object where, dtype, device       # where: None or (scope, time step)

    def __init__(self, grad=True, record=False, anomaly=False, where=None, dtype=np.dtype("f4"), device="cpu"):
        self.grad, self.record, self.anomaly = grad, record, anomaly
        self.where, self.dtype, self.device = where, dtype, device

    def but(self, **change):
        names = ("grad", "record", "anomaly", "where", "dtype", "device")
        return Mode(**{name: change.get(name, getattr(self, name)) for name in names})

DEFAULT_MODE = Mode()
cdef object MODE = <object>PyContextVar_New("graddl", <PyObject*>DEFAULT_MODE)

cdef inline Mode mode():
    cdef PyObject* value = NULL
    PyContextVar_Get(<PyObject*>MODE, NULL, &value)
    m = <Mode>value
    Py_DECREF(m)                                    # the context keeps it
    return m

def current_mode():
    """The Mode in force in this thread and task."""
    return mode()

cdef class Setting:
    """`with setting:` changes the mode for a block; `@setting` for a function."""
    cdef dict change
    cdef list tokens

    def __init__(self, **change):
        self.change, self.tokens = change, []

    def __enter__(self):
        cdef Mode m = mode()
        change = self.change
        if "where" in change:                       # scopes nest: "encoder" then "fc1" is "encoder.fc1"
            scope, step = m.where or (None, None)
            inner_scope, inner_step = change["where"]
            if inner_scope is not None:
                scope = sys.intern(inner_scope if scope is None else f"{scope}.{inner_scope}")
            change = {"where": (scope, step if inner_step is None else inner_step)}
        self.tokens.append(MODE.set(m.but(**change)))
        return self

    def __exit__(self, *exc):
        MODE.reset(self.tokens.pop())

    def __call__(self, function):
        if isgeneratorfunction(function) or iscoroutinefunction(function) or isasyncgenfunction(function):
            raise TypeError(f"{function.__qualname__} runs in pieces: use `with` inside of it, not a decorator")
        change = self.change

        @wraps(function)
        def inside(*args, **kwargs):
            with Setting(**change):
                return function(*args, **kwargs)
        return inside

def no_grad():
    """Within this block nothing is recorded: results want no gradient."""
    return Setting(grad=False)

def enable_grad():
    """Within this block operations are recorded, also inside of `no_grad()`."""
    return Setting(grad=True)

def record():
    """Within this block the graph keeps every value, gradient and source line, for study and for pictures."""
    return Setting(record=True)

def detect_anomaly():
    """Within this block the op that makes the first NaN raises NumericalError, with the line that called it."""
    return Setting(anomaly=True, record=True)

def scope(str name):
    """Within this block nodes belong to `name`; scopes nest and become dotted paths in pictures."""
    return Setting(where=(name, None))

def timestep(int t):
    """Within this block nodes belong to time step `t`."""
    return Setting(where=(None, t))

def set_default_dtype(dtype):
    """The dtype of Tensors made of Python floats, and of integer inputs that become floating: float32 or float64."""
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise DTypeError("the default dtype must be floating", op="set_default_dtype", got=dtype.name, expected="float32 or float64",
                         fix="set_default_dtype('float32')")
    MODE.set(mode().but(dtype=dtype))

def get_default_dtype():
    """The dtype of Tensors made of Python floats."""
    return mode().dtype

cdef str PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep

cdef object here():
    """(file, line, function) of the caller's own code: frames of the library are skipped."""
    frame = sys._getframe()
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(PACKAGE) and not name.startswith("<graddl"):
            return name, frame.f_lineno, frame.f_code.co_name
        frame = frame.f_back

cdef str at_line(object source):
    return "" if source is None else f" ({source[0]}:{source[1]}, in {source[2]})"


# ---------------------------------------------------------------------------------------------------- ops
# READS of a rule: 0, 1, ... an input's value, and these
READ_Y, READ_G, READ_I, READ_NEEDS, READ_RESIDUAL = -1, -2, -3, -4, -10
cdef int Y = READ_Y, G = READ_G, I = READ_I, NEEDS = READ_NEEDS, RESIDUAL = READ_RESIDUAL
cdef unsigned int SAVE_Y = 1 << 30

cdef class Rule:
    """How the gradient of one input is made: `fn(xp, *reads, **keywords)`, or a number that multiplies g."""
    def __init__(self, fn, bint times_g, tuple reads, tuple keywords):
        self.fn, self.times_g, self.reads, self.keywords = fn, times_g, reads, keywords
        self.mask = 0
        for code in reads:
            if code >= 0:
                self.mask |= 1 << code
            elif code == Y:
                self.mask |= SAVE_Y


cdef class Op:
    """One entry of the table. `graddl/ops/_define.py` builds it; kernels are put in by name through `bind`."""
    def __init__(self, str name, str kind, forward, tuple args, bint variadic, dict params, tuple rules, joint=None,
                 tuple residuals=(), composition=None, bint several=False, dict info=None):
        self.name, self.kind, self.forward, self.args, self.variadic = name, kind, forward, args, variadic
        self.params, self.rules, self.joint, self.residuals = params, rules, joint, residuals
        self.composition, self.several, self.info = composition, several, info or {}

    def bind(self, str door, capsule):
        """Put a kernel behind a door: k1, k2, kv, spread, scalar or scalar_d."""
        cdef void* pointer = PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule))
        if door == "k1": self.k1 = <Forward1>pointer
        elif door == "k2": self.k2 = <Forward2>pointer
        elif door == "kv": self.kv = <Vjp>pointer
        elif door == "spread": self.spread = <Spread>pointer
        elif door == "scalar": self.sf = <ScalarForward>pointer
        elif door == "scalar_d": self.sd = <ScalarDerivative>pointer
        else: raise ValueError(door)

    def unbind(self):
        """Take all kernels out: the entry itself runs. Used by tests and by benchmarks."""
        self.k1, self.k2, self.kv, self.spread, self.sf, self.sd = NULL, NULL, NULL, NULL, NULL, NULL

    @property
    def kernels(self):
        """Names of the doors behind which a kernel stands."""
        found = [self.k1 != NULL, self.k2 != NULL, self.kv != NULL, self.spread != NULL, self.sf != NULL, self.sd != NULL]
        return tuple(n for n, there in zip(("k1", "k2", "kv", "spread", "scalar", "scalar_d"), found) if there)

    def __repr__(self):
        return f"<Op {self.name}>"

    def __reduce__(self):
        return self.name

cdef Rule rule_of(Op op, Py_ssize_t i):
    cdef Py_ssize_t last = len(op.rules) - 1
    return <Rule>op.rules[i if i < last or not op.variadic else last]

cdef class _Operators:
    """The entries that Python's operators stand for; filled as the table loads."""
    cdef public Op add, subtract, multiply, divide, floor_divide, remainder, power, negative, abs, matmul, getitem
    cdef public Op equal, not_equal, less, less_equal, greater, greater_equal, identity, astype, from_scalar, to_scalar

operators = _Operators()
cdef _Operators ops = operators
cdef object numpy_ns = None, tensor_ns = None, scalar_ns = None, explain = None
cdef dict other_ns = {}                             # array type -> namespace, for CuPy and its kin
cdef Accumulate accumulate_kernel = NULL

def configure(numpy=None, tensors=None, scalars=None, explain_error=None, other=None, accumulate=None):
    """Hand the core what it may not import: array namespaces, the maker of error messages, the accumulate kernel."""
    global numpy_ns, tensor_ns, scalar_ns, explain, accumulate_kernel
    if numpy is not None: numpy_ns = numpy
    if tensors is not None: tensor_ns = tensors
    if scalars is not None: scalar_ns = scalars
    if explain_error is not None: explain = explain_error
    if other is not None: other_ns.update(other)
    if accumulate is not None: accumulate_kernel = <Accumulate>PyCapsule_GetPointer(accumulate, "acc")

cdef inline object namespace(object value):
    if PyArray_CheckExact(<PyObject*>value):
        return numpy_ns
    return other_ns.get(type(value), numpy_ns)


# ---------------------------------------------------------------------------------------------------- nodes
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

cdef Py_ssize_t KEPT = 4096                         # saved arrays up to so many bytes outlive backward, to be drawn
cdef long long next_id = 1

@cython.freelist(64)
cdef class Storage:
    """A piece of memory that Tensors share: counts the writes, so that a changed saved value is noticed."""

cdef class Extra:
    """What only few nodes have: hooks, a name, what record() keeps."""

cdef class Node:
    """One step of the computation. Parents are held, children are not; a Tensor's node does not hold the Tensor."""

    def __cinit__(self):
        global next_id
        self.id = next_id
        next_id += 1
        if PyObject_GC_IsTracked(<PyObject*>self):  # a subclass made in Python
            PyObject_GC_UnTrack(<PyObject*>self)

    @property
    def is_leaf(self): return self.op is None
    @property
    def requires_grad(self): return self.flags & WANTS != 0
    @property
    def is_parameter(self): return self.flags & PARAMETER != 0
    @property
    def is_scalar(self): return self.flags & SCALAR != 0
    @property
    def released(self): return self.flags & RELEASED != 0
    @property
    def source(self):
        """(file, line, function) that recorded this node, under record(); else None."""
        return None if self.extra is None else self.extra.source
    @property
    def scope(self):
        """The dotted path of the module or `gd.scope` that it was recorded in, or None."""
        where = self.where
        return None if where is None else where[0]
    @property
    def step(self):
        """The time step that it was recorded in, or None."""
        where = self.where
        return None if where is None else where[1]

cdef Extra extra_of(Node node):
    if node.extra is None:
        node.extra = Extra()
    return node.extra

cdef class TensorNode(Node):
    """A node of arrays: op, inputs, saved values, and of each output the shape, the dtype and the living Tensor."""

    def __cinit__(self):
        self.outs, self.ins, self.n_out = &self.one, self.two, 1

    def __dealloc__(self):
        cdef int i
        for i in range(self.n):
            Py_XDECREF_pointer(self.ins[i].value)
            Py_XDECREF_pointer(self.ins[i].store)
            let_go(self.ins[i].node)
        Py_XDECREF_pointer(self.y.value)
        Py_XDECREF_pointer(self.y.store)
        for i in range(self.n_out):
            if self.outs[i].dims != self.outs[i].small:
                free(self.outs[i].dims)
        if self.ins != self.two:
            free(self.ins)
        if self.outs != &self.one:
            free(self.outs)
        drain()

    @property
    def inputs(self):
        """For each input its Node, or the number or None that was passed as a constant."""
        return tuple([<object>self.ins[i].node if self.ins[i].node != NULL else
                      None if self.ins[i].value == NULL else <object>self.ins[i].value for i in range(self.n)])
    @property
    def input_outs(self):
        """For each input, which output of its node it is."""
        return tuple([self.ins[i].out for i in range(self.n)])
    @property
    def saved(self):
        """(values of the inputs, value of the output, residuals); None where no rule reads it or it was released."""
        return (tuple([None if self.ins[i].value == NULL else <object>self.ins[i].value for i in range(self.n)]),
                None if self.y.value == NULL else <object>self.y.value, self.residuals)
    def recall(self):
        """(inputs, output, residuals) as saved, as Tensors that hang on their own nodes; None where nothing was saved."""
        return ([saved_input(self, i, True) if self.ins[i].value != NULL else None for i in range(self.n)],
                saved_output(self, True) if self.y.value != NULL else None,
                [new_tensor(r) for r in self.residuals or ()])
    @property
    def shape(self): return shape_of(&self.outs[0])
    @property
    def shapes(self): return tuple([shape_of(&self.outs[i]) for i in range(self.n_out)])
    @property
    def dtype(self): return np.dtype(cnp.PyArray_DescrFromType(self.outs[0].typenum))
    @property
    def name(self): return None if self.extra is None else self.extra.name
    @property
    def tensor(self):
        """The Tensor of output 0 while it lives, else None."""
        return living(&self.outs[0])
    @property
    def tensors(self): return tuple([living(&self.outs[i]) for i in range(self.n_out)])
    @property
    def value(self):
        """The value of output 0 as a read-only array where something still holds it, else None."""
        t = living(&self.outs[0])
        if t is not None:
            return read_only((<Tensor>t).value)
        if self.extra is not None and self.extra.value is not None:
            return read_only(self.extra.value[0])
        return read_only(<object>self.y.value) if self.y.value != NULL and not self.op.several else None
    @property
    def grad(self):
        """The gradient where it was kept (a leaf, retain_grad, record), else None."""
        t = living(&self.outs[0])
        if t is not None and (<Tensor>t)._grad is not None:
            return (<Tensor>t)._grad
        return None if self.extra is None or self.extra.grad is None else self.extra.grad[0]

    def __repr__(self):
        return f"<Node {self.id} {self.op.name if self.op else 'leaf'} {'×'.join(map(str, self.shape)) or 'scalar'}>"

# Dropping the last reference to a long chain must not recurse: nodes that die go to a list, and the outermost call empties it.
cdef PyObject** pending = NULL
cdef Py_ssize_t n_pending = 0, pending_room = 0
cdef bint draining = False

cdef inline void Py_XDECREF_pointer(PyObject* o) noexcept:
    if o != NULL:
        Py_DECREF(<object>o)

cdef void let_go(PyObject* node) noexcept:
    """Drop a reference to a parent; if it is the last, later."""
    global pending, n_pending, pending_room
    cdef PyObject** more
    if node == NULL:
        return
    if Py_REFCNT(node) == 1:
        if n_pending == pending_room:
            more = <PyObject**>realloc(pending, (2 * pending_room + 64) * sizeof(PyObject*))
            if more == NULL:
                Py_DECREF(<object>node)
                return
            pending, pending_room = more, 2 * pending_room + 64
        pending[n_pending] = node
        n_pending += 1
    else:
        Py_DECREF(<object>node)

cdef void drain() noexcept:
    global n_pending, draining
    if draining:
        return
    draining = True
    while n_pending:
        n_pending -= 1
        Py_DECREF(<object>pending[n_pending])
    draining = False

cdef int remember(Meta* meta, object value) except -1:
    """Write shape and dtype of a value into a node's memory of it."""
    cdef int d, ndim
    if PyArray_Check(<PyObject*>value):
        ndim, meta.typenum = cnp.PyArray_NDIM(value), cnp.PyArray_TYPE(value)
        shape = None
    else:
        shape = value.shape
        ndim, meta.typenum = len(shape), value.dtype.num
    meta.ndim, meta.dims = ndim, meta.small
    if ndim > 4:
        meta.dims = <cnp.npy_intp*>malloc(ndim * sizeof(cnp.npy_intp))
        if meta.dims == NULL:
            meta.dims = meta.small
            raise MemoryError
    for d in range(ndim):
        meta.dims[d] = cnp.PyArray_DIM(value, d) if shape is None else shape[d]
    return 0

cdef tuple shape_of(Meta* meta):
    return tuple([meta.dims[d] for d in range(meta.ndim)])

cdef object living(Meta* meta):
    # a Tensor clears the pointer first thing when it dies; a weakref callback may still run after its count is 0
    return None if meta.living == NULL or Py_REFCNT(meta.living) <= 0 else <object>meta.living

cdef object read_only(object value):
    if PyArray_Check(<PyObject*>value):
        value = value.view()
        value.flags.writeable = False
    return value

cdef TensorNode leaf_of(Tensor t):
    """The node of a Tensor; one that has none gets a constant, so that pictures know it."""
    cdef TensorNode node
    if t.node is None:
        node = <TensorNode>TensorNode.__new__(TensorNode)
        remember(&node.one, t.value)
        node.one.living = <PyObject*>t
        if t._name is not None:
            extra_of(node).name = t._name
        t.node = node
    return t.node

cdef Storage storage_of(Tensor t):
    if t.store is None:
        t.store = Storage.__new__(Storage)
        t.store.tensors = 1
    return t.store

cdef share_storage(Tensor t, Tensor source):
    t.store = storage_of(source)
    t.store.tensors += 1


# ---------------------------------------------------------------------------------------------------- apply
cdef inline bint wants_grad(object x) noexcept:
    if isinstance(x, Tensor):
        return (<Tensor>x).node is not None and (<Tensor>x).node.flags & WANTS
    return isinstance(x, Scalar) and (<Scalar>x).flags & WANTS

cdef object constant(Op op, object x):
    """A value that is neither Tensor nor Scalar: numbers stay numbers (weak in promotion), lists become arrays."""
    cdef type kind = type(x)
    if kind is float or kind is int or kind is bool or x is None or kind is complex:
        return x
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, np.ndarray):
        if x.dtype.kind in "biufc" and not isinstance(x, np.ma.MaskedArray):
            return x if kind is np.ndarray else np.asarray(x)
    elif isinstance(x, (list, tuple)):
        try:
            array = np.array(x)
        except (TypeError, ValueError, GraddlError) as error:
            raise DTypeError(f"cannot make an array of this list: {error}", op=op.name, got="a list",
                             expected="numbers in rows of equal length", fix="gd.stack([...]) for a list of Tensors") from None
        if array.dtype.kind in "biuc":
            return array
        if array.dtype.kind == "f":
            return array.astype(mode().dtype)
    elif isinstance(x, (int, float)):               # subclasses: an IntEnum, a numpy.float64
        return float(x) if isinstance(x, float) else int(x)
    elif kind in other_ns:
        return x
    raise DTypeError(f"cannot use {kind.__name__!r} as an array", op=op.name, got=kind.__name__,
                     expected="a Tensor, a Scalar, an array or a number", fix="gd.tensor(...)")

cdef object evaluate(Op op, tuple values, dict params):
    """Run the entry itself. NumPy's warnings are silenced: NaN and Inf are values here."""
    cdef object xp = numpy_ns
    if other_ns:
        for v in values:
            if type(v) in other_ns:
                xp = other_ns[type(v)]
    try:
        with np.errstate(all="ignore"):
            if params is None:
                return op.forward(xp, *values)
            return op.forward(xp, *values, **params)
    except GraddlError:
        raise
    except (TypeError, ValueError, IndexError) as error:
        raise explain(op, values, params, error) from error

cdef object as_array(object r, bint keep_floating, Mode m):
    if not PyArray_Check(<PyObject*>r) and type(r) not in other_ns:
        r = np.asarray(r)
    if not keep_floating and cnp.PyArray_Check(r) and is_floating(r):
        r = r.astype(m.dtype, copy=False)
    return r

cdef Tensor new_tensor(object value):
    t = <Tensor>Tensor.__new__(Tensor)
    t.value = value
    return t

cdef inline bint is_floating(object value):
    """Whether a gradient can flow through an array of this dtype."""
    cdef int t
    if PyArray_Check(<PyObject*>value):
        t = cnp.PyArray_TYPE(value)
        return t == cnp.NPY_FLOAT or t == cnp.NPY_DOUBLE or t == cnp.NPY_FLOAT16 or t == cnp.NPY_LONGDOUBLE
    return value.dtype.kind == "f"

cdef inline bint is_number(object v) noexcept:
    return type(v) is float or type(v) is int or type(v) is bool or type(v) is complex or v is None

cdef object apply(Op op, PyObject** args, Py_ssize_t n, dict params):
    """The value of op at args as a Tensor (or Scalar), recorded in the graph if a gradient may be wanted."""
    cdef Mode m = mode()
    cdef bint wants = False, scalars = False, arrays = False
    cdef tuple values = PyTuple_New(n), residuals = None
    cdef Py_ssize_t i
    cdef Tensor t
    cdef object v, a, r = NotImplemented
    for i in range(n):
        a = <object>args[i]
        if isinstance(a, Tensor):
            v, arrays = (<Tensor>a).value, True
            wants |= wants_grad(a)
        elif isinstance(a, Scalar):
            v, scalars = a, True
        else:
            v = constant(op, a)
            arrays |= not is_number(v)
        Py_INCREF(v)
        PyTuple_SET_ITEM(values, i, v)
    if scalars:
        return apply_with_scalars(op, args, n, values, params, arrays, m)

    if params is None:
        if n == 1 and op.k1 != NULL:
            r = op.k1(<object>PyTuple_GET_ITEM(values, 0))
        elif n == 2 and op.k2 != NULL:
            r = op.k2(<object>PyTuple_GET_ITEM(values, 0), <object>PyTuple_GET_ITEM(values, 1))
        if r is not NotImplemented:                 # a kernel gives a fresh floating array
            t = new_tensor(r)
            if wants and m.grad:
                attach(op, args, n, values, None, r, None, t, None, m)
            if m.anomaly:
                blame_forward(op, values, (r,))
            return t

    r = evaluate(op, values, params)
    if op.residuals:
        r, residuals = r
    keep = keeps_floating(values, params)
    if not op.several:
        r = as_array(r, keep, m)
        t = new_tensor(r)
        note_view(t, args, n)
        if wants and m.grad and is_floating(r):
            attach(op, args, n, values, params, r, residuals, t, None, m)
        elif wants and m.grad and r.dtype.kind == "c":
            raise DTypeError("complex values carry no gradient", op=op.name, got=r.dtype.name, expected="a floating dtype",
                             fix=".detach(), or real and imaginary parts apart")
        if m.anomaly:
            blame_forward(op, values, (r,))
        return t
    r = tuple([as_array(x, keep, m) for x in r])
    outs = [new_tensor(x) for x in r]
    for t in outs:
        note_view(t, args, n)
    if wants and m.grad and outs and any([is_floating(x) for x in r]):
        attach(op, args, n, values, params, r, residuals, None, outs, m)
    if m.anomaly:
        blame_forward(op, values, r)
    return tuple(outs)

cdef bint keeps_floating(tuple values, dict params):
    """Integers that become floating take the default dtype; floating inputs and dtype= decide for themselves."""
    if params is not None and params.get("dtype") is not None:
        return True
    for v in values:
        if not is_number(v) and (is_floating(v) or v.dtype.kind == "c"):
            return True
    return False

cdef note_view(Tensor t, PyObject** args, Py_ssize_t n):
    """A result that is a view of an input shares its memory, and so its version."""
    cdef object base, a
    cdef Py_ssize_t i
    if cnp.PyArray_CheckExact(t.value) and cnp.PyArray_CHKFLAGS(t.value, cnp.NPY_ARRAY_OWNDATA):
        for i in range(n):                          # an entry may hand its input on
            if isinstance(<object>args[i], Tensor) and (<Tensor>args[i]).value is t.value:
                share_storage(t, <Tensor>args[i])
                return
        return
    for i in range(n):
        a = <object>args[i]
        if isinstance(a, Tensor) and ((<Tensor>a).value is t.value or np.may_share_memory((<Tensor>a).value, t.value)):
            share_storage(t, <Tensor>a)
            return

cdef attach(Op op, PyObject** args, Py_ssize_t n, tuple values, dict params, object r, tuple residuals, Tensor t, list outs, Mode m):
    """Make the node of a result (`t`, or several `outs`): its parents, and just those values that its rules name."""
    cdef TensorNode node = <TensorNode>TensorNode.__new__(TensorNode), parent
    cdef unsigned int mask = 0
    cdef Py_ssize_t i
    cdef Py_ssize_t last = len(op.args) - 1
    cdef Input* x
    cdef Rule rule
    cdef object a
    if n > 2:
        node.ins = <Input*>calloc(n, sizeof(Input))
        if node.ins == NULL:
            node.ins = node.two
            raise MemoryError
    node.op, node.params, node.residuals, node.where, node.flags = op, params, residuals, m.where, WANTS
    for i in range(n):
        a, x = <object>args[i], &node.ins[i]
        if isinstance(a, Tensor):
            parent = leaf_of(<Tensor>a)
            Py_INCREF(parent)
            x.node, x.out = <PyObject*>parent, (<Tensor>a).out
            node.n = i + 1
            if parent.flags & WANTS:
                x.wants = True
                rule = rule_of(op, i)
                if rule is None:
                    raise no_way_through(op, op.args[min(i, last)])
                mask |= rule.mask
        else:
            node.n = i + 1
            a = <object>PyTuple_GET_ITEM(values, i)
            if not is_number(a):
                parent = <TensorNode>TensorNode.__new__(TensorNode)     # an array as a constant: its shape is remembered
                remember(&parent.one, a)
                Py_INCREF(parent)
                x.node = <PyObject*>parent
            elif a is not None:
                Py_INCREF(a)
                x.value = <PyObject*>a
    if op.composition is not None:
        mask |= (1 << min(n, 29)) - 1               # second derivatives run the composition, from the inputs
    for i in range(n):
        x = &node.ins[i]
        if x.value == NULL and mask & (1 << min(i, last)) and <object>PyTuple_GET_ITEM(values, i) is not None:
            save(x, <object>PyTuple_GET_ITEM(values, i), <object>args[i])
    if mask & SAVE_Y:
        if outs is not None:
            for t in outs[1:]:                      # one version for all outputs: a write to any is noticed
                if t.store is None:
                    share_storage(t, outs[0])
            t = outs[0]
        save(&node.y, r, t)
    if outs is None:
        remember(&node.one, r)
        node.one.living = <PyObject*>t
        t.node = node
    else:
        node.outs = <Meta*>calloc(len(outs), sizeof(Meta))
        if node.outs == NULL:
            node.outs = &node.one
            raise MemoryError
        node.n_out = <int>len(outs)
        for i in range(node.n_out):
            node.outs[i].dims = node.outs[i].small
        for i, t in enumerate(outs):
            remember(&node.outs[i], t.value)
            if is_floating(t.value):                # an index among the outputs wants no gradient
                node.outs[i].living = <PyObject*>t
                t.node, t.out = node, i
    if m.record:
        node.flags |= RECORD
        extra_of(node).source = here()
        node.extra.value = list(r) if outs is not None else [r]
        if m.anomaly:
            node.extra.prints = [fingerprint(v) for v in node.saved[0]]

cdef object no_way_through(Op op, name):
    return GradientError(f"no gradient flows through {name!r}", op=op.name, got="a value that wants gradient",
                         expected="a constant there", fix=".detach()")

cdef save(Input* x, object value, object owner):
    cdef Storage store
    Py_INCREF(value)
    x.value = <PyObject*>value
    if isinstance(owner, Tensor):
        store = storage_of(<Tensor>owner)
        Py_INCREF(store)
        x.store, x.version = <PyObject*>store, store.version

cdef object fingerprint(object value):
    return hash(value.tobytes()) if isinstance(value, np.ndarray) else None

cdef blame_forward(Op op, tuple values, tuple results):
    for v in values:
        if isinstance(v, np.ndarray) and v.dtype.kind == "f" and np.isnan(v).any():
            return
    for r in results:
        if r.dtype.kind == "f" and np.isnan(r).any():
            raise NumericalError(f"made the first NaN{at_line(here())}", op=op.name, got="NaN from inputs without NaN",
                                 fix="look at the inputs' range: log and sqrt of negatives, 0/0, inf - inf")

def call(Op op, *args, **params):
    """Apply an op of the table: what every public function does."""
    cdef Py_ssize_t n = len(args), i
    cdef PyObject** pointers = <PyObject**>malloc(max(n, 1) * sizeof(PyObject*))
    if pointers == NULL:
        raise MemoryError
    try:
        for i in range(n):
            pointers[i] = PyTuple_GET_ITEM_pointer(args, i)
        for name, value in params.items():
            if wants_grad(value):
                raise no_way_through(op, name)
        return apply(op, pointers, n, params or None)
    finally:
        free(pointers)

cdef inline PyObject* PyTuple_GET_ITEM_pointer(tuple args, Py_ssize_t i):
    return <PyObject*>PyTuple_GET_ITEM(args, i)

def call1(Op op, x):
    """`call` for one argument and no parameters, without a tuple."""
    cdef PyObject* args = <PyObject*>x
    return apply(op, &args, 1, None)

def call2(Op op, a, b):
    """`call` for two arguments and no parameters, without a tuple."""
    return apply2(op, a, b)

cdef inline object apply2(Op op, object a, object b):
    cdef PyObject* args[2]
    args[0], args[1] = <PyObject*>a, <PyObject*>b
    return apply(op, args, 2, None)


# ---------------------------------------------------------------------------------------------------- backward: plan
cdef struct Step:
    PyObject* node
    long long key                                   # its id
    Py_ssize_t slot, edge                           # where its gradients and its edges begin

@cython.freelist(4)
@cython.final
cdef class Plan:
    """The order of one backward pass, in arrays of its own. Once made, it reads no marks on nodes: hooks, other threads
    and drawing may walk the same graph meanwhile. `roots` keeps every planned node alive."""
    cdef Step* steps
    cdef int* edges                                 # for each input of each step: the slot of its gradient, -1: none
    cdef PyObject** g                               # gradients on their way: arrays, or Tensors under create_graph
    cdef double* d                                  # the same for Scalars
    cdef Py_ssize_t n, slots
    cdef list roots, target_slots                   # target_slots: None where a target cannot be reached
    cdef bint pure                                  # Scalars only
    cdef Node trouble                               # a Scalar whose operand was assigned to after use
    cdef object quiet                               # np.errstate, entered when the first rule in Python runs

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.g != NULL:
            for i in range(self.slots):
                Py_XDECREF_pointer(self.g[i])
        free(self.steps); free(self.edges); free(self.g); free(self.d)

cdef inline int count_inputs(PyObject* p) noexcept:
    cdef Node node = <Node>p
    return <int>(node.flags >> COUNT_SHIFT) if node.flags & SCALAR else (<TensorNode>node).n

cdef PyObject* node_of(object x) noexcept:
    """The node of a Tensor or Scalar, borrowed."""
    return <PyObject*>(<Tensor>x).node if isinstance(x, Tensor) else <PyObject*>x

cdef int out_of(object x) noexcept:
    return (<Tensor>x).out if isinstance(x, Tensor) else 0

cdef traverseproc plain_node_traverse = NULL, plain_scalar_traverse = NULL

cdef int traverse(PyObject* p, visitproc visit, void* arg) noexcept:
    """What the collector follows from a tracked node: its parents, too, which Cython does not know to be references."""
    cdef int i, stop
    cdef PyObject* q
    for i in range(count_inputs(p)):
        if (<Node>p).flags & SCALAR:
            q = NULL if (<Node>p).flags & (CONSTANT_0 << i) else operands(<Scalar>p)[i].node
        else:
            q = (<TensorNode>p).ins[i].node
        if q != NULL:
            stop = visit(q, arg)
            if stop:
                return stop
    return plain_scalar_traverse(p, visit, arg) if (<Node>p).flags & SCALAR else plain_node_traverse(p, visit, arg)

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

cdef int descending(const void* a, const void* b) noexcept nogil:
    return 1 if (<Step*>a).key < (<Step*>b).key else -1

cdef int sort_steps(Step* steps, Py_ssize_t n) except -1:
    """Newest first. The ids of one forward pass are nearly dense: each node goes to its id's place (6x faster than qsort).
    Only what is much older, such as parameters, is compared."""
    cdef long long high = steps[0].key, low
    cdef Py_ssize_t i, j = 0, young = 0
    cdef PyObject** places
    cdef Step step
    if n <= 16:
        for i in range(1, n):
            step, j = steps[i], i
            while j and steps[j - 1].key < step.key:
                steps[j] = steps[j - 1]
                j -= 1
            steps[j] = step
        return 0
    for i in range(n):
        high = max(high, steps[i].key)
    low = high - 8 * n
    places = <PyObject**>calloc(high - low + 1, sizeof(PyObject*))
    if places == NULL:
        raise MemoryError
    for i in range(n):
        if steps[i].key >= low:
            places[steps[i].key - low] = steps[i].node
            young += 1
        else:                                       # keep the old ones at the front; the young are safe in places
            steps[j], j = steps[i], j + 1
    for i in range(j - 1, -1, -1):
        steps[young + i] = steps[i]
    qsort(steps + young, j, sizeof(Step), descending)
    j = 0
    for i in range(high - low, -1, -1):
        if places[i] != NULL:
            steps[j].node, steps[j].key = places[i], low + i
            j += 1
    free(places)
    return 0

cdef Plan make_plan(list roots, list targets):
    """Which nodes a backward pass visits, newest first, and where each gradient goes. Runs no Python: atomic under the GIL.

    With targets, only nodes on a way to one of them. Ids grow as nodes are made, so descending id is a valid order."""
    cdef Plan plan = Plan.__new__(Plan)
    cdef Py_ssize_t n = 0, room = 16, depth = 0, stack_room = 16, i, edges, slots = 0
    cdef PyObject** stack = <PyObject**>malloc(stack_room * sizeof(PyObject*))
    cdef PyObject* p
    cdef PyObject* q
    cdef char* matters = NULL
    cdef bint sorted_ = True, younger = False
    cdef int j, e
    plan.roots = roots
    plan.steps = <Step*>malloc(room * sizeof(Step))
    plan.pure = True
    try:
        for root in roots:                          # 1. everything reachable, each node once
            stack[0], depth = <PyObject*>root, 1
            while depth:
                depth -= 1
                p = stack[depth]
                if (<Node>p).slot:
                    continue
                if n == room:
                    room *= 2
                    plan.steps = <Step*>grow(plan.steps, room * sizeof(Step))
                (<Node>p).slot = 1
                plan.steps[n].node, plan.steps[n].key = p, (<Node>p).id
                sorted_ = sorted_ and (n == 0 or plan.steps[n].key < plan.steps[n - 1].key)
                n += 1
                plan.n = n
                plan.pure = plan.pure and (<Node>p).flags & SCALAR != 0
                e = count_inputs(p)
                if depth + e > stack_room:
                    stack_room = 2 * (depth + e)
                    stack = <PyObject**>grow(stack, stack_room * sizeof(PyObject*))
                for j in range(e - 1, -1, -1):
                    q = parent_of(p, j)
                    if q == NULL:
                        continue
                    if (<Node>q).id > (<Node>p).id: # a Scalar leaf whose .data was assigned to
                        younger = True
                    if not (<Node>q).slot:
                        stack[depth] = q
                        depth += 1
        if younger:                                 # leaves last: ids tell the order of computed nodes only
            for i in range(n):
                if not count_inputs(plan.steps[i].node):
                    plan.steps[i].key -= 1 << 62
            sorted_ = False
        if not sorted_:                             # 2. newest first
            sort_steps(plan.steps, n)
        edges = 0
        for i in range(n):
            p = plan.steps[i].node
            plan.steps[i].slot, plan.steps[i].edge = slots, edges
            (<Node>p).slot = <unsigned int>(i + 1)
            slots += 1 if (<Node>p).flags & SCALAR else (<TensorNode>p).n_out
            edges += count_inputs(p)
        plan.slots = slots
        plan.edges = <int*>malloc(PLAN_ROOM(edges + 1) * sizeof(int))
        if plan.edges == NULL:
            raise MemoryError
        if targets is not None:
            matters = <char*>calloc(n + 1, 1)
            if matters == NULL:
                raise MemoryError
            plan.target_slots = []
            for t in targets:
                p = node_of(t)
                plan.target_slots.append(plan.steps[(<Node>p).slot - 1].slot + out_of(t) if (<Node>p).slot else None)
            mark_ways(plan, targets, matters)
        for i in range(n):                          # 3. where each gradient goes; a node's slot is read by younger nodes only
            p = plan.steps[i].node
            for j in range(count_inputs(p)):
                q, e = parent_of(p, j), -1
                if q != NULL and (matters == NULL or matters[(<Node>q).slot - 1]):
                    if younger and (<Node>q).id > (<Node>p).id and changed_under(<Node>p, j):
                        plan.trouble = <Node>p
                    e = <int>plan.steps[(<Node>q).slot - 1].slot
                    if not (<Node>p).flags & SCALAR:
                        e += (<TensorNode>p).ins[j].out
                plan.edges[plan.steps[i].edge + j] = e
    finally:
        for i in range(plan.n):
            (<Node>plan.steps[i].node).slot = 0
        free(stack)
        free(matters)
    if plan.trouble is not None:
        raise GradientError("an operand was assigned to after it was used here", op=plan.trouble.op.name,
                            got="a .data changed between forward and backward", expected="the values of the forward pass",
                            fix="assign to .data after backward(), or compute the expression again")
    return plan

cdef mark_ways(Plan plan, list targets, char* matters):
    """Mark the nodes on a way to a target, oldest first: a parent is settled before its child."""
    cdef Py_ssize_t i
    cdef int j
    cdef PyObject* q
    for target in targets:
        if (<Node>node_of(target)).slot:
            matters[(<Node>node_of(target)).slot - 1] = 1
    for i in range(plan.n - 1, -1, -1):
        for j in range(count_inputs(plan.steps[i].node)):
            q = parent_of(plan.steps[i].node, j)
            if q != NULL and matters[(<Node>q).slot - 1]:
                matters[i] = 1

cdef void* grow(void* block, size_t size) except NULL:
    cdef void* more = realloc(block, size)
    if more == NULL:
        raise MemoryError
    return more


# ---------------------------------------------------------------------------------------------------- backward: run
cdef int run(Plan plan, bint graph, bint private, bint retain, object on_visit) except -1:
    """Walk the plan: at each node apply the chain rule and hand each parent its share. Delivers nothing yet."""
    cdef Py_ssize_t k, i
    cdef Step* step
    cdef Node node
    cdef Scalar scalar
    cdef TensorNode tensor
    cdef Op op
    cdef object g, gx, shared
    cdef list gs
    cdef bint anomaly = mode().anomaly
    for k in range(plan.n):
        step = &plan.steps[k]
        node = <Node>step.node
        if k & 255 == 0 or not plan.pure:
            PyErr_CheckSignals()
        if node.extra is not None and node.extra.hooks and not private:
            run_hooks(plan, step.slot, node, graph)
        scalar, tensor, shared = None, None, None
        if node.flags & SCALAR:
            scalar = <Scalar>node
            op = scalar.op
            if not graph and on_visit is None and has_derivative(scalar):
                scalar_step(plan, step, scalar)
                continue
            g = <object>plan.g[step.slot] if graph else plan.d[step.slot]
        else:
            tensor = <TensorNode>node
            op = tensor.op
            g = gathered(plan, step, tensor, graph)
        if g is None or op is None and on_visit is None:
            continue
        gs = [] if on_visit is not None else None
        if op is not None and (plan.target_slots is None or passes_on(plan, k)):
            if tensor is not None:
                verify(tensor)
                if op.joint is not None or graph and op.composition is not None:
                    shared = joint_gradients(plan, step, tensor, g, graph)
            for i in range(count_inputs(step.node)):
                gx = None
                if plan.edges[step.edge + i] >= 0:
                    gx = shared[i] if shared is not None else scalar_gradient(plan, scalar, i, g, graph) \
                        if tensor is None else tensor_gradient(plan, tensor, i, g, graph)
                    gx = accumulate(plan, plan.edges[step.edge + i], node, op, i, g, gx, graph, anomaly)
                if gs is not None:
                    gs.append(gx)
        if on_visit is not None:
            on_visit(node, g, gs)
        if tensor is not None and op is not None and not private:
            if not retain and (plan.target_slots is None or passes_on(plan, k)):
                release(tensor)
            if not node.flags & (RETAIN | RECORD):
                forget(plan, step, tensor.n_out)
    return 0

cdef inline bint has_derivative(Scalar s) noexcept:
    """Whether C can differentiate this step: the rest goes through the rules of the table."""
    return s.op is not None and s.op.sd != NULL and s.flags >> COUNT_SHIFT <= 2 and (s.extra is None or s.extra.params is None)

cdef int scalar_step(Plan plan, Step* step, Scalar s) noexcept:
    """The chain rule at a Scalar, in C: the operands' values are read from the operands."""
    cdef double a = 0, b = 0
    cdef double[2] d
    cdef double g = plan.d[step.slot]
    cdef int n = s.flags >> COUNT_SHIFT, i, e
    if n > 0:
        a = s.p[0].number if s.flags & CONSTANT_0 else (<Scalar>s.p[0].node).x
    if n > 1:
        b = s.p[1].number if s.flags & (CONSTANT_0 << 1) else (<Scalar>s.p[1].node).x
    s.op.sd(a, b, s.x, d)
    for i in range(n):
        e = plan.edges[step.edge + i]
        if e >= 0:
            plan.d[e] += g * d[i]
    return 0

cdef object operand_value(Scalar s, int i, bint graph):
    """The i-th operand: a number, or under create_graph the Scalar itself; None if it was not given."""
    cdef Operand* o = operands(s)
    if i >= <int>(s.flags >> COUNT_SHIFT):
        return None
    if s.flags & (CONSTANT_0 << i):
        return o[i].number
    if not (<Node>o[i].node).flags & SCALAR:
        return None                                 # the bridge from a Tensor: its rule reads nothing
    return <object>o[i].node if graph else (<Scalar>o[i].node).x

cdef object scalar_gradient(Plan plan, Scalar s, int i, object g, bint graph):
    """g times the derivative of s by its i-th operand, by the table's rule."""
    cdef Rule rule = rule_of(s.op, i)
    if not callable(rule.fn):
        return g * rule.fn
    cdef int code
    cdef list args = [scalar_ns]
    for code in rule.reads:
        args.append(g if code == G else operand_value(s, code, graph) if code >= 0 else s if graph else s.x)
    be_quiet(plan)
    params = s.op.params if s.extra is None or s.extra.params is None else {**s.op.params, **s.extra.params}
    d = rule.fn(*args, **{k: params[k] for k in rule.keywords})
    return g * d if rule.times_g else d

cdef object be_quiet(Plan plan):
    if plan.quiet is None:
        plan.quiet = np.errstate(all="ignore")
        plan.quiet.__enter__()

cdef object saved_input(TensorNode node, int i, bint graph):
    """A value that the forward pass saved; under create_graph as a Tensor that hangs on its own node again."""
    cdef Input* x = &node.ins[i]
    cdef Tensor t
    if x.value == NULL:
        if x.node == NULL and not node.flags & RELEASED:
            return None                             # an optional input that was not given
        raise GradientError("the values that it saved were released by an earlier backward()", op=node.op.name,
                            got="a second pass", expected="one pass per forward", fix="backward(retain_graph=True)")
    value = <object>x.value
    if not graph or isinstance(value, (int, float)):
        return value
    t = with_store(value, x)
    if x.node != NULL and not (<Node>x.node).flags & SCALAR:
        t.node, t.out = <TensorNode>x.node, x.out
    return t

cdef Tensor with_store(object value, Input* x):
    """A saved value as a Tensor again, on the memory whose version is counted."""
    cdef Tensor t = new_tensor(value)
    if x.store != NULL:
        t.store = <Storage>x.store
        t.store.tensors += 1
    return t

cdef object saved_output(TensorNode node, bint graph):
    cdef Tensor t
    if node.y.value == NULL:
        raise GradientError("the values that it saved were released by an earlier backward()", op=node.op.name,
                            got="a second pass", expected="one pass per forward", fix="backward(retain_graph=True)")
    value = <object>node.y.value
    if not graph:
        return value
    if not node.op.several:
        t = with_store(value, &node.y)
        t.node = node
        return t
    ys = []
    for k, v in enumerate(value):
        t = with_store(v, &node.y)
        if is_floating(v):
            t.node, t.out = node, k
        ys.append(t)
    return tuple(ys)

cdef dict keywords_for(TensorNode node, tuple names):
    cdef dict out = {}
    for name in names:
        if name == "shapes":
            out[name] = tuple([shape_of(&(<TensorNode>node.ins[i].node).outs[node.ins[i].out])
                               if node.ins[i].node != NULL and not (<Node>node.ins[i].node).flags & SCALAR else
                               np.shape(<object>node.ins[i].value) if node.ins[i].value != NULL else ()
                               for i in range(node.n)])
        else:
            out[name] = node.params.get(name, node.op.params[name]) if node.params is not None else node.op.params[name]
    return out

cdef object call_rule(Plan plan, TensorNode node, Rule rule, int i, object g, bint graph):
    cdef int code
    cdef list args = [tensor_ns if graph else namespace(g[0] if type(g) is tuple else g)]
    for code in rule.reads:
        if code == G:
            args.append(g)
        elif code == Y:
            args.append(saved_output(node, graph))
        elif code == I:
            args.append(i)
        elif code == NEEDS:
            args.append(tuple([parent_of(<PyObject*>node, j) != NULL for j in range(node.n)]))
        elif code <= RESIDUAL:
            args.append(node.residuals[RESIDUAL - code] if not graph else new_tensor(node.residuals[RESIDUAL - code]))
        elif node.op.variadic and code == len(node.op.args) - 1:
            args.append(tuple([saved_input(node, j, graph) for j in range(code, node.n)]))
        else:
            args.append(saved_input(node, code, graph))
    be_quiet(plan)
    return rule.fn(*args, **keywords_for(node, rule.keywords)) if rule.keywords else rule.fn(*args)

cdef object tensor_gradient(Plan plan, TensorNode node, int i, object g, bint graph):
    """The gradient of the i-th input by the kernel, or else by the table's rule."""
    cdef Op op = node.op
    cdef Rule rule
    cdef Meta* meta
    cdef Input* x = node.ins
    if not graph:
        if op.kv != NULL and node.n <= 2:
            r = op.kv(i, g, None if x[0].value == NULL else <object>x[0].value,
                      None if node.n < 2 or x[1].value == NULL else <object>x[1].value,
                      None if node.y.value == NULL else <object>node.y.value)
            if r is not NotImplemented:
                return r
        if op.spread != NULL and node.params is None:
            meta = &(<TensorNode>x[i].node).outs[x[i].out]
            r = op.spread(g, meta.ndim, meta.dims)
            if r is not NotImplemented:
                return r
    rule = rule_of(op, i)
    if not callable(rule.fn) and rule.fn == 1:
        return g
    be_quiet(plan)
    if callable(rule.fn):
        d = call_rule(plan, node, rule, i, g, graph)
        return d if not rule.times_g or d is None else apply2(ops.multiply, g, d) if graph else namespace(g).multiply(g, d)
    return apply2(ops.multiply, g, rule.fn) if graph else namespace(g).multiply(g, rule.fn)

cdef object joint_gradients(Plan plan, Step* step, TensorNode node, object g, bint graph):
    """All gradients at once: by the joint rule, or under create_graph by the vjp of the composition."""
    if not graph or node.op.composition is None:
        return call_rule(plan, node, node.op.joint, -1, g, graph)
    xs = [saved_input(node, i, True) for i in range(node.n)]
    xs = [call1(ops.identity, x) if isinstance(x, Tensor) else x for x in xs]      # aliases: the pass must stop here
    y = node.op.composition(tensor_ns, *xs, **(node.params or {}))
    asked = [i for i in range(node.n) if plan.edges[step.edge + i] >= 0]
    found = gradients([y], [xs[i] for i in asked], [g], create_graph=True)
    out = [None] * node.n
    for i, gx in zip(asked, found):
        out[i] = gx if gx is not None else new_tensor(np.zeros(xs[i].shape, xs[i].dtype))
    return out

cdef object gathered(Plan plan, Step* step, TensorNode node, bint graph):
    """The gradient that has arrived; for an op with several outputs a tuple, zeros where none came."""
    cdef int k
    if node.op is None or not node.op.several:
        return None if plan.g[step.slot] == NULL else <object>plan.g[step.slot]
    gs, some = [], False
    for k in range(node.n_out):
        if plan.g[step.slot + k] != NULL:
            gs.append(<object>plan.g[step.slot + k])
            some = True
        else:
            zeros = np.zeros(shape_of(&node.outs[k]), np.dtype(cnp.PyArray_DescrFromType(node.outs[k].typenum)))
            gs.append(new_tensor(zeros) if graph else zeros)
    return tuple(gs) if some else None

cdef object fit(Plan plan, object gx, TensorNode parent, int out, bint graph, str who):
    """Sum a gradient over the axes that broadcasting added, and give it its tensor's dtype."""
    cdef Meta* meta = &parent.outs[out]
    cdef int d, extra
    cdef bint same
    if not isinstance(gx, Tensor) if graph else not (PyArray_CheckExact(<PyObject*>gx) or type(gx) in other_ns):
        if graph:
            gx = call(ops.from_scalar, gx) if isinstance(gx, Scalar) else new_tensor(np.asarray(gx))
        else:
            gx = np.asarray((<Tensor>gx).value if isinstance(gx, Tensor) else gx)
    value = (<Tensor>gx).value if graph else gx
    same = PyArray_CheckExact(<PyObject*>value) and cnp.PyArray_NDIM(value) == meta.ndim
    if same:
        for d in range(meta.ndim):
            same = same and cnp.PyArray_DIM(value, d) == meta.dims[d]
    shape = None if same else shape_of(meta)
    if not same and tuple(value.shape) != shape:
        xp = tensor_ns if graph else namespace(value)
        be_quiet(plan)
        try:
            if np.broadcast_shapes(shape, value.shape) != tuple(value.shape):
                gx = xp.broadcast_to(gx, shape)     # a rule may return a smaller array for a constant derivative
            else:
                extra = len(value.shape) - len(shape)
                axes = tuple(range(extra)) + tuple([d + extra for d in range(len(shape))
                                                    if shape[d] == 1 and value.shape[d + extra] != 1])
                gx = xp.reshape(xp.sum(gx, axis=axes), shape)
                gx = gx if graph else as_array(gx, True, None)
        except ValueError:
            raise GradientError("a rule returned a gradient of the wrong shape", op=who, got=tuple(value.shape),
                                expected=shape, fix="the gradient of an input has the input's shape") from None
        value = (<Tensor>gx).value if graph else gx
    if (cnp.PyArray_TYPE(value) if PyArray_Check(<PyObject*>value) else value.dtype.num) != meta.typenum:
        if value.dtype.kind != "f":
            raise GradientError("a gradient must be floating", op=who, got=value.dtype.name,
                                expected=parent.dtype.name, fix="use xp.where(condition, g, 0)")
        dtype = np.dtype(cnp.PyArray_DescrFromType(meta.typenum))
        gx = call(ops.astype, gx, dtype=dtype) if graph else value.astype(dtype)
    return gx

cdef object accumulate(Plan plan, int slot, Node child, Op op, int i, object g, object gx, bint graph, bint anomaly):
    """Add one contribution to the gradient of an input: the first is borrowed, later ones added in place if it is ours."""
    cdef PyObject* h = NULL
    cdef PyObject* parent = parent_of(<PyObject*>child, i)
    cdef int out = 0 if child.flags & SCALAR else (<TensorNode>child).ins[i].out
    if gx is None:
        raise GradientError(f"the rule for input {i} returned None", op=op.name, got="None", expected="an array",
                            fix="declare the input nondiff=, or return zeros")
    if (<Node>parent).flags & SCALAR:
        if not graph:
            gx = float(gx)
            plan.d[slot] += <double>gx
            return gx
        gx = scalar_of(<Tensor>gx) if isinstance(gx, Tensor) else gx
    else:
        gx = fit(plan, gx, <TensorNode>parent, out, graph, op.name)
        if anomaly:
            value = (<Tensor>gx).value if graph else gx
            if np.isnan(value).any() and not has_nan(g):
                raise NumericalError(f"its gradient made the first NaN of the backward pass; recorded{at_line(child.source)}",
                                     op=op.name, got="NaN from a gradient without NaN", fix="look at the values that it was computed from")
    h = plan.g[slot]
    if h == NULL:
        Py_INCREF(gx)
        plan.g[slot] = <PyObject*>gx
        return gx
    if graph:
        new = <object>h + gx
    else:
        if Py_REFCNT(h) == 1 and PyArray_CheckExact(h) and \
                cnp.PyArray_CHKFLAGS(<object>h, cnp.NPY_ARRAY_OWNDATA | cnp.NPY_ARRAY_WRITEABLE):
            if accumulate_kernel == NULL or not accumulate_kernel(<object>h, gx):
                be_quiet(plan)
                np.add(<object>h, gx, <object>h)
            return gx
        be_quiet(plan)
        new = namespace(gx).add(<object>h, gx)
        if not PyArray_CheckExact(<PyObject*>new) and type(new) not in other_ns:
            new = np.asarray(new)
    Py_INCREF(new)
    plan.g[slot] = <PyObject*>new
    Py_DECREF(<object>h)
    return gx

cdef bint has_nan(object g):
    if type(g) is tuple:
        return any([has_nan(x) for x in g])
    return bool(np.isnan((<Tensor>g).value if isinstance(g, Tensor) else (<Scalar>g).x if isinstance(g, Scalar) else g).any())

cdef run_hooks(Plan plan, Py_ssize_t slot, Node node, bint graph):
    """Let the user's hooks see, and perhaps replace, the accumulated gradient."""
    cdef Tensor t
    for out, hook in list(node.extra.hooks.values()):
        if node.flags & SCALAR:
            g = <object>plan.g[slot] if graph else plan.d[slot]
        elif plan.g[slot + <int>out] == NULL:
            continue
        else:
            g = <object>plan.g[slot + <int>out] if graph else new_tensor(read_only(<object>plan.g[slot + <int>out]))
        new = hook(g)
        if new is None:
            continue
        if node.flags & SCALAR:
            if not graph:
                plan.d[slot] = float(new.data if isinstance(new, Scalar) else new)
                continue
        else:
            if np.shape(new.value if isinstance(new, Tensor) else new) != shape_of(&(<TensorNode>node).outs[<int>out]):
                raise GradientError("a hook returned a gradient of another shape", op="register_hook",
                                    got=np.shape(new.value if isinstance(new, Tensor) else new),
                                    expected=shape_of(&(<TensorNode>node).outs[<int>out]), fix="return None or an array like g")
            new = fit(plan, new, <TensorNode>node, out, graph, "register_hook")
        Py_INCREF(new)
        Py_XDECREF_pointer(plan.g[slot + <int>out])
        plan.g[slot + <int>out] = <PyObject*>new

cdef verify(TensorNode node):
    """A saved value that was written to since is an error, not a wrong gradient."""
    cdef int i
    cdef Input* x
    for i in range(node.n + 1):
        x = &node.ins[i] if i < node.n else &node.y
        if x.store != NULL and (<Storage>x.store).version != x.version:
            name = "its output" if i == node.n else f"its input {node.op.args[min(i, len(node.op.args) - 1)]!r}"
            raise GradientError(
                f"{name}, which its gradient needs, was changed in place after the forward pass{at_line(node.source)}; "
                f"the write{at_line((<Storage>x.store).where) or ' was not recorded (gd.record() shows its line)'}",
                op=node.op.name, got=f"version {(<Storage>x.store).version}", expected=f"version {x.version}",
                fix="write y = x + 1 in place of x += 1, or change a clone()")
    if node.extra is not None and node.extra.prints is not None:
        for i, (old, value) in enumerate(zip(node.extra.prints, node.saved[0])):
            if value is not None and old != fingerprint(value):
                raise GradientError(f"the array passed as input {i} was changed outside of graddl since{at_line(node.source)}",
                                    op=node.op.name, got="other bytes", expected="the bytes of the forward pass", fix="pass a copy")

cdef release(TensorNode node):
    """Saved arrays above 4 KiB are dropped; small ones stay, so that small graphs can be drawn afterwards."""
    cdef int i
    cdef Input* x
    node.flags |= RELEASED
    if node.flags & RECORD:
        return
    for i in range(node.n + 1):
        x = &node.ins[i] if i < node.n else &node.y
        if x.value != NULL and too_large(<object>x.value):
            value, x.value = <object>x.value, NULL
            Py_DECREF(value)
    if node.residuals is not None and any([too_large(r) for r in node.residuals]):
        node.residuals = None

cdef bint too_large(object value):
    if PyArray_CheckExact(<PyObject*>value):
        return cnp.PyArray_NBYTES(value) > KEPT
    if type(value) is float:
        return False
    if type(value) is tuple:
        return any([too_large(v) for v in value])
    return getattr(value, "nbytes", 0) > KEPT

cdef forget(Plan plan, Step* step, int n_out):
    """An inner gradient that was passed on is dropped at once, unless a target of this pass."""
    cdef int k
    for k in range(n_out):
        if plan.g[step.slot + k] != NULL and not (plan.target_slots and step.slot + k in plan.target_slots):
            take(plan, step.slot + k)

cdef bint passes_on(Plan plan, Py_ssize_t k) noexcept:
    """Whether the k-th step hands a gradient to any input."""
    cdef int i
    for i in range(count_inputs(plan.steps[k].node)):
        if plan.edges[plan.steps[k].edge + i] >= 0:
            return True
    return False

cdef Py_ssize_t slot_of(Plan plan, object node) noexcept:
    """Where the gradient of a root is; roots are young, so they stand at the front."""
    cdef Py_ssize_t k = 0
    while plan.steps[k].node != <PyObject*>node:
        k += 1
    return plan.steps[k].slot

cdef Plan walk(list roots, list seeds, list targets, bint graph, bint private, bint retain, object on_visit):
    """Plan and run one pass from `roots` with gradients `seeds`."""
    cdef Plan plan = make_plan([<object>node_of(r) for r in roots], targets)
    cdef Py_ssize_t k, slot
    cdef Node node
    if not private:
        for k in range(len(plan.target_slots) if targets is not None else 0):
            if plan.target_slots[k] is None:
                raise GradientError("the output does not depend on one of the inputs", op="backward", got=repr(targets[k]),
                                    expected="inputs that the output was computed from", fix="leave it out of inputs=")
        for k in range(plan.n):
            if (<Node>plan.steps[k].node).flags & RELEASED and passes_on(plan, k):
                node = <Node>plan.steps[k].node
                raise GradientError("this graph was already walked by backward(), and its saved values were released", op=node.op.name,
                                    got="a second backward()", expected="one pass per forward",
                                    fix="the first call as .backward(retain_graph=True)")
    plan.d = <double*>calloc(plan.slots + 1, sizeof(double))
    plan.g = <PyObject**>calloc(plan.slots + 1, sizeof(PyObject*)) if graph or not plan.pure else NULL
    if plan.d == NULL or (plan.g == NULL and (graph or not plan.pure)):
        raise MemoryError
    for k in range(len(roots)):
        root, seed = roots[k], seeds[k]
        slot = slot_of(plan, plan.roots[k]) + out_of(root)
        if isinstance(root, Scalar) and not graph:
            plan.d[slot] += seed
            continue
        if plan.g[slot] != NULL:
            seed = <object>plan.g[slot] + seed
        Py_INCREF(seed)
        Py_XDECREF_pointer(plan.g[slot])
        plan.g[slot] = <PyObject*>seed
    try:
        if graph:
            with Setting(grad=True):
                run(plan, graph, private, retain, on_visit)
        else:
            run(plan, graph, private, retain, on_visit)
    finally:
        if plan.quiet is not None:
            plan.quiet.__exit__(None, None, None)
    return plan

cdef object take(Plan plan, Py_ssize_t slot):
    """Move a gradient out of the plan."""
    g = <object>plan.g[slot]
    plan.g[slot] = NULL
    Py_DECREF(g)
    return g

cdef object own(object g):
    """A gradient that no one else sees: a copy unless the caller's reference is the only one."""
    if PyArray_CheckExact(<PyObject*>g) and (Py_REFCNT(<PyObject*>g) > 1 or not cnp.PyArray_CHKFLAGS(
            g, cnp.NPY_ARRAY_OWNDATA | cnp.NPY_ARRAY_WRITEABLE)):
        return np.array(g)
    return g

cdef deliver(Plan plan, bint graph, list targets):
    """Write all gradients to .grad at once: sums are made first, then swapped in, so a failure leaves every .grad alone."""
    cdef Py_ssize_t k, slot
    cdef int out
    cdef Node node
    cdef Scalar s
    cdef Tensor t
    cdef list receivers = [], grads = [], olds = [], news = []
    cdef bint pure = plan.pure and not graph
    for k in range(plan.n):
        if pure:
            break
        node = <Node>plan.steps[k].node
        slot = plan.steps[k].slot
        if node.flags & SCALAR:
            if graph and plan.g[slot] != NULL and (targets is None or node in targets):
                receivers.append(node)
                grads.append(<object>plan.g[slot])
            continue
        for out in range((<TensorNode>node).n_out):
            if plan.g[slot + out] == NULL:
                continue
            g = take(plan, slot + out)
            g = g if graph else own(g)
            if node.flags & RECORD:
                if node.extra.grad is None or out == 0:
                    node.extra.grad = [None] * (<TensorNode>node).n_out
                node.extra.grad[out] = g if graph else new_tensor(g.copy())
            asked = slot + out in plan.target_slots if targets is not None else \
                (<TensorNode>node).op is None or node.flags & RETAIN
            if asked:
                t = living(&(<TensorNode>node).outs[out])
                if t is not None:
                    receivers.append(t)
                    grads.append(g)
                    g = None
    for k in range(len(receivers)):
        olds.append(previous(receivers[k]))
        news.append(added(olds[k], grads[k], graph, receivers[k]))
    k = 0
    while k < len(receivers):                       # another thread may have delivered meanwhile: add to what it left
        if isinstance(receivers[k], Tensor) and previous(receivers[k]) is not olds[k]:
            olds[k] = previous(receivers[k])
            news[k] = added(olds[k], grads[k], graph, receivers[k])
            k = 0
        else:
            k += 1
    for k in range(len(receivers)):                 # from here on no Python runs
        if isinstance(receivers[k], Tensor):
            t = <Tensor>receivers[k]
            t._grad = news[k]
        else:
            set_scalar_grad(<Scalar>receivers[k], news[k])
    if graph:
        return
    for k in range(plan.n):
        if not (<Node>plan.steps[k].node).flags & SCALAR:
            continue
        s = <Scalar>plan.steps[k].node
        if targets is not None and plan.steps[k].slot not in plan.target_slots:
            continue
        if s.op is None:
            s.gradient += plan.d[plan.steps[k].slot]
        else:
            s.gradient = plan.d[plan.steps[k].slot]
        s.flags |= HAS_GRAD
        if s.extra is not None:
            s.extra.grad = None

cdef object previous(object target):
    """What a new gradient adds to: the old one; inner Scalars' are replaced."""
    cdef Scalar s
    if isinstance(target, Tensor):
        return (<Tensor>target)._grad
    s = <Scalar>target
    if s.op is not None or not s.flags & HAS_GRAD:
        return None
    return s.gradient if s.extra is None or s.extra.grad is None else s.extra.grad

cdef object added(object old, object g, bint graph, object receiver):
    if isinstance(receiver, Scalar):
        return g if old is None else old + g
    if graph:
        with Setting(grad=True):
            return g if old is None else old + g
    if old is None:
        return new_tensor(g)
    return new_tensor(as_array(namespace(g).add((<Tensor>old).value, g), True, None))

cdef track(Node root):
    """Let the collector see a Scalar and all that it was made of: a gradient that is a Scalar refers to its own Scalar."""
    cdef list stack = [root]
    cdef Node node
    cdef int i
    while stack:
        node = stack.pop()
        if PyObject_GC_IsTracked(<PyObject*>node):
            continue
        PyObject_GC_Track(<PyObject*>node)
        for i in range(count_inputs(<PyObject*>node)):
            if parent_of(<PyObject*>node, i) != NULL:
                stack.append(<object>parent_of(<PyObject*>node, i))

cdef set_scalar_grad(Scalar s, object g):
    if isinstance(g, Scalar):
        track(s)
        track(<Scalar>g)
    s.flags |= HAS_GRAD
    s.gradient = (<Scalar>g).x if isinstance(g, Scalar) else g
    if isinstance(g, Scalar) or s.extra is not None:
        extra_of(s).grad = g if isinstance(g, Scalar) else None

cdef PyObject* ones[32]                               # by type number

cdef object one(int typenum):
    """A shared, read-only 1 without axes: the seed of nearly every pass."""
    if ones[typenum] == NULL:
        value = np.ones((), np.dtype(cnp.PyArray_DescrFromType(typenum)))
        value.flags.writeable = False
        Py_INCREF(value)
        ones[typenum] = <PyObject*>value
    return <object>ones[typenum]

cdef object seed_for(object root, object grad, bint graph):
    """The gradient that a pass starts with: 1, or what the user gave."""
    if isinstance(root, Scalar):
        return 1.0 if grad is None else grad if graph else float(grad.data if isinstance(grad, Scalar) else grad)
    value = (<Tensor>root).value
    if grad is None:
        if value.size != 1:
            raise GradientError("only one number has a gradient without being told which", op="backward", got=f"shape {value.shape}",
                                expected="a single element, or grad= of that shape", fix=".sum().backward()")
        if not graph and cnp.PyArray_CheckExact(value) and cnp.PyArray_NDIM(value) == 0 and cnp.PyArray_TYPE(value) < 32:
            return one(cnp.PyArray_TYPE(value))
        grad = np.ones(value.shape, value.dtype) if PyArray_Check(<PyObject*>value) else namespace(value).ones_like(value)
    elif np.shape((<Tensor>grad).value if isinstance(grad, Tensor) else grad) != tuple(value.shape):
        raise ShapeError("grad= has another shape than the tensor", op="backward",
                         got=np.shape((<Tensor>grad).value if isinstance(grad, Tensor) else grad), expected=tuple(value.shape),
                         fix="grad=gd.ones(y.shape)")
    if graph:
        return grad if isinstance(grad, Tensor) else new_tensor(np.asarray(grad, dtype=value.dtype))
    if isinstance(grad, Tensor):
        grad = (<Tensor>grad).value
    return grad.astype(value.dtype, copy=False) if type(grad) in other_ns else np.asarray(grad, dtype=value.dtype)

cdef check_wants(object r, str who):
    """Only what a gradient may flow to can be differentiated."""
    if wants_grad(r):
        return
    if not isinstance(r, (Tensor, Scalar)):
        raise DTypeError("can differentiate a Tensor or a Scalar", op=who, got=type(r).__name__, expected="a Tensor", fix="gd.tensor(...)")
    raise GradientError("nothing to differentiate: no input of this value wants gradient", op=who, got="requires_grad=False",
                        expected="at least one leaf with requires_grad=True",
                        fix="gd.tensor(..., requires_grad=True), or compute it outside of no_grad()")

cdef backward(object root, object grad, bint retain_graph, bint create_graph, object inputs):
    cdef list targets = None
    cdef Plan plan
    check_wants(root, "backward")
    seed = seed_for(root, grad, create_graph)
    if inputs is not None:
        targets = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        for x in targets:
            check_wants(x, "backward(inputs=)")
    plan = walk([root], [seed], targets, create_graph, False, retain_graph or create_graph, None)
    deliver(plan, create_graph, targets)

def gradients(outputs, inputs, grads=None, *, bint create_graph=False, on_visit=None):
    """Gradients of `outputs` with respect to `inputs`, in a private pass.

    A private pass runs no hook, releases nothing and leaves every .grad as it was. `on_visit(node, g, gs)` is called at
    each node with the gradient that arrived and those that it passes to its inputs (None where none is wanted).

    Returns
    -------
    list: for each input a Tensor (of a Scalar: a float, under create_graph a Scalar), None where nothing depends on it.
    """
    cdef list roots = list(outputs), out = []
    cdef Plan plan
    inputs = list(inputs)
    for x in roots + inputs:
        check_wants(x, "gradients")
    seeds = [seed_for(r, g, create_graph) for r, g in zip(roots, grads or [None] * len(roots))]
    plan = walk(roots, seeds, inputs, create_graph, True, True, on_visit)
    for x, slot in zip(inputs, plan.target_slots):
        if slot is None:
            out.append(None)
        elif isinstance(x, Scalar) and not create_graph:
            out.append(plan.d[<Py_ssize_t>slot])
        elif plan.g[<Py_ssize_t>slot] == NULL:
            out.append(None)
        else:
            g = <object>plan.g[<Py_ssize_t>slot]
            out.append(g if create_graph else new_tensor(np.array(g) if PyArray_Check(<PyObject*>g) else g))
    return out

def trace(root, on_visit, grad=None):
    """Walk the whole graph of `root` in a private pass, calling `on_visit(node, g, gs)` in the order of backward()."""
    check_wants(root, "trace")
    walk([root], [seed_for(root, grad, False)], None, False, True, True, on_visit)

def backward_order(root):
    """The nodes of the graph of `root` in the order in which backward() visits them."""
    cdef Py_ssize_t k
    check_wants(root, "backward_order")
    cdef Plan plan = make_plan([<object>node_of(root)], None)
    return [<object>plan.steps[k].node for k in range(plan.n)]


# ---------------------------------------------------------------------------------------------------- Scalar
cdef Scalar new_scalar(double value):
    s = <Scalar>Scalar.__new__(Scalar)
    s.x = value
    return s

cdef inline int link(Scalar s, Op op, Py_ssize_t n, PyObject** args, Mode m) except -1:
    """Make s the result of op at args: a Scalar operand is held as a parent, a number is kept in its place."""
    cdef Py_ssize_t i
    cdef Operand* o = s.p
    cdef object a
    for i in range(n):
        if wants_grad(<object>args[i]):
            break
    else:
        return 0
    if n > 2:
        if n > 8:
            raise ShapeError("at most 8 operands on Scalars", op=op.name, got=n, expected="8 or fewer", fix="gd.stack([...])")
        o = <Operand*>calloc(n, sizeof(Operand))
        if o == NULL:
            raise MemoryError
        s.p[0].many = o
    s.op = op
    s.flags |= WANTS | <unsigned int>(n << COUNT_SHIFT)
    for i in range(n):
        a = <object>args[i]
        if isinstance(a, Scalar):
            if op.rules[min(i, <Py_ssize_t>len(op.rules) - 1)] is None and (<Scalar>a).flags & WANTS:
                raise no_way_through(op, op.args[i])
            Py_INCREF(a)
            o[i].node = <PyObject*>a
        else:
            o[i].number = a
            s.flags |= CONSTANT_0 << i
    if m.record or m.where is not None:
        extra_of(s).where = m.where
        if m.record:
            s.flags |= RECORD
            s.extra.source = here()
        if m.anomaly and s.x != s.x and not any([x != x for x in [operand_value(s, j, False) for j in range(n)]]):
            raise NumericalError(f"made the first NaN{at_line(here())}", op=op.name, got="NaN from operands without NaN",
                                 fix="look at the operands' range: log and sqrt of negatives, 0/0, inf - inf")
    return 0

cdef inline object scalar2(Op op, object a, object b):
    """A Scalar and a Scalar or a number: the quick way; all else goes through apply."""
    cdef double x, y = 0
    cdef PyObject* args[2]
    cdef Scalar s
    cdef Mode m
    args[0], args[1] = <PyObject*>a, <PyObject*>b
    if op.sf == NULL:
        return apply(op, args, 2, None)
    if isinstance(a, Scalar):
        x = (<Scalar>a).x
        if isinstance(b, Scalar): y = (<Scalar>b).x
        elif type(b) is float or type(b) is int: y = b
        else: return apply(op, args, 2, None)
    else:
        y = (<Scalar>b).x
        if type(a) is float or type(a) is int: x = a
        else: return apply(op, args, 2, None)
    s = new_scalar(op.sf(x, y))
    m = mode()
    if m.grad:
        link(s, op, 2, args, m)
    return s

cdef object apply_with_scalars(Op op, PyObject** args, Py_ssize_t n, tuple values, dict params, bint tensors, Mode m):
    """Elementwise ops of Scalars and numbers give a Scalar; anywhere else a Scalar becomes a Tensor without axes."""
    cdef Py_ssize_t i
    cdef list objects
    cdef PyObject** pointers
    if op is ops.from_scalar:
        return tensor_of(<Scalar>values[0], params, m)
    if op.kind == "elementwise" and not tensors and not op.several and not op.residuals:
        return scalar_apply(op, args, n, params, m)
    dtypes = [v.dtype for v in values if not isinstance(v, (Scalar, int, float)) and v is not None and v.dtype.kind == "f"]
    dtype = np.result_type(*dtypes) if dtypes else np.dtype("f8")
    objects = [call(ops.from_scalar, <object>args[i], dtype=dtype) if isinstance(<object>args[i], Scalar) else <object>args[i]
               for i in range(n)]
    return call(op, *objects, **(params or {}))

cdef object scalar_apply(Op op, PyObject** args, Py_ssize_t n, dict params, Mode m):
    cdef Scalar s
    while n and <object>args[n - 1] is None:        # optional operands that were not given
        n -= 1
    for i in range(n):
        if <object>args[i] is None:
            raise DTypeError(f"{op.args[i]!r} is None, a later operand is not", op=op.name, got="None", expected="a number",
                             fix="float('-inf') in its place")
    cdef list numbers = [(<Scalar>a).x if isinstance(a, Scalar) else a for a in [<object>args[i] for i in range(n)]]
    if op.sf != NULL and params is None and n <= 2:
        s = new_scalar(op.sf(numbers[0], numbers[1] if n == 2 else 0.0))
    else:
        with np.errstate(all="ignore"):
            r = op.forward(scalar_ns, *numbers) if params is None else op.forward(scalar_ns, *numbers, **params)
        if isinstance(r, (bool, np.bool_)):
            for i in range(n):
                if isinstance(<object>args[i], Scalar):
                    (<Scalar>args[i]).flags |= BRANCHED
            return bool(r)
        s = new_scalar(r)
    if m.grad:
        link(s, op, n, args, m)
        if params is not None and s.op is not None:
            extra_of(s).params = params
    return s

cdef object tensor_of(Scalar s, dict params, Mode m):
    """The bridge from a Scalar to a Tensor without axes."""
    cdef Tensor t = new_tensor(np.asarray(s.x, dtype=(params or {}).get("dtype") or np.dtype("f8")))
    cdef TensorNode node
    if m.grad and s.flags & WANTS:
        node = TensorNode.__new__(TensorNode)
        node.op, node.flags, node.where, node.n = ops.from_scalar, WANTS, m.where, 1
        Py_INCREF(s)
        node.two[0].node, node.two[0].wants = <PyObject*>s, True
        remember(&node.one, t.value)
        node.one.living = <PyObject*>t
        t.node = node
    return t

cdef Scalar scalar_of(Tensor t):
    """The bridge from a Tensor of one element to a Scalar."""
    cdef Scalar s
    cdef Mode m = mode()
    if t.value.size != 1:
        raise ShapeError("only a Tensor of one element becomes a Scalar", op="Scalar", got=f"shape {tuple(t.value.shape)}",
                         expected="one element", fix=".sum()")
    s = new_scalar(t.value.item())
    if m.grad and wants_grad(t):
        if t.out:
            t = call1(ops.identity, t)              # an operand is a node's first output
        s.op = ops.to_scalar
        s.flags |= WANTS | (1 << COUNT_SHIFT)
        Py_INCREF(t.node)
        s.p[0].node = <PyObject*>t.node
        if m.where is not None:
            extra_of(s).where = m.where
    return s

cdef bint changed_under(Node child, int i) except -1:
    """Whether a gradient of a Scalar reads its i-th operand, which is younger than it: it was assigned to."""
    cdef int j
    cdef Rule rule
    cdef Scalar s
    if not child.flags & SCALAR:
        return False
    s = <Scalar>child
    for j in range(<int>(s.flags >> COUNT_SHIFT)):
        rule = rule_of(s.op, j)
        if parent_of(<PyObject*>s, j) != NULL and rule is not None and rule.mask & (1 << i):
            return True
    return False

cdef object compare(object a, object b, int how):
    cdef double x, y
    if isinstance(a, Scalar): (<Scalar>a).flags |= BRANCHED
    if isinstance(b, Scalar): (<Scalar>b).flags |= BRANCHED
    x = (<Scalar>a).x if isinstance(a, Scalar) else a
    y = (<Scalar>b).x if isinstance(b, Scalar) else b
    return x < y if how == Py_LT else x <= y if how == Py_LE else x > y if how == Py_GT else x >= y if how == Py_GE else \
        x == y if how == Py_EQ else x != y


@cython.c_api_binop_methods(True)
cdef class Scalar(Node):
    """One float64 in the graph: the node is the value.

    Parameters
    ----------
    data : float, or a Tensor of one element (whose gradient is then reached).
    name : str, optional. Shown in pictures and messages.
    requires_grad : bool. A Scalar wants gradient unless told not to.
    parameter : bool. Drawn as a parameter.

    >>> x = Scalar(2.0); y = x * x + 1; y.backward(); x.grad
    4.0
    """

    def __cinit__(self):
        self.flags = SCALAR

    def __init__(self, data, name=None, *, bint requires_grad=True, bint parameter=False):
        cdef Scalar s
        if isinstance(data, Tensor):
            s = scalar_of(<Tensor>data)
            self.x, self.op, self.flags = s.x, s.op, s.flags
            if s.op is not None:
                self.p[0].node, s.p[0].node, s.flags = s.p[0].node, NULL, SCALAR
        else:
            self.x = data.data if isinstance(data, Scalar) else data
            self.flags |= (WANTS if requires_grad else 0) | (PARAMETER if parameter else 0)
        if name is not None:
            extra_of(self).name = name

    def __dealloc__(self):
        cdef int n = self.flags >> COUNT_SHIFT, i
        cdef Operand* o = operands(self)
        for i in range(n):
            if not self.flags & (CONSTANT_0 << i):
                let_go(o[i].node)
        if n > 2:
            free(o)
        drain()

    @property
    def data(self):
        """The value. That of a leaf may be assigned to: `w.data -= lr * w.grad`."""
        return self.x
    @data.setter
    def data(self, x):
        global next_id
        if self.op is not None:
            raise GradientError("only a leaf's .data can be assigned to", op=self.op.name, got="a computed Scalar",
                                expected="a leaf", fix="compute the expression again")
        self.x, self.id = float(x), next_id     # younger than what was computed from it: see Plan.trouble
        next_id += 1
    @property
    def grad(self):
        """The gradient: a float, 0.0 before anything reached it; a Scalar after create_graph."""
        return self.gradient if self.extra is None or self.extra.grad is None else self.extra.grad
    @grad.setter
    def grad(self, g):
        set_scalar_grad(self, 0.0 if g is None else g if isinstance(g, Scalar) else float(g))
        if g is None:
            self.flags &= ~<unsigned int>HAS_GRAD
    @property
    def has_grad(self):
        """Whether a gradient reached it, which 0.0 does not tell."""
        return self.flags & HAS_GRAD != 0
    @property
    def branched(self):
        """Whether a comparison looked at the value."""
        return self.flags & BRANCHED != 0
    @property
    def name(self): return None if self.extra is None else self.extra.name
    @name.setter
    def name(self, name): extra_of(self).name = name
    @property
    def inputs(self):
        """For each operand its Node, or the number that it was."""
        cdef Operand* o = operands(self)
        return tuple([o[i].number if self.flags & (CONSTANT_0 << i) else <object>o[i].node for i in range(self.flags >> COUNT_SHIFT)])
    @property
    def input_outs(self): return (0,) * (self.flags >> COUNT_SHIFT)
    @property
    def params(self): return None if self.extra is None else self.extra.params
    @property
    def where(self): return None if self.extra is None else self.extra.where
    shape = property(lambda self: ())
    shapes = property(lambda self: ((),))
    ndim = property(lambda self: 0)
    size = property(lambda self: 1)
    n_out = property(lambda self: 1)
    dtype = property(lambda self: np.dtype("f8"))
    value = property(lambda self: self.data)
    tensor = property(lambda self: self)

    def backward(self, grad=None, *, retain_graph=True, bint create_graph=False, inputs=None):
        """Add d self / d leaf to the .grad of every leaf, and set it on every Scalar on the way. May be called again."""
        backward(self, grad, True, create_graph, inputs)
    def zero_grad(self): self.grad = None
    def item(self): return self.x
    def detach(self): return Scalar(self.x, requires_grad=False)
    def register_hook(self, hook):
        """Call `hook(g)` in each backward pass; what it returns, if not None, replaces g. Returns a handle with remove()."""
        return add_hook(self, 0, hook)

    def __add__(a, b): return scalar2(ops.add, a, b)
    def __sub__(a, b): return scalar2(ops.subtract, a, b)
    def __mul__(a, b): return scalar2(ops.multiply, a, b)
    def __truediv__(a, b): return scalar2(ops.divide, a, b)
    def __pow__(a, b, modulus): return scalar2(ops.power, a, b)
    def __neg__(self): return call1(ops.negative, self)
    def __pos__(self): return self
    def __abs__(self): return call1(ops.abs, self)
    def __bool__(self):
        self.flags |= BRANCHED
        return self.x != 0
    def __richcmp__(a, b, int how):
        if isinstance(b, Tensor) or not isinstance(b, (Scalar, float, int, np.number)):
            return NotImplemented
        return compare(a, b, how)
    def __hash__(self): return <Py_ssize_t><PyObject*>self >> 4
    def __float__(self):
        if self.flags & WANTS:
            raise GradientError("float() would lose the gradient silently", op="float", got="a Scalar that wants gradient",
                                expected="a number", fix=".item(), or graddl's own function in place of math's")
        return self.x
    def __format__(self, spec): return format(self.x, spec)
    def __reduce__(self):
        if self.op is not None:
            raise GradientError("a Scalar with history cannot be copied or pickled", op="copy", got=f"the result of {self.op.name}",
                                expected="a leaf", fix=".detach()")
        return _rebuild_scalar, (self.x, self.name, bool(self.flags & WANTS), bool(self.flags & PARAMETER), self.gradient)
    def __repr__(self):
        parts = [f"{self.x:.6g}"]
        if self.name: parts.append(f"name={self.name!r}")
        if self.op is not None: parts.append(f"op={self.op.name}")
        if self.flags & HAS_GRAD: parts.append(f"grad={self.gradient:.6g}")
        if not self.flags & WANTS: parts.append("requires_grad=False")
        return f"Scalar({', '.join(parts)})"
    __array_ufunc__ = None                          # np.float64 * Scalar asks us; np.exp(Scalar) raises

def _rebuild_scalar(data, name, requires_grad, parameter, grad):
    s = Scalar(data, name, requires_grad=requires_grad, parameter=parameter)
    if grad:
        s.grad = grad
    return s

cdef class Handle:
    """What register_hook returns; `remove()` takes the hook off."""
    cdef dict hooks
    def remove(self):
        self.hooks.pop(self, None)

cdef add_hook(Node node, int out, hook):
    if not callable(hook):
        raise DTypeError("a hook is a function of the gradient", op="register_hook", got=type(hook).__name__,
                         expected="a callable", fix="lambda g: print(g)")
    if extra_of(node).hooks is None:
        node.extra.hooks = {}
    handle = Handle()
    handle.hooks = node.extra.hooks
    node.extra.hooks[handle] = (out, hook)
    if not PyObject_GC_IsTracked(<PyObject*>node):  # the hook may hold its own tensor: now the collector must see it
        PyObject_GC_Track(<PyObject*>node)
    return handle


# ---------------------------------------------------------------------------------------------------- Tensor
@cython.c_api_binop_methods(True)
cdef class Tensor:
    """An array in the graph: a value, and, where gradients are wanted, the node that made it.

    Parameters
    ----------
    data : array_like. Copied. Python floats take the default dtype, arrays keep theirs.
    dtype : dtype, optional.
    requires_grad : bool. Whether backward() leaves a gradient in `.grad`. Floating dtypes only.
    device : "cpu" or a device of the array backend.
    name : str, optional. Shown in pictures and messages.

    Raises
    ------
    DTypeError: not an array of numbers, or requires_grad=True on integers.
    """

    def __init__(self, data, dtype=None, bint requires_grad=False, device=None, name=None, *, bint parameter=False, bint copy=True):
        if isinstance(data, Tensor):
            if not copy and dtype is None:
                share_storage(self, <Tensor>data)
            data = (<Tensor>data).value
        elif isinstance(data, Scalar):
            data = (<Scalar>data).x
        if device not in (None, "cpu"):
            raise DeviceError("no such device", op="tensor", got=device, expected="'cpu'", fix="device='cpu'")
        if type(data) in other_ns:
            self.value = data.astype(dtype or data.dtype, copy=copy)
        else:
            is_array = isinstance(data, (np.ndarray, np.generic))
            if isinstance(data, np.ma.MaskedArray):
                raise DTypeError("a masked array would lose its mask", op="tensor", got="MaskedArray", expected="an array", fix=".filled(0)")
            try:
                value = np.array(data, dtype=dtype, copy=True if copy else None)
            except (TypeError, ValueError) as error:
                raise DTypeError(f"cannot make an array of this: {error}", op="tensor", got=type(data).__name__,
                                 expected="numbers in rows of equal length", fix="gd.stack([...]) for a list of Tensors") from None
            if value.dtype.kind not in "biufc":
                raise DTypeError("cannot make an array of numbers of this", op="tensor", got=f"{type(data).__name__} of {value.dtype}",
                                 expected="numbers", fix="gd.stack([...]) for a list of Tensors or Scalars")
            if dtype is None and not is_array and value.dtype.kind == "f":
                value = value.astype(mode().dtype)
            self.value = value
        self._name = name
        if requires_grad:
            self.requires_grad = True
        if parameter:
            leaf_of(self)
            self.node.flags |= PARAMETER

    def __dealloc__(self):
        if self.node is not None and self.node.outs[self.out].living == <PyObject*>self:
            self.node.outs[self.out].living = NULL
        if self.store is not None:
            self.store.tensors -= 1

    @property
    def data(self):
        """The same memory as a Tensor outside of the graph; writes to it count as writes to this one."""
        return self.detach()
    @data.setter
    def data(self, x):
        value = (<Tensor>x).value if isinstance(x, Tensor) else np.asarray(x, dtype=self.value.dtype)
        if tuple(value.shape) != tuple(self.value.shape):
            raise ShapeError("assigned data of another shape", op="Tensor.data", got=tuple(value.shape), expected=tuple(self.value.shape),
                             fix="make a new tensor")
        self.value[...] = value
        wrote(self)
    @property
    def grad(self):
        """The gradient that backward() left, a Tensor, or None. Of a computed tensor only after retain_grad()."""
        if self._grad is None and self.node is not None and self.node.op is not None and not self.node.flags & (RETAIN | RECORD):
            warnings.warn("the .grad of a tensor that is not a leaf is not kept: call .retain_grad() on it before backward()",
                          UserWarning, stacklevel=1)
        if self._grad is None and self.node is not None and self.node.extra is not None and self.node.extra.grad is not None:
            return self.node.extra.grad[self.out]
        return self._grad
    @grad.setter
    def grad(self, g):
        if g is not None and not isinstance(g, Tensor):
            raise DTypeError("a gradient is a Tensor or None", op="Tensor.grad", got=type(g).__name__, expected="Tensor", fix="gd.tensor(g)")
        if g is not None and (tuple(g.shape) != tuple(self.shape) or g.dtype != self.dtype):
            raise ShapeError("a gradient has its tensor's shape and dtype", op="Tensor.grad", got=(g.shape, g.dtype.name),
                             expected=(self.shape, self.dtype.name), fix=".astype, .reshape")
        self._grad = g
    @property
    def requires_grad(self):
        """Whether a gradient may flow to it."""
        return self.node is not None and self.node.flags & WANTS != 0
    @requires_grad.setter
    def requires_grad(self, bint wanted):
        if wanted and self.value.dtype.kind != "f":
            raise DTypeError("only floating tensors can want gradient", op="requires_grad", got=self.value.dtype.name,
                             expected="a floating dtype", fix=".astype(gd.float32)")
        if self.node is not None and self.node.op is not None and not wanted:
            raise GradientError("a computed tensor wants gradient because its inputs do", op="requires_grad", got="False",
                                expected="a leaf", fix=".detach()")
        if wanted:
            leaf_of(self)
            self.node.flags |= WANTS
        elif self.node is not None:
            self.node.flags &= ~<unsigned int>WANTS
    def requires_grad_(self, bint wanted=True):
        self.requires_grad = wanted
        return self
    @property
    def name(self): return self._name
    @name.setter
    def name(self, name):
        self._name = name
        if self.node is not None and not self.out:
            extra_of(self.node).name = name
    @property
    def shape(self): return tuple(self.value.shape)
    @property
    def ndim(self): return self.value.ndim
    @property
    def size(self): return self.value.size
    @property
    def dtype(self): return self.value.dtype
    @property
    def nbytes(self): return self.value.nbytes
    @property
    def device(self): return "cpu" if PyArray_Check(<PyObject*>self.value) else f"cuda:{self.value.device.id}"
    @property
    def node_output(self): return self.out
    @property
    def op(self):
        """The Op that made it; None for a leaf."""
        return None if self.node is None else self.node.op
    @property
    def inputs(self):
        """What it was made of: views of nodes, and the numbers among its inputs."""
        return () if self.node is None else (<object>self.node).inputs
    @property
    def is_leaf(self): return self.node is None or self.node.op is None
    @property
    def version(self):
        """How often its memory was written to through graddl since it was first shared or saved."""
        return 0 if self.store is None else self.store.version

    def backward(self, grad=None, *, bint retain_graph=False, bint create_graph=False, inputs=None):
        """Add d self / d leaf to the .grad of every leaf that wants gradient.

        Parameters
        ----------
        grad : array_like of this shape, optional. What the pass starts with; needed unless there is one element.
        retain_graph : bool. Keep what the graph saved, so that it can be walked again.
        create_graph : bool. Record the pass itself: gradients of gradients.
        inputs : Tensor or list of Tensors, optional. Only these receive a gradient.

        Raises
        ------
        GradientError: nothing wants gradient; walked before; a saved value was changed; an input is not reached.
        """
        backward(self, grad, retain_graph, create_graph, inputs)
    def zero_grad(self): self._grad = None
    def retain_grad(self):
        """Keep the gradient of this computed tensor in .grad, too."""
        if not self.requires_grad:
            raise GradientError("wants no gradient", op="retain_grad", got="requires_grad=False", expected="a recorded tensor",
                                fix="requires_grad=True on an input")
        self.node.flags |= RETAIN
    def register_hook(self, hook):
        """Call `hook(g)` in each backward pass with the accumulated gradient; what it returns, if not None, replaces g.
        Returns a handle with remove()."""
        if not self.requires_grad:
            raise GradientError("wants no gradient, so no hook would run", op="register_hook", got="requires_grad=False",
                                expected="requires_grad=True", fix="gd.tensor(..., requires_grad=True)")
        if not PyObject_GC_IsTracked(<PyObject*>self):
            PyObject_GC_Track(<PyObject*>self)
        return add_hook(self.node, self.out, hook)
    def detach(self):
        """The same memory as a Tensor that wants no gradient."""
        cdef Tensor t = new_tensor(self.value)
        share_storage(t, self)
        return t
    def item(self):
        """The one element as a Python number."""
        if self.value.size != 1:
            raise ShapeError("only one element can become a number", op="item", got=f"shape {self.shape}", expected="one element",
                             fix=".tolist()")
        return self.value.item()
    def tolist(self): return self.value.tolist()
    def numpy(self, *, bint copy=False):
        """The value as an ndarray: a read-only view of the memory, or with copy=True a writable copy."""
        value = self.value if PyArray_Check(<PyObject*>self.value) else self.value.get()
        return value.copy() if copy else read_only(value)
    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise GradientError("turning this tensor into an array would lose its gradient silently", op="__array__",
                                got="a Tensor that wants gradient", expected="a detached one", fix=".detach() or .numpy()")
        value = read_only(self.value)
        return np.array(value, dtype=dtype) if copy or (dtype is not None and dtype != value.dtype) else value
    __array_ufunc__ = None                          # ndarray * Tensor asks us; np.exp(Tensor) raises

    def __add__(a, b): return apply2(ops.add, a, b)
    def __sub__(a, b): return apply2(ops.subtract, a, b)
    def __mul__(a, b): return apply2(ops.multiply, a, b)
    def __truediv__(a, b): return apply2(ops.divide, a, b)
    def __floordiv__(a, b): return apply2(ops.floor_divide, a, b)
    def __mod__(a, b): return apply2(ops.remainder, a, b)
    def __pow__(a, b, modulus): return apply2(ops.power, a, b)
    def __matmul__(a, b): return apply2(ops.matmul, a, b)
    def __neg__(self): return call1(ops.negative, self)
    def __pos__(self): return call1(ops.identity, self)
    def __abs__(self): return call1(ops.abs, self)
    def __iadd__(self, other): return in_place(self, ops.add, other)
    def __isub__(self, other): return in_place(self, ops.subtract, other)
    def __imul__(self, other): return in_place(self, ops.multiply, other)
    def __itruediv__(self, other): return in_place(self, ops.divide, other)
    def __ifloordiv__(self, other): return in_place(self, ops.floor_divide, other)
    def __imod__(self, other): return in_place(self, ops.remainder, other)
    def __ipow__(self, other): return in_place(self, ops.power, other)
    def __richcmp__(a, b, int how):
        return apply2(ops.less if how == Py_LT else ops.less_equal if how == Py_LE else ops.greater if how == Py_GT else
                      ops.greater_equal if how == Py_GE else ops.equal if how == Py_EQ else ops.not_equal, a, b)
    def __hash__(self): return <Py_ssize_t><PyObject*>self >> 4
    def __len__(self):
        if not self.value.ndim:
            raise TypeError("len() of a tensor without axes")
        return len(self.value)
    def __iter__(self):
        if not self.value.ndim:
            raise TypeError("iteration over a tensor without axes")
        return iter([self[i] for i in range(len(self.value))])
    def __bool__(self):
        if self.value.size != 1:
            raise ShapeError("the truth of several elements is ambiguous", op="bool", got=f"shape {self.shape}", expected="one element",
                             fix=".any() or .all()")
        return bool(self.value.item())
    def __float__(self):
        if self.requires_grad:
            raise GradientError("float() would lose the gradient silently", op="float", got="a Tensor that wants gradient",
                                expected="a number", fix=".item(), or graddl's own function in place of math's")
        return float(self.item())
    def __int__(self): return int(self.item())
    def __index__(self):
        if self.value.dtype.kind not in "iu":
            raise TypeError("only an integer tensor can be an index")
        return self.item()
    def __format__(self, spec): return format(self.item(), spec) if spec else repr(self)
    def __getitem__(self, index): return call(ops.getitem, self, index=plain_index(index))
    def __setitem__(self, index, other):
        index = plain_index(index)
        if mode().grad and (self.requires_grad or wants_grad(other)):
            raise GradientError("assigning into a tensor that takes part in a recorded computation", op="setitem",
                                got="a tensor or a value that wants gradient", expected="a tensor outside of the graph",
                                fix="y = gd.where(mask, v, x), or `with gd.no_grad():` around an update")
        try:
            self.value[index] = (<Tensor>other).value if isinstance(other, Tensor) else other.data if isinstance(other, Scalar) else other
        except IndexError as error:
            raise IndexError_(str(error), op="setitem", got=f"shape {self.shape}", fix="an index within the shape") from None
        except (TypeError, ValueError) as error:
            kind = DTypeError if isinstance(error, TypeError) or np.asarray(other).dtype.kind not in "biuf" else ShapeError
            raise kind(str(error), op="setitem", got=f"shape {self.shape}", fix="a value of the indexed shape") from None
        wrote(self)
    def __reduce__(self):
        if self.node is not None and self.node.op is not None:
            raise GradientError("a tensor with history cannot be copied or pickled", op="copy", got=f"the result of {self.node.op.name}",
                                expected="a leaf", fix=".detach() or .clone()")
        return _rebuild_tensor, (type(self), self.value, self.requires_grad, self._name,
                                 self.node is not None and self.node.is_parameter, self._grad)
    def __repr__(self):
        text = np.array2string(self.value, separator=", ", prefix="tensor(", threshold=200, precision=4) \
            if PyArray_Check(<PyObject*>self.value) else str(self.value)
        parts = [f"shape={self.shape}, dtype={self.value.dtype}"]
        if self._name: parts.append(f"name={self._name!r}")
        if self.op is not None: parts.append(f"op={self.op.name}")
        if self.requires_grad: parts.append("requires_grad=True")
        if self._grad is not None: parts.append("has grad")
        return f"tensor({text}, {', '.join(parts)})"

def _rebuild_tensor(cls, value, requires_grad, name, parameter, grad):
    t = Tensor.__new__(cls)
    Tensor.__init__(t, value, requires_grad=requires_grad, name=name, parameter=parameter)
    if grad is not None:
        t.grad = grad
    return t

def from_numpy(array):
    """A Tensor that aliases the array's memory: writes to one are seen in the other."""
    return Tensor(array, copy=False)

cdef object plain_index(object index):
    """An index with arrays in place of Tensors; one that wants gradient cannot be an index."""
    if isinstance(index, tuple):
        return tuple([plain_index(i) for i in index])
    if isinstance(index, list):
        return np.array([i.item() if isinstance(i, Tensor) else i for i in index]) if index else np.empty(0, np.intp)
    if not isinstance(index, (Tensor, Scalar)):
        return index
    if isinstance(index, Scalar) or (<Tensor>index).value.dtype.kind not in "biu":
        raise DTypeError("an index is integer or boolean", op="getitem", got=index.dtype.name, expected="int or bool", fix=".astype(int)")
    return (<Tensor>index).value

cdef wrote(Tensor t):
    """Count a write, so that a saved value that it changed is noticed."""
    if t.store is not None:
        t.store.version += 1
        if mode().record:
            t.store.where = here()

cdef object in_place(Tensor t, Op op, object other):
    """`t += other`: the tensor keeps its identity. Memory is written where nothing is recorded; a tensor with history
    becomes the result of the op; where a gradient would be lost there is an error."""
    cdef Tensor r
    if not (mode().grad and (t.requires_grad or wants_grad(other))):
        value = (<Tensor>other).value if isinstance(other, Tensor) else other.data if isinstance(other, Scalar) else constant(op, other)
        try:
            with np.errstate(all="ignore"):
                getattr(np, op.name)(t.value, value, out=t.value, casting="same_kind")
        except (ValueError, TypeError) as error:
            raise explain(op, (t.value, value), None, error) from None
        wrote(t)
        return t
    if t.requires_grad and t.node.op is None:
        raise GradientError("a leaf that wants gradient cannot be changed in place while gradients are recorded", op=op.name,
                            got="a leaf", expected="a computed tensor", fix="x = x + y, or `with gd.no_grad():` for an update")
    if t.store is not None and t.store.tensors > 1:
        raise GradientError("a view of this tensor's memory is alive and would not follow", op=op.name, got="a shared memory",
                            expected="no living view", fix="y = y + x, or change a .clone()")
    r = apply2(op, t, other)
    if r.shape != t.shape:
        raise ShapeError("the result has another shape", op=op.name, got=r.shape, expected=t.shape, fix="y = y + x")
    if r.value.dtype != t.value.dtype:
        r = call(ops.astype, r, dtype=t.value.dtype)
    if t.node is not None and t.node.outs[t.out].living == <PyObject*>t:
        t.node.outs[t.out].living = NULL
    t.value, t.node, t.out, t.store = r.value, r.node, r.out, r.store
    t.node.outs[t.out].living = <PyObject*>t
    r.node, r.store = None, None
    return t

def install(type kind, str name, value):
    """Give a compiled type an attribute: how the table's functions become methods of Tensor and Scalar."""
    set_in_type(<PyObject*>kind, <PyObject*>name, <PyObject*>value)

scalar_pool(<PyObject*>Scalar)
node_pool(<PyObject*>TensorNode)
tensor_pool(<PyObject*>Tensor)
plain_scalar_traverse = set_traverse(<PyObject*>Scalar, traverse)
plain_node_traverse = set_traverse(<PyObject*>TensorNode, traverse)
