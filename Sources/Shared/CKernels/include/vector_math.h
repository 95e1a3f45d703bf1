// The elementary functions of the kernels over arrays, in single precision: y[i] = f(x[i]). y may
// be x.
#ifndef SC_VECTOR_MATH_H
#define SC_VECTOR_MATH_H

void sc_exp_f32(long count, const float *x, float *y);       // clamped to -87...88
void sc_expm1_f32(long count, const float *x, float *y);     // clamped to -87...88
void sc_log_f32(long count, const float *x, float *y);       // normal x > 0
void sc_log1p_f32(long count, const float *x, float *y);     // x > -1
void sc_sigmoid_f32(long count, const float *x, float *y);   // 1 / (1 + exp(-x))
void sc_softplus_f32(long count, const float *x, float *y);  // log(1 + exp(x))
#endif
