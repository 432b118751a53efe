# cython: language_level=3
"""Kernels of the recurrent networks: the loop over time with NumPy's matrix products, and between
them one pass over the gates, which stands in ``gates.h``.

They take arrays of one dtype and shapes that fit, and decline sequences of several lengths.
"""
cimport numpy as cnp
from numpy cimport PyArray_DATA, npy_intp

from graddl._kernels._arrays cimport is_double, plain
from graddl._kernels.products cimport Matrix

import numpy as np

from . import elementwise

cnp.import_array()

cdef extern from *:
    """
    #define BODY "gates.h"
    #include "both_types.h"
    """
    const char *choose_isa(int limit) noexcept
    void rnn_forward(int is_double, npy_intp n, int relu, const void *s, void *y) noexcept
    void rnn_backward(int is_double, npy_intp n, int relu, const void *y, const void *g, const void *gh,
                      void *gz) noexcept
    void lstm_forward(int is_double, npy_intp batch, npy_intp size, const void *s, const void *c, void *gates,
                      void *h_new, void *c_new) noexcept
    void lstm_backward(int is_double, npy_intp batch, npy_intp size, const void *gates, const void *c,
                       const void *c_old, const void *gy, const void *gcy, const void *gh, void *gc, void *gz) noexcept
    void gru_forward(int is_double, npy_intp batch, npy_intp size, const void *s, const void *h, void *gates,
                     void *inner, void *h_new) noexcept
    void gru_backward(int is_double, npy_intp batch, npy_intp size, const void *gates, const void *inner,
                      const void *h_old, const void *gy, void *gh, void *gi, void *gs) noexcept

choose_isa({"base": 0, "avx2": 1}.get(elementwise.SIMD, 2))


cdef bint fits(int gates, object x, tuple states, weight_ih, weight_hh, tuple biases, lengths) except -1:
    """Whether these are the arrays of a sequence: plain, of one dtype, every step within its sequence."""
    cdef npy_intp rows
    for a in (x, *states, weight_ih, weight_hh, *biases):
        if a is not None and not (plain(a) and a.dtype == x.dtype):
            return False
    if lengths is not None or x.ndim != 3 or states[0].ndim != 2:
        return False
    rows = gates * states[0].shape[1]
    return (x.size > 0 and rows > 0 and all([s.shape == (x.shape[1], states[0].shape[1]) for s in states])
            and weight_ih.shape == (rows, x.shape[2]) and weight_hh.shape == (rows, states[0].shape[1])
            and all([b is None or b.shape == (rows,) for b in biases]))

cdef object sums(x, weight, tuple biases):
    """W x + b for all steps, (T, B, rows)."""
    z = np.matmul(x.reshape(-1, x.shape[2]), weight.T)
    cdef list given = [b for b in biases if b is not None]
    if given:
        z += given[0] if len(given) == 1 else given[0] + given[1]
    return z.reshape(x.shape[0], x.shape[1], -1)

cdef object times(x, bint reverse):
    return range(x.shape[0] - 1, -1, -1) if reverse else range(x.shape[0])

cdef object earlier(first, states, bint reverse):
    """The state that each step starts from."""
    first = first.reshape(1, *first.shape)
    return np.concatenate([states[1:], first] if reverse else [first, states[:-1]])

cdef tuple by_weights(tuple needs, gi, gs, x, h, weight_ih):
    """The gradients of x and of weights and biases: one product each over all steps."""
    cdef tuple wanted = (*needs, False, False)
    cdef bint same = gi is gs
    cdef tuple shape = x.shape
    gi, gs, x, h = [a.reshape(-1, a.shape[2]) for a in (gi, gs, x, h)]
    gx, gw_ih = np.matmul(gi, weight_ih) if wanted[0] else None, np.matmul(gi.T, x) if wanted[1] else None
    gb_ih = np.add.reduce(gi, axis=0) if wanted[3] else None
    gb_hh = gb_ih.copy() if same and wanted[3] and wanted[4] else np.add.reduce(gs, axis=0) if wanted[4] else None
    return (gx.reshape(shape) if wanted[0] else None, gw_ih, np.matmul(gs.T, h) if wanted[2] else None, gb_ih, gb_hh)

cdef class _Step:
    """What every step does with a state h (B, H): h w. For many steps w is packed once."""
    cdef object w
    cdef Matrix packed

    def __init__(self, x, w):
        self.w = w
        self.packed = Matrix(w, x.shape[1]) if x.shape[0] > 3 else None

    cdef int times(self, cnp.ndarray h, cnp.ndarray s) except -1:
        """s = h w."""
        if self.packed is None:
            np.matmul(h, self.w, s)
        else:
            self.packed.times(PyArray_DATA(h), PyArray_DATA(s))
        return 0

cdef inline char *at(cnp.ndarray a, npy_intp t):
    """The t-th part of an array in C order."""
    return <char *>PyArray_DATA(a) + t * cnp.PyArray_STRIDE(a, 0)


def _rnn_states(x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, nonlinearity, lengths, reverse):
    if not fits(1, x, (h0,), weight_ih, weight_hh, (bias_ih, bias_hh), lengths):
        return NotImplemented
    cdef bint double = is_double(x), relu = nonlinearity == "relu"
    cdef npy_intp t
    cdef _Step w
    y, w, h = sums(x, weight_ih, (bias_ih, bias_hh)), _Step(x, weight_hh.T), h0
    s = np.empty_like(h0)
    for t in times(x, reverse):
        w.times(h, s)
        rnn_forward(double, h0.size, relu, PyArray_DATA(s), at(y, t))
        h = y[t]
    return y


