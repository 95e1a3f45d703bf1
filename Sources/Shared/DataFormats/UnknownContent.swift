// What a file is that none of the formats recognizes, as far as its bytes tell: so that the message can say what to do with it.

import Tensors

extension DataFormats {
  /// The fault for a file of no format that is read.
  package static func unknownFormat(path: String) throws -> FormatFault {
    let file = try FileDescriptor(reading: path)
    let raw = try file.read(512, at: 0)
    if raw.starts(with: [0x50, 0x4B, 3, 4]) {
      let size = try FileStatus(path).byteCount
      let bytes = try file.read(1 << 16, at: 0) + file.read(1 << 16, at: max(0, size - 1 << 16))
      let kind = ForeignContent.zip(bytes)
      return FormatFault("", kind.what, kind.advice)
    }
    if let kind = ForeignContent.kind(of: raw) { return FormatFault("", kind.what, kind.advice) }
    let bytes = try firstBytes(path)
    if bytes.isEmpty {
      return FormatFault(
        "", "the file is empty", "see whether the program that wrote it failed, and make it again")
    }
    if try isHDF5(path, byteCount: FileStatus(path).byteCount) {
      let names = try HDF5Library.exclusively {
        try HDF5File(reading: path, options: ReadingOptions()).root.names
      }
      let kind = ForeignContent.hdf5(names)
      return FormatFault("", kind.what, kind.advice)
    }
    if isGzip(raw), let kind = packedKind(bytes) {
      return FormatFault("", kind.what, kind.advice)
    }
    if isOneColumn(bytes) {
      return FormatFault(
        "", "one column of text, no matrix",
        "where it lists the cells or genes of a matrix, name the matrix or its folder")
    }
    return FormatFault(
      "", "its format is not known",
      "give AnnData (.h5ad), 10x HDF5 or a 10x folder, Matrix Market, MuData, Loom, delimited text or a tensor stream"
    )
  }

  /// Whether these first bytes, 16 or more, are those of a file that is known not to be a tensor stream.
  package static func isForeign(_ first: [UInt8]) -> Bool {
    ForeignContent.kind(of: first) != nil
  }

  /// Whether a file is packed by gzip and holds HDF5 or a tensor stream, which are read once they are unpacked.
  package static func isPackedBinary(path: String) throws -> Bool {
    guard isGzip(try FileDescriptor(reading: path).read(2, at: 0)) else { return false }
    let bytes = try firstBytes(path)
    return bytes.starts(with: hdf5Signature) || isTensorStream(bytes)
  }

  static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// What came out of gzip.
  private static func packedKind(_ bytes: [UInt8]) -> ForeignContent.Kind? {
    if isGzip(bytes) { return ForeignContent.packedTwice }
    if bytes.starts(with: hdf5Signature) {
      return ("HDF5 packed by gzip", "unpack it (gunzip -k FILE) and name what comes out")
    }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) {
      return ("a zip archive packed by gzip", "unpack both and name what is inside")
    }
    if bytes.dropFirst(257).starts(with: "ustar".utf8) {
      return ("a packed tar archive", "unpack it (tar -xzf FILE) and name what is inside")
    }
    return ForeignContent.kind(of: bytes)
  }

  private static func isOneColumn(_ bytes: [UInt8]) -> Bool {
    bytes.contains(0x0A) && bytes.allSatisfy { $0 > 0x20 || [0x0A, 0x0D].contains($0) }
  }
}
