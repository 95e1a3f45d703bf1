// The optimizers' updates of one flat run of weights.
#ifndef SC_OPTIMIZERS_H
#define SC_OPTIMIZERS_H

#define SC_OPTIMIZERS(SUFFIX, REAL)                                                                \
  /* m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= step · m / (sqrt(v) ·        \
     root_scale + epsilon) */                                                                      \
  void sc_adam_##SUFFIX(long count, REAL *w, const REAL *g, REAL *m, REAL *v, REAL beta1,          \
                        REAL beta2, REAL step, REAL root_scale, REAL epsilon);                     \
  /* m and v as above; top = max(top, v); w -= step · m / (sqrt(top) · root_scale + epsilon) */    \
  void sc_amsgrad_##SUFFIX(long count, REAL *w, const REAL *g, REAL *m, REAL *v, REAL *top,        \
                           REAL beta1, REAL beta2, REAL step, REAL root_scale, REAL epsilon);      \
  /* s = rho s + (1 - rho) g^2; d = sqrt(a + epsilon) / sqrt(s + epsilon) · g; a = rho a + (1 -    \
     rho) d^2; w -= rate · d */                                                                    \
  void sc_adadelta_##SUFFIX(long count, REAL *w, const REAL *g, REAL *s, REAL *a, REAL rho,        \
                            REAL rate, REAL epsilon);                                              \
  /* v = momentum · v - rate · g; w += v */                                                        \
  void sc_momentum_##SUFFIX(long count, REAL *w, const REAL *g, REAL *v, REAL momentum,            \
                            REAL rate);

SC_OPTIMIZERS(f32, float)
SC_OPTIMIZERS(f64, double)
#endif
