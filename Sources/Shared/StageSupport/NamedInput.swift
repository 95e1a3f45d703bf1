import Tensors

/// An input, with its name from the command line: `NAME=FILE`.
package struct NamedInput: Sendable {
  /// Nil if none was given.
  package let name: String?
  package let path: Path

  /// A file that is there under the whole text is that file. A name has no slash.
  package init(_ argument: Path) {
    let bytes = argument.bytes
    if let sign = bytes.firstIndex(of: UInt8(ascii: "=")), sign > 0, sign < bytes.count - 1,
      !bytes[..<sign].contains(UInt8(ascii: "/")), (try? FileSystem.status(argument)) == nil
    {
      name = Path(bytes: Array(bytes[..<sign])).description
      path = Path(bytes: Array(bytes[(sign + 1)...]))
    } else {
      (name, path) = (nil, argument)
    }
  }

  /// The name given, else the file's without its folder and endings.
  package var sampleName: String {
    let isPacked = path.hasExtension("gz") || path.hasExtension("zarr.zip")
    return name ?? (isPacked ? Path(path.sampleName).sampleName : path.sampleName)
  }
}

extension Path {
  /// The file of that name in the folder of this one; an absolute name is unchanged.
  package func beside(_ name: String) -> Path {
    let other = Path(name)
    if isStandard || other.isStandard || other.bytes.first == UInt8(ascii: "/") { return other }
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return other }
    return Path(bytes: bytes[...slash] + other.bytes)
  }
}
