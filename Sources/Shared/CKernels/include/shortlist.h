// Finds the few smallest of many keys.
#ifndef SC_SHORTLIST_H
#define SC_SHORTLIST_H
#include <stdint.h>

// A point and what orders it.
typedef struct {
  float key;
  int32_t point;
} sc_nearby;

// The first position in begin..<end whose key is below `bound`; `end` if there is none. NaN is not
// below.
long sc_first_below(const float *keys, long begin, long end, float bound);

// How many points a panel holds.
#define SC_PANEL 16

// Compares the queries `rows` (count) with the points of the panels begin..<end. A panel holds
// SC_PANEL points: their first coordinates, their second ones, and so on, then one added number for
// each. The key of a pair is that number plus the sum of the products of the `width` coordinates.
// Row r of `queries` (row stride `ldq`) has the list nearest[r * capacity ...], smallest key first.
// A point with a key below the last one is inserted, and the last one is removed. The point at
// position c of panel p is p * SC_PANEL + c; query r skips the point selves[r]. NaN is not below.
void sc_offer_panels(long count, const int32_t *rows, const float *queries, long ldq, long width,
                     const float *panels, long begin, long end, const int32_t *selves, long capacity,
                     sc_nearby *nearest);
#endif
