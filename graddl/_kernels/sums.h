/* Sums and the largest element of a row, in LANES, which compilers turn into vector code. */

#ifndef GRADDL_SUMS_H
#define GRADDL_SUMS_H
enum { LANES = 32, BLOCK = 2048 }; /* 16 lanes would be unrolled, and no vector code */

/* The sum of `term`, an expression of j, over j < count: in blocks, so that it loses few digits. */
#define ROW_SUM(total, count, term)                                                                \
    total = 0;                                                                                     \
    for (npy_intp start = 0, end, j; start < (count); start = end) {                               \
        T lane[LANES] = {0}, rest = 0;                                                             \
        npy_intp i = start;                                                                        \
        end = (count) - start < BLOCK ? (count) : start + BLOCK;                                   \
        for (; i + LANES <= end; i += LANES)                                                       \
            for (int k = 0; k < LANES; k++) j = i + k, lane[k] += (term);                          \
        for (j = i; j < end; j++) rest += (term);                                                  \
        total += i > start ? JOIN(lanes_sum_, T)(lane) + rest : rest;                              \
    }
#endif

INLINE T JOIN(lanes_sum_, T)(const T *lane) {
    T a[8];
    for (int k = 0; k < 8; k++) a[k] = lane[k] + lane[k + 8] + (lane[k + 16] + lane[k + 24]);
    return a[0] + a[1] + (a[2] + a[3]) + (a[4] + a[5] + (a[6] + a[7]));
}

/* A NaN may be passed over, unless all are. */
#define LARGER(x, y) ((x) > (y) ? (x) : (y))
INLINE T JOIN(row_max_, T)(npy_intp m, const T *x) {
    T top = x[0];
    npy_intp j = 0;
    if (m >= LANES) {
        T lane[LANES], a[8];
        for (int k = 0; k < LANES; k++) lane[k] = x[k];
        for (j = LANES; j + LANES <= m; j += LANES)
            for (int k = 0; k < LANES; k++) lane[k] = LARGER(x[j + k], lane[k]);
        for (int k = 0; k < 8; k++) {
            T b = LARGER(lane[k], lane[k + 8]), c = LARGER(lane[k + 16], lane[k + 24]);
            a[k] = LARGER(b, c);
        }
        for (int k = 0; k < 8; k++) top = LARGER(a[k], top);
    }
    for (; j < m; j++) top = LARGER(x[j], top);
    return top;
}
#undef LARGER
