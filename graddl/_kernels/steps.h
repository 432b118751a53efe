/* The steps of optimizers in one pass over memory: one line per rule, made into loops for float and
 * double and for three instruction sets.
 *
 * A line has a name, the number of arrays of state, and what becomes of one element: `p` of the
 * parameter, `g` of its gradient, `a`, `b` and `c` of the state. Its numbers k0, k1, ... are what
 * steps.pyx makes of the step's options.
 */
#ifndef GRADDL_STEPS_H
#define GRADDL_STEPS_H

#include "Python.h"
#include "numpy/arrayobject.h"

#include "isa.h"

#define GRADDL_STEPS(RULE)                                                                         \
    RULE(sgd,               0, p -= k0 * g)                                                        \
    RULE(momentum,          1, a = k1 * a + k2 * g; p -= k0 * a)                                   \
    RULE(nesterov,          1, a = k1 * a + k2 * g; p -= k0 * (g + k1 * a))                        \
    RULE(adagrad,           1, a = a + g * g; p -= k0 * g / (ROOT(a) + k1))                        \
    RULE(rmsprop,           1, a = k1 * a + k2 * (g * g); p -= k0 * (g / (ROOT(a) + k3)))          \
    RULE(rmsprop_momentum,  2, a = k1 * a + k2 * (g * g); b = k4 * b + g / (ROOT(a) + k3);         \
                               p -= k0 * b)                                                        \
    RULE(rmsprop_centered,  2, a = k1 * a + k2 * (g * g); b = k1 * b + k2 * g;                     \
                               p -= k0 * (g / (ROOT(AT_LEAST_0(a - b * b)) + k3)))                 \
    RULE(rmsprop_both,      3, a = k1 * a + k2 * (g * g); b = k1 * b + k2 * g;                     \
                               c = k4 * c + g / (ROOT(AT_LEAST_0(a - b * b)) + k3); p -= k0 * c)   \
    RULE(adadelta,          2, a = k1 * a + k2 * (g * g); T d = g * ROOT((b + k3) / (a + k3));     \
                               b = k1 * b + k2 * (d * d); p -= k0 * d)                             \
    RULE(adam,              2, a = k1 * a + k2 * g; b = k3 * b + k4 * (g * g);                     \
                               p -= k0 * a / (ROOT(b) / k5 + k6))                                  \
    RULE(amsgrad,           3, a = k1 * a + k2 * g; b = k3 * b + k4 * (g * g); c = LARGER(b, c);   \
                               p -= k0 * a / (ROOT(c) / k5 + k6))                                  \
    RULE(adamax,            2, a = k1 * a + k2 * g; b = LARGER(k3 * b, SIZE(g) + k4);              \
                               p -= k0 * a / b)                                                    \
    RULE(lion,              1, T d = k1 * a + k2 * g; a = k3 * a + k4 * g;                         \
                               p -= k0 * (d > 0 ? 1 : d < 0 ? -1 : d))

#define ROOT(x) LIBM(sqrt)(x)
#define SIZE(x) LIBM(fabs)(x)
#define LARGER(x, y) ((x) > (y) || (x) != (x) ? (x) : (y)) /* NaN is larger than all */
#define AT_LEAST_0(x) ((x) < 0 ? 0 : (x))

enum { STEP_NUMBERS = 7, STEP_ARRAYS = 5 }; /* p, g, a, b, c */

/* out[j] may be in[j]; what stands in out[1] is not used. */
typedef void (*step_fn)(npy_intp n, const double *numbers, void *const *in, void *const *out);

#define STEP(isa, name, state, rule)                                                               \
    ON_##isa static void JOIN(step_##name##_##isa##_, T)(npy_intp n, const double *k,              \
                                                         void *const *in, void *const *out) {      \
        const T k0 = (T)k[0], k1 = (T)k[1], k2 = (T)k[2], k3 = (T)k[3], k4 = (T)k[4];              \
        const T k5 = (T)k[5], k6 = (T)k[6];                            \
        const T *ip = in[0], *ig = in[1], *ia = in[2], *ib = in[3], *ic = in[4];                   \
        T *op = out[0], *oa = out[2], *ob = out[3], *oc = out[4];                                  \
        (void)k1, (void)k2, (void)k3, (void)k4, (void)k5, (void)k6;            \
        IVDEP for (npy_intp i = 0; i < n; i++) {                                                   \
            const T g = ig[i];                                                                     \
            T p = ip[i], a = state > 0 ? ia[i] : 0, b = state > 1 ? ib[i] : 0;                     \
            T c = state > 2 ? ic[i] : 0;                                                           \
            rule;                                                                                  \
            op[i] = p;                                                                             \
            if (state > 0) oa[i] = a;                                                              \
            if (state > 1) ob[i] = b;                                                              \
            if (state > 2) oc[i] = c;                                                              \
        }                                                                                          \
    }
#define STEPS(name, state, ...) PER_ISA(STEP, name, state, __VA_ARGS__)

#define T float
#define LIBM(name) name##f
GRADDL_STEPS(STEPS)
#undef T
#undef LIBM
#define T double
#define LIBM(name) name
GRADDL_STEPS(STEPS)
#undef T
#undef LIBM

typedef struct {
    const char *name;
    int state;
    step_fn loop[ISA_COUNT][2]; /* for float and double */
} step_kernel;

#define STEP_PAIR(isa, name) {step_##name##_##isa##_float, step_##name##_##isa##_double},
#define STEP_KERNEL(name, state, ...) {#name, state, {PER_ISA(STEP_PAIR, name)}},
static const step_kernel step_kernels[] = {GRADDL_STEPS(STEP_KERNEL)};
enum { STEP_COUNT = sizeof(step_kernels) / sizeof(step_kernels[0]) };

static inline step_fn step_of(int which, int is_double) {
    return step_kernels[which].loop[active_isa][is_double];
}

#endif
