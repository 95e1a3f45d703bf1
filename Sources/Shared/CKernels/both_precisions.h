// Compiles TEMPLATE, a header written with REAL, NAME(x) and FN(x), once in single and once in
// double precision. Include it once in a file.
#include "math_f32.h"
#include "math_f64.h"

#define REAL float
#define NAME(x) x##_f32
#define FN(x) f32_##x
#include TEMPLATE
#undef REAL
#undef NAME
#undef FN

#define REAL double
#define NAME(x) x##_f64
#define FN(x) f64_##x
#include TEMPLATE
