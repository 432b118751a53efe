/* Pooling over the last two axes of an array in C order: `planes` planes of h x w elements, windows
 * whose first element is at (row * stride - before), so that some may lie outside. */

#ifndef GRADDL_WINDOWS_H
#define GRADDL_WINDOWS_H
typedef struct {
    npy_intp planes, h, w, rows, columns;            /* of the array, and the number of windows */
    npy_intp kernel[2], stride[2], dilation[2], before[2];
} window;

enum { WIDEST = 32, LONGEST = 4096 }; /* rows of a kernel and of an array */

/* For each place b in a row of the kernel, the columns [first, end) whose windows have it
 * inside. */
typedef struct {
    npy_intp first[WIDEST], end[WIDEST];
} span;

INLINE span inside(const window *v) {
    span found;
    for (npy_intp b = 0; b < v->kernel[1]; b++) {
        npy_intp at = b * v->dilation[1] - v->before[1], s = v->stride[1];
        npy_intp end = at >= v->w ? 0 : (v->w - 1 - at) / s + 1;
        found.first[b] = at < 0 ? (-at + s - 1) / s : 0;
        found.end[b] = end > v->columns ? v->columns : end;
    }
    return found;
}
#endif

#define LARGER(x, y) ((x) > (y) || (x) != (x) ? (x) : (y)) /* NaN is larger than all */

/* Takes n elements, s apart, into results. */
INLINE void JOIN(take_, T)(int largest, npy_intp n, npy_intp s, const T *x, T *y) {
    if (largest) {
        IVDEP for (npy_intp j = 0; j < n; j++) y[j] = LARGER(x[j * s], y[j]);
    } else {
        IVDEP for (npy_intp j = 0; j < n; j++) y[j] += x[j * s];
    }
}

/* First down the columns of a row of windows, whose elements are neighbours, then along them. */
INLINE void JOIN(pool_, T)(const window *v, int largest, const double *divisor, int each,
        const T *x,
                           T *y) {
    const span at = inside(v);
    const T none = largest ? -(T)INFINITY : 0;
    T down[LONGEST];
    for (npy_intp p = 0; p < v->planes; p++, x += v->h * v->w)
        for (npy_intp row = 0; row < v->rows; row++, y += v->columns) {
            for (npy_intp j = 0; j < v->w; j++) down[j] = none;
            for (npy_intp a = 0; a < v->kernel[0]; a++) {
                npy_intp r = row * v->stride[0] + a * v->dilation[0] - v->before[0];
                if (r >= 0 && r < v->h) JOIN(take_, T)(largest, v->w, 1, x + r * v->w, down);
            }
            for (npy_intp j = 0; j < v->columns; j++) y[j] = none;
            for (npy_intp b = 0; b < v->kernel[1]; b++) {
                npy_intp first = at.first[b], n = at.end[b] - first, s = v->stride[1];
                const T *from = down + first * s + b * v->dilation[1] - v->before[1];
                if (s == 2) JOIN(take_, T)(largest, n, 2, from, y + first);
                else JOIN(take_, T)(largest, n, s, from, y + first);
            }
            if (!largest)
                for (npy_intp j = 0; j < v->columns; j++)
                    y[j] /= (T)divisor[each ? row * v->columns + j : 0];
        }
}

#define LARGEST(x, y) ((x) >= (y) || (x) != (x)) /* of the window whose maximum is y; NaN is, too */

/* What is left of each gradient goes to the n elements, s apart, that are as large as y. */
INLINE void JOIN(take_left_, T)(npy_intp n, npy_intp s, const T *x, const T *y, T *left, T *gx) {
    IVDEP for (npy_intp j = 0; j < n; j++) {
        T all = left[j], here = x[j * s];
        gx[j * s] += LARGEST(here, y[j]) ? all : 0;
        left[j] = LARGEST(here, y[j]) ? 0 : all;
    }
}

/* The same for two neighbours of windows that are two apart: whole lines are written, in vectors. */
INLINE void JOIN(take_pairs_, T)(npy_intp n, const T *x, const T *y, T *left, T *gx) {
    IVDEP for (npy_intp j = 0; j < n; j++) {
        T all = left[j], a = x[2 * j], b = x[2 * j + 1], rest = LARGEST(a, y[j]) ? 0 : all;
        gx[2 * j] += LARGEST(a, y[j]) ? all : 0;
        gx[2 * j + 1] += LARGEST(b, y[j]) ? rest : 0;
        left[j] = LARGEST(b, y[j]) ? 0 : rest;
    }
}

