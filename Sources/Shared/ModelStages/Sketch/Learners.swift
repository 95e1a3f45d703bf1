// Models learn from all cells, or of very many from a sketch of them. obs/sketch says which cells
// these are: `uniform` ones have the proportions of all, `geometric` ones keep rare types. Clusters
// are found among the uniform ones (n). uns.sketch holds what only these have. X_latent,
// X_latent_1, … are the codes of each model over the graph of the sketch alone (n, D). `cells` are
// the names of the rows (CellOrder).

import CellData
import Neighbors
import StageSupport
import Tensors

/// The cells that models learn from, or among which clusters are found.
package struct Learners: Sendable {
  /// All cells, or those of the sketch with a graph of their own.
  package let cells: CellData
  /// Their places among all cells, rising; nil: they are all.
  package let rows: [Int]?
  /// As it was drawn; nil where there is none, or one of an earlier run.
  private let sketch: CellSketch?
  /// The codes of the learners alone that were stored by models of other kinds.
  private var kept: [String: Tensor] = [:]

  static let prefix = "uns.sketch."
  private static let (uniform, geometric) = ("uniform", "geometric")

  /// All of them.
  package init(allOf all: CellData) { self.init(all, rows: nil) }

  private init(_ cells: CellData, rows: [Int]?, _ sketch: CellSketch? = nil) {
    (self.cells, self.rows, self.sketch) = (cells, rows, sketch)
  }

  /// Draws the cells to learn from; says on the log how many they are.
  ///
  /// - Throws: `ModelStageFault` where the embedding that the graph was built from is missing; with
  ///   `auto` all cells learn then.
  package init(_ size: SketchSize, of all: CellData, _ stage: Stage) throws {
    guard let count = size.learners(of: all.cellCount) else {
      if case .exactly(let number) = size {
        stage.log.note("--sketch \(number) changes nothing: there are \(all.cellCount) cells")
      }
      self.init(allOf: all)
      return
    }
    guard let points = all.obsm[all.graphEmbedding] else {
      let reason = "obsm.\(all.graphEmbedding): there are no coordinates to draw a sketch by"
      guard case .auto = size else { throw ModelStageFault("\(reason); run sc-knn first") }
      stage.log.note("\(reason): the model learns from all cells")
      self.init(allOf: all)
      return
    }
    let drawn = try CellSketch(of: points, count: count, seed: stage.seed)
    stage.log.note("the model learns from a sketch of \(count) of \(all.cellCount) cells")
    self.init(try all.sketch(drawn.cells), rows: drawn.cells, drawn)
  }

  /// The uniform cells of the sketch that stored models learned from, with the codes of these
  /// models.
  ///
  /// - Throws: `ModelStageFault` where the cells are others than those that the models learned
  ///   from.
  package init(storedIn all: CellData) throws {
    let rowNames = Self.prefix + CellData.rowNamesKey
    let names = all.tensors.keys.filter { $0.hasPrefix(Self.prefix) && $0 != rowNames }
    guard !names.isEmpty else {
      self.init(allOf: all)
      return
    }
    let column = all.ownColumn("sketch")
    let marks = all.obs[column]?.classes
    let chosen = (marks?.codes ?? Buffer([])).enumerated().filter { _, code in
      code >= 0 && marks?.names[Int(code)] == Self.uniform
    }.map(\.offset)
    var learners = try all.sketch(chosen)
    for name in names {
      guard let codes = all.tensors[name]?.matrix(Float.self), codes.rows == chosen.count else {
        throw ModelStageFault(
          "obs.\(column): \(chosen.count) cells are marked '\(Self.uniform)', but clusters are to be found among others; run sc-pretrain again"
        )
      }
      learners.obsm[String(name.dropFirst(Self.prefix.count))] = codes
      learners.tensors[name] = nil
    }
    guard all.areRows(below: Self.prefix, of: learners.obs.index) else {
      throw ModelStageFault(
        "obs.\(column): the cells marked '\(Self.uniform)' are not those that the models learned from, or have other names; run sc-pretrain again"
      )
    }
    learners.tensors[rowNames] = nil
    self.init(learners, rows: chosen)
    kept = all.tensors.filter { Self.isOfOtherKind($0.key) }
  }

  /// What the provenance notes.
  package var settings: [(String, JSONValue)] {
    rows.map { [("sketch", .integer($0.count))] } ?? []
  }

  /// How many cells clusters are found among; nil: all.
  package static func count(storedIn all: CellData) -> Int? {
    all.tensors["\(prefix)X_latent"]?.shape.first
  }

  /// Values of the learners as values of all cells, nil for the others. (N)
  package func spread<Value>(_ values: [Value?], over count: Int) -> [Value?] {
    guard let rows else { return values }
    var result = [Value?](repeating: nil, count: count)
    for (place, row) in rows.enumerated() { result[row] = values[place] }
    return result
  }

  /// The labels of all cells by those of the learners, from 0 on. Any other cell gets the most
  /// frequent label of the five nearest learners by its code (N, D). (N)
  ///
  /// - Throws: `NeighborsFault` for codes that are not finite.
  package func labelsOfAll(_ labels: [Int], in codes: Matrix<Float>) throws -> [Int] {
    let known = spread(labels, over: codes.rows)
    let others = known.indices.filter { known[$0] == nil }
    guard let rows, !others.isEmpty else { return labels }
    let nearest = try NearestNeighbors(
      of: codes.selectingRows(others), among: codes.selectingRows(rows),
      count: min(5, rows.count))
    var result = known.map { $0 ?? 0 }
    for (cell, label) in zip(others, NeighborVote(nearest, labels: labels).labels) {
      result[cell] = label
    }
    return result
  }

  /// Stores what a training with clusters of the learners has left: weights, curves, snapshots. The
  /// codes of all cells (N, D) are stored, and beside them those of the learners.
  package func store(_ trained: CellData, codes: Matrix<Float>?, in cells: inout CellData) {
    (cells.tensors, cells.settings) = (trained.tensors, trained.settings)
    cells.tensors.merge(kept) { $1 }
    let own = ["X_latent"].compactMap { trained.obsm[$0] } + trained.furtherCodes
    store(own, ofAll: codes ?? cells.obsm["X_latent"], in: &cells)
  }

  /// Stores the codes of all cells (N, D), and beside them those of the uniform learners. Without a
  /// sketch all cells are learners.
  package func store(
    _ codes: [Matrix<Float>], ofAll all: Matrix<Float>?, in cells: inout CellData
  ) {
    let stays = isSketch(storedIn: cells)
    for name in cells.tensors.keys where name.hasPrefix(Self.prefix) {
      if !(stays && Self.isOfOtherKind(name)) { cells.tensors[name] = nil }
    }
    guard let all, let rows else {
      cells.store(codes: codes)
      return
    }
    cells.store(codes: [all])
    let uniform = sketch.map { Set($0.uniform) }
    let kept = rows.indices.filter { uniform?.contains(rows[$0]) ?? true }
    cells.noteRows(below: Self.prefix, of: kept.map { cells.obs.index[rows[$0]] })
    for (number, matrix) in codes.enumerated() {
      let name = Self.prefix + CellData.nameOfCodes(number)
      cells.tensors[name] = Tensor(matrix.selectingRows(kept))
    }
  }

  /// Whether codes of the sketch that earlier models learned from are codes of these cells.
  private func isSketch(storedIn cells: CellData) -> Bool {
    guard let sketch else { return rows != nil }
    guard let marks = cells.obs[cells.ownColumn("sketch")]?.classes,
      let uniform = marks.names.firstIndex(of: Self.uniform)
    else { return false }
    let marked = marks.codes.enumerated().filter { Int($0.element) == uniform }.map(\.offset)
    return marked == sketch.uniform.sorted()
  }

  /// Whether codes of the learners are those of another kind of model than `X_latent`.
  private static func isOfOtherKind(_ name: String) -> Bool {
    guard name.hasPrefix(prefix) else { return false }
    return CellData.isOfOtherKind(String(name.dropFirst(prefix.count)))
  }

  /// Marks the learners in obs/sketch; without a sketch takes out the marks of an earlier run.
  package func mark(in cells: inout CellData) -> OwnColumns {
    var columns = OwnColumns()
    if let sketch {
      var codes = [Int32](repeating: -1, count: cells.cellCount)
      for row in sketch.uniform { codes[row] = 0 }
      for row in sketch.geometric { codes[row] = 1 }
      let marks = Categories(codes: Buffer(codes), names: [Self.uniform, Self.geometric])
      columns.write(.categorical(marks), "sketch", to: &cells)
    } else {
      let old = cells.ownColumn("sketch")
      if columns.isOwn(old, in: cells) { cells.obs[old] = nil }
    }
    return columns
  }
}

extension CellData {
  /// The cells named with a graph of their own, built as theirs was.
  fileprivate func sketch(_ rows: [Int]) throws -> CellData {
    for modality in modalities where modality.data.cellCount != cellCount {
      throw ModelStageFault(
        "modality '\(modality.name)': \(modality.data.cellCount) cells, but the RNA has \(cellCount); run sc-preprocess first"
      )
    }
    var bare = self
    (bare.obsp, bare.raw) = ([:], nil)
    bare.recordScaling()
    var result = bare.selectingCells(rows)
    if obsp["distances"] == nil && obsp["connectivities"] == nil { return result }
    guard let points = result.obsm[graphEmbedding] else {
      throw ModelStageFault(
        "obsm.\(graphEmbedding): the embedding that the graph was built from is missing; run sc-knn first"
      )
    }
    let neighbors = obsp["distances"].map { $0.range(ofRow: 0).count } ?? 14
    // The same graph in every stage, whatever its seed.
    try result.buildGraph(from: points, neighbors: neighbors, seed: 0)
    return result
  }
}
