// What a file is that none of the formats recognizes, as far as its bytes show. The message can
// then suggest a remedy.

import Tensors

extension DataFormats {
  /// The fault for a file of no format that is read.
  package static func unknownFormat(path: String) throws -> FormatFault {
    if try ZarrTree.isStore(path) {
      let kind = ForeignContent.zarr(try withTree(path) { try $0.names })
      return FormatFault("", kind.what, kind.advice)
    }
    let raw = try Descriptor.bytes(of: path, 512)
    if raw.starts(with: Signature.zip) {
      let (size, part) = (try FileStatus(reading: path).size, 1 << 16)
      let end = try Descriptor.bytes(of: path, part, at: max(0, size - part))
      let kind = ForeignContent.zip(try Descriptor.bytes(of: path, part) + end)
      return FormatFault("", kind.what, kind.advice)
    }
    if let kind = ForeignContent.kind(of: raw) { return FormatFault("", kind.what, kind.advice) }
    let bytes = try firstBytes(path)
    if bytes.isEmpty {
      return FormatFault(
        "", "the file is empty",
        "check whether the program that wrote it failed, and write it again")
    }
    if try isHDF5(path, byteCount: FileStatus(reading: path).size) {
      let kind = ForeignContent.hdf5(try withTree(path) { try $0.names })
      return FormatFault("", kind.what, kind.advice)
    }
    if raw.starts(with: Signature.gzip), let kind = packedKind(bytes) {
      return FormatFault("", kind.what, kind.advice)
    }
    if isOneColumn(bytes), bytes.prefix(while: { $0 != 0x0A }).contains(UInt8(ascii: "|")) {
      return FormatFault(
        "", "its delimiter is |, which is not read",
        "write tabs in its place (tr '|' '\\t' < FILE > NEWFILE), and name the new file")
    }
    if isOneColumn(bytes) {
      return FormatFault(
        "", "one column of text, not a matrix",
        "if it lists the cells or genes of a matrix, name the matrix or its folder")
    }
    return FormatFault(
      "", "its format is not known",
      "give AnnData (.h5ad or .zarr), 10x HDF5 or a 10x folder, Matrix Market, MuData, Loom, delimited text or a tensor stream"
    )
  }

  /// Whether these first bytes, 16 or more, are those of a file that is known not to be a tensor
  /// stream.
  package static func isForeign(_ first: [UInt8]) -> Bool {
    ForeignContent.kind(of: first) != nil
  }

  /// Whether a file is packed by gzip and holds HDF5 or a tensor stream, which are read once they
  /// are unpacked.
  package static func isPackedBinary(path: String) throws -> Bool {
    guard try isPacked(path: path) else { return false }
    let bytes = try firstBytes(path)
    return bytes.starts(with: Signature.hdf5) || Signature.isTensorStream(bytes)
  }

  /// Whether a file is packed by gzip, by its first bytes.
  static func isPacked(path: String) throws -> Bool {
    try Descriptor.bytes(of: path, 2) == Signature.gzip
  }

  /// What came out of gzip.
  private static func packedKind(_ bytes: [UInt8]) -> ForeignContent.Kind? {
    if bytes.starts(with: Signature.gzip) { return ForeignContent.packedTwice }
    if bytes.starts(with: Signature.hdf5) {
      return ("HDF5 packed by gzip", "unpack it (gunzip -k FILE) and name what comes out")
    }
    if bytes.starts(with: Signature.zip) {
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
