/* Includes BODY, which holds templates of functions, once with T float and once with T double. */
#include "Python.h"
#include "numpy/arrayobject.h"

#include "isa.h"

#define FAST(f) JOIN(f##_, T)

#define T float
#define T_IS_FLOAT 1
#define LIBM(name) name##f
#include "vector_math.h"
#include BODY
#undef T
#undef T_IS_FLOAT
#undef LIBM

#define T double
#define T_IS_FLOAT 0
#define LIBM(name) name
#include "vector_math.h"
#include BODY
#undef T
#undef T_IS_FLOAT
#undef LIBM
