// Normal codes in both precisions.
#include "include/gaussian.h"
#include "dispatch.h"
#pragma clang fp contract(fast)

#define TEMPLATE "gaussian_template.h"
#include "both_precisions.h"
