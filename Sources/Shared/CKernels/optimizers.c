#include "include/optimizers.h"
#include "dispatch.h"
#pragma clang fp contract(fast)

#define ADAM(NAME, REAL)                                                                                \
  SC_DISPATCH void NAME(long count, REAL *restrict w, const REAL *restrict g, REAL *restrict m,         \
                        REAL *restrict v, REAL beta1, REAL beta2, REAL step, REAL root_scale,           \
                        REAL epsilon) {                                                                 \
    for (long i = 0; i < count; i++) {                                                                  \
      m[i] = beta1 * m[i] + ((REAL)1 - beta1) * g[i];                                                   \
      v[i] = beta2 * v[i] + ((REAL)1 - beta2) * g[i] * g[i];                                            \
      w[i] -= step * m[i] / (__builtin_elementwise_sqrt(v[i]) * root_scale + epsilon);                  \
    }                                                                                                   \
  }

ADAM(sc_adam_f32, float)
ADAM(sc_adam_f64, double)

#define AMSGRAD(NAME, REAL)                                                                             \
  SC_DISPATCH void NAME(long count, REAL *restrict w, const REAL *restrict g, REAL *restrict m,         \
                        REAL *restrict v, REAL *restrict top, REAL beta1, REAL beta2, REAL step,        \
                        REAL root_scale, REAL epsilon) {                                                \
    for (long i = 0; i < count; i++) {                                                                  \
      m[i] = beta1 * m[i] + ((REAL)1 - beta1) * g[i];                                                   \
      v[i] = beta2 * v[i] + ((REAL)1 - beta2) * g[i] * g[i];                                            \
      top[i] = top[i] > v[i] ? top[i] : v[i];                                                           \
      w[i] -= step * m[i] / (__builtin_elementwise_sqrt(top[i]) * root_scale + epsilon);                \
    }                                                                                                   \
  }

AMSGRAD(sc_amsgrad_f32, float)
AMSGRAD(sc_amsgrad_f64, double)

#define ADADELTA(NAME, REAL)                                                                            \
  SC_DISPATCH void NAME(long count, REAL *restrict w, const REAL *restrict g, REAL *restrict s,         \
                        REAL *restrict a, REAL rho, REAL rate, REAL epsilon) {                          \
    for (long i = 0; i < count; i++) {                                                                  \
      s[i] = rho * s[i] + ((REAL)1 - rho) * g[i] * g[i];                                                \
      const REAL d = __builtin_elementwise_sqrt(a[i] + epsilon) / __builtin_elementwise_sqrt(s[i] + epsilon) * g[i]; \
      a[i] = rho * a[i] + ((REAL)1 - rho) * d * d;                                                      \
      w[i] -= rate * d;                                                                                 \
    }                                                                                                   \
  }

ADADELTA(sc_adadelta_f32, float)
ADADELTA(sc_adadelta_f64, double)

#define MOMENTUM(NAME, REAL)                                                                            \
  SC_DISPATCH void NAME(long count, REAL *restrict w, const REAL *restrict g, REAL *restrict v,         \
                        REAL momentum, REAL rate) {                                                     \
    for (long i = 0; i < count; i++) {                                                                  \
      v[i] = momentum * v[i] - rate * g[i];                                                             \
      w[i] += v[i];                                                                                     \
    }                                                                                                   \
  }

MOMENTUM(sc_momentum_f32, float)
MOMENTUM(sc_momentum_f64, double)
