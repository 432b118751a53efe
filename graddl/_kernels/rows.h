/* Ops on the rows of a matrix in C order, n rows of m elements: softmax, its logarithm,
 * cross-entropy, standardization. Sums run in LANES; a NaN in a row gets into all of it. */

#include "sums.h"

/* Of each row the softmax, and what its exponentials add up to if `totals` is not NULL. */
INLINE void JOIN(exponentials_, T)(npy_intp n, npy_intp m, const T *x, T *y, T *totals) {
    npy_intp rows = m < BLOCK ? BLOCK / m : 1;
    for (npy_intp first = 0; first < n; first += rows) {
        npy_intp end = first + rows < n ? first + rows : n;
        for (npy_intp r = first; r < end; r++) {
            T top = JOIN(row_max_, T)(m, x + r * m);
            IVDEP for (npy_intp j = r * m; j < r * m + m; j++) y[j] = x[j] - top;
        }
        IVDEP for (npy_intp j = first * m; j < end * m; j++) y[j] = FAST(exp)(y[j]);
        for (npy_intp r = first; r < end; r++) {
            T *e = y + r * m, total;
            ROW_SUM(total, m, e[j])
            IVDEP for (npy_intp j = 0; j < m; j++) e[j] = e[j] / total;
            if (totals) totals[r] = total;
        }
    }
}

INLINE void JOIN(softmax_, T)(npy_intp n, npy_intp m, const T *x, T *y) {
    JOIN(exponentials_, T)(n, m, x, y, NULL);
}

INLINE void JOIN(softmax_grad_, T)(npy_intp n, npy_intp m, const T *g, const T *y, T *gx) {
    for (npy_intp r = 0; r < n; r++, g += m, y += m, gx += m) {
        T dot;
        ROW_SUM(dot, m, g[j] * y[j])
        IVDEP for (npy_intp j = 0; j < m; j++) gx[j] = y[j] * (g[j] - dot);
    }
}

INLINE void JOIN(log_softmax_, T)(npy_intp n, npy_intp m, const T *x, T *y) {
    for (npy_intp r = 0; r < n; r++, x += m, y += m) {
        T top = JOIN(row_max_, T)(m, x), total = 0, part, e[BLOCK];
        for (npy_intp first = 0; first < m; first += BLOCK) {
            npy_intp size = m - first < BLOCK ? m - first : BLOCK;
            const T *block = x + first;
            IVDEP for (npy_intp j = 0; j < size; j++) e[j] = FAST(exp)(block[j] - top);
            ROW_SUM(part, size, e[j])
            total += part;
        }
        T log_total = FAST(log)(total);
        IVDEP for (npy_intp j = 0; j < m; j++) y[j] = x[j] - top - log_total;
    }
}

INLINE void JOIN(log_softmax_grad_, T)(npy_intp n, npy_intp m, const T *g, const T *y, T *gx) {
    for (npy_intp r = 0; r < n; r++, g += m, y += m, gx += m) {
        T total;
        ROW_SUM(total, m, g[j])
        IVDEP for (npy_intp j = 0; j < m; j++) gx[j] = g[j] - FAST(exp)(y[j]) * total;
    }
}

/* Softmax p, and of each row the loss -w ln p of its target; a target to ignore has the loss 0. */
INLINE void JOIN(cross_entropy_, T)(npy_intp n, npy_intp m, const T *x, const int64_t *target,
                                    const T *weight, int64_t ignored, T *p, T *loss,
                                    double *total_weight) {
    double weights = 0;
    JOIN(exponentials_, T)(n, m, x, p, loss);
    for (npy_intp r = 0; r < n; r++, x += m, p += m) {
        T w = target[r] == ignored ? 0 : weight ? weight[target[r]] : 1;
        T bad = p[0] - p[0]; /* NaN if the row has one, else 0 */
        T logp = w == 0 ? 0 : x[target[r]] - JOIN(row_max_, T)(m, x) - FAST(log)(loss[r]);
        loss[r] = bad - w * logp;
        weights += w;
    }
    *total_weight = weights;
}

/* scale is one number, or with `each` one for each row. */
INLINE void JOIN(cross_entropy_grad_, T)(npy_intp n, npy_intp m, const T *p, const int64_t *target,
                                         const T *weight, int64_t ignored, const T *scale, int each,
                                         T *gx) {
    for (npy_intp r = 0; r < n; r++, p += m, gx += m) {
        T w = target[r] == ignored ? 0 : weight ? weight[target[r]] : 1;
        T g = scale[each ? r : 0];
        IVDEP for (npy_intp j = 0; j < m; j++) gx[j] = g * (w * p[j]);
        if (target[r] != ignored) gx[target[r]] = g * (w * p[target[r]] - w);
    }
}

INLINE void JOIN(standardize_, T)(npy_intp n, npy_intp m, double eps, const T *x, T *y, T *r) {
    for (npy_intp i = 0; i < n; i++, x += m, y += m) {
        T total, squares;
        ROW_SUM(total, m, x[j])
        T mean = total / (T)m;
        IVDEP for (npy_intp j = 0; j < m; j++) y[j] = x[j] - mean;
        ROW_SUM(squares, m, y[j] * y[j])
        T scale = r[i] = 1 / LIBM(sqrt)(squares / (T)m + (T)eps);
        IVDEP for (npy_intp j = 0; j < m; j++) y[j] = y[j] * scale;
    }
}

INLINE void JOIN(standardize_grad_, T)(npy_intp n, npy_intp m, const T *g, const T *y, const T *r,
                                       T *gx) {
    for (npy_intp i = 0; i < n; i++, g += m, y += m, gx += m) {
        T total, dot;
        ROW_SUM(total, m, g[j])
        ROW_SUM(dot, m, g[j] * y[j])
        T mean = total / (T)m, along = dot / (T)m, scale = r[i];
        IVDEP for (npy_intp j = 0; j < m; j++) gx[j] = scale * (g[j] - mean - y[j] * along);
    }
}

#if !T_IS_FLOAT
FUSED(softmax, (int is_double, npy_intp n, npy_intp m, const void *x, void *y), (n, m, x, y))
FUSED(softmax_grad,
      (int is_double, npy_intp n, npy_intp m, const void *g, const void *y, void *gx),
      (n, m, g, y, gx))
FUSED(log_softmax, (int is_double, npy_intp n, npy_intp m, const void *x, void *y), (n, m, x, y))
FUSED(log_softmax_grad,
      (int is_double, npy_intp n, npy_intp m, const void *g, const void *y, void *gx),
      (n, m, g, y, gx))
FUSED(cross_entropy,
      (int is_double, npy_intp n, npy_intp m, const void *x, const int64_t *target,
       const void *weight, int64_t ignored, void *p, void *loss, double *total_weight),
      (n, m, x, target, weight, ignored, p, loss, total_weight))
FUSED(cross_entropy_grad,
      (int is_double, npy_intp n, npy_intp m, const void *p, const int64_t *target,
       const void *weight, int64_t ignored, const void *scale, int each, void *gx),
      (n, m, p, target, weight, ignored, scale, each, gx))
FUSED(standardize,
      (int is_double, npy_intp n, npy_intp m, double eps, const void *x, void *y, void *r),
      (n, m, eps, x, y, r))
FUSED(standardize_grad,
      (int is_double, npy_intp n, npy_intp m, const void *g, const void *y, const void *r,
          void *gx),
      (n, m, g, y, r, gx))
#endif
