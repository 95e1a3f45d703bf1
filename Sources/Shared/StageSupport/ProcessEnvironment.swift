// The environment of the process: its arguments as bytes, its variables, the cores that it may use.

import CLaunch
import Glibc
import Ground

enum ProcessEnvironment {
  /// The arguments after the program's name; bytes that are not UTF-8 are kept (see `Path`).
  /// Swift's own list is read from /proc, which need not be there.
  static var arguments: [String] {
    // SAFETY: the list holds as many strings, which end in zero and live as long as the process.
    guard let list = unsafe sc_argument_list() else { return [] }
    return (1..<max(1, Int(sc_argument_count()))).compactMap { i in
      unsafe list[i].map { argument in
        Path.argument(
          of: unsafe [UInt8](UnsafeRawBufferPointer(start: argument, count: strlen(argument))))
      }
    }
  }

  /// The value of a variable, if it is set and valid UTF-8.
  static func variable(_ name: String) -> String? {
    // SAFETY: the value ends in zero and is copied at once; nothing sets variables meanwhile.
    unsafe getenv(name).flatMap { unsafe String(validatingCString: $0) }
  }

  /// The folder of temporary files: TMPDIR, else /tmp.
  static var temporaryFolder: String { variable("TMPDIR") ?? "/tmp" }

  /// A variable's value as a positive number.
  static func count(_ name: String) -> Int? {
    variable(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// How many cores this process may use (its affinity, as batch systems and containers set it).
  static var usableCores: Int { Int(sc_usable_cores()) }

  /// The number of threads if the user names none: SC_THREADS, else SLURM_CPUS_PER_TASK, else the
  /// usable cores.
  static var defaultThreads: Int {
    count("SC_THREADS") ?? count("SLURM_CPUS_PER_TASK") ?? usableCores
  }

  /// The kernels of products and loops, on which last digits depend: `OpenBLAS 0.3.21 SkylakeX,
  /// loops x86-64-v4`.
  static var kernels: String {
    // SAFETY: constants that end in zero.
    let version = unsafe sc_blas_version().map { unsafe String(cString: $0) } ?? ""
    let set = unsafe sc_blas_kernels().map { unsafe String(cString: $0) } ?? "of unknown kernels"
    let loops = unsafe String(cString: sc_loop_kernels())
    let number = version.split(separator: " ").dropFirst().first ?? ""
    return
      "\(["OpenBLAS", String(number), set].filter { !$0.isEmpty }.joined(separator: " ")), loops \(loops)"
  }

  /// A faster set of kernels that was not used because its products are wrong on this machine.
  static var rejectedKernels: String? {
    // SAFETY: a constant that ends in zero, or nil.
    unsafe sc_blas_rejected_kernels().map { unsafe String(cString: $0) }
  }

  /// Seconds on a clock that only goes forward.
  static var seconds: Double {
    var time = timespec()
    // SAFETY: `time` is the call's to fill.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The bytes that this process has in memory now, with libraries and mapped files; 32 MiB if the
  /// system does not show it.
  static var residentBytes: Int {
    let text = (try? Descriptor.open(Path("/proc/self/statm"), O_RDONLY).read(upTo: 256)) ?? []
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 32 << 20 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// The bytes of memory that this process may count on: the least of the machine's, the address
  /// space and the control group's.
  static var memoryBudget: Int {
    var limit = rlimit()
    // SAFETY: `limit` is the call's to fill.
    let known = unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
    let addresses = known ? Int(clamping: limit.rlim_cur) : .max
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return min(addresses, machine > 0 ? machine : .max, ControlGroup.memoryLimit ?? .max)
  }
}
