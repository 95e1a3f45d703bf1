import Autodiff
import NeuralNetworks
import Tensors
import Training

/// How an autoencoder explains its measurement.
package enum Likelihood: String, Sendable, CaseIterable {
  /// Counts: their means are shares of the cell's total, NB.
  case nb
  /// The same with zero inflation.
  case zinb
  /// Open or closed peaks.
  case bernoulli
  /// Real values: squared error.
  case gaussian

  /// Whether the measurement must have counts.
  package var explainsCounts: Bool { self != .gaussian }
  /// Whether means are shares of the cell's total.
  var hasTotals: Bool { self == .nb || self == .zinb }

  /// What the linear layers before it are called.
  fileprivate var headNames: [String] {
    switch self {
    case .nb: ["scale", "dispersion"]
    case .zinb: ["scale", "dispersion", "dropout"]
    case .bernoulli: ["peaks"]
    case .gaussian: ["values"]
    }
  }

  /// That of a second measurement: open or closed, counts by `ofCounts`, or values.
  init(of second: Measurement<some EngineScalar>, isBinary: Bool, ofCounts: Likelihood) {
    self = isBinary ? .bernoulli : second.hasCounts ? ofCounts : .gaussian
  }
}

/// The last layers of an autoencoder of counts, peaks or values (DCCA, scMCs, scMVAE): linear, one
/// for every parameter of the likelihood.
struct MeasurementHeads<S: EngineScalar>: Sendable {
  let likelihood: Likelihood
  private let heads: [Dense]

  /// Declares NAME.scale with NAME.dispersion and, with zero inflation, NAME.dropout; NAME.peaks;
  /// or NAME.values.
  init(
    _ name: String, inputs: Int, features: Int, likelihood: Likelihood, in parameters: Parameters<S>
  ) {
    self.likelihood = likelihood
    heads = likelihood.headNames.map {
      Dense("\(name).\($0)", inputs: inputs, outputs: features, in: parameters)
    }
  }

  /// mean_i Σ_j −log p(x_ij | h_i): writes the gradients of weight times it, and returns it. (B, E)
  ///
  /// - Parameter logTotals: logarithms of the cells' totals; nil: these are known. (B, 1)
  func loss(
    of hidden: Variable<S>, to batch: MeasurementBatch<S>, logTotals: Variable<S>? = nil,
    weight: S, on tape: Tape<S>
  ) -> Double {
    let outputs = heads.map { $0(hidden, on: tape) }
    if likelihood == .gaussian {
      let (x, features) = (batch.dense(on: tape), Double(outputs[0].columns))
      return features
        * tape.squaredErrorLoss(of: outputs[0], to: x, weight: weight * S(features))
    }
    guard let target = batch.target else { preconditionFailure("a step without counts") }
    if likelihood == .bernoulli {
      return tape.bernoulliLoss(of: outputs[0], to: target, weight: weight)
    }
    let logits = ScaledCountLogits(
      shares: outputs[0], dispersions: outputs[1],
      dropouts: likelihood == .zinb ? outputs[2] : nil, logTotals: logTotals)
    return tape.scaledCountLoss(of: logits, to: target, weight: weight)
  }
}

extension ModelWeights {
  /// The likelihood of the heads NAME.… of a model, and their width.
  ///
  /// - Throws: `ModelFault` where there are none.
  func likelihood(_ name: String, of model: String) throws(ModelFault) -> (
    kind: Likelihood, width: Int
  ) {
    let kinds: [(head: String, kind: Likelihood)] = [
      ("dropout", .zinb), ("dispersion", .nb), ("peaks", .bernoulli), ("values", .gaussian),
    ]
    for (head, kind) in kinds where self["\(name).\(head).bias"] != nil {
      return (kind, try width("\(name).\(head).bias", of: model))
    }
    throw .missing("\(name).scale.bias", of: model)
  }
}
