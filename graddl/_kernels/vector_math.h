/* Functions of one element of type T, written so that a compiler turns a loop over them into
 * vector code: no branches, no tables, no calls. loops.h includes this once per T.
 *
 * Against the correctly rounded result: float within 4 ULP, double within 2 ULP (the tests
 * measure). NaN, the infinities and both zeros are exact; exp underflows gradually. Products and
 * sums are rounded apart (-ffp-contract=off), hence the same bits at every vector width.
 *
 * exp and tanh reduce x to n ln 2 + r with |r| <= ln 2 / 2, and log reduces x to 2^e m with
 * m in [sqrt(1/2), sqrt(2)). The coefficients interpolate, at Chebyshev points of the reduced
 * interval and in 60 digits, (expm1(r) - r) / r^2 as a polynomial in r, and
 * (2 atanh(s) - 2s) / s^3 as a polynomial in s^2. erf(x) is x times a polynomial in x^2 below 1,
 * from there 1 - exp of the polynomial in x that is nearest to log erfc with the weight erfc.
 */
#define BITS JOIN(bits_, T)
#define REAL JOIN(real_, T)

/* Round-to-integer by adding MAGIC: the integer is then the low bits of the sum. */
#if T_IS_FLOAT
#define U uint32_t
enum { MANTISSA_float = 23, BIAS_float = 127 };
#define MAGIC 12582912.0f
#define LN2_HI 0.69287109375f /* few bits: n * LN2_HI is exact */
#define LN2_LO 2.7608680994530942e-4f
#define EXP_MIN -104.0f /* beyond these exp is 0 and infinity */
#define EXP_MAX 89.0f
#define TINY 1.17549435e-38f
static const float EXP_C_float[] = {
    0.5f, 0.16666666681704215f, 0.041666464197405692f, 0.0083333108446478628f,
    0.0013933730715792082f, 0.00019891080463998842f};
static const float LOG_C_float[] = {
    0.66666666554042012f, 0.40000122211810650f, 0.28550778633191965f, 0.23331614471843499f};
static const float ERF_NEAR_float[] = {
    1.128379166f, -0.3761262667f, 0.1128359472f, -0.02685421201f,
    0.005189087423f, -0.0008016864287f, 7.875875063e-5f};
static const float ERF_FAR_float[] = {
    1.88040222e-4f, -1.12957842f, -0.633219893f, -0.108418577f,
    0.0252082567f, -0.00420456187f, 4.41336376e-4f, -2.16868499e-5f};
#else
#define U uint64_t
enum { MANTISSA_double = 52, BIAS_double = 1023 };
#define MAGIC 6755399441055744.0
#define LN2_HI 0.69314718036912382
#define LN2_LO 1.9082149292705878161e-10
#define EXP_MIN -746.0
#define EXP_MAX 710.0
#define TINY 2.2250738585072014e-308
static const double EXP_C_double[] = {
    0.5, 0.16666666666666667, 0.041666666666666676865, 0.0083333333333333340131,
    0.0013888888888879003084, 0.00019841269841263251867, 2.4801587336630946966e-5,
    2.7557319247344509509e-6, 2.7557263077309411451e-7, 2.5052070959803661989e-8,
    2.0918212319133978201e-9, 1.6086677666787361503e-10};
static const double LOG_C_double[] = {
    0.66666666666666697077, 0.39999999999898890514, 0.28571428626253837606,
    0.22222211089379496214, 0.18182892432536871201, 0.15331611722055007885,
    0.14617807153417324964};
#endif
#define MANTISSA JOIN(MANTISSA_, T)
#define BIAS ((U)JOIN(BIAS_, T))
#define POLY(c, v) JOIN(poly_, T)(c, sizeof(c) / sizeof(c[0]), v)

INLINE U BITS(T x) { union { T real; U bits; } u; u.real = x; return u.bits; }
INLINE T REAL(U x) { union { T real; U bits; } u; u.bits = x; return u.real; }

/* What rounding lost: made good in double, which has to keep within 2 ULP, for a tenth to a third
 * more time; not in float (v - 0 compiles to v). */
#define LOST(error) (T_IS_FLOAT ? (T)0 : (error))

INLINE T JOIN(poly_, T)(const T *c, int terms, T v) {
    T p = c[terms - 1];
    for (int j = terms - 2; j >= 0; j--) p = p * v + c[j];
    return p;
}

/* x = n ln 2 + r, and exp(x) = 2^n (1 + r + rest): the sum is left to the caller, who knows how
 * to make it without loss. n is an unsigned integer, wrapped where negative. */
INLINE void JOIN(reduce_exp_, T)(T x, U *n, T *r, T *rest) {
    T shifted = x * (T)1.4426950408889634074 + MAGIC, whole = shifted - MAGIC;
    T high = x - whole * LN2_HI, low = whole * LN2_LO;
    *n = BITS(shifted) - BITS(MAGIC);
    *r = high - low;
    *rest = *r * *r * POLY(JOIN(EXP_C_, T), *r) - LOST(low - (high - *r));
}

