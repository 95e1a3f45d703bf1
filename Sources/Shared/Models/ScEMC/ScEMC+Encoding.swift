// The codes of all cells, in evaluation. In training a cell attends to the cells of its batch. Here
// it attends to reference cells, the same for all: every cell, or the first 4096 in the order of
// work. That order is by a fingerprint of the cells' values, so the sample does not depend on the
// rows' order. This is exact for small data, and linear in time and memory for large. The mean over
// so large a sample is near the mean over all; the batches of training are samples of 256.

import Autodiff
import NeuralNetworks
import Tensors
import Training

private let cellTile = 1024
private let referenceLimit = 4096

extension ScEMC {
  package func codes(over source: PairedSteps<S>) -> Matrix<S> { embed(source.data) }

  /// The nearest center, and softmax_j(−‖z̃ − V_j‖²).
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(nearest: centerValues, to: codes)
  }

  /// Z̃ of all cells, in the order of the data. (N, codeWidth)
  package func embed(_ data: PairedData<S>) -> Matrix<S> { data.restored(orderedCodes(data)) }

  /// Z̃ of all cells, in the order of work. (N, codeWidth)
  func orderedCodes(_ data: PairedData<S>) -> Matrix<S> {
    let tape = Tape(parameters)
    let (rna, joint) = encodedCells(data, on: tape)
    if attention == nil && transformer == nil && !configuration.skips { return joint.matrix() }
    let reference = joint.slice(rows: 0..<min(referenceLimit, data.cellCount))
    var codes = Matrix<S>(uninitializedRows: data.cellCount, columns: configuration.codeWidth)
    let out = Window(writing: &codes)
    for number in 0..<tileCount(data.cellCount, of: referenceLimit) {
      let rows = tile(number, of: referenceLimit, in: data.cellCount)
      tape.reset()
      let own = tape.constant(joint.slice(rows: rows))
      var aggregated = own
      if let attention {
        aggregated = attention(own, attendingTo: tape.constant(reference), on: tape)
      }
      if let transformer {
        aggregated = transformer(own, attendingTo: tape.constant(reference), on: tape)
      }
      let parts =
        configuration.skips
        ? [tape.constant(rna.slice(rows: rows)), aggregated] : [aggregated]
      out.slice(rows: rows).copy(from: tape.concatenate(parts).value)
    }
    return codes
  }

  /// Zʳ and Z of all cells without noise, in the order of work. (N, latent), (N, jointWidth)
  private func encodedCells(_ data: PairedData<S>, on tape: Tape<S>) -> (
    rna: Window<S>, joint: Window<S>
  ) {
    let rna = Window<S>(uninitializedRows: data.cellCount, columns: configuration.latent)
    let joint = Window<S>(uninitializedRows: data.cellCount, columns: configuration.jointWidth)
    let batch = PairedBatch(of: data)
    func cells(_ positions: Range<Int>) -> Buffer<Int32> {
      Buffer(data.order[positions].map { Int32(truncatingIfNeeded: $0) })
    }
    let parts = (0..<tileCount(data.cellCount, of: cellTile)).map { number in
      tile(number, of: cellTile, in: data.cellCount)
    }
    for (number, rows) in parts.enumerated() {
      tape.reset()
      batch.prepare(parts[number...].lazy.map(cells))
      batch.take(Array(data.order[rows]), withTargets: false)
      let part = encoded(batch, noise: nil, mode: .evaluation, on: tape)
      rna.slice(rows: rows).copy(from: part.rna.value)
      joint.slice(rows: rows).copy(from: part.joint.value)
    }
    return (rna, joint)
  }
}
