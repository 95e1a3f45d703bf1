// Random numbers that are a function of (seed, stream, row, column) alone: rows can be computed in
// any order, by any thread. They come from Philox 4×32-10 (Salmon, Moraes, Dror, Shaw 2011) with
// the counter (column block, row, stream) and the key `seed`. Normal numbers are by Box and Muller
// 1958, computed in single precision (largest error 1e-6) in both versions.
#ifndef SC_NOISE_H
#define SC_NOISE_H
#include <stdint.h>

#define SC_NOISE(SUFFIX, REAL)                                                                     \
  /* x[i, j] += sigma · n(seed, stream, row_begin + i, j), n standard normal; rows × columns,      \
     contiguous */                                                                                 \
  void sc_add_normals_##SUFFIX(long rows, long columns, long row_begin, uint64_t seed,             \
                               uint64_t stream, REAL sigma, REAL *x);                              \
  /* mask[i, j] = u(seed, stream, row_begin + i, j) < rate ? 0 : 1 / (1 - rate), u uniform in [0,  \
     1) */                                                                                         \
  void sc_dropout_mask_##SUFFIX(long rows, long columns, long row_begin, uint64_t seed,            \
                                uint64_t stream, REAL rate, REAL *mask);

SC_NOISE(f32, float)
SC_NOISE(f64, double)
#endif
