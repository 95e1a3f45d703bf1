// Put before a program with LD_PRELOAD, makes one of its system calls fail, come up short, or the
// program die in it.
//
//   INJECT=CALL:N:WHAT    the N-th (from 1) CALL of write, sync, rename, open, read, truncate or
//                         close gets WHAT:
//                         a number is its errno; `short` lets a write or read through by half;
//                           `eintr` lets it be interrupted once;
//                         `kill` ends the program as kill -9 does, before the call; `torn` the same
//                           after half of a write
//   INJECT_COUNT=FILE     at the end, how many of each there were: lines `CALL N`
// Calls on standard error do not count, nor does reading what the system keeps in /proc and /sys.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { CALL_WRITE, CALL_SYNC, CALL_RENAME, CALL_OPEN, CALL_READ, CALL_TRUNCATE, CALL_CLOSE, CALLS };
static const char *const names[CALLS] = {"write", "sync", "rename", "open", "read", "truncate", "close"};
static atomic_int counts[CALLS];
static int chosen = -1, wanted, error_number;
static enum { FAIL, SHORT, INTERRUPT, DIE, TEAR } what;

#define real(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void prepare(void) {
  const char *plan = getenv("INJECT");
  char call[16] = "", action[16] = "";
  if (!plan || sscanf(plan, "%15[^:]:%d:%15s", call, &wanted, action) != 3) return;
  for (int i = 0; i < CALLS; i++) {
    if (!strcmp(call, names[i])) chosen = i;
  }
  what = !strcmp(action, "short") ? SHORT : !strcmp(action, "eintr") ? INTERRUPT : !strcmp(action, "kill") ? DIE
       : !strcmp(action, "torn") ? TEAR : FAIL;
  error_number = atoi(action);
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("INJECT_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  int kept[CALLS];
  for (int i = 0; i < CALLS; i++) kept[i] = atomic_load(&counts[i]);
  for (int i = 0; i < CALLS; i++) fprintf(file, "%s %d\n", names[i], kept[i]);
  fclose(file);
}

// Whether this is the call that was chosen.
static int is_due(enum call call) { return atomic_fetch_add(&counts[call], 1) + 1 == wanted && call == (enum call)chosen; }

// Fails or dies; 0 where the call is to go on by `*size` bytes.
static int strike(size_t *size) {
  if (what == DIE) kill(getpid(), SIGKILL);
  if (what == FAIL || what == INTERRUPT) {
    errno = what == INTERRUPT ? EINTR : error_number;
    return -1;
  }
  if (size && *size > 1) *size /= 2;
  return 0;
}

static void after(void) { if (what == TEAR) kill(getpid(), SIGKILL); }

// Not standard error, and nothing that the system keeps.
static int counts_for(int file) {
  if (file == STDERR_FILENO) return 0;
  char link[64], target[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, target, sizeof target - 1);
  if (length <= 0) return 1;
  target[length] = 0;
  return strncmp(target, "/proc/", 6) && strncmp(target, "/sys/", 5);
}

#define MOVING(type, name, call, parameters, arguments) \
  type name parameters { \
    if (!counts_for(file) || !is_due(call)) return real(name) arguments; \
    if (strike(&size)) return -1; \
    type done = real(name) arguments; \
    after(); \
    return done; \
  }
MOVING(ssize_t, write, CALL_WRITE, (int file, const void *bytes, size_t size), (file, bytes, size))
MOVING(ssize_t, pwrite, CALL_WRITE, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at))
MOVING(ssize_t, pwrite64, CALL_WRITE, (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at))
MOVING(ssize_t, read, CALL_READ, (int file, void *bytes, size_t size), (file, bytes, size))
MOVING(ssize_t, pread, CALL_READ, (int file, void *bytes, size_t size, off_t at), (file, bytes, size, at))
MOVING(ssize_t, pread64, CALL_READ, (int file, void *bytes, size_t size, off64_t at), (file, bytes, size, at))

#define FAILING(name, call, parameters, arguments) \
  int name parameters { \
    if (is_due(call) && strike(NULL)) return -1; \
    return real(name) arguments; \
  }
FAILING(fsync, CALL_SYNC, (int file), (file))
FAILING(fdatasync, CALL_SYNC, (int file), (file))
FAILING(rename, CALL_RENAME, (const char *old, const char *new), (old, new))
FAILING(renameat, CALL_RENAME, (int a, const char *old, int b, const char *new), (a, old, b, new))
FAILING(ftruncate, CALL_TRUNCATE, (int file, off_t size), (file, size))
FAILING(ftruncate64, CALL_TRUNCATE, (int file, off64_t size), (file, size))

int close(int file) {
  int due = counts_for(file) && is_due(CALL_CLOSE);
  if (due && what == DIE) kill(getpid(), SIGKILL);
  int done = real(close)(file);
  // The descriptor is gone even if close(2) reports a failure.
  if (due && what != SHORT && what != TEAR) {
    errno = what == INTERRUPT ? EINTR : error_number;
    return -1;
  }
  return done;
}

static int kept_by_system(const char *path) { return !strncmp(path, "/sys/", 5) || (!strncmp(path, "/proc/", 6) && strncmp(path, "/proc/self/fd/", 14)); }

#define OPENING(name, parameters, arguments) \
  int name parameters { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list); \
    if (!kept_by_system(path) && is_due(CALL_OPEN) && strike(NULL)) return -1; \
    return real(name) arguments; \
  }
OPENING(open, (const char *path, int flags, ...), (path, flags, mode))
OPENING(open64, (const char *path, int flags, ...), (path, flags, mode))
OPENING(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENING(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
