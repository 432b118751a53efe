/* Matrix products whose left side need not be a matrix: its element (i, k) is x[start[i] + step[k]],
 * so that windows need no copy. A convolution, the gradient of its input and that of its weight are
 * such products, each with tables of its own.
 *
 * The right side is packed: blocks of `lanes` columns, (block, k, lane), the last one with zeros. Few
 * columns stand alone, and vectors run along rows or k whose elements are neighbours in x. */

#ifndef GRADDL_PRODUCTS_H
#define GRADDL_PRODUCTS_H
typedef struct {
    npy_intp rows, depth, columns;
    const npy_intp *start, *step, *place; /* of rows in x, of k in x, of rows in y */
    npy_intp apart;                       /* two columns in y */
    npy_intp run;                         /* so many rows (to add: k) are neighbours in x, and in y */
    int form, add;                        /* y += and not y = */
    npy_intp images, x_apart, y_apart;    /* so many products with the same tables */
} product;

enum { ALONE, NARROW, WIDE }; /* a block has one column, as many as a vector has lanes, twice that */

/* Bytes of a vector, and how many rows of one or two vectors stay in registers. */
enum { VECTOR_base = 16, ROWS1_base = 8, ROWS2_base = 6, LESS_base = 4 };
enum { VECTOR_avx2 = 32, ROWS1_avx2 = 8, ROWS2_avx2 = 6, LESS_avx2 = 4 };
enum { VECTOR_avx512 = 64, ROWS1_avx512 = 12, ROWS2_avx512 = 12, LESS_avx512 = 8 };
enum { MOST_ROWS = 12, MOST_LANES = 32 };
enum { STRIP = 8 }; /* tiles that go to y together: longer lines of it are written at once */

#ifdef __GNUC__
#define CONTRACTED __attribute__((noinline, optimize("fp-contract=fast"))) /* a * b + c at once */
#define VECTOR(n) __attribute__((vector_size(n), aligned(sizeof(T)), may_alias))
#else
#define CONTRACTED
#define VECTOR(n)
#endif

