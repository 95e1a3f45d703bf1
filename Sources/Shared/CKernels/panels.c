// Six queries are compared with the sixteen points of a panel at a time. The 96 sums stay in
// registers during all coordinates. Most are dropped without being written, because no point is
// near. Before, products were written to memory and searched there.
#include "include/shortlist.h"
#include "dispatch.h"
#include <math.h>
#pragma clang fp contract(fast)

#define QUERIES 6
// Numbers of the panels that stay in the first-level cache while all queries pass.
#define CACHED 6144

typedef float keys_t __attribute__((vector_size(4 * SC_PANEL), aligned(4)));
typedef int32_t flags_t __attribute__((vector_size(4 * SC_PANEL)));

SC_INLINE float insert(sc_nearby *list, long capacity, sc_nearby entry) {
  long place = capacity - 1;
  for (; place > 0 && list[place - 1].key > entry.key; place--) list[place] = list[place - 1];
  list[place] = entry;
  return list[capacity - 1].key;
}

SC_DISPATCH void sc_offer_panels(long count, const int32_t *rows, const float *queries, long ldq,
                                 long width, const float *panels, long begin, long end,
                                 const int32_t *selves, long capacity, sc_nearby *nearest) {
  const long size = (width + 1) * SC_PANEL;
  const long group = CACHED / size > 0 ? CACHED / size : 1;
  for (long first = begin; first < end; first += group) {
    const long last = first + group < end ? first + group : end;
    for (long i = 0; i < count; i += QUERIES) {
      const float *query[QUERIES];
      float bound[QUERIES];
      for (long r = 0; r < QUERIES; r++) {
        // A query that does not exist has a bound that nothing is below.
        const long row = rows[i + r < count ? i + r : i];
        query[r] = queries + row * ldq;
        bound[r] = i + r < count ? nearest[(row + 1) * capacity - 1].key : -INFINITY;
      }
      for (long p = first; p < last; p++) {
        const float *panel = panels + p * size;
        keys_t keys[QUERIES];
        for (long r = 0; r < QUERIES; r++) keys[r] = *(const keys_t *)(panel + width * SC_PANEL);
        for (long k = 0; k < width; k++) {
          const keys_t coordinates = *(const keys_t *)(panel + k * SC_PANEL);
          for (long r = 0; r < QUERIES; r++) keys[r] += query[r][k] * coordinates;
        }
        flags_t below = keys[0] < bound[0];
        for (long r = 1; r < QUERIES; r++) below |= keys[r] < bound[r];
        if (!__builtin_reduce_or(below)) continue;
        for (long r = 0; r < QUERIES; r++) {
          for (long c = 0; c < SC_PANEL; c++) {
            const sc_nearby entry = {keys[r][c], (int32_t)(p * SC_PANEL + c)};
            if (!(entry.key < bound[r])) continue;
            const long row = rows[i + r];
            if (entry.point == selves[row]) continue;
            bound[r] = insert(nearest + row * capacity, capacity, entry);
          }
        }
      }
    }
  }
}
