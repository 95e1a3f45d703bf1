// Batches of rows: copies of rows of sparse and dense matrices in reused memory, and columns side
// by side.
#ifndef SC_BATCHES_H
#define SC_BATCHES_H
#include <stdbool.h>
#include <stdint.h>

#define SC_BATCHES(SUFFIX, REAL)                                                                   \
  /* Copies the rows `rows` of a matrix in compressed rows. out_indptr has count + 1 places, the   \
     others room for all entries. */                                                               \
  void sc_take_sparse_rows_##SUFFIX(long count, const long *rows, const long *indptr,              \
                                    const int32_t *indices, const REAL *values, long *out_indptr,  \
                                    int32_t *out_indices, REAL *out_values);                       \
  /* The transpose of a matrix in compressed rows, with rising entries in its rows. out_indptr has \
     columns + 1 places. */                                                                        \
  void sc_transpose_sparse_##SUFFIX(long rows, long columns, const long *indptr,                   \
                                    const int32_t *indices, const REAL *values, long *out_indptr,  \
                                    int32_t *out_indices, REAL *out_values);                       \
  /* out[i, :] = x[rows[i], :] */                                                                  \
  void sc_take_rows_##SUFFIX(long count, const long *rows, long columns, const REAL *x,            \
                             REAL *out);                                                           \
  /* out[i, :] = -shift[:], plus the entries of row begin + i, for i in 0..<rows; out: rows ×      \
     columns */                                                                                    \
  void sc_spread_rows_##SUFFIX(long begin, long rows, long columns, const long *indptr,            \
                               const int32_t *indices, const REAL *values, const REAL *shift,      \
                               REAL *out);                                                         \
  /* y[i, 0..<columns] = (accumulate ? y : 0) + x[i, 0..<columns] for row strides ldx, ldy; no     \
     overlap */                                                                                    \
  void sc_copy_columns_##SUFFIX(long rows, long columns, const REAL *x, long ldx, REAL *y,         \
                                long ldy, bool accumulate);

SC_BATCHES(f32, float)
SC_BATCHES(f64, double)
#endif
