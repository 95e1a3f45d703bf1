// Batch and layer normalization, both directions, and the exponential linear unit.
#ifndef SC_NORMALIZATION_H
#define SC_NORMALIZATION_H
#include <stdbool.h>

#define SC_NORMALIZATION(SUFFIX, REAL)                                                             \
  /* mean[j] = mean of x[:, j]; variance[j] = mean of (x[:, j] - mean[j])^2. x: rows × columns,    \
     contiguous. */                                                                                \
  void sc_column_moments_##SUFFIX(long rows, long columns, const REAL *x, double *mean,            \
                                  double *variance);                                               \
  /* y = (x - mean) · inverse · gamma + beta, all four by column */                                \
  void sc_batch_norm_##SUFFIX(long rows, long columns, const REAL *x, const REAL *mean,            \
                              const REAL *inverse, const REAL *gamma, const REAL *beta, REAL *y);  \
  /* sums[j] = sum_i dy[i, j]; sums[columns + j] = sum_i dy[i, j] xhat[i, j], xhat = (x - mean) ·  \
     inverse */                                                                                    \
  void sc_batch_norm_sums_##SUFFIX(long rows, long columns, const REAL *x, const REAL *dy,         \
                                   const REAL *mean, const REAL *inverse, double *sums);           \
  /* dx = (accumulate ? dx : 0) + gamma · inverse · (dy - sums[j] / rows - xhat · sums[columns +   \
     j] / rows). If mean and inverse are `constant`, the two means are left out. */                \
  void sc_batch_norm_backward_##SUFFIX(long rows, long columns, const REAL *x, const REAL *dy,     \
                                       const REAL *mean, const REAL *inverse, const REAL *gamma,   \
                                       const double *sums, bool constant, REAL *dx,                \
                                       bool accumulate);                                           \
  /* y = xhat · gamma + beta, xhat = (x - mean) / sqrt(variance + epsilon) with both moments of    \
     the row */                                                                                    \
  void sc_layer_norm_##SUFFIX(long rows, long columns, const REAL *x, const REAL *gamma,           \
                              const REAL *beta, REAL epsilon, REAL *y);                            \
  /* dx = (accumulate ? dx : 0) + inverse · (g - mean(g) - xhat · mean(g · xhat)), g = dy · gamma, \
     means over the row. sums as in sc_batch_norm_sums. */                                         \
  void sc_layer_norm_backward_##SUFFIX(long rows, long columns, const REAL *x, const REAL *dy,     \
                                       const REAL *gamma, REAL epsilon, double *sums, REAL *dx,    \
                                       bool accumulate);                                           \
  /* out = (accumulate ? out : 0) + sums */                                                        \
  void sc_store_sums_##SUFFIX(long count, const double *sums, REAL *out, bool accumulate);         \
  /* y = x > 0 ? x : exp(x) - 1; y may be x */                                                     \
  void sc_elu_##SUFFIX(long count, const REAL *x, REAL *y);                                        \
  /* dx = (accumulate ? dx : 0) + dy · (y > 0 ? 1 : y + 1), with y = elu(x); dx may be dy if not   \
     accumulating */                                                                               \
  void sc_elu_backward_##SUFFIX(long count, const REAL *y, const REAL *dy, REAL *dx,               \
                                bool accumulate);

SC_NORMALIZATION(f32, float)
SC_NORMALIZATION(f64, double)
#endif
