// scMCs's two clusterings of the same cells (Ren et al. 2023). A network makes two embeddings of
// the fused codes, each with its own clusters. The two are to have little in common. N cells, D
// code width, two heads of d = D / 2 columns.
//
//   Y = norm(Z + [softmax(Q_h K_hᵀ / √d) V_h]_h W + b),  Q = Z W_q + b_q, …           (N, D)
//   o_1, o_2 = the first and the last columns of Y                                    (N, d)
//   L = mean (decoder(Y) − Z)² + α CKA(o_1, o_2) + β Σ_h mean_i KL(p_h ‖ q_h)
//
// q_h are Student's t around the centers of h, p_h its target distribution in the step, constant.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The network of two embeddings, over cells whose values are codes.
package struct ScMCsSpaces<S: EngineScalar>: TrainableModel {
  package typealias Source = PairedSteps<S>
  package static var name: String { "scmcs" }

  package struct Configuration: Sendable, Equatable {
    /// D.
    package var width: Int
    /// α and β.
    package var alignmentWeight = 1.0
    package var clusterWeight = 1.0
    /// Whether a sigmoid follows the decoder, as in the released program.
    package var endsInSigmoid = false

    package init(width: Int) { self.width = width }
  }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// The centers of both embeddings. (K_h, d)
  package let spaceCenters: [Parameter]
  package var centers: Parameter? { spaceCenters[0] }
  private let query: Dense
  private let key: Dense
  private let value: Dense
  private let projection: Dense
  private let norm: (scale: Parameter, shift: Parameter)
  private let decoder: [Dense]

  /// Declares the layers and as many centers for each embedding.
  package init(_ configuration: Configuration, clusters: [Int]) {
    precondition(configuration.width % 2 == 0 && clusters.count == 2, "two halves and two numbers")
    self.configuration = configuration
    let (width, parameters) = (configuration.width, parameters)
    func square(_ name: String, rectifying: Bool = false) -> Dense {
      Dense(name, inputs: width, outputs: width, rectifying: rectifying, in: parameters)
    }
    (query, key, value) = (square("query"), square("key"), square("value"))
    projection = square("projection")
    norm = (
      parameters.declare("norm.scale", rows: 1, columns: width, .ones),
      parameters.declare("norm.shift", rows: 1, columns: width, .zeros)
    )
    decoder = [square("decoder.0", rectifying: true), square("decoder.1")]
    spaceCenters = clusters.enumerated().map { number, count in
      parameters.declare("centers.\(number)", rows: count, columns: width / 2, .zeros)
    }
  }

  /// The columns of an embedding.
  private func half(_ number: Int) -> Range<Int> {
    let d = configuration.width / 2
    return number * d..<(number + 1) * d
  }

  /// Y of Z and of what the heads made of it. (N, D)
  private func normalized(_ z: Variable<S>, _ heads: [Variable<S>], on tape: Tape<S>) -> Variable<
    S
  > {
    tape.layerNormalization(
      tape.sum(z, projection(tape.concatenate(heads), on: tape)), scale: tape.variable(norm.scale),
      shift: tape.variable(norm.shift))
  }

  /// Y of cells that attend to each other. (B, D)
  package func embedded(_ z: Variable<S>, on tape: Tape<S>) -> Variable<S> {
    let (q, k, v) = (query(z, on: tape), key(z, on: tape), value(z, on: tape))
    let heads = (0..<2).map { number in
      tape.tiledAttention(
        queries: tape.columns(half(number), of: q), keys: tape.columns(half(number), of: k),
        values: tape.columns(half(number), of: v))
    }
    return normalized(z, heads, on: tape)
  }

  /// Y of all cells, which attend to all or to `ScMCs.referenceLimit` of them. (N, D)
  package func codes(over source: PairedSteps<S>) -> Matrix<S> {
    let (tape, data) = (Tape(parameters), source.data)
    let all = source.codes(on: tape) { batch, tape in batch.rna.dense(on: tape) }
      .selectingRows(data.order)
    tape.reset()
    let z = tape.constant(Window(reading: all))
    let (q, k, v) = (query(z, on: tape), key(z, on: tape), value(z, on: tape))
    let reference = 0..<min(ScMCs<S>.referenceLimit, all.rows)
    let heads = (0..<2).map { number in
      let g = tape.workspace.window(rows: all.rows, columns: half(number).count)
      attend(
        queries: tape.columns(half(number), of: q).value,
        keys: tape.columns(half(number), of: k).value.slice(rows: reference),
        values: tape.columns(half(number), of: v).value.slice(rows: reference), into: g)
      return tape.constant(g)
    }
    return data.restored(normalized(z, heads, on: tape).value.matrix())
  }

  /// One of both embeddings of Y. (N, D) → (N, d)
  package func space(_ number: Int, of codes: Matrix<S>) -> Matrix<S> {
    let columns = half(number)
    var result = Matrix<S>(uninitializedRows: codes.rows, columns: columns.count)
    for i in 0..<codes.rows {
      for (place, j) in columns.enumerated() { result[i, place] = codes[i, j] }
    }
    return result
  }

  /// The clusters of Y (N, D) in one of both embeddings.
  package func assignment(of codes: Matrix<S>, in number: Int) -> Assignment<S> {
    Assignment(
      shares: softAssignment(
        of: Window(reading: space(number, of: codes)),
        to: parameters.weights(of: spaceCenters[number])))
  }

  package func assignment(of codes: Matrix<S>) -> Assignment<S> { assignment(of: codes, in: 0) }
}

/// Which losses of the network of two embeddings count in a round: the numbers of `StepPlan.part`.
package enum ScMCsSpacesPart: Int, Sendable {
  /// The reconstruction alone.
  case reconstruction = 1
  case whole
}

// The losses.
extension ScMCsSpaces {
  package func pretrainingLoss(_ batch: PairedBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let part = batch.plan.flatMap { ScMCsSpacesPart(rawValue: $0.part) } ?? .whole
    return loss(of: tape.constant(batch.rna.dense(on: tape)), part, on: tape)
  }

  package func clusteringLoss(
    _ batch: PairedBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    pretrainingLoss(batch, on: tape)
  }

  /// The terms of a step on codes Z. (B, D)
  package func loss(of z: Variable<S>, _ part: ScMCsSpacesPart, on tape: Tape<S>) -> [LossTerm] {
    let y = embedded(z, on: tape)
    let output = decoder.reduce(y) { $1($0, on: tape) }
    let values = LossTerm("values") {
      tape.squaredErrorLoss(
        of: configuration.endsInSigmoid ? tape.sigmoid(output) : output, to: z.value, weight: S($0))
    }
    if part == .reconstruction { return [values] }
    let spaces = (0..<2).map { tape.columns(half($0), of: y) }
    return [
      values,
      LossTerm("alignment", weight: configuration.alignmentWeight) {
        tape.alignmentLoss(of: spaces[0], with: spaces[1], weight: S($0))
      },
      LossTerm("clusters", weight: configuration.clusterWeight) { weight in
        zip(spaces, spaceCenters).reduce(0.0) { sum, pair in
          let (space, centers) = (pair.0, tape.variable(pair.1))
          let targets = targetDistribution(of: softAssignment(of: space.value, to: centers.value))
          return sum
            + tape.divergenceLoss(
              of: space, to: centers, targets: Window(reading: targets), weight: S(weight))
        }
      },
    ]
  }
}
