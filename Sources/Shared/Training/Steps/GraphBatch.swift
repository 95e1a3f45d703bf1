import Autodiff
import NeuralNetworks
import Tensors

/// The cells of one training step: the input of the encoder, and the targets of the decoders.
package struct GraphBatch<S: EngineScalar>: Sendable {
  /// The input of the encoder.
  package enum Input: Sendable {
    /// X and Â of all cells, whose codes are computed together; `rows` are the cells of the batch,
    /// or all if nil.
    case graph(StandardizedInput<S>, Propagation<S>, rows: Buffer<Int32>?)
    /// [X, ÂX, …, ÂᵀX] of the batch. (B, (T + 1) G)
    case products(Window<S>)
  }

  /// Pairs of cells of the batch whose edges are compared.
  package struct Sample: Sendable {
    /// The cells by their position in the batch; nil for all of it.
    package let rows: Buffer<Int32>?
    package let target: AdjacencyTarget<S>
    /// Its part of the loss: the parts of a batch sum to 1.
    package let share: Double
  }

  package let input: Input
  package let target: CountTarget<S>
  package let structure: [Sample]
  /// 1 for every cell of the step that the filter trusts; nil: all. (B)
  package let trusted: Buffer<UInt8>?
  /// The target distribution of the cells, for a model that has one. (B, K)
  package let targets: Window<S>?
  /// The batches of the cells, for a decoder that reads them. (B)
  package let covariate: BatchCovariate?
  /// The batches of the cells that the encoder reads: the cells of the batch, or all of a graph.
  package let encoded: BatchCovariate?

  package init(
    input: Input, target: CountTarget<S>, structure: [Sample], trusted: Buffer<UInt8>? = nil,
    targets: Window<S>? = nil, covariate: BatchCovariate? = nil, encoded: BatchCovariate? = nil
  ) {
    self.input = input
    self.target = target
    self.structure = structure
    self.trusted = trusted
    self.targets = targets
    (self.covariate, self.encoded) = (covariate, encoded)
  }

  /// X of the batch, for a decoder that explains the values. (B, G)
  package var values: ValuesTarget<S> {
    switch input {
    case .graph(let input, _, let rows): .rows(input.rows(rows))
    case .products(let products): .columns(products)
    }
  }
}

/// Which pairs of cells the adjacency loss of a step compares.
package enum StructureLoss: String, Sendable, CaseIterable {
  /// Exact for all cells at once up to 20,000; else sampled.
  case auto
  /// All pairs: N² in every epoch. Only for all cells at once.
  case exact
  /// The pairs inside random groups of cells, weighted so that the expected loss is the exact one:
  /// N times the group's size.
  case sampled
}
