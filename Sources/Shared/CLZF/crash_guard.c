#include "include/crash_guard.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static char guard_line[1024];
static size_t guard_length;
static int guard_status;

static const int guard_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { guard_count = sizeof guard_signals / sizeof guard_signals[0] };
static struct sigaction guard_before[guard_count];

/* The handler needs its own stack: a library that recurses without end has used up the other
 * one. */
static char guard_stack[65536];

static void guard_end(int number) {
  (void)number;
  ssize_t ignored = write(STDERR_FILENO, guard_line, guard_length);
  (void)ignored;
  _exit(guard_status);
}

void crash_guard_set(const char *line, int status) {
  strncpy(guard_line, line, sizeof guard_line - 1);
  guard_length = strlen(guard_line);
  guard_status = status;
}

void crash_guard_enter(void) {
  if (guard_length == 0) return;
  stack_t stack = {.ss_sp = guard_stack, .ss_size = sizeof guard_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = guard_end, .sa_flags = SA_ONSTACK};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < guard_count; i++) sigaction(guard_signals[i], &action, &guard_before[i]);
}

void crash_guard_leave(void) {
  if (guard_length == 0) return;
  for (int i = 0; i < guard_count; i++) sigaction(guard_signals[i], &guard_before[i], NULL);
}
