import CellData
import Models
import Neighbors
import Tensors
import Training

/// What scDSC learns from: values, counts, and a graph whose hop is the mean over neighbors.
package struct AveragedInput: Sendable {
  package internal(set) var data: GraphData<Float>
  /// A: the neighbors of every cell and the cell itself; binary, rows not symmetric. (N, N)
  package let adjacency: SparseMatrix<Float>
  /// The minimum and the range of every gene, where the values are from 0 to 1. (G) each
  package let unitScale: (minimum: Buffer<Float>, range: Buffer<Float>)?

  /// Takes the tables that `ModelInput` takes. `scaling` may ask for X by the minima and ranges of
  /// its genes: those that a model knows already, or its own.
  ///
  /// - Throws: `ModelStageFault` naming what is missing, `ModelFault` where there are too many
  ///   cells.
  package init(
    _ cells: CellData, _ scaling: ValueScaling,
    known: (minimum: Buffer<Float>, range: Buffer<Float>)?
  ) throws {
    adjacency = try ModelInput.adjacency(of: cells)
    let input = try ModelInput.standardized(cells)
    let scale = scaling == .unit ? known ?? input.values.unitScale : nil
    data = GraphData(
      input: scale.map(input.scaled) ?? input, counts: try ModelInput.counts(of: cells),
      sizeFactors: try ModelInput.sizeFactors(of: cells))
    unitScale = scale
    try ScDSC<Float>.require(cells: cells.cellCount)
  }

  /// D⁻¹(A + I) over neighbors in either direction, beside A.
  package var graph: ModelGraph<Float> {
    ModelGraph(adjacency: adjacency, normalized: averagingAdjacency(adjacency))
  }
}

extension SparseMatrix where Element == Float {
  /// The minimum of every column, and how far its maximum lies above; 1 where that is no distance.
  fileprivate var unitScale: (minimum: Buffer<Float>, range: Buffer<Float>) {
    var (least, most) = (
      [Float](repeating: .infinity, count: columns), [Float](repeating: -.infinity, count: columns)
    )
    var found = [Int](repeating: 0, count: columns)
    for k in 0..<entryCount {
      let (j, value) = (Int(indices[k]), values[k])
      (least[j], most[j], found[j]) = (min(least[j], value), max(most[j], value), found[j] + 1)
    }
    for j in 0..<columns where found[j] < rows {
      (least[j], most[j]) = (min(least[j], 0), max(most[j], 0))
    }
    let range = (0..<columns).map { j in
      let width = most[j] - least[j]
      return width > 0 && width.isFinite ? width : 1
    }
    return (Buffer(least.map { $0.isFinite ? $0 : 0 }), Buffer(range))
  }
}

extension StandardizedMatrix {
  /// The same values by other minima and ranges.
  func scaled(_ scale: (minimum: Buffer<Float>, range: Buffer<Float>)) -> StandardizedMatrix {
    StandardizedMatrix(values: values, mean: scale.minimum, standardDeviation: scale.range)
  }
}

extension ScDSC where S == Float {
  /// The minima and ranges that the model has learned; nil of a model of standardized values.
  var knownScale: (minimum: Buffer<Float>, range: Buffer<Float>)? {
    unitScale.map { (Buffer($0.minimum.matrix().elements), Buffer($0.range.matrix().elements)) }
  }

  /// Takes the minima and ranges of the cells that it is to learn from.
  func learnScale(of input: AveragedInput) {
    guard let unitScale, let scale = input.unitScale else { return }
    for j in 0..<configuration.genes {
      unitScale.minimum[0, j] = scale.minimum[j]
      unitScale.range[0, j] = scale.range[j]
    }
  }
}
