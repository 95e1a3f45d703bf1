import Autodiff
import NeuralNetworks
import Tensors

/// Cells of two measurements in batches that are drawn in every epoch, with separate noise for
/// every step.
package final class PairedSteps<S: EngineScalar>: TargetedSteps {
  package let data: PairedData<S>
  private let batch: PairedBatch<S>
  /// Cells in a step.
  package let size: Int
  package let seed: UInt64
  package var targets: Matrix<S>?
  /// Rows that the steps learn from, in the order of computation, and the held-out rows.
  package let learning: [Int]
  private let others: [Int]

  /// - Parameter heldOutShare: the share of cells, drawn by the seed, that no step learns from. If
  ///   it is above 0, at least one of two or more cells is held out.
  package init(_ data: PairedData<S>, size: Int, seed: UInt64, heldOutShare: Double = 0) {
    self.data = data
    (learning, others) = divided(data.order, heldOutShare: heldOutShare, seed: seed)
    batch = PairedBatch(of: data)
    self.size = size
    self.seed = seed
  }

  package var cellCount: Int { data.cellCount }
  package var order: [Int]? { data.order }

  package func steps(ofEpoch epoch: Int, of epochs: Int) -> [StepPlan] {
    let batches = shuffledBatches(learning.count, size: size, seed: seed, epoch: epoch)
    return plans(
      epoch, of: epochs,
      batches.map { positions in
        Buffer(positions.map { Int32(truncatingIfNeeded: learning[$0]) })
      })
  }

  package var learningCellCount: Int { learning.count }

  package var heldOut: [StepPlan] {
    let count = tileCount(others.count, of: size)
    return (0..<count).map { number in
      let rows = others[tile(number, of: size, in: others.count)]
      return StepPlan(
        epoch: 1, epochs: 1, number: number, count: count,
        cells: Buffer(rows.map { Int32(truncatingIfNeeded: $0) }))
    }
  }

  package func prepare(_ steps: ArraySlice<StepPlan>) {
    batch.prepare(steps.lazy.compactMap(\.cells))
  }

  package func step(_ plan: StepPlan, on tape: Tape<S>) -> PairedBatch<S> {
    tape.reset()
    let rows = plan.cells.map { $0.map { Int($0) } } ?? data.order
    batch.take(rows, withTargets: true)
    batch.targets = targets.map { targets in
      let window = tape.workspace.window(rows: rows.count, columns: targets.columns)
      takeRows(rows[...], of: targets, into: window)
      return window
    }
    batch.noise = NoiseKey(seed: seed.stream(.noise, plan.epoch), stream: UInt64(plan.number))
    batch.plan = plan
    return batch
  }
}

/// Rows in their order, and the held-out rows among them.
private func divided(_ rows: [Int], heldOutShare: Double, seed: UInt64) -> (
  learning: [Int], heldOut: [Int]
) {
  guard heldOutShare > 0, rows.count > 1 else { return (rows, []) }
  let count = min(rows.count - 1, max(1, Int(heldOutShare * Double(rows.count))))
  var generator = RandomGenerator(seed: seed.stream(.heldOut))
  let drawn = Set(generator.permutation(rows.count).prefix(count))
  let places = Array(rows.indices)
  return (
    places.filter { !drawn.contains($0) }.map { rows[$0] },
    places.filter { drawn.contains($0) }.map { rows[$0] }
  )
}

extension PairedSteps {
  /// Cells whose codes are computed together, if no training needs other groups.
  private static var embeddingSize: Int { 1024 }

  /// The codes of all cells, in the order of the data. `embed` returns those of some cells, which
  /// need no others. (N, D)
  package func codes(
    on tape: Tape<S>, _ embed: (PairedBatch<S>, Tape<S>) -> Window<S>
  ) -> Matrix<S> {
    let cells = PairedBatch(of: data)
    var result: Window<S>?
    for number in 0..<tileCount(cellCount, of: Self.embeddingSize) {
      let rows = tile(number, of: Self.embeddingSize, in: cellCount)
      tape.reset()
      cells.take(Array(data.order[rows]), withTargets: false)
      let part = embed(cells, tape)
      let all = result ?? Window(uninitializedRows: cellCount, columns: part.columns)
      all.slice(rows: rows).copy(from: part)
      result = all
    }
    return data.restored(result?.matrix() ?? Matrix(uninitializedRows: 0, columns: 0))
  }
}

/// The batches of one epoch: all of 0..<count in a new random order. The batches are at most `size`
/// long, and their lengths differ by at most one.
///
/// The longer batches come first, so that the memory of a step is allocated once. The order is a
/// function of seed and epoch.
package func shuffledBatches(_ count: Int, size: Int, seed: UInt64, epoch: Int)
  -> [ArraySlice<Int>]
{
  precondition(size > 0, "batches of \(size)")
  var generator = RandomGenerator(seed: seed.stream(.batches, epoch))
  let order = generator.permutation(count)
  let batches = max(1, tileCount(count, of: size))
  let (length, longer) = (count / batches, count % batches)
  var begin = 0
  return (0..<batches).map { number in
    let end = begin + length + (number < longer ? 1 : 0)
    defer { begin = end }
    return order[begin..<end]
  }
}
