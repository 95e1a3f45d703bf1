// The clustering losses of scEMC in both precisions. Sums over a row may be formed in lanes.
#include "include/deep_clustering.h"
#include "dispatch.h"
#pragma clang fp contract(fast)
#pragma clang fp reassociate(on)

#define TEMPLATE "deep_clustering_template.h"
#include "both_precisions.h"
