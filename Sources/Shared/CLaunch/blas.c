// Two habits of OpenBLAS (pthread build) are avoided here, and one choice is improved.
//
// 1. Loading it starts a thread for every further core. Each maps 128 MiB, and tries again for ever
//    if it cannot. The loader runs the functions in .preinit_array before the constructors of any
//    library. There this file requests the same memory. If it is refused, or limited at all, the
//    program is started again with OPENBLAS_NUM_THREADS=1, which starts no thread.
// 2. Every thread that calls it needs such a piece too, and it too waits for ever.
//    `sc_blas_prepare` first checks that the pieces can be mapped, then makes OpenBLAS map them at
//    once. OpenBLAS keeps and reuses them. Its own threads take theirs from the same store,
//    whenever they run, so they are counted too.
// 3. It knows no processor newer than itself: blas_kernels.c chooses its kernels.
//
// Denormal numbers: weights and moments that decay towards zero become numbers below 1e-38.
// Processors handle them in microcode, a hundred times slower. Both bits of the control register
// that treat them as zero are set before any thread starts; threads inherit them. Training gives
// the same bytes, up to 13 times sooner.

#define _GNU_SOURCE
#include "blas.h"
#include "blas_kernels.h"
#include "system.h"

#include <errno.h>
#include <immintrin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

// Exported by the pthread builds; without them, there is nothing to prepare.
extern int openblas_get_num_threads(void) __attribute__((weak));
extern void *blas_memory_alloc(int) __attribute__((weak));
extern void blas_memory_free(void *) __attribute__((weak));

enum { piece_bytes = 129 << 20, max_pieces = 1024 };  // OpenBLAS's 128 MiB and a little

// Piece by piece, as OpenBLAS does: the kernel refuses one mapping larger than the machine's
// memory, but not many smaller ones.
static bool can_map(int pieces) {
  static void *mapped[max_pieces];
  int count = 0;
  if (pieces > max_pieces) pieces = max_pieces;
  for (; count < pieces; count++) {
    mapped[count] = mmap(NULL, piece_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped[count] == MAP_FAILED) break;
  }
  for (int i = 0; i < count; i++) munmap(mapped[i], piece_bytes);
  return count == pieces;
}

static void say_that_it_cannot_begin(const char *program) {
  const char *slash = strrchr(program, '/');
  const char *parts[] = {slash ? slash + 1 : program,
                         ": not enough memory: the address space does not hold OpenBLAS's work space, and the program cannot start again with "
                         "one thread; raise the limit (ulimit -v), or set OPENBLAS_NUM_THREADS=1\n"};
  for (int i = 0; i < 2; i++) {
    ssize_t ignored = write(STDERR_FILENO, parts[i], strlen(parts[i]));
    (void)ignored;
  }
}

static const char single_thread[] = "OPENBLAS_NUM_THREADS=1";

// Runs before any constructor: libc's environment is not set yet, so it is passed as an argument.
static void restart_without_threads_if_memory_is_short(int argc, char **argv, char **envp) {
  struct rlimit limit;
  bool is_limited = getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  if (!is_limited && can_map(sc_usable_cores())) return;
  size_t count = 0;
  for (; envp[count]; count++) {
    if (strcmp(envp[count], single_thread) == 0) return;  // been here
  }
  size_t bytes = (count + 2) * sizeof(char *);
  const char **changed = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (changed == MAP_FAILED) _exit(71);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    if (strncmp(envp[i], "OPENBLAS_NUM_THREADS=", 21) != 0) changed[kept++] = envp[i];
  }
  changed[kept++] = single_thread;
  changed[kept] = NULL;
  execve("/proc/self/exe", argv, (char **)changed);
  // Without /proc by the name that it was started with.
  const char *name = (const char *)getauxval(AT_EXECFN);
  if (errno == ENOENT && name) execve(name, argv, (char **)changed);
  say_that_it_cannot_begin(argc > 0 ? argv[0] : "sc");
  _exit(71);
}

static void take_denormals_for_zero(void) {
#if defined(__x86_64__)
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  _mm_setcsr(_mm_getcsr() | 0x0040);  // denormals are zero
#endif
}

static void before_everything(int argc, char **argv, char **envp) {
  take_denormals_for_zero();
  // Requests a checkpoint once a training runs; until then it must not end the program.
  signal(SIGUSR1, SIG_IGN);
  restart_without_threads_if_memory_is_short(argc, argv, envp);
}

typedef void preinit_function(int, char **, char **);
// The thread sanitizer sets up its memory later than this, and cannot run under a limit of the
// address space anyway.
#if !__has_feature(thread_sanitizer)
__attribute__((section(".preinit_array"), used))
#else
__attribute__((unused))
#endif
static preinit_function *const before_constructors = before_everything;

sc_blas_state sc_blas_prepare(int threads) {
  int count = threads + (openblas_get_num_threads ? openblas_get_num_threads() - 1 : 0);
  if (!can_map(count)) return sc_blas_no_memory;
  if (!sc_blas_choose_kernels()) return sc_blas_wrong;
  if (!blas_memory_alloc || !blas_memory_free) return sc_blas_ready;
  void **pieces = calloc((size_t)count, sizeof *pieces);
  if (!pieces) return sc_blas_no_memory;
  for (int i = 0; i < count; i++) pieces[i] = blas_memory_alloc(0);
  for (int i = 0; i < count; i++) blas_memory_free(pieces[i]);
  free(pieces);
  return sc_blas_ready;
}
