// The loss of the inner-product decoder of a graph, over one tile of cells × cells.
#ifndef SC_ADJACENCY_H
#define SC_ADJACENCY_H
#include <stdint.h>

// On entry `logits` (rows × columns, row stride `ld`) holds the tile's logits. Its rows begin at
// cell `row_begin` and its columns at cell `column_begin` of the binary adjacency A. A is in
// compressed rows with rising columns, every entry 1. With s = sigmoid(logit) the loss is (A -
// s)^2. Overwrites the logits by its gradient times `scale`, 2 (s - A) s (1 - s) · scale, and
// returns the sum of the losses, not scaled. A cell's pair with itself counts `own` times, in the
// gradient and in the sum. `scratch` holds 3 * columns numbers.
double sc_adjacency_f32(long rows, long columns, long row_begin, long column_begin, float *logits, long ld,
                        const long *indptr, const int32_t *indices, float scale, float own,
                        float *scratch);
double sc_adjacency_f64(long rows, long columns, long row_begin, long column_begin, double *logits, long ld,
                        const long *indptr, const int32_t *indices, double scale, double own,
                        double *scratch);
#endif
