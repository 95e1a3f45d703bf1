// The speed of OpenBLAS's sgemm on one thread, in GFLOP/s, in products as large as a training
// step's: the yardstick of Benchmarks/epoch.py. Repeats for SECONDS (the first argument) and prints
// the median of the repetitions.
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  enum { m = 4096, n = 2048, k = 512, most = 4096 };
  const double limit = argc > 1 ? atof(argv[1]) : 2;
  float *a = malloc(sizeof(float) * m * k), *b = malloc(sizeof(float) * k * n), *c = malloc(sizeof(float) * m * n);
  static double seconds[most];
  if (!a || !b || !c) return 71;
  for (long i = 0; i < (long)m * k; i++) a[i] = (float)(i % 7) - 3;
  for (long i = 0; i < (long)k * n; i++) b[i] = (float)(i % 5) - 2;
  openblas_set_num_threads(1);
  int count = 0;
  const double start = now();
  while (count < 3 || (count < most && now() - start < limit)) {
    const double t = now();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
    seconds[count++] = now() - t;
  }
  qsort(seconds, (size_t)count, sizeof *seconds, ascending);
  printf("%.1f\n", 2.0 * m * n * k / seconds[count / 2] / 1e9);
  return 0;
}
