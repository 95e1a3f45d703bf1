// One precision of scEMC's clustering losses: REAL, NAME(x) and FN(x) are set by both_precisions.h.

// q_i: u_ij over the row's sum, 0 on the diagonal. zt: the codes transposed (width × n). Returns
// the sum.
SC_INLINE REAL NAME(student_row)(long i, long n, long width, const REAL *z, const REAL *zt, REAL *restrict q) {
  for (long j = 0; j < n; j++) q[j] = (REAL)1;
  for (long d = 0; d < width; d++) {
    const REAL own = z[i * width + d];
    for (long j = 0; j < n; j++) q[j] += (own - zt[d * n + j]) * (own - zt[d * n + j]);
  }
  for (long j = 0; j < n; j++) q[j] = (REAL)1 / q[j];
  q[i] = 0;
  REAL sum = 0;
  for (long j = 0; j < n; j++) sum += q[j];
  for (long j = 0; j < n; j++) q[j] /= sum;
  return sum;
}

// Overwrites r, which holds 1 / (f_j S_i) · q_ij = p_ij / q_ij, by the gradient of the row's KL
// with respect to q_i; returns the KL. With `through_target` it includes the part through p that
// belongs to the row. The part through f_j is added to df.
SC_INLINE double NAME(kl_row)(long n, const REAL *q, const REAL *f, REAL total, bool through_target, REAL *restrict r,
                              REAL *restrict df) {
  double loss = 0;
  REAL mean = 0;
  for (long j = 0; j < n; j++) {
    const REAL p = q[j] * r[j], logarithm = FN(log)(FN(max)(r[j], (REAL)1e-30));
    loss += (double)(p * logarithm);
    mean += p * (logarithm + (REAL)1);
  }
  if (!through_target) {
    for (long j = 0; j < n; j++) r[j] = -r[j];
    return loss;
  }
  for (long j = 0; j < n; j++) {
    const REAL logarithm = FN(log)(FN(max)(r[j], (REAL)1e-30));
    const REAL dt = (logarithm + (REAL)1 - mean) / total, ratio = q[j] / f[j];
    df[j] -= dt * ratio * ratio;
    r[j] = (REAL)2 * dt * ratio - r[j];
  }
  return loss;
}

SC_DISPATCH double NAME(sc_pairwise_kl)(long n, long width, const REAL *z, REAL scale, bool through_target, REAL *dz,
                                        bool accumulate, REAL *scratch) {
  REAL *q = scratch, *g = q + n * n, *zt = g + n * n, *s = zt + n * width, *f = s + n, *df = f + n, *w = df + n;
  for (long i = 0; i < n; i++)
    for (long d = 0; d < width; d++) zt[d * n + i] = z[i * width + d];
  for (long j = 0; j < n; j++) f[j] = df[j] = 0;
  for (long i = 0; i < n; i++) {
    s[i] = NAME(student_row)(i, n, width, z, zt, q + i * n);
    for (long j = 0; j < n; j++) f[j] += q[i * n + j];
  }
  double loss = 0;
  for (long i = 0; i < n; i++) {
    const REAL *row = q + i * n;
    REAL total = 0;
    for (long j = 0; j < n; j++) total += row[j] * row[j] / f[j];
    for (long j = 0; j < n; j++) g[i * n + j] = row[j] / (f[j] * total);
    loss += NAME(kl_row)(n, row, f, total, through_target, g + i * n, df);
  }
  // From the gradient by q to that by the squared distances, -u^2 / s (g - sum_j g q), doubled for
  // the step to z.
  for (long i = 0; i < n; i++) {
    REAL inner = 0;
    for (long j = 0; j < n; j++) {
      g[i * n + j] += df[j];
      inner += g[i * n + j] * q[i * n + j];
    }
    for (long j = 0; j < n; j++)
      g[i * n + j] = (REAL)-2 * scale * s[i] * q[i * n + j] * q[i * n + j] * (g[i * n + j] - inner);
  }
  for (long i = 0; i < n; i++) {
    for (long j = 0; j < n; j++) w[j] = g[i * n + j] + g[j * n + i];
    for (long d = 0; d < width; d++) {
      const REAL own = z[i * width + d];
      REAL sum = 0;
      for (long j = 0; j < n; j++) sum += w[j] * (own - zt[d * n + j]);
      dz[i * width + d] = accumulate ? dz[i * width + d] + sum : sum;
    }
  }
  return loss;
}

SC_INLINE REAL NAME(squared_distance)(long width, const REAL *a, const REAL *b) {
  REAL distance = 0;
  for (long d = 0; d < width; d++) distance += (a[d] - b[d]) * (a[d] - b[d]);
  return distance;
}

SC_DISPATCH double NAME(sc_deep_kmeans)(long rows, long clusters, long width, const REAL *z, const REAL *centers,
                                        REAL scale, REAL *dz, bool accumulate, double *d_centers, REAL *scratch) {
  REAL *distance = scratch, *w = scratch + clusters;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    const REAL *zi = z + i * width;
    REAL *dzi = dz + i * width;
    if (!accumulate)
      for (long d = 0; d < width; d++) dzi[d] = 0;
    for (long j = 0; j < clusters; j++) distance[j] = NAME(squared_distance)(width, zi, centers + j * width);
    REAL least = distance[0], sum = 0, loss = 0;
    for (long j = 1; j < clusters; j++) least = FN(min)(least, distance[j]);
    for (long j = 0; j < clusters; j++) {
      w[j] = FN(exp)((REAL)-2 * (distance[j] - least));
      sum += w[j];
      loss += w[j] * distance[j];
    }
    loss /= sum;
    total += (double)loss;
    for (long j = 0; j < clusters; j++) {
      const REAL factor = (REAL)2 * scale * (w[j] / sum) * ((REAL)1 - (REAL)2 * (distance[j] - loss));
      for (long d = 0; d < width; d++) {
        const REAL step = factor * (zi[d] - centers[j * width + d]);
        dzi[d] += step;
        d_centers[j * width + d] -= (double)step;
      }
    }
  }
  return total;
}

SC_DISPATCH void NAME(sc_nearest_center)(long rows, long clusters, long width, const REAL *z, const REAL *centers,
                                         long *label) {
  for (long i = 0; i < rows; i++) {
    REAL least = 0;
    for (long j = 0; j < clusters; j++) {
      const REAL distance = NAME(squared_distance)(width, z + i * width, centers + j * width);
      if (j > 0 && !(distance < least)) continue;
      least = distance;
      label[i] = j;
    }
  }
}
