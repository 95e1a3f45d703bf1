// Everything here is called from handlers too: only async-signal-safe functions, only lock-free
// atomics.

#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { status_bug = 70, status_memory = 71, status_input = 74 };

enum { most_temporaries = 64, most_inputs = 16 };
enum { slot_free, slot_taken, slot_held };

static struct {
  char name[256];
  int directory;
  atomic_int state;
} temporaries[most_temporaries];

static struct {
  int file;
  struct stat status;
} inputs[most_inputs];
static atomic_int input_count;

static atomic_int stop_signal, checkpoint_wanted, signal_while_publishing;
static atomic_bool is_deferred, is_publishing;
static const char *lines[3];

// The entries of a folder from the kernel; opendir allocates memory, which a handler must not.
struct entry {
  unsigned long long inode, offset;
  unsigned short size;
  unsigned char type;
  char name[];
};

// Whether it is gone.
static bool remove_below(int directory, const char *name, int depth) {
  if (unlinkat(directory, name, 0) == 0) return true;
  int folder = depth > 0 ? openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  if (folder < 0) return false;
  _Alignas(struct entry) char bytes[1024];
  // What is removed while the list is read may hide others: again, until nothing is removed.
  for (bool is_removing = true; is_removing;) {
    is_removing = false;
    lseek(folder, 0, SEEK_SET);
    for (long count; (count = syscall(SYS_getdents64, folder, bytes, sizeof bytes)) > 0;) {
      for (long at = 0; at < count;) {
        const struct entry *entry = (const struct entry *)(bytes + at);
        at += entry->size;
        if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
        if (remove_below(folder, entry->name, depth - 1)) is_removing = true;
      }
    }
  }
  close(folder);
  return unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

void sc_remove(int directory, const char *name) { (void)remove_below(directory, name, 32); }

int sc_temporary_hold(int directory, const char *name) {
  if (strlen(name) >= sizeof temporaries[0].name) return -1;
  for (int i = 0; i < most_temporaries; i++) {
    int expected = slot_free;
    if (!atomic_compare_exchange_strong(&temporaries[i].state, &expected, slot_taken)) continue;
    strcpy(temporaries[i].name, name);
    temporaries[i].directory = directory;
    atomic_store(&temporaries[i].state, slot_held);
    return i;
  }
  return -1;
}

void sc_temporary_release(int slot) {
  if (slot >= 0) atomic_store(&temporaries[slot].state, slot_free);
}

void sc_temporary_remove_all(void) {
  for (int i = 0; i < most_temporaries; i++) {
    int expected = slot_held;
    if (!atomic_compare_exchange_strong(&temporaries[i].state, &expected, slot_free)) continue;
    sc_remove(temporaries[i].directory, temporaries[i].name);
  }
}

bool sc_input_watch(int file) {
  int place = atomic_load(&input_count);
  if (place == most_inputs || fstat(file, &inputs[place].status) != 0) return false;
  inputs[place].file = file;
  atomic_store(&input_count, place + 1);
  return true;
}

bool sc_inputs_changed(void) {
  for (int i = 0; i < atomic_load(&input_count); i++) {
    struct stat now, *before = &inputs[i].status;
    if (fstat(inputs[i].file, &now) != 0) continue;
    if (now.st_size != before->st_size || now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != before->st_mtim.tv_nsec) {
      return true;
    }
  }
  return false;
}

_Noreturn void sc_end_by_signal(int number) {
  sc_temporary_remove_all();
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
  if (atomic_load(&is_publishing)) {
    atomic_store(&signal_while_publishing, number);
    return;
  }
  if (atomic_load(&is_deferred) && (number == SIGINT || number == SIGTERM)) {
    int none = 0;
    if (atomic_compare_exchange_strong(&stop_signal, &none, number)) {
      errno = saved;
      return;
    }
  }
  sc_end_by_signal(number);
}

void sc_publishing(bool is_begun) {
  atomic_store(&is_publishing, is_begun);
  int number = is_begun ? 0 : atomic_exchange(&signal_while_publishing, 0);
  if (number) on_end(number);
}

static void on_checkpoint(int number) {
  (void)number;
  atomic_store(&checkpoint_wanted, 1);
}

static _Noreturn void end_with(int line, int status) {
  sc_temporary_remove_all();
  ssize_t ignored = write(STDERR_FILENO, lines[line], strlen(lines[line]));
  (void)ignored;
  _exit(status);
}

// The Swift runtime aborts if a small allocation fails; failures of large ones are reported before.
// The cause was memory if memory is limited, or cannot be allocated now.
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
  // A mapped input may have been overwritten during a computation that relies on it.
  if (number == SIGBUS || sc_inputs_changed()) end_with(2, status_input);
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
  static char stack[64 << 10];  // for the handler, if the stack overflowed
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
  install(SIGUSR1, SIG_IGN, 0);  // until somebody listens
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
