// The same functions in double precision, by the C library: what gradients and reference values are
// checked with.
#ifndef SC_MATH_F64_H
#define SC_MATH_F64_H
#include "dispatch.h"
#include <math.h>

SC_INLINE double f64_max(double a, double b) { return a < b ? b : a; }
SC_INLINE double f64_min(double a, double b) { return a > b ? b : a; }
SC_INLINE double f64_abs(double a) { return fabs(a); }
SC_INLINE double f64_expm1(double x) { return expm1(x); }
SC_INLINE double f64_exp(double x) { return exp(x); }
SC_INLINE double f64_log(double x) { return log(x); }
SC_INLINE double f64_log1p(double x) { return log1p(x); }
SC_INLINE double f64_log1p_of(double x, double u, double inverse_u) {
  (void)u, (void)inverse_u;
  return log1p(x);
}
SC_INLINE double f64_sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }
SC_INLINE double f64_tanh(double x) { return tanh(x); }
SC_INLINE double f64_softplus(double x) { return f64_max(x, 0.0) + log1p(exp(-fabs(x))); }
#endif
