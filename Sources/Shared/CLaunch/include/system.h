// Calls of the system that Swift's Glibc module does not offer.
#pragma once

/// How many cores this process may use (its affinity, as batch systems and containers set it); at least 1.
int sc_usable_cores(void);