/* Each gradient goes to the first element of its window that is as large as y; beyond the
 * array there is -infinity, which keeps what it gets. Rows of windows that lie inside go place by
 * place of the kernel. At a border places are walked backward, so that the first is the last to be
 * noted, without a branch. */
INLINE void JOIN(max_grad_, T)(const window *v, const T *g, const T *x, const T *y, T *gx) {
    const npy_intp deep = (v->kernel[0] - 1) * v->dilation[0], s = v->stride[1];
    const npy_intp wide = (v->kernel[1] - 1) * v->dilation[1];
    const int within = v->before[1] == 0 && (v->columns - 1) * s + wide < v->w;
    T left[LONGEST];
    for (npy_intp p = 0; p < v->planes; p++, x += v->h * v->w, gx += v->h * v->w)
        for (npy_intp row = 0; row < v->rows; row++, g += v->columns, y += v->columns) {
            const npy_intp top = row * v->stride[0] - v->before[0];
            if (within && top >= 0 && top + deep < v->h) {
                memcpy(left, g, v->columns * sizeof(T));
                for (npy_intp a = 0; a < v->kernel[0]; a++) {
                    npy_intp at = (top + a * v->dilation[0]) * v->w;
                    if (s == 2 && v->kernel[1] == 2 && v->dilation[1] == 1)
                        JOIN(take_pairs_, T)(v->columns, x + at, y, left, gx + at);
                    else
                        for (npy_intp b = 0; b < v->kernel[1]; b++, at += v->dilation[1])
                            JOIN(take_left_, T)(v->columns, s, x + at, y, left, gx + at);
                }
                continue;
            }
            for (npy_intp column = 0; column < v->columns; column++) {
                npy_intp found = -1, first = column * s - v->before[1];
                for (npy_intp a = v->kernel[0] - 1; a >= 0; a--)
                    for (npy_intp b = v->kernel[1] - 1; b >= 0; b--) {
                        npy_intp r = top + a * v->dilation[0], c = first + b * v->dilation[1];
                        int out = r < 0 || r >= v->h || c < 0 || c >= v->w;
                        T here = out ? -(T)INFINITY : x[r * v->w + c];
                        if (LARGEST(here, y[column])) found = out ? -1 : r * v->w + c;
                    }
                if (found >= 0) gx[found] += g[column];
            }
        }
}

INLINE void JOIN(mean_grad_, T)(const window *v, const double *divisor, int each, const T *g,
        T *gx) {
    const span at = inside(v);
    T share[LONGEST];
    for (npy_intp p = 0; p < v->planes; p++, gx += v->h * v->w)
        for (npy_intp row = 0; row < v->rows; row++, g += v->columns) {
            for (npy_intp j = 0; j < v->columns; j++)
                share[j] = g[j] / (T)divisor[each ? row * v->columns + j : 0];
            for (npy_intp a = 0; a < v->kernel[0]; a++) {
                npy_intp r = row * v->stride[0] + a * v->dilation[0] - v->before[0];
                if (r < 0 || r >= v->h) continue;
                for (npy_intp b = 0; b < v->kernel[1]; b++) {
                    T *line = gx + r * v->w + b * v->dilation[1] - v->before[1];
                    for (npy_intp j = at.first[b]; j < at.end[b]; j++)
                        line[j * v->stride[1]] += share[j];
                }
            }
        }
}

#undef LARGER
#undef LARGEST

#if !T_IS_FLOAT
FUSED(pool,
      (int is_double, const window *v, int largest, const double *divisor, int each, const void *x,
       void *y),
      (v, largest, divisor, each, x, y))
FUSED(max_grad,
      (int is_double, const window *v, const void *g, const void *x, const void *y, void *gx),
      (v, g, x, y, gx))
FUSED(mean_grad,
      (int is_double, const window *v, const double *divisor, int each, const void *g, void *gx),
      (v, divisor, each, g, gx))
#endif
