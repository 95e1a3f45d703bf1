#ifndef CLZF_CRASH_GUARD_H
#define CLZF_CRASH_GUARD_H

/* libhdf5 1.10 reads past its buffers, or jumps through null, on some damaged files. Swift
 * cannot catch that. Here the process ends with a documented status instead of a crash. */

/* From now on a crash between enter and leave writes `line` to standard error and ends the
 * process with `status`. The text is copied; one longer than 1023 bytes is cut. Without this
 * call crashes remain crashes. */
void crash_guard_set(const char *line, int status);

/* Around every use of the library; calls must not be nested. */
void crash_guard_enter(void);
void crash_guard_leave(void);

#endif
