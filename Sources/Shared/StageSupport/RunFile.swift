// The files of a run. A stage names all files that it reads and writes. Before the work, each is
// compared with every other, and outputs are tried. Two names can be one file through links, other
// spellings of a folder, or an open descriptor of the shell.

import DataFormats
import Glibc
import Tensors

/// A file that a run reads or writes.
package struct RunFile: Sendable {
  /// How the run uses it.
  package enum Use: Sendable, Equatable {
    /// The data of the run.
    case input
    /// Read beside the input.
    case reads
    /// One of several files that are all read alike.
    case comparesWith
    /// A text that need not name a file.
    case mayRead
    /// The data with the results of the run. It may replace the input.
    case result
    /// Anything else that is written when the run succeeds.
    case writes(isBinary: Bool)
    /// Written during the run.
    case checkpoint
    /// A checkpoint to resume from, which need not exist yet.
    case resumes

    var isWritten: Bool {
      switch self {
      case .result, .writes, .checkpoint: true
      case .input, .reads, .comparesWith, .mayRead, .resumes: false
      }
    }

    var isBinary: Bool { self != .writes(isBinary: false) }
  }

  /// The option that names it, or its role; nil for the input.
  package let option: String?
  let path: Path
  let use: Use
  /// Whether it is written as a folder of files.
  let isFolder: Bool

  package init(_ option: String?, _ path: Path, _ use: Use, isFolder: Bool = false) {
    self.option = option
    self.path = isFolder ? path.withoutSlash : path
    self.use = use
    self.isFolder = isFolder
  }

  /// The file of an option; nil if the option was not given.
  package init?(ifGiven option: String, _ path: Path?, _ use: Use) {
    guard let path else { return nil }
    self.init(option, path, use)
  }

  /// `--markers m.tsv`, or `the input in.st`.
  var name: String {
    if path.isStandard {
      if !use.isWritten { return option.map { "\($0) -" } ?? "the input (standard input)" }
      return "\(option ?? "-o") (standard output)"
    }
    return "\(option ?? "the input") \(path.description)"
  }
}

/// The target of a name.
private struct FilePlace {
  /// An existing file, or the folder and the name of a new one.
  enum Identity: Hashable {
    case file(device: UInt, inode: UInt)
    case missing(device: UInt, inode: UInt, name: [UInt8])
  }

  /// The file itself, or those of a folder that is read.
  var identities: Set<Identity> = []
  /// The descriptor of this process, if the name means one.
  let descriptor: Int32?
  let status: FileStatus?
  /// Whether it is a zarr store, which is replaced as a whole.
  private var isStore = false

  init(_ file: RunFile) {
    let path = file.path
    descriptor =
      path.isStandard
      ? (file.use.isWritten ? STDOUT_FILENO : STDIN_FILENO) : path.descriptorNumber
    if let descriptor {
      status = try? Descriptor(descriptor, isOwned: false).status()
    } else {
      status = try? FileSystem.status(path)
    }
    if let status {
      if status.isDirectory {
        addFiles(ofFolder: path.text ?? "")
        isStore = DataFormats.isReplaceable(folder: path.text ?? "")
      } else {
        identities = [.file(device: status.device, inode: status.inode)]
      }
    } else if descriptor == nil, file.use != .mayRead, let end = try? path.resolvingLinks(),
      let folder = try? FileSystem.status(end.split.folder)
    {
      identities = [
        .missing(device: folder.device, inode: folder.inode, name: end.split.name.bytes)
      ]
    }
  }

  private mutating func addFiles(ofFolder folder: String) {
    for name in (try? DataFormats.files(ofFolder: folder)) ?? [] {
      guard let status = try? FileSystem.status(Path(name)) else { continue }
      identities.insert(.file(device: status.device, inode: status.inode))
    }
  }

  /// Whether the complete output replaces the former file.
  var isReplaced: Bool { descriptor == nil && (status?.isRegular ?? true || isStore) }

  /// Whether several roles may share it: /dev/null takes any number of outputs, a terminal all
  /// texts, a socket both directions.
  private var isShared: Bool {
    guard let status else { return false }
    return status.isCharacterDevice || status.isSocket
  }

  func isSame(as other: FilePlace) -> Bool {
    if let descriptor, descriptor == other.descriptor { return true }
    return !isShared && !other.isShared && !identities.isDisjoint(with: other.identities)
  }
}

extension [RunFile] {
  /// Throws kind `usage` with both options if two of them name one file.
  package func requireDistinct() throws {
    let places = map { FilePlace($0) }
    for (j, second) in enumerated() {
      for (i, first) in self[..<j].enumerated() where places[i].isSame(as: places[j]) {
        let isReplaced = places[i].isReplaced && places[j].isReplaced
        if RunFile.mayBeOne(first.use, second.use, isReplaced: isReplaced) { continue }
        if first.option == second.option && !first.use.isWritten && !second.use.isWritten {
          throw StageFault(
            .usage, "\(first.name) and \(second.name) are one file; name every file once")
        }
        if first.path.isStandard && second.path.isStandard && first.use.isWritten {
          let names = [first, second].map { $0.option ?? "-o" }
          let remedy = names.filter { $0.hasPrefix("-") }.joined(separator: " or ")
          throw StageFault(
            .usage,
            "\(names[0]) and \(names[1]) both go to standard output; name a file with \(remedy)")
        }
        let (one, other) = first.use == .input ? (second, first) : (first, second)
        let remedy = one.use.isWritten || !other.use.isWritten ? one : other
        throw StageFault(
          .usage,
          "\(one.name) and \(other.name) are one file; name another with \(remedy.option ?? "-o")")
      }
    }
  }
}

extension RunFile {
  fileprivate static func mayBeOne(_ first: Use, _ second: Use, isReplaced: Bool) -> Bool {
    switch (first, second) {
    case (.input, .result), (.result, .input): isReplaced
    case (.checkpoint, .resumes), (.resumes, .checkpoint): true
    case (.input, .comparesWith), (.comparesWith, .input), (.comparesWith, .comparesWith):
      isReplaced
    default: false
    }
  }
}
