# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, freethreading_compatible=False
"""The graph: errors, modes, Op, Node, Tensor, Scalar; apply records it, plan and run walk it backward.

Read `reference.py` first: it is the same engine in plain Python. Here the same steps work on C structs, so that
recording one operation costs about 0.2 microseconds. Nothing of graddl is imported; `ops` fills in the table.
"""
cimport cython
cimport numpy as cnp
from cpython.object cimport PyObject, Py_EQ, Py_GE, Py_GT, Py_LE, Py_LT
from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_New, PyTuple_SET_ITEM
from libc.stdlib cimport calloc, free, malloc, realloc

import os
import sys
import warnings
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from functools import wraps

import numpy as np

from .errors import ArgumentError, DTypeError, GraddlError, IndexError_, ShapeError, complaint

cnp.import_array()

cdef extern from *:
    """
    #if defined(__GLIBC__)
    #include <malloc.h>
    /* glibc hands blocks of 128 kB and more back to the system at once, and maps them afresh for the next op: 1500 page
       faults per megabyte-sized op. Raised thresholds keep it: 5.5 -> 3.0 ms for relu(x*w+b).sum() at (1024, 1024). */
    static void keep_memory(void) {
        mallopt(M_MMAP_THRESHOLD, 1 << 30); mallopt(M_TRIM_THRESHOLD, 0x7fffffff); mallopt(M_TOP_PAD, 64 << 20);
    }
    #else
    static void keep_memory(void) {}
    #endif
    static traverseproc set_traverse(PyObject* type, traverseproc f) {
        traverseproc old = ((PyTypeObject*)type)->tp_traverse;
        ((PyTypeObject*)type)->tp_traverse = f;
        return old;
    }
    static void set_in_type(PyObject* type, PyObject* name, PyObject* value) {
        PyDict_SetItem(((PyTypeObject*)type)->tp_dict, name, value);    /* compiled types refuse setattr */
        PyType_Modified((PyTypeObject*)type);
    }
    """
    ctypedef int (*visitproc)(PyObject* o, void* arg) noexcept
    ctypedef int (*traverseproc)(PyObject* o, visitproc visit, void* arg) noexcept
    traverseproc set_traverse(PyObject* type, traverseproc f) noexcept
    void keep_memory() noexcept
    void set_in_type(PyObject* type, PyObject* name, PyObject* value) noexcept
    void PyObject_GC_UnTrack(PyObject* o) noexcept
    void PyObject_GC_Track(PyObject* o) noexcept
    bint PyObject_GC_IsTracked(PyObject* o) noexcept
    PyObject* PyContextVar_New(const char* name, PyObject* default) except NULL
    int PyContextVar_Get(PyObject* var, PyObject* default, PyObject** value) except -1

cdef extern from "_pool.h":
    void scalar_pool(PyObject* type) noexcept
    void node_pool(PyObject* type) noexcept
    void tensor_pool(PyObject* type) noexcept

if os.environ.get("GRADDL_KEEP_MEMORY", "1") != "0":
    keep_memory()


# ---------------------------------------------------------------------------------------------------- modes
cdef class Mode:
    """What `no_grad()`, `record()`, `scope()` and their kin set: one immutable object in one context variable."""
    def __init__(self, grad=True, record=False, anomaly=False, where=None, dtype=np.dtype("f4"), device="cpu"):
        self.grad, self.record, self.anomaly = grad, record, anomaly
        self.where, self.dtype, self.device = where, dtype, device

    def but(self, **change):
        names = ("grad", "record", "anomaly", "where", "dtype", "device")
        return Mode(**{name: change.get(name, getattr(self, name)) for name in names})

DEFAULT_MODE = Mode()
MODE = <object>PyContextVar_New("graddl", <PyObject*>DEFAULT_MODE)

cdef Mode mode():
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
cdef int Y = READ_Y
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

    def bind(self, str door, kernel):
        """Put a kernel behind a door: a capsule behind k1, k2, kv, spread, scalar or scalar_d; a function behind
        forward, joint or the name of an input, in place of forward, of the joint rule and of that input's."""
        cdef void* pointer
        cdef Rule rule = self.joint if door == "joint" else None
        if door in self.args:
            rule = self.rules[self.args.index(door)]
        if rule is not None:
            rule.kernel = kernel
            return
        if door == "forward":
            self.kernel = kernel
            return
        pointer = PyCapsule_GetPointer(kernel, PyCapsule_GetName(kernel))
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
        self.kernel = None
        for rule in self.rules:
            if rule is not None:
                (<Rule>rule).kernel = None

    @property
    def kernels(self):
        """Names of the doors behind which a kernel stands."""
        doors = (("k1", self.k1 != NULL), ("k2", self.k2 != NULL), ("kv", self.kv != NULL),
                 ("spread", self.spread != NULL), ("scalar", self.sf != NULL), ("scalar_d", self.sd != NULL),
                 ("forward", self.kernel is not None), ("joint", has_kernel(self.joint)),
                 *[(a, self.joint is None and has_kernel(r)) for a, r in zip(self.args, self.rules)])
        return tuple(name for name, there in doors if there)

    def __repr__(self):
        return f"<Op {self.name}>"

    def __reduce__(self):
        return self.name

