import Autodiff
import Tensors

/// The batch (the sample) of every cell. A decoder reads it beside the codes, so that the codes
/// need not hold it; an encoder may read it too.
package struct BatchCovariate: Sendable, Equatable {
  /// From 0. (N)
  package let batches: Buffer<Int32>
  /// The number of batches that the model knows, some of which may have no cells here.
  package let count: Int
  /// Whether the first layer of the encoder reads them too.
  package let isEncoded: Bool

  package init(_ batches: Buffer<Int32>, count: Int, isEncoded: Bool = false) {
    precondition(
      batches.allSatisfy { $0 >= 0 && Int($0) < count }, "a batch that is none of \(count)")
    (self.batches, self.count, self.isEncoded) = (batches, count, isEncoded)
  }

  /// The batches of `cells`, in their order.
  package func rows(_ cells: Buffer<Int32>) -> BatchCovariate {
    BatchCovariate(
      Buffer(cells.map { batches[Int($0)] }), count: count, isEncoded: isEncoded)
  }
}

extension Tape {
  /// [Z, onehot(b)]: the batches of the cells beside their codes, as in scVI's decoder (Lopez et
  /// al., Nature Methods 15, 1053–1058, 2018). [Z, onehot(b)] W = Z W_z + W_b: so a layer has a
  /// bias for every batch. (B, D) → (B, D + batches)
  ///
  /// - Parameter batches: the number for which the layer has weights; with 0 it reads the codes
  ///   alone.
  package func conditioned(_ codes: Variable<S>, on covariate: BatchCovariate?, batches: Int)
    -> Variable<S>
  {
    if batches == 0 { return codes }
    guard let covariate else { preconditionFailure("a step without batches") }
    precondition(
      covariate.count == batches && covariate.batches.count == codes.rows,
      "\(covariate.batches.count) cells of \(covariate.count) batches, \(codes.rows) codes of \(batches)"
    )
    return concatenate([codes, constant(oneHot(covariate.batches, classes: batches))])
  }

  /// x + V_b, V_b a bias for every batch; x itself without biases. (B, E), V (batches, E) → (B, E)
  package func shifted(_ x: Variable<S>, by biases: Parameter?, of covariate: BatchCovariate?)
    -> Variable<S>
  {
    guard let biases else { return x }
    guard let covariate else { preconditionFailure("a step without batches") }
    let seen = constant(oneHot(covariate.batches, classes: biases.rows))
    return sum(x, product(seen, variable(biases)))
  }

  /// 1 at the class of every row, and no 1 for a row without one (−1). (classes.count, K)
  func oneHot(_ labels: Buffer<Int32>, classes: Int) -> Window<S> {
    let window = workspace.window(rows: labels.count, columns: classes)
    window.fill(with: 0)
    for i in 0..<labels.count where labels[i] >= 0 { window[i, Int(labels[i])] = 1 }
    return window
  }
}
