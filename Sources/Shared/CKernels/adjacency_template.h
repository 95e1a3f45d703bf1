// One precision of the adjacency loss: REAL, NAME(x) and FN(x) are set by both_precisions.h. A row
// is swept as if it had no edge; its few edges, whose logits are kept aside, are corrected
// afterwards.

SC_INLINE double NAME(lane_sum)(long count, const REAL *values) {
  double sum[16] = {0};
  long j = 0;
  for (; j + 16 <= count; j += 16)
    for (int lane = 0; lane < 16; lane++) sum[lane] += (double)values[j + lane];
  for (; j < count; j++) sum[0] += (double)values[j];
  double total = 0;
  for (int lane = 0; lane < 16; lane++) total += sum[lane];
  return total;
}

SC_DISPATCH double NAME(sc_adjacency)(long rows, long columns, long row_begin, long column_begin, REAL *logits,
                                      long ld, const long *indptr, const int32_t *indices, REAL scale,
                                      REAL own, REAL *scratch) {
  REAL *edge_logit = scratch, *loss = scratch + columns;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    REAL *restrict row = logits + i * ld;
    const long end = indptr[row_begin + i + 1];
    const long begin = sc_first_at_least(indices, indptr[row_begin + i], end, column_begin);
    long k = begin;
    for (; k < end && indices[k] < column_begin + columns; k++)
      edge_logit[k - begin] = row[indices[k] - column_begin];
    const long edges = k - begin;
    const long self = row_begin + i - column_begin;
    const int has_self = self >= 0 && self < columns;
    const REAL self_logit = has_self ? row[self] : (REAL)0;
    REAL self_value = 0;
    for (long j = 0; j < columns; j++) {
      const REAL s = FN(sigmoid)(row[j]);
      loss[j] = s * s;
      row[j] = (REAL)2 * scale * s * s * ((REAL)1 - s);
    }
    total += NAME(lane_sum)(columns, loss);
    for (long e = 0; e < edges; e++) {
      const REAL s = FN(sigmoid)(edge_logit[e]);
      row[indices[begin + e] - column_begin] = (REAL)2 * scale * (s - (REAL)1) * s * ((REAL)1 - s);
      total += (double)((REAL)1 - (REAL)2 * s);
      if (indices[begin + e] - column_begin == self) self_value = 1;
    }
    if (has_self) {
      const REAL residual = self_value - FN(sigmoid)(self_logit);
      total += (double)((own - (REAL)1) * residual * residual);
      row[self] *= own;
    }
  }
  return total;
}
