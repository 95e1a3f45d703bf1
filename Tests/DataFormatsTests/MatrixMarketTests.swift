import CellData
import DataFormats
import Tensors
import Testing

@Suite struct MatrixMarketTests {
  private let banner = "%%MatrixMarket matrix coordinate integer general\n"
  private let features = "E1\tA\tGene Expression\nE2\tB\tGene Expression\nE3\tC\tAntibody Capture\n"

  /// A 10x directory with that matrix over three features and two barcodes.
  private func directory(_ matrix: String, prefix: String = "", isPacked: Bool = false) throws
    -> TestFolder
  {
    let folder = try TestFolder()
    let ending = isPacked ? ".gz" : ""
    for (name, text) in [
      ("matrix.mtx", matrix), ("features.tsv", features), ("barcodes.tsv", "x\ny\n"),
    ] {
      let bytes = Array(text.utf8)
      _ = try folder.file(prefix + name + ending, isPacked ? gzipped(bytes) : bytes)
    }
    return folder
  }

  @Test(arguments: [
    "%\n3 2 3\n1 1 1\n3 1 5\n2 2 7\n", "3 2 3\r\n2 2 7\r\n3 1 5\r\n1 1 1",
    "2 3 3\n1 1 1\n1 3 5\n2 2 7\n\n",
  ]) func orderLineEndsAndOrientation(_ body: String) throws {
    for (prefix, isPacked) in [("", false), ("GSM1_", true)] {
      let folder = try directory(banner + body, prefix: prefix, isPacked: isPacked)
      let data = try DataFormats.read(path: folder.path)
      #expect(data.obs.index == ["x", "y"] && data.var.index == ["A", "B"])
      #expect(data.var["gene_ids"] == .strings(["E1", "E2"]))
      #expect(data.x?.dense() == Matrix([[1, 0], [0, 7]]))
      #expect(data.modalities.map(\.name) == ["adt"])
      #expect(data.modalities.first?.data.x?.dense() == Matrix([[5], [0]]))
    }
  }

  @Test func aLoneFileGetsNames() throws {
    let folder = try TestFolder()
    let path = try folder.file(
      "counts.mtx", "%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n")
    #expect(try DataFormats.sniff(path: path) == .matrixMarket)
    let data = try DataFormats.read(path: path)
    #expect(data.x?.dense() == Matrix([[0, 1], [0, 0], [1, 0]]))
    #expect(data.obs.index[2] == "cell_3" && data.var.index[1] == "gene_2")
    let turned = try DataFormats.read(path: path, options: ReadingOptions(isTransposed: true))
    #expect(turned.x?.dense() == Matrix([[0, 0, 1], [1, 0, 0]]))
  }

  @Test(arguments: [
    ("3 2 2\n1 1 1\n", "matrix.mtx: line 4: the file ends after 1 of 2 entries"),
    ("3 2 1\n1 1 1\n2 2 2\n", "matrix.mtx: line 4: more than the 1 entries"),
    ("3 2 1\n0 1 1\n", "matrix.mtx: line 3: the entry 0 1 in a matrix of 3 × 2"),
    ("3 2 1\n4 1 1\n", "matrix.mtx: line 3: the entry 4 1"),
    ("3 2 1\n1 1 nan\n", "matrix.mtx: line 3: the value is nan"),
    ("3 2 1\n1 1 1e99\n", "matrix.mtx: line 3: the value is 1e+99"),
    ("3 2 1\n1 1\n", "matrix.mtx: line 3: `1 1` is not `row column value`"),
    ("3 2 1\n1 x 1\n", "matrix.mtx: line 3: `1 x 1`"),
    ("1000000000000000000000000000000 2 1\n", "matrix.mtx: line 2: must be three numbers"),
    ("3 2 1000000\n", "matrix.mtx: line 2: announces 1000000 entries"),
    ("2 2 1\n1 1 1\n", "a matrix of 2 × 2 with 3 genes and 2 barcodes"),
  ]) func faultsNameTheirLine(_ body: String, _ message: String) throws {
    let folder = try directory(banner + body)
    let found = fault { _ = try DataFormats.read(path: folder.path) }
    #expect(found?.kind == .badData)
    #expect(found?.description.hasPrefix(message) == true, "\(found?.description ?? "none")")
  }

  @Test("entries at one place are added, as SciPy does, and that is said")
  func entriesTwice() throws {
    let folder = try directory(banner + "3 2 5\n1 1 1\n2 2 1\n1 1 4\n3 1 2\n1 1 2\n")
    let lines = Announcements()
    let data = try DataFormats.read(
      path: folder.path, options: lines.options())
    #expect(data.x?.dense() == Matrix([[7, 0], [0, 1]]))
    #expect(data.modalities.first?.data.x?.dense() == Matrix([[2], [0]]))
    #expect(lines.all == ["repeated entries were added: 2"])
  }

  @Test(
    "the words that programs have for numbers", arguments: ["float", "double", "unsigned-integer"])
  func words(_ word: String) throws {
    let folder = try directory(
      "%%MatrixMarket matrix coordinate \(word) general\n3 2 1\n1 1 4\n")
    #expect(try DataFormats.read(path: folder.path).x?.dense() == Matrix([[4, 0], [0, 0]]))
  }

  @Test(arguments: [
    "array real general", "coordinate real symmetric", "coordinate complex general",
  ])
  func otherVariantsAreRefusedAtTheBanner(_ kind: String) throws {
    let folder = try TestFolder()
    let path = try folder.file("m.mtx", "%%MatrixMarket matrix \(kind)\n1 1 1\n1 1 1\n")
    #expect(fault { _ = try DataFormats.read(path: path) }?.place == "m.mtx: line 1")
  }

  @Test func whatFollowsTheEntriesEndsTheReadingSoon() throws {
    let folder = try TestFolder()
    let text = banner + "1 1 1\n1 1 1\n" + String(repeating: "\n", count: 3 << 20)
    let path = try folder.file("m.mtx", gzipped(Array(text.utf8)))
    #expect(fault { _ = try DataFormats.read(path: path) }?.problem.contains("blank lines") == true)
  }

  @Test func duplicateBarcodesAndMissingListsAreRefused() throws {
    let folder = try directory(banner + "3 2 1\n1 1 1\n")
    _ = try folder.file("barcodes.tsv", "x\nx\n")
    #expect(
      fault { _ = try DataFormats.read(path: folder.path) }?.problem.contains("twice") == true)
    let empty = try TestFolder()
    #expect(fault { _ = try DataFormats.read(path: empty.path) }?.kind == .noInput)
  }
}
