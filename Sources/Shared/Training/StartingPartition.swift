import Clustering
import Metrics
import Neighbors
import Tensors

/// The partition with which training with clusters begins.
package enum StartMethod: String, Sendable, CaseIterable {
  /// The better of two partitions by modularity on the input graph. With several models, they are
  /// k-means and spectral clustering of their codes together. With one, they are k-means on the
  /// codes and spectral clustering of the graph.
  case auto
  /// The consensus of k-means on the codes of all models.
  case consensus
  /// The spectral clustering of the input graph, as in the paper.
  case spectral
  /// k-means on the pretrained codes.
  case kmeans
  /// The spectral clustering of the input graph, with labels by discretization, as in the released
  /// program.
  case discretize
  /// The spectral clustering of the graph by the codes of all models together.
  case joint
  /// Leiden among the ten nearest neighbors by the pretrained codes, at a resolution that gives the
  /// same number of clusters.
  case leiden
  /// k-means on the codes of all models side by side.
  case jointKMeans = "joint-kmeans"
  /// Leiden on shared neighbors by the codes of all models together, at a resolution that gives the
  /// same number of clusters.
  case jointLeiden = "joint-leiden"

  /// Whether it partitions the codes of one model without changes.
  package var readsCodes: Bool { self == .kmeans || self == .leiden }

  /// Whether it partitions the codes of all models together.
  fileprivate var readsAllModels: Bool {
    [.joint, .jointKMeans, .jointLeiden, .consensus].contains(self)
  }
}

/// The criterion that compares partitions without labels.
package enum PartitionCriterion: Sendable {
  /// By their modularity on a graph (N, N).
  case modularity(SparseMatrix<Float>)
  /// By the agreement with the partitions of several models' codes.
  case agreement(CodeEnsemble)
  /// By the agreement with the partitions of several views.
  case partitions([[Int]])

  package func score(_ labels: [Int]) throws -> Double {
    switch self {
    case .modularity(let graph): try Metrics.modularity(of: labels, on: graph) ?? 0
    case .agreement(let ensemble): ensemble.agreement(with: labels)
    case .partitions(let members): meanAgreement(of: labels, with: members)
    }
  }

  /// A score that a later state must reach, whatever the scores of earlier ones; nil if only a
  /// higher score than theirs counts.
  ///
  /// A consensus agrees with the partitions more than any trained state can. A state has drifted if
  /// it agrees with them less than they agree with each other.
  package var floor: Double? {
    switch self {
    case .modularity, .partitions: nil
    case .agreement(let ensemble): ensemble.mutualAgreement
    }
  }

  /// The name of the score in messages.
  package var name: String {
    switch self {
    case .modularity: "modularity on the input graph"
    case .agreement: "agreement with the models' partitions"
    case .partitions: "agreement with the initial clusterings"
    }
  }
}

/// The first partition of the cells, and the criterion that compares states of the training.
package struct StartingPartition: Sendable {
  /// How it was found; nil if it was given.
  package let method: StartMethod?
  /// From 0 to J − 1. (N)
  package let labels: [Int]
  /// Nil if the last state is the result in any case.
  package let criterion: PartitionCriterion?
  /// The score of the labels, by the criterion.
  package let score: Double?

  /// Partitions the cells of a binary adjacency A (N, N) with pretrained codes (N, D), and optional
  /// codes of further models.
  ///
  /// - Throws: `ClusteringFault` if there are fewer cells than clusters.
  package init(
    _ method: StartMethod, adjacency: SparseMatrix<Float>, codes: Matrix<Float>,
    others: [Matrix<Float>] = [], clusters: Int, seed: UInt64
  ) throws {
    let criterion = PartitionCriterion.modularity(undirected(adjacency))
    if method.readsAllModels || method == .auto && !others.isEmpty {
      self = try Self.ofSeveralModels(
        method, [codes] + others, criterion: criterion, clusters: clusters, seed: seed)
      return
    }
    var candidates: [StartingPartition] = []
    if !method.readsCodes, case .modularity(let graph) = criterion {
      let labels = try spectralClustering(
        of: graph, clusters: clusters, seed: seed,
        labeling: method == .discretize ? .discretize : .kmeans
      ).labels
      let found = method == .discretize ? method : .spectral
      candidates.append(try StartingPartition(found, labels, criterion))
    }
    if method.readsCodes || method == .auto {
      let found = method == .leiden ? method : .kmeans
      let labels = try partition(of: codes, by: found, clusters: clusters, seed: seed)
      candidates.append(try StartingPartition(found, labels, criterion))
    }
    self = Self.best(of: candidates)
  }

  /// The consensus of the codes, or a joint partition. Otherwise the one of k-means and spectral
  /// clustering with the higher modularity.
  ///
  /// No model and no partition method uses the input graph's modularity.
  private static func ofSeveralModels(
    _ method: StartMethod, _ codes: [Matrix<Float>], criterion: PartitionCriterion, clusters: Int,
    seed: UInt64
  ) throws -> StartingPartition {
    if method == .consensus {
      let ensemble = try CodeEnsemble(of: codes, clusters: clusters, seed: seed)
      return try StartingPartition(.consensus, ensemble.labels, .agreement(ensemble))
    }
    var joint = JointCodes(codes, seed: seed)
    let methods: [StartMethod] = method == .auto ? [.jointKMeans, .joint] : [method]
    let candidates = try methods.compactMap { method -> StartingPartition? in
      do {
        let labels = try joint.partition(by: method, clusters: clusters)
        return try StartingPartition(method, labels, criterion)
      } catch ClusteringFault.notConverged where methods.count > 1 {
        return nil
      }
    }
    return best(of: candidates)
  }

  /// The one with the highest score; among equals the first, whatever the rounding errors of their
  /// scores.
  private static func best(of candidates: [StartingPartition]) -> StartingPartition {
    candidates.dropFirst().reduce(candidates[0]) {
      ($1.score ?? 0) > ($0.score ?? 0) + 1e-9 ? $1 : $0
    }
  }

  /// Partitions cells by their codes (N, D) and optional codes of further models. It uses the given
  /// method, or else the consensus of the partitions of all models' codes. If there is a graph A
  /// (N, N), the method partitions that graph.
  ///
  /// - Parameter isScored: whether states of the training are compared.
  /// - Throws: `ClusteringFault` if there are fewer cells than clusters.
  package init(
    _ method: StartMethod, graph: SparseMatrix<Float>?, codes: Matrix<Float>,
    others: [Matrix<Float>], clusters: Int, isScored: Bool, seed: UInt64
  ) throws {
    if let graph {
      try self.init(method, adjacency: graph, codes: codes, clusters: clusters, seed: seed)
      return
    }
    let needsEnsemble = isScored || method == .auto || method == .consensus
    let ensemble =
      needsEnsemble
      ? try CodeEnsemble(of: [codes] + others, clusters: clusters, seed: seed) : nil
    let criterion = ensemble.map { PartitionCriterion.agreement($0) }
    switch method {
    case .kmeans, .leiden:
      let labels = try partition(of: codes, by: method, clusters: clusters, seed: seed)
      try self.init(method, labels, criterion)
    case .joint, .jointKMeans, .jointLeiden:
      let labels = try jointPartition(
        of: [codes] + others, by: method, clusters: clusters, seed: seed)
      try self.init(method, labels, criterion)
    default: try self.init(.consensus, ensemble?.labels ?? [], criterion)
    }
  }

  /// Takes a partition of the cells of a binary adjacency A (N, N), which is compared by its
  /// modularity.
  ///
  /// - Throws: `MetricsFault` if labels and cells differ in number.
  package init(labels: [Int], adjacency: SparseMatrix<Float>) throws {
    try self.init(nil, labels, .modularity(undirected(adjacency)))
  }

  /// Takes a partition with its criterion.
  package init(_ method: StartMethod?, _ labels: [Int], _ criterion: PartitionCriterion?) throws {
    self.method = method
    self.labels = labels
    self.criterion = criterion
    score = try criterion?.score(labels)
  }
}

