// What happens to a half-written file when a signal ends the program, and to a training run that is asked to stop.
#pragma once

/// Installs the handlers. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and SIGXCPU take the temporary file away and then end the
/// program as they always do (those that the caller ignores stay ignored); a trap or a bad access takes it away, writes one of the lines
/// (whole, with the line feed; they must stay valid) and ends with its status; SIGXFSZ is ignored: write(2) reports it.
void sc_signals_install(const char *bug_line, const char *memory_line, const char *input_line);

/// The file `name` in the open directory is to be removed if the program ends before `sc_temporary_release`. One at a time.
void sc_temporary_hold(int directory, const char *name);

/// The file is complete, renamed or gone: nothing is to be removed any more.
void sc_temporary_release(void);

/// Removes the held file, if there is one.
void sc_temporary_remove(void);

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
