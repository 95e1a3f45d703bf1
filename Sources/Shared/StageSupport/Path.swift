import ArgumentParser
import Tensors

/// A file name as the system has it: bytes, which need not be UTF-8. `-` means standard input or
/// output.
///
/// The argument parser takes text only. So a byte outside valid UTF-8 becomes an unused character
/// of plane 16 (U+10FF00 + the byte), and becomes the byte again here.
package struct Path: Sendable, Equatable, ExpressibleByArgument {
  /// The name without the zero that ends it in C.
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }

  package init(_ text: String) {
    bytes = text.unicodeScalars.flatMap { scalar in
      scalar.rawByte.map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  package init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    self.init(argument)
  }

  package static var defaultCompletionKind: CompletionKind { .file() }

  /// Standard input or output.
  package static let standard = Path("-")
  package var isStandard: Bool { self == .standard }

  /// The name as text, if it is valid UTF-8.
  package var text: String? { String(validating: bytes, as: UTF8.self) }

  /// The name for messages: bytes that do not print are escaped.
  package var description: String { Path.argument(of: bytes).printable }

  /// The default in `--help`.
  package var defaultValueDescription: String { description }

  /// The folder and the name in it.
  var split: (folder: Path, name: Path) {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (Path("."), self) }
    let folder = slash == 0 ? [UInt8(ascii: "/")] : Array(bytes[..<slash])
    return (Path(bytes: folder), Path(bytes: Array(bytes[(slash + 1)...])))
  }

  /// The name without slashes at its end, which folders may have.
  var withoutSlash: Path {
    let end = bytes.lastIndex { $0 != UInt8(ascii: "/") } ?? 0
    return Path(bytes: Array(bytes.prefix(end + 1)))
  }

  /// Whether the name ends so, in any case.
  package func hasExtension(_ ending: String) -> Bool {
    let tail = bytes.suffix(ending.utf8.count + 1).map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
    return tail == Array((".\(ending)").utf8)
  }

  /// What follows the last dot of the name, in small letters; nil for names without a dot, and
  /// those that only begin with one.
  ///
  /// A zip archive of a zarr store has the ending `zarr.zip`.
  package var ending: String? {
    let name = withoutSlash.split.name.bytes
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot < name.count - 1 else {
      return nil
    }
    if hasExtension("zarr.zip") { return "zarr.zip" }
    return Path(bytes: Array(name[(dot + 1)...])).description.lowercased()
  }

  /// Throws a `ValidationError` for a file with another ending than `endings`. Standard output,
  /// names without an ending, pipes and devices may have any name.
  ///
  /// - Parameters:
  ///   - option: the one that names the file.
  ///   - remedy: an option that makes up for the ending, if there is one.
  package func requireEnding(_ endings: [String], _ option: String, or remedy: String? = nil) throws
  {
    guard !isStandard, let ending, !endings.contains(ending) else { return }
    if let status = try? FileSystem.status(self), !status.isRegular { return }
    let known = endings.map { ".\($0)" }.joined(separator: ", ")
    let more = remedy.map { ", or give \($0)" } ?? ""
    throw ValidationError(
      "--\(option) \(description): the ending .\(ending) is not known; name a file that ends in \(known)\(more)."
    )
  }

  /// The endings of tables as text; Galaxy calls every file .dat.
  package static let textEndings = ["tsv", "txt", "tab", "dat"]

  /// The bytes as an argument: valid UTF-8 unchanged, any other byte as its character of plane 16.
  static func argument(of bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var result = String.UnicodeScalarView()
    var rest = bytes[...]
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      if let text = String(validating: rest.prefix(length), as: UTF8.self) {
        result.append(contentsOf: text.unicodeScalars)
        rest = rest.dropFirst(length)
      } else {
        result.append(Unicode.Scalar(0x10FF00 + UInt32(first)) ?? "\u{FFFD}")
        rest = rest.dropFirst()
      }
    }
    return String(result)
  }
}

extension Path {
  /// The file's name without its folder and ending.
  package var sampleName: String {
    guard !isStandard else { return "sample" }
    let name = description.split(separator: "/").last.map(String.init) ?? description
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}
