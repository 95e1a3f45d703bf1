import CellData
import Tensors

/// Decodes the tables of one object. N and G follow from what is there: names of rows first, then
/// matrices, then columns.
struct TableDecoder {
  private let path: String
  private let obs: Folder
  private let genes: Folder
  private let raw: Folder?
  private let x: Parts?
  private let layers: [String: Parts]
  private let obsm: [String: Parts]
  private let varm: [String: Parts]
  private let obsp: [String: Parts]
  /// The names of the main object's rows, if this is a modality.
  private let cells: [String]?

  private static let matrixTexts = [".encoding", ".shape"]
  private static let matrixTensors = [".indptr", ".indices", ".data"]

  init(_ tables: [String: Folder], path: String, cells: [String]?) throws {
    func parts(_ table: String) -> [String: Parts] {
      tables[table]?.parts(tensorEndings: Self.matrixTensors, textEndings: Self.matrixTexts) ?? [:]
    }
    self.path = path
    self.cells = cells
    obs = tables["obs"] ?? Folder(path: path + "obs.")
    genes = tables["var"] ?? Folder(path: path + "var.")
    raw = tables["raw"]
    var xs = parts("X")
    x = xs.removeValue(forKey: "X")
    if let other = xs.keys.min() {
      throw StreamFault.tensor(path + other, "it is no part of a matrix X")
    }
    layers = parts("layers")
    obsm = parts("obsm")
    varm = parts("varm")
    obsp = parts("obsp")
  }

  /// All parts except modalities and tensors that belong to no table; X only if it is asked for.
  func cellData(decodingX: Bool = true) throws -> CellData {
    let obsDecoder = try FrameDecoder(obs)
    let varDecoder = try FrameDecoder(genes)
    let matrices = ([x].compactMap(\.self) + sorted(layers)).map(\.dimensions)
    let n =
      cells?.count ?? obsDecoder.indexCount
      ?? first(matrices.map(\.rows) + sorted(obsm, obsp).map(\.dimensions.rows))
      ?? obsDecoder.columnLength ?? 0
    let m =
      varDecoder.indexCount
      ?? first(matrices.map(\.columns) + sorted(varm).map(\.dimensions.rows))
      ?? varDecoder.columnLength
      ?? ([x].compactMap(\.self) + sorted(layers)).map(\.columnBound).max() ?? 0
    if obsDecoder.indexCount == nil && cells == nil { try requireNameable(n, path + "obs") }
    if varDecoder.indexCount == nil { try requireNameable(m, path + "var") }
    var data = CellData(
      obs: try obsDecoder.frame(rows: n, defaultIndex: cells),
      var: try varDecoder.frame(rows: m, defaultIndex: nil))
    if decodingX { data.x = try x?.matrix(rows: n, columns: m) }
    data.layers = try decoded(layers) { try $0.matrix(rows: n, columns: m) }
    data.obsm = try decoded(obsm) { try $0.dense(rows: n, columns: nil, mustBeFinite: true) }
    data.varm = try decoded(varm) { try $0.dense(rows: m, columns: nil, mustBeFinite: false) }
    data.obsp = try decoded(obsp) { try $0.graph(count: n) }
    data.raw = try rawValues(rows: n)
    return data
  }

  private func rawValues(rows: Int) throws -> RawValues? {
    guard var folder = raw else { return nil }
    let tables = folder.takeTables()
    if let name = (Array(folder.tensors.keys) + tables.keys.filter { $0 != "X" && $0 != "var" })
      .min()
    {
      throw StreamFault.tensor(folder.path + name, "raw has X and var only")
    }
    // The names of the rows are not needed; a frame of that many rows makes their number binding.
    let decoder = try TableDecoder(
      tables, path: folder.path, cells: [String](repeating: "", count: rows))
    let genes = try decoder.cellData(decodingX: false).var
    guard let x = decoder.x else { throw StreamFault.tensor(folder.path + "X", "missing") }
    if let stored = x.stored(rows: rows, columns: genes.rowCount) {
      return RawValues(x: stored, var: genes)
    }
    return RawValues(x: try x.matrix(rows: rows, columns: genes.rowCount), var: genes)
  }

  /// Refuses to make up names for more rows than the stream can mean: their number may be a mere
  /// claim of the metadata.
  private func requireNameable(_ count: Int, _ table: String) throws {
    let all = [x].compactMap(\.self) + sorted(layers, obsm, varm, obsp)
    let bytes = all.reduce(0) { $0 + $1.tensors.values.reduce(0) { $0 + $1.bytes.count } }
    if count > max(1_000_000, bytes) {
      throw StreamFault.tensor(table + "._index.offsets", "missing, with \(count) rows to be named")
    }
  }

  /// The parts of tables by rising name, so that the same stream gives the same fault.
  private func sorted(_ tables: [String: Parts]...) -> [Parts] {
    tables.flatMap { table in
      table.sorted { precedes($0.key, $1.key) }.map(\.value)
    }
  }

  private func first(_ counts: [Int?]) -> Int? { counts.lazy.compactMap(\.self).first }

  private func decoded<Value>(
    _ table: [String: Parts], _ decode: (Parts) throws -> Value
  ) throws -> [String: Value] {
    var result: [String: Value] = [:]
    for (component, parts) in table.sorted(by: { precedes($0.key, $1.key) }) {
      if result.updateValue(try decode(parts), forKey: Profile.unescaped(component)) != nil {
        throw StreamFault.tensor(parts.name, "two entries of this name")
      }
    }
    return result
  }
}
