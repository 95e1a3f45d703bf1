// The threads that help the first one. Dispatch is not used: a second after work has waited for a
// thread, it looks the thread up in /proc. If /proc cannot be read, it ends the program.

import Glibc

/// Threads that wait for work between calls. There are as many as a call has asked for, without the
/// calling one.
final class ThreadTeam: Sendable {
  static let shared = ThreadTeam()

  private let state = Guarded()

  /// Calls `body` with 0 on this thread, and with 1, 2 … below `places` on idle ones. Returns when
  /// all calls have ended. A call that no thread has begun when the first ends is left out: a body
  /// does pieces of work until none remain. Calls may be nested.
  func run(_ places: Int, _ body: @Sendable (_ place: Int) -> Void) {
    guard places > 1 else { return body(0) }
    withoutActuallyEscaping(body) { body in
      let job = Job(places: places, body: body)
      state.add(job)
      body(0)
      state.finish(job)
    }
  }
}

/// One call of `run`. Its places change only under the lock of `Guarded`.
private final class Job: @unchecked Sendable {
  let places: Int
  let body: @Sendable (Int) -> Void
  var taken = 1
  var running = 0

  init(places: Int, body: @escaping @Sendable (Int) -> Void) {
    (self.places, self.body) = (places, body)
  }
}

/// The jobs with free places, the number of threads, and the lock that guards both.
@safe private final class Guarded: @unchecked Sendable {
  // SAFETY: allocated once and never freed: the threads use it to the end of the process.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let added: UnsafeMutablePointer<pthread_cond_t>
  private let ended: UnsafeMutablePointer<pthread_cond_t>
  private var open: [Job] = []
  private var threads = 0

  init() {
    (unsafe lock, unsafe added, unsafe ended) = (
      .allocate(capacity: 1), .allocate(capacity: 1), .allocate(capacity: 1)
    )
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(added, nil)
    unsafe pthread_cond_init(ended, nil)
  }

  func add(_ job: Job) {
    unsafe pthread_mutex_lock(lock)
    while threads < job.places - 1 && startThread() { threads += 1 }
    open.append(job)
    unsafe pthread_mutex_unlock(lock)
    for _ in 1..<job.places { unsafe pthread_cond_signal(added) }
  }

  /// Removes the job's free places and waits for the threads at work.
  func finish(_ job: Job) {
    unsafe pthread_mutex_lock(lock)
    open.removeAll { $0 === job }
    while job.running > 0 { unsafe pthread_cond_wait(ended, lock) }
    unsafe pthread_mutex_unlock(lock)
  }

  /// The endless loop of a thread of the team. The last added job comes first: it may be a part of
  /// another.
  func work() -> Never {
    unsafe pthread_mutex_lock(lock)
    while true {
      guard let job = open.last else {
        unsafe pthread_cond_wait(added, lock)
        continue
      }
      let place = job.taken
      job.taken += 1
      job.running += 1
      if job.taken == job.places { open.removeAll { $0 === job } }
      unsafe pthread_mutex_unlock(lock)
      job.body(place)
      unsafe pthread_mutex_lock(lock)
      job.running -= 1
      if job.running == 0 { unsafe pthread_cond_broadcast(ended) }
    }
  }

  /// Starts one more thread, and returns whether the system allows it. If not, the present threads
  /// do the work. Signals to the process are left to the first thread.
  private func startThread() -> Bool {
    var (all, before, thread) = (sigset_t(), sigset_t(), pthread_t())
    unsafe sigfillset(&all)
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV] {
      unsafe sigdelset(&all, number)
    }
    unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    // SAFETY: `self` is never freed: it belongs to a constant.
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in unsafe Unmanaged<Guarded>.fromOpaque(argument!).takeUnretainedValue().work() },
      Unmanaged.passUnretained(self).toOpaque())
    if status == 0 { pthread_detach(thread) }
    return status == 0
  }
}
