// Vectorisable single-precision functions: no calls, no branches, so that the loops that use them
// become SIMD code. The tests (KernelMathTests) measure the largest errors against double
// precision, over the ranges in the tests. In units of the last place of the result they are
//   exp 1.5, expm1 2, log 1, log1p 2, sigmoid 3, tanh 4, softplus 3
#ifndef SC_MATH_F32_H
#define SC_MATH_F32_H
#include "dispatch.h"
#include <stdint.h>
#pragma clang fp contract(fast)

SC_INLINE float f32_from_bits(int32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, 4);
  return x;
}

SC_INLINE int32_t f32_bits(float x) {
  int32_t bits;
  __builtin_memcpy(&bits, &x, 4);
  return bits;
}

// A first argument that is not a number stays one: a diverged training must show in its loss.
SC_INLINE float f32_max(float a, float b) { return a < b ? b : a; }
SC_INLINE float f32_min(float a, float b) { return a > b ? b : a; }
SC_INLINE float f32_abs(float a) { return __builtin_fabsf(a); }

// x = n log 2 + r, |r| <= log(2)/2: 2^n, and e^r - 1 = r + r^2 q(r). Clamped to the finite range.
typedef struct {
  float power, em1;
} f32_exponential;

SC_INLINE f32_exponential f32_exp_parts(float x) {
  x = f32_min(f32_max(x, -87.0f), 88.0f);
  const float shifted = x * 1.44269504088896341f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440054690583e-4f;
  float q = 1.9875691500e-4f;
  q = q * r + 1.3981999507e-3f;
  q = q * r + 8.3334519073e-3f;
  q = q * r + 4.1665795894e-2f;
  q = q * r + 1.6666665459e-1f;
  q = q * r + 5.0000001201e-1f;
  f32_exponential parts;
  parts.em1 = q * (r * r) + r;
  parts.power = f32_from_bits((f32_bits(shifted) - 0x4B400000 + 127) << 23);
  return parts;
}

// exp(x) - 1, without cancellation near 0.
SC_INLINE float f32_expm1(float x) {
  const f32_exponential e = f32_exp_parts(x);
  return e.power * e.em1 + (e.power - 1.0f);
}

SC_INLINE float f32_exp(float x) {
  const f32_exponential e = f32_exp_parts(x);
  return e.power * e.em1 + e.power;
}

// log of a mantissa: x = 2^e m with m in [sqrt(1/2), sqrt(2)); f = m - 1, log x = e log 2 + f -
// f^2/2 + f^3 p(f).
SC_INLINE float f32_log(float x) {
  const int32_t bits = f32_bits(x);
  const int32_t exponent = (bits - 0x3F3504F3) >> 23;
  const float f = f32_from_bits(bits - (exponent << 23)) - 1.0f;
  const float e = (float)exponent;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float square = f * f;
  float y = f * square * p;
  y = y - e * 2.12194440e-4f;
  y = y - 0.5f * square;
  return (f + y) + e * 0.693359375f + (x - x);  // x - x: a value that is not finite gives NaN
}

// log(1 + x), x > -1, from u = 1 + x as rounded and its inverse: log u, corrected by the rounding
// error of u.
SC_INLINE float f32_log1p_of(float x, float u, float inverse_u) {
  return f32_log(u) + (x - (u - 1.0f)) * inverse_u;
}

// log(1 + x), x > -1.
SC_INLINE float f32_log1p(float x) {
  const float u = 1.0f + x;
  return f32_log1p_of(x, u, 1.0f / u);
}

// 1 / (1 + e^-x)
SC_INLINE float f32_sigmoid(float x) { return 1.0f / (1.0f + f32_exp(-x)); }

// (e^2|x| - 1) / (e^2|x| + 1) with the sign of x; 1 from |x| = 20 on.
SC_INLINE float f32_tanh(float x) {
  const float e = f32_expm1(f32_min(2.0f * f32_abs(x), 40.0f));
  return __builtin_copysignf(e / (e + 2.0f), x);
}

// log(1 + e^x)
SC_INLINE float f32_softplus(float x) {
  return f32_max(x, 0.0f) + f32_log1p(f32_exp(-f32_abs(x)));
}
#endif
