// OpenBLAS made safe to start: see blas.c for why and how; blas_kernels.c chooses its kernels.
#pragma once
#include <stdbool.h>

typedef enum {
  sc_blas_ready,
  /// Its work space cannot be had: OpenBLAS must not be called.
  sc_blas_no_memory,
  /// It computes wrong products with every available set of kernels.
  sc_blas_wrong,
} sc_blas_state;

/// Chooses the kernels that are fastest on this processor, and checks a product. It maps the work
/// space of `threads` callers for the rest of the run, so that no later call can wait for memory
/// for ever.
sc_blas_state sc_blas_prepare(int threads);

/// The set of kernels in use, or NULL if the library does not report it.
const char *sc_blas_kernels(void);

/// A faster set that was not used because it failed the check; NULL if there is none.
const char *sc_blas_rejected_kernels(void);

/// Selects another set of kernels for the next products; no product may be running. False if the
/// library has no such set; then it uses one of its choice. False also if the processor cannot run
/// it; then nothing changes.
bool sc_blas_use(const char *name);

/// Version and options of the library, or NULL.
const char *sc_blas_version(void);

/// The instruction set that the project's own loops are compiled for and run with here.
const char *sc_loop_kernels(void);

/// What a processor has, as far as the choice depends on it.
typedef struct {
  bool is_amd;
  unsigned family;
  bool has_avx2;    // and FMA
  bool has_avx512;  // F, DQ, BW and VL
} sc_processor;

/// This machine's processor.
sc_processor sc_this_processor(void);

/// The set of kernels to use instead of OpenBLAS's `own` choice, or NULL to keep that.
const char *sc_blas_choice(const char *own, sc_processor processor);