/// The partition of codes (N, D) by k-means, or by Leiden.
private func partition(
  of codes: Matrix<Float>, by method: StartMethod, clusters: Int, seed: UInt64
) throws -> [Int] {
  if method == .leiden {
    return try leiden(of: codeGraph(codes, seed: seed), clusters: clusters, seed: seed).labels
  }
  return try KMeans.fit(codes, clusters: clusters, seed: seed).labels
}

/// The weighted graph of the ten nearest neighbors of every cell by its code, the cell itself
/// included. (N, D) → (N, N)
package func codeGraph(_ codes: Matrix<Float>, seed: UInt64) throws -> SparseMatrix<Float> {
  NeighborGraph(
    try NearestNeighbors.automatic(
      of: codes, count: min(9, max(1, codes.rows - 1)), seed: seed)
  ).connectivities
}

// For checkpoints: to find the start again may take longer than the training.
extension StartingPartition {
  /// The start as values by name.
  package var state: TrainingState<Float> {
    var state = TrainingState<Float>()
    state.numbers["method"] = [
      Double(StartMethod.allCases.firstIndex { $0 == method } ?? 0)
    ]
    state.store([labels], "labels")
    switch criterion {
    case .agreement(let ensemble): state.store(ensemble.members, "members")
    case .partitions(let members): state.store(members, "partitions")
    case .modularity, nil: break
    }
    return state
  }

  /// The start of an earlier run.
  ///
  /// - Parameter adjacency: A (N, N), for a criterion by modularity; nil: without it there is no
  ///   such criterion.
  /// - Throws: `ResumptionFault` if it is not one of that many cells and clusters.
  package init(
    _ state: TrainingState<Float>, cells count: Int, adjacency: SparseMatrix<Float>?,
    clusters: Int
  ) throws {
    let methods = StartMethod.allCases
    let method = methods[try state.integers("method", count: 1, in: 0..<methods.count)[0]]
    guard let labels = try state.partitions("labels", of: count, below: clusters).first else {
      throw ResumptionFault("labels.0")
    }
    let members = try state.partitions("members", of: count, below: clusters)
    let partitions = try state.partitions("partitions", of: count, below: clusters)
    if !members.isEmpty {
      try self.init(method, labels, .agreement(CodeEnsemble(members: members, labels: labels)))
    } else if !partitions.isEmpty {
      try self.init(method, labels, .partitions(partitions))
    } else if method == .consensus {
      throw ResumptionFault("members.0")
    } else {
      try self.init(method, labels, adjacency.map { .modularity(undirected($0)) })
    }
  }
}

/// (A + Aᵀ) / 2 without self-loops: the graph on which partitions are compared. (N, N)
package func undirected(_ adjacency: SparseMatrix<Float>) -> SparseMatrix<Float> {
  var edges = RowBuilder<Float>(columns: adjacency.columns, expecting: adjacency.entryCount)
  for i in 0..<adjacency.rows {
    for k in adjacency.range(ofRow: i) where Int(adjacency.indices[k]) != i {
      edges.append(adjacency.indices[k], 1)
    }
    edges.endRow()
  }
  return symmetrized(edges.matrix)
}