def _rnn_grad(g, tuple needs, y, x, h0, weight_ih, weight_hh, *, nonlinearity, lengths, reverse):
    if not fits(1, x, (h0,), weight_ih, weight_hh, (), lengths) or g.dtype != x.dtype:
        return NotImplemented
    cdef bint double = is_double(x), relu = nonlinearity == "relu"
    cdef npy_intp t
    cdef _Step w
    g, gz, gh = np.ascontiguousarray(g), np.empty_like(y), np.zeros_like(h0)
    w = _Step(x, weight_hh)
    for t in times(x, not reverse):
        rnn_backward(double, h0.size, relu, at(y, t), at(g, t), PyArray_DATA(gh), at(gz, t))
        w.times(gz[t], gh)
    gx, *shares = by_weights((needs[0], *needs[2:]), gz, gz, x, earlier(h0, y, reverse), weight_ih)
    return (gx, gh, *shares)[:len(needs)]


def _lstm_states(x, h0, c0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, lengths, reverse):
    if not fits(4, x, (h0, c0), weight_ih, weight_hh, (bias_ih, bias_hh), lengths):
        return NotImplemented
    cdef bint double = is_double(x)
    cdef npy_intp t
    cdef _Step w
    gates, w, h, c = sums(x, weight_ih, (bias_ih, bias_hh)), _Step(x, weight_hh.T), h0, c0
    y, s = np.empty((2, x.shape[0], *h0.shape), x.dtype), np.empty_like(gates[0])
    hs, cs = y
    for t in times(x, reverse):
        w.times(h, s)
        lstm_forward(double, h0.shape[0], h0.shape[1], PyArray_DATA(s), PyArray_DATA(c), at(gates, t), at(hs, t),
                     at(cs, t))
        h, c = hs[t], cs[t]
    return y, (gates,)


def _lstm_grad(g, tuple needs, y, gates, x, h0, c0, weight_ih, weight_hh, *, lengths, reverse):
    if not fits(4, x, (h0, c0), weight_ih, weight_hh, (), lengths) or g.dtype != x.dtype:
        return NotImplemented
    cdef bint double = is_double(x)
    cdef npy_intp t
    cdef _Step w
    (gy, gcy), (hs, cs), gz = np.ascontiguousarray(g), y, np.empty_like(gates)
    c_old, gh, gc = earlier(c0, cs, reverse), np.zeros_like(h0), np.zeros_like(c0)
    w = _Step(x, weight_hh)
    for t in times(x, not reverse):
        lstm_backward(double, h0.shape[0], h0.shape[1], at(gates, t), at(cs, t), at(c_old, t), at(gy, t), at(gcy, t),
                      PyArray_DATA(gh), PyArray_DATA(gc), at(gz, t))
        w.times(gz[t], gh)
    gx, *shares = by_weights((needs[0], *needs[3:]), gz, gz, x, earlier(h0, hs, reverse), weight_ih)
    return (gx, gh, gc, *shares)[:len(needs)]


def _gru_states(x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, *, lengths, reverse):
    if not fits(3, x, (h0,), weight_ih, weight_hh, (bias_ih, bias_hh), lengths):
        return NotImplemented
    cdef bint double = is_double(x)
    cdef npy_intp t
    cdef _Step w
    gates, w, h = sums(x, weight_ih, (bias_ih,)), _Step(x, weight_hh.T), h0
    y, s = np.empty((x.shape[0], *h0.shape), x.dtype), np.empty_like(gates[0])
    inner = np.empty_like(y)
    for t in times(x, reverse):
        w.times(h, s)
        if bias_hh is not None:
            s += bias_hh
        gru_forward(double, h0.shape[0], h0.shape[1], PyArray_DATA(s), PyArray_DATA(h), at(gates, t), at(inner, t),
                    at(y, t))
        h = y[t]
    return y, (gates, inner)


def _gru_grad(g, tuple needs, y, gates, inner, x, h0, weight_ih, weight_hh, *, lengths, reverse):
    if not fits(3, x, (h0,), weight_ih, weight_hh, (), lengths) or g.dtype != x.dtype:
        return NotImplemented
    cdef bint double = is_double(x)
    cdef npy_intp t
    cdef _Step w
    g, gi, gs = np.ascontiguousarray(g), np.empty_like(gates), np.empty_like(gates)
    h_old, gh, back = earlier(h0, y, reverse), np.zeros_like(h0), np.empty_like(h0)
    w = _Step(x, weight_hh)
    for t in times(x, not reverse):
        gru_backward(double, h0.shape[0], h0.shape[1], at(gates, t), at(inner, t), at(h_old, t), at(g, t),
                     PyArray_DATA(gh), at(gi, t), at(gs, t))
        w.times(gs[t], back)
        gh += back
    gx, *shares = by_weights((needs[0], *needs[2:]), gi, gs, x, h_old, weight_ih)
    return (gx, gh, *shares)[:len(needs)]


KERNELS = {
    "rnn_states": {"forward": _rnn_states, "joint": _rnn_grad},
    "lstm_states": {"forward": _lstm_states, "joint": _lstm_grad},
    "gru_states": {"forward": _gru_states, "joint": _gru_grad},
}
