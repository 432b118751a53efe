/* Normalization over a batch in C order, (n, channels, m): each channel with its own mean. */

#include "sums.h"

INLINE T JOIN(sum_, T)(npy_intp m, const T *x) {
    T total;
    ROW_SUM(total, m, x[j])
    return total;
}

INLINE T JOIN(dot_, T)(npy_intp m, const T *g, const T *x, T centre) {
    T total;
    ROW_SUM(total, m, g[j] * (x[j] - centre))
    return total;
}

INLINE T JOIN(squares_, T)(npy_intp m, const T *x, T centre) {
    T total;
    ROW_SUM(total, m, (x[j] - centre) * (x[j] - centre))
    return total;
}

/* Of each channel the mean of x and of (x - mean)^2. */
INLINE void JOIN(moments_, T)(npy_intp n, npy_intp channels, npy_intp m, const T *x, T *mean,
        T *var) {
    for (npy_intp c = 0; c < channels; c++) {
        double total = 0, squares = 0;
        for (npy_intp i = 0; i < n; i++) total += JOIN(sum_, T)(m, x + (i * channels + c) * m);
        T centre = mean[c] = (T)(total / (double)(n * m));
        for (npy_intp i = 0; i < n; i++)
            squares += JOIN(squares_, T)(m, x + (i * channels + c) * m, centre);
        var[c] = (T)(squares / (double)(n * m));
    }
}

INLINE void JOIN(normalize_, T)(npy_intp n, npy_intp channels, npy_intp m, double eps, const T *x,
                                const T *weight, const T *bias, T *y, T *mean, T *var) {
    JOIN(moments_, T)(n, channels, m, x, mean, var);
    for (npy_intp i = 0; i < n; i++)
        for (npy_intp c = 0; c < channels; c++, x += m, y += m) {
            T scale = 1 / LIBM(sqrt)(var[c] + (T)eps), centre = mean[c], shift = bias ? bias[c] : 0;
            if (weight) scale *= weight[c];
            IVDEP for (npy_intp j = 0; j < m; j++) y[j] = (x[j] - centre) * scale + shift;
        }
}

/* From g, gmean and gvar, what arrives at the three results; total is the sum of g, and dot of
 * g (x - mean), divided by the standard deviation at the end. */
INLINE void JOIN(normalize_grad_, T)(npy_intp n, npy_intp channels, npy_intp m, double eps,
        const T *g,
                                     const T *gmean, const T *gvar, const T *x, const T *weight,
                                     T *mean, T *var, T *gx, T *dot, T *total) {
    JOIN(moments_, T)(n, channels, m, x, mean, var);
    for (npy_intp c = 0; c < channels; c++) {
        double sum = 0, along = 0;
        T centre = mean[c], r = 1 / LIBM(sqrt)(var[c] + (T)eps), a = weight ? r * weight[c] : r;
        for (npy_intp i = 0; i < n; i++) {
            npy_intp at = (i * channels + c) * m;
            sum += JOIN(sum_, T)(m, g + at);
            along += JOIN(dot_, T)(m, g + at, x + at, centre);
        }
        total[c] = (T)sum, dot[c] = r * (T)along;
        T count = (T)(n * m), spread = (2 * gvar[c] - a * r * r * (T)along) / count;
        T shift = (gmean[c] - a * (T)sum) / count;
        for (npy_intp i = 0; i < n; i++) {
            const T *pg = g + (i * channels + c) * m, *px = x + (i * channels + c) * m;
            T *out = gx + (i * channels + c) * m;
            IVDEP for (npy_intp j = 0; j < m; j++)
                out[j] = pg[j] * a + (px[j] - centre) * spread + shift;
        }
    }
}

#if !T_IS_FLOAT
FUSED(normalize,
      (int is_double, npy_intp n, npy_intp channels, npy_intp m, double eps, const void *x,
       const void *weight, const void *bias, void *y, void *mean, void *var),
      (n, channels, m, eps, x, weight, bias, y, mean, var))
FUSED(normalize_grad,
      (int is_double, npy_intp n, npy_intp channels, npy_intp m, double eps, const void *g,
       const void *gmean, const void *gvar, const void *x, const void *weight, void *mean,
           void *var,
       void *gx, void *dot, void *total),
      (n, channels, m, eps, g, gmean, gvar, x, weight, mean, var, gx, dot, total))
#endif
