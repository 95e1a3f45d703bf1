// Student-t soft assignment of cells to centers and the clustering losses on it, with their
// gradients.
#ifndef SC_CLUSTERING_H
#define SC_CLUSTERING_H
#include <stdbool.h>
#include <stdint.h>

#define SC_CLUSTERING(SUFFIX, REAL)                                                                \
  /* p[i, j] = (1 + |z_i - c_j|^2)^-1, each row divided by its sum. z is rows × width, centers     \
     clusters × width. */                                                                          \
  void sc_soft_assignment_##SUFFIX(long rows, long clusters, long width, const REAL *z,            \
                                   const REAL *centers, REAL *p);                                  \
  /* Sum over the rows with reliable[i] != 0 of KL(p_i || q_i) = sum_j p log(p / q). p is the soft \
     assignment of z. q_i is the one-hot of its largest entry (the first of equals), held          \
     constant. Both are clipped to [floor, 1]. The other rows have q = p held constant: loss and   \
     gradient 0. Writes scale times the gradient to dz (rows × width; added if `accumulate`) and   \
     adds it to d_centers (clusters × width, double). scratch: 3 * clusters numbers. */            \
  double sc_assignment_kl_##SUFFIX(long rows, long clusters, long width, const REAL *z,            \
                                   const REAL *centers, const uint8_t *reliable, REAL floor,       \
                                   REAL scale, REAL *dz, int accumulate, double *d_centers,        \
                                   REAL *scratch);                                                 \
  /* Sum over the rows of KL(p_i || q_i) = sum_j p log(p / q). p = targets (rows × clusters) are   \
     held constant; q is the soft assignment of z. If `clips`, both are clipped to [floor, 1];     \
     else floor is added to q in the logarithm. dz, d_centers and scratch as above; targets must   \
     not overlap them. */                                                                          \
  double sc_target_kl_##SUFFIX(long rows, long clusters, long width, const REAL *z,                \
                               const REAL *centers, const REAL *targets, REAL floor, bool clips,   \
                               REAL scale, REAL *dz, bool accumulate, double *d_centers,           \
                               REAL *scratch);                                                     \
  /* Sum over rows and clusters of -(p log q + (1 - p) log(1 - q)). p = targets (rows × clusters)  \
     are held constant; q is the soft assignment of z. q and 1 - q in the logarithms are at least  \
     `floor`. A row of zeros has no target: loss and gradient 0. dz, d_centers and scratch as      \
     above; targets must not overlap them. */                                                      \
  double sc_target_bce_##SUFFIX(long rows, long clusters, long width, const REAL *z,               \
                                const REAL *centers, const REAL *targets, REAL floor, REAL scale,  \
                                REAL *dz, bool accumulate, double *d_centers, REAL *scratch);      \
  /* Sum over the rows of KL(p || y) = sum_j p log(p / y). p = targets are held constant, y =      \
     softmax of x, all rows × clusters. Writes scale times the gradient to dx (added if            \
     `accumulate`), which must not overlap the others. A row of zeros has no target. */            \
  double sc_softmax_kl_##SUFFIX(long rows, long clusters, const REAL *x, const REAL *targets,      \
                                REAL scale, REAL *dx, bool accumulate);

SC_CLUSTERING(f32, float)
SC_CLUSTERING(f64, double)
#endif
