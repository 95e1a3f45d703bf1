// Calls of the system that Swift's Glibc module does not offer.
#pragma once

/// How many cores this process may use (its affinity, as batch systems and containers set it); at least 1.
int sc_usable_cores(void);

/// A file in memory, gone when it is closed; -1 and errno on failure.
int sc_memory_file(void);

/// Opens a nameless file in that folder, gone when it is closed; -1 and errno on failure.
int sc_nameless_file(const char *folder);
