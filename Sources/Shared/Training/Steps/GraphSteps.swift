// Cells of one measurement over a graph, divided among the steps of an epoch. They are all in one
// step (the paper's way), or in batches that are drawn in every epoch.

import Autodiff
import NeuralNetworks
import Tensors

/// The size of the steps.
package struct BatchPlan: Sendable, Equatable {
  /// The number of cells in a batch, about; nil for all at once.
  package var size: Int?
  package var structure = StructureLoss.auto
  package var seed: UInt64 = 0
  /// The bytes allowed for hop products. If those of all cells need more, they are computed for as
  /// many steps at a time as fit.
  package var productBytes = keptProductBytes

  package init(size: Int? = nil) { self.size = size }
}

/// Hop products of all cells that take more than this are not kept.
package let keptProductBytes = 4 << 30

/// The bytes of the hop products of that many cells and genes if `limit` bytes are allowed. They
/// are most of the memory of a training on some cells at a time.
package func hopProductBytes(
  cells: Int, genes: Int, hops: Int, limit: Int = keptProductBytes
) -> Int {
  HopProducts<Float>.byteCount(cells: cells, genes: genes, hops: hops, limit: limit)
}

/// The cells of a training over one graph, divided among steps.
package final class GraphSteps<S: EngineScalar>: TargetedSteps {
  /// Cells in a group of pairs, if all cells learn at once from sampled pairs.
  package static var groupSize: Int { 256 }
  /// Cells whose codes are computed together, if no training needs other groups.
  private static var embeddingSize: Int { 512 }

  package let data: GraphData<S>
  package var cellCount: Int { data.cellCount }
  /// 1 for every cell that the filter trusts; nil: all. (N)
  package var trusted: Buffer<UInt8>?
  package var targets: Matrix<S>?
  private(set) var graph: ModelGraph<S>
  let plan: BatchPlan
  private var products: HopProducts<S>?
  /// Scratch for parts of the graph, all −1. (1, N)
  private let places: Window<Int32>

  /// Takes the cells and their graph; `reach` is the model's `hopsOfLocalCodes`.
  package init(_ data: GraphData<S>, over graph: ModelGraph<S>, reach: Int?, plan: BatchPlan) {
    self.data = data
    self.graph = graph
    self.plan = plan
    products =
      plan.size == nil
      ? nil
      : reach.map {
        HopProducts(
          of: data.input, over: graph.propagation, hops: $0, byteLimit: plan.productBytes)
      }
    places = Window(uninitializedRows: 1, columns: data.cellCount)
    places.fill(with: -1)
  }

  /// Whether a step reads all cells.
  package var takesAllCells: Bool { plan.size == nil }

  /// From now on, the same cells over another graph.
  package func change(to graph: ModelGraph<S>) {
    self.graph = graph
    products?.change(to: graph.propagation)
  }

  /// The same cells encoded over the same graph; from now on the codes explain another adjacency.
  package func change(target adjacency: SparseMatrix<S>) {
    graph = ModelGraph(adjacency: adjacency, propagation: graph.propagation)
  }

  package func steps(ofEpoch epoch: Int, of epochs: Int) -> [StepPlan] {
    guard let size = plan.size else { return plans(epoch, of: epochs, [nil]) }
    return plans(epoch, of: epochs, groups(of: size, plan.seed.stream(.batches, epoch)))
  }

  /// All cells in random groups of about `size`, whose sizes differ by at most one.
  private func groups(of size: Int, _ seed: UInt64) -> [Buffer<Int32>] {
    var generator = RandomGenerator(seed: seed)
    let order = generator.permutation(data.cellCount)
    let count = max(1, (order.count + size / 2) / size)
    return (0..<count).map { number in
      let range = order.count * number / count..<order.count * (number + 1) / count
      return Buffer(order[range].sorted().map { Int32(truncatingIfNeeded: $0) })
    }
  }

  package func prepare(_ steps: ArraySlice<StepPlan>) {
    products?.prepare(steps.lazy.compactMap(\.cells))
  }

  package func step(_ plan: StepPlan, on tape: Tape<S>) -> GraphBatch<S> {
    batch(plan.cells, step: plan.ordinal, on: tape)
  }

  /// Begins a step on the cells `cells` (nil: all) in the memory of the tape.
  ///
  /// - Parameter step: the number of the step. It determines the sampled pairs if all cells learn
  ///   at once.
  package func batch(_ cells: Buffer<Int32>?, step: Int, on tape: Tape<S>) -> GraphBatch<S> {
    tape.reset()
    guard let cells else {
      return GraphBatch(
        input: .graph(data.input, graph.propagation, rows: nil), target: data.target,
        structure: structure(step: step), trusted: trusted,
        targets: targets.map { Window(reading: $0) }, covariate: data.covariate,
        encoded: data.covariate)
    }
    let sample = GraphBatch<S>.Sample(
      rows: nil,
      target: AdjacencyTarget(
        amongSample: graph.adjacency.induced(by: cells, places: places), of: data.cellCount),
      share: 1)
    return GraphBatch(
      input: input(of: cells, tape), target: data.target.rows(cells), structure: [sample],
      trusted: trusted.map { trusted in Buffer(cells.map { trusted[Int($0)] }) },
      targets: targets.map { targets in
        let window = tape.workspace.window(rows: cells.count, columns: targets.columns)
        takeRows(cells.map { Int($0) }[...], of: targets, into: window)
        return window
      }, covariate: data.covariate?.rows(cells), encoded: encoded(cells))
  }

  private func input(of cells: Buffer<Int32>, _ tape: Tape<S>) -> GraphBatch<S>.Input {
    guard let products else { return .graph(data.input, graph.propagation, rows: cells) }
    let window = tape.workspace.window(rows: cells.count, columns: products.width)
    products.rows(cells, into: window)
    return .products(window)
  }

  /// The batches of the cells that the encoder reads in a step on these cells.
  private func encoded(_ cells: Buffer<Int32>) -> BatchCovariate? {
    products == nil ? data.covariate : data.covariate?.rows(cells)
  }

  /// The pairs that a step on all cells compares.
  private func structure(step: Int) -> [GraphBatch<S>.Sample] {
    let isExact =
      plan.structure == .exact || (plan.structure == .auto && data.cellCount <= 20_000)
    if isExact {
      return [.init(rows: nil, target: AdjacencyTarget(all: graph.adjacency), share: 1)]
    }
    return groups(of: Self.groupSize, plan.seed.stream(.pairs, step)).map { rows in
      .init(
        rows: rows,
        target: AdjacencyTarget(
          amongSample: graph.adjacency.induced(by: rows, places: places), of: data.cellCount),
        share: Double(rows.count) / Double(data.cellCount))
    }
  }

  /// The codes of all cells by `embed`: together if a step needs the whole graph, else some at a
  /// time. (N, D)
  package func codes(
    on tape: Tape<S>, _ embed: (GraphBatch<S>) -> Window<S>
  ) -> Matrix<S> {
    func batch(_ input: GraphBatch<S>.Input, _ encoded: BatchCovariate?) -> GraphBatch<S> {
      GraphBatch(input: input, target: data.target, structure: [], encoded: encoded)
    }
    guard products != nil else {
      let whole = GraphBatch<S>.Input.graph(data.input, graph.propagation, rows: nil)
      return embed(batch(whole, data.covariate)).matrix()
    }
    var result: Window<S>?
    let parts = (0..<tileCount(data.cellCount, of: Self.embeddingSize)).map { number in
      tile(number, of: Self.embeddingSize, in: data.cellCount)
    }
    func cells(_ rows: Range<Int>) -> Buffer<Int32> {
      Buffer(rows.map { Int32(truncatingIfNeeded: $0) })
    }
    for (number, rows) in parts.enumerated() {
      tape.reset()
      products?.prepare(parts[number...].lazy.map(cells))
      let part = embed(batch(input(of: cells(rows), tape), encoded(cells(rows))))
      let all = result ?? Window(uninitializedRows: data.cellCount, columns: part.columns)
      all.slice(rows: rows).copy(from: part)
      result = all
    }
    return result?.matrix() ?? Matrix(uninitializedRows: 0, columns: 0)
  }
}