cdef bint has_kernel(Rule rule):
    return rule is not None and rule.kernel is not None

cdef Rule rule_of(Op op, Py_ssize_t i):
    cdef Py_ssize_t last = len(op.rules) - 1
    return <Rule>op.rules[i if i < last or not op.variadic else last]

cdef class Operators:
    """The entries that Python's operators stand for; filled as the table loads."""

cdef class Runtime:
    """What the core may not import and is handed: array namespaces, the maker of error messages, a kernel."""

operators = ops = Operators()
runtime = Runtime()
runtime.others = {}

def configure(numpy=None, tensors=None, scalars=None, explain_error=None, refuse=None, others=None, accumulate=None,
              ufunc=None, function=None):
    """Fill the Runtime. `numpy`, `tensors`, `scalars`, `others` (array type -> namespace) are what rules get as xp;
    `ufunc` and `function` answer NumPy's functions that are called with Tensors."""
    runtime.numpy, runtime.tensors = numpy or runtime.numpy, tensors or runtime.tensors
    runtime.scalars, runtime.explain = scalars or runtime.scalars, explain_error or runtime.explain
    runtime.refuse = refuse or runtime.refuse
    runtime.ufunc, runtime.function = ufunc or runtime.ufunc, function or runtime.function
    runtime.others.update(others or {})
    if accumulate is not None:
        runtime.accumulate = <Accumulate>PyCapsule_GetPointer(accumulate, PyCapsule_GetName(accumulate))

cdef object namespace(object value):
    if PyArray_CheckExact(<PyObject*>value):
        return runtime.numpy
    return runtime.others.get(type(value), runtime.numpy)


# ---------------------------------------------------------------------------------------------------- nodes
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
    def has_hooks(self): return self.extra is not None and bool(self.extra.hooks)
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
        """(inputs, output, residuals) as saved: Tensors that hang on their own nodes; None where nothing was saved."""
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

# Dropping a long chain must not recurse: nodes that die go to a list, and the outermost call empties it.
cdef PyObject** pending = NULL
cdef Py_ssize_t n_pending = 0, pending_room = 0
cdef bint draining = False

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


# ---------------------------------------------------------------------------------------------------- what a node saved
cdef object was_released(Op op):
    return complaint("released", op=op.name, got="a second pass")

cdef object saved_input(TensorNode node, int i, bint graph):
    """A value that the forward pass saved; under create_graph as a Tensor that hangs on its own node again."""
    cdef Input* x = &node.ins[i]
    cdef Tensor t
    if x.value == NULL:
        if x.node == NULL:
            return None                             # an optional input that was not given
        raise was_released(node.op)
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
        raise was_released(node.op)
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


# ---------------------------------------------------------------------------------------------------- apply
cdef object constant(Op op, object x, Py_ssize_t i, Py_ssize_t n):
    """A value that is neither Tensor nor Scalar: numbers stay numbers (weak in promotion), lists become arrays."""
    cdef type kind = type(x)
    if kind is float or kind is int or kind is bool or kind is complex:
        return x
    if x is None and not op.variadic and i >= len(op.args) - op.info["optional"]:
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
            raise runtime.refuse(op, i, n, x, error) from None
        if array.dtype.kind in "biuc":
            return array
        if array.dtype.kind == "f":
            return array.astype(mode().dtype)
    elif isinstance(x, (int, float)):               # subclasses: an IntEnum, a numpy.float64
        return float(x) if isinstance(x, float) else int(x)
    elif kind in runtime.others:
        return x
    raise runtime.refuse(op, i, n, x)

