// The optimizers' updates of one flat run of weights.
#ifndef SC_OPTIMIZERS_H
#define SC_OPTIMIZERS_H

#define SC_OPTIMIZERS(SUFFIX, REAL)                                                                     \
  /* m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= step · m / (sqrt(v) · root_scale + epsilon) */ \
  void sc_adam_##SUFFIX(long count, REAL *w, const REAL *g, REAL *m, REAL *v, REAL beta1, REAL beta2, REAL step, \
                        REAL root_scale, REAL epsilon);

SC_OPTIMIZERS(f32, float)
SC_OPTIMIZERS(f64, double)
#endif
