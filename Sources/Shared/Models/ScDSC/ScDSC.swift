// scDSC: an autoencoder beside a graph network that reads its layers (Gan, Huang, Zou, Zhou, Guan:
// Briefings in Bioinformatics 23(2), bbac018, 2022). N cells, G genes, K clusters.
//
//   h_1 = f(X W_1), …, Z = h_L; D = decoder(Z); X' = D W + b
//   g_1 = relu(Â X U_1), g_{l+1} = relu(Â ((1 − σ) g_l + σ h_l) U_{l+1}), σ = 0.5
//   Y = softmax(Â ((1 − σ) g_L + σ Z) U_{L+1})                             (N, K)
//   L = mean (X − X')² + 0.1 ZINB(x | D) + γ (0.1 BCE(q, p) + 0.01 mean_i KL(p_i ‖ y_i))
//
// Q is Student's t of Z around centers, P its target distribution, renewed between epochs. Â =
// D⁻¹(A + I) is the mean over neighbors in either direction. The labels are those of Y: they need
// the whole graph, and so does a step with clusters.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// The published model of scDSC: its layers and its losses.
package struct ScDSC<S: EngineScalar>: TrainableModel {
  package typealias Source = GraphSteps<S>
  package static var name: String { "scdsc" }
  package static var codesShowClusters: Bool { false }

  package let configuration: Configuration
  package let parameters = Parameters<S>()
  /// Where the model has been given clusters. (K, latent)
  package let centers: Parameter?
  /// Those of `encoder`, then those of `codes`.
  private let encoder: [Layer]
  private let decoder: [NormalizedDense<S>]
  private let values: Dense
  private let heads: ZINBHeads
  /// U_1, …, where the model has been given clusters.
  private let graphKernels: [Parameter]
  /// The minimum and the range of every gene, of a model of values from 0 to 1. (1, G) each
  package let unitScale: (minimum: Window<S>, range: Window<S>)?

  /// A layer of the encoder.
  private enum Layer: Sendable {
    case normalized(NormalizedDense<S>)
    case plain(Dense)
  }

  /// Declares the layers; with `clusters` also that many centers, and the graph network.
  package init(_ configuration: Configuration, clusters: Int? = nil) {
    self.configuration = configuration
    let (c, parameters) = (configuration, parameters)
    precondition(!c.encoder.isEmpty && !c.codes.isEmpty, "an encoder without layers")
    let hidden: [NormalizedDense<S>] = layerStack(
      "encoder", c.genes, c.encoder, as: .rectified, in: parameters)
    let last = c.encoder[c.encoder.count - 1]
    let codes: [Layer] = zip([last] + c.codes, c.codes).enumerated().map { i, size in
      c.normalizesCodes
        ? .normalized(
          NormalizedDense(
            "codes.\(i)", inputs: size.0, outputs: size.1, normalization: .linear, in: parameters))
        : .plain(Dense("codes.\(i)", inputs: size.0, outputs: size.1, in: parameters))
    }
    encoder = hidden.map { .normalized($0) } + codes
    let seen = c.latent + c.batches
    decoder = layerStack("decoder", seen, c.decoder, as: .rectified, in: parameters)
    let width = c.decoder.last ?? seen
    values = Dense("values", inputs: width, outputs: c.genes, in: parameters)
    heads = ZINBHeads("zinb", inputs: width, genes: c.genes, in: parameters)
    let widths = c.encoder + c.codes
    graphKernels =
      clusters.map { count in
        zip([c.genes] + widths, widths + [count]).enumerated().map { i, size in
          parameters.declare(
            "graph.\(i).kernel", rows: size.0, columns: size.1, .glorotUniform)
        }
      } ?? []
    centers = clusters.map {
      parameters.declare("centers", rows: $0, columns: c.latent, .zeros)
    }
    unitScale =
      c.scaling == .unit
      ? (
        Window(uninitializedRows: 1, columns: c.genes),
        Window(uninitializedRows: 1, columns: c.genes)
      ) : nil
    unitScale?.minimum.fill(with: 0)
    unitScale?.range.fill(with: 1)
  }

  private var layers: [NormalizedDense<S>] {
    encoder.compactMap { if case .normalized(let layer) = $0 { layer } else { nil } } + decoder
  }

  package var statistics: [(name: String, window: Window<S>)] {
    Models.statistics(of: layers)
      + (unitScale.map { [(Self.minimumName, $0.minimum), ("input.range", $0.range)] } ?? [])
  }

  static var minimumName: String { "input.minimum" }

  /// Draws all weights and resets the statistics of the layers.
  package func initialize(seed: UInt64) {
    parameters.initialize(seed: seed)
    for layer in layers { layer.statistics.reset() }
  }

  /// Puts the heads of mean and dispersion where the counts' own moments are; the weights must have
  /// been drawn.
  package func startHeads(at data: GraphData<S>) {
    heads.startAtMoments(of: data.target, in: parameters)
  }

  /// The cells over their graph, dealt to steps that need no graph, or all at once.
  package func steps(over data: GraphData<S>, _ graph: ModelGraph<S>, plan: BatchPlan)
    -> GraphSteps<S>
  {
    GraphSteps(data, over: graph, reach: 0, plan: plan)
  }
}

