#ifndef SC_SEARCH_H
#define SC_SEARCH_H
#include "dispatch.h"
#include <stdint.h>

// The first position in begin..<end whose index is at least `column`; `end` if there is none.
// Indices rise.
SC_INLINE long sc_first_at_least(const int32_t *indices, long begin, long end, long column) {
  while (begin < end) {
    const long middle = (begin + end) / 2;
    if (indices[middle] < column) begin = middle + 1;
    else end = middle;
  }
  return begin;
}
#endif
