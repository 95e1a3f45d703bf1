// The small sweeps in both precisions.
#include "include/elementwise.h"
#include "dispatch.h"
#pragma clang fp contract(fast)

#define TEMPLATE "elementwise_template.h"
#include "both_precisions.h"
