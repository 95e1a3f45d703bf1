import DataFormats
import Foundation
import Tensors
import TestSupport
import Testing

/// Every file that other programs left in the shared folder: read, or refused with the reason that
/// is named here.
@Suite(.enabled(if: Reference.exists("data/fixtures"), "the shared files are not here"))
struct EveryFixtureTests {
  /// By the end of the path: the kind of the fault, and what it must say. The lists of names beside
  /// a matrix are no matrices.
  private static let refusals: [(ending: String, kind: FaultKind, text: String)] = [
    ("mdata_axis1.h5mu", .badData, "no cell is in every modality"),
    ("multiple_genomes.h5", .usage, "several genomes; choose one by --genome"),
    ("test_10X.zip", .badData, "a zip archive; unpack it"),
    ("test_10X_no_subdir.zip", .badData, "a zip archive; unpack it"),
    ("test_10X_invalid.zip", .badData, "an empty zip archive"),
    ("gene_symbols.csv", .badData, "no line with values"),
    ("genes.tsv", .badData, "a table of words or annotations, not a matrix"),
    ("features.tsv", .badData, "a table of words or annotations, not a matrix"),
    ("features.tsv.gz", .badData, "a table of words or annotations, not a matrix"),
    ("barcodes.tsv", .badData, "one column of text, not a matrix"),
    ("barcodes.tsv.gz", .badData, "one column of text, not a matrix"),
  ]

  private static let folder = Reference.folder.appendingPathComponent("data/fixtures")

  /// All files except the notes on their origin, and the folders of Matrix Market files.
  private static func paths() -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    let files = (names ?? []).filter { name in
      let place = folder.appendingPathComponent(name)
      let kind = try? place.resourceValues(forKeys: [.isDirectoryKey])
      return kind?.isDirectory != true && !name.hasSuffix(".md")
    }
    let matrices = files.filter { $0.hasSuffix("/matrix.mtx") || $0.hasSuffix("/matrix.mtx.gz") }
    return (files + matrices.map { String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.endIndex)) })
      .sorted()
  }

  @Test func areReadOrRefusedWithTheRightReason() throws {
    var (read, refused) = (0, 0)
    for path in Self.paths() {
      let full = Self.folder.appendingPathComponent(path).path
      let expected = Self.refusals.first { path.hasSuffix("/" + $0.ending) }
      let found = fault { _ = try DataFormats.read(path: full) }
      if let expected {
        #expect(found?.kind == expected.kind, "\(path)")
        #expect(found?.description.contains(expected.text) == true, "\(path): \(found as Any)")
        refused += 1
      } else {
        #expect(found == nil, "\(path): \(found as Any)")
        read += 1
      }
    }
    #expect(read >= 39 && refused >= 20, "\(read) read, \(refused) refused")
  }

  /// HDF5 from a descriptor without a name, as a pipe is kept, gives what the file gives.
  @Test func aFileWithoutANameIsReadAsAnImage() throws {
    let path = Self.folder.appendingPathComponent("zellkonverter/krumsiek11.h5ad").path
    let folder = try TestFolder()
    let copy = "\(folder.path)/copy.h5ad"
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    let file = try #require(FileHandle(forReadingAtPath: copy))
    try FileManager.default.removeItem(atPath: copy)
    let unnamed = try DataFormats.read(path: "/proc/self/fd/\(file.fileDescriptor)")
    let named = try DataFormats.read(path: path)
    #expect(unnamed.x == named.x && unnamed.obs == named.obs && unnamed.var == named.var)
    let small = ReadingOptions(memoryBudget: 1 << 16)
    #expect(
      fault {
        _ = try DataFormats.read(path: "/proc/self/fd/\(file.fileDescriptor)", options: small)
      }?
      .kind == .noMemory)
  }
}
