import Autodiff
import NeuralNetworks
import Tensors

/// Cells of two measurements, dealt to steps in batches that are drawn in every epoch, with noise of its own for every step.
package final class PairedSteps<S: EngineScalar>: StepSource {
  package let data: PairedData<S>
  private let batch: PairedBatch<S>
  private let size: Int
  private let seed: UInt64

  package init(_ data: PairedData<S>, size: Int, seed: UInt64) {
    self.data = data
    batch = PairedBatch(of: data)
    self.size = size
    self.seed = seed
  }

  package var cellCount: Int { data.cellCount }
  package var order: [Int]? { data.order }

  package func steps(ofEpoch epoch: Int, of epochs: Int) -> [StepPlan] {
    let batches = shuffledBatches(cellCount, size: size, seed: seed, epoch: epoch)
    return plans(
      epoch, of: epochs,
      batches.map { positions in
        Buffer(positions.map { Int32(truncatingIfNeeded: data.order[$0]) })
      })
  }

  package func prepare(_ steps: ArraySlice<StepPlan>) {
    batch.prepare(steps.lazy.compactMap(\.cells))
  }

  package func step(_ plan: StepPlan, on tape: Tape<S>) -> PairedBatch<S> {
    tape.reset()
    batch.take(plan.cells.map { $0.map { Int($0) } } ?? data.order, withTargets: true)
    batch.noise = NoiseKey(seed: seed.stream(.noise, plan.epoch), stream: UInt64(plan.number))
    batch.plan = plan
    return batch
  }
}

/// The batches of one epoch: all of 0..<count in a new random order, in runs of equal length but for one, at most `size` long.
///
/// The longer runs come first, so that the memory of a step is taken once. The order is a function of seed and epoch.
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
