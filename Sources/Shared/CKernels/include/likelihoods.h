// Negative log-likelihoods of variational autoencoders, with their gradients. They are for counts
// whose means are shares of a cell's total, and for peaks that are open or closed.
#ifndef SC_LIKELIHOODS_H
#define SC_LIKELIHOODS_H
#include <stdint.h>

#define SC_LIKELIHOODS(SUFFIX, REAL)                                                               \
  /* For `rows` cells (from cell `row_begin` of the counts) and all `columns` genes. The           \
     pre-activations are a_share, a_disp and, if not null, a_drop (rows × columns each,            \
     contiguous):                                                                                  \
       mean = size[i] · softmax_j(a_share), disp = exp(a_disp limited to ±25), e = 1e-8,           \
       L = log(disp + mean + e), r = disp (log(disp + e) - L)                                      \
     Without a_drop:                                                                               \
       nb(x) = -(r + x (log(mean + e) - L) + lgamma(x + disp) - lgamma(disp))                      \
     With it, o = a_drop:                                                                          \
       x < 1e-8: softplus(-o) - softplus(r - o);  else: nb(x) + softplus(o)                        \
     The caller adds lgamma(x + 1), which does not depend on parameters. The softmax takes two     \
     passes over a row, and its gradient a third: d a_share = g - softmax · sum_j g. That sum is   \
     the gradient by log(size[i]): it is g_log_size[i], times `scale`, if not null. Overwrites the \
     pre-activations by the gradients times `scale`. Returns the sum of the losses, not scaled.    \
     Counts are compressed rows with rising columns. `scratch` holds 8 * columns numbers. */       \
  double sc_scaled_nb_##SUFFIX(long rows, long columns, long row_begin, REAL *a_share,             \
                               REAL *a_disp, REAL *a_drop, const long *indptr,                     \
                               const int32_t *indices, const REAL *counts, const REAL *size,       \
                               REAL *g_log_size, REAL scale, REAL *scratch);                       \
  /* For the same rows, with pre-activations a (rows × columns), p = sigmoid(a), e = 1e-8. The     \
     loss is -log(p + e) for a count above 1e-8, else -log(1 - p + e), summed over rows and        \
     columns. Overwrites a by the gradient times `scale`. Returns the sum, not scaled. `scratch`   \
     holds 5 * columns numbers. */                                                                 \
  double sc_bernoulli_##SUFFIX(long rows, long columns, long row_begin, REAL *a,                   \
                               const long *indptr, const int32_t *indices, const REAL *counts,     \
                               REAL scale, REAL *scratch);

SC_LIKELIHOODS(f32, float)
SC_LIKELIHOODS(f64, double)
#endif
