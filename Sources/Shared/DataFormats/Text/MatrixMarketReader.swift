import CellData
import Tensors

/// Reads a folder that a counting program left (MatrixMarketFiles knows whose files are called what), or a Matrix Market file alone, whose
/// lists of names are looked for beside it.
struct MatrixMarketReader {
  let path: String
  let options: ReadingOptions

  func read() throws -> CellData {
    let files = try MatrixMarketFiles(path: path)
    var features = try files.features.map { list in
      try inFile(list) { try MatrixMarketNames.features(path: list, names: files.featureNames) }
    }
    let barcodes = try files.barcodes.map { list in
      try inFile(list) { try MatrixMarketNames.barcodes(path: list) }
    }
    let counts = (features?.names.count, barcodes?.count)
    var matrices: [SparseMatrix<Float>] = []
    for part in files.matrices {
      matrices.append(try matrix(part.path, counts, hasCellsInRows: files.hasCellsInRows))
    }
    let spliced = try SplicedCounts(files.matrices.map(\.transcripts), matrices, &features)
    let x = spliced?.counts ?? matrices[0]
    let list = try features ?? TenXFeatures(generated: x.columns)
    let names = try barcodes ?? generatedNames("cell", x.rows)
    var data = try list.assemble(x, barcodes: names, options: options, at: "barcodes")
    if let spliced, data.modalities.isEmpty {
      for (kind, layer) in spliced.layers { data.layers[kind.rawValue] = .sparse(layer) }
      options.announce?(
        "the counts are those of spliced and ambiguous transcripts; layers/unspliced has the others"
      )
    }
    return data
  }

  /// One file as cells × genes.
  private func matrix(_ file: String, _ counts: (genes: Int?, cells: Int?), hasCellsInRows: Bool)
    throws -> SparseMatrix<Float>
  {
    var triplets = try inFile(file) {
      try MatrixMarketFile(path: file, budget: options.memoryBudget).read(
        telling: options.progress ?? { _, _ in })
    }
    if try isCellsByGenes(triplets, counts.genes, counts.cells, hasCellsInRows) {
      triplets.swapAxes()
    }
    return try triplets.compressed()
  }

  /// Which way the matrix lies: 10x writes genes × cells, some programs cells × genes. The lengths of the lists decide; where both ways
  /// are possible, the program that uses such names.
  private func isCellsByGenes(
    _ matrix: MatrixMarketTriplets, _ genes: Int?, _ cells: Int?, _ hasCellsInRows: Bool
  ) throws -> Bool {
    if genes == nil && cells == nil { return options.isTransposed }
    let (rows, columns) = (matrix.rows, matrix.columns)
    let isGenesByCells = (genes ?? rows, cells ?? columns) == (rows, columns)
    let isCellsByGenes = (cells ?? rows, genes ?? columns) == (rows, columns)
    if isGenesByCells || isCellsByGenes {
      return isCellsByGenes && (hasCellsInRows || !isGenesByCells)
    }
    throw FormatFault(
      "",
      "a matrix of \(rows) × \(columns) with \(genes.map(String.init) ?? "no") genes and "
        + "\(cells.map(String.init) ?? "no") barcodes in the lists",
      "matrix and lists must belong together")
  }

  /// Puts the file's name before the place of a fault.
  private func inFile<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let fault as FormatFault {
      let name = file.split(separator: "/").last.map(String.init) ?? file
      throw FormatFault(
        fault.place.isEmpty ? name : "\(name): \(fault.place)", fault.problem, fault.advice,
        kind: fault.kind)
    }
  }
}

/// The lists of names beside a matrix.
enum MatrixMarketNames {
  /// Identifier, name, kind of feature; what is missing is taken from the identifier.
  ///
  /// - Parameter names: a list of the names alone, if there is one; it counts where it is as long.
  static func features(path: String, names: String? = nil) throws -> TenXFeatures {
    let rows = try lines(path)
    var features = TenXFeatures(
      ids: rows.map { $0[0] }, names: rows.map { $0.count > 1 ? $0[1] : $0[0] })
    if let names, let list = try? barcodes(path: names), list.count == rows.count {
      features.names = list
    }
    if rows.allSatisfy({ $0.count > 2 }), !rows.isEmpty { features.types = rows.map { $0[2] } }
    return features
  }

  /// One name a line; further columns are not read.
  static func barcodes(path: String) throws -> [String] { try lines(path).map { $0[0] } }

  /// The tab-separated fields of every line; blank lines only at the end.
  private static func lines(_ path: String) throws -> [[String]] {
    let reader = try LineReader(path: path, longestLine: 1 << 20)
    var result: [[String]] = []
    var number = 0
    while let range = try reader.next() {
      let block = reader.bytes
      let bytes = block.span
      var start = range.lowerBound
      while start < range.upperBound {
        let (end, next) = lineEnd(bytes, from: start, to: range.upperBound)
        number += 1
        if end > start {
          guard result.count == number - 1 else {
            throw FormatFault(
              "line \(number)", "a name after a blank line", "remove the blank line")
          }
          result.append(try FieldSplitter(delimiter: 0x09).texts(bytes, start..<end, line: number))
        } else if number > result.count + 1000 {
          throw FormatFault("line \(number)", "nothing but blank lines", "check the file")
        }
        start = next
      }
    }
    return result
  }
}
