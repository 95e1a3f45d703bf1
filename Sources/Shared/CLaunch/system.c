#define _GNU_SOURCE
#include "system.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int sc_usable_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

int sc_anonymous_file(const char *folder) {
  int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return file >= 0 ? file : memfd_create("sc-spool", MFD_CLOEXEC);
}

// The name by which a file without one can be opened again and given one.
static void find(int file, char *path, size_t size) { snprintf(path, size, "/proc/self/fd/%d", file); }

int sc_unnamed_file(int folder) {
  int file = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  char path[64];
  find(file, path, sizeof path);
  if (file >= 0 && access(path, R_OK | W_OK) == 0) return file;
  if (file >= 0) close(file);
  return -1;
}

int sc_name_file(int file, int folder, const char *name) {
  char path[64];
  find(file, path, sizeof path);
  return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW);
}
