// What happens to a half-written file if a signal ends the program, and to a training run that a
// signal asks to stop.
#pragma once
#include <stdbool.h>

/// Installs the handlers. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and SIGXCPU remove the
/// temporary files and then end the program with their usual effect. Those that the caller ignores
/// remain ignored. A trap or a bad access removes the files, writes one of the lines, and ends with
/// its status. The lines are whole, with the line feed, and must remain valid. SIGXFSZ is ignored:
/// write(2) reports it. SIGUSR1 is ignored until `sc_interruption_listen`.
void sc_signals_install(const char *bug_line, const char *memory_line, const char *input_line);

/// Removes a file, or a folder with its contents, if it exists. Links are removed, not followed.
void sc_remove(int directory, const char *name);

/// Marks the file or folder `name` in the open directory for removal if the program ends before
/// `sc_temporary_release`. Returns its slot, or −1 if there is no free slot.
int sc_temporary_hold(int directory, const char *name);

/// The file of that slot was renamed or removed: it is no longer marked for removal.
void sc_temporary_release(int slot);

/// Removes all held files.
void sc_temporary_remove_all(void);

/// Signals wait while outputs get their names: all get them, or none. A signal that arrives then
/// takes effect when this is over.
void sc_publishing(bool is_begun);

/// Watches an open file whose mapping is in use: a crash after it was overwritten is no bug of the
/// program. False if too many are watched.
bool sc_input_watch(int file);

/// Whether the size or the modification time of a watched file has changed.
bool sc_inputs_changed(void);

/// From now on the first SIGINT or SIGTERM only sets a flag, and so does every SIGUSR1. A second
/// SIGINT or SIGTERM ends the program.
void sc_interruption_defer(void);

/// From now on SIGUSR1 only sets the flag that `sc_interruption_take` reads.
void sc_interruption_listen(void);

/// From now on SIGINT and SIGTERM end the program again; one that waits does so now.
void sc_interruption_allow(void);

/// The signal that asked for the end (SIGINT, SIGTERM), SIGUSR1 once for each requested checkpoint,
/// or 0.
int sc_interruption_take(void);

/// Ends the program by that signal, as if it had never been handled.
_Noreturn void sc_end_by_signal(int number);