cdef object evaluate(Op op, tuple values, dict params):
    """Run the entry itself. NumPy's warnings are silenced: NaN and Inf are values here."""
    cdef object xp = runtime.numpy
    if runtime.others:
        for v in values:
            if type(v) in runtime.others:
                xp = runtime.others[type(v)]
    try:
        with np.errstate(all="ignore"):
            if op.kernel is not None and xp is runtime.numpy:
                r = op.kernel(*values, **(op.params if params is None else {**op.params, **params}))
                if r is not NotImplemented:
                    return r
            if params is None:
                return op.forward(xp, *values)
            return op.forward(xp, *values, **params)
    except GraddlError as error:
        if error.op is not None:
            raise
        raise runtime.explain(op, values, params, error) from error
    except (TypeError, ValueError, IndexError) as error:
        raise runtime.explain(op, values, params, error) from error

cdef object as_array(object r, bint keep_floating, Mode m):
    if not PyArray_Check(<PyObject*>r) and type(r) not in runtime.others:
        r = np.asarray(r)
    if not keep_floating and cnp.PyArray_Check(r) and is_floating(r):
        r = r.astype(m.dtype, copy=False)
    return r

cdef Tensor new_tensor(object value):
    t = <Tensor>Tensor.__new__(Tensor)
    t.value = value
    return t

cdef bint is_floating(object value) except -1:
    """Whether a gradient can flow through an array of this dtype."""
    cdef int t
    if PyArray_Check(<PyObject*>value):
        t = cnp.PyArray_TYPE(value)
        return t == cnp.NPY_FLOAT or t == cnp.NPY_DOUBLE or t == cnp.NPY_FLOAT16 or t == cnp.NPY_LONGDOUBLE
    return value.dtype.kind == "f"

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
            v = constant(op, a, i, n)
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
            raise complaint("complex_result", op=op.name, got=r.dtype.name)
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

cdef object memory_of(object value):
    """The object that owns an array's memory: the end of its chain of bases."""
    while PyArray_Check(<PyObject*>value) and value.base is not None:
        value = value.base
    return value

cdef note_view(Tensor t, PyObject** args, Py_ssize_t n):
    """A result that lies in the memory of an input, or is that very array, shares its version."""
    cdef Py_ssize_t i
    cdef object owner = memory_of(t.value)
    for i in range(n):
        if isinstance(<object>args[i], Tensor) and memory_of((<Tensor>args[i]).value) is owner:
            share_storage(t, <Tensor>args[i])
            return

cdef attach(Op op, PyObject** args, Py_ssize_t n, tuple values, dict params, object r, tuple residuals, Tensor t,
            list outs, Mode m):
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
                parent = <TensorNode>TensorNode.__new__(TensorNode)     # an array as a constant
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
    if op.variadic and name not in op.args:         # gd.concatenate(x, y)
        return complaint("arrays_in_a_list", op=op.name, got="a Tensor there", name=name)
    return complaint("no_way_through", op=op.name, got="a value that wants gradient", name=name)

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
            raise complaint("first_nan", op=op.name, got="NaN from inputs without NaN", line=at_line(here()))

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
            if name == "index":
                params[name] = plain_index(value)
        return apply(op, pointers, n, params or None)
    finally:
        free(pointers)

def run_kernel(kernel, tuple values, dict params, tuple out=None):
    """What a kernel makes of these values, as Tensors, if nothing is to be recorded; else NotImplemented. With `out`,
    Tensors of the results' shapes, it writes there, and the writes are counted."""
    cdef Mode m = mode()
    arrays = []
    for v in values + (out or ()):
        if m.grad and wants_grad(v) or isinstance(v, Scalar):
            return NotImplemented
        v = plain_value(v)
        if type(v) in runtime.others:
            return NotImplemented
        arrays.append(v)
    if out is None:
        r = kernel(*arrays, **params)
        return r if r is NotImplemented else tuple([new_tensor(x) for x in r]) if type(r) is tuple else new_tensor(r)
    for t in out:
        check_writable(t, "out")
    r = kernel(*arrays[:len(values)], **params, out=tuple(arrays[len(values):]))
    if r is not NotImplemented:
        for t in out:
            wrote(t)
    return r if r is NotImplemented else out

cdef inline PyObject* PyTuple_GET_ITEM_pointer(tuple args, Py_ssize_t i):
    return <PyObject*>PyTuple_GET_ITEM(args, i)

def call1(Op op, x):
    """`call` for one argument and no parameters, without a tuple."""
    cdef PyObject* args = <PyObject*>x
    if isinstance(x, Scalar) and op.sf != NULL:
        return scalar1(op, <Scalar>x)
    return apply(op, &args, 1, None)

