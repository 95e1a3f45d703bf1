// The differences of lgamma and digamma that the likelihoods of counts need, for one precision. It
// is part of their templates.
#ifndef C1
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
#endif

// lgamma(t) - lgamma(y) and digamma(t) - digamma(y) for y = t + x, by Stirling's series and the
// recurrence of lgamma. t8 and y8 are t and y shifted up to 8 or more. The sums are written in d =
// y8 - t8 so that large dispersions do not cancel.
SC_INLINE void NAME(gamma_ratio)(REAL t, REAL x, REAL *lgamma_ratio, REAL *digamma_difference) {
  const REAL y = t + x;
  REAL pt = 1, qt = 0, py = 1, qy = 0;
  for (int k = 0; k < 8; k++) {
    const REAL tk = t + (REAL)k, yk = y + (REAL)k;
    qt = qt * tk + pt;
    pt = pt * tk;
    qy = qy * yk + py;
    py = py * yk;
  }
  const int shift_t = t < (REAL)8, shift_y = y < (REAL)8;
  pt = shift_t ? pt : (REAL)1;
  qt = shift_t ? qt : (REAL)0;
  py = shift_y ? py : (REAL)1;
  qy = shift_y ? qy : (REAL)0;
  const REAL t8 = shift_t ? t + (REAL)8 : t;
  const REAL d = x + (shift_y ? (REAL)8 : (REAL)0) - (shift_t ? (REAL)8 : (REAL)0);
  const REAL y8 = t8 + d;
  const REAL it = (REAL)1 / t8, iy = (REAL)1 / y8;
  const REAL it2 = it * it, iy2 = iy * iy;
  const REAL log_yt = FN(log1p)(d * it);  // log(y8 / t8)
  const REAL series_t = it * (C1 + it2 * (C3 + it2 * (C5 + it2 * (C7 + it2 * C9))));
  const REAL series_y = iy * (C1 + iy2 * (C3 + iy2 * (C5 + iy2 * (C7 + iy2 * C9))));
  const REAL stirling = d - (t8 - (REAL)0.5) * log_yt - d * FN(log)(y8) + (series_t - series_y);
  *lgamma_ratio = stirling + FN(log)(py / pt);
  const REAL psi_t = it2 * (D2 + it2 * (D4 + it2 * (D6 + it2 * (D8 + it2 * D10))));
  const REAL psi_y = iy2 * (D2 + iy2 * (D4 + iy2 * (D6 + iy2 * (D8 + iy2 * D10))));
  *digamma_difference =
      -log_yt - (REAL)0.5 * d * it * iy - (psi_t - psi_y) - (qt / pt - qy / py);
}
