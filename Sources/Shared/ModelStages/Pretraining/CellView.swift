// Models of the same data that differ by their seeds alone make the same mistakes. So each further
// model sees other genes, on another scale, and the graph that these give. The best genes and the
// best scale differ between data sets, and without labels nothing shows them. What models of
// several views have in common is near the best of them.

import CellData
import Integration
import Neighbors
import Preprocessing
import StageSupport
import Tensors

/// One way to look at the cells.
private struct View {
  /// The part of the genes that is seen: the most variable ones, but no fewer than `fewestGenes`.
  let geneShare: Double
  let scale: GeneScale

  static let fewestGenes = 200

  /// The view of a model, from 1; model 0 sees the data as they are.
  init(number: Int) {
    geneShare = [1, 0.5, 0.5, 0.25, 0.25, 1][(number - 1) % 6]
    scale = number % 2 == 1 ? .common : .own
  }
}

extension CellData {
  /// The data as model `number` of several sees them. Model 0 sees all. The others see some of the
  /// genes, scaled again, with a graph built from them.
  ///
  /// The graph stays unless the data show that sc-knn built it from principal components of the
  /// RNA. Any other graph is the user's own.
  package func view(_ number: Int, seed: UInt64) throws -> CellData {
    if number == 0 { return self }
    let view = View(number: number)
    let counts = try ModelInput.counts(of: self)
    let factors = try ModelInput.sizeFactors(of: self).map(Double.init)
    let ranking = genesByVariability(of: counts, sizeFactors: factors)
    let fewest = min(View.fewestGenes, ranking.count)
    let genes = ranking.prefix(max(fewest, Int(view.geneShare * Double(ranking.count)))).sorted()
    let rows = Array(0..<cellCount)
    let values = try ModelInput.standardized(self).values.selecting(rows: rows, columns: genes)
    let (mean, deviation) = view.scale.of(values)
    var result = self
    result.var = self.var.selectingRows(genes)
    result.setScaling(mean: mean, deviation: deviation)
    result.x = .sparse(values)
    result.layers = ["counts": .sparse(counts.selecting(rows: rows, columns: genes))]
    (result.raw, result.varm) = (nil, [:])
    try result.rebuildGraph(
      StandardizedMatrix(values: values, mean: mean, standardDeviation: deviation), seed: seed)
    return result
  }

  /// Builds the graph as sc-knn did, if it did, from these values in place of its own.
  private mutating func rebuildGraph(_ values: StandardizedMatrix, seed: UInt64) throws {
    guard let made = history.last(where: { $0.tool == "sc-knn" }), made.settings["use"] == "null",
      made.settings["modalities"] != "\"second\"", let components = obsm["X_pca"]?.columns,
      let given = obsp["distances"], given.rows > 1
    else { return }
    var points = try PrincipalComponents(of: values, count: components, seed: seed).scores
    if secondModality != nil, obsm["X_joint"] != nil, let second = obsm["X_second"],
      let weight = settings["uns.joint.second_weight"].flatMap({ Double($0) })
    {
      points = jointEmbedding(rna: points, second: second, weight: weight)
    }
    if made.settings["integrated"] != nil {
      guard let integrated = try integrated(points, as: made, seed: seed) else { return }
      points = integrated
    }
    try buildGraph(from: points, neighbors: given.range(ofRow: 0).count, seed: seed)
  }

  /// The batches brought together as sc-knn did; nil where their column is gone.
  private func integrated(
    _ points: Matrix<Float>, as made: Provenance, seed: UInt64
  ) throws -> Matrix<Float>? {
    guard let key = made.batchKey(in: obs), let batches = try? obs.batches(key) else { return nil }
    var options = HarmonyOptions()
    options.theta = made.settings["theta"].flatMap { Double($0) } ?? options.theta
    options.seed = seed
    return try Harmony(of: points, batches: batches.codes, options: options).corrected
  }

  /// The codes of the models after the first, in their order.
  package var furtherCodes: [Matrix<Float>] {
    var codes: [Matrix<Float>] = []
    while let next = obsm[Self.nameOfCodes(codes.count + 1)] { codes.append(next) }
    return codes
  }

  /// Puts the codes of all models in place of those that are there: X_latent, X_latent_1, …
  package mutating func store(codes: [Matrix<Float>]) {
    for number in furtherCodes.indices { obsm[Self.nameOfCodes(number + 1)] = nil }
    for (number, matrix) in codes.enumerated() { obsm[Self.nameOfCodes(number)] = matrix }
  }

  static func nameOfCodes(_ number: Int) -> String {
    number == 0 ? "X_latent" : "X_latent_\(number)"
  }
}
