/* Instruction sets: what is compiled once for each of them, with gcc on x86-64, and the one that
 * this processor uses.
 */
#ifndef GRADDL_ISA_H
#define GRADDL_ISA_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define INLINE static inline __attribute__((always_inline))
#define IVDEP _Pragma("GCC ivdep")
#define ON_base
#define ON_avx2 __attribute__((target("avx2,fma")))
#define ON_avx512                                                                                  \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")))
#define PER_ISA(make, ...) make(base, __VA_ARGS__) make(avx2, __VA_ARGS__) make(avx512, __VA_ARGS__)
#else
#define INLINE static inline
#define IVDEP
#define ON_base
#define PER_ISA(make, ...) make(base, __VA_ARGS__)
#endif

#define JOIN(a, b) JOIN_(a, b)
#define JOIN_(a, b) a##b

#define ISA_ENUM(isa, _) isa_##isa,
#define ISA_NAME(isa, _) #isa,
enum { PER_ISA(ISA_ENUM, ) ISA_COUNT };
static const char *const isa_names[] = {PER_ISA(ISA_NAME, )};

/* The widest instruction set that this processor has, the `limit`-th at most. */
static int active_isa = isa_base;
static const char *choose_isa(int limit) {
    active_isa = isa_base;
#ifdef ON_avx2
    if (limit >= isa_avx2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        active_isa = isa_avx2;
    if (limit >= isa_avx512 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        active_isa = isa_avx512;
#endif
    (void)limit;
    return isa_names[active_isa];
}

/* A function `name` that takes is_double beside other arguments, from the templates name_float and
 * name_double, compiled for each instruction set. */
#define FUSED(name, params, args)                                                                  \
    PER_ISA(FUSED_ON, name, params, args)                                                          \
    static void name params {                                                                      \
        static void(*const on[]) params = {PER_ISA(FUSED_NAME, name)};                             \
        on[active_isa] WITH_TYPE args;                                                             \
    }
#define FUSED_ON(isa, name, params, args)                                                          \
    ON_##isa static void name##_##isa params {                                                     \
        if (is_double) name##_double args;                                                         \
        else name##_float args;                                                                    \
    }
#define FUSED_NAME(isa, name) name##_##isa,
#define WITH_TYPE(...) (is_double, __VA_ARGS__)

#endif
