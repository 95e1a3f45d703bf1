// Small sweeps over rows: biases, rectifiers, hyperbolic tangents, limits, sums of columns,
// dropout.
#ifndef SC_ELEMENTWISE_H
#define SC_ELEMENTWISE_H
#include <stdbool.h>
#include <stdint.h>

#define SC_ELEMENTWISE(SUFFIX, REAL)                                                               \
  /* x[i, j] = x[i, j] + bias[j], then max(0, .) if `rectify`; rows × columns, contiguous. */      \
  void sc_add_bias_##SUFFIX(long rows, long columns, REAL *x, const REAL *bias, bool rectify);     \
  /* x[i, j] = x[i, j] * scale[i] */                                                               \
  void sc_scale_rows_##SUFFIX(long rows, long columns, REAL *x, const REAL *scale);                \
  /* y = max(0, x) */                                                                              \
  void sc_relu_##SUFFIX(long count, const REAL *x, REAL *y);                                       \
  /* dx = (accumulate ? dx : 0) + (y > 0 ? dy : 0), with y = relu(x); dx may be dy if not          \
     accumulating */                                                                               \
  void sc_relu_backward_##SUFFIX(long count, const REAL *y, const REAL *dy, REAL *dx,              \
                                 bool accumulate);                                                 \
  /* y = tanh(x); y may be x */                                                                    \
  void sc_tanh_##SUFFIX(long count, const REAL *x, REAL *y);                                       \
  /* dx = (accumulate ? dx : 0) + dy (1 - y^2), with y = tanh(x); dx may be dy if not accumulating \
     */                                                                                            \
  void sc_tanh_backward_##SUFFIX(long count, const REAL *y, const REAL *dy, REAL *dx,              \
                                 bool accumulate);                                                 \
  /* x = max(-limit, min(limit, x)) */                                                             \
  void sc_clamp_##SUFFIX(long count, REAL limit, REAL *x);                                         \
  /* sum[j] = (accumulate ? sum[j] : 0) + sum_i x[i, j]. Rows are added in order: partial sums of  \
     64 rows in REAL, their sum in double. */                                                      \
  void sc_column_sums_##SUFFIX(long rows, long columns, const REAL *x, REAL *sum, double *scratch, \
                               bool accumulate);                                                   \
  /* y = x * mask */                                                                               \
  void sc_multiply_##SUFFIX(long count, const REAL *x, const REAL *mask, REAL *y,                  \
                            bool accumulate);                                                      \
  /* y = (accumulate ? y : 0) + factor · x */                                                      \
  void sc_axpy_##SUFFIX(long count, REAL factor, const REAL *x, REAL *y, bool accumulate);         \
  /* y[i, :] = softmax(x[i, :]) */                                                                 \
  void sc_softmax_##SUFFIX(long rows, long columns, const REAL *x, REAL *y);                       \
  /* dx = (accumulate ? dx : 0) + y (dy - sum_j dy y) by rows, with y = softmax(x) */              \
  void sc_softmax_backward_##SUFFIX(long rows, long columns, const REAL *y, const REAL *dy,        \
                                    REAL *dx, bool accumulate);

SC_ELEMENTWISE(f32, float)
SC_ELEMENTWISE(f64, double)
#endif
