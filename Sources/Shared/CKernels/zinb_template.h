// The ZINB sweep for one precision: REAL, NAME(x) and FN(x) are set by both_precisions.h.
//
// Zeros (nine in ten) and counts take different paths. A row is first computed as if all its counts
// were zero. The few non-zero entries, gathered beforehand, take the path with lgamma and digamma,
// and are then written over the result.

#include "gamma_ratio_template.h"

// The values that the heads' pre-activations mean.
typedef struct {
  // pi, 1 - pi, size · clip(exp(a_mean)), clip(softplus(a_disp))
  REAL pi, one_minus_pi, mean, disp;
  REAL d_mean, d_disp;                // d mean / d a_mean, d disp / d a_disp: 0 outside the clips
} NAME(Heads);

SC_INLINE NAME(Heads) NAME(heads)(REAL a_pi, REAL a_mean, REAL a_disp, REAL size) {
  NAME(Heads) h;
  const REAL tail = FN(exp)(-FN(abs)(a_pi));
  const REAL disp_tail = FN(exp)(-FN(abs)(a_disp));
  const REAL u = (REAL)1 + tail, v = (REAL)1 + disp_tail;
  const REAL both = (REAL)1 / (u * v);  // one division serves both sigmoids
  const REAL big = both * v, small = tail * big, inverse_v = both * u;
  h.pi = a_pi >= 0 ? big : small;
  h.one_minus_pi = a_pi >= 0 ? small : big;
  const REAL mean = FN(exp)(a_mean);
  const int mean_inside = mean >= (REAL)1e-5 && mean <= (REAL)1e6;
  h.mean = size * FN(min)(FN(max)(mean, (REAL)1e-5), (REAL)1e6);
  h.d_mean = mean_inside ? h.mean : (REAL)0;
  const REAL disp = FN(max)(a_disp, (REAL)0) + FN(log1p_of)(disp_tail, v, inverse_v);
  const int disp_inside = disp >= (REAL)1e-4 && disp <= (REAL)1e4;
  h.disp = FN(min)(FN(max)(disp, (REAL)1e-4), (REAL)1e4);
  h.d_disp = disp_inside ? (a_disp >= 0 ? inverse_v : disp_tail * inverse_v) : (REAL)0;
  return h;
}

// Count zero: -log(pi + (1 - pi) P + e) with P = (disp / (disp + mean + e))^disp.
SC_INLINE REAL NAME(zero)(REAL *a_pi, REAL *a_mean, REAL *a_disp, REAL size, REAL scale) {
  const NAME(Heads) h = NAME(heads)(*a_pi, *a_mean, *a_disp, size);
  const REAL mean_e = h.mean + EPS;
  const REAL sum = h.disp + mean_e;
  const REAL both = (REAL)1 / (h.disp * sum);
  const REAL total = both * h.disp, ratio = mean_e * (both * sum);  // 1 / sum, mean_e / disp
  const REAL log_ratio = FN(log1p_of)(ratio, (REAL)1 + ratio, h.disp * total);  // log(sum / disp)
  const REAL p_minus_1 = FN(expm1)(-h.disp * log_ratio);  // P - 1
  const REAL p = (REAL)1 + p_minus_1;
  const REAL likelihood = h.pi + h.one_minus_pi * p + EPS;
  const REAL inverse = scale / likelihood;
  const REAL d_p = -h.one_minus_pi * p * inverse;         // P · d loss / d P
  *a_pi = p_minus_1 * inverse * (h.pi * h.one_minus_pi);
  *a_mean = d_p * (-h.disp * total) * h.d_mean;
  *a_disp = d_p * (mean_e * total - log_ratio) * h.d_disp;
  return -FN(log)(likelihood);
}

// Count x > 0: -log NB - log(1 - pi + e), without lgamma(x + 1).
SC_INLINE REAL NAME(positive)(REAL *a_pi, REAL *a_mean, REAL *a_disp, REAL x, REAL size, REAL scale) {
  const NAME(Heads) h = NAME(heads)(*a_pi, *a_mean, *a_disp, size);
  const REAL t = h.disp + EPS, mean_e = h.mean + EPS;
  REAL lgamma_ratio, digamma_difference;
  NAME(gamma_ratio)(t, x, &lgamma_ratio, &digamma_difference);
  const REAL log_ratio = FN(log1p)(h.mean / t);
  const REAL total = (REAL)1 / (t + h.mean);
  const REAL d_mean = h.disp * (mean_e - x) * total / mean_e;
  const REAL d_disp = digamma_difference + log_ratio + (x - h.disp * (h.mean / t)) * total;
  const REAL keep = h.one_minus_pi + EPS;
  *a_pi = scale * h.pi * (h.one_minus_pi / keep);
  *a_mean = scale * d_mean * h.d_mean;
  *a_disp = scale * d_disp * h.d_disp;
  return lgamma_ratio + (h.disp + x) * log_ratio + x * FN(log)(t / mean_e) - FN(log)(keep);
}

