// The two clustering losses of scEMC on a batch of codes, with their gradients.
#ifndef SC_DEEP_CLUSTERING_H
#define SC_DEEP_CLUSTERING_H
#include <stdbool.h>

#define SC_DEEP_CLUSTERING(SUFFIX, REAL)                                                           \
  /* sum_i KL(p_i || q_i) over n codes z (n × width), without the division by n. u_ij = (1 + |z_i  \
     - z_j|^2)^-1 for i != j. q = u, rows divided by their sums. p_ij = q_ij^2 / sum_i q_ij, rows  \
     divided by their sums. Writes scale times the gradient to dz (added if `accumulate`). p is    \
     held constant unless `through_target`. n >= 2. scratch: 2 n^2 + n width + 4 n numbers. */     \
  double sc_pairwise_kl_##SUFFIX(long n, long width, const REAL *z, REAL scale,                    \
                                 bool through_target, REAL *dz, bool accumulate, REAL *scratch);   \
  /* sum_i sum_j w_ij d_ij with d_ij = |z_i - c_j|^2. w = softmax(-d) squared and divided by the   \
     rows' sums, which is softmax(-2 d). Writes scale times the gradient, through d and w, to dz   \
     (added if `accumulate`). Adds it to d_centers (clusters × width). scratch: 2 clusters         \
     numbers. */                                                                                   \
  double sc_deep_kmeans_##SUFFIX(long rows, long clusters, long width, const REAL *z,              \
                                 const REAL *centers, REAL scale, REAL *dz, bool accumulate,       \
                                 double *d_centers, REAL *scratch);                                \
  /* label[i] = the center nearest to z_i, the first of equals */                                  \
  void sc_nearest_center_##SUFFIX(long rows, long clusters, long width, const REAL *z,             \
                                  const REAL *centers, long *label);

SC_DEEP_CLUSTERING(f32, float)
SC_DEEP_CLUSTERING(f64, double)
#endif
