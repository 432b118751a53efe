/* Loops over arrays, made from the lines of elementwise.h for float and double and, with gcc on
 * x86-64, for three instruction sets. Wants -fno-math-errno, which changes no value and without
 * which sqrt does not vectorise.
 */
#ifndef GRADDL_LOOPS_H
#define GRADDL_LOOPS_H

#include "Python.h"
#include "numpy/arrayobject.h"

#include "elementwise.h"
#include "isa.h"

/* out[i] from n elements of each operand; those that the formula does not name are not used. */
typedef void (*loop_fn)(npy_intp n, const void *g, const void *a, const void *b, const void *y,
                        void *out);
typedef void (*sum_fn)(npy_intp n, const void *x, void *out);

#define LOOP(isa, name, result)                                                                    \
    ON_##isa static void JOIN(name##_##isa##_, T)(npy_intp n, const void *vg, const void *va,      \
                                                  const void *vb, const void *vy, void *vout) {    \
        const T *pg = vg, *pa = va, *pb = vb, *py = vy;                                            \
        T *out = vout;                                                                             \
        IVDEP for (npy_intp i = 0; i < n; i++) {                                                   \
            const T g = pg[i], a = pa[i], b = pb[i], y = py[i], x = a;                             \
            (void)g, (void)a, (void)b, (void)y, (void)x;                                           \
            out[i] = result;                                                                       \
        }                                                                                          \
    }
#define LOOPS1(name, value, dx)                                                                    \
    PER_ISA(LOOP, value_##name, (value))                                                           \
    PER_ISA(LOOP, d0_##name, g * (T)(dx))
#define LOOPS2(name, value, da, db)                                                                \
    PER_ISA(LOOP, value_##name, (value))                                                           \
    PER_ISA(LOOP, d0_##name, g * (T)(da))                                                          \
    PER_ISA(LOOP, d1_##name, g * (T)(db))

/* Pairwise summation over blocks, each block in LANES running sums: the error grows with the
 * logarithm of n, as NumPy's does. */
enum { LANES = 64, SUM_BLOCK = 16 * LANES };
#define SUM(isa, name)                                                                             \
    ON_##isa static T JOIN(block_##name##_##isa##_, T)(npy_intp n, const T *x) {                   \
        if (n > SUM_BLOCK) {                                                                       \
            npy_intp half = (n / 2 + SUM_BLOCK - 1) / SUM_BLOCK * SUM_BLOCK;                       \
            return JOIN(block_##name##_##isa##_, T)(half, x) +                                     \
                   JOIN(block_##name##_##isa##_, T)(n - half, x + half);                           \
        }                                                                                          \
        T lane[LANES] = {0}, rest = 0;                                                             \
        npy_intp i = 0;                                                                            \
        for (; i + LANES <= n; i += LANES)                                                         \
            for (int k = 0; k < LANES; k++) lane[k] += x[i + k];                                   \
        for (; i < n; i++) rest += x[i];                                                           \
        for (int width = LANES / 2; width; width /= 2)                                             \
            for (int k = 0; k < width; k++) lane[k] += lane[k + width];                            \
        return lane[0] + rest;                                                                     \
    }                                                                                              \
    static void JOIN(name##_##isa##_, T)(npy_intp n, const void *x, void *out) {                   \
        *(T *)out = JOIN(block_##name##_##isa##_, T)(n, x);                                        \
    }

#define FAST(f) JOIN(f##_, T)

#define T float
#define T_IS_FLOAT 1
#define LIBM(name) name##f
#include "vector_math.h"
GRADDL_OPS(LOOPS1, LOOPS2)
PER_ISA(SUM, sum)
#undef T
#undef T_IS_FLOAT
#undef LIBM

#define T double
#define T_IS_FLOAT 0
#define LIBM(name) name
#include "vector_math.h"
GRADDL_OPS(LOOPS1, LOOPS2)
PER_ISA(SUM, sum)
#undef T
#undef T_IS_FLOAT
#undef LIBM

/* ---- The table of kernels ---- */

typedef struct {
    const char *name;
    int inputs;
    scalar_fn scalar;
    scalar_dfn scalar_d;
    void *forward; /* the doors, C functions on Python objects */
    void *vjp;
    const char *text[3]; /* the formulas: value, derivative by input 0, by input 1 */
    loop_fn loop[3][ISA_COUNT][2]; /* the same three for float and double */
    /* Read off the text at load: the operands a formula names, and the largest n it is for. */
    int reads[3];
    npy_intp limit[3];
} kernel;

#define COUNT(name, ...) op_##name,
enum { GRADDL_OPS(COUNT, COUNT) KERNEL_COUNT };
static kernel kernels[KERNEL_COUNT];

/* A door knows its kernel, since a capsule carries a bare C function: each op gets a few bytes of
 * code that call the common doors, which elementwise.pyx defines. */
static PyObject *forward_door(kernel *k, PyObject *a, PyObject *b);
static PyObject *vjp_door(kernel *k, int i, PyObject *g, PyObject *a, PyObject *b, PyObject *y);
#define VJP_DOOR(name)                                                                             \
    static PyObject *kv_##name(int i, PyObject *g, PyObject *a, PyObject *b, PyObject *y) {        \
        return vjp_door(&kernels[op_##name], i, g, a, b, y);                                       \
    }
#define DOORS1(name, ...)                                                                          \
    static PyObject *k1_##name(PyObject *x) {                                                      \
        return forward_door(&kernels[op_##name], x, x);                                            \
    }                                                                                              \
    VJP_DOOR(name)
#define DOORS2(name, ...)                                                                          \
    static PyObject *k2_##name(PyObject *a, PyObject *b) {                                         \
        return forward_door(&kernels[op_##name], a, b);                                            \
    }                                                                                              \
    VJP_DOOR(name)
GRADDL_OPS(DOORS1, DOORS2)

#define PAIR(isa, loop) {loop##_##isa##_float, loop##_##isa##_double},
#define KERNEL1(name, value, dx)                                                                   \
    {#name, 1, scalar_##name, scalar_d_##name, (void *)k1_##name, (void *)kv_##name,               \
     {#value, #dx, ""}, {{PER_ISA(PAIR, value_##name)}, {PER_ISA(PAIR, d0_##name)}}},
#define KERNEL2(name, value, da, db)                                                               \
    {#name, 2, scalar_##name, scalar_d_##name, (void *)k2_##name, (void *)kv_##name,               \
     {#value, #da, #db},                                                                           \
     {{PER_ISA(PAIR, value_##name)}, {PER_ISA(PAIR, d0_##name)}, {PER_ISA(PAIR, d1_##name)}}},
static kernel kernels[KERNEL_COUNT] = {GRADDL_OPS(KERNEL1, KERNEL2)};

#define SUM_PAIR(isa, _) {sum_##isa##_float, sum_##isa##_double},
static const sum_fn sum_loops[ISA_COUNT][2] = {PER_ISA(SUM_PAIR, )};

static inline loop_fn loop_of(const kernel *k, int which, int is_double) {
    return k->loop[which][active_isa][is_double];
}

static inline sum_fn sum_of(int is_double) { return sum_loops[active_isa][is_double]; }

#endif
