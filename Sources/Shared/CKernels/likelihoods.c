// The likelihoods of variational autoencoders in both precisions.
#include "include/likelihoods.h"
#include "dispatch.h"
#pragma clang fp contract(fast)

#define EPS ((REAL)1e-8)
#define LANES 16
// A dispersion beyond exp(25) or below exp(-25) gives counts the same probabilities as the limit.
#define LARGEST_LOG_DISPERSION ((REAL)25)

#define TEMPLATE "likelihoods_template.h"
#include "both_precisions.h"
