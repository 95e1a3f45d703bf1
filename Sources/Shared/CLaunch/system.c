#define _GNU_SOURCE
#include "system.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>

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