def call2(Op op, a, b):
    """`call` for two arguments and no parameters, without a tuple."""
    return apply2(op, a, b)

cdef object apply2(Op op, object a, object b):
    cdef PyObject* args[2]
    args[0], args[1] = <PyObject*>a, <PyObject*>b
    return apply(op, args, 2, None)


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
            raise complaint("too_many_operands", op=op.name, got=n)
        o = <Operand*>calloc(n, sizeof(Operand))
        if o == NULL:
            raise MemoryError
        s.p[0].many = o
    s.op = op
    s.flags |= WANTS | <unsigned int>(n << COUNT_SHIFT)
    for i in range(n):
        a = <object>args[i]
        if isinstance(a, Scalar):
            if rule_of(op, i) is None and (<Scalar>a).flags & WANTS:
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
            raise complaint("first_nan", op=op.name, got="NaN from operands without NaN", line=at_line(here()))
    return 0

cdef inline bint is_float(object x) noexcept:
    return type(x) is float or type(x) is int

cdef object scalar2(Op op, object a, object b):
    """A Scalar and a Scalar or a number: the quick way; all else goes through apply."""
    cdef PyObject* args[2]
    cdef bint left = isinstance(a, Scalar), right = isinstance(b, Scalar)
    cdef double x, y
    cdef Scalar s
    cdef Mode m
    if op.sf == NULL or not (left or is_float(a)) or not (right or is_float(b)):
        return apply2(op, a, b)
    x = (<Scalar>a).x if left else <double>a
    y = (<Scalar>b).x if right else <double>b
    s = new_scalar(op.sf(x, y))
    m = mode()
    if not m.grad or not (left and (<Scalar>a).flags & WANTS or right and (<Scalar>b).flags & WANTS):
        return s
    if m.record or m.where is not None:
        args[0], args[1] = <PyObject*>a, <PyObject*>b
        link(s, op, 2, args, m)
        return s
    s.op = op
    s.flags = SCALAR | WANTS | (2 << COUNT_SHIFT) | (0 if left else CONSTANT_0) | (0 if right else CONSTANT_0 << 1)
    if left:
        Py_INCREF(a)
        s.p[0].node = <PyObject*>a
    else:
        s.p[0].number = x
    if right:
        Py_INCREF(b)
        s.p[1].node = <PyObject*>b
    else:
        s.p[1].number = y
    return s

cdef object scalar1(Op op, Scalar a):
    """The same for one Scalar and an op with a kernel."""
    cdef PyObject* args = <PyObject*>a
    cdef Scalar s = new_scalar(op.sf(a.x, 0.0))
    cdef Mode m = mode()
    if m.grad and a.flags & WANTS:
        link(s, op, 1, &args, m)
    return s

cdef object apply_with_scalars(Op op, PyObject** args, Py_ssize_t n, tuple values, dict params, bint tensors, Mode m):
    """Elementwise ops of Scalars and numbers give a Scalar; anywhere else a Scalar becomes a Tensor without axes."""
    cdef Py_ssize_t i
    cdef list objects
    if op is ops.from_scalar:
        return tensor_of(<Scalar>values[0], params, m)
    if op.kind == "elementwise" and not tensors and not op.several and not op.residuals:
        return scalar_apply(op, args, n, params, m)
    dtypes = [v.dtype for v in values if not isinstance(v, Scalar) and not is_number(v) and v.dtype.kind == "f"]
    dtype = np.result_type(*dtypes) if dtypes else np.dtype("f8")
    objects = [<object>args[i] for i in range(n)]
    objects = [call(ops.from_scalar, a, dtype=dtype) if isinstance(a, Scalar) else a for a in objects]
    return call(op, *objects, **(params or {}))

cdef object scalar_apply(Op op, PyObject** args, Py_ssize_t n, dict params, Mode m):
    cdef Scalar s
    while n and <object>args[n - 1] is None:        # optional operands that were not given
        n -= 1
    for i in range(n):
        if <object>args[i] is None:
            raise complaint("operand_is_none", op=op.name, got="None", name=op.args[i])
    cdef list numbers = [(<Scalar>a).x if isinstance(a, Scalar) else a for a in [<object>args[i] for i in range(n)]]
    if op.sf != NULL and params is None and n <= 2:
        s = new_scalar(op.sf(numbers[0], numbers[1] if n == 2 else 0.0))
    else:
        with np.errstate(all="ignore"):
            r = op.forward(runtime.scalars, *numbers, **(params or {}))
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
        raise complaint("not_one_element", op="Scalar", got=f"shape {tuple(t.value.shape)}")
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

