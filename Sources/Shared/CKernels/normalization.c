// Normalizations in both precisions.
#include "include/normalization.h"
#include "dispatch.h"
#pragma clang fp contract(fast)

#define TEMPLATE "normalization_template.h"
#include "both_precisions.h"
