import CellData
import Tensors

/// Reads a 10x directory (`matrix.mtx`, `features.tsv` or `genes.tsv`, `barcodes.tsv`, any prefix, plain or gzip each), or a Matrix
/// Market file alone, whose lists of names are looked for beside it.
struct MatrixMarketReader {
  let path: String
  let options: ReadingOptions

  func read() throws -> CellData {
    let files = try MatrixMarketFiles(path: path)
    var matrix = try inFile(files.matrix) {
      try MatrixMarketFile(path: files.matrix, budget: options.memoryBudget).read(
        telling: options.progress ?? { _, _ in })
    }
    let features = try files.features.map { list in
      try inFile(list) { try MatrixMarketNames.features(path: list) }
    }
    let barcodes = try files.barcodes.map { list in
      try inFile(list) { try MatrixMarketNames.barcodes(path: list) }
    }
    let rows = (features?.names.count, barcodes?.count)
    if try isCellsByGenes(matrix, rows.0, rows.1) { matrix.swapAxes() }
    let cells = try matrix.compressed()
    let list = try features ?? TenXFeatures(generated: cells.columns)
    let names = try barcodes ?? generatedNames("cell", cells.rows)
    return try list.assemble(cells, barcodes: names, main: options.rna, at: "barcodes")
  }

  /// Which way the matrix lies: 10x writes genes × cells, some programs cells × genes. The lengths of the lists decide.
  private func isCellsByGenes(_ matrix: MatrixMarketTriplets, _ genes: Int?, _ cells: Int?) throws
    -> Bool
  {
    if genes == nil && cells == nil { return options.isTransposed }
    let (rows, columns) = (matrix.rows, matrix.columns)
    if (genes ?? rows, cells ?? columns) == (rows, columns) { return false }
    if (cells ?? rows, genes ?? columns) == (rows, columns) { return true }
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

/// Where the files of a Matrix Market directory are.
struct MatrixMarketFiles {
  let matrix: String
  let features: String?
  let barcodes: String?

  init(path: String) throws {
    let isDirectory = try FileStatus(path).isDirectory
    let cut = path.lastIndex(of: "/")
    let folder = isDirectory ? path : cut.map { String(path[..<$0]) + "/" } ?? "."
    let base = folder.hasSuffix("/") ? folder : folder + "/"
    let names = try FileStatus.names(inDirectory: folder)
    let name =
      isDirectory
      ? try MatrixMarketFiles.matrixName(names)
      : cut.map { String(path[path.index(after: $0)...]) } ?? path
    matrix = isDirectory ? base + name : path
    let endings = ["matrix.mtx.gz", "matrix.mtx"]
    guard let ending = endings.first(where: name.hasSuffix) else {
      (features, barcodes) =
        isDirectory
        ? (
          MatrixMarketFiles.list(["features", "genes"], "", names, base),
          MatrixMarketFiles.list(["barcodes"], "", names, base)
        ) : (nil, nil)
      return
    }
    let prefix = String(name.dropLast(ending.count))
    features = MatrixMarketFiles.list(["features", "genes"], prefix, names, base)
    barcodes = MatrixMarketFiles.list(["barcodes"], prefix, names, base)
    if isDirectory, features == nil || barcodes == nil {
      let missing = features == nil ? "features.tsv or genes.tsv" : "barcodes.tsv"
      throw FormatFault(
        "", "there is no \(prefix)\(missing) (or .gz) beside \(name)", "put the list beside it",
        kind: .noInput)
    }
  }

  private static func matrixName(_ names: [String]) throws -> String {
    let all = names.filter { $0.hasSuffix(".mtx") || $0.hasSuffix(".mtx.gz") }
    let standard = all.filter { $0.hasSuffix("matrix.mtx") || $0.hasSuffix("matrix.mtx.gz") }
    let found = standard.isEmpty ? all : standard
    guard let first = found.first else {
      throw FormatFault(
        "", "a directory without matrix.mtx or matrix.mtx.gz", "name a 10x directory",
        kind: .noInput)
    }
    guard found.count == 1 else {
      throw FormatFault(
        "", "several matrices: \(found.prefix(4).joined(separator: ", "))", "name one of the files",
        kind: .usage)
    }
    return first
  }

  private static func list(
    _ kinds: [String], _ prefix: String, _ names: [String], _ base: String
  ) -> String? {
    for kind in kinds {
      for ending in [".tsv.gz", ".tsv"] where names.contains(prefix + kind + ending) {
        return base + prefix + kind + ending
      }
    }
    return nil
  }
}

/// The lists of names beside a matrix.
enum MatrixMarketNames {
  /// Identifier, name, kind of feature; what is missing is taken from the identifier.
  static func features(path: String) throws -> TenXFeatures {
    let rows = try lines(path)
    var features = TenXFeatures(
      ids: rows.map { $0[0] }, names: rows.map { $0.count > 1 ? $0[1] : $0[0] })
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