cdef track(Node root):
    """Let the collector see a Scalar and its ancestors: a gradient that is a Scalar refers to its own Scalar."""
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

cdef object compare(object a, object b, int how):
    cdef double x, y
    if isinstance(a, Scalar): (<Scalar>a).flags |= BRANCHED
    if isinstance(b, Scalar): (<Scalar>b).flags |= BRANCHED
    x = (<Scalar>a).x if isinstance(a, Scalar) else a
    y = (<Scalar>b).x if isinstance(b, Scalar) else b
    if how == Py_LT: return x < y
    if how == Py_LE: return x <= y
    if how == Py_GT: return x > y
    if how == Py_GE: return x >= y
    return x == y if how == Py_EQ else x != y


@cython.c_api_binop_methods(True)
cdef class Scalar(Node):
    """One float64 in the graph: the node is the value.

    Parameters
    ----------
    data : float, or a Tensor of one element (whose gradient is then reached).
    name : str, optional. Shown in pictures and messages.
    requires_grad : bool. A Scalar wants gradient unless told not to.
    parameter : bool. Drawn as a parameter.

    Examples
    --------
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
            raise complaint("assign_computed", op=self.op.name, got="a computed Scalar")
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
        return tuple([o[i].number if self.flags & (CONSTANT_0 << i) else <object>o[i].node
                      for i in range(self.flags >> COUNT_SHIFT)])
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

    def zero_grad(self):
        """Forget the gradient: 0.0 again."""
        self.grad = None
    def item(self):
        """The value as a float."""
        return self.x
    def detach(self):
        """The same value as a new Scalar that wants no gradient."""
        return Scalar(self.x, requires_grad=False)
    def register_hook(self, hook):
        """Call `hook(g)` in each backward pass; what it returns, unless None, replaces g. The handle has remove()."""
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
            raise complaint("float_loses_gradient", op="float", got="a Scalar that wants gradient")
        return self.x
    def __format__(self, spec): return format(self.x, spec)
    def __reduce__(self):
        if self.op is not None:
            raise complaint("copy_of_history", op="copy", got=f"the result of {self.op.name}")
        return _rebuild_scalar, (self.x, self.name, self.flags & WANTS != 0, self.flags & PARAMETER != 0, self.gradient)
    def __repr__(self):
        parts = [f"{self.x:.6g}"]
        if self.name: parts.append(f"name={self.name!r}")
        if self.op is not None: parts.append(f"op={self.op.name}")
        if self.flags & HAS_GRAD: parts.append(f"grad={self.gradient:.6g}")
        if not self.flags & WANTS: parts.append("requires_grad=False")
        return f"Scalar({', '.join(parts)})"
    def __array_ufunc__(self, ufunc, method, *args, **options):
        return runtime.ufunc(ufunc, method, args, options)
    def __array_function__(self, function, types, args, options):
        return runtime.function(function, args, options)

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
        raise complaint("hook_not_callable", op="register_hook", got=type(hook).__name__)
    if extra_of(node).hooks is None:
        node.extra.hooks = {}
    handle = Handle()
    handle.hooks = node.extra.hooks
    node.extra.hooks[handle] = (out, hook)
    if not PyObject_GC_IsTracked(<PyObject*>node):  # the hook may hold its own tensor: now the collector must see it
        PyObject_GC_Track(<PyObject*>node)
    return handle


# ---------------------------------------------------------------------------------------------------- Tensor
class Count(int):
    """A number of elements. PyTorch's call of it, x.size(), says what it is here."""
    def __call__(self, *axes):
        raise complaint("size_called", op="size", got=", ".join(map(str, axes)) or "a call")

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

    def __init__(self, data, dtype=None, bint requires_grad=False, device=None, name=None, *, bint parameter=False,
                 bint copy=True):
        if isinstance(data, Tensor) and wants_grad(data) and mode().grad:
            raise complaint("copy_loses_gradient", op="tensor", got="a Tensor that wants gradient")
        if isinstance(data, Tensor):
            if not copy and dtype is None:
                share_storage(self, <Tensor>data)
            data = (<Tensor>data).value
        elif isinstance(data, Scalar):
            data = (<Scalar>data).x
        if device is not None and device != "cpu":
            raise complaint("no_such_device", op="tensor", got=device)
        if type(data) in runtime.others:
            self.value = data.astype(dtype or data.dtype, copy=copy)
        else:
            is_array = isinstance(data, (np.ndarray, np.generic))
            if isinstance(data, np.ma.MaskedArray):
                raise complaint("masked_array", op="tensor", got="MaskedArray")
            try:
                value = np.array(data, dtype=dtype, copy=True if copy else None)
            except (TypeError, ValueError) as error:
                raise complaint("ragged_data", op="tensor", got=type(data).__name__, error=error) from None
            if value.dtype.kind not in "biufc":
                raise complaint("not_numbers", op="tensor", got=f"{type(data).__name__} of {value.dtype}")
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
            raise complaint("data_shape", op="Tensor.data", got=tuple(value.shape),
                            expected=tuple(self.value.shape))
        self.value[...] = value
        wrote(self)
    @property
    def grad(self):
        """The gradient that backward() left, a Tensor, or None. Of a computed tensor only after retain_grad()."""
        if self._grad is not None or self.node is None:
            return self._grad
        if self.node.extra is not None and self.node.extra.grad is not None:
            return self.node.extra.grad[self.out]
        if self.node.op is not None and not self.retains and not self.node.flags & RECORD:
            warnings.warn("the .grad of a computed tensor is not kept: call .retain_grad() on it before backward()",
                          UserWarning, stacklevel=1)
        return None
    @grad.setter
    def grad(self, g):
        if g is not None and not isinstance(g, Tensor):
            raise complaint("grad_not_a_tensor", op="Tensor.grad", got=type(g).__name__)
        if g is not None and (tuple(g.shape) != tuple(self.shape) or g.dtype != self.dtype):
            raise complaint("grad_misfit", op="Tensor.grad", got=(g.shape, g.dtype.name),
                            expected=(self.shape, self.dtype.name))
        if g is not None and ((<Tensor>g).node is None or (<Tensor>g).node.op is None):
            g = new_tensor((<Tensor>g).value.copy())    # what scales one gradient shall not scale another
        self._grad = g
    @property
    def requires_grad(self):
        """Whether a gradient may flow to it."""
        return self.node is not None and self.node.flags & WANTS != 0
    @requires_grad.setter
    def requires_grad(self, bint wanted):
        if wanted and self.value.dtype.kind != "f":
            raise complaint("only_floating_wants", op="requires_grad", got=self.value.dtype.name)
        if self.node is not None and self.node.op is not None and not wanted:
            raise complaint("computed_wants", op="requires_grad", got="False")
        if wanted:
            leaf_of(self)
            self.node.flags |= WANTS
        elif self.node is not None:
            self.node.flags &= ~<unsigned int>WANTS
    def requires_grad_(self, bint wanted=True):
        """Set `requires_grad` and return the tensor."""
        self.requires_grad = wanted
        return self
    @property
    def name(self):
        """The name in pictures and messages, or None."""
        return self._name
    @name.setter
    def name(self, name):
        self._name = name
        if self.node is not None and not self.out:
            extra_of(self.node).name = name
    @property
    def shape(self):
        """The size along each axis, a tuple of ints."""
        return tuple(self.value.shape)
    @property
    def ndim(self):
        """The number of axes."""
        return self.value.ndim
    @property
    def size(self):
        """The number of elements."""
        return Count(self.value.size)
    @property
    def dtype(self):
        """The NumPy dtype of the elements."""
        return self.value.dtype
    @property
    def nbytes(self):
        """The size of the elements in bytes."""
        return self.value.nbytes
    @property
    def device(self):
        """Where the elements are: 'cpu' or 'cuda:0'."""
        return "cpu" if PyArray_Check(<PyObject*>self.value) else f"cuda:{self.value.device.id}"
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
    def is_leaf(self):
        """Whether it was made by the user rather than by an op."""
        return self.node is None or self.node.op is None
    @property
    def version(self):
        """How often its memory was written to through graddl since it was first shared or saved."""
        return 0 if self.store is None else self.store.version

    def zero_grad(self):
        """Forget the gradient: .grad is None again."""
        self._grad = None
    def retain_grad(self):
        """Keep the gradient of this computed tensor in .grad, too."""
        if not self.requires_grad:
            raise complaint("retain_without_grad", op="retain_grad", got="requires_grad=False")
        self.node.flags |= RETAIN
        self.retains = True
    def register_hook(self, hook):
        """Call `hook(g)` in each backward pass with the accumulated gradient; what it returns, if not None, replaces g.
        Returns a handle with remove()."""
        if not self.requires_grad:
            raise complaint("hook_without_grad", op="register_hook", got="requires_grad=False")
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
            raise complaint("item_of_many", op="item", got=f"shape {self.shape}")
        return self.value.item()
    def tolist(self):
        """The elements as nested lists of Python numbers."""
        return self.value.tolist()
    def numpy(self, *, bint copy=False):
        """The value as an ndarray: a read-only view of the memory, or with copy=True a writable copy."""
        value = self.value if PyArray_Check(<PyObject*>self.value) else self.value.get()
        return value.copy() if copy else read_only(value)
    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise complaint("array_loses_gradient", op="__array__", got="a Tensor that wants gradient")
        value = read_only(self.value)
        return np.array(value, dtype=dtype) if copy or (dtype is not None and dtype != value.dtype) else value
    def __array_ufunc__(self, ufunc, method, *args, **options):     # np.exp(t), and ndarray * t
        return runtime.ufunc(ufunc, method, args, options)
    def __array_function__(self, function, types, args, options):
        return runtime.function(function, args, options)
    def __array_namespace__(self, *, api_version=None):
        return sys.modules["graddl"]
    def __dlpack__(self, **options):
        if self.requires_grad:
            raise complaint("array_loses_gradient", op="__dlpack__", got="a Tensor that wants gradient")
        return self.value.__dlpack__(**options)
    def __dlpack_device__(self):
        return self.value.__dlpack_device__()

    def __add__(a, b): return apply2(ops.add, a, b)
    def __sub__(a, b): return apply2(ops.subtract, a, b)
    def __mul__(a, b): return apply2(ops.multiply, a, b)
    def __truediv__(a, b): return apply2(ops.divide, a, b)
    def __floordiv__(a, b): return apply2(ops.floor_divide, a, b)
    def __mod__(a, b): return apply2(ops.remainder, a, b)
    def __pow__(a, b, modulus): return apply2(ops.power, a, b)
    def __matmul__(a, b): return apply2(ops.matmul, a, b)
    def __and__(a, b): return apply2(ops.bitwise_and, a, b)
    def __or__(a, b): return apply2(ops.bitwise_or, a, b)
    def __xor__(a, b): return apply2(ops.bitwise_xor, a, b)
    def __lshift__(a, b): return apply2(ops.left_shift, a, b)
    def __rshift__(a, b): return apply2(ops.right_shift, a, b)
    def __invert__(self): return call1(ops.invert, self)
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
            raise complaint("truth_of_many", op="bool", got=f"shape {self.shape}")
        return bool(self.value.item())
    def __float__(self):
        if self.requires_grad:
            raise complaint("float_loses_gradient", op="float", got="a Tensor that wants gradient")
        return float(self.item())
    def __int__(self): return int(self.item())
    def __index__(self):
        if self.value.dtype.kind not in "iu" or self.value.ndim:
            raise TypeError("only an integer tensor without axes can be an index")
        return self.item()
    def __format__(self, spec): return format(self.item(), spec) if spec else repr(self)
    def __getitem__(self, index): return call(ops.getitem, self, index=index)
    def __setitem__(self, index, other):
        if mode().grad and (self.requires_grad or wants_grad(other)):
            check_rebindable(self, ops.setitem)
            rebind(self, call(ops.setitem, self, other, index=index))
            return
        check_writable(self, "setitem")
        index = plain_index(index)
        try:
            self.value[index] = plain_value(other)
        except IndexError as error:
            got = f"shape {self.shape}"
            raise IndexError_(str(error), op="setitem", got=got, fix="an index within the shape") from None
        except (TypeError, ValueError) as error:
            misfit = isinstance(error, TypeError) or np.asarray(plain_value(other)).dtype.kind not in "biuf"
            kind = DTypeError if misfit else ShapeError
            got = f"shape {self.shape}"
            raise kind(str(error), op="setitem", got=got, fix="a value of the indexed shape") from None
        wrote(self)
    def __reduce__(self):
        if self.node is not None and self.node.op is not None:
            raise complaint("copy_of_history", op="copy", got=f"the result of {self.node.op.name}")
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