/* exp(x) and what was lost when it was rounded. */
INLINE T JOIN(exp_parts_, T)(T x, T *lost) {
    U n;
    T r, rest;
    JOIN(reduce_exp_, T)(x < EXP_MIN ? EXP_MIN : x > EXP_MAX ? EXP_MAX : x, &n, &r, &rest);
    U n2 = n + 2 * BIAS, half = n2 >> 1; /* 2^n in two factors: n may leave the normal range */
    T power = REAL(half << MANTISSA), power2 = REAL((n2 - half) << MANTISSA);
    T head = 1 + r, tail = rest - LOST(head - 1 - r), sum = head + tail;
    *lost = LOST(tail - (sum - head)) * power * power2;
    return sum * power * power2;
}

INLINE T JOIN(exp_, T)(T x) {
    T lost;
    return JOIN(exp_parts_, T)(x, &lost);
}

/* top / (1 + z) with z = exp(-|x|), and one step of Newton for what was lost. */
INLINE T JOIN(sigmoid_, T)(T x) {
    T lost, z = JOIN(exp_parts_, T)(-LIBM(fabs)(x), &lost);
    T top = x < 0 ? z : 1, under = 1 + z, y = top / under;
    T top_lost = x < 0 ? lost : 0, under_lost = z - (under - 1) + lost;
    return y - LOST((y * under_lost - top_lost) * (x < 0 ? 1 - y : y)); /* that is 1 / under */
}

/* u / (u + 2) with u = expm1(2|x|), and the same step. */
INLINE T JOIN(tanh_, T)(T x) {
    U n;
    T r, rest, x2 = 2 * LIBM(fabs)(x);
    JOIN(reduce_exp_, T)(x2 > 80 ? 80 : x2, &n, &r, &rest);
    T power = REAL((n + BIAS) << MANTISSA), base = power - 1, head = base + power * r;
    T tail = power * rest - LOST(head - base - power * r), u = head + tail;
    T under = u + 2, y = u / under, lost = tail - (u - head);
    T under_lost = (u < 2 ? u - (under - 2) : 2 - (under - u)) + lost;
    return LIBM(copysign)(y - LOST((y * under_lost - lost) * (1 - y) / 2), x); /* 1 / under */
}

/* log of a positive normal number. */
INLINE T JOIN(normal_log_, T)(T x) {
    const T root_half = (T)0.70710678118654752440;
    U b = BITS(x) - BITS(root_half) + (BIAS << MANTISSA);
    T e = REAL(BITS(MAGIC) + (b >> MANTISSA)) - (MAGIC + BIAS);
    T f = REAL((b & (((U)1 << MANTISSA) - 1)) + BITS(root_half)) - 1;
    T s = f / (2 + f), z = s * s, h = (T)0.5 * f * f;
    T tail = s * (h + z * POLY(JOIN(LOG_C_, T), z)) + e * LN2_LO;
    return e * LN2_HI - ((h - tail) - f);
}

INLINE T JOIN(log_, T)(T x) {
    const T lift = (T)((U)1 << (MANTISSA + 2)); /* makes a denormal normal */
    int tiny = x < TINY;
    T r = JOIN(normal_log_, T)(tiny ? x * lift : x);
    r = tiny ? r - (T)0.69314718055994530942 * (MANTISSA + 2) : r;
    return x > 0 ? (x < (T)INFINITY ? r : x) : x == 0 ? -(T)INFINITY : (T)NAN;
}

/* log(1 + z) = log(u) + (z - (u - 1)) / u with u the rounded 1 + z. */
INLINE T JOIN(softplus_, T)(T x) {
    T z = JOIN(exp_, T)(-LIBM(fabs)(x)), u = 1 + z;
    return (x > 0 ? x : 0) + (JOIN(normal_log_, T)(u) + (z - (u - 1)) / u);
}

INLINE T JOIN(fabs_, T)(T x) { return LIBM(fabs)(x); }
INLINE T JOIN(sqrt_, T)(T x) { return LIBM(sqrt)(x); }

/* In double by libm, which is better than declining: NumPy has no erf. */
INLINE T JOIN(erf_, T)(T x) {
#if T_IS_FLOAT
    T size = fabsf(x), beyond = size > 4 ? 4 : size;
    T far = 1 - exp_float(POLY(ERF_FAR_float, beyond));
    return size < 1 ? x * POLY(ERF_NEAR_float, x * x) : copysignf(far, x);
#else
    return erf(x);
#endif
}

INLINE T JOIN(hypot_, T)(T a, T b) {
#if T_IS_FLOAT /* squares of floats neither overflow nor underflow in double */
    T r = (T)sqrt((double)a * a + (double)b * b);
    return fabsf(a) == INFINITY || fabsf(b) == INFINITY ? INFINITY : r;
#else
    return hypot(a, b);
#endif
}

#undef BITS
#undef REAL
#undef U
#undef MAGIC
#undef LN2_HI
#undef LN2_LO
#undef EXP_MIN
#undef EXP_MAX
#undef TINY
#undef MANTISSA
#undef BIAS
#undef POLY
#undef LOST
