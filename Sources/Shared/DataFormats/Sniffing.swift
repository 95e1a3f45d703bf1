// A file's content shows its format, whatever its name. The members of the root distinguish the
// layouts of HDF5 files and zarr stores.

import Tensors

extension DataFormats {
  /// The format of a file, by its content. A directory that is no zarr store is treated as Matrix
  /// Market. Nil for other inputs: a tensor stream, a pipe, an empty file, an unknown format.
  package static func sniff(path: String) throws -> FileFormat? {
    let status = try FileStatus(reading: path)
    if try ZarrTree.isStore(path) { return try withTree(path) { try treeFormat($0) } }
    if status.isDirectory { return .matrixMarket }
    guard status.isRegular, status.size > 0 else { return nil }
    if try isHDF5(path, byteCount: status.size) {
      return try withTree(path) { try treeFormat($0) }
    }
    return textFormat(try firstBytes(path))
  }

  /// Whether a folder may give way to AnnData or MuData in zarr: it is empty, or holds just that.
  package static func isReplaceable(folder path: String) -> Bool {
    if (try? FileStatus.names(inDirectory: path, hidden: true).isEmpty) ?? false { return true }
    guard (try? ZarrTree.isStore(path)) ?? false else { return false }
    let root = try? ZarrTree(reading: path, options: ReadingOptions()).root
    guard let root else { return false }
    if let type = try? root.text("encoding-type"), ["anndata", "MuData"].contains(type) {
      return true
    }
    return (try? treeFormat(root)) == .anndata
  }

  /// Whether the signature of HDF5 is at the start, or after a user block of 512, 1024, 2048, …
  /// bytes.
  static func isHDF5(_ path: String, byteCount: Int) throws -> Bool {
    var offset = 0
    while offset + 8 <= byteCount {
      if try Descriptor.bytes(of: path, 8, at: offset) == Signature.hdf5 { return true }
      offset = offset == 0 ? 512 : offset * 2
    }
    return false
  }

  /// The beginning of the content, unpacked if it is packed.
  static func firstBytes(_ path: String) throws -> [UInt8] {
    let input = try ByteInput(path: path)
    var buffer = Buffer<UInt8>(repeating: 0, count: 4096)
    var filled = 0
    while filled < buffer.count {
      let got = try input.read(into: &buffer, from: filled)
      if got == 0 { break }
      filled += got
    }
    return Array(buffer.prefix(filled))
  }

  private static func textFormat(_ bytes: [UInt8]) -> FileFormat? {
    if bytes.starts(with: "%%MatrixMarket".utf8) { return .matrixMarket }
    if ForeignContent.kind(of: bytes) != nil || Signature.isTensorStream(bytes) { return nil }
    let isText = bytes.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) }
    let delimiters: [UInt8] = [0x09, 0x2C, 0x3B, 0x20]
    return isText && bytes.contains(where: delimiters.contains) ? .text : nil
  }

  private static func treeFormat(_ root: any StoredGroup) throws -> FileFormat? {
    let names = Set(try root.names)
    func isGroup(_ name: String) throws -> Bool {
      guard names.contains(name), case .group = try root[name] else { return false }
      return true
    }
    if try root.text("encoding-type") == "MuData" { return .mudata }
    if try isGroup("mod"), !names.contains("X") { return .mudata }
    if try isGroup("matrix") { return .tenXHDF5 }
    if names.contains("matrix"), names.contains("row_attrs") || names.contains("col_attrs") {
      return .loom
    }
    if names.contains("exprs") { return .benchmark }
    if names.contains("obs") || names.contains("var") { return .anndata }
    if try root.text("encoding-type") == "anndata" || isGroup("X") { return .anndata }
    if names.contains("X") || names.contains("X1") { return .benchmark }
    return try TenXReader.genomes(of: root).isEmpty ? nil : .tenXHDF5
  }
}
