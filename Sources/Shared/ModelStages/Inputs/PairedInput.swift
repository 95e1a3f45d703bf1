import CellData
import Glibc
import Models
import Neighbors
import Tensors
import Training

/// What a model of paired measurements learns from, taken out of the annotated object.
package struct PairedInput: Sendable {
  package internal(set) var data: PairedData<Float>
  /// The name of the second modality; nil for RNA alone.
  package let secondName: String?
  /// A: the neighbors of every cell and the cell itself; nil where the data have no graph. (N, N)
  package let adjacency: SparseMatrix<Float>?
  /// Whether the RNA stands alone but is seen over a graph that the second modality has shaped.
  package let graphKnowsMore: Bool
  /// Whether the second modality is peaks, taken as open or closed.
  package let secondIsBinary: Bool

  /// Takes the RNA's tables as `ModelInput` does, and those of the second modality. These are its
  /// counts with its own size factors, or its standardized values if it has no counts.
  ///
  /// - Parameters:
  ///   - usesSecond: whether the second modality is wanted; without it the RNA stands alone.
  ///   - hops: T; the RNA is seen as [X, ÂX, …, ÂᵀX] over the graph of the data, which only T = 0
  ///     does without.
  ///   - productBytes: what these products may take at a time.
  ///   - readsGraph: whether the graph is taken too where the data have one.
  ///   - readsCounts: whether the RNA's counts are to be explained; without them the values stand
  ///     alone.
  ///   - model: what reads the second modality, for a message.
  ///   - isOptional: whether it can do without, by --rna-only.
  /// - Throws: `ModelStageFault` naming what is missing and the stage that makes it.
  package init(
    _ cells: CellData, usesSecond: Bool, hops: Int, productBytes: Int = keptProductBytes,
    readsGraph: Bool = true, readsCounts: Bool = true, for model: String = ScEMC<Float>.name,
    isOptional: Bool = true
  ) throws(ModelStageFault) {
    let hasGraph = cells.obsp["distances"] != nil || cells.obsp["connectivities"] != nil
    adjacency = readsGraph && hasGraph || hops > 0 ? try ModelInput.adjacency(of: cells) : nil
    let second =
      usesSecond ? try PairedInput.second(of: cells, for: model, isOptional: isOptional) : nil
    secondName = second?.name
    secondIsBinary = false
    graphKnowsMore = !usesSecond && hops > 0 && cells.obsm["X_joint"] != nil
    guard readsCounts else {
      data = PairedData(
        rna: Measurement(try ModelInput.standardized(cells)), second: second?.measurement)
      return
    }
    let counts = try ModelInput.counts(of: cells)
    let (x, factors) = (
      try ModelInput.standardized(cells), try ModelInput.sizeFactors(of: cells)
    )
    let measured = second.map(\.measurement)
    guard hops > 0, let adjacency else {
      data = PairedData(rna: x, counts: counts, sizeFactors: factors, second: measured)
      return
    }
    let graph = ModelGraph<Float>(adjacency)
    data = PairedData(
      rna: Measurement(
        x, over: graph, hops: hops, counts: counts, sizeFactors: factors,
        byteLimit: productBytes),
      second: measured)
  }

  /// The RNA alone, which a model learns from that reads no graph; the graph too where it is wanted
  /// and there is one.
  ///
  /// - Throws: `ModelStageFault` naming what is missing.
  package init(rnaOf cells: CellData, readsGraph: Bool = false) throws(ModelStageFault) {
    try self.init(cells, usesSecond: false, hops: 0, readsGraph: readsGraph)
  }

  /// Both measurements, which a model learns from that reads no graph; the graph too where it is
  /// wanted and there is one.
  ///
  /// - Throws: `ModelStageFault` naming what is missing.
  package init(both cells: CellData, of model: String, readsGraph: Bool = false)
    throws(ModelStageFault)
  {
    try self.init(
      cells, usesSecond: true, hops: 0, readsGraph: readsGraph, for: model, isOptional: false)
  }

  /// Both measurements by their raw counts. A model reads these as ln(1 + c), or peaks as 0 and 1,
  /// and explains them by the cells' totals. A second measurement without counts is read by its
  /// standardized values. The graph is taken too if it is wanted and there is one.
  ///
  /// - Throws: `ModelStageFault` naming what is missing.
  package init(countsOf cells: CellData, for model: String, readsGraph: Bool = false)
    throws(ModelStageFault)
  {
    let hasGraph = cells.obsp["distances"] != nil || cells.obsp["connectivities"] != nil
    adjacency = readsGraph && hasGraph ? try ModelInput.adjacency(of: cells) : nil
    let (second, place) = try PairedInput.secondModality(of: cells, for: model, isOptional: false)
    let kind =
      second.data.featureKind ?? FeatureKind(modality: second.name, features: second.data.var)
    let hasCounts = second.data.layers["counts"] != nil
    (secondName, graphKnowsMore) = (second.name, false)
    secondIsBinary = kind == .peaks && hasCounts
    let measured =
      hasCounts
      ? Measurement<Float>(
        totaling: try ModelInput.counts(of: second.data, place: place), isBinary: secondIsBinary)
      : Measurement<Float>(try ModelInput.standardized(second.data, place: place))
    data = PairedData(
      rna: Measurement(totaling: try ModelInput.counts(of: cells), isBinary: false),
      second: measured)
  }

  /// What users should know of how the second modality is used.
  package var notes: [String] {
    var notes: [String] = []
    if graphKnowsMore {
      notes.append(
        "the second modality is left out, but has shaped the graph of neighbors; sc-knn --modalities rna builds one without it"
      )
    }
    if let secondName, data.second?.hasCounts == false {
      notes.append(
        "'\(secondName)' has no counts: its values are explained by a Gaussian distribution")
    }
    return notes
  }

  /// The same of a model that reads counts as they stand.
  package var binaryNotes: [String] {
    secondIsBinary ? ["'\(secondName ?? "")' is treated as binary (open or closed peaks)"] : []
  }

  /// The second modality, which the model needs, and its name in messages.
  private static func secondModality(of cells: CellData, for model: String, isOptional: Bool)
    throws(ModelStageFault) -> (modality: Modality, place: String)
  {
    guard let modality = cells.secondModality else {
      let choice = isOptional ? ", or take --rna-only" : ""
      throw ModelStageFault(
        "there is no second modality, which \(model) needs; \(cells.remedyForSecond)\(choice)"
      )
    }
    let (data, place) = (modality.data, "modality '\(modality.name)': ")
    guard data.cellCount == cells.cellCount else {
      throw ModelStageFault(
        "\(place)\(data.cellCount) cells, but the RNA has \(cells.cellCount); run sc-preprocess first"
      )
    }
    guard data.geneCount > 0 else {
      throw ModelStageFault("\(place)there are no features; run sc-preprocess first")
    }
    return (modality, place)
  }

  private static func second(of cells: CellData, for model: String, isOptional: Bool)
    throws(ModelStageFault) -> (name: String, measurement: Measurement<Float>)
  {
    let (modality, place) = try secondModality(of: cells, for: model, isOptional: isOptional)
    let data = modality.data
    let x = try ModelInput.standardized(data, place: place)
    guard data.layers["counts"] != nil else { return (modality.name, Measurement(x)) }
    let counts = try ModelInput.counts(of: data, place: place)
    let factors = try ModelInput.sizeFactors(of: data, place: place)
    return (modality.name, Measurement(x, counts: counts, sizeFactors: factors))
  }
}

