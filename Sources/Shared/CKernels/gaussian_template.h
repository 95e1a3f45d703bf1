// Normal codes for one precision: REAL, NAME(x) and FN(x) are set by both_precisions.h.

SC_DISPATCH void NAME(sc_normal_sample)(long count, const REAL *mean, const REAL *log_variance, const REAL *noise,
                                        REAL *z) {
  for (long i = 0; i < count; i++) z[i] = mean[i] + FN(exp)((REAL)0.5 * log_variance[i]) * noise[i];
}

SC_DISPATCH void NAME(sc_normal_sample_backward)(long count, const REAL *restrict mean, const REAL *restrict z,
                                                 const REAL *restrict dz, REAL *restrict dl, bool accumulate) {
  if (accumulate)
    for (long i = 0; i < count; i++) dl[i] += (REAL)0.5 * dz[i] * (z[i] - mean[i]);
  else
    for (long i = 0; i < count; i++) dl[i] = (REAL)0.5 * dz[i] * (z[i] - mean[i]);
}

SC_DISPATCH double NAME(sc_gaussian_kl)(long count, const REAL *restrict mean, const REAL *restrict log_variance,
                                        REAL scale, REAL *restrict dmean, bool accumulate_mean,
                                        REAL *restrict dl, bool accumulate_log_variance) {
  double total = 0;
  for (long i = 0; i < count; i++) {
    const REAL growth = FN(expm1)(log_variance[i]);
    dmean[i] = (accumulate_mean ? dmean[i] : (REAL)0) + scale * mean[i];
    dl[i] = (accumulate_log_variance ? dl[i] : (REAL)0) + scale * (REAL)0.5 * growth;
    total += 0.5 * (double)(growth - log_variance[i] + mean[i] * mean[i]);
  }
  return total;
}
