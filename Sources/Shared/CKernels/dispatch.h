// Run-time choice of the instruction set: each marked function exists for plain x86-64, AVX2 and
// AVX-512.
#ifndef SC_DISPATCH_H
#define SC_DISPATCH_H
// The version is chosen while the program is being linked, before the thread sanitizer can run.
// Under the sanitizer there is one version.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define SC_DISPATCH __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define SC_DISPATCH
#endif
// Helpers must be inlined into the marked functions, or they would remain plain x86-64.
#define SC_INLINE static inline __attribute__((always_inline))
#endif
