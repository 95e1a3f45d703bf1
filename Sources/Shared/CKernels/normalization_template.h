// One precision of the normalizations: REAL, NAME(x) and FN(x) are set by both_precisions.h. Sums
// over rows are in double and in the rows' order: a batch is small, and running statistics live
// long.

SC_DISPATCH void NAME(sc_column_moments)(long rows, long columns, const REAL *x, double *restrict mean,
                                         double *restrict variance) {
  for (long j = 0; j < columns; j++) mean[j] = variance[j] = 0;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) mean[j] += (double)x[i * columns + j];
  for (long j = 0; j < columns; j++) mean[j] /= (double)rows;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      const double difference = (double)x[i * columns + j] - mean[j];
      variance[j] += difference * difference;
    }
  for (long j = 0; j < columns; j++) variance[j] /= (double)rows;
}

SC_DISPATCH void NAME(sc_batch_norm)(long rows, long columns, const REAL *x, const REAL *mean, const REAL *inverse,
                                     const REAL *gamma, const REAL *beta, REAL *restrict y) {
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++)
      y[i * columns + j] = (x[i * columns + j] - mean[j]) * inverse[j] * gamma[j] + beta[j];
}

SC_DISPATCH void NAME(sc_batch_norm_sums)(long rows, long columns, const REAL *x, const REAL *dy, const REAL *mean,
                                          const REAL *inverse, double *restrict sums) {
  for (long j = 0; j < 2 * columns; j++) sums[j] = 0;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      const REAL g = dy[i * columns + j];
      sums[j] += (double)g;
      sums[columns + j] += (double)(g * ((x[i * columns + j] - mean[j]) * inverse[j]));
    }
}

SC_DISPATCH void NAME(sc_batch_norm_backward)(long rows, long columns, const REAL *x, const REAL *dy, const REAL *mean,
                                              const REAL *inverse, const REAL *gamma, const double *sums,
                                              bool constant, REAL *restrict dx, bool accumulate) {
  const double share = constant ? 0 : 1 / (double)rows;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      const REAL xhat = (x[i * columns + j] - mean[j]) * inverse[j];
      const REAL outer = dy[i * columns + j] - (REAL)(sums[j] * share) - xhat * (REAL)(sums[columns + j] * share);
      const REAL g = gamma[j] * inverse[j] * outer;
      dx[i * columns + j] = accumulate ? dx[i * columns + j] + g : g;
    }
}

// The row's mean, and 1 / sqrt(variance + epsilon).
SC_INLINE REAL NAME(row_moments)(long columns, const REAL *x, REAL epsilon, REAL *inverse) {
  double mean = 0, variance = 0;
  for (long j = 0; j < columns; j++) mean += (double)x[j];
  mean /= (double)columns;
  for (long j = 0; j < columns; j++) variance += ((double)x[j] - mean) * ((double)x[j] - mean);
  *inverse = (REAL)(1 / __builtin_sqrt(variance / (double)columns + (double)epsilon));
  return (REAL)mean;
}

SC_DISPATCH void NAME(sc_layer_norm)(long rows, long columns, const REAL *x, const REAL *gamma, const REAL *beta,
                                     REAL epsilon, REAL *restrict y) {
  for (long i = 0; i < rows; i++) {
    REAL inverse;
    const REAL mean = NAME(row_moments)(columns, x + i * columns, epsilon, &inverse);
    for (long j = 0; j < columns; j++)
      y[i * columns + j] = (x[i * columns + j] - mean) * inverse * gamma[j] + beta[j];
  }
}

SC_DISPATCH void NAME(sc_layer_norm_backward)(long rows, long columns, const REAL *x, const REAL *dy, const REAL *gamma,
                                              REAL epsilon, double *restrict sums, REAL *restrict dx,
                                              bool accumulate) {
  for (long j = 0; j < 2 * columns; j++) sums[j] = 0;
  for (long i = 0; i < rows; i++) {
    REAL inverse;
    const REAL mean = NAME(row_moments)(columns, x + i * columns, epsilon, &inverse);
    double first = 0, second = 0;
    for (long j = 0; j < columns; j++) {
      const REAL xhat = (x[i * columns + j] - mean) * inverse, outer = dy[i * columns + j];
      sums[j] += (double)outer;
      sums[columns + j] += (double)(outer * xhat);
      first += (double)(outer * gamma[j]);
      second += (double)(outer * gamma[j] * xhat);
    }
    const REAL mean_g = (REAL)(first / (double)columns), mean_gx = (REAL)(second / (double)columns);
    for (long j = 0; j < columns; j++) {
      const REAL xhat = (x[i * columns + j] - mean) * inverse;
      const REAL g = inverse * (dy[i * columns + j] * gamma[j] - mean_g - xhat * mean_gx);
      dx[i * columns + j] = accumulate ? dx[i * columns + j] + g : g;
    }
  }
}

SC_DISPATCH void NAME(sc_store_sums)(long count, const double *sums, REAL *out, bool accumulate) {
  for (long j = 0; j < count; j++) out[j] = (REAL)((accumulate ? (double)out[j] : 0) + sums[j]);
}

SC_DISPATCH void NAME(sc_elu)(long count, const REAL *x, REAL *y) {
  for (long i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : FN(expm1)(FN(min)(x[i], (REAL)0));
}

SC_DISPATCH void NAME(sc_elu_backward)(long count, const REAL *y, const REAL *dy, REAL *dx, bool accumulate) {
  for (long i = 0; i < count; i++) {
    const REAL g = dy[i] * (FN(min)(y[i], (REAL)0) + (REAL)1);
    dx[i] = accumulate ? dx[i] + g : g;
  }
}
