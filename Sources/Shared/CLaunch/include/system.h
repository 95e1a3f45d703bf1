// Calls of the system that Swift's Glibc module does not offer.
#pragma once
#include <stdbool.h>

/// The number of arguments of the program, including its name, and the arguments. They come from
/// the loader, with /proc or without.
int sc_argument_count(void);
const char *const *sc_argument_list(void);

/// Opens /dev/null for those of the descriptors 0 to 2 that the caller has closed, so that no other
/// file gets their numbers.
void sc_standard_streams_keep(void);

/// Whether the caller had closed this descriptor.
bool sc_standard_stream_was_closed(int descriptor);

/// The number of cores that this process may use (its affinity, as set by batch systems and
/// containers); at least 1.
int sc_usable_cores(void);

/// A new file without a name, open for reading and writing, which is removed with its last
/// descriptor. It is in `folder` if that can hold one, else in memory. Negative with errno if
/// neither is possible.
int sc_anonymous_file(const char *folder);

/// The same on a disk only; negative if `folder` cannot hold it.
int sc_disk_file(const char *folder);

/// The free bytes on the disk of `folder`; 0 if it is in memory or does not exist.
long sc_disk_room(const char *folder);

/// A new file without a name, which can get one in `folder` by `sc_name_file`. Negative if the file
/// system does not support it, as NFS, or /proc is missing.
int sc_unnamed_file(int folder);

/// Exchanges the names of two files or folders in `folder` in one step; negative with errno, EINVAL
/// if the file system cannot.
int sc_exchange(int folder, const char *one, const char *other);

/// Writes all data of the file system of an open folder to the disk; negative with errno.
int sc_synchronize_all(int folder);

/// Gives such a file a name in `folder`; negative with errno, EEXIST if the name is taken.
int sc_name_file(int file, int folder, const char *name);
