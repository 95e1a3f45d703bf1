// Codes drawn from normal distributions, and how far these are from the standard one.
#ifndef SC_GAUSSIAN_H
#define SC_GAUSSIAN_H
#include <stdbool.h>

#define SC_GAUSSIAN(SUFFIX, REAL)                                                                  \
  /* z = mean + exp(log_variance / 2) · noise; z may be noise */                                   \
  void sc_normal_sample_##SUFFIX(long count, const REAL *mean, const REAL *log_variance,           \
                                 const REAL *noise, REAL *z);                                      \
  /* dl = (accumulate ? dl : 0) + dz (z - mean) / 2: the gradient by the log variance. The         \
     gradient by the mean is dz. */                                                                \
  void sc_normal_sample_backward_##SUFFIX(long count, const REAL *mean, const REAL *z,             \
                                          const REAL *dz, REAL *dl, bool accumulate);              \
  /* sum KL(N(mean, e^l) || N(0, 1)) = sum (e^l + mean^2 - 1 - l) / 2. Writes scale times its      \
     gradient to dmean and dl, each added if its flag is set. */                                   \
  double sc_gaussian_kl_##SUFFIX(long count, const REAL *mean, const REAL *log_variance,           \
                                 REAL scale, REAL *dmean, bool accumulate_mean, REAL *dl,          \
                                 bool accumulate_log_variance);

SC_GAUSSIAN(f32, float)
SC_GAUSSIAN(f64, double)
#endif
