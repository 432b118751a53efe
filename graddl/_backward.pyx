# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""backward(): plan, run, deliver. `reference.py` shows the same three steps in plain Python.

*Plan*: the reachable nodes, newest first, as arrays. *Run*: at each node the chain rule; each input gets its share.
*Deliver*: all leaf gradients at once. A plan keeps gradients on their way in its own arrays and reads no marks on nodes
while it runs, so hooks, other threads and drawing may walk the same graph meanwhile.
"""
cimport numpy as cnp
from cpython.exc cimport PyErr_CheckSignals
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
cimport cython

from graddl._core cimport (
    CONSTANT_0, COUNT_SHIFT, HAS_GRAD, Input, Meta, Node, Op, PyArray_Check, PyArray_CheckExact, Py_REFCNT,
    Py_XDECREF_pointer, RECORD, RELEASED, RETAIN, Rule, SCALAR, Scalar, Storage, Tensor, TensorNode, apply2, as_array,
    at_line, count_inputs, fingerprint, living, mode, namespace, new_tensor, operand_value, ops, parent_of,
    read_only, rule_of, runtime, saved_input, saved_output, scalar_of, set_scalar_grad, shape_of, wants_grad,
    was_released,
)

import numpy as np

from ._core import READ_G, READ_I, READ_NEEDS, READ_RESIDUAL, READ_Y, Setting, call, call1, install
from .errors import complaint

cnp.import_array()

cdef extern from *:
    """
    #ifdef GRADDL_PLANT_BUG              /* `make sanitize` proves with this that it would see a fault of the core */
    #define PLAN_ROOM(n) ((n) - 2)
    #else
    #define PLAN_ROOM(n) (n)
    #endif
    """
    Py_ssize_t PLAN_ROOM(Py_ssize_t n) noexcept

cdef int Y = READ_Y, G = READ_G, POSITION = READ_I, NEEDS = READ_NEEDS, RESIDUAL = READ_RESIDUAL
cdef Py_ssize_t KEPT = 4096                         # saved arrays up to so many bytes outlive backward, to be drawn


# ---------------------------------------------------------------------------------------------------- plan
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
    cdef bint younger                               # a Scalar is younger than what was computed from it
    cdef bint anomaly                               # blame the rule that makes a NaN
    cdef Node trouble                               # a Scalar whose operand was assigned to after use
    cdef object quiet                               # np.errstate, entered when the first rule in Python runs

    def __dealloc__(self):
        cdef Py_ssize_t i
        if self.g != NULL:
            for i in range(self.slots):
                Py_XDECREF_pointer(self.g[i])
        free(self.steps)
        free(self.edges)
        free(self.g)
        free(self.d)

cdef PyObject* node_of(object x) noexcept:
    """The node of a Tensor or Scalar, borrowed."""
    return <PyObject*>(<Tensor>x).node if isinstance(x, Tensor) else <PyObject*>x

cdef int out_of(object x) noexcept:
    return (<Tensor>x).out if isinstance(x, Tensor) else 0

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

cdef int descending(const void* a, const void* b) noexcept nogil:
    return 1 if (<Step*>a).key < (<Step*>b).key else -1

cdef int sort_steps(Step* steps, Py_ssize_t n) except -1:
    """Newest first. The ids of one forward pass are nearly dense: each node goes to its id's place, 6 times faster than
    comparing. Only what is much older, such as parameters, is compared."""
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
    low = high
    for i in range(n):
        if high - 8 * n <= steps[i].key < low:
            low = steps[i].key
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

cdef Plan make_plan(list roots, list targets, bint careful=True):
    """Which nodes a backward pass visits, newest first, and where each gradient goes; with targets, only nodes on a way
    to one. Runs no Python while nodes carry marks: atomic under the GIL."""
    cdef Plan plan = Plan.__new__(Plan)
    cdef Py_ssize_t i
    plan.roots = roots
    plan.target_slots = None if targets is None else [None] * len(targets)
    try:
        reach(plan, roots)
        if targets is not None:
            keep_ways(plan, targets)
        connect(plan, targets)
    finally:
        for i in range(plan.n):
            (<Node>plan.steps[i].node).slot = 0
    if plan.trouble is not None and careful:
        raise complaint("changed_operand", op=plan.trouble.op.name,
                        got="a .data changed between forward and backward")
    return plan

cdef int reach(Plan plan, list roots) except -1:
    """Everything that the roots were made of, each node once, newest first. `slot` marks what was seen."""
    cdef Py_ssize_t n = 0, room = 16, depth = 0, stack_room = 16
    cdef PyObject** stack = <PyObject**>malloc(stack_room * sizeof(PyObject*))
    cdef PyObject* p
    cdef PyObject* q
    cdef bint ordered = True
    cdef int j, inputs
    plan.steps = <Step*>grow(NULL, room * sizeof(Step))
    plan.pure = True
    try:
        for root in roots:
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
                ordered = ordered and (n == 0 or plan.steps[n].key < plan.steps[n - 1].key)
                n += 1
                plan.n = n
                plan.pure = plan.pure and (<Node>p).flags & SCALAR != 0
                inputs = count_inputs(p)
                if depth + inputs > stack_room:
                    stack_room = 2 * (depth + inputs)
                    stack = <PyObject**>grow(stack, stack_room * sizeof(PyObject*))
                for j in range(inputs - 1, -1, -1):
                    q = parent_of(p, j)
                    if q != NULL and not (<Node>q).slot:
                        stack[depth], depth = q, depth + 1
                    plan.younger = plan.younger or q != NULL and (<Node>q).id > (<Node>p).id
    finally:
        free(stack)
    if plan.younger:                                # a leaf was assigned to: put leaves last, ids order the rest
        for depth in range(n):
            if not count_inputs(plan.steps[depth].node):
                plan.steps[depth].key -= 1 << 62
    if plan.younger or not ordered:
        sort_steps(plan.steps, n)
    return 0

cdef int keep_ways(Plan plan, list targets) except -1:
    """Drop the nodes that are on no way to a target. Oldest first: a parent is settled before its child."""
    cdef Py_ssize_t i, kept = plan.n
    cdef int j
    cdef PyObject* p
    cdef PyObject* q
    for i in range(plan.n):
        (<Node>plan.steps[i].node).slot = 1         # 1: seen, 2: on a way
    for target in targets:
        if (<Node>node_of(target)).slot:
            (<Node>node_of(target)).slot = 2
    for i in range(plan.n - 1, -1, -1):
        p = plan.steps[i].node
        for j in range(count_inputs(p)):
            q = parent_of(p, j)
            if q != NULL and (<Node>q).slot == 2:
                (<Node>p).slot = 2
    kept = 0
    for i in range(plan.n):
        p = plan.steps[i].node
        if (<Node>p).slot == 2:
            plan.steps[kept], kept = plan.steps[i], kept + 1
        else:
            (<Node>p).slot = 0
    plan.n = kept
    return 0

cdef int connect(Plan plan, list targets) except -1:
    """Give each output a slot for its gradient, and each input the slot that its gradient goes to."""
    cdef Py_ssize_t i, edges = 0
    cdef PyObject* p
    cdef PyObject* q
    cdef int j, e
    for i in range(plan.n):
        p = plan.steps[i].node
        plan.steps[i].slot, plan.steps[i].edge = plan.slots, edges
        (<Node>p).slot = <unsigned int>(i + 1)
        plan.slots += 1 if (<Node>p).flags & SCALAR else (<TensorNode>p).n_out
        edges += count_inputs(p)
    plan.edges = <int*>grow(NULL, PLAN_ROOM(edges + 1) * sizeof(int))
    for i in range(plan.n):
        p = plan.steps[i].node
        for j in range(count_inputs(p)):
            q, e = parent_of(p, j), -1
            if q != NULL and (<Node>q).slot:
                e = <int>plan.steps[(<Node>q).slot - 1].slot
                if not (<Node>p).flags & SCALAR:
                    e += (<TensorNode>p).ins[j].out
                elif plan.younger and (<Node>q).id > (<Node>p).id and changed_under(<Node>p, j):
                    plan.trouble = <Node>p
            plan.edges[plan.steps[i].edge + j] = e
    for i in range(0 if targets is None else len(targets)):
        p = node_of(targets[i])
        if (<Node>p).slot:
            plan.target_slots[i] = plan.steps[(<Node>p).slot - 1].slot + out_of(targets[i])
    return 0

cdef void* grow(void* block, size_t size) except NULL:
    cdef void* more = realloc(block, size)
    if more == NULL:
        raise MemoryError
    return more


# ---------------------------------------------------------------------------------------------------- run
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
    for k in range(plan.n):
        step = &plan.steps[k]
        node = <Node>step.node
        if k & 255 == 0 or not plan.pure:
            PyErr_CheckSignals()
        if node.extra is not None and node.extra.hooks and not private:
            run_hooks(plan, step.slot, node, graph)
        scalar, tensor, shared = None, None, None
        if node.flags & SCALAR:
            scalar, op = <Scalar>node, (<Scalar>node).op
            if not graph and has_derivative(scalar):
                scalar_step(plan, step, scalar, on_visit)
                continue
            g = plan.d[step.slot] if not graph else None if plan.g[step.slot] == NULL else <object>plan.g[step.slot]
        else:
            tensor, op = <TensorNode>node, (<TensorNode>node).op
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
                    gx = accumulate(plan, plan.edges[step.edge + i], node, op, i, g, gx, graph)
                if gs is not None:
                    gs.append(gx)
        if on_visit is not None:
            on_visit(node, g, gs)
        if tensor is not None and op is not None:
            if not private and not retain and (plan.target_slots is None or passes_on(plan, k)):
                release(tensor)
            if private or not node.flags & (RETAIN | RECORD):
                forget(plan, step, tensor.n_out)
    return 0

cdef inline bint has_derivative(Scalar s) noexcept:
    """Whether C can differentiate this step: the rest goes through the rules of the table."""
    return s.op is not None and s.op.sd != NULL and s.flags >> COUNT_SHIFT <= 2 and \
        (s.extra is None or s.extra.params is None)

cdef int scalar_step(Plan plan, Step* step, Scalar s, object on_visit) except -1:
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
    if on_visit is not None:
        on_visit(s, g, [g * d[i] if plan.edges[step.edge + i] >= 0 else None for i in range(n)])
    return 0

cdef object scalar_gradient(Plan plan, Scalar s, int i, object g, bint graph):
    """g times the derivative of s by its i-th operand, by the table's rule."""
    cdef Rule rule = rule_of(s.op, i)
    if not callable(rule.fn):
        return g * rule.fn
    cdef int code
    cdef list args = [runtime.scalars]
    for code in rule.reads:
        value = g if code == G else operand_value(s, code, graph) if code >= 0 else s if graph else s.x
        args.append(np.float64(value) if type(value) is float else value)       # 1 / 0 is inf, not an exception
    be_quiet(plan)
    params = s.op.params if s.extra is None or s.extra.params is None else {**s.op.params, **s.extra.params}
    d = rule.fn(*args, **{k: params[k] for k in rule.keywords})
    return g * d if rule.times_g else d

