// The options that all stages share, in groups. A stage takes groups with @OptionGroup.

import ArgumentParser
import DataFormats

/// The container to write.
package enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The tensor stream that the stages exchange.
  case safetensors
  /// AnnData, for scanpy and others.
  case h5ad
  /// AnnData for version 0.7, which later ones read too.
  case h5ad07 = "h5ad-0.7"
  /// In zarr, a folder: MuData of paired data, else AnnData.
  case zarr
  /// The same folder in a zip archive.
  case zarrZip = "zarr.zip"
  /// The same in version 3 of zarr; the others have version 2.
  case zarr3 = "zarr-3"
  case zarr3Zip = "zarr-3.zip"
  /// MuData, for muon and others: every modality as an AnnData object of its own.
  case h5mu

  /// The endings of files that are recognized.
  package static let endings = ["safetensors", "st", "h5ad", "zarr", "zarr.zip", "h5mu"]

  /// Whether it holds one AnnData object, also of paired data.
  package var isAnnData: Bool { [.h5ad, .h5ad07].contains(self) }

  /// The version of zarr, of a store.
  var zarrVersion: ZarrVersion? {
    switch self {
    case .zarr, .zarrZip: .two
    case .zarr3, .zarr3Zip: .three
    case .safetensors, .h5ad, .h5ad07, .h5mu: nil
    }
  }

  /// Whether it is a folder.
  package var isFolder: Bool { [.zarr, .zarr3].contains(self) }

  /// The format of a file's ending; nil for other endings.
  package init?(ending path: Path) {
    switch path.ending {
    case "safetensors", "st": self = .safetensors
    case "h5ad": self = .h5ad
    case "zarr": self = .zarr
    case "zarr.zip": self = .zarrZip
    case "h5mu": self = .h5mu
    default: return nil
    }
  }
}

/// What to read.
package struct InputOptions: DeclaredOptions {
  @Argument(
    help: ArgumentHelp(
      "The file or folder to read; - or no name is standard input.",
      discussion: "The format is detected from the content.", valueName: "input"))
  package var input: Path = .standard

  @Flag(
    name: .customLong("no-verify"),
    help: "Skip the checksums of a tensor stream; refused for other formats.")
  package var skipsVerification = false

  package static let declarations: [OptionDeclaration] = [
    .option(
      "no-verify",
      for: Requirement("the format", "tensor streams") { $0.contains("tensor stream") })
  ]

  package init() {}

  /// The file of the input.
  package var file: RunFile { RunFile(nil, input, .input) }
}

/// What to write.
package struct OutputOptions: DeclaredOptions {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write; - or no name is standard output. It appears, or changes, only when the run succeeds.",
      valueName: "file"))
  package var output: Path = .standard

  @Option(
    help: ArgumentHelp(
      "The format to write. safetensors: the tensor stream. h5ad: AnnData. h5ad-0.7: AnnData for anndata 0.7. h5mu: MuData. zarr, zarr.zip: a folder or an archive of version 2, with MuData of paired data, else AnnData. zarr-3, zarr-3.zip: the same in version 3.",
      discussion:
        "By default the ending of the file selects it; .safetensors and .st files, names without an ending and pipes get the tensor stream.",
      valueName: "format"))
  package var format: OutputFormat?

  package static let declarations: [OptionDeclaration] = [
    .option("output", short: "o"), .option("format"),
  ]

  package init() {}

  /// The file of the output.
  package var file: RunFile {
    RunFile("-o", output, .result, isFolder: resolvedFormat.isFolder)
  }

  package mutating func validate() throws {
    if format == nil { try output.requireEnding(OutputFormat.endings, "output", or: "--format") }
    if resolvedFormat.isFolder && output.isStream {
      let name = resolvedFormat.rawValue
      throw ValidationError(
        "--format \(name): a zarr store is a folder, which cannot go to \(output.isStandard ? "standard output" : output.description); name a folder with -o, or give --format \(name).zip."
      )
    }
  }

  /// The given format, else that of the file's ending.
  package var resolvedFormat: OutputFormat {
    format ?? OutputFormat(ending: output) ?? .safetensors
  }
}

/// How to run.
package struct RunningOptions: DeclaredOptions {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The number of threads; results do not depend on it. (default: SC_THREADS, else SLURM_CPUS_PER_TASK, else the cores it may use)",
      valueName: "n"))
  package var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The memory limit, such as 8G or 500M. Runs that need more are refused before the data are read. (default: 90 % of the machine's memory, or the lowest cgroup limit)",
      valueName: "size"))
  package var maxMemory: ByteCount?

  @Option(help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  package var seed: UInt64 = 0

  @Flag(name: .shortAndLong, help: "Print errors only.")
  package var quiet = false

  @Flag(name: .shortAndLong, help: "Print more: choices, estimates, kernels, times.")
  package var verbose = false

  @Option(help: "When to show a progress bar on standard error: auto, always or never.")
  package var progress: ProgressMode = .auto

  @Option(help: "How to write the log on standard error: text, or json, one object per line.")
  package var logFormat: LogFormat = .text

  package static let declarations: [OptionDeclaration] = [
    .option("threads", short: "t", .integers(1...1024)), .option("max-memory", isNumeric: true),
    .option("seed", isNumeric: true),
    .option("quiet", short: "q"), .option("verbose", short: "v"), .option("progress"),
    .option("log-format"),
  ]

  package init() {}

  package mutating func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
    if threads == nil, let text = ProcessEnvironment.variable("SC_THREADS"), !text.isEmpty,
      !(Int(text).map { (1...1024).contains($0) } ?? false)
    {
      throw ValidationError(
        "SC_THREADS '\(text.printable)': must be a number from 1 to 1,024; set it again, or unset it."
      )
    }
    if let text = ProcessEnvironment.variable("SC_SPOOL_FROM"), !text.isEmpty,
      ProcessEnvironment.count("SC_SPOOL_FROM") == nil
    {
      throw ValidationError(
        "SC_SPOOL_FROM '\(text.printable)': must be a number of bytes above 0; set it again, or unset it."
      )
    }
  }

  /// The number of threads to use. OpenBLAS of Debian is built for 128. With 700 it had no buffers
  /// left, and complained on standard output, in the middle of the data.
  var resolvedThreads: Int { min(128, threads ?? ProcessEnvironment.defaultThreads) }

  /// The bytes that the stage may take.
  package var memoryLimit: Int { maxMemory?.bytes ?? ProcessEnvironment.memoryBudget / 10 * 9 }

  var logLevel: Log.Level { quiet ? .quiet : verbose ? .verbose : .normal }
}
