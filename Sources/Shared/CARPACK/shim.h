/* ARPACK, by its Fortran names: a few eigenpairs of a large symmetric operator by reverse
 * communication. */
void dsaupd_(int *ido, const char *bmat, const int *n, const char *which, const int *nev,
             const double *tol, double *resid, const int *ncv, double *v, const int *ldv, int *iparam,
             int *ipntr, double *workd, double *workl, const int *lworkl, int *info);
void dseupd_(const int *rvec, const char *howmny, int *select, double *d, double *z, const int *ldz,
             const double *sigma, const char *bmat, const int *n, const char *which, const int *nev,
             const double *tol, double *resid, const int *ncv, double *v, const int *ldv, int *iparam,
             int *ipntr, double *workd, double *workl, const int *lworkl, int *info);
