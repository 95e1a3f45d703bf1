// Products of a sparse matrix in compressed rows with a dense one.
#ifndef SC_SPARSE_H
#define SC_SPARSE_H
#include <stdbool.h>
#include <stdint.h>

// out[i, :] = (accumulate ? out[i, :] : 0) + sum_k values[k] * b[indices[k], :] for i in
// begin..<end, k in indptr[i]..<indptr[i + 1]. b has row stride ldb, out has row stride ldo, both
// `columns` wide. Row i of out is at out + i * ldo. out must not overlap b. Entries are added in
// their stored order.
void sc_spmm_f32(long begin, long end, long columns, const long *indptr, const int32_t *indices,
                 const float *values, const float *b, long ldb, float *out, long ldo, bool accumulate);
void sc_spmm_f64(long begin, long end, long columns, const long *indptr, const int32_t *indices,
                 const double *values, const double *b, long ldb, double *out, long ldo, bool accumulate);
// The same with single-precision entries of the sparse matrix.
void sc_spmm_f32_f64(long begin, long end, long columns, const long *indptr, const int32_t *indices,
                     const float *values, const double *b, long ldb, double *out, long ldo, bool accumulate);

// out[i, j - column_begin] = (s[i, j] - mean[j]) * inverse[j] for i in begin..<end, j in
// column_begin..<column_end. s is sparse with rising indices. Row i of out is at out + i * ldo and
// overlaps nothing.
void sc_standardize_rows_f32(long begin, long end, long column_begin, long column_end, const long *indptr,
                             const int32_t *indices, const float *values, const float *mean,
                             const float *inverse, float *out, long ldo);
void sc_standardize_rows_f64(long begin, long end, long column_begin, long column_end, const long *indptr,
                             const int32_t *indices, const double *values, const double *mean,
                             const double *inverse, double *out, long ldo);

// out[a - gene_begin, b] += sum_i s[i, a] * s[i, b] for a in gene_begin..<gene_end, b in
// a..<columns, i in cell_begin..<cell_end. s has rising indices. out is (gene_end - gene_begin,
// columns) and overlaps nothing. Cells are added in their order.
void sc_gram_f32(long cell_begin, long cell_end, long gene_begin, long gene_end, long columns, const long *indptr,
                 const int32_t *indices, const float *values, double *out);
#endif
