import CellData
import Metrics
import Neighbors
import StageSupport
import Tensors

/// How well the batches of the cells are mixed, and how far apart their types stay: scIB's figures.
struct BatchFigures {
  let rows: [Report.Row]

  /// The number of neighbors used, the cell itself among them: as in scIB.
  private static let neighbors = 90

  /// - Parameters:
  ///   - key: the column of obs with the batches.
  ///   - agreement: NMI and ARI of the clusters with the types, as far as they are known.
  /// Throws kind `badData` if there is no such column, a scored cell has no batch, all are of one,
  /// or there is no embedding.
  init(
    of cells: CellData, _ selection: Selection, key: String, embedding name: String?,
    agreement: (nmi: Double?, ari: Double?), seed: UInt64
  ) throws {
    let scored = BatchFigures.scored(selection)
    let found = try cells.obs.batches(key, among: scored)
    let (batches, count) = (found.codes, found.names.count)
    guard let name = name ?? cells.defaultEmbedding else {
      throw StageFault(
        .badData, "--batch-key: there is no embedding to measure distances in; run sc-knn first")
    }
    let all = try cells.embedding(named: name)
    let points = scored.count == all.rows ? all : all.selectingRows(scored)
    let near = try NearestNeighbors.automatic(
      of: points, count: BatchFigures.neighbors - 1, seed: seed)
    func index(_ labels: [Int]) -> [Double] {
      inverseSimpson(
        neighbors: near.indices, distances: near.distances, labels: labels)
    }
    let mixing = integrationIndex(index(batches), batches: count)
    var rows = [Report.Row("batches", count: count), Report.Row("ilisi", value: mixing)]
    if let truth = selection.truth {
      let types = scored.map { truth[$0] }
      let number = Set(types).count
      let connectivity = try BatchFigures.connectivity(of: cells, truth)
      let blended = try batchSilhouette(points, types: types, batches: batches, seed: seed)
      let apart = number > 1 ? separationIndex(index(types), types: number) : nil
      let width = try Silhouette.compute(points, labels: types, seed: seed).map {
        ($0.mean + 1) / 2
      }
      let accepted = try BatchFigures.acceptance(points, types, batches, seed: seed)
      let together = BatchFigures.mean([mixing, accepted, connectivity, blended])
      let kept = BatchFigures.mean([apart, width, agreement.nmi, agreement.ari])
      rows += [
        Report.Row("kbet", value: accepted),
        Report.Row("graph_connectivity", value: connectivity),
        Report.Row("silhouette_batch", value: blended), Report.Row("clisi", value: apart),
        Report.Row("silhouette_type", value: width),
        Report.Row("batch_score", value: together), Report.Row("type_score", value: kept),
        Report.Row(
          "integration", value: together.flatMap { a in kept.map { 0.4 * a + 0.6 * $0 } }),
      ]
    }
    self.rows = rows
  }

  /// The cells with a cluster and, if types are known, one of them.
  private static func scored(_ selection: Selection) -> [Int] {
    guard let truth = selection.truth else { return selection.clustered }
    return selection.clustered.filter { truth[$0] >= 0 }
  }

  /// kBET within each type, averaged over the types of several batches, as in scIB. The neighbors
  /// are the mean number of a type's cells in a batch, from 10 to 70. Nil if no type has two
  /// batches.
  private static func acceptance(
    _ points: Matrix<Float>, _ types: [Int], _ batches: [Int], seed: UInt64
  ) throws -> Double? {
    let members = Dictionary(grouping: types.indices) { types[$0] }
    let shares = try members.keys.sorted().compactMap { type -> Double? in
      let cells = members[type] ?? []
      let own = cells.map { batches[$0] }
      let count = min(70, max(10, cells.count / Set(own).count))
      guard Set(own).count > 1, cells.count > count else { return nil }
      let found = try NearestNeighbors.automatic(
        of: points.selectingRows(cells), count: count - 1, seed: seed)
      return neighborhoodAcceptance(neighbors: found.indices, batches: own)
    }
    return mean(shares)
  }

  /// The connectivity of the stored graph; nil without one.
  private static func connectivity(of cells: CellData, _ truth: [Int]) throws -> Double? {
    guard let graph = cells.obsp["connectivities"] else { return nil }
    return graphConnectivity(of: truth, on: graph)
  }

  /// The mean of the values that are there; nil without any.
  private static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap(\.self)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }
}