// The layers.
extension ScDSC {
  /// h_1, …, h_L, the last of which is Z. (B, width) each
  private func hidden(
    _ input: GraphBatch<S>.Input, _ mode: NormalizationMode, on tape: Tape<S>
  ) -> [Variable<S>] {
    guard case .normalized(let first) = encoder[0] else {
      preconditionFailure("a first layer that is not normalized")
    }
    var result = [first.activated(sums(first, input, on: tape), mode, on: tape)]
    for layer in encoder.dropFirst() {
      let x = result[result.count - 1]
      switch layer {
      case .normalized(let layer): result.append(layer(x, mode: mode, on: tape))
      case .plain(let layer): result.append(layer(x, on: tape))
      }
    }
    return result
  }

  /// X W + b of the first layer. (B, width)
  private func sums(
    _ layer: NormalizedDense<S>, _ input: GraphBatch<S>.Input, on tape: Tape<S>
  ) -> Variable<S> {
    let (kernel, bias) = (tape.variable(layer.kernel), tape.variable(layer.bias))
    switch input {
    case .products(let values):
      return tape.affine(tape.constant(values), kernel: kernel, bias: bias, rectifying: false)
    case .graph(let input, let graph, let rows):
      let all = tape.tagConvolution(
        input, over: graph, kernel: kernel, bias: bias, hops: 0, rectifying: false)
      return rows.map { tape.rows($0, of: all) } ?? all
    }
  }

  /// The logits of Y from the layers of the encoder. (N, K)
  private func classes(_ hidden: [Variable<S>], _ cells: GraphBatch<S>, on tape: Tape<S>)
    -> Variable<S>
  {
    guard case .graph(let input, let graph, nil) = cells.input, !graphKernels.isEmpty else {
      preconditionFailure("clusters without the whole graph")
    }
    let kernels = graphKernels.map { tape.variable($0) }
    let none = tape.workspace.window(rows: 1, columns: kernels[0].columns)
    none.fill(with: 0)
    let first = tape.tagConvolution(
      input, over: graph, kernel: kernels[0], bias: tape.constant(none), hops: 0,
      rectifying: false)
    var all = tape.propagated(first, over: graph)
    let mix = S(configuration.mix)
    for (layer, kernel) in zip(hidden, kernels.dropFirst()) {
      let joined = tape.weightedSum([(1 - mix, tape.relu(all)), (mix, layer)])
      all = tape.propagated(tape.product(joined, kernel), over: graph)
    }
    return all
  }

  /// How all cells are normalized together.
  private var wholeMode: NormalizationMode {
    configuration.normalizesByCells ? .training(updatingStatistics: false) : .evaluation
  }

  package func codes(over source: GraphSteps<S>) -> Matrix<S> {
    let tape = Tape(parameters)
    let mode = source.takesAllCells ? wholeMode : .evaluation
    return source.codes(on: tape) { cells in
      let layers = hidden(cells.input, mode, on: tape)
      return layers[layers.count - 1].value
    }
  }

  /// Z of any cells, by the statistics of the layers. (N, latent)
  package func codes(of input: StandardizedInput<S>) -> Matrix<S> {
    let (tape, values) = (Tape(parameters), input.rows(nil))
    let result = Window<S>(uninitializedRows: input.rows, columns: configuration.latent)
    for number in 0..<tileCount(input.rows, of: 1024) {
      let rows = tile(number, of: 1024, in: input.rows)
      tape.reset()
      let dense = tape.workspace.window(rows: rows.count, columns: input.columns)
      values.write(rows, into: dense)
      let layers = hidden(.products(dense), .evaluation, on: tape)
      result.slice(rows: rows).copy(from: layers[layers.count - 1].value)
    }
    return result.matrix()
  }

