// Calls of the system that Swift's Glibc module does not offer.
#pragma once

/// How many cores this process may use (its affinity, as batch systems and containers set it); at least 1.
int sc_usable_cores(void);

/// A new file without a name, open for reading and writing, which goes with its last descriptor: in `folder` where that can hold one, else in
/// memory. Negative with errno where neither is to be had.
int sc_anonymous_file(const char *folder);

/// A new file without a name, to get one in `folder` by `sc_name_file`. Negative where the file system has none such, as NFS, or /proc is missing.
int sc_unnamed_file(int folder);

/// Gives such a file a name in `folder`; negative with errno, EEXIST where the name is taken.
int sc_name_file(int file, int folder, const char *name);
