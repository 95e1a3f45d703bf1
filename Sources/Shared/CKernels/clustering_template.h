// One precision of the soft assignment: REAL, NAME(x) and FN(x) are set by both_precisions.h.

// u[j] = (1 + |z - c_j|^2)^-1; returns their sum.
SC_INLINE REAL NAME(kernel_row)(long clusters, long width, const REAL *z, const REAL *centers, REAL *u) {
  REAL sum = 0;
  for (long j = 0; j < clusters; j++) {
    REAL distance = 0;
    for (long d = 0; d < width; d++) {
      const REAL difference = z[d] - centers[j * width + d];
      distance += difference * difference;
    }
    u[j] = (REAL)1 / ((REAL)1 + distance);
    sum += u[j];
  }
  return sum;
}

SC_DISPATCH void NAME(sc_soft_assignment)(long rows, long clusters, long width, const REAL *z, const REAL *centers,
                                          REAL *p) {
  for (long i = 0; i < rows; i++) {
    const REAL sum = NAME(kernel_row)(clusters, width, z + i * width, centers, p + i * clusters);
    for (long j = 0; j < clusters; j++) p[i * clusters + j] /= sum;
  }
}

// Adds the gradients that follow from g[j] = dL/dp[j] for one row to dz and d_centers. p are its
// shares and mean = sum_j g[j] p[j].
SC_INLINE void NAME(pull_row)(long clusters, long width, const REAL *z, const REAL *centers, const REAL *u,
                              const REAL *p, const REAL *g, REAL mean, REAL scale, REAL *dz, double *d_centers) {
  for (long j = 0; j < clusters; j++) {
    const REAL factor = (REAL)-2 * scale * u[j] * p[j] * (g[j] - mean);
    for (long d = 0; d < width; d++) {
      const REAL step = factor * (z[d] - centers[j * width + d]);
      dz[d] += step;
      d_centers[j * width + d] -= (double)step;
    }
  }
}

SC_DISPATCH double NAME(sc_assignment_kl)(long rows, long clusters, long width, const REAL *z, const REAL *centers,
                                          const uint8_t *reliable, REAL floor, REAL scale, REAL *dz,
                                          int accumulate, double *d_centers, REAL *scratch) {
  REAL *u = scratch, *p = scratch + clusters, *g = scratch + 2 * clusters;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    const REAL *zi = z + i * width;
    REAL *dzi = dz + i * width;
    if (!accumulate)
      for (long d = 0; d < width; d++) dzi[d] = 0;
    if (!reliable[i]) continue;
    const REAL sum = NAME(kernel_row)(clusters, width, zi, centers, u);
    REAL mean = 0, loss = 0;
    long target = 0;
    for (long j = 1; j < clusters; j++)
      if (u[j] > u[target]) target = j;
    for (long j = 0; j < clusters; j++) {
      p[j] = u[j] / sum;
      const REAL clipped = FN(max)(p[j], floor);
      const REAL q = j == target ? (REAL)1 : floor;
      const REAL ratio = FN(log)(clipped / q);
      loss += clipped * ratio;
      g[j] = p[j] >= floor ? ratio + (REAL)1 : (REAL)0;
      mean += g[j] * p[j];
    }
    total += (double)loss;
    NAME(pull_row)(clusters, width, zi, centers, u, p, g, mean, scale, dzi, d_centers);
  }
  return total;
}

SC_DISPATCH double NAME(sc_target_kl)(long rows, long clusters, long width, const REAL *z, const REAL *centers,
                                      const REAL *targets, REAL floor, bool clips, REAL scale, REAL *dz,
                                      bool accumulate, double *d_centers, REAL *scratch) {
  REAL *u = scratch, *q = scratch + clusters, *g = scratch + 2 * clusters;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    const REAL *zi = z + i * width, *target = targets + i * clusters;
    REAL *dzi = dz + i * width;
    if (!accumulate)
      for (long d = 0; d < width; d++) dzi[d] = 0;
    const REAL sum = NAME(kernel_row)(clusters, width, zi, centers, u);
    REAL mean = 0, loss = 0;
    for (long j = 0; j < clusters; j++) {
      q[j] = u[j] / sum;
      const REAL p = clips ? FN(max)(target[j], floor) : target[j];
      const REAL divisor = clips ? FN(max)(q[j], floor) : q[j] + floor;
      // A share of 0 costs nothing: 0 log 0 = 0.
      if (p > 0) loss += p * FN(log)(p / divisor);
      g[j] = clips && q[j] < floor ? (REAL)0 : -p / divisor;
      mean += g[j] * q[j];
    }
    total += (double)loss;
    NAME(pull_row)(clusters, width, zi, centers, u, q, g, mean, scale, dzi, d_centers);
  }
  return total;
}

SC_DISPATCH double NAME(sc_target_bce)(long rows, long clusters, long width, const REAL *z, const REAL *centers,
                                       const REAL *targets, REAL floor, REAL scale, REAL *dz, bool accumulate,
                                       double *d_centers, REAL *scratch) {
  REAL *u = scratch, *q = scratch + clusters, *g = scratch + 2 * clusters;
  double total = 0;
  for (long i = 0; i < rows; i++) {
    const REAL *zi = z + i * width, *target = targets + i * clusters;
    REAL *dzi = dz + i * width;
    if (!accumulate)
      for (long d = 0; d < width; d++) dzi[d] = 0;
    REAL mass = 0;
    for (long j = 0; j < clusters; j++) mass += target[j];
    if (mass == 0) continue;
    const REAL sum = NAME(kernel_row)(clusters, width, zi, centers, u);
    REAL mean = 0, loss = 0;
    for (long j = 0; j < clusters; j++) {
      const REAL share = u[j] / sum, rest = (sum - u[j]) / sum;
      const REAL own = FN(max)(share, floor), other = FN(max)(rest, floor), p = target[j];
      q[j] = share;
      loss -= p * FN(log)(own) + ((REAL)1 - p) * FN(log)(other);
      g[j] = (rest < floor ? (REAL)0 : ((REAL)1 - p) / other) - (share < floor ? (REAL)0 : p / own);
      mean += g[j] * q[j];
    }
    total += (double)loss;
    NAME(pull_row)(clusters, width, zi, centers, u, q, g, mean, scale, dzi, d_centers);
  }
  return total;
}

SC_DISPATCH double NAME(sc_softmax_kl)(long rows, long clusters, const REAL *x, const REAL *targets, REAL scale,
                                       REAL *restrict dx, bool accumulate) {
  double total = 0;
  for (long i = 0; i < rows; i++) {
    const REAL *xi = x + i * clusters, *target = targets + i * clusters;
    REAL *dxi = dx + i * clusters;
    REAL top = clusters > 0 ? xi[0] : (REAL)0, sum = 0, mass = 0, loss = 0;
    for (long j = 1; j < clusters; j++) top = FN(max)(top, xi[j]);
    for (long j = 0; j < clusters; j++) {
      sum += FN(exp)(xi[j] - top);
      mass += target[j];
    }
    const REAL height = top + FN(log)(sum);
    for (long j = 0; j < clusters; j++) {
      const REAL p = target[j], pull = scale * (mass * FN(exp)(xi[j] - top) / sum - p);
      if (p > 0) loss += p * (FN(log)(p) - (xi[j] - height));
      dxi[j] = accumulate ? dxi[j] + pull : pull;
    }
    total += (double)loss;
  }
  return total;
}
