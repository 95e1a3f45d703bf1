// What the process was started with: its arguments as bytes, its variables, the cores that it may use.

import CLaunch
import Glibc

enum ProcessEnvironment {
  /// The arguments after the program's name; bytes that are not UTF-8 are kept (see `Path`).
  static var arguments: [String] {
    // SAFETY: argv holds `argc` strings that end in zero and live as long as the process.
    (1..<max(1, Int(CommandLine.argc))).compactMap { i in
      unsafe CommandLine.unsafeArgv[i].map { argument in
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

  /// A variable's value as a positive number.
  static func count(_ name: String) -> Int? {
    variable(name).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// How many cores this process may use (its affinity, as batch systems and containers set it).
  static var usableCores: Int { Int(sc_usable_cores()) }

  /// The number of threads if the user names none: SC_THREADS, else SLURM_CPUS_PER_TASK, else the usable cores.
  static var defaultThreads: Int {
    count("SC_THREADS") ?? count("SLURM_CPUS_PER_TASK") ?? usableCores
  }

  /// The family of kernels that OpenBLAS uses.
  static var kernels: String {
    // SAFETY: a constant that ends in zero.
    unsafe sc_blas_kernels().map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// Seconds on a clock that only goes forward.
  static var seconds: Double {
    var time = timespec()
    // SAFETY: `time` is the call's to fill.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The bytes that this process has in memory now, its libraries and mapped files included; where the system does not tell, 32 MiB.
  static var residentBytes: Int {
    let text = (try? Descriptor.open(Path("/proc/self/statm"), O_RDONLY).read(upTo: 256)) ?? []
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 32 << 20 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// The bytes of memory that this process may count on: the least of the machine's, the address space and the control group's.
  static var memoryBudget: Int {
    var limit = rlimit()
    // SAFETY: `limit` is the call's to fill.
    let known = unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
    let addresses = known ? Int(clamping: limit.rlim_cur) : .max
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return min(addresses, machine > 0 ? machine : .max, ControlGroup.memoryLimit ?? .max)
  }
}
