// A row of the result is built a strip of columns at a time: the strip stays in registers while the row's entries pass by.
#include "include/sparse.h"
#include "dispatch.h"
#include <string.h>
#pragma clang fp contract(fast)

#define STRIP 64

#define SPMM(NAME, REAL)                                                                              \
  SC_DISPATCH void NAME(long begin, long end, long columns, const long *indptr,                       \
                        const int32_t *indices, const REAL *values, const REAL *restrict b, long ldb, \
                        REAL *restrict out, long ldo, bool accumulate) {                              \
    for (long i = begin; i < end; i++) {                                                              \
      REAL *row = out + i * ldo;                                                                      \
      long j = 0;                                                                                     \
      for (; j + STRIP <= columns; j += STRIP) {                                                      \
        REAL sum[STRIP];                                                                              \
        for (long c = 0; c < STRIP; c++) sum[c] = accumulate ? row[j + c] : (REAL)0;                  \
        for (long k = indptr[i]; k < indptr[i + 1]; k++) {                                            \
          const REAL *source = b + (long)indices[k] * ldb + j;                                        \
          const REAL value = values[k];                                                               \
          for (long c = 0; c < STRIP; c++) sum[c] += value * source[c];                               \
        }                                                                                             \
        for (long c = 0; c < STRIP; c++) row[j + c] = sum[c];                                         \
      }                                                                                               \
      if (j == columns) continue;                                                                     \
      if (!accumulate) memset(row + j, 0, sizeof(REAL) * (size_t)(columns - j));                      \
      for (long k = indptr[i]; k < indptr[i + 1]; k++) {                                              \
        const REAL *source = b + (long)indices[k] * ldb;                                              \
        const REAL value = values[k];                                                                 \
        for (long c = j; c < columns; c++) row[c] += value * source[c];                               \
      }                                                                                               \
    }                                                                                                 \
  }

SPMM(sc_spmm_f32, float)
SPMM(sc_spmm_f64, double)

// The columns of a row rise, so its additions do not wait for each other.
#define ADD_SPARSE_ROWS(NAME, REAL)                                                          \
  void NAME(long count, const int32_t *rows, const REAL *weights, const long *indptr,        \
            const int32_t *indices, const REAL *values, REAL *restrict out) {                \
    for (long r = 0; r < count; r++) {                                                       \
      const REAL weight = weights[r];                                                        \
      const long end = indptr[rows[r] + 1];                                                  \
      for (long k = indptr[rows[r]]; k < end; k++) out[indices[k]] += weight * values[k];    \
    }                                                                                        \
  }

ADD_SPARSE_ROWS(sc_add_sparse_rows_f32, float)
ADD_SPARSE_ROWS(sc_add_sparse_rows_f64, double)
