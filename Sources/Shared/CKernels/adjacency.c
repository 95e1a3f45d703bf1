// The adjacency loss in both precisions.
#include "include/adjacency.h"
#include "dispatch.h"
#include "math_f32.h"
#include "math_f64.h"
#include "search.h"
#pragma clang fp contract(fast)

#define REAL float
#define NAME(x) x##_f32
#define FN(x) f32_##x
#include "adjacency_template.h"
#undef REAL
#undef NAME
#undef FN

#define REAL double
#define NAME(x) x##_f64
#define FN(x) f64_##x
#include "adjacency_template.h"
