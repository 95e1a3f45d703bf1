// Approximate nearest neighbors of points among themselves: hierarchical navigable small worlds (Malkov and Yashunin 2020),
// by hnswlib behind plain C. No exception leaves these functions; the same calls give the same results.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a call came to.
enum { hnsw_done = 0, hnsw_no_memory = 1, hnsw_failed = 2 };

/// The index of some points under the squared Euclidean distance.
typedef struct hnsw_index hnsw_index;

/// Sets *index to an empty index of up to `capacity` points of `dimensions` coordinates, a multiple of 8 (fill up with zeros).
/// `links`: how many each point keeps on the upper layers, twice as many on the lowest; `breadth`: candidates of an insertion.
/// hnsw_free takes it back.
int hnsw_create(
    size_t capacity, size_t dimensions, size_t links, size_t breadth, uint64_t seed, hnsw_index **index);

/// Inserts `count` points (count, dimensions), numbered on from the last. One thread at a time, and none searching.
int hnsw_insert(hnsw_index *index, const float *points, size_t count);

/// The `wanted` points that are nearest to each of the inserted points first ..< first + count, themselves left out, nearest first
/// (squared distances rounded to Float decide): found (count, wanted), filled up with -1 where fewer are reached.
/// `breadth`: how many candidates the search keeps, more than `wanted`. Any number of threads.
int hnsw_search(
    const hnsw_index *index, size_t first, size_t count, size_t wanted, size_t breadth, int32_t *found);

/// Frees an index; NULL is none.
void hnsw_free(hnsw_index *index);

#ifdef __cplusplus
}
#endif
