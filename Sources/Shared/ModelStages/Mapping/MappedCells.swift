// New cells beside the cells that a model was trained on. They are brought to the reference's genes
// and its scale: size factors in the reference's unit, its means and deviations. Neighbors are
// looked for in the principal components of all cells together, which know directions that the
// reference alone has not. In the graph new cells have neighbors in the reference alone, and no
// cell of the reference has a new neighbor. So new cells do not change the codes of the reference.

import CellData
import Glibc
import Neighbors
import Preprocessing
import StageSupport
import Tensors

/// A reference and new cells as one object of the reference's genes.
package struct MappedCells: Sendable {
  /// How many principal components there are, where the reference has none.
  static let usualComponents = 50

  /// The cells of the reference, then the new ones: X, counts, size factors and the graph.
  package let joint: CellData
  /// The principal components of all. (N + M, d)
  package let components: Matrix<Float>
  /// N.
  package let referenceCount: Int
  /// What the user should know.
  package let remarks: [String]

  /// - Parameters:
  ///   - counts: of the new cells, all of their genes.
  ///   - new: the new cells. (M)
  /// - Throws: `ModelStageFault` naming what the reference lacks.
  package init(
    _ counts: CountsOfAllGenes, of new: CellData, genes: MatchedGenes,
    onto reference: CellData, seed: UInt64
  ) throws {
    referenceCount = reference.cellCount
    let unit = try CountsUnit(of: reference)
    let totals = counts.totals
    let factors = totals.map { Float($0 / unit.countsPerFactor) }
    let own = counts.matrix.selectingByPlace(genes.places, columns: reference.geneCount)
    remarks = unit.remarks(on: own, totals)
    let scales = unit.targetSum.map { target in totals.map { Float($0 / target) } } ?? factors
    var joint = try MappedCells.joined(own, factors, scales, new, genes, reference)
    let scaled = try ModelInput.standardized(joint)
    let wanted = reference.obsm["X_pca"]?.columns ?? Self.usualComponents
    components = try PrincipalComponents(of: scaled, count: wanted, seed: seed).scores
    joint.obsp = try MappedCells.graph(of: reference, components)
    self.joint = joint
  }

  private static func joined(
    _ own: SparseMatrix<Float>, _ factors: [Float], _ scales: [Float], _ new: CellData,
    _ genes: MatchedGenes, _ reference: CellData
  ) throws -> CellData {
    var reference = reference
    reference.recordScalingOfModel()
    guard let x = reference.x?.sparse() else {
      throw ModelStageFault(
        "X: there is no matrix of values; run sc-preprocess, sc-knn and sc-pretrain on it first")
    }
    let values = own.logNormalized(scales).filling(
      genes.missing, with: reference.means(of: genes.missing))
    let all = (0..<reference.geneCount).map { Int32($0) }
    var joint = reference
    joint.obs = Frame(index: reference.obs.index + new.obs.index)
    joint.obs[reference.ownColumn("size_factors")] = .float32(
      Buffer(try ModelInput.sizeFactors(of: reference) + factors))
    joint.x = .sparse(.stacking([x, values], places: [all, all], columns: reference.geneCount))
    joint.layers = [:]
    if let counts = reference.layers["counts"]?.sparse() {
      joint.layers["counts"] = .sparse(
        .stacking([counts, own], places: [all, all], columns: reference.geneCount))
    }
    (joint.obsm, joint.modalities, joint.raw) = ([:], [], nil)
    return joint
  }

  /// The reference's graph, and below it the nearest of its cells for every new one.
  private static func graph(
    of reference: CellData, _ components: Matrix<Float>
  ) throws -> [String: SparseMatrix<Float>] {
    guard let graph = reference.obsp["distances"] ?? reference.obsp["connectivities"] else {
      return [:]
    }
    let known = reference.cellCount
    let count = min(known, max(1, graph.entryCount / max(1, known)))
    let nearest = try NearestNeighbors(
      of: components.selectingRows(Array(known..<components.rows)),
      among: components.selectingRows(Array(0..<known)), count: count)
    let below = SparseMatrix.sortedRows(at: nearest.indices, nearest.distances, columns: known)
    let places = (0..<known).map { Int32($0) }
    return [
      "distances": .stacking([graph, below], places: [places, places], columns: components.rows)
    ]
  }
}

