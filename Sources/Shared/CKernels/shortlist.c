// Sixty-four keys at a time are compared without a branch: most hold nothing near.
#include "include/shortlist.h"
#include "dispatch.h"

#define GROUP 64

SC_DISPATCH long sc_first_below(const float *keys, long begin, long end, float bound) {
  long j = begin;
  for (; j + GROUP <= end; j += GROUP) {
    int any = 0;
    for (long c = 0; c < GROUP; c++) any |= keys[j + c] < bound;
    if (any) break;
  }
  for (; j < end; j++) {
    if (keys[j] < bound) return j;
  }
  return end;
}