cdef object be_quiet(Plan plan):
    if plan.quiet is None:
        plan.quiet = np.errstate(all="ignore")
        plan.quiet.__enter__()

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
    cdef list args = [runtime.tensors if graph else namespace(g[0] if type(g) is tuple else g)]
    for code in rule.reads:
        if code == G:
            args.append(g)
        elif code == Y:
            args.append(saved_output(node, graph))
        elif code == POSITION:
            args.append(i)
        elif code == NEEDS:
            args.append(tuple([parent_of(<PyObject*>node, j) != NULL for j in range(node.n)]))
        elif code <= RESIDUAL:
            if node.residuals is None:
                raise was_released(node.op)
            args.append(node.residuals[RESIDUAL - code] if not graph else new_tensor(node.residuals[RESIDUAL - code]))
        elif node.op.variadic and code == len(node.op.args) - 1:
            args.append(tuple([saved_input(node, j, graph) for j in range(code, node.n)]))
        else:
            args.append(saved_input(node, code, graph))
    keywords = keywords_for(node, rule.keywords) if rule.keywords else {}
    be_quiet(plan)
    if rule.kernel is not None and args[0] is runtime.numpy:
        r = rule.kernel(*args[1:], **keywords)
        if r is not NotImplemented:
            return r
    return rule.fn(*args, **keywords)

