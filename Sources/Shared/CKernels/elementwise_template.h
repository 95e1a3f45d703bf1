// One precision of the small sweeps: REAL, NAME(x) and FN(x) are set by both_precisions.h.

SC_DISPATCH void NAME(sc_add_bias)(long rows, long columns, REAL *x, const REAL *bias, bool rectify) {
  for (long i = 0; i < rows; i++) {
    REAL *restrict row = x + i * columns;
    for (long j = 0; j < columns; j++) {
      const REAL y = row[j] + bias[j];
      row[j] = rectify ? FN(max)(y, (REAL)0) : y;
    }
  }
}

SC_DISPATCH void NAME(sc_scale_rows)(long rows, long columns, REAL *x, const REAL *scale) {
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) x[i * columns + j] *= scale[i];
}

SC_DISPATCH void NAME(sc_relu)(long count, const REAL *x, REAL *restrict y) {
  for (long i = 0; i < count; i++) y[i] = FN(max)(x[i], (REAL)0);
}

SC_DISPATCH void NAME(sc_relu_backward)(long count, const REAL *y, const REAL *dy, REAL *dx, bool accumulate) {
  if (accumulate)
    for (long i = 0; i < count; i++) dx[i] += y[i] > 0 ? dy[i] : (REAL)0;
  else
    for (long i = 0; i < count; i++) dx[i] = y[i] > 0 ? dy[i] : (REAL)0;
}

SC_DISPATCH void NAME(sc_tanh)(long count, const REAL *x, REAL *y) {
  for (long i = 0; i < count; i++) y[i] = FN(tanh)(x[i]);
}

SC_DISPATCH void NAME(sc_tanh_backward)(long count, const REAL *y, const REAL *dy, REAL *dx, bool accumulate) {
  for (long i = 0; i < count; i++) {
    const REAL g = dy[i] * ((REAL)1 - y[i] * y[i]);
    dx[i] = accumulate ? dx[i] + g : g;
  }
}

SC_DISPATCH void NAME(sc_clamp)(long count, REAL limit, REAL *x) {
  for (long i = 0; i < count; i++) x[i] = FN(max)(FN(min)(x[i], limit), -limit);
}

SC_DISPATCH void NAME(sc_column_sums)(long rows, long columns, const REAL *x, REAL *sum, double *scratch, bool accumulate) {
  enum { BLOCK = 64, STRIP = 64 };
  for (long j = 0; j < columns; j++) scratch[j] = accumulate ? (double)sum[j] : 0;
  for (long begin = 0; begin < rows; begin += BLOCK) {
    const long end = begin + BLOCK < rows ? begin + BLOCK : rows;
    for (long j = 0; j < columns; j += STRIP) {
      const long width = j + STRIP < columns ? STRIP : columns - j;
      REAL partial[STRIP] = {0};
      for (long i = begin; i < end; i++)
        for (long c = 0; c < width; c++) partial[c] += x[i * columns + j + c];
      for (long c = 0; c < width; c++) scratch[j + c] += (double)partial[c];
    }
  }
  for (long j = 0; j < columns; j++) sum[j] = (REAL)scratch[j];
}

SC_DISPATCH void NAME(sc_multiply)(long count, const REAL *x, const REAL *mask, REAL *restrict y, bool accumulate) {
  if (accumulate)
    for (long i = 0; i < count; i++) y[i] += x[i] * mask[i];
  else
    for (long i = 0; i < count; i++) y[i] = x[i] * mask[i];
}

SC_DISPATCH void NAME(sc_axpy)(long count, REAL factor, const REAL *x, REAL *y, bool accumulate) {
  if (accumulate)
    for (long i = 0; i < count; i++) y[i] += factor * x[i];
  else
    for (long i = 0; i < count; i++) y[i] = factor * x[i];
}

SC_DISPATCH void NAME(sc_softmax)(long rows, long columns, const REAL *x, REAL *restrict y) {
  for (long i = 0; i < rows; i++) {
    const REAL *from = x + i * columns;
    REAL *to = y + i * columns;
    REAL top = columns > 0 ? from[0] : (REAL)0, sum = 0;
    for (long j = 1; j < columns; j++) top = FN(max)(top, from[j]);
    for (long j = 0; j < columns; j++) to[j] = FN(exp)(from[j] - top);
    for (long j = 0; j < columns; j++) sum += to[j];
    for (long j = 0; j < columns; j++) to[j] /= sum;
  }
}

SC_DISPATCH void NAME(sc_softmax_backward)(long rows, long columns, const REAL *y, const REAL *dy, REAL *restrict dx,
                                           bool accumulate) {
  for (long i = 0; i < rows; i++) {
    REAL inner = 0;
    for (long j = 0; j < columns; j++) inner += y[i * columns + j] * dy[i * columns + j];
    for (long j = 0; j < columns; j++) {
      const REAL g = y[i * columns + j] * (dy[i * columns + j] - inner);
      dx[i * columns + j] = accumulate ? dx[i * columns + j] + g : g;
    }
  }
}
