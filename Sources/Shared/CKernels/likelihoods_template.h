// The likelihoods for one precision: REAL, NAME(x) and FN(x) are set by both_precisions.h.
//
// Zeros and counts take different paths, as in the ZINB sweep. A row is first computed as if it had
// no counts. The few entries take a separate path and are then written over the result.

#include "gamma_ratio_template.h"

// The sum in sixteen lanes: a fixed order that is one SIMD loop.
SC_INLINE double NAME(lane_sum)(long count, const REAL *x) {
  double sum[LANES] = {0};
  long j = 0;
  for (; j + LANES <= count; j += LANES)
    for (int lane = 0; lane < LANES; lane++) sum[lane] += (double)x[j + lane];
  for (; j < count; j++) sum[0] += (double)x[j];
  double total = 0;
  for (int lane = 0; lane < LANES; lane++) total += sum[lane];
  return total;
}

// softmax(a), of a row.
SC_INLINE void NAME(shares)(long columns, const REAL *restrict a, REAL *restrict share) {
  REAL top[LANES], largest = a[0];
  for (int lane = 0; lane < LANES; lane++) top[lane] = a[0];
  long j = 0;
  for (; j + LANES <= columns; j += LANES)
    for (int lane = 0; lane < LANES; lane++) top[lane] = FN(max)(top[lane], a[j + lane]);
  for (; j < columns; j++) top[0] = FN(max)(top[0], a[j]);
  for (int lane = 0; lane < LANES; lane++) largest = FN(max)(largest, top[lane]);
  for (j = 0; j < columns; j++) share[j] = FN(exp)(a[j] - largest);
  const REAL inverse = (REAL)(1 / NAME(lane_sum)(columns, share));
  for (j = 0; j < columns; j++) share[j] *= inverse;
}

typedef struct {
  REAL mean, disp, inverse_disp, inverse_total;  // disp + e and disp + mean + e, inverted
  REAL log_ratio;                                // log((disp + mean + e) / (disp + e))
  REAL d_disp;                                   // d disp / d a_disp: 0 beyond the limits
} NAME(Scaled);

SC_INLINE NAME(Scaled) NAME(scaled)(REAL share, REAL a_disp, REAL size) {
  NAME(Scaled) h;
  const REAL limited = FN(min)(FN(max)(a_disp, -LARGEST_LOG_DISPERSION), LARGEST_LOG_DISPERSION);
  h.mean = size * share;
  h.disp = FN(exp)(limited);
  h.inverse_disp = (REAL)1 / (h.disp + EPS);
  h.inverse_total = (REAL)1 / (h.disp + h.mean + EPS);
  h.log_ratio = FN(log1p)(h.mean * h.inverse_disp);
  h.d_disp = limited == a_disp ? h.disp : (REAL)0;
  return h;
}

// d (disp · log_ratio) by log mean and by a_disp.
SC_INLINE REAL NAME(ratio_by_mean)(NAME(Scaled) h) { return h.disp * h.mean * h.inverse_total; }
SC_INLINE REAL NAME(ratio_by_disp)(NAME(Scaled) h) {
  return (h.log_ratio - h.disp * h.inverse_disp * (h.mean * h.inverse_total)) * h.d_disp;
}

// Count zero: disp · log_ratio; the gradient by log mean overwrites the share.
SC_INLINE REAL NAME(nb_zero)(REAL share, REAL *g_share, REAL *a_disp, REAL size, REAL scale) {
  const NAME(Scaled) h = NAME(scaled)(share, *a_disp, size);
  *g_share = scale * NAME(ratio_by_mean)(h);
  *a_disp = scale * NAME(ratio_by_disp)(h);
  return h.disp * h.log_ratio;
}

// Count zero with a dropout: softplus(-o) - softplus(-o - disp · log_ratio).
SC_INLINE REAL NAME(zinb_zero)(REAL share, REAL *g_share, REAL *a_disp, REAL *a_drop, REAL size, REAL scale) {
  const NAME(Scaled) h = NAME(scaled)(share, *a_disp, size);
  const REAL o = *a_drop, t = -o - h.disp * h.log_ratio, open = FN(sigmoid)(t);
  *g_share = scale * open * NAME(ratio_by_mean)(h);
  *a_disp = scale * open * NAME(ratio_by_disp)(h);
  *a_drop = scale * (open - FN(sigmoid)(-o));
  return FN(softplus)(-o) - FN(softplus)(t);
}

// Count x > 0, without lgamma(x + 1).
SC_INLINE REAL NAME(nb_positive)(REAL share, REAL *g_share, REAL *a_disp, REAL x, REAL size, REAL scale) {
  const NAME(Scaled) h = NAME(scaled)(share, *a_disp, size);
  REAL lgamma_ratio, digamma_difference;
  NAME(gamma_ratio)(h.disp, x, &lgamma_ratio, &digamma_difference);
  const REAL mean_e = h.mean + EPS;
  *g_share = scale * (NAME(ratio_by_mean)(h) + x * (h.mean * h.inverse_total - h.mean / mean_e));
  *a_disp = scale * (NAME(ratio_by_disp)(h) + (x * h.inverse_total + digamma_difference) * h.d_disp);
  return h.disp * h.log_ratio - x * FN(log)(mean_e * h.inverse_total) + lgamma_ratio;
}