  /// Student's t around the centers.
  package func assignment(of codes: Matrix<S>) -> Assignment<S> {
    Assignment(shares: softAssignment(of: Window(reading: codes), to: centerValues))
  }

  /// Y of all cells over the graph of the steps.
  package func assignment(of codes: Matrix<S>, over source: GraphSteps<S>) -> Assignment<S> {
    let tape = Tape(parameters)
    return Assignment(
      shares: source.codes(on: tape) { cells in
        tape.softmax(classes(hidden(cells.input, wholeMode, on: tape), cells, on: tape)).value
      })
  }

  /// The graph network learns the first target distribution from the layers of the encoder, which
  /// do not change. Without that its labels mean nothing at first.
  package func startClustering(over source: GraphSteps<S>) {
    let c = configuration
    guard c.warmUp > 0, c.gamma > 0 else { return }
    let targets = targetDistribution(of: assignment(of: codes(over: source)).shares)
    let tape = Tape(parameters)
    func batch() -> GraphBatch<S> { source.batch(nil, step: 0, on: tape) }
    let layers = hidden(batch().input, wholeMode, on: tape).map { $0.value.matrix() }
    let optimizer = Adam<S>(weightCount: parameters.count, learningRate: c.warmUpRate)
    for _ in 0..<c.warmUp {
      let cells = batch()
      let known = layers.map { tape.constant(Window(reading: $0)) }
      _ = tape.softmaxDivergenceLoss(
        of: classes(known, cells, on: tape), targets: Window(reading: targets), weight: 1)
      tape.backward()
      optimizer.update(parameters)
    }
  }
}

// The losses.
extension ScDSC {
  private var trainingMode: NormalizationMode {
    configuration.mode ?? .training(updatingStatistics: true)
  }

  /// The squared error of the values, and the ZINB of the counts where pretraining has it.
  package func pretrainingLoss(_ cells: GraphBatch<S>, on tape: Tape<S>) -> [LossTerm] {
    let layers = hidden(cells.input, trainingMode, on: tape)
    return reconstructionLoss(
      of: layers[layers.count - 1], cells, explainsCounts: configuration.pretrainsCounts, on: tape)
  }

  /// All losses, those of the reconstruction, or those of the clusters; with given clusters their
  /// one-hot is p.
  package func clusteringLoss(
    _ cells: GraphBatch<S>, _ objective: ClusteringObjective, on tape: Tape<S>
  ) -> [LossTerm] {
    let layers = hidden(cells.input, trainingMode, on: tape)
    let codes = layers[layers.count - 1]
    let own =
      objective.reconstructs
      ? reconstructionLoss(of: codes, cells, explainsCounts: true, on: tape) : []
    let c = configuration
    guard objective.clusters, c.gamma > 0, centers != nil else { return own }
    let centers = centerWeights(areTrained: c.trainsCenters, on: tape)
    let targets = tape.targets(of: cells.targets, objective, clusters: centers.rows)
    let logits = classes(layers, cells, on: tape)
    return own + [
      LossTerm("cluster", weight: c.gamma * c.assignmentWeight) {
        tape.assignmentCrossEntropy(of: codes, to: centers, targets: targets, weight: S($0))
      },
      LossTerm("graph", weight: c.gamma * c.graphWeight) {
        tape.softmaxDivergenceLoss(of: logits, targets: targets, weight: S($0))
      },
    ]
  }

  private func reconstructionLoss(
    of codes: Variable<S>, _ cells: GraphBatch<S>, explainsCounts: Bool, on tape: Tape<S>
  ) -> [LossTerm] {
    let seen = tape.conditioned(codes, on: cells.covariate, batches: configuration.batches)
    let decoded = decoder.reduce(seen) { $1($0, mode: trainingMode, on: tape) }
    let own = LossTerm("values") {
      tape.valuesLoss(values, of: decoded, to: cells.values, weight: S($0))
    }
    guard explainsCounts else { return [own] }
    return [
      own,
      LossTerm("zinb", weight: configuration.countsWeight) {
        tape.zinbLoss(heads, of: decoded, to: cells.target, weight: S($0))
      },
    ]
  }
}
