/* Normal deviates by Box and Muller (1958): of uniform bits, for noise.py.
 *
 * Logarithm, sine and cosine are the polynomials of Cephes (single) and of Sun's fdlibm (double).
 * No product is contracted with a sum (-ffp-contract=off), so every processor gives the same bits,
 * however many values it computes at once.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GLIBC__)
#define AT_ONCE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define AT_ONCE
#endif

static inline float single_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of_single(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t bits_of_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* u = 2^e (1 + f) with 1 + f from the root of a half to the root of 2. */
static inline float log_single(float u) {
    int32_t shift = (int32_t)(bits_of_single(u) - 0x3f3504f3u) >> 23;
    float e = (float)shift;
    float f = single_of(bits_of_single(u) - ((uint32_t)shift << 23)) - 1.0f;
    float z = f * f;
    float y = 7.0376836292e-2f;
    y = y * f - 1.1514610310e-1f;
    y = y * f + 1.1676998740e-1f;
    y = y * f - 1.2420140846e-1f;
    y = y * f + 1.4249322787e-1f;
    y = y * f - 1.6668057665e-1f;
    y = y * f + 2.0000714765e-1f;
    y = y * f - 2.4999993993e-1f;
    y = y * f + 3.3333331174e-1f;
    y = y * f * z - 2.12194440e-4f * e - 0.5f * z;
    return f + y + 0.693359375f * e;
}

/* Of 2 n uniform numbers, 2 n deviates: n, and n that belong to them.
 *
 * Without its lowest bit a number gives the length: near 0 it keeps all 31 bits, so the tail
 * reaches 6.6 deviations. Another gives the direction: its first two bits the quarter of the
 * circle, the rest the way into it, from the middle. */
AT_ONCE void accord_normal_single(const uint32_t *restrict bits, int64_t n, float *restrict found) {
    const uint32_t *restrict turns = bits + n;
    float *restrict beside = found + n;
    for (int64_t i = 0; i < n; i++) {
        float u = (float)(int32_t)(bits[i] >> 1) * 0x1p-31f + 0x1p-32f;
        float square = -2.0f * log_single(u);
        float length = sqrtf(square > 0.0f ? square : 0.0f);
        uint32_t quarter = turns[i] >> 30;
        int32_t into = (int32_t)(turns[i] & 0x3fffffffu) - 0x20000000;
        float t = (float)into * 1.46291807926715968e-9f; /* pi / 2^31 */
        float z = t * t;
        float s = -1.9515295891e-4f * z + 8.3321608736e-3f;
        s = (s * z - 1.6666654611e-1f) * z * t + t;
        float c = 2.443315711809948e-5f * z - 1.388731625493765e-3f;
        c = (c * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
        uint32_t swap = 0u - (quarter & 1u);
        uint32_t across = (bits_of_single(c) & ~swap) | (bits_of_single(s) & swap);
        uint32_t up = (bits_of_single(s) & ~swap) | (bits_of_single(c) & swap);
        found[i] = length * single_of(across ^ ((quarter ^ (quarter >> 1)) << 31));
        beside[i] = length * single_of(up ^ ((quarter >> 1) << 31));
    }
}

static inline double log_double(double u) {
    uint64_t moved = bits_of_double(u) - 0x3fe6a09e667f3bcdu + (UINT64_C(1024) << 52);
    uint64_t shift = (moved >> 52) - 1024;
    /* A whole number in the last bits of 2^52 + 2^51. */
    double e = double_of(UINT64_C(0x4338000000000000) + shift) - 0x1.8p52;
    double f = double_of(bits_of_double(u) - (shift << 52)) - 1.0;
    double s = f / (2.0 + f), z = s * s, w = z * z;
    double even = 1.479819860511658591e-01;
    even = even * w + 1.818357216161805012e-01;
    even = even * w + 2.857142874366239149e-01;
    even = even * w + 6.666666666666735130e-01;
    double odd = 1.531383769920937332e-01;
    odd = odd * w + 2.222219843214978396e-01;
    odd = odd * w + 3.999999999940941908e-01;
    double half = 0.5 * f * f, rest = even * z + odd * w;
    double low = e * 1.90821492927058770002e-10;
    return e * 6.93147180369123816490e-01 - ((half - (s * (half + rest) + low)) - f);
}

/* The same in double precision, of 52 bits each: the tail reaches 8.5 deviations. */
AT_ONCE void accord_normal_double(const uint64_t *restrict bits, int64_t n, double *restrict found) {
    const uint64_t *restrict turns = bits + n;
    double *restrict beside = found + n;
    for (int64_t i = 0; i < n; i++) {
        /* No logarithm is of 0. */
        double u = double_of((bits[i] >> 12) | 0x3ff0000000000000u) - (1.0 - 0x1p-53);
        double square = -2.0 * log_double(u);
        double length = sqrt(square > 0.0 ? square : 0.0);
        uint64_t quarter = turns[i] >> 62;
        double into = double_of(((turns[i] >> 10) & 0xfffffffffffffu) | 0x3ff0000000000000u) - 1.5;
        double t = into * 1.57079632679489661923, z = t * t;
        double s = 1.58969099521155010221e-10;
        s = s * z - 2.50507602534068634195e-08;
        s = s * z + 2.75573137070700676789e-06;
        s = s * z - 1.98412698298579493134e-04;
        s = s * z + 8.33333333332248946124e-03;
        s = (s * z - 1.66666666666666324348e-01) * z * t + t;
        double c = -1.13596475577881948265e-11;
        c = c * z + 2.08757232129817482790e-09;
        c = c * z - 2.75573143513906633035e-07;
        c = c * z + 2.48015872894767294178e-05;
        c = c * z - 1.38888888888741095749e-03;
        c = (c * z + 4.16666666666666019037e-02) * z * z - 0.5 * z + 1.0;
        uint64_t swap = UINT64_C(0) - (quarter & 1u);
        uint64_t across = (bits_of_double(c) & ~swap) | (bits_of_double(s) & swap);
        uint64_t up = (bits_of_double(s) & ~swap) | (bits_of_double(c) & swap);
        found[i] = length * double_of(across ^ ((quarter ^ (quarter >> 1)) << 63));
        beside[i] = length * double_of(up ^ ((quarter >> 1) << 63));
    }
}
