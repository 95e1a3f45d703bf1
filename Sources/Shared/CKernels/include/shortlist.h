// Looking through many keys for the few that are small.
#ifndef SC_SHORTLIST_H
#define SC_SHORTLIST_H

// The first position in begin..<end whose key is below `bound`; `end` if there is none. NaN is not
// below.
long sc_first_below(const float *keys, long begin, long end, float bound);
#endif
