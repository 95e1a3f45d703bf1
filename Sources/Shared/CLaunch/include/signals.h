// What happens to a half-written file when a signal ends the program, and to a training run that is
// asked to stop.
#pragma once
#include <stdbool.h>

/// Installs the handlers. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and SIGXCPU take the temporary files away and then end the
/// program as they always do (those that the caller ignores stay ignored); a trap or a bad access takes them away, writes one of the lines
/// (whole, with the line feed; they must stay valid) and ends with its status; SIGXFSZ is ignored: write(2) reports it; SIGUSR1 is ignored
/// until `sc_interruption_listen`.
void sc_signals_install(const char *bug_line, const char *memory_line, const char *input_line);

/// Removes a file, or a folder with all that is in it, if it is there. Links are removed, not followed.
void sc_remove(int directory, const char *name);

/// The file or folder `name` in the open directory is to be removed if the program ends before `sc_temporary_release`. Returns its slot, or −1 where no
/// further file can be held.
int sc_temporary_hold(int directory, const char *name);

/// The file of that slot is renamed or gone: nothing is to be removed any more.
void sc_temporary_release(int slot);

/// Removes all held files.
void sc_temporary_remove_all(void);

/// While outputs get their names signals wait: all get them, or none. One that came does its work when this is over.
void sc_publishing(bool is_begun);

/// An open file whose mapping is computed on: a crash after it was overwritten is no bug of the program. False where too many are watched.
bool sc_input_watch(int file);

/// Whether the size or the time of change of a watched file differs from what it was.
bool sc_inputs_changed(void);

/// From now on the first SIGINT or SIGTERM only raises a flag, and so does every SIGUSR1; a second one ends the program.
void sc_interruption_defer(void);

/// From now on SIGUSR1 only raises the flag that `sc_interruption_take` takes.
void sc_interruption_listen(void);

/// From now on SIGINT and SIGTERM end the program again; one that waits does so now.
void sc_interruption_allow(void);

/// The signal that asked for the end (SIGINT, SIGTERM), SIGUSR1 once for each time a checkpoint was asked for, or 0.
int sc_interruption_take(void);

/// Ends the program by that signal, as if it had never been handled.
_Noreturn void sc_end_by_signal(int number);
