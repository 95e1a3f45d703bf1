// Between blas.c and blas_kernels.c.
#pragma once
#include <stdbool.h>

/// Sets the kernels and checks them. False if no set that may be used computes right products.
bool sc_blas_choose_kernels(void);
