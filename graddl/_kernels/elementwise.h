/* The elementwise ops that have kernels: one line per op, and the scalar functions made from it.
 *
 * A line gives the value and its derivative by each input. `x`, or `a` and `b`, are the inputs,
 * `y` is the value. A derivative may name only what the op's Python rule names: the rest is not
 * kept. Two prefixes call functions of T, the type at hand:
 *     FAST(f)  from vector_math.h, which loops over arrays vectorise
 *     LIBM(f)  from the C library, one element at a time
 * An op becomes the functions scalar_<op> and scalar_d_<op> below, and the array loops of loops.h.
 *
 * Compile with -ffp-contract=off, so that every file that includes this gets the same bits.
 */
#ifndef GRADDL_ELEMENTWISE_H
#define GRADDL_ELEMENTWISE_H

#include <math.h>

#ifdef __FAST_MATH__
#error "graddl's kernels test for NaN and must not be compiled with -ffast-math"
#endif

/* Subgradients: abs'(0) = 0, relu'(0) = 0, ties of maximum and minimum share evenly, and a factor
 * that is undecided because an input is NaN is 1 for relu, maximum and minimum. Of power by b at
 * a = 0 it is 0 for b >= 0, which is where 0^b is 0 or 1.
 *
 *         name        value                             derivative by x, or by a and b           */
#define GRADDL_OPS(UNARY, BINARY)                                                                  \
    BINARY(add,        a + b,                            1,                  1)                    \
    BINARY(subtract,   a - b,                            1,                  -1)                   \
    BINARY(multiply,   a * b,                            b,                  a)                    \
    BINARY(divide,     a / b,                            1 / b,              -y / b)               \
    BINARY(maximum,    a > b || a != a ? a : b,          TIE(a < b, a == b), TIE(b < a, a == b))   \
    BINARY(minimum,    a < b || a != a ? a : b,          TIE(b < a, a == b), TIE(a < b, a == b))   \
    BINARY(power,      LIBM(pow)(a, b),                  b == 0 ? 0 : b * LIBM(pow)(a, b - 1),     \
                                                 a == 0 && y * y <= 1 ? 0 : y * LIBM(log)(a))      \
    BINARY(arctan2,    LIBM(atan2)(a, b),                PER(b, a * a + b * b),                    \
                                                         PER(-a, a * a + b * b))                   \
    BINARY(hypot,      FAST(hypot)(a, b),                PER(a, y),          PER(b, y))            \
    UNARY(positive,    x,                                1)                                        \
    UNARY(negative,    -x,                               -1)                                       \
    UNARY(reciprocal,  1 / x,                            -y * y)                                   \
    UNARY(abs,         FAST(fabs)(x),                    x > 0 ? 1 : x < 0 ? -1 : x)               \
    UNARY(square,      x * x,                            2 * x)                                    \
    UNARY(sqrt,        FAST(sqrt)(x),                    (T)0.5 / y)                               \
    UNARY(exp,         FAST(exp)(x),                     y)                                        \
    UNARY(log,         FAST(log)(x),                     1 / x)                                    \
    UNARY(sin,         LIBM(sin)(x),                     LIBM(cos)(x))                             \
    UNARY(cos,         LIBM(cos)(x),                     -LIBM(sin)(x))                            \
    UNARY(tan,         LIBM(tan)(x),                     1 + y * y)                                \
    UNARY(tanh,        FAST(tanh)(x),                    1 - y * y)                                \
    UNARY(sigmoid,     FAST(sigmoid)(x),                 y * (1 - y))                              \
    UNARY(softplus,    FAST(softplus)(x),                FAST(sigmoid)(x))                         \
    UNARY(relu,        x <= 0 ? 0 : x,                   x <= 0 ? 0 : 1)                           \
    UNARY(erf,         FAST(erf)(x),                     (T)1.1283791670955126 * FAST(exp)(-x * x))

#define TIE(loses, equal) ((loses) ? 0 : (equal) ? (T)0.5 : 1)
#define PER(part, whole) ((whole) == 0 ? 0 : (part) / (whole)) /* 0 where the op has a kink */

/* ---- Scalars: doubles through the C library, the same bits wherever this file is included ---- */

typedef double (*scalar_fn)(double a, double b);
typedef void (*scalar_dfn)(double a, double b, double y, double *d); /* d[0] by a, d[1] by b */

#ifdef __GNUC__
#define GRADDL_UNUSED __attribute__((unused))
#else
#define GRADDL_UNUSED
#endif

GRADDL_UNUSED static double graddl_sigmoid(double x) {
    double z = exp(-fabs(x)); /* at most 1, so neither side overflows */
    return (x < 0 ? z : 1) / (1 + z);
}

GRADDL_UNUSED static double graddl_softplus(double x) {
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

#define T double
#define FAST(f) GRADDL_SCALAR_##f
#define LIBM(f) f
#define GRADDL_SCALAR_fabs fabs
#define GRADDL_SCALAR_sqrt sqrt
#define GRADDL_SCALAR_hypot hypot
#define GRADDL_SCALAR_exp exp
#define GRADDL_SCALAR_log log
#define GRADDL_SCALAR_tanh tanh
#define GRADDL_SCALAR_erf erf
#define GRADDL_SCALAR_sigmoid graddl_sigmoid
#define GRADDL_SCALAR_softplus graddl_softplus

#define SCALAR1(name, value, dx)                                                                   \
    GRADDL_UNUSED static double scalar_##name(double x, double b) {                                \
        (void)b;                                                                                   \
        return value;                                                                              \
    }                                                                                              \
    GRADDL_UNUSED static void scalar_d_##name(double x, double b, double y, double *d) {           \
        (void)x, (void)b, (void)y;                                                                 \
        d[0] = dx;                                                                                 \
        d[1] = 0;                                                                                  \
    }
#define SCALAR2(name, value, da, db)                                                               \
    GRADDL_UNUSED static double scalar_##name(double a, double b) { return value; }                \
    GRADDL_UNUSED static void scalar_d_##name(double a, double b, double y, double *d) {           \
        (void)a, (void)b, (void)y;                                                                 \
        d[0] = da;                                                                                 \
        d[1] = db;                                                                                 \
    }
GRADDL_OPS(SCALAR1, SCALAR2)
#undef SCALAR1
#undef SCALAR2
#undef T
#undef FAST
#undef LIBM

#endif
