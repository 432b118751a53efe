# cython: language_level=3, boundscheck=False, wraparound=False
"""Kernels of the optimizers' steps: one pass over parameter, gradient and state.

The rules stand in ``steps.h``. ``KERNELS["adam_step"]["forward"]`` takes what the entry takes, and
``out=``, arrays that may be those of the parameter and the state. It declines arrays of several
dtypes or shapes, or not in C order.
"""
from math import sqrt

cimport numpy as cnp
from numpy cimport PyArray_DATA, PyArray_DIMS, PyArray_ISCARRAY, PyArray_NDIM, PyArray_SIZE, PyArray_SimpleNew
from numpy cimport PyArray_TYPE, npy_intp

from graddl._kernels._arrays cimport alike, is_double, plain

from . import elementwise

cnp.import_array()

cdef extern from "steps.h":
    ctypedef void (*step_fn)(npy_intp n, const double *numbers, void **into, void **out) noexcept
    ctypedef struct step_kernel:
        const char *name
        int state
    enum:
        STEP_NUMBERS
        STEP_ARRAYS
        STEP_COUNT
    const step_kernel step_kernels[]
    step_fn step_of(int which, int is_double) noexcept
    const char *choose_isa(int limit) noexcept

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef object run(int which, list arrays, tuple numbers, out):
    """One step: `arrays` are p, g and the state, `out` where p and the state go, fresh if None."""
    cdef double[STEP_NUMBERS] k
    cdef void *read[STEP_ARRAYS]
    cdef void *written[STEP_ARRAYS]
    cdef int j, n = len(arrays)
    p = arrays[0]
    if n != 2 + step_kernels[which].state or not plain(p):
        return NotImplemented
    if out is None:
        out = tuple([PyArray_SimpleNew(PyArray_NDIM(p), PyArray_DIMS(p), PyArray_TYPE(p)) for _ in range(n - 1)])
    for j in range(STEP_NUMBERS):
        k[j] = numbers[j] if j < <int>len(numbers) else 0
    for j in range(n):
        if not alike(arrays[j], p):
            return NotImplemented
        read[j] = PyArray_DATA(arrays[j])
        if j != 1:
            x = out[j - (j > 1)]
            if not alike(x, p) or not PyArray_ISCARRAY(x):
                return NotImplemented
            written[j] = PyArray_DATA(x)
    for j in range(n, STEP_ARRAYS):
        read[j] = written[j] = NULL
    written[1] = NULL
    step_of(which, is_double(p))(PyArray_SIZE(p), k, read, written)
    return out


# For each entry, from its options: the line of steps.h, and the numbers k0, k1, ...
def _sgd(v, lr, momentum, dampening, nesterov):
    if v is None:
        return "sgd", (lr,)
    return "nesterov" if nesterov else "momentum", (lr, momentum, 1 - dampening)

def _rmsprop(mean, b, lr, alpha, eps, momentum):
    line = {(0, 0): "", (1, 0): "_centered", (0, 1): "_momentum", (1, 1): "_both"}[mean is not None, b is not None]
    return f"rmsprop{line}", (lr, alpha, 1 - alpha, eps, momentum)

def _adam(v_max, lr, beta1, beta2, eps, t):
    numbers = lr / (1 - beta1**t), beta1, 1 - beta1, beta2, 1 - beta2, sqrt(1 - beta2**t), eps
    return "adam" if v_max is None else "amsgrad", numbers

_CHOICES = {
    "sgd_step": lambda p, g, v=None, *, lr, momentum, dampening, nesterov: _sgd(
        v, lr, momentum, dampening, nesterov),
    "adagrad_step": lambda p, g, v, *, lr, lr_decay, eps, t: ("adagrad", (lr / (1 + (t - 1) * lr_decay), eps)),
    "rmsprop_step": lambda p, g, v, mean=None, b=None, *, lr, alpha, eps, momentum: _rmsprop(
        mean, b, lr, alpha, eps, momentum),
    "adadelta_step": lambda p, g, v, u, *, lr, rho, eps: ("adadelta", (lr, rho, 1 - rho, eps)),
    "adam_step": lambda p, g, m, v, v_max=None, *, lr, beta1, beta2, eps, t: _adam(v_max, lr, beta1, beta2, eps, t),
    "adamax_step": lambda p, g, m, u, *, lr, beta1, beta2, eps, t: (
        "adamax", (lr / (1 - beta1**t), beta1, 1 - beta1, beta2, eps)),
    "lion_step": lambda p, g, m, *, lr, beta1, beta2: ("lion", (lr, beta1, 1 - beta1, beta2, 1 - beta2)),
}
_LINES = {step_kernels[j].name.decode(): j for j in range(STEP_COUNT)}


def _kernel(choose):
    """The kernel of an entry."""
    def step(*arrays, out=None, **options):
        if options.get("t", 1) < 1:
            return NotImplemented                   # the entry says what is wrong
        try:
            line, numbers = choose(*arrays, **options)
        except (ArithmeticError, TypeError):
            return NotImplemented
        return run(_LINES[line], [x for x in arrays if x is not None], numbers, out)
    return step


KERNELS = {name: {"forward": _kernel(choose)} for name, choose in _CHOICES.items()}
