import CellData
import DataFormats
import Preprocessing
import StageSupport
import Tensors

/// The second modality as read, its cells matched with those of the RNA.
struct SecondSource {
  /// The values to prepare.
  enum Values {
    case counts(SparseMatrix<Float>)
    /// Values from which no counts can be derived, such as centered log-ratios.
    case transformed(MatrixValues)

    /// The cells named, in rising order.
    fileprivate func selecting(_ rows: [Int]) -> Values {
      switch self {
      case .counts(let counts):
        .counts(counts.selecting(rows: rows, columns: Array(0..<counts.columns)))
      case .transformed(let matrix): .transformed(matrix.selectingRows(rows))
      }
    }
  }

  let name: String
  let kind: FeatureKind
  private(set) var data: CellData
  private(set) var values: Values
  /// Cells that were dropped: only in the RNA, only in this modality, without counts in it.
  private(set) var dropped: (onlyRNA: Int, onlySecond: Int, empty: Int)

  /// Takes the counts: layers/counts, else X or raw (of the same features) if it holds counts. Else
  /// it restores counts from X's values, or uses the values unchanged.
  ///
  /// Cells without counts are dropped from `cells` as well, which must be the same as those of
  /// `data`. Throws kind `badData` if there is nothing to take, or a value is not finite.
  init(
    _ modality: Modality, kind: FeatureKind, beside cells: inout CellData,
    unmatched: (rna: Int, second: Int), log: Log
  ) throws {
    (name, self.kind, data) = (modality.name, kind, modality.data)
    dropped = (unmatched.rna, unmatched.second, 0)
    let raw = data.raw.flatMap { $0.var.index == modality.data.var.index ? $0 : nil }
    guard let matrix = data.layers["counts"] ?? data.x ?? raw?.x else {
      throw StageFault(.badData, "modality '\(name)': has no matrix of values; give another file")
    }
    try SecondSource.requireSomething(matrix, data, name)
    values = SecondSource.values(of: matrix, data, name, log)
    guard case .counts(let counts) = values else { return }
    let filled = (0..<counts.rows).filter { i in
      counts.range(ofRow: i).contains { counts.values[$0] > 0 }
    }
    if filled.isEmpty {
      throw StageFault(
        .badData,
        "modality '\(name)': all counts are zero; leave it out with --second-modality none")
    }
    dropped.empty = counts.rows - filled.count
    if dropped.empty == 0 { return }
    cells = cells.selectingCells(filled)
    data = data.selectingCells(filled)
    values = values.selecting(filled)
  }

  private static func requireSomething(
    _ matrix: MatrixValues, _ data: CellData, _ name: String
  ) throws {
    if data.cellCount == 0 || data.geneCount == 0 {
      throw StageFault(
        .badData,
        "modality '\(name)': is empty, \(data.cellCount) cells and \(data.geneCount) features; leave it out with --second-modality none"
      )
    }
    try DataFormats.checkFinite(
      matrix, named: "modality '\(name)'", cells: data.obs.index, genes: data.var.index)
  }

  private static func values(
    of matrix: MatrixValues, _ data: CellData, _ name: String, _ log: Log
  ) -> Values {
    let sparse = matrix.sparse()
    let names = AxisNames(cells: data.obs.index, genes: data.var.index)
    if (try? validateCounts(sparse, names: names)) != nil { return .counts(sparse) }
    if let raw = data.raw, raw.var.index == data.var.index {
      let counts = raw.x.sparse()
      if (try? validateCounts(counts, names: names)) != nil {
        log.note("\(name): X holds no counts; they are taken from raw")
        return .counts(counts)
      }
    }
    if let recovery = try? CountRecovery(of: sparse, names: names) {
      if let note = recovery.note { log.note("\(name): \(note)") }
      return .counts(recovery.counts)
    }
    log.note(
      "\(name): the values are not counts, and counts cannot be derived from them; they are used unchanged, and models reconstruct them as real numbers"
    )
    return .transformed(matrix)
  }

  /// Leaves the cells named, in rising order.
  func selecting(_ rows: [Int]) -> SecondSource {
    var result = self
    result.data = data.selectingCells(rows)
    result.values = values.selecting(rows)
    return result
  }

  /// The transform that fits the kind of features.
  private var usualTransform: FeatureTransform {
    switch kind {
    case .proteins: .clr
    case .peaks: .tfidf
    case .rna, .other: .log
    }
  }

