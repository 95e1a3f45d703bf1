// The ZINB kernel in both precisions.
#include "include/zinb.h"
#include "dispatch.h"
#include "search.h"
#pragma clang fp contract(fast)

#define EPS ((REAL)1e-10)
// Stirling: lgamma(z) ~ (z - 1/2) log z - z + log(2 pi)/2 + C1/z + C3/z^3 + C5/z^5 + C7/z^7 +
// C9/z^9
#define C1 ((REAL)(1.0 / 12))
#define C3 ((REAL)(-1.0 / 360))
#define C5 ((REAL)(1.0 / 1260))
#define C7 ((REAL)(-1.0 / 1680))
#define C9 ((REAL)(1.0 / 1188))
// digamma(z) ~ log z - 1/(2z) - D2/z^2 - D4/z^4 - D6/z^6 - D8/z^8 - D10/z^10
#define D2 ((REAL)(1.0 / 12))
#define D4 ((REAL)(-1.0 / 120))
#define D6 ((REAL)(1.0 / 252))
#define D8 ((REAL)(-1.0 / 240))
#define D10 ((REAL)(1.0 / 132))

#define TEMPLATE "zinb_template.h"
#include "both_precisions.h"
