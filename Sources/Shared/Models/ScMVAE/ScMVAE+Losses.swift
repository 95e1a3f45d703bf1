import Autodiff
import Glibc
import NeuralNetworks
import Tensors
import Training

// The losses.
extension ScMVAE {
  /// κ in an epoch of the training, from 1.
  package func divergenceWeight(inEpoch epoch: Int) -> Double {
    configuration.annealing > 0 ? min(1, Double(epoch) / Double(configuration.annealing)) : 1
  }

  private func part(of batch: PairedBatch<S>) -> ScMVAEPart {
    batch.plan.flatMap { ScMVAEPart(rawValue: $0.part) } ?? .mixture
  }

  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let kappa = divergenceWeight(inEpoch: batch.plan?.epoch ?? configuration.annealing)
    let noise: Noise? = batch.noise.map { key in
      { pass in
        SeededPassNoise<S>(
          key: key.part(UInt64(pass.rawValue)), dropout: configuration.dropout)
      }
    }
    let terms = loss(
      batch, part(of: batch), kappa: kappa, noise: noise,
      mode: .training(updatingStatistics: true), on: tape)
    decay(on: tape)
    return terms
  }

  /// The same without noise and with κ = 1.
  package func heldOutLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    loss(batch, part(of: batch), kappa: 1, noise: nil, mode: .evaluation, on: tape)
  }

  /// There are no losses of clusters: those of pretraining, without noise.
  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    objective.reconstructs
      ? loss(batch, .mixture, kappa: 1, noise: nil, mode: .evaluation, on: tape) : []
  }

  /// The terms of a step under noise that is given.
  package func loss(
    _ batch: PairedBatch<S>, _ part: ScMVAEPart, kappa: Double, noise: Noise?,
    mode: NormalizationMode, on tape: Tape<S>
  ) -> [LossTerm] {
    let distribution = distribution(batch, noise: noise, mode: mode, on: tape)
    let code = tape.code(of: distribution, noise: noise?(.shared))
    let seen = tape.conditioned(code, on: batch.covariate, batches: configuration.batches)
    let hidden = tape.through(shared, seen, noise: noise?(.shared), mode: mode)
    let width = hidden.columns / 2
    var terms: [LossTerm] = []
    for (i, measured) in measured(batch).enumerated() {
      terms += explanation(
        i, measured, by: tape.columns(i * width..<(i + 1) * width, of: hidden), noise: noise,
        mode: mode, on: tape)
    }
    return terms + [
      LossTerm("kl", weight: kappa) {
        part == .normal
          ? tape.gaussianDivergenceLoss(
            mean: distribution.mean, logVariance: distribution.logVariance, weight: S($0))
          : tape.mixtureDivergenceLoss(
            of: distribution, code: code, from: mixture(on: tape), weight: S($0),
            densityFloor: configuration.densityFloor)
      }
    ]
  }

  /// −log p of one measurement by its half of the hidden values (B, E), and the divergence of its
  /// totals.
  private func explanation(
    _ number: Int, _ measured: MeasurementBatch<S>, by half: Variable<S>, noise: Noise?,
    mode: NormalizationMode, on tape: Tape<S>
  ) -> [LossTerm] {
    let isRNA = number == 0
    let (name, weight) = isRNA ? ("rna", configuration.rnaWeight) : ("second", 1)
    let numbers = noise?(isRNA ? .rnaLibrary : .secondLibrary)
    let totals = libraries[number].map { $0(measured, noise: numbers, mode: mode, on: tape) }
    let logTotals = totals.map { tape.code(of: $0, noise: numbers) }
    let reconstruction = LossTerm(name, weight: weight) {
      decoders[number].loss(
        of: half, to: measured, logTotals: logTotals, weight: S($0),
        noise: noise?(isRNA ? .rnaDecoder : .secondDecoder), mode: mode, on: tape)
    }
    guard let totals else { return [reconstruction] }
    return [
      reconstruction,
      LossTerm("\(name)_library") {
        libraryDivergence(of: totals, configuration.libraries[number], weight: S($0), on: tape)
      },
    ]
  }

  /// mean_i KL(N(m, e^l) ‖ N(μ, v)), which is that of ((m − μ) / √v, l − ln v) from N(0, 1). m, l
  /// (B, 1)
  private func libraryDivergence(
    of totals: NormalExpert<S>, _ moments: LibraryMoments, weight: S, on tape: Tape<S>
  ) -> Double {
    let one = tape.workspace.window(rows: totals.mean.rows, columns: 1)
    one.fill(with: 1)
    let (ones, scale) = (tape.constant(one), 1 / moments.variance.squareRoot())
    return tape.gaussianDivergenceLoss(
      mean: tape.weightedSum([(S(scale), totals.mean), (S(-scale * moments.mean), ones)]),
      logVariance: tape.weightedSum([
        (1, totals.logVariance), (S(-log(moments.variance)), ones),
      ]), weight: weight)
  }
}
