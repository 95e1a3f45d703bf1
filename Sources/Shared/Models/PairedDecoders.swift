import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The decoders of two measurements: normalized layers, and heads that explain counts (ZINB), or
/// values (Gaussian) of a second one without counts. Both may see the batches of the cells.
struct PairedDecoders<S: EngineScalar>: Sendable {
  let rna: [NormalizedDense<S>]
  let rnaHeads: ZINBHeads
  let second: [NormalizedDense<S>]
  let secondHeads: ZINBHeads?
  let secondValues: Dense?
  private let batches: Int

  /// What is explained, and by which widths.
  struct Shape {
    var genes: Int
    /// Nil for RNA alone.
    var features: Int?
    var secondHasCounts: Bool
    var rna: [Int]
    var second: [Int]
    var dispersion = DispersionLink.softplus
    /// How many batches of cells they see beside the code.
    var batches = 0
  }

  /// Declares decoder.rna.…, zinb.rna.… and, of a second measurement, decoder.second.… with
  /// zinb.second.… or values.second, of codes of a width.
  init(_ shape: Shape, latent: Int, in parameters: Parameters<S>) {
    batches = shape.batches
    let inputs = latent + shape.batches
    rna = layerStack("decoder.rna", inputs, shape.rna, in: parameters)
    rnaHeads = ZINBHeads(
      "zinb.rna", inputs: shape.rna.last ?? inputs, genes: shape.genes, link: shape.dispersion,
      in: parameters)
    guard let features = shape.features else {
      (second, secondHeads, secondValues) = ([], nil, nil)
      return
    }
    second = layerStack("decoder.second", inputs, shape.second, in: parameters)
    let width = shape.second.last ?? inputs
    secondHeads =
      shape.secondHasCounts
      ? ZINBHeads(
        "zinb.second", inputs: width, genes: features, link: shape.dispersion, in: parameters) : nil
    secondValues =
      shape.secondHasCounts
      ? nil : Dense("values.second", inputs: width, outputs: features, in: parameters)
  }

  var layers: [NormalizedDense<S>] { rna + second }

  /// L_rec = ZINB(xʳ | Z) + ZINB(xᵃ | Z), the second by a Gaussian where it has no counts. Z (B, D)
  func loss(
    of codes: Variable<S>, _ batch: PairedBatch<S>, weight: Double, mode: NormalizationMode,
    on tape: Tape<S>
  ) -> [LossTerm] {
    let seen = tape.conditioned(codes, on: batch.covariate, batches: batches)
    func decode(_ layers: [NormalizedDense<S>]) -> Variable<S> {
      layers.reduce(seen) { $1($0, mode: mode, on: tape) }
    }
    var terms: [LossTerm] = []
    if let target = batch.rna.target {
      terms.append(
        LossTerm("rna", weight: weight) {
          tape.zinbLoss(rnaHeads, of: decode(rna), to: target, weight: S($0))
        })
    }
    guard let measured = batch.second else { return terms }
    if let secondHeads, let target = measured.target {
      terms.append(
        LossTerm("second", weight: weight) {
          tape.zinbLoss(secondHeads, of: decode(second), to: target, weight: S($0))
        })
    } else if let secondValues {
      terms.append(
        LossTerm("second", weight: weight) {
          tape.squaredErrorLoss(
            of: secondValues(decode(second), on: tape), to: measured.dense(on: tape),
            weight: S($0))
        })
    }
    return terms
  }
}

/// Layers NAME.0, NAME.1, … of these widths.
func layerStack<S>(
  _ name: String, _ inputs: Int, _ widths: [Int], as normalization: Normalization = Normalization(),
  in parameters: Parameters<S>
) -> [NormalizedDense<S>] {
  zip([inputs] + widths, widths).enumerated().map { i, size in
    NormalizedDense(
      "\(name).\(i)", inputs: size.0, outputs: size.1, normalization: normalization,
      in: parameters)
  }
}

/// The statistics of normalized layers by name.
func statistics<S>(of layers: [NormalizedDense<S>]) -> [(name: String, window: Window<S>)] {
  layers.flatMap { layer in
    [
      ("\(layer.name).norm.mean", layer.statistics.mean),
      ("\(layer.name).norm.variance", layer.statistics.variance),
    ]
  }
}
