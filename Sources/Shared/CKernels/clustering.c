// The soft assignment and its loss in both precisions.
#include "include/clustering.h"
#include "dispatch.h"
#pragma clang fp contract(fast)

#define TEMPLATE "clustering_template.h"
#include "both_precisions.h"