#define TILE(isa, name, rows, vectors)                                                             \
    ON_##isa CONTRACTED static void name(npy_intp depth, const npy_intp *step, const T *const *x,  \
            const T *b, T *sums) {                                                                 \
        typedef T V VECTOR(VECTOR_##isa);                                                          \
        enum { LANES = sizeof(V) / sizeof(T) };                                                    \
        const T *from[rows];                                                                       \
        V sum[rows][vectors], line[vectors];                                                       \
        for (int i = 0; i < rows; i++) {                                                           \
            from[i] = x[i];                                                                        \
            for (int v = 0; v < vectors; v++) sum[i][v] = (V){0};                                  \
        }                                                                                          \
        for (npy_intp k = 0; k < depth; k++, b += vectors * LANES) {                               \
            for (int v = 0; v < vectors; v++) line[v] = *(const V *)(b + v * LANES);               \
            for (int i = 0; i < rows; i++)                                                         \
                for (int v = 0; v < vectors; v++) sum[i][v] += from[i][step[k]] * line[v];         \
        }                                                                                          \
        for (int i = 0; i < rows; i++)                                                             \
            for (int v = 0; v < vectors; v++)                                                      \
                *(V *)(sums + (i * vectors + v) * LANES) = sum[i][v];                              \
    }
/* A run of rows, one column: y[i] = sum over k of x[i + step[k]] b[k]. */
#define ROW(isa, name)                                                                             \
    ON_##isa CONTRACTED static void name(npy_intp run, npy_intp depth, const npy_intp *step,       \
            const T *x, const T *b, T *y) {                                                        \
        typedef T V VECTOR(VECTOR_##isa);                                                          \
        enum { LANES = sizeof(V) / sizeof(T) };                                                    \
        npy_intp i = 0;                                                                            \
        for (; i + 4 * LANES <= run; i += 4 * LANES) {                                             \
            V sum[4] = {{0}};                                                                      \
            for (npy_intp k = 0; k < depth; k++)                                                   \
                for (int v = 0; v < 4; v++)                                                        \
                    sum[v] += b[k] * *(const V *)(x + i + step[k] + v * LANES);                    \
            for (int v = 0; v < 4; v++) *(V *)(y + i + v * LANES) = sum[v];                        \
        }                                                                                          \
        while (i < run) {                                                                          \
            V sum = {0};                                                                           \
            i = i + LANES <= run ? i : run - LANES; /* the last ones, some of them again */        \
            for (npy_intp k = 0; k < depth; k++) sum += b[k] * *(const V *)(x + i + step[k]);      \
            *(V *)(y + i) = sum;                                                                   \
            i += LANES;                                                                            \
        }                                                                                          \
    }

/* One row, one column: the sum over k of x[step[k]] b[k], where k comes in runs. */
#define DOT(isa, name)                                                                             \
    ON_##isa CONTRACTED static T name(npy_intp run, npy_intp depth, const npy_intp *step,          \
            const T *x, const T *b) {                                                              \
        typedef T V VECTOR(VECTOR_##isa);                                                          \
        enum { LANES = sizeof(V) / sizeof(T) };                                                    \
        V sum[4] = {{0}};                                                                          \
        T all = 0;                                                                                 \
        for (npy_intp k = 0; k < depth; k += run) {                                                \
            const T *p = x + step[k], *q = b + k;                                                  \
            npy_intp j = 0;                                                                        \
            for (; j + 4 * LANES <= run; j += 4 * LANES)                                           \
                for (int v = 0; v < 4; v++)                                                        \
                    sum[v] += *(const V *)(p + j + v * LANES) * *(const V *)(q + j + v * LANES);   \
            for (; j + LANES <= run; j += LANES) sum[0] += *(const V *)(p + j) * *(const V *)(q + j); \
            for (; j < run; j++) all += p[j] * q[j];                                               \
        }                                                                                          \
        sum[0] += sum[1] + (sum[2] + sum[3]);                                                      \
        for (int l = 0; l < LANES; l++) all += ((const T *)sum)[l];                                \
        return all;                                                                                \
    }

#define NAME(kind, isa) JOIN(JOIN(kind, T), _##isa)
#define FUNCTIONS(isa, _)                                                                          \
    ROW(isa, NAME(row_, isa))                                                                      \
    DOT(isa, NAME(dot_, isa))                                                                      \
    TILE(isa, NAME(narrow_, isa), ROWS1_##isa, 1)                                                  \
    TILE(isa, NAME(less_, isa), LESS_##isa, 2)                                                     \
    TILE(isa, NAME(wide_, isa), ROWS2_##isa, 2)
#define TABLE(isa, _)                                                                              \
    {NAME(row_, isa), NAME(dot_, isa), {0, NAME(narrow_, isa), NAME(wide_, isa)},                  \
     {0, NAME(narrow_, isa), NAME(less_, isa)}, {1, ROWS1_##isa, ROWS2_##isa},                     \
     {1, ROWS1_##isa, LESS_##isa}, {1, LANES(isa, 1), LANES(isa, 2)}},
#ifdef __GNUC__
#define LANES(isa, vectors) vectors *VECTOR_##isa / (int)sizeof(T)
#else
#define LANES(isa, vectors) vectors
#endif
#endif

PER_ISA(FUNCTIONS, )

static const struct {
    void (*row)(npy_intp run, npy_intp depth, const npy_intp *step, const T *x, const T *b, T *y);
    T (*dot)(npy_intp run, npy_intp depth, const npy_intp *step, const T *x, const T *b);
    void (*tile[3])(npy_intp depth, const npy_intp *step, const T *const *x, const T *b, T *sums);
    void (*less[3])(npy_intp depth, const npy_intp *step, const T *const *x, const T *b, T *sums);
    int rows[3], fewer[3], lanes[3]; /* rows of tile, rows of less */
} JOIN(on_, T)[] = {PER_ISA(TABLE, )};

/* Runs are to be at least as long as a vector. */
static int JOIN(form_, T)(npy_intp columns, npy_intp run) {
    const int lanes = JOIN(on_, T)[active_isa].lanes[NARROW];
    return 2 * columns <= lanes && run >= lanes ? ALONE : columns <= lanes ? NARROW : WIDE;
}

/* The columns are `apart` in b, their elements at `place`: 16 at a time, which are neighbours. */
static void JOIN(pack_, T)(int form, npy_intp depth, npy_intp columns, const T *b, npy_intp apart,
        const npy_intp *place, T *packed) {
    const int lanes = JOIN(on_, T)[active_isa].lanes[form];
    for (npy_intp j = 0; j < columns; j += lanes, packed += lanes * depth)
        for (npy_intp first = 0; first < depth; first += 16) {
            const npy_intp end = first + 16 < depth ? first + 16 : depth;
            for (npy_intp l = 0; l < lanes; l++)
                for (npy_intp k = first; k < end; k++)
                    packed[k * lanes + l] = j + l < columns ? b[(j + l) * apart + place[k]] : 0;
        }
}

static void JOIN(multiply_alone_, T)(const product *v, const T *x, const T *packed, T *y) {
    for (npy_intp j = 0; j < v->columns; j++, packed += v->depth, y += v->apart)
        for (npy_intp i = 0; i < v->rows; i += v->add ? 1 : v->run) {
            const T *from = x + v->start[i];
            T *to = y + v->place[i];
            if (v->add) *to += JOIN(on_, T)[active_isa].dot(v->run, v->depth, v->step, from, packed);
            else JOIN(on_, T)[active_isa].row(v->run, v->depth, v->step, from, packed, to);
        }
}

/* Tiles go to y, in whose lines either their columns or their rows are neighbours. */
INLINE void JOIN(put_, T)(const product *v, int tall, int wide, int lanes, const npy_intp *place,
        const T *sums, T *y) {
    if (v->apart == 1 && v->add)
        for (int i = 0; i < tall; i++)
            for (int l = 0; l < wide; l++) y[place[i] + l] += sums[i * lanes + l];
    else if (v->apart == 1)
        for (int i = 0; i < tall; i++)
            for (int l = 0; l < wide; l++) y[place[i] + l] = sums[i * lanes + l];
    else
        for (int l = 0; l < wide; l++, y += v->apart)
            for (int i = 0; i < tall; i++)
                y[place[i]] = v->add ? y[place[i]] + sums[i * lanes + l] : sums[i * lanes + l];
}

static void JOIN(multiply_, T)(const product *v, const T *x, const T *packed, T *y) {
    const int f = v->form, rows = JOIN(on_, T)[active_isa].rows[f];
    const int fewer = JOIN(on_, T)[active_isa].fewer[f], lanes = JOIN(on_, T)[active_isa].lanes[f];
    const T *from[MOST_ROWS];
    T sums[STRIP * MOST_ROWS * MOST_LANES];
    if (f == ALONE) {
        JOIN(multiply_alone_, T)(v, x, packed, y);
        return;
    }
    for (npy_intp i = 0; i < v->rows; i += STRIP * rows) {
        const int tall = v->rows - i < STRIP * rows ? (int)(v->rows - i) : STRIP * rows;
        for (npy_intp j = 0; j < v->columns; j += lanes) {
            const int wide = v->columns - j < lanes ? (int)(v->columns - j) : lanes;
            for (int p = 0, n; p < tall; p += n) {
                const int left = tall - p, few = left <= fewer || (left > rows && left <= 2 * fewer);
                n = few ? fewer : rows; /* 8 are 4 and 4 rather than 6 and 2 of 6 */
                for (int q = 0; q < n; q++) from[q] = x + v->start[i + (q < left ? p + q : p)];
                (few ? JOIN(on_, T)[active_isa].less[f] : JOIN(on_, T)[active_isa].tile[f])(
                        v->depth, v->step, from, packed + j * v->depth, sums + p * lanes);
            }
            JOIN(put_, T)(v, tall, wide, lanes, v->place + i, sums, y + j * v->apart);
        }
    }
}

#if !T_IS_FLOAT
static int form_of(int is_double, npy_intp columns, npy_intp run) {
    return is_double ? form_double(columns, run) : form_float(columns, run);
}

static npy_intp lanes_of(int is_double, int form) {
    return is_double ? on_double[active_isa].lanes[form] : on_float[active_isa].lanes[form];
}

static void pack(int is_double, int form, npy_intp depth, npy_intp columns, const void *b,
        npy_intp apart, const npy_intp *place, void *packed) {
    if (is_double) pack_double(form, depth, columns, b, apart, place, packed);
    else pack_float(form, depth, columns, b, apart, place, packed);
}

static void multiply(int is_double, const product *v, const void *x, const void *packed, void *y) {
    for (npy_intp n = 0; n < v->images; n++)
        if (is_double) {
            multiply_double(v, (const double *)x + n * v->x_apart, packed,
                    (double *)y + n * v->y_apart);
        } else {
            multiply_float(v, (const float *)x + n * v->x_apart, packed,
                    (float *)y + n * v->y_apart);
        }
}
#endif