SC_DISPATCH double NAME(sc_scaled_nb)(long rows, long columns, long row_begin, REAL *a_share, REAL *a_disp,
                                      REAL *a_drop, const long *indptr, const int32_t *indices,
                                      const REAL *counts, const REAL *size, REAL *g_log_size, REAL scale,
                                      REAL *scratch) {
  REAL *restrict is_zero = scratch, *restrict loss = scratch + columns, *restrict share = scratch + 2 * columns;
  REAL *restrict g = scratch + 3 * columns, *restrict disp = scratch + 4 * columns,
       *restrict drop = scratch + 5 * columns, *restrict x = scratch + 6 * columns;
  int32_t *place = (int32_t *)(scratch + 7 * columns);
  for (long j = 0; j < columns; j++) is_zero[j] = 1;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    REAL *restrict row_share = a_share + i * columns, *restrict row_disp = a_disp + i * columns;
    REAL *restrict row_drop = a_drop ? a_drop + i * columns : 0;
    const REAL s = size[row_begin + i];
    NAME(shares)(columns, row_share, share);
    long count = 0;
    for (long k = indptr[row_begin + i]; k < indptr[row_begin + i + 1]; k++) {
      if (counts[k] < (REAL)1e-8) continue;
      const int32_t j = indices[k];
      place[count] = j;
      disp[count] = row_disp[j];
      if (row_drop) drop[count] = row_drop[j];
      x[count] = counts[k];
      is_zero[j] = 0;
      count++;
    }
    if (row_drop)
      for (long j = 0; j < columns; j++)
        loss[j] = is_zero[j] * NAME(zinb_zero)(share[j], row_share + j, row_disp + j, row_drop + j, s, scale);
    else
      for (long j = 0; j < columns; j++)
        loss[j] = is_zero[j] * NAME(nb_zero)(share[j], row_share + j, row_disp + j, s, scale);
    total += NAME(lane_sum)(columns, loss);
    for (long c = 0; c < count; c++)
      loss[c] = NAME(nb_positive)(share[place[c]], g + c, disp + c, x[c], s, scale);
    if (row_drop)
      for (long c = 0; c < count; c++) {
        loss[c] += FN(softplus)(drop[c]);
        drop[c] = scale * FN(sigmoid)(drop[c]);
      }
    total += NAME(lane_sum)(count, loss);
    for (long c = 0; c < count; c++) {
      const long j = place[c];
      row_share[j] = g[c];
      row_disp[j] = disp[c];
      if (row_drop) row_drop[j] = drop[c];
      is_zero[j] = 1;
    }
    const REAL sum = (REAL)NAME(lane_sum)(columns, row_share);
    if (g_log_size) g_log_size[row_begin + i] = sum;
    for (long j = 0; j < columns; j++) row_share[j] -= share[j] * sum;
  }
  return total;
}

typedef struct {
  REAL p, q;  // sigmoid(a) and 1 - sigmoid(a), each to full precision
} NAME(Chance);

SC_INLINE NAME(Chance) NAME(chance)(REAL a) {
  const REAL tail = FN(exp)(-FN(abs)(a)), big = (REAL)1 / ((REAL)1 + tail), small = tail * big;
  NAME(Chance) c;
  c.p = a >= 0 ? big : small;
  c.q = a >= 0 ? small : big;
  return c;
}

SC_DISPATCH double NAME(sc_bernoulli)(long rows, long columns, long row_begin, REAL *a, const long *indptr,
                                      const int32_t *indices, const REAL *counts, REAL scale, REAL *scratch) {
  REAL *restrict is_closed = scratch, *restrict loss = scratch + columns, *restrict open = scratch + 2 * columns;
  int32_t *place = (int32_t *)(scratch + 3 * columns);
  for (long j = 0; j < columns; j++) is_closed[j] = 1;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    REAL *restrict row = a + i * columns;
    long count = 0;
    for (long k = indptr[row_begin + i]; k < indptr[row_begin + i + 1]; k++) {
      if (counts[k] < (REAL)1e-8) continue;
      place[count] = indices[k];
      open[count] = row[indices[k]];
      is_closed[indices[k]] = 0;
      count++;
    }
    for (long j = 0; j < columns; j++) {
      const NAME(Chance) c = NAME(chance)(row[j]);
      const REAL kept = c.q + EPS;
      row[j] = scale * c.p * (c.q / kept);
      loss[j] = -is_closed[j] * FN(log)(kept);
    }
    total += NAME(lane_sum)(columns, loss);
    for (long k = 0; k < count; k++) {
      const NAME(Chance) c = NAME(chance)(open[k]);
      const REAL kept = c.p + EPS;
      open[k] = -scale * c.q * (c.p / kept);
      loss[k] = -FN(log)(kept);
    }
    total += NAME(lane_sum)(count, loss);
    for (long k = 0; k < count; k++) {
      row[place[k]] = open[k];
      is_closed[place[k]] = 1;
    }
  }
  return total;
}
