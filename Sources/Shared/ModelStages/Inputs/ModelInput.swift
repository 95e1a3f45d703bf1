// Where cells meet models: the annotated object's tables as the matrices that models learn from,
// and back.

import CellData
import Models
import Neighbors
import Tensors
import Training

/// What a graph model learns from, taken out of the annotated object.
package struct ModelInput: Sendable {
  package internal(set) var data: GraphData<Float>
  /// A: the neighbors of every cell and the cell itself; binary, rows not symmetric. (N, N)
  package let adjacency: SparseMatrix<Float>

  /// Takes X with `var/mean` and `var/std`, `layers/counts`, `obs/size_factors` and the neighbors
  /// in `obsp/distances` (or, where there are none, `obsp/connectivities`).
  ///
  /// - Parameter explainsInput: whether the decoder explains X standardized, in place of the
  ///   counts.
  /// - Throws: `ModelStageFault` naming what is missing and the stage that makes it.
  package init(_ cells: CellData, explainsInput: Bool = false) throws(ModelStageFault) {
    let input = try ModelInput.standardized(cells)
    data =
      explainsInput
      ? GraphData(explaining: input)
      : GraphData(
        input: input, counts: try ModelInput.counts(of: cells),
        sizeFactors: try ModelInput.sizeFactors(of: cells))
    adjacency = try ModelInput.adjacency(of: cells)
  }

  /// Throws a `ModelStageFault` where the model is not one of that many genes.
  func require(genes: Int) throws(ModelStageFault) {
    try ModelStageFault.require(genes: genes, of: data.geneCount)
  }

  /// Â of the input graph beside A.
  package var graph: ModelGraph<Float> { ModelGraph(adjacency) }
}

// What both kinds of input take out of the tables of an object: the RNA's, or with a `place`
// ("modality 'adt': ") those of a modality.
extension ModelInput {
  static func counts(of cells: CellData, place: String = "") throws(ModelStageFault)
    -> SparseMatrix<Float>
  {
    guard let layer = cells.layers["counts"] else {
      throw ModelStageFault(
        "\(place)layers.counts: there are no raw counts; run sc-preprocess first")
    }
    let counts = layer.sparse()
    for i in 0..<counts.rows {
      for k in counts.range(ofRow: i)
      where !(counts.values[k] >= 0 && counts.values[k].isFinite) {
        throw ModelStageFault(
          "\(place)layers.counts: cell \(cells.obs.index[i]) holds \(counts.values[k]), which is not a count; run sc-preprocess first"
        )
      }
    }
    return counts
  }

  static func standardized(_ cells: CellData, place: String = "") throws(ModelStageFault)
    -> StandardizedMatrix
  {
    guard let x = cells.x else {
      throw ModelStageFault("\(place)X: there is no matrix of values; run sc-preprocess first")
    }
    let values = x.sparse()
    for i in 0..<values.rows {
      for k in values.range(ofRow: i) where !values.values[k].isFinite {
        throw ModelStageFault(
          "\(place)X: cell \(cells.obs.index[i]) holds \(values.values[k]); run sc-preprocess first"
        )
      }
    }
    guard let (mean, deviation) = cells.scaling else {
      return StandardizedMatrix(unscaled: values)
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw ModelStageFault(
        "\(place)var.std: a mean or a standard deviation is not finite and positive; run sc-preprocess first"
      )
    }
    return StandardizedMatrix(
      values: values, mean: Buffer(mean.map { Float($0) }),
      standardDeviation: Buffer(deviation.map { Float($0) }))
  }

  static func sizeFactors(of cells: CellData, place: String = "") throws(ModelStageFault)
    -> [Float]
  {
    guard let stored = cells.obs[cells.ownColumn("size_factors")]?.numbers else {
      throw ModelStageFault(
        "\(place)obs.size_factors: there are no size factors; run sc-preprocess first")
    }
    guard let bad = stored.firstIndex(where: { !($0.isFinite && $0 > 0) }) else {
      return stored.map { Float($0) }
    }
    throw ModelStageFault(
      "\(place)obs.size_factors: cell \(cells.obs.index[bad]) has \(stored[bad]), which is not positive; run sc-preprocess first"
    )
  }

  static func adjacency(of cells: CellData) throws(ModelStageFault) -> SparseMatrix<Float> {
    guard let graph = cells.obsp["distances"] ?? cells.obsp["connectivities"] else {
      throw ModelStageFault("obsp.distances: there is no graph of neighbors; run sc-knn first")
    }
    for value in graph.values where !value.isFinite {
      throw ModelStageFault("obsp.distances.data: an entry is \(value); run sc-knn again")
    }
    return adjacencyPattern(fromDistances: graph)
  }
}
