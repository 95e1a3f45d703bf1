// Calls of the system that Swift's Glibc module does not offer.
#pragma once

/// How many cores this process may use (its affinity, as batch systems and containers set it); at least 1.
int sc_usable_cores(void);

/// A new file without a name, open for reading and writing, which goes with its last descriptor: in `folder` where that can hold one, else in
/// memory. Negative with errno where neither is to be had.
int sc_anonymous_file(const char *folder);