extension PairedInput {
  /// A, if the first partition of a model that reads no graph is found or compared on it; else nil.
  ///
  /// - Throws: `ModelStageFault` where spectral clustering has no graph.
  func startingGraph(_ start: StartMethod, of cells: CellData) throws(ModelStageFault)
    -> SparseMatrix<Float>?
  {
    switch start {
    case .auto, .consensus, .joint, .jointKMeans, .jointLeiden: nil
    case .kmeans, .leiden: adjacency
    case .spectral, .discretize: try ModelInput.adjacency(of: cells)
    }
  }
}

extension CellData {
  /// How data without a second modality get one.
  fileprivate var remedyForSecond: String {
    guard let other = modalities.first else {
      return "give sc-preprocess a file with one (or --second)"
    }
    return hasRun("sc-preprocess")
      ? "'\(other.name)' was left out: run sc-preprocess with --second-modality '\(other.name)'"
      : "'\(other.name)' is not prepared: run sc-preprocess first"
  }
}

extension Measurement where S == Float {
  /// Counts (N, M) as ln(1 + c) with the cells' totals, or as 0 and 1, to be explained as they
  /// stand.
  fileprivate init(totaling counts: SparseMatrix<Float>, isBinary: Bool) {
    let seen = isBinary ? counts.mapValues { $0 > 0 ? 1 : 0 } : counts
    self.init(
      StandardizedMatrix(unscaled: isBinary ? seen : counts.mapValues { log1pf($0) }),
      counts: seen,
      sizeFactors: (0..<seen.rows).map { i in
        Float(seen.range(ofRow: i).reduce(0.0) { $0 + Double(seen.values[$1]) })
      })
  }
}
