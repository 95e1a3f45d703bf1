// Calls of the system that Swift's Glibc module does not offer.
#pragma once
#include <stdbool.h>

/// How many arguments the program was started with, its name counted, and the arguments: as the loader gave them, with /proc or without.
int sc_argument_count(void);
const char *const *sc_argument_list(void);

/// Opens /dev/null in place of those of the descriptors 0 to 2 that the caller has closed, so that no file of ours gets their numbers.
void sc_standard_streams_keep(void);

/// Whether the caller had closed this descriptor.
bool sc_standard_stream_was_closed(int descriptor);

/// How many cores this process may use (its affinity, as batch systems and containers set it); at least 1.
int sc_usable_cores(void);

/// A new file without a name, open for reading and writing, which goes with its last descriptor: in `folder` where that can hold one, else in
/// memory. Negative with errno where neither is to be had.
int sc_anonymous_file(const char *folder);

/// The same on a disk alone; negative where `folder` cannot hold it.
int sc_disk_file(const char *folder);

/// The bytes that are free on the disk of `folder`; 0 where it lies in memory or is not there.
long sc_disk_room(const char *folder);

/// A new file without a name, to get one in `folder` by `sc_name_file`. Negative where the file system has none such, as NFS, or /proc is missing.
int sc_unnamed_file(int folder);

/// Exchanges the names of two files or folders in `folder` in one step; negative with errno, EINVAL where the file system cannot.
int sc_exchange(int folder, const char *one, const char *other);

/// Brings all that was written to the file system of an open folder to the disk; negative with errno.
int sc_synchronize_all(int folder);

/// Gives such a file a name in `folder`; negative with errno, EEXIST where the name is taken.
int sc_name_file(int file, int folder, const char *name);
