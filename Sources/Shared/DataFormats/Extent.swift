// How large a file's content is, found without reading it: what a stage asks before it begins.

import CellData
import Tensors

extension DataFormats {
  /// The size of the result of `read`; nil if only reading shows it (text, and files of unknown
  /// formats).
  package static func extent(
    path: String, as format: FileFormat, options: ReadingOptions = ReadingOptions()
  ) throws -> DataExtent? {
    switch format {
    case .text: return nil
    case .matrixMarket: return try MatrixMarketReader(path: path, options: options).extent()
    default:
      let found = try withTree(path, options) { try TreeExtent(of: $0, format)?.extent }
      let isTurned = options.givenRows(usual: format.rowsByRule).map { $0 != format.rowsByRule }
      guard var extent = found, isTurned == true else { return found }
      // The matrix and its transpose are in memory together for a while.
      (extent.cells, extent.genes) = (extent.genes, extent.cells)
      extent.bytes += extent.entries * 8
      return extent
    }
  }
}

/// The size of what an HDF5 file or a zarr store holds.
private struct TreeExtent {
  let extent: DataExtent

  /// Nil if the main matrix is not at the format's place; reading then reports the fault.
  init?(of root: any StoredGroup, _ format: FileFormat) throws {
    guard let node = try Self.mainMatrix(of: root, format),
      let (rows, columns, entries) = try Self.size(of: node)
    else { return nil }
    // 10x and loom have genes × cells; the matrix and its transpose are in memory together for a
    // while.
    let isCompressed = if case .group = node { true } else { false }
    let isTurned = format == .tenXHDF5 || format == .loom
    let (cells, genes) = isTurned ? (columns, rows) : (rows, columns)
    guard try Self.isPlausible(node, cells: cells, genes: genes, isTurned: isTurned) else {
      return nil
    }
    let isByColumns = try Self.isByColumns(node)
    let isByGenes = format == .loom || (!isTurned && isByColumns)
    // Lists of a compressed matrix may be in temporary files; a transposed copy is in memory.
    let lists = 2 * (isCompressed ? SpooledMemory.residentBytes(of: 4 * entries) : 4 * entries)
    var bytes = lists + (isByGenes ? 8 * entries : 0) + (isCompressed ? 0 : 1 << 25)
    try Self.addOthers(in: root, depth: 0, to: &bytes, except: node.object.path)
    extent = DataExtent(cells: cells, genes: genes, entries: entries, bytes: bytes)
  }

  private static func mainMatrix(of root: any StoredGroup, _ format: FileFormat) throws
    -> StoredNode?
  {
    switch format {
    case .anndata: return try root["X"]
    case .benchmark: return try root["X"] ?? root["X1"] ?? root["exprs"]
    case .loom: return try root["matrix"]
    case .tenXHDF5:
      if let matrix = try root["matrix"] { return matrix }
      return try TenXReader.genomes(of: root).first.flatMap { try root[$0] }
    case .mudata:
      let names = try root.group("mod")?.names ?? []
      let main = names.first { ["rna", "gex"].contains($0.lowercased()) } ?? names.first
      return try main.flatMap { try root["mod/\($0)/X"] }
    case .matrixMarket, .text: return nil
    }
  }

  /// Rows, columns and entries.
  private static func size(of node: StoredNode) throws -> (Int, Int, Int)? {
    switch node {
    case .dataset(let dataset):
      guard dataset.shape.count == 2, !dataset.isNull else { return nil }
      let entries = Double(dataset.count) * (try dataset.sampledShare())
      return (dataset.shape[0], dataset.shape[1], Int(entries))
    case .group(let group):
      guard let entries = try group.dataset("data")?.count else { return nil }
      if let layout = try AnnDataSparseLayout(group) {
        return (layout.shape[0], layout.shape[1], entries)
      }
      guard let shape = try group.dataset("shape")?.numbers(Int.self), shape.count == 2 else {
        return nil
      }
      return (shape[0], shape[1], entries)
    }
  }

