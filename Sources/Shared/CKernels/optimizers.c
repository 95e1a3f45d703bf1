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
