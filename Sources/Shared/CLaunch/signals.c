// Everything here is called from handlers too: only async-signal-safe functions, only lock-free atomics.

#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { status_bug = 70, status_memory = 71, status_input = 74 };

static char held_name[512];
static int held_directory;
static atomic_bool is_held;
static atomic_int stop_signal, checkpoint_wanted;
static atomic_bool is_deferred;
static const char *lines[3];

void sc_temporary_hold(int directory, const char *name) {
  atomic_store(&is_held, false);
  if (strlen(name) >= sizeof held_name) return;
  strcpy(held_name, name);
  held_directory = directory;
  atomic_store(&is_held, true);
}

void sc_temporary_release(void) { atomic_store(&is_held, false); }

void sc_temporary_remove(void) {
  if (atomic_exchange(&is_held, false)) unlinkat(held_directory, held_name, 0);
}

_Noreturn void sc_end_by_signal(int number) {
  sc_temporary_remove();
  signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  raise(number);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  _exit(128 + number);
}

static void on_end(int number) {
  int saved = errno;
  if (atomic_load(&is_deferred) && (number == SIGINT || number == SIGTERM)) {
    int none = 0;
    if (atomic_compare_exchange_strong(&stop_signal, &none, number)) {
      errno = saved;
      return;
    }
  }
  sc_end_by_signal(number);
}

static void on_checkpoint(int number) {
  (void)number;
  atomic_store(&checkpoint_wanted, 1);
}

static _Noreturn void end_with(int line, int status) {
  sc_temporary_remove();
  ssize_t ignored = write(STDERR_FILENO, lines[line], strlen(lines[line]));
  (void)ignored;
  _exit(status);
}

// The Swift runtime aborts when a small allocation fails; large ones are reported before. Which of the two it was shows in
// whether memory is limited, or cannot be had now.
static bool is_short_of_memory(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) return true;
  size_t bytes = (size_t)64 << 20;
  void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return true;
  munmap(address, bytes);
  return false;
}

static void on_crash(int number) {
  if (number == SIGBUS) end_with(2, status_input);
  if (number == SIGABRT && is_short_of_memory()) end_with(1, status_memory);
  end_with(0, status_bug);
}

static void install(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

static bool is_ignored(int number) {
  struct sigaction action;
  return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void sc_signals_install(const char *bug_line, const char *memory_line, const char *input_line) {
  lines[0] = bug_line;
  lines[1] = memory_line;
  lines[2] = input_line;
  static char stack[64 << 10];  // a handler's own stack, for when the ordinary one has run over
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternative, NULL);
  const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    if (!is_ignored(ends[i])) install(ends[i], on_end, SA_RESTART);
  }
  install(SIGPIPE, on_end, 0);
  sigset_t handled;  // a caller may have left them blocked, and nobody could end us
  sigemptyset(&handled);
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) sigaddset(&handled, ends[i]);
  sigaddset(&handled, SIGPIPE);
  sigaddset(&handled, SIGUSR1);
  sigprocmask(SIG_UNBLOCK, &handled, NULL);
  install(SIGXFSZ, SIG_IGN, 0);
  const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
    install(crashes[i], on_crash, (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER));
  }
}

void sc_interruption_listen(void) { install(SIGUSR1, on_checkpoint, SA_RESTART); }

void sc_interruption_defer(void) {
  atomic_store(&is_deferred, true);
  sc_interruption_listen();
}

void sc_interruption_allow(void) {
  atomic_store(&is_deferred, false);
  int number = atomic_load(&stop_signal);
  if (number) sc_end_by_signal(number);
}

int sc_interruption_take(void) {
  int number = atomic_load(&stop_signal);
  if (number) return number;
  return atomic_exchange(&checkpoint_wanted, 0) ? SIGUSR1 : 0;
}