  /// Whether the arrays of the matrix can have these sizes; if not, the reader reports the fault.
  private static func isPlausible(
    _ node: StoredNode, cells: Int, genes: Int, isTurned: Bool
  ) throws -> Bool {
    let sizes = 0...Int(Int32.max)
    guard sizes.contains(cells), sizes.contains(genes) else { return false }
    guard case .group(let group) = node else { return true }
    let majors = try isTurned || !isByColumns(node) ? cells : genes
    return try group.dataset("indptr")?.count == majors + 1
  }

  private static func isByColumns(_ node: StoredNode) throws -> Bool {
    guard case .group(let group) = node else { return false }
    return try AnnDataSparseLayout(group)?.byColumns ?? false
  }

  /// Everything else: numbers in four bytes, text in forty and its length.
  private static func addOthers(
    in group: any StoredGroup, depth: Int, to bytes: inout Int, except path: String
  ) throws {
    if depth > 8 { return }
    for name in try group.names {
      guard let node = try? group[name], node.object.path != path else { continue }
      switch node {
      case .group(let inner): try addOthers(in: inner, depth: depth + 1, to: &bytes, except: path)
      case .dataset(let dataset):
        bytes += dataset.count * (dataset.type.kind.isNumeric ? 4 : 40 + dataset.type.size)
      }
    }
  }
}

extension StoredArray {
  /// The share of values that are not zero in the first rows. It is 1 if these make a matrix that
  /// is kept dense, or cannot be read separately.
  func sampledShare() throws -> Double {
    let rows = min(shape[0], max(1, (1 << 18) / max(1, shape[1])))
    guard count > 0, type.kind.isNumeric, type.dimensions.isEmpty, chunkIsSmall || isPackedByRows
    else { return 1 }
    var block = Buffer<Float>(uninitializedCount: rows * shape[1])
    if let packed = try rowReader() {
      try packed.read(rows, into: &block)
    } else {
      try read(into: &block, at: 0, start: [0, 0], extent: [rows, shape[1]])
    }
    let share = Self.share(of: block.span)
    // A dense matrix has half the bytes an entry.
    return share < denseShare ? share : 0.5
  }

  private var chunkIsSmall: Bool {
    (chunk ?? []).reduce(type.size, *) <= 1 << 24
  }

  private var isPackedByRows: Bool { (try? rowReader()) ?? nil != nil }
}

extension MatrixMarketReader {
  /// The extent by the lines of sizes; nil if there is none near the beginning.
  func extent() throws -> DataExtent? {
    let files = try MatrixMarketFiles(path: path)
    var all: [[Int]] = []
    for part in files.matrices {
      guard let sizes = try MatrixMarketFile.sizes(path: part.path) else { return nil }
      all.append(sizes)
    }
    let given = options.orientation ?? (options.isTransposed ? .cells : nil)
    let isTurned = given.map { $0 == .cells } ?? files.hasCellsInRows
    let entries = all.reduce(0) { $0 + $1[2] }
    // Row, column and value of every entry. If their order is not that of the cells, they are
    // sorted into new arrays.
    let names = all[0][0] + all[0][1]
    return DataExtent(
      cells: all[0][isTurned ? 0 : 1], genes: all[0][isTurned ? 1 : 0], entries: entries,
      bytes: entries * 12 + names * 100)
  }
}

extension MatrixMarketFile {
  /// Rows, columns and entries, as the head of the file announces them; nil if no sound line near
  /// the beginning does.
  static func sizes(path: String) throws -> [Int]? {
    let input = try ByteInput(path: path)
    var bytes = Buffer<UInt8>(repeating: 0, count: 1 << 16)
    var filled = 0
    while filled < bytes.count {
      let got = try input.read(into: &bytes, from: filled)
      if got == 0 { break }
      filled += got
    }
    let lines = bytes.prefix(filled).split(separator: UInt8(ascii: "\n"))
    let sizes = lines.dropFirst().first { $0.first != UInt8(ascii: "%") && $0.count > 1 }
    let words = sizes.map {
      String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    }
    let numbers = (words ?? []).compactMap { Int($0) }
    let file = MatrixMarketFile(path: path, budget: .max)
    guard numbers.count == 3, numbers.allSatisfy({ (0...(1 << 31)).contains($0) }),
      try numbers[2] <= file.largestCount()
    else { return nil }
    return numbers
  }
}
