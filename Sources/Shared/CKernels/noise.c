// Counter-based random numbers. 64 numbers at a time: 16 counters side by side, so that the rounds
// become SIMD code.
#include "include/noise.h"
#include "dispatch.h"
#include "math_f32.h"
#pragma clang fp contract(fast)

enum { LANES = 16, BLOCK = 4 * LANES };

// The words of 16 counters: word w of lane l at w · 16 + l.
SC_INLINE void philox(uint32_t first, uint32_t row, uint64_t seed, uint64_t stream, uint32_t *restrict words) {
  uint32_t *c0 = words, *c1 = words + LANES, *c2 = words + 2 * LANES, *c3 = words + 3 * LANES;
  for (int l = 0; l < LANES; l++) {
    c0[l] = first + (uint32_t)l;
    c1[l] = row;
    c2[l] = (uint32_t)stream;
    c3[l] = (uint32_t)(stream >> 32);
  }
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    for (int l = 0; l < LANES; l++) {
      const uint64_t p0 = (uint64_t)0xD2511F53u * c0[l], p1 = (uint64_t)0xCD9E8D57u * c2[l];
      const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1[l] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3[l] ^ k1;
      c0[l] = n0;
      c1[l] = (uint32_t)p1;
      c2[l] = n2;
      c3[l] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

// Two words to two normal numbers. sin and cos of a full turn: a quarter turn is subtracted, then
// the series of Cephes.
SC_INLINE void box_muller(uint32_t a, uint32_t b, float *first, float *second) {
  const float u = (float)(int32_t)(a >> 8) * 0x1p-24f + 0x1p-25f;
  const float t = (float)(int32_t)(b >> 8) * 0x1p-24f - 0.5f;
  const float radius = __builtin_elementwise_sqrt(-2.0f * f32_log(u));
  const float shifted = t * 4.0f + 12582912.0f;
  const int32_t quarter = f32_bits(shifted) - 0x4B400000;
  const float x = (t - (shifted - 12582912.0f) * 0.25f) * 6.2831853071795865f, y = x * x;
  const float s = x + x * y * (-1.6666654611e-1f + y * (8.3321608736e-3f - y * 1.9515295891e-4f));
  const float c = 1.0f - 0.5f * y + y * y * (4.166664568e-2f + y * (-1.388731625e-3f + y * 2.443315711e-5f));
  const float sine = quarter & 1 ? c : s, cosine = quarter & 1 ? s : c;
  *first = radius * (quarter & 2 ? -sine : sine);
  *second = radius * ((quarter + 1) & 2 ? -cosine : cosine);
}

// 64 normal numbers.
SC_INLINE void normal_block(uint32_t block, uint32_t row, uint64_t seed, uint64_t stream, float *restrict out) {
  uint32_t words[BLOCK];
  philox(block * LANES, row, seed, stream, words);
  for (int l = 0; l < 2 * LANES; l++) box_muller(words[l], words[2 * LANES + l], out + l, out + 2 * LANES + l);
}

#define NOISE(SUFFIX, REAL)                                                                             \
  SC_DISPATCH void sc_add_normals_##SUFFIX(long rows, long columns, long row_begin, uint64_t seed, uint64_t stream, \
                                           REAL sigma, REAL *x) {                                       \
    float block[BLOCK];                                                                                 \
    for (long i = 0; i < rows; i++)                                                                     \
      for (long j = 0; j < columns; j += BLOCK) {                                                       \
        REAL *to = x + i * columns + j;                                                                 \
        normal_block((uint32_t)(j / BLOCK), (uint32_t)(row_begin + i), seed, stream, block);            \
        if (j + BLOCK <= columns)                                                                       \
          for (long l = 0; l < BLOCK; l++) to[l] += sigma * (REAL)block[l];                             \
        else                                                                                            \
          for (long l = 0; l < columns - j; l++) to[l] += sigma * (REAL)block[l];                       \
      }                                                                                                 \
  }                                                                                                     \
  SC_DISPATCH void sc_dropout_mask_##SUFFIX(long rows, long columns, long row_begin, uint64_t seed, uint64_t stream, \
                                            REAL rate, REAL *mask) {                                    \
    uint32_t words[BLOCK];                                                                              \
    const REAL kept = (REAL)1 / ((REAL)1 - rate);                                                       \
    for (long i = 0; i < rows; i++)                                                                     \
      for (long j = 0; j < columns; j += BLOCK) {                                                       \
        philox((uint32_t)(j / BLOCK) * LANES, (uint32_t)(row_begin + i), seed, stream, words);          \
        const long width = j + BLOCK <= columns ? BLOCK : columns - j;                                  \
        for (long l = 0; l < width; l++)                                                                \
          mask[i * columns + j + l] = (REAL)(int32_t)(words[l] >> 8) * (REAL)0x1p-24 < rate ? (REAL)0 : kept; \
      }                                                                                                 \
  }

NOISE(f32, float)
NOISE(f64, double)
