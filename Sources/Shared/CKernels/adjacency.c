// The adjacency loss in both precisions.
#include "include/adjacency.h"
#include "dispatch.h"
#include "search.h"
#pragma clang fp contract(fast)

#define TEMPLATE "adjacency_template.h"
#include "both_precisions.h"
