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

int sc_memory_file(void) { return memfd_create("sc-input", MFD_CLOEXEC); }

int sc_nameless_file(const char *folder) {
  return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}
