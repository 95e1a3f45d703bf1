// OpenBLAS made safe to start: see blas.c for why and how.
#pragma once
#include <stdbool.h>

/// Chooses the kernels that are fastest on this processor and maps the work space of `threads` callers for good, so that
/// no later call can wait for memory for ever. Returns false if the memory cannot be had; OpenBLAS must not be called then.
bool sc_blas_prepare(int threads);

/// The family of kernels in use, or NULL where the library does not tell.
const char *sc_blas_kernels(void);
