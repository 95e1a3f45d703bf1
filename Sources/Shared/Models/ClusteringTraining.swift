import Autodiff
import Clustering
import Neighbors
import NeuralNetworks
import Tensors

/// The settings of the clustering loop; the defaults are the paper's where it gives one.
package struct ClusteringSchedule: Sendable, Equatable {
  package var filter = ReliabilityFilter()
  package var learningRate = 5e-4
  /// γ: the weight of the pseudo-supervised loss.
  package var gamma = 1.5
  package var epochs = 200
  package var minimumEpochs = 8
  /// Epochs between two runs of the filter and the transform.
  package var updateInterval = 8
  /// Training ends when more than this share of the cells is reliable.
  package var reliableShare = 0.8
  /// Whether the centers stay where they are.
  package var freezesCenters = false

  package init() {}
}

/// What the clustering loop found.
package struct ClusteringOutcome: Sendable {
  /// argmax_j p_ij of the last epoch. (N)
  package let labels: [Int]
  /// max_j p_ij of the last epoch. (N)
  package let confidence: [Float]
  package let filter: FilterResult
  /// Z of the last epoch. (N, D)
  package let latent: Matrix<Float>
  package let curve: [LossTerms]
  /// The edges that the last transform added.
  package let addedEdges: Int
  /// Whether more cells than the schedule's share are reliable.
  package let isConverged: Bool
}

/// Trains a pretrained model with clusters (Algorithm 1, lines 5–15), from a first partition of the cells.
package struct ClusteringLoop<Model: GraphModel> where Model.S == Float {
  let model: Model
  let data: ModelData<Float>
  /// A: binary, each cell its own neighbor. (N, N)
  let adjacency: SparseMatrix<Float>
  let schedule: ClusteringSchedule

  package init(
    _ model: Model, on data: ModelData<Float>, adjacency: SparseMatrix<Float>,
    schedule: ClusteringSchedule
  ) {
    self.model = model
    self.data = data
    self.adjacency = adjacency
    self.schedule = schedule
  }

  /// Runs until more than 80 % of the cells are reliable, or the epochs are over.
  ///
  /// - Parameter start: the first partition, a cluster from 0 to J − 1 for every cell: the centers begin at the means of its codes.
  /// - Throws: `ModelFault` where a loss is not finite, `NeighborsFault`, and whatever `report` throws.
  package func run(from start: [Int], report: (EpochReport) throws -> Void = { _ in }) throws
    -> ClusteringOutcome
  {
    guard let centers = model.centers else { preconditionFailure("a model without clusters") }
    let place = model.parameters.weights(of: centers)
    var state = State(graph: graph(of: adjacency))
    let codes = latentCodes(of: model, data, over: state.graph)
    place.copy(from: clusterMeans(of: codes, start, clusters: centers.rows))
    let tape = Tape(model.parameters)
    let adam = Adam<Float>(
      weightCount: model.parameters.count, learningRate: schedule.learningRate)
    for epoch in 1...max(1, schedule.epochs) where epoch <= schedule.epochs {
      let started = monotonicSeconds()
      if (epoch - 1) % schedule.updateInterval == 0 {
        try update(&state, centers: place.matrix(), addingEdges: true)
        if epoch > schedule.minimumEpochs && isConverged(state) { break }
      }
      let loss = step(state, tape)
      guard loss.total.isFinite else {
        throw ModelFault.diverged(stage: "clustering", epoch: epoch, loss: loss)
      }
      adam.update(model.parameters)
      state.curve.append(loss)
      try report(
        EpochReport(
          epoch: epoch, epochs: schedule.epochs, loss: loss,
          reliableCount: state.filter?.reliableCount, seconds: monotonicSeconds() - started))
    }
    try update(&state, centers: place.matrix(), addingEdges: false)
    return outcome(of: state, centers: place.matrix())
  }

  private struct State {
    var graph: ModelGraph<Float>
    var filter: FilterResult?
    var latent: Matrix<Float>?
    var reliable = Buffer<UInt8>(repeating: 0, count: 0)
    var addedEdges = 0
    var curve: [LossTerms] = []
  }

  private func graph(of adjacency: SparseMatrix<Float>) -> ModelGraph<Float> {
    ModelGraph(adjacency: adjacency, normalized: normalizedAdjacency(adjacency))
  }

  /// Θ ← F(Z, p); A_clus ← T(Z, p, Θ, A, Ω).
  private func update(_ state: inout State, centers: Matrix<Float>, addingEdges: Bool) throws {
    let codes = latentCodes(of: model, data, over: state.graph)
    let soft = softAssignment(of: Window(reading: codes), to: Window(reading: centers))
    let filter = try schedule.filter(codes: codes, softAssignment: soft)
    state.latent = codes
    state.filter = filter
    state.reliable = Buffer(filter.reliability.map { $0 == .reliable ? 1 : 0 })
    guard addingEdges else { return }
    let changed = transformed(adjacency, codes: codes, centers: centers, filter: filter)
    state.graph = graph(of: changed.adjacency)
    state.addedEdges = changed.addedCount
  }

  private func isConverged(_ state: State) -> Bool {
    let count = state.filter?.reliableCount ?? 0
    return Double(count) > schedule.reliableShare * Double(data.cellCount)
  }

  private func step(_ state: State, _ tape: Tape<Float>) -> LossTerms {
    model.clusteringLoss(
      data, over: state.graph, reliable: state.reliable, gamma: schedule.gamma,
      freezingCenters: schedule.freezesCenters, on: tape)
  }

  private func outcome(of state: State, centers: Matrix<Float>) -> ClusteringOutcome {
    guard let latent = state.latent, let filter = state.filter else {
      preconditionFailure("no epoch was run")
    }
    let soft = softAssignment(of: Window(reading: latent), to: Window(reading: centers))
    let confidence = filter.assignment.enumerated().map { soft[$0.offset, $0.element] }
    return ClusteringOutcome(
      labels: filter.assignment, confidence: confidence, filter: filter, latent: latent,
      curve: state.curve, addedEdges: state.addedEdges, isConverged: isConverged(state))
  }
}

/// The means of the codes (N, D) of every cluster; a cluster without cells gets the mean of all. (J, D)
package func clusterMeans(of codes: Matrix<Float>, _ labels: [Int], clusters: Int)
  -> Matrix<Float>
{
  precondition(labels.count == codes.rows, "\(labels.count) labels for \(codes.rows) cells")
  let d = codes.columns
  var sums = [[Double]](repeating: [Double](repeating: 0, count: d), count: clusters + 1)
  var counts = [Int](repeating: 0, count: clusters + 1)
  for (i, label) in labels.enumerated() {
    for j in [label, clusters] {
      counts[j] += 1
      for c in 0..<d { sums[j][c] += Double(codes[i, c]) }
    }
  }
  return Matrix(
    (0..<clusters).map { j in
      let from = counts[j] > 0 ? j : clusters
      return sums[from].map { Float($0 / Double(max(1, counts[from]))) }
    })
}
