// Zero-inflated negative binomial negative log-likelihood with its gradient, in one sweep over a
// tile of cells × genes.
#ifndef SC_ZINB_H
#define SC_ZINB_H
#include <stdint.h>

// For a tile of `rows` cells (from cell `row_begin` of the counts) and `columns` genes (from gene
// `column_begin`). The pre-activations are a_pi, a_mean, a_disp (rows × columns each, row stride
// `ld`):
//   pi = sigmoid(a_pi), mean = size[i] * clip(exp(a_mean), 1e-5, 1e6)
//   disp = clip(softplus(a_disp), 1e-4, 1e4), e = 1e-10
//   x < 1e-8:  -log(pi + (1 - pi) (disp / (disp + mean + e))^disp + e)
//   else:      lgamma(disp + e) - lgamma(x + disp + e) + (disp + x) log(1 + mean / (disp + e))
//              + x (log(disp + e) - log(mean + e)) - log(1 - pi + e)
// The caller adds lgamma(x + 1), which does not depend on parameters. Overwrites the
// pre-activations by the gradient times `scale`; the clips pass the gradient inside their closed
// interval. Returns the sum of the losses, not scaled. Counts are compressed rows with rising
// columns. `scratch` holds 12 * columns numbers.
double sc_zinb_f32(long rows, long columns, long row_begin, long column_begin, float *a_pi, float *a_mean,
                   float *a_disp, long ld, const long *indptr, const int32_t *indices, const float *counts,
                   const float *size, float scale, float *scratch);
double sc_zinb_f64(long rows, long columns, long row_begin, long column_begin, double *a_pi, double *a_mean,
                   double *a_disp, long ld, const long *indptr, const int32_t *indices, const double *counts,
                   const double *size, double scale, double *scratch);

// With pi = sigmoid(a): g = scale · d pi^2 / d a = scale · 2 pi^2 (1 - pi). Returns the sum of
// pi^2, not scaled. g must not be a.
double sc_sigmoid_ridge_f32(long count, float scale, const float *a, float *g);
double sc_sigmoid_ridge_f64(long count, double scale, const double *a, double *g);
#endif