/// What a count is worth in the reference.
private struct CountsUnit {
  /// The counts of a cell with size factor 1.
  let countsPerFactor: Double
  /// The counts to which X was scaled, where that is not what a size factor of 1 stands for.
  let targetSum: Double?
  /// The share of a cell's counts on the genes of the model; nil where the counts are missing.
  private let share: Double?

  /// - Throws: `ModelStageFault` where sc-preprocess has not left what shows it.
  init(of reference: CellData) throws(ModelStageFault) {
    let factors = try ModelInput.sizeFactors(of: reference)
    guard let totals = reference.obs[reference.ownColumn("n_counts")]?.numbers,
      reference.hasRun("sc-preprocess")
    else {
      throw ModelStageFault(
        "obs/n_counts: is missing, which shows how many counts a size factor is; run sc-preprocess, sc-knn and sc-pretrain on it first"
      )
    }
    countsPerFactor = median(zip(totals, factors).map { $0 / Double($1) })
    let prepared = reference.history.last { $0.tool == "sc-preprocess" && !$0.version.isEmpty }
    targetSum = prepared?.settings["target_sum"].flatMap { Double($0) }
    share = reference.layers["counts"].map { layer in
      median(zip(layer.sparse().rowSums, totals).map { $1 > 0 ? $0 / $1 : 0 })
    }
  }

  /// Says where the new cells have far more of their counts on the model's genes: other genes are
  /// missing then, and the sums too small.
  func remarks(on counts: SparseMatrix<Float>, _ totals: [Double]) -> [String] {
    guard let share else { return [] }
    let own = median(zip(counts.rowSums, totals).map { $0 / $1 })
    // Types differ in their shares; nearly all counts on some of the genes are a file without the
    // others.
    if own < 0.8 || own <= 1.5 * share { return [] }
    func percent(_ value: Double) -> Int { Int((100 * value).rounded()) }
    return [
      "the new cells have \(percent(own)) % of their counts on the model's genes, the reference \(percent(share)) %: other genes seem to be missing, so the cells are scaled up; give the file with all genes"
    ]
  }
}

extension SparseMatrix where Element == Float {
  fileprivate func selectingByPlace(_ places: [Int32], columns: Int) -> SparseMatrix {
    .stacking([self], places: [places], columns: columns)
  }

  /// log(1 + x / s) of every entry.
  fileprivate func logNormalized(_ factors: [Float]) -> SparseMatrix {
    mapEntries { row, x in Float(log1p(Double(x) / Double(factors[row]))) }
  }

  /// The same with a value in every row of the columns named, which have none yet.
  fileprivate func filling(_ columns: [Int], with values: [Float]) -> SparseMatrix {
    if columns.isEmpty { return self }
    let filled = Matrix(
      rows: rows, columns: columns.count,
      elements: Buffer((0..<rows * columns.count).lazy.map { values[$0 % columns.count] }))
    let wide = SparseMatrix(filled)
    let places = columns.map { Int32($0) }
    let other = SparseMatrix.stacking([wide], places: [places], columns: self.columns)
    return merging(other) { _, _, own, other in own + other }
  }
}

extension CellData {
  /// The mean of X in these columns: a gene that was not measured is taken to be as in the
  /// reference.
  fileprivate func means(of genes: [Int]) -> [Float] {
    if let (means, _) = scaling { return genes.map { Float(means[$0]) } }
    var sums = [Double](repeating: 0, count: geneCount)
    if let x = x?.sparse() {
      for k in 0..<x.entryCount { sums[Int(x.indices[k])] += Double(x.values[k]) }
    }
    return genes.map { Float(sums[$0] / Double(max(1, cellCount))) }
  }
}