cdef object tensor_gradient(Plan plan, TensorNode node, int i, object g, bint graph):
    """The gradient of the i-th input by the kernel, or else by the table's rule."""
    cdef Op op = node.op
    cdef Rule rule
    cdef Meta* meta
    cdef Input* x = node.ins
    if not graph:
        if op.kv != NULL and node.n <= 2 and node.params is None:
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
        if not rule.times_g or d is None:
            return d
        return apply2(ops.multiply, g, d) if graph else namespace(g).multiply(g, d)
    return apply2(ops.multiply, g, rule.fn) if graph else namespace(g).multiply(g, rule.fn)

cdef object joint_gradients(Plan plan, Step* step, TensorNode node, object g, bint graph):
    """All gradients at once: by the joint rule, or under create_graph by the vjp of the composition."""
    if not graph or node.op.composition is None:
        return call_rule(plan, node, node.op.joint, -1, g, graph)
    xs = [saved_input(node, i, True) for i in range(node.n)]
    xs = [call1(ops.identity, x) if isinstance(x, Tensor) else x for x in xs]      # aliases: the pass must stop here
    y = node.op.composition(runtime.tensors, *xs, **(node.params or {}))
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
    if not isinstance(gx, Tensor) if graph else not (PyArray_CheckExact(<PyObject*>gx) or type(gx) in runtime.others):
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
        xp = runtime.tensors if graph else namespace(value)
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
            raise complaint("rule_wrong_shape", op=who, got=tuple(value.shape), expected=shape) from None
        value = (<Tensor>gx).value if graph else gx
    if (cnp.PyArray_TYPE(value) if PyArray_Check(<PyObject*>value) else value.dtype.num) != meta.typenum:
        if value.dtype.kind != "f":
            raise complaint("gradient_not_floating", op=who, got=value.dtype.name, expected=parent.dtype.name)
        dtype = np.dtype(cnp.PyArray_DescrFromType(meta.typenum))
        gx = call(ops.astype, gx, dtype=dtype) if graph else value.astype(dtype)
    return gx

