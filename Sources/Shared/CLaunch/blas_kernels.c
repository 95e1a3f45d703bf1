// Which of OpenBLAS's kernels are used.
//
// OpenBLAS knows no processor newer than itself. Version 0.3.21 treats a Xeon of family 6, model
// 207 as a Prescott (SSE3), and training takes three times as long. So kernels are chosen by
// features, whatever the vendor. If OpenBLAS's choice uses less than the processor has, the best
// set that the processor runs replaces it. Measured on products 512 to 2,048 wide:
//   AMD Zen 5 (family 1Ah): SkylakeX 205 GFLOP/s, OpenBLAS's own choice (Zen, that is AVX2) 110;
//   AMD Zen 4 (family 19h): Haswell is 3 to 13 % ahead of the AVX-512 sets;
//   Intel family 6, model 207: SkylakeX 2.9, Haswell 1.9 times as fast as its own choice, Prescott.
// The choice is a table of functions that may be set again until the first product, which costs no
// time. A restart with OPENBLAS_CORETYPE gives the same bits and costs 9 ms. An OPENBLAS_CORETYPE
// of the user is not changed.
//
// Some builds compute wrong products, crash or never return with kernels whose cache sizes they
// misread. So one product in each precision is checked before a set is used: C·v must be A·(B·v)
// (Freivalds 1977).

#define _GNU_SOURCE
#include "blas_kernels.h"
#include "blas.h"

#include <cpuid.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

// Exported by the pthread builds with kernels for all processors; without them, only the gain is
// lost.
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));
extern char *openblas_get_config(void) __attribute__((weak));
extern void openblas_set_num_threads(int) __attribute__((weak));
extern void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int)
    __attribute__((weak));
extern void cblas_dgemm(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int)
    __attribute__((weak));

static const char variable[] = "OPENBLAS_CORETYPE";
static const char *rejected;

sc_processor sc_this_processor(void) {
  sc_processor result = {0};
#if defined(__x86_64__)
  unsigned a, b, c, d;
  if (!__get_cpuid(0, &a, &b, &c, &d)) return result;
  result.is_amd = b == signature_AMD_ebx && d == signature_AMD_edx;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return result;
  result.family = ((a >> 8) & 0xF) + ((a >> 20) & 0xFF);
  // These ask the operating system too, which must save the wide registers.
  result.has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  result.has_avx512 = result.has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
  return result;
}

// 2 for sets that use AVX-512, 1 for AVX2 with FMA, 0 for less.
static int level(const char *kernels) {
  static const char *const wide[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
  static const char *const middle[] = {"Haswell", "Zen"};
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
    if (strcasecmp(kernels, wide[i]) == 0) return 2;
  }
  for (size_t i = 0; i < sizeof middle / sizeof *middle; i++) {
    if (strcasecmp(kernels, middle[i]) == 0) return 1;
  }
  return 0;
}

const char *sc_blas_choice(const char *own, sc_processor processor) {
  if (processor.is_amd && processor.has_avx512 && processor.family == 0x1A) return "SkylakeX";
  if (processor.is_amd && processor.has_avx512 && processor.family == 0x19) return "Haswell";
  int best = processor.has_avx512 ? 2 : processor.has_avx2 ? 1 : 0;
  if (level(own) >= best) return NULL;
  return best == 2 ? "SkylakeX" : "Haswell";
}

const char *sc_blas_kernels(void) { return openblas_get_corename ? openblas_get_corename() : NULL; }

const char *sc_blas_rejected_kernels(void) { return rejected; }

const char *sc_blas_version(void) { return openblas_get_config ? openblas_get_config() : NULL; }

const char *sc_loop_kernels(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
#endif
  return "default";
}

static bool can_switch(void) { return gotoblas_dynamic_init && gotoblas_dynamic_quit && openblas_get_corename; }