  /// The modality as models read it, and a clause on it for the summary. Reports which columns of
  /// the user got another name.
  ///
  /// - Parameter history: the history of the whole object, which distinguishes our columns from the
  ///   user's.
  func prepared(
    _ options: PairingOptions, history: [Provenance], log: Log
  ) throws -> (modality: Modality, summary: String) {
    let features: PreparedFeatures
    let transform: FeatureTransform
    switch values {
    case .counts(let counts):
      transform = options.secondTransform ?? usualTransform
      features = try prepareFeatures(
        counts: counts, names: AxisNames(cells: data.obs.index, genes: data.var.index),
        transform: transform, limit: options.secondFeatures)
    case .transformed(let matrix):
      transform = .none
      if let wanted = options.secondTransform, wanted != .none {
        throw StageFault(
          .badData,
          "modality '\(name)': holds no counts, and \(wanted.rawValue) needs counts; leave --second-transform out"
        )
      }
      switch matrix {
      case .sparse(let values):
        features = try prepareFeatures(values: values, limit: options.secondFeatures)
      case .dense(let values):
        features = try prepareFeatures(values: values, limit: options.secondFeatures)
      }
    }
    var kept = data
    let isOurs = history.contains {
      $0.tool == "sc-preprocess" && $0.settings["second_modality"] == JSONText.quoted(name)
    }
    let moved = isOurs ? [] : kept.makeRoomForOwnColumns()
    if !moved.isEmpty {
      log.note(
        "\(name): columns of the input with the names of ours are renamed: \(moved.joined(separator: ", "))"
      )
    }
    return (
      Modality(name: name, data: kept.with(features, kind, transform)),
      summary(features, transform)
    )
  }

  private func summary(_ features: PreparedFeatures, _ transform: FeatureTransform) -> String {
    func list(_ parts: [(Int, String)]) -> String {
      let said = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      return said.isEmpty ? "" : ", dropped: \(said.joined(separator: ", "))"
    }
    let fewer = list([
      (features.absentFeatures, "without counts"), (features.lessVariableFeatures, "less variable"),
    ])
    let cells = list([
      (dropped.onlyRNA, "cells only in the RNA"), (dropped.onlySecond, "cells only in \(name)"),
      (dropped.empty, "cells without counts in \(name)"),
    ])
    return
      "; also \(features.kept.count) of \(data.geneCount) \(kind.noun) (\(name), \(transform.rawValue)\(fewer))\(cells)"
  }
}

extension CellData {
  /// Renames the user's columns whose names this stage and later ones use in a second modality.
  /// Returns the names.
  fileprivate mutating func makeRoomForOwnColumns() -> [String] {
    let own: [(Axis, [String])] = [
      (.obs, ["size_factors", "n_counts", "n_features"]), (.var, ["mean", "std"]),
    ]
    var moved: [String] = []
    for (axis, names) in own {
      for name in names where self[axis][name] != nil && !isOwn(name, of: axis) {
        var free = name + "_input"
        while self[axis][free] != nil { free += "_" }
        self[axis][free] = self[axis][name]
        self[axis][name] = nil
        moved.append("\(axis.rawValue)/\(name) (now \(free))")
      }
    }
    return moved
  }

  /// The modality with its kept features and their values under the names that the RNA's have.
  fileprivate func with(
    _ features: PreparedFeatures, _ kind: FeatureKind, _ transform: FeatureTransform
  ) -> CellData {
    var result = self
    result.var = self.var.selectingRows(features.kept)
    result.var["mean"] = .float32(features.scaling.mean)
    result.var["std"] = .float32(features.scaling.standardDeviation)
    result.layers = layers.mapValues { $0.selectingColumns(features.kept) }
    result.varm = varm.mapValues { $0.selectingRows(features.kept) }
    result.x = features.sparse.map { .sparse($0) } ?? features.dense.map { .dense($0) }
    result.layers["counts"] = features.counts.map { .sparse($0.counts) }
    if features.counts != nil { result.clearUns("log1p") }
    result.obs["size_factors"] = features.counts.map { .float32($0.sizeFactors) }
    result.obs["n_counts"] = features.counts.map { .float32($0.totals) }
    result.obs["n_features"] = features.counts.map { .integer(Buffer($0.featureCounts)) }
    result.featureKind = kind
    result.featureTransform = transform.rawValue
    return result
  }
}