// Computes one row of zeros; if `is_zero` is 0 the loss does not count. Sixteen partial sums keep
// the order fixed and the loop vectorisable.
SC_INLINE double NAME(zero_row)(long columns, REAL *restrict a_pi, REAL *restrict a_mean, REAL *restrict a_disp,
                                    const REAL *restrict is_zero, REAL *restrict loss, REAL size, REAL scale) {
  for (long j = 0; j < columns; j++)
    loss[j] = is_zero[j] * NAME(zero)(a_pi + j, a_mean + j, a_disp + j, size, scale);
  double sum[16] = {0};
  long j = 0;
  for (; j + 16 <= columns; j += 16)
    for (int lane = 0; lane < 16; lane++) sum[lane] += (double)loss[j + lane];
  for (; j < columns; j++) sum[0] += (double)loss[j];
  double total = 0;
  for (int lane = 0; lane < 16; lane++) total += sum[lane];
  return total;
}

SC_INLINE double NAME(positive_row)(long count, REAL *restrict a_pi, REAL *restrict a_mean, REAL *restrict a_disp,
                                        const REAL *restrict x, REAL *restrict loss, REAL size, REAL scale) {
  for (long k = 0; k < count; k++)
    loss[k] = NAME(positive)(a_pi + k, a_mean + k, a_disp + k, x[k], size, scale);
  double total = 0;
  for (long k = 0; k < count; k++) total += (double)loss[k];
  return total;
}

SC_DISPATCH double NAME(sc_zinb)(long rows, long columns, long row_begin, long column_begin, REAL *a_pi,
                                 REAL *a_mean, REAL *a_disp, long ld, const long *indptr,
                                 const int32_t *indices, const REAL *counts, const REAL *size, REAL scale,
                                 REAL *scratch) {
  REAL *is_zero = scratch, *loss = scratch + columns;
  REAL *pi = scratch + 2 * columns, *mean = scratch + 3 * columns, *disp = scratch + 4 * columns,
       *x = scratch + 5 * columns;
  int32_t *place = (int32_t *)(scratch + 6 * columns);
  for (long j = 0; j < columns; j++) is_zero[j] = 1;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    REAL *row_pi = a_pi + i * ld, *row_mean = a_mean + i * ld, *row_disp = a_disp + i * ld;
    const long end = indptr[row_begin + i + 1];
    long k = sc_first_at_least(indices, indptr[row_begin + i], end, column_begin), count = 0;
    for (; k < end && indices[k] < column_begin + columns; k++) {
      if (counts[k] < (REAL)1e-8) continue;
      const long j = indices[k] - column_begin;
      place[count] = (int32_t)j;
      pi[count] = row_pi[j];
      mean[count] = row_mean[j];
      disp[count] = row_disp[j];
      x[count] = counts[k];
      is_zero[j] = 0;
      count++;
    }
    const REAL s = size[row_begin + i];
    total += NAME(zero_row)(columns, row_pi, row_mean, row_disp, is_zero, loss, s, scale);
    total += NAME(positive_row)(count, pi, mean, disp, x, loss, s, scale);
    for (long c = 0; c < count; c++) {
      const long j = place[c];
      row_pi[j] = pi[c];
      row_mean[j] = mean[c];
      row_disp[j] = disp[c];
      is_zero[j] = 1;
    }
  }
  return total;
}

SC_DISPATCH double NAME(sc_sigmoid_ridge)(long count, REAL scale, const REAL *a, REAL *g) {
  double sum[16] = {0};
  for (long j = 0; j < count; j += 16) {
    const long width = count - j < 16 ? count - j : 16;
    for (long lane = 0; lane < width; lane++) {
      const REAL pi = FN(sigmoid)(a[j + lane]);
      g[j + lane] = scale * (REAL)2 * pi * pi * ((REAL)1 - pi);
      sum[lane] += (double)(pi * pi);
    }
  }
  double total = 0;
  for (int lane = 0; lane < 16; lane++) total += sum[lane];
  return total;
}