cdef object accumulate(Plan plan, int slot, Node child, Op op, int i, object g, object gx, bint graph):
    """Add one contribution to the gradient of an input. The first is borrowed; later ones are added in place if it is
    ours alone."""
    cdef PyObject* h = NULL
    cdef PyObject* parent = parent_of(<PyObject*>child, i)
    cdef int out = 0 if child.flags & SCALAR else (<TensorNode>child).ins[i].out
    if gx is None:
        raise complaint("rule_returned_none", op=op.name, got="None", i=i)
    if (<Node>parent).flags & SCALAR:
        if not graph:
            gx = float(gx)
            plan.d[slot] += <double>gx
            return gx
        gx = scalar_of(<Tensor>gx) if isinstance(gx, Tensor) else gx
    else:
        gx = fit(plan, gx, <TensorNode>parent, out, graph, op.name)
        if plan.anomaly:
            value = (<Tensor>gx).value if graph else gx
            if np.isnan(value).any() and not has_nan(g):
                raise complaint("nan_in_backward", op=op.name, got="NaN from a gradient without NaN",
                                line=at_line(child.source))
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
            if runtime.accumulate == NULL or not runtime.accumulate(<object>h, gx):
                be_quiet(plan)
                np.add(<object>h, gx, <object>h)
            return gx
        be_quiet(plan)
        new = namespace(gx).add(<object>h, gx)
        if not PyArray_CheckExact(<PyObject*>new) and type(new) not in runtime.others:
            new = np.asarray(new)
    Py_INCREF(new)
    plan.g[slot] = <PyObject*>new
    Py_DECREF(<object>h)
    return gx

cdef bint has_nan(object g):
    if type(g) is tuple:
        return any([has_nan(x) for x in g])
    value = (<Tensor>g).value if isinstance(g, Tensor) else (<Scalar>g).x if isinstance(g, Scalar) else g
    return bool(np.isnan(value).any())

cdef run_hooks(Plan plan, Py_ssize_t slot, Node node, bint graph):
    """Let the user's hooks see, and perhaps replace, the accumulated gradient."""
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
            shape = np.shape((<Tensor>new).value if isinstance(new, Tensor) else new)
            if shape != shape_of(&(<TensorNode>node).outs[<int>out]):
                raise complaint("hook_wrong_shape", op="register_hook", got=shape,
                                expected=shape_of(&(<TensorNode>node).outs[<int>out]))
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
            raise complaint("changed_in_place", op=node.op.name, got=f"version {(<Storage>x.store).version}",
                            expected=f"version {x.version}", name=name, line=at_line(node.source),
                            write=at_line((<Storage>x.store).where) or ' was not recorded (gd.record() shows its line)')
    if node.extra is not None and node.extra.prints is not None:
        for i, (old, value) in enumerate(zip(node.extra.prints, node.saved[0])):
            if value is not None and old != fingerprint(value):
                raise complaint("changed_outside", op=node.op.name, got="other bytes", i=i,
                                line=at_line(node.source))

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
    """Where the gradient of a root is, -1: it is on no way to a target. Roots are young, so they stand at the front."""
    cdef Py_ssize_t k
    for k in range(plan.n):
        if plan.steps[k].node == <PyObject*>node:
            return plan.steps[k].slot
    return -1

