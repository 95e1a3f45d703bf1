// Three things differ from hnswlib's own search: points look for their neighbors from their own place in the lowest layer, which
// needs no descent and cannot miss the neighborhood; no counters are shared between the threads; and the distance below has
// versions for AVX2 and AVX-512 (the library chooses when it is compiled, and would stay with SSE).

#include "include/hnsw.h"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

// The choice is made while the program is being linked, before the thread sanitizer can run: under it there is one version.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define HNSW_DISPATCH __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define HNSW_DISPATCH
#endif

typedef float Lanes __attribute__((vector_size(32)));

/// |a - b|^2 of two points of *dimensions floats, a multiple of 8: eight sums side by side, added pairwise at the end. Nothing is
/// contracted to fused operations, so that all versions give the same bits and every processor the same graph.
HNSW_DISPATCH
static float squared_distance(const void *a, const void *b, const void *dimensions) {
#pragma STDC FP_CONTRACT OFF
  const size_t bytes = *static_cast<const size_t *>(dimensions) * sizeof(float);
  Lanes sums = {0, 0, 0, 0, 0, 0, 0, 0};
  for (size_t i = 0; i < bytes; i += sizeof(Lanes)) {
    Lanes x, y;
    memcpy(&x, static_cast<const char *>(a) + i, sizeof x);
    memcpy(&y, static_cast<const char *>(b) + i, sizeof y);
    const Lanes difference = x - y;
    sums += difference * difference;
  }
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

namespace {

class SquaredDistance final : public hnswlib::SpaceInterface<float> {
 public:
  explicit SquaredDistance(size_t dimensions) : dimensions_(dimensions) {}
  size_t get_data_size() override { return dimensions_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return squared_distance; }
  void *get_dist_func_param() override { return &dimensions_; }

 private:
  size_t dimensions_;
};

/// Runs `body` and turns what it throws into a status. hnswlib reports a failed malloc as a runtime_error that says so.
template <typename Body>
int guarded(Body body) noexcept {
  try {
    body();
    return hnsw_done;
  } catch (const std::bad_alloc &) {
    return hnsw_no_memory;
  } catch (const std::length_error &) {
    return hnsw_no_memory;
  } catch (const std::runtime_error &error) {
    return std::strncmp(error.what(), "Not enough memory", 17) == 0 ? hnsw_no_memory : hnsw_failed;
  } catch (...) {
    return hnsw_failed;
  }
}

}  // namespace

struct hnsw_index {
  hnsw_index(size_t capacity, size_t dimensions, size_t links, size_t breadth, uint64_t seed)
      : dimensions(dimensions), space(dimensions), graph(&space, capacity, links, breadth, seed) {
    // hnswlib fetches one link ahead, past the end of a full list of an upper layer: a place more belongs to each.
    graph.size_links_per_element_ += sizeof(hnswlib::tableint);
  }

  size_t dimensions;
  SquaredDistance space;
  hnswlib::HierarchicalNSW<float> graph;
};

int hnsw_create(
    size_t capacity, size_t dimensions, size_t links, size_t breadth, uint64_t seed, hnsw_index **index) {
  *index = nullptr;
  return guarded([&] { *index = new hnsw_index(capacity, dimensions, links, breadth, seed); });
}

int hnsw_insert(hnsw_index *index, const float *points, size_t count) {
  return guarded([&] {
    for (size_t i = 0; i < count; i++) {
      index->graph.addPoint(points + i * index->dimensions, index->graph.cur_element_count);
    }
  });
}

int hnsw_search(
    const hnsw_index *index, size_t first, size_t count, size_t wanted, size_t breadth, int32_t *found) {
  return guarded([&] {
    const auto &graph = index->graph;
    if (first + count > graph.cur_element_count) throw std::out_of_range("no such point");
    std::vector<std::pair<float, uint32_t>> nearest;
    for (size_t i = 0; i < count; i++) {
      // Points are inserted in order by one thread, so that their places in the graph are their numbers.
      const auto own = static_cast<uint32_t>(first + i);
      auto candidates =
          graph.searchBaseLayerST<false, false>(own, graph.getDataByInternalId(own), breadth);
      nearest.clear();
      for (; !candidates.empty(); candidates.pop()) {
        if (candidates.top().second != own) nearest.push_back(candidates.top());
      }
      std::sort(nearest.begin(), nearest.end());
      int32_t *row = found + i * wanted;
      for (size_t k = 0; k < wanted; k++) {
        row[k] = k < nearest.size() ? static_cast<int32_t>(nearest[k].second) : -1;
      }
    }
  });
}

void hnsw_free(hnsw_index *index) { delete index; }
