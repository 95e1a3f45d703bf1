// The functions of math_f32.h over arrays.
#include "include/vector_math.h"
#include "dispatch.h"
#include "math_f32.h"
#pragma clang fp contract(fast)

#define OVER_ARRAY(NAME, FUNCTION)                                    \
  SC_DISPATCH void NAME(long count, const float *x, float *y) {       \
    for (long i = 0; i < count; i++) y[i] = FUNCTION(x[i]);           \
  }

OVER_ARRAY(sc_exp_f32, f32_exp)
OVER_ARRAY(sc_expm1_f32, f32_expm1)
OVER_ARRAY(sc_log_f32, f32_log)
OVER_ARRAY(sc_log1p_f32, f32_log1p)
OVER_ARRAY(sc_sigmoid_f32, f32_sigmoid)
OVER_ARRAY(sc_softplus_f32, f32_softplus)
