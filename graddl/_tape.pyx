# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: freethreading_compatible=False
"""Graphs of Scalars compiled to a flat tape: run again over new numbers, or over a batch in SIMD lanes.

A graph of objects costs about 0.1 microseconds a node to record and to walk. Where its structure stays
the same, a tape keeps what matters, five integers a node in one C array, and makes no object at all::

    tape = y.compile(inputs=[x1, x2], params=[w, b])
    tape.run(X)                     # (2,) -> float, (N, 2) -> ndarray (N,)
    tape.backward()                 # gradients by the inputs; those by w and b are added to their .grad

Every number has a *slot*: inputs first, then parameters, then results and constants as they appear. A slot
is of one of three kinds: CONSTANT; SHARED, made from parameters alone and so the same for every row of a
batch; LANE, one number for each row. One row goes through the very functions that Scalars call, in the same
order: equal to the last bit. A batch goes through the loops of the array kernels, a block of rows at a
time; what is SHARED is computed once, not for each row.
"""
from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

cimport numpy as cnp

from ._core cimport HAS_GRAD, Op, Scalar

import numpy as np

from ._backward import backward_order
from ._core import install
from .backend import KERNELS
from .errors import DTypeError, GradientError, ShapeError

cnp.import_array()

cdef extern from "_kernels/opcodes.h" nogil:
    enum:
        OP_COUNT
    const char** op_names
    double op_value(int op, double a, double b) noexcept
    void op_derivative(int op, double a, double b, double y, double* d) noexcept

cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t size)

ctypedef void (*Loop)(cnp.npy_intp n, const void* g, const void* a, const void* b, const void* y,
                      void* out) noexcept nogil

cdef enum:
    CONSTANT, SHARED, LANE          # kinds of a slot; a result has the highest kind of its operands
    KIND = 3                        # flags of an instruction: its kind, and for operand a (b: the next bit)
    WANT_A = 4                      # it is no constant
    FIRST_A = 16                    # no gradient reaches it before this instruction's

cdef struct Instruction:
    int op, a, b, out               # opcode and slots; a twice where there is one operand
    int flags

cdef Py_ssize_t BLOCK_BYTES = 2 << 20   # values and gradients of a block should stay in the cache
cdef Py_ssize_t MAX_ROWS = 256          # of a block; more bring nothing
cdef dict OPCODES = {(<bytes>op_names[i]).decode(): i for i in range(OP_COUNT)}
cdef Loop* loops[OP_COUNT]          # for rows: value, gradient by a, by b; NULL: the gradient itself
for name, op in OPCODES.items():
    loops[<int>op] = <Loop*>PyCapsule_GetPointer(KERNELS[name]["loops"], "loops")
cdef Loop add = loops[<int>OPCODES["add"]][0]


# -------------------------------------------------------------------------------------- from nodes to slots
cdef dict leaf_slots(tuple inputs, tuple params):
    """Slots of the leaves that vary, by id (Scalars compare by value)."""
    cdef dict slots = {}
    for role, leaves in (("inputs", inputs), ("params", params)):
        for i, s in enumerate(leaves):
            fault = "not a Scalar" if not isinstance(s, Scalar) else \
                f"the result of {s.op.name}" if not s.is_leaf else \
                "named twice" if id(s) in slots else \
                "one with requires_grad=False" if not s.requires_grad else None
            if fault is not None:
                raise GradientError(f"{role}[{i}], {s!r}, is {fault}", op="compile", got=fault,
                                    expected="leaves that want gradient, each once", fix="gd.Scalar(...)")
            slots[id(s)] = len(slots)
    return slots

cdef double number_of(p, dict folded):
    """The value of an operand that is a constant: a number, a leaf, or a result of constants."""
    return folded.get(id(p), (<Scalar>p).x) if isinstance(p, Scalar) else p

cdef int slot_of(p, dict slots, list kinds, dict constants, dict folded):
    """The slot of an operand, a Scalar or a number; what has none yet is a constant."""
    if id(p) in slots:
        return slots[id(p)]
    number = number_of(p, folded).hex()     # as text: 0.0 and -0.0 are two
    if number not in constants:
        constants[number] = len(kinds)
        kinds.append(CONSTANT)
    return constants[number]

