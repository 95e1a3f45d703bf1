// What a file is that none of the formats recognizes, as far as its first bytes tell: so that the message can say what to do with it.

extension DataFormats {
  /// The fault for a file of no format that is read.
  package static func unknownFormat(path: String) throws -> FormatFault {
    if let packing = packing(try FileDescriptor(reading: path).read(8, at: 0)) {
      return FormatFault("", packing.what, packing.advice)
    }
    let bytes = try firstBytes(path)
    if bytes.isEmpty { return FormatFault("", "the file is empty") }
    if bytes.dropFirst(257).starts(with: "ustar".utf8) {
      return FormatFault("", "a tar archive", "unpack it and name what is inside")
    }
    if isRData(bytes) {
      return FormatFault(
        "", "data of R", "write the counts from R as a Matrix Market folder (README.md shows how)")
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

  /// Whether these first bytes, 16 or more, are those of an archive or of data of R.
  package static func isForeign(_ first: [UInt8]) -> Bool {
    packing(first) != nil || isRData(first)
  }

  private static func packing(_ bytes: [UInt8]) -> (what: String, advice: String)? {
    let inside = "unpack it and name what is inside"
    let kinds: [(signature: [UInt8], what: String)] = [
      ([0x50, 0x4B, 3, 4], "a zip archive"), ([0x50, 0x4B, 5, 6], "an empty zip archive"),
      ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"), (Array("BZh".utf8), "packed by bzip2"),
      ([0xFD, 0x37, 0x7A, 0x58], "packed by xz"), ([0x28, 0xB5, 0x2F, 0xFD], "packed by zstd"),
    ]
    return kinds.first { bytes.starts(with: $0.signature) }.map { ($0.what, inside) }
  }

  /// What `save` and `saveRDS` of R write.
  private static func isRData(_ bytes: [UInt8]) -> Bool {
    ["RDX2\n", "RDX3\n", "RDA2\n", "RDA3\n", "X\n\0\0\0\u{2}", "X\n\0\0\0\u{3}"]
      .contains { bytes.starts(with: $0.utf8) }
  }

  private static func isOneColumn(_ bytes: [UInt8]) -> Bool {
    bytes.contains(0x0A) && bytes.allSatisfy { $0 > 0x20 || [0x0A, 0x0D].contains($0) }
  }
}