cdef Plan walk(list roots, list seeds, list targets, bint graph, bint private, bint retain, object on_visit):
    """Plan and run one pass from `roots` with gradients `seeds`."""
    cdef Plan plan = make_plan([<object>node_of(r) for r in roots], targets)
    cdef Py_ssize_t k, slot
    cdef Node node
    if not private:
        for k in range(len(plan.target_slots) if targets is not None else 0):
            if plan.target_slots[k] is None:
                raise complaint("unreachable_input", op="backward", got=repr(targets[k]))
        for k in range(plan.n):
            if (<Node>plan.steps[k].node).flags & RELEASED and passes_on(plan, k):
                node = <Node>plan.steps[k].node
                raise complaint("walked_before", op=node.op.name, got="a second backward()")
    plan.anomaly = mode().anomaly
    plan.d = <double*>calloc(plan.slots + 1, sizeof(double))
    plan.g = <PyObject**>calloc(plan.slots + 1, sizeof(PyObject*)) if graph or not plan.pure else NULL
    if plan.d == NULL or (plan.g == NULL and (graph or not plan.pure)):
        raise MemoryError
    for k in range(len(roots)):
        root, seed = roots[k], seeds[k]
        slot = slot_of(plan, plan.roots[k])
        if slot < 0:
            continue
        slot += out_of(root)
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
            with Setting(grad=True, anomaly=False):
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
    """Write all gradients to .grad at once: sums first, then a swap, so that a failure leaves every .grad alone."""
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
            if graph and plan.g[slot] != NULL and (targets is None or slot in plan.target_slots):
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
            t = <Tensor>living(&(<TensorNode>node).outs[out])
            if t is not None:
                asked = (<TensorNode>node).op is None or t.retains
                if targets is not None:
                    asked = slot + out in plan.target_slots
                if asked:
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
            raise complaint("seed_needed", op="backward", got=f"shape {value.shape}")
        if PyArray_CheckExact(<PyObject*>value) and not graph and value.ndim == 0 and cnp.PyArray_TYPE(value) < 32:
            return one(cnp.PyArray_TYPE(value))
        grad = namespace(value).ones_like(value)
    elif np.shape((<Tensor>grad).value if isinstance(grad, Tensor) else grad) != tuple(value.shape):
        raise complaint("seed_shape", op="backward",
                        got=np.shape((<Tensor>grad).value if isinstance(grad, Tensor) else grad),
                        expected=tuple(value.shape))
    if graph:
        return grad if isinstance(grad, Tensor) else new_tensor(np.asarray(grad, dtype=value.dtype))
    if isinstance(grad, Tensor):
        grad = (<Tensor>grad).value
    return grad.astype(value.dtype, copy=False) if type(grad) in runtime.others else np.asarray(grad, dtype=value.dtype)

cdef check_wants(object r, str who):
    """Only what a gradient may flow to can be differentiated."""
    if wants_grad(r):
        return
    if not isinstance(r, (Tensor, Scalar)):
        raise complaint("not_differentiable", op=who, got=type(r).__name__)
    raise complaint("nothing_to_differentiate", op=who, got="requires_grad=False")

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
    cdef Plan plan = make_plan([<object>node_of(root)], None, False)
    return [<object>plan.steps[k].node for k in range(plan.n)]


# ---------------------------------------------------------------------------------------------------- methods
def tensor_backward(Tensor self, grad=None, *, bint retain_graph=False, bint create_graph=False, inputs=None):
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

def scalar_backward(Scalar self, grad=None, *, retain_graph=True, bint create_graph=False, inputs=None):
    """Add d self / d leaf to the .grad of every leaf, and set it on every Scalar on the way. May be called again."""
    backward(self, grad, True, create_graph, inputs)

for kind, method in (Tensor, tensor_backward), (Scalar, scalar_backward):
    install(kind, "backward", method)