cdef compile_node(node, dict slots, list kinds, dict constants, dict folded, list program):
    """Append the instruction of one node; or, where nothing that varies goes into it, compute it now."""
    cdef Op op = node.op
    if op.name not in OPCODES or op.sf == NULL or op.sd == NULL or node.params is not None:
        raise GradientError("has no instruction on a tape", op=op.name, got=node,
                            expected=f"one of {', '.join(sorted(OPCODES))}",
                            fix="write it with these, or keep the graph of Scalars")
    operands = node.inputs
    if any(id(p) in slots for p in operands):
        places = [slot_of(p, slots, kinds, constants, folded) for p in operands]
        program.append((OPCODES[op.name], places, len(kinds)))
        slots[id(node)] = len(kinds)
        kinds.append(max([kinds[slot] for slot in places]))
    else:                                   # anew: a leaf's .data may have been assigned to meanwhile
        a, b = number_of(operands[0], folded), number_of(operands[len(operands) - 1], folded)
        folded[id(node)] = op.sf(a, b)

cdef object copied(const double* numbers, Py_ssize_t n):
    cdef cnp.ndarray x = np.empty(n)
    memcpy(x.data, numbers, n * sizeof(double))
    return x


cdef class Tape:
    """A graph of Scalars as a flat list of instructions. Made by ``y.compile(inputs, params)``.

    Parameters
    ----------
    y : Scalar
        The result. Its graph is read once and not held.
    inputs : sequence of Scalar
        Leaves that `run` gives new values. One that `y` does not depend on has gradient 0.
    params : sequence of Scalar, optional
        Leaves whose ``.data`` is read at each `run`, and to whose ``.grad`` `backward` adds.

    Attributes
    ----------
    inputs, params : tuple of Scalar
    n : int
        Number of instructions. What depends on neither inputs nor params is folded into constants.
    branched : bool
        A comparison looked at a Scalar on the way: the tape holds for the branch that was taken then.
    value : float or ndarray of shape (N,)
        Result of the last run; None before it.
    param_grads : ndarray of shape (n_params,)
        Gradients by `params` of the last `backward`, summed over the batch; None before it.

    Raises
    ------
    GradientError
        If an input or parameter is no leaf that wants gradient, or is named twice; if an op has no
        instruction (those with a kernel for Scalars have one).

    Notes
    -----
    Other leaves keep the values that they have now. Hooks are not run, and no other Scalar gets a ``.grad``.

    Examples
    --------
    >>> import graddl as gd
    >>> x, w = gd.Scalar(1.0), gd.Scalar(3.0)
    >>> tape = (w * x * x).compile(inputs=[x], params=[w])
    >>> tape.run([2.0]), tape.backward(), w.grad
    (12.0, array([12.]), 4.0)
    """
    cdef readonly tuple inputs, params
    cdef readonly Py_ssize_t n
    cdef readonly bint branched
    cdef readonly object value, param_grads
    cdef Instruction* code
    cdef Py_ssize_t slots, n_in, n_spread, n_shared
    cdef int out                    # slot of the result
    cdef int* spread                # slots that rows read but do not change: SHARED ones, then constants
    cdef double* v                  # values and gradients of one row, or of what is shared
    cdef double* g
    cdef double* rows_v             # the same for a block of `rows` rows: slot s begins at s * rows
    cdef double* rows_g
    cdef double* spare
    cdef Py_ssize_t rows, room      # room: how many numbers the block's memory takes
    cdef Py_ssize_t loaded          # the first row of the block in memory, -1: none
    cdef object x                   # the batch, (n_inputs, N); None if the last run was of one row
    cdef bint busy

    def __cinit__(self, Scalar y not None, inputs, params=()):
        self.inputs, self.params = tuple(inputs), tuple(params)
        self.n_in = len(self.inputs)
        slots = leaf_slots(self.inputs, self.params)
        kinds = [LANE] * self.n_in + [SHARED] * len(self.params)
        constants, folded, program = {}, {}, []
        for node in reversed(backward_order(y)):  # operands come before results
            if not isinstance(node, Scalar):
                continue                                # the bridge from a Tensor raises when its turn comes
            self.branched = self.branched or node.branched
            if node.op is not None:
                compile_node(node, slots, kinds, constants, folded, program)
        self.out = slot_of(y, slots, kinds, constants, folded)
        self.n, self.slots = len(program), len(kinds)
        self.code = <Instruction*>malloc((self.n + 1) * sizeof(Instruction))
        self.spread = <int*>malloc(self.slots * sizeof(int))
        self.v = <double*>calloc(self.slots, sizeof(double))
        self.g = <double*>calloc(self.slots, sizeof(double))
        if self.code == NULL or self.spread == NULL or self.v == NULL or self.g == NULL:
            raise MemoryError
        for number, slot in constants.items():
            self.v[slot] = float.fromhex(number)
        self.link(program, kinds)

    cdef link(self, list program, list kinds):
        """Write the instructions, newest first, since their flags depend on what comes after them."""
        cdef Instruction* ins
        reached, read = set(), set() if kinds[self.out] == LANE else {self.out}
        for k in range(self.n - 1, -1, -1):
            ins = &self.code[k]
            ins.op, places, ins.out = program[k]
            ins.a, ins.b, ins.flags = places[0], places[len(places) - 1], kinds[ins.out]
            for i, slot in enumerate(places):
                if kinds[slot] != CONSTANT:
                    ins.flags |= WANT_A << i
                if kinds[slot] == LANE and slot not in reached:
                    ins.flags |= FIRST_A << i
                    reached.add(slot)
                if kinds[ins.out] == LANE and kinds[slot] != LANE:
                    read.add(slot)
        for slot in sorted(read, key=lambda slot: (-kinds[slot], slot)):
            self.spread[self.n_spread] = slot
            self.n_spread += 1
            self.n_shared += kinds[slot] == SHARED

    def __dealloc__(self):
        free(self.code)
        free(self.spread)
        free(self.v)
        free(self.g)
        self.free_rows()

    def __len__(self):
        return self.n

    def __repr__(self):
        branch = ", for the branch taken when it was compiled" if self.branched else ""
        return f"<Tape of {self.n} instructions, {self.n_in} inputs, {len(self.params)} params{branch}>"

    def instructions(self):
        """What a picture needs: for each step (op, ((slot, value), ...), slot of the result), and the last slot.

        Slots below the number of leaves are inputs, then parameters; the value of a constant is in `value`.
        """
        cdef Instruction* ins
        found = []
        for k in range(self.n):
            ins = &self.code[k]
            found.append(((<bytes>op_names[ins.op]).decode(),
                          ((ins.a, self.v[ins.a]), (ins.b, self.v[ins.b])), ins.out))
        return found, (self.out, self.v[self.out])

    # ---------------------------------------------------------------------------------- what users call
    def run(self, X=()):
        """Compute the result for new values of the inputs and the present ``.data`` of the parameters.

        Parameters
        ----------
        X : array_like of shape (n_inputs,) or (N, n_inputs)
            Numbers, taken as float64: one row, or a batch of N rows.

        Returns
        -------
        float or ndarray of shape (N,)
            For one row what the graph of Scalars gives, to the last bit. In a batch, steps with exp, log,
            tanh, sigmoid or softplus are within 2 ULP of that, and all others are equal.

        Raises
        ------
        ShapeError
            If `X` has another shape.
        DTypeError
            If `X` is not made of real numbers.
        """
        cdef Py_ssize_t i
        cdef cnp.ndarray x = np.asarray(X)
        if x.dtype.kind not in "fiub":
            raise DTypeError("a tape runs on real numbers", op="Tape.run", got=x.dtype.name,
                             expected="float64", fix="X.astype(float)")
        if not 1 <= x.ndim <= 2 or x.shape[x.ndim - 1] != self.n_in:
            raise ShapeError("X does not fit the tape's inputs", op="Tape.run", got=f"shape {np.shape(X)}",
                             expected=f"({self.n_in},) for one row, (N, {self.n_in}) for a batch",
                             fix="X[:, None]" if self.n_in == 1 else "a column for each input")
        self.enter()
        try:
            self.value, self.x = None, None
            for i, p in enumerate(self.params):
                self.v[self.n_in + i] = (<Scalar>p).x
            if x.ndim == 2:
                self.value = self.run_batch(x)
            else:
                x = np.ascontiguousarray(x, dtype=np.float64)
                memcpy(self.v, x.data, self.n_in * sizeof(double))
                self.forward(LANE)
                self.value = self.v[self.out]
        finally:
            self.busy = False
        return self.value

    def backward(self, grad=None):
        """Differentiate the last run; add the parameters' gradients, summed over rows, to their ``.grad``.

        Parameters
        ----------
        grad : float or array_like of shape (N,), optional
            What the result is weighted with; 1 if not given. An array only after a batch.

        Returns
        -------
        ndarray of shape (n_inputs,) or (N, n_inputs)
            Gradients by the inputs, float64.

        Raises
        ------
        GradientError
            If nothing was run.
        ShapeError
            If `grad` has another shape.
        """
        cdef Scalar p
        cdef Py_ssize_t i
        if self.value is None:
            raise GradientError("nothing to differentiate", op="Tape.backward", got="no run",
                                expected="run(X) first", fix="tape.run(X)")
        shape = () if self.x is None else self.value.shape
        seeds = np.asarray(1.0 if grad is None else grad, dtype=np.float64)
        if seeds.shape != () and seeds.shape != shape:
            raise ShapeError("grad does not fit the result", op="Tape.backward", got=f"shape {seeds.shape}",
                             expected=f"a number{f' or shape {shape}' if shape else ''}", fix="grad=None")
        self.enter()
        try:
            memset(self.g, 0, self.slots * sizeof(double))
            if shape:
                gx = self.backward_batch(np.ascontiguousarray(np.broadcast_to(seeds, shape)))
            else:
                self.g[self.out] += <double>seeds
                self.reverse(LANE)
                gx = copied(self.g, self.n_in)
            self.param_grads = copied(self.g + self.n_in, len(self.params))
            for i, p in enumerate(self.params):     # all at once, after all that can fail
                p.gradient += self.g[self.n_in + i]
                p.flags |= HAS_GRAD
                if p.extra is not None:
                    p.extra.grad = None
        finally:
            self.busy = False
        return gx

    cdef int enter(self) except -1:
        if self.busy:
            raise GradientError("this tape is at work in another thread", op="Tape", got="two calls at once",
                                expected="one at a time", fix="a tape for each thread")
        self.busy = True
        return 0

    # ---------------------------------------------------------------------------------- one row
    cdef void forward(self, int kind) noexcept:
        """Values of the instructions up to `kind`. LANE: all, for one row. SHARED: what all rows share."""
        cdef Instruction* ins
        cdef double* v = self.v
        cdef Py_ssize_t k
        for k in range(self.n):
            ins = &self.code[k]
            if ins.flags & KIND <= kind:
                v[ins.out] = op_value(ins.op, v[ins.a], v[ins.b])

    cdef void reverse(self, int kind) noexcept:
        """Gradients of the same, accumulated in the order of the graph's own backward()."""
        cdef Instruction* ins
        cdef double* v = self.v
        cdef double* g = self.g
        cdef Py_ssize_t k
        cdef double[2] d
        cdef double gy
        for k in range(self.n - 1, -1, -1):
            ins = &self.code[k]
            if ins.flags & KIND <= kind:
                gy = g[ins.out]
                op_derivative(ins.op, v[ins.a], v[ins.b], v[ins.out], d)
                if ins.flags & WANT_A:
                    g[ins.a] += gy * d[0]
                if ins.flags & WANT_A << 1:
                    g[ins.b] += gy * d[1]

    # ---------------------------------------------------------------------------------- a batch
    cdef object run_batch(self, x):
        cdef Py_ssize_t N = len(x), i, j, first
        cdef cnp.ndarray columns = np.array(x.T, dtype=np.float64, order="C"), y = np.empty(N)
        self.make_rows(N)
        self.forward(SHARED)
        for i in range(self.n_spread):
            for j in range(self.rows):
                self.rows_v[self.spread[i] * self.rows + j] = self.v[self.spread[i]]
        for first in range(0, N, self.rows):
            with nogil:
                self.forward_block(first, N, <double*>columns.data)
                memcpy(<double*>y.data + first, self.rows_v + self.out * self.rows,
                       min(self.rows, N - first) * sizeof(double))
            PyErr_CheckSignals()
        self.x = columns
        return y

    cdef object backward_batch(self, cnp.ndarray seeds):
        cdef Py_ssize_t N = len(seeds), i, j, first
        cdef cnp.ndarray columns = self.x, gx = np.empty((self.n_in, N))
        cdef double[8] sums             # side by side: 4 times faster than one sum, and in a fixed order
        cdef double* row
        for i in range(self.n_shared):
            memset(self.rows_g + self.spread[i] * self.rows, 0, self.rows * sizeof(double))
        for first in range((N - 1) // self.rows * self.rows, -1, -self.rows):
            with nogil:
                if first != self.loaded:    # all but the last block are run once more
                    self.forward_block(first, N, <double*>columns.data)
                self.reverse_block(first, N, <double*>seeds.data, <double*>gx.data)
            PyErr_CheckSignals()
        for i in range(self.n_shared):
            memset(sums, 0, sizeof(sums))
            row = self.rows_g + self.spread[i] * self.rows
            for first in range(0, self.rows, 8):
                for j in range(8):
                    sums[j] += row[first + j]
            self.g[self.spread[i]] = (((sums[0] + sums[4]) + (sums[1] + sums[5]))
                                      + ((sums[2] + sums[6]) + (sums[3] + sums[7])))
        self.reverse(SHARED)
        return np.ascontiguousarray(gx.T)

    cdef int make_rows(self, Py_ssize_t N) except -1:
        """Choose how many rows make a block, all blocks about equal, and get memory for them."""
        cdef Py_ssize_t most = BLOCK_BYTES // (2 * sizeof(double) * self.slots) // 8 * 8, blocks
        most = max(8, min(most, MAX_ROWS))
        blocks = max(1, (N + most - 1) // most)
        self.rows = max(8, ((N + blocks - 1) // blocks + 7) // 8 * 8)
        self.loaded = -1
        if self.room < self.rows * self.slots:
            self.free_rows()
            self.rows_v = <double*>aligned_alloc(64, self.rows * self.slots * sizeof(double))
            self.rows_g = <double*>aligned_alloc(64, self.rows * self.slots * sizeof(double))
            self.spare = <double*>aligned_alloc(64, MAX_ROWS * sizeof(double))
            if self.rows_v == NULL or self.rows_g == NULL or self.spare == NULL:
                self.free_rows()
                raise MemoryError
            self.room = self.rows * self.slots
        return 0

    cdef void free_rows(self) noexcept:
        free(self.rows_v)
        free(self.rows_g)
        free(self.spare)
        self.rows_v, self.rows_g, self.spare, self.room = NULL, NULL, NULL, 0

    cdef void forward_block(self, Py_ssize_t first, Py_ssize_t N, const double* x) noexcept nogil:
        """Values of the rows from `first` on."""
        cdef Py_ssize_t n = min(self.rows, N - first), R = self.rows, k
        cdef double* v = self.rows_v
        cdef Instruction* ins
        for k in range(self.n_in):
            memcpy(v + k * R, x + k * N + first, n * sizeof(double))
        for k in range(self.n):
            ins = &self.code[k]
            if ins.flags & KIND == LANE:    # the loop of a value reads neither g nor y: any memory will do
                loops[ins.op][0](n, v + ins.a * R, v + ins.a * R, v + ins.b * R, v + ins.a * R,
                                 v + ins.out * R)
        self.loaded = first

    cdef void reverse_block(self, Py_ssize_t first, Py_ssize_t N, const double* seeds,
                            double* gx) noexcept nogil:
        """Gradients of these rows: by the inputs into `gx`, by what is shared added up lane by lane."""
        cdef Py_ssize_t n = min(self.rows, N - first), R = self.rows, k, i
        cdef double* v = self.rows_v
        cdef double* g = self.rows_g
        cdef double* gy = g + self.out * R
        cdef double* share
        cdef double* place
        cdef Instruction* ins
        cdef Loop loop
        for k in range(self.n_in):
            memset(g + k * R, 0, n * sizeof(double))
        if self.n and self.code[self.n - 1].flags & KIND == LANE:
            memcpy(gy, seeds + first, n * sizeof(double))
        else:                               # the result is an input, or shared
            add(n, gy, gy, seeds + first, gy, gy)
        for k in range(self.n - 1, -1, -1):
            ins = &self.code[k]
            if ins.flags & KIND != LANE:
                continue
            gy = g + ins.out * R
            for i in range(2):
                if not ins.flags & WANT_A << i:
                    continue
                loop, place, share = loops[ins.op][1 + i], g + (ins.b if i else ins.a) * R, gy
                if loop != NULL:
                    share = place if ins.flags & FIRST_A << i else self.spare
                    loop(n, gy, v + ins.a * R, v + ins.b * R, v + ins.out * R, share)
                if not ins.flags & FIRST_A << i:
                    add(n, gy, place, share, gy, place)
                elif share != place:
                    memcpy(place, share, n * sizeof(double))
        for k in range(self.n_in):
            memcpy(gx + k * N + first, g + k * R, n * sizeof(double))


def compile(y, inputs, params=()):
    """Compile the graph of this Scalar to a `Tape`, which runs it again over new `inputs` or a batch of them.

    See `Tape` for the arguments, what it raises and an example.
    """
    return Tape(y, inputs, params)

install(Scalar, "compile", compile)
