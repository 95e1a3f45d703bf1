#define _GNU_SOURCE
#include "system.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

static int argument_count;
static char **argument_list;

// The loader passes every constructor what it passes main.
__attribute__((constructor)) static void keep_arguments(int argc, char **argv, char **envp) {
  (void)envp;
  argument_count = argc;
  argument_list = argv;
}

int sc_argument_count(void) { return argument_count; }
const char *const *sc_argument_list(void) { return (const char *const *)argument_list; }

static bool was_closed[3];

void sc_standard_streams_keep(void) {
  for (int i = 0; i < 3; i++) {
    if (fcntl(i, F_GETFD) >= 0) continue;
    was_closed[i] = true;
    // The lowest number that is free is this one.
    if (open("/dev/null", O_RDWR) < 0 && open("/", O_RDONLY) < 0) return;
  }
}

bool sc_standard_stream_was_closed(int descriptor) {
  return descriptor >= 0 && descriptor < 3 && was_closed[descriptor];
}

int sc_usable_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

int sc_anonymous_file(const char *folder) {
  int file = sc_disk_file(folder);
  return file >= 0 ? file : memfd_create("sc-spool", MFD_CLOEXEC);
}

int sc_disk_file(const char *folder) { return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

long sc_disk_room(const char *folder) {
  const long in_memory = 0x01021994;  // TMPFS_MAGIC
  struct statfs status;
  if (statfs(folder, &status) != 0 || (long)status.f_type == in_memory) return 0;
  return (long)status.f_bavail * (long)status.f_bsize;
}

// The path by which a file without a name can be opened again and named.
static void find(int file, char *path, size_t size) { snprintf(path, size, "/proc/self/fd/%d", file); }

int sc_unnamed_file(int folder) {
  int file = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  char path[64];
  find(file, path, sizeof path);
  if (file >= 0 && access(path, R_OK | W_OK) == 0) return file;
  if (file >= 0) close(file);
  return -1;
}

int sc_exchange(int folder, const char *one, const char *other) {
  return renameat2(folder, one, folder, other, RENAME_EXCHANGE);
}

int sc_synchronize_all(int folder) { return syncfs(folder); }

int sc_name_file(int file, int folder, const char *name) {
  char path[64];
  find(file, path, sizeof path);
  return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW);
}
