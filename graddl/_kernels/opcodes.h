/* The elementwise ops by number: an opcode is the place of an op's line in elementwise.h.
 *
 * The switches call the functions that Scalars call, hence the same bits. With one of them, a node
 * of a tape costs about 2 ns; with calls through pointers, whose targets alternate, it took 5 to 13.
 */
#ifndef GRADDL_OPCODES_H
#define GRADDL_OPCODES_H

#include "elementwise.h"

#define OPCODE(name, ...) op_##name,
#define OP_NAME(name, ...) #name,
#define VALUE(name, ...) case op_##name: return scalar_##name(a, b);
#define DERIVATIVE(name, ...) case op_##name: scalar_d_##name(a, b, y, d); return;

enum { GRADDL_OPS(OPCODE, OPCODE) OP_COUNT };
static const char *const op_names[] = {GRADDL_OPS(OP_NAME, OP_NAME)};

static inline double op_value(int op, double a, double b) {
    switch (op) { GRADDL_OPS(VALUE, VALUE) }
    return NAN;
}

/* d[0] by a, d[1] by b; y is the value. */
static inline void op_derivative(int op, double a, double b, double y, double *d) {
    switch (op) { GRADDL_OPS(DERIVATIVE, DERIVATIVE) }
}

#undef OPCODE
#undef OP_NAME
#undef VALUE
#undef DERIVATIVE
#endif
