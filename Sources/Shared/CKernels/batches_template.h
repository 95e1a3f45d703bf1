// One precision of the batches: REAL and NAME(x) are set by both_precisions.h.

void NAME(sc_take_sparse_rows)(long count, const long *rows, const long *indptr, const int32_t *indices,
                               const REAL *values, long *out_indptr, int32_t *out_indices, REAL *out_values) {
  long next = 0;
  for (long i = 0; i < count; i++) {
    const long begin = indptr[rows[i]], length = indptr[rows[i] + 1] - begin;
    out_indptr[i] = next;
    memcpy(out_indices + next, indices + begin, (size_t)length * sizeof(int32_t));
    memcpy(out_values + next, values + begin, (size_t)length * sizeof(REAL));
    next += length;
  }
  out_indptr[count] = next;
}

void NAME(sc_transpose_sparse)(long rows, long columns, const long *indptr, const int32_t *indices, const REAL *values,
                               long *out_indptr, int32_t *out_indices, REAL *out_values) {
  memset(out_indptr, 0, (size_t)(columns + 1) * sizeof(long));
  for (long k = 0; k < indptr[rows]; k++) out_indptr[indices[k] + 1]++;
  for (long j = 0; j < columns; j++) out_indptr[j + 1] += out_indptr[j];
  // Each start moves to its row's end while the entries are written, and is then moved back.
  for (long i = 0; i < rows; i++)
    for (long k = indptr[i]; k < indptr[i + 1]; k++) {
      const long place = out_indptr[indices[k]]++;
      out_indices[place] = (int32_t)i;
      out_values[place] = values[k];
    }
  memmove(out_indptr + 1, out_indptr, (size_t)columns * sizeof(long));
  out_indptr[0] = 0;
}

void NAME(sc_take_rows)(long count, const long *rows, long columns, const REAL *x, REAL *out) {
  for (long i = 0; i < count; i++)
    memcpy(out + i * columns, x + rows[i] * columns, (size_t)columns * sizeof(REAL));
}

SC_DISPATCH void NAME(sc_spread_rows)(long begin, long rows, long columns, const long *indptr, const int32_t *indices,
                                      const REAL *values, const REAL *shift, REAL *restrict out) {
  for (long i = 0; i < rows; i++) {
    REAL *row = out + i * columns;
    for (long j = 0; j < columns; j++) row[j] = -shift[j];
    for (long k = indptr[begin + i]; k < indptr[begin + i + 1]; k++) row[indices[k]] += values[k];
  }
}

SC_DISPATCH void NAME(sc_copy_columns)(long rows, long columns, const REAL *x, long ldx, REAL *restrict y, long ldy,
                                       bool accumulate) {
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) y[i * ldy + j] = accumulate ? y[i * ldy + j] + x[i * ldx + j] : x[i * ldx + j];
}
