// The codes of any number of cells by trained weights. The first layer multiplies by its weights
// before the hops. So the hops are as wide as a part of the hidden layer, and there is no product
// of genes over the graph.

import Autodiff
import NeuralNetworks
import Tensors
import Training

/// Columns of the hidden layer that are computed at a time.
private let hiddenBlock = 32

extension ScTPF where S == Float {
  /// Z = Σ_t Âᵗ H W'_t + b' with H = max(0, Σ_t Âᵗ X W_t + b), of cells that the model need not
  /// have learned from. (N, D)
  ///
  /// Equal to `codes(over:)` but for rounding, in 4 · (2 · 32 + (T' + 1) D) bytes a cell.
  ///
  /// - Parameters:
  ///   - x: X (N, G).
  ///   - normalized: Â (N, N).
  ///   - covariate: the batches of the cells, for an encoder that sees them.
  package func codes(
    of x: StandardizedMatrix, over normalized: SparseMatrix<Float>,
    batches covariate: BatchCovariate? = nil
  ) -> Matrix<Float> {
    let kernels = encoder[1].kernels(in: parameters)
    let parts = kernels.map { _ in
      Window<Float>(uninitializedRows: x.rows, columns: configuration.latent)
    }
    for number in 0..<tileCount(configuration.hidden, of: hiddenBlock) {
      let columns = tile(number, of: hiddenBlock, in: configuration.hidden)
      let hidden = hidden(columns, of: x, over: normalized)
      if let encoderBatches { rectify(hidden, columns, by: encoderBatches, of: covariate) }
      for (kernel, part) in zip(kernels, parts) {
        multiply(hidden, kernel.slice(rows: columns), accumulating: number > 0, into: part)
      }
    }
    for t in stride(from: parts.count - 1, to: 0, by: -1) {
      multiply(normalized, parts[t], accumulating: true, into: parts[t - 1])
    }
    addBias(parameters.weights(of: encoder[1].bias), to: parts[0], rectifying: false)
    return parts[0].matrix()
  }

  /// Some columns of H, by Horner's rule. (N, columns.count)
  private func hidden(
    _ columns: Range<Int>, of x: StandardizedMatrix, over normalized: SparseMatrix<Float>
  ) -> Window<Float> {
    func window() -> Window<Float> {
      Window(uninitializedRows: x.rows, columns: columns.count)
    }
    var (sums, next) = (window(), window())
    let kernels = encoder[0].kernels(in: parameters)
    for t in kernels.indices.reversed() {
      let (weights, shift) = scaled(kernels[t], columns, by: x)
      multiply(x.values, Window(reading: weights), into: next)
      addBias(Window(reading: shift), to: next, rectifying: false)
      if t < kernels.count - 1 { multiply(normalized, sums, accumulating: true, into: next) }
      swap(&sums, &next)
    }
    let bias = parameters.weights(of: encoder[0].bias)
    addBias(
      Window(reading: Matrix([columns.map { bias[0, $0] }])), to: sums,
      rectifying: encoderBatches == nil)
    return sums
  }

  /// H ← max(0, H + V_b) of some columns. (N, columns.count)
  private func rectify(
    _ hidden: Window<Float>, _ columns: Range<Int>, by biases: Parameter,
    of covariate: BatchCovariate?
  ) {
    guard let covariate else { preconditionFailure("cells without batches") }
    let weights = parameters.weights(of: biases)
    for i in 0..<hidden.rows {
      let batch = Int(covariate.batches[i])
      for (place, column) in columns.enumerated() {
        hidden[i, place] = max(0, hidden[i, place] + weights[batch, column])
      }
    }
  }

  /// V = D⁻¹ W and −mᵀ V, of some columns, so that X W = S V − 1 mᵀ V. (G, columns.count), (1,
  /// columns.count)
  private func scaled(_ kernel: Window<Float>, _ columns: Range<Int>, by x: StandardizedMatrix)
    -> (weights: Matrix<Float>, shift: Matrix<Float>)
  {
    var weights = Matrix<Float>(uninitializedRows: kernel.rows, columns: columns.count)
    var sums = [Double](repeating: 0, count: columns.count)
    for j in 0..<kernel.rows {
      for (place, column) in columns.enumerated() {
        let value = kernel[j, column] / x.standardDeviation[j]
        weights[j, place] = value
        sums[place] -= Double(x.mean[j]) * Double(value)
      }
    }
    return (weights, Matrix([sums.map { Float($0) }]))
  }
}