bool sc_blas_use(const char *name) {
  sc_processor here = sc_this_processor();
  if (!can_switch() || level(name) > (here.has_avx512 ? 2 : here.has_avx2 ? 1 : 0)) return false;
  setenv(variable, name, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv(variable);
  return strcasecmp(openblas_get_corename(), name) == 0;
}

// Sizes are odd, and larger than the kernels' blocks.
enum { m = 61, n = 93, k = 401, row_major = 101, as_it_is = 111 };

// Values in −1 … 1 from a sequence without memory: the same on every machine.
static double value(unsigned i) { return (double)((i * 2654435761u) >> 8) / (1 << 23) - 1; }

// Defines NAME: whether GEMM of (m, k) (k, n) agrees with its definition within `tolerance`.
#define DEFINE_CHECK(NAME, TYPE, GEMM)                                                                              \
  static bool NAME(double tolerance) {                                                                             \
    static TYPE a[m * k], b[k * n], c[m * n];                                                                      \
    for (unsigned i = 0; i < m * k; i++) a[i] = (TYPE)value(i);                                                    \
    for (unsigned i = 0; i < k * n; i++) b[i] = (TYPE)value(i + 7 * m * k);                                        \
    GEMM(row_major, as_it_is, as_it_is, m, n, k, 1, a, k, b, n, 0, c, n);                                          \
    double bv[k];                                                                                                  \
    for (int i = 0; i < k; i++) {                                                                                  \
      bv[i] = 0;                                                                                                   \
      for (int j = 0; j < n; j++) bv[i] += b[i * n + j] * value(j + 3);                                            \
    }                                                                                                              \
    for (int i = 0; i < m; i++) {                                                                                  \
      double is = 0, should = 0;                                                                                   \
      for (int j = 0; j < n; j++) is += c[i * n + j] * value(j + 3);                                               \
      for (int j = 0; j < k; j++) should += a[i * k + j] * bv[j];                                                  \
      if (!(fabs(is - should) <= tolerance)) return false;                                                         \
    }                                                                                                              \
    return true;                                                                                                   \
  }
DEFINE_CHECK(single_is_right, float, cblas_sgemm)
DEFINE_CHECK(double_is_right, double, cblas_dgemm)

static sigjmp_buf before_check;

static void give_up(int number) { siglongjmp(before_check, number); }

// Whether products are right with the set in use; a crash, or a second of computing without an end,
// is not.
static bool products_are_right(void) {
  if (!cblas_sgemm || !cblas_dgemm) return true;
  static const int fatal[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGVTALRM};
  enum { count = sizeof fatal / sizeof *fatal };
  struct sigaction before[count], ours = {.sa_handler = give_up, .sa_flags = SA_NODEFER};
  sigset_t caught, mask;
  sigemptyset(&caught);
  for (int i = 0; i < count; i++) {
    sigaddset(&caught, fatal[i]);
    sigaction(fatal[i], &ours, &before[i]);
  }
  // Whoever started the program may have blocked them.
  pthread_sigmask(SIG_UNBLOCK, &caught, &mask);
  const struct itimerval second = {.it_value.tv_sec = 1}, never = {0};
  volatile bool is_right = false;
  if (sigsetjmp(before_check, 1) == 0) {
    setitimer(ITIMER_VIRTUAL, &second, NULL);
    if (openblas_set_num_threads) openblas_set_num_threads(1);
    is_right = single_is_right(1e-2) && double_is_right(1e-10);
  }
  setitimer(ITIMER_VIRTUAL, &never, NULL);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  for (int i = 0; i < count; i++) sigaction(fatal[i], &before[i], NULL);
  return is_right;
}

bool sc_blas_choose_kernels(void) {
  if (getenv(variable) || !can_switch()) return products_are_right();
  char own[64] = "";
  strncpy(own, openblas_get_corename(), sizeof own - 1);
  const char *best = sc_blas_choice(own, sc_this_processor());
  const char *const tries[] = {best, best ? "Haswell" : NULL, own, "Haswell", "Prescott"};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    if (!tries[i]) continue;
    bool is_in_use = strcasecmp(openblas_get_corename(), tries[i]) == 0 || sc_blas_use(tries[i]);
    if (is_in_use && products_are_right()) return true;
    if (is_in_use && !rejected) rejected = i == 0 ? best : strdup(own);
  }
  return false;
}
