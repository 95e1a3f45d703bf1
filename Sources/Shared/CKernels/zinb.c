// The ZINB kernel in both precisions.
#include "include/zinb.h"
#include "dispatch.h"
#include "search.h"
#pragma clang fp contract(fast)

#define EPS ((REAL)1e-10)

#define TEMPLATE "zinb_template.h"
#include "both_precisions.h"