def from_dlpack(x):
    """A Tensor that aliases the memory of x, an array of a library that speaks DLPack: writes to one are seen in the
    other."""
    return Tensor(np.from_dlpack(x), copy=False)

cdef object plain_index(object index):
    """An index with arrays in place of Tensors: copies, as a node keeps them, and nobody counts writes to them."""
    if isinstance(index, tuple):
        return tuple([plain_index(i) for i in index])
    if isinstance(index, list):
        return np.array([i.item() if isinstance(i, Tensor) else i for i in index]) if index else np.empty(0, np.intp)
    if not isinstance(index, (Tensor, Scalar)):
        return index.copy() if isinstance(index, np.ndarray) else index
    if isinstance(index, Scalar) or (<Tensor>index).value.dtype.kind not in "biu":
        raise complaint("index_dtype", op="getitem", got=index.dtype.name)
    return (<Tensor>index).value.copy()

cdef object plain_value(object x):
    return (<Tensor>x).value if isinstance(x, Tensor) else (<Scalar>x).x if isinstance(x, Scalar) else x

cdef check_writable(Tensor t, str who):
    if PyArray_Check(<PyObject*>t.value) and not cnp.PyArray_ISWRITEABLE(t.value):
        raise complaint("read_only_memory", op=who, got="read-only memory")

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
        value = plain_value(other) if isinstance(other, (Tensor, Scalar)) else constant(op, other, 1, 2)
        check_writable(t, op.name)
        try:
            with np.errstate(all="ignore"):
                getattr(np, op.name)(t.value, value, out=t.value, casting="same_kind")
        except (ValueError, TypeError) as error:
            problem = runtime.explain(op, (t.value, value), None, error)
            if isinstance(problem, ArgumentError):  # the shapes broadcast, but not to this tensor's
                problem = complaint("in_place_shape", op=op.name, got=np.broadcast_shapes(t.shape, np.shape(value)),
                                    expected=t.shape)
            raise problem from None
        wrote(t)
        return t
    check_rebindable(t, op)
    r = apply2(op, t, other)
    if r.shape != t.shape:
        raise complaint("in_place_shape", op=op.name, got=r.shape, expected=t.shape)
    if r.value.dtype != t.value.dtype:
        r = call(ops.astype, r, dtype=t.value.dtype)
    if r.node is None:                              # t is of integers, or the result of no numbers
        raise complaint("in_place_dtype", op=op.name, got=t.value.dtype.name, dtype=t.value.dtype.name)
    rebind(t, r)
    return t

cdef check_rebindable(Tensor t, Op op):
    """Whether nobody but t knows its value by t's name: not the user as a leaf, not a view of the same memory."""
    if t.requires_grad and t.node.op is None:
        raise complaint("in_place_leaf", op=op.name, got="a leaf")
    if t.store is not None and t.store.tensors > 1:
        raise complaint("in_place_view", op=op.name, got="a shared memory")

cdef rebind(Tensor t, Tensor r):
    """Make t, which keeps its identity, the result that r is."""
    if t.node is not None and t.node.outs[t.out].living == <PyObject*>t:
        t.node.outs[t.out].living = NULL
    t.value, t.node, t.out, t.store = r.value, r.node, r.out, r.store
    t.node.outs[t.out].living = <PyObject*>t
    if t.retains:
        t.node.flags |= RETAIN
    if t._name is not None:
        extra_of(t.node).name = t._name
    r.node, r.store = None, None

def recast(Tensor t, value):
    """Give a leaf another array of its shape, perhaps of another dtype, which it keeps: how modules cast parameters
    that optimizers know by identity. A graph recorded before stays valid: it saved the old array, and casts what
    arrives here to the new dtype."""
    if t.node is not None and t.node.op is not None:
        raise complaint("assign_computed", op="recast", got=f"the result of {t.node.op.name}")
    array = (<Tensor>value).value if isinstance(value, Tensor) else value
    if tuple(array.shape) != tuple(t.value.shape):
        raise complaint("data_shape", op="recast", got=tuple(array.shape), expected=t.shape)
    if t.store is not None:                         # views of the old memory go on without t
        t.store.tensors -= 1
        t.store = None
    t.value = array.copy()
    if t.node is not None:
        if PyArray_Check(<PyObject*>t.value):
            t.node.outs[t.out].typenum = cnp.PyArray_TYPE(t.value)
        else:
            t.node.outs[t.out].typenum = t.value.dtype.num
    if t._grad is not None:
        t._grad = new_tensor((<Tensor>t._grad).value.astype(t.value.dtype))

def install(type kind, str name, value):
    """Give a compiled type an attribute: how the table's functions become methods of Tensor and Scalar."""
    set_in_type(<PyObject*>kind, <PyObject*>name, <PyObject*>value)

scalar_pool(<PyObject*>Scalar)
node_pool(<PyObject*>TensorNode)
tensor_pool(<PyObject*>Tensor)
plain_scalar_traverse = set_traverse(<PyObject*>Scalar, traverse)
plain_node_traverse = set_traverse(<PyObject*>TensorNode, traverse)
